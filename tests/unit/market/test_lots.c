/* Proves that unequal contracts are paired in whole lots with the least left over, exactly, and that what is left is told, carried and limited. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/lots.h"
#include "core/market/unit.h"
#include "tests/unit/suite.h"
#include <string.h>

static const struct frac none = { 0, 1 }, unlimited = { -1, 1 };

static struct frac of(const char *unit)
{
	struct frac f = { 0, 1 };
	ck_assert_int_eq(unit_ratio(unit, "g", &f.num, &f.den), 0);
	return f;
}

static struct lots gold(void)
{
	struct lots p;
	const struct frac lot[2] = { of("100 ozt"), of("1000 g") };
	ck_assert_msg(lots_init(&p, 2, lot, NULL) == 0, "%s", err_text());
	return p;
}

static void is(struct frac f, int64_t num, int64_t den)
{
	ck_assert_msg(f.num * den == num * f.den, "%lld / %lld", (long long)f.num,
		      (long long)f.den);
}

START_TEST(test_gold)
{
	struct lots p = gold();
	struct lots_combo c;
	ck_assert_int_eq(lots_for(&p, 1, none, unlimited, &c), 0);
	ck_assert(c.lots[0] == 1 && c.lots[1] == 3);
	is(c.residual, 11034768, 100000); /* 110.34768 g */
	ck_assert_int_eq(lots_for(&p, 9, none, unlimited, &c), 0);
	ck_assert(c.lots[0] == 9 && c.lots[1] == 28);
	is(c.residual, -687088, 100000); /* 6.87088 g too much of the other */
	ck_assert_double_eq_tol(lots_residual_pct(&p, &c), 6.87088 / 27993.12912 * 100, 1e-9);
}
END_TEST

/* Whichever side the large contract is on. */
START_TEST(test_the_other_way_round)
{
	struct lots p;
	struct lots_combo c;
	const struct frac lot[2] = { of("1000 g"), of("100 ozt") };
	ck_assert_int_eq(lots_init(&p, 2, lot, NULL), 0);
	ck_assert_uint_eq(p.coarsest, 1);
	ck_assert_int_eq(lots_for(&p, 1, none, unlimited, &c), 0);
	ck_assert(c.lots[0] == 3 && c.lots[1] == 1);
	is(c.residual, -11034768, 100000);
}
END_TEST

START_TEST(test_size)
{
	struct lots p = gold();
	struct lots_combo c;
	ck_assert_int_eq(lots_solve(&p, (struct frac){ 7000, 1 }, none, unlimited, &c), 0);
	ck_assert(c.lots[0] == 2 && c.lots[1] == 6); /* 6,220.7 g: not more than asked for */
	ck_assert_int_eq(lots_solve(&p, (struct frac){ 3000, 1 }, none, unlimited, &c), -ERR_RANGE);
	ck_assert_msg(strstr(err_text(), "less than one lot of leg 0, which is 3110.34768"), "%s",
		      err_text());
	ck_assert_int_eq(lots_solve(&p, none, none, unlimited, &c), -ERR_RANGE);
	ck_assert_int_eq(lots_for(&p, 2000000000, none, unlimited, &c), -ERR_RANGE);
}
END_TEST

/* What is left over is worked off by the pairs that follow, and never grows beyond half a lot of the finer leg. */
START_TEST(test_carried)
{
	struct lots p = gold();
	struct frac carried = none;
	int64_t gc = 0, au = 0;
	for (int i = 0; i < 1000; i++) {
		struct lots_combo c;
		ck_assert_int_eq(lots_for(&p, 1, carried, (struct frac){ 500, 1 }, &c), 0);
		ck_assert(c.within);
		carried = c.residual;
		gc += c.lots[0];
		au += c.lots[1];
		__int128 left = (__int128)gc * 311034768 - (__int128)au * 100000000;
		ck_assert((__int128)carried.num * 100000 == left * carried.den);
	}
	ck_assert_int_eq(au, 3110);
}
END_TEST

START_TEST(test_limit)
{
	struct lots p = gold();
	struct lots_combo c;
	ck_assert_int_eq(lots_for(&p, 1, none, (struct frac){ 110, 1 }, &c), 0);
	ck_assert(!c.within);
	ck_assert_int_eq(lots_for(&p, 1, none, (struct frac){ 11034768, 100000 }, &c), 0);
	ck_assert(c.within);
	ck_assert_int_eq(lots_for(&p, 9, none, (struct frac){ 7, 1 }, &c), 0);
	ck_assert(c.within);
}
END_TEST

