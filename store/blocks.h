/* blocks - reads recorded market data out of a store: all its venues, or one, or a stretch of time, as one line of events.
 *
 * Within a recording of a venue events come as they were recorded; several are merged by time. Where the recorder's clock was set back, the line
 * stands still until its stamps have caught up (line_ns), and at_ns says what was recorded. What is damaged is -ERR_CORRUPT and names the block.
 * Beside a running host or after it; one thread; memory grows with the recordings that overlap in time. Writes nothing into the store. */
#pragma once
#include "core/market/pack.h"
#include "store/store.h"
#include <stdbool.h>
#include <stdint.h>

struct blocks;

/* What is asked for; what is NULL or 0 does not restrict. */
struct blocks_filter {
	const char *venue;
	int64_t from_ns, to_ns; /* of line_ns, both included; to_ns 0: to the end */
};

struct blocks_instrument {
	uint16_t venue; /* index of blocks_venue */
	struct pack_instrument i;
};

struct blocks_event {
	struct pack_event
		ev; /* instrument: index of blocks_instrument, UINT32_MAX: none; levels live until the next call */
	uint16_t venue;	 /* index of blocks_venue */
	int64_t line_ns; /* never falls */
};

/* -ERR_NOTFOUND: no store, nothing is recorded in it, or nothing of that venue (the text lists those that are); -ERR_CORRUPT; -ERR_IO; -ERR_NOMEM. */
int blocks_open(const char *path, const struct blocks_filter *f, struct blocks **out);
/* The same in a store that this process has open; closed before it. */
int blocks_open_in(struct store *s, const struct blocks_filter *f, struct blocks **out);
void blocks_close(struct blocks *b);
/* 1 and the next event; 0: no more as of the opening; -ERR_CORRUPT, -ERR_IO, -ERR_NOMEM. */
int blocks_next(struct blocks *b, struct blocks_event *out);
int blocks_rewind(struct blocks *b); /* back to the first */

/* Venues are known from the start, by name; instruments as they are met: an index once given stands, also after a rewind. Another scale of the same
 * instrument is another index. NULL beyond. */
const char *blocks_venue(const struct blocks *b, uint16_t venue);
const struct blocks_instrument *blocks_instrument(const struct blocks *b, uint32_t instrument);
/* When the first and the last of all that is asked for were recorded, by line_ns; false: there is nothing. */
bool blocks_span(const struct blocks *b, int64_t *first_ns, int64_t *last_ns);

/* Every block of a store against its BLOCK receipt. */
struct blocks_verified {
	uint64_t blocks, events, bytes;
	uint64_t no_receipt; /* blocks of which none tells: a host was killed between the two */
	uint64_t no_block;   /* receipts whose block is not there, or is another */
	/* Where no block went into an archive, neither is there: numbers that are missing before a block that is there, and blocks of which no receipt tells though one
	 * tells of a later block of the same recording. */
	uint64_t gaps, untold_inside;
};
/* Reads all of it. 0, also with no_receipt; -ERR_CORRUPT: a damaged block, one under a key that is not its own, or receipts without theirs; the text
 * names the first. */
int blocks_verify(const char *path, struct blocks_verified *out);
