#include "core/trade/peg.h"

#include "core/base/dec.h"
#include "core/ops/config.h"

static unsigned index_in_instance(const struct config_instance *c, const struct pair_leg *leg)
{
	unsigned k = 0;
	while (k + 1u < c->n_legs &&
	       (c->leg[k] != leg->instrument || c->account[k] != leg->account))
		k++;
	return k;
}

/* Value of a price of 1. False: a reference has no price. */
static bool factor_of(const struct desk_instance *in, const struct pair_leg *leg, double *factor)
{
	const struct basis_conv *c = &in->spec.conv[index_in_instance(in->cfg, leg)];
	*factor = c->k;
	for (unsigned r = 0; r < in->spec.n_refs; r++) {
		const struct quote *q = &in->spec.ref_top[r]->q;
		double mid = (double)(q->px[SIDE_BUY] + q->px[SIDE_SELL]) / 2 /
			     (double)dec_pow10[in->spec.ref[r]->px_dp];
		if (c->power[r] && (q->qty[SIDE_BUY] <= 0 || q->qty[SIDE_SELL] <= 0 || mid <= 0))
			return false;
		for (int k = 0; k < dec_abs(c->power[r]); k++)
			*factor = c->power[r] > 0 ? *factor * mid : *factor / mid;
	}
	return isfinite(*factor) && *factor != 0;
}

static double ratio_of(const struct pair_leg *leg)
{
	return (double)leg->ratio_num / (double)leg->ratio_den;
}

bool peg_weight(const struct desk *d, const struct pair *p, const struct pair_leg *leg,
		double *weight)
{
	bool known = factor_of(&d->instance[p->instance], leg, weight);
	*weight *= ratio_of(leg);
	return known;
}

/* What the rest of a leg would trade at on the average, walked through its book, in its own units. */
static bool executable(const struct desk *d, const struct pair_leg *leg, double *px)
{
	const struct feed *feed = &d->feed[leg->instrument];
	enum side at = (enum side)leg->side ^ 1;
	int64_t left = leg->want_qty - dec_abs(leg->cum_qty), worst;
	double scale = (double)dec_pow10[d->instrument[leg->instrument].px_dp];
	__int128 value;
	if (feed->top.state != BOOK_LIVE || feed->top.q.qty[at] <= 0)
		return false;
	int64_t seen = left > 0 ? reach_walk(d, leg->instrument, at, left, 0, &value, &worst) : 0;
	*px = seen ? (double)value / (double)seen / scale : (double)feed->top.q.px[at] / scale;
	return true;
}

/* Of all legs but the first. */
static bool others_edge(const struct desk *d, const struct pair *p, double *edge)
{
	const struct desk_instance *in = &d->instance[p->instance];
	*edge = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		double px, factor;
		if (l == p->first)
			continue;
		if (!executable(d, leg, &px) || !factor_of(in, leg, &factor))
			return false;
		*edge += (leg->side == SIDE_SELL ? 1 : -1) * ratio_of(leg) * px * factor;
	}
	return true;
}

bool peg_edge(const struct desk *d, const struct pair *p, int64_t first_px, double *edge)
{
	const struct pair_leg *leg = &p->leg[p->first];
	double px = dec_to_double(first_px, d->instrument[leg->instrument].px_dp), factor;
	if (!others_edge(d, p, edge) || !factor_of(&d->instance[p->instance], leg, &factor))
		return false;
	*edge += (leg->side == SIDE_SELL ? 1 : -1) * ratio_of(leg) * px * factor;
	return true;
}

bool peg_of_basis(const struct desk *d, const struct pair *p, double basis, double *edge)
{
	const struct config_instance *c = d->instance[p->instance].cfg;
	const struct pair_leg *leading = NULL;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (index_in_instance(c, &p->leg[l]) == 0)
			leading = &p->leg[l];
	if (!leading || p->n_legs != c->n_legs)
		return false;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (&p->leg[l] != leading && p->leg[l].side == leading->side)
			return false;
	*edge = (leading->side == SIDE_SELL ? basis : -basis) * ratio_of(leading);
	return true;
}

bool peg_px(const struct desk *d, const struct pair *p, int64_t *out)
{
	const struct pair_leg *leg = &p->leg[p->first];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct rule *r = desk_rule(d, leg->instrument);
	const struct quote *q = &desk_top(d, leg->instrument)->q;
	bool buys = leg->side == SIDE_BUY;
	enum dec_round better = buys ? DEC_DOWN : DEC_UP;
	double others, factor;
	int64_t px;
	if (!r || !others_edge(d, p, &others) ||
	    !factor_of(&d->instance[p->instance], leg, &factor))
		return false;
	double own = (p->edge - others) / (factor * ratio_of(leg)) * (buys ? -1 : 1);
	if (dec_from_double(own, in->px_dp, better, &px))
		return false;
	int64_t least = buys ? px : -px; /* counted so that less is the more passive */
	int64_t limit = buys ? leg->limit_px : -leg->limit_px;
	int64_t touch = q->qty[leg->side ^ 1] <= 0 ? INT64_MAX
			: buys			   ? q->px[SIDE_SELL] - r->tick
						   : -(q->px[SIDE_BUY] + r->tick);
	least = least < limit ? least : limit;
	least = least < touch ? least : touch;
	px = dec_to_step(buys ? least : -least, r->tick, better);
	*out = px;
	return (px > 0 || in->px_may_be_negative) && (!r->band_lo || px >= r->band_lo) &&
	       (!r->band_hi || px <= r->band_hi);
}
