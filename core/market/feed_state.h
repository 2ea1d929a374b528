/* feed_state - what may be believed of one book: is every change of the venue in it, and does anything bar it from being traded on?
 *
 * One machine for all venues, as two tables. `chain` says whether the book is the venue's: EMPTY, LIVE, GAP (a change is missing), RECOVERING (a repair is arriving and
 * does not join yet). `bars` are what keeps a sound book from being traded on: the venue has halted it, nothing proves it valid any more, it is crossed. A bar outlives
 * a repair: a book that is mended during a halt is HALTED. What is shown is the chain while it is broken, then the worst bar. Plain data, pure. */
#pragma once
#include "core/market/top.h"
#include <stdbool.h>

enum feed_event {
	FEED_EV_PART,  /* changes or a snapshot have come, and do not make a whole book yet */
	FEED_EV_HOLE,  /* a change is missing, or one could not be read */
	FEED_EV_WHOLE, /* nothing is missing any more */
	FEED_EV_DOWN,  /* the session ended */
	FEED_EV_CROSS,
	FEED_EV_UNCROSS,
	FEED_EV_SILENT, /* by the feed's model nothing proves the book valid any more */
	FEED_EV_HEARD,
	FEED_EV_HALT, /* the venue says that trading is not continuous; outlives the session: only RESUME ends it */
	FEED_EV_RESUME,
	feed_event_max
};
const char *feed_event_name(enum feed_event e);

enum feed_bar { BAR_CROSSED = 1, BAR_SILENT = 2, BAR_HALTED = 4, feed_bar_max = 8 };

struct feed_state {
	uint8_t chain; /* enum book_state: EMPTY, LIVE, GAP or RECOVERING */
	uint8_t bars;
};

extern const uint8_t feed_chain_next[book_state_max][feed_event_max];
extern const struct feed_bar_move {
	uint8_t set, clear;
} feed_bar_moves[feed_event_max];
extern const uint8_t feed_shown_by_bars[feed_bar_max];

static inline void feed_state_move(struct feed_state *s, enum feed_event e)
{
	s->chain = feed_chain_next[s->chain][e];
	s->bars = (uint8_t)((s->bars & ~feed_bar_moves[e].clear) | feed_bar_moves[e].set);
}

/* Every change is in it; it may be barred all the same. */
static inline bool feed_state_sound(struct feed_state s)
{
	return s.chain == BOOK_LIVE;
}

/* enum book_state, as risk and receipts see it. */
static inline uint8_t feed_state_shown(struct feed_state s)
{
	return feed_state_sound(s) ? feed_shown_by_bars[s.bars] : s.chain;
}
