/* exec_slice - a pair that is larger than one order may be: its next slice leaves when every order of the one before has filled wholly, so that no more than one slice is ever without
 * its other legs. Each is judged as the pair was; what bars it is waited for as long as a slice may take, and then the pair is what it has come to. */
#include "core/base/dec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/feasible.h"
#include "core/trade/risk.h"
#include "core/trade/slice.h"
#include <stdio.h>

#define RETRY_NS 50000000LL

struct standing {
	bool open, fell_short;
};

static struct standing look(struct desk *d, const struct pair *p)
{
	struct standing s = { 0 };
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		bool ended = order_terminal((enum order_state)o->state);
		s.open |= !ended;
		s.fell_short |= ended && o->cum < o->qty;
	}
	return s;
}

/* As the gate is to judge it: what is left, and of it the next slice. */
static struct pair rest_of(const struct pair *p, unsigned n, const int64_t qty[LEG_MAX])
{
	struct pair rest = *p;
	const struct pair_leg *first = &p->leg[p->first];
	int64_t left = first->want_qty - slice_filled(first);
	rest.slices = (uint16_t)n;
	rest.target_base_e8 = dec_muldiv(p->target_base_e8, left, first->want_qty, DEC_NEAREST);
	for (unsigned l = 0; l < p->n_legs; l++) {
		rest.leg[l].want_qty -= slice_filled(&p->leg[l]);
		rest.leg[l].order_qty = qty[l];
		rest.leg[l].cum_qty = 0;
	}
	return rest;
}

/* Is there enough within the limits of all legs? The first slice left on the script's word; that is older now. */
static bool shown(struct desk *d, const struct pair *rest)
{
	for (unsigned l = 0; l < rest->n_legs; l++) {
		const struct pair_leg *leg = &rest->leg[l];
		enum side at = (enum side)leg->side ^ 1;
		__int128 value;
		int64_t worst;
		int64_t seen = reach_walk(d, leg->instrument, at, leg->order_qty, leg->limit_px,
					  &value, &worst);
		if (seen < leg->order_qty && (seen == 0 || !reach_shallow(d, leg->instrument, at)))
			return false;
	}
	return true;
}

static const char *barred(struct desk *d, const struct pair *rest)
{
	struct risk_verdict v = risk_slice(d, rest);
	if (!v.limit)
		v = feasible_slice(d, rest);
	if (v.limit)
		return risk_limit_text(v.limit);
	return shown(d, rest) ? NULL : "the market does not show its next slice within its limits";
}

static bool leave(struct desk *d, struct pair *p, const struct pair *rest)
{
	char text[FACT_TEXT];
	p->slices = (uint16_t)(p->slice + rest->slices);
	for (unsigned l = 0; l < p->n_legs; l++)
		p->leg[l].order_qty = rest->leg[l].order_qty;
	snprintf(text, sizeof text, "slice %u of %u leaves", p->slice + 1u, p->slices);
	exec_plan_note(d, p, PLAN_STEP_SLICED, text);
	pairs_rest(&d->pairs, p, false);
	p->sent_ns = d->now.mono_ns;
	p->rest_until_ns = p->sent_ns + exec_patience_ns(d, p);
	if (!exec_plan_intend(d, p)) {
		exec_plan_end(d, p, "no room for the orders of a slice");
		return exec_align_step(d, p); /* withdraws what has an intent */
	}
	if (!exec_align_step(d, p)) /* else it knows when the rest of it leaves */
		exec_plan_wake(d, p, p->rest_until_ns);
	return true;
}

static bool ends(struct desk *d, struct pair *p, const char *why)
{
	p->slice = p->slices;
	exec_plan_note(d, p, PLAN_STEP_ENDED, why);
	return false;
}

bool exec_slice_step(struct desk *d, struct pair *p)
{
	int64_t qty[LEG_MAX];
	if (p->plan != PLAN_WORKS || p->slice >= p->slices)
		return false;
	const struct standing s = look(d, p);
	const char *why = exec_plan_trouble(d, p);
	bool late = d->now.mono_ns >= p->rest_until_ns;
	if (s.fell_short || why)
		return ends(d, p, s.fell_short ? "a slice has not filled wholly" : why);
	if (s.open && late)
		return ends(d, p, "a slice takes too long");
	if (s.open) {
		exec_plan_wake(d, p, p->rest_until_ns);
		return true;
	}
	unsigned n = slice_next(d, p, qty);
	if (n == 0)
		return ends(d, p, "what is left cannot be cut into slices");
	const struct pair rest = rest_of(p, n, qty);
	why = barred(d, &rest);
	if (!why)
		return leave(d, p, &rest);
	if (late)
		return ends(d, p, why);
	pairs_rest(&d->pairs, p, true); /* looked at when a quote moves */
	int64_t next = d->now.mono_ns + RETRY_NS;
	exec_plan_wake(d, p, next < p->rest_until_ns ? next : p->rest_until_ns);
	return true;
}
