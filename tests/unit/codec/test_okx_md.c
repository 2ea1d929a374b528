/* Proves what OKX's messages become, that depth is believed by its numbers or by its checksum and by nothing else, and that nothing inexact is. */
#include "adapters/codec/okx_md.h"
#include "core/base/err.h"
#include "core/market/feed.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct instrument instruments[] = {
	{ .symbol = "BTC-USDT", .px_dp = 2, .qty_dp = 5 },
	{ .symbol = "UNI-USD-SWAP", .px_dp = 3, .qty_dp = 0 },
	{ .symbol = "SPREAD", .px_dp = 1, .qty_dp = 0, .px_may_be_negative = true },
};

static struct symbols symbols;
static struct okx_md d;
static char bytes[8][4096];
static unsigned used;

static void setup(void)
{
	ck_assert_int_eq(symbols_init(&symbols, instruments, COUNT(instruments), 0), 0);
	ck_assert_int_eq(okx_md_init(&d, &symbols, 40), 0);
	ck_assert_int_eq(okx_md_keep(&d, 0), 0);
}

static void teardown(void)
{
	symbols_free(&symbols);
	okx_md_free(&d);
}

/* The text with ' for ". */
static int decode(const char *text, struct okx_md_event *ev)
{
	char *at = bytes[used++ % COUNT(bytes)];
	size_t n = strlen(text);
	ck_assert_uint_lt(n, sizeof bytes[0]);
	for (size_t i = 0; i < n; i++)
		at[i] = text[i] == '\'' ? '"' : text[i];
	return okx_md_decode(&d, at, n, 77, ev);
}

/* A message of depth: what stands in its entry, and what it is called. */
static int depth(const char *channel, const char *action, const char *entry,
		 struct okx_md_event *ev)
{
	char text[4096];
	snprintf(
		text, sizeof text,
		"{'arg':{'channel':'%s','instId':'BTC-USDT'},'action':'%s','data':[{%s,'ts':'1652459225464'}]}",
		channel, action, entry);
	return decode(text, ev);
}

START_TEST(best_prices)
{
	struct okx_md_event ev;
	ck_assert_int_eq(
		decode("{'arg':{'channel':'bbo-tbt','instId':'BTC-USDT'},'data':[{'asks':[['111.06','55154','0','2']],"
		       "'bids':[['111.05','57745.5','0','2']],'ts':'1670324386802','seqId':363996337}]}",
		       &ev),
		0);
	ck_assert(ev.kind == OKX_QUOTE && ev.instrument == 0);
	ck_assert(ev.quote.px[SIDE_BUY] == 11105 && ev.quote.qty[SIDE_BUY] == 5774550000);
	ck_assert(ev.quote.px[SIDE_SELL] == 11106 && ev.quote.qty[SIDE_SELL] == 5515400000);
	ck_assert_int_eq(ev.quote.seq, 363996337);
	ck_assert_int_eq(ev.quote.venue_ns, 1670324386802000000);
	ck_assert_int_eq(ev.quote.recv_ns, 77);
	ck_assert_int_eq(okx_md_next(&d, &ev), 0);
	/* The best of five; a side without orders. */
	ck_assert_int_eq(
		decode("{'arg':{'channel':'books5','instId':'UNI-USD-SWAP'},'data':[{'asks':[],'bids':[['5.14','7','0','1'],"
		       "['5.131','8','0','1']],'instId':'UNI-USD-SWAP','ts':'5','seqId':9}]}",
		       &ev),
		0);
	ck_assert(ev.kind == OKX_QUOTE && ev.instrument == 1);
	ck_assert(ev.quote.px[SIDE_BUY] == 5140 && ev.quote.qty[SIDE_BUY] == 7);
	ck_assert(ev.quote.px[SIDE_SELL] == 0 && ev.quote.qty[SIDE_SELL] == 0);
}
END_TEST

