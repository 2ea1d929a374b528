/* Proves what a script is told beside the basis and its pairs, and when: once a turn for what changed, after the rescues, in a stated order; and nothing of it to a
 * script that has no hook. */
#include "core/engine_parts.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <string.h>

#define ALL (~0u)

static struct stage *listening(uint32_t hooks)
{
	struct stage *s = stage_new();
	s->script.listens = hooks;
	engine_listen(s->engine, 0, &s->script.s);
	return s;
}

static void forget(struct stage *s)
{
	memset(s->script.calls, 0, sizeof s->script.calls);
	s->trace[s->n_trace = 0] = 0;
}

START_TEST(quotes_once_a_turn)
{
	struct stage *s = listening(1u << STRAT_QUOTE);
	forget(s);
	stage_book(s, PERP, 600100, 600200);
	stage_book(s, PERP, 600300, 600400);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.calls[STRAT_QUOTE], 1);
	ck_assert_uint_eq(s->script.quote.who, PERP);
	ck_assert_double_eq(s->script.quote.px[SIDE_BUY],
			    (double)desk_top(s->d, PERP)->q.px[SIDE_BUY] / 10);
	ck_assert(s->script.quote.px[SIDE_SELL] > s->script.quote.px[SIDE_BUY]);
	/* The newest quote first, the basis that it makes after it. */
	const char *q = strchr(s->trace, 'q'), *b = strchr(s->trace, 'B');
	ck_assert(q && b && q < b);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.calls[STRAT_QUOTE], 1);
	stage_free(s);
}
END_TEST

START_TEST(absent_hooks_hear_nothing)
{
	struct stage *s = listening(0);
	forget(s);
	stage_book(s, SPOT, 600100, 600200);
	stage_state(s, PERP, VENUE_DOWN);
	stage_turn(s, STAGE_MS);
	for (unsigned k = STRAT_QUOTE; k < strat_event_max; k++)
		ck_assert_uint_eq(s->script.calls[k], 0);
	ck_assert_uint_eq(s->d->n_order_news, 0);
	stage_free(s);
}
END_TEST

/* A level behind the best one changes the book and neither the quote nor the basis. */
START_TEST(depth_behind_the_best)
{
	struct stage *s = listening(1u << STRAT_BOOK | 1u << STRAT_QUOTE);
	const struct top *t = desk_top(s->d, PERP);
	forget(s);
	const uint32_t levels = s->d->feed[PERP].book.n[SIDE_BUY];
	stage_depth(s, PERP, s->seq + 1, s->seq + 1, t->q.px[SIDE_BUY] - 50);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.calls[STRAT_BOOK], 1);
	ck_assert_uint_eq(s->script.calls[STRAT_QUOTE], 0);
	ck_assert_uint_eq(s->script.calls[STRAT_BASIS], 0);
	ck_assert_uint_eq(s->script.depth, levels + 1);
	stage_free(s);
}
END_TEST

START_TEST(gaps_lost_and_regained)
{
	struct stage *s = listening(ALL);
	forget(s);
	stage_state(s, PERP, VENUE_DOWN);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.calls[STRAT_GAP], 1);
	ck_assert_uint_eq(s->script.change.who, PERP);
	ck_assert_uint_eq(s->script.change.from, BOOK_LIVE);
	ck_assert_uint_eq(s->script.change.to, BOOK_EMPTY);
	/* Its prices are not shown while they may not be believed. */
	ck_assert_uint_eq(s->script.calls[STRAT_QUOTE], 0);
	forget(s);
	stage_state(s, PERP, VENUE_UP);
	stage_turn(s, STAGE_MS);
	stage_book(s, PERP, 600100, 600200);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.change.to, BOOK_LIVE);
	ck_assert_uint_eq(s->script.calls[STRAT_QUOTE], 1);
	const char *g = strchr(s->trace, 'g'), *q = strchr(s->trace, 'q');
	ck_assert_msg(g && q && g < q, "%s", s->trace);
	stage_free(s);
}
END_TEST

