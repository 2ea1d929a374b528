/* tsync_stream - stamped messages one way: each says that the offset is at least its stamp less its arrival; the fastest of them say most.
 *
 * Two windows over the same messages. The short one, of 8 to 16, gives the lower bound: a clock that is set back looks like a slower route, so what only
 * older messages say is not believed for longer; and of its stamps the second best counts, for one alone may be wrong.
 * The long one, of half a second and 64 messages at least, gives the envelope that the upper bound stands on: one message in it was as fast as
 * stated. Where all of them are surely later than some before, it goes back to those, up to 8 s and 128 messages.
 * What leaps above the envelope, or falls a minute below it, is refused until three in a row agree. */
#include "core/market/tsync_part.h"

/* How far the messages of the short window together stay under the envelope: the scale of what is usual. */
static int64_t spread(const struct tsync_stream *m)
{
	return m->spread_ns[0] > m->spread_ns[1] ? m->spread_ns[0] : m->spread_ns[1];
}

static int64_t stated(const struct tsync *t, const struct tsync_source *s)
{
	return t->c.max_min_delay_ns + s->grain.now_ns - 1;
}

static int64_t leap(const struct tsync *t, const struct tsync_source *s)
{
	int64_t usual = spread(&s->stream), least = t->c.max_min_delay_ns;
	least = least > TSYNC_LEAP ? least : TSYNC_LEAP;
	return usual > least ? usual : least;
}

static bool same_stamp(struct tsync_point a, struct tsync_point b)
{
	return a.t_ns + a.c_ns == b.t_ns + b.c_ns;
}

/* Into the two best with different stamps. False: it is not among them. */
static bool near_put(const struct tsync_rate *r, struct tsync_near *w, const struct tsync_point *p)
{
	struct tsync_point *best = &w->top[0], *second = &w->top[1];
	bool beats = !w->tops | (p->c_ns > tsync_tilt(r, *best, p->t_ns));
	bool enters = (w->tops < 2) | (p->c_ns > tsync_tilt(r, *second, p->t_ns));
	/* The same message, or the next of a coarse clock: the earlier says more. */
	if (w->tops && same_stamp(*best, *p)) {
		if (beats)
			*best = *p;
		return beats;
	}
	if (!enters)
		return false;
	struct tsync_point *to = beats ? best : second;
	second->t_ns = best->t_ns;
	second->c_ns = best->c_ns;
	to->t_ns = p->t_ns;
	to->c_ns = p->c_ns;
	w->tops += w->tops < 2;
	return true;
}

/* The second best of both halves. False: there are not yet two different stamps. */
static bool near_second(const struct tsync_rate *r, const struct tsync_stream *m,
			struct tsync_point *out)
{
	struct tsync_near both = m->near[0];
	/* near_put compares at the newcomer's time, and these are older: the tilt works both ways. */
	for (uint32_t i = 0; i < m->near[1].tops; i++)
		near_put(r, &both, &m->near[1].top[i]);
	*out = both.top[1];
	return both.tops == 2;
}

static int64_t most_at(const struct tsync_rate *r, struct tsync_point p, int64_t at_ns)
{
	return p.c_ns + tsync_most(r, at_ns - p.t_ns);
}

/* From the newest block backwards; beyond what is asked, only what is surely higher than all that came later. */
static void far_walk(const struct tsync_rate *r, struct tsync_stream *m, int64_t at_ns)
{
	int64_t most = TSYNC_NONE_LO, env = TSYNC_NONE_LO, top = TSYNC_NONE_LO;
	uint32_t messages = 0;
	bool enough = false;
	for (uint32_t i = 0; i < m->n; i++) {
		const struct tsync_far *b =
			&m->far[(m->head + TSYNC_FAR_BLOCKS - i) % TSYNC_FAR_BLOCKS];
		messages += b->n;
		if (enough && b->top.c_ns + tsync_least(r, at_ns - b->top.t_ns) <= top)
			continue;
		int64_t c = tsync_tilt(r, b->top, at_ns), by_most = most_at(r, b->top, at_ns);
		top = c > top ? c : top;
		most = by_most > most ? by_most : most;
		c = b->firm.c_ns == TSYNC_NONE_LO ? c : tsync_tilt(r, b->firm, at_ns);
		if (b->firm.c_ns != TSYNC_NONE_LO && c > env)
			env = c;
		enough = messages >= TSYNC_FAR_MESSAGES && at_ns - b->from_ns >= TSYNC_FAR_WINDOW;
	}
	m->most = (struct tsync_point){ at_ns, most };
	m->env = (struct tsync_point){ at_ns, env };
}

