/* Proves that a report's figures are those of its receipts: rows of orders with their chain, pairs, days with and without sessions of the night before, counters and bursts, gaps,
 * clocks weighted by time; that every word stands in both languages; and that what a venue wrote cannot become part of a page, a formula or a column. */
#include "core/base/page.h"
#include "core/cmd/cmd.h"
#include "core/cmd/report_page.h"
#include "core/trade/alert.h"
#include "tests/unit/cmd/pair_story.h"
#include "tests/unit/cmd/run_verb.h"
#include <jansson.h>

#define HOUR_NS 3600000000000ll

static char out_dir[120];

static const struct verb_result *run(const char *path, const char *day, const char *lang)
{
	snprintf(out_dir, sizeof out_dir, "%s/report", folder);
	return verb_run(cmd_report, path, "--day", day, "--lang", lang, "--out", out_dir, NULL);
}

/* A file of the report, whole. */
static const char *file(const char *name)
{
	static char text[400000];
	char path[200];
	snprintf(path, sizeof path, "%s/%s", out_dir, name);
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "no %s", path);
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	return text;
}

/* Line n of a table as JSON; NULL: it has fewer. */
static json_t *row(const char *sheet, unsigned n)
{
	char name[40];
	snprintf(name, sizeof name, "%s.jsonl", sheet);
	const char *at = file(name);
	for (; n > 0 && at; n--) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at && *at ? json_loads(at, JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL, NULL)
			 : NULL;
}

static void has_text(json_t *j, const char *key, const char *want)
{
	const char *got = json_string_value(json_object_get(j, key));
	ck_assert_msg(got && strcmp(got, want) == 0, "%s is %s, not %s", key, got ? got : "absent",
		      want);
}

static void has_number(json_t *j, const char *key, double want)
{
	json_t *v = json_object_get(j, key);
	ck_assert_msg(json_is_number(v) && json_number_value(v) >= want - 1e-9 &&
			      json_number_value(v) <= want + 1e-9,
		      "%s is %g, not %g", key, json_number_value(v), want);
}

START_TEST(an_order_has_its_whole_row)
{
	char *path = story_make(false);
	ck_assert_int_eq(run(path, "2024-08-08", "en")->code, EXIT_OK);
	json_t *j = row("orders", 1);
	has_text(j, "order", "000000000000000c");
	has_text(j, "trade_day", "2024-08-08");
	has_text(j, "instrument", "ALPHA.PERP");
	has_text(j, "side", "buy");
	has_text(j, "state", "CANCELLED");
	has_text(j, "states", "NEW SENT LIVE CANCELLED");
	has_text(j, "tif", "IOC");
	has_text(j, "execs", "X12");
	has_text(j, "risk_check", "within all limits");
	has_number(j, "filled_qty", 0.004);
	has_number(j, "left_qty", 0.006);
	has_number(j, "average_px", 61837.71);
	has_number(j, "fee", 0.06183);
	has_number(j, "quote_to_decision_ns", 4000);
	has_number(j, "sent_to_fill_ns", 946000);
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(j, "trigger")), "open"));
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(j, "quotes")),
				     "ALPHA.PERP 61837.61/61837.71"));
	/* the venue's word, with what a terminal would obey left as it was, for JSON escapes it */
	ck_assert_ptr_nonnull(
		strstr(json_string_value(json_object_get(j, "cancel_reason")), "IOC remainder"));
	json_decref(j);
	j = row("orders", 2);
	has_text(j, "purpose", "rescues");
	ck_assert_ptr_nonnull(
		strstr(json_string_value(json_object_get(j, "rescue_step")), "complete"));
	json_decref(j);
	ck_assert_ptr_null(row("orders", 3));
}
END_TEST

