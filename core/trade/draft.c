#include "core/trade/draft.h"

#include "core/base/dec.h"
#include "core/market/lots.h"
#include "core/ops/config.h"
#include "core/trade/edge.h"
#include "core/trade/plan.h"
#include "core/trade/rescue.h"
#include "core/trade/terms.h"
#include <math.h>

#define BASE_MOST (INT64_MAX / 8) /* sums over legs stay within 64 bits */

static bool sensible(const struct config_instance *c, const struct proposal *pr)
{
	uint32_t seen = 0;
	if (pr->n_legs < 2 || pr->n_legs > LEG_MAX || pr->intent > INTENT_ROLL ||
	    pr->tif >= tif_max || pr->style >= pair_style_max || pr->align >= pair_align_max ||
	    (pr->has_basis && !isfinite(pr->basis)) || (pr->has_fair && !isfinite(pr->fair)))
		return false;
	for (unsigned l = 0; l < pr->n_legs; l++) {
		if (pr->leg[l] >= c->n_legs || seen & 1u << pr->leg[l] || pr->side[l] >= side_max)
			return false;
		if (!isfinite(pr->limit_px[l]) || pr->limit_px[l] < 0)
			return false;
		seen |= 1u << pr->leg[l];
	}
	return true;
}

/* The script's limit, or the reference moved by the slip limit; rounded to ticks, never to a worse price than asked. */
static bool leg_limit(const struct desk_instance *in, const struct instrument *i,
		      const struct rule *r, double asked, struct pair_leg *leg)
{
	enum dec_round better = leg->side == SIDE_BUY ? DEC_DOWN : DEC_UP;
	int64_t slip = in->limits.max_slip_tick * r->tick;
	int64_t px = leg->side == SIDE_BUY ? leg->ref_px + slip : leg->ref_px - slip;
	leg->limit_asked = asked > 0;
	if (asked > 0 && dec_from_double(asked, i->px_dp, better, &px))
		return false;
	leg->limit_px = dec_to_step(px, r->tick, better);
	return true;
}

unsigned draft_finest_leg(const struct desk *d, const struct pair *p)
{
	unsigned best = 0;
	int64_t least = INT64_MAX;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct rule *r = desk_rule(d, leg->instrument);
		if (!r)
			continue;
		int64_t lot =
			instrument_base_e8(&d->instrument[leg->instrument], r->lot, leg->ref_px);
		if (lot < least) {
			least = lot;
			best = l;
		}
	}
	return best;
}

static int64_t leg_base_e8(const struct pair *p, const struct pair_leg *l)
{
	return dec_muldiv(p->target_base_e8, l->ratio_num, l->ratio_den, DEC_NEAREST);
}

/* Left over from pairs that have ended; what pairs in flight are still to hedge is theirs. Within the tolerance, or the pair itself would count as broken. */
static int64_t carried_base_e8(struct desk *d, const struct pair *p)
{
	if (d->instance[p->instance].in_flight)
		return 0;
	int64_t most = rescue_tolerance_base_e8(d, p);
	int64_t carried = desk_instance_base_e8(d, p->instance);
	return carried > most ? most : carried < -most ? -most : carried;
}

static bool price_legs(struct desk *d, const struct proposal *pr, struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	for (unsigned l = 0; l < p->n_legs; l++) {
		unsigned k = pr->leg[l];
		struct pair_leg *leg = &p->leg[l];
		leg->instrument = in->cfg->leg[k];
		leg->account = in->cfg->account[k];
		leg->venue = d->instrument[leg->instrument].venue;
		leg->side = pr->side[l];
		leg->ratio_num = in->cfg->ratio_num[k];
		leg->ratio_den = in->cfg->ratio_den[k];
		const struct quote *q = &desk_top(d, leg->instrument)->q;
		const struct rule *r = desk_rule(d, leg->instrument);
		leg->ref_px = q->px[leg->side ^ 1];
		if (!r || q->qty[leg->side ^ 1] <= 0 || leg->ref_px == 0)
			return false;
		if (!leg_limit(in, &d->instrument[leg->instrument], r, pr->limit_px[l], leg))
			return false;
	}
	return true;
}

