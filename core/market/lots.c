#include "core/market/lots.h"

#include "core/base/dec.h"
#include "core/base/err.h"

static __int128 magnitude(__int128 v)
{
	return v < 0 ? -v : v;
}

static bool fits(__int128 v)
{
	return v <= INT64_MAX && v >= -INT64_MAX;
}

/* All fractions as integers of one unit, of which at least `lcm` make 1; *per is how many. */
static bool common(const struct frac *f, unsigned n, int64_t lcm, int64_t *out, int64_t *per)
{
	for (unsigned i = 0; i < n; i++) {
		int64_t step = f[i].den / frac_gcd(lcm, f[i].den);
		if (__builtin_mul_overflow(lcm, step, &lcm))
			return false;
	}
	for (unsigned i = 0; i < n; i++)
		if (__builtin_mul_overflow(f[i].num, lcm / f[i].den, &out[i]))
			return false;
	*per = lcm;
	return true;
}

int lots_init(struct lots *p, unsigned n, const struct frac *lot, const struct frac *ratio)
{
	static const struct frac one = { 1, 1 };
	struct frac r[LEG_MAX];
	int64_t per;
	*p = (struct lots){ .n = n };
	if (n < 2 || n > LEG_MAX)
		return err_set(ERR_ARG, "lots are solved for 2 to %d legs, not %u", LEG_MAX, n);
	for (unsigned l = 0; l < n; l++) {
		r[l] = ratio ? ratio[l] : one;
		if (lot[l].num <= 0 || lot[l].den <= 0 || r[l].num <= 0 || r[l].den <= 0)
			return err_set(ERR_ARG, "leg %u: a lot and a ratio are above zero", l);
	}
	/* Down to what positions are counted in, so that what is carried is exact; coarser where that does not fit. */
	bool fit = common(lot, n, dec_pow10[BASE_DP], p->lot, &p->per_base) ||
		   common(lot, n, 1, p->lot, &p->per_base);
	if (!fit || !common(r, n, 1, p->ratio, &per))
		return err_set(ERR_RANGE,
			       "the lots of these legs have no common unit that fits 64 bits");
	for (unsigned l = 1; l < n; l++) /* lot / ratio, the largest */
		if ((__int128)p->lot[l] * p->ratio[p->coarsest] >
		    (__int128)p->lot[p->coarsest] * p->ratio[l])
			p->coarsest = l;
	return 0;
}

bool lots_of_instrument(const struct instrument *in, const struct rule *r, struct frac *lot)
{
	struct frac qty, unit;
	return in->expo.kind != EXPO_INVERSE && r->lot > 0 && in->expo.num > 0 &&
	       frac_make(r->lot, dec_pow10[in->qty_dp], &qty) &&
	       frac_make(in->expo.num, in->expo.den, &unit) && frac_mul(qty, unit, lot);
}

/* Units of base; false when they do not fit. Cut toward zero where the fraction has finer parts. */
static bool units_of(const struct lots *p, struct frac f, int64_t *out)
{
	__int128 v = (__int128)f.num * p->per_base / f.den;
	*out = (int64_t)v;
	return fits(v);
}

/* Leg 0's units less the others'. */
static __int128 exposure(const struct lots *p, const int64_t *lots)
{
	__int128 sum = (__int128)lots[0] * p->lot[0];
	for (unsigned l = 1; l < p->n; l++)
		sum -= (__int128)lots[l] * p->lot[l];
	return sum;
}

/* The lots of a leg, cut down, that so many of the coarsest leg's are worth. */
static bool worth_lots(const struct lots *p, int64_t count, unsigned leg, int64_t *out)
{
	unsigned c = p->coarsest;
	__int128 size = (__int128)count * p->lot[c], per = (__int128)p->lot[leg] * p->ratio[c];
	__int128 rest = size % per;
	/* A product of three would not fit: whole and rest apart. */
	if (size / per > LOTS_MOST || rest > ((__int128)1 << 126) / p->ratio[leg])
		return false;
	__int128 k = size / per * p->ratio[leg] + rest * p->ratio[leg] / per;
	*out = (int64_t)k;
	return k <= LOTS_MOST;
}

/* Takes up what the other legs leave; at least one lot, since a leg without is no pair. At a tie the fewer. */
static bool take_up(const struct lots *p, unsigned leg, __int128 carried, int64_t *lots)
{
	lots[leg] = 0;
	__int128 left = exposure(p, lots) + carried, k;
	if (leg == 0)
		left = -left;
	k = left > 0 ? (2 * left + p->lot[leg] - 1) / (2 * (__int128)p->lot[leg]) : 0;
	lots[leg] = k < 1 ? 1 : (int64_t)k;
	return k <= LOTS_MOST;
}

