/* Proves that the nearest name is offered, and none when no name is near. */
#include "lua/suggest.h"
#include "tests/unit/suite.h"
#include <string.h>

static const char *nearest(const char *given)
{
	static const char *const names[] = { "adapter", "name",		 "max_skew",
					     "max_age", "rescue_budget", "tick" };
	struct suggest s = { .given = given };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		suggest_offer(&s, names[i]);
	const char *best = suggest_best(&s);
	return best ? best : "";
}

START_TEST(test_distance)
{
	ck_assert_uint_eq(suggest_distance("", ""), 0);
	ck_assert_uint_eq(suggest_distance("abc", ""), 3);
	ck_assert_uint_eq(suggest_distance("abc", "abc"), 0);
	ck_assert_uint_eq(suggest_distance("abc", "ABC"), 0);
	ck_assert_uint_eq(suggest_distance("abc", "acb"), 1);
	ck_assert_uint_eq(suggest_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(suggest_distance("ab", "axb"), 1);
	char far[80];
	memset(far, 'x', sizeof(far) - 1);
	far[sizeof(far) - 1] = 0;
	ck_assert_uint_gt(suggest_distance(far, "x"), 60);
}
END_TEST

START_TEST(test_best)
{
	ck_assert_str_eq(nearest("adaptor"), "adapter");
	ck_assert_str_eq(nearest("Name"), "name");
	ck_assert_str_eq(nearest("maxskew"), "max_skew");
	ck_assert_str_eq(nearest("recsue_budget"), "rescue_budget");
	ck_assert_str_eq(nearest("tikc"), "tick");
	ck_assert_str_eq(nearest("colour"), "");
	ck_assert_str_eq(nearest("wholly_other_thing"), "");
	struct suggest none = { .given = "x" };
	ck_assert_ptr_null(suggest_best(&none));
}
END_TEST

SUITE("suggest", test_distance, test_best)
