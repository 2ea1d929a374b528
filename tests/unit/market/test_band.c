/* Proves that a band is what a plain recomputation over its window gives, after any calls, lapses and silences, and that its sums never drift. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/band.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <string.h>

#define MS 1000000LL

START_TEST(test_by_hand)
{
	struct band d;
	ck_assert_int_eq(band_init(&d, 4000 * MS, 1000 * MS), 0);
	ck_assert(band_z(&d, 5) == 0);	     /* nothing is known yet */
	band_sample(&d, 1000 * MS, 10, 100); /* instants at 1 s, 2 s, 3 s hold 10, 10, 20 */
	band_sample(&d, 2500 * MS, 20, 100);
	band_sample(&d, 3000 * MS, 20, 100);
	ck_assert_double_eq_tol(d.mean, 40.0 / 3, 1e-9);
	ck_assert_double_eq_tol(d.dev, sqrt(200.0 / 9), 1e-9);
	ck_assert_double_eq_tol(d.fill, 0.75, 1e-12);
	ck_assert_double_eq_tol(band_z(&d, 30), (30 - 40.0 / 3) / sqrt(200.0 / 9), 1e-9);
	band_sample(&d, 5500 * MS, -1, 100); /* 2 s to 5 s: 10, 20, 20, 20 */
	ck_assert_double_eq_tol(d.mean, 17.5, 1e-9);
	ck_assert_double_eq_tol(d.dev, sqrt(75.0 / 4), 1e-9);
	band_free(&d);
}
END_TEST

/* Half the window must have been seen, and something must have moved. */
START_TEST(test_no_z_from_little)
{
	struct band d;
	ck_assert_int_eq(band_init(&d, 10 * MS, MS), 0);
	for (int i = 1; i <= 4; i++)
		band_sample(&d, i * MS, i, 1);
	ck_assert(band_z(&d, 100) == 0 && d.dev > 0);
	band_sample(&d, 5 * MS, 5, 1);
	ck_assert(band_z(&d, 100) > 1);
	band_sample(&d, 30 * MS, 5, 1); /* held for a whole window */
	ck_assert(d.dev == 0 && band_z(&d, 100) == 0 && d.mean == 5);
	band_free(&d);
}
END_TEST

START_TEST(test_a_lapse_is_not_a_value)
{
	struct band d;
	ck_assert_int_eq(band_init(&d, 10 * MS, MS), 0);
	band_lapse(&d, 0); /* before anything */
	for (int i = 1; i <= 10; i++)
		band_sample(&d, i * MS, i % 2, 1);
	band_lapse(&d, 10 * MS + 1);
	band_lapse(&d, 15 * MS);
	ck_assert_double_eq_tol(d.fill, 0.5, 1e-12);
	band_sample(&d, 18 * MS, 1, 1); /* 9 and 10 held 1 and 0, 18 is 1 */
	ck_assert_double_eq_tol(d.mean, 2.0 / 3, 1e-9);
	band_lapse(&d, 100 * MS);
	band_lapse(&d, 200 * MS);
	ck_assert(d.fill == 0 && d.mean == 0 && d.dev == 0);
	band_free(&d);
}
END_TEST

START_TEST(test_another_scale_begins_anew)
{
	struct band d;
	ck_assert_int_eq(band_init(&d, 4 * MS, MS), 0);
	for (int i = 1; i <= 4; i++)
		band_sample(&d, i * MS, 1e-9 * i, 1e-8);
	ck_assert_double_eq_tol(d.mean * 1e9, 2.5, 1e-6);
	band_sample(&d, 5 * MS, 1e6, 1e6);
	ck_assert(d.restarts == 1 && d.mean == 1e6 && d.fill < 0.3);
	band_free(&d);
}
END_TEST

START_TEST(test_bad)
{
	struct band d;
	static const int64_t bad[][2] = { { 1000 * MS, 0 },
					  { 1000 * MS, 1000 * MS },
					  { 0, 1 },
					  { (BAND_SAMPLES_MAX + 1) * MS, MS },
					  { 1000 * MS, -1 } };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(band_init(&d, bad[i][0], bad[i][1]), -ERR_RANGE);
		ck_assert(strstr(err_text(), "choose another period") != NULL);
		band_free(&d);
	}
}
END_TEST

