/* cn_snapshot - what a Chinese exchange shows of a contract: twice a second, when something changed, the last price, the day's volume and the best
 * levels.
 *
 * Changes within one half second are one snapshot, told as of its end; what came and went in between is not seen. Levels show what can be had: the market's size that is not taken, and what
 * accounts have resting. While nothing trades continuously no level is shown; at a price limit one side may be empty. Plain data and one pure function. */
#pragma once
#include "adapters/sim/match.h"

#define CN_SNAPSHOT_NS 500000000ll
#define CN_LEVELS      5

/* What traded in a contract on a day; 0 where nothing has. */
struct cn_day {
	int64_t open_px, high_px, low_px, last_px;
	int64_t volume;
	__int128 px_qty; /* sum of price times quantity */
};
void cn_day_trade(struct cn_day *d, int64_t px, int64_t qty);
/* The average price of the day on the tick, or settle_px where nothing traded. */
int64_t cn_day_settle_px(const struct cn_day *d, int64_t tick, int64_t settle_px);

struct cn_snapshot {
	uint16_t instrument;
	uint8_t phase;
	int32_t trading_day;
	int64_t at_ns;				   /* a multiple of CN_SNAPSHOT_NS */
	int64_t last_px, open_px, high_px, low_px; /* 0: nothing traded today */
	int64_t volume, turnover_e8;
	int64_t settle_px;	    /* of the day before */
	int64_t limit_lo, limit_hi; /* 0: none */
	uint32_t n[side_max];
	struct level level[side_max][CN_LEVELS]; /* best first */
};
/* The best n of a side. Returns how many there are. */
uint32_t cn_snapshot_levels(const struct match *m, enum side side, struct level *out, uint32_t n);
/* Do both say the same, but for their time? */
bool cn_snapshot_same(const struct cn_snapshot *a, const struct cn_snapshot *b);
