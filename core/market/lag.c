#include "core/market/lag.h"
#include "core/base/err.h"
#include "core/market/lag_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS      INT64_C(1000000000)
#define SEGMENTS       16
#define SEGMENT_MOVES  4096 /* enough for a sharp peak; more of a segment is not looked at */
#define SEGMENT_LEAST  64
#define DRIFT_SEGMENTS 4 /* fewer say nothing about a slope */
#define DRIFT_MAX      200e-6
#define MOVES_ASKED    4096
#define CLIP	       4.0 /* times the median move */
#define SCORE_LEAST    8.0 /* the best of 190,000 unrelated shifts stays below 5 */
#define SCORE_RATIO    1.5
#define SHORT_NS       (2 * 3600 * SECOND_NS)

/* ---------------------------------------------------------------- series */

void lag_series_free(struct lag_series *s)
{
	free(s->at_ns);
	free(s->px);
	*s = (struct lag_series){ 0 };
}

/* Of the changes within one grain the last one stays. */
static void thin_out(struct lag_series *s)
{
	size_t n = 0;
	s->grain_ns = s->grain_ns ? 2 * s->grain_ns : 1000000;
	for (size_t i = 0; i < s->n; i++) {
		n -= n && s->at_ns[n - 1] / s->grain_ns == s->at_ns[i] / s->grain_ns;
		s->at_ns[n] = s->at_ns[i];
		s->px[n++] = s->px[i];
	}
	s->n = n;
}

static int make_room(struct lag_series *s)
{
	while (s->n == LAG_POINTS) {
		thin_out(s);
		if (s->n < LAG_POINTS / 4 * 3)
			return 0;
		s->n = s->n < LAG_POINTS ? s->n : LAG_POINTS;
	}
	if (s->n < s->cap)
		return 0;
	size_t cap = s->cap ? 2 * s->cap : 4096;
	int64_t *at_ns = realloc(s->at_ns, cap * sizeof *at_ns);
	if (at_ns)
		s->at_ns = at_ns;
	double *px = realloc(s->px, cap * sizeof *px);
	if (px)
		s->px = px;
	if (!at_ns || !px)
		return err_set(ERR_NOMEM, "no memory for %zu prices", cap);
	s->cap = cap;
	return 0;
}

