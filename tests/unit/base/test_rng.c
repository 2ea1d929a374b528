/* Proves that draws equal the published sequence of xoshiro256**, are uniform within their bounds,
 * and that forked streams do not move one another. */
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <string.h>

START_TEST(draws_equal_the_published_sequence)
{
	static const uint64_t expected[] = { 11520,
					     0,
					     1509978240,
					     1215971899390074240u,
					     1216172134540287360u,
					     607988272756665600u,
					     16172922978634559625u,
					     8476171486693032832u,
					     10595114339597558777u,
					     2904607092377533576u };
	struct rng r = { { 1, 2, 3, 4 } };
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_uint_eq(rng_next(&r), expected[i]);
}
END_TEST

START_TEST(the_seed_is_spread_by_splitmix64)
{
	static const uint64_t expected[] = { 6457827717110365317u, 3203168211198807973u,
					     9817491932198370423u, 4593380528125082431u };
	struct rng r;
	rng_seed(&r, 1234567);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(r.s[i], expected[i]);
}
END_TEST

START_TEST(below_is_uniform_and_bounded)
{
	struct rng r;
	rng_seed(&r, 1);
	enum { kinds = 10, draws = 100000 };
	unsigned seen[kinds] = { 0 };
	for (int i = 0; i < draws; i++) {
		uint64_t v = rng_below(&r, kinds);
		EXPECT(v < kinds);
		seen[v]++;
	}
	double chi2 = 0;
	for (int k = 0; k < kinds; k++)
		chi2 += pow((double)seen[k] - draws / kinds, 2) / (draws / kinds);
	ck_assert_double_lt(chi2, 27.9); /* 9 degrees of freedom: one in a thousand above */
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(rng_below(&r, 1), 0);
	/* Here a plain scaling would draw every third number twice as often. */
	uint64_t n = 3ull << 62;
	unsigned third = 0;
	for (int i = 0; i < draws; i++)
		third += rng_below(&r, n) % 3 == 0;
	ck_assert_double_lt(fabs(third / (double)draws - 1.0 / 3), 0.006);
}
END_TEST

START_TEST(range_reaches_both_ends)
{
	struct rng r;
	rng_seed(&r, 2);
	unsigned lo = 0, hi = 0, negative = 0;
	for (int i = 0; i < 10000; i++) {
		int64_t v = rng_range(&r, -3, 4);
		EXPECT(v >= -3 && v <= 4);
		lo += v == -3;
		hi += v == 4;
		negative += rng_range(&r, INT64_MIN, INT64_MAX) < 0;
		EXPECT(rng_range(&r, INT64_MAX - 1, INT64_MAX) >= INT64_MAX - 1);
		EXPECT(rng_range(&r, INT64_MIN, INT64_MIN) == INT64_MIN);
	}
	ck_assert_uint_gt(lo, 1000);
	ck_assert_uint_gt(hi, 1000);
	ck_assert_double_lt(fabs(negative / 10000.0 - 0.5), 0.03);
}
END_TEST

START_TEST(chance_meets_its_probability)
{
	struct rng r;
	rng_seed(&r, 3);
	unsigned hits = 0;
	for (int i = 0; i < 100000; i++) {
		EXPECT(!rng_chance(&r, 0));
		EXPECT(rng_chance(&r, 1000000));
		hits += rng_chance(&r, 30000);
	}
	ck_assert_double_lt(fabs(hits / 1e5 - 0.03), 0.003);
}
END_TEST

START_TEST(unit_and_normal_have_their_moments)
{
	struct rng r;
	rng_seed(&r, 4);
	enum { n = 100000 };
	double unit = 0, sum = 0, squares = 0;
	for (int i = 0; i < n; i++) {
		double u = rng_unit(&r), z = rng_normal(&r);
		EXPECT(u >= 0 && u < 1);
		EXPECT(z >= -6 && z < 6);
		unit += u;
		sum += z;
		squares += z * z;
	}
	ck_assert_double_lt(fabs(unit / n - 0.5), 0.005);
	ck_assert_double_lt(fabs(sum / n), 0.015);
	ck_assert_double_lt(fabs(squares / n - 1), 0.02);
}
END_TEST

START_TEST(streams_repeat_and_keep_apart)
{
	struct rng root, before, a, b, again;
	rng_seed(&root, 5);
	before = root;
	rng_fork(&root, "latency", &a);
	rng_fork(&root, "faults", &b);
	ck_assert_mem_eq(&root, &before, sizeof(root));
	ck_assert_mem_ne(&a, &b, sizeof(a));
	/* Draws of one stream leave the other where it was. */
	for (int i = 0; i < 100; i++)
		rng_next(&a);
	rng_fork(&root, "faults", &again);
	ck_assert_mem_eq(&b, &again, sizeof(b));
	rng_seed(&root, 6);
	rng_fork(&root, "faults", &again);
	ck_assert_mem_ne(&b, &again, sizeof(b));
}
END_TEST

SUITE("rng", draws_equal_the_published_sequence, the_seed_is_spread_by_splitmix64,
      below_is_uniform_and_bounded, range_reaches_both_ends, chance_meets_its_probability,
      unit_and_normal_have_their_moments, streams_repeat_and_keep_apart)
