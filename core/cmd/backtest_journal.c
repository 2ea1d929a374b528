#include "core/cmd/backtest_journal.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bt_value {
	char key[96];
	void *bytes;
	size_t n;
};

static struct bt_journal *of(const struct journal *j)
{
	return (struct bt_journal *)(uintptr_t)j;
}

static uint64_t append(struct journal *j, struct fact *f)
{
	struct bt_journal *b = of(j);
	uint64_t seq = b->to ? b->to->ops->append(b->to, f) : ++b->seq;
	f->seq = seq;
	if (seq)
		bt_tally_fact(b->tally, f);
	return seq;
}

static uint64_t room(const struct journal *j)
{
	const struct bt_journal *b = of(j);
	return b->to ? b->to->ops->room(b->to) : UINT32_MAX;
}

static uint64_t synced(const struct journal *j)
{
	const struct bt_journal *b = of(j);
	return b->to ? b->to->ops->synced(b->to) : b->seq;
}

static int trouble(const struct journal *j, const char **why)
{
	const struct bt_journal *b = of(j);
	*why = "";
	return b->to ? b->to->ops->trouble(b->to, why) : 0;
}

static const struct journal_ops journal_ops = {
	.append = append, .room = room, .synced = synced, .trouble = trouble
};

static struct bt_journal *of_kv(struct kv *kv)
{
	return (struct bt_journal *)((char *)kv - offsetof(struct bt_journal, kv));
}

static struct bt_value *find(struct bt_journal *b, const char *key)
{
	for (size_t i = 0; i < b->n_values; i++)
		if (strcmp(b->value[i].key, key) == 0)
			return &b->value[i];
	return NULL;
}

static int get(struct kv *kv, const char *key, void *buf, size_t cap, size_t *len)
{
	const struct bt_value *v = find(of_kv(kv), key);
	if (!v || v->n > cap)
		return -ERR_NOTFOUND;
	memcpy(buf, v->bytes, v->n);
	*len = v->n;
	return 0;
}

static int put(struct kv *kv, const char *key, const void *p, size_t n)
{
	struct bt_journal *b = of_kv(kv);
	struct bt_value *v = find(b, key);
	void *bytes = malloc(n + 1);
	if (!v) {
		struct bt_value *more = realloc(b->value, (b->n_values + 1) * sizeof *more);
		if (more) {
			b->value = more;
			v = &more[b->n_values];
			*v = (struct bt_value){ 0 };
			b->n_values += bytes != NULL;
		}
	}
	if (!bytes || !v) {
		free(bytes);
		return err_set(ERR_NOMEM, "no memory for '%s'", key);
	}
	memcpy(bytes, p, n);
	free(v->bytes);
	snprintf(v->key, sizeof v->key, "%s", key);
	v->bytes = bytes;
	v->n = n;
	return 0;
}

static const struct kv_ops kv_ops = { get, put };

void bt_journal_init(struct bt_journal *j, struct journal *to, struct bt_tally *tally)
{
	*j = (struct bt_journal){
		.journal = { &journal_ops }, .kv = { &kv_ops }, .to = to, .tally = tally
	};
}

void bt_journal_free(struct bt_journal *j)
{
	for (size_t i = 0; i < j->n_values; i++)
		free(j->value[i].bytes);
	free(j->value);
	j->value = NULL;
	j->n_values = 0;
}