static unsigned finest(const struct lots *p)
{
	unsigned best = p->coarsest == 0 ? 1 : 0;
	for (unsigned l = 0; l < p->n; l++)
		if (l != p->coarsest && p->lot[l] < p->lot[best])
			best = l;
	return best;
}

static int conclude(const struct lots *p, __int128 left, struct frac limit, struct lots_combo *out)
{
	if (!fits(left) || !frac_make((int64_t)left, p->per_base, &out->residual))
		return err_set(ERR_RANGE, "what these lots leave does not fit 64 bits");
	out->within =
		limit.num < 0 || magnitude(left) * limit.den <= (__int128)limit.num * p->per_base;
	return 0;
}

int lots_for(const struct lots *p, int64_t count, struct frac carried, struct frac limit,
	     struct lots_combo *out)
{
	int64_t low[LEG_MAX], before;
	unsigned fine = finest(p);
	__int128 best = 0;
	bool any = false;
	if (count < 1 || count > LOTS_MOST || !units_of(p, carried, &before))
		return err_set(ERR_RANGE, "%lld lots are none, or too many", (long long)count);
	for (unsigned l = 0; l < p->n; l++)
		if (l == p->coarsest)
			low[l] = count;
		else if (!worth_lots(p, count, l, &low[l]))
			return err_set(ERR_RANGE, "leg %u would need more than %d lots", l,
				       LOTS_MOST);
	/* The legs between: down or up, every way; the finest takes up what they leave. */
	for (unsigned ups = 0; ups < 1u << p->n; ups++) {
		int64_t tried[LEG_MAX];
		bool fit = !(ups & (1u << p->coarsest | 1u << fine));
		for (unsigned l = 0; fit && l < p->n; l++) {
			tried[l] = low[l] + (ups >> l & 1);
			fit = tried[l] > 0 || l == fine;
		}
		if (!fit || !take_up(p, fine, before, tried))
			continue;
		__int128 left = exposure(p, tried) + before;
		if (any && magnitude(left) >= magnitude(best))
			continue;
		any = true;
		best = left;
		for (unsigned l = 0; l < p->n; l++)
			out->lots[l] = tried[l];
	}
	if (!any)
		return err_set(ERR_RANGE, "no whole lots of all legs make a pair of %lld",
			       (long long)count);
	for (unsigned l = p->n; l < LEG_MAX; l++)
		out->lots[l] = 0;
	return conclude(p, best, limit, out);
}

int lots_solve(const struct lots *p, struct frac base, struct frac carried, struct frac limit,
	       struct lots_combo *out)
{
	unsigned c = p->coarsest;
	int64_t units;
	if (base.num <= 0 || base.den <= 0 || !units_of(p, base, &units))
		return err_set(ERR_RANGE, "the size of a pair is above zero, and fits 64 bits");
	/* base is leg 0's: the coarsest has ratio[c] / ratio[0] of it. */
	__int128 has = (__int128)units * p->ratio[c] / p->ratio[0];
	__int128 count = has / p->lot[c];
	if (count < 1)
		return err_set(
			ERR_RANGE,
			"%.10g base units are less than one lot of leg %u, which is %.10g: trade more at once, or choose a smaller contract",
			frac_double(base), c,
			(double)p->lot[c] / (double)p->per_base * (double)p->ratio[0] /
				(double)p->ratio[c]);
	return lots_for(p, count > LOTS_MOST ? LOTS_MOST + 1LL : (int64_t)count, carried, limit,
			out);
}

unsigned lots_best(const struct lots *p, int64_t most, struct lots_combo *out, unsigned cap)
{
	static const struct frac nothing = { 0, 1 }, unlimited = { -1, 1 };
	unsigned n = 0;
	for (int64_t count = 1; count <= most && n < cap; count++) {
		struct lots_combo c;
		if (lots_for(p, count, nothing, unlimited, &c))
			break;
		/* Half of the last one's, each of its size: 2 |r| / k <= |r'| / k'. Both residuals are of one unit. */
		__int128 now = magnitude(exposure(p, c.lots));
		if (n) {
			const struct lots_combo *last = &out[n - 1];
			__int128 then = magnitude(exposure(p, last->lots));
			if (2 * now * last->lots[p->coarsest] > then * count)
				continue;
		}
		out[n++] = c;
		if (now == 0)
			break;
	}
	return n;
}

double lots_residual_pct(const struct lots *p, const struct lots_combo *c)
{
	unsigned l = p->coarsest;
	double has = (double)c->lots[l] * (double)p->lot[l] / (double)p->per_base;
	double left = frac_double(c->residual);
	return has > 0 ? (left < 0 ? -left : left) / has * 100 : 0;
}
