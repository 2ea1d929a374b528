/* Proves what bad answers get: books, rules and order reports that cannot be believed are counted, have receipts, bring no trade and no position
 * that is none, and the host trades again when the market makes sense again. Whole host, both markets. */
#include "adapters/codec/binance_order.h"
#include "tests/contract/all/stage.h"
#include "tests/unit/suite.h"
#include <string.h>

#define HTTP_OK	       "HTTP/1.1 200 OK\r\n"
#define BOOK(id, bids) "{\"lastUpdateId\":" id ",\"bids\":" bids ",\"asks\":[[\"ASK\",\"1\"]]}"

static void much(char *out, size_t cap, const char *head, const char *row, const char *tail,
		 unsigned n)
{
	size_t k = (size_t)snprintf(out, cap, "%s", head);
	for (unsigned i = 0; i < n; i++)
		k += (size_t)snprintf(out + k, cap - k, "%s%s", i ? "," : "", row);
	snprintf(out + k, cap - k, "%s", tail);
}

static char many_levels[1 << 18], deep[20000], body_16m[(16 << 20) + 1], body_33m[(33 << 20) + 1];

static void make_large(void)
{
	much(many_levels, sizeof many_levels, "{\"lastUpdateId\":#,\"bids\":[", "[\"BID\",\"1\"]",
	     "],\"asks\":[]}", 5001);
	memset(deep, '[', sizeof deep - 1);
	memset(body_16m, 'x', sizeof body_16m - 1);
	memset(body_33m, 'x', sizeof body_33m - 1);
}

/* ---- whole books ---- */

static const struct {
	const char *name, *body;
	int status;
	bool counted;
} books[] = {
	{ "not JSON", "<html>come again</html>", 200, true },
	{ "nothing", "", 200, true },
	{ "truncated", "{\"lastUpdateId\":#,\"bids\":[[\"BI", 200, true },
	{ "no object", "[]", 200, true },
	{ "without its number", "{\"bids\":[],\"asks\":[]}", 200, true },
	{ "without a side", "{\"lastUpdateId\":#,\"bids\":[]}", 200, true },
	{ "10,000 brackets", deep, 200, true },
	{ "16 MiB", body_16m, 200, true },
	{ "more than is taken", body_33m, 200, true },
	{ "more levels than a book has", many_levels, 200, true },
	{ "a number as 1e400", BOOK("1e400", "[]"), 200, true },
	{ "a number below zero", BOOK("-1", "[]"), 200, true },
	{ "a number as text", BOOK("\"#\"", "[]"), 200, true },
	{ "a number that leaps", BOOK("9223372036854775807", "[]"), 200, true },
	{ "older than the changes", BOOK("1", "[[\"BID\",\"1\"]]"), 200, false },
	{ "crossed", BOOK("#", "[[\"70000.00\",\"1\"]]"), 200, false },
	{ "off the tick", BOOK("#", "[[\"99999.95\",\"1\"]]"), 200, true },
	{ "a price that is no number", BOOK("#", "[[\"NaN\",\"1\"]]"), 200, true },
	{ "a price below zero", BOOK("#", "[[\"-1.00\",\"1\"]]"), 200, true },
	{ "a level of one", BOOK("#", "[[\"BID\"]]"), 200, true },
	{ "moved",
	  "HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
	  PEER_RAW, false },
	{ "404", "nothing here", 404, false },
	{ "429", "{\"code\":-1003,\"msg\":\"Too much request weight used.\"}", 429, false },
	{ "418", "{\"code\":-1003,\"msg\":\"Way too much.\"}", 418, false },
	{ "500", "", 500, false },
	{ "503 of a proxy", "<html>\xff\xfe</html>", 503, false },
	{ "a length that is no number", HTTP_OK "Content-Length: abc\r\n\r\n{}", PEER_RAW, true },
	{ "a length below zero", HTTP_OK "Content-Length: -5\r\n\r\n{}", PEER_RAW, true },
	{ "a length of 30 digits",
	  HTTP_OK "Content-Length: 123456789012345678901234567890\r\n\r\n{}", PEER_RAW, true },
	{ "two lengths", HTTP_OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", PEER_RAW,
	  true },
	{ "a length and chunks",
	  HTTP_OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PEER_RAW,
	  true },
	{ "a bad chunk", HTTP_OK "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
	  PEER_RAW, true },
	{ "a chunk without end", HTTP_OK "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n{}",
	  PEER_RAW, true },
	{ "less than its length", HTTP_OK "Content-Length: 1000\r\n\r\n{}", PEER_RAW, false },
	{ "no HTTP", "220 smtp.example.org ESMTP\r\n\r\n", PEER_RAW, true },
	{ "half a head for ever", HTTP_OK "X-Half: ", PEER_RAW_OPEN, false },
	{ "half a body for ever", HTTP_OK "Content-Length: 1000\r\n\r\n{", PEER_RAW_OPEN, false },
	{ "silence", NULL, 200, false },
};

