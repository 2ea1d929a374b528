/* Proves that every request gets an answer in the published form: id, status, result or error, limits; over both ways; and that whatever is no request is told so. */
#include "tests/unit/sim/wire_fixture.h"

static void same(struct wire_fixture *x, const char *ask_text, const char *want)
{
	struct wire_answer a;
	wire_ws(&x->w, &x->s, x->now_ns, ask_text, strlen(ask_text), &a);
	ck_assert_msg(a.n == strlen(want) && memcmp(a.text, want, a.n) == 0,
		      "%s\nanswered %.*s\nnot      %s", ask_text, (int)a.n, a.text, want);
}

/* A request, or the address of its connection, may do without rateLimits. */
START_TEST(test_limits_left_out)
{
	for (int kind = 0; kind < market_kind_max; kind++) {
		struct wire_fixture *x = wire_fixture_new((enum market_kind)kind);
		same(x, "{\"id\":1,\"method\":\"ping\",\"params\":{\"returnRateLimits\":false}}",
		     "{\"id\":1,\"status\":200,\"result\":{}}");
		same(x, "{\"id\":2,\"method\":\"time\",\"params\":{\"returnRateLimits\":false}}",
		     "{\"id\":2,\"status\":200,\"result\":{\"serverTime\":1700000000000}}");
		x->s.no_limits = true;
		same(x, "{\"id\":3,\"method\":\"no.such\"}",
		     "{\"id\":3,\"status\":400,\"error\":{\"code\":-1020,\"msg\":\"This operation is not supported.\"}}");
		const char *asked =
			"{\"id\":4,\"method\":\"ping\",\"params\":{\"returnRateLimits\":true}}";
		struct wire_answer a;
		wire_ws(&x->w, &x->s, x->now_ns, asked, strlen(asked), &a);
		ck_assert_ptr_nonnull(memmem(a.text, a.n, "\"rateLimits\":[", 14));
		wire_fixture_free(x);
	}
}
END_TEST

/* Byte by byte, as the published examples have them. */
START_TEST(test_golden_answers)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	same(x, "{\"id\":\"922bcc6e-9de8-440d-9e84-7c80933a8d0d\",\"method\":\"ping\"}",
	     "{\"id\":\"922bcc6e-9de8-440d-9e84-7c80933a8d0d\",\"status\":200,\"result\":{},\"rateLimits\":[{\"rateLimitType\":"
	     "\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000,\"count\":1}]}");
	same(x, "{\"id\":187,\"method\":\"v3/time\",\"params\":{}}",
	     "{\"id\":187,\"status\":200,\"result\":{\"serverTime\":1700000000000},\"rateLimits\":[{\"rateLimitType\":"
	     "\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000,\"count\":2}]}");
	same(x,
	     "{\"id\":null,\"method\":\"depth\",\"params\":{\"symbol\":\"BTCUSDT\",\"limit\":5}}",
	     "{\"id\":null,\"status\":200,\"result\":{\"lastUpdateId\":0,\"bids\":[[\"100.00000000\",\"5.00000000\"]],\"asks\":[[\"101.00000000\","
	     "\"5.00000000\"]]},\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000,\"count\":7}]}");
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_no_requests)
{
	static const struct {
		const char *text;
		int code;
	} bad[] = {
		{ "", -1135 },
		{ "[]", -1135 },
		{ "{\"id\":1}", -1135 },
		{ "{\"id\":1,\"method\":7}", -1135 },
		{ "{\"id\":1.5,\"method\":\"ping\"}", -1135 },
		{ "{\"id\":{},\"method\":\"ping\"}", -1135 },
		{ "{\"id\":1,\"method\":\"ping\",\"params\":[]}", -1135 },
		{ "{\"id\":1,\"id\":1,\"method\":\"ping\"}", -1135 },
		{ "{\"id\":1,\"method\":\"no.such\"}", -1020 },
		{ "{\"id\":1,\"method\":\"v9/\"}", -1020 },
		{ "{\"id\":1,\"method\":\"order.place\"}", -1102 },
		{ "{\"id\":1,\"method\":\"order.place\",\"params\":{\"apiKey\":{}}}", -1102 },
		{ "{\"id\":1,\"method\":\"depth\",\"params\":{\"symbol\":null}}", -1102 },
		{ "{\"id\":1,\"method\":\"depth\",\"params\":{\"symbol\":\"BTCUSDT\",\"limit\":-1}}",
		  -1100 },
		{ "{\"id\":1,\"method\":\"depth\",\"params\":{\"symbol\":\"BTCUSDT\",\"limit\":100000}}",
		  -1130 },
	};
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int got = code_of(say(x, bad[i].text));
		EXPECT_MSG(got == bad[i].code, "%s answered %d", bad[i].text, got);
	}
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_weight_limit)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	x->w.limits.limit[LIMIT_WEIGHT] = 3;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(code_of(say(x, "{\"id\":1,\"method\":\"ping\"}")), 0);
	json_t *a = say(x, "{\"id\":1,\"method\":\"ping\"}");
	ck_assert_int_eq(number_of(a, "status"), 429);
	int64_t retry =
		number_of(json_object_get(json_object_get(a, "error"), "data"), "retryAfter");
	ck_assert_int_eq(code_of(a), -1003);
	struct wire_answer r;
	wire_rest(&x->w, x->now_ns, "GET", "/api/v3/ping", 12, "", "", 0, &r);
	ck_assert_int_eq(r.status, 429);
	ck_assert_int_gt(r.retry_after_s, 0);
	ck_assert_int_le(r.retry_after_s, 61);
	x->now_ns = retry * 1000000;
	ck_assert_int_eq(code_of(say(x, "{\"id\":1,\"method\":\"ping\"}")), 0);
	wire_fixture_free(x);
}
END_TEST

