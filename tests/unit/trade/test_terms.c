/* Proves that a pair's own ladder tightens its instance's and never widens it, that a receipt says what holds, and that a restart knows it. */
#include "core/trade/ladder.h"
#include "core/trade/rescue.h"
#include "core/trade/terms.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <math.h>

static struct proposal asked(void)
{
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.has_rescue = true;
	pr.on_leg_fail = on_leg_fail_max;
	pr.rescue = (struct proposal_rescue){ -1, -1, -1, -1, -1 };
	return pr;
}

static struct pair *broken(struct rig *r, const struct proposal *pr)
{
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = exec_propose(&r->d, 0, pr);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	return p;
}

START_TEST(test_policy)
{
	static const struct {
		enum on_leg_fail own, pair;
		enum pair_state end;
	} row[] = {
		{ LEG_FAIL_CHEAPEST, on_leg_fail_max, PAIR_HEDGED },
		{ LEG_FAIL_CHEAPEST, LEG_FAIL_UNWIND, PAIR_FLAT },
		{ LEG_FAIL_CHEAPEST, LEG_FAIL_COMPLETE, PAIR_HEDGED },
		{ LEG_FAIL_UNWIND, LEG_FAIL_CHEAPEST, PAIR_FLAT },
		{ LEG_FAIL_COMPLETE, LEG_FAIL_HOLD, PAIR_HELD },
	};
	for (unsigned k = 0; k < sizeof row / sizeof *row; k++) {
		struct rig *r = rig_new();
		struct proposal pr = asked();
		r->ci[0].limits.on_leg_fail = (uint8_t)row[k].own;
		ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
		pr.on_leg_fail = (uint8_t)row[k].pair;
		ck_assert_int_eq(broken(r, &pr)->state, row[k].end);
		ck_assert_uint_eq(rig_count(r, FACT_TERMS), 1);
		rig_free(r);
	}
}
END_TEST

START_TEST(test_nonsense)
{
	struct rig *r = rig_new();
	struct proposal pr = asked();
	r->ci[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	pr.on_leg_fail = LEG_FAIL_COMPLETE; /* nothing of the instance's is left */
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	pr.on_leg_fail = 200;
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	pr = asked();
	pr.rescue.budget = NAN;
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	pr = asked();
	pr.rescue.wait_s = 1e300;
	ck_assert_ptr_null(exec_propose(&r->d, 0, &pr));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_PROPOSAL);
	rig_free(r);
}
END_TEST

/* What goes beyond the instance's is cut to it; what is tighter counts. */
START_TEST(test_bounds)
{
	struct rig *r = rig_new();
	struct proposal pr = asked();
	r->ci[0].rescue_budget_e8 = 10 * 100000000LL;
	r->ci[0].rescue.wait.time_ns = 2 * RIG_SECOND;
	r->ci[0].rescue.chase.time_ns = 3 * RIG_SECOND;
	pr.rescue = (struct proposal_rescue){ 1e6, 7.9, 25, 1.5, 60 };
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	const struct fact *f = rig_latest(r, FACT_TERMS);
	ck_assert_int_eq(f->num[1], 100);
	ck_assert_int_eq(f->num[2], 7); /* whole ticks, never more than asked */
	ck_assert_int_eq(f->num[3], 10 * 100000000LL);
	ck_assert_int_eq(f->num[4], 1500 * RIG_MS);
	ck_assert_int_eq(f->num[5], 3 * RIG_SECOND);
	ck_assert_str_eq(
		f->text,
		"its own ladder: slip 100 ticks, back 7 ticks, at most 10, wait 1.5 s, chase 3 s");
	ck_assert_int_eq(rescue_slip_tick(&r->d, p, true), 100);
	ck_assert_int_eq(rescue_slip_tick(&r->d, p, false), 7);
	ck_assert_int_eq(ladder_left_ns(&r->d, p, RESCUE_WAIT), 1500 * RIG_MS);
	ck_assert_int_eq(ladder_left_ns(&r->d, p, RESCUE_CHASE), 3 * RIG_SECOND);
	p->terms.stated = false;
	ck_assert_int_eq(rescue_slip_tick(&r->d, p, false), 2000);
	ck_assert_int_eq(ladder_left_ns(&r->d, p, RESCUE_WAIT), 2 * RIG_SECOND);
	rig_free(r);
}
END_TEST

START_TEST(test_budget)
{
	struct rig *r = rig_new();
	struct proposal pr = asked();
	pr.rescue.budget = 0.01;
	struct pair *p = broken(r, &pr);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_BUDGET);
	rig_free(r);
}
END_TEST

START_TEST(test_over_a_restart)
{
	struct rig *r = rig_new();
	struct proposal pr = asked();
	pr.on_leg_fail = LEG_FAIL_UNWIND;
	pr.rescue.budget = 50;
	pr.rescue.max_unwind_slip_ticks = 9;
	rig_plan(r, PERP, FATE_SILENT_NONE, FATE_FILL);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	struct rig *again = rig_reborn(r, r->journal.n, true);
	rig_recover(again);
	struct pair *q = pairs_find(&again->d.pairs, p->id);
	ck_assert_ptr_nonnull(q);
	ck_assert(q->terms.stated && q->terms.on_leg_fail == LEG_FAIL_UNWIND);
	ck_assert(q->terms.budget_e8 == 5000000000 && q->terms.unwind_slip_tick == 9);
	ck_assert(q->terms.slip_tick == -1 && q->terms.wait_ns == -1 && q->terms.chase_ns == -1);
	for (unsigned l = 0; l < RIG_LEGS; l++)
		rig_venue(again, l, true);
	rig_finish(again, q, 20 * RIG_SECOND);
	ck_assert_msg(q->state == PAIR_FLAT, "%s %s", pair_state_name(q->state), held_cause_name(q->held_cause));
	rig_free(again);
	rig_free(r);
}
END_TEST

SUITE("terms", test_policy, test_nonsense, test_bounds, test_budget, test_over_a_restart)
