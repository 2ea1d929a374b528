/* Every receipt against its key, its leaf in the tiles, and its place in the index; many threads, each with a chunk of the log at a time. */
#include "core/base/err.h"
#include "store/peek.h"
#include "store/receipt.h"
#include "store/seal.h"
#include "store/verify_parts.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS   1000000000
#define PROGRESS_NS 100000000

/* One thread's work. */
struct worker {
	struct verify *v;
	pthread_t thread;
	_Atomic uint64_t *next; /* chunk */
	struct kv_iter *it;
	struct merkle *tree; /* of the chunk */
	uint64_t chunk, receipts, lost, away, tiles, parts;
	struct verify_sums told;
	uint64_t log_n; /* 1 + the number of the tile of leaves that was read last */
	size_t log_width;
	struct merkle_hash log_tile[MERKLE_TILE];
	size_t span; /* where the last receipt's second was */
	int rc;
	char why[200];
};

static uint64_t chunks(const struct verify *v)
{
	return (v->out->last + VERIFY_CHUNK - 1) / VERIFY_CHUNK;
}

/* ---- tiles */

/* Which of the leaves differ from those that were written down. */
static void tell_tile(struct worker *w, unsigned level, uint64_t n, uint32_t width,
		      const struct merkle_hash *ours, const struct merkle_hash *theirs)
{
	struct merkle_hash none;
	merkle_leaf(NULL, 0, &none);
	if (level > 0) {
		verify_fault(w->v, 0,
			     "tile %" PRIu64
			     " of level %u of the log is not made of those below it",
			     n, level);
		return;
	}
	for (uint32_t i = 0; i < width; i++) {
		const uint64_t seq = n * MERKLE_TILE + i + 1;
		if (merkle_same(&ours[i], &theirs[i]))
			continue;
		verify_leaf_fault(
			w->v, seq,
			merkle_same(&ours[i], &none) ? "is gone: the log has it"
			: merkle_same(&theirs[i], &none)
				? "was added: in the log it is one that was lost"
				: "is not what was written: its hash is another than the log's");
	}
}

static int compare_tile(struct worker *w, unsigned level, uint64_t n,
			const struct merkle_hash ours[MERKLE_TILE])
{
	struct merkle_hash theirs[MERKLE_TILE];
	uint8_t key[SEAL_TILE_KEY];
	size_t len;
	seal_tile_key(key, level, n);
	int rc = kv_get(w->v->db, KV_TILES, key, sizeof key, theirs, sizeof theirs, &len);
	if (rc == -ERR_NOTFOUND) {
		verify_fault(w->v, (n << (8 * (level + 1))) + 1,
			     "tile %" PRIu64 " of level %u of the log is missing", n, level);
		return 0;
	}
	if (rc)
		return rc;
	w->tiles++;
	if (len != sizeof theirs)
		verify_fault(w->v, 0, "tile %" PRIu64 " of level %u of the log has %zu bytes", n,
			     level, len);
	else if (memcmp(ours, theirs, sizeof theirs) != 0)
		tell_tile(w, level, n, MERKLE_TILE, ours, theirs);
	return 0;
}

/* Where receipts went away before their tile was complete, their leaves stand in as much of it as there was then. */
static int compare_part(struct worker *w)
{
	const uint32_t width = merkle_width(w->v->out->last, 0);
	const uint64_t n = w->v->out->last / MERKLE_TILE;
	struct merkle_hash theirs[MERKLE_TILE];
	uint8_t key[SEAL_TILE_KEY];
	size_t len;
	seal_tile_key(key, 0, n);
	int rc = width ? kv_get(w->v->db, KV_TILES, key, sizeof key, theirs, sizeof theirs, &len)
		       : -ERR_NOTFOUND;
	if (rc)
		return rc == -ERR_NOTFOUND ? 0 : rc;
	w->parts++;
	if (len % MERKLE_HASH || len / MERKLE_HASH > width)
		verify_fault(w->v, 0, "the begin of tile %" PRIu64 " of the log has %zu bytes", n,
			     len);
	else if (memcmp(w->tree->tile[0], theirs, len) != 0)
		tell_tile(w, 0, n, (uint32_t)(len / MERKLE_HASH), w->tree->tile[0], theirs);
	return 0;
}

