/* Proves what bad input from a market gets: it is counted, has a receipt with its first bytes, makes the book invalid until it is sound again,
 * is never traded on, and leaves the process up (I9). Whole host, both markets, every kind of connection. */
#include "tests/contract/all/bytes.h"
#include "tests/contract/all/stage.h"
#include "tests/unit/suite.h"
#include <malloc.h>
#include <string.h>

/* There where the sanitizer has taken malloc over. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

#define RECOVERS_MS 12000

enum { SENDS = 10000 };

/* What a case has to lead to. */
enum expect {
	COUNTED = 1,  /* a bad input with its receipt */
	UNSOUND = 2,  /* this market's book is not LIVE any more */
	NO_TRADE = 4, /* nothing is proposed, whatever the book's state */
	TOLD = 8,     /* a FEED receipt */
	BAD = COUNTED | UNSOUND | NO_TRADE | TOLD,
	LOST = UNSOUND | NO_TRADE | TOLD, /* sound words that end what was known */
	HARMLESS = 0
};

static void printable(const struct fact *f)
{
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(strlen(f->text), 12);
	for (const char *p = f->text; *p; p++)
		EXPECT_MSG(*p >= ' ' && *p < 127, "a receipt with byte %02x", (unsigned char)*p);
}

struct before {
	uint64_t bad;
	unsigned receipts, feeds, proposals;
};

static struct before note(const struct stage *s)
{
	return (struct before){ stage_bad_inputs(s), stage_count(s, FACT_BAD_INPUT),
				stage_count(s, FACT_FEED), s->proposals };
}

static struct stage *trading(void)
{
	struct stage *s = stage_open();
	stage_start(s);
	ck_assert_msg(stage_until_trading(s, 5000) >= 0, "the stage does not trade");
	return s;
}

/* Nobody makes sense, and no whole book is to be had of this market. */
static struct before hush(struct stage *s, enum stage_market_id m)
{
	s->market[SPOT].quiet = s->market[USDM].quiet = true;
	s->market[m].book = NULL;
	stage_talk(s, 20);
	return note(s);
}

/* After the bad words: is it so, does the other market alone bring no trade, and does all recover? */
static void judge(struct stage *s, enum stage_market_id m, const char *name, struct before b,
		  unsigned expect)
{
	stage_run(s, 30);
	bool counted = stage_bad_inputs(s) > b.bad, live = stage_live(s, m);
	ck_assert_msg(counted == !!(expect & COUNTED), "%s: %s", name,
		      counted ? "counted" : "not counted");
	if (counted) {
		ck_assert_msg(stage_count(s, FACT_BAD_INPUT) > b.receipts, "%s: no receipt", name);
		printable(stage_last(s, FACT_BAD_INPUT));
	}
	ck_assert_msg(
		live == !(expect & UNSOUND), "%s: %s", name,
		book_state_name(
			(enum book_state)desk_top(engine_desk(s->engine), (uint32_t)m)->state));
	ck_assert_msg(!(expect & TOLD) || stage_count(s, FACT_FEED) > b.feeds,
		      "%s: no FEED receipt", name);
	unsigned proposals = s->proposals;
	s->market[m ^ 1].quiet = false;
	stage_talk(s, 300);
	ck_assert_msg((s->proposals > proposals) == !(expect & NO_TRADE), "%s: %u proposals", name,
		      s->proposals - proposals);
	s->market[m].quiet = false;
	s->market[m].book = stage_good_book;
	int64_t ms = stage_until_trading(s, RECOVERS_MS);
	const struct desk_instance *in = &engine_desk(s->engine)->instance[0];
	ck_assert_msg(
		ms >= 0, "%s: does not trade again: %s, gate %s", name,
		book_state_name(
			(enum book_state)desk_top(engine_desk(s->engine), (uint32_t)m)->state),
		gate_name((enum gate)in->keeper->gate));
	ck_assert_msg(!s->wrong, "%s: %s", name, s->what);
}