static struct stage *trading(void)
{
	struct stage *s = stage_open();
	stage_start(s);
	ck_assert_msg(stage_until_trading(s, 5000) >= 0, "the stage does not trade");
	return s;
}

START_TEST(books_that_cannot_be_believed)
{
	enum stage_market_id m = (enum stage_market_id)_i;
	struct stage *s = trading();
	make_large();
	for (size_t i = 0; i < sizeof books / sizeof *books; i++) {
		struct stage_market *x = &s->market[m];
		uint64_t bad = stage_bad_inputs(s);
		x->book = books[i].body;
		x->book_status = books[i].status;
		stage_talk(s, 20);
		x->seq += 7; /* a hole */
		stage_talk(s, 40);
		ck_assert_msg(!stage_live(s, m), "%s: LIVE behind a hole", books[i].name);
		unsigned proposals = s->proposals;
		for (int k = 0; k < 125;
		     k++) { /* while the market itself goes on talking sense; asked for again after 2 s */
			stage_talk(s, 20);
			EXPECT_MSG(!stage_live(s, m), "%s: LIVE", books[i].name);
		}
		ck_assert_msg(s->proposals == proposals, "%s: proposed", books[i].name);
		ck_assert_msg((stage_bad_inputs(s) > bad) == books[i].counted, "%s: %s",
			      books[i].name, books[i].counted ? "not counted" : "counted");
		x->book = stage_good_book;
		x->book_status = 200;
		ck_assert_msg(stage_until_trading(s, 20000) >= 0, "%s: does not trade again",
			      books[i].name);
		ck_assert_msg(!s->wrong, "%s: %s", books[i].name, s->what);
	}
	stage_free(s);
}
END_TEST

/* ---- rules ---- */

#define INFO(filters)                                                                                                                            \
	"{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"orderTypes\":[\"LIMIT\"],\"timeInForce\":[\"IOC\"],\"filters\":" filters \
	"}]}"
#define TICK(t) "{\"filterType\":\"PRICE_FILTER\",\"tickSize\":" t "}"
#define LOT(l) \
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"100\",\"stepSize\":" l "}"

static const char *const infos[] = {
	"",
	"hello",
	"[]",
	"{}",
	"{\"symbols\":5}",
	"{\"symbols\":[]}",
	"{\"symbols\":[5]}",
	"{\"symbols\":[{\"symbol\":\"ETHUSDT\",\"filters\":[]}]}",
	INFO("[]"),
	INFO("5"),
	INFO("[5]"),
	INFO("[" TICK("\"0\"") "," LOT("\"0.001\"") "]"),
	INFO("[" TICK("\"-0.10\"") "," LOT("\"0.001\"") "]"),
	INFO("[" TICK("\"1e400\"") "," LOT("\"0.001\"") "]"),
	INFO("[" TICK("\"NaN\"") "," LOT("\"0.001\"") "]"),
	INFO("[" TICK("0.1") "," LOT("\"0.001\"") "]"),
	INFO("[" TICK("\"0.0001\"") "," LOT(
		"\"0.001\"") "]"), /* finer than the instrument's decimals */
	INFO("[" TICK("\"123456789012345678901234567890\"") "," LOT("\"0.001\"") "]"),
	INFO("[" TICK("\"0.10\"") "," LOT("\"0\"") "]"),
	INFO("[" TICK("\"0.10\"") "," LOT("\"-1\"") "]"),
	INFO("[" LOT("\"0.001\"") "]"),
};

START_TEST(rules_that_make_no_sense)
{
	struct stage *s = stage_open();
	const char *path = _i == SPOT ? "GET /api/v3/exchangeInfo" : "GET /fapi/v1/exchangeInfo";
	stage_start(s);
	for (size_t i = 0; i < sizeof infos / sizeof *infos; i++) {
		uint64_t bad = stage_bad_inputs(s);
		peer_script(&s->market[_i].peer, path, 200, infos[i]);
		stage_talk(s, 3000);
		ck_assert_msg(s->venue[_i]->state < VENUE_UP, "%s: up", infos[i]);
		ck_assert_msg(stage_bad_inputs(s) > bad, "%s: not counted", infos[i]);
	}
	ck_assert_uint_eq(stage_count(s, FACT_ORDER), 0);
	peer_script(&s->market[_i].peer, path, 200, stage_good_info);
	ck_assert(stage_until_trading(s, 8000) >= 0);
	ck_assert_msg(!s->wrong, "%s", s->what);
	stage_free(s);
}
END_TEST

/* ---- what is said of orders ---- */