START_TEST(a_pair_has_its_cost_and_its_gap)
{
	char *path = story_make(false);
	ck_assert_int_eq(run(path, "last", "en")->code, EXIT_OK);
	json_t *j = row("pairs", 0);
	has_text(j, "state", "REFUSED");
	json_decref(j);
	j = row("pairs", 1);
	has_text(j, "pair", "0100010000000005");
	has_text(j, "state", "HEDGED");
	has_text(j, "broke", "yes");
	has_number(j, "orders", 3);
	has_number(j, "fills", 3);
	has_number(j, "rescue_steps", 1);
	has_number(j, "leg_gap_ns", 50000);
	has_text(j, "fees", "0.18549 USDT");
	json_decref(j);
	ck_assert_ptr_null(row("pairs", 2));
}
END_TEST

START_TEST(a_day_that_is_not_there_is_answered_with_those_that_are)
{
	char *path = story_make(false);
	const struct verb_result *v = run(path, "2024-08-09", "en");
	ck_assert_int_eq(v->code, EXIT_CHECK);
	ck_assert_ptr_nonnull(strstr(v->err, "no receipt is of 2024-08-09; there are 2024-08-08"));
	ck_assert_int_eq(run(path, "2024-13-01", "en")->code, EXIT_USAGE);
	ck_assert_int_eq(run(path, "last", "de")->code, EXIT_USAGE);
}
END_TEST

/* ---- a store made for a day */

static void (*writing)(struct pair_story *p);

static void write_and_end(void *arg)
{
	struct pair_story p = { 0 };
	(void)arg;
	story_open(&p);
	story_setup(&p);
	writing(&p);
	ck_assert_int_eq(store_close(p.store), 0);
}

static char *make(void (*fn)(struct pair_story *p))
{
	snprintf(story_path, sizeof story_path, "%s/db", folder);
	writing = fn;
	apart(write_and_end, NULL, 0);
	return story_path;
}

static void put_market(struct pair_story *p, int32_t day)
{
	struct fact f = story_fact(p, FACT_MARKET, 0);
	f.num[1] = 3;
	f.num[2] = day;
	story_put(p, &f, 0);
}

static uint64_t put_order(struct pair_story *p, unsigned leg, uint64_t order)
{
	struct fact f = story_fact(p, FACT_ORDER, leg);
	f.order = order;
	f.pair = order;
	f.px = 100;
	f.qty = 100000;
	uint64_t at = story_put(p, &f, 0);
	f = story_fact(p, FACT_SENT, leg);
	f.order = order;
	f.pair = order;
	f.state = ORDER_SENT;
	return story_put(p, &f, at);
}

/* 2024-08-08T23:54 and the hours after it: a night session of leg 0's contract, whose trading day is the 9th; leg 1's has none. */
static void night(struct pair_story *p)
{
	put_market(p, 20240808);
	put_order(p, 0, 1);
	put_order(p, 1, 2);
	p->us += 60 * 1000000;
	put_market(p, 20240809);
	put_order(p, 0, 3);
	put_order(p, 1, 4);
	p->us += HOUR_NS / 1000; /* the 9th by UTC as well */
	put_order(p, 0, 5);
	put_order(p, 1, 6);
	put_market(p, 20240812);
	put_order(p, 0, 7);
}

static void orders_are(const char *want)
{
	char got[80] = "";
	for (unsigned i = 0;; i++) {
		json_t *j = row("orders", i);
		if (!j)
			break;
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s",
			 json_string_value(json_object_get(j, "order")) + 15);
		json_decref(j);
	}
	ck_assert_str_eq(got, want);
}

START_TEST(a_night_session_belongs_to_the_next_trading_day)
{
	char *path = make(night);
	ck_assert_int_eq(run(path, "2024-08-08", "en")->code, EXIT_OK);
	orders_are("124");
	ck_assert_int_eq(run(path, "20240809", "en")->code, EXIT_OK);
	orders_are("356");
	json_t *j = row("orders", 0);
	has_text(j, "trade_day", "2024-08-09");
	json_decref(j);
	ck_assert_int_eq(run(path, "2024-08-12", "en")->code, EXIT_OK);
	orders_are("7");
}
END_TEST