/* ---- what WebSocket carries ---- */

static void not_json(struct bytes *b)
{
	bytes_text(b, "hello, is this thing on?");
}

static void truncated(struct bytes *b)
{
	bytes_text(b, "{\"e\":\"bookTicker\",\"u\":5,\"s\":\"BTCUSDT\",\"b\":\"600");
}

static void zero_bytes(struct bytes *b)
{
	bytes_frame(b, 0x81, NULL, 0);
}

static void deep(struct bytes *b)
{
	struct bytes x = { 0 };
	bytes_put(&x, "{\"e\":", 5);
	bytes_fill(&x, '[', 10000);
	bytes_frame(b, 0x81, x.p, x.n);
	bytes_free(&x);
}

static void long_string(struct bytes *b)
{
	struct bytes x = { 0 };
	bytes_put(&x, "{\"e\":\"", 6);
	bytes_fill(&x, 'x', 1 << 20);
	bytes_frame(b, 0x81, x.p, x.n);
	bytes_free(&x);
}

static void huge(struct bytes *b)
{
	struct bytes x = { 0 };
	bytes_fill(&x, ' ', 16 << 20);
	bytes_frame(b, 0x81, x.p, x.n);
	bytes_free(&x);
}

static void masked(struct bytes *b)
{
	bytes_put(b,
		  "\x81\x82"
		  "abcd"
		  "xy",
		  8);
}

static void no_utf8(struct bytes *b)
{
	bytes_frame(b, 0x81, "{\"e\":\"\xff\xfe\"}", 10);
}

static void half_utf8_in_fragments(struct bytes *b)
{
	bytes_frame(b, 0x01, "{\"\xc3", 3);
	bytes_frame(b, 0x80, "x\"}", 3);
}

static void fragments(struct bytes *b)
{
	for (int i = 0; i < SENDS; i++)
		bytes_frame(b, i == 0 ? 0x01 : i == SENDS - 1 ? 0x80 : 0x00, "x", 1);
}

static void empty_fragments(struct bytes *b)
{
	for (int i = 0; i < SENDS; i++)
		bytes_frame(b, i == 0 ? 0x01 : 0x00, NULL, 0);
}

static void pings(struct bytes *b)
{
	for (int i = 0; i < SENDS; i++)
		bytes_frame(b, 0x89, "ping", 4);
}

static void reserved_bits(struct bytes *b)
{
	bytes_frame(b, 0xf1, "{}", 2);
}

static void unknown_opcode(struct bytes *b)
{
	bytes_frame(b, 0x83, "{}", 2);
}

static void fragmented_ping(struct bytes *b)
{
	bytes_frame(b, 0x09, "x", 1);
}

static void continuation_of_nothing(struct bytes *b)
{
	bytes_frame(b, 0x80, "{}", 2);
}

static void message_in_message(struct bytes *b)
{
	bytes_frame(b, 0x01, "{", 1);
	bytes_frame(b, 0x81, "{}", 2);
}

static void binary(struct bytes *b)
{
	bytes_frame(b, 0x82, "\x00\x01\x02\x03", 4);
}

static void padded_length(struct bytes *b)
{
	bytes_put(b, "\x81\x7e\x00\x02{}", 6);
}

static void length_of_63_bits(struct bytes *b)
{
	bytes_put(b, "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff{}", 12);
}

static void bad_close(struct bytes *b)
{
	bytes_frame(b, 0x88, "\x03\xed", 2); /* 1005 never stands on the wire */
}

static void good_close(struct bytes *b)
{
	bytes_frame(b, 0x88, "\x03\xe8", 2);
}

