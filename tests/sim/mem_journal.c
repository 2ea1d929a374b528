#include "tests/sim/mem_journal.h"

#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 64

static uint64_t append(struct journal *j, struct fact *f)
{
	struct mem_journal *m = (struct mem_journal *)j;
	if (m->n + m->taken >= m->cap)
		return 0;
	f->seq = m->n + 1;
	if (m->before)
		m->before(m->owner, f);
	m->fact[m->n++] = *f;
	if (m->after)
		m->after(m->owner, &m->fact[m->n - 1]);
	return f->seq;
}

static uint64_t room(const struct journal *j)
{
	const struct mem_journal *m = (const struct mem_journal *)j;
	return m->n + m->taken < m->cap ? m->cap - m->n - m->taken : 0;
}

static uint64_t synced(const struct journal *j)
{
	struct mem_journal *m = (struct mem_journal *)(uintptr_t)j;
	if (!m->sync_ns)
		return m->n;
	int64_t before_ns = m->now_ns(m->owner) - m->sync_ns;
	while (m->n_synced < m->n && m->fact[m->n_synced].mono_ns <= before_ns)
		m->n_synced++;
	return m->n_synced;
}

static int trouble(const struct journal *j, const char **why)
{
	const struct mem_journal *m = (const struct mem_journal *)j;
	*why = m->trouble ? m->trouble : "";
	return m->trouble != NULL;
}

static const struct journal_ops journal_ops = { append, room, synced, trouble };

static struct mem_journal *of_kv(struct kv *kv)
{
	return (struct mem_journal *)((char *)kv - offsetof(struct mem_journal, kv));
}

static int get(struct kv *kv, const char *key, void *buf, size_t cap, size_t *len)
{
	struct mem_journal *m = of_kv(kv);
	for (uint32_t i = 0; i < m->n_values; i++)
		if (strcmp(m->value[i].key, key) == 0 && m->value[i].n <= cap) {
			memcpy(buf, m->value[i].bytes, m->value[i].n);
			*len = m->value[i].n;
			return 0;
		}
	return -ERR_NOTFOUND;
}

static int put(struct kv *kv, const char *key, const void *p, size_t n)
{
	struct mem_journal *m = of_kv(kv);
	uint32_t i = 0;
	while (i < m->n_values && strcmp(m->value[i].key, key) != 0)
		i++;
	if (i == m->cap_values || n > sizeof m->value[i].bytes)
		return err_set(ERR_FULL, "no room for '%s'", key);
	m->n_values += i == m->n_values;
	snprintf(m->value[i].key, sizeof m->value[i].key, "%s", key);
	memcpy(m->value[i].bytes, p, n);
	m->value[i].n = n;
	return 0;
}

static const struct kv_ops kv_ops = { get, put };

int mem_journal_init(struct mem_journal *m, uint64_t cap)
{
	*m = (struct mem_journal){
		.journal = { &journal_ops }, .kv = { &kv_ops }, .cap = cap, .cap_values = VALUES
	};
	m->fact = malloc(cap * sizeof *m->fact);
	m->value = malloc(VALUES * sizeof *m->value);
	return m->fact && m->value ? 0 : err_set(ERR_NOMEM, "no memory for a journal");
}

void mem_journal_clear(struct mem_journal *m)
{
	m->n = m->taken = m->n_synced = 0;
	m->sync_ns = 0;
	m->n_values = 0;
	m->trouble = NULL;
}

void mem_journal_free(struct mem_journal *m)
{
	free(m->fact);
	free(m->value);
}

int mem_journal_recover(struct mem_journal *m, journal_fact_fn fn, void *arg)
{
	uint64_t from = 0;
	bool ended = false;
	for (uint64_t i = m->n; i-- > 0 && from == 0;) {
		if (m->fact[i].kind != FACT_CHECKPOINT)
			continue;
		if (m->fact[i].num[0] == 1)
			ended = true;
		else if (ended)
			from = i;
	}
	for (uint64_t i = from; i < m->n; i++) {
		int rc = fn(arg, &m->fact[i]);
		if (rc)
			return rc;
	}
	return 0;
}