/* $ is the client id of the order that is under way. */
#define REPORT(rest) \
	"\"s\":\"BTCUSDT\",\"c\":\"$\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"C\":\"\",\"r\":\"NONE\",\"T\":1767225600500,\"m\":false," rest
#define FILL(q, p, i, l, z, L, t)                                                              \
	REPORT("\"x\":\"TRADE\",\"X\":\"FILLED\",\"q\":" q ",\"p\":" p ",\"i\":" i ",\"l\":" l \
	       ",\"z\":" z ",\"L\":" L ",\"n\":\"0\",\"N\":null,\"t\":" t)

static const char *const reports[] = {
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "\"0.001\"", "\"0\"",
	     "7"), /* a price of nothing */
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "\"0.001\"", "\"-60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "\"0.001\"", "\"NaN\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "\"0.001\"", "60000.10", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"-0.001\"", "\"0.001\"", "\"60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"1e400\"", "\"0.001\"", "\"60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "\"-0.001\"", "\"60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "null", "\"60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "123456789012345678901234567890", "\"0.001\"",
	     "\"0.001\"", "\"60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "\"28\"", "\"0.001\"", "\"0.001\"", "\"60000.10\"", "7"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.001\"", "\"0.001\"", "\"60000.10\"", "1e400"),
	FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.00001\"", "\"0.00001\"", "\"60000.10\"",
	     "7"), /* finer than the lot's decimals */
	REPORT("\"x\":\"TRADE\",\"X\":\"FILLED\",\"i\":28,\"l\":\"0.001\""), /* half of its members */
	REPORT("\"x\":\"NEW\",\"X\":\"BEWITCHED\",\"i\":28,\"q\":\"0.001\",\"p\":\"60000.10\",\"l\":\"0\",\"z\":\"0\""),
	REPORT("\"x\":\"EXPIRED\",\"X\":\"EXPIRED\",\"i\":28,\"q\":\"-0.001\",\"p\":\"60000.10\",\"l\":\"0\",\"z\":\"0\""),
	REPORT("\"x\":\"EXPIRED\",\"X\":\"EXPIRED\",\"i\":28,\"q\":\"0.001\",\"p\":\"-1\",\"l\":\"0\",\"z\":\"0\""),
	"\"s\":\"BTCUSDT\",\"c\":\"$\",\"S\":\"HODL\",\"i\":28",
	"\"s\":\"BTCUSDT\",\"s\":\"BTCUSDT\"",
};

/* The words of an account's stream, for the order that went to that market last. */
static void report(struct stage *s, enum stage_market_id m, const char *what)
{
	char client[VENUE_CLIENT_ID] = "", body[1024] = "", text[1280];
	for (uint64_t i = s->journal.n; i-- > 0 && !client[0];)
		if (s->journal.fact[i].kind == FACT_ORDER &&
		    s->journal.fact[i].instrument == s->in[m].name_id)
			binance_encode_id(s->journal.fact[i].order, client);
	const char *at = strchr(what, '$');
	snprintf(body, sizeof body, "%.*s%s%s", (int)(at ? at - what : 0), what, at ? client : "",
		 at ? at + 1 : what);
	const char *head =
		m == SPOT
			? "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1767225600500,"
			: "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1767225600500,\"T\":1767225600500,\"o\":{";
	snprintf(text, sizeof text, "%s%s}}", head, body);
	ck_assert(peer_say(&s->market[m].peer, m == SPOT ? DOOR_API : DOOR_USER, text));
}

/* Trades until an order is under way that its market has not answered. */
static void order_under_way(struct stage *s, enum stage_market_id m)
{
	peer_script(&s->market[m].peer, "order.place", 200, NULL);
	unsigned orders = stage_count(s, FACT_ORDER);
	for (int k = 0; k < 500 && stage_count(s, FACT_ORDER) == orders; k++)
		stage_talk(s, 20);
	ck_assert_uint_gt(stage_count(s, FACT_ORDER), orders);
}

static void refuse_orders(struct stage *s, enum stage_market_id m)
{
	peer_script(
		&s->market[m].peer, "order.place", 400,
		"\"error\":{\"code\":-2010,\"msg\":\"Account has insufficient balance for requested action.\"}");
}

static void holds_nothing(struct stage *s)
{
	for (uint16_t m = 0; m < stage_market_max; m++)
		ck_assert_int_eq(positions_total(&engine_desk(s->engine)->positions, m, m), 0);
}