static const struct {
	const char *name;
	void (*put)(struct bytes *b);
	unsigned expect;
} frames[] = {
	{ "not JSON", not_json, BAD },
	{ "truncated JSON", truncated, BAD },
	{ "an empty text", zero_bytes, BAD },
	{ "10,000 brackets", deep, BAD },
	{ "a string of 1 MiB without an end", long_string, BAD },
	{ "a frame of 16 MiB", huge, BAD },
	{ "a masked frame", masked, BAD },
	{ "no UTF-8", no_utf8, BAD },
	{ "no UTF-8 over two fragments", half_utf8_in_fragments, BAD },
	{ "10,000 fragments", fragments, BAD },
	{ "10,000 empty fragments", empty_fragments, BAD },
	{ "10,000 pings", pings, BAD },
	{ "reserved bits", reserved_bits, BAD },
	{ "an unknown opcode", unknown_opcode, BAD },
	{ "a ping in fragments", fragmented_ping, BAD },
	{ "a continuation of nothing", continuation_of_nothing, BAD },
	{ "a message in a message", message_in_message, BAD },
	{ "a binary message", binary, BAD },
	{ "a length that is too long for its value", padded_length, BAD },
	{ "a length of 63 bits", length_of_63_bits, BAD },
	{ "a close with a code that may not be sent", bad_close, BAD },
	{ "an orderly close", good_close, LOST },
};

static const struct {
	enum stage_market_id market;
	enum peer_door door;
} lines[] = { { SPOT, DOOR_STREAM },
	      { USDM, DOOR_STREAM },
	      { SPOT, DOOR_API },
	      { USDM, DOOR_API },
	      { USDM, DOOR_USER } };

/* One stage a line: what went wrong before must not harm what comes after. */
START_TEST(frames_that_are_none)
{
	enum stage_market_id m = lines[_i].market;
	struct stage *s = trading();
	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		struct bytes b = { 0 };
		frames[i].put(&b);
		struct before before = hush(s, m);
		ck_assert_msg(peer_raw(&s->market[m].peer, lines[_i].door, b.p, b.n),
			      "%s: not sent", frames[i].name);
		bytes_free(&b);
		judge(s, m, frames[i].name, before, frames[i].expect);
	}
	stage_free(s);
}
END_TEST

/* ---- what the market stream says ---- */

#define QUOTE(u, b, B, a, A)                                                                   \
	"{\"e\":\"bookTicker\",\"u\":" u ",\"s\":\"BTCUSDT\",\"b\":" b ",\"B\":" B ",\"a\":" a \
	",\"A\":" A "}"
#define BID(px) QUOTE("@", px, "\"1\"", "\"ASK\"", "\"1\"")
#define DEPTH(U, u, pu, b, a)                                                               \
	"{\"e\":\"depthUpdate\",\"E\":1767225600000,\"s\":\"BTCUSDT\",\"U\":" U ",\"u\":" u \
	",\"pu\":" pu ",\"b\":" b ",\"a\":" a "}"
#define NEXT(b, a) DEPTH("@", "@", "#", b, a)

