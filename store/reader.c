#include "store/reader.h"
#include "core/base/err.h"
#include "store/index.h"
#include "store/kv.h"
#include "store/look.h"
#include "store/names.h"
#include "store/place.h"
#include "store/reader_parts.h"
#include "store/receipt.h"
#include "store/ring_file.h"
#include "store/seal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_KEY      128 /* as store.c has it */
#define CATCH_UP_TRIES 10
#define BLOCK_MAX      1024 /* of a posting block */

struct reader {
	struct ring_file ring; /* first: it keeps cache lines apart */
	struct kv_db *db;
	struct names names;
	struct away away;
	struct fact *tail; /* what the ring holds beyond the database, as of the last refresh */
	uint64_t tail_n, tail_cap;
	uint64_t db_last; /* newest receipt in the database, as of the last refresh */
	uint64_t named;	  /* names are known up to here */
	char path[PLACE_PATH];
};

/* What gives a walk its candidates, cheapest first: the receipts of one thing, or a span of all. */
struct reader_walk {
	struct reader *r;
	struct reader_filter filter;
	struct index_walk index;
	bool by_index;
	struct kv_iter *it; /* over receipts, when not by index */
	uint64_t next;	    /* first sequence not yet looked at */
	uint64_t last;	    /* of the span */
};

static int read_id(struct reader *r, uint8_t id[RING_FILE_ID])
{
	size_t len;
	int rc = kv_get(r->db, KV_STATE, "s/id", 4, id, RING_FILE_ID, &len);
	if (rc == -ERR_NOTFOUND || (!rc && len != RING_FILE_ID))
		return err_set(ERR_CORRUPT, "%s is no store: its database has no identity",
			       r->path);
	return rc;
}

/* The host that runs may have made another ring since; a store that was closed has none. */
static int find_ring(struct reader *r)
{
	char path[PLACE_PATH];
	uint8_t id[RING_FILE_ID];
	ring_file_close(&r->ring);
	int rc = place_ring_read(r->path, path);
	if (!rc)
		rc = read_id(r, id);
	if (!rc)
		rc = ring_file_view(&r->ring, path, id);
	return rc == -ERR_NOTFOUND || rc == -ERR_STATE ? 0 : rc;
}

