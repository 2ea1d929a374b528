/* tsync_pairs - requests and answers: each bounds the offset on both sides, whatever the delays, and the narrowest of a window are kept.
 *
 * The window is a ring of blocks by count and by time; of each block the two best lower and upper bounds stay. A bound is
 * a proof for ever, but for a step of the clock. A step that is larger than the interval shows as a
 * contradiction. A smaller one moves both sides, and the side that becomes narrower shows it: when it leaps, and a second pair
 * agrees, the other side's past is forgotten. If it was a route that became faster, that costs width for a while and no truth. */
#include "core/market/tsync_part.h"

static struct tsync_pair_block *block_now(struct tsync_pairs *p)
{
	return &p->b[p->head];
}

static void block_open(struct tsync_pairs *p, int64_t now_ns)
{
	if (p->n)
		p->head = (p->head + 1) % TSYNC_PAIR_BLOCKS;
	if (p->n < TSYNC_PAIR_BLOCKS)
		p->n++;
	struct tsync_point no_lo = { now_ns, TSYNC_NONE_LO }, no_hi = { now_ns, TSYNC_NONE_HI };
	*block_now(p) = (struct tsync_pair_block){ .lo = { no_lo, no_lo },
						   .hi = { no_hi, no_hi },
						   .from_ns = now_ns };
}

static int64_t lo_at(const struct tsync_rate *r, struct tsync_point p, int64_t at_ns)
{
	return p.c_ns == TSYNC_NONE_LO ? p.c_ns : p.c_ns + tsync_least(r, at_ns - p.t_ns);
}

static int64_t hi_at(const struct tsync_rate *r, struct tsync_point p, int64_t at_ns)
{
	return p.c_ns == TSYNC_NONE_HI ? p.c_ns : p.c_ns + tsync_most(r, at_ns - p.t_ns);
}

/* The best two of all. */
struct two {
	int64_t lo[2], hi[2];
};

static void take(struct two *w, int64_t lo, int64_t hi)
{
	if (lo > w->lo[0]) {
		w->lo[1] = w->lo[0];
		w->lo[0] = lo;
	} else if (lo > w->lo[1]) {
		w->lo[1] = lo;
	}
	if (hi < w->hi[0]) {
		w->hi[1] = w->hi[0];
		w->hi[0] = hi;
	} else if (hi < w->hi[1]) {
		w->hi[1] = hi;
	}
}

/* What the blocks say, the newest left out or not. Of coarse stamps the second best counts, once there is one. */
static struct tsync_span window(const struct tsync_source *s, const struct tsync_rate *r,
				int64_t at_ns, bool but_newest)
{
	const struct tsync_pairs *p = &s->pairs;
	struct two w = { { TSYNC_NONE_LO, TSYNC_NONE_LO }, { TSYNC_NONE_HI, TSYNC_NONE_HI } };
	for (uint32_t i = 0; i < p->n; i++) {
		if (but_newest && i == p->head)
			continue;
		for (int k = 0; k < 2; k++)
			take(&w, lo_at(r, p->b[i].lo[k], at_ns), hi_at(r, p->b[i].hi[k], at_ns));
	}
	bool coarse = s->grain.now_ns >= TSYNC_COARSE;
	bool second_lo = coarse && w.lo[1] != TSYNC_NONE_LO;
	bool second_hi = coarse && w.hi[1] != TSYNC_NONE_HI;
	struct tsync_span out = { at_ns, w.lo[second_lo], w.hi[second_hi], 0, false };
	out.known = out.lo_ns != TSYNC_NONE_LO && out.hi_ns != TSYNC_NONE_HI;
	return out;
}

/* The middle of the shortest recent trip, where what the clocks may have parted since counts an eighth. Where single trips
 * bound the offset much worse than all together, as coarse stamps do, half way between the bounds. */
static int64_t guess(const struct tsync_pairs *p, const struct tsync_rate *r,
		     const struct tsync_span *s)
{
	int64_t width = s->hi_ns - s->lo_ns, least = width > INT64_MAX / 2 ? width : width * 2;
	int64_t g = s->lo_ns + width / 2;
	for (int i = 0; i < 2; i++) {
		const struct tsync_trip *b = &p->trip[i];
		int64_t age = s->at_ns - b->mid.t_ns;
		int64_t parted = (tsync_most(r, age) - tsync_least(r, age)) / 8;
		if (!b->n || b->trip_ns > least - parted)
			continue;
		least = b->trip_ns + parted;
		g = tsync_tilt(r, b->mid, s->at_ns);
	}
	return g < s->lo_ns ? s->lo_ns : g > s->hi_ns ? s->hi_ns : g;
}

static void keep_trip(struct tsync_pairs *p, struct tsync_point lo, int64_t trip_ns)
{
	struct tsync_trip *b = &p->trip[0];
	if (b->n >= TSYNC_TRIPS || (b->n && lo.t_ns - b->from_ns >= TSYNC_TRIPS_SPAN)) {
		p->trip[1] = *b;
		b->n = 0;
	}
	if (!b->n)
		b->from_ns = lo.t_ns;
	if (!b->n || trip_ns < b->trip_ns) {
		b->trip_ns = trip_ns;
		b->mid = (struct tsync_point){ lo.t_ns, lo.c_ns + trip_ns / 2 };
	}
	b->n++;
}

void tsync_pairs_span(const struct tsync *t, struct tsync_source *s, int64_t at_ns)
{
	const struct tsync_rate *r = &t->drift.wary;
	s->span = window(s, r, at_ns, false);
	if (!s->span.known)
		return;
	tsync_uncross(&s->span);
	s->span.guess_ns = guess(&s->pairs, r, &s->span);
}

