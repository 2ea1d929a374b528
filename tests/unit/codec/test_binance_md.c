/* Proves what a market message of Binance becomes, that both paths read it alike, and that nothing inexact is believed. */
#include "adapters/codec/binance_md.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct instrument instruments[] = {
	{ .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 },
	{ .symbol = "ETHUSDT", .px_dp = 2, .qty_dp = 3 },
	{ .symbol = "SPREAD", .px_dp = 1, .qty_dp = 0, .px_may_be_negative = true },
};

static struct symbols symbols;
static struct binance_md quick, general;

static void setup(void)
{
	ck_assert_int_eq(symbols_init(&symbols, instruments, COUNT(instruments), 0), 0);
	ck_assert_int_eq(binance_md_init(&quick, &symbols, 4, false), 0);
	ck_assert_int_eq(binance_md_init(&general, &symbols, 4, false), 0);
	general.general_only = true;
}

static void teardown(void)
{
	symbols_free(&symbols);
	binance_md_free(&quick);
	binance_md_free(&general);
}

static bool same_depth(const struct depth *x, const struct depth *y)
{
	for (unsigned s = 0; s < side_max; s++)
		if (x->n[s] != y->n[s] ||
		    memcmp(x->level[s], y->level[s], x->n[s] * sizeof(struct level)))
			return false;
	return x->first_seq == y->first_seq && x->last_seq == y->last_seq &&
	       x->prev_seq == y->prev_seq && x->venue_ns == y->venue_ns && x->recv_ns == y->recv_ns;
}

/* Decodes by both paths from a buffer without a byte to spare; they must agree in all that they say. */
static int decode(const char *text, size_t n, struct binance_md_event *ev)
{
	struct binance_md_event other;
	char *exact = malloc(n ? n : 1);
	memcpy(exact, text, n);
	int rc = binance_md_decode(&quick, exact, n, 77, ev);
	int rc2 = binance_md_decode(&general, exact, n, 77, &other);
	free(exact);
	EXPECT_MSG(rc == rc2, "%.*s: %d by the short path, %d by the general one", (int)n, text, rc,
		   rc2);
	if (rc)
		return rc;
	EXPECT(ev->kind == other.kind && ev->instrument == other.instrument);
	if (ev->kind == MD_QUOTE)
		EXPECT(!memcmp(&ev->quote, &other.quote, sizeof(ev->quote)));
	if (ev->kind == MD_DEPTH)
		EXPECT(same_depth(&ev->depth, &other.depth));
	return 0;
}

static int decode_text(const char *text, struct binance_md_event *ev)
{
	return decode(text, strlen(text), ev);
}

START_TEST(spot_best_prices)
{
	static const char text[] =
		"{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":50093239212,\"s\":\"BTCUSDT\","
		"\"b\":\"61837.63000000\",\"B\":\"3.78826000\",\"a\":\"61837.64000000\",\"A\":\"1.54698000\"}}";
	struct binance_md_event ev;
	ck_assert_int_eq(decode_text(text, &ev), 0);
	ck_assert_int_eq(ev.kind, MD_QUOTE);
	ck_assert_uint_eq(ev.instrument, 0);
	ck_assert_int_eq(ev.quote.seq, 50093239212);
	ck_assert_int_eq(ev.quote.px[SIDE_BUY], 6183763);
	ck_assert_int_eq(ev.quote.qty[SIDE_BUY], 378826);
	ck_assert_int_eq(ev.quote.px[SIDE_SELL], 6183764);
	ck_assert_int_eq(ev.quote.qty[SIDE_SELL], 154698);
	ck_assert_int_eq(ev.quote.venue_ns, 0);
	ck_assert_int_eq(ev.quote.recv_ns, 77);
}
END_TEST

START_TEST(futures_best_prices_have_a_time)
{
	static const char text[] =
		"{\"e\":\"bookTicker\",\"u\":5,\"s\":\"ETHUSDT\",\"b\":\"2683.10\",\"B\":\"1.5\",\"a\":\"2683.11\","
		"\"A\":\"0.001\",\"T\":1723161256298,\"E\":1723161256299}";
	struct binance_md_event ev;
	ck_assert_int_eq(decode_text(text, &ev), 0);
	ck_assert(ev.kind == MD_QUOTE && ev.instrument == 1);
	ck_assert_int_eq(ev.quote.venue_ns, 1723161256299000000);
	ck_assert_int_eq(ev.quote.qty[SIDE_SELL], 1);
}
END_TEST