static int find_last(struct reader *r)
{
	struct kv_iter *it = kv_iter_new(r->db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the store %s", r->path);
	size_t n;
	kv_iter_last(it);
	r->db_last = kv_iter_valid(it) ? kv_from_be64(kv_iter_key(it, &n)) : 0;
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

static int keep(struct reader *r, const struct fact *f)
{
	if (r->tail_n == r->tail_cap) {
		uint64_t cap = r->tail_cap ? r->tail_cap * 2 : 256;
		struct fact *tail = realloc(r->tail, cap * sizeof(*tail));
		if (!tail)
			return err_set(ERR_NOMEM, "no memory for %llu receipts of the ring",
				       (unsigned long long)cap);
		r->tail = tail;
		r->tail_cap = cap;
	}
	r->tail[r->tail_n++] = *f;
	return 0;
}

/* Copies what the ring holds beyond the database. -ERR_STATE: the writer has overtaken us. */
static int copy_tail(struct reader *r)
{
	r->tail_n = 0;
	if (!r->ring.head)
		return 0;
	struct fact f;
	int rc;
	uint64_t seq = r->db_last + 1;
	for (; (rc = ring_file_read(&r->ring, seq, &f)) == 0; seq++)
		if ((rc = keep(r, &f)) != 0)
			return rc;
	if (rc == -ERR_CORRUPT)
		return err_set(ERR_CORRUPT, "receipt %llu in the journal ring %s is damaged",
			       (unsigned long long)seq, r->ring.path);
	return rc == -ERR_NOTFOUND ? 0 : rc;
}

static int learn_names(struct reader *r)
{
	int rc = names_load(&r->names, r->db);
	for (uint64_t i = 0; i < r->tail_n && !rc; i++) {
		const struct fact *f = &r->tail[i];
		if (f->kind == FACT_NAME)
			rc = names_set(&r->names, (unsigned)f->num[0], (uint64_t)f->num[1],
				       f->text);
	}
	return rc;
}

int reader_refresh(struct reader *r)
{
	int rc = -ERR_STATE;
	for (int tries = 0; rc == -ERR_STATE && tries < CATCH_UP_TRIES; tries++) {
		rc = kv_catch_up(r->db);
		if (!rc)
			rc = find_last(r);
		if (!rc)
			rc = find_ring(r);
		if (!rc)
			rc = copy_tail(r);
	}
	if (rc == -ERR_STATE)
		return err_set(ERR_BUSY, "the store %s is written faster than it can be read",
			       r->path);
	if (!rc)
		rc = away_load(&r->away, r->db);
	return rc ? rc : learn_names(r);
}

int reader_open(const char *path, struct reader **out)
{
	struct reader *r = aligned_alloc(_Alignof(struct reader), sizeof(*r));
	if (!r)
		return err_set(ERR_NOMEM, "no memory to read %s", path);
	*r = (struct reader){ 0 };
	int rc = place_canonical(r->path, path);
	if (!rc)
		rc = look_open(r->path, &r->db);
	if (!rc)
		rc = reader_refresh(r);
	if (rc)
		reader_close(r);
	else
		*out = r;
	return rc;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	ring_file_close(&r->ring);
	names_free(&r->names);
	away_free(&r->away);
	kv_close(r->db);
	free(r->tail);
	free(r);
}

uint64_t reader_last(const struct reader *r)
{
	return r->tail_n ? r->tail[r->tail_n - 1].seq : r->db_last;
}

static int decode(const void *bytes, size_t n, uint64_t seq, struct fact *out)
{
	int rc = receipt_decode(bytes, n, out);
	if (!rc && out->seq != seq)
		rc = err_set(ERR_CORRUPT, "it says that it is %llu", (unsigned long long)out->seq);
	return rc ? err_ctx(rc, "receipt %llu", (unsigned long long)seq) : 0;
}

int reader_value(struct reader *r, const char *key, void *buf, size_t cap, size_t *len)
{
	char full[VALUE_KEY];
	int n = snprintf(full, sizeof full, "k/%s", key);
	if (n >= (int)sizeof full)
		return err_set(ERR_RANGE, "no value has so long a name: %.60s...", key);
	return kv_get(r->db, KV_STATE, full, (size_t)n, buf, cap, len);
}

static int state_text(struct reader *r, const char *key, char *out, size_t cap)
{
	size_t n = 0;
	int rc = kv_get(r->db, KV_STATE, key, strlen(key), out, cap - 1, &n);
	out[rc ? 0 : n < cap ? n : cap - 1] = 0;
	return rc ? rc : n < cap ? 0 : err_set(ERR_CORRUPT, "the value %s is too long", key);
}

int reader_checkpoint(struct reader *r, char *note, size_t note_cap, char *key, size_t key_cap)
{
	int rc = state_text(r, SEAL_NOTE, note, note_cap);
	return rc ? rc : state_text(r, SEAL_KEY, key, key_cap);
}

int reader_get(struct reader *r, uint64_t seq, struct fact *out)
{
	if (r->tail_n && seq >= r->tail[0].seq) {
		if (seq > reader_last(r))
			return -ERR_NOTFOUND;
		*out = r->tail[seq - r->tail[0].seq];
		return 0;
	}
	uint8_t key[8], bytes[RECEIPT_BYTES_MAX];
	size_t n;
	kv_be64(key, seq);
	int rc = kv_get(r->db, KV_RECEIPTS, key, sizeof(key), bytes, sizeof(bytes), &n);
	return rc ? rc : decode(bytes, n, seq, out);
}

const char *reader_name(const struct reader *r, enum name_space space, uint32_t id)
{
	return names_text(&r->names, space, id);
}

bool reader_archived(const struct reader *r, uint64_t seq)
{
	return away_has(&r->away, seq);
}

uint32_t reader_name_find(const struct reader *r, enum name_space space, const char *text)
{
	return names_find(&r->names, space, text);
}

struct kv_db *reader_db(struct reader *r)
{
	return r->db;
}

const char *reader_path(const struct reader *r)
{
	return r->path;
}

uint64_t reader_db_last(const struct reader *r)
{
	return r->db_last;
}

const struct away *reader_away(const struct reader *r)
{
	return &r->away;
}

int reader_host(const struct reader *r)
{
	return (int)place_lock_holder(r->path);
}

/* The ids of pairs, newest first, each once. */
struct last_pairs {
	uint64_t *id;
	uint32_t max, n;
	bool moved; /* a checkpoint only says again where a pair stands: that is no news of it */
};

static void add_pair(struct last_pairs *l, const struct fact *f)
{
	if (l->moved && f->num[0] == f->num[1])
		return;
	for (uint32_t i = 0; i < l->n; i++)
		if (l->id[i] == f->pair)
			return;
	if (f->pair && l->n < l->max)
		l->id[l->n++] = f->pair;
}

static int last_pairs(struct reader *r, struct last_pairs *l)
{
	uint64_t before = UINT64_MAX, seq[BLOCK_MAX];
	uint32_t k = 1;
	int rc = 0;
	for (uint64_t i = r->tail_n; i-- > 0;)
		if (r->tail[i].kind == FACT_PAIR)
			add_pair(l, &r->tail[i]);
	while (!rc && k > 0 && l->n < l->max) {
		rc = index_block_before(r->db, INDEX_KIND, FACT_PAIR, before, seq, BLOCK_MAX, &k,
					&before);
		for (uint32_t i = rc ? 0 : k; i-- > 0 && !rc && l->n < l->max;) {
			struct fact f;
			rc = reader_get(r, seq[i], &f);
			if (rc == -ERR_NOTFOUND && away_has(&r->away, seq[i]))
				rc = 0;
			else if (!rc)
				add_pair(l, &f);
		}
	}
	return rc;
}

int reader_last_pairs(struct reader *r, uint64_t *id, uint32_t max, uint32_t *n)
{
	struct last_pairs l = { .id = id, .max = max, .moved = true };
	int rc = last_pairs(r, &l);
	l.moved = false; /* where all news of them lies in archives */
	if (!rc && !l.n)
		rc = last_pairs(r, &l);
	*n = l.n;
	return rc;
}

static bool fits(const struct reader_filter *q, const struct fact *f)
{
	return (!q->pair || q->pair == f->pair) && (!q->order || q->order == f->order) &&
	       (!q->instance || q->instance == f->instance) &&
	       (!q->venue || q->venue == f->venue) && (!q->account || q->account == f->account) &&
	       (!q->instrument || q->instrument == f->instrument) &&
	       (!q->kind || q->kind == f->kind) && (!q->cause || q->cause == f->cause) &&
	       (!q->utc_from || f->utc_ns >= q->utc_from) && (!q->utc_to || f->utc_ns <= q->utc_to);
}

/* Candidates by index where one thing is asked for; the rarest first. */
static int open_index(struct reader_walk *w)
{
	const struct reader_filter *q = &w->filter;
	const struct {
		enum index_space space;
		uint64_t id;
	} ways[] = {
		{ INDEX_ORDER, q->order },
		{ INDEX_PAIR, q->pair },
		{ INDEX_KIND, q->kind },
		{ INDEX_INSTANCE, q->instance },
	};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].id) {
			w->by_index = true;
			return index_walk_open(&w->index, w->r->db, ways[i].space, ways[i].id,
					       w->next);
		}
	w->it = kv_iter_new(w->r->db, KV_RECEIPTS);
	return w->it ? 0 : err_set(ERR_NOMEM, "no memory to read the store");
}

