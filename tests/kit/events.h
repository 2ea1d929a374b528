/* events - made-up market data for tests of recordings: what a busy venue says, or the worst that 64 bits allow.
 *
 * The same seed makes the same events; levels live in the maker until the next. One owner. */
#pragma once
#include "core/base/rng.h"
#include "core/market/pack.h"

#define EVENTS_LEVELS 40 /* a side, of an event that is not wild */

struct events {
	struct rng rng;
	uint16_t instruments;
	bool wild; /* extremes of everything, time that falls, deep and empty sides */
	int64_t at_ns, px, seq;
	struct level level[side_max][PACK_LEVELS];
};

void events_init(struct events *e, uint64_t seed, uint16_t instruments, bool wild);
void events_next(struct events *e, struct pack_event *out);
/* All that a recording keeps is the same; recv_ns of what was read is its at_ns. */
bool events_same(const struct pack_event *a, const struct pack_event *b);
