/* tsync_drift - how fast the venue's clock gains on ours, as an interval that follows from two intervals of the offset and the time between them.
 *
 * Two moments T apart, at which the offset lay in [a, b] and [c, d], prove a mean drift between (c - b) / T and (d - a) / T. The drift
 * of now may differ from that mean by what it wandered meanwhile. All baselines that are kept must agree; if they do
 * not, the drift has changed and only the configured limit holds. A drift may also jump, which no past can exclude: the wary
 * rates allow for a jump of half the configured limit at any moment, and for any at all, for about an hour, once the
 * rates were proven wrong. Where no interval is closed, the guess is the edge of
 * the envelope's upper hull that spans the middle of the time. */
#include "core/market/tsync_part.h"

#define HULL_SPAN_NS (60 * TSYNC_S)

/* How far the drift at the end may lie from the mean over the span. */
static int64_t wander_rate(enum tsync_wander w, int64_t span_ns)
{
	return (int64_t)(((__int128)tsync_stray(w, span_ns) << 32) / span_ns);
}

/* Beyond any drift it saturates. */
static int64_t slope(int64_t rise_ns, int64_t span_ns)
{
	__int128 q = (__int128)rise_ns * ((__int128)1 << 32) / span_ns, most = (__int128)1 << 40;
	return (int64_t)(q > most ? most : q < -most ? -most : q);
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* After every change of the rates. */
static void be_wary(struct tsync_drift *d)
{
	int64_t max = d->rate.max, jump = d->trust < TSYNC_TRUST ? 2 * max : max / 2;
	d->wary = d->rate;
	d->wary.lo = clamp(d->rate.lo - jump, -max, max);
	d->wary.hi = clamp(d->rate.hi + jump, -max, max);
}

void tsync_drift_reset(struct tsync_drift *d, int64_t max_rate)
{
	*d = (struct tsync_drift){ .len_ns = TSYNC_EPOCH_MIN, .from_ns = TSYNC_NONE_LO };
	d->top.c_ns = TSYNC_NONE_LO;
	d->trust = TSYNC_TRUST;
	d->rate = (struct tsync_rate){ -max_rate, max_rate, 0, max_rate, TSYNC_RESTLESS };
	be_wary(d);
}

void tsync_drift_forget(struct tsync_drift *d)
{
	d->n = 0;
	d->len_ns = TSYNC_EPOCH_MIN;
	d->calm = 0;
	d->trust = 0;
	d->rate.lo = -d->rate.max;
	d->rate.hi = d->rate.max;
	d->rate.guess = 0;
	d->rate.wander = TSYNC_RESTLESS;
	be_wary(d);
	d->top.c_ns = TSYNC_NONE_LO;
}

void tsync_drift_offer(struct tsync_drift *d, struct tsync_point p)
{
	if (d->top.c_ns == TSYNC_NONE_LO || p.c_ns > tsync_tilt(&d->rate, d->top, p.t_ns))
		d->top = p;
}

/* Of two neighbours, what says more of each. */
static struct tsync_epoch merge(const struct tsync_rate *r, const struct tsync_epoch *a,
				const struct tsync_epoch *b)
{
	bool a_closed = a->lo_ns != TSYNC_NONE_LO && a->hi_ns != TSYNC_NONE_HI;
	bool b_closed = b->lo_ns != TSYNC_NONE_LO && b->hi_ns != TSYNC_NONE_HI;
	bool first = a_closed && (!b_closed || a->hi_ns - a->lo_ns < b->hi_ns - b->lo_ns);
	struct tsync_epoch out = first ? *a : *b;
	if (a->top.c_ns == TSYNC_NONE_LO)
		out.top = b->top;
	else if (b->top.c_ns == TSYNC_NONE_LO)
		out.top = a->top;
	else
		out.top = tsync_tilt(r, a->top, b->top.t_ns) > b->top.c_ns ? a->top : b->top;
	return out;
}

static void make_room(struct tsync_drift *d)
{
	if (d->len_ns < TSYNC_EPOCH_MAX) {
		for (uint32_t i = 0; i < TSYNC_EPOCHS / 2; i++)
			d->e[i] = merge(&d->rate, &d->e[2 * i], &d->e[2 * i + 1]);
		d->n = TSYNC_EPOCHS / 2;
		d->len_ns *= 2;
		return;
	}
	for (uint32_t i = 1; i < d->n; i++)
		d->e[i - 1] = d->e[i];
	d->n--;
}

/* The rates that all baselines ending now agree on, but for one on either side: a wrong interval must not mislead for
 * long. False: there are none. */
static bool intersect(const struct tsync_drift *d, enum tsync_wander w, int64_t *lo, int64_t *hi)
{
	const struct tsync_epoch *last = &d->e[d->n - 1];
	int64_t first_lo = -d->rate.max, first_hi = d->rate.max;
	*lo = first_lo;
	*hi = first_hi;
	for (uint32_t i = 0; i < d->n; i++) {
		const struct tsync_epoch *e = &d->e[i];
		int64_t span = last->at_ns - e->at_ns;
		if (span <= 0 || e->lo_ns == TSYNC_NONE_LO || e->hi_ns == TSYNC_NONE_HI)
			continue;
		int64_t spare = wander_rate(w, span) + TSYNC_RATE_MARGIN;
		int64_t least = slope(last->lo_ns - e->hi_ns, span) - spare;
		int64_t most = slope(last->hi_ns - e->lo_ns, span) + spare;
		*lo = least > first_lo ? first_lo : least > *lo ? least : *lo;
		*hi = most < first_hi ? first_hi : most < *hi ? most : *hi;
		first_lo = least > first_lo ? least : first_lo;
		first_hi = most < first_hi ? most : first_hi;
	}
	return *lo <= *hi;
}

static int64_t middle(const struct tsync_epoch *e)
{
	return e->lo_ns + (e->hi_ns - e->lo_ns) / 2;
}

/* By the middles of the oldest and the newest interval. False: fewer than two are closed. */
static bool guess_closed(const struct tsync_drift *d, const struct tsync_epoch *last, int64_t *out)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct tsync_epoch *e = &d->e[i];
		if (e->lo_ns == TSYNC_NONE_LO || e->hi_ns == TSYNC_NONE_HI ||
		    last->at_ns <= e->at_ns)
			continue;
		*out = slope(middle(last) - middle(e), last->at_ns - e->at_ns);
		return true;
	}
	return false;
}