static const struct {
	const char *text;
	unsigned expect;
} words[] = {
	/* numbers */
	{ BID("\"1e400\""), BAD },
	{ BID("\"123456789012345678901234567890\""), BAD },
	{ BID("\"0.000000000000000000000000000001\""), BAD },
	{ BID("\"NaN\""), BAD },
	{ BID("\"Infinity\""), BAD },
	{ BID("\"-Infinity\""), BAD },
	{ BID("\"-60000.00\""), BAD },
	{ BID("\"-0\""), BAD },
	{ BID("\"0\""), BAD },
	{ BID("\"0x10\""), BAD },
	{ BID("\" 60000.00\""), BAD },
	{ BID("\"60,000.00\""), BAD },
	{ BID("\"\""), BAD },
	{ BID("60000.00"), BAD },
	{ BID("null"), BAD },
	{ BID("{}"), BAD },
	{ QUOTE("@", "\"BID\"", "\"-1\"", "\"ASK\"", "\"1\""), BAD },
	{ QUOTE("@", "\"BID\"", "\"1e3\"", "\"ASK\"", "\"1\""), BAD },
	{ QUOTE("@", "\"BID\"", "\"99999999999999999999\"", "\"ASK\"", "\"1\""), BAD },
	/* the tick of the rule in force, which the decimals would hold; quantities may be off the lot */
	{ BID("\"59999.95\""), BAD },
	{ NEXT("[[\"59999.95\",\"1\"],[\"BID\",\"0\"]]", "[]"), BAD },
	{ QUOTE("@", "\"BID\"", "\"1.0005\"", "\"ASK\"", "\"1\""), BAD }, /* beyond the decimals */
	/* update numbers */
	{ QUOTE("1e400", "\"BID\"", "\"1\"", "\"ASK\"", "\"1\""), BAD },
	{ QUOTE("-5", "\"BID\"", "\"1\"", "\"ASK\"", "\"1\""), BAD },
	{ QUOTE("\"7\"", "\"BID\"", "\"1\"", "\"ASK\"", "\"1\""), BAD },
	{ QUOTE("123456789012345678901234567890", "\"BID\"", "\"1\"", "\"ASK\"", "\"1\""), BAD },
	{ QUOTE("9223372036854775807", "\"BID\"", "\"1\"", "\"ASK\"", "\"1\""), LOST | COUNTED },
	{ DEPTH("@", "9223372036854775807", "#", "[]", "[]"), LOST | COUNTED },
	{ DEPTH("@", "1", "#", "[]", "[]"), BAD },
	{ DEPTH("@000", "@001", "@000", "[]", "[]"), LOST }, /* a hole, by either rule */
	/* members */
	{ "{\"u\":@,\"s\":\"BTCUSDT\",\"b\":\"BID\",\"B\":\"1\",\"A\":\"1\"}", BAD },
	{ "{\"u\":@,\"s\":\"BTCUSDT\",\"b\":\"BID\",\"b\":\"BID\",\"B\":\"1\",\"a\":\"ASK\",\"A\":\"1\"}",
	  BAD },
	{ "{\"e\":\"bookTicker\",\"u\":@,\"b\":\"BID\",\"B\":\"1\",\"a\":\"ASK\",\"A\":\"1\"}",
	  BAD },
	{ "{\"e\":\"bookTicker\",\"u\":@,\"s\":\"ETHUSDT\",\"b\":\"BID\",\"B\":\"1\",\"a\":\"ASK\",\"A\":\"1\"}",
	  BAD },
	{ "{\"e\":\"bookTicker\",\"u\":@,\"s\":7}", BAD },
	{ "{\"stream\":\"x\",\"data\":[]}", BAD },
	{ "null", BAD },
	{ "[]", BAD },
	{ "7", BAD },
	{ "{} {}", BAD },
	{ NEXT("{}", "[]"), BAD },
	{ NEXT("[[]]", "[]"), BAD },
	{ NEXT("[[\"BID\"]]", "[]"), BAD },
	{ NEXT("[[1,2]]", "[]"), BAD },
	{ NEXT("[\"BID\",\"1\"]", "[]"), BAD },
	{ NEXT("[[\"BID\",\"-1\"]]", "[]"), BAD },
	{ "{\"e\":\"trade\",\"E\":1,\"s\":\"BTCUSDT\",\"t\":1,\"p\":\"NaN\",\"q\":\"1\",\"T\":1,\"m\":true}",
	  BAD },
	/* books that nobody can trade on */
	{ BID("\"70000.00\""), LOST },
	{ BID("\"ASK\""), LOST }, /* locked */
	{ NEXT("[[\"70000.00\",\"1\"]]", "[]"), LOST },
	{ QUOTE("@", "\"0\"", "\"0\"", "\"ASK\"", "\"1\""), NO_TRADE | TOLD },
	{ QUOTE("@", "\"0\"", "\"0\"", "\"0\"", "\"0\""), NO_TRADE | TOLD },
	{ NEXT("[[\"BID\",\"0\"]]", "[[\"ASK\",\"0\"]]"), NO_TRADE | TOLD },
	/* what was heard before, or is nothing to us */
	{ QUOTE("#", "\"59000.00\"", "\"1\"", "\"59000.10\"", "\"1\""), HARMLESS },
	{ QUOTE("3", "\"59000.00\"", "\"1\"", "\"59000.10\"", "\"1\""), HARMLESS },
	{ DEPTH("#", "#", "1", "[[\"70000.00\",\"1\"]]", "[]"), HARMLESS },
	{ DEPTH("5", "6", "4", "[[\"70000.00\",\"1\"]]", "[]"), HARMLESS },
	{ "{\"e\":\"weather\",\"s\":\"BTCUSDT\",\"rain\":1e400}", HARMLESS },
	{ "{}", HARMLESS },
	{ "{\"result\":null,\"id\":5}", HARMLESS },
};

