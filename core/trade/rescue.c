#include "core/trade/rescue.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/draft.h"
#include "core/trade/risk.h"
#include <string.h>

static const char *const way_name[] = { "none", "complete", "unwind", "wait", "hold" };
_Static_assert(sizeof way_name / sizeof *way_name == rescue_way_max, "a name for every way out");

#define ATTEMPTS_MAX 12
#define PPB	     1000000

const char *rescue_way_name(enum rescue_way w)
{
	return w < rescue_way_max ? way_name[w] : "?";
}

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
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

/* How far a leg has come, in billionths of what its pair wanted; fees aside, they are not re-traded. */
static int64_t progress_ppb(const struct desk *d, const struct pair *p, const struct pair_leg *l)
{
	const struct instrument *in = &d->instrument[l->instrument];
	int64_t want = dec_muldiv(p->target_base_e8, l->ratio_num, l->ratio_den, DEC_NEAREST);
	int64_t have = pair_leg_base_e8(l, in) * (l->side == SIDE_BUY ? 1 : -1);
	return want ? dec_muldiv(have, PPB, want, DEC_NEAREST) : 0;
}

/* Fees of a trade at market, in quote money; a fee in another asset is valued at the trade's price when it is the base. */
static int64_t taker_fee_e8(struct desk *d, const struct pair_leg *l, enum side side, int64_t qty,
			    int64_t px)
{
	const struct instrument *in = &d->instrument[l->instrument];
	const struct rule *r = desk_rule(d, l->instrument);
	asset_id asset;
	int64_t fee = instrument_fee_e8(in, r, side, qty, px, false, false, &asset);
	return asset == in->base ? dec_muldiv(fee, px, dec_pow10[in->px_dp], DEC_UP) : fee;
}

/* Closing reduces: it may pay what unwinding may. */
static bool strict(const struct pair *p, bool completing)
{
	return completing && p->intent != INTENT_CLOSE;
}

int64_t rescue_slip_tick(const struct desk *d, const struct pair *p, bool completing)
{
	const struct strat_limits *l = &d->instance[p->instance].limits;
	return strict(p, completing) ? l->max_slip_tick : l->max_unwind_slip_tick;
}

/* The worst price that a leg may still trade at: the reference moved by the slip limit, and never beyond the collar or the day's band. */
static int64_t worst_px(struct desk *d, const struct pair *p, const struct pair_leg *l,
			enum side side, bool completing)
{
	const struct rule *r = desk_rule(d, l->instrument);
	int64_t top = desk_top(d, l->instrument)->q.px[side ^ 1];
	int64_t ticks = rescue_slip_tick(d, p, completing);
	int64_t from = strict(p, completing) && l->ref_px ? l->ref_px : top;
	int64_t towards = side == SIDE_BUY ? 1 : -1;
	int64_t worst = towards * from + ticks * r->tick; /* counted so that more is worse */
	int64_t band = towards * (side == SIDE_BUY ? r->band_hi : r->band_lo);
	if (d->cfg->risk.collar_ppm) {
		int64_t room =
			dec_muldiv(magnitude(top), d->cfg->risk.collar_ppm, 1000000, DEC_DOWN);
		worst = worst < towards * top + room ? worst : towards * top + room;
	}
	if (band)
		worst = worst < band ? worst : band;
	return dec_to_step(towards * worst, r->tick, side == SIDE_BUY ? DEC_DOWN : DEC_UP);
}

/* What a trade adds to the holding: a fee that is taken in the base is not in it. */
static int64_t received_base_e8(const struct instrument *in, const struct rule *r,
				const struct rescue_trade *t, int64_t px)
{
	asset_id asset;
	int64_t base = instrument_base_e8(in, t->qty, px);
	int64_t fee =
		instrument_fee_e8(in, r, (enum side)t->side, t->qty, px, false, false, &asset);
	if (in->expo.kind != EXPO_SPOT || asset != in->base)
		fee = 0;
	return (t->side == SIDE_BUY ? base : -base) - fee;
}

/* Can this leg be traded at all now? HELD_NONE, or why not. */
static enum held_cause obstacle(struct desk *d, const struct pair_leg *l, enum side side)
{
	const struct top *top = desk_top(d, l->instrument);
	if (d->venue[l->venue].port->state != VENUE_UP)
		return HELD_VENUE_DOWN;
	if (!desk_in_session(d, l->instrument))
		return HELD_CLOSED; /* carried over the break (F35) */
	if (top->state != BOOK_LIVE || top->q.qty[side ^ 1] == 0)
		return HELD_NO_MARKET;
	if (!risk_message_room(d, l->venue, 1, true))
		return HELD_BUDGET;
	return HELD_NONE;
}

