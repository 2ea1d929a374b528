/* Proves that each exchange's habits end in the right moment of UTC, or in a flag: trading days at night, missing milliseconds, midnight on either side, 24:00, the
 * snapshot of the session before, ticks from the future. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/market/stamp.h"
#include "tests/unit/suite.h"
#include <string.h>

#define S_NS 1000000000ll
#define MS   1000000ll

/* A moment of Shanghai. */
static int64_t china(int32_t date, int h, int m, int s)
{
	return (date_days(date) * DATE_DAY_S + h * 3600 + m * 60 + s - 8 * 3600) * S_NS;
}

static struct stamp_fields at(int32_t date, const char *time, int32_t ms)
{
	struct stamp_fields f;
	ck_assert_int_eq(stamp_read_time(time, strlen(time), &f), 0);
	f.date = date;
	f.fraction_ns = ms < 0 ? -1 : ms * (int32_t)MS;
	return f;
}

static struct stamp_last last;

static struct stamp stamp(const char *exchange, struct stamp_fields f, int64_t recv)
{
	struct stamp out;
	ck_assert_int_eq(stamp_utc(stamp_rule_find(exchange), &f, recv, &last, &out), 0);
	return out;
}

static struct stamp fresh(const char *exchange, struct stamp_fields f, int64_t recv)
{
	last = (struct stamp_last){ .n = 0 };
	return stamp(exchange, f, recv);
}

/* Friday 5 June 2026, 22:15:01.5 at night; its trading day is Monday the 8th. */
START_TEST(test_day_of_a_night)
{
	const int64_t then = china(20260605, 22, 15, 1) + 500 * MS, recv = then + 30 * MS;
	struct stamp s = fresh("SHFE", at(20260605, "22:15:01", 500), recv);
	ck_assert(s.utc_ns == then && s.flags == 0 && s.grain_ns == 500 * MS);
	s = fresh("DCE", at(20260608, "22:15:01", 500), recv);
	ck_assert(s.utc_ns == then && s.flags == 0);
	s = fresh("CZCE", at(20260608, "22:15:01", 500), recv);
	ck_assert(s.utc_ns == then);
	/* A gateway that writes the trading day where the calendar day belongs: told, and mended. */
	s = fresh("SHFE", at(20260608, "22:15:01", 500), recv);
	ck_assert(s.utc_ns == then && s.flags == STAMP_DAY_MENDED);
	s = fresh("SHFE", at(20261345, "22:15:01", 500), recv);
	ck_assert(s.utc_ns == then && s.flags == STAMP_DAY_MENDED);
	s = fresh("SHFE", at(0, "22:15:01", 500), recv);
	ck_assert(s.utc_ns == then && s.flags == 0);
	/* Gold at 02:00 on Saturday. */
	s = fresh("SHFE", at(20260606, "02:00:00", 0), china(20260606, 2, 0, 0) + MS);
	ck_assert(s.utc_ns == china(20260606, 2, 0, 0) && s.flags == 0);
}
END_TEST

START_TEST(test_midnight)
{
	static const char *const exchanges[] = { "DCE", "CZCE", "INE", "GFEX" };
	for (unsigned i = 0; i < 4; i++) {
		/* Our clock is past midnight, the tick is not. */
		struct stamp s = fresh(exchanges[i], at(0, "23:59:59", 500),
				       china(20260605, 24, 0, 0) + 200 * MS);
		ck_assert(s.utc_ns == china(20260605, 23, 59, 59) + 500 * MS && s.flags == 0);
		/* The tick is past midnight, our clock is not: it is a little slow. */
		s = fresh(exchanges[i], at(0, "00:00:00", 1), china(20260605, 23, 59, 59));
		ck_assert(s.utc_ns == china(20260606, 0, 0, 0) + MS && s.flags == 0);
		/* Hour 24 is the next day's 0, whichever side we are on. */
		s = fresh(exchanges[i], at(0, "24:00:00", 0), china(20260606, 0, 0, 0) + MS);
		ck_assert_int_eq(s.utc_ns, china(20260606, 0, 0, 0));
		s = fresh(exchanges[i], at(0, "25:30:00", 0), china(20260606, 1, 30, 0) + MS);
		ck_assert_int_eq(s.utc_ns, china(20260606, 1, 30, 0));
	}
	/* Hour 24 of its own day, and of the day that has just begun. */
	struct stamp s = fresh("SHFE", at(20260605, "24:00:00", 0), china(20260606, 0, 0, 1));
	ck_assert(s.utc_ns == china(20260606, 0, 0, 0) && s.flags == 0);
	s = fresh("SHFE", at(20260606, "24:00:00", 0), china(20260606, 0, 0, 1));
	ck_assert(s.utc_ns == china(20260606, 0, 0, 0) && s.flags == STAMP_DAY_MENDED);
}
END_TEST

/* At login comes the last snapshot of the session before: its time of day lies ahead of ours. */
START_TEST(test_the_session_before)
{
	struct stamp s = fresh("DCE", at(20260605, "15:00:00", 0), china(20260605, 8, 30, 0));
	ck_assert(s.utc_ns == china(20260604, 15, 0, 0) && s.flags == 0);
	/* With a day that can be believed it is as old as that says. */
	s = fresh("SHFE", at(20260605, "15:00:00", 0), china(20260608, 8, 30, 0));
	ck_assert(s.utc_ns == china(20260605, 15, 0, 0) && s.flags == 0);
}
END_TEST