/* Tiles of the chunk's own tree are numbered from its begin. */
static int on_tile(void *arg, unsigned level, uint64_t n,
		   const struct merkle_hash tile[MERKLE_TILE])
{
	struct worker *w = arg;
	const uint64_t in_chunk = VERIFY_CHUNK >> (8 * (level + 1));
	return compare_tile(w, level, w->chunk * in_chunk + n, tile);
}

/* ---- receipts */

uint64_t verify_entry(const struct verify *v, enum verify_side side, uint64_t id, uint64_t seq)
{
	unsigned __int128 a = (unsigned __int128)(id ^ v->salt[0]) * (seq ^ v->salt[1]);
	uint64_t h = (uint64_t)a ^ (uint64_t)(a >> 64) ^ ((uint64_t)side + 1);
	a = (unsigned __int128)(h ^ v->salt[2]) * (v->salt[0] | 1);
	return (uint64_t)a ^ (uint64_t)(a >> 64);
}

static void count(struct worker *w, enum verify_side side, uint64_t id, uint64_t seq)
{
	if (!id)
		return;
	w->told.n[side]++;
	w->told.sum[side] += verify_entry(w->v, side, id, seq);
}

static bool in_span(struct verify *v, size_t i, uint64_t second, uint64_t seq)
{
	if (i >= v->n_spans)
		return false;
	struct verify_span *s = &v->span[i];
	if (s->second != second || seq < s->first || seq > s->last)
		return false;
	if (seq == s->first || seq == s->last)
		atomic_fetch_or_explicit(&s->met,
					 (seq == s->first ? VERIFY_MET_FIRST : 0) |
						 (seq == s->last ? VERIFY_MET_LAST : 0),
					 memory_order_relaxed);
	return true;
}

/* Is the receipt found by its time? */
static bool timed(struct worker *w, uint64_t second, uint64_t seq)
{
	struct verify *v = w->v;
	if (in_span(v, w->span, second, seq))
		return true;
	size_t lo = 0, hi = v->n_spans;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (v->span[mid].second < second)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < v->n_spans && v->span[lo].second == second; lo++)
		if (in_span(v, lo, second, seq)) {
			w->span = lo;
			return true;
		}
	return false;
}

static int keep_name(struct verify *v, const uint8_t *bytes, size_t n)
{
	struct fact f;
	int rc = receipt_decode(bytes, n, &f);
	if (rc)
		return rc;
	pthread_mutex_lock(&v->lock);
	if (v->n_names == v->names_cap) {
		size_t cap = v->names_cap ? 2 * v->names_cap : 256;
		struct verify_name *more = realloc(v->name, cap * sizeof *more);
		rc = more ? 0 : err_set(ERR_NOMEM, "no memory for the names of a store");
		v->name = more ? more : v->name;
		v->names_cap = more ? cap : v->names_cap;
	}
	if (!rc) {
		struct verify_name *to = &v->name[v->n_names++];
		to->seq = f.seq;
		to->key[0] = (uint8_t)f.num[0];
		kv_be64(to->key + 1, (uint64_t)f.num[1]);
		memcpy(to->text, f.text, FACT_TEXT);
	}
	pthread_mutex_unlock(&v->lock);
	return rc;
}

static int look_at(struct worker *w, uint64_t seq, const uint8_t *bytes, size_t n)
{
	struct peek p;
	if (!peek_receipt(bytes, n, &p)) {
		verify_fault(w->v, seq,
			     "receipt %" PRIu64 " is none: %zu bytes that are no map of "
			     "its fields",
			     seq, n);
		return 0;
	}
	if (p.seq != seq)
		verify_fault(w->v, seq, "receipt %" PRIu64 " says that it is %" PRIu64, seq, p.seq);
	count(w, VERIFY_PAIR, p.pair, seq);
	count(w, VERIFY_ORDER, p.order, seq);
	count(w, VERIFY_INSTANCE, p.instance, seq);
	count(w, VERIFY_KIND, p.kind, seq);
	if (!timed(w, index_second(p.utc_ns), seq))
		verify_fault(w->v, seq,
			     "receipt %" PRIu64 " is not in the index of times, so a query "
			     "by time would not show it",
			     seq);
	if (p.kind == FACT_INPUTS)
		return verify_keep_input(w->v, bytes, n);
	return p.kind == FACT_NAME ? keep_name(w->v, bytes, n) : 0;
}