static void note_soon(void *arg, uint32_t instrument)
{
	*(uint32_t *)arg = instrument;
}

/* A hint: of whose numbers are to be read, even where they are refused then; never of a name that is not ours. */
START_TEST(whose_numbers_come_is_told_before_they_are_read)
{
	static const struct {
		const char *text;
		int rc;
		uint32_t told;
	} row[] = {
		{ "{\"u\":5,\"s\":\"ETHUSDT\",\"b\":\"2683.10\",\"B\":\"1.5\",\"a\":\"2683.11\",\"A\":\"1\"}",
		  0, 1 },
		{ "{\"u\":5,\"s\":\"BTCUSDT\",\"b\":\"x\",\"B\":\"1.5\",\"a\":\"2683.11\",\"A\":\"1\"}",
		  -ERR_PARSE, 0 },
		{ "{\"u\":5,\"s\":\"NOBODY\",\"b\":\"1.00\",\"B\":\"1.5\",\"a\":\"2.00\",\"A\":\"1\"}",
		  -ERR_NOTFOUND, UINT32_MAX },
		{ "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"ETHUSDT\",\"U\":1,\"u\":2,\"b\":[],\"a\":[]}",
		  0, 1 },
	};
	for (size_t i = 0; i < COUNT(row); i++) {
		uint32_t told = UINT32_MAX;
		struct binance_md_event ev;
		quick.soon = note_soon;
		quick.soon_arg = &told;
		ck_assert_int_eq(decode_text(row[i].text, &ev), row[i].rc);
		ck_assert_uint_eq(told, row[i].told);
	}
}
END_TEST

START_TEST(an_empty_side_has_no_quantity)
{
	static const char text[] =
		"{\"u\":5,\"s\":\"ETHUSDT\",\"b\":\"0.00000000\",\"B\":\"0.00000000\",\"a\":\"2683.11\",\"A\":\"1\"}";
	struct binance_md_event ev;
	ck_assert_int_eq(decode_text(text, &ev), 0);
	ck_assert(ev.quote.px[SIDE_BUY] == 0 && ev.quote.qty[SIDE_BUY] == 0 &&
		  ev.quote.qty[SIDE_SELL] == 1000);
}
END_TEST

START_TEST(depth_changes)
{
	static const char text[] =
		"{\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1723161256299,\"T\":1723161256298,"
		"\"s\":\"BTCUSDT\",\"U\":10,\"u\":14,\"pu\":9,\"b\":[[\"58710.20\",\"0.014\"],[\"61496.5\",\"0.000\"]],\"a\":[]}}";
	struct binance_md_event ev;
	ck_assert_int_eq(decode_text(text, &ev), 0);
	ck_assert(ev.kind == MD_DEPTH && ev.instrument == 0);
	ck_assert(ev.depth.first_seq == 10 && ev.depth.last_seq == 14 && ev.depth.prev_seq == 9);
	ck_assert_int_eq(ev.depth.venue_ns, 1723161256299000000);
	ck_assert(ev.depth.n[SIDE_BUY] == 2 && ev.depth.n[SIDE_SELL] == 0);
	ck_assert(ev.depth.level[SIDE_BUY][0].px == 5871020 &&
		  ev.depth.level[SIDE_BUY][0].qty == 1400);
	ck_assert(ev.depth.level[SIDE_BUY][1].px == 6149650 &&
		  ev.depth.level[SIDE_BUY][1].qty == 0);
}
END_TEST

START_TEST(any_order_of_keys)
{
	static const char text[] =
		" { \"data\" : {\"a\":[[\"2.50\",\"1\",\"ignored\"]], \"new\":{\"x\":[1]}, \"b\":[], \"u\":4,\n\"U\":3, \"E\":1,"
		"\"s\":\"ethusdt\", \"e\":\"depthUpdate\"}, \"stream\":\"x\" } ";
	struct binance_md_event ev;
	ck_assert_int_eq(decode_text(text, &ev), 0);
	ck_assert(ev.kind == MD_DEPTH && ev.instrument == 1 && ev.depth.n[SIDE_SELL] == 1);
	ck_assert(ev.depth.level[SIDE_SELL][0].px == 250 &&
		  ev.depth.level[SIDE_SELL][0].qty == 1000);
	ck_assert(ev.depth.prev_seq == 0 && ev.depth.venue_ns == 1000000);
}
END_TEST

