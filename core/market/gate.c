#include "core/market/gate.h"

static const char *const name[] = {
#define GATE_NAME(id, word, text) word,
	GATES(GATE_NAME)
};
static const char *const explained[] = {
#define GATE_TEXT(id, word, text) text,
	GATES(GATE_TEXT)
};
_Static_assert(sizeof name / sizeof *name == gate_max, "a name for every gate");
_Static_assert((int)GATE_REF > LEG_MAX && GATE_REF + REF_MAX <= GATE_WHOLE,
	       "legs, references and the whole are told apart");

const char *gate_name(enum gate g)
{
	return g < gate_max ? name[g] : "?";
}

const char *gate_text(enum gate g)
{
	return g < gate_max ? explained[g] : "?";
}

const struct instrument *gate_who(const struct basis_spec *s, uint8_t who)
{
	if (who < s->n_legs)
		return s->leg[who];
	if (who >= GATE_REF && who - GATE_REF < s->n_refs)
		return s->ref[who - GATE_REF];
	return NULL;
}

int64_t gate_worse(enum gate g, int64_t before, int64_t after)
{
	switch (g) {
	case GATE_CLOSING:
		return after < before ? after : before;
	case GATE_BOOK:
	case GATE_QUOTE:
	case GATE_SESSION:
		return after;
	default:
		return after > before ? after : before;
	}
}

/* ---- the numbers */

static int64_t plus(int64_t a, int64_t b) /* neither below 0 */
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static int64_t distance(int64_t a, int64_t b)
{
	uint64_t d = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
	return d > INT64_MAX ? INT64_MAX : (int64_t)d;
}

/* What a bound adds to an age or a skew. */
static int64_t counted(int64_t bound_ns)
{
	return bound_ns == INT64_MAX || bound_ns < 0 ? 0 : bound_ns;
}

int64_t gate_age_ns(const struct top *t, int64_t now_ns)
{
	int64_t valid = top_valid_ns(t);
	return plus(now_ns > valid ? distance(now_ns, valid) : 0, counted(t->bound_ns));
}

int64_t gate_skew_ns(const struct basis_spec *s)
{
	int64_t widest = 0;
	for (unsigned a = 0; a < s->n_legs; a++)
		for (unsigned b = a + 1; b < s->n_legs; b++) {
			const struct top *x = s->leg_top[a], *y = s->leg_top[b];
			int64_t apart = distance(top_valid_ns(x), top_valid_ns(y));
			apart = plus(apart, counted(x->bound_ns));
			apart = plus(apart, counted(y->bound_ns));
			widest = apart > widest ? apart : widest;
		}
	return widest;
}

static bool one_sided(const struct top *t)
{
	return t->q.qty[SIDE_BUY] <= 0 || t->q.qty[SIDE_SELL] <= 0;
}

/* Nothing can be divided by what may be zero, and what is worth nothing prices nothing. */
static bool holds_zero(const struct top *t)
{
	return t->q.px[SIDE_BUY] <= 0 && t->q.px[SIDE_SELL] >= 0;
}

static int64_t left_ns(const struct calendar_now *c, int64_t utc_ns)
{
	if (c->closes_utc_ns == INT64_MAX)
		return INT64_MAX;
	return c->closes_utc_ns > utc_ns ? distance(c->closes_utc_ns, utc_ns) : 0;
}

static bool in_session(const struct calendar_now *c, int64_t utc_ns)
{
	return c->phase == PHASE_CONTINUOUS && left_ns(c, utc_ns) > 0;
}

/* ---- is anything wrong at all? One pass over what is nearly always right: it may doubt what is well, never the other way. */

/* Differences are or-ed together: the sign of one says that something is wrong. No branch, few registers. */
struct glance {
	uint64_t doubt;
	uint64_t size; /* all moments and bounds: where one is beyond 2^62, a sum might wrap */
};

/* What no price may be beyond. */
struct edge {
	uint64_t now, oldest, bound;
};

static int64_t or_none(int64_t limit)
{
	return limit ? limit : INT64_MAX;
}