/* The leaf of a receipt that is in an archive, as the log has it. */
static int leaf_of_log(struct worker *w, uint64_t seq, struct merkle_hash *out)
{
	const uint64_t index = seq - 1, n = index / MERKLE_TILE;
	uint8_t key[SEAL_TILE_KEY];
	size_t len;
	if (w->log_n != n + 1) {
		seal_tile_key(key, 0, n);
		int rc = kv_get(w->v->db, KV_TILES, key, sizeof key, w->log_tile,
				sizeof w->log_tile, &len);
		if (rc)
			return rc;
		w->log_n = n + 1;
		w->log_width = len < sizeof w->log_tile ? len / MERKLE_HASH : MERKLE_TILE;
	}
	if (index % MERKLE_TILE >= w->log_width)
		return -ERR_NOTFOUND;
	*out = w->log_tile[index % MERKLE_TILE];
	return 0;
}

static int keep_absent(struct verify *v, struct verify_range one)
{
	if (!one.first)
		return 0;
	pthread_mutex_lock(&v->lock);
	int rc = verify_add_range(&v->absent, &v->n_absent, one);
	pthread_mutex_unlock(&v->lock);
	return rc;
}

/* What is not there: lost before it had bytes, or away. */
static int miss_until(struct worker *w, uint64_t first, uint64_t size)
{
	struct verify_range absent = { 0 };
	struct merkle_hash none;
	int rc = 0;
	if (w->tree->size >= size) /* as nearly always: no hash is made for nothing */
		return 0;
	merkle_leaf(NULL, 0, &none);
	while (w->tree->size < size && !rc) {
		const uint64_t seq = first + w->tree->size;
		struct merkle_hash leaf;
		bool away = verify_may_be_away(w->v, seq);
		if (away)
			rc = leaf_of_log(w, seq, &leaf);
		away = away && !rc && !merkle_same(&leaf, &none);
		if (rc == -ERR_NOTFOUND)
			rc = 0;
		if (!away)
			leaf = none;
		w->lost += !away;
		w->away += away;
		if (away && absent.first && absent.last + 1 == seq)
			absent.last = seq;
		else if (away) {
			rc = rc ? rc : keep_absent(w->v, absent);
			absent = (struct verify_range){ .first = seq, .last = seq };
		}
		if (!rc)
			rc = merkle_append(w->tree, &leaf, on_tile, w);
	}
	return rc ? rc : keep_absent(w->v, absent);
}

static int one(struct worker *w, uint64_t first)
{
	size_t n, len;
	const uint8_t *key = kv_iter_key(w->it, &n), *bytes = kv_iter_value(w->it, &len);
	struct merkle_hash leaf;
	uint64_t seq = kv_from_be64(key);
	int rc = miss_until(w, first, seq - first);
	if (rc)
		return rc;
	merkle_leaf(bytes, len, &leaf);
	w->receipts++;
	rc = look_at(w, seq, bytes, len);
	return rc ? rc : merkle_append(w->tree, &leaf, on_tile, w);
}

static int do_chunk(struct worker *w)
{
	struct verify *v = w->v;
	const uint64_t first = w->chunk * VERIFY_CHUNK + 1, last = v->out->last;
	const uint64_t end = first + VERIFY_CHUNK <= last ? first + VERIFY_CHUNK : last + 1;
	uint8_t key[8];
	size_t n;
	int rc = 0;
	w->tree->size = 0;
	kv_be64(key, first);
	/* The first chunk begins where the family does: nothing hides before it. */
	if (w->chunk == 0)
		kv_iter_first(w->it);
	else
		kv_iter_seek(w->it, key, sizeof key);
	for (; !rc && kv_iter_valid(w->it); kv_iter_next(w->it)) {
		const uint8_t *k = kv_iter_key(w->it, &n);
		if (n != 8) {
			verify_fault(v, 0, "a key of %zu bytes stands among the receipts", n);
			continue;
		}
		if (kv_from_be64(k) == 0) {
			verify_fault(v, 0,
				     "a receipt stands under sequence 0, which is never given out: "
				     "it was added");
			continue;
		}
		if (kv_from_be64(k) >= end)
			break;
		rc = one(w, first);
		if (w->receipts % 4096 == 0)
			atomic_fetch_add(&v->done, 4096);
	}
	rc = rc ? rc : kv_iter_error(w->it);
	rc = rc ? rc : miss_until(w, first, end - first);
	if (!rc && end > last)
		rc = compare_part(w);
	if (!rc)
		merkle_root(w->tree, &v->chunk[w->chunk]);
	return rc;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	w->it = kv_scan_new(w->v->db, KV_RECEIPTS);
	w->tree = calloc(1, sizeof *w->tree);
	w->rc = w->it && w->tree ? 0 : err_set(ERR_NOMEM, "no memory to read receipts");
	while (!w->rc && (w->chunk = atomic_fetch_add(w->next, 1)) < chunks(w->v))
		w->rc = do_chunk(w);
	if (w->rc)
		snprintf(w->why, sizeof w->why, "%s", err_text());
	kv_iter_free(w->it);
	free(w->tree);
	return NULL;
}

