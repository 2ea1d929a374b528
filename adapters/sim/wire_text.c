/* Numbers, names and orders as the venue writes them. */
#include "adapters/sim/wire_parts.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const wire_sides[] = { "BUY", "SELL", NULL };
_Static_assert(sizeof wire_sides / sizeof *wire_sides == side_max + 1, "a name for every side");

/* Spot shows 8 decimals everywhere, futures those of the instrument. */
static void put_scaled(struct json_out *j, const char *key, const struct wire *w, int64_t v,
		       unsigned dp)
{
	char text[32];
	if (w->kind == MARKET_SPOT && dp < 8) {
		v = dec_rescale(v, dp, 8, DEC_NEAREST);
		dp = 8;
	}
	size_t n = dec_format(v, dp, dp, text);
	json_strn(j, key, text, n);
}

void put_px(struct json_out *j, const char *key, const struct wire *w, uint16_t instrument,
	    int64_t px)
{
	put_scaled(j, key, w, px, w->exchange.config.instrument[instrument].px_dp);
}

void put_qty(struct json_out *j, const char *key, const struct wire *w, uint16_t instrument,
	     int64_t qty)
{
	put_scaled(j, key, w, qty, w->exchange.config.instrument[instrument].qty_dp);
}

void put_e8(struct json_out *j, const char *key, int64_t v)
{
	char text[32];
	size_t n = dec_format(v, MONEY_DP, MONEY_DP, text);
	json_strn(j, key, text, n);
}

void put_avg_px(struct json_out *j, const char *key, const struct wire *w,
		const struct exchange_order *o)
{
	const struct instrument *i = &w->exchange.config.instrument[o->instrument];
	char text[32];
	int64_t base_e8 = instrument_base_e8(i, o->cum, o->px ? o->px : 1);
	int64_t avg = base_e8 ? dec_muldiv(o->cum_value_e8, dec_pow10[8], base_e8, DEC_NEAREST) : 0;
	size_t n = dec_format(avg, 8, i->px_dp, text);
	json_strn(j, key, text, n);
}

const char *wire_symbol_text(const struct wire *w, uint16_t instrument)
{
	return w->exchange.config.instrument[instrument].symbol;
}

const char *wire_asset_text(const struct wire *w, asset_id asset)
{
	return asset_name(w->exchange.config.assets, asset);
}

const char *order_type_text(const struct wire *w, const struct exchange_order *o)
{
	if (o->type == ORD_MARKET)
		return "MARKET";
	return o->type == ORD_POST_ONLY && w->kind == MARKET_SPOT ? "LIMIT_MAKER" : "LIMIT";
}

const char *order_tif_text(const struct wire *w, const struct exchange_order *o)
{
	static const char *const names[] = { "GTC", "IOC", "FOK", "GTC" };
	_Static_assert(sizeof names / sizeof *names == tif_max, "a name for every time in force");
	if (o->type == ORD_POST_ONLY && w->kind == MARKET_FUTURES)
		return "GTX";
	return o->type == ORD_MARKET ? "GTC" : names[o->tif];
}

const char *order_stp_text(const struct exchange_order *o)
{
	static const char *const names[] = { "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER" };
	_Static_assert(sizeof names / sizeof *names == match_stp_max,
		       "a name for every prevention");
	return names[o->stp];
}

void wire_new_id(struct wire *w, char out[VENUE_CLIENT_ID])
{
	snprintf(out, VENUE_CLIENT_ID, "web_%" PRIx64, w->next_exec++);
}

static void put_spot_order(struct json_out *j, const struct wire *w, const struct exchange_order *o,
			   bool fresh)
{
	json_str(j, "symbol", wire_symbol_text(w, o->instrument));
	json_uint(j, "orderId", o->id);
	json_int(j, "orderListId", -1);
	json_str(j, "clientOrderId", o->client);
	if (fresh)
		json_int(j, "transactTime", o->updated_ns / MS_NS);
	put_px(j, "price", w, o->instrument, o->px);
	put_qty(j, "origQty", w, o->instrument, o->qty);
	put_qty(j, "executedQty", w, o->instrument, o->cum);
	put_e8(j, "origQuoteOrderQty", 0);
	put_e8(j, "cummulativeQuoteQty", o->cum_value_e8);
	json_str(j, "status", order_status_name(o->status));
	json_str(j, "timeInForce", order_tif_text(w, o));
	json_str(j, "type", order_type_text(w, o));
	json_str(j, "side", wire_sides[o->side]);
	if (!fresh) {
		put_e8(j, "stopPrice", 0);
		put_e8(j, "icebergQty", 0);
		json_int(j, "time", o->placed_ns / MS_NS);
		json_int(j, "updateTime", o->updated_ns / MS_NS);
		json_bool(j, "isWorking", true);
	}
	json_int(j, "workingTime", o->placed_ns / MS_NS);
	json_str(j, "selfTradePreventionMode", order_stp_text(o));
}

static void put_futures_order(struct json_out *j, const struct wire *w,
			      const struct exchange_order *o, bool fresh)
{
	json_uint(j, "orderId", o->id);
	json_str(j, "symbol", wire_symbol_text(w, o->instrument));
	json_str(j, "status", order_status_name(o->status));
	json_str(j, "clientOrderId", o->client);
	put_px(j, "price", w, o->instrument, o->px);
	put_avg_px(j, "avgPrice", w, o);
	put_qty(j, "origQty", w, o->instrument, o->qty);
	put_qty(j, "executedQty", w, o->instrument, o->cum);
	if (fresh)
		put_qty(j, "cumQty", w, o->instrument, o->cum);
	put_e8(j, "cumQuote", o->cum_value_e8);
	json_str(j, "timeInForce", order_tif_text(w, o));
	json_str(j, "type", order_type_text(w, o));
	json_bool(j, "reduceOnly", o->reduce_only);
	json_bool(j, "closePosition", false);
	json_str(j, "side", wire_sides[o->side]);
	json_str(j, "positionSide", "BOTH");
	put_px(j, "stopPrice", w, o->instrument, 0);
	json_str(j, "workingType", "CONTRACT_PRICE");
	json_bool(j, "priceProtect", false);
	json_str(j, "origType", order_type_text(w, o));
	json_str(j, "priceMatch", "NONE");
	json_str(j, "selfTradePreventionMode", order_stp_text(o));
	json_int(j, "goodTillDate", 0);
	if (!fresh)
		json_int(j, "time", o->placed_ns / MS_NS);
	json_int(j, "updateTime", o->updated_ns / MS_NS);
}

/* fresh: as the answer to what was just done to it, else as a query shows it. The object stays open. */
void put_order(struct json_out *j, const struct wire *w, const struct exchange_order *o, bool fresh)
{
	json_obj(j, NULL);
	if (w->kind == MARKET_SPOT)
		put_spot_order(j, w, o, fresh);
	else
		put_futures_order(j, w, o, fresh);
}