START_TEST(test_best)
{
	struct lots p = gold();
	struct lots_combo c[8];
	unsigned n = lots_best(&p, 30, c, 8);
	ck_assert_uint_ge(n, 3);
	ck_assert(c[0].lots[0] == 1 && c[0].lots[1] == 3);
	for (unsigned i = 1; i < n; i++)
		ck_assert(lots_residual_pct(&p, &c[i]) < lots_residual_pct(&p, &c[i - 1]));
	bool nine = false;
	for (unsigned i = 0; i < n; i++)
		nine |= c[i].lots[0] == 9 && c[i].lots[1] == 28;
	ck_assert(nine);
	ck_assert_uint_eq(lots_best(&p, 30, c, 1), 1);
	const struct frac equal[2] = { { 2, 1 }, { 3, 1 } };
	ck_assert_int_eq(lots_init(&p, 2, equal, NULL), 0);
	n = lots_best(&p, 30, c, 8);
	ck_assert(c[n - 1].residual.num == 0 && c[n - 1].lots[0] == 3 && c[n - 1].lots[1] == 2);
}
END_TEST

/* A crack of three barrels of crude against two of petrol and one of heating oil, in contracts of 1,000 bbl and 42,000 gal. */
START_TEST(test_three_legs)
{
	struct lots p;
	struct lots_combo c;
	int64_t num, den;
	ck_assert_int_eq(unit_ratio("42000 gal", "bbl", &num, &den), 0);
	const struct frac lot[3] = { { 1000, 1 }, { num, den }, { num, den } };
	const struct frac ratio[3] = { { 3, 1 }, { 2, 1 }, { 1, 1 } };
	ck_assert_int_eq(lots_init(&p, 3, lot, ratio), 0);
	ck_assert_int_eq(lots_solve(&p, (struct frac){ 3000, 1 }, none, unlimited, &c), 0);
	ck_assert(c.lots[0] == 3 && c.lots[1] == 2 && c.lots[2] == 1 && c.residual.num == 0);
}
END_TEST

START_TEST(test_bad)
{
	struct lots p;
	const struct frac lot[2] = { { 1, 1 }, { 0, 1 } };
	const struct frac primes[2] = { { 1, 4611686018427387847 }, { 1, 4611686018427387817 } };
	ck_assert_int_eq(lots_init(&p, 1, lot, NULL), -ERR_ARG);
	ck_assert_int_eq(lots_init(&p, 2, lot, NULL), -ERR_ARG);
	ck_assert_int_eq(lots_init(&p, 2, primes, NULL), -ERR_RANGE);
}
END_TEST

START_TEST(test_of_instrument)
{
	struct frac f;
	struct instrument in = { .qty_dp = 1, .expo = { EXPO_LINEAR, 311034768, 100000 } };
	struct rule r = { .lot = 10, .tick = 1 };
	ck_assert(lots_of_instrument(&in, &r, &f));
	is(f, 311034768, 100000);
	in.expo.kind = EXPO_INVERSE;
	ck_assert(!lots_of_instrument(&in, &r, &f));
}
END_TEST

static __int128 magnitude(__int128 v)
{
	return v < 0 ? -v : v;
}

/* Two legs: no number of the other leg's lots leaves less. Three: none with the leg between at either of its neighbours. */
START_TEST(test_against_brute_force)
{
	struct rng r;
	rng_seed(&r, 11);
	for (int i = 0; i < 20000; i++) {
		unsigned n = 2 + (unsigned)rng_below(&r, 2);
		int64_t units[3];
		struct frac lot[3], carried;
		struct lots p;
		struct lots_combo c;
		for (unsigned l = 0; l < n; l++) {
			units[l] = 1 + (int64_t)rng_below(&r, 400);
			EXPECT(frac_make(units[l], 16, &lot[l]));
		}
		/* With three, leg 0 is worth the two others. */
		const struct frac ratio[3] = { { n == 2 ? 1 : 2, 1 }, { 1, 1 }, { 1, 1 } };
		int64_t before = (int64_t)rng_below(&r, 200) - 100,
			count = 1 + (int64_t)rng_below(&r, 9);
		EXPECT(frac_make(before, 16, &carried));
		EXPECT(lots_init(&p, n, lot, ratio) == 0);
		if (lots_for(&p, count, carried, unlimited, &c))
			continue;
		EXPECT(c.lots[p.coarsest] == count);
		__int128 got = before + c.lots[0] * units[0];
		for (unsigned l = 1; l < n; l++)
			got -= c.lots[l] * units[l];
		EXPECT((__int128)c.residual.num * 16 == got * c.residual.den);
		for (int64_t k = 1; n == 2 && k < 4000; k++) {
			int64_t other = p.coarsest == 0 ? before + count * units[0] - k * units[1]
							: before + k * units[0] - count * units[1];
			EXPECT(magnitude(other) >= magnitude(got));
		}
		for (unsigned l = 0; n == 3 && l < 3;
		     l++) { /* one lot more or less of any other leg is no better */
			if (l == p.coarsest)
				continue;
			__int128 one = l == 0 ? units[0] : -units[l];
			if (units[l] <=
			    units[l == 0 ? (p.coarsest == 1 ? 2 : 1) : 3 - l - p.coarsest]) {
				EXPECT(magnitude(got + one) >= magnitude(got));
				EXPECT(c.lots[l] == 1 || magnitude(got - one) >= magnitude(got));
			}
		}
	}
}
END_TEST

SUITE("lots", test_gold, test_the_other_way_round, test_size, test_carried, test_limit, test_best,
      test_three_legs, test_bad, test_of_instrument, test_against_brute_force)