/* Prices one leg's trade of delta base units (signed); adds to the way's cost. False: it cannot be done, and why. */
static bool price_leg(struct desk *d, const struct pair *p, unsigned leg, int64_t delta_base_e8,
		      bool completing, struct rescue_way_out *w)
{
	const struct pair_leg *l = &p->leg[leg];
	const struct instrument *in = &d->instrument[l->instrument];
	const struct rule *r = desk_rule(d, l->instrument);
	const struct feed *feed = &d->feed[l->instrument];
	enum side side = delta_base_e8 > 0 ? SIDE_BUY : SIDE_SELL;
	int64_t px = feed->top.q.px[side ^ 1];
	struct rescue_trade *t = &w->trade[leg];
	if (!r) {
		w->why_not = HELD_NO_MARKET;
		return false;
	}
	/* To the nearest lot: half a lot more or less is the remainder that is carried. */
	int64_t ref_px = l->ref_px ? l->ref_px : px;
	int64_t qty = desk_order_qty(in, r, side, magnitude(delta_base_e8), ref_px);
	if (qty < r->min_qty ||
	    instrument_notional_e8(in, qty, px ? px : ref_px) < r->min_notional_e8)
		qty = 0;
	if (r->max_qty && qty > r->max_qty)
		qty = dec_to_step(r->max_qty, r->lot, DEC_DOWN);
	*t = (struct rescue_trade){ .side = (uint8_t)side, .qty = qty };
	if (qty == 0)
		return true;
	enum held_cause why = obstacle(d, l, side);
	if (!why) {
		t->px = worst_px(d, p, l, side, completing);
		bool reachable = side == SIDE_BUY ? px <= t->px : px >= t->px;
		if (!reachable || (t->px <= 0 && !in->px_may_be_negative))
			why = HELD_BUDGET;
	}
	if (why) {
		w->why_not = (uint8_t)why;
		return false;
	}
	__int128 value;
	int64_t worst;
	int64_t seen = book_walk(&feed->book, side ^ 1, qty, t->px, &value, &worst);
	int64_t average = seen ? (int64_t)(value / seen) : px;
	int64_t against = l->ref_px ? l->ref_px : px;
	int64_t adverse = side == SIDE_BUY ? average - against : against - average;
	w->cost_e8 +=
		instrument_notional_e8(in, qty, adverse) + taker_fee_e8(d, l, side, qty, average);
	return true;
}

/* Prices a trade of each leg by its delta of base units; returns what is left unhedged then. trimmed: the leg that only takes up a
 * remainder, at the prices that unwinding may pay; LEG_MAX: none. */
static int64_t price_deltas(struct desk *d, const struct pair *p, bool completing,
			    const int64_t *delta_base_e8, unsigned trimmed,
			    struct rescue_way_out *w)
{
	int64_t left = 0;
	bool any = false;
	memset(w, 0, sizeof *w);
	w->possible = true;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct instrument *in = &d->instrument[leg->instrument];
		const struct rule *r = desk_rule(d, leg->instrument);
		if (!price_leg(d, p, l, delta_base_e8[l], completing && l != trimmed, w))
			w->possible = false;
		left += pair_leg_base_e8(leg, in);
		if (r && w->trade[l].qty)
			left += received_base_e8(in, r, &w->trade[l], leg->ref_px);
		any |= w->trade[l].qty != 0;
	}
	w->left_base_e8 = magnitude(left);
	w->possible &= any;
	return left;
}

/* Brings every leg to the same progress: completing raises the laggards to the leader, unwinding takes the leaders back to the last. A coarse
 * leg can only be moved by whole lots: what that leaves over, the leg with the finest lot takes up. */
static void price_way(struct desk *d, const struct pair *p, bool completing, int64_t goal_ppb,
		      int64_t tolerance_base_e8, struct rescue_way_out *w)
{
	int64_t delta[LEG_MAX];
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t want =
			dec_muldiv(p->target_base_e8, leg->ratio_num, leg->ratio_den, DEC_NEAREST);
		int64_t goal = dec_muldiv(want, goal_ppb, PPB, DEC_NEAREST) *
			       (leg->side == SIDE_BUY ? 1 : -1);
		delta[l] = goal - pair_leg_base_e8(leg, &d->instrument[leg->instrument]);
	}
	int64_t left = price_deltas(d, p, completing, delta, LEG_MAX, w);
	if (magnitude(left) <= tolerance_base_e8)
		return;
	unsigned fine = draft_finest_leg(d, p);
	bool idle = w->trade[fine].qty == 0;
	delta[fine] = (idle ? 0 : delta[fine]) - left;
	price_deltas(d, p, completing, delta, idle ? fine : LEG_MAX, w);
}