START_TEST(trades_say_who_came)
{
	static const char text[] =
		"{\"e\":\"trade\",\"E\":2,\"s\":\"BTCUSDT\",\"t\":9,\"p\":\"1.5\",\"q\":\"2\",\"T\":1,\"m\":%s,\"M\":true}";
	for (int maker = 0; maker < 2; maker++) {
		char buf[160];
		struct binance_md_event ev;
		snprintf(buf, sizeof(buf), text, maker ? "true" : "false");
		ck_assert_int_eq(decode_text(buf, &ev), 0);
		ck_assert(ev.kind == MD_TRADE && ev.trade.id == 9 && ev.trade.px == 150 &&
			  ev.trade.qty == 200000);
		ck_assert_int_eq(ev.trade.aggressor, maker ? SIDE_SELL : SIDE_BUY);
	}
}
END_TEST

START_TEST(other_messages)
{
	static const struct {
		const char *text;
		enum binance_md_kind kind;
	} others[] = {
		{ "{\"stream\":\"x\",\"data\":{\"e\":\"kline\",\"E\":1,\"s\":\"NOBODY\",\"k\":{}}}",
		  MD_OTHER },
		{ "{}", MD_OTHER },
		{ "{\"e\":\"serverShutdown\",\"E\":1770123456789}", MD_SHUTDOWN },
		{ "{\"result\":null,\"id\":7}", MD_REPLY },
		{ "{\"error\":{\"code\":2,\"msg\":\"x\"},\"id\":7}", MD_REPLY },
	};
	struct binance_md_event ev;
	for (size_t i = 0; i < COUNT(others); i++) {
		ck_assert_int_eq(decode_text(others[i].text, &ev), 0);
		ck_assert_int_eq(ev.kind, others[i].kind);
		if (ev.kind == MD_REPLY)
			ck_assert(ev.reply_id == 7 && ev.reply_ok == (i == 3));
	}
}
END_TEST

#define QUOTE(bid, bid_qty) \
	"{\"u\":1,\"s\":\"ETHUSDT\",\"b\":" bid ",\"B\":" bid_qty ",\"a\":\"3\",\"A\":\"1\"}"
#define DEPTH(sym, U, u, bids)                                                                 \
	"{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"" sym "\",\"U\":" U ",\"u\":" u ",\"b\":" bids \
	",\"a\":[]}"

