/* cn_watch - what an exchange counts of a trader's day in one contract: cancels, large cancels, self-trades, lots opened; and how many requests a
 * second an account sends.
 *
 * Accounts under one control are one owner and share the counts. Plain data, its owner's thread; the counts begin anew each trading day. */
#pragma once
#include "adapters/sim/cn_rules.h"

struct cn_count {
	uint32_t cancels; /* orders withdrawn; immediate ones as the exchange counts them */
	uint32_t large_cancels;
	uint32_t limit_cancels; /* at the day's price limit, while the market stood locked there */
	uint32_t self_trades;	/* trades, not sides */
	int64_t opened;		/* lots that were opened */
	int64_t opening;	/* lots that working orders would open */
};

/* An order of `lots` ended unfilled by its owner, or because it was immediate. at_limit: it stood at a price limit that was locked. */
void cn_count_cancel(struct cn_count *c, enum cn_house house, int64_t lots, bool immediate,
		     bool at_limit);
/* May so many lots more be opened under this limit (0: none)? */
static inline bool cn_count_may_open(const struct cn_count *c, int64_t lots, int64_t limit)
{
	return limit <= 0 || c->opened + c->opening + lots <= limit;
}

struct cn_flow {
	int64_t second;
	uint32_t n;
};
/* One request more within the clock's second; false: more than `most` (0: any number), and it does not count. */
bool cn_flow_take(struct cn_flow *f, int64_t now_ns, uint32_t most);
