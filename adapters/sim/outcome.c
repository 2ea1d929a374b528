#include "adapters/sim/outcome.h"
#include "core/base/dec.h"

/* What each of the two markets says; futures numbers differ in part. */
static const struct {
	const char *name;
	uint8_t class;
	int32_t code[market_kind_max];
	const char *text[market_kind_max];
} table[] = {
	[OUT_OK] = { "ok", REJECT_OTHER, { 0, 0 }, { "", "" } },
	[OUT_SYMBOL] = { "symbol",
			 REJECT_OTHER,
			 { -1121, -1121 },
			 { "Invalid symbol.", "Invalid symbol." } },
	[OUT_UNSUPPORTED] = { "unsupported",
			      REJECT_OTHER,
			      { -1116, -1116 },
			      { "Invalid orderType.", "Invalid orderType." } },
	[OUT_TICK] = { "tick",
		       REJECT_PRICE,
		       { -1013, -4014 },
		       { "Filter failure: PRICE_FILTER", "Price not increased by tick size." } },
	[OUT_LOT] = { "lot",
		      REJECT_SIZE,
		      { -1013, -4023 },
		      { "Filter failure: LOT_SIZE", "Qty not increased by step size." } },
	[OUT_MIN_QTY] = { "min quantity",
			  REJECT_SIZE,
			  { -1013, -4003 },
			  { "Filter failure: LOT_SIZE", "Quantity less than min quantity." } },
	[OUT_MAX_QTY] = { "max quantity",
			  REJECT_SIZE,
			  { -1013, -4005 },
			  { "Filter failure: LOT_SIZE", "Quantity greater than max quantity." } },
	[OUT_NOTIONAL] = { "notional",
			   REJECT_SIZE,
			   { -1013, -4164 },
			   { "Filter failure: NOTIONAL",
			     "Order's notional must be no smaller than the least notional." } },
	[OUT_PERCENT] = { "percent price",
			  REJECT_PRICE,
			  { -1013, -4131 },
			  { "Filter failure: PERCENT_PRICE_BY_SIDE",
			    "The counterparty's best price does not meet the PERCENT_PRICE filter limit." } },
	[OUT_BAND] = { "band",
		       REJECT_PRICE,
		       { -1013, -4016 },
		       { "Filter failure: PRICE_FILTER",
			 "Limit price can't be outside the day's limits." } },
	[OUT_MONEY] = { "money",
			REJECT_MONEY,
			{ -2010, -2018 },
			{ "Account has insufficient balance for requested action.",
			  "Balance is insufficient." } },
	[OUT_MARGIN] = { "margin",
			 REJECT_MONEY,
			 { -2010, -2019 },
			 { "Account has insufficient balance for requested action.",
			   "Margin is insufficient." } },
	[OUT_REDUCE_ONLY] = { "reduce only",
			      REJECT_SIZE,
			      { -1106, -2022 },
			      { "Parameter 'reduceOnly' sent when not required.",
				"ReduceOnly Order is rejected." } },
	[OUT_DUPLICATE] = { "duplicate",
			    REJECT_DUPLICATE,
			    { -2010, -4116 },
			    { "Duplicate order sent.", "ClientOrderId is duplicated." } },
	[OUT_WOULD_TAKE] = { "would take",
			     REJECT_WOULD_TAKE,
			     { -2010, -5022 },
			     { "Order would immediately match and take.",
			       "Due to the order could not be executed as maker, the Post Only "
			       "order will be rejected." } },
	[OUT_NO_MARKET] = { "no market",
			    REJECT_PRICE,
			    { -2010, -4131 },
			    { "Market is empty.",
			      "The counterparty's best price does not meet the PERCENT_PRICE filter limit." } },
	[OUT_TOO_MANY] = { "too many",
			   REJECT_RATE,
			   { -1013, -2025 },
			   { "Filter failure: MAX_NUM_ORDERS", "Reach max open order limit." } },
	[OUT_HALTED] = { "halted",
			 REJECT_CLOSED,
			 { -1013, -4108 },
			 { "Market is closed.", "Symbol is on delivering or delivered or "
						"settling or closed or pre-trading." } },
	[OUT_BUSY] = { "busy",
		       REJECT_TRANSIENT,
		       { -1008, -1008 },
		       { "Server is currently overloaded with other requests. Please try again "
			 "in a few minutes.",
			 "Server is currently overloaded with other requests. Please try again "
			 "in a few minutes." } },
	[OUT_UNKNOWN_ORDER] = { "unknown order",
				REJECT_GONE,
				{ -2011, -2011 },
				{ "Unknown order sent.", "Unknown order sent." } },
	[OUT_NO_SUCH_ORDER] = { "no such order",
				REJECT_GONE,
				{ -2013, -2013 },
				{ "Order does not exist.", "Order does not exist." } },
	[OUT_DISK] = { "disk",
		       REJECT_OTHER,
		       { -1001, -1001 },
		       { "Internal error; unable to process your request. Please try again.",
			 "Internal error; unable to process your request. Please try again." } },
};
_Static_assert(sizeof table / sizeof *table == outcome_max, "a row for every outcome");
_Static_assert(market_kind_max == 2, "a column for every market");

