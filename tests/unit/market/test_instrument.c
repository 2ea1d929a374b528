/* Proves the conversions of an instrument against exact references, its dated rules, and the direction of every rounding. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/instrument.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

static struct instrument some(struct rng *r, enum expo_kind kind)
{
	struct instrument in = { .px_dp = (uint8_t)rng_below(r, 9),
				 .qty_dp = (uint8_t)rng_below(r, 9) };
	in.expo.kind = (uint8_t)kind;
	in.expo.num = rng_range(r, 1, 311034768);
	in.expo.den = rng_chance(r, 500000) ? 1 : rng_range(r, 1, 10000000);
	return in;
}

static long double scale(unsigned dp)
{
	return (long double)dec_pow10[dp];
}

static bool near(int64_t got, long double want)
{
	long double off = (long double)got - want, room = 1 + (want < 0 ? -want : want) * 1e-17L;
	return off <= room && off >= -room;
}

START_TEST(test_base_and_notional)
{
	struct rng r;
	rng_seed(&r, 11);
	for (int i = 0; i < 200000; i++) {
		enum expo_kind kind = (enum expo_kind)rng_below(&r, expo_kind_max);
		struct instrument in = some(&r, kind);
		int64_t qty = rng_range(&r, -1000000000, 1000000000),
			px = rng_range(&r, 1, 1000000000);
		long double units = (long double)qty * in.expo.num / in.expo.den / scale(in.qty_dp);
		long double price = (long double)px / scale(in.px_dp);
		long double base = kind == EXPO_INVERSE ? units / price : units;
		long double money = kind == EXPO_INVERSE ? units : units * price;
		if (base * 1e8L < 9e18L && base * 1e8L > -9e18L)
			EXPECT(near(instrument_base_e8(&in, qty, px), base * 1e8L));
		if (money * 1e8L < 9e18L && money * 1e8L > -9e18L)
			EXPECT(near(instrument_notional_e8(&in, qty, px), money * 1e8L));
	}
}
END_TEST

/* The largest multiple of the lot whose base units do not exceed: exact, in 128 bits. */
START_TEST(test_qty_of_base)
{
	struct rng r;
	rng_seed(&r, 12);
	for (int i = 0; i < 200000; i++) {
		enum expo_kind kind = rng_chance(&r, 500000) ? EXPO_LINEAR : EXPO_SPOT;
		struct instrument in = some(&r, kind);
		int64_t base = rng_range(&r, -1000000000000, 1000000000000),
			lot = rng_range(&r, 1, 1000);
		int64_t qty = instrument_qty_of_base(&in, base, 0, lot);
		__int128 per = (__int128)in.expo.num * 100000000;
		__int128 budget =
			(__int128)(base < 0 ? -base : base) * in.expo.den * dec_pow10[in.qty_dp];
		int64_t size = qty < 0 ? -qty : qty;
		EXPECT(qty % lot == 0 && (qty == 0 || (qty < 0) == (base < 0)));
		EXPECT(size * per <= budget);
		EXPECT((size + lot) * per > budget);
	}
}
END_TEST

START_TEST(test_inverse)
{
	struct instrument in = { .px_dp = 1,
				 .expo = { .kind = EXPO_INVERSE, .num = 100, .den = 1 } };
	ck_assert_int_eq(instrument_base_e8(&in, 3, 600000), 500000); /* 300 USD at 60,000 */
	ck_assert_int_eq(instrument_base_e8(&in, -3, 600000), -500000);
	ck_assert_int_eq(instrument_base_e8(&in, 3, 0), 0); /* not known without a price */
	ck_assert_int_eq(instrument_notional_e8(&in, 3, 600000), 30000000000);
	ck_assert_int_eq(instrument_qty_of_base(&in, 500000, 600000, 1), 3);
	ck_assert_int_eq(instrument_qty_of_base(&in, 499999, 600000, 1), 2);
	ck_assert_int_eq(instrument_qty_of_base(&in, -500000, 600000, 2), -2);
	struct rng r;
	rng_seed(&r, 13);
	for (int i = 0; i < 100000; i++) {
		int64_t qty = rng_range(&r, 1, 1000000), px = rng_range(&r, 1000, 100000000);
		int64_t back = instrument_qty_of_base(&in, instrument_base_e8(&in, qty, px), px, 1);
		EXPECT(back <= qty);
		EXPECT(qty - back <=
		       1 + px / 1000000000 + 1); /* a hundred-millionth of a coin was cut off */
	}
}
END_TEST

