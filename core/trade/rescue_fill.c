/* rescue_fill - completes a broken pair up to all that was wanted of it, where what is beyond its leading leg still earns its edge: that part opens, so it must be let through as what opens is. */
#include "core/ops/config.h"
#include "core/trade/edge.h"
#include "core/trade/exec_parts.h"
#include "core/trade/rescue.h"
#include "core/trade/risk.h"

/* Whatever bars opening bars this too: state, pause, wish, gate, a fence, an operator's word, a limit it went beyond. */
static bool may_open(struct desk *d, const struct pair *p)
{
	unsigned fenced;
	return p->intent == INTENT_OPEN && p->style == STYLE_BOTH && p->tif == TIF_IOC &&
	       !p->told && !p->breach && !d->recovering && !exec_plan_trouble(d, p) &&
	       desk_gate(d, &d->instance[p->instance], false).gate == GATE_OPEN &&
	       !fence_bars(d, p, &fenced);
}

static bool within(const struct pair_leg *l, int64_t px)
{
	return l->side == SIDE_BUY ? px <= l->limit_px : px >= l->limit_px;
}

/* The gate's word on what a leg would open. */
static bool let_through(struct desk *d, const struct pair *p, unsigned leg,
			const struct rescue_trade *t)
{
	const struct pair_leg *l = &p->leg[leg];
	const struct order o = { .pair = p->id,
				 .instrument = l->instrument,
				 .instance = p->instance,
				 .account = l->account,
				 .venue = l->venue,
				 .leg = (uint8_t)leg,
				 .side = t->side,
				 .tif = TIF_IOC,
				 .px = t->px,
				 .qty = t->qty };
	return !risk_order(d, &o).limit;
}

/* A leg that the leading way leaves alone only opens: at its own limit, and as an order that opens. */
static bool opens(struct desk *d, const struct pair *p, unsigned leg,
		  const struct rescue_way_out *lead, struct rescue_way_out *all)
{
	struct rescue_trade *t = &all->trade[leg];
	if (t->qty == 0)
		return true;
	if (t->side != p->leg[leg].side || t->seen_qty < t->qty || !within(&p->leg[leg], t->at_px))
		return false;
	if (lead->trade[leg].qty == 0) {
		t->opens = true;
		if (!within(&p->leg[leg], t->px))
			t->px = p->leg[leg].limit_px;
	}
	return let_through(d, p, leg, t);
}

/* Others may have taken its room since the pair was let through, and of one in slices only a part ever was. */
static bool fits(struct desk *d, const struct pair *p, const struct rescue_way_out *all)
{
	struct pair open = *p;
	for (unsigned l = 0; l < p->n_legs; l++) {
		open.leg[l].want_qty = open.leg[l].order_qty = all->trade[l].qty;
		if (all->trade[l].qty)
			open.leg[l].limit_px = all->trade[l].px;
	}
	return risk_fits(d, &open);
}

void rescue_fill_up(struct desk *d, const struct pair *p, int64_t lead_ppb,
		    struct rescue_plan *plan)
{
	struct rescue_way_out *lead = &plan->out[RESCUE_COMPLETE], all;
	int64_t earned;
	if (lead_ppb >= RESCUE_PPB || !lead->possible || !lead->priced || !may_open(d, p))
		return;
	rescue_price(d, p, RESCUE_COMPLETE, RESCUE_PPB, plan->tolerance_base_e8, &all);
	if (!all.possible || !all.priced || all.left_base_e8 > plan->tolerance_base_e8 ||
	    !edge_expected_e8(d, p, RESCUE_PPB - lead_ppb, &earned))
		return;
	all.edge_e8 = -earned;
	all.cost_e8 += all.edge_e8;
	if (all.cost_e8 >= lead->cost_e8)
		return;
	bool more = false;
	for (unsigned l = 0; l < p->n_legs; l++) {
		if (!opens(d, p, l, lead, &all))
			return;
		more |= all.trade[l].opens;
	}
	if (more && fits(d, p, &all))
		*lead = all;
}
