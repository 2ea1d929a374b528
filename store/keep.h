/* keep - puts finished blocks of market data into the database: their keys, their order, and what their receipts say.
 *
 * A recording is what one writer writes from its opening to its end; the store numbers them from 1. Within a recording the blocks of a venue lie in the order of
 * writing, found by time. Each block is there whole or not at all. keep_open and keep_venue: the thread that owns the store; keep_block: any one. */
#pragma once
#include "core/market/tape.h"
#include "core/trade/fact.h"
#include "store/kv.h"
#include "store/store.h"
#include <stdint.h>

#define KEEP_KEY       24
#define KEEP_RECORDING "s/recording" /* in the state: the newest recording's number, 8 bytes high first */

/* Where a block lies. */
struct keep_key {
	uint32_t venue; /* durable number */
	uint32_t recording;
	int64_t line_ns; /* never falls within a recording of a venue; no event of the block stands before it */
	uint64_t number; /* from 0 */
};

void keep_key_write(const struct keep_key *k, uint8_t out[KEEP_KEY]);
bool keep_key_read(struct keep_key *k, const uint8_t *p, size_t n); /* false: it is none */

/* The number of a new recording. -ERR_IO. */
int keep_open(struct store *s, uint32_t *recording);
/* The durable number of a venue; a new one is told in the journal. -ERR_RANGE, -ERR_FULL (of the journal). */
int keep_venue(struct store *s, const char *name, uint32_t *id);
/* Stores a block under *key and moves key on to the next; `out` gets what its receipt says, but for the venue. -ERR_IO. */
int keep_block(struct kv_db *db, struct keep_key *key, const uint8_t *p, size_t n,
	       const struct pack_head *h, struct tape_block *out);
void keep_fact(struct fact *f, const struct tape_block *b, uint32_t venue_id);
/* Appends a fact that no engine writes: times are set where they are 0; waits for room. -ERR_IO: the journal does not get on. */
int keep_append(struct store *s, struct fact *f);
