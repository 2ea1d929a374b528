/* Proves the prices of the two ways out of a broken pair, and the limits that they keep to. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"

/* A pair whose perpetual was rejected while the spot leg filled, before anybody has looked at it. */
static struct pair *broken(struct rig *r)
{
	rig_plan(r, SPOT, FATE_FILL, FATE_REST);
	rig_plan(r, PERP, FATE_REJECT, FATE_REST);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		for (uint32_t i = 0; i < r->venue[l].n_out; i++)
			router_on_exec(&r->d, &r->venue[l].out[i]);
		r->venue[l].n_out = 0;
	}
	return p;
}

START_TEST(test_costs)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r);
	struct rescue_plan plan;
	rig_prices(r, 5999900, 5999901, 600990, 600991); /* both a little lower */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.imbalance_base_e8, 9999990);
	ck_assert(plan.out[RESCUE_COMPLETE].possible && plan.out[RESCUE_UNWIND].possible);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[SPOT].qty, 0);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].qty, 100);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].side, SIDE_SELL);
	/* sold at 60,099.0 against 60,100.0: 0.1 down on 0.1 BTC; 4 bp of 6,009.90 in fees */
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].cost_e8, 10000000 + 240396000);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].trade[SPOT].side, SIDE_SELL);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].trade[SPOT].qty, 10000);
	/* sold at 59,999.00 against 60,000.01, 10 bp of 5,999.90, and the edge: 60,100.0 less 60,000.01 on 0.1 */
	int64_t edge = 999900000;
	int64_t part = 999999; /* of a million: the fee is not in the holding */
	int64_t want = 10100000 + 599990000 + edge * part / 1000000;
	ck_assert_int_le(plan.out[RESCUE_UNWIND].cost_e8 - want, 2);
	ck_assert_int_ge(plan.out[RESCUE_UNWIND].cost_e8 - want, -2);
	ck_assert_int_eq(plan.way, RESCUE_COMPLETE);
	rig_free(r);
}
END_TEST

/* Completing keeps to the slip limit from the price of the decision, unwinding to its own from the market, both to collar and band. */
START_TEST(test_worst_prices)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 100);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].trade[SPOT].px, 6000000 - 2000);
	r->cfg.risk.collar_ppm = 100; /* 6.0 of 60,000 */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 60);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].trade[SPOT].px, 6000000 - 600);
	r->in[SPOT].rule[0].band_lo = 5999990;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].trade[SPOT].px, 5999990);
	struct order o = { .instrument = SPOT,
			   .side = SIDE_SELL,
			   .rescue = true,
			   .venue = SPOT,
			   .px = plan.out[RESCUE_UNWIND].trade[SPOT].px,
			   .qty = plan.out[RESCUE_UNWIND].trade[SPOT].qty };
	ck_assert_int_eq(risk_order(&r->d, &o).limit,
			 RISK_LIMIT_NONE);     /* and so the gate lets it pass */
	r->in[SPOT].rule[0].band_lo = 6000001; /* locked at its limit (F34) */
	rescue_plan(&r->d, p, &plan);
	ck_assert(!plan.out[RESCUE_UNWIND].possible);
	rig_free(r);
}
END_TEST

/* Completing may take back what a leg has too much of: that is no opening, and pays what unwinding may. */
START_TEST(test_too_much_goes_back)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r);
	struct rescue_plan plan;
	p->leg[SPOT].cum_qty += 2000;
	rig_prices(r, 5999000, 5999001, 601000, 601001); /* spot is far below its trigger now */
	rescue_plan(&r->d, p, &plan);
	ck_assert(plan.out[RESCUE_COMPLETE].possible);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[SPOT].side, SIDE_SELL);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[SPOT].qty, 2000);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[SPOT].px, 5999000 - 2000);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 100);
	rig_free(r);
}
END_TEST

