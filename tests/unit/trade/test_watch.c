/* Proves the watch: a position that becomes uneven by itself is repaired once and for good, what an operator accepted is left alone, and what is to be closed is closed evenly. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <string.h>

static struct pair *hedged(struct rig *r, double lots)
{
	struct pair *p = rig_propose(r, INTENT_OPEN, lots);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	return p;
}

/* The venue takes so much of the perpetual by itself: its books and the instance's say so, no order of the host does (F65). */
static void liquidate(struct rig *r, int64_t qty)
{
	struct fake_venue *f = &r->venue[PERP];
	struct fake_order *o = &f->order[f->n_orders++];
	*o = (struct fake_order){ .instrument = PERP, .side = SIDE_BUY, .px = 601001, .qty = qty };
	fake_fill(r, PERP, o, qty, false);
	struct desk *d = &r->d;
	position_fill(d->instance[0].row[PERP], SIDE_BUY, OFFSET_NONE, qty,
		      instrument_notional_e8(&r->in[PERP], qty, 601001));
	positions_count(&d->positions, PERP, PERP, qty);
}

static struct pair *repair_of(struct rig *r, enum pair_intent intent)
{
	uint32_t i = 0;
	for (struct pair *p; (p = pairs_each(&r->d.pairs, &i));)
		if (p->intent == intent)
			return p;
	return NULL;
}

START_TEST(test_f65_one_leg_is_liquidated)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	uint64_t round = r->d.instance[0].round.id;
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_ptr_null(repair_of(r, INTENT_REPAIR));
	liquidate(r, 40);
	rig_run(r, RIG_SECOND);
	ck_assert_ptr_null(repair_of(r, INTENT_REPAIR)); /* it may be a report on its way */
	rig_run(r, 3 * RIG_SECOND);
	struct pair *p = repair_of(r, INTENT_REPAIR);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(p->round, round);
	ck_assert_uint_ge(rig_count(r, FACT_ALERT), 1);
	int64_t left = rig_truth_base_e8(r);
	ck_assert_int_le(left < 0 ? -left : left, rescue_tolerance_base_e8(&r->d, p));
	unsigned sent = r->venue[SPOT].places + r->venue[PERP].places;
	rig_run(r, 10 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, sent);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* The same, told by the venue as it does it. */
static void force(struct rig *r, int64_t qty)
{
	struct fake_venue *f = &r->venue[PERP];
	struct fake_order *o = &f->order[f->n_orders++];
	*o = (struct fake_order){ .instrument = PERP, .side = SIDE_BUY, .px = 601001, .qty = qty };
	fake_fill(r, PERP, o, qty, false);
	struct exec_report x = { .kind = EXEC_FILL,
				 .side = SIDE_BUY,
				 .forced = FORCED_LIQUIDATION,
				 .venue = PERP,
				 .account = PERP,
				 .instrument = PERP,
				 .px = 601001,
				 .qty = qty,
				 .fee_asset = r->in[PERP].quote };
	snprintf(x.exec, sizeof x.exec, "forced-%u", f->n_orders);
	snprintf(x.venue_order, sizeof x.venue_order, "theirs-%u", f->n_orders);
	router_on_exec(&r->d, &x);
}

static unsigned repairs(struct rig *r)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_PAIR &&
		     r->journal.fact[i].num[5] == INTENT_REPAIR &&
		     r->journal.fact[i].num[1] == PAIR_CHECKED;
	return n;
}

/* F65: the venue has said what it did: it is repaired a moment after its last execution, and the repair's receipt has that of the force as its cause. Three of them may be bought back; what it
 * takes again and again is not opened against without end, whatever the policy, a new life of the host included. */
