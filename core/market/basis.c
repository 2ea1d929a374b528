#include "core/market/basis.h"

#include "core/base/dec.h"
#include "core/base/must.h"
#include <math.h>
#include <string.h>

/* Integer powers by multiplication: the same bits everywhere, which libm's pow does not promise. */
static double int_power(double x, int n)
{
	double v = 1.0;
	for (int i = n < 0 ? -n : n; i > 0; i--)
		v *= x;
	return n < 0 ? 1.0 / v : v;
}

static inline bool usable(const struct top *t, const struct instrument *in)
{
	return t->state == BOOK_LIVE && t->q.qty[SIDE_BUY] > 0 && t->q.qty[SIDE_SELL] > 0 &&
	       (t->q.px[SIDE_BUY] > 0 || in->px_may_be_negative);
}

/* Leg 0 is sold against bids where the direction is to sell; the other legs do the contrary. */
static inline enum side against(unsigned leg, enum side dir)
{
	return leg == 0 ? dir ^ 1 : dir;
}

/* ---- what changes with rules */

/* Price units that one lot's fixed amount comes to: the amount over what a price of 1 makes a lot worth. An inverse contract is worth the same amount
 * at any price, so there it is a part of the price instead. */
static double per_price(const struct instrument *in, const struct rule *r, int64_t amount_e8)
{
	double worth = dec_to_double(r->lot, in->qty_dp) * frac_double(instrument_worth(in));
	return worth > 0 ? dec_to_double(amount_e8, MONEY_DP) / worth : 0;
}

static void bind_costs(const struct basis_spec *s, unsigned l, const struct rule *r,
		       struct basis_memo *m)
{
	const struct instrument *in = s->leg[l];
	m->keep = 1.0 / (1.0 + (double)in->vat_e8 / 1e8);
	for (int at = 0; at < side_max; at++) {
		m->rate[at] = m->fixed[at] = 0;
		if (!r)
			continue;
		enum side side = (enum side)(at ^ 1); /* hitting bids is selling */
		const struct fee_rule *f = &r->fee;
		double part = s->today[l][side];
		double taker = (double)f->taker_e8, lot = (double)f->per_lot_e8;
		if (f->close_today_e8 >= 0)
			taker += part * ((double)f->close_today_e8 - taker);
		if (f->close_today_per_lot_e8 >= 0)
			lot += part * ((double)f->close_today_per_lot_e8 - lot);
		m->rate[at] = taker / 1e8 +
			      (double)(side == SIDE_BUY ? f->tax_buy_e8 : f->tax_sell_e8) / 1e8;
		double fixed = per_price(in, r, 1) * lot;
		if (in->expo.kind == EXPO_INVERSE)
			m->rate[at] += fixed;
		else
			m->fixed[at] = fixed;
	}
}

static int64_t pair_base(const struct basis_spec *s, unsigned l, int64_t base_e8)
{
	return s->ratio_num[l] > 0 && s->ratio_num[l] != s->ratio_den[l]
		       ? dec_muldiv(base_e8, s->ratio_den[l], s->ratio_num[l], DEC_DOWN)
		       : base_e8;
}

/* The order that the wanted size would be: the nearest lots, at least one. At no price for inverse contracts, which are worked out when they are priced. */
static int64_t want_qty(const struct basis_spec *s, unsigned l, int64_t px, int64_t lot)
{
	int64_t base = dec_muldiv(s->want_lots, s->lot_base_e8, 1, DEC_NEAREST);
	if (s->ratio_num[l] > 0)
		base = dec_muldiv(base, s->ratio_num[l], s->ratio_den[l], DEC_NEAREST);
	int64_t qty = dec_to_step(instrument_qty_of_base(s->leg[l], base, px, 1), lot, DEC_NEAREST);
	return qty > lot ? qty : lot;
}

