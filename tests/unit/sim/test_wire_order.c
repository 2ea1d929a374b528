/* Proves that orders over the venue's wire get the answers, numbers and errors that the specification names, on both markets. */
#include "tests/unit/sim/wire_fixture.h"

#define LIMIT_BUY "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99.50 quantity=1"

START_TEST(test_place_rests_and_is_found)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	json_t *a = ask(x, "order.place", LIMIT_BUY " newClientOrderId=one");
	const json_t *r = result_of(a);
	ck_assert_str_eq(text_of(r, "status"), "NEW");
	ck_assert_str_eq(text_of(r, "clientOrderId"), "one");
	ck_assert_str_eq(text_of(r, "price"), "99.50000000");
	ck_assert_str_eq(text_of(r, "executedQty"), "0.00000000");
	ck_assert_int_eq(number_of(r, "transactTime"), NOW / 1000000);
	ck_assert_uint_eq(json_array_size(json_object_get(r, "fills")), 0);
	int64_t id = number_of(r, "orderId");
	json_decref(a);
	a = ask(x, "order.status", "symbol=BTCUSDT origClientOrderId=one");
	ck_assert_int_eq(number_of(result_of(a), "orderId"), id);
	json_decref(a);
	a = ask(x, "openOrders.status", "");
	ck_assert_uint_eq(json_array_size(result_of(a)), 1);
	json_decref(a);
	/* It is the account's own business. */
	ck_assert_int_eq(
		code_of(ask_as(x, 1, "order.status", "symbol=BTCUSDT origClientOrderId=one")),
		-2013);
	a = ask(x, "order.cancel", "symbol=BTCUSDT origClientOrderId=one newClientOrderId=gone");
	ck_assert_str_eq(text_of(result_of(a), "status"), "CANCELED");
	ck_assert_str_eq(text_of(result_of(a), "origClientOrderId"), "one");
	ck_assert_str_eq(text_of(result_of(a), "clientOrderId"), "gone");
	json_decref(a);
	const json_t *e = find_report(x, "executionReport");
	ck_assert_str_eq(text_of(e, "c"), "gone");
	ck_assert_str_eq(text_of(e, "C"), "one");
	ck_assert_str_eq(text_of(e, "x"), "CANCELED");
	ck_assert_int_eq(code_of(ask(x, "order.cancel", "symbol=BTCUSDT origClientOrderId=one")),
			 -2011);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_fill_has_fills_and_fee)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	json_t *a = ask(x, "order.place",
			"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=IOC price=101 quantity=7");
	const json_t *r = result_of(a), *fill = json_array_get(json_object_get(r, "fills"), 0);
	ck_assert_str_eq(text_of(r, "status"), "EXPIRED");
	ck_assert_str_eq(text_of(r, "executedQty"), "5.00000000");
	ck_assert_str_eq(text_of(r, "cummulativeQuoteQty"), "505.00000000");
	ck_assert_str_eq(text_of(fill, "qty"), "5.00000000");
	ck_assert_str_eq(text_of(fill, "commission"), "0.00050000");
	ck_assert_str_eq(text_of(fill, "commissionAsset"), "BTC");
	json_decref(a);
	/* NEW, TRADE, EXPIRED, then the balances. */
	static const char *const kinds[] = { "NEW", "TRADE", "EXPIRED" };
	ck_assert_int_eq(x->n_reports, 4);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(text_of(x->report[i], "x"), kinds[i]);
	ck_assert_str_eq(text_of(x->report[1], "n"), "0.00050000");
	ck_assert_str_eq(text_of(x->report[1], "N"), "BTC");
	ck_assert_str_eq(text_of(x->report[3], "e"), "outboundAccountPosition");
	a = ask(x, "myTrades", "symbol=BTCUSDT");
	ck_assert_uint_eq(json_array_size(result_of(a)), 1);
	ck_assert_str_eq(text_of(json_array_get(result_of(a), 0), "quoteQty"), "505.00000000");
	json_decref(a);
	wire_fixture_free(x);
}
END_TEST