START_TEST(test_f65_by_force_again_and_again)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	for (unsigned k = 1; k <= 5; k++) {
		force(r, 5);
		const struct fact *forced = rig_latest(r, FACT_FOREIGN);
		const uint64_t seq = forced->seq;
		ck_assert_int_eq(forced->num[1], FORCED_LIQUIDATION);
		rig_run(r, 150 * RIG_MS);
		ck_assert_uint_eq(repairs(r), k - 1);
		rig_run(r, 450 * RIG_MS);
		ck_assert_uint_eq(repairs(r), k);
		uint32_t at = r->journal.n;
		while (at-- > 0 && r->journal.fact[at].cause != seq)
			;
		const struct fact *first = &r->journal.fact[at];
		ck_assert_int_eq(first->kind, FACT_PAIR);
		ck_assert_int_eq(first->num[5], INTENT_REPAIR);
		ck_assert_msg(strstr(first->text, "liquidation: 0.00"), "%s", first->text);
		ck_assert_int_eq(fake_net_qty(r, PERP),
				 k <= WATCH_REPAIRS ? -100 : -100 + 5 * (int)(k - WATCH_REPAIRS));
		int64_t left = rig_truth_base_e8(r);
		ck_assert_int_le(left < 0 ? -left : left, 2 * RIG_LOT_E8);
		if (k == WATCH_REPAIRS) {
			struct rig *again = rig_reborn(r, r->journal.n, true);
			rig_recover(again);
			ck_assert(watch_repaired(&again->d, 0, again->d.now.mono_ns));
			rig_free(again);
		}
	}
	ck_assert(!watch_repaired(&r->d, 0, r->d.now.mono_ns + 3700 * RIG_SECOND));
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* What is closed as wished says who wished it, and what it is that is closed. */
START_TEST(test_flatten_says_who_and_what)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	struct risk_scope own = { .scope = SCOPE_INSTANCE, .index = 0 };
	risk_kill(&r->d, &own, KILL_FLATTEN, "ann", "a drill");
	const struct fact *asked = rig_latest(r, FACT_SCOPE);
	const uint64_t seq = asked->seq;
	rig_run(r, RIG_SECOND);
	const struct fact *whole = NULL, *sent = NULL;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->kind == FACT_PAIR && f->num[5] == INTENT_FLATTEN && !whole)
			whole = f;
		if (f->kind == FACT_PAIR && f->num[5] == INTENT_FLATTEN && f->num[1] == PAIR_SENT)
			sent = f;
	}
	ck_assert_ptr_nonnull(whole);
	ck_assert_uint_eq(whole->cause, seq);
	ck_assert_str_eq(whole->text, "to be closed: killed (flatten) by ann: a drill");
	ck_assert_ptr_nonnull(sent);
	ck_assert_str_eq(
		sent->text,
		"it holds long 0.1001 SPOT.BTCUSDT, short 0.1 PERP.BTCUSDT; all of it is to be closed");
	rig_free(r);
}
END_TEST

/* F18: what a venue that has not been asked since its session is new would say, nobody knows. */
START_TEST(test_not_before_the_truth)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	liquidate(r, 40);
	r->d.venue[SPOT].reconciled = false;
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_ptr_null(repair_of(r, INTENT_REPAIR));
	r->d.venue[SPOT].reconciled = true;
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_ptr_nonnull(repair_of(r, INTENT_REPAIR));
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* All of it is gone: what the other leg holds goes as well, after a kill and while the instance is paused (R5). */
START_TEST(test_r5_after_a_kill)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	desk_pause_instance(&r->d, 0, "a drill");
	liquidate(r, 100);
	rig_run(r, 5 * RIG_SECOND);
	struct pair *p = repair_of(r, INTENT_REPAIR);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_uint_eq(r->d.instance[0].round.id, 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* Held by policy: one repair pair stands for it, and alerts once. */
START_TEST(test_held_once)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	liquidate(r, 40);
	rig_run(r, 5 * RIG_SECOND);
	struct pair *p = repair_of(r, INTENT_REPAIR);
	ck_assert_int_eq(p->state, PAIR_HELD);
	unsigned alerts = rig_count(r, FACT_ALERT);
	rig_run(r, 20 * RIG_SECOND);
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts);
	ck_assert_uint_eq(r->d.stat.in_flight, 1);
	rig_free(r);
}
END_TEST

