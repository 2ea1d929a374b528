/* Proves that exchangeInfo of both markets becomes exact rules, and that a filter which does not fit is an error. */
#include "adapters/codec/binance_rules.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

static const struct instrument instruments[] = { { .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 },
						 { .symbol = "ETHUSDT", .px_dp = 2, .qty_dp = 3 } };

static struct {
	unsigned n;
	struct rule rule;
	struct caps caps;
	char symbol[32];
	bool trading;
} got;

static void on_rule(void *owner, const struct symbol *s, const struct rule *r, const struct caps *c,
		    bool trading)
{
	ck_assert_ptr_eq(owner, &got);
	got.n++;
	got.rule = *r;
	got.caps = *c;
	got.trading = trading;
	snprintf(got.symbol, sizeof(got.symbol), "%s", s->text);
}

static int read_rules(enum binance_api api, const char *text, size_t n, struct binance_rules *r)
{
	struct symbols symbols;
	ck_assert_int_eq(symbols_init(&symbols, instruments, 2, 0), 0);
	*r = (struct binance_rules){
		.api = api, .symbols = &symbols, .utc_ns = 99, .owner = &got, .on_rule = on_rule
	};
	memset(&got, 0, sizeof(got));
	int rc = binance_rules_read(r, text, n);
	symbols_free(&symbols);
	return rc;
}

#define LIMITS                                                                                                             \
	"\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000}," \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":100},"                         \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"DAY\",\"intervalNum\":1,\"limit\":200000}]"
#define SPOT_FILTERS                                                                                                                                                                     \
	"[{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01000000\",\"maxPrice\":\"1000000.00000000\",\"tickSize\":\"0.01000000\"},"                                                  \
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.00001000\",\"maxQty\":\"9000.00000000\",\"stepSize\":\"0.00001000\"},"                                                              \
	"{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.00000000\",\"maxQty\":\"107.50000000\",\"stepSize\":\"0.00000000\"},"                                                        \
	"{\"filterType\":\"PERCENT_PRICE_BY_SIDE\",\"bidMultiplierUp\":\"5\",\"bidMultiplierDown\":\"0.2\",\"askMultiplierUp\":\"4\",\"askMultiplierDown\":\"0.5\",\"avgPriceMins\":5}," \
	"{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5.00000000\",\"applyMinToMarket\":true,\"maxNotional\":\"9000000.00000000\"},"                                                   \
	"{\"filterType\":\"MAX_NUM_ORDERS\",\"maxNumOrders\":200}]"
#define SELF_TRADES "\"allowedSelfTradePreventionModes\":[\"NONE\",\"EXPIRE_MAKER\",\"DECREMENT\"],"
#define SPOT(filters)                                                                                    \
	"{\"timezone\":\"UTC\"," LIMITS                                                                  \
	",\"symbols\":[{\"symbol\":\"XRPUSDT\",\"filters\":[{\"tickSize\":1}]},{\"symbol\":\"BTCUSDT\"," \
	"\"status\":\"TRADING\",\"orderTypes\":[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\"]," SELF_TRADES      \
	"\"filters\":" filters "}]}"

START_TEST(spot)
{
	struct binance_rules r;
	static const char text[] = SPOT(SPOT_FILTERS);
	ck_assert_int_eq(read_rules(BINANCE_SPOT, text, strlen(text), &r), 0);
	ck_assert(got.n == 1 && r.found == 1 && got.trading);
	ck_assert_str_eq(got.symbol, "BTCUSDT");
	ck_assert(got.rule.tick == 1 && got.rule.lot == 1 && got.rule.min_qty == 1 &&
		  got.rule.max_qty == 10750000);
	ck_assert(got.rule.min_notional_e8 == 500000000 && got.rule.from_utc_ns == 99);
	ck_assert(got.rule.band_up_ppm == 3000000 && got.rule.band_down_ppm == 500000);
	ck_assert(got.caps.types == (1u << ORD_LIMIT | 1u << ORD_MARKET | 1u << ORD_POST_ONLY));
	ck_assert(got.caps.tifs == (1u << TIF_GTC | 1u << TIF_IOC | 1u << TIF_FOK) &&
		  !got.caps.reduce_only);
	ck_assert_uint_eq(got.caps.self_trades, 1u << SELF_TRADE_MAKER);
	ck_assert(r.weight_per_minute == 6000 && r.orders_per_10s == 100 &&
		  r.orders_per_day == 200000);
}
END_TEST