/* ---- against a list of all instants */

#define INSTANTS 60000

struct naive {
	double v[INSTANTS];
	bool live[INSTANTS];
	int64_t from, slot;
	bool holds;
	double held;
};

static void naive_call(struct naive *m, int64_t now, int64_t period, bool live, double v)
{
	int64_t slot = now / period;
	for (int64_t k = m->slot + 1; k <= slot; k++) {
		bool at = k * period == now;
		m->live[k] = at ? live : m->holds;
		m->v[k] = at ? v : m->held;
	}
	m->slot = slot;
	m->holds = live;
	m->held = v;
}

static void same(const struct band *d, const struct naive *m)
{
	long double sum = 0, squares = 0;
	int64_t n = 0, from = m->slot - (int64_t)d->cap + 1;
	for (int64_t k = from > m->from ? from : m->from; k <= m->slot; k++)
		if (m->live[k]) {
			sum += (long double)m->v[k];
			n++;
		}
	long double mean = n ? sum / (long double)n : 0;
	for (int64_t k = from > m->from ? from : m->from; k <= m->slot; k++)
		if (m->live[k])
			squares += ((long double)m->v[k] - mean) * ((long double)m->v[k] - mean);
	double dev = n ? (double)sqrtl(squares / (long double)n) : 0;
	EXPECT_MSG(d->n == n, "%u samples, %lld wanted", d->n, (long long)n);
	EXPECT(fabs(d->mean - (double)mean) < 1e-9);
	EXPECT(fabs(d->dev - dev) < 1e-8);
}

START_TEST(test_against_naive)
{
	static struct naive m;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct rng r;
		struct band d;
		rng_seed(&r, seed);
		int64_t period = 1 + (int64_t)rng_below(&r, 50);
		int64_t now = 1 + (int64_t)rng_below(&r, 100);
		int64_t cap = 2 + (int64_t)rng_below(&r, 200);
		EXPECT(band_init(&d, cap * period + (int64_t)rng_below(&r, (uint64_t)period),
				 period) == 0);
		memset(&m, 0, sizeof m);
		m.slot = (now - 1) / period;
		m.from = m.slot + 1;
		for (int i = 0; i < 1000; i++) {
			double v = (double)rng_below(&r, 7) - 3 + (double)rng_below(&r, 1000) / 997;
			bool live = i == 0 || rng_below(&r, 10) > 0;
			if (live)
				band_sample(&d, now, v, 10);
			else
				band_lapse(&d, now);
			naive_call(&m, now, period, live, v);
			same(&d, &m);
			now += (int64_t)rng_below(
				&r, rng_below(&r, 50) ? (uint64_t)period * 3
						      : (uint64_t)period * (uint64_t)cap * 2);
			if (now / period >= INSTANTS - 1)
				break;
		}
		band_free(&d);
	}
}
END_TEST

/* Ten million samples through one window: it holds what a fresh one holds, to the last bit. */
START_TEST(test_no_drift)
{
	struct band d, fresh;
	struct rng r;
	rng_seed(&r, 5);
	ck_assert_int_eq(band_init(&d, 64, 1), 0);
	ck_assert_int_eq(band_init(&fresh, 64, 1), 0);
	const int64_t last = 10000000;
	for (int64_t t = 1; t <= last; t++) {
		double v = 60000 + (double)rng_below(&r, 1000000) / 1e4;
		band_sample(&d, t, v, 65535);
		if (t > last - 64)
			band_sample(&fresh, t, v, 65535);
	}
	ck_assert(d.sum == fresh.sum && d.squares == fresh.squares && d.n == 64);
	ck_assert(d.mean == fresh.mean && d.dev == fresh.dev && d.dev > 0);
	band_free(&d);
	band_free(&fresh);
}
END_TEST

SUITE("band", test_by_hand, test_no_z_from_little, test_a_lapse_is_not_a_value,
      test_another_scale_begins_anew, test_bad, test_against_naive, test_no_drift)
