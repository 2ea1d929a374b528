/* Proves what a snapshot says of a book: market and accounts together, best levels first, what is taken left out; and the day's statistics and settlement price. */
#include "adapters/sim/cn_snapshot.h"
#include "tests/unit/suite.h"

static void deaf(void *owner, const struct match_event *e)
{
	(void)owner;
	(void)e;
}

START_TEST(levels_are_market_and_orders_together)
{
	struct match m;
	ck_assert_int_eq(match_init(&m, 8, 8, 1, deaf, NULL), 0);
	const struct level bid[] = { { 100, 5 }, { 99, 7 }, { 97, 1 } }, ask[] = { { 102, 4 } };
	const struct depth d = { .level = { bid, ask }, .n = { 3, 1 } };
	match_market_snapshot(&m, 0, &d);
	const struct match_order own[] = {
		{ .id = 1, .px = 101, .qty = 2, .side = SIDE_BUY, .tif = TIF_DAY },
		{ .id = 2, .px = 99, .qty = 3, .side = SIDE_BUY, .tif = TIF_DAY },
		{ .id = 3, .px = 99, .qty = 4, .side = SIDE_BUY, .tif = TIF_DAY },
		{ .id = 4, .px = 102, .qty = 4, .side = SIDE_BUY, .tif = TIF_IOC },
	};
	for (int i = 0; i < 4; i++)
		match_place(&m, 0, &own[i]);
	struct level out[CN_LEVELS];
	static const struct level expected[] = { { 101, 2 }, { 100, 5 }, { 99, 14 }, { 97, 1 } };
	ck_assert_uint_eq(cn_snapshot_levels(&m, SIDE_BUY, out, CN_LEVELS), 4);
	for (int i = 0; i < 4; i++)
		ck_assert(out[i].px == expected[i].px && out[i].qty == expected[i].qty);
	ck_assert_uint_eq(cn_snapshot_levels(&m, SIDE_SELL, out, CN_LEVELS), 0); /* all taken */
	ck_assert_uint_eq(cn_snapshot_levels(&m, SIDE_BUY, out, 1), 1);
	ck_assert_uint_eq(cn_snapshot_levels(&m, SIDE_BUY, out, 3), 3);
	ck_assert_int_eq(out[2].qty, 14);
	match_free(&m);
}
END_TEST

START_TEST(a_day_settles_at_its_average)
{
	struct cn_day d = { 0 };
	ck_assert_int_eq(cn_day_settle_px(&d, 5, 1000), 1000);
	cn_day_trade(&d, 1000, 1);
	cn_day_trade(&d, 1010, 3);
	cn_day_trade(&d, 990, 1);
	ck_assert(d.open_px == 1000 && d.high_px == 1010 && d.low_px == 990 && d.last_px == 990);
	ck_assert_int_eq(d.volume, 5);
	ck_assert_int_eq(cn_day_settle_px(&d, 1, 0), 1004);
	ck_assert_int_eq(cn_day_settle_px(&d, 5, 0), 1005);
}
END_TEST

START_TEST(averages_are_rounded_once)
{
	struct cn_day d = { 0 };
	cn_day_trade(&d, 10, 1);
	cn_day_trade(&d, 15, 1); /* 12.5 is the middle between 10 and 15, and goes up */
	ck_assert_int_eq(cn_day_settle_px(&d, 5, 0), 15);
}
END_TEST

START_TEST(only_a_change_makes_it_another)
{
	struct cn_snapshot a = { .last_px = 5, .n = { 1, 0 }, .level = { { { 4, 1 } } } }, b = a;
	b.at_ns = 9;
	ck_assert(cn_snapshot_same(&a, &b));
	b.level[SIDE_BUY][0].qty++;
	ck_assert(!cn_snapshot_same(&a, &b));
	b = a;
	b.level[SIDE_BUY][1].qty = 3; /* beyond what is shown */
	ck_assert(cn_snapshot_same(&a, &b));
	b.volume++;
	ck_assert(!cn_snapshot_same(&a, &b));
}
END_TEST

SUITE("cn_snapshot", levels_are_market_and_orders_together, a_day_settles_at_its_average,
      averages_are_rounded_once, only_a_change_makes_it_another)
