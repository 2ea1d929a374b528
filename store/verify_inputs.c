/* What the engine heard, block by block, against the receipts that tell of it. */
#include "core/base/err.h"
#include "store/receipt.h"
#include "store/verify_parts.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int verify_keep_input(struct verify *v, const uint8_t *bytes, size_t n)
{
	struct fact f;
	int rc = receipt_decode(bytes, n, &f);
	if (rc)
		return rc;
	pthread_mutex_lock(&v->lock);
	if (v->n_inputs == v->inputs_cap) {
		size_t cap = v->inputs_cap ? 2 * v->inputs_cap : 256;
		struct verify_input *more = realloc(v->input, cap * sizeof *more);
		rc = more ? 0 : err_set(ERR_NOMEM, "no memory for what an engine heard");
		v->input = more ? more : v->input;
		v->inputs_cap = more ? cap : v->inputs_cap;
	}
	if (!rc) {
		struct verify_input *to = &v->input[v->n_inputs++];
		to->seq = f.seq;
		inputs_key_write(to->key, (uint32_t)f.num[5], (uint64_t)f.num[6]);
		memcpy(to->digest, f.text, sizeof to->digest);
	}
	pthread_mutex_unlock(&v->lock);
	return rc;
}

static int by_key(const void *a, const void *b)
{
	const struct verify_input *x = a, *y = b;
	int c = memcmp(x->key, y->key, sizeof x->key);
	return c ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

static void is_missing(struct verify *v, const struct verify_input *told)
{
	verify_fault(v, told->seq,
		     "what the engine heard, of which receipt %" PRIu64 " tells, is missing",
		     told->seq);
}

static void compare(struct verify *v, const struct verify_input *told, const uint8_t *p, size_t n)
{
	uint8_t digest[DIGEST_LEN];
	char hex[DIGEST_HEX];
	digest_sha256(p, n, digest);
	digest_hex(digest, DIGEST_LEN, hex);
	if (memcmp(hex, told->digest, DIGEST_HEX - 1) != 0)
		verify_fault(v, told->seq,
			     "what the engine heard, of which receipt %" PRIu64
			     " tells, is something else",
			     told->seq);
}

/* Where the reading of blocks stands. */
struct place {
	uint64_t life, next; /* the number that comes next in it */
	uint64_t untold;     /* blocks of the life that no receipt tells, so far */
	bool any;
};

/* A life's blocks are numbered from 0 without a gap, and a kill leaves untold ones at the end of a life only. Not so where receipts are away: their blocks stay or go. */
static void look_at_place(struct verify *v, struct place *p, const uint8_t *key, bool told)
{
	const uint64_t life = kv_from_be64(key), number = kv_from_be64(key + 8);
	if (!p->any || life != p->life)
		*p = (struct place){ .life = life, .any = true };
	if (v->out->away || v->out->is_archive)
		return;
	if (number != p->next)
		verify_fault(v, VERIFY_LAST,
			     "of what the engine heard in life %" PRIu64 ", block %" PRIu64
			     " stands where %" PRIu64 " must: blocks were taken out, or added",
			     life, number, p->next);
	if (told && p->untold)
		verify_fault(v, VERIFY_LAST,
			     "of what the engine heard in life %" PRIu64 ", %" PRIu64
			     " blocks before block %" PRIu64
			     " are told by no receipt: they were added",
			     life, p->untold, number);
	p->next = number + 1;
	p->untold = told ? 0 : p->untold + 1;
}

int verify_inputs(struct verify *v)
{
	struct place place = { 0 };
	struct kv_iter *it = kv_scan_new(v->db, KV_INPUTS);
	size_t at = 0, n, len;
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read what an engine heard");
	if (v->o->progress)
		v->o->progress(v->o->arg, "inputs", 0, 0);
	if (v->n_inputs)
		qsort(v->input, v->n_inputs, sizeof *v->input, by_key);
	for (kv_iter_first(it); kv_iter_valid(it); kv_iter_next(it)) {
		const uint8_t *key = kv_iter_key(it, &n), *p = kv_iter_value(it, &len);
		int c = -1;
		v->out->inputs++;
		if (n != INPUTS_KEY) {
			verify_fault(v, 0, "a key of %zu bytes stands among the inputs", n);
			continue;
		}
		for (; at < v->n_inputs && (c = memcmp(v->input[at].key, key, n)) < 0; at++)
			is_missing(v, &v->input[at]);
		/* Its receipt may be in an archive; a killed host had not told of its last ones. */
		const bool told = at < v->n_inputs && c == 0;
		look_at_place(v, &place, key, told);
		v->out->inputs_untold += !told;
		/* The host after a kill puts what it finds there again, and tells of it again. */
		for (; told && at < v->n_inputs && memcmp(v->input[at].key, key, n) == 0; at++)
			compare(v, &v->input[at], p, len);
	}
	for (; at < v->n_inputs; at++)
		is_missing(v, &v->input[at]);
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}
