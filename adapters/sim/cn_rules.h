/* cn_rules - what a Chinese futures exchange allows, as data: how it tells today's lots from yesterday's, which orders it takes, how deep it shows its
 * book, what it counts of a trader's day, and the counter's words for every refusal.
 *
 * One row an exchange; a check that is a pure function. Codes and texts are those of the CTP counter where it is the one that refuses, and a code of 0 where the exchange does (its
 * words then come as the status text of a cancelled order). Any thread. Thresholds of abnormal trading are those of secondary sources and dated configuration of
 * whoever acts on them: this venue only counts. */
#pragma once
#include "core/market/calendar.h"
#include "core/market/instrument.h"
#include "core/trade/venue.h"
#include <stdbool.h>
#include <stdint.h>

#define CN_QTY_MAX 1000000 /* of one order, whatever the rule says */

enum cn_house { CN_SHFE, CN_INE, CN_DCE, CN_CZCE, CN_CFFEX, CN_GFEX, cn_house_max };

struct cn_house_rule {
	const char *name;
	bool splits_close; /* close means yesterday's lots, and today's have an offset of their own */
	bool fok;
	bool counts_immediate; /* what is left of a FAK or FOK counts as a cancel */
	uint8_t levels;	       /* of a side in its snapshots */
	int64_t large_lot;     /* a cancelled order of so many lots is a large one; 0: not said */
	/* A day's abnormal numbers by contract, accounts under one control together; 0: not said. */
	uint32_t cancels, large_cancels, self_trades;
	uint32_t limit_cancels; /* of orders at the day's price limit while it is locked there */
};
extern const struct cn_house_rule cn_house_rule[cn_house_max];

enum cn_refusal {
	CN_OK,
	CN_NOT_LOGGED_IN,   /* no session, or one that is over */
	CN_FIELD,	    /* a member that says nothing that can be traded */
	CN_INSTRUMENT,	    /* no such contract */
	CN_DUPLICATE,	    /* references rise within a session */
	CN_NO_ORDER,	    /* cancel of what never was, or another account's */
	CN_DONE,	    /* cancel of what is filled or cancelled already */
	CN_UNSUPPORTED,	    /* an order type or time in force that the exchange has not */
	CN_CLOSE_ONLY,	    /* nothing opens in this contract */
	CN_OVER_CLOSE,	    /* more than there is to close */
	CN_MONEY,	    /* the money does not suffice for margin and fee */
	CN_UNCONFIRMED,	    /* yesterday's settlement was not confirmed */
	CN_TODAY_SHORT,	    /* fewer of today's lots than that */
	CN_YESTERDAY_SHORT, /* fewer of yesterday's */
	CN_FLOW,	    /* too many requests within a second: nothing was sent */
	CN_FULL,	    /* no room for one order more */
	CN_PHASE,	    /* the exchange: not in this state of trading */
	CN_ABOVE_LIMIT,	    /* the exchange: above the day's upper limit */
	CN_BELOW_LIMIT,
	CN_TICK,       /* the exchange: no multiple of the tick */
	CN_QTY,	       /* the exchange: too small, too large, or no multiple of the lot */
	CN_OPEN_LIMIT, /* the exchange: the day's open limit of the contract is reached */
	cn_refusal_max
};

int32_t cn_refusal_code(enum cn_refusal r); /* CTP's ErrorID, -3 for CN_FLOW, 0 from the exchange */
const char *cn_refusal_text(enum cn_refusal r); /* UTF-8 */
enum reject_class cn_refusal_class(enum cn_refusal r);
const char *cn_refusal_name(enum cn_refusal r);
bool cn_refusal_by_exchange(enum cn_refusal r); /* else the counter refused it */

/* The day's limits, 涨跌停: from the settlement price of the day before by the rule's band_up_ppm and band_down_ppm, inward to the tick; the
 * rule's own band_lo and band_hi, where it says them, go before. hi INT64_MAX, lo INT64_MIN: no limit. */
struct cn_band {
	int64_t lo, hi;
};
struct cn_band cn_band(const struct rule *r, int64_t settle_px);

/* Does an order with these members pass in this phase? CN_OK, CN_FIELD, CN_UNSUPPORTED, CN_PHASE, CN_TICK, CN_QTY, CN_ABOVE_LIMIT, CN_BELOW_LIMIT. An auction takes
 * limit orders for the day only, a break and a closed market nothing. */
struct cn_asked {
	uint8_t side, type, tif, offset; /* enums side, ord_type, tif, offset */
	int64_t px, qty;
};
enum cn_refusal cn_check(const struct cn_asked *q, enum cn_house house, const struct rule *r,
			 const struct cn_band *band, enum phase phase);
