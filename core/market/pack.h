/* pack - market events as bytes, small and fast: what a feed said, in the order in which it was said, to be kept for years and read at a million events a second.
 *
 * A block holds events of one venue and explains itself: it names the venue, the instruments that occur and their scales. Numbers are differences to the event before, 7 bits a
 * byte. What goes in comes out: prices, quantities, numbers, stamps and arrival to the nanosecond. A writer fills memory that the caller gives it; a reader
 * trusts nothing it reads. Codec only: no I/O, no clock, no allocation. Format: store/FORMAT.md. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACK_BLOCK_BYTES (256u << 10) /* a block is ended before it would grow beyond */
#define PACK_INSTRUMENTS 1024	      /* that occur in one block; a venue may have more */
#define PACK_LEVELS	 6000	      /* a side of one event */
#define PACK_DP_MOST	 18

enum pack_kind {
	PACK_QUOTE,
	PACK_DEPTH,
	PACK_SNAPSHOT, /* depth: a whole book */
	PACK_TRADE,
	PACK_ALIVE, /* a sign of life without data */
	PACK_DOWN,  /* the line broke: no book of the venue is known */
	PACK_CLOCK, /* a request and its answer: clock[] = sent, venue received, venue sent, received */
	PACK_BAD,  /* a message that could not be read: instrument as venue.h's on_bad has it */
	PACK_HOLE, /* here the recording itself missed `lost` events */
	pack_kind_max
};

struct pack_event {
	uint8_t kind;
	uint32_t instrument; /* index into the block's list; UINT32_MAX where none is meant */
	int64_t at_ns;	     /* arrival, UTC by the recorder's clock */
	union {
		struct quote quote; /* recv_ns == at_ns on reading */
		struct depth depth;
		struct market_trade trade;
		int64_t clock[4];
		uint64_t lost;
	};
};

struct pack_instrument {
	char name[48], symbol[32];
	uint8_t px_dp, qty_dp; /* at most PACK_DP_MOST */
};

struct pack_head {
	char venue[32];
	uint32_t n_events;
	int64_t first_ns, last_ns; /* the least and the greatest at_ns: it may fall in between */
	int64_t utc_minus_mono_ns; /* of the recorder; 0: its stamps are UTC from the start */
	uint16_t n_instruments;	   /* that occur */
};

struct pack_writer {
	uint8_t *at, *from, *end; /* next byte; the block; where events have to end */
	struct pack_head head;
	int64_t last_at_ns, last_venue_ns;
	uint32_t last_local;
	const struct pack_instrument *instrument; /* the caller's list */
	uint16_t n;
	/* In the caller's memory: what differences count from, by order of first use; then that order, both ways. */
	struct pack_last *last;
	uint16_t *local_of, *listed;
};

struct pack_reader {
	const uint8_t *at, *end;
	struct pack_head head;
	const struct pack_instrument *instrument; /* the reader's own table: those that occur */
	struct pack_reader_memory *mem;
};

/* Bytes of memory that the caller provides, aligned to 64: a writer's for a list of n instruments, and a reader's. */
size_t pack_writer_memory(uint16_t n_instruments);
size_t pack_reader_memory(void);
/* Begins a block in buf (cap >= PACK_BLOCK_BYTES). The list and the memory stay the writer's until pack_end. */
void pack_begin(struct pack_writer *w, void *memory, uint8_t *buf, size_t cap, const char *venue,
		const struct pack_instrument *i, uint16_t n, int64_t utc_minus_mono_ns);
/* 0; -ERR_FULL, without a text: it does not fit, end this block and begin another; an empty block takes every event. -ERR_RANGE, without a text: an
 * instrument beyond the list (UINT32_MAX is none), more than PACK_LEVELS a side, no such kind. */
int pack_put(struct pack_writer *w, const struct pack_event *ev);
/* Completes head, list and checksum; the block is buf[0 .. returned). 0 when nothing was put. May run in another thread than pack_put did. */
size_t pack_end(struct pack_writer *w);
/* -ERR_CORRUPT in words: bytes that no writer wrote. The block stays where it is for as long as it is read. */
int pack_open(struct pack_reader *r, void *memory, const uint8_t *p, size_t n);
/* 1 and the event (levels live until the next call; instrument: index into r->instrument); 0 at the end; -ERR_CORRUPT. */
int pack_next(struct pack_reader *r, struct pack_event *ev);
/* "quote", "depth" ...; "?" for what is none. */
const char *pack_kind_name(enum pack_kind k);
