/* backtest_reel - recordings as one line of events of the instruments that a configuration names.
 *
 * Several stores are merged by time. Which recorded venue stands for which of the configuration is found by its name, by what the caller says, or by what is recorded
 * there when only one can be meant; an instrument is found by its symbol or its name. Prices and quantities come out at the configuration's decimals, exactly
 * or not at all; stamps of arrival as monotonic time, and those of a venue only where the recording also knows about its clock. Main thread; cold to open. */
#pragma once
#include "adapters/sim/paper.h"
#include "core/ops/config.h"
#include <stdbool.h>
#include <stdint.h>

#define REEL_STORES 64

struct reel;

/* This venue of the configuration is called otherwise where it was recorded. */
struct reel_alias {
	char venue[32], recorded[32];
};

struct reel_options {
	const char *const *path;
	unsigned n_paths;
	const struct config *cfg;
	const bool *wanted; /* by instrument of the configuration: must be recorded */
	const struct reel_alias *alias;
	unsigned n_aliases;
	int64_t to_ns; /* UTC; 0: to the end */
};

struct reel_event {
	struct pack_event
		ev; /* instrument: the configuration's; stamps of arrival and clocks monotonic */
	uint16_t venue;	 /* the configuration's */
	int64_t line_ns; /* UTC, never falls */
};

struct reel_stats {
	uint64_t events, quotes; /* given out; of them prices: quotes, changes and books */
	uint64_t lost;		 /* that the recordings say they missed */
	uint64_t breaks;	 /* of lines */
};

/* -ERR_NOTFOUND, -ERR_CONFIG and what blocks_open says, in words. */
int reel_open(const struct reel_options *o, struct reel **out);
void reel_close(struct reel *r);
/* When the first and the last event were recorded, UTC. */
void reel_span(const struct reel *r, int64_t *first_ns, int64_t *last_ns);
/* What is taken off UTC for monotonic time. */
int64_t reel_utc_minus_mono_ns(const struct reel *r);
const uint8_t *reel_books(const struct reel *r); /* enum paper_book by instrument */
/* What the venue is called where it was recorded; NULL: it is not. */
const char *reel_recorded_as(const struct reel *r, uint16_t venue);
bool reel_has_clock(const struct reel *r, uint16_t venue);
/* The time of the next event; INT64_MAX: there is none. Where it broke reel_next says why. */
int64_t reel_next_ns(struct reel *r);
/* The next event; its levels live until the next call, of this or of reel_next_ns. 0 at the end, 1, or a negative code. */
int reel_next(struct reel *r, struct reel_event *out);
int reel_rewind(struct reel *r);
const struct reel_stats *reel_stats(const struct reel *r);
