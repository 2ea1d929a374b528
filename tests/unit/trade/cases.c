#include "cases.h"

#define LOTS 100.0 /* 0.1 BTC */

static void expect_state(const struct pair *p, enum pair_state s)
{
	ck_assert_str_eq(pair_state_name((enum pair_state)p->state), pair_state_name(s));
}

/* Ended as told, both books agree, and what is left between the venues is within the pair's tolerance. */
static void expect_end(struct rig *r, struct pair *p, enum pair_state s)
{
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, s);
	rig_audit(r);
	int64_t left = rig_truth_base_e8(r), tolerance = rescue_tolerance_base_e8(&r->d, p);
	ck_assert_int_le(left < 0 ? -left : left, tolerance);
	ck_assert_int_eq(fake_net_qty(r, PERP) == 0, s == PAIR_FLAT);
}

static struct pair *open_pair(struct rig *r, enum fate spot, enum fate perp)
{
	rig_plan(r, SPOT, spot, FATE_FILL);
	rig_plan(r, PERP, perp, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, LOTS);
	ck_assert_ptr_nonnull(p);
	return p;
}

static struct pair *open_hedged(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	return p;
}

static void both_filled(struct rig *r)
{
	struct pair *p = open_hedged(r);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 2);
	ck_assert_int_eq(p->leg[PERP].cum_qty, -100);
	ck_assert_int_eq(p->leg[SPOT].cum_qty, 10010); /* what the fee takes is bought with it */
}

static void open_and_close(struct rig *r)
{
	open_hedged(r);
	uint64_t round = r->d.instance[0].round;
	ck_assert_uint_ne(round, 0);
	struct pair *p = rig_propose(r, INTENT_CLOSE, LOTS);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->round, round);
	ck_assert_int_eq(p->intent, INTENT_CLOSE);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_uint_eq(r->d.instance[0].round, 0);
	rig_audit(r);
}

static void f01_completed(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->d.stat.completed, 1);
	ck_assert_uint_eq(r->d.stat.rejects, 1);
}

/* The market has run away from the rejected leg: taking back the filled one is what the slip limit leaves. */
static void f01_unwound(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	rig_prices(r, 6000000, 6000001, 600000,
		   600001); /* 100 lower: 1000 ticks against a limit of 100 */
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->d.stat.unwound, 1);
}

static void f01_dearer_way_not_taken(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_REJECT, FATE_FILL);
	rig_prices(r, 6000090, 6000091, 601000,
		   601001); /* completing costs a little more, still less than the edge */
	expect_end(r, p, PAIR_HEDGED);
	const struct fact *f = rig_latest(r, FACT_RESCUE);
	ck_assert_int_lt(f->num[1], f->num[2]);
	ck_assert_int_eq(f->num[7], RESCUE_COMPLETE);
}

static void f01_policy_unwind(struct rig *r)
{
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	expect_end(r, open_pair(r, FATE_FILL, FATE_REJECT), PAIR_FLAT);
}

static void f01_policy_hold(struct rig *r)
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
static void f01_refused_by_port(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_FILL, FATE_REFUSE), PAIR_HEDGED);
}

/* A pair of the smallest size is worth a rescue too. */
static void f01_one_lot(struct rig *r)
{
	r->in[SPOT].rule[0].lot = r->in[SPOT].rule[0].min_qty = 100; /* both legs step by 0.001 */
	rig_plan(r, SPOT, FATE_REJECT, FATE_REJECT);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 1);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(
		p,
		PAIR_HELD); /* each attempt to complete is refused, and the budget of attempts ends */
	ck_assert_int_eq(p->held_cause, HELD_BUDGET);
	ck_assert_uint_gt(r->venue[SPOT].places, 3);
}

static void f02_both_rejected(struct rig *r)
{
	r->cfg.risk.cool_down_ns = RIG_SECOND;
	struct pair *p = open_pair(r, FATE_REJECT, FATE_REJECT);
	expect_end(r, p, PAIR_FLAT);
	ck_assert_int_eq(r->d.instance[0].rejects_in_minute, 2);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, LOTS));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_COOL_DOWN);
	rig_run(r, RIG_SECOND + 20 * RIG_MS);
	expect_end(r, open_pair(r, FATE_FILL, FATE_FILL), PAIR_HEDGED);
}

