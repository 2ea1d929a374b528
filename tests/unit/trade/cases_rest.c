/* Pairs of which one leg rests, and the other is taken on its fills; each branch of their plan, and what goes wrong in its midst. */
#include "core/trade/bounds.h"
#include "tests/unit/trade/cases.h"

static struct pair *passive(struct rig *r, enum fate spot, enum fate perp)
{
	r->venue[SPOT].then = FATE_REST;
	rig_plan(r, SPOT, spot, FATE_REST);
	rig_plan(r, PERP, perp, FATE_FILL);
	struct pair *p = propose_as(r, STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	rig_pump(r);
	return p;
}

void case_passive_filled(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	expect_state(p, PAIR_SENT);
	ck_assert_int_eq(fake_last(r, SPOT)->px, 6000000); /* its own side of the book */
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	rig_run(r, 2 * RIG_SECOND); /* longer than an answer may take */
	ck_assert_uint_eq(r->venue[SPOT].cancels, 0);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

/* The venue takes no message: what rests cannot be taken off, and the pair says so until it can. */
void case_f43_barred_while_it_rests(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	r->d.venue[SPOT].barred_until_ns = r->d.now.mono_ns + 30 * RIG_SECOND;
	rig_run(r, 20 * RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 0);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_MESSAGES);
	rig_run(r, 15 * RIG_SECOND);
	expect_end(r, p, PAIR_FLAT);
}

void case_passive_filled_in_parts(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	const int64_t fills[] = { 3333, 3333, 3344 }, then[] = { -33, -66, -100 };
	for (unsigned k = 0; k < 3; k++) {
		fake_fill(r, SPOT, fake_last(r, SPOT), fills[k], true);
		rig_pump(r);
		ck_assert_int_eq(fake_net_qty(r, PERP), then[k]);
	}
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_passive_time_is_over(struct rig *r)
{
	r->cfg.risk.cool_down_ns = RIG_SECOND;
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	expect_nothing_on_perp(r, p);
	ended_by(r, "its time is over");
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	ck_assert_int_eq(r->d.instance[0].cool_until_ns,
			 0); /* nobody took it: that is no failure */
}

void case_passive_time_is_over_half_filled(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	fake_fill(r, SPOT, fake_last(r, SPOT), 5005, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
	ended_by(r, "its time is over");
}

void case_passive_priced_anew(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	rig_run(r, RIG_SECOND);
	rig_book(r, PERP, 600990, 600991, 5000); /* one dollar down: so much less may be paid */
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	ck_assert_int_eq(fake_last(r, SPOT)->px, 6000000 - 100);
	ck_assert_int_eq(p->leg[PERP].ref_px, 600990);
	ck_assert_int_eq(p->leg[PERP].limit_px, 600890);
	rig_book(r, PERP, 601000, 601001, 5000); /* back: a better price is not hurried for */
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	rig_run(r, 300 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 2); /* until something happens */
	rig_book(r, PERP, 601000, 601001, 4999);
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 3);
	ck_assert_int_eq(fake_last(r, SPOT)->px, 6000000);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010, true);
	expect_end(r, p, PAIR_HEDGED);
}

/* While it was taken off, the room that it had was given to others: it is not put back until there is some again. */
void case_i02_passive_waits_for_room(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	rig_run(r, RIG_SECOND);
	r->cfg.risk.max_imbalance_base_e8 = 1000000;
	limits_load(&r->d);
	rig_book(r, PERP, 600990, 600991, 5000);
	rig_pump(r);
	rig_run(r, 300 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	r->cfg.risk.max_imbalance_base_e8 = 100000000;
	limits_load(&r->d);
	rig_run(r, 300 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010, true);
	expect_end(r, p, PAIR_HEDGED);
}

/* The price at which it rests has moved away from the limit of its leg: what one order may be worth is held against the price that it is sent at. */
void case_i02_passive_stays_within_an_order(struct rig *r)
{
	r->venue[PERP].then = FATE_REST;
	r->cfg.risk.max_order_notional_e8 = 601050000000; /* at 60105 */
	limits_load(&r->d);
	struct pair *p = propose_as(r, STYLE_PASSIVE, ALIGN_DEFAULT, PERP);
	rig_pump(r);
	ck_assert_int_eq(fake_last(r, PERP)->px, 601001);
	rig_run(r, RIG_SECOND);
	rig_book(r, SPOT, 6001000, 6001001,
		 500000); /* ten dollars up: so much more must it bring */
	rig_pump(r);
	rig_run(r, 300 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].cancels, 1);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	rig_book(r, SPOT, 6000300, 6000301, 500000);
	rig_run(r, 300 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 2);
	ck_assert_int_eq(fake_last(r, PERP)->px, 601031);
	r->venue[SPOT].then = FATE_FILL;
	fake_fill(r, PERP, fake_last(r, PERP), 100, true);
	expect_end(r, p, PAIR_HEDGED);
}

void case_f09_passive_fill_while_it_is_moved(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	struct fake_order *old = fake_last(r, SPOT);
	rig_run(r, RIG_SECOND);
	r->venue[SPOT].mute_cancel = true;
	rig_book(r, PERP, 600990, 600991, 5000);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].places, 1); /* no second before the first has ended */
	fake_fill(r, SPOT, old, 3000, true);
	fake_end(r, SPOT, old);
	fake_report(r, SPOT, old, EXEC_CANCELLED);
	r->venue[SPOT].mute_cancel = false;
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	ck_assert_int_eq(fake_last(r, SPOT)->qty, 10010 - 3000);
	ck_assert_int_eq(fake_net_qty(r, PERP), -29);
	fake_fill(r, SPOT, fake_last(r, SPOT), 7010, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, SPOT), 10010);
}