/* What an operator accepted is nobody's business until something new happens; a new life of the host knows it too. */
START_TEST(test_what_was_accepted_stays)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	rig_plan(r, PERP, FATE_REJECT, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 50);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(exec_resolve(&r->d, p, RESOLVE_ACCEPT, "ann", "as it is"), 0);
	r->d.instance[0].limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	unsigned sent = r->venue[SPOT].places + r->venue[PERP].places;
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].places + r->venue[PERP].places, sent);
	for (int checkpoint = 0; checkpoint < 2; checkpoint++) {
		if (checkpoint)
			checkpoint_write(&r->d);
		struct rig *again = rig_reborn(r, r->journal.n, true);
		rig_recover(again);
		ck_assert_int_eq(again->d.instance[0].round.carried_base_e8,
				 r->d.instance[0].round.carried_base_e8);
		for (unsigned l = 0; l < RIG_LEGS; l++)
			rig_venue(again, l, true);
		rig_run(again, 5 * RIG_SECOND);
		ck_assert_uint_eq(again->venue[SPOT].places + again->venue[PERP].places, 0);
		rig_free(again);
	}
	liquidate(r, 40);
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_ptr_nonnull(repair_of(r, INTENT_REPAIR));
	rig_free(r);
}
END_TEST

/* Lots by lots: at no moment are the legs further apart than one step and its tolerance. */
START_TEST(test_flatten)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->ci[0].max_pair_lots = 30;
	r->d.instance[0].wish = WISH_FLATTEN;
	int64_t worst = 0;
	for (int k = 0; k < 300; k++) {
		rig_run(r, 10 * RIG_MS);
		int64_t left = rig_truth_base_e8(r);
		worst = left > worst ? left : -left > worst ? -left : worst;
	}
	struct pair *p = repair_of(r, INTENT_FLATTEN);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->state, PAIR_FLAT);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_int_le(worst, 30 * RIG_LOT_E8);
	ck_assert_uint_eq(r->venue[PERP].places, 1 + 4);
	ck_assert_uint_eq(r->d.instance[0].round.id, 0);
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[PERP].places, 1 + 4);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* A leg that does not fill: the other one does not run ahead of it by more than a step. */
START_TEST(test_flatten_keeps_balance)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->ci[0].max_pair_lots = 10;
	r->d.instance[0].wish = WISH_FLATTEN;
	rig_plan(r, SPOT, FATE_NONE, FATE_NONE);
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_int_eq(fake_net_qty(r, PERP), -90);
	r->venue[SPOT].then = FATE_FILL;
	rig_run(r, 25 * RIG_SECOND);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_int_eq(repair_of(r, INTENT_FLATTEN)->state, PAIR_FLAT);
	rig_free(r);
}
END_TEST

/* A venue has just refused: what is even stays even until it takes an order again, whichever of the two it is, and the other leg follows what it took. */
START_TEST(test_flatten_asks_the_refusing_venue_first)
{
	for (unsigned leg = 0; leg < RIG_LEGS; leg++) {
		struct rig *r = rig_new();
		hedged(r, 100);
		rig_plan(r, leg, FATE_REJECT, FATE_REJECT);
		rig_finish(r, rig_propose(r, INTENT_OPEN, 10), RIG_SECOND);
		unsigned other = r->venue[leg ^ 1].places;
		r->d.instance[0].wish = WISH_FLATTEN;
		rig_run(r, 3 * RIG_SECOND);
		ck_assert_uint_eq(r->venue[leg ^ 1].places, other);
		ck_assert_int_eq(fake_net_qty(r, PERP), -100);
		r->venue[leg].then = FATE_PART;
		rig_run(r, 15 * RIG_SECOND);
		r->venue[leg].then = FATE_FILL;
		rig_run(r, 15 * RIG_SECOND);
		ck_assert_int_eq(repair_of(r, INTENT_FLATTEN)->state, PAIR_FLAT);
		ck_assert_int_eq(fake_net_qty(r, PERP), 0);
		rig_audit(r);
		rig_free(r);
	}
}
END_TEST