static void f03_one_partial(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_PART);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
}

static void f03_reduced_to_ratio(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_PART);
	rig_prices(r, 6000000, 6000001, 600000, 600001);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
}

static void f04_both_partial(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_PART, FATE_PART);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
}

static void f04_odd_part(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	rig_plan(r, PERP, FATE_NONE, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, LOTS);
	rig_pump(r);
	fake_fill(r, SPOT, fake_last(r, SPOT), 3333, true); /* no multiple of the other leg's lot */
	fake_end(r, SPOT, fake_last(r, SPOT));
	fake_report(r, SPOT, fake_last(r, SPOT), EXEC_CANCELLED);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_FLAT); /* the nearest whole lot would leave more than the tolerance */
	expect_end(r, p, PAIR_FLAT);
}

static void f05_ioc_remainder(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_PART, FATE_FILL);
	rig_plan(r, SPOT, FATE_PART, FATE_FILL);
	r->venue[SPOT].at_plan = 1; /* the first rescue fills whole */
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 2); /* the remainder is chased once */
}

static void f06_cancel_races_fill(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	r->venue[SPOT].cancel_races = true;
	struct proposal pr = rig_proposal(INTENT_OPEN, LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	exec_cancel(&r->d, p, 0);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1); /* nothing was sent again */
}

static void f07_fill_after_cancel(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_NONE, FATE_NONE);
	expect_end(r, p, PAIR_FLAT);
	fake_fill(r, PERP, fake_last(r, PERP), 100, true);
	rig_pump(r);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_ptr_nonnull(rig_latest(r, FACT_ALERT));
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
}

static void f07_late_fill_of_held_close(struct rig *r)
{
	open_hedged(r);
	rig_plan(r, SPOT, FATE_NONE, FATE_FILL);
	rig_plan(r, PERP, FATE_NONE, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_CLOSE, LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_FLAT);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10000, true);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED); /* a close is completed, never taken back (R4) */
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}

static void f08_cancel_refused(struct rig *r)
{
	rig_plan(r, SPOT, FATE_SILENT_FILL, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	exec_cancel(&r->d, p, 0); /* "unknown order": it has filled, and the report was lost */
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_CANCEL_REJECTED), 1);
	ck_assert_uint_ge(r->venue[SPOT].queries, 1);
}

static void f10_fill_reported_twice(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_TWICE, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_DUPLICATE), 1);
	ck_assert_uint_eq(r->d.stat.fills, 2);
}

static void f12_ack_lost_order_filled(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_SILENT_FILL, FATE_FILL), PAIR_HEDGED);
	ck_assert_uint_ge(rig_count(r, FACT_UNKNOWN), 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

static void f12_ack_lost_order_in_part(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_SILENT_PART, FATE_FILL), PAIR_HEDGED);
}

static void f12_ack_lost_order_works(struct rig *r)
{
	rig_plan(r, SPOT, FATE_SILENT_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_ge(r->venue[SPOT].cancels, 1);
}

static void f13_order_lost(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_LOST, FATE_FILL), PAIR_HEDGED);
	ck_assert_uint_ge(r->venue[SPOT].queries, 1);
}

static void f13_both_lost(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_LOST, FATE_LOST), PAIR_FLAT);
}

static void f14_cancel_lost(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST_PART, FATE_FILL);
	r->venue[SPOT].mute_cancel = true;
	struct proposal pr = rig_proposal(INTENT_OPEN, LOTS);
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_uint_gt(r->venue[SPOT].cancels, 1); /* sent again */
	r->venue[SPOT].mute_cancel = false;
	expect_end(r, p, PAIR_HEDGED);
}

static void f15_fill_before_ack(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_FILL_FIRST, FATE_FILL_FIRST), PAIR_HEDGED);
	ck_assert_uint_eq(r->d.stat.fills, 2);
}

static void f17_one_venue_gone(struct rig *r)
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
static void f17_resting_order(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, LOTS);
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

static void f17_rescue_waits_for_venue(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REJECT, FATE_FILL);
	rig_plan(r, PERP, FATE_FILL, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, LOTS);
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

static void f18_both_venues_gone(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_SILENT_FILL, FATE_SILENT_PART);
	rig_venue(r, SPOT, false);
	rig_venue(r, PERP, false);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, LOTS));
	rig_venue(r, PERP, true);
	rig_run(r, RIG_SECOND);
	expect_state(p, PAIR_HELD);
	rig_venue(r, SPOT, true);
	expect_end(r, p, PAIR_HEDGED);
}