/* Each mistake has its number. */
static const struct {
	const char *params;
	int spot, futures; /* 1: not tried */
} mistakes[] = {
	{ "side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1", -1102, -1102 },
	{ "symbol=ETHUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1", -1121, -1121 },
	{ "symbol=btcusdt side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1", -1100, -1100 },
	{ "symbol=BTCUSDT type=LIMIT timeInForce=GTC price=99 quantity=1", -1102, -1102 },
	{ "symbol=BTCUSDT side=HOLD type=LIMIT timeInForce=GTC price=99 quantity=1", -1117, -1117 },
	{ "symbol=BTCUSDT side=BUY type=STOP timeInForce=GTC price=99 quantity=1", -1116, -1116 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=DAY price=99 quantity=1", -1115, -1115 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT price=99 quantity=1", -1102, -1102 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price= quantity=1", -1102, -1102 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=9e1 quantity=1", -1100, -1100 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=-99 quantity=1", -1100, -1100 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=0.123456789", -1111,
	  -1111 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99.005 quantity=1", -1013,
	  -4014 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=0.00000001", -1013,
	  -4003 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1.0000001", -1013,
	  -4023 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=99999", -1013,
	  -4005 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=0.01", -1013,
	  -4164 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=150 quantity=1", -1013, -4131 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=18446744073709551616 quantity=1",
	  -1013, -4014 },
	{ "symbol=BTCUSDT side=SELL type=MARKET quantity=900", -2010, 1 },
	{ "symbol=BTCUSDT side=SELL type=MARKET quantity=1 price=99", -1106, -1106 },
	{ "symbol=BTCUSDT side=SELL type=MARKET quantity=1 timeInForce=GTC", -1106, -1106 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1 newClientOrderId=a*b",
	  -1100, -1100 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1 newClientOrderId=a:b",
	  -1100, 0 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1 newClientOrderId=",
	  -1105, -1105 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1 icebergQty=1",
	  -1104, 0 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=1 newOrderRespType=LONG",
	  -1130, -1130 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT_MAKER price=101 quantity=1", -2010, -1116 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTX price=101 quantity=1", -1115, -5022 },
	{ "symbol=BTCUSDT side=BUY type=LIMIT timeInForce=FOK price=101 quantity=6", 0, -5021 },
	{ "symbol=BTCUSDT side=SELL type=MARKET quantity=1 reduceOnly=true", -1104, -2022 },
	{ "symbol=BTCUSDT side=SELL type=MARKET quantity=1 positionSide=LONG", -1104, -4061 },
};

START_TEST(test_mistakes)
{
	struct wire_fixture *x[] = { wire_fixture_new(MARKET_SPOT),
				     wire_fixture_new(MARKET_FUTURES) };
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		const int want[] = { mistakes[i].spot, mistakes[i].futures };
		for (int k = 0; k < 2; k++) {
			if (want[k] == 1)
				continue;
			int got = code_of(ask(x[k], "order.place", mistakes[i].params));
			EXPECT_MSG(got == want[k], "%s: %s answered %d, not %d",
				   k ? "USD-M" : "spot", mistakes[i].params, got, want[k]);
		}
	}
	for (int k = 0; k < 2; k++)
		wire_fixture_free(x[k]);
}
END_TEST

START_TEST(test_margin)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	x->w.exchange.funds[0].money[USDT].free_e8 = E8(12);
	ck_assert_int_eq(code_of(ask(x, "order.place", LIMIT_BUY)), 0);
	ck_assert_int_eq(
		code_of(ask(
			x, "order.place",
			"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99.5 quantity=10")),
		-2019);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_futures_answers)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	json_t *a = ask(x, "order.place",
			"symbol=BTCUSDT side=BUY type=MARKET quantity=2 newClientOrderId=m1");
	/* An acknowledgement knows no fill. */
	ck_assert_str_eq(text_of(result_of(a), "status"), "NEW");
	ck_assert_str_eq(text_of(result_of(a), "executedQty"), "0.00000000");
	json_decref(a);
	a = ask(x, "order.place",
		"symbol=BTCUSDT side=BUY type=MARKET quantity=2 newOrderRespType=RESULT");
	ck_assert_str_eq(text_of(result_of(a), "status"), "FILLED");
	ck_assert_str_eq(text_of(result_of(a), "avgPrice"), "101.00000000");
	json_decref(a);
	const json_t *o = json_object_get(find_report(x, "ORDER_TRADE_UPDATE"), "o");
	ck_assert_str_eq(text_of(o, "x"), "TRADE");
	ck_assert_str_eq(text_of(o, "X"), "FILLED");
	ck_assert_str_eq(text_of(o, "L"), "101.00000000");
	ck_assert_str_eq(text_of(o, "n"), "0.01010000"); /* 0.005 % here */
	ck_assert_ptr_nonnull(find_report(x, "TRADE_LITE"));
	const json_t *u = json_object_get(find_report(x, "ACCOUNT_UPDATE"), "a");
	const json_t *p = json_array_get(json_object_get(u, "P"), 0);
	ck_assert_str_eq(text_of(p, "pa"), "4.00000000");
	ck_assert_str_eq(text_of(p, "ep"), "101.00000000");
	a = ask(x, "v2/account.position", "symbol=BTCUSDT");
	ck_assert_str_eq(text_of(json_array_get(result_of(a), 0), "positionAmt"), "4.00000000");
	json_decref(a);
	wire_fixture_free(x);
}
END_TEST

#define MODIFY(px, qty) "symbol=BTCUSDT origClientOrderId=a side=BUY price=" px " quantity=" qty

