/* Proves the codec against the message examples that the venue publishes: what is signed byte for byte, and what the examples mean. */
#include "adapters/codec/binance_exec.h"
#include "adapters/codec/binance_md.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

static const char api_key[] = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
static const char secret[] = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

/* Two orders that the documentation signs; the second has a symbol beyond ASCII. */
static const struct {
	const char *symbol, *side, *px, *qty, *signature;
	int64_t window;
} orders[] = {
	{ "BTCUSDT", "SELL", "52000.00", "0.01000000",
	  "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24", 100 },
	{ "１２３４５６", "BUY", "0.10000000", "1.00000000",
	  "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd", 5000 },
};

START_TEST(published_signatures)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct binance_key k = { .recv_window_ms = orders[i].window };
		const struct binance_param p[] = {
			{ "symbol", orders[i].symbol, 0 },
			{ "side", orders[i].side, 0 },
			{ "type", "LIMIT", 0 },
			{ "timeInForce", "GTC", 0 },
			{ "quantity", orders[i].qty, 0 },
			{ "price", orders[i].px, 0 },
		};
		char out[BINANCE_REQUEST_MAX], want[BINANCE_REQUEST_MAX];
		strcpy(k.api_key, api_key);
		ck_assert_int_eq(
			signer_from_bytes(secret, strlen(secret), SIGN_HMAC_SHA256, &k.signer), 0);
		ptrdiff_t n = binance_request(&k, "order.place", p, 6, 1, 1645423376532, out,
					      sizeof(out) - 1);
		ck_assert_int_gt(n, 0);
		out[n] = '\0';
		snprintf(
			want, sizeof(want),
			"{\"id\":1,\"method\":\"order.place\",\"params\":{\"apiKey\":\"%s\",\"price\":\"%s\",\"quantity\":\"%s\",\"recvWindow\":%lld,"
			"\"side\":\"%s\",\"symbol\":\"%s\",\"timeInForce\":\"GTC\",\"timestamp\":1645423376532,\"type\":\"LIMIT\",\"signature\":\"%s\"}}",
			api_key, orders[i].px, orders[i].qty, (long long)orders[i].window,
			orders[i].side, orders[i].symbol, orders[i].signature);
		ck_assert_str_eq(out, want);
		signer_free(k.signer);
	}
}
END_TEST

static const struct instrument instruments[] = {
	{ .symbol = "BNBUSDT", .px_dp = 8, .qty_dp = 8 },
	{ .symbol = "BNBBTC", .px_dp = 8, .qty_dp = 8 },
	{ .symbol = "ETHBTC", .px_dp = 8, .qty_dp = 8 },
	{ .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 3 },
};

START_TEST(published_market_messages)
{
	static const char ticker[] =
		"{\n  \"u\":400900217,\n  \"s\":\"BNBUSDT\",\n  \"b\":\"25.35190000\",\n  \"B\":\"31.21000000\",\n"
		"  \"a\":\"25.36520000\",\n  \"A\":\"40.66000000\"\n}";
	static const char depth[] =
		"{\"e\": \"depthUpdate\", \"E\": 1672515782136, \"s\": \"BNBBTC\", \"U\": 157, \"u\": 160, "
		"\"b\": [[\"0.0024\", \"10\"]], \"a\": [[\"0.0026\", \"100\"]]}";
	static const char book[] =
		"{\"lastUpdateId\": 1027024, \"bids\": [[\"4.00000000\", \"431.00000000\"]], "
		"\"asks\": [[\"4.00000200\", \"12.00000000\"]]}";
	struct symbols s;
	struct binance_md d;
	struct binance_md_event ev;
	ck_assert_int_eq(symbols_init(&s, instruments, 4, 0), 0);
	ck_assert_int_eq(binance_md_init(&d, &s, 10, false), 0);
	ck_assert_int_eq(binance_md_decode(&d, ticker, strlen(ticker), 0, &ev), 0);
	ck_assert(ev.kind == MD_QUOTE && ev.instrument == 0 && ev.quote.seq == 400900217);
	ck_assert(ev.quote.px[SIDE_BUY] == 2535190000 && ev.quote.qty[SIDE_BUY] == 3121000000);
	ck_assert(ev.quote.px[SIDE_SELL] == 2536520000 && ev.quote.qty[SIDE_SELL] == 4066000000);
	ck_assert_int_eq(binance_md_decode(&d, depth, strlen(depth), 0, &ev), 0);
	ck_assert(ev.kind == MD_DEPTH && ev.instrument == 1 && ev.depth.first_seq == 157 &&
		  ev.depth.last_seq == 160);
	ck_assert(ev.depth.level[SIDE_BUY][0].px == 240000 &&
		  ev.depth.level[SIDE_SELL][0].qty == 10000000000);
	ck_assert_int_eq(ev.depth.venue_ns, 1672515782136000000);
	ck_assert_int_eq(binance_md_snapshot(&d, symbols_find(&s, "BNBBTC", 6), book, strlen(book),
					     0, &ev),
			 0);
	ck_assert(ev.depth.last_seq == 1027024 && ev.depth.level[SIDE_SELL][0].px == 400000200);
	binance_md_free(&d);
	symbols_free(&s);
}
END_TEST

