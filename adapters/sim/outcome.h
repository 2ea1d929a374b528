/* outcome - what a simulated venue answers to a request, and whether an order fits the
 * instrument's rules.
 *
 * Outcomes are classes; each has the number and the words that Binance's spot and USD-M markets
 * say for it, and the class that the core acts on. The checks are pure functions. */
#pragma once
#include "core/market/instrument.h"
#include "core/trade/venue.h"
#include <stdbool.h>
#include <stdint.h>

enum market_kind { MARKET_SPOT, MARKET_FUTURES, market_kind_max };

enum outcome {
	OUT_OK,
	OUT_SYMBOL,	   /* no such instrument */
	OUT_UNSUPPORTED,   /* a type or time in force that it does not take */
	OUT_TICK,	   /* price no multiple of the tick, or not above zero */
	OUT_LOT,	   /* quantity no multiple of the lot */
	OUT_MIN_QTY,	   /* too small */
	OUT_MAX_QTY,	   /* too large for one order */
	OUT_NOTIONAL,	   /* below the least notional */
	OUT_PERCENT,	   /* price too far from the market */
	OUT_BAND,	   /* price outside the day's limits */
	OUT_MONEY,	   /* balance does not suffice (spot) */
	OUT_MARGIN,	   /* margin does not suffice (futures) */
	OUT_REDUCE_ONLY,   /* it would not reduce */
	OUT_DUPLICATE,	   /* an open order bears that client id */
	OUT_WOULD_TAKE,	   /* post-only, and a contra price stood */
	OUT_NO_MARKET,	   /* a market order, and the contra side is empty */
	OUT_TOO_MANY,	   /* open orders: no room */
	OUT_HALTED,	   /* no trading now */
	OUT_BUSY,	   /* injected: try again */
	OUT_UNKNOWN_ORDER, /* cancel of what is not open */
	OUT_NO_SUCH_ORDER, /* query of what never was */
	OUT_DISK,	   /* the venue cannot write its ledger */
	outcome_max
};

/* The venue's number and words for it; 0 and "" for OUT_OK. */
int32_t outcome_code(enum outcome o, enum market_kind kind);
const char *outcome_text(enum outcome o, enum market_kind kind);
enum reject_class outcome_class(enum outcome o);
const char *outcome_name(enum outcome o);

/* Does an order with these members fit the rule in force? ref_px: the venue's reference price,
 * 0: none, then the percent filter passes. */
enum outcome outcome_check(const struct instrument *i, const struct rule *r, enum side side,
			   enum ord_type type, enum tif tif, int64_t px, int64_t qty,
			   int64_t ref_px);