/* ---- all of them */

static void gather(struct verify *v, const struct worker *w)
{
	v->out->receipts += w->receipts;
	v->out->lost += w->lost;
	v->out->away += w->away;
	v->out->tiles += w->tiles;
	v->parts += w->parts;
	for (int i = 0; i < verify_side_max; i++) {
		v->told.n[i] += w->told.n[i];
		v->told.sum[i] += w->told.sum[i];
	}
}

static void show(struct verify *v)
{
	if (v->o->progress)
		v->o->progress(v->o->arg, "receipts", atomic_load(&v->done), v->out->last);
}

static int run_all(struct verify *v, struct worker *w, unsigned jobs)
{
	_Atomic uint64_t next = 0;
	unsigned started = 0;
	int rc = 0;
	for (; started < jobs; started++) {
		w[started] = (struct worker){ .v = v, .next = &next };
		if (pthread_create(&w[started].thread, NULL, run, &w[started]))
			break;
	}
	if (!started)
		return err_set(ERR_NOMEM, "no thread can be started");
	for (unsigned i = 0; i < started; i++) {
		struct timespec at;
		do {
			show(v);
			clock_gettime(CLOCK_REALTIME, &at);
			at.tv_nsec += PROGRESS_NS;
			at.tv_sec += at.tv_nsec / SECOND_NS;
			at.tv_nsec %= SECOND_NS;
		} while (pthread_timedjoin_np(w[i].thread, NULL, &at));
		gather(v, &w[i]);
		if (w[i].rc && !rc)
			rc = err_set((enum err) - w[i].rc, "%s", w[i].why);
	}
	show(v);
	return rc;
}

int verify_receipts(struct verify *v)
{
	const unsigned jobs = v->o->jobs ? v->o->jobs : 1;
	struct worker *w = calloc(jobs, sizeof *w);
	struct timespec from, to;
	v->chunk = calloc(chunks(v) + 1, sizeof *v->chunk);
	clock_gettime(CLOCK_MONOTONIC, &from);
	int rc = w && v->chunk ? run_all(v, w, jobs)
			       : err_set(ERR_NOMEM, "no memory to read receipts");
	clock_gettime(CLOCK_MONOTONIC, &to);
	v->out->receipts_s =
		(double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
	free(w);
	return rc;
}

/* ---- what stands above the chunks */

/* From level 2 on, from the roots of the chunks: one thread's work in no time. */
static int upper_tiles(struct verify *v)
{
	struct worker w = { .v = v };
	const uint64_t whole = v->out->last / VERIFY_CHUNK;
	struct merkle_hash tile[MERKLE_TILE];
	int rc = 0;
	uint64_t n = whole;
	/* Roots of one level become those of the next, in place. */
	for (unsigned level = 2; n >= MERKLE_TILE && !rc; level++, n /= MERKLE_TILE)
		for (uint64_t i = 0; i < n / MERKLE_TILE && !rc; i++) {
			memcpy(tile, &v->chunk[i * MERKLE_TILE], sizeof tile);
			rc = compare_tile(&w, level, i, tile);
			merkle_perfect(tile, MERKLE_TILE, &v->chunk[i]);
		}
	v->out->tiles += w.tiles;
	return rc;
}

int verify_tiles(struct verify *v)
{
	int rc = upper_tiles(v);
	uint64_t there = 0;
	struct kv_iter *it = rc ? NULL : kv_iter_new(v->db, KV_TILES);
	if (!rc && !it)
		rc = err_set(ERR_NOMEM, "no memory to read the log's tiles");
	if (rc)
		return rc;
	for (kv_iter_first(it); kv_iter_valid(it); kv_iter_next(it))
		there++;
	rc = kv_iter_error(it);
	kv_iter_free(it);
	if (!rc && there > v->out->tiles + v->parts)
		verify_fault(
			v, 0,
			"the log has %" PRIu64
			" tiles more than its receipts make: receipts were cut off, or tiles added",
			there - v->out->tiles - v->parts);
	return rc;
}