static json_t *rest(struct wire_fixture *x, const char *method, const char *target, const char *key,
		    int want)
{
	struct wire_answer a;
	wire_rest(&x->w, x->now_ns, method, target, strlen(target), key, "", 0, &a);
	ck_assert_msg(a.status == want, "%s %s answered %d: %.*s", method, target, a.status,
		      (int)a.n, a.text);
	json_t *j = json_loadb(a.text, a.n, 0, NULL);
	ck_assert_ptr_nonnull(j);
	return j;
}

static void rest_code(struct wire_fixture *x, const char *method, const char *target, int want,
		      int code)
{
	json_t *j = rest(x, method, target, "", want);
	ck_assert_int_eq(number_of(j, "code"), code);
	json_decref(j);
}

START_TEST(test_rest)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	json_decref(rest(x, "GET", "/fapi/v1/ping", "", 200));
	json_t *j = rest(x, "GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=10", "", 200);
	ck_assert_int_eq(number_of(j, "lastUpdateId"), 0);
	json_decref(j);
	rest_code(x, "GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=11", 400, -4021);
	rest_code(x, "GET", "/fapi/v9/ping", 404, -1020);
	rest_code(x, "GET", "/api/v3/ping", 404, -1020);
	rest_code(x, "PATCH", "/fapi/v1/ping", 405, -1020);
	rest_code(x, "GET", "/fapi/v1/depth?symbol=%4", 400, -1101);
	rest_code(x, "GET", "/fapi/v1/openOrders", 401, -2014);
	rest_code(x, "PUT", "/fapi/v1/listenKey", 401, -2014);
	wire_fixture_free(x);
}
END_TEST

/* REST signs the query as it was sent: order and escapes included. */
START_TEST(test_rest_signature)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_FUTURES);
	char query[512], target[1024], hex[65];
	snprintf(query, sizeof query, "timestamp=%lld&symbol=BTC%%55SDT&recvWindow=5000",
		 NOW / 1000000);
	hmac_hex(x->key[0].secret, query, hex);
	snprintf(target, sizeof target, "/fapi/v1/openOrders?%s&signature=%s", query, hex);
	json_t *j = rest(x, "GET", target, x->key[0].api_key, 200);
	ck_assert(json_is_array(j));
	json_decref(j);
	target[strlen(target) - 1] ^= 1;
	j = rest(x, "GET", target, x->key[0].api_key, 400);
	ck_assert_int_eq(number_of(j, "code"), -1022);
	json_decref(j);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_exchange_info)
{
	static const char *const filters[] = { "PRICE_FILTER",		"LOT_SIZE",
					       "MARKET_LOT_SIZE",	"MAX_NUM_ORDERS",
					       "PERCENT_PRICE_BY_SIDE", "NOTIONAL" };
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT);
	json_t *a = say(
		x, "{\"id\":1,\"method\":\"exchangeInfo\",\"params\":{\"symbols\":[\"BTCUSDT\"]}}");
	/* An array is no text: nothing is filtered then. */
	const json_t *symbol = json_array_get(json_object_get(result_of(a), "symbols"), 0);
	ck_assert_str_eq(text_of(symbol, "status"), "TRADING");
	const json_t *f = json_object_get(symbol, "filters");
	ck_assert_uint_eq(json_array_size(f), 6);
	for (size_t i = 0; i < 6; i++)
		ck_assert_str_eq(text_of(json_array_get(f, i), "filterType"), filters[i]);
	ck_assert_str_eq(text_of(json_array_get(f, 0), "tickSize"), "0.01000000");
	ck_assert_str_eq(text_of(json_array_get(f, 1), "stepSize"), "0.00001000");
	json_decref(a);
	wire_fixture_free(x);
}
END_TEST

START_TEST(test_accounts)
{
	struct wire_fixture *x = wire_fixture_new(MARKET_SPOT),
			    *u = wire_fixture_new(MARKET_FUTURES);
	json_t *a = ask(x, "account.status", "");
	const json_t *b = json_object_get(result_of(a), "balances");
	ck_assert_str_eq(text_of(json_array_get(b, 1), "asset"), "USDT");
	ck_assert_str_eq(text_of(json_array_get(b, 1), "free"), "1000000.00000000");
	json_decref(a);
	a = ask(u, "v2/account.balance", "");
	ck_assert_str_eq(text_of(json_array_get(result_of(a), 0), "asset"), "USDT");
	ck_assert_str_eq(text_of(json_array_get(result_of(a), 0), "balance"), "1000000.00000000");
	json_decref(a);
	a = ask(u, "v2/account.status", "");
	ck_assert_str_eq(text_of(result_of(a), "totalWalletBalance"), "1000000.00000000");
	json_decref(a);
	ck_assert_int_eq(code_of(ask(x, "account.balance", "")), -1020);
	wire_fixture_free(x);
	wire_fixture_free(u);
}
END_TEST

SUITE("wire", test_golden_answers, test_limits_left_out, test_no_requests, test_weight_limit,
      test_rest, test_rest_signature, test_exchange_info, test_accounts)
