/* Proves the ladder: which way is taken and why the others are not, that each row keeps its limits, and that orders which rest are re-priced without being hedged twice. */
#include "core/trade/ladder.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <string.h>

static void deliver(struct rig *r)
{
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		for (uint32_t i = 0; i < r->venue[l].n_out; i++)
			router_on_exec(&r->d, &r->venue[l].out[i]);
		r->venue[l].n_out = 0;
	}
}

/* The perpetual was rejected while the spot leg filled; nobody has looked at it yet. Rescues at the perpetual rest. */
static struct pair *broken(struct rig *r, enum fate next)
{
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, next);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	deliver(r);
	return p;
}

/* One standard deviation of this many price units in a second. */
static void moves_by(struct rig *r, unsigned leg, int64_t px)
{
	r->d.vol[leg] = (struct vol){ .n = VOL_MEMORY, .square = (__int128)px * px * 256 };
}

/* Chasing saves the spread and three quarters of the fee. */
static void let_chase(struct rig *r)
{
	struct config_rescue *c = &r->ci[0].rescue;
	c->chase.time_ns = 2 * RIG_SECOND;
	c->chase.every_ns = 100 * RIG_MS;
	c->risk_aversion_ppm = 1000000;
	r->in[PERP].rule[0].fee.maker_e8 = 10000;
	moves_by(r, PERP, 10); /* 1.0 of 60,100 in a second */
}

START_TEST(test_each_way_is_a_receipt_that_adds_up)
{
	struct rig *r = rig_new();
	let_chase(r);
	moves_by(r, SPOT, 10);
	struct pair *p = broken(r, FATE_REST);
	rig_pump(r);
	unsigned seen = 0;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->kind != FACT_COST)
			continue;
		seen |= 1u << f->num[0];
		ck_assert_uint_eq(f->pair, p->id);
		ck_assert_int_eq(f->num[1] + f->num[2] + f->num[3] + f->num[4], f->num[5]);
		ck_assert_int_eq(f->num[7], HELD_NONE);
	}
	ck_assert_uint_eq(seen, 1u << RESCUE_COMPLETE | 1u << RESCUE_UNWIND | 1u << RESCUE_CHASE |
					1u << RESCUE_CHASE_BACK);
	const struct fact *f = rig_latest(r, FACT_RESCUE);
	ck_assert_int_eq(f->num[7], RESCUE_CHASE);
	rig_free(r);
}
END_TEST

/* By hand: sold at 60,100.1 against 60,100.0 is 0.1 better, on 0.1; 1 bp of 6,010.01; 1.0 times the root of two seconds on 0.1. */
START_TEST(test_what_a_chase_costs)
{
	struct rig *r = rig_new();
	let_chase(r);
	struct pair *p = broken(r, FATE_REST);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	const struct rescue_way_out *o = &plan.out[RESCUE_CHASE];
	ck_assert_int_eq(o->slip_e8, -1000000);
	ck_assert_int_eq(o->fee_e8, 60100100);
	ck_assert_int_ge(o->waiting_e8, 14142135);
	ck_assert_int_le(o->waiting_e8, 15000000);
	ck_assert_int_eq(o->cost_e8, o->slip_e8 + o->fee_e8 + o->waiting_e8);
	ck_assert_int_eq(plan.way, RESCUE_CHASE);
	r->ci[0].rescue.risk_aversion_ppm =
		100000000; /* waiting weighs a hundred times: then it is crossed */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.way, RESCUE_COMPLETE);
	r->ci[0].rescue.risk_aversion_ppm = 0;
	r->d.vol[PERP].n = VOL_LEAST - 1; /* not known yet: nothing waits on a guess */
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_CHASE].why_not, HELD_UNMEASURED);
	ck_assert_int_eq(plan.way, RESCUE_COMPLETE);
	rig_free(r);
}
END_TEST

