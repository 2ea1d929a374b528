/* tape - the port to whatever keeps market data: the engine says each event as the adapter told it, before anybody judged it.
 *
 * put copies and returns at once; what cannot be kept is counted and leaves a PACK_HOLE in the recording, and trading goes on. Engine's thread. */
#pragma once
#include "core/market/pack.h"
#include <stdbool.h>

#define TAPE_DIGEST 32 /* bytes: SHA-256 */

/* A block that is kept, and has not had its receipt yet. */
struct tape_block {
	uint16_t venue; /* the configuration's index */
	int64_t first_ns, last_ns;
	uint64_t events, bytes;
	uint64_t lost; /* events that the recording missed and that this block tells of */
	uint8_t digest[TAPE_DIGEST]; /* of its bytes */
};

struct tape;
struct tape_ops {
	/* venue: the configuration's index; ev->instrument: the configuration's index of the instrument, or UINT32_MAX. 0; -ERR_FULL: not kept. */
	int (*put)(struct tape *t, uint16_t venue, const struct pack_event *ev);
	/* Ten times a second: blocks that are a second old are handed on, so that a reader sees them. */
	void (*on_time)(struct tape *t, int64_t utc_ns);
	/* The next block that is kept and wants its BLOCK receipt; each is told once. Called after on_time until false. */
	bool (*next_block)(struct tape *t, struct tape_block *out);
	/* The end: what is open is handed on, and kept when this returns; next_block then tells of the last blocks, put keeps nothing more. Waits for
	 * the disk. -ERR_IO: not everything could be kept. */
	int (*finish)(struct tape *t);
	uint64_t (*lost)(const struct tape *t); /* events, since the start */
};
struct tape {
	const struct tape_ops *ops;
};