/* Between *lo and *hi lies the moment that the price is valid for. */
static inline void glance_at(struct glance *g, const struct edge *e, const struct top *t,
			     int64_t *lo, int64_t *hi)
{
	const uint64_t valid = (uint64_t)top_valid_ns(t), raw = (uint64_t)t->bound_ns;
	const uint64_t bound = raw == INT64_MAX ? 0 : raw;
	g->size |= valid | bound;
	g->doubt |= ((uint64_t)t->q.qty[SIDE_BUY] - 1) | ((uint64_t)t->q.qty[SIDE_SELL] - 1) |
		    (0 - (uint64_t)(t->state ^ BOOK_LIVE)) | (e->bound - raw) | (e->now - valid) |
		    (valid - bound - e->oldest);
	*lo = (int64_t)(valid - bound);
	*hi = (int64_t)(valid + bound);
}

static bool all_well(const struct basis_spec *s, const struct gate_limits *l,
		     const struct gate_now *now)
{
	const uint64_t mono = (uint64_t)now->mono_ns,
		       utc_bound = (uint64_t)or_none(l->max_utc_bound_ns),
		       session_end = (uint64_t)now->utc_ns + (uint64_t)l->close_margin_ns + 1;
	const struct edge e = { mono, mono - (uint64_t)or_none(l->max_age_ns),
				(uint64_t)or_none(l->max_clock_bound_ns) };
	struct glance g = { .doubt = utc_bound - (uint64_t)now->utc_bound_ns, .size = mono };
	int64_t lo = INT64_MAX, hi = INT64_MIN, from, to;
	for (unsigned i = 0; i < s->n_legs; i++) {
		const struct calendar_now *c = now->leg_session[i];
		glance_at(&g, &e, s->leg_top[i], &from, &to);
		lo = from < lo ? from : lo;
		hi = to > hi ? to : hi;
		if (c)
			g.doubt |= (0 - (uint64_t)(c->phase ^ PHASE_CONTINUOUS)) |
				   ((uint64_t)c->closes_utc_ns - session_end);
	}
	for (unsigned i = 0; i < s->n_refs; i++) {
		const struct quote *q = &s->ref_top[i]->q;
		glance_at(&g, &e, s->ref_top[i], &from, &to);
		g.doubt |= ~(0 - (uint64_t)q->px[SIDE_BUY]) & ~(uint64_t)q->px[SIDE_SELL];
	}
	const uint64_t skew = s->n_legs ? (uint64_t)hi - (uint64_t)lo : 0;
	return ((g.doubt | g.size | g.size << 1) >> 63) == 0 &&
	       skew <= (uint64_t)or_none(l->max_skew_ns);
}

/* ---- what is wrong: row by row */

static struct gate_verdict no(enum gate g, unsigned who, int64_t value, int64_t bound)
{
	return (struct gate_verdict){
		.gate = (uint8_t)g, .who = (uint8_t)who, .value = value, .bound = bound
	};
}

static const struct gate_verdict open_wide = { .gate = GATE_OPEN, .who = GATE_WHOLE };

struct case_of {
	const struct basis_spec *s;
	const struct gate_limits *l;
	const struct gate_now *now;
};

/* Legs, then references. */
static unsigned count(const struct basis_spec *s)
{
	return (unsigned)s->n_legs + s->n_refs;
}

static const struct top *price(const struct basis_spec *s, unsigned i)
{
	return i < s->n_legs ? s->leg_top[i] : s->ref_top[i - s->n_legs];
}

static unsigned who_of(const struct basis_spec *s, unsigned i)
{
	return i < s->n_legs ? i : GATE_REF + i - s->n_legs;
}

static struct gate_verdict book_row(const struct case_of *c)
{
	for (unsigned i = 0; i < count(c->s); i++)
		if (price(c->s, i)->state != BOOK_LIVE)
			return no(GATE_BOOK, who_of(c->s, i), price(c->s, i)->state, BOOK_LIVE);
	return open_wide;
}

static struct gate_verdict quote_row(const struct case_of *c)
{
	for (unsigned i = 0; i < count(c->s); i++) {
		const struct top *t = price(c->s, i);
		if (one_sided(t))
			return no(GATE_QUOTE, who_of(c->s, i),
				  t->q.qty[SIDE_BUY] <= 0 ? SIDE_BUY : SIDE_SELL, 0);
	}
	return open_wide;
}

