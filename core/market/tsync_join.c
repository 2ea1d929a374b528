/* tsync_join - several sources of one clock: the moments that most of them allow (Marzullo), and what a stamp costs to place from then on.
 *
 * Where two groups of equal size contradict each other nobody can say which one is wrong: the interval spans both. */
#include "core/market/tsync_part.h"

/* tsync_place extrapolates by plain rates up to this age; what the drift wanders in it is part of them. */
#define PLAIN_WANDER 1100 /* 0.25 ppm */

struct tsync_span tsync_span_at(const struct tsync_rate *r, struct tsync_span s, int64_t at_ns)
{
	int64_t age = at_ns - s.at_ns;
	s.at_ns = at_ns;
	if (s.lo_ns != TSYNC_NONE_LO)
		s.lo_ns += tsync_least(r, age);
	if (s.hi_ns != TSYNC_NONE_HI)
		s.hi_ns += tsync_most(r, age);
	s.guess_ns += tsync_over(age, r->guess);
	return s;
}

static bool allows(const struct tsync_span *s, int64_t offset_ns)
{
	return s->lo_ns <= offset_ns && offset_ns <= s->hi_ns;
}

/* A region that most allow begins where one of them begins, and ends where the first of those ends. Returns how many allow it. */
static uint32_t region(const struct tsync_span *s, uint32_t n, int64_t from_ns, int64_t *end_ns)
{
	uint32_t count = 0;
	*end_ns = TSYNC_NONE_HI;
	for (uint32_t i = 0; i < n; i++) {
		if (!allows(&s[i], from_ns))
			continue;
		count++;
		*end_ns = s[i].hi_ns < *end_ns ? s[i].hi_ns : *end_ns;
	}
	return count;
}

static uint32_t marzullo(const struct tsync_span *s, uint32_t n, struct tsync_span *out)
{
	uint32_t most = 0;
	/* Two that agree, as nearly always: what both allow. */
	if (n == 2) {
		int64_t lo = s[0].lo_ns > s[1].lo_ns ? s[0].lo_ns : s[1].lo_ns,
			hi = s[0].hi_ns < s[1].hi_ns ? s[0].hi_ns : s[1].hi_ns;
		if (lo <= hi) {
			out->lo_ns = lo;
			out->hi_ns = hi;
			return n;
		}
	}
	for (uint32_t i = 0; i < n; i++) {
		int64_t end;
		uint32_t count = region(s, n, s[i].lo_ns, &end);
		if (count < most)
			continue;
		if (count > most) {
			out->lo_ns = s[i].lo_ns;
			out->hi_ns = end;
			most = count;
		}
		out->lo_ns = s[i].lo_ns < out->lo_ns ? s[i].lo_ns : out->lo_ns;
		out->hi_ns = end > out->hi_ns ? end : out->hi_ns;
	}
	return most;
}

/* The narrowest closed source guesses best; among open ones the highest envelope. */
static int64_t best_guess(const struct tsync_span *s, uint32_t n, const struct tsync_span *all)
{
	const struct tsync_span *best = NULL;
	for (uint32_t i = 0; i < n; i++) {
		if (s[i].lo_ns > all->hi_ns || s[i].hi_ns < all->lo_ns)
			continue;
		bool open = s[i].hi_ns == TSYNC_NONE_HI;
		if (!best ||
		    (best->hi_ns == TSYNC_NONE_HI
			     ? !open || s[i].guess_ns > best->guess_ns
			     : !open && s[i].hi_ns - s[i].lo_ns < best->hi_ns - best->lo_ns))
			best = &s[i];
	}
	int64_t guess = best ? best->guess_ns : all->lo_ns;
	guess = guess > all->hi_ns ? all->hi_ns : guess;
	return guess < all->lo_ns ? all->lo_ns : guess;
}