/* F09: price and total quantity change in place; what filled before counts, and less than that is a cancel. */
START_TEST(test_modify)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	ck_assert_int_eq(
		code_of(ask(
			x, "order.place",
			"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99 quantity=2 newClientOrderId=a")),
		0);
	ck_assert_int_eq(code_of(ask(x, "order.modify", MODIFY("99", "2"))), -5027);
	ck_assert_int_eq(code_of(ask(x, "order.modify",
				     "symbol=BTCUSDT orderId=77 side=BUY price=99 quantity=3")),
			 -2013);
	forget_reports(x);
	json_t *a = ask(x, "order.modify", MODIFY("98", "3"));
	ck_assert_str_eq(text_of(result_of(a), "price"), "98.00000000");
	ck_assert_str_eq(text_of(result_of(a), "origQty"), "3.00000000");
	ck_assert_str_eq(text_of(result_of(a), "clientOrderId"), "a");
	json_decref(a);
	const json_t *o = json_object_get(find_report(x, "ORDER_TRADE_UPDATE"), "o");
	ck_assert_str_eq(text_of(o, "x"), "AMENDMENT");
	ck_assert_str_eq(text_of(o, "q"), "3.00000000");
	/* To where it takes: 5 stand at 101. */
	ck_assert_int_eq(code_of(ask(x, "order.modify", MODIFY("101", "7"))), 0);
	a = ask(x, "order.status", "symbol=BTCUSDT origClientOrderId=a");
	ck_assert_str_eq(text_of(result_of(a), "executedQty"), "5.00000000");
	ck_assert_str_eq(text_of(result_of(a), "status"), "PARTIALLY_FILLED");
	json_decref(a);
	a = ask(x, "order.modify", MODIFY("100", "4"));
	ck_assert_str_eq(text_of(result_of(a), "status"), "CANCELED");
	json_decref(a);
	ck_assert_int_eq(code_of(ask(x, "order.modify", MODIFY("100", "9"))), -2011);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_cancel_all)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	ck_assert_int_eq(code_of(ask(x, "openOrders.cancelAll", "symbol=BTCUSDT")), -2011);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(code_of(ask(x, "order.place", LIMIT_BUY)), 0);
	json_t *a = ask(x, "openOrders.cancelAll", "symbol=BTCUSDT");
	ck_assert_uint_eq(json_array_size(result_of(a)), 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(text_of(json_array_get(result_of(a), i), "status"), "CANCELED");
	json_decref(a);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_duplicates_and_tests)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	ck_assert_int_eq(code_of(ask(x, "order.test", LIMIT_BUY " newClientOrderId=d")), 0);
	ck_assert_uint_eq(x->w.exchange.n_accepted, 0);
	ck_assert_int_eq(
		code_of(ask(
			x, "order.test",
			"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=99.55 quantity=1")),
		-4014);
	ck_assert_int_eq(code_of(ask(x, "order.place", LIMIT_BUY " newClientOrderId=d")), 0);
	ck_assert_int_eq(code_of(ask(x, "order.place", LIMIT_BUY " newClientOrderId=d")), -4116);
	ck_assert_int_eq(code_of(ask(x, "order.status", "symbol=BTCUSDT")), -1102);
	ck_assert_int_eq(code_of(ask(x, "order.status", "symbol=BTCUSDT orderId=999")), -2013);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_order_limit)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	x->w.limits.limit[LIMIT_ORDERS_SHORT] = 2;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(code_of(ask(x, "order.place", LIMIT_BUY)), 0);
	json_t *a = ask(x, "order.place", LIMIT_BUY);
	ck_assert_int_eq(number_of(a, "status"), 429);
	const json_t *data = json_object_get(json_object_get(a, "error"), "data");
	int64_t retry_ms = number_of(data, "retryAfter");
	ck_assert_int_gt(retry_ms, NOW / 1000000);
	ck_assert_int_le(retry_ms, NOW / 1000000 + 10000);
	ck_assert_int_eq(code_of(a), -1015);
	/* The other account has a count of its own, and the window ends. */
	ck_assert_int_eq(code_of(ask_as(x, 1, "order.place", LIMIT_BUY)), 0);
	x->now_ns = retry_ms * 1000000;
	ck_assert_int_eq(code_of(ask(x, "order.place", LIMIT_BUY)), 0);
	/* What is filled counts no more. */
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(code_of(ask(x, "order.place",
					     "symbol=BTCUSDT side=BUY type=MARKET quantity=0.1")),
				 0);
	wire_fixture_free(x);
}
END_TEST

SUITE("wire_order", test_place_rests_and_is_found, test_fill_has_fills_and_fee, test_mistakes,
      test_margin, test_futures_answers, test_modify, test_cancel_all, test_duplicates_and_tests,
      test_order_limit)
