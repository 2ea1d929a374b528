#include "tests/unit/trade/cases.h"
#include "core/trade/money.h"

void expect_state(const struct pair *p, enum pair_state s)
{
	ck_assert_str_eq(pair_state_name((enum pair_state)p->state), pair_state_name(s));
}

/* Ended as told, both books agree, and what is left between the venues is within the pair's tolerance. */
void expect_end(struct rig *r, struct pair *p, enum pair_state s)
{
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, s);
	rig_audit(r);
	int64_t left = rig_truth_base_e8(r), tolerance = rescue_tolerance_base_e8(&r->d, p);
	ck_assert_int_le(left < 0 ? -left : left, tolerance);
	ck_assert_int_eq(fake_net_qty(r, PERP) == 0, s == PAIR_FLAT);
}

struct pair *open_pair(struct rig *r, enum fate spot, enum fate perp)
{
	rig_plan(r, SPOT, spot, FATE_FILL);
	rig_plan(r, PERP, perp, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	return p;
}

struct pair *open_hedged(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	return p;
}

void case_both_filled(struct rig *r)
{
	struct pair *p = open_hedged(r);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 2);
	ck_assert_int_eq(p->leg[PERP].cum_qty, -100);
	ck_assert_int_eq(p->leg[SPOT].cum_qty, 10010); /* what the fee takes is bought with it */
	/* A fill says what it moved in the money of its instance. */
	const struct fact *f = rig_latest(r, FACT_FILL);
	ck_assert(f->num[4] > 0 && f->num[6] == f->num[4] && f->num[7] > 0);
	f = rig_latest(r, FACT_ORDER);
	ck_assert_int_eq(f->num[7], r->d.names.asset[money_of(&r->d, 0)]);
}

void case_open_and_close(struct rig *r)
{
	open_hedged(r);
	uint64_t round = r->d.instance[0].round.id;
	ck_assert_uint_ne(round, 0);
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->round, round);
	ck_assert_int_eq(p->intent, INTENT_CLOSE);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_uint_eq(r->d.instance[0].round.id, 0);
	rig_audit(r);
}

void case_f01_completed(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->d.stat.completed, 1);
	ck_assert_uint_eq(r->d.stat.rejects, 1);
}

/* The market has run away from the rejected leg: taking back the filled one is what the slip limit leaves. */
void case_f01_unwound(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	rig_prices(r, 6000000, 6000001, 600000,
		   600001); /* 100 lower: 1000 ticks against a limit of 100 */
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->d.stat.unwound, 1);
}

void case_f01_dearer_way_not_taken(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_REJECT, FATE_FILL);
	rig_prices(r, 6000090, 6000091, 601000,
		   601001); /* completing costs a little more, still less than the edge */
	expect_end(r, p, PAIR_HEDGED);
	const struct fact *f = rig_latest(r, FACT_RESCUE);
	ck_assert_int_lt(f->num[1], f->num[2]);
	ck_assert_int_eq(f->num[7], RESCUE_COMPLETE);
}

void case_f01_policy_unwind(struct rig *r)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	expect_end(r, open_pair(r, FATE_FILL, FATE_REJECT), PAIR_FLAT);
}

void case_f01_policy_hold(struct rig *r)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_BY_POLICY);
	ck_assert_ptr_nonnull(rig_latest(r, FACT_ALERT));
	rig_audit(r);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST; /* the cause ends */
	rig_run(r, 2 * RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
}

/* The port takes no bytes: as good as a rejection. */
void case_f01_refused_by_port(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_FILL, FATE_REFUSE), PAIR_HEDGED);
}

/* A venue that refuses a rescue for good is asked once more, then the ladder goes on: the leg that filled is taken back. A pair of the smallest size is worth it too. */
void case_f01_one_lot(struct rig *r)
{
	r->in[SPOT].rule[0].lot = r->in[SPOT].rule[0].min_qty = 100; /* both legs step by 0.001 */
	rig_plan(r, SPOT, FATE_REJECT, FATE_REJECT);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 1);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[SPOT].places, 3);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
}