/* It rests at its own side, follows the price by cancel, end and new order, and what filled meanwhile is not ordered again. */
START_TEST(test_a_chase_is_repriced)
{
	struct rig *r = rig_new();
	let_chase(r);
	struct pair *p = broken(r, FATE_REST);
	rig_pump(r);
	struct fake_order *o = fake_last(r, PERP);
	ck_assert_int_eq(o->px, 601001);
	ck_assert_int_eq(o->qty, 100);
	ck_assert_int_eq(blotter_find(&r->d.blotter, o->id)->tif, TIF_GTC);
	rig_run(r, 500 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].cancels,
			  0); /* the price has not moved; no timeout takes it off */
	fake_fill(r, PERP, o, 40, true);
	rig_prices(r, 6000000, 6000001, 601004, 601005);
	rig_run(r, 300 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].cancels, 1);
	struct fake_order *next = fake_last(r, PERP);
	ck_assert_ptr_ne(next, o);
	ck_assert_int_eq(next->px, 601005);
	ck_assert_int_eq(next->qty, 60);
	fake_fill(r, PERP, next, 60, true);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* It pays up as far as the other side's best, where it would take what stands there and is priced so; beyond that is crossing, which costs no waiting and is taken then.
 * Standing best itself it does not outbid itself. */
START_TEST(test_a_chase_pays_up_to_the_other_side)
{
	for (int32_t up = 0; up <= 8; up++) {
		struct rig *r = rig_new();
		let_chase(r);
		r->ci[0].rescue.chase.pay_up_tick = up;
		rig_prices(r, 6000000, 6000001, 601000, 601005);
		struct pair *p = broken(r, FATE_REST);
		int64_t px = up < 5 ? 601005 - up : 601000;
		struct rescue_plan plan;
		rescue_plan(&r->d, p, &plan);
		const struct rescue_trade *t = &plan.out[RESCUE_CHASE].trade[PERP];
		ck_assert_int_eq(rescue_chase_px(&r->d, p, &p->leg[PERP], SIDE_SELL, RESCUE_CHASE),
				 px);
		ck_assert_int_eq(t->px, px);
		ck_assert_int_eq(t->fee_e8, 100 * px * (up < 5 ? 10000 : 40000) / 10000);
		ck_assert_int_eq(plan.way, up < 5 ? RESCUE_CHASE : RESCUE_COMPLETE);
		rig_pump(r);
		const struct fake_order *o = fake_last(r, PERP);
		ck_assert_int_eq(o->px, up < 5 ? px : plan.out[RESCUE_COMPLETE].trade[PERP].px);
		rig_prices(r, 6000000, 6000001, 600999, px); /* as the venue shows it now */
		rig_run(r, 250 * RIG_MS);
		ck_assert_uint_eq(r->venue[PERP].cancels, 0);
		rig_free(r);
	}
}
END_TEST

/* What filled may go back by orders that rest as well: where that is the cheapest, within the same row, quoted anew as its price moves; and never of a leg that only policy may cut. */
START_TEST(test_what_leads_is_chased_back)
{
	struct rig *r = rig_new();
	let_chase(r);
	moves_by(r, SPOT, 10);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	r->in[SPOT].rule[0].fee.maker_e8 = 10000;
	struct pair *p = broken(r, FATE_FILL);
	r->venue[SPOT].then = FATE_REST;
	r->venue[SPOT].n_plan = 0;
	rig_pump(r);
	const struct fact *f = rig_latest(r, FACT_RESCUE);
	ck_assert_int_eq(f->num[7], RESCUE_CHASE_BACK);
	ck_assert_int_eq(p->state, PAIR_UNWINDING);
	struct fake_order *o = fake_last(r, SPOT);
	ck_assert_int_eq(o->side, SIDE_SELL);
	ck_assert_int_eq(o->px, 6000001); /* its own side's best */
	ck_assert_int_eq(blotter_find(&r->d.blotter, o->id)->tif, TIF_GTC);
	fake_fill(r, SPOT, o, 4000, true);
	rig_prices(r, 6000010, 6000011, 601000, 601001);
	rig_run(r, 300 * RIG_MS);
	struct fake_order *next = fake_last(r, SPOT);
	ck_assert_ptr_ne(next, o);
	ck_assert_int_eq(next->px, 6000011);
	fake_fill(r, SPOT, next, next->qty, true);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	rig_audit(r);
	rig_free(r);
	for (int k = 0; k < 4;
	     k++) { /* closing is not opened again; a halt freezes; a breach and an operator's word do not wait */
		r = rig_new();
		let_chase(r);
		moves_by(r, SPOT, 10);
		r->in[SPOT].rule[0].fee.maker_e8 = 10000;
		p = broken(r, FATE_FILL);
		struct rescue_plan plan;
		rescue_plan(&r->d, p, &plan);
		ck_assert(plan.out[RESCUE_CHASE_BACK].offered);
		p->intent = k == 0 ? INTENT_CLOSE : p->intent;
		if (k == 1)
			feed_halt(&r->d.feed[PERP], r->d.now.mono_ns);
		p->breach = k == 2 ? RISK_LIMIT_KILL : 0;
		p->told = k == 3 ? RESOLVE_UNWIND : RESOLVE_NONE;
		rescue_plan(&r->d, p, &plan);
		ck_assert_int_ne(plan.way, RESCUE_CHASE_BACK);
		rig_free(r);
	}
}
END_TEST