/* 12 orders within half a second, 9 within another, a cancel of 400 lots that was asked for, and both sides of one execution. */
static void busy(struct pair_story *p)
{
	struct fact f;
	for (unsigned i = 0; i < 12; i++, p->us += 40000)
		put_order(p, 0, 100 + i);
	p->us += 3000000;
	for (unsigned i = 0; i < 9; i++, p->us += 10000)
		put_order(p, 0, 200 + i);
	f = story_fact(p, FACT_CANCELLED, 0);
	f.order = 200;
	f.qty = 40000000;
	f.num[5] = 1;
	f.state = ORDER_CANCELLED;
	story_put(p, &f, 0);
	for (unsigned side = 0; side < 2; side++) {
		f = story_fact(p, FACT_FILL, 0);
		f.order = 201 + side;
		f.side = (uint8_t)side;
		f.px = 100;
		f.qty = 100000;
		f.num[0] = 100000;
		snprintf(f.exec, sizeof f.exec, "SAME");
		f.state = ORDER_FILLED;
		story_put(p, &f, 0);
	}
}

START_TEST(counters_count_as_exchanges_do)
{
	char *path = make(busy);
	ck_assert_int_eq(run(path, "last", "en")->code, EXIT_OK);
	json_t *j = row("counters", 0);
	has_text(j, "instrument", "ALPHA.SPOT");
	has_number(j, "orders", 21);
	has_number(j, "cancels", 1);
	has_number(j, "large_cancels", 1);
	has_number(j, "self_trades", 1);
	has_number(j, "peak_per_s", 12);
	has_number(j, "bursts_of_10", 1);
	json_decref(j);
	j = row("thresholds", 0);
	has_text(j, "threshold", "orders_cancels_per_s");
	has_number(j, "value", 12);
	has_number(j, "percent", 4);
	has_text(j, "mark", "ok");
	json_decref(j);
	/* of the 15th order of the day 14 have left before it, 2 of them within its second */
	j = row("orders", 14);
	has_number(j, "messages_today", 14);
	has_number(j, "messages_in_second", 2);
	json_decref(j);
}
END_TEST

/* A clock within 100 us for one hour, within 1 ms for two, beyond for the seven up to the newest receipt. */
static void clocks(struct pair_story *p)
{
	static const int64_t bound_ns[] = { 50000, 900000, 5000000, 5000000 };
	static const int64_t hours[] = { 1, 2, 1, 0 };
	p->us -= 10 * HOUR_NS / 1000;
	for (unsigned i = 0; i < 4; i++) {
		struct fact f;
		fact_init(&f, FACT_CLOCK);
		f.venue = p->venue;
		f.num[0] = (int64_t)i * 1000 - 1000;
		f.num[1] = bound_ns[i];
		story_put(p, &f, 0);
		p->us += hours[i] * HOUR_NS / 1000;
	}
}

START_TEST(clocks_are_weighed_by_time)
{
	char *path = make(clocks);
	ck_assert_int_eq(run(path, "last", "en")->code, EXIT_OK);
	json_t *j = row("clocks", 0);
	has_text(j, "venue", "alpha");
	has_number(j, "receipts", 4);
	has_number(j, "offset_min_ns", -1000);
	has_number(j, "offset_max_ns", 2000);
	has_number(j, "within_100us_percent", 10);
	has_number(j, "within_1ms_percent", 30);
	json_decref(j);
}
END_TEST

/* What a venue or a person wrote, as bad as it can be. */
static void hostile(struct pair_story *p)
{
	uint64_t at = put_order(p, 0, 1);
	struct fact f = story_fact(p, FACT_REJECTED, 0);
	f.order = 1;
	f.state = ORDER_REJECTED;
	fact_text(&f, "=HYPERLINK(\"http://x\",\"<b>&'\"),\r\nnext");
	story_put(p, &f, at);
	fact_init(&f, FACT_ALERT);
	f.num[0] = ALERT_CRITICAL;
	f.num[1] = 1;
	f.num[2] = ALERT_NOTE;
	fact_text(&f, "</td><script>alert(1)</script>");
	at = story_put(p, &f, 0);
	p->us += 90 * 1000000;
	fact_init(&f, FACT_OPERATOR);
	f.num[0] = 13;
	fact_text(&f, "ack %llu (note) by ann/17: seen", (unsigned long long)at);
	story_put(p, &f, at);
}