static struct gate_verdict session_row(const struct case_of *c)
{
	for (unsigned i = 0; i < c->s->n_legs; i++) {
		const struct calendar_now *n = c->now->leg_session[i];
		if (n && !in_session(n, c->now->utc_ns))
			return no(GATE_SESSION, i,
				  n->phase == PHASE_CONTINUOUS ? PHASE_CLOSED : n->phase,
				  PHASE_CONTINUOUS);
	}
	return open_wide;
}

static struct gate_verdict closing_row(const struct case_of *c)
{
	int64_t margin = c->l->close_margin_ns;
	struct gate_verdict v = open_wide;
	for (unsigned i = 0; margin && i < c->s->n_legs; i++) {
		const struct calendar_now *n = c->now->leg_session[i];
		int64_t left = n ? left_ns(n, c->now->utc_ns) : INT64_MAX;
		if (left <= margin && (v.gate == GATE_OPEN || left < v.value))
			v = no(GATE_CLOSING, i, left, margin);
	}
	return v;
}

static struct gate_verdict clock_row(const struct case_of *c)
{
	int64_t limit = c->l->max_clock_bound_ns;
	struct gate_verdict v = open_wide;
	for (unsigned i = 0; limit && i < count(c->s); i++) {
		int64_t bound = price(c->s, i)->bound_ns;
		if (bound > limit && (v.gate == GATE_OPEN || bound > v.value))
			v = no(GATE_CLOCK, who_of(c->s, i), bound, limit);
	}
	return v;
}

static struct gate_verdict utc_row(const struct case_of *c)
{
	int64_t limit = c->l->max_utc_bound_ns;
	return limit && c->now->utc_bound_ns > limit
		       ? no(GATE_UTC, GATE_WHOLE, c->now->utc_bound_ns, limit)
		       : open_wide;
}

static struct gate_verdict age_row(const struct case_of *c)
{
	int64_t limit = c->l->max_age_ns;
	struct gate_verdict v = open_wide;
	for (unsigned i = 0; limit && i < count(c->s); i++) {
		int64_t age = gate_age_ns(price(c->s, i), c->now->mono_ns);
		if (age > limit && (v.gate == GATE_OPEN || age > v.value))
			v = no(GATE_AGE, who_of(c->s, i), age, limit);
	}
	return v;
}

static struct gate_verdict skew_row(const struct case_of *c)
{
	int64_t limit = c->l->max_skew_ns, skew = limit ? gate_skew_ns(c->s) : 0;
	return skew > limit ? no(GATE_SKEW, GATE_WHOLE, skew, limit) : open_wide;
}

static struct gate_verdict value_row(const struct case_of *c)
{
	for (unsigned i = 0; i < c->s->n_refs; i++)
		if (holds_zero(c->s->ref_top[i]))
			return no(GATE_VALUE, GATE_REF + i, 0, 0);
	return open_wide;
}

/* Apart, so that the way that is nearly always taken needs no stack. */
static __attribute__((noinline, cold)) struct gate_verdict row_by_row(const struct basis_spec *s,
								      const struct gate_limits *l,
								      const struct gate_now *now)
{
	static struct gate_verdict (*const row[gate_max])(const struct case_of *) = {
		[GATE_BOOK] = book_row,	      [GATE_QUOTE] = quote_row,
		[GATE_SESSION] = session_row, [GATE_CLOSING] = closing_row,
		[GATE_CLOCK] = clock_row,     [GATE_UTC] = utc_row,
		[GATE_AGE] = age_row,	      [GATE_SKEW] = skew_row,
		[GATE_VALUE] = value_row,
	};
	const struct case_of c = { s, l, now };
	for (unsigned g = GATE_OPEN + 1; g < gate_max; g++) {
		struct gate_verdict v = row[g](&c);
		if (v.gate != GATE_OPEN)
			return v;
	}
	return open_wide;
}

struct gate_verdict gate_judge(const struct basis_spec *s, const struct gate_limits *l,
			       const struct gate_now *now)
{
	return all_well(s, l, now) ? open_wide : row_by_row(s, l, now);
}
