/* Proves that days and dates are one count with two names, over twenty thousand years of it and against libc, and that what is no day is none. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>
#include <time.h>

START_TEST(test_against_libc)
{
	for (int64_t day = -700000; day < 2900000; day += 13) {
		time_t t = day * DATE_DAY_S;
		struct tm tm;
		gmtime_r(&t, &tm);
		int32_t date = date_of_days(day);
		EXPECT(date == (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
		EXPECT(date_ok(date) && date_days(date) == day);
		EXPECT(date_weekday(day) == (unsigned)(tm.tm_wday + 6) % 7);
		EXPECT(date_year_days(tm.tm_year + 1900) == day - tm.tm_yday);
		EXPECT(date_leap(tm.tm_year + 1900) ==
		       (date_year_days(tm.tm_year + 1901) - date_year_days(tm.tm_year + 1900) ==
			366));
	}
	ck_assert_int_eq(date_days_of_s(-1), -1);
	ck_assert_int_eq(date_days_of_s(86399), 0);
	ck_assert_int_eq(date_days_of_s(86400), 1);
}
END_TEST

START_TEST(test_no_days)
{
	static const int64_t none[] = { 0,	  20230229, 19000229, 20241301,	 20240001, 20240100,
					20240431, 101,	    99991232, 100000101, -20240101 };
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!date_ok(none[i]), "%lld", (long long)none[i]);
	ck_assert(date_ok(20240229) && date_ok(20000229) && date_ok(10101) && date_ok(99991231));
}
END_TEST

START_TEST(test_text)
{
	int32_t date;
	char text[12];
	ck_assert_int_eq(date_parse("2026-10-01", 10, &date), 0);
	ck_assert_int_eq(date, 20261001);
	ck_assert_str_eq(date_format(date, text), "2026-10-01");
	ck_assert_int_eq(date_parse("20240229", 8, &date), 0);
	ck_assert_int_eq(date, 20240229);
	static const char *const bad[] = { "",		 "2026-10-1",	"2026/10/01", "2026-02-29",
					   "20261301",	 "2026-10-01Z", "2026100a",   "-2261001",
					   "2026-1-001", "0000-00-00" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(date_parse(bad[i], strlen(bad[i]), &date) == -ERR_PARSE, "%s",
			      bad[i]);
}
END_TEST

SUITE("date", test_against_libc, test_no_days, test_text)
