#include "core/market/feed_state.h"

/*  EMPTY --part--> RECOVERING --whole--> LIVE       any --down--> EMPTY
 *                      ^                  |  ^
 *                      +---part--- GAP <-hole +--whole-- GAP */
#define STAYS(s)                                                                \
	[FEED_EV_CROSS] = (s), [FEED_EV_UNCROSS] = (s), [FEED_EV_SILENT] = (s), \
	[FEED_EV_HEARD] = (s), [FEED_EV_HALT] = (s), [FEED_EV_RESUME] = (s),    \
	[FEED_EV_DOWN] = BOOK_EMPTY
/* clang-format off */
const uint8_t feed_chain_next[book_state_max][feed_event_max] = {
	[BOOK_EMPTY] = {[FEED_EV_PART] = BOOK_RECOVERING, [FEED_EV_HOLE] = BOOK_EMPTY, [FEED_EV_WHOLE] = BOOK_LIVE, STAYS(BOOK_EMPTY)},
	[BOOK_LIVE] = {[FEED_EV_PART] = BOOK_RECOVERING, [FEED_EV_HOLE] = BOOK_GAP, [FEED_EV_WHOLE] = BOOK_LIVE, STAYS(BOOK_LIVE)},
	[BOOK_GAP] = {[FEED_EV_PART] = BOOK_RECOVERING, [FEED_EV_HOLE] = BOOK_GAP, [FEED_EV_WHOLE] = BOOK_LIVE, STAYS(BOOK_GAP)},
	[BOOK_RECOVERING] = {[FEED_EV_PART] = BOOK_RECOVERING, [FEED_EV_HOLE] = BOOK_RECOVERING, [FEED_EV_WHOLE] = BOOK_LIVE, STAYS(BOOK_RECOVERING)},
	/* STALE, HALTED and CROSSED are shown, never a chain. */
};

const struct feed_bar_move feed_bar_moves[feed_event_max] = {
	[FEED_EV_CROSS] = {BAR_CROSSED, 0},
	[FEED_EV_UNCROSS] = {0, BAR_CROSSED},
	[FEED_EV_SILENT] = {BAR_SILENT, 0},
	[FEED_EV_HEARD] = {0, BAR_SILENT},
	[FEED_EV_HALT] = {BAR_HALTED, 0},
	[FEED_EV_RESUME] = {0, BAR_HALTED},
	[FEED_EV_DOWN] = {0, BAR_CROSSED | BAR_SILENT},
};

const uint8_t feed_shown_by_bars[feed_bar_max] = {
	[0] = BOOK_LIVE,
	[BAR_CROSSED] = BOOK_CROSSED,
	[BAR_SILENT] = BOOK_STALE,
	[BAR_SILENT | BAR_CROSSED] = BOOK_STALE,
	[BAR_HALTED] = BOOK_HALTED,
	[BAR_HALTED | BAR_CROSSED] = BOOK_HALTED,
	[BAR_HALTED | BAR_SILENT] = BOOK_HALTED,
	[BAR_HALTED | BAR_SILENT | BAR_CROSSED] = BOOK_HALTED,
};
/* clang-format on */

static const char *const event_name[] = { "part",    "hole",   "whole", "down", "cross",
					  "uncross", "silent", "heard", "halt", "resume" };
_Static_assert(sizeof event_name / sizeof *event_name == feed_event_max,
	       "a name for every event of a feed");

const char *feed_event_name(enum feed_event e)
{
	return e < feed_event_max ? event_name[e] : "?";
}
