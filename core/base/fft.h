/* fft - the discrete Fourier transform of a power of two of complex numbers, for correlations of long series.
 *
 * Plain radix 2, in place, doubles: cold path, reports only. A plan is read-only once made and
 * serves any number of transforms of its size, from any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FFT_LOG_MAX 24 /* 16 M points: 256 MB of data */

struct fft_point {
	double re, im;
};

struct fft {
	unsigned log;		/* of the number of points */
	struct fft_point *turn; /* half as many: exp(-2 pi i k / n) */
};

int fft_open(struct fft *f, unsigned log); /* 1 .. FFT_LOG_MAX; -ERR_RANGE, -ERR_NOMEM */
void fft_close(struct fft *f);
/* x[1 << log]. Backward is the inverse: both in turn give x again. */
void fft_run(const struct fft *f, struct fft_point *x, bool backward);
