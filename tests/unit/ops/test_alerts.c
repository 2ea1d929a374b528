/* Proves that what repeats is one alert with a number, that rules say who is told and in which order they are asked, that acknowledging ends an alert and not what comes
 * after it, and that a full table gives up the least. */
#include "core/base/err.h"
#include "core/base/glob.h"
#include "core/ops/alerts.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

#define MS     1000000LL
#define SECOND (1000 * MS)

static struct told {
	struct alert a;
	uint8_t sinks;
} told[2000];
static unsigned n_told;
static uint64_t seq;

static void hear(void *arg, const struct alert *a, uint8_t sinks)
{
	(void)arg;
	told[n_told++] = (struct told){ *a, sinks };
}

static struct alerts *fresh(const struct config_alerts *c)
{
	static struct alerts s;
	n_told = 0;
	seq = 100;
	alerts_init(&s, c, hear, NULL);
	return &s;
}

static struct alert an_alert(enum alert_code code, int64_t at_ns)
{
	return (struct alert){ .id = ++seq,
			       .code = (uint8_t)code,
			       .severity = (uint8_t)alert_code_severity(code),
			       .mono_ns = at_ns,
			       .last_utc_ns = at_ns };
}

static void raise_of(struct alerts *s, enum alert_code code, const char *instance,
		     const char *venue, int64_t at_ns)
{
	struct alert a = an_alert(code, at_ns);
	snprintf(a.instance, sizeof a.instance, "%s", instance);
	snprintf(a.venue, sizeof a.venue, "%s", venue);
	alerts_raise(s, &a);
}

static unsigned n_open(const struct alerts *s)
{
	unsigned n = 0;
	for (uint32_t at = 0; alerts_each(s, &at);)
		n++;
	return n;
}

static const struct config_alerts none;

START_TEST(patterns)
{
	static const struct {
		const char *pattern, *s;
		bool fits;
	} row[] = { { "*", "", 1 },	     { "*", "x", 1 },	      { "", "", 1 },
		    { "", "x", 0 },	     { "a", "a", 1 },	      { "a", "ab", 0 },
		    { "a*", "a", 1 },	     { "*b", "ab", 1 },	      { "*b", "aba", 0 },
		    { "a*b*c", "aXbYc", 1 }, { "a*b*c", "aXcYb", 0 }, { "**", "x", 1 },
		    { "*aab", "aaab", 1 },   { "a?", "ab", 0 } };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		ck_assert_msg(glob_match(row[i].pattern, row[i].s) == row[i].fits, "%s of %s",
			      row[i].pattern, row[i].s);
}
END_TEST

/* One code, several causes: each is told, and what repeats with other numbers is still one. */
START_TEST(causes_of_one_code_are_not_merged)
{
	static const char *const text[] = {
		"usdm: its clock jumped by 0.512 s (F46)",
		"usdm refuses our time stamps (1 in a row): its clock is asked for, orders wait",
		"usdm: its clock jumped by -3.1 s (F46)",
		"usdm refuses our time stamps (2 in a row): its clock is asked for, orders wait",
	};
	static const char *const held[] = { "pair 0000020000000001 is held: price_beyond_limit",
					    "pair 0000020000000001 is held: venue_down" };
	static const char *const row[] = { "position_base_e8: 0.31, at most 0.3 of cu2601",
					   "position_base_e8: 0.31, at most 0.3 of cu2602",
					   "loss_e8: 0.31, at most 0.3 of cu2601",
					   "loss_e8: 12, at most 0.5 of cu2601" };
	struct alerts *s = fresh(&none);
	struct alert a;
	for (int i = 0; i < 4; i++) {
		a = an_alert(ALERT_CLOCK, i * MS);
		snprintf(a.text, sizeof a.text, "%s", text[i]);
		alerts_raise(s, &a);
	}
	ck_assert_uint_eq(n_open(s), 2);
	ck_assert_uint_eq(n_told, 2);
	for (int i = 0; i < 2; i++) {
		a = an_alert(ALERT_PAIR_HELD, i * MS);
		a.pair = 0x20000000001;
		snprintf(a.text, sizeof a.text, "%s", held[i]);
		alerts_raise(s, &a);
	}
	ck_assert_uint_eq(n_open(s), 4);
	for (int i = 0; i < 4; i++) {
		a = an_alert(ALERT_LIMIT, i * MS);
		snprintf(a.text, sizeof a.text, "%s", row[i]);
		alerts_raise(s, &a);
	}
	ck_assert_uint_eq(n_open(s), 7);
	ck_assert_uint_eq(n_told, 7);
}
END_TEST