/* The venue is up and does not answer what became of an order (F12): held, named, ended by the answer. */
static void f12_no_answer_is_held(struct rig *r)
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

static void f39_bust_after_hedged(struct rig *r)
{
	struct pair *p = open_hedged(r);
	fake_bust(r, PERP, 0);
	fake_bust(r, PERP, 0); /* said twice, counted once */
	rig_pump(r);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, p->state == PAIR_FLAT ? PAIR_FLAT : PAIR_HEDGED);
	rig_audit(r);
	ck_assert_uint_eq(rig_count(r, FACT_BUST), 1);
	int64_t left = rig_truth_base_e8(r);
	ck_assert_int_le(left < 0 ? -left : left, rescue_tolerance_base_e8(&r->d, p));
}

static void f40_over_fill(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_OVER);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP),
			 -100); /* the excess is reduced, the other leg is not raised to it */
	ck_assert(r->d.instance[0].paused); /* and the strategy stops */
}

static void r4_broken_close(struct rig *r)
{
	open_hedged(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_CLOSE, LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}

static void r4_broken_close_is_held(struct rig *r)
{
	open_hedged(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_CLOSE, LOTS);
	ck_assert_ptr_nonnull(p);
	feed_bad(&r->d.feed[PERP], r->d.now.mono_ns); /* no book to complete on */
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_NO_MARKET);
	ck_assert_uint_eq(r->venue[SPOT].places, 2); /* never re-opened */
	rig_book(r, PERP, 601000, 601001, 5000);
	rig_run(r, RIG_SECOND);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}

static void r5_rescue_after_kill(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, LOTS));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_KILL);
}

static void r5_close_while_reducing(struct rig *r)
{
	open_hedged(r);
	risk_set_state(&r->d, RISK_REDUCING, "the operator", "a drill");
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, LOTS));
	struct pair *p = rig_propose(r, INTENT_CLOSE, LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_run(r, RIG_SECOND); /* another refusal of the same kind is news again */
	ck_assert_ptr_null(
		rig_propose(r, INTENT_CLOSE, LOTS)); /* nothing left to close: it would open */
	rig_audit(r);
}

static void r6_budget(struct rig *r)
{
	r->ci[0].rescue_budget_e8 = 1; /* no money for a rescue */
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	rig_prices(r, 5999000, 5999001, 600950, 600951);
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_BUDGET);
	ck_assert_ptr_nonnull(rig_latest(r, FACT_ALERT));
	r->ci[0].rescue_budget_e8 = 0;
	rig_run(r, 2 * RIG_SECOND);
	expect_end(r, p, p->state);
}

/* While the venue bars messages (F43) attempts are not burnt. */
static void f43_barred(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	r->d.venue[PERP].barred_until_ns = r->d.now.mono_ns + 4 * RIG_SECOND;
	r->d.venue[SPOT].barred_until_ns = r->d.now.mono_ns + 4 * RIG_SECOND;
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	rig_run(r, 3 * RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
}

static void duplicate_id_is_asked(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_DUPLICATE, FATE_FILL), PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

/* A checkpoint forgets what has ended; late news of it must still be found whole after a crash. */
static void f07_after_checkpoint(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	struct pair *q = open_pair(r, FATE_NONE, FATE_NONE);
	rig_pump(r);
	expect_state(q, PAIR_FLAT);
	ck_assert(checkpoint_possible(&r->d));
	checkpoint_write(&r->d);
	fake_fill(r, PERP, fake_last(r, PERP), 100, true);
	rig_pump(r);
	rig_run(r, 2 * RIG_SECOND);
	rig_finish(r, q, 20 * RIG_SECOND);
	expect_state(q, PAIR_HEDGED);
	rig_audit(r);
}

static void f39_after_checkpoint(struct rig *r)
{
	struct pair *p = open_hedged(r);
	checkpoint_write(&r->d);
	fake_bust(r, PERP, 0);
	rig_pump(r);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	rig_audit(r);
}

static void f16_foreign_fill(struct rig *r)
{
	open_hedged(r);
	struct fake_venue *f = &r->venue[PERP];
	struct fake_order *o = &f->order[f->n_orders++];
	*o = (struct fake_order){
		.instrument = PERP, .side = SIDE_BUY, .qty = 7, .seen_at = r->journal.n
	};
	fake_fill(r, PERP, o, 7, true);
	rig_pump(r);
	rig_audit(r);
	ck_assert_uint_eq(rig_count(r, FACT_FOREIGN), 1);
	ck_assert(r->d.instance[0].paused);
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -100); /* attributed to nobody */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, LOTS));
	r->d.instance[0].paused = false; /* the operator has looked at it */
	rig_run(r, RIG_SECOND);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, LOTS));
	rig_pump(r);
}