START_TEST(published_reports)
{
	static const char spot[] =
		"{\"subscriptionId\": 1, \"event\": {\"e\": \"executionReport\", \"E\": 1499405658658, \"s\": \"ETHBTC\", \"c\": \"mUvoqJxFIILMdfAW5iGSOW\", "
		"\"S\": \"BUY\", \"o\": \"LIMIT\", \"f\": \"GTC\", \"q\": \"1.00000000\", \"p\": \"0.10264410\", \"P\": \"0.00000000\", \"F\": \"0.00000000\", "
		"\"g\": -1, \"C\": \"\", \"x\": \"NEW\", \"X\": \"NEW\", \"r\": \"NONE\", \"i\": 4293153, \"l\": \"0.00000000\", \"z\": \"0.00000000\", "
		"\"L\": \"0.00000000\", \"n\": \"0\", \"N\": null, \"T\": 1499405658657, \"t\": -1, \"v\": 3, \"I\": 8641984, \"w\": true, \"m\": false, "
		"\"M\": false, \"O\": 1499405658657, \"Z\": \"0.00000000\", \"Y\": \"0.00000000\", \"Q\": \"0.00000000\", \"W\": 1499405658657, \"V\": \"selfTradePreventionMode\"}}";
	static const char futures[] =
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1568879465651,\"T\":1568879465650,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"TEST\",\"S\":\"SELL\",\"o\":\"TRAILING_STOP_MARKET\","
		"\"f\":\"GTC\",\"q\":\"0.001\",\"p\":\"0\",\"ap\":\"0\",\"sp\":\"7103.04\",\"x\":\"NEW\",\"X\":\"NEW\",\"i\":8886774,\"l\":\"0\",\"z\":\"0\",\"L\":\"0\","
		"\"N\":\"USDT\",\"n\":\"0\",\"T\":1568879465650,\"t\":0,\"b\":\"0\",\"a\":\"9.91\",\"m\":false,\"R\":false,\"wt\":\"CONTRACT_PRICE\","
		"\"ot\":\"TRAILING_STOP_MARKET\",\"ps\":\"LONG\",\"cp\":false,\"AP\":\"7476.89\",\"cr\":\"5.0\",\"pP\":false,\"si\":0,\"ss\":0,\"rp\":\"0\",\"V\":\"EXPIRE_TAKER\","
		"\"pm\":\"OPPONENT\",\"gtd\":0}}";
	static struct assets assets = { .n = 1 };
	struct symbols s;
	ck_assert_int_eq(symbols_init(&s, instruments, 4, 0), 0);
	struct binance_exec c = { .symbols = &s, .assets = &assets };
	struct binance_message m;
	struct binance_event ev;
	const char *why;
	ck_assert_int_eq(binance_message(spot, strlen(spot), &m, &why), 0);
	ck_assert(m.kind == BINANCE_EVENT && m.subscription == 1);
	ck_assert_int_eq(binance_event(&c, &m.event, 0, &ev), 0);
	ck_assert(ev.kind == BINANCE_EV_EXEC && ev.exec.kind == EXEC_ACK &&
		  ev.exec.instrument == 2 && ev.exec.order == 0);
	ck_assert(ev.exec.px == 10264410 && ev.exec.qty == 100000000 &&
		  ev.exec.venue_ns == 1499405658657000000);
	ck_assert_str_eq(ev.exec.client, "mUvoqJxFIILMdfAW5iGSOW");
	ck_assert_int_eq(binance_message(futures, strlen(futures), &m, &why), 0);
	ck_assert_int_eq(binance_event(&c, &m.event, 0, &ev), 0);
	ck_assert(ev.kind == BINANCE_EV_EXEC && ev.exec.kind == EXEC_ACK &&
		  ev.exec.instrument == 3 && ev.exec.side == SIDE_SELL);
	ck_assert_str_eq(ev.exec.venue_order, "8886774");
	symbols_free(&s);
}
END_TEST

SUITE("golden_binance", published_signatures, published_market_messages, published_reports)
