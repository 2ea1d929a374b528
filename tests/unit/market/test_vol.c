/* Proves how much a price is said to move: by hand on simple walks, over other times by the root of the time, and not at all from gaps. */
#include "core/base/rng.h"
#include "core/market/vol.h"
#include "tests/unit/suite.h"
#include <math.h>

#define SECOND 1000000000LL

START_TEST(test_by_hand)
{
	struct vol v = { 0 };
	int64_t now = 5 * SECOND, px = 1000000;
	for (int k = 0; k <= VOL_LEAST; k++, now += SECOND) {
		ck_assert(!vol_known(&v));
		ck_assert_int_eq(vol_move_px(&v, SECOND), 0);
		vol_sample(&v, now, px + (k % 2 ? 30 : 0)); /* 30 there and 30 back, every second */
	}
	ck_assert(vol_known(&v));
	ck_assert_int_eq(vol_move_px(&v, SECOND), 30);
	ck_assert_int_eq(vol_move_px(&v, 4 * SECOND), 60);
	ck_assert_int_eq(vol_move_px(&v, SECOND / 4), 15);
	ck_assert_int_eq(vol_move_px(&v, 0), 0);
}
END_TEST

START_TEST(test_fixed_instants)
{
	struct vol v = { 0 };
	int64_t now = SECOND;
	for (int k = 0; k < 2000; k++, now += SECOND / 10) /* ten looks a second are one sample */
		vol_sample(&v, now, 1000000 + (k % 2 ? 500 : 0));
	ck_assert_int_eq(vol_move_px(&v, SECOND), 0);
	uint32_t n = v.n;
	vol_sample(&v, now + 60 * SECOND, 2000000); /* a gap is not a move */
	ck_assert_uint_eq(v.n, n);
	ck_assert_int_eq(vol_move_px(&v, SECOND), 0);
	vol_sample(&v, now + 61 * SECOND, 0); /* nor is a book without a price */
	vol_sample(&v, now + 62 * SECOND, 3000000);
	ck_assert_int_eq(vol_move_px(&v, SECOND), 0);
}
END_TEST

/* Against doubles on a random walk, at the largest prices that there are. */
START_TEST(test_random_walk)
{
	struct rng r;
	rng_seed(&r, 7);
	for (int scale = 0; scale < 5; scale++) {
		static const int64_t step[] = { 1, 100, 10000000, 1000000000, 400000000000 };
		struct vol v = { 0 };
		int64_t px = 6183764000000, now = SECOND;
		double mean = 0;
		uint32_t n = 0;
		vol_sample(&v, now, px);
		for (int k = 0; k < 500; k++) {
			int64_t move = ((int64_t)rng_below(&r, 2001) - 1000) * step[scale] / 1000;
			px += move;
			now += SECOND;
			n += n < VOL_MEMORY;
			mean += ((double)move * (double)move - mean) / n;
			vol_sample(&v, now, px);
		}
		double want = sqrt(mean * 2.25), got = (double)vol_move_px(&v, SECOND * 9 / 4);
		EXPECT_MSG(fabs(got - want) <= want * 0.02 + 1.5, "%g for %g", got, want);
	}
}
END_TEST

SUITE("vol", test_by_hand, test_fixed_instants, test_random_walk)
