/* tape - keeps what the engine hears of markets in the store while it trades: the port tape of core/market/tape.h on a running store.
 *
 * The engine's thread packs events into blocks that lie ready, 8 a venue of 256 KiB; a thread of its own hashes full and old ones and puts them into the
 * database, beside the writer of receipts and never in its way. When the disk does not keep up and no block is free, events are counted, the recording
 * says with a PACK_HOLE how many are missing, and trading goes on. A process that is killed loses what lay in blocks that were open or on their way: at most
 * about a second of a quiet market, or 8 blocks of one that outran the disk. */
#pragma once
#include "core/market/tape.h"
#include "store/store.h"
#include <stdbool.h>
#include <stdint.h>

#define TAPE_BLOCKS 8 /* of a venue that is recorded */
#define TAPE_UNTOLD \
	1024 /* kept blocks whose receipts nobody has asked for; more are not freed, and then events are lost */
#define TAPE_VENUES   64
#define TAPE_BLOCK_NS 1000000000

struct tape_venue {
	const char *name; /* 1 to 31 bytes */
	bool record;
};

/* Begins a recording. venue: by the configuration's index; instrument: the same, for all venues, fewer than 65,535; both are copied. Before the engine runs;
 * it lives until store_close, which ends it (and writes the receipts that nobody asked for). One a store. -ERR_RANGE, -ERR_NOMEM, -ERR_IO, -ERR_FULL. */
int store_tape(struct store *s, const struct tape_venue *venue, uint16_t n_venues,
	       const struct pack_instrument *instrument, uint32_t n_instruments, struct tape **out);
