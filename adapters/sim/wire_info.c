/* What anybody may ask: time, rules, the book. */
#include "adapters/sim/wire_parts.h"
#include "core/base/dec.h"
#include <stdio.h>
#include <string.h>

int op_ping(struct wire_call *c)
{
	json_obj(&c->out, NULL);
	json_obj_end(&c->out);
	return 0;
}

int op_time(struct wire_call *c)
{
	json_obj(&c->out, NULL);
	json_int(&c->out, "serverTime", c->now_ns / MS_NS);
	json_obj_end(&c->out);
	return 0;
}

/* ---------------------------------------------------------------- exchangeInfo */

static void filter(struct json_out *j, const char *type)
{
	json_obj(j, NULL);
	json_str(j, "filterType", type);
}

/* Parts of a million as a factor: 1.05, 0.95. */
static void put_factor(struct json_out *j, const char *key, int64_t ppm)
{
	char text[24];
	size_t n = dec_format(1000000 + ppm, 6, 4, text);
	json_strn(j, key, text, n);
}

static void put_percent_filter(struct wire_call *c, const struct rule *r)
{
	struct json_out *j = &c->out;
	int64_t up = r->band_up_ppm ? r->band_up_ppm : 4000000,
		down = r->band_down_ppm ? r->band_down_ppm : 800000;
	if (wire_futures(c)) {
		filter(j, "PERCENT_PRICE");
		put_factor(j, "multiplierUp", up);
		put_factor(j, "multiplierDown", -down);
		json_str(j, "multiplierDecimal", "4");
	} else {
		filter(j, "PERCENT_PRICE_BY_SIDE");
		put_factor(j, "bidMultiplierUp", up);
		put_factor(j, "bidMultiplierDown", -down);
		put_factor(j, "askMultiplierUp", up);
		put_factor(j, "askMultiplierDown", -down);
		json_int(j, "avgPriceMins", 5);
	}
	json_obj_end(j);
}

static void put_notional_filter(struct wire_call *c, const struct rule *r)
{
	struct json_out *j = &c->out;
	char text[24];
	if (wire_futures(c)) {
		filter(j, "MIN_NOTIONAL");
		size_t n = dec_format(r->min_notional_e8, 8, 0, text);
		json_strn(j, "notional", text, n);
	} else {
		filter(j, "NOTIONAL");
		put_e8(j, "minNotional", r->min_notional_e8);
		json_bool(j, "applyMinToMarket", true);
		json_str(j, "maxNotional", "9000000.00000000");
		json_bool(j, "applyMaxToMarket", false);
		json_int(j, "avgPriceMins", 5);
	}
	json_obj_end(j);
}

/* What is not limited is shown as large as the scale allows. */
static int64_t or_large(int64_t v, unsigned dp)
{
	return v ? v : dec_pow10[dp] * 1000000;
}

static void put_filters(struct wire_call *c, uint16_t at, const struct rule *r)
{
	struct json_out *j = &c->out;
	const struct instrument *i = &c->w->exchange.config.instrument[at];
	static const char *const lots[] = { "LOT_SIZE", "MARKET_LOT_SIZE" };
	json_arr(j, "filters");
	filter(j, "PRICE_FILTER");
	put_px(j, "minPrice", c->w, at, r->band_lo ? r->band_lo : r->tick);
	put_px(j, "maxPrice", c->w, at, or_large(r->band_hi, i->px_dp));
	put_px(j, "tickSize", c->w, at, r->tick);
	json_obj_end(j);
	for (int k = 0; k < 2; k++) {
		filter(j, lots[k]);
		put_qty(j, "minQty", c->w, at, r->min_qty ? r->min_qty : r->lot);
		put_qty(j, "maxQty", c->w, at, or_large(r->max_qty, i->qty_dp));
		put_qty(j, "stepSize", c->w, at, r->lot);
		json_obj_end(j);
	}
	filter(j, "MAX_NUM_ORDERS");
	json_int(j, wire_futures(c) ? "limit" : "maxNumOrders", 200);
	json_obj_end(j);
	put_percent_filter(c, r);
	put_notional_filter(c, r);
	json_arr_end(j);
}

static void put_list(struct json_out *j, const char *key, const char *const *names)
{
	json_arr(j, key);
	for (; *names; names++)
		json_str(j, NULL, *names);
	json_arr_end(j);
}

static void put_spot_symbol(struct wire_call *c, const struct instrument *i)
{
	static const char *const types[] = { "LIMIT", "LIMIT_MAKER", "MARKET", NULL };
	static const char *const stps[] = { "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", NULL };
	struct json_out *j = &c->out;
	json_int(j, "baseAssetPrecision", 8);
	json_int(j, "quotePrecision", 8);
	json_int(j, "quoteAssetPrecision", 8);
	json_int(j, "baseCommissionPrecision", 8);
	json_int(j, "quoteCommissionPrecision", 8);
	put_list(j, "orderTypes", types);
	json_bool(j, "icebergAllowed", false);
	json_bool(j, "ocoAllowed", false);
	json_bool(j, "otoAllowed", false);
	json_bool(j, "quoteOrderQtyMarketAllowed", false);
	json_bool(j, "allowTrailingStop", false);
	json_bool(j, "cancelReplaceAllowed", false);
	json_bool(j, "amendAllowed", false);
	json_bool(j, "isSpotTradingAllowed", true);
	json_bool(j, "isMarginTradingAllowed", false);
	json_arr(j, "permissions");
	json_arr_end(j);
	json_str(j, "defaultSelfTradePreventionMode",
		 order_stp_text(&(struct exchange_order){ .stp = c->w->exchange.config.stp }));
	put_list(j, "allowedSelfTradePreventionModes", stps);
	(void)i;
}

