/* Proves that calendars say the right phase, trading day, opening and close: night sessions, holidays and their eves, breaks, auctions, early ends, daylight saving,
 * and that what cannot be a calendar is refused in words. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/market/calendar.h"
#include "tests/unit/suite.h"
#include <string.h>

#define S_NS	 1000000000ll
#define H(h, m)	 ((h)*3600 + (m)*60)
#define WEEK	 0x1f /* Monday to Friday */
#define SUN_THU	 0x4f
#define AUCTION	 PHASE_AUCTION
#define TRADING	 PHASE_CONTINUOUS
#define NEVER	 INT64_MAX
#define SHANGHAI H(8, 0)

/* Gold in Shanghai. */
static const struct calendar gold = {
	.name = "gold",
	.zone = "Asia/Shanghai",
	.n_sessions = 6,
	.session = { { H(20, 55), H(21, 0), WEEK, AUCTION, true },
		     { H(21, 0), H(26, 30), WEEK, TRADING, true },
		     { H(8, 55), H(9, 0), WEEK, AUCTION, false },
		     { H(9, 0), H(10, 15), WEEK, TRADING, false },
		     { H(10, 30), H(11, 30), WEEK, TRADING, false },
		     { H(13, 30), H(15, 0), WEEK, TRADING, false } },
};
static const struct calendar comex = {
	.name = "comex",
	.zone = "America/Chicago",
	.n_sessions = 2,
	.session = { { H(17, 0), H(24, 0), SUN_THU, TRADING, true },
		     { 0, H(16, 0), WEEK, TRADING, false } },
};

static struct calendar it;

static int64_t utc(int32_t date, int32_t s, int32_t offset)
{
	return (date_days(date) * DATE_DAY_S + s - offset) * S_NS;
}

static void build(const struct calendar *of, const struct calendar_exception *e, uint32_t n)
{
	it = *of;
	it.n_exceptions = n;
	it.exception = calloc(n + 1, sizeof(*e));
	if (n)
		memcpy(it.exception, e, n * sizeof(*e));
	ck_assert_msg(calendar_build(&it, utc(20260101, 0, 0), utc(20270101, 0, 0)) == 0, "%s",
		      err_text());
}

static struct calendar_now at(int32_t date, int32_t s, int32_t offset)
{
	struct calendar_now now;
	calendar_at(&it, utc(date, s, offset), &now);
	return now;
}

static void phase_is(int32_t date, int32_t s, uint8_t phase, int32_t trading_day)
{
	struct calendar_now now = at(date, s, SHANGHAI);
	ck_assert_msg(now.phase == phase && now.trading_day == trading_day, "%d %02d:%02d: %s, %d",
		      date, s / 3600, s / 60 % 60, calendar_phase_name(now.phase), now.trading_day);
}

START_TEST(test_a_day_in_shanghai)
{
	build(&gold, NULL, 0);
	/* Thursday night belongs to Friday, Friday night to Monday. */
	phase_is(20260604, H(20, 54), PHASE_CLOSED, 0);
	phase_is(20260604, H(20, 55), AUCTION, 20260605);
	phase_is(20260604, H(21, 0), TRADING, 20260605);
	phase_is(20260605, H(2, 29), TRADING, 20260605);
	phase_is(20260605, H(2, 30), PHASE_CLOSED, 0);
	phase_is(20260605, H(8, 55), AUCTION, 20260605);
	phase_is(20260605, H(10, 14), TRADING, 20260605);
	phase_is(20260605, H(10, 15), PHASE_BREAK, 20260605);
	phase_is(20260605, H(10, 30), TRADING, 20260605);
	phase_is(20260605, H(11, 30), PHASE_BREAK, 20260605);
	phase_is(20260605, H(13, 30), TRADING, 20260605);
	phase_is(20260605, H(15, 0), PHASE_CLOSED, 0);
	phase_is(20260605, H(23, 0), TRADING, 20260608);
	phase_is(20260606, H(2, 0), TRADING, 20260608);
	phase_is(20260606, H(9, 0), PHASE_CLOSED, 0);
	phase_is(20260607, H(21, 30), PHASE_CLOSED, 0);
	phase_is(20260608, H(9, 0), TRADING, 20260608);
	calendar_free(&it);
}
END_TEST