/* So much does a quantity of 1 make of leg 0's base units that a product says it exactly: coins, and nearly all contracts. */
static int64_t pair_e8(const struct basis_spec *s, unsigned l)
{
	const struct instrument *in = s->leg[l];
	int64_t whole, part;
	if (in->expo.kind == EXPO_INVERSE ||
	    (s->ratio_num[l] > 0 && s->ratio_num[l] != s->ratio_den[l]) || in->expo.num <= 0 ||
	    in->expo.den <= 0 || __builtin_mul_overflow(in->expo.num, dec_pow10[BASE_DP], &whole) ||
	    __builtin_mul_overflow(in->expo.den, dec_pow10[in->qty_dp], &part))
		return 0;
	return whole % part ? 0 : whole / part;
}

static double weight(const struct basis_spec *s, unsigned l)
{
	if (s->ratio_num[l] <= 0 || s->ratio_num[0] <= 0)
		return 1.0;
	return (double)s->ratio_num[l] / (double)s->ratio_den[l] /
	       ((double)s->ratio_num[0] / (double)s->ratio_den[0]);
}

static void bind(struct basis_spec *s, int64_t utc_ns)
{
	s->bound_until_ns = INT64_MAX;
	s->no_ratio = false;
	for (unsigned l = 0; l < s->n_legs; l++) {
		const struct instrument *in = s->leg[l];
		const struct rule *r = instrument_rule(in, utc_ns);
		struct basis_memo *m = &s->memo[l];
		for (unsigned k = 0; k < in->n_rules; k++)
			if (in->rule[k].from_utc_ns > utc_ns &&
			    in->rule[k].from_utc_ns < s->bound_until_ns)
				s->bound_until_ns = in->rule[k].from_utc_ns;
		s->no_ratio |= in->px_may_be_negative;
		*m = (struct basis_memo){ .weight = weight(s, l),
					  .px_scale = (double)dec_pow10[in->px_dp],
					  .qty_scale = (double)dec_pow10[in->qty_dp],
					  .pair_e8 = pair_e8(s, l),
					  .lot = r ? r->lot : 1 };
		bind_costs(s, l, r, m);
		if (s->want_lots > 0 && in->expo.kind != EXPO_INVERSE)
			m->want_qty = want_qty(s, l, 0, m->lot);
	}
	memset(s->ref_sum, 0, sizeof s->ref_sum);
	s->per_lot = s->lot_base_e8 > 0 ? 1.0 / (double)s->lot_base_e8 : 0;
}

void basis_touch(struct basis_spec *s)
{
	s->bound_until_ns = 0;
}

void basis_close_today(struct basis_spec *s, unsigned leg, enum side side, double part)
{
	must(leg < LEG_MAX);
	part = part > 0 ? part < 1 ? part : 1 : 0;
	if (s->today[leg][side] < part || s->today[leg][side] > part) {
		s->today[leg][side] = part;
		basis_touch(s);
	}
}

/* ---- what changes with quotes */

static bool read_refs(struct basis_spec *s, struct basis *b, bool *changed)
{
	for (unsigned r = 0; r < s->n_refs; r++) {
		const struct top *t = s->ref_top[r];
		int64_t sum;
		if (!usable(t, s->ref[r]) || (t->q.px[SIDE_BUY] <= 0 && t->q.px[SIDE_SELL] >= 0) ||
		    __builtin_add_overflow(t->q.px[SIDE_BUY], t->q.px[SIDE_SELL], &sum))
			return false; /* a value over what may be zero would be no number */
		if (sum == s->ref_sum[r])
			continue;
		s->ref_sum[r] = sum;
		b->ref[r] = (double)sum / (double)dec_pow10[s->ref[r]->px_dp] / 2;
		*changed = true;
	}
	return true;
}

static bool convert(const struct basis_spec *s, unsigned l, const struct basis *b,
		    struct basis_memo *m)
{
	const struct basis_conv *c = &s->conv[l];
	double f = c->k;
	for (unsigned r = 0; r < s->n_refs; r++)
		if (c->power[r])
			f *= int_power(b->ref[r], c->power[r]);
	m->factor = f;
	/* Within this whatever is made of it stays a number. */
	return fabs(f) > 1e-60 && fabs(f) < 1e60;
}