START_TEST(test_budget_chooses)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.way, RESCUE_COMPLETE);
	r->ci[0].rescue_budget_e8 = plan.out[RESCUE_COMPLETE].cost_e8;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.way, RESCUE_COMPLETE);
	r->ci[0].rescue_budget_e8--;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.way, RESCUE_WAIT);
	ck_assert_int_eq(plan.cause, HELD_BUDGET);
	r->ci[0].rescue_budget_e8 += 2;
	p->spent_e8 = 2; /* what was spent before counts */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.way, RESCUE_WAIT);
	rig_free(r);
}
END_TEST

/* Less than the smallest trade of any leg is carried; as much as that is traded. */
START_TEST(test_tolerance)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r);
	ck_assert_int_eq(rescue_tolerance_base_e8(&r->d, p),
			 9000 - 1); /* 5 USDT at 60,000: 0.00009 */
	r->cfg.risk.residual_tolerance_base_e8 = 20000;
	ck_assert_int_eq(rescue_tolerance_base_e8(&r->d, p), 20000);
	rig_free(r);
}
END_TEST

/* The limits of a script are bounded by the configuration's; what neither states has a sane value. */
START_TEST(test_binding)
{
	struct rig *r = rig_new();
	struct desk_instance *in = &r->d.instance[0];
	struct strategy s = { .limits = { .max_age_ns = 7,
					  .max_slip_tick = 3,
					  .max_unwind_slip_tick = -1,
					  .on_leg_fail = LEG_FAIL_HOLD },
			      .conv = { { .k = 2 }, { .k = 3 } } };
	r->ci[0].limits = (struct strat_limits){ .max_age_ns = 9,
						 .max_skew_ns = 5,
						 .max_slip_tick = 4,
						 .max_unwind_slip_tick = -1,
						 .on_leg_fail = UINT8_MAX };
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, &s), 0);
	ck_assert_int_eq(in->limits.max_age_ns, 7);
	ck_assert_int_eq(in->limits.max_skew_ns, 5);
	ck_assert_int_eq(in->limits.max_slip_tick, 3);
	ck_assert_int_eq(in->limits.max_unwind_slip_tick, 50);
	ck_assert_int_eq(in->limits.leg_timeout_ns, 300 * RIG_MS);
	ck_assert_int_eq(in->limits.pair_timeout_ns, 5 * RIG_SECOND);
	ck_assert_int_eq(in->limits.on_leg_fail, LEG_FAIL_HOLD);
	ck_assert_int_eq(in->lot_base_e8, RIG_LOT_E8);
	ck_assert_int_eq(in->spec.lot_base_e8, RIG_LOT_E8);
	ck_assert(in->spec.conv[1].k > 2.9);
	r->ci[0].limits.max_slip_tick = 0; /* zero is a limit */
	r->ci[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	r->in[PERP].rule[0].lot = 5; /* a new rule */
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	ck_assert_int_eq(in->limits.max_slip_tick, 0);
	ck_assert_int_eq(in->limits.on_leg_fail, LEG_FAIL_UNWIND);
	ck_assert_int_eq(in->lot_base_e8, 5 * RIG_LOT_E8);
	ck_assert_ptr_eq(in->row[PERP], positions_at(&r->d.positions, PERP, PERP, 0));
	r->ci[0].lot_base_e8 = 12345;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	ck_assert_int_eq(in->lot_base_e8, 12345);
	rig_free(r);
}
END_TEST

/* Depth is older than the best price: nothing better than that is counted on. */
START_TEST(test_newest_best_price)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r);
	struct rescue_plan plan;
	struct quote q = r->d.feed[PERP].top.q;
	q.seq++;
	q.px[SIDE_BUY] = 600970; /* three dollars down, and little there */
	q.qty[SIDE_BUY] = 40;
	ck_assert(feed_quote(&r->d.feed[PERP], &q).top_changed);
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].at_px,
			 (40 * 600970 + 60 * 600900) / 100); /* what is not shown: at the limit */
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].seen_qty, 40);
	rig_free(r);
}
END_TEST

