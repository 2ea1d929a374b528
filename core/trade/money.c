#include "core/trade/money.h"

#include "core/base/dec.h"
#include "core/ops/config.h"

asset_id money_of(const struct desk *d, uint16_t instance)
{
	return d->instrument[d->cfg->instance[instance].leg[0]].quote;
}

/* What an instrument says a unit of its base is worth in its quote. */
static bool told_by(const struct desk *d, uint32_t instrument, struct config_rate *r)
{
	const struct instrument *in = &d->instrument[instrument];
	*r = (struct config_rate){ .of = in->base,
				   .in = in->quote,
				   .num = desk_mark_px(d, instrument),
				   .den = dec_pow10[in->px_dp] };
	return r->num > 0 && in->expo.kind != EXPO_INVERSE && in->px_unit[0] == '\0';
}

/* The k-th rate that the instance knows: stated ones, references, spot legs. */
static bool rate_at(const struct desk *d, const struct config_instance *c, unsigned k,
		    struct config_rate *r)
{
	if (k < c->rescue.n_rates) {
		*r = c->rescue.rate[k];
		return true;
	}
	k -= c->rescue.n_rates;
	if (k < c->n_refs)
		return told_by(d, c->ref[k], r);
	k -= c->n_refs;
	return d->instrument[c->leg[k]].expo.kind == EXPO_SPOT && told_by(d, c->leg[k], r);
}

static bool convert(const struct desk *d, const struct config_instance *c, asset_id from,
		    asset_id to, int64_t *amount_e8, unsigned rates)
{
	if (from == to)
		return true;
	if (rates == 0)
		return false;
	unsigned n = 0u + c->rescue.n_rates + c->n_refs + c->n_legs;
	for (unsigned k = 0; k < n; k++) {
		struct config_rate r;
		if (!rate_at(d, c, k, &r) || (r.of != from && r.in != from))
			continue;
		bool along = r.of == from;
		int64_t there = along ? dec_muldiv(*amount_e8, r.num, r.den, DEC_NEAREST)
				      : dec_muldiv(*amount_e8, r.den, r.num, DEC_NEAREST);
		if (convert(d, c, along ? r.in : r.of, to, &there, rates - 1)) {
			*amount_e8 = there;
			return true;
		}
	}
	return false;
}

bool money_convert(const struct desk *d, uint16_t instance, asset_id from, asset_id to,
		   int64_t *amount_e8)
{
	const struct config_instance *c = &d->cfg->instance[instance];
	/* One rate where there is one, before a way round. */
	return convert(d, c, from, to, amount_e8, 1) || convert(d, c, from, to, amount_e8, 2);
}
