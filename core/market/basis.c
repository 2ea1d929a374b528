#include "core/market/basis.h"

#include "core/base/dec.h"
#include <string.h>

/* Integer powers by multiplication: the same bits everywhere, which libm's pow does not promise. */
static double int_power(double x, int n)
{
	double v = 1.0;
	for (int i = n < 0 ? -n : n; i > 0; i--)
		v *= x;
	return n < 0 ? 1.0 / v : v;
}

static bool usable(const struct top *t)
{
	return t->state == BOOK_LIVE && t->q.qty[SIDE_BUY] > 0 && t->q.qty[SIDE_SELL] > 0;
}

int64_t top_valid_ns(const struct top *t)
{
	return t->alive_ns && *t->alive_ns > t->valid_ns ? *t->alive_ns : t->valid_ns;
}

static double conversion(const struct basis_conv *c, const struct basis *b, unsigned n_refs)
{
	double f = c->k;
	for (unsigned r = 0; r < n_refs; r++)
		if (c->power[r])
			f *= int_power(b->ref[r], c->power[r]);
	return f;
}

static void read_leg(const struct basis_spec *s, unsigned l, int64_t now_ns, struct basis *b)
{
	const struct instrument *in = s->leg[l];
	const struct top *t = s->leg_top[l];
	struct basis_leg *leg = &b->leg[l];
	double f = conversion(&s->conv[l], b, s->n_refs);
	for (int side = 0; side < side_max; side++) {
		leg->px[side] = dec_to_double(t->q.px[side], in->px_dp);
		leg->qty[side] = dec_to_double(t->q.qty[side], in->qty_dp);
		leg->value[side] = leg->px[side] * f;
	}
	leg->mid = (leg->value[SIDE_BUY] + leg->value[SIDE_SELL]) / 2;
	leg->age_ms = (double)(now_ns - top_valid_ns(t)) / 1e6;
}

/* What a taker pays on this leg, in value units. */
static double taker_fee(const struct basis_spec *s, const struct basis *b, unsigned l, enum side at,
			int64_t utc_ns)
{
	const struct rule *r = instrument_rule(s->leg[l], utc_ns);
	return r ? b->leg[l].value[at] * (double)r->fee.taker_e8 / 1e8 : 0;
}

static double executable_lots(const struct basis_spec *s, enum side dir)
{
	int64_t least = INT64_MAX;
	for (unsigned l = 0; l < s->n_legs; l++) {
		/* leg 0 is sold against bids in the selling direction; the other legs do the contrary */
		enum side against = l == 0 ? dir ^ 1 : dir;
		const struct quote *q = &s->leg_top[l]->q;
		int64_t base = instrument_base_e8(s->leg[l], q->qty[against], q->px[against]);
		least = base < least ? base : least;
	}
	return s->lot_base_e8 > 0 ? (double)(least / s->lot_base_e8) : 0;
}

static void cross(const struct basis_spec *s, enum side dir, int64_t utc_ns, struct basis *b)
{
	struct basis_cross *c = &b->dir[dir];
	enum side near = dir ^ 1,
		  far = dir; /* selling leg 0 hits its bid and lifts the ask of leg 1 */
	double fees = taker_fee(s, b, 0, near, utc_ns) + taker_fee(s, b, 1, far, utc_ns);
	c->gross = b->leg[0].value[near] - b->leg[1].value[far];
	c->net = dir == SIDE_SELL ? c->gross - fees
				  : c->gross + fees; /* a seller gets less, a buyer pays more */
	double bp = b->leg[1].mid != 0 ? 1e4 / b->leg[1].mid : 0;
	c->gross_bp = c->gross * bp;
	c->net_bp = c->net * bp;
	c->lots = executable_lots(s, dir);
}

static bool eval(const struct basis_spec *s, int64_t now_ns, int64_t utc_ns, struct basis *b)
{
	for (unsigned r = 0; r < s->n_refs; r++) {
		if (!usable(s->ref_top[r]))
			return false;
		const struct quote *q = &s->ref_top[r]->q;
		int64_t mid = q->px[SIDE_BUY] + (q->px[SIDE_SELL] - q->px[SIDE_BUY]) / 2;
		if (mid == 0) /* a value over it would be no number */
			return false;
		b->ref[r] = dec_to_double(mid, s->ref[r]->px_dp);
	}
	int64_t oldest = INT64_MAX, newest = INT64_MIN;
	for (unsigned l = 0; l < s->n_legs; l++) {
		if (!usable(s->leg_top[l]))
			return false;
		read_leg(s, l, now_ns, b);
		int64_t v = top_valid_ns(s->leg_top[l]);
		oldest = v < oldest ? v : oldest;
		newest = v > newest ? v : newest;
	}
	b->skew_ms = (double)(newest - oldest) / 1e6;
	/* A reference ages; it is not traded, so it has no skew. */
	for (unsigned r = 0; r < s->n_refs; r++) {
		int64_t v = top_valid_ns(s->ref_top[r]);
		oldest = v < oldest ? v : oldest;
	}
	b->max_age_ms = (double)(now_ns - oldest) / 1e6;
	b->spread = b->leg[0].mid - b->leg[1].mid;
	b->spread_bp = b->leg[1].mid != 0 ? b->spread * 1e4 / b->leg[1].mid : 0;
	b->ratio = b->leg[1].mid != 0 ? b->leg[0].mid / b->leg[1].mid : 0;
	cross(s, SIDE_SELL, utc_ns, b);
	cross(s, SIDE_BUY, utc_ns, b);
	return true;
}

void basis_eval(const struct basis_spec *s, int64_t now_ns, int64_t utc_ns, struct basis *b)
{
	memset(b, 0, sizeof *b);
	if (eval(s, now_ns, utc_ns, b))
		b->ok = true;
	else
		memset(b, 0, sizeof *b);
	b->at_ns = now_ns;
}