static const struct {
	const char *text;
	int rc;
	enum bad_input bad;
} refused[] = {
	{ "", -ERR_PARSE, BAD_SYNTAX },
	{ "[]", -ERR_PARSE, BAD_SYNTAX },
	{ "{\"stream\":\"x\",\"data\":[]}", -ERR_PARSE, BAD_SYNTAX },
	{ QUOTE("\"1.5\"", "\"1\"") "x", -ERR_PARSE, BAD_SYNTAX },
	{ QUOTE("\"NaN\"", "\"1\""), -ERR_PARSE, BAD_NUMBER },
	{ QUOTE("\"1e3\"", "\"1\""), -ERR_PARSE, BAD_NUMBER },
	{ QUOTE("\"\"", "\"1\""), -ERR_PARSE, BAD_NUMBER },
	{ QUOTE("1.5", "\"1\""), -ERR_PARSE, BAD_SYNTAX },
	{ QUOTE("null", "\"1\""), -ERR_PARSE, BAD_SYNTAX },
	{ QUOTE("\"1.555\"", "\"1\""), -ERR_RANGE, BAD_TICK },
	{ QUOTE("\"99999999999999999999\"", "\"1\""), -ERR_RANGE, BAD_TICK },
	{ QUOTE("\"-1.5\"", "\"1\""), -ERR_RANGE, BAD_TICK },
	{ QUOTE("\"0\"", "\"1\""), -ERR_RANGE, BAD_TICK },
	{ QUOTE("\"1\"", "\"1.0001\""), -ERR_RANGE, BAD_SIZE },
	{ QUOTE("\"1\"", "\"-1\""), -ERR_RANGE, BAD_SIZE },
	{ DEPTH("NOBODY", "1", "2", "[]"), -ERR_NOTFOUND, BAD_UNKNOWN },
	{ DEPTH("ETHUSDT", "3", "2", "[]"), -ERR_RANGE, BAD_SEQUENCE },
	{ DEPTH("ETHUSDT", "-3", "2", "[]"), -ERR_PARSE, BAD_NUMBER },
	{ DEPTH("ETHUSDT", "1.5", "2", "[]"), -ERR_PARSE, BAD_NUMBER },
	{ DEPTH("ETHUSDT", "\"1\"", "2", "[]"), -ERR_PARSE, BAD_NUMBER },
	{ DEPTH("ETHUSDT", "1", "99999999999999999999", "[]"), -ERR_PARSE, BAD_NUMBER },
	{ DEPTH("ETHUSDT", "1", "2", "{}"), -ERR_PARSE, BAD_SYNTAX },
	{ DEPTH("ETHUSDT", "1", "2", "[\"1\",\"2\"]"), -ERR_PARSE, BAD_SYNTAX },
	{ DEPTH("ETHUSDT", "1", "2", "[[\"1\"]]"), -ERR_PARSE, BAD_SYNTAX },
	{ DEPTH("ETHUSDT", "1", "2", "[[1,2]]"), -ERR_PARSE, BAD_SYNTAX },
	{ DEPTH("ETHUSDT", "1", "2",
		"[[\"1\",\"1\"],[\"2\",\"1\"],[\"3\",\"1\"],[\"4\",\"1\"],[\"5\",\"1\"]]"),
	  -ERR_FULL, BAD_BOOK },
	{ "{\"e\":\"depthUpdate\",\"E\":9223372036854775807,\"s\":\"ETHUSDT\",\"U\":1,\"u\":2,\"b\":[],\"a\":[]}",
	  -ERR_RANGE, BAD_NUMBER },
	{ "{\"e\":\"depthUpdate\",\"U\":1,\"u\":2,\"b\":[],\"a\":[]}", -ERR_PARSE, BAD_SYNTAX },
	{ "{\"u\":1,\"u\":2,\"s\":\"ETHUSDT\",\"b\":\"1\",\"B\":\"1\",\"a\":\"3\",\"A\":\"1\"}",
	  -ERR_PARSE, BAD_SYNTAX },
	{ "{\"stream\":\"a\x01\",\"data\":{\"u\":1,\"s\":\"ETHUSDT\",\"b\":\"1\",\"B\":\"1\",\"a\":\"3\",\"A\":\"1\"}}",
	  -ERR_PARSE, BAD_SYNTAX },
	{ "{\"e\":\"trade\",\"E\":2,\"s\":\"BTCUSDT\",\"t\":9,\"p\":\"1.5\",\"q\":\"2\",\"m\":1}",
	  -ERR_PARSE, BAD_SYNTAX },
};

START_TEST(nothing_inexact_is_believed)
{
	struct binance_md_event ev;
	for (size_t i = 0; i < COUNT(refused); i++) {
		int rc = decode_text(refused[i].text, &ev);
		ck_assert_msg(rc == refused[i].rc && quick.bad == refused[i].bad, "%s: %d %d (%s)",
			      refused[i].text, rc, quick.bad, quick.why);
		ck_assert(quick.why[0]);
	}
}
END_TEST

START_TEST(negative_prices_only_where_allowed)
{
	struct binance_md_event ev;
	ck_assert_int_eq(
		decode_text(
			"{\"u\":1,\"s\":\"SPREAD\",\"b\":\"-1.5\",\"B\":\"1\",\"a\":\"0\",\"A\":\"1\"}",
			&ev),
		0);
	ck_assert(ev.quote.px[SIDE_BUY] == -15 && ev.quote.px[SIDE_SELL] == 0);
}
END_TEST

