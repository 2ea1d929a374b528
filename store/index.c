#include "store/index.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_A_FACT 5  /* pair, order, instance, kind, second */
#define KEY_BYTES      17 /* space, id, first sequence */
#define VARINT_MAX     10
#define SECOND_NS      1000000000

int index_batch_init(struct index_batch *b, uint32_t facts_max)
{
	*b = (struct index_batch){ .facts_max = facts_max };
	b->entry = calloc((size_t)facts_max * ENTRIES_A_FACT, sizeof(*b->entry));
	b->block = malloc((size_t)facts_max * VARINT_MAX);
	if (b->entry && b->block)
		return 0;
	index_batch_free(b);
	return err_set(ERR_NOMEM, "no memory for an index of %u receipts", facts_max);
}

void index_batch_free(struct index_batch *b)
{
	free(b->entry);
	free(b->block);
	*b = (struct index_batch){ 0 };
}

static void add(struct index_batch *b, enum index_space space, uint64_t id, uint64_t seq)
{
	must(b->n < b->facts_max * ENTRIES_A_FACT);
	b->entry[b->n++] = (struct index_entry){ .id = id, .seq = seq, .space = (uint8_t)space };
}

uint64_t index_second(int64_t utc_ns)
{
	return utc_ns > 0 ? (uint64_t)(utc_ns / SECOND_NS) : 0;
}

void index_collect(struct index_batch *b, const struct fact *f)
{
	if (f->pair)
		add(b, INDEX_PAIR, f->pair, f->seq);
	if (f->order)
		add(b, INDEX_ORDER, f->order, f->seq);
	if (f->instance)
		add(b, INDEX_INSTANCE, f->instance, f->seq);
	add(b, INDEX_KIND, f->kind, f->seq);
	add(b, INDEX_TIME, index_second(f->utc_ns), f->seq);
}

void index_drop(struct index_batch *b)
{
	b->n = 0;
}