START_TEST(what_others_wrote_stays_a_text)
{
	char *path = make(hostile);
	ck_assert_int_eq(run(path, "last", "en")->code, EXIT_OK);
	const char *page = file("report.html");
	ck_assert_ptr_null(strstr(page, "<script"));
	ck_assert_ptr_nonnull(strstr(page, "&lt;script&gt;"));
	/* no formula, and one line of two rows */
	const char *csv = file("orders.csv");
	ck_assert_ptr_nonnull(strstr(csv, ",\"'=HYPERLINK(\"\"http://x\"\""));
	json_t *j = row("alerts", 0);
	has_text(j, "reason", "</td><script>alert(1)</script>");
	has_text(j, "ack_by", "ann/17");
	has_number(j, "ack_after_ns", 90e9);
	json_decref(j);
}
END_TEST

START_TEST(every_word_stands_in_both_languages)
{
	for (unsigned w = 0; w < report_word_max; w++) {
		const char *en = report_word(LANG_EN, (enum report_word)w),
			   *zh = report_word(LANG_ZH, (enum report_word)w);
		ck_assert_msg(en[0] && zh[0], "word %u is missing", w);
		/* what is put in by the one is put in by the other */
		for (char k = '0'; k < '0' + REPORT_ARGS; k++) {
			const char place[] = { '{', k, '}', 0 };
			ck_assert_msg(!strstr(en, place) == !strstr(zh, place), "%s and %s", en,
				      zh);
		}
		for (const char *s = en; *s; s++)
			ck_assert_msg((unsigned char)*s < 128, "not English: %s", en);
	}
	for (unsigned c = 0; c < report_column_max; c++)
		ck_assert_msg(report_column_name(LANG_EN, (enum report_column)c)[0] &&
				      report_column_name(LANG_ZH, (enum report_column)c)[0] &&
				      report_column_key((enum report_column)c)[0],
			      "column %u has no name", c);
	ck_assert_str_eq(report_code(LANG_ZH, "close_today"), "平今");
	ck_assert_str_eq(report_code(LANG_ZH, "no_such_code"), "no_such_code");
	ck_assert_str_eq(report_code(LANG_EN, "close_today"), "close_today");
	char out[64];
	const char *const arg[REPORT_ARGS] = { "1", "2", "3" };
	ck_assert_str_eq(report_say(LANG_EN, W_CUT, arg, out, sizeof out),
			 "The first 1 rows of 2; all of them are in 3.");
	ck_assert_uint_eq(strlen(report_say(LANG_EN, W_CUT, arg, out, 10)), 9);
}
END_TEST

/* More rows than the page shows. */
static void many(struct pair_story *p)
{
	for (unsigned i = 0; i < REPORT_SHOWN + 5; i++) {
		struct fact f;
		fact_init(&f, FACT_VENUE);
		f.venue = p->venue;
		story_put(p, &f, 0);
	}
}

START_TEST(a_long_table_is_cut_and_says_so)
{
	char *path = make(many);
	ck_assert_int_eq(run(path, "last", "zh")->code, EXIT_OK);
	ck_assert_ptr_nonnull(strstr(file("report.html"),
				     "共 205 行，此处只列前 200 行；全部见 connections.csv"));
	unsigned lines = 0;
	for (const char *s = file("connections.csv"); *s; s++)
		lines += *s == '\n';
	ck_assert_uint_eq(lines, REPORT_SHOWN + 6);
}
END_TEST

FOLDER_SUITE("report", an_order_has_its_whole_row, a_pair_has_its_cost_and_its_gap,
	     a_day_that_is_not_there_is_answered_with_those_that_are,
	     a_night_session_belongs_to_the_next_trading_day, counters_count_as_exchanges_do,
	     clocks_are_weighed_by_time, what_others_wrote_stays_a_text,
	     every_word_stands_in_both_languages, a_long_table_is_cut_and_says_so)
