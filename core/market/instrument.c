#include "core/market/instrument.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/market/unit.h"
#include <string.h>

int instrument_set_worth(struct instrument *i, const struct assets *a)
{
	struct frac px, worth;
	i->worth_num = i->worth_den = 0;
	if (!i->px_unit[0] || i->expo.kind == EXPO_INVERSE)
		return 0;
	int rc = unit_notional(i->px_unit, i->base_unit, asset_name(a, i->base),
			       asset_name(a, i->quote), &px.num, &px.den);
	if (rc)
		return err_ctx(rc, "%s: px_unit \"%s\" for exposure in %s and money in %s", i->name,
			       i->px_unit, i->base_unit[0] ? i->base_unit : asset_name(a, i->base),
			       asset_name(a, i->quote));
	if (!frac_mul((struct frac){ i->expo.num, i->expo.den }, px, &worth))
		return err_set(ERR_RANGE, "%s: what a contract is worth does not fit 64 bits",
			       i->name);
	i->worth_num = worth.num;
	i->worth_den = worth.den;
	return 0;
}

const struct rule *instrument_rule(const struct instrument *i, int64_t utc_ns)
{
	/* From the newest: nearly always it is that one, and each is a line of the cache or two. */
	for (unsigned k = i->n_rules; k-- > 0;)
		if (i->rule[k].from_utc_ns <= utc_ns)
			return &i->rule[k];
	return NULL;
}

int instrument_add_rule(struct instrument *i, const struct rule *r)
{
	if (r->tick <= 0 || r->lot <= 0)
		return err_set(ERR_RANGE,
			       "%s: a rule needs a tick and a lot above zero (tick %lld, lot %lld)",
			       i->name, (long long)r->tick, (long long)r->lot);
	unsigned at = i->n_rules;
	while (at > 0 && i->rule[at - 1].from_utc_ns > r->from_utc_ns)
		at--;
	if (at > 0 && i->rule[at - 1].from_utc_ns == r->from_utc_ns) {
		i->rule[at - 1] = *r;
		return 0;
	}
	if (i->n_rules == INSTRUMENT_RULES_MAX) {
		if (at == 0)
			return 0; /* older than all that are kept */
		memmove(&i->rule[0], &i->rule[1], (INSTRUMENT_RULES_MAX - 1) * sizeof i->rule[0]);
		i->n_rules--;
		at--;
	}
	memmove(&i->rule[at + 1], &i->rule[at], (i->n_rules - at) * sizeof i->rule[0]);
	i->rule[at] = *r;
	i->n_rules++;
	return 0;
}

static int64_t saturate(__int128 v)
{
	if (v > INT64_MAX)
		return INT64_MAX;
	if (v < INT64_MIN)
		return INT64_MIN;
	return (int64_t)v;
}

/* num / den at eight decimals, cut toward zero. Dividing 64 bits takes a fraction of what 128 take, and nearly always does. */
static int64_t ratio_e8(__int128 num, __int128 den)
{
	const int64_t small = INT64_MAX / 100000000;
	int64_t n = (int64_t)num, d = (int64_t)den, whole, sum;
	if (n == num && d == den && d > 0 && d <= small &&
	    !__builtin_mul_overflow(n / d, dec_pow10[8], &whole) &&
	    !__builtin_add_overflow(whole, n % d * dec_pow10[8] / d, &sum))
		return sum;
	/* Whole and fraction apart, so that 1e8 times the product cannot overflow 128 bits. */
	return saturate(num / den * dec_pow10[8] + num % den * dec_pow10[8] / den);
}

int64_t instrument_base_e8(const struct instrument *i, int64_t qty, int64_t px)
{
	/* Coins, and contracts of one coin: what is asked for most, many times in every proposal, is a product. */
	if (i->expo.num == i->expo.den && i->expo.kind != EXPO_INVERSE && i->qty_dp <= BASE_DP) {
		int64_t base;
		if (!__builtin_mul_overflow(qty, dec_pow10[BASE_DP - i->qty_dp], &base))
			return base;
		return qty < 0 ? INT64_MIN : INT64_MAX;
	}
	__int128 num = (__int128)qty * i->expo.num;
	__int128 den = (__int128)i->expo.den * dec_pow10[i->qty_dp];
	if (i->expo.kind == EXPO_INVERSE) {
		if (px == 0)
			return 0;
		num *= dec_pow10[i->px_dp];
		den *= px;
	}
	return ratio_e8(num, den);
}

int64_t instrument_qty_of_base(const struct instrument *i, int64_t base_e8, int64_t px, int64_t lot)
{
	__int128 num = (__int128)base_e8 * i->expo.den;
	__int128 den = i->expo.num;
	if (i->expo.kind == EXPO_INVERSE) {
		num = num / dec_pow10[i->px_dp] * px +
		      num % dec_pow10[i->px_dp] * px / dec_pow10[i->px_dp];
	}
	den *= dec_pow10[BASE_DP];
	__int128 whole = num / den, rest = num % den;
	__int128 qty = whole * dec_pow10[i->qty_dp] + rest * dec_pow10[i->qty_dp] / den;
	return saturate(qty / lot * lot);
}

int64_t instrument_notional_e8(const struct instrument *i, int64_t qty, int64_t px)
{
	struct frac worth = instrument_worth(i);
	__int128 units = (__int128)qty * worth.num;
	__int128 den = (__int128)worth.den * dec_pow10[i->qty_dp];
	if (i->expo.kind ==
	    EXPO_INVERSE) /* a contract is worth its amount of quote currency at any price */
		return ratio_e8(units, den);
	__int128 v = units * px;
	den *= dec_pow10[i->px_dp];
	return ratio_e8(v, den);
}

/* The rounding is the one that costs us: fees up, rebates down. */
static int64_t fee_of(int64_t amount_e8, int64_t rate_e8)
{
	return dec_muldiv(amount_e8, rate_e8, dec_pow10[8], DEC_UP);
}

int64_t instrument_fee_e8(const struct instrument *i, const struct rule *r, enum side side,
			  int64_t qty, int64_t px, bool maker, bool close_today, asset_id *asset)
{
	const struct fee_rule *f = &r->fee;
	int64_t rate = maker ? f->maker_e8 : f->taker_e8, per_lot = f->per_lot_e8;
	if (close_today && f->close_today_e8 >= 0)
		rate = f->close_today_e8;
	if (close_today && f->close_today_per_lot_e8 >= 0)
		per_lot = f->close_today_per_lot_e8;
	int64_t lots_fee = per_lot ? per_lot * (qty / r->lot) : 0;

	if (f->in == FEE_IN_RECEIVED && side == SIDE_BUY) {
		*asset = i->base;
		return fee_of(instrument_base_e8(i, qty, px), rate) + lots_fee;
	}
	*asset = f->in == FEE_IN_FIXED ? f->fixed : i->settle ? i->settle : i->quote;
	if (i->expo.kind == EXPO_INVERSE && *asset == i->base)
		return fee_of(instrument_base_e8(i, qty, px), rate) + lots_fee;
	return fee_of(instrument_notional_e8(i, qty, px), rate) + lots_fee;
}