/* Would the legs cancel out if everything filled? */
static bool balanced(const struct desk *d, const struct pair *p)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t base = leg_base_e8(p, &p->leg[l]);
		if (base <= 0 || base > BASE_MOST)
			return false;
		sum += p->leg[l].side == SIDE_BUY ? base : -base;
	}
	return dec_abs(sum) <= rescue_tolerance_base_e8(d, p) + p->n_legs; /* ratios round */
}

/* The leg that stands against all the others; LEG_MAX: none does. */
static unsigned leg_against_others(const struct pair *p)
{
	unsigned n[side_max] = { 0 }, last[side_max] = { 0 };
	for (unsigned l = 0; l < p->n_legs; l++) {
		n[p->leg[l].side]++;
		last[p->leg[l].side] = l;
	}
	return n[SIDE_BUY] == 1 ? last[SIDE_BUY] : n[SIDE_SELL] == 1 ? last[SIDE_SELL] : LEG_MAX;
}

/* Contracts of unequal size: the whole lots of all legs that leave least, what is carried included (9 of COMEX gold against 28 of SHFE). False: some leg's lot is not
 * worth the same at every price, or is taken net of a fee; then each leg is sized by itself. */
static bool solve_lots(struct desk *d, struct pair *p, int64_t carried)
{
	static const struct frac no_limit = { -1, 1 };
	unsigned lone = leg_against_others(p), at[LEG_MAX], n = 0;
	struct frac lot[LEG_MAX], ratio[LEG_MAX], base, before;
	struct lots lots;
	struct lots_combo c;
	if (lone == LEG_MAX)
		return false;
	at[n++] = lone;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (l != lone)
			at[n++] = l;
	for (unsigned k = 0; k < n; k++) {
		const struct pair_leg *leg = &p->leg[at[k]];
		const struct instrument *in = &d->instrument[leg->instrument];
		if (in->expo.kind != EXPO_LINEAR ||
		    !lots_of_instrument(in, desk_rule(d, leg->instrument), &lot[k]) ||
		    !frac_make(leg->ratio_num, leg->ratio_den, &ratio[k]))
			return false;
	}
	if (p->leg[lone].side == SIDE_SELL)
		carried = -carried;
	if (!frac_make(leg_base_e8(p, &p->leg[lone]), dec_pow10[BASE_DP], &base) ||
	    !frac_make(carried, dec_pow10[BASE_DP], &before) || lots_init(&lots, n, lot, ratio) ||
	    lots_solve(&lots, base, before, no_limit, &c))
		return false;
	for (unsigned k = 0; k < n; k++)
		p->leg[at[k]].want_qty = c.lots[k] * desk_rule(d, p->leg[at[k]].instrument)->lot;
	return true;
}

int64_t draft_left_over_e8(const struct desk *d, const struct pair *p)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct instrument *in = &d->instrument[leg->instrument];
		const struct rule *r = desk_rule(d, leg->instrument);
		int64_t base = instrument_base_e8(in, leg->want_qty, leg->ref_px);
		if (leg->side == SIDE_BUY && in->expo.kind == EXPO_SPOT && r &&
		    r->fee.in == FEE_IN_RECEIVED)
			base -= dec_muldiv(base, r->fee.taker_e8, dec_pow10[8], DEC_NEAREST);
		sum += leg->side == SIDE_BUY ? base : -base;
	}
	return sum;
}

