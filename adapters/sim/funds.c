#include "adapters/sim/funds.h"
#include "core/base/dec.h"
#include "core/base/must.h"

static asset_id settle_of(const struct instrument *i)
{
	return i->settle ? i->settle : i->quote;
}

int64_t funds_value_e8(const struct instrument *i, int64_t qty, int64_t px)
{
	return i->expo.kind == EXPO_INVERSE ? instrument_base_e8(i, qty, px)
					    : instrument_notional_e8(i, qty, px);
}

static struct funds_money *money_of(struct funds *f, asset_id asset)
{
	must(asset < LEDGER_ASSETS);
	return &f->money[asset];
}

void funds_hold(struct funds *f, asset_id asset, int64_t delta_e8)
{
	if (!delta_e8)
		return;
	struct funds_money *m = money_of(f, asset);
	m->free_e8 -= delta_e8;
	m->locked_e8 += delta_e8;
	must(m->locked_e8 >= 0);
}

void funds_move(struct funds *f, asset_id asset, int64_t delta_e8)
{
	if (delta_e8)
		money_of(f, asset)->free_e8 += delta_e8;
}

int64_t funds_need_e8(const struct funds *f, uint16_t instrument, enum side side, int64_t qty,
		      int64_t px, asset_id *asset)
{
	const struct instrument *i = &f->view->instrument[instrument];
	const struct rule *r = f->view->rule[instrument];
	*asset = side == SIDE_BUY ? i->quote : i->base;
	if (f->kind == MARKET_FUTURES || qty == 0)
		return 0;
	if (side == SIDE_SELL)
		return instrument_base_e8(i, qty, px);
	int64_t need = instrument_notional_e8(i, qty, px);
	if (r->fee.in == FEE_IN_QUOTE) {
		asset_id in;
		int64_t taker = instrument_fee_e8(i, r, side, qty, px, false, false, &in);
		int64_t maker = instrument_fee_e8(i, r, side, qty, px, true, false, &in);
		int64_t fee = taker > maker ? taker : maker;
		need += fee > 0 ? fee : 0;
	}
	return need;
}

/* ---------------------------------------------------------------- margin */

/* Margin if this much more were open on a side. */
static int64_t margin_with(const struct funds *f, uint16_t instrument, enum side side, int64_t more,
			   int64_t px)
{
	const struct instrument *i = &f->view->instrument[instrument];
	const struct rule *r = f->view->rule[instrument];
	const struct funds_position *p = &f->position[instrument];
	int64_t open[side_max] = { p->open[SIDE_BUY], p->open[SIDE_SELL] };
	open[side] += more;
	int64_t bought = dec_abs(p->qty + open[SIDE_BUY]);
	int64_t sold = dec_abs(p->qty - open[SIDE_SELL]);
	int64_t mark = f->view->mark_px[instrument];
	int64_t value = funds_value_e8(i, bought > sold ? bought : sold, mark > 0 ? mark : px);
	int64_t rate = dec_pow10[8] / (f->leverage > 0 ? f->leverage : 1);
	if (r && r->margin_e8 > rate)
		rate = r->margin_e8;
	return dec_muldiv(value, rate, dec_pow10[8], DEC_UP);
}

int64_t funds_margin_e8(const struct funds *f, uint16_t instrument)
{
	return margin_with(f, instrument, SIDE_BUY, 0, 0);
}

int64_t funds_upnl_e8(const struct funds *f, uint16_t instrument)
{
	const struct funds_position *p = &f->position[instrument];
	const struct instrument *i = &f->view->instrument[instrument];
	int64_t mark = f->view->mark_px[instrument];
	if (p->qty == 0 || mark <= 0)
		return 0;
	int64_t gain = funds_value_e8(i, dec_abs(p->qty), mark) - p->entry_e8;
	return (p->qty < 0) == (i->expo.kind == EXPO_INVERSE) ? gain : -gain;
}

int64_t funds_available_e8(const struct funds *f, asset_id settle)
{
	must(settle < LEDGER_ASSETS);
	int64_t left = f->money[settle].free_e8;
	for (uint16_t k = 0; k < f->view->n; k++) {
		if (settle_of(&f->view->instrument[k]) != settle)
			continue;
		int64_t upnl = funds_upnl_e8(f, k);
		left += (upnl < 0 ? upnl : 0) - funds_margin_e8(f, k);
	}
	return left;
}