START_TEST(test_the_future)
{
	const int64_t recv = china(20260605, 10, 0, 0);
	struct stamp s = fresh("SHFE", at(20260605, "10:00:02", 0), recv);
	ck_assert(s.utc_ns == recv + 2 * S_NS && s.flags == 0);
	s = fresh("SHFE", at(20260605, "10:00:02", 500), recv);
	ck_assert(s.utc_ns == recv && s.flags == STAMP_CLAMPED);
	s = fresh("DCE", at(20260605, "10:01:00", 0), recv);
	ck_assert(s.utc_ns == recv && s.flags == STAMP_CLAMPED);
	/* Refused, and no measure for the next one. */
	s = fresh("DCE", at(20260605, "10:01:00", 500), recv);
	ck_assert(s.flags & STAMP_REFUSED && last.utc_ns == 0 && last.n == 0);
	s = fresh("SHFE", at(20260605, "10:45:00", 0), recv);
	ck_assert(s.flags & STAMP_REFUSED);
}
END_TEST

/* No milliseconds: the messages of a second stand apart by their cadence, and never leave it. */
START_TEST(test_seconds_alone)
{
	static const int64_t want_ms[] = { 0, 500, 999, 999, 1000, 1500, 2000 };
	static const char *const time[] = { "10:00:00", "10:00:00", "10:00:00", "10:00:00",
					    "10:00:01", "10:00:01", "10:00:02" };
	const int64_t from = china(20260605, 10, 0, 0);
	last = (struct stamp_last){ .n = 0 };
	for (unsigned i = 0; i < 7; i++) {
		struct stamp s = stamp("CZCE", at(20260605, time[i], 0), from + 3 * S_NS);
		ck_assert_int_eq(s.utc_ns, from + want_ms[i] * MS);
		ck_assert_int_eq(s.grain_ns, S_NS);
		ck_assert_int_eq(s.flags, want_ms[i] % 1000 ? STAMP_SPREAD : 0);
	}
	/* The same where the field is missing at an exchange that has it. */
	struct stamp s = fresh("SHFE", at(20260605, "10:00:00", -1), from + S_NS);
	ck_assert(s.utc_ns == from && s.grain_ns == S_NS);
	s = stamp("SHFE", at(20260605, "10:00:00", -1), from + S_NS);
	ck_assert(s.utc_ns == from + 500 * MS && s.flags == STAMP_SPREAD);
	/* Two real stamps of one moment stay what they are. */
	s = fresh("SHFE", at(20260605, "10:00:00", 500), from + S_NS);
	s = stamp("SHFE", at(20260605, "10:00:00", 500), from + S_NS);
	ck_assert(s.utc_ns == from + 500 * MS && s.flags == 0);
}
END_TEST

START_TEST(test_backwards)
{
	const int64_t recv = china(20260605, 10, 0, 5);
	fresh("SHFE", at(20260605, "10:00:04", 500), recv);
	struct stamp s = stamp("SHFE", at(20260605, "10:00:04", 0), recv);
	ck_assert(s.flags == STAMP_BACK && s.utc_ns == china(20260605, 10, 0, 4));
}
END_TEST

START_TEST(test_text)
{
	static const struct {
		const char *text;
		int32_t time_s, fraction_ns;
	} good[] = { { "21:00:00", 75600, -1 },
		     { "9:05:07", 32707, -1 },
		     { "210000", 75600, -1 },
		     { "00:00:00", 0, -1 },
		     { "24:00:00", 86400, -1 },
		     { "47:59:59", 172799, -1 },
		     { "23:59:60", 86399, -1 },
		     { "21:00:00.5", 75600, 500000000 },
		     { "210000.123456789", 75600, 123456789 } };
	static const char *const bad[] = { "",
					   "21",
					   "21:00",
					   "2100",
					   "21:0:00",
					   "21:00:0",
					   "21:60:00",
					   "21:00:61",
					   "48:00:00",
					   "-1:00:00",
					   "21:00:00.",
					   "21:00:00.x",
					   "21:00:00.1234567890",
					   "21-00-00",
					   "2100001",
					   " 21:00:00",
					   "21:00:00 ",
					   "::",
					   "a:b:c" };
	struct stamp_fields f;
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(stamp_read_time(good[i].text, strlen(good[i].text), &f) == 0, "%s",
			      good[i].text);
		ck_assert(f.time_s == good[i].time_s && f.fraction_ns == good[i].fraction_ns);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(stamp_read_time(bad[i], strlen(bad[i]), &f) == -ERR_PARSE, "%s",
			      bad[i]);
	struct stamp out;
	struct stamp_fields none[] = {
		{ 0, -1, 0 }, { 0, 172800, 0 }, { 0, 0, -2 }, { 0, 0, 1000000000 }
	};
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(stamp_utc(stamp_rule_at(0), &none[i], 0, &last, &out), -ERR_RANGE);
}
END_TEST

START_TEST(test_table)
{
	unsigned n = 0;
	for (; stamp_rule_at(n); n++) {
		const struct stamp_rule *r = stamp_rule_at(n);
		ck_assert_ptr_eq(stamp_rule_find(r->exchange), r);
		ck_assert(r->day < stamp_day_max && r->grain_ns > 0 && r->believed_ns > 0 &&
			  r->believed_ns < r->future_ns && r->future_ns < 3600 * S_NS);
	}
	ck_assert_uint_ge(n, 6);
	ck_assert_ptr_null(stamp_rule_find("NYSE?"));
	ck_assert_int_eq(stamp_rule_find("UTC")->offset_s, 0);
}
END_TEST

SUITE("stamp", test_day_of_a_night, test_midnight, test_the_session_before, test_the_future,
      test_seconds_alone, test_backwards, test_text, test_table)
