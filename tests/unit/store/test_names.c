/* Proves that a number keeps its name, that a second meaning is refused, and that what was never given out is unknown. */
#include "core/base/err.h"
#include "store/names.h"
#include "tests/unit/suite.h"
#include <stdio.h>

START_TEST(set_and_find)
{
	struct names t = { 0 };
	ck_assert_uint_eq(names_next(&t, NAME_VENUE), 1);
	for (uint32_t id = 1; id <= 100; id++) {
		char text[16];
		snprintf(text, sizeof(text), "name %u", id);
		ck_assert_int_eq(names_set(&t, NAME_VENUE, id, text), 0);
		ck_assert_uint_eq(names_next(&t, NAME_VENUE), id + 1);
	}
	ck_assert_uint_eq(names_find(&t, NAME_VENUE, "name 77"), 77);
	ck_assert_str_eq(names_text(&t, NAME_VENUE, 100), "name 100");
	ck_assert_uint_eq(names_find(&t, NAME_ACCOUNT, "name 77"), 0);
	ck_assert_ptr_null(names_text(&t, NAME_VENUE, 101));
	ck_assert_ptr_null(names_text(&t, NAME_VENUE, 0));
	/* Said again is no harm; said otherwise is. */
	ck_assert_int_eq(names_set(&t, NAME_VENUE, 77, "name 77"), 0);
	ck_assert_int_eq(names_set(&t, NAME_VENUE, 77, "another"), -ERR_CORRUPT);
	/* A number far ahead leaves holes, which are unknown. */
	ck_assert_int_eq(names_set(&t, NAME_ASSET, 5000, "far"), 0);
	ck_assert_ptr_null(names_text(&t, NAME_ASSET, 4999));
	ck_assert_uint_eq(names_find(&t, NAME_ASSET, "far"), 5000);
	names_free(&t);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	struct names t = { 0 };
	ck_assert_int_eq(names_set(&t, 0, 1, "x"), -ERR_ARG);
	ck_assert_int_eq(names_set(&t, name_space_max, 1, "x"), -ERR_ARG);
	ck_assert_int_eq(names_set(&t, NAME_VENUE, 0, "x"), -ERR_ARG);
	ck_assert_int_eq(names_set(&t, NAME_VENUE, 1ull << 40, "x"), -ERR_ARG);
	ck_assert_ptr_null(names_text(&t, 99, 1));
	ck_assert_uint_eq(names_find(&t, 99, "x"), 0);
	names_free(&t);
}
END_TEST

SUITE("names", set_and_find, nonsense_is_refused)
