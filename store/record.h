/* record - writes a recording into a store without an engine: an import, a converter, a test's fixture.
 *
 * Each event goes into the block of its venue; a full block goes into the database at once, and its BLOCK receipt into the journal, between a
 * SESSION_OPEN and a SESSION_CLOSE. One thread, the one that owns the store; nothing else appends to its journal meanwhile. Stamps are kept as they are:
 * time may fall. Two recordings of one store stand beside each other and are merged by their times when they are read. */
#pragma once
#include "core/market/pack.h"
#include "core/trade/fact.h"
#include "store/store.h"
#include <stdint.h>

#define RECORD_VENUES	   64
#define RECORD_INSTRUMENTS UINT16_MAX /* of one venue */

struct record;

struct record_totals {
	uint64_t events, blocks, bytes;
	int64_t first_ns, last_ns; /* the least and the greatest at_ns; 0 without events */
};

/* Writes SESSION_OPEN; `what` (may be NULL) is its text: "import of a.csv". -ERR_IO, -ERR_NOMEM. */
int record_open(struct store *s, const char *what, struct record **out);
/* Its index, from 0; -ERR_FULL, -ERR_EXISTS, -ERR_RANGE (a name of 1 to 31 bytes), -ERR_NOMEM. The list is copied; n may be 0. */
int record_venue(struct record *r, const char *name, const struct pack_instrument *i, uint16_t n);
/* One more instrument of a venue, met on the way: its index. Ends the venue's block. -ERR_FULL, -ERR_NOMEM, -ERR_IO. */
int record_instrument(struct record *r, uint16_t venue, const struct pack_instrument *i);
/* Copies; levels need not outlive the call. -ERR_RANGE: an instrument that was not named, more than PACK_LEVELS a side; -ERR_IO: the disk. */
int record_put(struct record *r, uint16_t venue, const struct pack_event *ev);
/* A receipt of the session beside the blocks (FACT_CLOCK of a venue, FACT_LOG ...): times are set where they are 0. Waits for room. -ERR_IO. */
int record_fact(struct record *r, struct fact *f);
uint32_t record_venue_id(const struct record *r,
			 uint16_t venue); /* its durable number, for facts */
void record_totals_of(const struct record *r, uint16_t venue, struct record_totals *out);
/* Ends all blocks, writes SESSION_CLOSE, frees. out may be NULL: the sum over all venues. r is gone in any case. -ERR_IO: not everything is kept. */
int record_close(struct record *r, struct record_totals *out);
