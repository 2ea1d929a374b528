/* index - where the receipts of a pair, an order, an instance, a kind or a second are, written by the batch and not by the receipt.
 *
 * A posting block lists the sequences that one batch holds of one thing (first in the key, then the gaps, a byte each mostly); a time entry
 * says which sequences a second of UTC spans. Clocks that step back only make spans overlap: readers check each receipt. Writer's thread
 * for collecting and writing; walks belong to whoever opened them. */
#pragma once
#include "core/trade/fact.h"
#include "store/kv.h"
#include <stdint.h>

enum index_space {
	INDEX_INSTANCE = 'i',
	INDEX_KIND = 'k',
	INDEX_ORDER = 'o',
	INDEX_PAIR = 'p',
	INDEX_TIME = 't'
};

struct index_entry {
	uint64_t id, seq;
	uint8_t space;
};

struct index_batch {
	struct index_entry *entry;
	uint8_t *block; /* room for the longest posting block */
	uint32_t n, facts_max;
	uint64_t second, second_first; /* the time entry that the next batch may lengthen */
};

int index_batch_init(struct index_batch *b, uint32_t facts_max); /* -ERR_NOMEM */
void index_batch_free(struct index_batch *b);
void index_collect(struct index_batch *b,
		   const struct fact *f); /* at most facts_max between two writes */
/* Under which second a receipt is found. */
uint64_t index_second(int64_t utc_ns);
/* Puts what was collected into a batch of the database; collecting starts anew. */
int index_write(struct index_batch *b, struct kv_batch *into, struct kv_db *db);
void index_drop(struct index_batch *b); /* forgets what was collected */

/* The span of sequences that holds everything of [utc_from, utc_to]; lo > hi: there is nothing. */
int index_time_span(struct kv_db *db, int64_t utc_from, int64_t utc_to, uint64_t *lo, uint64_t *hi);

/* The sequences of one thing, rising, from seq_from on. */
struct index_walk {
	struct kv_iter *it;
	uint8_t prefix[9];
	uint64_t from, seq;
	const uint8_t *p, *end; /* what is left of the block */
	uint8_t fresh;		/* the block's first sequence is not yet given out */
};
int index_walk_open(struct index_walk *w, struct kv_db *db, enum index_space space, uint64_t id,
		    uint64_t seq_from);
int index_walk_next(struct index_walk *w,
		    uint64_t *seq); /* 1: one more; 0: no more; -ERR_CORRUPT, -ERR_IO */
void index_walk_close(struct index_walk *w);

/* The sequences of one thing backwards, a block at a time: those of the newest block that begins before `before` (UINT64_MAX: the newest of all),
 * rising, at most cap of them (the newest). *first is where the block begins: the next call's `before`; *n 0: there is none. */
int index_block_before(struct kv_db *db, enum index_space space, uint64_t id, uint64_t before,
		       uint64_t *seq, uint32_t cap, uint32_t *n, uint64_t *first);