void tsync_stream_span(const struct tsync *t, struct tsync_source *s, int64_t at_ns)
{
	struct tsync_stream *m = &s->stream;
	const struct tsync_rate *r = tsync_carry(t);
	struct tsync_span out = { at_ns, TSYNC_NONE_LO, TSYNC_NONE_HI, 0, false };
	struct tsync_point second;
	m->leap_ns = leap(t, s);
	if (near_second(r, m, &second)) {
		out.lo_ns = second.c_ns + tsync_least(r, at_ns - second.t_ns);
		out.guess_ns = out.lo_ns;
		if (m->env.c_ns != TSYNC_NONE_LO && tsync_tilt(r, m->env, at_ns) > out.lo_ns)
			out.guess_ns = tsync_tilt(r, m->env, at_ns);
		out.known = true;
	}
	if (out.known && t->c.max_min_delay_ns && m->seen >= TSYNC_FAR_MESSAGES &&
	    at_ns - m->begun_ns >= TSYNC_SETTLE) {
		out.hi_ns = most_at(r, m->most, at_ns) + stated(t, s);
		tsync_uncross(&out);
		out.guess_ns = out.hi_ns - stated(t, s) / 2;
		out.guess_ns = out.guess_ns > out.lo_ns ? out.guess_ns : out.lo_ns;
	}
	s->span = out;
}

/* All of a short window came later than any such window lately: a slower route, or a clock set back. */
static void see_fall(struct tsync_stream *m, const struct tsync_rate *r, int64_t at_ns)
{
	if (m->env.c_ns == TSYNC_NONE_LO)
		return;
	struct tsync_point best = m->near[0].top[0];
	int64_t under = tsync_tilt(r, m->env, at_ns) - tsync_tilt(r, best, at_ns);
	if (under > 2 * spread(m) + TSYNC_LEAP)
		m->fell_ns = m->near[0].from_ns;
}

static void see_spread(struct tsync_stream *m, int64_t under_ns)
{
	m->spread_ns[0] = under_ns > m->spread_ns[0] ? under_ns : m->spread_ns[0];
	if (++m->spread_n < 64)
		return;
	m->spread_ns[1] = m->spread_ns[0];
	m->spread_ns[0] = 0;
	m->spread_n = 0;
}

/* A short window is full: what it taught, and the next. */
static void near_turn(struct tsync *t, struct tsync_stream *m, int64_t at_ns)
{
	const struct tsync_rate *r = &t->drift.rate;
	struct tsync_point second;
	see_fall(m, r, at_ns);
	if (near_second(r, m, &second)) {
		struct tsync_point *firm = &m->far[m->head].firm;
		if (m->env.c_ns != TSYNC_NONE_LO)
			see_spread(m, tsync_tilt(r, m->env, at_ns) - tsync_tilt(r, second, at_ns));
		if (firm->c_ns == TSYNC_NONE_LO || second.c_ns > tsync_tilt(r, *firm, second.t_ns))
			*firm = second;
		if (m->env.c_ns == TSYNC_NONE_LO ||
		    second.c_ns > tsync_tilt(r, m->env, second.t_ns))
			m->env = second;
		tsync_drift_offer(&t->drift, second);
	}
	m->near[1] = m->near[0];
	m->near[0] = (struct tsync_near){ .n = 0 };
}

static void far_put(const struct tsync_rate *r, struct tsync_stream *m, const struct tsync_point *p)
{
	struct tsync_far *b = &m->far[m->head];
	if (!m->n || (b->n >= TSYNC_FAR_BLOCK && p->t_ns - b->from_ns >= TSYNC_FAR_SPAN)) {
		if (m->n)
			m->head = (m->head + 1) % TSYNC_FAR_BLOCKS;
		if (m->n < TSYNC_FAR_BLOCKS)
			m->n++;
		m->far[m->head] = (struct tsync_far){ *p, { p->t_ns, TSYNC_NONE_LO }, p->t_ns, 1 };
		far_walk(r, m, p->t_ns);
		return;
	}
	b->n++;
	if (p->c_ns <= tsync_tilt(r, b->top, p->t_ns))
		return;
	b->top = *p;
	if (p->c_ns > most_at(r, m->most, p->t_ns))
		m->most = *p;
}

