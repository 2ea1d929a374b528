/* Proves that a stop looks at what is held once nothing is in flight, and mends it before it ends. */
#include "core/trade/router.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"

static unsigned repairs(const struct stage *s)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < s->journal.n; i++)
		n += s->journal.fact[i].kind == FACT_PAIR &&
		     s->journal.fact[i].num[5] == INTENT_REPAIR &&
		     s->journal.fact[i].num[1] == PAIR_SENT;
	return n;
}

/* The venue takes half of the perpetual by force (F65), while a pair is in flight: then nothing is repaired yet. */
static void liquidate(struct stage *s)
{
	struct exec_report x = { .kind = EXEC_FILL,
				 .side = SIDE_BUY,
				 .venue = PERP,
				 .account = PERP,
				 .instrument = PERP,
				 .px = 601000,
				 .qty = 5,
				 .forced = FORCED_LIQUIDATION,
				 .venue_order = "L",
				 .exec = "L1" };
	router_on_exec(s->d, &x);
}

static void fill_what_works(struct stage *s)
{
	uint32_t i = 0;
	const struct order *o = blotter_each_open(&s->d->blotter, &i);
	ck_assert_ptr_nonnull(o);
	struct exec_report x = { .kind = EXEC_FILL,
				 .side = o->side,
				 .venue = o->venue,
				 .account = o->account,
				 .instrument = o->instrument,
				 .order = o->id,
				 .px = o->px,
				 .qty = o->qty,
				 .venue_order = "P",
				 .exec = "P1" };
	router_on_exec(s->d, &x);
}

static void propose(struct stage *s, enum stage_fate perp)
{
	static int64_t bid = 6000000;
	s->venue[SPOT].fate = STAGE_FILL;
	s->venue[PERP].fate = perp;
	stage_book(s, PERP, 601000, 601002);
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, bid, bid + 2);
	bid++;
	stage_turn(s, STAGE_MS);
}

START_TEST(what_ends_just_before_a_stop_is_looked_at)
{
	struct stage *s = stage_new();
	propose(s, STAGE_FILL);
	stage_run(s, STAGE_SECOND);
	ck_assert_uint_eq(s->d->stat.in_flight, 0);
	propose(s, STAGE_SILENT);
	ck_assert_uint_eq(s->d->stat.in_flight, 1);
	liquidate(s);
	stage_command(s, CMD_STOP, "all", "");
	stage_run(s, 250 * STAGE_MS); /* what looks at it every 100 ms has done so since */
	ck_assert(s->d->stat.in_flight && !engine_done(s->engine));
	fill_what_works(s);
	s->venue[PERP].fate = STAGE_FILL;
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->d->stat.in_flight, 0);
	ck_assert_uint_eq(repairs(s), 0);
	ck_assert(!engine_done(s->engine));
	for (int k = 0; k < 10000 && !engine_done(s->engine); k++)
		stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(repairs(s), 1);
	stage_free(s);
}
END_TEST

SUITE("engine_stop", what_ends_just_before_a_stop_is_looked_at)