START_TEST(snapshots)
{
	static const char text[] =
		"{\"lastUpdateId\":1027024,\"E\":1589436922972,\"T\":1,\"bids\":[[\"4.00\",\"431.000\"]],\"asks\":[[\"4.02\",\"12.200\"]]}";
	const struct symbol *s = symbols_find(&symbols, "ETHUSDT", 7);
	struct binance_md_event ev;
	ck_assert_int_eq(binance_md_snapshot(&quick, s, text, strlen(text), 5, &ev), 0);
	ck_assert(ev.kind == MD_DEPTH && ev.instrument == 1 && ev.depth.last_seq == 1027024 &&
		  ev.depth.recv_ns == 5);
	ck_assert(ev.depth.first_seq == 1027024 && ev.depth.venue_ns == 1589436922972000000);
	ck_assert(ev.depth.n[SIDE_SELL] == 1 && ev.depth.level[SIDE_SELL][0].px == 402);
	ck_assert_int_eq(binance_md_snapshot(&quick, s, "{\"code\":-1121}", 14, 5, &ev),
			 -ERR_PARSE);
	for (size_t n = 0; n < strlen(text); n++)
		ck_assert_int_eq(binance_md_snapshot(&quick, s, text, n, 5, &ev), -ERR_PARSE);
}
END_TEST

START_TEST(microseconds_where_asked_for)
{
	struct binance_md_event ev;
	general.micros = quick.micros = true;
	ck_assert_int_eq(
		decode_text(
			"{\"e\":\"depthUpdate\",\"E\":1723161256299001,\"s\":\"ETHUSDT\",\"U\":1,\"u\":2,\"b\":[],\"a\":[]}",
			&ev),
		0);
	ck_assert_int_eq(ev.depth.venue_ns, 1723161256299001000);
}
END_TEST

START_TEST(both_paths_agree_on_mutations)
{
	static const char *const seeds[] = {
		"{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":50,\"s\":\"BTCUSDT\",\"b\":\"61837.63\",\"B\":\"3.7\",\"a\":\"61837.64\",\"A\":\"1.5\"}}",
		"{\"e\":\"bookTicker\",\"u\":5,\"s\":\"ETHUSDT\",\"b\":\"2683.10\",\"B\":\"1.5\",\"a\":\"2683.11\",\"A\":\"0.001\",\"T\":17,\"E\":18}",
		"{\"stream\":\"b\",\"data\":{\"e\":\"depthUpdate\",\"E\":1,\"T\":2,\"s\":\"BTCUSDT\",\"U\":10,\"u\":14,\"pu\":9,\"b\":[[\"5.2\",\"0.01\"],[\"6\",\"0\"]],\"a\":[[\"7\",\"1\"]]}}",
	};
	static const char bytes[] = "{}[]\",:\\019.-eETuUpbBaA \x01\x80";
	struct rng r;
	unsigned good = 0;
	rng_seed(&r, 12);
	for (int i = 0; i < 60000; i++) {
		char text[256];
		struct binance_md_event ev;
		const char *seed = seeds[rng_below(&r, COUNT(seeds))];
		size_t n = strlen(seed);
		memcpy(text, seed, n);
		for (uint64_t k = rng_below(&r, 3) + 1; k; k--) {
			size_t at = rng_below(&r, n);
			if (rng_chance(&r, 300000)) {
				memmove(text + at, text + at + 1, n - at - 1);
				n--;
			} else {
				text[at] = bytes[rng_below(&r, sizeof(bytes) - 1)];
			}
		}
		good += decode(text, n, &ev) == 0;
	}
	ck_assert_uint_gt(good, 1000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		spot_best_prices,
		futures_best_prices_have_a_time,
		an_empty_side_has_no_quantity,
		depth_changes,
		any_order_of_keys,
		trades_say_who_came,
		other_messages,
		nothing_inexact_is_believed,
		negative_prices_only_where_allowed,
		snapshots,
		microseconds_where_asked_for,
		both_paths_agree_on_mutations,
		whose_numbers_come_is_told_before_they_are_read,
	};
	Suite *suite = suite_create("binance_md");
	TCase *group = tcase_create("binance_md");
	tcase_add_checked_fixture(group, setup, teardown);
	for (size_t i = 0; i < COUNT(tests); i++)
		tcase_add_test(group, tests[i]);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
