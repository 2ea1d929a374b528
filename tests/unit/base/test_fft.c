/* Proves that the fast transform is the transform: against the direct sum, forth and back, and for a shift found by it. */
#include "core/base/fft.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <math.h>

static double noise(struct rng *r)
{
	return 2 * rng_unit(r) - 1;
}

START_TEST(equals_the_direct_sum)
{
	struct rng r;
	rng_seed(&r, 7);
	for (unsigned log = 1; log <= 7; log++) {
		unsigned n = 1u << log;
		struct fft_point x[128], y[128];
		struct fft f;
		ck_assert_int_eq(fft_open(&f, log), 0);
		for (unsigned i = 0; i < n; i++)
			y[i] = x[i] = (struct fft_point){ noise(&r), noise(&r) };
		fft_run(&f, y, false);
		for (unsigned k = 0; k < n; k++) {
			double re = 0, im = 0;
			for (unsigned i = 0; i < n; i++) {
				double a = -2 * M_PI * (double)(i * k % n) / n;
				re += x[i].re * cos(a) - x[i].im * sin(a);
				im += x[i].re * sin(a) + x[i].im * cos(a);
			}
			EXPECT(fabs(re - y[k].re) < 1e-10 && fabs(im - y[k].im) < 1e-10);
		}
		fft_run(&f, y, true);
		for (unsigned i = 0; i < n; i++)
			EXPECT(fabs(x[i].re - y[i].re) < 1e-12 && fabs(x[i].im - y[i].im) < 1e-12);
		fft_close(&f);
	}
}
END_TEST

START_TEST(large_ones_come_back)
{
	enum { LOG = 16 };
	struct fft_point *x = malloc(sizeof *x << LOG);
	struct rng r;
	struct fft f;
	ck_assert_int_eq(fft_open(&f, LOG), 0);
	rng_seed(&r, 1);
	for (unsigned i = 0; i < 1u << LOG; i++)
		x[i] = (struct fft_point){ noise(&r), 0 };
	fft_run(&f, x, false);
	fft_run(&f, x, true);
	rng_seed(&r, 1);
	for (unsigned i = 0; i < 1u << LOG; i++)
		EXPECT(fabs(x[i].re - noise(&r)) < 1e-11 && fabs(x[i].im) < 1e-11);
	fft_close(&f);
	free(x);
}
END_TEST

START_TEST(sizes_that_cannot_be_are_refused)
{
	struct fft f;
	ck_assert_int_lt(fft_open(&f, 0), 0);
	ck_assert_int_lt(fft_open(&f, FFT_LOG_MAX + 1), 0);
	fft_close(&f);
}
END_TEST

SUITE("fft", equals_the_direct_sum, large_ones_come_back, sizes_that_cannot_be_are_refused)
