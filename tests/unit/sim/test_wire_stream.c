/* Proves that streams are named, matched and framed as the venues do it, and that recorded frames are taken apart without a byte lost. */
#include "adapters/sim/wire_stream.h"
#include "tests/unit/suite.h"
#include <string.h>

static const struct instrument btc[] = { { .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 3 } };

static struct wire_stream stream(const char *name)
{
	struct wire_stream s;
	ck_assert(wire_stream_parse(name, strlen(name), btc, 1, &s));
	return s;
}

START_TEST(test_names)
{
	static const struct {
		const char *name;
		int kind;
		bool known;
	} row[] = {
		{ "btcusdt@bookTicker", STREAM_QUOTE, true },
		{ "BTCUSDT@bookTicker", STREAM_QUOTE, true },
		{ "btcusdt@depth", STREAM_DEPTH, true },
		{ "btcusdt@depth@100ms", STREAM_DEPTH, true },
		{ "btcusdt@depth@0ms", STREAM_DEPTH, true },
		{ "btcusdt@depth20@100ms", STREAM_OTHER, true },
		{ "btcusdt@depth@7ms", STREAM_OTHER, true },
		{ "btcusdt@trade", STREAM_TRADE, true },
		{ "btcusdt@aggTrade", STREAM_AGG, true },
		{ "ethusdt@trade", STREAM_TRADE, false },
		{ "btcusd@trade", STREAM_TRADE, false },
		{ "!ticker@arr", STREAM_OTHER, false },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct wire_stream s = stream(row[i].name);
		EXPECT_MSG(s.kind == row[i].kind && (s.instrument == 0) == row[i].known, "%s",
			   row[i].name);
	}
	struct wire_stream s;
	ck_assert(!wire_stream_parse("", 0, btc, 1, &s));
	ck_assert(!wire_stream_parse("a b", 3, btc, 1, &s));
	ck_assert(!wire_stream_parse("a\"", 2, btc, 1, &s));
}
END_TEST

START_TEST(test_matches)
{
	struct wire_stream slow = stream("btcusdt@depth@100ms"), fast = stream("btcusdt@depth@0ms"),
			   eth = stream("ethusdt@depth");
	struct wire_stream trade = stream("btcusdt@trade"), agg = stream("btcusdt@aggTrade"),
			   mark = stream("btcusdt@markPrice");
	ck_assert(wire_stream_match(&slow, &fast));
	ck_assert(!wire_stream_match(&eth, &fast));
	ck_assert(!wire_stream_match(&eth, &eth));
	ck_assert(!wire_stream_match(&trade, &agg));
	ck_assert(wire_stream_match(&mark, &mark));
	ck_assert(!wire_stream_match(&mark, &trade));
}
END_TEST

START_TEST(test_frames_apart)
{
	static const char whole[] = "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\"}}\n",
			  bare[] = "{\"e\":\"trade\"}";
	struct wire_frame f;
	wire_frame_split(whole, sizeof whole - 1, &f);
	ck_assert(f.n_name == 13 && memcmp(f.name, "btcusdt@trade", 13) == 0);
	ck_assert(f.n_data == sizeof bare - 1 && memcmp(f.data, bare, f.n_data) == 0);
	wire_frame_split(bare, sizeof bare - 1, &f);
	ck_assert(f.n_name == 0 && f.data == bare && f.n_data == sizeof bare - 1);
}
END_TEST

