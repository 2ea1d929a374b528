#include "core/base/fft.h"
#include "core/base/err.h"
#include <math.h>
#include <stdlib.h>

int fft_open(struct fft *f, unsigned log)
{
	*f = (struct fft){ .log = log };
	if (log < 1 || log > FFT_LOG_MAX)
		return err_set(ERR_RANGE, "a transform of 2^%u points: 2^1 to 2^%d it may be", log,
			       FFT_LOG_MAX);
	size_t half = (size_t)1 << (log - 1);
	f->turn = malloc(half * sizeof *f->turn);
	if (!f->turn)
		return err_set(ERR_NOMEM, "no memory for a transform of 2^%u points", log);
	for (size_t k = 0; k < half; k++) {
		double angle = -M_PI * (double)k / (double)half;
		f->turn[k] = (struct fft_point){ cos(angle), sin(angle) };
	}
	return 0;
}

void fft_close(struct fft *f)
{
	free(f->turn);
	*f = (struct fft){ 0 };
}

/* Every point to the place whose number has its bits in the other order. */
static void reverse_bits(struct fft_point *x, size_t n)
{
	for (size_t i = 1, j = 0; i < n; i++) {
		size_t bit = n >> 1;
		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			struct fft_point t = x[i];
			x[i] = x[j];
			x[j] = t;
		}
	}
}

static void butterflies(const struct fft *f, struct fft_point *x, size_t n, double sign)
{
	for (size_t half = 1; half < n; half *= 2) {
		size_t stride = n / 2 / half;
		for (size_t from = 0; from < n; from += 2 * half)
			for (size_t k = 0; k < half; k++) {
				struct fft_point w = f->turn[k * stride], *a = &x[from + k],
						 *b = a + half;
				w.im *= sign;
				double re = b->re * w.re - b->im * w.im;
				double im = b->re * w.im + b->im * w.re;
				*b = (struct fft_point){ a->re - re, a->im - im };
				*a = (struct fft_point){ a->re + re, a->im + im };
			}
	}
}

void fft_run(const struct fft *f, struct fft_point *x, bool backward)
{
	size_t n = (size_t)1 << f->log;
	reverse_bits(x, n);
	butterflies(f, x, n, backward ? -1 : 1);
	for (size_t i = 0; backward && i < n; i++) {
		x[i].re /= (double)n;
		x[i].im /= (double)n;
	}
}
