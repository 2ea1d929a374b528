/* router_book - an execution, counted into positions, order and pair, or taken back out of them: one function for both ways. */
#include "core/trade/money.h"
#include "core/trade/router.h"

/* In the currency that the instance counts its rescues in; what no rate leads to is not counted. */
static int64_t money_or_zero(const struct desk *d, uint16_t instance, asset_id from,
			     int64_t amount_e8)
{
	bool known = money_convert(d, instance, from, money_of(d, instance), &amount_e8);
	return known ? amount_e8 : 0;
}

/* n is 1, or -1 to take it back. */
static void count(struct desk *d, struct order *o, int n, int64_t value, int64_t qty,
		  int64_t fee_e8, asset_id fee_asset)
{
	const struct instrument *in = &d->instrument[o->instrument];
	bool buy = o->side == SIDE_BUY, money = fee_asset == in->quote || fee_asset == in->settle;
	bool in_base = in->expo.kind == EXPO_SPOT && fee_asset == in->base;
	int64_t fee_base_e8 = in_base ? n * fee_e8 : 0;
	positions_count(&d->positions, o->account, o->instrument, n * (buy ? qty : -qty));
	if (o->instance != POSITION_NOBODY)
		round_book(&d->instance[o->instance].round, (enum side)o->side, n * value,
			   money ? n * fee_e8 : 0, fee_base_e8);
	o->cum += n * qty;
	o->cum_value_e8 += n * value;
	o->cum_fee_base_e8 += fee_base_e8;
	blotter_note(&d->blotter, o, in);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (!p)
		return;
	struct pair_leg *l = &p->leg[o->leg];
	l->cum_qty += n * (buy ? qty : -qty);
	l->cum_value_e8 += n * (buy ? value : -value);
	l->traded_qty += n > 0 ? qty : 0;
	l->fee_base_e8 += fee_base_e8;
	if (o->rescue && !o->hedge) { /* what the rescue costs beyond the price that the decision saw */
		int64_t ref = instrument_notional_e8(in, qty, l->ref_px);
		p->spent_e8 += n * money_or_zero(d, p->instance, in->quote,
						 buy ? value - ref : ref - value);
		p->spent_e8 += n * money_or_zero(d, p->instance, fee_asset, fee_e8);
	}
	pairs_touch(&d->pairs, p);
}

void router_book(struct desk *d, struct order *o, int64_t px, int64_t qty, int64_t fee_e8,
		 asset_id fee_asset)
{
	int64_t value = instrument_notional_e8(&d->instrument[o->instrument], qty, px);
	struct position *row = positions_at(&d->positions, o->account, o->instrument, o->instance);
	if (row) {
		position_fill(row, (enum side)o->side, (enum offset)o->offset, qty, value);
		position_charge(row, fee_asset, fee_e8);
	}
	count(d, o, 1, value, qty, fee_e8, fee_asset);
}

void router_unbook(struct desk *d, struct order *o, int64_t px, int64_t qty, int64_t fee_e8,
		   asset_id fee_asset)
{
	int64_t value = instrument_notional_e8(&d->instrument[o->instrument], qty, px);
	struct position *row = positions_at(&d->positions, o->account, o->instrument, o->instance);
	if (row) {
		position_bust(row, (enum side)o->side, qty, value);
		position_charge(row, fee_asset, -fee_e8);
	}
	count(d, o, -1, value, qty, fee_e8, fee_asset);
}