START_TEST(trades_of_one_message)
{
	struct okx_md_event ev;
	ck_assert_int_eq(
		decode("{'arg':{'channel':'trades','instId':'BTC-USDT'},'data':["
		       "{'instId':'BTC-USDT','tradeId':'338','px':'30243.5','sz':'0.001','side':'buy','ts':'1652459226050'},"
		       "{'instId':'BTC-USDT','tradeId':'339','px':'30243.4','sz':'2','side':'sell','ts':'1652459226051','count':'3'}]}",
		       &ev),
		0);
	ck_assert(ev.kind == OKX_TRADE && ev.trade.id == 338 && ev.trade.px == 3024350 &&
		  ev.trade.qty == 100 && ev.trade.aggressor == SIDE_BUY);
	ck_assert_int_eq(okx_md_next(&d, &ev), 1);
	ck_assert(ev.kind == OKX_TRADE && ev.trade.id == 339 && ev.trade.qty == 200000 &&
		  ev.trade.aggressor == SIDE_SELL && ev.trade.venue_ns == 1652459226051000000);
	ck_assert_int_eq(okx_md_next(&d, &ev), 0);
	ck_assert_int_eq(okx_md_next(&d, &ev), 0);
}
END_TEST

/* Keep-alive, reset, a new whole book: what a feed of that venue makes of the numbers. */
START_TEST(numbers_chain)
{
	static const struct {
		const char *action, *entry;
		int64_t first, last, prev;
	} cases[] = {
		{ "snapshot",
		  "'asks':[['101','3','0','1']],'bids':[['100','2','0','1']],'checksum':0,'seqId':10,'prevSeqId':-1",
		  10, 10, JOIN_IN_LINE },
		{ "update",
		  "'asks':[],'bids':[['100.5','1.5','0','1']],'checksum':0,'seqId':15,'prevSeqId':10",
		  11, 15, 10 },
		{ "update", "'asks':[],'bids':[],'checksum':0,'seqId':15,'prevSeqId':15", 15, 15,
		  15 },
		{ "update",
		  "'asks':[['101','0','0','0']],'bids':[],'checksum':0,'seqId':3,'prevSeqId':15", 3,
		  3, 15 },
		{ "update", "'asks':[['102','1','0','1']],'bids':[],'seqId':5,'prevSeqId':3", 4, 5,
		  3 },
		{ "snapshot", "'asks':[['103','3','0','1']],'bids':[],'seqId':2,'prevSeqId':-1", 2,
		  2, JOIN_IN_LINE },
	};
	const struct feed_options o = { .join = JOIN_PREV_RESET,
					.depth_expected = true,
					.levels = 8 };
	struct okx_md_event ev;
	struct feed f;
	ck_assert_int_eq(feed_init(&f, &o, NULL), 0);
	for (unsigned i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(depth("books", cases[i].action, cases[i].entry, &ev), 0);
		ck_assert_int_eq(ev.kind, *cases[i].action == 's' ? OKX_SNAPSHOT : OKX_DEPTH);
		ck_assert(ev.depth.first_seq == cases[i].first &&
			  ev.depth.last_seq == cases[i].last && ev.depth.prev_seq == cases[i].prev);
		struct feed_result r = ev.kind == OKX_SNAPSHOT ? feed_snapshot(&f, &ev.depth)
							       : feed_depth(&f, &ev.depth);
		ck_assert(!r.refused && !r.want_snapshot);
		ck_assert(feed_state_sound(f.is));
	}
	ck_assert(f.book.best[SIDE_SELL].px == 10300 && f.book.n[SIDE_BUY] == 0);
	ck_assert_uint_eq(d.verdicts[OKX_NUMBERED], COUNT(cases));
	feed_free(&f);
}
END_TEST

#define WHOLE  "'asks':[['101','3','0','1']],'bids':[['100.5','2','0','1'],['100','1.25','0','3']]"
#define CHANGE "'asks':[['101','0','0','0'],['101.5','4','0','1']],'bids':[['100.5','1','0','1']]"

