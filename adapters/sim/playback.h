/* playback - a market from a store's recording: packed events in the order of their time, for a simulated venue to say again in its own words.
 *
 * Where the events come from stands behind a small port, since nothing here knows a store. The first snapshot of an instrument is moved ahead of its first
 * event, as with recorded frames: books start from it. An instrument of which only best prices were recorded gets a book of one level a side, with numbers of
 * its own where it has none, so that a host that follows depth has one to follow. Prices and quantities are moved to the venue's decimals, exactly or not at
 * all. One owner; opening allocates. Limits: SOURCE_INSTRUMENTS; a snapshot is looked for in the first PLAYBACK_AHEAD events. */
#pragma once
#include "adapters/sim/source.h"
#include "core/market/pack.h"
#include <stdbool.h>

#define PLAYBACK_AHEAD 20000

struct playback_event {
	struct pack_event
		ev; /* instrument: index of the list that the feed was told, UINT32_MAX: of none of them */
	int64_t line_ns;       /* never falls */
	uint8_t px_dp, qty_dp; /* of its numbers */
};

/* The port: events of a recording. */
struct playback_feed;
struct playback_ops {
	/* What is wanted, before all else; the list outlives the feed's use. -ERR_NOTFOUND in words: that is not recorded there. */
	int (*want)(struct playback_feed *f, const struct source_instrument *i, uint16_t n);
	/* 1 and the next event (levels live until the next call), 0 at the end; -ERR_CORRUPT, -ERR_IO. */
	int (*next)(struct playback_feed *f, struct playback_event *out);
	int (*rewind)(struct playback_feed *f);
	void (*free)(struct playback_feed *f);
};
struct playback_feed {
	const struct playback_ops *ops;
};

struct playback_stats {
	uint64_t events; /* given out */
	uint64_t
		silent; /* of the recording, that say nothing to a book: heartbeats, broken lines, clocks */
	uint64_t lost; /* events that the recording itself missed */
};

/* The feed stays the caller's. -ERR_NOTFOUND: nothing of these instruments; -ERR_CONFIG: numbers that the venue's decimals cannot say; -ERR_NOMEM. */
int playback_open(struct playback_feed *feed, const struct source_instrument *i, uint16_t n,
		  struct market_source **out);
/* NULL: the source is no playback. */
const struct playback_stats *playback_stats(const struct market_source *s);
