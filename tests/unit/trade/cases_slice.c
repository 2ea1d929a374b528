/* Pairs that are larger than one order may be: slice by slice, and what goes wrong between two of them. */
#include "tests/unit/trade/cases.h"

#include "core/trade/plan.h"
#include <string.h>

#define MOST 30 /* of the perpetual: 100 are four slices of 25 */

static struct pair *sliced(struct rig *r, enum pair_style style, enum pair_align align)
{
	r->in[PERP].rule[0].max_qty = MOST;
	return propose_as(r, style, align, SPOT);
}

/* The perpetual's fates one by one, then all fill. */
static void fates(struct rig *r, enum fate first, enum fate second)
{
	struct fake_venue *f = &r->venue[PERP];
	f->plan[0] = first;
	f->plan[1] = second;
	f->n_plan = 2;
	f->at_plan = 0;
	f->then = FATE_FILL;
}

static unsigned told(const struct rig *r, const char *text)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_PLAN &&
		     strcmp(r->journal.fact[i].text, text) == 0;
	return n;
}

static void hedged_with(struct rig *r, struct pair *p, int64_t qty)
{
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -qty);
}

void case_sliced(struct rig *r)
{
	struct pair *p = sliced(r, STYLE_BOTH, ALIGN_SEND);
	ck_assert_uint_eq(r->venue[PERP].places, 1); /* not before the first has filled */
	hedged_with(r, p, 100);
	ck_assert_uint_eq(r->venue[PERP].places, 4);
	ck_assert_uint_eq(r->venue[SPOT].places, 4);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
	ck_assert_uint_eq(told(r, "all legs leave at once; in 4 slices"), 1);
	ck_assert_uint_eq(told(r, "slice 2 of 4 leaves"), 1);
	ck_assert_uint_eq(told(r, "slice 4 of 4 leaves"), 1);
}

void case_sliced_one_falls_short(struct rig *r)
{
	fates(r, FATE_FILL, FATE_NONE);
	r->ci[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	/* The ladder fills up what earns its edge, as far as one order goes: 25 and 30. */
	hedged_with(r, sliced(r, STYLE_BOTH, ALIGN_SEND), 55);
	ck_assert_uint_eq(told(r, "slice 3 of 4 leaves"), 0);
	ck_assert_uint_eq(told(r, "a slice has not filled wholly"), 1);
	ck_assert_uint_ge(rig_count(r, FACT_RESCUE), 1);
}

void case_sliced_first_refused(struct rig *r)
{
	fates(r, FATE_REJECT, FATE_FILL);
	r->ci[0].limits.on_leg_fail = LEG_FAIL_UNWIND;
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	expect_end(r, sliced(r, STYLE_BOTH, ALIGN_SEND), PAIR_FLAT);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
}

void case_sliced_ack_lost(struct rig *r)
{
	fates(r, FATE_FILL, FATE_SILENT_FILL);
	hedged_with(r, sliced(r, STYLE_BOTH, ALIGN_SEND), 50);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

/* The first slice fills while something stands against the second. */
static struct pair *first_rests(struct rig *r)
{
	fates(r, FATE_REST, FATE_FILL);
	struct pair *p = sliced(r, STYLE_BOTH, ALIGN_SEND);
	rig_pump(r);
	ck_assert_uint_eq(r->venue[PERP].places, 1);
	return p;
}

static void first_fills(struct rig *r)
{
	fake_fill(r, PERP, fake_last(r, PERP), 25, true);
	rig_pump(r);
}

void case_sliced_killed_between(struct rig *r)
{
	struct pair *p = first_rests(r);
	risk_set_state(&r->d, RISK_HALTED, "the operator", "a drill");
	first_fills(r);
	hedged_with(r, p, 25);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	ended_by(r, "the host was told to stop opening");
}

void case_sliced_market_gone(struct rig *r)
{
	struct pair *p = first_rests(r);
	rig_prices(r, 6100000, 6100001, 601000, 601001); /* the spot has run away */
	first_fills(r);
	rig_run(r, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_SENT); /* waits for it, even */
	hedged_with(r, p, 25);
	ended_by(r, "the market does not show its next slice within its limits");
}

void case_sliced_market_comes_back(struct rig *r)
{
	struct pair *p = first_rests(r);
	rig_prices(r, 6100000, 6100001, 601000, 601001);
	first_fills(r);
	rig_run(r, RIG_SECOND);
	ck_assert_uint_eq(r->venue[SPOT].places, 1);
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	exec_run(&r->d); /* the quotes alone wake it */
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
	hedged_with(r, p, 100);
}

/* F69: what one order may be has become less. */
void case_sliced_rules_change(struct rig *r)
{
	struct pair *p = first_rests(r);
	r->in[PERP].rule[0].max_qty = 15;
	first_fills(r);
	hedged_with(r, p, 100);
	ck_assert_uint_eq(r->venue[PERP].places, 1 + 5);
}

/* Its position limit is the tighter one by now. */
void case_sliced_limit_between(struct rig *r)
{
	struct pair *p = first_rests(r);
	struct risk_scope all = { .scope = SCOPE_GLOBAL };
	ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_POSITION_BASE, &all, 5000000, "op", ""),
			 0);
	first_fills(r);
	hedged_with(r, p, 25);
	ended_by(r, "the position would be too large");
}