/* What the pair was to earn on the part that unwinding gives up: the difference of the legs' reference values. */
static int64_t edge_given_up_e8(const struct desk *d, const struct pair *p, int64_t part_ppb)
{
	int64_t edge = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t v = instrument_notional_e8(&d->instrument[leg->instrument], leg->want_qty,
						   leg->ref_px);
		edge += leg->side == SIDE_SELL ? v : -v;
	}
	edge = dec_muldiv(edge, part_ppb, PPB, DEC_NEAREST);
	return edge > 0 && p->intent == INTENT_OPEN ? edge : 0;
}

static bool affordable(const struct desk *d, const struct pair *p, const struct rescue_way_out *w)
{
	int64_t budget = d->instance[p->instance].cfg->rescue_budget_e8;
	return budget == 0 || p->spent_e8 - p->forgiven_e8 + w->cost_e8 <= budget;
}

static enum rescue_way choose(struct desk *d, const struct pair *p, struct rescue_plan *out)
{
	enum on_leg_fail policy = (enum on_leg_fail)d->instance[p->instance].limits.on_leg_fail;
	/* A broken close or roll is completed or held, whatever the policy: unwinding it would open again (R4). */
	bool try_unwind = p->intent == INTENT_OPEN && policy != LEG_FAIL_COMPLETE;
	bool try_complete = p->intent != INTENT_OPEN || policy != LEG_FAIL_UNWIND;
	bool told = p->told == RESOLVE_COMPLETE || p->told == RESOLVE_UNWIND;
	if (told) { /* an operator's word stands above the policy, not above the limits */
		try_unwind = p->told == RESOLVE_UNWIND;
		try_complete = p->told == RESOLVE_COMPLETE;
	}
	bool may_complete =
		try_complete && out->complete.possible && affordable(d, p, &out->complete);
	bool may_unwind = try_unwind && out->unwind.possible && affordable(d, p, &out->unwind);
	if (policy == LEG_FAIL_HOLD && !told) {
		out->cause = HELD_BY_POLICY;
		return RESCUE_HOLD;
	}
	if (p->attempts >= ATTEMPTS_MAX) {
		out->cause = HELD_BUDGET;
		return RESCUE_HOLD;
	}
	/* A way that leaves more than the tolerance is a step, not an end: the other one goes first. */
	bool complete_ends = out->complete.left_base_e8 <= out->tolerance_base_e8;
	bool unwind_ends = out->unwind.left_base_e8 <= out->tolerance_base_e8;
	if (may_complete && may_unwind && complete_ends != unwind_ends)
		return complete_ends ? RESCUE_COMPLETE : RESCUE_UNWIND;
	if (may_complete && may_unwind)
		return out->complete.cost_e8 <= out->unwind.cost_e8 ? RESCUE_COMPLETE
								    : RESCUE_UNWIND;
	if (may_complete || may_unwind)
		return may_complete ? RESCUE_COMPLETE : RESCUE_UNWIND;
	uint8_t why = try_unwind ? out->unwind.why_not : HELD_NONE;
	if (!why && try_complete)
		why = out->complete.why_not;
	out->cause = why ? (enum held_cause)why : HELD_BUDGET;
	return RESCUE_WAIT;
}

void rescue_plan(struct desk *d, const struct pair *p, struct rescue_plan *out)
{
	memset(out, 0, sizeof *out);
	out->imbalance_base_e8 = rescue_imbalance_base_e8(d, p);
	out->tolerance_base_e8 = rescue_tolerance_base_e8(d, p);
	int64_t lead = INT64_MIN, last = INT64_MAX;
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t ppb = progress_ppb(d, p, &p->leg[l]);
		lead = ppb > lead ? ppb : lead;
		last = ppb < last ? ppb : last;
		out->anything |= p->leg[l].cum_qty != 0;
	}
	if (magnitude(out->imbalance_base_e8) <= out->tolerance_base_e8) {
		out->way = RESCUE_NONE;
		return;
	}
	last = last < 0 ? 0 : last;
	lead = lead > PPB ? PPB
			  : lead; /* what filled beyond its order is reduced, not matched (F40) */
	price_way(d, p, true, lead, out->tolerance_base_e8, &out->complete);
	price_way(d, p, false, last, out->tolerance_base_e8, &out->unwind);
	out->unwind.cost_e8 += edge_given_up_e8(d, p, lead - last);
	bool neither = !out->complete.why_not && !out->unwind.why_not;
	for (unsigned l = 0; l < p->n_legs; l++)
		neither &= out->complete.trade[l].qty == 0 && out->unwind.trade[l].qty == 0;
	if (neither) { /* too small for either venue: carried */
		out->way = RESCUE_NONE;
		return;
	}
	out->way = choose(d, p, out);
}