static struct pair *broken_with(struct rig *r, double fair)
{
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.has_fair = true;
	pr.fair = fair;
	rig_plan(r, SPOT, FATE_FILL, FATE_REST);
	rig_plan(r, PERP, FATE_REJECT, FATE_REST);
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		for (uint32_t i = 0; i < r->venue[l].n_out; i++)
			router_on_exec(&r->d, &r->venue[l].out[i]);
		r->venue[l].n_out = 0;
	}
	return p;
}

/* Spot is fair 100 below the perpetual: 99.99 of difference earns nothing, and unwinding gives up less than nothing. */
START_TEST(test_edge_given_up)
{
	struct rig *r = rig_new();
	struct pair *p = broken_with(r, -100);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].edge_e8, -100000);
	ck_assert_int_eq(p->fair_from, FAIR_STATED);
	ck_assert_int_eq(rig_latest(r, FACT_FAIR)->num[1], 100000000000);
	ck_assert_int_eq(rig_latest(r, FACT_FAIR)->num[2], -100000);
	rig_free(r);
}
END_TEST

/* What is fair outlives the host: its receipt brings it back. */
START_TEST(test_fair_is_remembered)
{
	struct rig *dead = rig_new();
	struct pair *p = broken_with(dead, -12.5);
	struct rig *r = rig_reborn(dead, dead->journal.n, true);
	rig_recover(r);
	const struct pair *q = pairs_find(&r->d.pairs, p->id);
	ck_assert_ptr_nonnull(q);
	ck_assert_int_eq(q->fair_from, FAIR_STATED);
	ck_assert(q->fair > 12.499 && q->fair < 12.501); /* spot is bought: an edge of so much */
	rig_free(r);
	rig_free(dead);
}
END_TEST

/* Fair is that the perpetual stands 50 below: the pair earns 149.99 less 84.10 of fees; 65.89 may go, and no more than unwinding may. */
START_TEST(test_limit_of_the_pair)
{
	struct rig *r = rig_new();
	struct pair *p = broken_with(r, 50);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 658);
	r->ci[0].rescue.keep_edge_ppm = 500000; /* half of it: 32.94 */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 329);
	r->d.instance[0].limits.max_unwind_slip_tick = 200;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 200);
	r->ci[0].rescue.cross.ticks = 50; /* a row that says its own is kept to */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 50);
	rig_free(r);
}
END_TEST

/* Filling up opens: whatever bars opening bars it, and what is left is completed to the leading leg. */
START_TEST(test_filling_up_is_opening)
{
	struct rig *r = rig_new();
	rig_plan(r, SPOT, FATE_PART, FATE_REST);
	rig_plan(r, PERP, FATE_NONE, FATE_REST);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		for (uint32_t i = 0; i < r->venue[l].n_out; i++)
			router_on_exec(&r->d, &r->venue[l].out[i]);
		r->venue[l].n_out = 0;
	}
	struct rescue_plan plan;
	const struct rescue_trade *t = plan.out[RESCUE_COMPLETE].trade;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(t[PERP].qty, 100);
	ck_assert(t[SPOT].opens && !t[PERP].opens);
	ck_assert_int_eq(t[SPOT].qty, 5005);
	ck_assert_int_lt(plan.out[RESCUE_COMPLETE].edge_e8, 0);
	r->d.risk_state = RISK_REDUCING;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(t[PERP].qty, 50);
	ck_assert_int_eq(t[SPOT].qty, 0);
	r->d.risk_state = RISK_ACTIVE;
	r->d.instance[0].paused = true;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(t[SPOT].qty, 0);
	r->d.instance[0].paused = false;
	rig_book(r, SPOT, 6000000, 6000150, 500000); /* beyond the slip limit of the decision */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(t[SPOT].qty, 0);
	rig_free(r);
}
END_TEST

SUITE("rescue", test_too_much_goes_back, test_costs, test_worst_prices, test_budget_chooses,
      test_tolerance, test_binding, test_newest_best_price, test_edge_given_up,
      test_fair_is_remembered, test_limit_of_the_pair, test_filling_up_is_opening)