static enum outcome check_futures(const struct funds *f, uint16_t instrument, enum side side,
				  int64_t qty, int64_t px, bool reduce_only)
{
	const struct funds_position *p = &f->position[instrument];
	int64_t against = side == SIDE_BUY ? -p->qty : p->qty; /* what this side can reduce */
	if (reduce_only && p->open[side] + qty > against)
		return OUT_REDUCE_ONLY;
	int64_t before = margin_with(f, instrument, side, 0, px);
	int64_t after = margin_with(f, instrument, side, qty, px);
	if (after <= before)
		return OUT_OK;
	asset_id settle = settle_of(&f->view->instrument[instrument]);
	return funds_available_e8(f, settle) >= after - before ? OUT_OK : OUT_MARGIN;
}

enum outcome funds_check(const struct funds *f, uint16_t instrument, enum side side, int64_t qty,
			 int64_t px, bool reduce_only)
{
	if (f->kind == MARKET_FUTURES)
		return check_futures(f, instrument, side, qty, px, reduce_only);
	if (reduce_only)
		return OUT_UNSUPPORTED;
	asset_id asset;
	int64_t need = funds_need_e8(f, instrument, side, qty, px, &asset);
	return f->money[asset].free_e8 >= need ? OUT_OK : OUT_MONEY;
}

/* ---------------------------------------------------------------- fills */

/* Closes what it closes at the average entry, opens the rest at its own price. */
static void fill_position(struct funds *f, uint16_t instrument, enum side side, int64_t qty,
			  int64_t px, struct funds_fill *out)
{
	const struct instrument *i = &f->view->instrument[instrument];
	struct funds_position *p = &f->position[instrument];
	int64_t against = side == SIDE_BUY ? -p->qty : p->qty;
	int64_t closed = against <= 0 ? 0 : against < qty ? against : qty;
	int64_t exit_e8 = closed ? funds_value_e8(i, closed, px) : 0, entry_e8 = 0;
	if (closed) {
		entry_e8 = closed == against
				   ? p->entry_e8
				   : dec_muldiv(p->entry_e8, closed, against, DEC_NEAREST);
		bool was_long = p->qty > 0, inverse = i->expo.kind == EXPO_INVERSE;
		out->pnl_e8 = was_long != inverse ? exit_e8 - entry_e8 : entry_e8 - exit_e8;
	}
	p->entry_e8 -= entry_e8;
	if (closed < qty)
		p->entry_e8 += out->value_e8 - exit_e8;
	p->qty += side == SIDE_BUY ? qty : -qty;
	funds_move(f, settle_of(i), out->pnl_e8);
}

void funds_fill(struct funds *f, uint16_t instrument, enum side side, int64_t qty, int64_t px,
		bool maker, struct funds_fill *out)
{
	const struct instrument *i = &f->view->instrument[instrument];
	const struct rule *r = f->view->rule[instrument];
	*out = (struct funds_fill){ .value_e8 = funds_value_e8(i, qty, px),
				    .base_e8 = instrument_base_e8(i, qty, px) };
	if (f->kind == MARKET_FUTURES) {
		fill_position(f, instrument, side, qty, px, out);
	} else {
		int64_t in = side == SIDE_BUY ? 1 : -1;
		funds_move(f, i->base, in * out->base_e8);
		funds_move(f, i->quote, -in * out->value_e8);
	}
	out->fee_e8 = instrument_fee_e8(i, r, side, qty, px, maker, false, &out->fee_asset);
	if (r->fee.in == FEE_IN_FIXED && f->money[out->fee_asset].free_e8 < out->fee_e8) {
		struct rule received = *r;
		received.fee.in = f->kind == MARKET_SPOT ? FEE_IN_RECEIVED : FEE_IN_QUOTE;
		out->fee_e8 = instrument_fee_e8(i, &received, side, qty, px, maker, false,
						&out->fee_asset);
	}
	funds_move(f, out->fee_asset, -out->fee_e8);
}