/* base / lot, as a multiplication that is set right: a division of integers takes as long as all the rest. */
static double whole_lots(const struct basis_spec *s, int64_t base_e8)
{
	int64_t k = (int64_t)((double)base_e8 * s->per_lot), rest = base_e8 - k * s->lot_base_e8;
	return (double)(rest < 0				       ? k - 1
			: rest >= s->lot_base_e8 && s->lot_base_e8 > 0 ? k + 1
								       : k);
}

/* What stands at the best price, in base units of the pair. */
static inline int64_t base_at(const struct basis_spec *s, unsigned l, int at)
{
	const struct basis_memo *m = &s->memo[l];
	int64_t base;
	if (m->pair_e8)
		return __builtin_mul_overflow(m->q.qty[at], m->pair_e8, &base) ? INT64_MAX : base;
	return pair_base(s, l, instrument_base_e8(s->leg[l], m->q.qty[at], m->q.px[at]));
}

static void price_leg(struct basis_spec *s, unsigned l, struct basis *b)
{
	struct basis_memo *m = &s->memo[l];
	struct basis_leg *leg = &b->leg[l];
	const struct quote *q = &s->leg_top[l]->q;
	for (int at = 0; at < side_max; at++) {
		m->q.px[at] = q->px[at];
		m->q.qty[at] = q->qty[at];
		leg->px[at] = (double)m->q.px[at] / m->px_scale;
		leg->qty[at] = (double)m->q.qty[at] / m->qty_scale;
		leg->value[at] = leg->px[at] * m->factor;
		leg->want_px[at] = leg->worst_px[at] = leg->px[at];
		m->net[at] = basis_net_value(m, (enum side)at, leg->px[at]);
		m->lots[at] = whole_lots(s, base_at(s, l, at));
	}
	leg->mid = (leg->value[SIDE_BUY] + leg->value[SIDE_SELL]) / 2;
	if (s->want_lots > 0 && s->leg[l]->expo.kind == EXPO_INVERSE)
		m->want_qty = want_qty(s, l, m->q.px[SIDE_BUY], m->lot);
}

static inline bool same_quote(const struct quote *q, const struct basis_memo *m)
{
	return ((q->px[0] ^ m->q.px[0]) | (q->px[1] ^ m->q.px[1]) | (q->qty[0] ^ m->q.qty[0]) |
		(q->qty[1] ^ m->q.qty[1])) == 0;
}

static bool read_legs(struct basis_spec *s, struct basis *b, bool refs_changed)
{
	for (unsigned l = 0; l < s->n_legs; l++) {
		const struct top *t = s->leg_top[l];
		struct basis_memo *m = &s->memo[l];
		if (!usable(t, s->leg[l]))
			return false;
		bool fresh = m->q.qty[SIDE_BUY] == 0; /* just bound */
		if ((fresh || refs_changed) && !convert(s, l, b, m))
			return false;
		if (fresh || refs_changed || !same_quote(&t->q, m))
			price_leg(s, l, b);
	}
	return true;
}

/* ---- what changes with time */

/* As gate_age_ns and gate_skew_ns judge what is shown here, with every top looked at once: where a clock's bound is not known it adds nothing, and nothing is younger than 0. */
struct proof {
	int64_t valid_ns, bound_ns;
};

static inline struct proof prove(const struct top *t)
{
	int64_t bound = t->bound_ns;
	return (struct proof){ top_valid_ns(t), bound < 0 || bound == INT64_MAX ? 0 : bound };
}

/* a not before b; whatever they are, it does not wrap. */
static inline double between(int64_t a, int64_t b)
{
	return (double)((uint64_t)a - (uint64_t)b);
}

/* ns */
static inline double age_of(struct proof p, int64_t now_ns)
{
	double age = now_ns > p.valid_ns ? between(now_ns, p.valid_ns) : 0;
	return age + (double)p.bound_ns;
}