START_TEST(codes_have_names)
{
	for (unsigned c = 1; c < alert_code_max; c++) {
		const char *name = alert_code_name((enum alert_code)c);
		for (unsigned other = 1; other < c; other++)
			ck_assert_str_ne(alert_code_name((enum alert_code)other), name);
		ck_assert(alert_code_text((enum alert_code)c)[0]);
		ck_assert_int_ne(alert_code_severity((enum alert_code)c), 0);
	}
	ck_assert_str_eq(alert_code_name(alert_code_max), "?");
	ck_assert_str_eq(alert_severity_name(ALERT_CRITICAL), "critical");
	ck_assert_int_eq(ALERT_FAILURE, 3); /* numbers stand in receipts */
	ck_assert_int_eq(ALERT_SINK_FAILED, 29);
}
END_TEST

START_TEST(repeats_are_one_with_a_number)
{
	struct alerts *s = fresh(&none);
	for (int i = 0; i < 100; i++)
		raise_of(s, ALERT_FEED_STALE, "au", "SHFE", i * 50 * MS);
	ck_assert_uint_eq(n_told, 1);
	ck_assert_uint_eq(told[0].a.repeats, 1);
	ck_assert_uint_eq(told[0].sinks, 1u << ALERT_SINK_LOG);
	raise_of(s, ALERT_FEED_STALE, "au", "COMEX", 0); /* about something else */
	raise_of(s, ALERT_CLOCK, "au", "SHFE", 0);
	ck_assert_uint_eq(n_told, 3);
	alerts_time(s, 10 * SECOND - 1);
	ck_assert_uint_eq(n_told, 3);
	alerts_time(s, 10 * SECOND);
	ck_assert_uint_eq(n_told, 4);
	ck_assert_uint_eq(told[3].a.repeats, 99);
	ck_assert_uint_eq(told[3].a.count, 100);
	ck_assert_uint_eq(told[3].a.id, 101);
	ck_assert_int_eq(told[3].a.first_utc_ns, 0);
	ck_assert_int_eq(told[3].a.last_utc_ns, 99 * 50 * MS);
	alerts_time(s, 20 * SECOND); /* a window in which nothing came */
	ck_assert_uint_eq(n_told, 4);
	ck_assert_uint_eq(s->n_windows, 0);
	raise_of(s, ALERT_FEED_STALE, "au", "SHFE", 21 * SECOND);
	ck_assert_uint_eq(n_told, 5);
	ck_assert_uint_eq(told[4].a.count, 101);
	ck_assert_uint_eq(n_open(s), 3);
}
END_TEST

START_TEST(the_first_rule_that_fits)
{
	static struct config_alert rule[] = {
		{ .codes = 1ull << ALERT_PAIR_HELD,
		  .sinks = 4,
		  .instance = "au*",
		  .venue = "*",
		  .every_ns = SECOND },
		{ .codes = UINT64_MAX,
		  .severity = ALERT_CRITICAL,
		  .sinks = 3,
		  .instance = "*",
		  .venue = "*" },
		{ .codes = UINT64_MAX, .sinks = 0, .instance = "*", .venue = "SHFE" },
	};
	static const struct config_alerts c = { .n = 3, .rule = rule };
	struct alerts *s = fresh(&c);
	raise_of(s, ALERT_PAIR_HELD, "au_gc", "", 0);
	raise_of(s, ALERT_PAIR_HELD, "ag_si", "", 0);
	raise_of(s, ALERT_FEED_STALE, "", "SHFE",
		 0); /* nobody is told, and it is open all the same */
	raise_of(s, ALERT_FEED_STALE, "", "COMEX", 0); /* fits none: the log */
	ck_assert_uint_eq(n_told, 3);
	ck_assert_uint_eq(told[0].sinks, 4);
	ck_assert_uint_eq(told[1].sinks, 3);
	ck_assert_uint_eq(told[2].sinks, 1);
	ck_assert_uint_eq(n_open(s), 4);
	raise_of(s, ALERT_PAIR_HELD, "ag_si", "", 1); /* no window: each is told */
	ck_assert_uint_eq(n_told, 4);
}
END_TEST

START_TEST(scripts_are_told_apart_by_their_words)
{
	struct alerts *s = fresh(&none);
	for (int i = 0; i < 4; i++) {
		struct alert a = an_alert(ALERT_SCRIPT, i);
		snprintf(a.text, sizeof a.text, "%s", i % 2 ? "one" : "two");
		alerts_raise(s, &a);
	}
	ck_assert_uint_eq(n_told, 2);
	ck_assert_uint_eq(n_open(s), 2);
}
END_TEST

