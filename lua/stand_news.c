/* stand_news - what a strategy on its stand is told beside the basis, its pairs and its timers: quotes, depth, phases, lost prices, parameters. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "lua/stand.h"
#include <stdio.h>
#include <string.h>

static const struct strat_world *look(void *of)
{
	return &((const struct stand *)of)->world;
}

void stand_world(struct stand *st)
{
	for (unsigned k = 0; k < STAND_BOOKS; k++) {
		st->world.of[LOOK_SESSION][k] = PHASE_CONTINUOUS;
		st->world.of[LOOK_CLOCK_KNOWN][k] = 1;
	}
	for (unsigned l = 0; l < LEG_MAX; l++)
		st->session[l] = (struct calendar_now){ .phase = PHASE_CONTINUOUS,
							.closes_utc_ns = INT64_MAX };
	st->self.look = look;
	st->self.of = st;
}

static uint8_t who_at(int i)
{
	return (uint8_t)(i < LEG_MAX ? i : STRAT_REF + i - LEG_MAX);
}

void stand_lose(struct stand *st, int i, enum book_state to)
{
	st->top[i].state = (uint8_t)to;
	if (to == BOOK_LIVE)
		st->top[i].valid_ns = st->self.now_ns;
}

int stand_tell_gap(struct stand *st, int i)
{
	const struct strat_change c = { .who = who_at(i),
					.from = st->told[i],
					.to = st->top[i].state };
	st->n = 0;
	if (c.from == c.to)
		return 0;
	st->told[i] = c.to;
	const struct strat_event ev = { .kind = STRAT_GAP, .change = &c };
	return stand_call(st, &ev);
}

static bool same_best(const struct quote *a, const struct quote *b)
{
	return memcmp(a->px, b->px, sizeof a->px) == 0 &&
	       memcmp(a->qty, b->qty, sizeof a->qty) == 0;
}

int stand_tell_quote(struct stand *st, int i)
{
	const struct top *t = &st->top[i];
	const struct instrument *in = &st->instrument[i];
	struct strat_quote_event q = { .age_ms = (double)(st->self.now_ns - t->valid_ns) * 1e-6,
				       .who = who_at(i) };
	st->n = 0;
	if (t->state != BOOK_LIVE || same_best(&t->q, &st->was[i].q))
		return 0;
	st->was[i] = *t;
	for (int s = 0; s < side_max; s++) {
		q.px[s] = t->q.qty[s] > 0 ? dec_to_double(t->q.px[s], in->px_dp) : 0;
		q.qty[s] = dec_to_double(t->q.qty[s], in->qty_dp);
	}
	const struct strat_event ev = { .kind = STRAT_QUOTE, .quote = &q };
	return stand_call(st, &ev);
}

int stand_tell_book(struct stand *st, int i)
{
	const struct strat_book_event k = { .book = &st->book[i],
					    .instrument = &st->instrument[i],
					    .who = who_at(i) };
	const struct strat_event ev = { .kind = STRAT_BOOK, .book = &k };
	st->n = 0;
	return st->top[i].state == BOOK_LIVE ? stand_call(st, &ev) : 0;
}

int stand_session(struct stand *st, int i, enum phase to)
{
	double *phase = &st->world.of[LOOK_SESSION][i];
	const struct strat_change c = { .who = who_at(i),
					.from = (uint8_t)*phase,
					.to = (uint8_t)to };
	st->n = 0;
	if (c.from == c.to)
		return 0;
	*phase = to;
	if (i < LEG_MAX)
		st->session[i].phase = (uint8_t)to;
	const struct strat_event ev = { .kind = STRAT_SESSION, .change = &c };
	return stand_call(st, &ev);
}

int stand_set(struct stand *st, const char *name, double value)
{
	struct strat_param_event e = { .now = value };
	struct strat_param p;
	const char *known = NULL;
	st->n = 0;
	for (unsigned k = 0; st->s->ops->param(st->s, k, &p); k++)
		if (strcmp(p.name, name) == 0) {
			known = p.name;
			e.old = p.value;
		}
	int rc = st->s->ops->set_param(st->s, name, value);
	if (rc || !known)
		return rc;
	snprintf(e.name, sizeof e.name, "%s", name);
	const struct strat_event ev = { .kind = STRAT_PARAM, .param = &e };
	return stand_call(st, &ev);
}
