/* Proves how a proposal becomes whole lots: unequal contracts solved together, three legs in ratio, a close never more than is held, a roll that only rolls. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

/* A third leg: the perpetual once more, under an account of its own. */
struct three {
	struct rig *r;
	struct config_account account[3];
};

static void three_legs(struct three *t, int64_t den)
{
	struct rig *r = t->r = rig_new();
	t->account[0] = r->ca[0];
	t->account[1] = r->ca[1];
	t->account[2] = r->ca[1];
	r->cfg.account = t->account;
	r->cfg.n_accounts = 3;
	r->d.names.account[2] = 29;
	r->ci[0].n_legs = 3;
	r->ci[0].leg[2] = PERP;
	r->ci[0].account[2] = 2;
	r->ci[0].ratio_num[1] = r->ci[0].ratio_num[2] = r->ci[0].ratio_num[0] = 1;
	r->ci[0].ratio_den[1] = r->ci[0].ratio_den[2] = den;
	r->ci[0].ratio_den[0] = 1;
	r->ci[0].lot_base_e8 = RIG_LOT_E8;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
}

static struct proposal of_three(enum pair_style style)
{
	return (struct proposal){ .kind = PROPOSE_PAIR,
				  .tif = TIF_IOC,
				  .style = (uint8_t)style,
				  .first = 0,
				  .n_legs = 3,
				  .leg = { 0, 1, 2 },
				  .side = { SIDE_BUY, SIDE_SELL, SIDE_SELL },
				  .lots = 100 };
}

START_TEST(test_three_legs_follow)
{
	struct three t;
	three_legs(&t, 2);
	struct rig *r = t.r;
	struct proposal pr = of_three(STYLE_LEGGED);
	rig_plan(r, SPOT, FATE_PART, FATE_FILL);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(p->leg[0].cum_qty, 5005);
	ck_assert_int_eq(p->leg[1].cum_qty, -25);
	ck_assert_int_eq(p->leg[2].cum_qty, -25);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
	rig_free(r);
}
END_TEST

START_TEST(test_three_legs_on_fills)
{
	struct three t;
	three_legs(&t, 2);
	struct rig *r = t.r;
	struct proposal pr = of_three(STYLE_PASSIVE);
	r->venue[SPOT].then = FATE_REST;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	fake_fill(r, SPOT, fake_last(r, SPOT), 301, true); /* 1.5 lots of each of the others */
	rig_pump(r);
	ck_assert_int_eq(p->leg[1].cum_qty, -1);
	ck_assert_int_eq(p->leg[2].cum_qty, -1);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010 - 301, true);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(p->leg[1].cum_qty, -50);
	ck_assert_int_eq(p->leg[2].cum_qty, -50);
	rig_free(r);
}
END_TEST

/* One of the legs that follow is refused: what rests is cancelled, and the ladder ends it. */
START_TEST(test_three_legs_one_refused)
{
	struct three t;
	three_legs(&t, 2);
	struct rig *r = t.r;
	struct proposal pr = of_three(STYLE_LEGGED);
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
	ck_assert_int_eq(p->leg[1].cum_qty, -50);
	ck_assert_int_eq(p->leg[2].cum_qty, -50);
	rig_free(r);
}
END_TEST

/* 移仓: the short in one contract is bought back while another is sold; exposure stays. */
START_TEST(test_roll)
{
	struct three t;
	three_legs(&t, 1);
	struct rig *r = t.r;
	struct proposal roll = { .kind = PROPOSE_PAIR,
				 .intent = INTENT_ROLL,
				 .tif = TIF_IOC,
				 .first = LEG_ANY,
				 .n_legs = 2,
				 .leg = { 1, 2 },
				 .side = { SIDE_BUY, SIDE_SELL },
				 .lots = 100 };
	struct pair *p = exec_propose(&r->d, 0, &roll);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->intent, INTENT_OPEN); /* nothing is held: nothing is rolled */
	rig_free(r);
	three_legs(&t, 1);
	r = t.r;
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	int64_t before = desk_instance_base_e8(&r->d, 0);
	p = exec_propose(&r->d, 0, &roll);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->intent, INTENT_ROLL);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(position_net(r->d.instance[0].row[1]), 0);
	ck_assert_int_eq(position_net(r->d.instance[0].row[2]), -100);
	ck_assert_int_eq(desk_instance_base_e8(&r->d, 0), before);
	rig_free(r);
}
END_TEST