static void check_orders(const struct stage_script *x, unsigned leg)
{
	static const uint8_t states[] = { ORDER_SENT, ORDER_FILLED };
	unsigned seen = 0;
	double filled = -1;
	for (unsigned i = 0; i < x->n_orders; i++) {
		const struct strat_order_event *o = &x->order[i];
		if (o->leg != leg)
			continue;
		ck_assert_uint_lt(seen, 8);
		if (seen == 0)
			ck_assert_uint_eq(o->state, states[0]);
		ck_assert_double_ge(o->filled, filled);
		ck_assert(!o->rescue);
		ck_assert_str_eq(o->reason, x->order[0].reason);
		filled = o->filled;
		seen++;
		if (o->state == ORDER_FILLED) {
			ck_assert_double_eq(o->filled, o->qty);
			ck_assert(o->avg > 0);
		}
	}
	ck_assert_uint_ge(seen, 2);
	ck_assert_double_gt(filled, 0);
}

START_TEST(orders_in_their_order)
{
	struct stage *s = listening(1u << STRAT_ORDER);
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 600100, 600200);
	const char *p = NULL, *o = NULL;
	for (int i = 0; i < 50 && !p; i++) { /* the trace is of one turn */
		stage_turn(s, STAGE_MS);
		p = strchr(s->trace, 'P');
		o = strchr(s->trace, 'o');
	}
	/* Of what happened in one turn orders come before the pair that they end. */
	ck_assert(p && o && o < p);
	stage_run(s, 50 * STAGE_MS);
	check_orders(&s->script, SPOT);
	check_orders(&s->script, PERP);
	ck_assert_uint_eq(s->d->n_order_news, 0);
	stage_free(s);
}
END_TEST

/* More than there is room for is counted and told, and what is there is in order. */
START_TEST(orders_beyond_the_room)
{
	struct stage *s = listening(1u << STRAT_ORDER);
	s->d->n_order_news = 0;
	s->d->order_news_lost = 7;
	stage_turn(s, STAGE_MS);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert(f && strstr(f->text, "on_order missed 7 events"));
	ck_assert_uint_eq(s->d->order_news_lost, 0);
	stage_free(s);
}
END_TEST

START_TEST(what_is_looked_up)
{
	struct stage *s = listening(0);
	struct desk_balance *b = desk_balance(s->d, SPOT, s->in[SPOT].quote, true);
	stage_book(s, SPOT, 600100, 600200);
	stage_turn(s, STAGE_MS);
	const struct strat_self *self = &s->script.self;
	ck_assert_ptr_nonnull(self->look);
	const struct strat_world *w = self->look(self->of);
	ck_assert_double_eq(w->of[LOOK_BALANCE_KNOWN][PERP], 0);
	b->free_e8 = 12345678900;
	b->locked_e8 = 50000000;
	struct desk_balance *base = desk_balance(s->d, SPOT, s->in[SPOT].base, true);
	base->free_e8 = 200000000;
	w = self->look(self->of);
	ck_assert_double_eq(w->of[LOOK_BALANCE_KNOWN][SPOT], 1);
	ck_assert_double_eq(w->of[LOOK_FREE][SPOT], 123.456789);
	ck_assert_double_eq(w->of[LOOK_LOCKED][SPOT], 0.5);
	ck_assert_double_eq(w->of[LOOK_BASE_FREE][SPOT], 2);
	ck_assert_double_eq(w->of[LOOK_SESSION][SPOT], PHASE_CONTINUOUS);
	ck_assert_double_eq(w->of[LOOK_STATE][0], STRAT_ACTIVE);
	s->d->instance[0].risk_state = RISK_REDUCING;
	ck_assert_double_eq(self->look(self->of)->of[LOOK_STATE][0], STRAT_REDUCING);
	s->d->venue[PERP].risk_state = RISK_HALTED;
	ck_assert_double_eq(self->look(self->of)->of[LOOK_STATE][0], STRAT_HALTED);
	s->d->instance[0].paused = true;
	ck_assert_double_eq(self->look(self->of)->of[LOOK_STATE][0], STRAT_PAUSED);
	stage_free(s);
}
END_TEST

SUITE("news", quotes_once_a_turn, absent_hooks_hear_nothing, depth_behind_the_best,
      gaps_lost_and_regained, orders_in_their_order, orders_beyond_the_room, what_is_looked_up)
