/* window_ema - exponential mean and deviation, by count or by half-life. */
#include "lua/window_parts.h"
#include <math.h>

/* 2^-y for y >= 0, of additions and products alone, so that it has the same bits everywhere: whole halvings, and a series for the rest. */
static double halved(double y)
{
	if (!(y < 1000))
		return 0;
	const double whole = floor(y), t = (whole - y) * 0.69314718055994531;
	double sum = 1, term = 1;
	for (int k = 1; k <= 18; k++) {
		term *= t / k;
		sum += term;
	}
	return ldexp(sum, -(int)whole);
}

/* How much of the mean stays. Our clock may be set back: then no time has passed. */
static double kept(const struct window *w, double utc_s)
{
	if (w->spec.span_s <= 0)
		return 1 - 2 / (w->spec.n + 1.0);
	const double dt = utc_s - w->ema.last_s;
	return halved(dt > 0 ? dt / w->spec.span_s : 0);
}

void window_ema_push(struct window *w, double x, double utc_s)
{
	struct window_ema *e = &w->ema;
	if (e->n == 0) {
		*e = (struct window_ema){ .mean = x, .first_s = utc_s };
	} else {
		const double keep = kept(w, utc_s), d = x - e->mean, step = (1 - keep) * d;
		e->mean += step;
		e->var = keep * (e->var + d * step);
	}
	e->last = x;
	e->last_s = utc_s > e->last_s ? utc_s : e->last_s;
	e->n++;
}
