/* Proves an operator's word on a pair: it goes above the policy and never above the limits, it outlives the host, and what was accepted stays until something new fills. */
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <string.h>

#define BUDGET_E8 1000000000000

/* The perpetual was rejected, the spot leg stands alone, and the policy holds it. */
static struct pair *held(struct rig *r, enum pair_intent intent)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	r->ci[0].rescue_budget_e8 = BUDGET_E8;
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, intent, 100);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_BY_POLICY);
	return p;
}

static int resolve(struct rig *r, struct pair *p, enum resolve_way way)
{
	return exec_resolve(&r->d, p, way, "ann/1", "the venue closes");
}

START_TEST(test_both_ways)
{
	static const enum resolve_way ways[] = { RESOLVE_COMPLETE, RESOLVE_UNWIND };
	static const enum pair_state busy[] = { PAIR_COMPLETING, PAIR_UNWINDING };
	static const enum pair_state end[] = { PAIR_HEDGED, PAIR_FLAT };
	for (int k = 0; k < 2; k++) {
		struct rig *r = rig_new();
		struct pair *p = held(r, INTENT_OPEN);
		p->attempts = 200; /* afresh */
		p->spent_e8 = BUDGET_E8;
		ck_assert_int_eq(resolve(r, p, ways[k]), 0);
		ck_assert_int_eq(p->state, busy[k]);
		const struct fact *f = rig_latest(r, FACT_OPERATOR);
		ck_assert_uint_eq(f->pair, p->id);
		ck_assert_int_eq(f->num[0], CMD_RESOLVE);
		ck_assert_int_eq(f->num[1], 0);
		ck_assert_int_eq(f->num[2], ways[k]);
		ck_assert_int_eq(f->num[4], k == 0 ? 100 : 2000);
		ck_assert_int_eq(f->num[7], BUDGET_E8);
		ck_assert_ptr_nonnull(strstr(f->text, "by ann/1: the venue closes"));
		rig_finish(r, p, RIG_SECOND);
		ck_assert_int_eq(p->state, end[k]);
		ck_assert_int_eq(p->told, RESOLVE_NONE);
		ck_assert_uint_eq(r->d.stat.held, 0);
		rig_audit(r);
		rig_free(r);
	}
}
END_TEST

/* The word names the way, not the price: beyond the slip limit it stays held, and goes when the price is back. */
START_TEST(test_limits_stand_above_it)
{
	struct rig *r = rig_new();
	struct pair *p = held(r, INTENT_OPEN);
	rig_prices(r, 6000000, 6000001, 600000, 600001); /* 1000 ticks below the trigger */
	unsigned places = r->venue[PERP].places;
	ck_assert_int_eq(resolve(r, p, RESOLVE_COMPLETE), 0);
	ck_assert_int_eq(p->state, PAIR_HELD);
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_PRICE);
	ck_assert_uint_eq(r->venue[PERP].places, places);
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	rig_finish(r, p, 3 * RIG_SECOND);
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	rig_free(r);
}
END_TEST

/* Told to unwind, the cheaper way is not taken instead; a budget that is too small holds it all the same. */
START_TEST(test_only_that_way_and_inside_the_budget)
{
	struct rig *r = rig_new();
	struct pair *p = held(r, INTENT_OPEN);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	r->ci[0].rescue_budget_e8 = 1;
	p->spent_e8 = 1000;
	ck_assert_int_eq(resolve(r, p, RESOLVE_UNWIND), 0);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_BUDGET);
	r->ci[0].rescue_budget_e8 = BUDGET_E8;
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_free(r);
}
END_TEST

/* A broken close is never re-opened by itself (R4); an operator may. */
START_TEST(test_a_close_may_be_taken_back)
{
	struct rig *r = rig_new();
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	int64_t before = fake_net_qty(r, PERP);
	struct pair *p = held(r, INTENT_CLOSE);
	ck_assert_int_eq(resolve(r, p, RESOLVE_UNWIND), 0);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_int_eq(fake_net_qty(r, PERP), before);
	rig_free(r);
}
END_TEST