void case_f06_passive_cancel_races_fill(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	rig_run(r, RIG_SECOND);
	r->venue[SPOT].cancel_races = true;
	rig_book(r, PERP, 600990, 600991, 5000);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
}

void case_passive_gate_closes(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	fake_fill(r, SPOT, fake_last(r, SPOT), 5005, true);
	rig_pump(r);
	feed_bad(&r->d.feed[PERP], r->d.now.mono_ns);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
	rig_book(r, PERP, 601000, 601001, 5000);
}

void case_passive_killed(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	expect_nothing_on_perp(r, p);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	ended_by(r, "the host was told to stop opening");
}

void case_passive_killed_as_it_fills(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	r->venue[SPOT].cancel_races = true;
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_passive_follower_rejected(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_REJECT);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	fake_fill(r, SPOT, fake_last(r, SPOT), 5005, true);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(orders_of_role(r, ORDER_HEDGES), 1);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
}

void case_passive_ack_lost(struct rig *r)
{
	struct pair *p = passive(r, FATE_SILENT_REST, FATE_FILL);
	rig_run(r, 600 * RIG_MS);
	ended_by(r, "the outcome of an order is not known");
	expect_nothing_on_perp(r, p);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

void case_passive_asked_to_end(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	exec_cancel(&r->d, p, 0);
	expect_nothing_on_perp(r, p);
	ended_by(r, "it was asked to end");
}

void case_passive_session_lost(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	struct fake_order *o = fake_last(r, SPOT);
	rig_venue(r, SPOT, false);
	fake_fill(r, SPOT, o, 5005, false); /* while nobody listens */
	rig_run(r, RIG_SECOND);
	rig_venue(r, SPOT, true);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
}

void case_passive_other_venue_lost(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	rig_venue(r, PERP, false);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	expect_nothing_on_perp(r, p);
	rig_venue(r, PERP, true);
}

void case_passive_taken_away(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	fake_end(r, SPOT, fake_last(r, SPOT));
	fake_report(r, SPOT, fake_last(r, SPOT), EXEC_CANCELLED);
	expect_nothing_on_perp(r, p);
	ended_by(r, "its order was taken away");
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

void case_passive_refused(struct rig *r)
{
	expect_nothing_on_perp(r, passive(r, FATE_REJECT, FATE_FILL));
	ended_by(r, "its order is refused");
}

void case_passive_breach(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	p->breach = RISK_LIMIT_IMBALANCE;
	expect_nothing_on_perp(r, p);
	ended_by(r, "it went beyond a limit");
}

void case_passive_on_power(struct rig *r)
{
	r->cfg.store.durability_power = true;
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	r->journal.synced = r->journal.n;
	exec_release(&r->d);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	rig_run(r, RIG_SECOND);
	rig_book(r, PERP, 600990, 600991, 5000);
	rig_run(r, 50 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 1); /* the next one waits for its intent too */
	r->journal.synced = r->journal.n;
	rig_run(r, 20 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010, true);
	expect_end(r, p, PAIR_HEDGED);
}

void case_passive_the_other_leg(struct rig *r)
{
	r->venue[PERP].then = FATE_REST;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	struct pair *p = propose_as(r, STYLE_PASSIVE, ALIGN_DEFAULT, PERP);
	rig_pump(r);
	ck_assert_int_eq(fake_last(r, PERP)->px, 601001);
	fake_fill(r, PERP, fake_last(r, PERP), 1, true);
	rig_pump(r);
	ck_assert_int_eq(fake_net_qty(r, SPOT), 100);
	fake_fill(r, PERP, fake_last(r, PERP), 99, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, SPOT), 10010);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_passive_close_while_reducing(struct rig *r)
{
	open_hedged(r);
	risk_set_state(&r->d, RISK_REDUCING, "the operator", "a drill");
	struct proposal pr = rig_proposal(INTENT_CLOSE, CASE_LOTS);
	pr.style = STYLE_PASSIVE;
	pr.first = SPOT;
	r->venue[SPOT].then = FATE_REST;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_run(r, RIG_SECOND);
	expect_state(p, PAIR_SENT);
	fake_fill(r, SPOT, fake_last(r, SPOT), p->leg[SPOT].want_qty, true);
	rig_finish(r, p, 20 * RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}

void case_i13_passive_without_messages(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	rig_run(r, RIG_SECOND);
	r->cv[SPOT].messages_per_s = 1;
	r->cv[SPOT].reserve_pct = 20;
	rig_book(r, PERP, 600990, 600991, 5000);
	rig_run(r, 500 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].cancels, 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	expect_nothing_on_perp(r, p);
}

void case_passive_finishing(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	fake_fill(r, SPOT, fake_last(r, SPOT), 5005, true);
	r->d.instance[0].wish = WISH_FINISH;
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
	ended_by(r, "its strategy was told to open nothing");
}

void case_f40_passive_over_fill(struct rig *r)
{
	struct pair *p = passive(r, FATE_REST, FATE_FILL);
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10510, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100); /* the excess is reduced, not followed */
	ck_assert(r->d.instance[0].paused);
}
