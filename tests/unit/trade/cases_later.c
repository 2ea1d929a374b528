/* Faults that come after a pair has ended, rules that hold in every fault, and restarts in their midst. */
#include "tests/unit/trade/cases.h"

void case_f39_bust_after_hedged(struct rig *r)
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

void case_f40_over_fill(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_OVER);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP),
			 -100); /* the excess is reduced, the other leg is not raised to it */
	ck_assert(r->d.instance[0].paused); /* and the strategy stops */
}

void case_r4_broken_close(struct rig *r)
{
	open_hedged(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}

void case_r4_broken_close_is_held(struct rig *r)
{
	open_hedged(r);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
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

void case_r5_rescue_after_kill(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_KILL);
}

void case_r5_close_while_reducing(struct rig *r)
{
	open_hedged(r);
	risk_set_state(&r->d, RISK_REDUCING, "the operator", "a drill");
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_run(r, RIG_SECOND); /* another refusal of the same kind is news again */
	ck_assert_ptr_null(
		rig_propose(r, INTENT_CLOSE, CASE_LOTS)); /* nothing left to close: it would open */
	rig_audit(r);
}

void case_r6_budget(struct rig *r)
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
void case_f43_barred(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	r->d.venue[PERP].barred_until_ns = r->d.now.mono_ns + 4 * RIG_SECOND;
	r->d.venue[SPOT].barred_until_ns = r->d.now.mono_ns + 4 * RIG_SECOND;
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	rig_run(r, 3 * RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
}

void case_duplicate_id_is_asked(struct rig *r)
{
	expect_end(r, open_pair(r, FATE_DUPLICATE, FATE_FILL), PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

/* A checkpoint forgets what has ended; late news of it must still be found whole after a crash. */
void case_f07_after_checkpoint(struct rig *r)
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

void case_f39_after_checkpoint(struct rig *r)
{
	struct pair *p = open_hedged(r);
	checkpoint_write(&r->d);
	fake_bust(r, PERP, 0);
	rig_pump(r);
	rig_finish(r, p, 20 * RIG_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	rig_audit(r);
}

void case_f16_foreign_fill(struct rig *r)
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
	const struct fence *x = fence_at(&r->d, PERP, PERP);
	ck_assert_ptr_nonnull(x);
	ck_assert_uint_eq(x->why, FENCE_FILL);
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -100); /* attributed to nobody */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_FENCE);
	ck_assert_int_eq(reconcile_accept(&r->d, PERP, PERP, "the operator", "a hedge of mine"), 0);
	rig_run(r, RIG_SECOND);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, CASE_LOTS));
	rig_pump(r);
}

/* durability = power: no byte leaves before the intents are on the disk (I6). */
void case_power_waits_for_disk(struct rig *r)
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

void case_power_cancelled_while_waiting(struct rig *r)
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
void case_two_in_flight(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_SILENT_FILL);
	rig_pump(r);
	struct pair *q = rig_propose(r, INTENT_OPEN, 2 * CASE_LOTS);
	ck_assert_ptr_nonnull(q);
	rig_finish(r, q, 20 * RIG_SECOND);
	expect_state(q, PAIR_HEDGED);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

/* Rules come from the venue: until they do, a broken pair waits for them by name. */
void case_no_rule_in_force(struct rig *r)
{
	struct pair *p = open_pair(r, FATE_FILL, FATE_REJECT);
	r->in[PERP].rule[0].from_utc_ns = r->in[SPOT].rule[0].from_utc_ns = INT64_MAX;
	rig_run(r, 8 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_NO_MARKET);
	r->in[PERP].rule[0].from_utc_ns = r->in[SPOT].rule[0].from_utc_ns = 0;
	rig_run(r, RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
}