static int by_space_id_seq(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void make_key(uint8_t key[KEY_BYTES], uint8_t space, uint64_t id, uint64_t first)
{
	key[0] = space;
	kv_be64(key + 1, id);
	kv_be64(key + 9, first);
}

static size_t varint(uint8_t *p, uint64_t v)
{
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		p[n++] = (uint8_t)(v | 0x80);
	p[n++] = (uint8_t)v;
	return n;
}

static int write_time(struct index_batch *b, const struct index_entry *e, uint32_t n,
		      struct kv_batch *into, struct kv_db *db)
{
	/* A second that goes on from the batch before keeps its entry, which is written over. */
	if (e->id != b->second || b->second_first == 0) {
		b->second = e->id;
		b->second_first = e->seq;
	}
	uint8_t key[KEY_BYTES], last[8];
	make_key(key, INDEX_TIME, b->second, b->second_first);
	kv_be64(last, e[n - 1].seq);
	return kv_batch_put(into, db, KV_INDEX, key, sizeof(key), last, sizeof(last));
}

static int write_group(struct index_batch *b, const struct index_entry *e, uint32_t n,
		       struct kv_batch *into, struct kv_db *db)
{
	if (e->space == INDEX_TIME)
		return write_time(b, e, n, into, db);
	uint8_t key[KEY_BYTES];
	make_key(key, e->space, e->id, e->seq);
	size_t len = 0;
	for (uint32_t i = 1; i < n; i++)
		len += varint(b->block + len, e[i].seq - e[i - 1].seq);
	return kv_batch_put(into, db, KV_INDEX, key, sizeof(key), b->block, len);
}

int index_write(struct index_batch *b, struct kv_batch *into, struct kv_db *db)
{
	qsort(b->entry, b->n, sizeof(*b->entry), by_space_id_seq);
	int rc = 0;
	for (uint32_t i = 0, n; i < b->n && !rc; i += n) {
		const struct index_entry *e = &b->entry[i];
		for (n = 1; i + n < b->n && e[n].space == e->space && e[n].id == e->id; n++)
			;
		rc = write_group(b, e, n, into, db);
	}
	b->n = 0;
	return rc;
}

int index_time_span(struct kv_db *db, int64_t utc_from, int64_t utc_to, uint64_t *lo, uint64_t *hi)
{
	*lo = UINT64_MAX;
	*hi = 0;
	struct kv_iter *it = kv_iter_new(db, KV_INDEX);
	if (!it)
		return err_set(ERR_IO, "the time index cannot be read");
	uint8_t key[KEY_BYTES];
	make_key(key, INDEX_TIME, index_second(utc_from), 0);
	for (kv_iter_seek(it, key, sizeof(key)); kv_iter_valid(it); kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &len);
		if (n != KEY_BYTES || len != 8 || k[0] != INDEX_TIME ||
		    kv_from_be64(k + 1) > index_second(utc_to))
			break;
		uint64_t first = kv_from_be64(k + 9), last = kv_from_be64(v);
		*lo = first < *lo ? first : *lo;
		*hi = last > *hi ? last : *hi;
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

static bool in_prefix(const struct index_walk *w)
{
	if (!kv_iter_valid(w->it))
		return false;
	size_t n;
	const uint8_t *k = kv_iter_key(w->it, &n);
	return n == KEY_BYTES && memcmp(k, w->prefix, sizeof(w->prefix)) == 0;
}

static void enter_block(struct index_walk *w)
{
	size_t n;
	w->seq = kv_from_be64(kv_iter_key(w->it, &n) + 9);
	w->p = kv_iter_value(w->it, &n);
	w->end = w->p + n;
	w->fresh = 1;
}

int index_walk_open(struct index_walk *w, struct kv_db *db, enum index_space space, uint64_t id,
		    uint64_t seq_from)
{
	*w = (struct index_walk){ .it = kv_iter_new(db, KV_INDEX), .from = seq_from };
	if (!w->it)
		return err_set(ERR_IO, "the index cannot be read");
	uint8_t key[KEY_BYTES];
	make_key(key, (uint8_t)space, id, seq_from);
	memcpy(w->prefix, key, sizeof(w->prefix));
	/* The block that begins before may reach beyond. */
	kv_iter_seek_back(w->it, key, sizeof(key));
	if (!in_prefix(w))
		kv_iter_seek(w->it, key, sizeof(key));
	if (in_prefix(w))
		enter_block(w);
	return 0;
}

/* The next sequence of the block; false at its end. */
static bool step(struct index_walk *w, int *rc)
{
	if (w->fresh) {
		w->fresh = 0;
		return true;
	}
	if (w->p == w->end)
		return false;
	uint64_t gap = 0;
	for (unsigned shift = 0; w->p < w->end; shift += 7) {
		uint8_t b = *w->p++;
		if (shift > 63)
			break;
		gap |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			w->seq += gap;
			return true;
		}
	}
	*rc = err_set(ERR_CORRUPT, "a posting block after receipt %llu is damaged",
		      (unsigned long long)w->seq);
	return false;
}

int index_walk_next(struct index_walk *w, uint64_t *seq)
{
	int rc = 0;
	while (in_prefix(w)) {
		while (step(w, &rc))
			/* Blocks overlap where a batch was written anew after an error. */
			if (w->seq >= w->from) {
				*seq = w->seq;
				w->from = w->seq + 1;
				return 1;
			}
		if (rc)
			return rc;
		kv_iter_next(w->it);
		if (in_prefix(w))
			enter_block(w);
	}
	return kv_iter_error(w->it);
}

void index_walk_close(struct index_walk *w)
{
	kv_iter_free(w->it);
	*w = (struct index_walk){ 0 };
}

int index_block_before(struct kv_db *db, enum index_space space, uint64_t id, uint64_t before,
		       uint64_t *seq, uint32_t cap, uint32_t *n, uint64_t *first)
{
	*n = 0;
	struct index_walk w = { .it = kv_iter_new(db, KV_INDEX) };
	if (!w.it)
		return err_set(ERR_IO, "the index cannot be read");
	uint8_t key[KEY_BYTES];
	make_key(key, (uint8_t)space, id, before - 1);
	memcpy(w.prefix, key, sizeof(w.prefix));
	kv_iter_seek_back(w.it, key, sizeof(key));
	int rc = 0;
	if (before > 0 && in_prefix(&w)) {
		enter_block(&w);
		*first = w.seq;
		while (step(&w, &rc)) {
			if (*n == cap)
				memmove(seq, seq + 1, --*n * sizeof(*seq));
			seq[(*n)++] = w.seq;
		}
	}
	if (!rc)
		rc = kv_iter_error(w.it);
	index_walk_close(&w);
	return rc;
}