/* A way that cannot be taken says why, and of a price by how much; none of it is a price of nothing. */
START_TEST(test_refused_ways_say_why)
{
	struct rig *r = rig_new();
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	struct pair *p = broken(r, FATE_FILL);
	rig_book(r, PERP, 590000, 590001, 5000);
	rig_run(r, 6 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	const struct fact *f = rig_latest(r, FACT_RESCUE);
	ck_assert_msg(strstr(f->text,
			     "complete refused: price_beyond_limit, unwind refused: policy"),
		      "%s", f->text);
	unsigned seen = 0;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		f = &r->journal.fact[i];
		if (f->kind != FACT_COST)
			continue;
		seen |= 1u << f->num[0];
		if (f->num[0] == RESCUE_UNWIND) {
			ck_assert_str_eq(f->text, "policy");
			ck_assert_int_ne(f->num[5], 0);
			continue;
		}
		ck_assert_int_eq(f->num[7], HELD_PRICE);
		ck_assert_int_eq(f->px, 590000);
		ck_assert_str_eq(
			f->text,
			"price_beyond_limit: the market stands at 59000, the limit is 60090");
	}
	ck_assert_uint_eq(seen, 1u << RESCUE_COMPLETE | 1u << RESCUE_UNWIND);
	rig_free(r);
}
END_TEST

/* Its cancel crosses a fill: the end says what filled, and only then is anything sent. */
START_TEST(test_a_chase_that_fills_while_it_is_cancelled)
{
	struct rig *r = rig_new();
	let_chase(r);
	struct pair *p = broken(r, FATE_REST);
	rig_pump(r);
	r->venue[PERP].cancel_races = true;
	rig_prices(r, 6000000, 6000001, 601004, 601005);
	rig_run(r, RIG_SECOND);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[PERP].places, 2);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* When its time is over it is taken off, and the ladder goes on with what is left. */