START_TEST(what_somebody_knows_of)
{
	struct alerts *s = fresh(&none);
	struct alert out;
	raise_of(s, ALERT_VENUE_DOWN, "", "SHFE", 0);
	ck_assert_int_eq(alerts_ack(s, 5, &out), -ERR_NOTFOUND);
	ck_assert_int_eq(alerts_ack(s, 101, &out), 0);
	ck_assert_int_eq(out.code, ALERT_VENUE_DOWN);
	ck_assert_uint_eq(n_open(s), 0);
	ck_assert_int_eq(alerts_ack(s, 101, &out), -ERR_NOTFOUND);
	raise_of(s, ALERT_VENUE_DOWN, "", "SHFE",
		 SECOND); /* again: a new alert, told when the window ends */
	ck_assert_uint_eq(n_open(s), 1);
	ck_assert_uint_eq(n_told, 1);
	alerts_time(s, 10 * SECOND);
	ck_assert_uint_eq(n_told, 2);
	ck_assert_uint_eq(told[1].a.id, 102);
	ck_assert_uint_eq(told[1].a.count, 1);
	ck_assert_int_eq(alerts_ack(s, 102, &out), 0);
	alerts_time(s, 20 * SECOND);
	raise_of(s, ALERT_VENUE_DOWN, "", "SHFE", 21 * SECOND);
	ck_assert_uint_eq(n_told, 3);
}
END_TEST

START_TEST(a_sink_is_not_told_that_it_fails)
{
	static struct config_alert rule[] = {
		{ .codes = UINT64_MAX, .sinks = 7, .instance = "*", .venue = "*" }
	};
	static const struct config_alerts c = { .n = 1, .rule = rule };
	struct alerts *s = fresh(&c);
	struct alert a = an_alert(ALERT_SINK_FAILED, 0);
	a.sink = 1 + ALERT_SINK_WEBHOOK;
	alerts_raise(s, &a);
	ck_assert_uint_eq(told[0].sinks, 7 & ~(1u << ALERT_SINK_WEBHOOK));
}
END_TEST

START_TEST(without_a_receipt_it_has_an_id_too)
{
	struct alerts *s = fresh(&none);
	struct alert a = an_alert(ALERT_JOURNAL, 0), out;
	a.id = 0;
	alerts_raise(s, &a);
	ck_assert(told[0].a.id >> 63);
	ck_assert_int_eq(alerts_ack(s, told[0].a.id, &out), 0);
}
END_TEST

START_TEST(a_full_table_gives_up_the_least)
{
	struct alerts *s = fresh(&none);
	char name[16];
	struct alert out;
	raise_of(s, ALERT_PAIR_HELD, "held", "", 0);
	for (int i = 1; i < ALERTS_OPEN; i++) {
		snprintf(name, sizeof name, "i%d", i);
		raise_of(s, ALERT_CLOCK, name, "", i);
	}
	ck_assert_uint_eq(n_open(s), ALERTS_OPEN);
	ck_assert_int_eq(alerts_ack(s, 105, &out), 0);
	raise_of(s, ALERT_CLOCK, "new", "", 1000); /* in the place of the one that is known */
	ck_assert_uint_eq(s->crowded_out, 0);
	ck_assert_uint_eq(n_open(s), ALERTS_OPEN);
	raise_of(s, ALERT_CLOCK, "newer", "",
		 1001); /* the oldest warning goes, the held pair stays */
	ck_assert_uint_eq(s->crowded_out, 1);
	bool held = false, oldest = false;
	const struct alert *a;
	for (uint32_t at = 0; (a = alerts_each(s, &at));) {
		held |= a->code == ALERT_PAIR_HELD;
		oldest |= strcmp(a->instance, "i1") == 0;
	}
	ck_assert(held && !oldest);
	alerts_time(s, 60 * SECOND);
	alerts_time(s, 120 * SECOND);
	ck_assert_uint_eq(s->n_windows, 0);
}
END_TEST

SUITE("alerts", causes_of_one_code_are_not_merged, patterns, codes_have_names,
      repeats_are_one_with_a_number, the_first_rule_that_fits,
      scripts_are_told_apart_by_their_words, what_somebody_knows_of,
      a_sink_is_not_told_that_it_fails, without_a_receipt_it_has_an_id_too,
      a_full_table_gives_up_the_least)
