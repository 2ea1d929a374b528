#include "core/trade/rescue.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/edge.h"
#include "core/trade/ladder.h"
#include "core/trade/money.h"

static const char *const way_name[] = { "none", "complete", "unwind",	 "wait",
					"hold", "chase",    "chase_back" };
_Static_assert(sizeof way_name / sizeof *way_name == rescue_way_max, "a name for every way out");
_Static_assert(rescue_way_max <= PAIR_STEPS, "a pair counts each way");

const char *rescue_way_name(enum rescue_way w)
{
	return w < rescue_way_max ? way_name[w] : "?";
}

int64_t rescue_imbalance_base_e8(const struct desk *d, const struct pair *p)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		sum += pair_leg_base_e8(&p->leg[l], &d->instrument[p->leg[l].instrument]);
	return sum;
}

int64_t rescue_tolerance_base_e8(const struct desk *d, const struct pair *p)
{
	uint32_t instrument[LEG_MAX];
	for (unsigned l = 0; l < p->n_legs; l++)
		instrument[l] = p->leg[l].instrument;
	/* As much as the smallest trade is no longer tolerable: it can be corrected. */
	int64_t odd = desk_odd_lot_base_e8(d, instrument, p->n_legs) - 1;
	int64_t set = d->cfg->risk.residual_tolerance_base_e8;
	return odd > set ? odd : set;
}

int64_t rescue_value_e8(const struct desk *d, uint16_t instance, int64_t base_e8)
{
	uint32_t i = d->cfg->instance[instance].leg[0];
	const struct instrument *in = &d->instrument[i];
	int64_t px = desk_mark_px(d, i);
	int64_t unit = dec_abs(instrument_base_e8(in, dec_pow10[in->qty_dp], px));
	if (px == 0 || unit == 0)
		return 0;
	return dec_abs(dec_muldiv(instrument_notional_e8(in, dec_pow10[in->qty_dp], px), base_e8,
				  unit, DEC_NEAREST));
}

/* How far a leg has come, in millionths of what its pair wanted; fees aside, they are not re-traded. */
static int64_t progress_ppb(const struct desk *d, const struct pair *p, const struct pair_leg *l)
{
	const struct instrument *in = &d->instrument[l->instrument];
	int64_t want = dec_muldiv(p->target_base_e8, l->ratio_num, l->ratio_den, DEC_NEAREST);
	int64_t have = pair_leg_base_e8(l, in) * (l->side == SIDE_BUY ? 1 : -1);
	return want ? dec_muldiv(have, RESCUE_PPB, want, DEC_NEAREST) : 0;
}

/* What the pair was to earn on the part that unwinding gives up. */
static void give_up_edge(struct desk *d, const struct pair *p, int64_t part_ppb,
			 struct rescue_way_out *w)
{
	if (p->intent != INTENT_OPEN)
		return;
	w->priced &= edge_expected_e8(d, p, part_ppb, &w->edge_e8);
	w->cost_e8 += w->edge_e8;
}

/* Nothing that either venue would take: carried. */
static bool too_small(const struct pair *p, const struct rescue_plan *plan)
{
	const struct rescue_way_out *a = &plan->out[RESCUE_COMPLETE];
	const struct rescue_way_out *b = &plan->out[RESCUE_UNWIND];
	bool small = !a->why_not && !b->why_not;
	for (unsigned l = 0; l < p->n_legs; l++)
		small &= (!a->offered || a->trade[l].qty == 0) && b->trade[l].qty == 0;
	return small;
}

struct progress {
	int64_t lead_ppb, last_ppb;
};

