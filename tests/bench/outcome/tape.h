/* tape - what two markets showed over a stretch of time, in memory, so that every executor lives through the very same.
 *
 * From the generator (a seed) with its depth, or from a recorded table of best prices. Prices and quantities of both markets are brought to the same decimals, so that a
 * difference of prices is a subtraction. Read-only once made: processes that were forked share it. Memory grows while it is made; one thread. */
#pragma once
#include "adapters/sim/source.h"
#include "core/market/instrument.h"
#include <stdbool.h>

enum { TAPE_MARKETS = 2 };

struct tape_event {
	int64_t at_ns;
	uint8_t kind; /* enum source_kind */
	union {
		struct quote quote;
		struct depth depth; /* its levels are the tape's */
		struct market_trade trade;
	};
};

struct tape_side {
	char name[32];
	struct tape_event *event;
	size_t n, cap;
	int64_t tick, lot; /* in the tape's decimals */
	int64_t taker_e8;  /* fee, 1e-8 of the notional */
	uint8_t join;	   /* enum feed_join */
};

struct tape {
	char name[64], tick_name[16];
	struct tape_side market[TAPE_MARKETS];
	uint8_t px_dp, qty_dp;
	int64_t tick,
		lot; /* the coarser of the two markets': slippage is counted in this tick, and less than this lot is hedged */
	int64_t qty; /* what a trigger is for */
	bool has_depth;
	int64_t fair; /* what the first market's price lies above the second's when nothing is to be had, in price units */
	int64_t open_px; /* a trigger fires when an edge beyond that, fees taken off, is so wide */
	struct tape_block *block;
};

/* seconds of a made market. */
int tape_generate(struct tape *t, uint64_t seed, int64_t seconds);
/* Two events of a market may be added by hand, for tests: prices in the tape's own units; levels NULL. Times must not fall. */
int tape_add(struct tape *t, unsigned market, const struct source_event *e);
/* What is recorded under this folder. -ERR_NOTFOUND: it is not there. */
int tape_fx(struct tape *t, const char *folder);
int tape_btc_usdm(struct tape *t, const char *folder);
int tape_btc_coinm(struct tape *t, const char *folder);
/* Sets `fair` to the median of the difference of both middles from..to. */
void tape_learn_fair(struct tape *t, int64_t from_ns, int64_t to_ns);
int64_t tape_begin_ns(const struct tape *t);
int64_t tape_end_ns(const struct tape *t);
void tape_free(struct tape *t);
