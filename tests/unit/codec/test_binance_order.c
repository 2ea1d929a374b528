/* Proves the bytes of requests: orders of every kind, what is signed, ids there and back, and that nothing is written beyond the buffer. */
#include "adapters/codec/binance_order.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/trade/order.h"
#include "tests/unit/suite.h"
#include <jansson.h>
#include <string.h>

static const char secret[] = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
static const struct instrument instrument = { .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 };

static struct binance_key make_key(void)
{
	struct binance_key k = { .api_key = "thekey", .recv_window_ms = 5000 };
	ck_assert_int_eq(signer_from_bytes(secret, strlen(secret), SIGN_HMAC_SHA256, &k.signer), 0);
	return k;
}

static struct order make_order(enum side side, enum ord_type type, enum tif tif)
{
	return (struct order){ .id = 0x0102030405060708,
			       .side = side,
			       .type = type,
			       .tif = tif,
			       .px = 6183760,
			       .qty = 1000 };
}

START_TEST(ids_go_there_and_back)
{
	static const uint64_t ids[] = { 1, 0x0102030405060708, UINT64_MAX };
	static const char *const foreign[] = { "",
					       "TDM",
					       "TDM000000000000000",
					       "TDM00000000000000001",
					       "TDX0000000000000001",
					       "TDM000000000000000G",
					       "TDM000000000000000A",
					       "web_0000000000000001",
					       "tdm0000000000000001" };
	char out[VENUE_CLIENT_ID];
	for (size_t i = 0; i < 3; i++) {
		size_t n = binance_encode_id(ids[i], out);
		ck_assert(n == strlen(out) && n <= 36);
		ck_assert_uint_eq(binance_decode_id(out, n), ids[i]);
	}
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		ck_assert_uint_eq(binance_decode_id(foreign[i], strlen(foreign[i])), 0);
}
END_TEST

static const char *place(enum binance_api api, const struct binance_key *k, enum side side,
			 enum ord_type type, enum tif tif)
{
	static char out[BINANCE_REQUEST_MAX];
	struct order o = make_order(side, type, tif);
	ck_assert(binance_can_place(api, type, tif));
	ptrdiff_t n =
		binance_place(api, k, &instrument, &o, 42, 1645423376532, out, sizeof(out) - 1);
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	return out;
}

#define HEAD \
	"{\"id\":42,\"method\":\"order.place\",\"params\":{\"newClientOrderId\":\"TDM0102030405060708\",\"newOrderRespType\":\"ACK\","
#define TAIL(side, tif, type)                                                   \
	"\"recvWindow\":5000,\"side\":\"" side "\",\"symbol\":\"BTCUSDT\"," tif \
	"\"timestamp\":1645423376532,\"type\":\"" type "\"}}"
#define PX "\"price\":\"61837.6\",\"quantity\":\"0.01\","

START_TEST(orders_of_a_session_that_is_logged_on)
{
	struct binance_key k = make_key();
	k.logged_on = true;
	ck_assert_str_eq(place(BINANCE_SPOT, &k, SIDE_BUY, ORD_LIMIT, TIF_IOC),
			 HEAD PX TAIL("BUY", "\"timeInForce\":\"IOC\",", "LIMIT"));
	ck_assert_str_eq(place(BINANCE_USDM, &k, SIDE_SELL, ORD_LIMIT, TIF_GTC),
			 HEAD PX TAIL("SELL", "\"timeInForce\":\"GTC\",", "LIMIT"));
	ck_assert_str_eq(place(BINANCE_SPOT, &k, SIDE_SELL, ORD_LIMIT, TIF_FOK),
			 HEAD PX TAIL("SELL", "\"timeInForce\":\"FOK\",", "LIMIT"));
	ck_assert_str_eq(place(BINANCE_SPOT, &k, SIDE_SELL, ORD_MARKET, TIF_GTC),
			 HEAD "\"quantity\":\"0.01\"," TAIL("SELL", "", "MARKET"));
	ck_assert_str_eq(place(BINANCE_SPOT, &k, SIDE_BUY, ORD_POST_ONLY, TIF_GTC),
			 HEAD PX TAIL("BUY", "", "LIMIT_MAKER"));
	ck_assert_str_eq(place(BINANCE_USDM, &k, SIDE_BUY, ORD_POST_ONLY, TIF_GTC),
			 HEAD PX TAIL("BUY", "\"timeInForce\":\"GTX\",", "LIMIT"));
	signer_free(k.signer);
}
END_TEST

