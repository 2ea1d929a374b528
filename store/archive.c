#include "store/archive.h"
#include "core/base/err.h"
#include "store/away.h"
#include "store/index.h"
#include "store/keep.h"
#include "store/place.h"
#include "store/receipt.h"
#include "store/seal.h"
#include "store/store_parts.h"
#include "store/writer.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES  (1u << 20)
#define BATCH_BYTES (4u << 20)
#define BATCH_FACTS 1024
#define VALUE_MAX   (1u << 20)
#define SYNC_TRIES  100000 /* of 100 us */

struct mover {
	struct store *store;
	struct kv_db *db, *copy;
	struct kv_batch *batch;
	struct index_batch index;
	struct away away;
	uint8_t *value;
	size_t bytes;
	uint32_t facts;
	struct archive_done *done;
};

static int flush(struct mover *m)
{
	int rc = index_write(&m->index, m->batch, m->db);
	if (!rc)
		rc = kv_write(m->db, m->batch, true);
	kv_batch_clear(m->batch);
	m->bytes = 0;
	m->facts = 0;
	return rc;
}

static int wait_synced(struct store *s, uint64_t seq)
{
	struct journal *j = store_journal(s);
	const char *why = "the disk does not answer";
	for (int i = 0; i < SYNC_TRIES; i++) {
		if (j->ops->synced(j) >= seq)
			return 0;
		if (j->ops->trouble(j, &why))
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
	return err_set(ERR_IO, "the receipt of the archive could not be written: %s", why);
}

/* On the disk when it returns. */
static int tell(struct mover *m, int64_t how)
{
	const struct copy_page *p = &m->done->page;
	struct fact f;
	char hex[DIGEST_HEX];
	fact_init(&f, FACT_ARCHIVE);
	f.num[0] = (int64_t)p->first;
	f.num[1] = (int64_t)p->last;
	f.num[2] = (int64_t)p->receipts;
	f.num[3] = (int64_t)p->blocks;
	f.num[4] = (int64_t)p->bytes;
	f.num[5] = how;
	digest_hex(p->digest, DIGEST_LEN, hex);
	fact_text(&f, "%s", hex);
	int rc = keep_append(m->store, &f);
	m->done->seq = f.seq;
	return rc ? rc : wait_synced(m->store, f.seq);
}

/* ---------------------------------------------------------------- what both do first */

static int same_store(struct mover *m)
{
	uint8_t id[RING_FILE_ID];
	size_t len;
	int rc = kv_get(m->db, KV_STATE, "s/id", 4, id, sizeof id, &len);
	if (!rc && memcmp(id, m->done->page.id, sizeof id) != 0)
		rc = err_set(ERR_STATE, "it is an archive of another store");
	return rc;
}

static int open_store(struct mover *m, const char *store)
{
	int rc = store_open(
		&(struct store_options){ .path = store, .ring_bytes = RING_BYTES, .power = true },
		&m->store);
	m->db = rc ? NULL : store_db(m->store);
	return rc;
}

static int start(struct mover *m, const char *store, const char *copy)
{
	char path[PLACE_PATH];
	int rc = copy_check(copy, &m->done->page);
	if (!rc)
		rc = place_in(path, copy, "db");
	if (!rc)
		rc = kv_open_secondary(path, &m->copy);
	if (!rc)
		rc = open_store(m, store);
	if (rc)
		return rc;
	m->batch = kv_batch_new();
	m->value = malloc(VALUE_MAX);
	rc = index_batch_init(&m->index, BATCH_FACTS);
	if (!rc && (!m->batch || !m->value))
		rc = err_set(ERR_NOMEM, "no memory for an archive");
	if (!rc)
		rc = same_store(m);
	return rc ? rc : away_load(&m->away, m->db);
}

static int finish(struct mover *m, int rc)
{
	kv_batch_free(m->batch);
	index_batch_free(&m->index);
	away_free(&m->away);
	free(m->value);
	kv_close(m->copy);
	if (m->store) {
		int closed = store_close(m->store);
		rc = rc ? rc : closed;
	}
	return rc;
}

/* Calls fn with every key of a family of the copy. */
static int each(struct mover *m, enum kv_family f,
		int (*fn)(struct mover *m, enum kv_family f, const uint8_t *k, size_t n,
			  const uint8_t *v, size_t len))
{
	struct kv_iter *it = kv_iter_new(m->copy, f);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the archive");
	int rc = 0;
	for (kv_iter_first(it); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &len);
		rc = fn(m, f, k, n, v, len);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

/* 1: the store has it, and the same; 0: it has it not. */
static int has(struct mover *m, enum kv_family f, const uint8_t *k, size_t n, const uint8_t *v,
	       size_t len)
{
	size_t got;
	int rc = kv_get(m->db, f, k, n, m->value, VALUE_MAX, &got);
	if (rc == -ERR_NOTFOUND)
		return 0;
	if (rc)
		return rc;
	if (got == len && memcmp(m->value, v, len) == 0)
		return 1;
	if (f == KV_RECEIPTS)
		return err_set(ERR_CORRUPT,
			       "receipt %" PRIu64 " of the archive is not the same in the store",
			       kv_from_be64(k));
	return err_set(ERR_CORRUPT, "a block of the archive is not the same in the store");
}

/* ---------------------------------------------------------------- away */

static int must_have(struct mover *m, enum kv_family f, const uint8_t *k, size_t n,
		     const uint8_t *v, size_t len)
{
	int rc = has(m, f, k, n, v, len);
	if (rc < 0)
		return rc;
	m->done->receipts += f == KV_RECEIPTS && rc;
	m->done->blocks += f == KV_BLOCKS && rc;
	return rc ? 0
		  : err_set(ERR_STATE,
			    "the store does not have what the archive holds: it was taken out before");
}

/* A restart reads from the last checkpoint on; that and what follows stays. */
static int not_needed(struct mover *m)
{
	const struct copy_page *p = &m->done->page;
	uint8_t begin[8];
	size_t len;
	int rc = kv_get(m->db, KV_STATE, WRITER_CHECKPOINT, strlen(WRITER_CHECKPOINT), begin,
			sizeof begin, &len);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	uint64_t from = rc ? 1 : kv_from_be64(begin);
	if (p->receipts && p->last >= from)
		return err_set(ERR_STATE,
			       "the archive reaches to receipt %" PRIu64
			       ", and a restart reads from receipt %" PRIu64
			       " on: archive up to an earlier day",
			       p->last, from);
	return 0;
}

static int all_of_the_span(struct mover *m)
{
	const struct copy_page *p = &m->done->page;
	uint8_t key[8];
	uint64_t n = 0;
	struct kv_iter *it = kv_iter_new(m->db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the store");
	kv_be64(key, p->first);
	for (kv_iter_seek(it, key, sizeof key); kv_iter_valid(it); kv_iter_next(it), n++) {
		size_t len;
		if (kv_from_be64(kv_iter_key(it, &len)) > p->last)
			break;
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc		  ? rc
	       : n == p->receipts ? 0
				  : err_set(ERR_CORRUPT,
					    "the store has %" PRIu64 " receipts from %" PRIu64
					    " to %" PRIu64 ", the archive %" PRIu64,
					    n, p->first, p->last, p->receipts);
}

static int erase_one(struct mover *m, enum kv_family f, const uint8_t *k, size_t n,
		     const uint8_t *v, size_t len)
{
	uint8_t after[KEEP_KEY + 1] = { 0 };
	(void)v, (void)len;
	if (n > KEEP_KEY)
		return err_set(ERR_CORRUPT, "a block has a key of %zu bytes", n);
	memcpy(after, k, n);
	return kv_batch_erase(m->batch, m->db, f, k, n, after, n + 1);
}

/* In one batch with the mark that says so: never one without the other. */
static int take_out(struct mover *m)
{
	const struct copy_page *p = &m->done->page;
	uint8_t first[8], after[8], mark[AWAY_KEY], last[8];
	kv_be64(first, p->first);
	kv_be64(after, p->last + 1);
	kv_be64(last, p->last);
	away_key(mark, p->first);
	int rc = seal_keep_leaves(m->db, m->db, m->batch, p->last);
	if (!rc)
		rc = kv_batch_erase(m->batch, m->db, KV_RECEIPTS, first, 8, after, 8);
	if (!rc)
		rc = kv_batch_put(m->batch, m->db, KV_STATE, mark, sizeof mark, last, sizeof last);
	if (!rc)
		rc = each(m, KV_BLOCKS, erase_one);
	if (!rc)
		rc = each(m, KV_INPUTS, erase_one);
	if (!rc)
		rc = flush(m);
	if (!rc)
		rc = kv_flush(m->db);
	if (!rc)
		rc = kv_compact(m->db, KV_RECEIPTS);
	if (!rc)
		rc = kv_compact(m->db, KV_BLOCKS);
	return rc ? rc : kv_compact(m->db, KV_INPUTS);
}

int archive_put_away(const char *store, const char *copy, struct archive_done *out)
{
	struct mover m = { .done = out };
	*out = (struct archive_done){ 0 };
	int rc = start(&m, store, copy);
	if (!rc && !out->page.receipts)
		rc = err_set(ERR_STATE, "it holds no receipts");
	if (!rc)
		rc = not_needed(&m);
	if (!rc)
		rc = each(&m, KV_RECEIPTS, must_have);
	if (!rc)
		rc = all_of_the_span(&m);
	if (!rc)
		rc = each(&m, KV_BLOCKS, must_have);
	if (!rc)
		rc = each(&m, KV_INPUTS, must_have);
	if (!rc)
		rc = tell(&m, 0);
	if (!rc)
		rc = take_out(&m);
	return err_ctx(finish(&m, rc), "%s out of %s", copy, store);
}

/* ---------------------------------------------------------------- and back */

/* The index of what was put away is still there; what was lost otherwise gets it again. */
static int index_again(struct mover *m, uint64_t seq, const uint8_t *v, size_t len)
{
	struct fact f;
	if (away_has(&m->away, seq))
		return 0;
	int rc = receipt_decode(v, len, &f);
	if (rc)
		return rc;
	index_collect(&m->index, &f);
	m->facts++;
	return 0;
}

static int put_back(struct mover *m, enum kv_family f, const uint8_t *k, size_t n, const uint8_t *v,
		    size_t len)
{
	int rc = has(m, f, k, n, v, len);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = f == KV_RECEIPTS ? index_again(m, kv_from_be64(k), v, len) : 0;
	if (!rc)
		rc = kv_batch_put(m->batch, m->db, f, k, n, v, len);
	m->done->receipts += f == KV_RECEIPTS;
	m->done->blocks += f == KV_BLOCKS;
	m->bytes += n + len;
	return rc ? rc : m->bytes > BATCH_BYTES || m->facts == BATCH_FACTS ? flush(m) : 0;
}

static int no_longer_away(struct mover *m)
{
	const struct copy_page *p = &m->done->page;
	int rc = 0;
	for (uint32_t i = 0; i < m->away.n && !rc; i++) {
		const struct away_span *s = &m->away.span[i];
		uint8_t key[AWAY_KEY], after[AWAY_KEY + 1] = { 0 };
		if (s->first < p->first || s->last > p->last)
			continue;
		away_key(key, s->first);
		memcpy(after, key, sizeof key);
		rc = kv_batch_erase(m->batch, m->db, KV_STATE, key, sizeof key, after,
				    sizeof after);
	}
	return rc ? rc : flush(m);
}

static int make_new(const char *copy, const char *store, struct archive_done *out)
{
	struct copy_page made;
	int rc = copy_check(copy, &out->page);
	if (!rc)
		rc = copy_make(copy, store, COPY_BACKUP, &(struct copy_span){ 0 }, &made);
	if (!rc && memcmp(made.digest, out->page.digest, DIGEST_LEN) != 0)
		rc = err_set(ERR_IO, "%s came out otherwise than %s", store, copy);
	out->receipts = out->page.receipts;
	out->blocks = out->page.blocks;
	return rc;
}

/* A log that was sealed while they were missing is made again, by nobody else meanwhile; what was signed over it is set aside. */
static int log_again(struct mover *m, const char *store)
{
	const struct copy_page *p = &m->done->page;
	char path[PLACE_PATH];
	struct kv_db *db;
	int rc = store_close(m->store);
	m->store = NULL;
	m->db = NULL;
	if (!rc)
		rc = place_in(path, store, "db");
	if (!rc)
		rc = kv_open(path, &db, NULL);
	if (rc)
		return rc;
	rc = seal_mend(db, p->first, p->last);
	if (rc == 0)
		rc = seal_look(db);
	if (rc > 0 || rc == -ERR_CORRUPT)
		rc = seal_set_aside(db);
	kv_close(db);
	return rc ? rc : open_store(m, store);
}

int archive_restore(const char *copy, const char *store, struct archive_done *out)
{
	struct mover m = { .done = out };
	*out = (struct archive_done){ 0 };
	if (access(store, F_OK) != 0)
		return make_new(copy, store, out);
	int rc = start(&m, store, copy);
	if (!rc)
		rc = each(&m, KV_BLOCKS, put_back);
	if (!rc)
		rc = each(&m, KV_INPUTS, put_back);
	if (!rc)
		rc = each(&m, KV_RECEIPTS, put_back);
	if (!rc)
		rc = flush(&m);
	if (!rc)
		rc = no_longer_away(&m);
	if (!rc && out->receipts)
		rc = log_again(&m, store);
	if (!rc)
		rc = tell(&m, 1);
	return err_ctx(finish(&m, rc), "%s into %s", copy, store);
}