/* Narrows the span of the database by time; the tail is looked at whole. */
static int narrow(struct reader_walk *w)
{
	const struct reader_filter *q = &w->filter;
	if (!q->utc_from && !q->utc_to)
		return 0;
	uint64_t lo, hi;
	int rc =
		index_time_span(w->r->db, q->utc_from, q->utc_to ? q->utc_to : INT64_MAX, &lo, &hi);
	if (rc)
		return rc;
	if (lo <= hi)
		w->next = lo > w->next ? lo : w->next;
	w->last = hi < w->last ? hi : w->last;
	return 0;
}

int reader_walk_open(struct reader *r, const struct reader_filter *f, struct reader_walk **out)
{
	struct reader_walk *w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(ERR_NOMEM, "no memory to read the store");
	w->r = r;
	w->filter = *f;
	w->next = f->seq_from ? f->seq_from : 1;
	w->last = r->db_last;
	int rc = narrow(w);
	if (!rc)
		rc = open_index(w);
	if (rc) {
		reader_walk_close(w);
		return rc;
	}
	if (w->it) {
		uint8_t key[8];
		kv_be64(key, w->next);
		kv_iter_seek(w->it, key, sizeof(key));
	}
	*out = w;
	return 0;
}

void reader_walk_close(struct reader_walk *w)
{
	if (!w)
		return;
	if (w->by_index)
		index_walk_close(&w->index);
	kv_iter_free(w->it);
	free(w);
}

/* The index goes on to tell of receipts that lie in an archive. */
static int candidate_by_index(struct reader_walk *w, struct fact *out)
{
	uint64_t seq;
	int rc;
	do {
		rc = index_walk_next(&w->index, &seq);
		if (rc <= 0 || seq > w->last)
			return rc < 0 ? rc : 0;
		rc = reader_get(w->r, seq, out);
	} while (rc == -ERR_NOTFOUND && away_has(&w->r->away, seq));
	if (rc == -ERR_NOTFOUND)
		rc = err_set(ERR_CORRUPT, "receipt %llu is in the index only",
			     (unsigned long long)seq);
	return rc ? rc : 1;
}

/* The next receipt of the database to be looked at. 1, 0 or an error. */
static int candidate(struct reader_walk *w, struct fact *out)
{
	uint64_t seq;
	if (w->by_index)
		return candidate_by_index(w, out);
	if (!kv_iter_valid(w->it))
		return kv_iter_error(w->it);
	size_t n;
	const uint8_t *key = kv_iter_key(w->it, &n);
	seq = kv_from_be64(key);
	if (seq > w->last)
		return 0;
	const uint8_t *value = kv_iter_value(w->it, &n);
	int rc = decode(value, n, seq, out);
	kv_iter_next(w->it);
	return rc ? rc : 1;
}

int reader_walk_next(struct reader_walk *w, struct fact *out)
{
	uint64_t to = w->filter.seq_to ? w->filter.seq_to : UINT64_MAX;
	int rc;
	while (w->next <= w->last && (rc = candidate(w, out)) != 0) {
		if (rc < 0)
			return rc;
		if (out->seq > to)
			return 0;
		w->next = out->seq + 1;
		if (fits(&w->filter, out))
			return 1;
	}
	/* The database is through; the rest is the tail. */
	const struct reader *r = w->r;
	w->last = 0;
	for (uint64_t i = 0; i < r->tail_n; i++) {
		const struct fact *f = &r->tail[i];
		if (f->seq < w->next || f->seq > to)
			continue;
		w->next = f->seq + 1;
		if (fits(&w->filter, f)) {
			*out = *f;
			return 1;
		}
	}
	return 0;
}
