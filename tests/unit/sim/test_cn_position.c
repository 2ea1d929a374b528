/* Proves that lots of today and yesterday are told apart, that closing orders freeze no more than there is, and that elsewhere the first opened are the first closed. */
#include "adapters/sim/cn_position.h"
#include "tests/unit/suite.h"

static struct cn_position five_and_three(void)
{
	struct cn_position p = { 0 };
	cn_position_open(&p, 3, 300);
	cn_position_roll(&p);
	cn_position_open(&p, 5, 1000);
	return p;
}

START_TEST(offsets_mean_lots)
{
	ck_assert_int_eq(cn_from(true, OFFSET_CLOSE), CN_FROM_YESTERDAY);
	ck_assert_int_eq(cn_from(true, OFFSET_CLOSE_YESTERDAY), CN_FROM_YESTERDAY);
	ck_assert_int_eq(cn_from(true, OFFSET_CLOSE_TODAY), CN_FROM_TODAY);
	for (enum offset o = OFFSET_CLOSE; o < offset_max; o++)
		ck_assert_int_eq(cn_from(false, o), CN_FROM_ANY);
}
END_TEST

START_TEST(what_is_frozen_is_not_free)
{
	struct cn_position p = five_and_three();
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_YESTERDAY, 4), CN_YESTERDAY_SHORT);
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_TODAY, 6), CN_TODAY_SHORT);
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_TODAY, 4), CN_OK);
	ck_assert_int_eq(cn_position_free(&p, CN_FROM_TODAY), 1);
	ck_assert_int_eq(cn_position_free(&p, CN_FROM_YESTERDAY), 3);
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_TODAY, 2), CN_TODAY_SHORT);
	cn_position_thaw(&p, CN_FROM_TODAY, 4);
	ck_assert_int_eq(cn_position_free(&p, CN_FROM_TODAY), 5);
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_ANY, 9), CN_OVER_CLOSE);
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_ANY, 8), CN_OK);
}
END_TEST

START_TEST(split_lots_close_apart)
{
	struct cn_position p = five_and_three();
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_TODAY, 2), CN_OK);
	struct cn_taken t = cn_position_close(&p, CN_FROM_TODAY, 2);
	ck_assert(t.today == 2 && t.yesterday == 0 && t.today_cost_e8 == 400);
	ck_assert(p.today == 3 && p.yesterday == 3 && p.today_e8 == 600);
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_YESTERDAY, 3), CN_OK);
	t = cn_position_close(&p, CN_FROM_YESTERDAY, 3);
	ck_assert(t.today == 0 && t.yesterday == 3 && t.today_cost_e8 == 0);
	ck_assert(p.today == 3 && p.yesterday == 0);
}
END_TEST

START_TEST(elsewhere_yesterdays_go_first)
{
	struct cn_position p = five_and_three();
	ck_assert_int_eq(cn_position_freeze(&p, CN_FROM_ANY, 4), CN_OK);
	struct cn_taken t = cn_position_close(&p, CN_FROM_ANY, 4);
	ck_assert(t.today == 1 && t.yesterday == 3 && t.today_cost_e8 == 200);
	ck_assert(p.today == 4 && p.yesterday == 0 && p.frozen[CN_FROM_ANY] == 0);
}
END_TEST

START_TEST(a_day_makes_all_lots_yesterdays)
{
	struct cn_position p = five_and_three();
	cn_position_roll(&p);
	ck_assert(p.today == 0 && p.yesterday == 8 && p.today_e8 == 0);
}
END_TEST

SUITE("cn_position", offsets_mean_lots, what_is_frozen_is_not_free, split_lots_close_apart,
      elsewhere_yesterdays_go_first, a_day_makes_all_lots_yesterdays)