/* It ends as it is; neither time nor a new life of the host breaks it again, a late fill does. */
START_TEST(test_accept)
{
	struct rig *r = rig_new();
	struct pair *p = held(r, INTENT_OPEN);
	ck_assert_int_eq(resolve(r, p, RESOLVE_ACCEPT), 0);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(rig_latest(r, FACT_OPERATOR)->num[3], 9999990);
	ck_assert_uint_eq(r->d.stat.held + r->d.stat.in_flight, 0);
	pairs_touch(&r->d.pairs, p);
	rig_run(r, 10 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(desk_instance_base_e8(&r->d, 0), 9999990); /* carried, and told */
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	for (unsigned l = 0; l < RIG_LEGS; l++)
		rig_venue(again, l, true);
	again->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	rig_run(again, 10 * RIG_SECOND);
	struct pair *q = pairs_find(&again->d.pairs, p->id);
	ck_assert_ptr_nonnull(q);
	ck_assert_int_eq(q->state, PAIR_HEDGED);
	ck_assert_uint_eq(again->venue[PERP].places + again->venue[SPOT].places, 0);
	rig_free(again);
	/* the spot leg's fill is taken back: it is looked at as ever */
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	fake_bust(r, SPOT, 0);
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_int_eq(p->told, RESOLVE_NONE);
	rig_free(r);
}
END_TEST

/* What was told is done by the next life of the host too, whether it reads the word itself or a checkpoint of it. */
START_TEST(test_outlives_the_host)
{
	for (int checkpoint = 0; checkpoint < 2; checkpoint++) {
		struct rig *r = rig_new();
		struct pair *p = held(r, INTENT_OPEN);
		p->spent_e8 = 5;
		rig_venue(r, SPOT, false);
		ck_assert_int_eq(resolve(r, p, RESOLVE_UNWIND), 0);
		ck_assert_int_eq(p->state, PAIR_HELD);
		ck_assert_int_eq(p->held_cause, HELD_VENUE_DOWN);
		p->spent_e8 = 9; /* what it has spent since is not given afresh */
		if (checkpoint)
			checkpoint_write(&r->d);
		struct rig *again = rig_reborn(r, r->journal.n, true);
		rig_recover(again);
		struct pair *q = pairs_find(&again->d.pairs, p->id);
		ck_assert_int_eq(q->told, RESOLVE_UNWIND);
		ck_assert_int_eq(q->forgiven_e8, 5);
		for (unsigned l = 0; l < RIG_LEGS; l++)
			rig_venue(again, l, true);
		rig_run(again, 3 * RIG_SECOND);
		ck_assert_int_eq(q->state, PAIR_FLAT);
		rig_free(again);
		rig_free(r);
	}
}
END_TEST

static void must_refuse(struct rig *r, struct pair *p, enum resolve_way way, const char *word)
{
	enum pair_state before = (enum pair_state)p->state;
	uint32_t facts = r->journal.n;
	ck_assert_int_lt(resolve(r, p, way), 0);
	ck_assert_msg(strstr(err_text(), word) != NULL, "%s", err_text());
	ck_assert_int_eq(p->state, before);
	ck_assert_uint_eq(r->journal.n, facts);
	ck_assert_int_eq(p->told, RESOLVE_NONE);
}

START_TEST(test_refusals)
{
	struct rig *r = rig_new();
	rig_plan(r, SPOT, FATE_SILENT_REST, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	r->venue[SPOT].mute_query = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	must_refuse(r, p, RESOLVE_ACCEPT, "on their way");
	rig_run(r, 20 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_UNKNOWN_ORDER);
	must_refuse(r, p, RESOLVE_ACCEPT, "may still fill");
	must_refuse(r, p, RESOLVE_ADOPT, "may still fill");
	/* a way is taken note of, and nothing is sent before the order's end is known */
	unsigned places = r->venue[SPOT].places + r->venue[PERP].places;
	ck_assert_int_eq(resolve(r, p, RESOLVE_UNWIND), 0);
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, places);
	ck_assert_int_eq(p->state, PAIR_HELD);
	rig_free(r);
	r = rig_new();
	p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	must_refuse(r, p, RESOLVE_UNWIND, "has ended");
	p = held(r, INTENT_OPEN);
	must_refuse(r, p, RESOLVE_ADOPT, "by hand");
	r->journal.limit = r->journal.n + 2;
	must_refuse(r, p, RESOLVE_COMPLETE, "no room");
	rig_free(r);
}
END_TEST

/* A pair that rests since its steps are used up is done at once with what an operator says. */
START_TEST(test_ends_a_rest)
{
	for (int accept = 0; accept < 2; accept++) {
		struct rig *r = rig_new();
		rig_plan(r, SPOT, FATE_FILL, FATE_REJECT);
		rig_plan(r, PERP, FATE_REJECT, FATE_REJECT);
		struct pair *p = rig_propose(r, INTENT_OPEN, 100);
		rig_finish(r, p, 8 * RIG_SECOND);
		ck_assert_int_eq(p->state, PAIR_HELD);
		ck_assert_int_eq(p->held_cause, HELD_ATTEMPTS);
		r->venue[PERP].then = FATE_FILL;
		ck_assert_int_eq(resolve(r, p, accept ? RESOLVE_ACCEPT : RESOLVE_COMPLETE), 0);
		rig_pump(r);
		ck_assert_int_eq(p->state, PAIR_HEDGED);
		ck_assert_int_eq(fake_net_qty(r, PERP), accept ? 0 : -100);
		rig_free(r);
	}
}
END_TEST

START_TEST(test_words)
{
	for (int w = RESOLVE_COMPLETE; w < resolve_way_max; w++)
		ck_assert_int_eq(resolve_way_find(resolve_way_name((enum resolve_way)w)), w);
	ck_assert_int_eq(resolve_way_find("none"), RESOLVE_NONE);
	ck_assert_int_eq(resolve_way_find("dance"), RESOLVE_NONE);
}
END_TEST

SUITE("resolve", test_both_ways, test_limits_stand_above_it,
      test_only_that_way_and_inside_the_budget, test_a_close_may_be_taken_back, test_accept,
      test_outlives_the_host, test_refusals, test_ends_a_rest, test_words)