START_TEST(test_a_chase_ends)
{
	struct rig *r = rig_new();
	let_chase(r);
	struct pair *p = broken(r, FATE_REST);
	rig_pump(r);
	rig_run(r, 2 * RIG_SECOND - 100 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 2);
	r->venue[PERP].then = FATE_FILL;
	rig_finish(r, p, 2 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(rig_latest(r, FACT_RESCUE)->num[7], RESCUE_COMPLETE);
	rig_free(r);
}
END_TEST

/* The venue takes it off unasked (self-trade prevention, its dead-man switch): it is sent again, and the receipt says whose cancel it was. */
START_TEST(test_f72_a_cancel_that_nobody_asked_for)
{
	struct rig *r = rig_new();
	let_chase(r);
	struct pair *p = broken(r, FATE_REST);
	rig_pump(r);
	struct fake_order *o = fake_last(r, PERP);
	fake_end(r, PERP, o);
	fake_report(r, PERP, o, EXEC_CANCELLED);
	rig_run(r, 100 * RIG_MS);
	ck_assert_int_eq(rig_latest(r, FACT_CANCELLED)->num[2], 0);
	ck_assert_uint_eq(r->venue[PERP].places, 3);
	fake_fill(r, PERP, fake_last(r, PERP), 100, true);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	rig_free(r);
}
END_TEST

START_TEST(test_wait_for_the_price)
{
	struct rig *r = rig_new();
	struct config_rescue *c = &r->ci[0].rescue;
	c->wait.time_ns = RIG_SECOND;
	c->risk_aversion_ppm = 1000000;
	moves_by(r, PERP, 2);
	struct pair *p = broken(r, FATE_FILL);
	rig_prices(r, 5999600, 5999601, 600960, 600961); /* 4.0 lower, for a moment */
	rig_run(r, 500 * RIG_MS);
	ck_assert_int_eq(p->state, PAIR_BROKEN);
	ck_assert_int_eq(rig_latest(r, FACT_RESCUE)->num[7], RESCUE_WAIT);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	rig_run(r, 100 * RIG_MS);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	struct pair *q = broken(r, FATE_FILL); /* and one for which it does not come back in time */
	rig_prices(r, 5999600, 5999601, 600960, 600961);
	rig_run(r, 900 * RIG_MS);
	ck_assert_int_eq(q->state, PAIR_BROKEN);
	rig_run(r, 200 * RIG_MS);
	ck_assert_int_eq(q->state, PAIR_HEDGED);
	c->wait.ticks = 20; /* so far and no further */
	struct pair *s = broken(r, FATE_FILL);
	rig_prices(r, 5999200, 5999201, 600920, 600921);
	rig_run(r, 100 * RIG_MS);
	ck_assert_int_ne(s->state, PAIR_BROKEN);
	rig_free(r);
}
END_TEST

static enum held_cause why_not(struct rig *r, struct pair *p, enum rescue_way w)
{
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	return (enum held_cause)plan.out[w].why_not;
}

START_TEST(test_rows_keep_their_limits)
{
	struct rig *r = rig_new();
	struct config_rescue *c = &r->ci[0].rescue;
	struct pair *p = broken(r, FATE_FILL);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	int64_t cost = plan.out[RESCUE_COMPLETE].cost_e8;
	c->cross.money_e8 = cost;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_NONE);
	c->cross.money_e8 = cost - 1;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_BUDGET);
	c->cross.money_e8 = 0;
	c->cross.messages = 3;
	p->step_messages[RESCUE_COMPLETE] = 2;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_NONE);
	p->step_messages[RESCUE_COMPLETE] = 3;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_ATTEMPTS);
	c->cross.messages = 0;
	c->cross.time_ns = RIG_SECOND;
	r->d.now.mono_ns += 10 * RIG_SECOND;
	p->step_ns[RESCUE_COMPLETE] = r->d.now.mono_ns - RIG_SECOND + 1;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_NONE);
	p->step_ns[RESCUE_COMPLETE]--;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_ATTEMPTS);
	c->cross.time_ns = 0;
	c->cross.ticks = 5;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_COMPLETE].trade[PERP].px, 601000 - 5);
	c->unwind.ticks = 7;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].trade[SPOT].px, 6000000 - 7);
	rig_free(r);
}
END_TEST

/* Each cause is a fact about the world. */
START_TEST(test_causes)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r, FATE_FILL);
	rig_prices(r, 6000000, 6000001, 600800, 600801); /* 200 ticks down, 100 are allowed */
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_PRICE);
	rig_prices(r, 6000000, 6000001, 600920, 600921);
	r->in[PERP].rule[0].band_lo = 600950; /* beyond the day's limit */
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_LOCKED);
	r->in[PERP].rule[0].band_lo = 600921;
	r->d.feed[PERP].top.q.qty[SIDE_BUY] = 0; /* locked down: sellers at the limit, no buyer */
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_LOCKED);
	r->in[PERP].rule[0].band_lo = 0;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_NO_MARKET);
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	r->d.venue[PERP].barred_until_ns = r->d.now.mono_ns + 1;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_MESSAGES);
	r->d.venue[PERP].barred_until_ns = 0;
	feed_halt(&r->d.feed[PERP], r->d.now.mono_ns);
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_HALTED);
	r->venue[PERP].v.state = VENUE_DOWN;
	ck_assert_int_eq(why_not(r, p, RESCUE_COMPLETE), HELD_VENUE_DOWN);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	ck_assert_int_eq(why_not(r, p, RESCUE_UNWIND), HELD_BY_POLICY);
	for (int c = 0; c < held_cause_max; c++)
		for (int k = 0; k < c; k++)
			ck_assert_str_ne(held_cause_name((enum held_cause)c),
					 held_cause_name((enum held_cause)k));
	rig_free(r);
}
END_TEST