static void read_ages(const struct basis_spec *s, int64_t now_ns, struct basis *b)
{
	struct proof p[LEG_MAX] __attribute__((uninitialized)); /* those of the legs are set */
	double oldest = 0, widest = 0;
	for (unsigned l = 0; l < s->n_legs; l++) {
		p[l] = prove(s->leg_top[l]);
		double age = age_of(p[l], now_ns);
		b->leg[l].age_ms = age / 1e6;
		oldest = age > oldest ? age : oldest;
		for (unsigned k = 0; k < l; k++) {
			int64_t x = p[l].valid_ns, y = p[k].valid_ns;
			double apart = x > y ? between(x, y) : between(y, x);
			apart += (double)p[l].bound_ns + (double)p[k].bound_ns;
			widest = apart > widest ? apart : widest;
		}
	}
	/* A reference ages; it is not traded, so it has no skew. */
	for (unsigned r = 0; r < s->n_refs; r++) {
		double age = age_of(prove(s->ref_top[r]), now_ns);
		oldest = age > oldest ? age : oldest;
	}
	b->max_age_ms = oldest / 1e6;
	b->skew_ms = widest / 1e6;
}

/* ---- the forms */

static struct basis_cross cross(const struct basis_spec *s, enum side dir, const struct basis *b)
{
	enum side at = against(0, dir);
	double gross = b->leg[0].value[at], net = s->memo[0].net[at], lots = s->memo[0].lots[at];
	at = against(1, dir);
	for (unsigned l = 1; l < s->n_legs; l++) {
		const struct basis_memo *m = &s->memo[l];
		gross -= m->weight * b->leg[l].value[at];
		net -= m->weight * m->net[at];
		lots = m->lots[at] < lots ? m->lots[at] : lots;
	}
	return basis_cross_of(s, b, dir, gross, net, lots);
}

static void forms(struct basis_spec *s, struct basis *b)
{
	double others = 0;
	for (unsigned l = 1; l < s->n_legs; l++)
		others += s->memo[l].weight * b->leg[l].mid;
	b->spread = b->leg[0].mid - others;
	b->ratio_ok = !s->no_ratio && others > 0;
	double part = b->ratio_ok ? 1.0 / others : 0;
	s->bp = part * 1e4;
	b->spread_bp = b->spread * s->bp;
	b->ratio = b->leg[0].mid * part;
	b->dir[SIDE_SELL] = cross(s, SIDE_SELL, b);
	b->dir[SIDE_BUY] = cross(s, SIDE_BUY, b);
	if (s->want_lots > 0) {
		basis_want(s, b);
	} else {
		b->want[SIDE_BUY] = b->dir[SIDE_BUY];
		b->want[SIDE_SELL] = b->dir[SIDE_SELL];
	}
}

static void deviations(const struct basis_spec *s, int64_t now_ns, struct basis *b)
{
	struct band *d = s->band;
	band_sample(d, now_ns, b->spread, fabs(b->leg[0].mid));
	b->mean = d->mean;
	b->dev = d->dev;
	b->fill = d->fill;
	b->z = band_z(d, b->spread);
	b->dir_z[SIDE_BUY] = band_z(d, b->dir[SIDE_BUY].gross);
	b->dir_z[SIDE_SELL] = band_z(d, b->dir[SIDE_SELL].gross);
}

void basis_eval(struct basis_spec *s, int64_t mono_ns, int64_t utc_ns, struct basis *b)
{
	bool refs_changed = false;
	if (s->of != b) {
		memset(b, 0, sizeof *b);
		s->of = b;
		basis_touch(s);
	}
	if (utc_ns >= s->bound_until_ns)
		bind(s, utc_ns);
	if (read_refs(s, b, &refs_changed) && read_legs(s, b, refs_changed)) {
		b->ok = true;
		b->spec = s;
		read_ages(s, mono_ns, b);
		forms(s, b);
		if (s->band)
			deviations(s, mono_ns, b);
	} else {
		memset(b, 0, sizeof *b);
		basis_touch(s); /* what b held is gone */
		if (s->band)
			band_lapse(s->band, mono_ns);
	}
	b->at_ns = mono_ns;
}
