#include "adapters/sim/cn_account.h"
#include "core/base/dec.h"

/* What the lots of a position cost: today's their opening, yesterday's the settlement. */
static int64_t cost_e8(const struct cn_account *a, uint16_t instrument, enum side position)
{
	const struct cn_position *p = &a->position[instrument][position];
	const struct cn_view *v = a->view;
	return p->today_e8 + instrument_notional_e8(&v->instrument[instrument], p->yesterday,
						    v->settle_px[instrument]);
}

/* Of lots that cost so much and are worth so much now. */
static int64_t profit_of(enum side position, int64_t worth_e8, int64_t cost)
{
	return position == SIDE_BUY ? worth_e8 - cost : cost - worth_e8;
}

static int64_t margin_of(const struct rule *r, int64_t value_e8)
{
	return dec_muldiv(value_e8, r->margin_e8, dec_pow10[8], DEC_UP);
}

int64_t cn_account_margin_e8(const struct cn_account *a, uint16_t instrument, enum side position)
{
	return margin_of(a->view->rule[instrument], cost_e8(a, instrument, position));
}

static int64_t profit_at(const struct cn_account *a, uint16_t instrument, enum side position,
			 int64_t px)
{
	int64_t lots = cn_position_lots(&a->position[instrument][position]);
	return profit_of(position,
			 instrument_notional_e8(&a->view->instrument[instrument], lots, px),
			 cost_e8(a, instrument, position));
}

int64_t cn_account_open_profit_e8(const struct cn_account *a, uint16_t instrument,
				  enum side position)
{
	return profit_at(a, instrument, position, a->view->mark_px[instrument]);
}

int64_t cn_account_available_e8(const struct cn_account *a)
{
	int64_t margin = 0, profit = 0;
	for (uint16_t i = 0; i < a->view->n; i++)
		for (enum side side = SIDE_BUY; side < side_max; side++) {
			if (!cn_position_lots(&a->position[i][side]))
				continue;
			margin += cn_account_margin_e8(a, i, side);
			profit += cn_account_open_profit_e8(a, i, side);
		}
	return a->balance_e8 - a->locked_e8 - margin + (profit < 0 ? profit : 0);
}

static int64_t fee_of(const struct cn_account *a, uint16_t instrument, enum side side, int64_t qty,
		      int64_t px, bool close_today)
{
	asset_id in;
	if (qty == 0)
		return 0;
	return instrument_fee_e8(&a->view->instrument[instrument], a->view->rule[instrument], side,
				 qty, px, false, close_today, &in);
}

int64_t cn_account_need_e8(const struct cn_account *a, uint16_t instrument, enum side side,
			   int64_t qty, int64_t px)
{
	int64_t value = instrument_notional_e8(&a->view->instrument[instrument], qty, px);
	if (value == INT64_MAX)
		return value;
	return margin_of(a->view->rule[instrument], value) +
	       fee_of(a, instrument, side, qty, px, false);
}

void cn_account_fill(struct cn_account *a, uint16_t instrument, enum side side, enum offset offset,
		     int64_t qty, int64_t px, struct cn_fill *out)
{
	const struct cn_view *v = a->view;
	const struct instrument *i = &v->instrument[instrument];
	enum side position = cn_position_side(side, offset);
	struct cn_position *p = &a->position[instrument][position];
	*out = (struct cn_fill){ .value_e8 = instrument_notional_e8(i, qty, px) };
	if (offset == OFFSET_OPEN) {
		cn_position_open(p, qty, out->value_e8);
		out->fee_e8 = fee_of(a, instrument, side, qty, px, false);
	} else {
		bool splits = cn_house_rule[v->house[instrument]].splits_close;
		struct cn_taken t = cn_position_close(p, cn_from(splits, offset), qty);
		int64_t cost = t.today_cost_e8 +
			       instrument_notional_e8(i, t.yesterday, v->settle_px[instrument]);
		out->today = t.today;
		out->yesterday = t.yesterday;
		out->profit_e8 = profit_of(position, out->value_e8, cost);
		out->fee_e8 = fee_of(a, instrument, side, t.yesterday, px, false) +
			      fee_of(a, instrument, side, t.today, px, true);
	}
	a->balance_e8 += out->profit_e8 - out->fee_e8;
	a->profit_e8 += out->profit_e8;
	a->fees_e8 += out->fee_e8;
}

void cn_account_settle(struct cn_account *a, const int64_t settle_px[CN_INSTRUMENTS])
{
	for (uint16_t i = 0; i < a->view->n; i++)
		for (enum side side = SIDE_BUY; side < side_max; side++) {
			int64_t profit = profit_at(a, i, side, settle_px[i]);
			a->balance_e8 += profit;
			a->profit_e8 += profit;
			cn_position_roll(&a->position[i][side]);
		}
}
