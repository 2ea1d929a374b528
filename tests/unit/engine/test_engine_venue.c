/* Proves what the engine makes of a venue that asks for a pause, and of prices that do not fit the rules it knows. */
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <string.h>

/* The script proposes at the next quote, and the pair's legs meet these fates. */
static const struct pair *open_pair(struct stage *s, enum stage_fate spot, enum stage_fate perp)
{
	s->venue[SPOT].fate = spot;
	s->venue[PERP].fate = perp;
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	uint32_t at = 0;
	const struct pair *p = pairs_each(&s->d->pairs, &at);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->state, PAIR_SENT);
	return p;
}

/* F43: while a venue wants to hear nothing a broken pair is held for that, with its attempts kept; then it goes on. */
START_TEST(a_venue_that_asks_for_a_pause_is_left_alone)
{
	struct stage *s = stage_new();
	const struct pair *p = open_pair(s, STAGE_FILL, STAGE_REJECT);
	struct venue_host vh = engine_venue_host(s->engine);
	for (unsigned v = 0; v < STAGE_LEGS; v++)
		vh.on_pause(vh.core, (uint16_t)v, s->d->now.mono_ns + 25 * STAGE_SECOND, true);
	unsigned places = s->venue[PERP].places;
	stage_run(s, 20 * STAGE_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_MESSAGES);
	ck_assert_uint_eq(s->venue[PERP].places, places);
	stage_run(s, 10 * STAGE_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	stage_free(s);
}
END_TEST

/* F69: prices off the tick that is known: perhaps it is another one by now, and the venue is asked. */
START_TEST(prices_off_the_tick_ask_for_the_rules)
{
	struct stage *s = stage_new();
	struct stage_event *e = &s->event[s->n_events++];
	memset(e, 0, sizeof *e);
	e->kind = EV_RULE;
	e->venue = PERP;
	e->rule = (struct rule){ .from_utc_ns = s->now.utc_ns, .tick = 7, .lot = 1, .min_qty = 1 };
	stage_turn(s, STAGE_MS);
	stage_book(s, PERP, 700000, 700007);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->venue[PERP].rules_asked, 0);
	stage_book(s, PERP, 700001, 700003);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->venue[PERP].rules_asked, 1);
	ck_assert_uint_eq(s->venue[SPOT].rules_asked, 0);
	stage_free(s);
}
END_TEST

SUITE("engine_venue", a_venue_that_asks_for_a_pause_is_left_alone,
      prices_off_the_tick_ask_for_the_rules)