/* True: the span has changed by as much as matters. */
static bool keep(struct tsync *t, struct tsync_source *s, const struct tsync_point *p)
{
	struct tsync_stream *m = &s->stream;
	const struct tsync_rate *r = tsync_carry(t);
	const struct tsync_span *was = &s->span;
	bool first = !m->n;
	if (first)
		m->begun_ns = p->t_ns;
	if (!m->near[0].n)
		m->near[0].from_ns = p->t_ns;
	int64_t most_ns = m->most.t_ns;
	far_put(r, m, p);
	m->seen += m->seen < TSYNC_FAR_MESSAGES;
	bool news = m->most.t_ns != most_ns || first;
	near_put(r, &m->near[0], p);
	news |= !was->known ||
		p->c_ns > was->lo_ns + spread(m) / 8 + tsync_over(p->t_ns - was->at_ns, r->guess);
	if (++m->near[0].n >= TSYNC_NEAR && m->near[0].tops == 2) {
		near_turn(t, m, p->t_ns);
		news = true;
	}
	return news;
}

/* How far a message lies above what is known (below: negative) if that is further than any should; else 0. */
static int64_t strange(const struct tsync *t, const struct tsync_stream *m, struct tsync_point p)
{
	if (!m->n)
		return 0;
	bool early = m->env.c_ns == TSYNC_NONE_LO;
	struct tsync_point known = early ? m->far[m->head].top : m->env;
	int64_t age = p.t_ns - known.t_ns;
	int64_t spare = age > 0 ? tsync_over(age, t->drift.rate.max) : 0;
	int64_t up = early ? TSYNC_EARLY : m->leap_ns, down = early ? TSYNC_EARLY : TSYNC_SURE;
	int64_t above = p.c_ns - tsync_tilt(&t->drift.rate, known, p.t_ns);
	return above > up + spare || above < -down - spare ? above : 0;
}

/* It would be above the upper bound. */
static bool breaks(const struct tsync *t, const struct tsync_source *s, struct tsync_point p)
{
	int64_t rise = tsync_most(&t->drift.rate, p.t_ns - s->span.at_ns);
	return s->span.known && s->span.hi_ns != TSYNC_NONE_HI && p.c_ns > s->span.hi_ns + rise;
}

/* A strange one: a stray stamp, or the first after a step. Three in a row are believed. */
static enum tsync_fate doubt(struct tsync *t, struct tsync_source *s, struct tsync_point p,
			     int64_t above_ns)
{
	struct tsync_doubt *d = &s->doubt;
	struct tsync_stream *m = &s->stream;
	int64_t far = above_ns < 0 ? -above_ns : above_ns, usual = m->leap_ns;
	int64_t tolerance = usual > far / 4 ? usual : far / 4;
	int64_t apart = d->n ? p.c_ns - d->p.c_ns : 0;
	bool agrees = d->n && apart <= tolerance && apart >= -tolerance;
	d->n = agrees ? d->n + 1 : 1;
	d->p = p;
	if (d->n < TSYNC_CONFIRM_STAMPS)
		return TSYNC_REFUSED;
	bool early = m->env.c_ns == TSYNC_NONE_LO;
	bool sure = !early && (far > TSYNC_SURE || breaks(t, s, p));
	/* Upwards, and no bound broken, it may as well be a faster route: then the guess alone begins anew. */
	bool open = !s->span.known || s->span.hi_ns == TSYNC_NONE_HI;
	if (early || sure || (open && above_ns > 4 * usual))
		tsync_restart(t, s, sure);
	keep(t, s, &p);
	tsync_stream_span(t, s, p.t_ns);
	return TSYNC_NEWS;
}

enum tsync_fate tsync_stream_add(struct tsync *t, struct tsync_source *s, struct tsync_point p)
{
	int64_t above = strange(t, &s->stream, p);
	if (above)
		return doubt(t, s, p, above);
	/* A coarse stamp comes again and again, and each time it says less: that is no answer to the doubt. */
	if (!same_stamp(p, s->doubt.p))
		s->doubt.n = 0;
	if (!keep(t, s, &p))
		return TSYNC_KEPT;
	tsync_stream_span(t, s, p.t_ns);
	return TSYNC_NEWS;
}
