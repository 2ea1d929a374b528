/* Proves what a venue does of its own accord: refusals for a while in the venue's words, forced fills, somebody else's orders, countdowns, and lists that are not true. */
#include "tests/unit/sim/wire_fixture.h"
#include "tests/unit/suite.h"

#define SECOND 1000000000ll
#define REST_BUY \
	"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=2 newClientOrderId=a"

static void plan(struct wire_fixture *x, enum plan_kind kind, int64_t for_ns)
{
	wire_plan(&x->w, &(struct plan_event){ .kind = (uint8_t)kind, .for_ns = for_ns },
		  x->now_ns);
}

START_TEST(test_refusals)
{
	static const struct {
		enum plan_kind plan;
		int signed_code, open_code;
	} rows[] = { { PLAN_MAINTENANCE, -1016, -1016 },
		     { PLAN_REVOKE, -2015, 0 },
		     { PLAN_WINDOW, -1021, 0 },
		     { PLAN_LIMIT, -1003, -1003 },
		     { PLAN_BAN, -1003, -1003 } };
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wire_answer a;
		plan(x, rows[i].plan, SECOND);
		ck_assert_int_eq(code_of(ask(x, "account.status", "")), rows[i].signed_code);
		wire_rest(&x->w, x->now_ns, "GET", "/api/v3/time", 12, "", "", 0, &a);
		ck_assert_int_eq(a.status == 200, rows[i].open_code == 0);
		ck_assert_int_eq(a.retry_after_s > 0, rows[i].open_code == -1003);
		ck_assert(rows[i].plan != PLAN_BAN || a.status == 418);
		x->now_ns += 2 * SECOND;
		ck_assert_int_eq(code_of(ask(x, "account.status", "")), 0);
	}
	wire_fixture_free(x);
}
END_TEST

/* F65 */
START_TEST(test_forced)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	plan(x, PLAN_LIQUIDATE, 0); /* nothing to take */
	ck_assert_ptr_null(find_report(x, "ORDER_TRADE_UPDATE"));
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(code_of(ask(x, "order.place",
					     "symbol=BTCUSDT side=BUY type=MARKET quantity=2")),
				 0);
		forget_reports(x);
		plan(x, k ? PLAN_ADL : PLAN_LIQUIDATE, 0);
		const json_t *o = json_object_get(find_report(x, "ORDER_TRADE_UPDATE"), "o");
		const char *by = k ? "adl_autoclose" : "autoclose-";
		ck_assert_int_eq(strncmp(text_of(o, "c"), by, strlen(by)), 0);
		ck_assert_str_eq(text_of(o, "S"), "SELL");
		ck_assert_str_eq(text_of(o, "X"), "FILLED");
		json_t *a = ask(x, "v2/account.position", "symbol=BTCUSDT");
		ck_assert_str_eq(text_of(json_array_get(result_of(a), 0), "positionAmt"),
				 "0.00000000");
		json_decref(a);
	}
	wire_fixture_free(x);
}
END_TEST

/* F16 */
START_TEST(test_somebody_else)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	plan(x, PLAN_FOREIGN_FILL, 0);
	const json_t *r = find_report(x, "executionReport");
	ck_assert_int_eq(strncmp(text_of(r, "c"), "web_", 4), 0);
	ck_assert_str_eq(text_of(r, "x"), "TRADE");
	plan(x, PLAN_FOREIGN_ORDER, 0);
	json_t *a = ask(x, "openOrders.status", "");
	ck_assert_uint_eq(json_array_size(result_of(a)), 1);
	json_decref(a);
	x->w.knobs.config.ppm[FAULT_MISS_ORDER] = 1000000; /* F64 */
	a = ask(x, "openOrders.status", "");
	ck_assert_uint_eq(json_array_size(result_of(a)), 0);
	json_decref(a);
	wire_fixture_free(x);
}
END_TEST

/* F64: the position before its last change, with the stamp of then. */
START_TEST(test_stale_position)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(code_of(ask(x, "order.place",
					     "symbol=BTCUSDT side=BUY type=MARKET quantity=1")),
				 0);
		x->now_ns += SECOND;
	}
	x->w.knobs.config.ppm[FAULT_STALE_POSITION] = 1000000;
	json_t *a = ask(x, "v2/account.position", "symbol=BTCUSDT");
	const json_t *p = json_array_get(result_of(a), 0);
	ck_assert_str_eq(text_of(p, "positionAmt"), "1.00000000");
	ck_assert_int_eq(number_of(p, "updateTime"), NOW / 1000000);
	json_decref(a);
	x->w.knobs.config.ppm[FAULT_STALE_POSITION] = 0;
	a = ask(x, "v2/account.position", "symbol=BTCUSDT");
	p = json_array_get(result_of(a), 0);
	ck_assert_str_eq(text_of(p, "positionAmt"), "2.00000000");
	ck_assert_int_ge(number_of(p, "updateTime"), (NOW + SECOND) / 1000000);
	json_decref(a);
	wire_fixture_free(x);
}
END_TEST

static int countdown(struct wire_fixture *x, const char *ms)
{
	char target[1024], query[512], hex[65];
	struct wire_answer a;
	snprintf(query, sizeof query, "symbol=BTCUSDT&countdownTime=%s&timestamp=%lld", ms,
		 (long long)(x->now_ns / 1000000));
	hmac_hex(x->key[0].secret, query, hex);
	snprintf(target, sizeof target, "/fapi/v1/countdownCancelAll?%s&signature=%s", query, hex);
	wire_rest(&x->w, x->now_ns, "POST", target, strlen(target), x->key[0].api_key, "", 0, &a);
	return a.status;
}

static int64_t open_orders(struct wire_fixture *x)
{
	const struct exchange_order *o[4];
	return exchange_open(&x->w.exchange, 0, LEDGER_NONE, o, 4);
}

/* F72 */
START_TEST(test_countdown)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	ck_assert_int_eq(code_of(ask(x, "order.place", REST_BUY)), 0);
	ck_assert_int_eq(countdown(x, "-5"), 400);
	ck_assert_int_eq(countdown(x, "2000"), 200);
	x->now_ns += SECOND;
	ck_assert_int_eq(countdown(x, "2000"), 200); /* it begins again */
	ck_assert_int_eq(wire_countdown(&x->w, x->now_ns + SECOND), x->now_ns + 2 * SECOND);
	ck_assert_int_eq(open_orders(x), 1);
	forget_reports(x);
	ck_assert_int_eq(wire_countdown(&x->w, x->now_ns + 2 * SECOND), INT64_MAX);
	ck_assert_int_eq(open_orders(x), 0);
	ck_assert_str_eq(text_of(json_object_get(find_report(x, "ORDER_TRADE_UPDATE"), "o"), "X"),
			 "CANCELED");
	ck_assert_int_eq(code_of(ask(x, "order.place", REST_BUY)), 0);
	ck_assert_int_eq(countdown(x, "2000"), 200);
	ck_assert_int_eq(countdown(x, "0"), 200);
	ck_assert_int_eq(wire_countdown(&x->w, x->now_ns + 9 * SECOND), INT64_MAX);
	ck_assert_int_eq(open_orders(x), 1);
	wire_fixture_free(x);
}
END_TEST

SUITE("wire_trouble", test_refusals, test_forced, test_somebody_else, test_stale_position,
      test_countdown)
