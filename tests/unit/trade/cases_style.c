/* Pairs whose legs do not leave in one turn: leg by leg, one resting, or aligned; each branch of their plans, and what goes wrong in its midst. */
#include "tests/unit/trade/cases.h"

static struct pair *propose(struct rig *r, enum pair_style style, enum pair_align align, int first)
{
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.style = (uint8_t)style;
	pr.align = (uint8_t)align;
	pr.first = (uint8_t)first;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	return p;
}

static struct pair *legged(struct rig *r, enum fate spot, enum fate perp)
{
	rig_plan(r, SPOT, spot, FATE_FILL);
	rig_plan(r, PERP, perp, FATE_FILL);
	return propose(r, STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
}

static struct pair *passive(struct rig *r, enum fate spot, enum fate perp)
{
	r->venue[SPOT].then = FATE_REST;
	rig_plan(r, SPOT, spot, FATE_REST);
	rig_plan(r, PERP, perp, FATE_FILL);
	struct pair *p = propose(r, STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	rig_pump(r);
	return p;
}

static struct pair *aligned(struct rig *r, enum pair_align align, enum fate spot, enum fate perp)
{
	rig_plan(r, SPOT, spot, FATE_FILL);
	rig_plan(r, PERP, perp, FATE_FILL);
	return propose(r, STYLE_BOTH, align, SPOT);
}

static unsigned orders_of_role(const struct rig *r, enum order_role role)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_ORDER && r->journal.fact[i].num[2] == role;
	return n;
}

static void ended_by(const struct rig *r, const char *why)
{
	const struct fact *f = rig_latest(r, FACT_PLAN);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->text, why);
}