static void put_futures_symbol(struct wire_call *c, const struct instrument *i,
			       const struct rule *r)
{
	static const char *const types[] = { "LIMIT", "MARKET", NULL };
	static const char *const tifs[] = { "GTC", "IOC", "FOK", "GTX", NULL };
	struct json_out *j = &c->out;
	char margin[24];
	json_str(j, "pair", i->symbol);
	json_str(j, "contractType", "PERPETUAL");
	json_int(j, "deliveryDate", 4133404800000);
	json_int(j, "onboardDate", 1569398400000);
	json_int(j, "pricePrecision", i->px_dp);
	json_int(j, "quantityPrecision", i->qty_dp);
	json_int(j, "baseAssetPrecision", 8);
	json_int(j, "quotePrecision", 8);
	json_str(j, "marginAsset", wire_asset_text(c->w, i->settle));
	/* In per cent there. */
	size_t n = dec_format(r->margin_e8, 6, 4, margin);
	json_strn(j, "requiredMarginPercent", margin, n);
	n = dec_format(r->margin_e8 / 2, 6, 4, margin);
	json_strn(j, "maintMarginPercent", margin, n);
	json_str(j, "underlyingType", "COIN");
	json_str(j, "triggerProtect", "0.0500");
	json_str(j, "liquidationFee", "0.012500");
	json_str(j, "marketTakeBound", "0.05");
	put_list(j, "orderTypes", types);
	put_list(j, "timeInForce", tifs);
}

static void put_symbol(struct wire_call *c, uint16_t at)
{
	const struct exchange *x = &c->w->exchange;
	const struct instrument *i = &x->config.instrument[at];
	const struct rule *r = x->view.rule[at];
	struct json_out *j = &c->out;
	if (!r)
		return;
	json_obj(j, NULL);
	json_str(j, "symbol", i->symbol);
	json_str(j, "status", c->now_ns < x->halted_until_ns ? "BREAK" : "TRADING");
	json_str(j, "baseAsset", wire_asset_text(c->w, i->base));
	json_str(j, "quoteAsset", wire_asset_text(c->w, i->quote));
	if (wire_futures(c))
		put_futures_symbol(c, i, r);
	else
		put_spot_symbol(c, i);
	put_filters(c, at, r);
	json_obj_end(j);
}

/* Does the list, ["A","B"] or with a symbol alone, name it? */
static bool is_named(const char *list, const char *symbol)
{
	size_t n = strlen(symbol);
	for (const char *p = list; (p = strstr(p, symbol)); p++)
		if ((p == list || p[-1] == '"') && (p[n] == 0 || p[n] == '"'))
			return true;
	return false;
}

int op_info(struct wire_call *c)
{
	const char *one = wire_request_get(c->r, "symbol"),
		   *many = wire_request_get(c->r, "symbols");
	const struct exchange_config *x = &c->w->exchange.config;
	uint16_t instrument;
	if (one && wire_symbol(c, &instrument))
		return -1;
	if (wire_nothing_else(c))
		return -1;
	json_obj(&c->out, NULL);
	json_str(&c->out, "timezone", "UTC");
	json_int(&c->out, "serverTime", c->now_ns / MS_NS);
	wire_limits_describe(&c->w->limits, &c->out);
	json_arr(&c->out, "exchangeFilters");
	json_arr_end(&c->out);
	json_arr(&c->out, "symbols");
	for (uint16_t i = 0; i < x->n_instruments; i++)
		if ((!one || strcmp(one, x->instrument[i].symbol) == 0) &&
		    (!many || is_named(many, x->instrument[i].symbol)))
			put_symbol(c, i);
	json_arr_end(&c->out);
	json_obj_end(&c->out);
	return 0;
}

/* ---------------------------------------------------------------- the book */

static void put_side(struct wire_call *c, uint16_t instrument, enum side side, uint32_t limit)
{
	static const char *const keys[] = { "bids", "asks" };
	struct wire *w = c->w;
	uint32_t most = w->exchange.config.max_levels;
	uint32_t n = exchange_depth(&w->exchange, instrument, side, w->level,
				    limit < most ? limit : most, NULL);
	json_arr(&c->out, keys[side]);
	for (uint32_t i = 0; i < n; i++) {
		json_arr(&c->out, NULL);
		put_px(&c->out, NULL, w, instrument, w->level[i].px);
		put_qty(&c->out, NULL, w, instrument, w->level[i].qty);
		json_arr_end(&c->out);
	}
	json_arr_end(&c->out);
}

int op_depth(struct wire_call *c)
{
	uint16_t instrument;
	int64_t limit, last_seq = 0;
	if (wire_symbol(c, &instrument) ||
	    wire_int(c, "limit", 1, 5000, wire_futures(c) ? 500 : 100, &limit) ||
	    wire_nothing_else(c))
		return -1;
	if (wire_futures(c) && limit != 5 && limit != 10 && limit != 20 && limit != 50 &&
	    limit != 100 && limit != 500 && limit != 1000)
		return wire_fail(c, 400, -4021, "'%lld' is not valid depth limit.",
				 (long long)limit);
	(void)exchange_depth(&c->w->exchange, instrument, SIDE_BUY, c->w->level, 1, &last_seq);
	json_obj(&c->out, NULL);
	json_int(&c->out, "lastUpdateId", last_seq);
	if (wire_futures(c)) {
		json_int(&c->out, "E", c->now_ns / MS_NS);
		json_int(&c->out, "T", c->now_ns / MS_NS);
	}
	put_side(c, instrument, SIDE_BUY, (uint32_t)limit);
	put_side(c, instrument, SIDE_SELL, (uint32_t)limit);
	json_obj_end(&c->out);
	return 0;
}