START_TEST(test_when_it_opens_and_closes)
{
	build(&gold, NULL, 0);
	struct calendar_now now = at(20260605, H(10, 0), SHANGHAI);
	ck_assert(now.since_utc_ns == utc(20260605, H(9, 0), SHANGHAI) &&
		  now.until_utc_ns == utc(20260605, H(10, 15), SHANGHAI) &&
		  now.closes_utc_ns == now.until_utc_ns &&
		  now.opens_utc_ns == utc(20260605, H(10, 0), SHANGHAI));
	now = at(20260605, H(10, 20), SHANGHAI);
	ck_assert(now.since_utc_ns == utc(20260605, H(10, 15), SHANGHAI) &&
		  now.until_utc_ns == utc(20260605, H(10, 30), SHANGHAI) &&
		  now.opens_utc_ns == now.until_utc_ns &&
		  now.closes_utc_ns == utc(20260605, H(11, 30), SHANGHAI));
	/* An auction is no continuous trading. */
	now = at(20260605, H(8, 57), SHANGHAI);
	ck_assert(now.opens_utc_ns == utc(20260605, H(9, 0), SHANGHAI));
	now = at(20260606, H(12, 0), SHANGHAI);
	ck_assert(now.since_utc_ns == utc(20260606, H(2, 30), SHANGHAI) &&
		  now.until_utc_ns == utc(20260608, H(8, 55), SHANGHAI) &&
		  now.opens_utc_ns == utc(20260608, H(9, 0), SHANGHAI) &&
		  now.closes_utc_ns == utc(20260608, H(10, 15), SHANGHAI));
	/* What nobody has looked up is closed. */
	now = at(20300605, H(10, 0), SHANGHAI);
	ck_assert(now.phase == PHASE_CLOSED && now.until_utc_ns == NEVER &&
		  now.opens_utc_ns == NEVER && now.closes_utc_ns == NEVER);
	now = at(20200605, H(10, 0), SHANGHAI);
	ck_assert(now.phase == PHASE_CLOSED && now.since_utc_ns == INT64_MIN &&
		  now.opens_utc_ns > now.since_utc_ns);
	calendar_free(&it);
	calendar_at(&it, 0, &now);
	ck_assert(now.phase == PHASE_CLOSED && now.opens_utc_ns == NEVER);
}
END_TEST

/* 2026: the National Day holiday is 1 to 7 October, and Thursday 8 October trades. */
START_TEST(test_holidays)
{
	struct calendar_exception e[8] = { { 20260406, true, false, -1 } };
	for (int32_t i = 0; i < 7; i++)
		e[1 + i] = (struct calendar_exception){ 20261001 + i, true, false, -1 };
	build(&gold, e, 8);
	/* No night on Wednesday 30 September, none in the holiday, none on its last day. */
	phase_is(20260929, H(22, 0), TRADING, 20260930);
	phase_is(20260930, H(14, 0), TRADING, 20260930);
	phase_is(20260930, H(22, 0), PHASE_CLOSED, 0);
	phase_is(20261001, H(1, 0), PHASE_CLOSED, 0);
	phase_is(20261001, H(10, 0), PHASE_CLOSED, 0);
	phase_is(20261007, H(22, 0), PHASE_CLOSED, 0);
	phase_is(20261008, H(10, 0), TRADING, 20261008);
	phase_is(20261008, H(22, 0), TRADING, 20261009);
	/* Monday 6 April closed: Friday has no night, though Saturday is no holiday. */
	phase_is(20260402, H(22, 0), TRADING, 20260403);
	phase_is(20260403, H(22, 0), PHASE_CLOSED, 0);
	phase_is(20260406, H(10, 0), PHASE_CLOSED, 0);
	phase_is(20260407, H(9, 0), TRADING, 20260407);
	struct calendar_now now = at(20260930, H(16, 0), SHANGHAI);
	ck_assert(now.opens_utc_ns == utc(20261008, H(9, 0), SHANGHAI));
	calendar_free(&it);
}
END_TEST

