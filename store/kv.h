/* kv - the ordered database under the store: named families of keys, batches that are all or nothing, walks in key order.
 *
 * The only module that knows RocksDB. One process opens it to write, any number of others look on as secondaries while it runs or after it
 * died. Every call may come from any thread; an iterator belongs to one thread, must be gone before kv_close, and makes kv_reopen wait. A written
 * batch survives the death of the process; the loss of power only after a synced write or kv_sync. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kv_family {
	KV_DEFAULT,  /* unused; the database insists on it */
	KV_RECEIPTS, /* sequence -> receipt */
	KV_INDEX, /* where to find the receipts of a second, a pair, an order, an instance, a kind */
	KV_NAMES,  /* durable numbers -> names */
	KV_STATE,  /* small values: identity, checkpoint, what the port kv keeps */
	KV_BLOCKS, /* recorded market data */
	KV_TILES,  /* hashes of the log over the receipts (merkle.h) */
	KV_INPUTS, /* what the engine heard */
	kv_family_max
};

/* Its values are blocks that a receipt tells of with their digests, and go where that receipt goes. */
static inline bool kv_is_blocks(enum kv_family f)
{
	return f == KV_BLOCKS || f == KV_INPUTS;
}

struct kv_db;
struct kv_batch;
struct kv_iter;

/* Opens, or makes, the database in a folder. -ERR_BUSY: another process has it; -ERR_CORRUPT; -ERR_IO.
 * *torn (may be NULL): the newest log did not end in a whole record, as a killed writer or a bad disk leaves it; what followed is not there. */
int kv_open(const char *folder, struct kv_db **out, bool *torn);
/* Looks on; never writes there. Needs a folder of its own for the time, in $TMPDIR or /tmp. -ERR_NOTFOUND: there is no database. */
int kv_open_secondary(const char *folder, struct kv_db **out);
/* The same of a database that is damaged: its log up to the last whole record. For who explains what is missing. */
int kv_open_what_is_left(const char *folder, struct kv_db **out);
/* A database that is written once and kept: packed as tightly as the others' blocks of market data. */
int kv_open_packed(const char *folder, struct kv_db **out);
/* Makes of the files that can still be read a database that opens; what cannot is put into its folder `lost`. Nobody has it open. -ERR_IO, -ERR_CORRUPT. */
int kv_repair(const char *folder);
const char *kv_family_name(enum kv_family f);
int kv_catch_up(struct kv_db *db); /* secondary: sees what has been written since */
void kv_close(struct kv_db *db);
/* After an I/O error: closes and opens again, so that everything is read back and written anew instead of trusting what a failed sync left. */
int kv_reopen(struct kv_db *db);

/* Copies at most cap bytes of the value; *len is its whole length. -ERR_NOTFOUND. */
int kv_get(struct kv_db *db, enum kv_family f, const void *key, size_t n, void *buf, size_t cap,
	   size_t *len);
int kv_put(struct kv_db *db, enum kv_family f, const void *key, size_t n, const void *value,
	   size_t len, bool sync);

struct kv_batch *kv_batch_new(void);
void kv_batch_free(struct kv_batch *b);
void kv_batch_clear(struct kv_batch *b);
int kv_batch_put(struct kv_batch *b, struct kv_db *db, enum kv_family f, const void *key, size_t n,
		 const void *value, size_t len);
/* All keys from `from` on that stand before `to`. */
int kv_batch_erase(struct kv_batch *b, struct kv_db *db, enum kv_family f, const void *from,
		   size_t n_from, const void *to, size_t n_to);
int kv_write(struct kv_db *db, struct kv_batch *b, bool sync);
int kv_sync(struct kv_db *db);	/* the log, down to the disk */
int kv_flush(struct kv_db *db); /* everything into sorted files: the log is empty afterwards */
int kv_compact(struct kv_db *db, enum kv_family f); /* gives back the room of what was erased */
/* Errors of background work so far; 0 when all is well. */
uint64_t kv_background_errors(struct kv_db *db);

struct kv_iter *kv_iter_new(
	struct kv_db *db,
	enum kv_family f); /* NULL: no memory, or the database is shut after an error */
/* The same for a walk over very many keys. */
struct kv_iter *kv_scan_new(struct kv_db *db, enum kv_family f);
void kv_iter_free(struct kv_iter *it);
void kv_iter_seek(struct kv_iter *it, const void *key, size_t n);      /* first key >= */
void kv_iter_seek_back(struct kv_iter *it, const void *key, size_t n); /* last key <= */
void kv_iter_first(struct kv_iter *it);
void kv_iter_last(struct kv_iter *it);
void kv_iter_next(struct kv_iter *it);
void kv_iter_prev(struct kv_iter *it);
bool kv_iter_valid(const struct kv_iter *it);
const uint8_t *kv_iter_key(const struct kv_iter *it, size_t *n);
const uint8_t *kv_iter_value(const struct kv_iter *it, size_t *n);
int kv_iter_error(const struct kv_iter *it); /* why it ended: 0 at the end of the keys */

/* Keys sort as the numbers do when they are written high byte first. */
static inline void kv_be64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}
static inline uint64_t kv_from_be64(const uint8_t *p)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}
