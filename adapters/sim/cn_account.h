/* cn_account - an account's money at a Chinese futures counter: balance, margin, what working orders lock, and the daily settlement.
 *
 * One currency, int64 e8. A closing fill realises its profit at once (against the opening price of today's lots, the last settlement of yesterday's); at the day's end all
 * lots are marked to the new settlement price in cash. Margin is the rule's rate of what lots are worth, each side in full. Losses of open lots count against
 * what may be used, gains only from the settlement on. Opening locks margin and fee at the order's price; closing locks lots and no money, and is never refused for
 * money. Owned by the exchange, no I/O, fixed memory. Limits: no forced closing (an account below its margin can only close), no relief for opposite positions. */
#pragma once
#include "adapters/sim/cn_position.h"

#define CN_INSTRUMENTS 32
#define CN_ACCOUNTS    16

/* What all accounts see alike; the exchange keeps it. */
struct cn_view {
	const struct instrument *instrument;
	const uint8_t *house; /* enum cn_house, by instrument */
	uint16_t n;
	const struct rule *rule[CN_INSTRUMENTS]; /* in force */
	int64_t settle_px[CN_INSTRUMENTS];	 /* of the day before */
	int64_t mark_px[CN_INSTRUMENTS];	 /* the last trade's; the settlement before one */
};

struct cn_account {
	const struct cn_view *view;
	int64_t balance_e8;	    /* deposits, all realised and settled profit, less all fees */
	int64_t locked_e8;	    /* by working opening orders */
	int64_t fees_e8, profit_e8; /* sums since the beginning */
	struct cn_position position[CN_INSTRUMENTS][side_max]; /* [SIDE_BUY]: long */
};

/* The position that an order acts on: buying opens long and closes short. */
static inline enum side cn_position_side(enum side side, enum offset offset)
{
	return offset == OFFSET_OPEN ? side : side ^ 1;
}
int64_t cn_account_margin_e8(const struct cn_account *a, uint16_t instrument, enum side position);
/* Profit of open lots since they were opened or settled. */
int64_t cn_account_open_profit_e8(const struct cn_account *a, uint16_t instrument,
				  enum side position);
int64_t cn_account_available_e8(const struct cn_account *a);
/* What an opening order of qty at px locks; INT64_MAX: more than can be counted. */
int64_t cn_account_need_e8(const struct cn_account *a, uint16_t instrument, enum side side,
			   int64_t qty, int64_t px);

struct cn_fill {
	int64_t value_e8, fee_e8, profit_e8;
	int64_t today, yesterday; /* lots closed */
};
/* Applies a fill and says what it came to; locks are the caller's. */
void cn_account_fill(struct cn_account *a, uint16_t instrument, enum side side, enum offset offset,
		     int64_t qty, int64_t px, struct cn_fill *out);
/* The day ends at these prices: marks to market and rolls the lots. The view still has the day's old settlement prices. */
void cn_account_settle(struct cn_account *a, const int64_t settle_px[CN_INSTRUMENTS]);