START_TEST(without_numbers_the_checksum_decides)
{
	struct okx_md_event ev;
	/* Before any whole book there is nothing to check by. */
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':1284067604", &ev),
			 -ERR_PARSE);
	ck_assert(d.bad == BAD_SEQUENCE && !d.lost && d.bad_instrument == 0);
	ck_assert_int_eq(depth("books", "snapshot", WHOLE ",'checksum':-938636478", &ev), 0);
	ck_assert(ev.kind == OKX_SNAPSHOT && ev.depth.prev_seq == JOIN_IN_LINE &&
		  ev.depth.last_seq == 1 && ev.depth.n[SIDE_BUY] == 2);
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':1948096211", &ev), 0);
	ck_assert(ev.kind == OKX_DEPTH && ev.depth.prev_seq == 1 && ev.depth.first_seq == 2 &&
		  ev.depth.last_seq == 2);
	ck_assert_uint_eq(d.verdicts[OKX_VERIFIED], 2);
	/* One that does not come out, then nothing until the next whole book, which need not have a checksum. */
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':5", &ev), -ERR_CORRUPT);
	ck_assert(d.bad == BAD_CHECKSUM && d.lost);
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':1948096211", &ev),
			 -ERR_PARSE);
	ck_assert(d.bad == BAD_SEQUENCE && !d.lost);
	ck_assert_int_eq(depth("books", "snapshot", WHOLE, &ev), 0);
	ck_assert_int_eq(ev.depth.last_seq, 3);
	/* Neither number nor checksum. */
	ck_assert_int_eq(depth("books", "update", CHANGE, &ev), -ERR_PARSE);
	ck_assert(d.bad == BAD_SEQUENCE && d.lost && strstr(d.why, "neither"));
	/* A change that could not be read is missing from then on. */
	ck_assert_int_eq(depth("books", "snapshot", WHOLE ",'checksum':-938636478", &ev), 0);
	ck_assert_int_eq(depth("books", "update", "'asks':[['x','1']],'bids':[],'checksum':5", &ev),
			 -ERR_PARSE);
	ck_assert(d.lost);
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':1948096211", &ev),
			 -ERR_PARSE);
	ck_assert(!d.lost);
}
END_TEST

START_TEST(a_checksum_is_asked_beside_numbers_too)
{
	struct okx_md_event ev;
	ck_assert_int_eq(depth("books", "snapshot",
			       WHOLE ",'checksum':-938636478,'seqId':7,'prevSeqId':-1", &ev),
			 0);
	ck_assert_int_eq(depth("books", "update",
			       CHANGE ",'checksum':1948096211,'seqId':9,'prevSeqId':7", &ev),
			 0);
	ck_assert_uint_eq(d.verdicts[OKX_VERIFIED], 2);
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':8,'seqId':10,'prevSeqId':9",
			       &ev),
			 -ERR_CORRUPT);
	ck_assert(d.lost);
	/* What comes behind says by its number that something is missing: whoever reads it judges that. */
	ck_assert_int_eq(
		depth("books", "update", CHANGE ",'checksum':8,'seqId':11,'prevSeqId':10", &ev), 0);
	ck_assert_int_eq(ev.depth.prev_seq, 10);
	/* A hole in the numbers, likewise, without a word about the checksum. */
	ck_assert_int_eq(depth("books", "snapshot",
			       WHOLE ",'checksum':-938636478,'seqId':20,'prevSeqId':-1", &ev),
			 0);
	ck_assert_int_eq(
		depth("books", "update", CHANGE ",'checksum':8,'seqId':30,'prevSeqId':25", &ev), 0);
	ck_assert(ev.depth.prev_seq == 25 && ev.depth.first_seq == 26);
}
END_TEST

/* Its text cannot be made again, so its checksum is not taken for wrong. */
START_TEST(zeros_at_the_end_of_a_number)
{
	struct okx_md_event ev;
	static const char padded[] = "'asks':[['101.0','3','0','1']],'bids':[]";
	char entry[256];
	snprintf(entry, sizeof entry, "%s,'checksum':8,'seqId':20,'prevSeqId':-1", padded);
	ck_assert_int_eq(depth("books", "snapshot", entry, &ev), 0);
	ck_assert_uint_eq(d.verdicts[OKX_NUMBERED], 1);
	snprintf(entry, sizeof entry, "%s,'checksum':8", padded);
	ck_assert_int_eq(depth("books", "snapshot", entry, &ev), 0);
	ck_assert_uint_eq(d.verdicts[OKX_ALONE], 1);
	ck_assert_int_eq(depth("books", "update", CHANGE ",'checksum':8", &ev), -ERR_PARSE);
	ck_assert(d.bad == BAD_CHECKSUM && d.lost && d.verdicts[OKX_UNSUMMED] == 1);
}
END_TEST