void case_sliced_breach(struct rig *r)
{
	struct pair *p = first_rests(r);
	p->breach = RISK_LIMIT_UNHEDGED_TIME;
	pairs_touch(&r->d.pairs, p);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), -25);
	ck_assert_uint_eq(told(r, "slice 2 of 4 leaves"), 0);
}

void case_sliced_asked_to_end(struct rig *r)
{
	struct pair *p = first_rests(r);
	exec_cancel(&r->d, p, p->cause);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(told(r, "slice 2 of 4 leaves"), 0);
}

void case_sliced_session_lost(struct rig *r)
{
	struct pair *p = first_rests(r);
	fake_fill(r, PERP, fake_last(r, PERP), 25, false);
	rig_venue(r, PERP, false);
	rig_run(r, RIG_SECOND);
	rig_venue(r, PERP, true);
	hedged_with(r, p, 25);
}

void case_sliced_less_certain_first(struct rig *r)
{
	struct pair *p = sliced(r, STYLE_BOTH, ALIGN_LESS_CERTAIN);
	ck_assert_uint_eq(r->venue[PERP].places, 0);
	hedged_with(r, p, 100);
	ck_assert_uint_eq(r->venue[PERP].places, 4);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_sliced_legged(struct rig *r)
{
	r->in[SPOT].rule[0].max_qty = 3000;
	struct pair *p = propose_as(r, STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
	hedged_with(r, p, 100);
	ck_assert_uint_eq(r->venue[SPOT].places, 4);
	ck_assert_uint_eq(orders_of_role(r, ORDER_HEDGES), 4);
	ck_assert_uint_eq(rig_count(r, FACT_RESCUE), 0);
}

void case_sliced_legged_follower_fails(struct rig *r)
{
	r->in[SPOT].rule[0].max_qty = 3000;
	fates(r, FATE_FILL, FATE_REJECT);
	struct pair *p = propose_as(r, STYLE_LEGGED, ALIGN_DEFAULT, SPOT);
	expect_end(r, p, PAIR_HEDGED);
	ck_assert_uint_eq(r->venue[SPOT].places, 2);
}

void case_sliced_passive(struct rig *r)
{
	r->in[SPOT].rule[0].max_qty = 6000;
	r->venue[SPOT].then = FATE_REST;
	struct pair *p = propose_as(r, STYLE_PASSIVE, ALIGN_DEFAULT, SPOT);
	rig_pump(r);
	ck_assert_int_eq(fake_last(r, SPOT)->qty, 6000);
	fake_fill(r, SPOT, fake_last(r, SPOT), 6000, true);
	rig_run(r, RIG_SECOND);
	ck_assert_int_eq(fake_last(r, SPOT)->qty, 4010);
	fake_fill(r, SPOT, fake_last(r, SPOT), 4010, true);
	hedged_with(r, p, 100);
}

/* The intents of a slice are on the disk before its bytes leave. */
void case_sliced_on_power(struct rig *r)
{
	r->cfg.store.durability_power = true;
	struct pair *p = sliced(r, STYLE_BOTH, ALIGN_SEND);
	for (unsigned n = 0; n < 4; n++) {
		rig_run(r, 20 * RIG_MS);
		ck_assert_uint_eq(r->venue[PERP].places, n);
		r->journal.synced = r->journal.n;
		exec_release(&r->d);
		rig_run(r, 10 * RIG_MS);
		ck_assert_uint_eq(r->venue[PERP].places, n + 1);
	}
	r->journal.synced = UINT64_MAX;
	hedged_with(r, p, 100);
	r->cfg.store.durability_power = false;
}

void case_sliced_close(struct rig *r)
{
	r->in[PERP].rule[0].max_qty = MOST;
	open_hedged(r);
	struct pair *p = rig_propose(r, INTENT_CLOSE, CASE_LOTS);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->intent, INTENT_CLOSE);
	ck_assert_uint_eq(p->slices, 4);
	rig_finish(r, p, RIG_SECOND);
	expect_state(p, PAIR_HEDGED);
	ck_assert_int_eq(fake_net_qty(r, PERP), 0);
	rig_audit(r);
}