static void expect_nothing_on_perp(struct rig *r, struct pair *p)
{
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_legged_filled(struct rig *r)
{
	struct pair *p = legged(r, FATE_FILL, FATE_FILL);
	ck_assert_uint_eq(r->venue[PERP].places, 0); /* not before the first has filled */
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	ck_assert_uint_eq(orders_of_role(r, ORDER_HEDGES), 1);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
	ck_assert_int_eq(p->spent_e8, 0); /* as planned: no rescue's money */
}

void case_legged_nothing_filled(struct rig *r)
{
	expect_nothing_on_perp(r, legged(r, FATE_NONE, FATE_FILL));
}

void case_legged_first_rejected(struct rig *r)
{
	expect_nothing_on_perp(r, legged(r, FATE_REJECT, FATE_FILL));
}

void case_legged_in_part(struct rig *r)
{
	expect_end(r, legged(r, FATE_PART, FATE_FILL), PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_legged_fills_as_they_come(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.style = STYLE_LEGGED;
	pr.first = SPOT;
	pr.tif = TIF_GTC;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	fake_fill(r, SPOT, fake_last(r, SPOT), 50, true); /* half a lot of the other: carried */
	rig_pump(r);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	fake_fill(r, SPOT, fake_last(r, SPOT), 3000, true);
	rig_pump(r);
	ck_assert_int_eq(fake_net_qty(r, PERP), -30); /* never more than what has filled */
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010 - 3050, true);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_legged_follower_rejected(struct rig *r)
{
	struct pair *p = legged(r, FATE_FILL, FATE_REJECT);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(orders_of_role(r, ORDER_HEDGES), 1); /* not repeated: the ladder's */
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
}

void case_legged_follower_in_part(struct rig *r)
{
	expect_end(r, legged(r, FATE_FILL, FATE_PART), PAIR_HEDGED);
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
}

void case_legged_ack_lost(struct rig *r)
{
	struct pair *p = legged(r, FATE_SILENT_FILL, FATE_FILL);
	rig_run(r, 20 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
}

void case_legged_order_lost(struct rig *r)
{
	expect_nothing_on_perp(r, legged(r, FATE_LOST, FATE_FILL));
}

void case_legged_follower_unknown(struct rig *r)
{
	expect_end(r, legged(r, FATE_FILL, FATE_SILENT_FILL), PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
}

/* R5: what follows a fill reduces, and passes after a kill. */
void case_legged_kill_between(struct rig *r)
{
	struct pair *p = legged(r, FATE_FILL, FATE_FILL);
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -100);
}

void case_legged_late_fill(struct rig *r)
{
	struct pair *p = legged(r, FATE_NONE, FATE_FILL);
	expect_end(r, p, PAIR_FLAT);
	fake_fill(r, SPOT, fake_last(r, SPOT), 10010, true);
	rig_pump(r);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
}

/* Less than a lot of the other leg: nothing can follow it, and what is there is taken back. */
void case_legged_below_a_lot(struct rig *r)
{
	rig_plan(r, SPOT, FATE_REST, FATE_FILL);
	struct pair *p = propose(r, STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
	rig_pump(r);
	fake_fill(r, SPOT, fake_last(r, SPOT), 40, true);
	fake_end(r, SPOT, fake_last(r, SPOT));
	fake_report(r, SPOT, fake_last(r, SPOT), EXEC_CANCELLED);
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
}

void case_legged_slices(struct rig *r)
{
	r->in[PERP].rule[0].max_qty = 100;
	struct pair *p = legged(r, FATE_FILL, FATE_FILL);
	r->in[PERP].rule[0].max_qty = 40; /* its rules have changed since (F69) */
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[PERP].places, 3);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
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
	ck_assert_int_eq(r->d.instance[0].cool_until_ns, 0); /* nobody took it: that is no failure */
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

/* F67: by self-trade prevention, or a desk; the same would happen again. */
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

void case_arrive_together(struct rig *r)
{
	r->d.venue[SPOT].answer_ns = 10 * RIG_MS;
	r->d.venue[PERP].answer_ns = 50 * RIG_MS; /* half of each is one way: 20 ms apart */
	struct pair *p = aligned(r, ALIGN_ARRIVE, FATE_FILL, FATE_FILL);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
	rig_run(r, 10 * RIG_MS);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_arrive_ways_not_known(struct rig *r)
{
	struct pair *p = aligned(r, ALIGN_ARRIVE, FATE_FILL, FATE_FILL);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	ck_assert_ptr_nonnull(rig_latest(r, FACT_PLAN));
	expect_end(r, p, PAIR_HEDGED);
}

void case_arrive_far_leg_refused(struct rig *r)
{
	r->d.venue[SPOT].answer_ns = 10 * RIG_MS;
	r->d.venue[PERP].answer_ns = 50 * RIG_MS;
	struct pair *p = aligned(r, ALIGN_ARRIVE, FATE_FILL, FATE_REJECT);
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[SPOT].places, 0);
}

void case_certain_leg_at_once_on_fill(struct rig *r)
{
	struct pair *p = aligned(r, ALIGN_LESS_CERTAIN, FATE_FILL, FATE_FILL);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	rig_pump(r); /* no time has passed */
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	expect_end(r, p, PAIR_HEDGED);
}

void case_certain_leg_never_sent(struct rig *r)
{
	struct pair *p = aligned(r, ALIGN_LESS_CERTAIN, FATE_REJECT, FATE_FILL);
	expect_nothing_on_perp(r, p);
	ck_assert_int_eq(r->d.instance[0].rejects_in_minute, 1); /* the venue's, not ours */
}

void case_certain_leg_follows_a_part(struct rig *r)
{
	struct pair *p = aligned(r, ALIGN_LESS_CERTAIN, FATE_PART, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -50);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_certain_leg_when_silence_lasts(struct rig *r)
{
	struct pair *p = aligned(r, ALIGN_LESS_CERTAIN, FATE_SILENT_FILL, FATE_FILL);
	rig_run(r, 40 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	rig_run(r, 20 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	expect_end(r, p, PAIR_HEDGED);
}

void case_late_leg_killed(struct rig *r)
{
	r->d.venue[SPOT].answer_ns = 50 * RIG_MS;
	r->d.venue[PERP].answer_ns = 10 * RIG_MS;
	struct pair *p = aligned(r, ALIGN_ARRIVE, FATE_FILL, FATE_FILL);
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	rig_pump(r);
	ck_assert_uint_eq(orders_of_role(r, ORDER_OPENS), 2);
	ck_assert_str_eq(rig_latest(r, FACT_REJECTED)->text,
			 "not sent: the host was told to stop opening");
	expect_end(r, p, p->state == PAIR_FLAT ? PAIR_FLAT : PAIR_HEDGED);
}

void case_late_leg_without_a_book(struct rig *r)
{
	r->d.venue[SPOT].answer_ns = 50 * RIG_MS;
	r->d.venue[PERP].answer_ns = 10 * RIG_MS;
	struct pair *p = aligned(r, ALIGN_ARRIVE, FATE_FILL, FATE_FILL);
	feed_bad(&r->d.feed[PERP], r->d.now.mono_ns);
	rig_run(r, 40 * RIG_MS);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	ck_assert_str_eq(rig_latest(r, FACT_REJECTED)->text,
			 "not sent: its book is not live any more");
	rig_book(r, PERP, 601000, 601001, 5000);
	expect_end(r, p, p->state == PAIR_FLAT ? PAIR_FLAT : PAIR_HEDGED);
}

void case_late_leg_asked_to_end(struct rig *r)
{
	r->d.venue[SPOT].answer_ns = 50 * RIG_MS;
	r->d.venue[PERP].answer_ns = 10 * RIG_MS;
	struct pair *p = aligned(r, ALIGN_ARRIVE, FATE_REST, FATE_FILL);
	exec_cancel(&r->d, p, 0);
	rig_run(r, 100 * RIG_MS);
	expect_nothing_on_perp(r, p);
}

/* What became of the leg that went first is with its venue: held by name, and ended by the answer. */
void case_legged_no_answer_is_held(struct rig *r)
{
	r->venue[SPOT].mute_query = true;
	struct pair *p = legged(r, FATE_SILENT_FILL, FATE_FILL);
	rig_run(r, 4 * RIG_SECOND);
	expect_state(p, PAIR_SENT);
	rig_run(r, 2 * RIG_SECOND);
	expect_state(p, PAIR_HELD);
	ck_assert_int_eq(p->held_cause, HELD_UNKNOWN_ORDER);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	r->venue[SPOT].mute_query = false;
	rig_run(r, 6 * RIG_SECOND);
	expect_end(r, p, PAIR_HEDGED);
}

/* The coarser leg rests, the finer one follows every lot of it. */
void case_passive_the_other_leg(struct rig *r)
{
	r->venue[PERP].then = FATE_REST;
	rig_plan(r, SPOT, FATE_FILL, FATE_FILL);
	struct pair *p = propose(r, STYLE_PASSIVE, ALIGN_DEFAULT, PERP);
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

/* R5: a close may rest while the host only reduces; an opening pair may not. */
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

/* No message is left for another price: what has become too good is cancelled all the same, out of the reserve (I13). */
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

void case_f39_legged_bust(struct rig *r)
{
	struct pair *p = legged(r, FATE_FILL, FATE_FILL);
	expect_end(r, p, PAIR_HEDGED);
	fake_bust(r, SPOT, 0);
	rig_pump(r);
	rig_finish(r, p, 20 * RIG_SECOND);
	rig_audit(r);
	int64_t left = rig_truth_base_e8(r);
	/* the fee of what was taken back is not given back */
	ck_assert_int_le(left < 0 ? -left : left, rescue_tolerance_base_e8(&r->d, p));
}
