#include "adapters/codec/binance_rules.h"

#include "adapters/codec/binance_order.h"
#include "adapters/codec/json_scan.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <string.h>

enum info_member { I_LIMITS, I_SYMBOLS, info_member_max };
static const char *const info_member_name[] = { "rateLimits", "symbols" };
_Static_assert(sizeof(info_member_name) / sizeof(*info_member_name) == info_member_max,
	       "a name for each");

enum limit_member { L_TYPE, L_INTERVAL, L_NUM, L_LIMIT, limit_member_max };
static const char *const limit_member_name[] = { "rateLimitType", "interval", "intervalNum",
						 "limit" };
_Static_assert(sizeof(limit_member_name) / sizeof(*limit_member_name) == limit_member_max,
	       "a name for each");

enum symbol_member {
	S_SYMBOL,
	S_STATUS,
	S_TYPES,
	S_TIFS,
	S_FILTERS,
	S_SELF_TRADES,
	symbol_member_max
};
static const char *const symbol_member_name[] = { "symbol",	"status",
						  "orderTypes", "timeInForce",
						  "filters",	"allowedSelfTradePreventionModes" };
_Static_assert(sizeof(symbol_member_name) / sizeof(*symbol_member_name) == symbol_member_max,
	       "a name for each");

enum filter_member {
	F_TYPE,
	F_TICK,
	F_STEP,
	F_MIN_QTY,
	F_MAX_QTY,
	F_MIN_NOTIONAL,
	F_NOTIONAL,
	F_UP,
	F_DOWN,
	F_BID_UP,
	F_BID_DOWN,
	F_ASK_UP,
	F_ASK_DOWN,
	filter_member_max
};
static const char *const filter_member_name[] = {
	"filterType",
	"tickSize",
	"stepSize",
	"minQty",
	"maxQty",
	"minNotional",
	"notional",
	"multiplierUp",
	"multiplierDown",
	"bidMultiplierUp",
	"bidMultiplierDown",
	"askMultiplierUp",
	"askMultiplierDown",
};
_Static_assert(sizeof(filter_member_name) / sizeof(*filter_member_name) == filter_member_max,
	       "a name for each");

static bool members(const struct json_value *v, const char *const *name, struct json_value *m,
		    unsigned n)
{
	struct json_scan j;
	json_scan_value(&j, v);
	return v->token == TOKEN_OBJECT && json_members(&j, name, m, n);
}

/* A number of a filter, "0.01000000" as text. */
static int number(const struct symbol *s, const struct json_value *v, unsigned dp, const char *what,
		  int64_t *out)
{
	int rc = v->token == TOKEN_STRING && !v->escaped ? dec_parse_fast(v->p, v->n, dp, out)
							 : -ERR_PARSE;
	if (rc == -ERR_RANGE)
		return err_set(
			ERR_RANGE,
			"%s of %s is %.*s, which %u decimals cannot hold: correct the instrument",
			what, s->text, (int)(v->n < 40 ? v->n : 40), v->p, dp);
	if (rc || *out < 0)
		return err_set(ERR_PARSE, "%s of %s is no number", what, s->text);
	return 0;
}

/* A largest quantity may be beyond what an int64 of the scale holds: then it limits nothing. */
static int most(const struct symbol *s, const struct json_value *v, int64_t *out)
{
	int rc = number(s, v, s->qty_dp, "maxQty", out);
	if (rc != -ERR_RANGE)
		return rc;
	*out = 0;
	return 0;
}

static int lot_filter(const struct symbol *s, const struct json_value *f, struct rule *r)
{
	int64_t min, max, lot;
	int rc = number(s, &f[F_STEP], s->qty_dp, "stepSize", &lot);
	if (!rc)
		rc = number(s, &f[F_MIN_QTY], s->qty_dp, "minQty", &min);
	if (!rc)
		rc = most(s, &f[F_MAX_QTY], &max);
	if (rc)
		return rc;
	/* Market orders may have bounds of their own, 0 for none; the rule keeps what holds for both. */
	r->lot = lot > r->lot ? lot : r->lot;
	r->min_qty = min > r->min_qty ? min : r->min_qty;
	if (max > 0 && (!r->max_qty || max < r->max_qty))
		r->max_qty = max;
	return 0;
}

