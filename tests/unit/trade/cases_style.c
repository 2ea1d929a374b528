/* Pairs whose legs leave one after the other: on what the first has filled, or at different moments; each branch of their plans, and what goes wrong in its midst. */
#include "tests/unit/trade/cases.h"

struct pair *propose_as(struct rig *r, enum pair_style style, enum pair_align align, int first)
{
	struct proposal pr = rig_proposal(INTENT_OPEN, CASE_LOTS);
	pr.style = (uint8_t)style;
	pr.align = (uint8_t)align;
	pr.first = (uint8_t)first;
	struct pair *p = exec_propose(&r->d, 0, &pr);
	ck_assert_ptr_nonnull(p);
	return p;
}

unsigned orders_of_role(const struct rig *r, enum order_role role)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_ORDER && r->journal.fact[i].num[2] == role;
	return n;
}

void ended_by(const struct rig *r, const char *why)
{
	const struct fact *f = rig_latest(r, FACT_PLAN);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->text, why);
}

void expect_nothing_on_perp(struct rig *r, struct pair *p)
{
	expect_end(r, p, PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

static struct pair *legged(struct rig *r, enum fate spot, enum fate perp)
{
	rig_plan(r, SPOT, spot, FATE_FILL);
	rig_plan(r, PERP, perp, FATE_FILL);
	return propose_as(r, STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
}

static struct pair *aligned(struct rig *r, enum pair_align align, enum fate spot, enum fate perp)
{
	rig_plan(r, SPOT, spot, FATE_FILL);
	rig_plan(r, PERP, perp, FATE_FILL);
	return propose_as(r, STYLE_BOTH, align, SPOT);
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
	struct pair *p = propose_as(r, STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
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

/* F67: by self-trade prevention, or a desk; the same would happen again. */
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
	ck_assert_str_eq(rig_latest(r, FACT_WITHDRAWN)->text,
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
	ck_assert_str_eq(rig_latest(r, FACT_WITHDRAWN)->text,
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
/* R5: a close may rest while the host only reduces; an opening pair may not. */
/* No message is left for another price: what has become too good is cancelled all the same, out of the reserve (I13). */
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
