/* The first step: both paths as moves a bin, correlated at all shifts at once through their transforms. */
#include "core/base/err.h"
#include "core/base/fft.h"
#include "core/market/lag_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PEAK_BINS \
	150 /* what lies nearer to the peak belongs to it: two clocks that drift smear it */

struct grid {
	struct fft fft;
	size_t n, reach, chunk; /* points, bins of the greatest shift, bins of `a` at a time */
	int64_t bin_ns;
	struct fft_point *move, *square, *sum;
};

static int64_t bins_of(int64_t span_ns, int64_t bin_ns)
{
	return span_ns / bin_ns + 1;
}

static void grid_close(struct grid *g)
{
	fft_close(&g->fft);
	free(g->move);
	free(g->square);
	free(g->sum);
}

static int grid_open(struct grid *g, int64_t span_ns, int64_t bin_ns)
{
	*g = (struct grid){ .bin_ns = bin_ns, .reach = (size_t)(LAG_RANGE_NS / bin_ns) };
	size_t want = (size_t)bins_of(span_ns, bin_ns) + 2 * g->reach + 1;
	unsigned log = 1;
	/* A long series is taken in pieces; each is at least as long as the range of shifts. */
	while ((size_t)1 << log < want && (size_t)1 << log < 4 * g->reach)
		log++;
	g->n = (size_t)1 << log;
	g->chunk = g->n - 2 * g->reach - 1;
	int rc = fft_open(&g->fft, log);
	if (rc)
		return rc;
	g->move = malloc(g->n * sizeof *g->move);
	g->square = malloc(g->n * sizeof *g->square);
	g->sum = calloc(g->n, sizeof *g->sum);
	if (g->move && g->square && g->sum)
		return 0;
	grid_close(g);
	return err_set(ERR_NOMEM, "no memory to correlate prices over %zu steps", g->n);
}

/* The moves of a path by bin from from_ns on, into the real or the imaginary part of x. */
static void put_moves(const struct grid *g, const struct lag_path *p, int64_t from_ns, size_t bins,
		      bool imaginary, struct fft_point *x)
{
	size_t lo = 0, hi = p->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (p->at_ns[mid] < from_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (size_t i = lo ? lo : 1; i < p->n; i++) {
		int64_t bin = (p->at_ns[i] - from_ns) / g->bin_ns;
		if (bin < 0)
			continue;
		if ((size_t)bin >= bins)
			break;
		double move = p->px[i] - p->px[i - 1];
		*(imaginary ? &x[bin].im : &x[bin].re) += move;
	}
}

/* The spectra of the two real series that x holds as one complex: the product of one, conjugated, with the other. */
static struct fft_point cross(const struct fft_point *x, size_t k, size_t n)
{
	struct fft_point z = x[k], m = x[(n - k) & (n - 1)];
	double are = (z.re + m.re) / 2, aim = (z.im - m.im) / 2;
	double bre = (z.im + m.im) / 2, bim = (m.re - z.re) / 2;
	return (struct fft_point){ are * bre + aim * bim, are * bim - aim * bre };
}

static void add_chunk(struct grid *g, const struct lag_path *a, const struct lag_path *b,
		      int64_t from_ns)
{
	memset(g->move, 0, g->n * sizeof *g->move);
	put_moves(g, a, from_ns, g->chunk, false, g->move);
	put_moves(g, b, from_ns - (int64_t)g->reach * g->bin_ns, g->n, true, g->move);
	for (size_t i = 0; i < g->n; i++)
		g->square[i] = (struct fft_point){ g->move[i].re * g->move[i].re,
						   g->move[i].im * g->move[i].im };
	fft_run(&g->fft, g->move, false);
	fft_run(&g->fft, g->square, false);
	for (size_t k = 0; k < g->n; k++) {
		struct fft_point c = cross(g->move, k, g->n), v = cross(g->square, k, g->n);
		g->sum[k].re += c.re - v.im;
		g->sum[k].im += c.im + v.re;
	}
}

/* The real part is the covariance at a shift, the imaginary one its variance were the two unrelated. */
static double score_at(const struct grid *g, size_t m, double least)
{
	return g->sum[m].im > least ? g->sum[m].re / sqrt(g->sum[m].im) : 0;
}

static void find_peak(const struct grid *g, struct lag_peak *out)
{
	size_t shifts = 2 * g->reach + 1, best = g->reach;
	double least = 0;
	for (size_t m = 0; m < shifts; m++)
		least = fmax(least, g->sum[m].im);
	least *= 1e-9;
	for (size_t m = 0; m < shifts; m++)
		if (fabs(score_at(g, m, least)) > fabs(score_at(g, best, least)))
			best = m;
	*out = (struct lag_peak){ .shift_ns = ((int64_t)best - (int64_t)g->reach) * g->bin_ns,
				  .value = g->sum[best].re,
				  .score = fabs(score_at(g, best, least)) };
	for (size_t m = 0; m < shifts; m++)
		if (m + PEAK_BINS < best || m > best + PEAK_BINS)
			out->second = fmax(out->second, fabs(score_at(g, m, least)));
}

int lag_coarse(const struct lag_path *a, const struct lag_path *b, int64_t bin_ns,
	       struct lag_peak *out)
{
	struct grid g;
	int64_t first = a->at_ns[0], last = a->at_ns[a->n - 1];
	int rc = grid_open(&g, last - first, bin_ns);
	if (rc)
		return rc;
	for (int64_t from = first; from <= last; from += (int64_t)g.chunk * bin_ns)
		add_chunk(&g, a, b, from);
	fft_run(&g.fft, g.sum, true);
	find_peak(&g, out);
	grid_close(&g);
	return 0;
}
