#include "store/away.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define PREFIX	   "s/away/"
#define PREFIX_LEN (sizeof PREFIX - 1)

void away_key(uint8_t key[AWAY_KEY], uint64_t first)
{
	_Static_assert(PREFIX_LEN + 8 == AWAY_KEY, "prefix and sequence");
	memcpy(key, PREFIX, PREFIX_LEN);
	kv_be64(key + PREFIX_LEN, first);
}

void away_free(struct away *a)
{
	free(a->span);
	*a = (struct away){ 0 };
}

static int take(struct away *a, const struct kv_iter *it, size_t n_key)
{
	size_t n;
	const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &n);
	if (n_key != AWAY_KEY || n != 8)
		return err_set(ERR_CORRUPT, "the list of what was archived is damaged");
	if (a->n == AWAY_MAX)
		return err_set(ERR_FULL, "more than %d spans of receipts are archived", AWAY_MAX);
	a->span[a->n++] = (struct away_span){ kv_from_be64(k + PREFIX_LEN), kv_from_be64(v) };
	return 0;
}

int away_load(struct away *a, struct kv_db *db)
{
	away_free(a);
	struct kv_iter *it = kv_iter_new(db, KV_STATE);
	if (!it)
		return err_set(ERR_IO, "the list of what was archived cannot be read");
	int rc = 0;
	for (kv_iter_seek(it, PREFIX, PREFIX_LEN); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n;
		const uint8_t *k = kv_iter_key(it, &n);
		if (n < PREFIX_LEN || memcmp(k, PREFIX, PREFIX_LEN) != 0)
			break;
		if (!a->span)
			a->span = calloc(AWAY_MAX, sizeof *a->span);
		rc = a->span ? take(a, it, n)
			     : err_set(ERR_NOMEM, "no memory for what was archived");
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

bool away_has(const struct away *a, uint64_t seq)
{
	return away_within(a, seq, seq) != 0;
}

uint64_t away_within(const struct away *a, uint64_t first, uint64_t last)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct away_span *s = &a->span[i];
		uint64_t from = s->first > first ? s->first : first;
		uint64_t to = s->last < last ? s->last : last;
		sum += from <= to ? to - from + 1 : 0;
	}
	return sum;
}
