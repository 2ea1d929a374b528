/* Proves that stamps of every unit and form become the same nanoseconds, and that what is none is refused. */
#include "adapters/import/moment.h"
#include "tests/unit/suite.h"
#include <string.h>

static int64_t parse(const char *text, enum moment_unit u)
{
	int64_t ns = -1;
	return moment_parse(text, strlen(text), u, &ns) == 0 ? ns : -1;
}

START_TEST(numbers_of_every_unit)
{
	const int64_t ns = 1723161253937085768;
	ck_assert_int_eq(parse("1723161253937085768", MOMENT_NS), ns);
	ck_assert_int_eq(parse("1723161253937085", MOMENT_US), ns / 1000 * 1000);
	ck_assert_int_eq(parse("1723161253937085.768", MOMENT_US), ns);
	ck_assert_int_eq(parse("1398902400292", MOMENT_MS), 1398902400292000000);
	ck_assert_int_eq(parse("1398902400292.5", MOMENT_MS), 1398902400292500000);
	ck_assert_int_eq(parse("1633998512", MOMENT_S), 1633998512000000000);
	ck_assert_int_eq(parse("1633998512.0633569", MOMENT_S), 1633998512063356900);
	ck_assert_int_eq(parse("1633998512.06335691234", MOMENT_S), 1633998512063356912);
	ck_assert_int_eq(parse("9223372036854775807", MOMENT_NS), INT64_MAX);
}
END_TEST

START_TEST(dates_of_every_form)
{
	const int64_t ns = 1723161240000000000; /* 2024-08-08 23:54 */
	static const char *const same[] = {
		"2024-08-08T23:54:00Z",	    "2024-08-08 23:54:00",
		"2024-08-08T23:54:00.000",  "20240808 235400000",
		"20240808 235400",	    "2024.08.08 23:54",
		"2024/08/08 23:54:00 UTC",  "2024-08-09T07:54:00+08:00",
		"2024-08-08T18:54:00-0500", "2024-08-08T23:54:00 +00:00"
	};
	for (unsigned i = 0; i < sizeof same / sizeof *same; i++)
		ck_assert_msg(parse(same[i], MOMENT_DATE) == ns, "%s", same[i]);
	ck_assert_int_eq(parse("2024-08-08T23:54:00.123456789Z", MOMENT_DATE), ns + 123456789);
	ck_assert_int_eq(parse("2024-08-08", MOMENT_DATE), 1723075200000000000);
	ck_assert_int_eq(parse("2024-02-29", MOMENT_DATE), 1709164800000000000);
	int64_t t;
	ck_assert_int_eq(moment_time_of_day("23:54:00.5", 10, &t), 0);
	ck_assert_int_eq(t, 86040500000000);
}
END_TEST

START_TEST(what_is_no_stamp_is_refused)
{
	static const char *const numbers[] = {
		"",    "-1", "x", "1e9", "12.", "99999999999999999999", "9223372036854775808",
		"1 2", "nan"
	};
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
		ck_assert_msg(parse(numbers[i], MOMENT_NS) == -1, "%s", numbers[i]);
	ck_assert_int_eq(parse("9223372036854775807", MOMENT_MS), -1);
	static const char *const dates[] = { "",
					     "2024-13-01",
					     "2023-02-29",
					     "2024-08-08T",
					     "2024-08-08T24:00",
					     "2024-08-08T23:60",
					     "2024-08-08x",
					     "1969-12-31",
					     "2262-01-01",
					     "2024-08-08T23:54:00+99:00",
					     "2024-0808",
					     "20240808 2" };
	for (unsigned i = 0; i < sizeof dates / sizeof *dates; i++)
		ck_assert_msg(parse(dates[i], MOMENT_DATE) == -1, "%s", dates[i]);
}
END_TEST

START_TEST(units_are_seen_by_their_length)
{
	static const struct {
		const char *text;
		enum moment_unit unit;
	} cases[] = { { "1633998512", MOMENT_S },
		      { "1633998512.06", MOMENT_S },
		      { "1398902400292", MOMENT_MS },
		      { "1723161253937085", MOMENT_US },
		      { "1723161253937085768", MOMENT_NS },
		      { "2024-08-08", MOMENT_DATE },
		      { "20240808 235400", MOMENT_DATE },
		      { "20240808", MOMENT_DATE },
		      { "123", moment_unit_max },
		      { "", moment_unit_max },
		      { "abc", moment_unit_max } };
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(moment_unit_of(cases[i].text, strlen(cases[i].text)) == cases[i].unit,
			      "%s", cases[i].text);
	ck_assert_int_eq(parse("1398902400292", moment_unit_max), 1398902400292000000);
	ck_assert_int_eq(parse("12", moment_unit_max), -1);
	ck_assert_str_eq(moment_unit_name(MOMENT_MS), "ms");
	ck_assert_int_eq(moment_grain_ns(MOMENT_MS), 1000000);
}
END_TEST

SUITE("moment", numbers_of_every_unit, dates_of_every_form, what_is_no_stamp_is_refused,
      units_are_seen_by_their_length)