/* What one order of the less certain leg may close is less than the other one could follow by a lot: then that one leaves first, and nothing is bought back. */
START_TEST(test_flatten_in_orders_below_the_other_lot)
{
	struct rig *r = rig_new();
	hedged(r, 1);
	r->cv[SPOT].messages_per_s = 1000; /* fewer than the other one's */
	r->in[SPOT].rule[0].max_qty = r->d.instrument[SPOT].rule[0].max_qty = 30;
	r->d.instance[0].wish = WISH_FLATTEN;
	uint32_t from = r->venue[SPOT].n_orders;
	rig_run(r, 2 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].n_orders, from + 4);
	for (uint32_t i = from; i < r->venue[SPOT].n_orders; i++)
		ck_assert_uint_eq(r->venue[SPOT].order[i].side, SIDE_SELL);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	ck_assert_int_eq(repair_of(r, INTENT_FLATTEN)->state, PAIR_FLAT);
	ck_assert_uint_eq(rig_count(r, FACT_HELD), 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* Of an even position one leg leaves, and the receipt says which and why; what follows is as large as what it closed. */
START_TEST(test_flatten_one_leg_on_the_other)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	rig_book(r, SPOT, 6000000, 6000001, 1000); /* the thinner */
	rig_plan(r, SPOT, FATE_PART, FATE_FILL);
	unsigned spot = r->venue[SPOT].places, perp = r->venue[PERP].places;
	r->d.instance[0].wish = WISH_FLATTEN;
	uint32_t from = r->journal.n;
	rig_run(r, 2 * RIG_SECOND);
	const struct fact *step = NULL;
	for (uint32_t i = from; i < r->journal.n && !step; i++)
		if (r->journal.fact[i].kind == FACT_RESCUE)
			step = &r->journal.fact[i];
	ck_assert_ptr_nonnull(step);
	ck_assert_ptr_nonnull(strstr(step->text, "SPOT.BTCUSDT first (its book is the thinner)"));
	ck_assert_uint_eq(r->venue[SPOT].places, spot + 2);
	ck_assert_uint_eq(r->venue[PERP].places, perp + 2);
	ck_assert_int_eq(r->venue[PERP].order[perp].qty, 50);
	ck_assert_int_eq(repair_of(r, INTENT_FLATTEN)->state, PAIR_FLAT);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* Who is told to stop repairs what is uneven at rest first, and does not wait as long for what may still be on its way. */
START_TEST(test_a_stop_repairs_first)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	r->d.stopping = true;
	liquidate(r, 40);
	rig_run(r, 200 * RIG_MS);
	ck_assert(watch_any_uneven(&r->d));
	rig_run(r, 400 * RIG_MS);
	ck_assert_ptr_nonnull(repair_of(r, INTENT_REPAIR));
	rig_run(r, 2 * RIG_SECOND);
	ck_assert(!watch_any_uneven(&r->d));
	ck_assert_uint_eq(r->d.stat.in_flight, 0);
	rig_audit(r);
	rig_free(r);
}
END_TEST

/* F66: before a leg expires nothing opens; what is held is closed where that is set, else somebody is told once. */
START_TEST(test_f66_expiry)
{
	for (int flatten = 0; flatten < 2; flatten++) {
		struct rig *r = rig_new();
		hedged(r, 100);
		r->ci[0].rescue.expiry_ns = 3600 * RIG_SECOND;
		r->ci[0].rescue.on_expiry = flatten ? EXPIRY_FLATTEN : EXPIRY_ALERT;
		r->in[PERP].expiry_utc_ns = r->d.now.utc_ns + 3600 * RIG_SECOND + RIG_SECOND;
		r->d.session[PERP].phase = PHASE_CONTINUOUS;
		rig_run(r, 500 * RIG_MS);
		ck_assert(!r->d.instance[0].watch.expires);
		unsigned alerts = rig_count(r, FACT_ALERT);
		rig_run(r, 3 * RIG_SECOND);
		ck_assert(r->d.instance[0].watch.expires);
		ck_assert_uint_eq(rig_count(r, FACT_ALERT), alerts + 1 + (unsigned)flatten);
		ck_assert_int_eq(fake_net_qty(r, PERP), flatten ? 0 : -100);
		ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 10));
		ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_EXPIRY);
		rig_free(r);
	}
}
END_TEST