/* In the form of the published examples, byte by byte. */
START_TEST(test_made_frames)
{
	static const struct level bid = { 6180000, 1500 }, ask = { 6180100, 0 };
	struct source_event q = {
		.kind = SOURCE_QUOTE,
		.quote = { .px = { 6180000, 6180100 }, .qty = { 1500, 250 }, .seq = 7 }
	};
	struct source_event d = { .kind = SOURCE_DEPTH,
				  .depth = { .first_seq = 8,
					     .last_seq = 9,
					     .prev_seq = 7,
					     .level = { &bid, &ask },
					     .n = { 1, 1 } } };
	struct source_event t = {
		.kind = SOURCE_TRADE,
		.trade = { .px = 6180000, .qty = 1, .id = 5, .aggressor = SIDE_SELL }
	};
	static const struct {
		bool futures;
		int as, event;
		const char *want;
	} row[] = {
		{ false, STREAM_QUOTE, 0,
		  "{\"u\":7,\"s\":\"BTCUSDT\",\"b\":\"61800.00000000\",\"B\":\"1.50000000\",\"a\":\"61801.00000000\",\"A\":\"0.25000000\"}" },
		{ true, STREAM_QUOTE, 0,
		  "{\"e\":\"bookTicker\",\"u\":7,\"s\":\"BTCUSDT\",\"b\":\"61800.00\",\"B\":\"1.500\",\"a\":\"61801.00\",\"A\":\"0.250\",\"T\":123,\"E\":123}" },
		{ false, STREAM_DEPTH, 1,
		  "{\"e\":\"depthUpdate\",\"E\":123,\"s\":\"BTCUSDT\",\"U\":8,\"u\":9,\"b\":[[\"61800.00000000\",\"1.50000000\"]],\"a\":[[\"61801.00000000\",\"0.00000000\"]]}" },
		{ true, STREAM_DEPTH, 1,
		  "{\"e\":\"depthUpdate\",\"E\":123,\"T\":123,\"s\":\"BTCUSDT\",\"U\":8,\"u\":9,\"pu\":7,\"b\":[[\"61800.00\",\"1.500\"]],\"a\":[[\"61801.00\",\"0.000\"]]}" },
		{ false, STREAM_TRADE, 2,
		  "{\"e\":\"trade\",\"E\":123,\"s\":\"BTCUSDT\",\"t\":5,\"p\":\"61800.00000000\",\"q\":\"0.00100000\",\"T\":123,\"m\":true,\"M\":true}" },
		{ true, STREAM_TRADE, 2,
		  "{\"e\":\"trade\",\"E\":123,\"T\":123,\"s\":\"BTCUSDT\",\"t\":5,\"p\":\"61800.00\",\"q\":\"0.001\",\"X\":\"MARKET\",\"m\":true}" },
		{ true, STREAM_AGG, 2,
		  "{\"e\":\"aggTrade\",\"E\":123,\"s\":\"BTCUSDT\",\"a\":5,\"p\":\"61800.00\",\"q\":\"0.001\",\"f\":5,\"l\":5,\"T\":123,\"m\":true}" },
	};
	const struct source_event *event[] = { &q, &d, &t };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char out[512];
		size_t n = wire_stream_data(out, sizeof out, row[i].futures, btc,
					    event[row[i].event], row[i].as, 123000000);
		EXPECT_MSG(n == strlen(row[i].want) && strcmp(out, row[i].want) == 0, "row %zu: %s",
			   i, out);
		ck_assert_uint_eq(wire_stream_data(out, 40, row[i].futures, btc,
						   event[row[i].event], row[i].as, 123000000),
				  0);
	}
}
END_TEST

START_TEST(test_requests)
{
	static struct wire_stream_ask a;
	static const struct {
		const char *text;
		int kind, code;
		uint32_t n;
	} row[] = {
		{ "{\"method\":\"SUBSCRIBE\",\"params\":[\"a@trade\",\"b@trade\"],\"id\":1}",
		  REQUEST_SUBSCRIBE, 0, 2 },
		{ "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"a@trade\"],\"id\":1}",
		  REQUEST_UNSUBSCRIBE, 0, 1 },
		{ "{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}", REQUEST_LIST, 0, 0 },
		{ "{\"method\":\"SUBSCRIBE\",\"params\":\"a@trade\",\"id\":1}", REQUEST_BAD, 2, 0 },
		{ "{\"method\":\"SUBSCRIBE\",\"params\":[7],\"id\":1}", REQUEST_BAD, 2, 0 },
		{ "{\"id\":1}", REQUEST_BAD, 2, 0 },
		{ "{", REQUEST_BAD, 3, 0 },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		wire_stream_ask(&a, row[i].text, strlen(row[i].text));
		EXPECT_MSG(a.kind == row[i].kind && a.code == row[i].code && a.n == row[i].n, "%s",
			   row[i].text);
	}
}
END_TEST

SUITE("wire_stream", test_names, test_matches, test_frames_apart, test_made_frames, test_requests)