/* F44: a venue that finds our stamp too old has nothing against the order: the row is not used up by it. */
START_TEST(test_f44_a_clock_is_no_verdict)
{
	static const enum reject_class refusal[] = { REJECT_MONEY, REJECT_CLOCK };
	unsigned messages[2];
	for (int k = 0; k < 2; k++) {
		struct rig *r = rig_new();
		struct pair *p = broken(r, FATE_REST);
		struct order *o = NULL;
		uint32_t at = p->first_order;
		for (struct order *x; (x = blotter_each_of(&r->d.blotter, &at)) && !o;)
			o = x->rescue ? x : NULL;
		if (!o) {
			rig_pump(r);
			at = p->first_order;
			for (struct order *x; !o && (x = blotter_each_of(&r->d.blotter, &at));)
				o = x->rescue ? x : NULL;
		}
		ck_assert_ptr_nonnull(o);
		p->step = RESCUE_COMPLETE;
		o->state = ORDER_REJECTED;
		o->reject_class = (uint8_t)refusal[k];
		messages[k] = p->step_messages[RESCUE_COMPLETE];
		ladder_heard(&r->d, p);
		messages[k] = p->step_messages[RESCUE_COMPLETE] - messages[k];
		rig_free(r);
	}
	ck_assert_uint_gt(messages[0], 0);
	ck_assert_uint_eq(messages[1], 0);
}
END_TEST

/* F38: the leg to complete is halted. The other one is cut only where that is the policy. */
START_TEST(test_halt_freezes)
{
	for (int cut = 0; cut < 2; cut++) {
		struct rig *r = rig_new();
		r->ci[0].rescue.on_halt = cut ? HALT_CUT : HALT_FREEZE;
		struct pair *p = broken(r, FATE_FILL);
		feed_halt(&r->d.feed[PERP], r->d.now.mono_ns);
		rig_run(r, 6 * RIG_SECOND);
		if (cut) {
			ck_assert_int_eq(p->state, PAIR_FLAT);
		} else {
			ck_assert_int_eq(p->state, PAIR_HELD);
			ck_assert_int_eq(p->held_cause, HELD_HALTED);
			feed_resume(&r->d.feed[PERP], r->d.now.mono_ns);
			rig_run(r, 200 * RIG_MS);
			ck_assert_int_eq(p->state, PAIR_HEDGED);
		}
		rig_free(r);
	}
}
END_TEST

/* Held because the price was out of reach: it goes on when it is back, at once and with every row afresh. */
START_TEST(test_goes_on_when_the_price_is_back)
{
	struct rig *r = rig_new();
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	struct pair *p = broken(r, FATE_FILL);
	p->step_messages[RESCUE_COMPLETE] = 19;
	rig_prices(r, 6000000, 6000001, 600000, 600001);
	rig_run(r, 6 * RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_PRICE);
	ck_assert_int_gt(p->held_money_s_e8, 0);
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	rig_run(r, 110 * RIG_MS);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(rig_latest(r, FACT_HELD)->num[0], HELD_PRICE);
	rig_free(r);
}
END_TEST

/* A limit that the pair went beyond while it worked: what rests is taken off, then the ladder has it, and nothing waits any more. */
START_TEST(test_breach)
{
	struct rig *r = rig_new();
	let_chase(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, 100);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	rig_pump(r);
	ck_assert_int_eq(p->state, PAIR_SENT);
	p->breach = RISK_LIMIT_IMBALANCE;
	pairs_touch(&r->d.pairs, p);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[PERP].cancels, 1);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_int_eq(rig_latest(r, FACT_RESCUE)->num[7], RESCUE_COMPLETE);
	ck_assert_int_eq(p->breach, 0);
	rig_free(r);
}
END_TEST

/* A broken close is completed or held; unwound, which opens it again, only where that is set (R4). */
START_TEST(test_reopen_close)
{
	for (int reopen = 0; reopen < 2; reopen++) {
		struct rig *r = rig_new();
		rig_finish(r, rig_propose(r, INTENT_OPEN, 100), RIG_SECOND);
		r->ci[0].rescue.reopen_close = reopen;
		rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
		rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
		struct pair *p = rig_propose(r, INTENT_CLOSE, 100);
		feed_bad(&r->d.feed[PERP], r->d.now.mono_ns);
		rig_run(r, 6 * RIG_SECOND);
		ck_assert_int_eq(p->state, reopen ? PAIR_FLAT : PAIR_HELD);
		rig_free(r);
	}
}
END_TEST