int32_t outcome_code(enum outcome o, enum market_kind kind)
{
	return o < outcome_max && kind < market_kind_max ? table[o].code[kind] : -1000;
}

const char *outcome_text(enum outcome o, enum market_kind kind)
{
	return o < outcome_max && kind < market_kind_max ? table[o].text[kind] : "?";
}

enum reject_class outcome_class(enum outcome o)
{
	return o < outcome_max ? (enum reject_class)table[o].class : REJECT_OTHER;
}

const char *outcome_name(enum outcome o)
{
	return o < outcome_max ? table[o].name : "?";
}

static enum outcome check_price(const struct instrument *i, const struct rule *r, enum side side,
				int64_t px, int64_t ref_px)
{
	if ((px <= 0 && !i->px_may_be_negative) || px % r->tick)
		return OUT_TICK;
	if ((r->band_lo && px < r->band_lo) || (r->band_hi && px > r->band_hi))
		return OUT_BAND;
	if (ref_px <= 0)
		return OUT_OK;
	/* The side that would pay too much, or ask for too little, is the one held back. */
	__int128 million = 1000000;
	if (side == SIDE_BUY && r->band_up_ppm &&
	    (__int128)px * million > (__int128)ref_px * (million + r->band_up_ppm))
		return OUT_PERCENT;
	if (side == SIDE_SELL && r->band_down_ppm &&
	    (__int128)px * million < (__int128)ref_px * (million - r->band_down_ppm))
		return OUT_PERCENT;
	return OUT_OK;
}

enum outcome outcome_check(const struct instrument *i, const struct rule *r, enum side side,
			   enum ord_type type, enum tif tif, int64_t px, int64_t qty,
			   int64_t ref_px)
{
	bool market = type == ORD_MARKET;
	if (side >= side_max || type >= ord_type_max || tif >= tif_max ||
	    !(i->caps.types >> type & 1) || (!market && !(i->caps.tifs >> tif & 1)))
		return OUT_UNSUPPORTED;
	if (type == ORD_POST_ONLY && tif != TIF_GTC && tif != TIF_DAY)
		return OUT_UNSUPPORTED;
	if (!market) {
		enum outcome o = check_price(i, r, side, px, ref_px);
		if (o != OUT_OK)
			return o;
	}
	if (qty <= 0 || qty < r->min_qty)
		return OUT_MIN_QTY;
	if ((r->max_qty && qty > r->max_qty) || qty > INT64_MAX / 4) /* sums of it must fit */
		return OUT_MAX_QTY;
	if (qty % r->lot)
		return OUT_LOT;
	int64_t at = market ? ref_px : px;
	if (r->min_notional_e8 && (at > 0 || i->expo.kind == EXPO_INVERSE) &&
	    instrument_notional_e8(i, qty, at) < r->min_notional_e8)
		return OUT_NOTIONAL;
	return OUT_OK;
}