/* durability = power: no byte leaves before the intents are on the disk (I6). */
static void power_waits_for_disk(struct rig *r)
{
	r->cfg.store.durability_power = true;
	struct pair *p = open_pair(r, FATE_FILL, FATE_FILL);
	exec_release(&r->d);
	rig_pump(r);
	expect_state(p, PAIR_CHECKED);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	r->journal.synced = r->journal.n - 1; /* all but the last leg's */
	exec_release(&r->d);
	r->journal.synced = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		if (r->journal.fact[i].kind == FACT_ORDER)
			r->journal.synced = r->journal.fact[i].seq;
	exec_release(&r->d);
	expect_end(r, p, PAIR_HEDGED);
}

static void power_cancelled_while_waiting(struct rig *r)
{
	r->cfg.store.durability_power = true;
	struct pair *p = open_pair(r, FATE_FILL, FATE_FILL);
	exec_cancel(&r->d, p, 0);
	r->journal.synced = r->journal.n;
	exec_release(&r->d);
	rig_pump(r);
	expect_state(p, PAIR_REFUSED);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, 0);
	rig_audit(r);
}

/* Two pairs in flight: the second does not take the first's open half for something left over. */
static void two_in_flight(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_SILENT_FILL);
	rig_pump(r);
	struct pair *q = rig_propose(r, INTENT_OPEN, 2 * LOTS);
	ck_assert_ptr_nonnull(q);
	rig_finish(r, q, 20 * RIG_SECOND);
	expect_state(q, PAIR_HEDGED);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

#define CASE(f)       \
	{             \
#f, f \
	}
const struct fault_case fault_cases[] = {
	CASE(both_filled),
	CASE(open_and_close),
	CASE(f01_completed),
	CASE(f01_unwound),
	CASE(f01_dearer_way_not_taken),
	CASE(f01_policy_unwind),
	CASE(f01_policy_hold),
	CASE(f01_refused_by_port),
	CASE(f01_one_lot),
	CASE(f02_both_rejected),
	CASE(f03_one_partial),
	CASE(f03_reduced_to_ratio),
	CASE(f04_both_partial),
	CASE(f04_odd_part),
	CASE(f05_ioc_remainder),
	CASE(f06_cancel_races_fill),
	CASE(f07_fill_after_cancel),
	CASE(f07_late_fill_of_held_close),
	CASE(f08_cancel_refused),
	CASE(f10_fill_reported_twice),
	CASE(f12_ack_lost_order_filled),
	CASE(f12_ack_lost_order_in_part),
	CASE(f12_ack_lost_order_works),
	CASE(f12_no_answer_is_held),
	CASE(f13_order_lost),
	CASE(f13_both_lost),
	CASE(f14_cancel_lost),
	CASE(f15_fill_before_ack),
	CASE(f17_one_venue_gone),
	CASE(f17_resting_order),
	CASE(f17_rescue_waits_for_venue),
	CASE(f18_both_venues_gone),
	CASE(f39_bust_after_hedged),
	CASE(f40_over_fill),
	CASE(f43_barred),
	CASE(r4_broken_close),
	CASE(r4_broken_close_is_held),
	CASE(r5_rescue_after_kill),
	CASE(r5_close_while_reducing),
	CASE(r6_budget),
	CASE(duplicate_id_is_asked),
	CASE(f07_after_checkpoint),
	CASE(f16_foreign_fill),
	CASE(f39_after_checkpoint),
	CASE(power_waits_for_disk),
	CASE(power_cancelled_while_waiting),
	CASE(two_in_flight),
};
const unsigned n_fault_cases = sizeof fault_cases / sizeof fault_cases[0];