START_TEST(one_channel_of_depth_is_followed)
{
	struct okx_md_event ev;
	ck_assert_int_eq(depth("books-l2-tbt", "snapshot", WHOLE ",'seqId':7,'prevSeqId':-1", &ev),
			 0);
	ck_assert_int_eq(ev.kind, OKX_SNAPSHOT);
	ck_assert_int_eq(depth("books", "snapshot", WHOLE ",'seqId':8,'prevSeqId':-1", &ev), 0);
	ck_assert_int_eq(ev.kind, OKX_OTHER);
	ck_assert_int_eq(depth("books-l2-tbt", "update", CHANGE ",'seqId':9,'prevSeqId':7", &ev),
			 0);
	ck_assert_int_eq(ev.kind, OKX_DEPTH);
}
END_TEST

START_TEST(an_instrument_whose_book_is_not_kept)
{
	struct okx_md_event ev;
	static const char text[] =
		"{'arg':{'channel':'books','instId':'UNI-USD-SWAP'},'action':'update','data':[{'asks':[],'bids':[],%s'ts':'1'}]}";
	char with[256], without[256];
	snprintf(with, sizeof with, text, "'seqId':2,'prevSeqId':1,'checksum':99,");
	snprintf(without, sizeof without, text, "'checksum':99,");
	ck_assert_int_eq(decode(with, &ev), 0);
	ck_assert(ev.kind == OKX_DEPTH && ev.depth.prev_seq == 1);
	ck_assert_int_eq(decode(without, &ev), -ERR_PARSE);
	ck_assert(d.bad == BAD_BOOK && !d.lost && d.bad_instrument == 1);
	ck_assert_int_eq(okx_md_keep(&d, 5000), 0);
	ck_assert_int_eq(okx_md_keep(&d, 5000), 0);
}
END_TEST

START_TEST(what_is_not_ours_to_read)
{
	static const char *const others[] = {
		"{'event':'subscribe','arg':{'channel':'books','instId':'BTC-USDT'}}",
		"{'event':'error','code':'60012','msg':'Invalid request'}",
		"{'event':'notice','code':'64008','msg':'The connection will soon be closed'}",
		"{'arg':{'channel':'tickers','instId':'NOBODY'},'data':[{'askPx':'1'}]}",
		"{'arg':{'channel':'trades','instId':'BTC-USDT'},'data':[]}",
		"{}",
	};
	struct okx_md_event ev;
	for (unsigned i = 0; i < COUNT(others); i++) {
		ck_assert_msg(decode(others[i], &ev) == 0, "%s", others[i]);
		ck_assert(ev.kind == OKX_OTHER && ev.instrument == UINT32_MAX);
		ck_assert_int_eq(okx_md_next(&d, &ev), 0);
	}
}
END_TEST

#define BOOKS  "{'arg':{'channel':'books','instId':'BTC-USDT'},"
#define TRADES "{'arg':{'channel':'trades','instId':'BTC-USDT'},'data':[{'tradeId':"
#define TOP    "{'arg':{'channel':'bbo-tbt','instId':'BTC-USDT'},'data':[{"

