/* Proves that times are told and read by the clock that was asked for: offsets, zones with daylight saving, this machine's own. */
#include "core/base/err.h"
#include "core/cmd/tz.h"
#include "core/cmd/when.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMMER 1723161241000900000 /* 2024-08-08T23:54:01.0009Z */
#define WINTER 1706745600999999999 /* 2024-02-01T00:00:00.999999Z */

static const struct {
	const char *name, *label, *summer, *winter;
} clocks[] = {
	{ "UTC", "UTC", "2024-08-08T23:54:01.000900Z", "2024-02-01T00:00:00.999999Z" },
	{ "+08:00", "+08:00", "2024-08-09T07:54:01.000900+08:00",
	  "2024-02-01T08:00:00.999999+08:00" },
	{ "+8", "+08:00", "2024-08-09T07:54:01.000900+08:00", "2024-02-01T08:00:00.999999+08:00" },
	{ "-0330", "-03:30", "2024-08-08T20:24:01.000900-03:30",
	  "2024-01-31T20:30:00.999999-03:30" },
	{ "+00:00", "UTC", "2024-08-08T23:54:01.000900Z", "2024-02-01T00:00:00.999999Z" },
	{ "Asia/Shanghai", "Asia/Shanghai", "2024-08-09T07:54:01.000900+08:00",
	  "2024-02-01T08:00:00.999999+08:00" },
	{ "America/New_York", "America/New_York", "2024-08-08T19:54:01.000900-04:00",
	  "2024-01-31T19:00:00.999999-05:00" },
	{ "Europe/London", "Europe/London", "2024-08-09T00:54:01.000900+01:00",
	  "2024-02-01T00:00:00.999999+00:00" },
};

START_TEST(told)
{
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		char text[TZ_TIME];
		ck_assert_msg(tz_set(clocks[i].name) == 0, "%s", err_text());
		ck_assert_str_eq(tz_label(), clocks[i].label);
		tz_time(SUMMER, text);
		ck_assert_str_eq(text, clocks[i].summer);
		tz_time(WINTER, text);
		ck_assert_str_eq(text, clocks[i].winter);
		tz_time(-1, text);
		ck_assert_uint_lt(strlen(text), TZ_TIME);
	}
	char text[TZ_TIME];
	ck_assert_int_eq(tz_set("UTC"), 0);
	tz_time(-1, text);
	ck_assert_str_eq(text, "1969-12-31T23:59:59.999999Z");
	tz_time(INT64_MIN, text);
	ck_assert_str_eq(text, "1677-09-21T00:12:43.145224Z");
	tz_time(INT64_MAX, text);
	ck_assert_str_eq(text, "2262-04-11T23:47:16.854775Z");
}
END_TEST

/* What is told reads back as the same microsecond, with the offset and without. */
START_TEST(read_back)
{
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		int64_t got;
		ck_assert_int_eq(tz_set(clocks[i].name), 0);
		ck_assert_int_eq(when_parse(clocks[i].summer, 0, &got), 0);
		ck_assert_int_eq(got, SUMMER);
		char bare[TZ_TIME];
		snprintf(bare, sizeof bare, "%.26s", clocks[i].summer);
		ck_assert_int_eq(when_parse(bare, 0, &got), 0);
		ck_assert_int_eq(got, SUMMER);
		ck_assert_int_eq(when_parse("2024-08-08T23:54:01.0009Z", 0, &got), 0);
		ck_assert_int_eq(got, SUMMER);
	}
	int64_t got;
	ck_assert_int_eq(tz_set("America/New_York"), 0);
	ck_assert_int_eq(when_parse("2024-11-03T01:30", 0, &got), 0);
	ck_assert_int_eq(got, 1730611800000000000); /* twice that night: the first */
	ck_assert_int_eq(when_parse("2024-08-08", 0, &got), 0);
	ck_assert_int_eq(got, 1723089600000000000);
}
END_TEST

START_TEST(of_this_machine)
{
	setenv("TZ", "Asia/Tokyo", 1);
	ck_assert_int_eq(tz_set("local"), 0);
	ck_assert_str_eq(tz_label(), "Asia/Tokyo");
	setenv("TZ", ":Asia/Kolkata", 1);
	ck_assert_int_eq(tz_set("local"), 0);
	char text[TZ_TIME];
	tz_time(SUMMER, text);
	ck_assert_str_eq(text, "2024-08-09T05:24:01.000900+05:30");
	unsetenv("TZ");
	ck_assert_int_eq(tz_set("local"), 0);
	ck_assert_int_eq(tz_set(NULL), 0);
}
END_TEST

START_TEST(refused)
{
	static const char *const bad[] = { "Mars/Crater",   "+",    "+8:3",    "+08:60",
					   "+15:01",	    "+080", "+08:000", "++8",
					   "../etc/passwd", "",	    "+1x" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(tz_set(bad[i]) < 0, "%s was taken", bad[i]);
		ck_assert_str_eq(tz_label(), "UTC");
	}
	int64_t unused;
	ck_assert_int_lt(when_parse("2024-08-08T23:54:01+0800x", 0, &unused), 0);
	ck_assert_int_lt(when_parse("2024-08-08+08:00", 0, &unused), 0);
}
END_TEST

SUITE("tz", told, read_back, of_this_machine, refused)
