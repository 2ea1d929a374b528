/* Proves that lengths of time read as people say them, at every size and at the edges between units. */
#include "core/base/span.h"
#include "tests/unit/suite.h"
#include <string.h>

START_TEST(test_words)
{
	static const struct {
		int64_t ns;
		const char *text;
	} row[] = {
		{ 0, "0 ns" },
		{ 999, "999 ns" },
		{ 1000, "1 us" },
		{ 1250, "1.25 us" },
		{ 12340, "12.3 us" },
		{ 999999, "999 us" },
		{ 1000000, "1 ms" },
		{ 812400000, "812 ms" },
		{ 1270000000, "1.27 s" },
		{ 1005000000, "1 s" },
		{ 59999999999, "59.9 s" },
		{ 60000000000, "1 min" },
		{ 65000000000, "1 min 5 s" },
		{ 3600000000000, "1 h" },
		{ 18120000000000, "5 h 2 min" },
		{ 97200000000000, "1 d 3 h" },
		{ -80000000, "-80 ms" },
		{ -3600000000000, "-1 h" },
		{ INT64_MAX - 1, "106751 d 23 h" },
		{ INT64_MIN, "-106751 d 23 h" },
		{ INT64_MAX, "not known" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char out[SPAN_BYTES];
		size_t n = span_format(row[i].ns, out);
		ck_assert_str_eq(out, row[i].text);
		ck_assert_uint_eq(n, strlen(out));
	}
}
END_TEST

SUITE("span", test_words)