/* Neither way is taken by its venue: held for that, and tried afresh after a rest, short at first and twice as long each time. */
void case_f01_refused_everywhere(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REJECT, FATE_REJECT);
	rig_plan(r, PERP, FATE_FILL, FATE_REJECT);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	rig_finish(r, p, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_ATTEMPTS);
	unsigned places = r->venue[SPOT].places;
	rig_run(r, 5 * RIG_SECOND); /* 0.1, 0.2 ... 1.6, and in the middle of 3.2 s */
	ck_assert_uint_ge(r->venue[SPOT].places, places + 5);
	ck_assert_uint_le(r->venue[SPOT].places, places + 10);
	expect_state(p, PAIR_HELD);
	r->venue[SPOT].then = FATE_FILL;
	rig_run(r, 6 * RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
	const struct fact *f = rig_latest(r, FACT_HELD);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[0], HELD_ATTEMPTS);
	ck_assert_int_ge(f->num[1], 3 * RIG_SECOND);
	/* 0.1 BTC at 60,000 for as long as it was held, within a twentieth */
	ck_assert_int_gt(f->num[2], f->num[1] / RIG_SECOND * 600000000000 / 20 * 19);
	ck_assert_int_lt(f->num[2], (f->num[1] / RIG_SECOND + 1) * 600000000000 / 20 * 21);
}

void case_f02_both_rejected(struct rig *r)
{
	r->cfg.risk.cool_down_ns = RIG_SECOND;
	struct pair *p = open_pair(r, FATE_REJECT, FATE_REJECT);
	expect_end(r, p, PAIR_FLAT);
	ck_assert_int_eq(r->d.instance[0].rejects_in_minute, 2);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_COOL_DOWN);
	rig_run(r, RIG_SECOND + 20 * RIG_MS);
	expect_end(r, open_pair(r, FATE_FILL, FATE_FILL), PAIR_HEDGED);
}

void case_f03_one_partial(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_PART);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
}

void case_f03_reduced_to_ratio(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_PART);
	rig_prices(r, 6000000, 6000001, 600000, 600001);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
}

void case_f04_both_partial(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_PART, FATE_PART);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
	ck_assert_str_eq(rig_latest(r, FACT_PAIR)->text, /* a fee is taken out of what arrived */
			 "the legs balance; cut short: hedged 0.04999995 of 0.1 base units");
}

void case_f04_odd_part(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	rig_plan(r, PERP, FATE_NONE, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	rig_pump(r);
	rig_book(r, SPOT, 6000000, 6000200, 500000); /* the rest is beyond what was decided on */
	fake_fill(r, SPOT, fake_last(r, SPOT), 3333, true); /* no multiple of the other leg's lot */
	fake_end(r, SPOT, fake_last(r, SPOT));
	fake_report(r, SPOT, fake_last(r, SPOT), EXEC_CANCELLED);
	expect_end(
		r, p,
		PAIR_HEDGED); /* the coarse leg to its nearest lot, the fine one takes up the rest */
	ck_assert_int_eq(fake_net_qty(r, PERP), -33);
	ck_assert_int_eq(fake_net_qty(r, SPOT), 3333 - 30);
}

/* Both were cut, and the rest still stands at the price of the decision: all that was wanted is taken, and earns its edge. */
void case_f04_filled_up(struct rig *r)
{
	rig_plan(r, SPOT, FATE_PART, FATE_FILL);
	rig_plan(r, PERP, FATE_NONE, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	rig_run(r, 100 * RIG_MS);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	ck_assert_uint_eq(orders_of_role(r, ORDER_OPENS), 3);
	expect_end(r, p, PAIR_HEDGED);
}

/* What the market shows was not there: after two that met nothing the other way out is taken. */
void case_f05_nothing_stands_there(struct rig *r)
{
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_NONE, FATE_NONE);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	rig_run(r, 500 * RIG_MS);
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, 2);
}

void case_f05_ioc_remainder(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_PART, FATE_FILL);
	rig_plan(r, SPOT, FATE_PART, FATE_FILL);
	r->venue[SPOT].at_plan = 1; /* the first rescue fills whole */
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 2); /* the remainder is chased once */
}

void case_f06_cancel_races_fill(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	r->venue[SPOT].cancel_races = true;
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	exec_cancel(&r->d, p, 0);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1); /* nothing was sent again */
}

void case_f07_fill_after_cancel(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_NONE, FATE_NONE);
	expect_end(r, p, PAIR_FLAT);
	fake_fill(r, PERP, fake_last(r, PERP), 100, true);
	rig_pump(r);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_ptr_nonnull(rig_latest(r, FACT_ALERT));
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
}

