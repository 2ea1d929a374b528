/* Proves that a day's cancels are counted as each exchange counts them, and that a second has room for so many requests and no more. */
#include "adapters/sim/cn_watch.h"
#include "tests/unit/suite.h"

START_TEST(large_and_immediate_ones_count_by_exchange)
{
	struct cn_count shfe = { 0 }, dce = { 0 };
	cn_count_cancel(&shfe, CN_SHFE, 299, false, false);
	cn_count_cancel(&shfe, CN_SHFE, 300, false, true);
	cn_count_cancel(&shfe, CN_SHFE, 400, true, false);
	ck_assert_uint_eq(shfe.cancels, 2);
	ck_assert_uint_eq(shfe.large_cancels, 1);
	ck_assert_uint_eq(shfe.limit_cancels, 1);
	cn_count_cancel(&dce, CN_DCE, 400, true, false);
	ck_assert_uint_eq(dce.cancels, 1);
	ck_assert_uint_eq(dce.large_cancels, 0);
}
END_TEST

START_TEST(what_works_counts_towards_the_open_limit)
{
	struct cn_count c = { .opened = 5, .opening = 3 };
	ck_assert(cn_count_may_open(&c, 2, 10));
	ck_assert(!cn_count_may_open(&c, 3, 10));
	ck_assert(cn_count_may_open(&c, 1000, 0));
}
END_TEST

START_TEST(a_second_has_room_for_so_many)
{
	struct cn_flow f = { 0 };
	for (int i = 0; i < 3; i++)
		ck_assert(cn_flow_take(&f, 5000000000ll + i, 3));
	ck_assert(!cn_flow_take(&f, 5999999999ll, 3));
	ck_assert(cn_flow_take(&f, 6000000000ll, 3));
	for (int i = 0; i < 100; i++)
		ck_assert(cn_flow_take(&f, 7000000000ll, 0));
}
END_TEST

SUITE("cn_watch", large_and_immediate_ones_count_by_exchange,
      what_works_counts_towards_the_open_limit, a_second_has_room_for_so_many)
