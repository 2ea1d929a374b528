#include "core/trade/slice.h"

#include "core/base/dec.h"
#include "core/ops/config.h"

int64_t slice_filled(const struct pair_leg *l)
{
	int64_t filled = l->side == SIDE_BUY ? l->cum_qty : -l->cum_qty;
	return filled > 0 ? filled : 0;
}

static const struct bounds_leg *bounds_of_leg(const struct desk *d, const struct pair *p,
					      unsigned leg)
{
	const struct desk_instance *in = &d->instance[p->instance];
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		if (in->cfg->leg[l] == p->leg[leg].instrument)
			return &in->bounds->leg[l];
	return &in->bounds->leg[0];
}

/* Lots within a bound, of which one is worth so much. */
static int64_t lots_within(int64_t most, int64_t lot_e8, int64_t lot)
{
	int64_t n = lot_e8 > 0 ? most / lot_e8 : 0;
	return n > INT64_MAX / 2 / lot ? INT64_MAX : n * lot;
}

int64_t slice_most_qty(const struct desk *d, const struct pair *p, unsigned leg,
		       enum risk_limit *limit, uint16_t *row)
{
	const struct pair_leg *l = &p->leg[leg];
	const struct instrument *in = &d->instrument[l->instrument];
	const struct rule *r = desk_rule(d, l->instrument);
	const struct bounds_leg *b = bounds_of_leg(d, p, leg);
	*limit = RISK_LIMIT_LOT;
	*row = 0;
	if (!r)
		return 0;
	int64_t most = r->max_qty ? dec_to_step(r->max_qty, r->lot, DEC_DOWN) : INT64_MAX;
	static const uint8_t bound[] = { LEG_SLICE_BASE, LEG_SLICE_NOTIONAL };
	static const uint8_t named[] = { RISK_LIMIT_SLICE_BASE, RISK_LIMIT_SLICE_NOTIONAL };
	for (unsigned k = 0; k < sizeof bound; k++) {
		if (b->most[bound[k]] == LIMIT_OFF)
			continue;
		int64_t worth = bound[k] == LEG_SLICE_BASE
					? instrument_base_e8(in, r->lot, l->ref_px)
					: instrument_notional_e8(in, r->lot, pair_order_px(p, leg));
		int64_t qty = lots_within(b->most[bound[k]], worth < 0 ? -worth : worth, r->lot);
		if (qty >= most)
			continue;
		most = qty;
		*limit = (enum risk_limit)named[k];
		*row = b->row[bound[k]];
	}
	return most;
}

/* The leg whose lot is the largest: the others are cut after it, since theirs fit between. */
static unsigned coarsest(const struct desk *d, const struct pair *p)
{
	unsigned best = 0;
	int64_t most = -1;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct rule *r = desk_rule(d, leg->instrument);
		int64_t lot =
			r ? instrument_base_e8(&d->instrument[leg->instrument], r->lot, leg->ref_px)
			  : 0;
		if (lot > most) {
			most = lot;
			best = l;
		}
	}
	return best;
}

/* The first of n parts; false: some leg has nothing in it, or more than one order may be. */
static bool cut(const struct desk *d, const struct pair *p, unsigned coarse, unsigned n,
		const int64_t most[LEG_MAX], int64_t qty[LEG_MAX])
{
	const struct pair_leg *c = &p->leg[coarse];
	int64_t left = c->want_qty - slice_filled(c);
	int64_t goal = slice_filled(c) + dec_to_step(left / n, desk_rule(d, c->instrument)->lot,
						     DEC_DOWN); /* of it */
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t lot = desk_rule(d, leg->instrument)->lot;
		int64_t to = dec_to_step(dec_muldiv(leg->want_qty, goal, c->want_qty, DEC_NEAREST),
					 lot, DEC_NEAREST);
		qty[l] = to - slice_filled(leg);
		if (qty[l] <= 0 || qty[l] > most[l])
			return false;
	}
	return true;
}

unsigned slice_next(const struct desk *d, const struct pair *p, int64_t qty[LEG_MAX])
{
	int64_t most[LEG_MAX], n = 1;
	enum risk_limit limit;
	uint16_t row;
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t left = p->leg[l].want_qty - slice_filled(&p->leg[l]);
		most[l] = slice_most_qty(d, p, l, &limit, &row);
		if (left <= 0 || most[l] <= 0)
			return 0;
		int64_t parts = left / most[l] + (left % most[l] != 0);
		n = parts > n ? parts : n;
	}
	for (unsigned l = 0; n == 1 && l < p->n_legs; l++)
		qty[l] = p->leg[l].want_qty - slice_filled(&p->leg[l]);
	if (n == 1)
		return 1;
	/* A leg that is rounded up to a lot may be a lot too large: one part more then. */
	for (unsigned coarse = coarsest(d, p); n <= SLICES_MOST; n++)
		if (cut(d, p, coarse, (unsigned)n, most, qty))
			return (unsigned)n;
	return 0;
}

/* A resting leg is sliced as it fills, and what follows it by its own maximum: neither needs to be cut evenly. */
static void choose_resting(const struct desk *d, struct pair *p)
{
	int64_t n = 1;
	enum risk_limit limit;
	uint16_t row;
	for (unsigned l = 0; l < p->n_legs; l++) {
		struct pair_leg *leg = &p->leg[l];
		int64_t most = slice_most_qty(d, p, l, &limit, &row);
		if (most <= 0 || leg->want_qty / most >= SLICES_MOST)
			return;
		leg->order_qty = leg->want_qty < most ? leg->want_qty : most;
		int64_t parts = leg->want_qty / most + (leg->want_qty % most != 0);
		n = parts > n ? parts : n;
	}
	p->slices = (uint16_t)n;
}

void slice_choose(const struct desk *d, struct pair *p)
{
	int64_t qty[LEG_MAX];
	p->slices = 1;
	for (unsigned l = 0; l < p->n_legs; l++)
		p->leg[l].order_qty = p->leg[l].want_qty;
	if (p->style == STYLE_PASSIVE) {
		choose_resting(d, p);
		return;
	}
	unsigned n = slice_next(d, p, qty);
	if (n <= 1)
		return;
	p->slices = (uint16_t)n;
	for (unsigned l = 0; l < p->n_legs; l++)
		p->leg[l].order_qty = qty[l];
}