START_TEST(test_exceptions)
{
	/* No night on Wednesday 10 June, and Thursday's ends at 01:00 on Friday; Monday 15 ends at 11:00. */
	static const struct calendar_exception e[] = { { 20260610, false, true, -1 },
						       { 20260612, false, false, H(1, 0) },
						       { 20260615, false, false, H(11, 0) } };
	build(&gold, e, 3);
	phase_is(20260610, H(22, 0), PHASE_CLOSED, 0);
	phase_is(20260611, H(10, 0), TRADING, 20260611);
	/* Nothing of its own day begins on the 12th after 01:00: the night is of Monday. */
	phase_is(20260611, H(22, 0), TRADING, 20260615);
	phase_is(20260612, H(0, 59), TRADING, 20260615);
	phase_is(20260612, H(1, 0), PHASE_CLOSED, 0);
	phase_is(20260612, H(10, 0), PHASE_CLOSED, 0);
	phase_is(20260612, H(21, 0), TRADING, 20260615);
	phase_is(20260615, H(10, 59), TRADING, 20260615);
	phase_is(20260615, H(11, 0), PHASE_CLOSED, 0);
	phase_is(20260615, H(14, 0), PHASE_CLOSED, 0);
	phase_is(20260615, H(21, 0), TRADING, 20260616);
	calendar_free(&it);
}
END_TEST

START_TEST(test_globex)
{
	/* Christmas 2026, a Friday: ends at 12:15 on the 24th, and that evening does not begin. */
	static const struct calendar_exception e[] = { { 20261224, false, true, H(12, 15) },
						       { 20261225, true, false, -1 } };
	build(&comex, e, 2);
	struct calendar_now now = at(20260607, H(17, 0), -H(5, 0)); /* Sunday, summer */
	ck_assert(now.phase == TRADING && now.trading_day == 20260608 &&
		  now.until_utc_ns == utc(20260608, H(16, 0), -H(5, 0)));
	now = at(20260607, H(16, 59), -H(5, 0));
	ck_assert(now.phase == PHASE_CLOSED && now.since_utc_ns == utc(20260605, H(21, 0), 0));
	now = at(20260111, H(17, 0), -H(6, 0)); /* Sunday, winter: an hour later in UTC */
	ck_assert(now.phase == TRADING && now.trading_day == 20260112);
	now = at(20260111, H(16, 59), -H(6, 0));
	ck_assert(now.phase == PHASE_CLOSED && now.opens_utc_ns == utc(20260111, H(23, 0), 0));
	now = at(20261224, H(12, 14), -H(6, 0));
	ck_assert(now.phase == TRADING && now.closes_utc_ns == utc(20261224, H(18, 15), 0));
	now = at(20261224, H(18, 0), -H(6, 0));
	ck_assert(now.phase == PHASE_CLOSED && now.opens_utc_ns == utc(20261227, H(23, 0), 0));
	calendar_free(&it);
}
END_TEST

/* Each day is a span of its own; continuous trading goes through them all. */
START_TEST(test_round_the_clock)
{
	static const struct calendar always = {
		.name = "24x7",
		.zone = "UTC",
		.n_sessions = 1,
		.session = { { 0, H(24, 0), 0x7f, TRADING, false } },
	};
	build(&always, NULL, 0);
	struct calendar_now now = at(20260607, H(12, 0), 0);
	ck_assert(now.phase == TRADING && now.trading_day == 20260607 &&
		  now.until_utc_ns == utc(20260608, 0, 0) &&
		  now.closes_utc_ns == utc(20270101, 0, 0));
	calendar_free(&it);
	calendar_at(NULL, 77, &now);
	ck_assert(now.phase == TRADING && now.trading_day == 0 && now.since_utc_ns == INT64_MIN &&
		  now.until_utc_ns == NEVER && now.closes_utc_ns == NEVER &&
		  now.opens_utc_ns == 77);
}
END_TEST

