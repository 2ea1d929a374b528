/* risk_profit - what an account, an instance or the host has earned since its books began, in one currency, and lost since its day began or since its highest. */
#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/risk_parts.h"

/* An amount of one asset in another, by the middle of an instrument that prices one in the other. False: none does. */
static bool convert(const struct desk *d, asset_id from, asset_id to, int64_t *amount_e8)
{
	if (from == to || *amount_e8 == 0)
		return true;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++) {
		const struct instrument *in = &d->instrument[i];
		bool there = in->base == from && in->quote == to;
		bool back = in->base == to && in->quote == from;
		if ((!there && !back) || in->expo.kind == EXPO_INVERSE || in->px_unit[0])
			continue;
		int64_t px = desk_mark_px(d, i);
		if (px <= 0)
			continue;
		int64_t one = dec_pow10[in->px_dp];
		*amount_e8 = there ? dec_muldiv(*amount_e8, px, one, DEC_NEAREST)
				   : dec_muldiv(*amount_e8, one, px, DEC_NEAREST);
		return true;
	}
	return false;
}

/* Cash, what is held at its mark, less fees. A fee in a coin that nothing here prices is left out. */
static bool of_row(const struct desk *d, const struct position *r, asset_id in_asset, int64_t *sum)
{
	const struct instrument *in = &d->instrument[r->instrument];
	const int64_t net = position_net(r), mark = desk_mark_px(d, r->instrument);
	if (in->expo.kind == EXPO_INVERSE)
		return true;
	if (net && !mark)
		return false;
	int64_t earned = r->cash_e8 + instrument_notional_e8(in, net, mark);
	if (!convert(d, in->quote, in_asset, &earned))
		return false;
	for (unsigned k = 0; k < POSITION_FEE_ASSETS; k++) {
		int64_t fee = r->fee[k].paid_e8;
		if (r->fee[k].asset && convert(d, r->fee[k].asset, in_asset, &fee))
			earned -= fee;
	}
	*sum += earned;
	return true;
}

bool risk_profit_e8(struct desk *d, uint32_t account, uint32_t instance, int64_t *net_e8)
{
	asset_id asset = 0;
	*net_e8 = 0;
	for (uint32_t i = 0; i < d->positions.n; i++) {
		const struct position *r = &d->positions.row[i];
		bool meant = (account == UINT32_MAX || r->account == account) &&
			     (instance == UINT32_MAX || r->instance == instance);
		if (!meant || (!r->volume_qty && !r->cash_e8 && !position_net(r)))
			continue;
		if (!asset)
			asset = d->instrument[r->instrument].quote;
		if (!of_row(d, r, asset, net_e8))
			return false;
	}
	return true;
}

static bool earned(struct desk *d, enum limit_scope s, uint32_t index, int64_t *net_e8)
{
	return risk_profit_e8(d, s == SCOPE_ACCOUNT ? index : UINT32_MAX,
			      s == SCOPE_INSTANCE ? index : UINT32_MAX, net_e8);
}

static void day_begins(struct desk *d, int64_t day, enum limit_scope s, uint32_t index)
{
	struct limit_day *at = limits_day(d, s, index);
	int64_t net;
	if (at->known && (!day || day == at->day)) /* no day: between two sessions */
		return;
	if (!earned(d, s, index, &net))
		return;
	*at = (struct limit_day){ .day = day, .base_e8 = net, .known = true };
	const struct limit_row r = { .limit = RISK_LIMIT_DAY_LOSS,
				     .scope = (uint8_t)s,
				     .index = index };
	risk_say_limit(d, LIMIT_CARRIED, &r, net, day, "a new day begins here");
}

void risk_days_begin(struct desk *d)
{
	int64_t day = risk_day(d);
	day_begins(d, day, SCOPE_GLOBAL, 0);
	for (uint16_t a = 0; a < d->cfg->n_accounts; a++)
		day_begins(d, day, SCOPE_ACCOUNT, a);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		day_begins(d, day, SCOPE_INSTANCE, i);
}

/* Both are written down, so that they survive a restart. */
bool risk_loss(struct desk *d, struct limit_row *r, int64_t *value)
{
	const struct limit_day *day = limits_day(d, (enum limit_scope)r->scope, r->index);
	int64_t net;
	if (!day || !earned(d, (enum limit_scope)r->scope, r->index, &net))
		return false;
	if (r->limit == RISK_LIMIT_DAY_LOSS) {
		*value = day->base_e8 - net;
		return day->known;
	}
	/* One that was set just now: the day's beginning is the highest that is known. */
	if (!r->has_peak)
		r->peak_e8 = day->known && day->base_e8 > net ? day->base_e8 : net;
	r->peak_e8 = net > r->peak_e8 ? net : r->peak_e8;
	int64_t step = r->value == LIMIT_OFF ? 0 : r->value / 100;
	if (!r->has_peak || r->peak_e8 - r->peak_told_e8 > step) {
		risk_say_limit(d, LIMIT_CARRIED, r, r->peak_e8, -1, "the highest so far");
		r->peak_told_e8 = r->peak_e8;
	}
	r->has_peak = true;
	*value = r->peak_e8 - net;
	return true;
}