/* Into the best two, the best first, as they are carried: an older one has to be better than a newer by what that costs. */
static void put(const struct tsync_rate *r, struct tsync_point best[2], struct tsync_point p,
		bool least)
{
	int64_t none = least ? TSYNC_NONE_HI : TSYNC_NONE_LO;
	for (int k = 0; k < 2; k++) {
		int64_t was = least ? hi_at(r, best[k], p.t_ns) : lo_at(r, best[k], p.t_ns);
		if (was != none && (least ? p.c_ns > was : p.c_ns < was))
			continue;
		if (best[k].t_ns == p.t_ns && best[k].c_ns == p.c_ns)
			return; /* the same answer again */
		if (k == 0)
			best[1] = best[0];
		best[k] = p;
		return;
	}
}

static void keep(const struct tsync_rate *r, struct tsync_pairs *p, struct tsync_point lo,
		 struct tsync_point hi)
{
	struct tsync_pair_block *b = block_now(p);
	if (!p->n || (b->n >= TSYNC_PAIR_BLOCK && lo.t_ns - b->from_ns >= TSYNC_PAIR_SPAN)) {
		block_open(p, lo.t_ns);
		b = block_now(p);
	}
	b->n++;
	put(r, b->lo, lo, false);
	put(r, b->hi, hi, true);
	keep_trip(p, lo, hi.c_ns - lo.c_ns);
}

static void forget(struct tsync_pairs *p, bool lo)
{
	for (uint32_t i = 0; i < p->n; i++)
		for (int k = 0; k < 2; k++)
			if (lo)
				p->b[i].lo[k].c_ns = TSYNC_NONE_LO;
			else
				p->b[i].hi[k].c_ns = TSYNC_NONE_HI;
}

/* A leap: two of the newest block lie three eighths of the width beyond all that was. */
static void forget_leapt(struct tsync_source *s, const struct tsync_rate *r, struct tsync_point lo,
			 struct tsync_point hi)
{
	struct tsync_pairs *p = &s->pairs;
	struct tsync_span was = window(s, r, lo.t_ns, true);
	if (!was.known)
		return;
	const struct tsync_pair_block *b = block_now(p);
	int64_t leap = (was.hi_ns - was.lo_ns) / 8 * 3;
	int64_t lo_now = lo_at(r, b->lo[1], lo.t_ns), hi_now = hi_at(r, b->hi[1], lo.t_ns);
	bool up = lo_now > was.lo_ns + leap, down = hi_now < was.hi_ns - leap;
	if (up)
		forget(p, false);
	if (down)
		forget(p, true);
	if (up)
		put(r, block_now(p)->hi, hi, true);
	if (down)
		put(r, block_now(p)->lo, lo, false);
}

/* Do the doubtful pair and this one allow an offset in common? */
static bool shared(const struct tsync_doubt *d, const struct tsync_rate *r, struct tsync_point lo,
		   int64_t hi_now)
{
	int64_t age = lo.t_ns - d->p.t_ns, wide = tsync_over(age > 0 ? age : -age, r->max) + 1;
	return lo.c_ns <= d->hi_ns + wide && hi_now >= d->lo_ns - wide;
}

/* A pair that contradicts its own source: another that agrees with it makes it a step. */
static enum tsync_fate doubt(struct tsync *t, struct tsync_source *s, struct tsync_point lo,
			     struct tsync_point hi, int64_t hi_now)
{
	struct tsync_doubt *d = &s->doubt;
	const struct tsync_rate *r = &t->drift.rate;
	bool again = d->n && d->p.t_ns == lo.t_ns && d->p.c_ns == lo.c_ns;
	if (again)
		return TSYNC_REFUSED;
	d->n = d->n && shared(d, r, lo, hi_now) ? d->n + 1 : 1;
	d->p = lo;
	d->lo_ns = lo.c_ns;
	d->hi_ns = hi_now;
	if (d->n < TSYNC_CONFIRM_PAIRS)
		return TSYNC_REFUSED;
	tsync_restart(t, s, true);
	keep(r, &s->pairs, lo, hi);
	tsync_pairs_span(t, s, lo.t_ns);
	return TSYNC_NEWS;
}

static bool apart(const struct tsync_span *known, struct tsync_point lo, int64_t hi_now)
{
	return known->known && (lo.c_ns > known->hi_ns || hi_now < known->lo_ns);
}

enum tsync_fate tsync_pairs_add(struct tsync *t, struct tsync_source *s, struct tsync_point lo,
				struct tsync_point hi)
{
	const struct tsync_rate *r = &t->drift.rate;
	struct tsync_span known = window(s, r, lo.t_ns, false);
	int64_t hi_now = hi_at(r, hi, lo.t_ns);
	if (apart(&known, lo, hi_now)) {
		struct tsync_rate sure = { -r->max, r->max, r->guess, r->max, r->wander };
		known = window(s, &sure, lo.t_ns, false);
		hi_now = hi_at(&sure, hi, lo.t_ns);
		if (apart(&known, lo, hi_now))
			return doubt(t, s, lo, hi, hi_now);
		tsync_drift_forget(&t->drift);
	}
	if (s->doubt.n && !shared(&s->doubt, r, lo, hi_now))
		s->doubt.n = 0;
	keep(&t->drift.wary, &s->pairs, lo, hi);
	forget_leapt(s, r, lo, hi);
	t->paired = true;
	tsync_pairs_span(t, s, lo.t_ns);
	return TSYNC_NEWS;
}