START_TEST(reports_that_cannot_be_read)
{
	enum stage_market_id m = (enum stage_market_id)_i;
	struct stage *s = trading();
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
		order_under_way(s, m);
		uint64_t bad = stage_bad_inputs(s);
		report(s, m, reports[i]);
		stage_run(s, 20);
		ck_assert_msg(stage_bad_inputs(s) == bad + 1, "%s: not counted", reports[i]);
		ck_assert_msg(!stage_live(s, m), "%s: it may have been a fill", reports[i]);
		refuse_orders(s, m);
		ck_assert_msg(stage_until_trading(s, 15000) >= 0, "%s: does not trade again",
			      reports[i]);
		holds_nothing(s);
		ck_assert_uint_eq(stage_count(s, FACT_FILL), 0);
		ck_assert_msg(!s->wrong, "%s: %s", reports[i], s->what);
	}
	stage_free(s);
}
END_TEST

/* What is readable is a fact, even where it should not be: booked once, told, and nothing opens before somebody has looked (F16, F40). */
START_TEST(fills_that_should_not_be)
{
	enum stage_market_id m = (enum stage_market_id)_i;
	static const char over[] = FILL("\"0.001\"", "\"60000.10\"", "28", "\"0.005\"", "\"0.005\"",
					"\"60000.10\"", "7");
	static const char foreign[] =
		"\"s\":\"BTCUSDT\",\"c\":\"web_1\",\"S\":\"SELL\",\"C\":\"\",\"r\":\"NONE\",\"T\":1767225600500,\"x\":\"TRADE\",\"X\":\"FILLED\","
		"\"q\":\"0.004\",\"p\":\"1\",\"i\":99,\"l\":\"0.004\",\"z\":\"0.004\",\"L\":\"60000.10\",\"n\":\"0\",\"N\":null,\"t\":8,\"m\":false";
	struct stage *s = trading();
	order_under_way(s, m);
	unsigned fills = stage_count(s, FACT_FILL);
	for (int k = 0; k < 3; k++)
		report(s, m, over);
	stage_run(s, 20);
	ck_assert_uint_eq(stage_count(s, FACT_FILL), fills + 1);
	ck_assert(stage_count(s, FACT_ALERT) >= 1 && stage_count(s, FACT_DUPLICATE) == 2);
	for (int k = 0; k < 3; k++)
		report(s, m, foreign);
	stage_run(s, 20);
	ck_assert_uint_eq(stage_count(s, FACT_FOREIGN), 1);
	ck_assert(engine_desk(s->engine)->instance[0].paused);
	unsigned proposals = s->proposals;
	stage_talk(s, 1000);
	ck_assert_uint_eq(s->proposals, proposals);
	stage_free(s);
}
END_TEST

static const struct {
	const char *text;
	bool counted;
} replies[] = {
	{ "{\"id\":1e400,\"status\":200,\"result\":{}}", false },
	{ "{\"id\":\"x\",\"status\":200,\"result\":{}}", false },
	{ "{\"id\":-5,\"status\":200,\"result\":{}}", false },
	{ "{\"id\":9223372036854775807,\"status\":200,\"result\":{}}", false },
	{ "{\"status\":500}", false },
	{ "{\"id\":5}", true },
	{ "{\"id\":5,\"status\":\"200\"}", false },
	{ "{\"id\":5,\"status\":1e400}", true },
	{ "{\"id\":5,\"status\":200,\"error\":7}", true },
	{ "{\"id\":5,\"id\":5,\"status\":200}", true },
	{ "{\"subscriptionId\":0,\"event\":{}}", false },
	{ "{\"subscriptionId\":0,\"event\":{\"e\":7,\"E\":\"x\"}}", true },
	{ "{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\",\"E\":1,\"B\":7}}",
	  true },
	{ "{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\",\"E\":1,\"B\":[{\"a\":\"USDT\",\"f\":\"1e400\",\"l\":\"0\"}]}}",
	  true },
};

START_TEST(replies_that_answer_nothing)
{
	struct stage *s = trading();
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		uint64_t bad = stage_bad_inputs(s);
		ck_assert(peer_say(&s->market[SPOT].peer, DOOR_API, replies[i].text));
		stage_run(s, 20);
		ck_assert_msg((stage_bad_inputs(s) > bad) == replies[i].counted, "%s: %s",
			      replies[i].text, replies[i].counted ? "not counted" : "counted");
		ck_assert_msg(stage_until_trading(s, 15000) >= 0, "%s: does not trade again",
			      replies[i].text);
		ck_assert_msg(!s->wrong, "%s: %s", replies[i].text, s->what);
	}
	holds_nothing(s);
	stage_free(s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bad_answers");
	TCase *group = tcase_create("bad_answers");
	tcase_set_timeout(group, 170);
	tcase_add_loop_test(group, books_that_cannot_be_believed, 0, stage_market_max);
	tcase_add_loop_test(group, rules_that_make_no_sense, 0, stage_market_max);
	tcase_add_loop_test(group, reports_that_cannot_be_read, 0, stage_market_max);
	tcase_add_loop_test(group, fills_that_should_not_be, 0, stage_market_max);
	tcase_add_test(group, replies_that_answer_nothing);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
