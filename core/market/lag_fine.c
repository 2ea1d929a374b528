/* The second step: on the times of the moves themselves, no grid. */
#include "core/market/lag_parts.h"
#include <math.h>

#define STEP_LEAST_NS 500000 /* half a millisecond */
#define STEP_MOST_NS  500000000
#define STEPS_A_SIDE  24
#define SOME_MOVES    1536

/* First index whose time is after t. */
static size_t after(const struct lag_path *p, int64_t t)
{
	size_t lo = 0, hi = p->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (p->at_ns[mid] <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

double lag_covariance(const struct lag_path *a, size_t from, size_t to, const struct lag_path *b,
		      int64_t shift_ns)
{
	double sum = 0;
	if (from == 0)
		from = 1;
	if (from >= to || b->n < 2)
		return 0;
	/* begun: the last of b at or before the start of a's move; done: the first at or after its end. */
	size_t begun = after(b, a->at_ns[from - 1] + shift_ns), done = begun;
	begun -= begun > 0;
	for (size_t i = from; i < to; i++) {
		int64_t start = a->at_ns[i - 1] + shift_ns, end = a->at_ns[i] + shift_ns;
		while (begun + 1 < b->n && b->at_ns[begun + 1] <= start)
			begun++;
		while (done + 1 < b->n && b->at_ns[done] < end)
			done++;
		if (b->at_ns[begun] >= end || done < begun)
			continue; /* b has not begun yet */
		sum += (a->px[i] - a->px[i - 1]) * (b->px[done] - b->px[begun]);
	}
	return sum;
}

/* Where the height falls to half on one side of the top. */
static int64_t half_width(const struct lag_path *a, size_t from, size_t to,
			  const struct lag_path *b, int64_t top_ns, double half, int64_t direction,
			  int64_t reach_ns, double sign)
{
	int64_t lo = 0, hi = STEP_LEAST_NS;
	while (hi < reach_ns &&
	       sign * lag_covariance(a, from, to, b, top_ns + direction * hi) > half) {
		lo = hi;
		hi *= 2;
	}
	while (hi - lo > STEP_LEAST_NS) {
		int64_t mid = (lo + hi) / 2;
		if (sign * lag_covariance(a, from, to, b, top_ns + direction * mid) > half)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

/* The best of the shifts around one. */
static int64_t best_near(const struct lag_path *a, size_t from, size_t to, const struct lag_path *b,
			 int64_t middle_ns, int64_t step_ns, int sides, double sign, double *top)
{
	int64_t at = middle_ns;
	*top = -INFINITY;
	for (int k = -sides; k <= sides; k++) {
		double c = sign * lag_covariance(a, from, to, b, middle_ns + k * step_ns);
		if (c > *top) {
			*top = c;
			at = middle_ns + k * step_ns;
		}
	}
	return at;
}

int64_t lag_fine(const struct lag_path *a, size_t from, size_t to, const struct lag_path *b,
		 int64_t shift_ns, int64_t reach_ns, bool inverse, int64_t *width_ns)
{
	double sign = inverse ? -1 : 1, top;
	int64_t at = shift_ns, step = reach_ns / STEPS_A_SIDE;
	if (step > STEP_MOST_NS)
		step = STEP_MOST_NS;
	/* Far and wide a part of the moves is enough. */
	size_t some = to - from > SOME_MOVES ? from + SOME_MOVES : to;
	at = best_near(a, from, some, b, at, step, (int)(reach_ns / step), sign, &top);
	do {
		step = step / 8 > STEP_LEAST_NS ? step / 8 : STEP_LEAST_NS;
		at = best_near(a, from, to, b, at, step, 8, sign, &top);
	} while (step > STEP_LEAST_NS);
	*width_ns = half_width(a, from, to, b, at, top / 2, 1, 4 * reach_ns, sign) +
		    half_width(a, from, to, b, at, top / 2, -1, 4 * reach_ns, sign);
	return at;
}