START_TEST(futures)
{
	static const char text[] =
		"{\"symbols\":[{\"symbol\":\"ETHUSDT\",\"status\":\"SETTLING\",\"orderTypes\":[\"LIMIT\",\"MARKET\",\"STOP\"],"
		"\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\",\"GTX\",\"GTD\"],\"filters\":["
		"{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"},"
		"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"10000\",\"stepSize\":\"0.001\"},"
		"{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.002\",\"maxQty\":\"99999999999999999\",\"stepSize\":\"0.001\"},"
		"{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"20\"},"
		"{\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.0500\",\"multiplierDown\":\"0.9500\",\"multiplierDecimal\":\"4\"}]}]}";
	struct binance_rules r;
	ck_assert_int_eq(read_rules(BINANCE_USDM, text, strlen(text), &r), 0);
	ck_assert(got.n == 1 && !got.trading && got.rule.tick == 1 && got.rule.lot == 1);
	ck_assert(got.rule.min_qty == 2 && got.rule.max_qty == 10000000 &&
		  got.rule.min_notional_e8 == 2000000000);
	ck_assert(got.rule.band_up_ppm == 50000 && got.rule.band_down_ppm == 50000);
	ck_assert(got.caps.types == (1u << ORD_LIMIT | 1u << ORD_MARKET | 1u << ORD_POST_ONLY) &&
		  got.caps.reduce_only);
	ck_assert_uint_eq(got.caps.self_trades, /* it does not say so, and takes them */
			  1u << SELF_TRADE_TAKER | 1u << SELF_TRADE_MAKER | 1u << SELF_TRADE_BOTH);
}
END_TEST

START_TEST(filters_that_do_not_fit_are_errors)
{
	static const struct {
		const char *text;
		int rc;
	} bad[] = {
		{ SPOT("[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.00100000\"}]"),
		  -ERR_RANGE },
		{ SPOT("[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"},{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"0.0000001\"}]"),
		  -ERR_RANGE },
		{ SPOT("[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"}]"), -ERR_PARSE },
		{ SPOT("[]"), -ERR_PARSE },
		{ SPOT("{}"), -ERR_PARSE },
		{ SPOT("[1]"), -ERR_PARSE },
		{ SPOT("[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":0.01}]"), -ERR_PARSE },
		{ SPOT("[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"-0.01\"}]"), -ERR_PARSE },
		{ "{\"symbols\":{}}", -ERR_PARSE },
		{ "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}", -ERR_PARSE },
		{ "{\"symbols\":[]", -ERR_PARSE },
		{ "{\"symbols\":[3]}", -ERR_PARSE },
	};
	struct binance_rules r;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(read_rules(BINANCE_SPOT, bad[i].text, strlen(bad[i].text), &r) ==
				      bad[i].rc,
			      "%s", bad[i].text);
		ck_assert(got.n == 0 && err_text()[0]);
	}
}
END_TEST

START_TEST(every_cut_is_an_error)
{
	struct binance_rules r;
	static const char text[] = SPOT(SPOT_FILTERS);
	for (size_t n = 0; n < strlen(text); n++) {
		char *exact = malloc(n ? n : 1);
		memcpy(exact, text, n);
		ck_assert_int_eq(read_rules(BINANCE_SPOT, exact, n, &r), -ERR_PARSE);
		free(exact);
	}
}
END_TEST

SUITE("binance_rules", spot, futures, filters_that_do_not_fit_are_errors, every_cut_is_an_error)
