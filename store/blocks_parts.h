/* blocks_parts - what the reading of recordings is made of: one recording of one venue, and how blocks are named. Not for others.
 *
 * blocks.c merges, blocks_stream.c reads one recording, blocks_verify.c holds blocks against receipts. */
#pragma once
#include "core/base/map.h"
#include "store/blocks.h"
#include "store/keep.h"
#include "store/kv.h"

/* One recording of one venue, a block at a time. */
struct stream {
	struct keep_key first; /* key of its first block */
	uint16_t venue;
	int64_t last_ns;    /* line_ns of its last event, or later than it */
	struct kv_iter *it; /* NULL: not being read */
	struct pack_reader reader;
	void *memory;
	struct keep_key at;
	int64_t line_ns;
	bool over, ready; /* ready: ev is the next event */
	struct pack_event ev;
	uint32_t index_of[PACK_INSTRUMENTS]; /* blocks_instrument, by the block's own list */
};

struct blocks {
	struct kv_db *db;
	bool own_db;
	int64_t from_ns, to_ns;
	char (*venue)[32];
	uint16_t n_venues;
	struct blocks_instrument *instrument;
	uint32_t n_instruments, cap_instruments;
	struct map by_hash;
	struct stream *stream;	   /* by the time of their first blocks */
	uint32_t n_streams, begun; /* those before `begun` have been opened */
	uint32_t *open, n_open;	   /* being read */
	struct stream *told;	   /* whose event was given out last */
};

/* Adds what was being read to the text of an error. */
int blocks_name_error(int rc, const struct keep_key *k, const char *venue);
/* Reads head and list of the block that the iterator stands on; *k is its key. -ERR_CORRUPT, named. */
int blocks_read_block(struct kv_iter *it, struct keep_key *k, struct pack_reader *r, void *memory);
uint32_t blocks_intern(struct blocks *b, uint16_t venue,
		       const struct pack_instrument *i); /* UINT32_MAX: no memory */

int stream_begin(struct blocks *b, struct stream *s);
/* Makes the next event ready, or says that it is over. */
int stream_next(struct blocks *b, struct stream *s);
void stream_end(struct stream *s);