/* Left half it would be a position that nobody asked for: completed, or held; never taken back. */
START_TEST(test_broken_roll)
{
	struct three t;
	three_legs(&t, 1);
	struct rig *r = t.r;
	rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
	struct proposal roll = { .kind = PROPOSE_PAIR,
				 .intent = INTENT_ROLL,
				 .tif = TIF_IOC,
				 .first = LEG_ANY,
				 .n_legs = 2,
				 .leg = { 1, 2 },
				 .side = { SIDE_BUY, SIDE_SELL },
				 .lots = 100 };
	struct fake_venue *f = &r->venue[PERP];
	f->plan[0] = FATE_FILL;
	f->plan[1] = FATE_REJECT; /* bought back, and the new one not sold */
	f->n_plan = 2;
	f->at_plan = 0;
	f->then = FATE_FILL;
	struct pair *p = exec_propose(&r->d, 0, &roll);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->intent, INTENT_ROLL);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(r->d.stat.completed, 1);
	ck_assert_int_eq(position_net(r->d.instance[0].row[1]), 0);
	ck_assert_int_eq(position_net(r->d.instance[0].row[2]), -100);
	rig_free(r);
}
END_TEST

START_TEST(test_close_no_more_than_held)
{
	struct rig *r = rig_new();
	rig_finish(r, rig_propose(r, INTENT_OPEN, 60), RIG_SECOND);
	struct pair *p = rig_propose(r, INTENT_CLOSE, 100);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->intent, INTENT_CLOSE);
	ck_assert_int_eq(p->lots, 60);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_free(r);
}
END_TEST

/* 100 troy ounces against 1,000 g: 1 to 3, and what is left over is worked off: the fifth pair needs 4. */
START_TEST(test_unequal_contracts)
{
	struct rig *r = rig_new();
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		struct instrument *in = &r->in[l];
		in->qty_dp = 0;
		in->px_dp = 2;
		in->expo = (struct expo){ .kind = EXPO_LINEAR,
					  .num = l == SPOT ? 311034768 : 1000,
					  .den = l == SPOT ? 100000 : 1 };
		in->rule[0].min_notional_e8 = 0;
		in->rule[0].fee.in = FEE_IN_QUOTE;
	}
	r->ci[0].limits.max_slip_tick = 10;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	rig_book(r, SPOT, 50000, 50001, 100);
	rig_book(r, PERP, 50100, 50101, 100);
	const int64_t lots[] = { 3, 3, 3, 3, 4, 3, 3, 3, 3 };
	int64_t sum = 0;
	for (unsigned k = 0; k < 9; k++) {
		struct pair *p = rig_propose(r, INTENT_OPEN, 1);
		ck_assert_ptr_nonnull(p);
		ck_assert_int_eq(p->leg[SPOT].want_qty, 1);
		ck_assert_int_eq(p->leg[PERP].want_qty, lots[k]);
		rig_finish(r, p, RIG_SECOND);
		ck_assert_int_eq(p->state, PAIR_HEDGED);
		sum += lots[k];
	}
	ck_assert_int_eq(sum, 28);
	ck_assert_int_eq(desk_instance_base_e8(&r->d, 0),
			 (9 * 311034768LL - 28 * 100000000LL) * 1000);
	rig_free(r);
}
END_TEST

/* What an operator has accepted is carried, and the next pair is not drafted a lot short of itself for it. */
START_TEST(test_carried_leaves_the_pair_even)
{
	struct rig *r = rig_new();
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	rig_plan(r, PERP, FATE_PART, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ACCEPT, "ann", "wanted so"), 0);
	rig_finish(r, p, RIG_SECOND);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 4);
	rig_free(r);
}
END_TEST

SUITE("draft", test_three_legs_follow, test_three_legs_on_fills, test_three_legs_one_refused,
      test_roll, test_broken_roll, test_close_no_more_than_held, test_unequal_contracts,
      test_carried_leaves_the_pair_even)