static const struct {
	const char *text;
	enum err code;
	enum bad_input bad;
} refusals[] = {
	{ "", ERR_PARSE, BAD_SYNTAX },
	{ "{'arg':{}} x", ERR_PARSE, BAD_SYNTAX },
	{ "{'arg':1,'data':[]}", ERR_PARSE, BAD_SYNTAX },
	{ "{'arg':{'channel':'books'},'data':[]}", ERR_PARSE, BAD_SYNTAX },
	{ "{'arg':{'channel':'books','instId':'X'},'data':[]}", ERR_NOTFOUND, BAD_UNKNOWN },
	{ BOOKS "'data':[{}]}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'delete','data':[{}]}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'update','data':{}}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'update','data':[7]}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':7}]}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'update','data':[{'bids':[['1']],'asks':[]}]}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'update','data':[{'bids':[[1,'1']],'asks':[]}]}", ERR_PARSE, BAD_SYNTAX },
	{ BOOKS "'action':'update','data':[{'bids':[['1.234','1']],'asks':[]}]}", ERR_RANGE,
	  BAD_TICK },
	{ BOOKS "'action':'update','data':[{'bids':[['-1','1']],'asks':[]}]}", ERR_RANGE,
	  BAD_TICK },
	{ BOOKS "'action':'update','data':[{'bids':[['1','-1']],'asks':[]}]}", ERR_RANGE,
	  BAD_SIZE },
	{ BOOKS "'action':'update','data':[{'bids':[['1','1e3']],'asks':[]}]}", ERR_PARSE,
	  BAD_NUMBER },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'seqId':5}]}", ERR_PARSE,
	  BAD_SEQUENCE },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'prevSeqId':5}]}", ERR_PARSE,
	  BAD_SEQUENCE },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'seqId':5,'prevSeqId':-1}]}",
	  ERR_PARSE, BAD_SEQUENCE },
	{ BOOKS "'action':'snapshot','data':[{'bids':[],'asks':[],'seqId':5,'prevSeqId':4}]}",
	  ERR_PARSE, BAD_SEQUENCE },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'seqId':5,'prevSeqId':-2}]}",
	  ERR_PARSE, BAD_NUMBER },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'seqId':'5','prevSeqId':4}]}",
	  ERR_PARSE, BAD_NUMBER },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'checksum':2147483648}]}",
	  ERR_PARSE, BAD_NUMBER },
	{ BOOKS "'action':'update','data':[{'bids':[],'asks':[],'ts':'-5','checksum':1}]}",
	  ERR_RANGE, BAD_NUMBER },
	{ BOOKS "'action':'update','data':[{'bids':[],'bids':[],'asks':[]}]}", ERR_PARSE,
	  BAD_SYNTAX },
	{ BOOKS "'action':'update','data':[{'instId':'ETH-USDT','bids':[],'asks':[]}]}", ERR_PARSE,
	  BAD_UNKNOWN },
	{ TRADES "'x','px':'1','sz':'1','side':'buy'}]}", ERR_PARSE, BAD_NUMBER },
	{ TRADES "'1','px':'1','sz':'1','side':'both'}]}", ERR_PARSE, BAD_SYNTAX },
	{ TRADES "'1','sz':'1','side':'buy'}]}", ERR_PARSE, BAD_SYNTAX },
	{ TOP "'bids':[['0','1']],'asks':[]}]}", ERR_RANGE, BAD_TICK },
	{ TOP "'bids':[['5','1'],['6','1']],'asks':[]}]}", ERR_PARSE, BAD_BOOK },
	{ TOP "'bids':[],'asks':[['6','1'],['6','1']]}]}", ERR_PARSE, BAD_BOOK },
};

START_TEST(nothing_inexact_is_believed)
{
	struct okx_md_event ev;
	for (unsigned i = 0; i < COUNT(refusals); i++) {
		d.why = NULL;
		ck_assert_msg(decode(refusals[i].text, &ev) == -(int)refusals[i].code, "%s",
			      refusals[i].text);
		ck_assert_msg(d.bad == refusals[i].bad && d.why, "%s: %s", refusals[i].text, d.why);
		ck_assert_int_eq(okx_md_next(&d, &ev), 0);
	}
	char text[2048] = "'asks':[],'seqId':5,'prevSeqId':4,'bids':[['1','1']";
	for (unsigned i = 0; i < 40; i++)
		strcat(text, ",['1','1']");
	strcat(text, "]");
	ck_assert_int_eq(depth("books", "update", text, &ev), -ERR_FULL);
	ck_assert_int_eq(
		decode("{'arg':{'channel':'trades','instId':'SPREAD'},'data':[{'tradeId':'1','px':'-1.5','sz':'1','side':'buy'}]}",
		       &ev),
		0);
	ck_assert_int_eq(ev.trade.px, -15);
}
END_TEST

START_TEST(kinds_and_verdicts_have_names)
{
	ck_assert_str_eq(okx_md_kind_name(OKX_SNAPSHOT), "snapshot");
	ck_assert_str_eq(okx_md_kind_name(okx_md_kind_max), "?");
	ck_assert_str_eq(okx_verdict_name(OKX_VERIFIED), "verified");
	ck_assert_str_eq(okx_verdict_name(okx_verdict_max), "?");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		best_prices,
		trades_of_one_message,
		numbers_chain,
		without_numbers_the_checksum_decides,
		a_checksum_is_asked_beside_numbers_too,
		zeros_at_the_end_of_a_number,
		one_channel_of_depth_is_followed,
		an_instrument_whose_book_is_not_kept,
		what_is_not_ours_to_read,
		nothing_inexact_is_believed,
		kinds_and_verdicts_have_names,
	};
	Suite *suite = suite_create("okx_md");
	TCase *group = tcase_create("okx_md");
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