void case_f07_late_fill_of_held_close(struct rig *r)
{
	open_hedged(r);
	rig_plan(r, SPOT, FATE_NONE, FATE_FILL);
	rig_plan(r, PERP, FATE_NONE, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_FLAT);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10000, true);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED); /* a close is completed, never taken back (R4) */
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}

void case_f08_cancel_refused(struct rig *r)
{
	rig_plan(r, SPOT, FATE_SILENT_FILL, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	exec_cancel(&r->d, p, 0); /* "unknown order": it has filled, and the report was lost */
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_CANCEL_REJECTED), 1);
	ck_assert_uint_ge(r->venue[SPOT].queries, 1);
}

void case_f10_fill_reported_twice(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_TWICE, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_DUPLICATE), 1);
	ck_assert_uint_eq(r->d.stat.fills, 2);
}

void case_f12_ack_lost_order_filled(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_SILENT_FILL, FATE_FILL), PAIR_HEDGED);
	ck_assert_uint_ge(rig_count(r, FACT_UNKNOWN), 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

void case_f12_ack_lost_order_in_part(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_SILENT_PART, FATE_FILL), PAIR_HEDGED);
}

void case_f12_ack_lost_order_works(struct rig *r)
{
	rig_plan(r, SPOT, FATE_SILENT_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_ge(r->venue[SPOT].cancels, 1);
}

void case_f13_order_lost(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_LOST, FATE_FILL), PAIR_HEDGED);
	ck_assert_uint_ge(r->venue[SPOT].queries, 1);
}

void case_f13_both_lost(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_LOST, FATE_LOST), PAIR_FLAT);
}

void case_f14_cancel_lost(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST_PART, FATE_FILL);
	r->venue[SPOT].mute_cancel = true;
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_uint_gt(r->venue[SPOT].cancels, 1); /* sent again */
	r->venue[SPOT].mute_cancel = false;
	expect_end(r, p, PAIR_HEDGED);
}

void case_f15_fill_before_ack(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_FILL_FIRST, FATE_FILL_FIRST), PAIR_HEDGED);
	ck_assert_uint_eq(r->d.stat.fills, 2);
}

void case_f17_one_venue_gone(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_SILENT_FILL, FATE_FILL);
	rig_venue(r, SPOT, false);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD); /* the order's outcome is with a venue that cannot be asked */
	ck_assert_int_eq(p->held_cause, HELD_VENUE_DOWN);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

/* A resting order and a disconnect: what the session did not say is asked when it is back. */
void case_f17_resting_order(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	rig_venue(r, SPOT, false);
	struct fake_order *o = fake_last(r, SPOT);
	fake_fill(r, SPOT, o, o->qty, false); /* fills while nobody listens */
	rig_run(r, 2 * RIG_SECOND);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_HEDGED);
}

void case_f17_rescue_waits_for_venue(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REJECT, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, CASE_LOTS);
	r->cv[SPOT].messages_per_s = r->cv[PERP].messages_per_s =
		1; /* used up: no rescue at once */
	rig_pump(r);
	expect_state(p, PAIR_BROKEN);
	r->cv[SPOT].messages_per_s = r->cv[PERP].messages_per_s = 0;
	rig_venue(r, PERP, false);
	rig_venue(r, SPOT, false);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_VENUE_DOWN);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_HEDGED);
}

void case_f18_both_venues_gone(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_SILENT_FILL, FATE_SILENT_PART);
	rig_venue(r, SPOT, false);
	rig_venue(r, PERP, false);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	rig_venue(r, PERP, true);
	rig_run(r, RIG_SECOND);
	expect_state(p, PAIR_HELD);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_HEDGED);
}

/* The venue is up and does not answer what became of an order (F12): held, named, ended by the answer. */
void case_f12_no_answer_is_held(struct rig *r)
{
	r->venue[SPOT].mute_query = true;
	struct pair *p = open_pair(r, FATE_SILENT_FILL, FATE_FILL);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_UNKNOWN_ORDER);
	ck_assert_uint_eq(pair_open_orders(p), 1);
	r->venue[SPOT].mute_query = false;
	rig_run(r, 6 * RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
}

#define CASE(f) { #f, case_##f },
const struct fault_case fault_cases[] = { FAULT_CASES(CASE) };
const unsigned n_fault_cases = sizeof fault_cases / sizeof fault_cases[0];
