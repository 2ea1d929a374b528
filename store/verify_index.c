/* What is found by: the index and the names; against the receipts that they are made of. */
#include "core/base/err.h"
#include "store/receipt.h"
#include "store/verify_parts.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 17	    /* space, id, first sequence */
#define ARCHIVE	  "archive" /* the kind that tells of one */

static const char *const side_name[] = { "pairs", "orders", "instances", "kinds" };
_Static_assert(sizeof side_name / sizeof *side_name == verify_side_max, "a word for each");

static int side_of(uint8_t space)
{
	static const uint8_t spaces[] = { INDEX_PAIR, INDEX_ORDER, INDEX_INSTANCE, INDEX_KIND };
	for (int i = 0; i < verify_side_max; i++)
		if (spaces[i] == space)
			return i;
	return -1;
}

/* ---- what is away */

bool verify_may_be_away(const struct verify *v, uint64_t seq)
{
	for (size_t i = 0; i < v->n_ranges; i++)
		if (v->range[i].first <= seq && seq <= v->range[i].last)
			return true;
	return false;
}

int verify_add_range(struct verify_range **all, size_t *n, struct verify_range one)
{
	/* Room for twice as many whenever a power of two is full. */
	if ((*n & (*n - 1)) == 0) {
		struct verify_range *more = realloc(*all, (*n ? 2 * *n : 1) * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for what is in archives");
		*all = more;
	}
	(*all)[(*n)++] = one;
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct verify_range *x = a, *y = b;
	return (x->first > y->first) - (x->first < y->first);
}

/* Entries of what is away stay in the index; who could say what they must be is away. */
static bool is_absent(const struct verify *v, uint64_t seq)
{
	size_t lo = 0, hi = v->n_absent;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (v->absent[mid].last < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < v->n_absent && v->absent[lo].first <= seq;
}

/* Back in the store: nothing excuses it any more. */
static void drop_ranges(struct verify *v, struct verify_range back)
{
	size_t n = 0;
	for (size_t i = 0; i < v->n_ranges; i++)
		if (v->range[i].first < back.first || v->range[i].last > back.last)
			v->range[n++] = v->range[i];
	v->n_ranges = n;
}

static int keep_range(struct verify *v, uint64_t seq)
{
	uint8_t key[8], bytes[RECEIPT_BYTES_MAX];
	struct fact f;
	size_t n;
	kv_be64(key, seq);
	int rc = kv_get(v->db, KV_RECEIPTS, key, sizeof key, bytes, sizeof bytes, &n);
	if (rc == -ERR_NOTFOUND)
		return 0;
	if (rc)
		return rc;
	/* A damaged one will be found to be so; it excuses nothing. */
	if (n > sizeof bytes || receipt_decode(bytes, n, &f) || f.kind != fact_kind_find(ARCHIVE))
		return 0;
	struct verify_range one = { (uint64_t)f.num[0], (uint64_t)f.num[1], (uint64_t)f.num[2] };
	if (one.first == 0 || one.first > one.last || one.last >= seq)
		return 0;
	if (!f.num[5])
		return verify_add_range(&v->range, &v->n_ranges, one);
	drop_ranges(v, one);
	return 0;
}

/* They go all at once. That a part of them is here is what a restore leaves that was interrupted, or somebody who took the others. */
static void check_archived(struct verify *v)
{
	for (size_t i = 0; i < v->n_ranges; i++) {
		const struct verify_range *r = &v->range[i];
		uint64_t gone = 0;
		for (size_t k = 0; k < v->n_absent; k++) {
			const struct verify_range *a = &v->absent[k];
			if (r->first <= a->first && a->last <= r->last)
				gone += a->last - a->first + 1;
		}
		if (gone && gone != r->receipts)
			verify_fault(v, r->first,
				     "receipts %" PRIu64 " to %" PRIu64
				     " went into an archive, and %" PRIu64
				     " of them are here: a restore was interrupted, or the "
				     "others were taken out later",
				     r->first, r->last, r->receipts - gone);
	}
}

/* The receipts that say so are under the root themselves. */
int verify_read_archives(struct verify *v)
{
	const enum fact_kind kind = fact_kind_find(ARCHIVE);
	struct index_walk w;
	uint64_t seq;
	if (kind == FACT_NONE)
		return 0;
	int rc = index_walk_open(&w, v->db, INDEX_KIND, kind, 1);
	while (!rc && (rc = index_walk_next(&w, &seq)) == 1)
		rc = keep_range(v, seq);
	index_walk_close(&w);
	return rc;
}

/* ---- the index */

static int keep_span(struct verify *v, uint64_t second, uint64_t first, uint64_t last)
{
	if (v->n_spans == v->spans_cap) {
		size_t cap = v->spans_cap ? 2 * v->spans_cap : 4096;
		struct verify_span *more = realloc(v->span, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the index of times");
		v->span = more;
		v->spans_cap = cap;
	}
	struct verify_span *s = &v->span[v->n_spans++];
	s->second = second;
	s->first = first;
	s->last = last;
	atomic_init(&s->met, 0);
	return 0;
}

/* The sequences of one block; what a block before has of the same thing is not counted again. */
struct block {
	int side;
	uint64_t id, seq;
	bool any; /* `seq` is the last that counted */
};

static void post(struct verify *v, const struct block *b, uint64_t seq)
{
	if (is_absent(v, seq))
		return;
	v->indexed.n[b->side]++;
	v->indexed.sum[b->side] += verify_entry(v, (enum verify_side)b->side, b->id, seq);
}

static bool read_block(struct verify *v, struct block *b, uint64_t seq, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	for (;;) {
		if (!b->any || seq > b->seq)
			post(v, b, seq);
		b->seq = !b->any || seq > b->seq ? seq : b->seq;
		b->any = true;
		if (p == end)
			return true;
		uint64_t gap = 0;
		unsigned shift = 0;
		do {
			if (p == end || shift > 63)
				return false;
			gap |= (uint64_t)(*p & 0x7f) << shift;
			shift += 7;
		} while (*p++ & 0x80);
		if (!gap)
			return false;
		seq += gap;
	}
}

static int read_entry(struct verify *v, struct kv_iter *it, struct block *b)
{
	size_t n, len;
	const uint8_t *k = kv_iter_key(it, &n), *p = kv_iter_value(it, &len);
	int side = n == KEY_BYTES ? side_of(k[0]) : -1;
	if (n == KEY_BYTES && k[0] == INDEX_TIME && len == 8)
		return keep_span(v, kv_from_be64(k + 1), kv_from_be64(k + 9), kv_from_be64(p));
	if (side < 0) {
		verify_fault(v, 0, "the index has an entry that is none: a key of %zu bytes", n);
		return 0;
	}
	const uint64_t id = kv_from_be64(k + 1), first = kv_from_be64(k + 9);
	if (side != b->side || id != b->id)
		*b = (struct block){ .side = side, .id = id };
	if (!read_block(v, b, first, p, len))
		verify_fault(v, first, "the index of %s is damaged at receipt %" PRIu64,
			     side_name[side], first);
	return 0;
}

/* Time entries, or all that is none. */
static int read_index(struct verify *v, bool times)
{
	static const uint8_t time = INDEX_TIME;
	struct kv_iter *it = kv_scan_new(v->db, KV_INDEX);
	struct block b = { .side = -1 };
	size_t n;
	int rc = 0;
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the index");
	if (v->o->progress)
		v->o->progress(v->o->arg, "index", 0, 0);
	if (times)
		kv_iter_seek(it, &time, 1);
	else
		kv_iter_first(it);
	for (; !rc && kv_iter_valid(it); kv_iter_next(it)) {
		const uint8_t *k = kv_iter_key(it, &n);
		const bool of_time = n == KEY_BYTES && k[0] == INDEX_TIME;
		if (of_time == times)
			rc = read_entry(v, it, &b);
		else if (times)
			break;
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

int verify_read_times(struct verify *v)
{
	return read_index(v, true);
}

static void compare_index(struct verify *v)
{
	for (int i = 0; i < verify_side_max; i++) {
		v->out->postings += v->indexed.n[i];
		if (v->told.n[i] != v->indexed.n[i] || v->told.sum[i] != v->indexed.sum[i])
			verify_fault(
				v, VERIFY_LAST,
				"the index of %s is not that of the receipts: it holds %" PRIu64
				" entries, the receipts make %" PRIu64
				"%s, so a query by it would not show what is there",
				side_name[i], v->indexed.n[i], v->told.n[i],
				v->told.n[i] == v->indexed.n[i] ? " others" : "");
	}
}

/* An end of a span that no worker met: is there a receipt of that second, or is it where nobody can look? */
static int check_end(struct verify *v, const struct verify_span *s, uint64_t seq)
{
	uint8_t key[8], bytes[RECEIPT_BYTES_MAX];
	struct fact f = { 0 };
	size_t n;
	if (is_absent(v, seq))
		return 0;
	kv_be64(key, seq);
	int rc = kv_get(v->db, KV_RECEIPTS, key, sizeof key, bytes, sizeof bytes, &n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	if (rc || n > sizeof bytes || receipt_decode(bytes, n, &f) ||
	    index_second(f.utc_ns) != s->second)
		verify_fault(v, VERIFY_LAST,
			     "the index of times has a span from %" PRIu64 " to %" PRIu64
			     " for second %" PRIu64 " since 1970; receipt %" PRIu64
			     " is not of it, so a query by time could pass receipts over",
			     s->first, s->last, s->second, seq);
	return 0;
}

static int check_spans(struct verify *v)
{
	int rc = 0;
	for (size_t i = 0; i < v->n_spans && !rc; i++) {
		const struct verify_span *s = &v->span[i];
		const uint8_t met = atomic_load_explicit(&s->met, memory_order_relaxed);
		if (!(met & VERIFY_MET_FIRST))
			rc = check_end(v, s, s->first);
		if (!rc && !(met & VERIFY_MET_LAST) && s->last != s->first)
			rc = check_end(v, s, s->last);
	}
	return rc;
}

int verify_read_postings(struct verify *v)
{
	if (v->n_absent)
		qsort(v->absent, v->n_absent, sizeof *v->absent, by_first);
	if (!v->out->is_archive)
		check_archived(v);
	int rc = read_index(v, false);
	if (!rc)
		compare_index(v);
	return rc ? rc : check_spans(v);
}

/* ---- names */

static int by_key(const void *a, const void *b)
{
	const struct verify_name *x = a, *y = b;
	int c = memcmp(x->key, y->key, sizeof x->key);
	return c ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

/* The last that was told of each. */
static void settle_names(struct verify *v)
{
	size_t n = 0;
	if (v->n_names)
		qsort(v->name, v->n_names, sizeof *v->name, by_key);
	for (size_t i = 0; i < v->n_names; i++) {
		bool more = i + 1 < v->n_names &&
			    memcmp(v->name[i].key, v->name[i + 1].key, sizeof v->name[i].key) == 0;
		if (!more)
			v->name[n++] = v->name[i];
	}
	v->n_names = n;
}

static void check_name(struct verify *v, const struct verify_name *told, const uint8_t *key,
		       const uint8_t *text, size_t n)
{
	if (!told && v->out->away)
		return; /* the receipt that told it may be in an archive */
	if (!told)
		verify_fault(v, 0, "\"%.*s\" is in the list of names, and no receipt told it",
			     (int)(n < 60 ? n : 60), (const char *)text);
	else if (n != strlen(told->text) || memcmp(text, told->text, n) != 0)
		verify_fault(v, told->seq,
			     "the name of number %" PRIu64 " in the list is \"%.*s\"; receipt "
			     "%" PRIu64 " told \"%.60s\"",
			     kv_from_be64(key + 1), (int)(n < 60 ? n : 60), (const char *)text,
			     told->seq, told->text);
}

int verify_names(struct verify *v)
{
	struct kv_iter *it = kv_iter_new(v->db, KV_NAMES);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read names");
	size_t at = 0, n, len;
	settle_names(v);
	for (kv_iter_first(it); kv_iter_valid(it); kv_iter_next(it)) {
		const uint8_t *key = kv_iter_key(it, &n), *text = kv_iter_value(it, &len);
		int c = -1;
		v->out->names++;
		if (n != sizeof v->name->key) {
			verify_fault(v, 0, "a key of %zu bytes stands among the names", n);
			continue;
		}
		for (; at < v->n_names && (c = memcmp(v->name[at].key, key, n)) < 0; at++)
			verify_fault(v, v->name[at].seq,
				     "the name \"%.60s\" of receipt %" PRIu64
				     " is not in the list of names",
				     v->name[at].text, v->name[at].seq);
		bool told = at < v->n_names && c == 0;
		check_name(v, told ? &v->name[at] : NULL, key, text, len);
		if (key[0] == NAME_SCRIPT)
			verify_script_name(v, text, len);
		at += told;
	}
	for (; at < v->n_names; at++)
		verify_fault(v, v->name[at].seq,
			     "the name \"%.60s\" of receipt %" PRIu64
			     " is not in the list of names",
			     v->name[at].text, v->name[at].seq);
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}