static int multiplier(const struct symbol *s, const struct json_value *v, int64_t *ppm)
{
	/* 5 -> 5,000,000; more than six decimals say nothing about a price band. */
	struct json_value cut = *v;
	const char *point = v->token == TOKEN_STRING ? memchr(v->p, '.', v->n) : NULL;
	if (point && v->p + v->n - point > 7)
		cut.n = (uint32_t)(point - v->p) + 7;
	return number(s, &cut, 6, "multiplier", ppm);
}

/* How far above and below the reference a price may be; of two sides the narrower. */
static int band_filter(const struct symbol *s, const struct json_value *f, bool by_side,
		       struct rule *r)
{
	int64_t up = 0, down = 0, ask_up, ask_down;
	int rc = multiplier(s, &f[by_side ? F_BID_UP : F_UP], &up);
	if (!rc)
		rc = multiplier(s, &f[by_side ? F_BID_DOWN : F_DOWN], &down);
	ask_up = up, ask_down = down;
	if (!rc && by_side)
		rc = multiplier(s, &f[F_ASK_UP], &ask_up);
	if (!rc && by_side)
		rc = multiplier(s, &f[F_ASK_DOWN], &ask_down);
	if (rc)
		return rc;
	up = ask_up < up ? ask_up : up;
	down = ask_down > down ? ask_down : down;
	r->band_up_ppm = up > 1000000 ? up - 1000000 : 0;
	r->band_down_ppm = down < 1000000 ? 1000000 - down : 0;
	return 0;
}

static int read_filter(const struct symbol *s, const struct json_value *f, struct rule *r)
{
	const struct json_value *type = &f[F_TYPE];
	if (json_is(type, "PRICE_FILTER"))
		return number(s, &f[F_TICK], s->px_dp, "tickSize", &r->tick);
	if (json_is(type, "LOT_SIZE") || json_is(type, "MARKET_LOT_SIZE"))
		return lot_filter(s, f, r);
	if (json_is(type, "MIN_NOTIONAL") || json_is(type, "NOTIONAL"))
		return number(s, &f[f[F_MIN_NOTIONAL].token ? F_MIN_NOTIONAL : F_NOTIONAL],
			      MONEY_DP, "the least notional", &r->min_notional_e8);
	if (json_is(type, "PERCENT_PRICE") || json_is(type, "PERCENT_PRICE_BY_SIDE"))
		return band_filter(s, f, json_is(type, "PERCENT_PRICE_BY_SIDE"), r);
	return 0;
}

static int read_filters(const struct symbol *s, const struct json_value *v, struct rule *r)
{
	struct json_scan j;
	struct json_value row, f[filter_member_max];
	json_scan_value(&j, v);
	if (v->token != TOKEN_ARRAY || json_next(&j) != TOKEN_ARRAY)
		return err_set(ERR_PARSE, "exchangeInfo has no filters for %s", s->text);
	while (json_take(&j, &row)) {
		if (!members(&row, filter_member_name, f, filter_member_max))
			return err_set(ERR_PARSE, "a filter of %s is no object", s->text);
		int rc = read_filter(s, f, r);
		if (rc)
			return rc;
	}
	if (r->tick <= 0 || r->lot <= 0)
		return err_set(ERR_PARSE, "exchangeInfo says neither tick nor lot of %s", s->text);
	return 0;
}

static bool has_word(const struct json_value *array, const char *word)
{
	struct json_scan j;
	struct json_value v;
	if (array->token != TOKEN_ARRAY)
		return false;
	json_scan_value(&j, array);
	json_next(&j);
	while (json_take(&j, &v))
		if (json_is(&v, word))
			return true;
	return false;
}

/* Futures do not say it and take all three. */
static uint8_t read_self_trades(const struct json_value *modes)
{
	uint8_t all = 0;
	for (unsigned k = 0; k < SELF_TRADE_NONE; k++)
		if (modes->token != TOKEN_ARRAY ||
		    has_word(modes, binance_self_trade((enum self_trade)k)))
			all |= (uint8_t)(1u << k);
	return all;
}

