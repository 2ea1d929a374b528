/* Proves on random samples and times that rolling figures are those of a naive model that keeps everything and works each figure out afresh, and that what is saved
 * comes back as it was. A failure names its seed. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "lua/window.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 3000

struct model {
	struct window_spec spec;
	double x[STEPS];
	int64_t grain[STEPS];
	unsigned n;
};

static struct rng rng;

static double part(void)
{
	return (double)rng_below(&rng, 1000001) / 1e6;
}

static int64_t grain_of(const struct model *m, double utc_s)
{
	return (int64_t)floor(utc_s / (m->spec.span_s / m->spec.n));
}

static void model_push(struct model *m, double x, double utc_s)
{
	const bool timed = m->spec.span_s > 0;
	const int64_t g = timed ? grain_of(m, utc_s) : 0;
	if (timed && m->n && m->grain[m->n - 1] == g)
		m->n--;
	m->x[m->n] = x;
	m->grain[m->n++] = g;
}

static int rising(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The samples that are in the window now, rising. */
static unsigned model_sorted(const struct model *m, double utc_s, double *to)
{
	unsigned n = 0;
	for (unsigned i = 0; i < m->n; i++)
		if (m->spec.span_s > 0 ? m->grain[i] > grain_of(m, utc_s) - (int64_t)m->spec.n
				       : i + m->spec.n >= m->n)
			to[n++] = m->x[i];
	qsort(to, n, sizeof *to, rising);
	return n;
}

static bool close_to(double a, double b, double scale)
{
	return fabs(a - b) <= 1e-9 * (fabs(scale) + 1e-300);
}

static void compare(struct windows *all, int i, const struct model *m, double utc_s, uint64_t seed)
{
	static double s[STEPS];
	const unsigned n = model_sorted(m, utc_s, s);
	EXPECT_MSG((unsigned)windows_ask(all, i, WINDOW_COUNT, 0, utc_s) == n, "seed %llu",
		   (unsigned long long)seed);
	if (n == 0) {
		EXPECT(isnan(windows_ask(all, i, WINDOW_MEAN, 0, utc_s)));
		return;
	}
	long double sum = 0, squares = 0;
	for (unsigned k = 0; k < n; k++)
		sum += s[k];
	const double mean = (double)(sum / n), most = fmax(fabs(s[0]), fabs(s[n - 1]));
	for (unsigned k = 0; k < n; k++)
		squares += ((long double)s[k] - sum / n) * ((long double)s[k] - sum / n);
	const double dev = (double)sqrtl(squares / n), p = part(), at = p * (n - 1);
	const unsigned lo = (unsigned)at, hi = lo + 1 < n ? lo + 1 : lo;
	EXPECT_MSG(close_to(windows_ask(all, i, WINDOW_MEAN, 0, utc_s), mean, most),
		   "seed %llu: mean", (unsigned long long)seed);
	EXPECT_MSG(close_to(windows_ask(all, i, WINDOW_DEV, 0, utc_s), dev, most), "seed %llu: dev",
		   (unsigned long long)seed);
	EXPECT(windows_ask(all, i, WINDOW_LEAST, 0, utc_s) == s[0]);
	EXPECT(windows_ask(all, i, WINDOW_GREATEST, 0, utc_s) == s[n - 1]);
	EXPECT_MSG(close_to(windows_ask(all, i, WINDOW_QUANTILE, p, utc_s),
			    s[lo] + (at - lo) * (s[hi] - s[lo]), most),
		   "seed %llu: quantile", (unsigned long long)seed);
}

/* Saved, checked, and given to windows of the same names: all figures are as they were. */
static void carry_over(struct windows **all, const struct window_spec *spec, double utc_s,
		       uint64_t seed)
{
	static uint8_t buf[WINDOW_BYTES], again[WINDOW_BYTES];
	size_t len, used, len2;
	EXPECT(windows_save(*all, buf, sizeof buf, &len) == 0);
	EXPECT_MSG(windows_check(buf, len, &used) == 0 && used == len, "seed %llu: %s",
		   (unsigned long long)seed, err_text());
	struct windows *other = windows_new();
	EXPECT(windows_add(other, spec) == 0);
	windows_restore(other, buf, used);
	EXPECT(windows_save(other, again, sizeof again, &len2) == 0);
	EXPECT(len2 == len && memcmp(buf, again, len) == 0);
	EXPECT(windows_ask(*all, 0, WINDOW_COUNT, 0, utc_s) ==
	       windows_ask(other, 0, WINDOW_COUNT, 0, utc_s));
	windows_free(*all);
	*all = other;
}