START_TEST(test_saturates)
{
	struct instrument in = { .expo = { .kind = EXPO_LINEAR, .num = 1000000, .den = 1 } };
	ck_assert_int_eq(instrument_base_e8(&in, INT64_MAX / 10, 0), INT64_MAX);
	ck_assert_int_eq(instrument_base_e8(&in, -(INT64_MAX / 10), 0), INT64_MIN);
	ck_assert_int_eq(instrument_notional_e8(&in, INT64_MAX / 1000000, 1000000), INT64_MAX);
}
END_TEST

static struct rule rule_at(int64_t from, int64_t tick)
{
	return (struct rule){ .from_utc_ns = from, .tick = tick, .lot = 1 };
}

START_TEST(test_dated_rules)
{
	struct instrument in = { .name = "X" };
	ck_assert_ptr_null(instrument_rule(&in, 100));
	struct rule r = rule_at(200, 2), bad = rule_at(1, 0);
	ck_assert_int_eq(instrument_add_rule(&in, &bad), -ERR_RANGE);
	ck_assert_int_eq(instrument_add_rule(&in, &r), 0);
	r = rule_at(100, 1);
	ck_assert_int_eq(instrument_add_rule(&in, &r), 0);
	ck_assert_ptr_null(instrument_rule(&in, 99));
	ck_assert_int_eq(instrument_rule(&in, 100)->tick, 1);
	ck_assert_int_eq(instrument_rule(&in, 199)->tick, 1);
	ck_assert_int_eq(instrument_rule(&in, 200)->tick, 2);
	r = rule_at(200, 7); /* the same moment: replaced */
	ck_assert_int_eq(instrument_add_rule(&in, &r), 0);
	ck_assert_int_eq(in.n_rules, 2);
	ck_assert_int_eq(instrument_rule(&in, 300)->tick, 7);
}
END_TEST

/* Rules in any order: those in force are the newest eight, in order. */
START_TEST(test_rules_are_bounded)
{
	struct rng rng;
	rng_seed(&rng, 5);
	for (int round = 0; round < 200; round++) {
		struct instrument in = { .name = "X" };
		bool given[40] = { false };
		for (int i = 0; i < 20; i++) {
			int from = (int)rng_range(&rng, 1, 39);
			struct rule r = rule_at(from, 1000 + from);
			ck_assert_int_eq(instrument_add_rule(&in, &r), 0);
			given[from] = true;
			int kept = 0;
			for (int t = 39; t > 0 && kept < INSTRUMENT_RULES_MAX; t--)
				if (given[t]) {
					const struct rule *x = instrument_rule(&in, t);
					EXPECT(x && x->from_utc_ns == t && x->tick == 1000 + t);
					kept++;
				}
			for (int k = 1; k < in.n_rules; k++)
				EXPECT(in.rule[k - 1].from_utc_ns < in.rule[k].from_utc_ns);
			/* one older than all that are kept is not taken in place of a newer one */
			for (int t = 1; t < 40; t++)
				given[t] = given[t] && (in.n_rules < INSTRUMENT_RULES_MAX ||
							t >= in.rule[0].from_utc_ns);
		}
	}
}
END_TEST