START_TEST(what_the_market_has_not_is_refused)
{
	ck_assert(!binance_can_place(BINANCE_SPOT, ORD_LIMIT, TIF_DAY));
	ck_assert(!binance_can_place(BINANCE_USDM, ORD_POST_ONLY, TIF_IOC));
	ck_assert(!binance_can_place(BINANCE_SPOT, ord_type_max, TIF_GTC));
	ck_assert(!binance_can_place(BINANCE_SPOT, ORD_LIMIT, tif_max));
}
END_TEST

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Reads the message as the venue would: parameters without the signature, sorted by name, joined, signed. */
static void check_signature(const char *text, struct signer *s)
{
	json_error_t err;
	json_t *root = json_loads(text, 0, &err), *params = json_object_get(root, "params"), *v;
	const char *names[32], *name;
	char payload[2048] = "", sig[SIGN_TEXT];
	size_t n = 0;
	json_object_foreach(params, name, v) names[n++] = name;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(names[i], "signature"))
			continue;
		v = json_object_get(params, names[i]);
		char number[32];
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		snprintf(payload + strlen(payload), sizeof(payload) - strlen(payload), "%s%s=%s",
			 payload[0] ? "&" : "", names[i],
			 json_is_string(v) ? json_string_value(v) : number);
	}
	signer_sign(s, payload, strlen(payload), sig);
	ck_assert_str_eq(json_string_value(json_object_get(params, "signature")), sig);
	ck_assert_str_eq(json_string_value(json_object_get(params, "apiKey")), "thekey");
	json_decref(root);
}

/* F41: where the venue has it, the order that comes gives way to one of ours that rests. */
START_TEST(self_trades_are_prevented)
{
	struct binance_key k = make_key();
	char out[BINANCE_REQUEST_MAX];
	struct instrument in = instrument;
	in.caps.self_trades = 1u << SELF_TRADE_TAKER;
	struct order o = { .id = 1, .type = ORD_LIMIT, .tif = TIF_IOC, .px = 1, .qty = 1 };
	for (k.logged_on = false;; k.logged_on = true) {
		ptrdiff_t n = binance_place(BINANCE_USDM, &k, &in, &o, 1, 1645423376532, out,
					    sizeof out - 1);
		ck_assert_int_gt(n, 0);
		out[n] = '\0';
		ck_assert_ptr_nonnull(
			strstr(out, "\"selfTradePreventionMode\":\"EXPIRE_TAKER\",\"side\""));
		if (k.logged_on)
			break;
		check_signature(out, k.signer);
	}
	signer_free(k.signer);
}
END_TEST

/* As configured, and only where the venue says that it takes it. */
START_TEST(self_trade_is_a_setting)
{
	static const struct {
		enum self_trade asked;
		uint8_t taken;
		const char *word;
	} row[] = {
		{ SELF_TRADE_TAKER, 7, "EXPIRE_TAKER" }, { SELF_TRADE_MAKER, 7, "EXPIRE_MAKER" },
		{ SELF_TRADE_BOTH, 7, "EXPIRE_BOTH" },	 { SELF_TRADE_BOTH, 3, NULL },
		{ SELF_TRADE_TAKER, 0, NULL },		 { SELF_TRADE_NONE, 7, NULL },
	};
	struct binance_key k = make_key();
	struct instrument in = instrument;
	struct order o = { .id = 1, .type = ORD_LIMIT, .tif = TIF_GTC, .px = 1, .qty = 1 };
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		char out[BINANCE_REQUEST_MAX], want[64];
		k.self_trade = (uint8_t)row[i].asked;
		in.caps.self_trades = row[i].taken;
		ptrdiff_t n = binance_place(BINANCE_SPOT, &k, &in, &o, 1, 1645423376532, out,
					    sizeof out - 1);
		ck_assert_int_gt(n, 0);
		out[n] = '\0';
		snprintf(want, sizeof want, "\"selfTradePreventionMode\":\"%s\",\"side\"",
			 row[i].word ? row[i].word : "");
		ck_assert(!strstr(out, "selfTrade") == !row[i].word);
		ck_assert(!row[i].word || strstr(out, want));
		check_signature(out, k.signer);
	}
	signer_free(k.signer);
}
END_TEST