/* Does b lie on or under the line from a to c? */
static bool under(struct tsync_point a, struct tsync_point b, struct tsync_point c)
{
	return (__int128)(b.c_ns - a.c_ns) * (c.t_ns - a.t_ns) <=
	       (__int128)(c.c_ns - a.c_ns) * (b.t_ns - a.t_ns);
}

/* The line above all points that is nearest to them as a whole is the hull's edge over the mean of their times. */
static bool guess_hull(const struct tsync_drift *d, int64_t *out)
{
	struct tsync_point hull[TSYNC_EPOCHS];
	uint32_t n = 0, points = 0;
	__int128 sum = 0;
	for (uint32_t i = 0; i < d->n; i++) {
		struct tsync_point p = d->e[i].top;
		if (p.c_ns == TSYNC_NONE_LO || (n && p.t_ns <= hull[n - 1].t_ns))
			continue;
		while (n >= 2 && under(hull[n - 2], hull[n - 1], p))
			n--;
		hull[n++] = p;
		sum += p.t_ns;
		points++;
	}
	/* Over less time the least delay of each moment differs by more than any drift would. */
	if (points < 4 || hull[n - 1].t_ns - hull[0].t_ns < HULL_SPAN_NS)
		return false;
	int64_t mean = (int64_t)(sum / points);
	uint32_t right = 1;
	while (right < n - 1 && hull[right].t_ns < mean)
		right++;
	struct tsync_point a = hull[right - 1], b = hull[right];
	*out = slope(b.c_ns - a.c_ns, b.t_ns - a.t_ns);
	return true;
}

/* Would a restless drift have shown by now? That a slow one explains everything proves nothing where anything would. */
static bool sharp(const struct tsync_drift *d)
{
	const struct tsync_epoch *last = &d->e[d->n - 1];
	int64_t span = last->at_ns - d->e[0].at_ns;
	span = span < TSYNC_SHARP_SPAN ? span : TSYNC_SHARP_SPAN;
	return last->hi_ns - last->lo_ns <= tsync_stray(TSYNC_RESTLESS, span);
}

/* By the slow wander once it has explained everything for a while. False: nothing explains what was seen. */
static bool find_limits(struct tsync_drift *d, int64_t *lo, int64_t *hi)
{
	bool slow = intersect(d, TSYNC_SLOW, lo, hi);
	d->calm = !slow ? 0 : d->calm < TSYNC_CALM && sharp(d) ? d->calm + 1 : d->calm;
	d->rate.wander = d->calm >= TSYNC_CALM ? TSYNC_SLOW : TSYNC_RESTLESS;
	return d->rate.wander == TSYNC_SLOW || intersect(d, TSYNC_RESTLESS, lo, hi);
}

/* Called with the newest epoch at the end of the ring. */
static void find_rates(struct tsync_drift *d)
{
	const struct tsync_epoch *last = &d->e[d->n - 1];
	bool closed = last->lo_ns != TSYNC_NONE_LO && last->hi_ns != TSYNC_NONE_HI;
	int64_t lo = -d->rate.max, hi = d->rate.max, guess;
	d->trust += d->trust < TSYNC_TRUST;
	if (closed && !find_limits(d, &lo, &hi)) {
		d->e[0] = *last;
		tsync_drift_forget(d);
		d->n = 1;
		return;
	}
	d->rate.lo = lo;
	d->rate.hi = hi;
	if (guess_hull(d, &guess) || (closed && guess_closed(d, last, &guess)))
		d->rate.guess = guess;
	d->rate.guess = clamp(d->rate.guess, lo, hi);
	be_wary(d);
}

bool tsync_drift_see(struct tsync_drift *d, int64_t at_ns, int64_t lo_ns, int64_t hi_ns)
{
	if (d->from_ns == TSYNC_NONE_LO)
		d->from_ns = at_ns;
	if (at_ns - d->from_ns < d->len_ns)
		return false;
	if (d->n == TSYNC_EPOCHS)
		make_room(d);
	d->e[d->n++] = (struct tsync_epoch){ at_ns, lo_ns, hi_ns, d->top };
	d->from_ns = at_ns;
	d->top.c_ns = TSYNC_NONE_LO;
	find_rates(d);
	return true;
}