static void size_with(struct desk *d, struct pair *p, int64_t carried)
{
	unsigned fine = draft_finest_leg(d, p);
	if (solve_lots(d, p, carried))
		return;
	for (unsigned l = 0; l < p->n_legs; l++) {
		struct pair_leg *leg = &p->leg[l];
		int64_t base = leg_base_e8(p, leg);
		if (l == fine && dec_abs(carried) < base)
			base += leg->side == SIDE_BUY ? -carried : carried;
		leg->want_qty = desk_order_qty(&d->instrument[leg->instrument],
					       desk_rule(d, leg->instrument), (enum side)leg->side,
					       base, leg->ref_px);
	}
}

/* What is carried is taken up only as far as the pair itself stays within its tolerance: a leg that is a lot short would count as broken. */
static void size_legs(struct desk *d, struct pair *p)
{
	int64_t carried = carried_base_e8(d, p);
	size_with(d, p, carried);
	if (carried && dec_abs(draft_left_over_e8(d, p)) > rescue_tolerance_base_e8(d, p))
		size_with(d, p, 0);
}

/* What the instance holds against a leg's side: what that leg would close. A hair too little, from fees, does not count. */
static int64_t closable_e8(struct desk *d, const struct proposal *pr, const struct pair *p,
			   unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	int64_t held = position_base_e8(d->instance[p->instance].row[pr->leg[l]],
					&d->instrument[leg->instrument], leg->ref_px);
	return (leg->side == SIDE_SELL ? held : -held) + rescue_tolerance_base_e8(d, p);
}

/* A close takes no more than is held of the leg that is held least, whatever was asked for: the rest would open the other way. Nothing held: it stays as it is. */
static void clamp_close(struct desk *d, const struct proposal *pr, struct pair *p)
{
	int64_t lot = d->instance[p->instance].lot_base_e8, least = p->lots;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t one = dec_muldiv(lot, leg->ratio_num, leg->ratio_den, DEC_NEAREST);
		int64_t lots = one > 0 ? closable_e8(d, pr, p, l) / one : 0;
		least = lots < least ? lots : least;
	}
	if (least < 1)
		return;
	p->lots = least;
	p->target_base_e8 = dec_muldiv(least, lot, 1, DEC_NEAREST);
}

/* How many legs bring what this instance holds nearer to nothing, whole. */
static unsigned closing_legs(struct desk *d, const struct proposal *pr, const struct pair *p)
{
	unsigned n = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		n += closable_e8(d, pr, p, l) >= leg_base_e8(p, &p->leg[l]);
	return n;
}

bool draft_pair(struct desk *d, uint16_t instance, const struct proposal *pr, struct pair *out)
{
	const struct desk_instance *in = &d->instance[instance];
	*out = (struct pair){ .instance = instance,
			      .state = PAIR_PROPOSED,
			      .intent = pr->intent,
			      .tif = pr->tif,
			      .n_legs = pr->n_legs };
	int64_t lots;
	if (!sensible(in->cfg, pr) || !isfinite(pr->lots) ||
	    dec_from_double(pr->lots, 0, DEC_DOWN, &lots) || lots <= 0)
		return false;
	if (in->cfg->max_pair_lots && lots > in->cfg->max_pair_lots)
		lots = in->cfg->max_pair_lots; /* asked for more than it may: clamped, the receipts show both */
	out->lots = lots;
	out->target_base_e8 = dec_muldiv(lots, in->lot_base_e8, 1, DEC_NEAREST);
	for (unsigned k = 0; k < sizeof out->reason - 1 && pr->reason[k]; k++)
		out->reason[k] = pr->reason[k];
	if (!price_legs(d, pr, out) || !balanced(d, out))
		return false;
	if (out->intent == INTENT_CLOSE)
		clamp_close(d, pr, out);
	/* A roll (移仓) closes what is held of one contract while another opens on that side; exposure stays, since the legs balance. */
	unsigned closing = closing_legs(d, pr, out);
	if (closing < (out->intent == INTENT_CLOSE ? out->n_legs : 1u))
		out->intent = INTENT_OPEN;
	size_legs(d, out);
	return plan_choose(d, pr, out) && edge_choose_fair(d, pr, out) && terms_choose(d, pr, out);
}