START_TEST(words_that_make_no_sense)
{
	struct stage *s = trading();
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct before b = hush(s, (enum stage_market_id)_i);
		stage_say(s, (enum stage_market_id)_i, DOOR_STREAM, words[i].text);
		judge(s, (enum stage_market_id)_i, words[i].text, b, words[i].expect);
	}
	stage_free(s);
}
END_TEST

/* ---- storms ---- */

static void storm(struct stage *s, unsigned n)
{
	struct bytes b = { 0 };
	for (unsigned i = 0; i < n; i++)
		bytes_text(&b, "{\"e\":\"bookTicker\"");
	ck_assert(peer_raw(&s->market[SPOT].peer, DOOR_STREAM, b.p, b.n));
	bytes_free(&b);
	stage_run(s, 10);
}

START_TEST(a_storm_is_counted_and_twenty_receipts_a_second_are_written)
{
	struct stage *s = trading();
	hush(s, SPOT);
	uint64_t facts = s->journal.n;
	for (int second = 1; second <= 3; second++) {
		storm(s, 5000);
		ck_assert_uint_eq(stage_bad_inputs(s), 5000u * (unsigned)second);
		stage_run(s, 1490);
	}
	stage_run(s, 1500); /* the last of it has its receipt when the storm is over */
	int64_t told = 0;
	unsigned receipts = 0;
	for (uint64_t i = facts; i < s->journal.n; i++)
		if (s->journal.fact[i].kind == FACT_BAD_INPUT) {
			told += s->journal.fact[i].num[2];
			receipts++;
		}
	ck_assert_int_eq(told, 15000);
	ck_assert_uint_ge(receipts, 3 * 20);
	ck_assert_uint_le(receipts, 3 * 20 + 4);
	judge(s, SPOT, "a storm", note(s), UNSOUND | NO_TRADE);
	stage_free(s);
}
END_TEST

static size_t memory_in_use(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
	return mallinfo2().uordblks;
}

START_TEST(a_storm_takes_no_memory)
{
	struct stage *s = trading();
	hush(s, SPOT);
	storm(s, SENDS); /* the simulated pipes grow to what they carry once */
	size_t before = memory_in_use();
	for (int i = 0; i < 10; i++)
		storm(s, SENDS);
	ck_assert_uint_eq(stage_bad_inputs(s), 11 * SENDS);
	size_t after = memory_in_use();
	ck_assert_msg(after <= before + 4096, "%zu bytes more", after - before);
	stage_free(s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bad_input");
	TCase *group = tcase_create("bad_input");
	tcase_set_timeout(group, 170);
	tcase_add_loop_test(group, frames_that_are_none, 0, sizeof lines / sizeof *lines);
	tcase_add_loop_test(group, words_that_make_no_sense, 0, stage_market_max);
	tcase_add_test(group, a_storm_is_counted_and_twenty_receipts_a_second_are_written);
	tcase_add_test(group, a_storm_takes_no_memory);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