static struct caps read_caps(const struct binance_rules *r, const struct json_value *m)
{
	struct caps c = { .offsets = 1u << OFFSET_NONE,
			  .self_trades = read_self_trades(&m[S_SELF_TRADES]) };
	bool spot = r->api == BINANCE_SPOT, limit = has_word(&m[S_TYPES], "LIMIT");
	/* Spot names no times in force: a limit order has all three. */
	static const struct {
		const char *word;
		enum tif tif;
	} tifs[] = { { "GTC", TIF_GTC }, { "IOC", TIF_IOC }, { "FOK", TIF_FOK } };
	for (size_t i = 0; i < sizeof(tifs) / sizeof(*tifs); i++)
		if (limit && (spot || has_word(&m[S_TIFS], tifs[i].word)))
			c.tifs |= 1u << tifs[i].tif;
	c.types |= limit ? 1u << ORD_LIMIT : 0;
	c.types |= has_word(&m[S_TYPES], "MARKET") ? 1u << ORD_MARKET : 0;
	if (spot ? has_word(&m[S_TYPES], "LIMIT_MAKER") : has_word(&m[S_TIFS], "GTX"))
		c.types |= 1u << ORD_POST_ONLY;
	c.reduce_only = c.replace = c.dead_man = !spot;
	c.mass_cancel = true;
	c.orders_per_10s = r->orders_per_10s;
	c.orders_per_day = r->orders_per_day;
	return c;
}

static int read_symbol(struct binance_rules *r, const struct json_value *row)
{
	struct json_value m[symbol_member_max];
	if (!members(row, symbol_member_name, m, symbol_member_max))
		return err_set(ERR_PARSE,
			       "a symbol of exchangeInfo is no object, or has a member twice");
	const struct symbol *s = m[S_SYMBOL].token == TOKEN_STRING
					 ? symbols_find(r->symbols, m[S_SYMBOL].p, m[S_SYMBOL].n)
					 : NULL;
	if (!s)
		return 0;
	struct rule rule = { .from_utc_ns = r->utc_ns };
	int rc = read_filters(s, &m[S_FILTERS], &rule);
	if (rc)
		return rc;
	struct caps caps = read_caps(r, m);
	r->found++;
	r->on_rule(r->owner, s, &rule, &caps, json_is(&m[S_STATUS], "TRADING"));
	return 0;
}

/* What an account may do in a stretch of time; weights are counted by the minute. */
static void read_limit(struct binance_rules *r, const struct json_value *m)
{
	const struct {
		const char *type, *interval;
		int64_t num;
		int32_t *place;
	} known[] = {
		{ "REQUEST_WEIGHT", "MINUTE", 1, &r->weight_per_minute },
		{ "ORDERS", "SECOND", 10, &r->orders_per_10s },
		{ "ORDERS", "MINUTE", 1, &r->orders_per_minute },
		{ "ORDERS", "DAY", 1, &r->orders_per_day },
	};
	int64_t num, limit;
	if (!json_int64(&m[L_NUM], &num) || !json_int64(&m[L_LIMIT], &limit) || limit < 0 ||
	    limit > INT32_MAX)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (json_is(&m[L_TYPE], known[i].type) &&
		    json_is(&m[L_INTERVAL], known[i].interval) && num == known[i].num)
			*known[i].place = (int32_t)limit;
}

int binance_rules_read(struct binance_rules *r, const char *p, size_t n)
{
	struct json_scan j;
	struct json_value m[info_member_max], row, limit[limit_member_max];
	r->found = 0;
	if (n > UINT32_MAX)
		return err_set(ERR_PARSE, "exchangeInfo of more than 4 GiB");
	json_scan_init(&j, p, n);
	if (!json_members(&j, info_member_name, m, info_member_max) || json_next(&j) != TOKEN_END)
		return err_set(ERR_PARSE, "exchangeInfo is broken: %s",
			       j.error ? j.error : "no object");
	if (m[I_SYMBOLS].token != TOKEN_ARRAY)
		return err_set(ERR_PARSE, "exchangeInfo has no symbols");
	if (m[I_LIMITS].token == TOKEN_ARRAY) {
		json_scan_value(&j, &m[I_LIMITS]);
		json_next(&j);
		while (json_take(&j, &row))
			if (members(&row, limit_member_name, limit, limit_member_max))
				read_limit(r, limit);
	}
	json_scan_value(&j, &m[I_SYMBOLS]);
	json_next(&j);
	while (json_take(&j, &row)) {
		int rc = read_symbol(r, &row);
		if (rc)
			return rc;
	}
	return 0;
}