START_TEST(signed_requests_verify_as_the_venue_would)
{
	struct binance_key k = make_key();
	static const struct binance_param p[] = { { "symbol", "BTCUSDT", 0 },
						  { "limit", NULL, 1000 },
						  { "orderId", NULL, -5 } };
	char out[BINANCE_REQUEST_MAX];
	check_signature(place(BINANCE_SPOT, &k, SIDE_BUY, ORD_LIMIT, TIF_IOC), k.signer);
	check_signature(place(BINANCE_USDM, &k, SIDE_SELL, ORD_MARKET, TIF_GTC), k.signer);
	check_signature(place(BINANCE_SPOT, &k, SIDE_SELL, ORD_POST_ONLY, TIF_GTC), k.signer);
	ptrdiff_t n = binance_request(&k, "myTrades", p, 3, 7, 1645423376532, out, sizeof(out));
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	check_signature(out, k.signer);
	n = binance_logon(&k, 8, 1645423376532, out, sizeof(out));
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	check_signature(out, k.signer);
	signer_free(k.signer);
}
END_TEST

START_TEST(other_requests)
{
	struct binance_key k = make_key();
	static const struct binance_param p[] = { { "symbol", "BTCUSDT", 0 },
						  { "origClientOrderId", "TDM1", 0 } };
	char out[BINANCE_REQUEST_MAX];
	k.logged_on = true;
	ptrdiff_t n = binance_request(&k, "order.cancel", p, 2, 7, 12, out, sizeof(out));
	out[n] = '\0';
	ck_assert_str_eq(
		out,
		"{\"id\":7,\"method\":\"order.cancel\",\"params\":{\"origClientOrderId\":\"TDM1\",\"recvWindow\":5000,"
		"\"symbol\":\"BTCUSDT\",\"timestamp\":12}}");
	n = binance_plain("userDataStream.subscribe", NULL, 0, 9, out, sizeof(out));
	out[n] = '\0';
	ck_assert_str_eq(out, "{\"id\":9,\"method\":\"userDataStream.subscribe\",\"params\":{}}");
	signer_free(k.signer);
}
END_TEST

START_TEST(rest_queries_are_signed_as_sent)
{
	struct binance_key k = make_key();
	static const struct binance_param p[] = { { "symbol", "BTCUSDT", 0 } };
	char out[512], sig[SIGN_TEXT];
	ptrdiff_t n = binance_query(&k, p, 1, 99, out, sizeof(out));
	out[n] = '\0';
	char *at = strstr(out, "&signature=");
	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(strncmp(out, "recvWindow=5000&symbol=BTCUSDT&timestamp=99&", 44), 0);
	signer_sign(k.signer, out, (size_t)(at - out), sig);
	ck_assert_str_eq(at + 11, sig);
	signer_free(k.signer);
}
END_TEST

START_TEST(base64_is_escaped_in_queries)
{
	static const char pem[] =
		"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n-----END PRIVATE KEY-----\n";
	struct binance_key k = { .api_key = "thekey", .recv_window_ms = 5000 };
	char out[512];
	ck_assert_int_eq(signer_from_bytes(pem, strlen(pem), SIGN_ED25519, &k.signer), 0);
	unsigned escapes = 0;
	for (int64_t t = 1; t < 20; t++) {
		ptrdiff_t n = binance_query(&k, NULL, 0, t, out, sizeof(out));
		out[n] = '\0';
		const char *sig = strstr(out, "signature=") + 10;
		ck_assert(!strpbrk(sig, "+/="));
		escapes += strstr(sig, "%2B") != NULL;
		ck_assert_str_eq(sig + strlen(sig) - 6, "%3D%3D");
	}
	ck_assert_uint_gt(escapes, 0);
	signer_free(k.signer);
}
END_TEST

START_TEST(small_buffers_are_full_and_never_overrun)
{
	struct binance_key k = make_key();
	struct order o = make_order(SIDE_BUY, ORD_LIMIT, TIF_IOC);
	size_t need = strlen(place(BINANCE_SPOT, &k, SIDE_BUY, ORD_LIMIT, TIF_IOC));
	for (size_t cap = 0; cap <= need; cap++) {
		char *exact = malloc(cap ? cap : 1);
		ptrdiff_t n = binance_place(BINANCE_SPOT, &k, &instrument, &o, 42, 1645423376532,
					    exact, cap);
		ck_assert(cap < need ? n == -ERR_FULL : n == (ptrdiff_t)need);
		n = binance_query(&k, NULL, 0, 1, exact, cap);
		ck_assert(n == -ERR_FULL || (n > 0 && (size_t)n <= cap));
		free(exact);
	}
	signer_free(k.signer);
}
END_TEST

SUITE("binance_order", ids_go_there_and_back, orders_of_a_session_that_is_logged_on,
      what_the_market_has_not_is_refused, self_trades_are_prevented, self_trade_is_a_setting,
      signed_requests_verify_as_the_venue_would, other_requests, rest_queries_are_signed_as_sent,
      base64_is_escaped_in_queries, small_buffers_are_full_and_never_overrun)