START_TEST(test_common)
{
	build(&gold, NULL, 0);
	struct calendar other = comex, day = gold;
	ck_assert_int_eq(calendar_build(&other, utc(20260101, 0, 0), utc(20270101, 0, 0)), 0);
	const struct calendar *both[] = { &it, &other }, *one[] = { &it, NULL };
	/* A summer's week from Monday 00:00 UTC; Globex pauses from 05:00 to 06:00 in Shanghai: nothing is lost. */
	int64_t week = utc(20260608, 0, 0), hours = 5 * (H(5, 30) + H(3, 45));
	ck_assert_int_eq(calendar_common(one, 2, week, week + 7 * 86400 * S_NS), hours * S_NS);
	ck_assert_int_eq(calendar_common(both, 2, week, week + 7 * 86400 * S_NS), hours * S_NS);
	ck_assert_int_eq(calendar_common(NULL, 0, 5, 12), 7);
	ck_assert_int_eq(calendar_common(both, 2, week, week), 0);
	/* Beyond what was looked up. */
	ck_assert_int_eq(calendar_common(both, 2, utc(20280101, 0, 0), utc(20290101, 0, 0)), 0);
	/* The one trades by night only, the other by day only. */
	day.n_sessions = 1;
	day.session[0] = (struct calendar_session){ H(9, 0), H(10, 15), WEEK, TRADING, false };
	struct calendar night = day;
	night.session[0] = (struct calendar_session){ H(21, 0), H(26, 30), WEEK, TRADING, true };
	ck_assert_int_eq(calendar_build(&day, utc(20260101, 0, 0), utc(20270101, 0, 0)), 0);
	ck_assert_int_eq(calendar_build(&night, utc(20260101, 0, 0), utc(20270101, 0, 0)), 0);
	const struct calendar *never[] = { &day, &night };
	ck_assert_int_eq(calendar_common(never, 2, utc(20260101, 0, 0), utc(20270101, 0, 0)), 0);
	/* Nights alone: no day session tells their trading day, so it is the day after. */
	struct calendar_now now;
	calendar_at(&night, utc(20260608, H(22, 0), SHANGHAI), &now);
	ck_assert_int_eq(now.trading_day, 20260609);
	calendar_free(&it);
	calendar_free(&other);
	calendar_free(&day);
	calendar_free(&night);
}
END_TEST

static void refused(struct calendar c, const char *why)
{
	int rc = calendar_build(&c, utc(20260101, 0, 0), utc(20270101, 0, 0));
	ck_assert_msg(rc == -ERR_CONFIG && strstr(err_text(), why), "%d: %s", rc, err_text());
	const char *part = strstr(err_text(), "; ");
	ck_assert_msg(part && strstr(part + 2, "; "), "not what; why; what to do: %s", err_text());
	ck_assert_uint_eq(c.n_spans, 0);
}

START_TEST(test_refused)
{
	struct calendar c = gold;
	c.session[3].to_s = H(10, 31);
	refused(c, "sessions that overlap, 09:00-10:31 and 10:30-11:30");
	c = gold;
	c.session[1].to_s = H(33, 0); /* into the next morning */
	refused(c, "overlap");
	c = gold;
	c.n_sessions = 1;
	c.session[0] = (struct calendar_session){ H(9, 0), H(9, 0) + DATE_DAY_S + 1, WEEK, TRADING,
						  false };
	refused(c, "09:00-09:00 and 09:00-09:00");
	c.session[0].to_s = c.session[0].from_s;
	refused(c, "ends before it begins");
	c = gold;
	c.session[0].from_s = -1;
	refused(c, "does not begin within its day");
	c.session[0] = (struct calendar_session){ H(24, 0), H(25, 0), WEEK, TRADING, false };
	refused(c, "does not begin within its day");
	c.session[0] = (struct calendar_session){ H(20, 0), H(48, 1), WEEK, TRADING, false };
	refused(c, "lasts beyond the next");
	c.session[0] = (struct calendar_session){ H(20, 0), H(21, 0), 0, TRADING, false };
	refused(c, "on no day of the week");
	c.session[0] = (struct calendar_session){ H(20, 0), H(21, 0), WEEK, PHASE_CLOSED, false };
	refused(c, "in which it is closed");
	c = gold;
	c.n_sessions = 0;
	refused(c, "has 0 sessions");
	c = gold;
	strcpy(c.zone, "Asia/Shanghia");
	refused(c, "no time zone \"Asia/Shanghia\"");
	strcpy(c.zone, "../passwd");
	refused(c, "no name of a time zone");
	struct calendar_exception e[2] = { { 20260610, true, false, -1 },
					   { 20260610, false, true, -1 } };
	c = gold;
	c.exception = e;
	c.n_exceptions = 2;
	refused(c, "two exceptions for 2026-06-10");
	e[0].date = 20260631;
	refused(c, "2026-06-31, which is no day");
	c.n_exceptions = 1;
	e[0] = (struct calendar_exception){ 20260610, false, false, H(48, 1) };
	refused(c, "at a time that is none");
}
END_TEST

SUITE("calendar", test_a_day_in_shanghai, test_when_it_opens_and_closes, test_holidays,
      test_exceptions, test_globex, test_round_the_clock, test_common, test_refused)