/* Without a rate between two currencies nothing is compared, and completing goes first; with one the cheaper way wins. */
START_TEST(test_two_currencies)
{
	struct rig *r = rig_new();
	asset_id cny = asset_intern(&r->cfg.assets, "CNY");
	struct pair *p = broken(r, FATE_FILL);
	struct rescue_plan plan;
	rig_prices(r, 6000090, 6000091, 600950, 600951); /* completing costs 0.5 ... */
	r->in[PERP].quote = r->in[PERP].settle = cny;
	rescue_plan(&r->d, p, &plan);
	ck_assert(!plan.out[RESCUE_COMPLETE].priced);
	ck_assert_int_eq(plan.way, RESCUE_COMPLETE);
	r->ci[0].rescue.n_rates = 1;
	r->ci[0].rescue.rate[0] =
		(struct config_rate){ .of = r->in[SPOT].quote, .in = cny, .num = 1, .den = 1000 };
	p->intent = INTENT_REPAIR;    /* one that gives up no edge */
	rescue_plan(&r->d, p, &plan); /* ... a thousand times as dear */
	ck_assert(plan.out[RESCUE_COMPLETE].priced && plan.out[RESCUE_UNWIND].priced);
	ck_assert_int_eq(plan.way, RESCUE_UNWIND);
	rig_free(r);
}
END_TEST

/* Lots of today close at their own rate; yesterday's go first. */
START_TEST(test_close_today)
{
	struct rig *r = rig_new();
	struct pair *p = broken(r, FATE_FILL);
	struct rescue_plan plan;
	rescue_plan(&r->d, p, &plan);
	int64_t plain = plan.out[RESCUE_UNWIND].fee_e8;
	r->in[SPOT].rule[0].fee.close_today_e8 = 3 * r->in[SPOT].rule[0].fee.taker_e8;
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_ge(plan.out[RESCUE_UNWIND].fee_e8, 3 * plain - 2);
	positions_new_day(&r->d.positions, SPOT);
	rescue_plan(&r->d, p, &plan);
	ck_assert_int_eq(plan.out[RESCUE_UNWIND].fee_e8, plain);
	rig_free(r);
}
END_TEST

/* After one that met nothing the next waits as long as the venue takes to answer, then twice that; where that is not known, 20 ms each time more. */
START_TEST(test_wait_scales_with_the_answer)
{
	static const int64_t answer[] = { 0, 4 * RIG_MS, RIG_SECOND }, least[] = { 20, 0, 20 },
			     most[] = { 40, 10, 40 }; /* the rig's clock goes in tens */
	for (unsigned k = 0; k < 3; k++) {
		struct rig *r = rig_new();
		r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
		struct pair *p = broken(r, FATE_NONE);
		r->d.venue[PERP].answer_ns = answer[k];
		rig_pump(r);
		ck_assert_uint_eq(r->venue[PERP].places, 2);
		int64_t from = r->d.now.mono_ns;
		for (int t = 0; t < 20 && r->venue[PERP].places == 2; t++) {
			rig_run(r, 10 * RIG_MS);
			r->d.venue[PERP].answer_ns = answer[k];
		}
		ck_assert_uint_gt(r->venue[PERP].places, 2);
		ck_assert_int_ge(r->d.now.mono_ns - from, least[k] * RIG_MS);
		ck_assert_int_le(r->d.now.mono_ns - from, most[k] * RIG_MS);
		ck_assert_int_eq(p->state, PAIR_COMPLETING);
		rig_free(r);
	}
}
END_TEST

SUITE("ladder", test_a_chase_pays_up_to_the_other_side, test_refused_ways_say_why,
      test_what_leads_is_chased_back, test_f44_a_clock_is_no_verdict,
      test_each_way_is_a_receipt_that_adds_up, test_what_a_chase_costs, test_a_chase_is_repriced,
      test_a_chase_that_fills_while_it_is_cancelled, test_a_chase_ends,
      test_f72_a_cancel_that_nobody_asked_for, test_wait_for_the_price, test_rows_keep_their_limits,
      test_causes, test_halt_freezes, test_goes_on_when_the_price_is_back, test_breach,
      test_reopen_close, test_two_currencies, test_close_today, test_wait_scales_with_the_answer)