START_TEST(test_fees)
{
	struct instrument in = { .px_dp = 2,
				 .qty_dp = 5,
				 .base = 1,
				 .quote = 2,
				 .settle = 2,
				 .expo = { .kind = EXPO_SPOT, .num = 1, .den = 1 } };
	struct rule r = { .tick = 1, .lot = 1 };
	r.fee = (struct fee_rule){ .taker_e8 = 100000,
				   .maker_e8 = -5000,
				   .close_today_e8 = -1,
				   .close_today_per_lot_e8 = -1,
				   .in = FEE_IN_QUOTE };
	asset_id a;
	/* 0.1 BTC at 60,000.01: 6 USDT and a hair, up */
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_BUY, 10000, 6000001, false, false, &a),
			 600000100);
	ck_assert_int_eq(a, 2);
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_BUY, 1, 1, false, false, &a),
			 1); /* 1e-7 of 10 bp: never less than due */
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_SELL, 10000, 6000001, true, false, &a),
			 -30000005);
	r.fee.in = FEE_IN_RECEIVED;
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_BUY, 10000, 6000001, false, false, &a),
			 10000);
	ck_assert_int_eq(a, 1);
	instrument_fee_e8(&in, &r, SIDE_SELL, 10000, 6000001, false, false, &a);
	ck_assert_int_eq(a, 2);
	r.fee.in = FEE_IN_FIXED;
	r.fee.fixed = 9;
	instrument_fee_e8(&in, &r, SIDE_SELL, 10000, 6000001, false, false, &a);
	ck_assert_int_eq(a, 9);
	r.fee = (struct fee_rule){ .per_lot_e8 = 300,
				   .close_today_e8 = 0,
				   .close_today_per_lot_e8 = 900 };
	r.lot = 100;
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_BUY, 500, 100, false, false, &a), 1500);
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_BUY, 500, 100, false, true, &a), 4500);
	in.expo.kind = EXPO_INVERSE; /* settled in the coin: the fee is coin too */
	in.expo.num = 100;
	in.px_dp = 1;
	in.qty_dp = 0;
	in.settle = in.base;
	r.fee = (struct fee_rule){ .taker_e8 = 50000,
				   .close_today_e8 = -1,
				   .close_today_per_lot_e8 = -1 };
	ck_assert_int_eq(instrument_fee_e8(&in, &r, SIDE_BUY, 3, 600000, false, false, &a), 250);
	ck_assert_int_eq(a, 1);
}
END_TEST

START_TEST(test_assets)
{
	static struct assets t;
	ck_assert_int_eq(asset_intern(&t, ""), 0);
	ck_assert_int_eq(asset_intern(&t, "TWELVELETTER"), 0);
	asset_id usd = asset_intern(&t, "USD"), usdt = asset_intern(&t, "USDT");
	ck_assert(usd && usdt && usd != usdt);
	ck_assert_int_eq(asset_intern(&t, "USD"), usd);
	ck_assert_int_eq(asset_find(&t, "USDC"), 0);
	ck_assert_str_eq(asset_name(&t, usdt), "USDT");
	ck_assert_str_eq(asset_name(&t, 0), "");
	ck_assert_str_eq(asset_name(&t, 999), "");
	char name[12];
	for (int i = 0; i < ASSET_MAX; i++) {
		snprintf(name, sizeof name, "A%d", i);
		asset_intern(&t, name);
	}
	ck_assert_int_eq(t.n, ASSET_MAX);
	ck_assert_int_eq(asset_intern(&t, "LAST"), 0);
	ck_assert_int_eq(asset_find(&t, "USD"), usd);
}
END_TEST

/* 2 contracts of 100 oz at 2,650.1 USD/ozt are worth 530,020 USD, though exposure is counted in grams. */
START_TEST(test_worth)
{
	struct assets a = { 0 };
	struct instrument gc = { .name = "COMEX.GC",
				 .px_dp = 1,
				 .px_unit = "USD/ozt",
				 .base_unit = "g",
				 .expo = { EXPO_LINEAR, 311034768, 100000 } };
	gc.base = asset_intern(&a, "XAU");
	gc.quote = asset_intern(&a, "USD");
	ck_assert_int_eq(instrument_set_worth(&gc, &a), 0);
	ck_assert(gc.worth_num == 100 && gc.worth_den == 1);
	ck_assert_int_eq(instrument_notional_e8(&gc, 2, 26501), 53002000000000);
	ck_assert_int_eq(instrument_base_e8(&gc, 2, 26501), 622069536000);
	gc.px_unit[0] = 0; /* then a price is for one base unit */
	ck_assert_int_eq(instrument_set_worth(&gc, &a), 0);
	ck_assert(gc.worth_den == 0);
	memcpy(gc.px_unit, "CNY/ozt", 8);
	ck_assert_int_eq(instrument_set_worth(&gc, &a), -ERR_ARG);
	ck_assert(strstr(err_text(), "COMEX.GC") && strstr(err_text(), "CNY/USD is left over"));
}
END_TEST

SUITE("instrument", test_base_and_notional, test_qty_of_base, test_inverse, test_saturates,
      test_dated_rules, test_rules_are_bounded, test_fees, test_assets, test_worth)