static struct progress weigh(struct desk *d, const struct pair *p, struct rescue_plan *out)
{
	struct progress at = { INT64_MIN, INT64_MAX };
	out->way = RESCUE_NONE;
	out->cause = HELD_NONE;
	out->anything = false;
	for (int w = 0; w < rescue_way_max; w++) { /* what is offered, its pricing fills in */
		struct rescue_way_out *o = &out->out[w];
		o->offered = o->possible = o->priced = false;
		o->why_not = HELD_NONE;
		o->cost_e8 = o->slip_e8 = 0;
	}
	out->imbalance_base_e8 = rescue_imbalance_base_e8(d, p);
	out->tolerance_base_e8 = rescue_tolerance_base_e8(d, p);
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t ppb = progress_ppb(d, p, &p->leg[l]);
		at.lead_ppb = ppb > at.lead_ppb ? ppb : at.lead_ppb;
		at.last_ppb = ppb < at.last_ppb ? ppb : at.last_ppb;
		out->anything |= p->leg[l].cum_qty != 0;
	}
	at.last_ppb = at.last_ppb < 0 ? 0 : at.last_ppb;
	if (at.lead_ppb >
	    RESCUE_PPB) /* what filled beyond its order is reduced, not matched (F40) */
		at.lead_ppb = RESCUE_PPB;
	return at;
}

/* All legs are taken back together, a few lots at a time: what one step leaves uneven, the next one evens first. */
static void plan_flatten(struct desk *d, const struct pair *p, struct progress at,
			 struct rescue_plan *out)
{
	const struct desk_instance *in = &d->instance[p->instance];
	bool even = dec_abs(out->imbalance_base_e8) <= out->tolerance_base_e8;
	int64_t lots = in->cfg->max_pair_lots, goal = at.last_ppb;
	int64_t step_base =
		lots ? dec_muldiv(lots, in->lot_base_e8, 1, DEC_NEAREST) : p->target_base_e8;
	if (even && p->target_base_e8 > 0)
		goal -= dec_muldiv(step_base, RESCUE_PPB, p->target_base_e8, DEC_UP);
	rescue_price(d, p, RESCUE_UNWIND, goal > 0 ? goal : 0, out->tolerance_base_e8,
		     &out->out[RESCUE_UNWIND]);
	if (too_small(p, out))
		out->way = RESCUE_NONE;
	else
		ladder_choose(d, p, out);
}

void rescue_plan(struct desk *d, const struct pair *p, struct rescue_plan *out)
{
	struct progress at = weigh(d, p, out);
	if (p->intent == INTENT_FLATTEN) {
		plan_flatten(d, p, at, out);
		return;
	}
	if (dec_abs(out->imbalance_base_e8) <= out->tolerance_base_e8)
		return;
	static const uint8_t completing[] = { RESCUE_COMPLETE, RESCUE_CHASE, RESCUE_WAIT };
	for (unsigned k = 0; k < sizeof completing; k++)
		if (ladder_offers(d, p, (enum rescue_way)completing[k]))
			rescue_price(d, p, (enum rescue_way)completing[k], at.lead_ppb,
				     out->tolerance_base_e8, &out->out[completing[k]]);
	rescue_fill_up(d, p, at.lead_ppb, out);
	rescue_price(d, p, RESCUE_UNWIND, at.last_ppb, out->tolerance_base_e8,
		     &out->out[RESCUE_UNWIND]);
	give_up_edge(d, p, at.lead_ppb - at.last_ppb, &out->out[RESCUE_UNWIND]);
	if (ladder_offers(d, p, RESCUE_CHASE_BACK)) {
		struct rescue_way_out *back = &out->out[RESCUE_CHASE_BACK];
		rescue_price(d, p, RESCUE_CHASE_BACK, at.last_ppb, out->tolerance_base_e8, back);
		give_up_edge(d, p, at.lead_ppb - at.last_ppb, back);
	}
	if (!too_small(p, out))
		ladder_choose(d, p, out);
}

void rescue_plan_known(struct desk *d, const struct pair *p, struct rescue_plan *out)
{
	struct progress at = weigh(d, p, out);
	if (dec_abs(out->imbalance_base_e8) <= out->tolerance_base_e8)
		return;
	rescue_price(d, p, RESCUE_UNWIND, at.last_ppb, out->tolerance_base_e8,
		     &out->out[RESCUE_UNWIND]);
	for (unsigned l = 0; l < p->n_legs; l++) /* its own orders decide what it is to trade */
		if (p->leg[l].open_orders && out->out[RESCUE_UNWIND].trade[l].qty)
			return;
	ladder_choose(d, p, out);
}