static void one(uint64_t seed)
{
	static struct model m;
	rng_seed(&rng, seed);
	m = (struct model){ .spec = { .name = "x", .n = 2 + (uint32_t)rng_below(&rng, 300) } };
	if (rng_below(&rng, 2))
		m.spec.span_s = 0.1 + part() * 100;
	struct windows *all = windows_new();
	EXPECT(windows_add(all, &m.spec) == 0);
	const double scale = pow(10, (double)rng_below(&rng, 12) - 4), base = part() * 1e6;
	double utc_s = 1.7e9 + part();
	for (unsigned i = 0; i < STEPS; i++) {
		utc_s += part() * part() * (m.spec.span_s > 0 ? m.spec.span_s / 20 : 1);
		if (rng_below(&rng, 500) == 0)
			utc_s += m.spec.span_s * 2 * part();
		/* Steps, so that samples are often the same. */
		const double x = base + floor((part() - 0.5) * 50) * scale;
		EXPECT(windows_ask(all, 0, WINDOW_PUSH, x, utc_s) == 1);
		model_push(&m, x, utc_s);
		if (i % 7 == 0)
			compare(all, 0, &m, utc_s, seed);
		if (i % 501 == 500)
			carry_over(&all, &m.spec, utc_s, seed);
	}
	compare(all, 0, &m, utc_s + m.spec.span_s * part() * 2, seed);
	windows_free(all);
}

START_TEST(as_a_naive_model)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		one(seed);
}
END_TEST

/* By its definition: each sample weighs a half-life less for the time since. */
static void one_ema(uint64_t seed)
{
	static double x[500], at[500];
	rng_seed(&rng, seed);
	const bool timed = rng_below(&rng, 2);
	struct window_spec spec = { .name = "e", .kind = WINDOW_EMA };
	if (timed)
		spec.span_s = 0.01 + part() * 60;
	else
		spec.n = 1 + (uint32_t)rng_below(&rng, 200);
	struct windows *all = windows_new();
	EXPECT(windows_add(all, &spec) == 0);
	double utc_s = 1.7e9;
	for (unsigned i = 0; i < 500; i++) {
		utc_s += part() * 5;
		x[i] = (part() - 0.5) * 1e4;
		at[i] = utc_s;
		EXPECT(windows_ask(all, 0, WINDOW_PUSH, x[i], utc_s) == 1);
		long double mean = x[0], var = 0;
		for (unsigned k = 1; k <= i; k++) {
			long double keep = timed ? exp2l(-(at[k] - at[k - 1]) / spec.span_s)
						 : 1 - 2.0L / (spec.n + 1);
			long double d = x[k] - mean;
			mean += (1 - keep) * d;
			var = keep * (var + (1 - keep) * d * d);
		}
		EXPECT_MSG(close_to(windows_ask(all, 0, WINDOW_MEAN, 0, utc_s), (double)mean, 1e4),
			   "seed %llu, sample %u", (unsigned long long)seed, i);
		EXPECT(close_to(windows_ask(all, 0, WINDOW_DEV, 0, utc_s), (double)sqrtl(var),
				1e5));
		if (i == 250)
			carry_over(&all, &spec, utc_s, seed);
	}
	windows_free(all);
}

START_TEST(exponential_means)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		one_ema(seed);
}
END_TEST

/* Damage is refused, or is another content; it never reads beyond the end. */
START_TEST(damaged_bytes)
{
	static uint8_t buf[WINDOW_BYTES];
	const struct window_spec spec[] = { { .name = "a", .n = 5 },
					    { .name = "b", .n = 5, .span_s = 5 },
					    { .name = "c", .kind = WINDOW_EMA, .n = 5 } };
	struct windows *all = windows_new();
	size_t len, used;
	for (int i = 0; i < 3; i++) {
		EXPECT(windows_add(all, &spec[i]) == i);
		for (int k = 0; k < 8; k++)
			windows_ask(all, i, WINDOW_PUSH, k * k, 1.7e9 + k);
	}
	EXPECT(windows_save(all, buf, sizeof buf, &len) == 0);
	rng_seed(&rng, 1);
	for (int i = 0; i < 20000; i++) {
		uint8_t *copy = malloc(len);
		memcpy(copy, buf, len);
		for (unsigned k = 0; k <= rng_below(&rng, 3); k++)
			copy[rng_below(&rng, (uint32_t)len)] = (uint8_t)rng_below(&rng, 256);
		const size_t n = rng_below(&rng, 4) ? len : rng_below(&rng, (uint32_t)len);
		if (windows_check(copy, n, &used) == 0 && used)
			windows_restore(all, copy, used);
		free(copy);
	}
	for (int i = 0; i < 3; i++)
		windows_ask(all, i, WINDOW_PUSH, 1, 1.7e9);
	windows_free(all);
}
END_TEST

SUITE("window", as_a_naive_model, exponential_means, damaged_bytes)