/* The coarsest of what stamps messages; without streams, of what stamps answers. */
static int64_t grain(const struct tsync *t)
{
	int64_t coarsest[tsync_kind_max] = { 1, 1 };
	bool streams = false;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct tsync_source *s = &t->source[i];
		if (s->grain.now_ns > coarsest[s->kind])
			coarsest[s->kind] = s->grain.now_ns;
		streams |= s->kind == TSYNC_STREAM;
	}
	return coarsest[streams ? TSYNC_STREAM : TSYNC_PAIRS];
}

static void publish(struct tsync *t, const struct tsync_span *all)
{
	const struct tsync_rate *r = tsync_carry(t);
	int64_t slow = t->slow_c_ns[0] < t->slow_c_ns[1] ? t->slow_c_ns[0] : t->slow_c_ns[1];
	t->now.known = all->known;
	t->now.at_ns = all->at_ns;
	t->now.offset_ns = all->guess_ns;
	t->now.lo_ns = all->lo_ns;
	t->now.hi_ns = all->hi_ns;
	t->now.guess = r->guess;
	t->now.lo = r->lo - PLAIN_WANDER;
	t->now.hi = r->hi + PLAIN_WANDER;
	t->now.grain_ns = grain(t);
	t->now.blind_ns = t->c.max_min_delay_ns ? t->c.max_min_delay_ns : INT64_MAX;
	if (!all->known || all->hi_ns == TSYNC_NONE_HI || slow == INT64_MAX)
		return;
	/* The slowest message that bore a stamp was no slower than this. */
	int64_t late_ns = all->hi_ns - (slow < all->lo_ns ? slow : all->lo_ns);
	if (t->now.blind_ns == INT64_MAX || late_ns > t->now.blind_ns)
		t->now.blind_ns = late_ns;
}

/* A stream whose messages are all late since a moment may be one whose clock was set back then: until an answer that came
 * later is believed, answers from before bound the offset no better than that stream does. */
static void allow_fall(const struct tsync *t, struct tsync_span *s)
{
	int64_t fell_ns = 0, lo = TSYNC_NONE_LO;
	for (uint32_t i = 0, k = 0; i < t->n; i++) {
		const struct tsync_source *from = &t->source[i];
		if (from->kind == TSYNC_STREAM && from->joined && from->span.known &&
		    from->stream.fell_ns && (!fell_ns || s[k].lo_ns < lo)) {
			fell_ns = from->stream.fell_ns;
			lo = s[k].lo_ns;
		}
		k += from->span.known;
	}
	for (uint32_t i = 0, k = 0; fell_ns && i < t->n; i++) {
		const struct tsync_source *from = &t->source[i];
		if (!from->span.known)
			continue;
		if (from->kind == TSYNC_PAIRS && from->heard_ns < fell_ns && lo < s[k].lo_ns)
			s[k].lo_ns = lo;
		k++;
	}
}

void tsync_join(struct tsync *t, int64_t at_ns)
{
	const struct tsync_rate *r = tsync_carry(t);
	struct tsync_span all = { at_ns, TSYNC_NONE_LO, TSYNC_NONE_HI, 0, false };
	struct tsync_span s[TSYNC_SOURCES] __attribute__((uninitialized)); /* the first n are set */
	uint32_t n = 0;
	for (uint32_t i = 0; i < t->n; i++)
		if (t->source[i].span.known)
			s[n++] = tsync_span_at(r, t->source[i].span, at_ns);
	if (n > 1)
		allow_fall(t, s);
	if (n == 1)
		all = s[0];
	else if (n)
		t->left_out = (uint8_t)(n - marzullo(s, n, &all));
	if (n < 2)
		t->left_out = 0;
	all.known = n > 0;
	if (n > 1)
		all.guess_ns = best_guess(s, n, &all);
	for (uint32_t i = 0, k = 0; i < t->n; i++) {
		struct tsync_source *from = &t->source[i];
		from->joined =
			from->span.known && s[k].lo_ns <= all.hi_ns && s[k].hi_ns >= all.lo_ns;
		k += from->span.known;
	}
	publish(t, &all);
}