/* Nothing is repaired while a venue is away: what it did meanwhile is not known yet. */
START_TEST(test_waits_for_both_venues)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	liquidate(r, 40);
	r->venue[SPOT].v.state = VENUE_DOWN;
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_ptr_null(repair_of(r, INTENT_REPAIR));
	r->venue[SPOT].v.state = VENUE_UP;
	rig_run(r, 3 * RIG_SECOND);
	ck_assert_ptr_nonnull(repair_of(r, INTENT_REPAIR));
	rig_free(r);
}
END_TEST

/* A host that dies in the midst of a repair goes on with it, wherever the cut. What the venue did by itself is told by no receipt of this bench: it is left out. */
START_TEST(test_repair_outlives_the_host)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	rig_run(r, RIG_SECOND);
	r->d.instance[0].wish = WISH_FLATTEN;
	r->ci[0].max_pair_lots = 30;
	uint32_t from = r->journal.n;
	rig_run(r, 3 * RIG_SECOND);
	for (uint32_t cut = from; cut <= r->journal.n; cut++) {
		struct rig *again = rig_reborn(r, cut, true);
		rig_recover(again);
		again->d.instance[0].wish = WISH_FLATTEN;
		for (unsigned l = 0; l < RIG_LEGS; l++)
			rig_venue(again, l, true);
		rig_run(again, 10 * RIG_SECOND);
		again->d.recovering = false; /* the engine says so once they have ended */
		rig_run(again, 20 * RIG_SECOND);
		EXPECT_MSG(fake_net_qty(again, PERP) == 0, "cut at %u: %lld left", cut,
			   (long long)fake_net_qty(again, PERP));
		EXPECT_MSG(again->d.stat.in_flight == 0, "cut at %u", cut);
		rig_audit(again);
		rig_free(again);
	}
	rig_free(r);
}
END_TEST

/* The venue says that it holds something else: whoever repaired by the books might trade against the truth. */
START_TEST(test_f51_a_difference_is_not_repaired)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	rig_run(r, RIG_SECOND);
	fence_raise(&r->d, PERP, PERP, FENCE_POSITION, -100, -60, 0, "a drill");
	liquidate(r, 40);
	unsigned before = rig_count(r, FACT_ALERT);
	rig_run(r, 10 * RIG_SECOND);
	ck_assert_ptr_null(repair_of(r, INTENT_REPAIR));
	ck_assert_uint_eq(rig_count(r, FACT_ALERT), before + 1);
	fence_lift(&r->d, fence_at(&r->d, PERP, PERP), 0, "somebody has said whose it is");
	rig_run(r, 5 * RIG_SECOND);
	ck_assert_ptr_nonnull(repair_of(r, INTENT_REPAIR));
	rig_free(r);
}
END_TEST

SUITE("watch", test_a_stop_repairs_first, test_not_before_the_truth,
      test_f51_a_difference_is_not_repaired, test_f65_one_leg_is_liquidated, test_r5_after_a_kill,
      test_f65_by_force_again_and_again, test_flatten_says_who_and_what, test_held_once,
      test_what_was_accepted_stays, test_flatten, test_flatten_asks_the_refusing_venue_first,
      test_flatten_one_leg_on_the_other, test_flatten_in_orders_below_the_other_lot,
      test_flatten_keeps_balance, test_f66_expiry, test_waits_for_both_venues,
      test_repair_outlives_the_host)