int lag_series_add(struct lag_series *s, int64_t at_ns, double px)
{
	if (s->n && at_ns < s->at_ns[s->n - 1]) {
		s->backwards++;
		return 0;
	}
	if (s->n && s->px[s->n - 1] == px)
		return 0;
	if (s->n && s->grain_ns && at_ns / s->grain_ns == s->at_ns[s->n - 1] / s->grain_ns) {
		s->px[s->n - 1] = px;
		return 0;
	}
	int rc = s->n == s->cap ? make_room(s) : 0;
	if (rc)
		return rc;
	s->at_ns[s->n] = at_ns;
	s->px[s->n++] = px;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* The median size of a move, by a sample of them. */
static double usual_move(const struct lag_series *s)
{
	double move[MOVES_ASKED];
	size_t n = 0, step = (s->n - 1) / MOVES_ASKED + 1;
	for (size_t i = 1; i < s->n; i += step)
		move[n++] = fabs(s->px[i] - s->px[i - 1]);
	double usual = median(move, n);
	return usual > 0 ? usual : 1; /* thinned out, a price may have come back to itself */
}

/* The path of the series in usual moves, with none larger than CLIP of them: what is correlated, moves and their squares, then is of one size. */
static int make_path(const struct lag_series *s, struct lag_path *p)
{
	*p = (struct lag_path){ .at_ns = s->at_ns, .n = s->n };
	p->px = malloc(s->n * sizeof *p->px);
	if (!p->px)
		return err_set(ERR_NOMEM, "no memory for %zu prices", s->n);
	double usual = usual_move(s);
	p->px[0] = 0;
	for (size_t i = 1; i < s->n; i++)
		p->px[i] =
			p->px[i - 1] + fmax(-CLIP, fmin(CLIP, (s->px[i] - s->px[i - 1]) / usual));
	return 0;
}

/* ---------------------------------------------------------------- the search */

struct segment {
	double at_s, shift_ns, width_ns;
};

/* The k-th of `pieces` equal parts of a's moves from..to: where its peak stands. */
static struct segment look_at(const struct lag_path *a, const struct lag_path *b, size_t from,
			      size_t to, int64_t near_ns, int64_t reach_ns, bool inverse)
{
	if (to - from > SEGMENT_MOVES) {
		from += (to - from - SEGMENT_MOVES) / 2;
		to = from + SEGMENT_MOVES;
	}
	int64_t width, shift = lag_fine(a, from, to, b, near_ns, reach_ns, inverse, &width);
	return (struct segment){ .at_s = (double)(a->at_ns[(from + to) / 2] - a->at_ns[0]) / 1e9,
				 .shift_ns = (double)shift,
				 .width_ns = (double)width };
}

/* The peak's place over a's course, piece by piece: where it stands, and whether it wanders. First at both ends, as far as the
 * largest drift may have taken it; what lies between need not be looked for any further than these two are apart. */
static size_t look_closely(const struct lag_path *a, const struct lag_path *b,
			   const struct lag_peak *peak, int64_t bin_ns,
			   struct segment seg[SEGMENTS])
{
	/* Only where both are: a's stamps that have partners in b. */
	size_t from = 0, to = a->n;
	bool inverse = peak->value < 0;
	while (from < to && a->at_ns[from] + peak->shift_ns < b->at_ns[0])
		from++;
	while (to > from && a->at_ns[to - 1] + peak->shift_ns > b->at_ns[b->n - 1])
		to--;
	if (to - from < SEGMENT_LEAST)
		return 0;
	size_t moves = to - from, n = moves / (4 * SEGMENT_LEAST);
	n = n < 1 ? 1 : n > SEGMENTS ? SEGMENTS : n;
	double span_ns = (double)(a->at_ns[to - 1] - a->at_ns[from]);
	int64_t reach = 3 * bin_ns / 2 + (int64_t)(1.1 * DRIFT_MAX * span_ns);
	seg[0] = look_at(a, b, from, from + moves / n, peak->shift_ns, reach, inverse);
	seg[n - 1] = look_at(a, b, to - moves / n, to, peak->shift_ns, reach, inverse);
	double apart = seg[n - 1].shift_ns - seg[0].shift_ns;
	int64_t middle = (int64_t)(seg[0].shift_ns + apart / 2);
	reach = 3 * SECOND_NS / 2 + (int64_t)fabs(apart);
	for (size_t k = 1; k + 1 < n; k++)
		seg[k] = look_at(a, b, from + moves * k / n, from + moves * (k + 1) / n, middle,
				 reach, inverse);
	return n;
}

/* Median of the slopes of all pairs: a third of the pieces may be wrong. ns a second are ppb. */
static double slope_of(const struct segment *seg, size_t n)
{
	double slope[SEGMENTS * SEGMENTS];
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (seg[j].at_s > seg[i].at_s)
				slope[k++] = (seg[j].shift_ns - seg[i].shift_ns) /
					     (seg[j].at_s - seg[i].at_s);
	return k ? median(slope, k) : 0;
}

static void join(const struct segment *seg, size_t n, struct lag_estimate *e)
{
	double rest[SEGMENTS], width[SEGMENTS], away[SEGMENTS], mid_s = 0;
	for (size_t k = 0; k < n; k++)
		mid_s += seg[k].at_s / (double)n;
	double slope = n >= DRIFT_SEGMENTS ? slope_of(seg, n) : 0;
	for (size_t k = 0; k < n; k++) {
		rest[k] = seg[k].shift_ns - slope * (seg[k].at_s - mid_s);
		width[k] = seg[k].width_ns;
	}
	double offset, spread, span_s = seg[n - 1].at_s - seg[0].at_s;
	memcpy(away, rest, sizeof rest);
	offset = median(away, n);
	for (size_t k = 0; k < n; k++)
		away[k] = fabs(rest[k] - offset);
	spread = median(away, n);
	e->offset_ns = (int64_t)llround(offset);
	e->at_ns = (int64_t)(mid_s * 1e9); /* after the reference's first */
	e->bound_ns = (int64_t)(median(width, n) / 2 + 3 * spread) + 1;
	e->drift_known = n >= DRIFT_SEGMENTS && span_s > 0;
	if (!e->drift_known)
		return;
	/* A slope within what the pieces scatter is none. */
	double bound = 6 * spread / span_s + 1;
	e->drift_bound_ppb = (int64_t)bound;
	e->drift_ppb = fabs(slope) > bound ? (int64_t)llround(slope) : 0;
}

static bool plain(const struct lag_peak *p)
{
	return p->score >= SCORE_LEAST && p->score >= SCORE_RATIO * p->second;
}

/* The grid's step first suits the span; then a finer one, for what is short and dense, or a wider one, for what is quoted seldom. */
static int coarse(const struct lag_path *a, const struct lag_path *b, struct lag_peak *peak,
		  int64_t *bin_ns)
{
	int64_t span_ns = a->at_ns[a->n - 1] - a->at_ns[0];
	*bin_ns = SECOND_NS;
	while (*bin_ns < 4 * SECOND_NS && span_ns / *bin_ns > LAG_RANGE_NS / SECOND_NS)
		*bin_ns *= 2;
	int rc = lag_coarse(a, b, *bin_ns, peak);
	if (rc || plain(peak))
		return rc;
	*bin_ns = span_ns < SHORT_NS ? SECOND_NS / 10 : 30 * SECOND_NS;
	return lag_coarse(a, b, *bin_ns, peak);
}

static int search(const struct lag_path *a, const struct lag_path *b, struct lag_estimate *e)
{
	struct lag_peak peak;
	struct segment seg[SEGMENTS];
	int64_t bin_ns;
	int rc = coarse(a, b, &peak, &bin_ns);
	if (rc)
		return rc;
	e->score = peak.score;
	e->second = peak.second;
	e->inverse = peak.value < 0;
	e->why = "at no shift do the prices agree clearly better than by chance";
	if (!plain(&peak))
		return 0;
	size_t n = look_closely(a, b, &peak, bin_ns, seg);
	e->why = "too few moves of the one fall into the time of the other";
	if (!n)
		return 0;
	e->found = true;
	e->why = NULL;
	join(seg, n, e);
	e->at_ns += a->at_ns[0];
	return 0;
}

int lag_find(const struct lag_series *reference, const struct lag_series *other,
	     struct lag_estimate *out)
{
	*out = (struct lag_estimate){ .why = "too few moves of the prices" };
	if (reference->n < SEGMENT_LEAST || other->n < SEGMENT_LEAST)
		return 0;
	struct lag_path a, b = { 0 };
	int rc = make_path(reference, &a);
	if (rc == 0)
		rc = make_path(other, &b);
	if (rc == 0)
		rc = search(&a, &b, out);
	free(a.px);
	free(b.px);
	return rc;
}
