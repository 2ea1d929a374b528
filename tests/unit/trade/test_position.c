/* Proves positions against a naive two-sided list of lots, and that what an execution books a bust takes back. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/trade/position.h"
#include "tests/unit/suite.h"
#include <stdio.h>

/* The naive one: every lot by itself, each way, oldest first. */
struct naive {
	int n[side_max];
	int64_t cash;
};

static void naive_fill(struct naive *l, enum side side, bool opens, int64_t qty, int64_t value)
{
	for (int64_t k = 0; k < qty; k++)
		if (!opens && l->n[side ^ 1] > 0)
			l->n[side ^ 1]--;
		else
			l->n[side]++;
	l->cash += side == SIDE_BUY ? -value : value;
}

START_TEST(test_as_a_list)
{
	struct rng r;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct positions all;
		struct naive l = { 0 };
		int64_t total = 0;
		rng_seed(&r, seed);
		ck_assert_int_eq(positions_init(&all, 8), 0);
		struct position *row = positions_at(&all, 1, 2, 3);
		for (int step = 0; step < 500; step++) {
			enum side side = (enum side)rng_below(&r, 2);
			enum offset offset = rng_chance(&r, 300000) ? OFFSET_OPEN : OFFSET_NONE;
			int64_t qty = rng_range(&r, 1, 20), value = qty * rng_range(&r, 90, 110);
			position_fill(row, side, offset, qty, value);
			positions_count(&all, 1, 2, side == SIDE_BUY ? qty : -qty);
			naive_fill(&l, side, offset == OFFSET_OPEN, qty, value);
			total += side == SIDE_BUY ? qty : -qty;
			EXPECT(row->qty[SIDE_BUY][0] + row->qty[SIDE_BUY][1] == l.n[SIDE_BUY]);
			EXPECT(row->qty[SIDE_SELL][0] + row->qty[SIDE_SELL][1] == l.n[SIDE_SELL]);
			EXPECT(row->cash_e8 == l.cash && position_net(row) == total);
			EXPECT(positions_total(&all, 1, 2) == total);
			if (rng_chance(&r, 200000)) { /* taken back: net and cash as before it */
				position_bust(row, side, qty, value);
				positions_count(&all, 1, 2, side == SIDE_BUY ? -qty : qty);
				total -= side == SIDE_BUY ? qty : -qty;
				l.cash += side == SIDE_BUY ? value : -value;
				EXPECT(position_net(row) == total && row->cash_e8 == l.cash);
				l.n[SIDE_BUY] =
					(int)(row->qty[SIDE_BUY][0] + row->qty[SIDE_BUY][1]);
				l.n[SIDE_SELL] =
					(int)(row->qty[SIDE_SELL][0] + row->qty[SIDE_SELL][1]);
			}
			for (int s = 0; s < side_max; s++)
				EXPECT(row->qty[s][0] >= 0 && row->qty[s][1] >= 0);
		}
		positions_free(&all);
	}
}
END_TEST

START_TEST(test_today_and_yesterday)
{
	struct position r = { .qty = { [SIDE_BUY] = { 5, 3 } } };
	position_fill(&r, SIDE_SELL, OFFSET_CLOSE_TODAY, 2, 0);
	ck_assert_int_eq(r.qty[SIDE_BUY][0], 3);
	ck_assert_int_eq(r.qty[SIDE_BUY][1], 3);
	position_fill(&r, SIDE_SELL, OFFSET_CLOSE_YESTERDAY, 4,
		      0); /* one more than there is: the venue's fact stands */
	ck_assert_int_eq(r.qty[SIDE_BUY][1], 0);
	ck_assert_int_eq(r.qty[SIDE_SELL][0], 1);
	ck_assert_int_eq(position_net(&r), 2);
	r = (struct position){ .qty = { [SIDE_BUY] = { 5, 3 } } };
	position_fill(&r, SIDE_SELL, OFFSET_CLOSE, 4, 0); /* yesterday's first */
	ck_assert_int_eq(r.qty[SIDE_BUY][0], 4);
	ck_assert_int_eq(r.qty[SIDE_BUY][1], 0);
}
END_TEST

START_TEST(test_fees)
{
	struct position r = { 0 };
	struct instrument spot = { .qty_dp = 5,
				   .base = 7,
				   .expo = { .kind = EXPO_SPOT, .num = 1, .den = 1 } };
	ck_assert_int_eq(position_charge(&r, 7, 1000), 0);
	ck_assert_int_eq(position_charge(&r, 8, 5), 0);
	ck_assert_int_eq(position_charge(&r, 7, -300), 0); /* a rebate */
	ck_assert_int_eq(position_charge(&r, 0, 0), 0);
	ck_assert_int_eq(position_fee_in(&r, 7), 700);
	ck_assert_int_eq(position_charge(&r, 9, 1), 0);
	ck_assert_int_eq(position_charge(&r, 10, 1), 0);
	ck_assert_int_eq(position_charge(&r, 11, 1), -ERR_FULL);
	position_fill(&r, SIDE_BUY, OFFSET_NONE, 100000, 0);
	ck_assert_int_eq(position_base_e8(&r, &spot, 0),
			 100000000 - 700); /* what the fee took is not there */
	spot.expo.kind = EXPO_LINEAR;
	ck_assert_int_eq(position_base_e8(&r, &spot, 0), 100000000);
}
END_TEST

START_TEST(test_rows)
{
	struct positions all;
	ck_assert_int_eq(positions_init(&all, 3), 0);
	struct position *a = positions_at(&all, 0, 0, 0),
			*b = positions_at(&all, 0, 0, POSITION_NOBODY);
	ck_assert(a && b && a != b);
	ck_assert_ptr_eq(positions_at(&all, 0, 0, 0), a);
	ck_assert_ptr_nonnull(positions_at(&all, 1, 0, 0));
	ck_assert_ptr_null(positions_at(&all, 1, 1, 0)); /* full */
	ck_assert_int_eq(positions_total(&all, 5, 5), 0);
	positions_free(&all);
}
END_TEST

/* Numbers tell the order of executions, whatever the stamps say (F47); but an exchange that numbers each trading day anew begins below yesterday's. */
START_TEST(test_newest_over_a_trading_day)
{
	const int64_t minute = 60000000000;
	struct position_sum s = { 0 };
	position_newest(&s, 900 * minute, "900000", 1);
	position_newest(&s, 899 * minute, "900001", 1); /* the clock went back */
	ck_assert_str_eq(s.exec, "900001");
	position_newest(&s, 901 * minute, "900000", 1);
	ck_assert_str_eq(s.exec, "900001");
	position_heard(&s, s.exec_ns, s.exec);
	s.mark_ns = s.exec_ns;
	snprintf(s.mark, sizeof s.mark, "%s", s.exec);
	int64_t night = (900 + 6 * 60) * minute;
	ck_assert(position_is_news(&s, night, "12"));
	position_newest(&s, night, "12", 1);
	ck_assert_str_eq(s.exec, "12");
	ck_assert(position_ahead(&s));
	ck_assert(position_heard(&s, night, "12"));
	ck_assert(!position_ahead(&s));
	ck_assert(!position_is_news(&s, 900 * minute, "900000")); /* of the day before */
	position_newest(&s, night + 17 * 60 * minute, "800000", 1); /* the afternoon behind it */
	ck_assert_str_eq(s.exec, "800000");
}
END_TEST

SUITE("position", test_newest_over_a_trading_day, test_as_a_list, test_today_and_yesterday, test_fees, test_rows)
