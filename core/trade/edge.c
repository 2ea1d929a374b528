#include "core/trade/edge.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/money.h"
#include "core/trade/peg.h"
#include "core/trade/scribe.h"
#include <math.h>

#define PPM 1000000

static const char *const from_name[] = { "not known", "presumed", "the mean", "as stated" };
_Static_assert(sizeof from_name / sizeof *from_name == fair_from_max, "a name for each");

const char *fair_from_name(enum fair_from f)
{
	return f < fair_from_max ? from_name[f] : "?";
}

/* All legs are one asset, counted in one currency. */
bool edge_presumes(const struct desk *d, const struct pair *p)
{
	const struct instrument *first = &d->instrument[p->leg[0].instrument];
	bool same = true;
	for (unsigned l = 1; l < p->n_legs; l++) {
		const struct instrument *in = &d->instrument[p->leg[l].instrument];
		same &= in->base == first->base && in->quote == first->quote;
	}
	return same;
}

bool edge_choose_fair(struct desk *d, const struct proposal *pr, struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	const struct basis *b = &in->basis;
	p->fair = 0;
	p->fair_from = FAIR_STATED;
	if (pr->has_fair)
		return peg_of_basis(d, p, pr->fair, &p->fair);
	p->fair_from = FAIR_MEAN;
	if (in->spec.band && b->ok && b->spec == &in->spec && b->fill >= 0.5 &&
	    peg_of_basis(d, p, b->mean, &p->fair))
		return true;
	p->fair_from = edge_presumes(d, p) ? FAIR_PRESUMED : FAIR_UNKNOWN;
	return true;
}

static double side_of(const struct pair_leg *l)
{
	return l->side == SIDE_SELL ? 1 : -1;
}

static double own_units(const struct desk *d, const struct pair_leg *l, int64_t px)
{
	return dec_to_double(px, d->instrument[l->instrument].px_dp);
}

/* Money of one unit of value, for all of the pair: by the first leg that tells. */
static bool money_of_value(struct desk *d, const struct pair *p, double *money_e8)
{
	const struct pair_leg *l = &p->leg[0];
	const struct instrument *in = &d->instrument[l->instrument];
	double weight, value;
	int64_t notional = instrument_notional_e8(in, l->want_qty, l->ref_px);
	int64_t base = instrument_base_e8(in, l->want_qty, l->ref_px);
	int64_t want = dec_muldiv(p->target_base_e8, l->ratio_num, l->ratio_den, DEC_NEAREST);
	if (!peg_weight(d, p, l, &weight) || base == 0 || l->ref_px == 0)
		return false;
	value = own_units(d, l, l->ref_px) * weight;
	if (!money_convert(d, p->instance, in->quote, money_of(d, p->instance), &notional))
		return false;
	*money_e8 = fabs((double)notional * (double)want / (double)base / value);
	return *money_e8 > 0;
}

/* With every leg at the price of its decision. */
static bool at_reference(const struct desk *d, const struct pair *p, double *edge)
{
	*edge = -p->fair;
	for (unsigned l = 0; l < p->n_legs; l++) {
		double weight;
		if (!peg_weight(d, p, &p->leg[l], &weight))
			return false;
		*edge += side_of(&p->leg[l]) * own_units(d, &p->leg[l], p->leg[l].ref_px) * weight;
	}
	return true;
}

bool edge_expected_e8(struct desk *d, const struct pair *p, int64_t part_ppm, int64_t *e8)
{
	double edge, money;
	*e8 = 0;
	if (p->fair_from == FAIR_UNKNOWN || !at_reference(d, p, &edge))
		return true;
	if (!money_of_value(d, p, &money))
		return false;
	if (p->fair_from == FAIR_PRESUMED && edge < 0)
		edge = 0;
	return dec_from_double(edge * money / 1e8 * (double)part_ppm / PPM, 8, DEC_NEAREST, e8) ==
	       0;
}

/* What a leg has traded at; what it has not traded yet would be at its reference. An inverse contract's value says nothing of its price. */
static double achieved(const struct desk *d, const struct pair_leg *l)
{
	const struct instrument *in = &d->instrument[l->instrument];
	double px = own_units(d, l, l->ref_px);
	bool ahead = l->side == SIDE_BUY ? l->cum_qty > 0 : l->cum_qty < 0;
	int64_t at_ref = ahead ? instrument_notional_e8(in, l->cum_qty, l->ref_px) : 0;
	return at_ref && in->expo.kind != EXPO_INVERSE
		       ? px * ((double)l->cum_value_e8 / (double)at_ref)
		       : px;
}

/* The fees of all legs as takers, in value. */
static bool fees(struct desk *d, const struct pair *p, double *value)
{
	double money;
	int64_t sum = 0;
	if (!money_of_value(d, p, &money))
		return false;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct instrument *in = &d->instrument[leg->instrument];
		const struct rule *r = desk_rule(d, leg->instrument);
		asset_id asset = in->quote;
		int64_t fee = r ? instrument_fee_e8(in, r, (enum side)leg->side, leg->want_qty,
						    leg->ref_px, false, false, &asset)
				: 0;
		if (r && r->fee.in == FEE_IN_FIXED)
			asset = in->quote;
		if (asset == in->base) {
			fee = dec_muldiv(fee, leg->ref_px, dec_pow10[in->px_dp], DEC_UP);
			asset = in->quote;
		}
		if (!r || !money_convert(d, p->instance, asset, money_of(d, p->instance), &fee))
			return false;
		sum += fee;
	}
	*value = (double)sum / money;
	return true;
}

bool edge_limit_px(struct desk *d, const struct pair *p, unsigned leg, int32_t keep_ppm,
		   int64_t *px)
{
	const struct pair_leg *own = &p->leg[leg];
	double edge, paid, weight, others = -p->fair;
	if (p->fair_from < FAIR_MEAN || !at_reference(d, p, &edge) || !fees(d, p, &paid) ||
	    !peg_weight(d, p, own, &weight))
		return false;
	for (unsigned l = 0; l < p->n_legs; l++) {
		double w;
		if (l == leg)
			continue;
		if (!peg_weight(d, p, &p->leg[l], &w))
			return false;
		others += side_of(&p->leg[l]) * achieved(d, &p->leg[l]) * w;
	}
	double left = edge - paid > 0 ? edge - paid : 0;
	double keep = left * (double)keep_ppm / PPM + paid;
	bool buys = own->side == SIDE_BUY;
	return dec_from_double((keep - others) * side_of(own) / weight,
			       d->instrument[own->instrument].px_dp, buys ? DEC_DOWN : DEC_UP,
			       px) == 0;
}

uint64_t edge_write(struct desk *d, const struct pair *p, uint64_t cause)
{
	const char *money = asset_name(&d->cfg->assets, money_of(d, p->instance));
	struct fact f;
	scribe_pair(d, &f, FACT_FAIR, p, cause);
	f.num[0] = p->fair_from;
	dec_from_double(p->fair, 9, DEC_NEAREST, &f.num[1]);
	edge_expected_e8(d, p, PPM, &f.num[2]);
	fact_text(&f, "fair is a difference of %.6g (%s): the pair is to earn %.2f %s before fees",
		  p->fair, fair_from_name((enum fair_from)p->fair_from), (double)f.num[2] / 1e8,
		  money);
	return scribe_put(d, &f);
}

void edge_recall(struct pair *p, const struct fact *f)
{
	if (f->num[0] < 0 || f->num[0] >= fair_from_max)
		return;
	p->fair_from = (uint8_t)f->num[0];
	p->fair = dec_to_double(f->num[1], 9);
}
