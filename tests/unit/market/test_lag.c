/* Proves that a shift between two markets' stamps is found from their prices within the stated bound, whatever its size, and that none is found where there is none. */
#include "core/base/rng.h"
#include "core/market/lag.h"
#include "tests/unit/suite.h"
#include <math.h>

#define SECOND INT64_C(1000000000)
#define START  (1700000000 * SECOND)

struct made {
	double shift_s, drift_ppm; /* of the other's clock */
	double scale;		   /* of its prices */
	unsigned quotes;	   /* of each */
	int64_t gap_ms;		   /* between two of both, at most; 0: 700 */
	bool unrelated, wild;
};

/* One walk that both show, each at moments of its own, rounded to its own tick. */
static void make(const struct made *m, struct lag_series *a, struct lag_series *b)
{
	struct rng r;
	rng_seed(&r, 11);
	double price = 1000, other = 1000;
	int64_t now = START;
	for (unsigned i = 0; i < 2 * m->quotes; i++) {
		now += rng_range(&r, 1000000, (m->gap_ms ? m->gap_ms : 700) * 1000000);
		price += rng_normal(&r) * 0.2;
		other += rng_normal(&r) * 0.2;
		double seen = m->unrelated && i % 2 ? other : price;
		if (m->wild && rng_chance(&r, 2000))
			seen *= 1.5; /* a wild print */
		seen = round(seen * 20) / 20;
		if (i % 2 == 0) {
			ck_assert_int_eq(lag_series_add(a, now, seen), 0);
			continue;
		}
		double off = m->shift_s * 1e9 + m->drift_ppm * 1e-6 * (double)(now - START);
		ck_assert_int_eq(lag_series_add(b, now + (int64_t)off, seen * m->scale), 0);
	}
}

static struct lag_estimate find(const struct made *m)
{
	struct lag_series a = { 0 }, b = { 0 };
	struct lag_estimate e;
	make(m, &a, &b);
	ck_assert_int_eq(lag_find(&a, &b, &e), 0);
	lag_series_free(&a);
	lag_series_free(&b);
	return e;
}

static void must_hold(const struct made *m)
{
	struct lag_estimate e = find(m);
	ck_assert_msg(e.found, "%g s not found: %s (%g, %g)", m->shift_s, e.why, e.score, e.second);
	double truth = m->shift_s * 1e9 + m->drift_ppm * 1e-6 * (double)(e.at_ns - START);
	double off = fabs((double)e.offset_ns - truth);
	ck_assert_msg(off <= (double)e.bound_ns, "%g s: %g ms off, bound %g ms", m->shift_s,
		      off / 1e6, (double)e.bound_ns / 1e6);
	ck_assert_int_lt(e.bound_ns, (m->gap_ms > 1000 ? 60 : 2) * SECOND);
	ck_assert(e.inverse == (m->scale < 0));
	if (e.drift_known)
		ck_assert(fabs((double)e.drift_ppb - m->drift_ppm * 1000) <=
			  (double)e.drift_bound_ppb + 1);
}

START_TEST(shifts_of_every_size_are_found)
{
	static const double shift[] = { 0, 0.05, -1.27, 37, -3600, 18000, -93000 };
	for (unsigned i = 0; i < sizeof shift / sizeof *shift; i++)
		must_hold(&(struct made){ .shift_s = shift[i], .scale = 1, .quotes = 8000 });
}
END_TEST

START_TEST(scales_do_not_matter)
{
	must_hold(&(struct made){ .shift_s = -18000, .scale = 31.1, .quotes = 8000 });
	must_hold(&(struct made){ .shift_s = 2, .scale = -0.001, .quotes = 8000 });
	must_hold(&(struct made){ .shift_s = 2, .scale = 1e12, .quotes = 8000 });
	must_hold(&(struct made){ .shift_s = 2, .scale = 1e-12, .quotes = 8000 });
}
END_TEST

START_TEST(wild_prints_do_not_matter)
{
	must_hold(&(struct made){ .shift_s = 3600, .scale = 1, .quotes = 8000, .wild = true });
}
END_TEST

START_TEST(a_drift_is_told)
{
	const struct made m = { .shift_s = 5, .drift_ppm = 150, .scale = 1, .quotes = 20000 };
	must_hold(&m);
	struct lag_estimate e = find(&m);
	ck_assert(e.drift_known);
	ck_assert_int_gt(e.drift_ppb, 75000);
	ck_assert_int_lt(e.drift_ppb, 225000);
}
END_TEST

START_TEST(grids_suit_the_recording)
{
	/* 40 s, a hundred quotes a second; two days, one in half a minute. */
	must_hold(&(struct made){ .shift_s = 1.27, .scale = 1, .quotes = 4000, .gap_ms = 10 });
	must_hold(&(struct made){ .shift_s = -18000, .scale = 1, .quotes = 6000, .gap_ms = 30000 });
}
END_TEST

START_TEST(unrelated_prices_have_no_shift)
{
	struct lag_estimate e =
		find(&(struct made){ .scale = 1, .quotes = 8000, .unrelated = true });
	ck_assert(!e.found);
	ck_assert_ptr_nonnull(e.why);
	e = find(&(struct made){ .scale = 1, .quotes = 20 });
	ck_assert(!e.found);
	ck_assert_ptr_nonnull(e.why);
}
END_TEST

START_TEST(too_far_is_not_found)
{
	struct lag_estimate e =
		find(&(struct made){ .shift_s = 400000, .scale = 1, .quotes = 4000 });
	ck_assert(!e.found);
}
END_TEST

START_TEST(series_stay_within_their_bound)
{
	struct lag_series s = { 0 };
	for (int64_t i = 0; i < (int64_t)LAG_POINTS * 3; i++)
		EXPECT(lag_series_add(&s, START + i * 100000, (double)(i % 7)) == 0);
	ck_assert_uint_le(s.n, LAG_POINTS);
	ck_assert_uint_gt(s.n, LAG_POINTS / 8);
	ck_assert_int_gt(s.grain_ns, 0);
	for (size_t i = 1; i < s.n; i++)
		EXPECT(s.at_ns[i] >= s.at_ns[i - 1]);
	uint64_t n = s.n;
	ck_assert_int_eq(lag_series_add(&s, START, 99), 0);
	ck_assert_uint_eq(s.backwards, 1);
	ck_assert_uint_eq(s.n, n);
	lag_series_free(&s);
}
END_TEST

SUITE("lag", shifts_of_every_size_are_found, scales_do_not_matter, wild_prints_do_not_matter,
      a_drift_is_told, grids_suit_the_recording, unrelated_prices_have_no_shift,
      too_far_is_not_found, series_stay_within_their_bound)
