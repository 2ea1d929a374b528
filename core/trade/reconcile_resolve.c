/* reconcile_resolve - an operator's word on a fenced contract; and baselines and watermarks over a restart. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/reconcile.h"
#include "core/trade/scribe.h"
#include "core/trade/watch.h"
#include <stdio.h>

/* What an act moves: signed quantities, each bought or sold at the same price. */
struct move {
	uint16_t account, instance;
	uint32_t instrument;
	int64_t to_instance, to_nobody; /* into their rows */
	int64_t px;
	int64_t beside_e8; /* the base that the baseline takes over (spot) */
};

static void into_row(struct desk *d, const struct move *m, uint16_t owner, int64_t qty)
{
	struct position *row =
		qty ? positions_at(&d->positions, m->account, m->instrument, owner) : NULL;
	if (!row)
		return;
	enum side side = qty > 0 ? SIDE_BUY : SIDE_SELL;
	int64_t size = qty > 0 ? qty : -qty;
	int64_t value = instrument_notional_e8(&d->instrument[m->instrument], size, m->px);
	position_fill(row, side, OFFSET_NONE, size, value);
	positions_count(&d->positions, m->account, m->instrument, qty);
	if (owner != POSITION_NOBODY)
		round_book(&d->instance[owner].round, side, value, 0, 0);
}

/* The books pay for what comes to them, and the account did not: its money keeps its baseline by the value. */
static void apply(struct desk *d, const struct move *m)
{
	const struct instrument *in = &d->instrument[m->instrument];
	into_row(d, m, POSITION_NOBODY, m->to_nobody);
	into_row(d, m, m->instance, m->to_instance);
	if (in->expo.kind != EXPO_SPOT)
		return;
	int64_t in_all = m->to_nobody + m->to_instance;
	struct desk_balance *money = desk_balance(d, m->account, in->quote, true);
	struct desk_balance *base = desk_balance(d, m->account, in->base, true);
	if (money && money->has_baseline)
		money->baseline_e8 += instrument_notional_e8(in, in_all, m->px);
	if (base)
		base->baseline_e8 += m->beside_e8;
}

static uint64_t tell(struct desk *d, enum reconcile_act act, const struct move *m,
		     const struct fence *x, const char *who, const char *why)
{
	struct fact f;
	scribe_instance(d, &f, FACT_RECONCILE, m->instance, x->cause);
	scribe_instrument(d, &f, m->instrument);
	f.account = d->names.account[m->account];
	f.state = act;
	f.px = m->px;
	f.qty = x->venue_qty - x->host_qty;
	f.num[0] = x->host_qty;
	f.num[1] = x->venue_qty;
	f.num[2] = m->to_instance;
	f.num[3] = m->to_nobody;
	f.num[6] = m->beside_e8;
	fact_text(&f, "%s by %s%s%s", reconcile_act_name(act), who, why[0] ? ": " : "", why);
	return scribe_put(d, &f);
}

static struct fence *fenced(struct desk *d, uint16_t account, uint32_t instrument)
{
	struct fence *x = fence_at(d, account, instrument);
	if (!x)
		err_set(ERR_NOTFOUND, "%s@%s is not fenced: there is nothing to resolve",
			d->instrument[instrument].name, d->cfg->account[account].name);
	return x;
}

/* Of what differs: all of it, in a spot account the part that is no whole lot too. */
static int64_t unexplained(const struct fence *x)
{
	return x->why == FENCE_POSITION ? x->venue_qty - x->host_qty : 0;
}

static int64_t nobodys(struct desk *d, uint16_t account, uint32_t instrument)
{
	const struct position *row =
		positions_at(&d->positions, account, instrument, POSITION_NOBODY);
	return row ? position_net(row) : 0;
}

static int finish(struct desk *d, enum reconcile_act act, const struct move *m, struct fence *x,
		  const char *who, const char *why)
{
	uint64_t seq = tell(d, act, m, x, who, why);
	if (!seq)
		return err_set(ERR_FULL, "the journal has no room for the receipt of it");
	apply(d, m);
	if (m->instance != POSITION_NOBODY)
		watch_moved(d, m->instance, FORCED_NONE, seq);
	fence_lift(d, x, seq, reconcile_act_name(act));
	struct position_sum *s = positions_sum(&d->positions, m->account, m->instrument);
	if (s)
		s->differs_ns = 0;
	return 0;
}

int reconcile_adopt(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		    const char *who, const char *why)
{
	struct fence *x = fenced(d, account, instrument);
	const struct config_instance *c = &d->cfg->instance[instance];
	bool trades = false;
	if (!x)
		return -ERR_NOTFOUND;
	for (unsigned l = 0; l < c->n_legs; l++)
		trades |= c->leg[l] == instrument && c->account[l] == account;
	if (!trades)
		return err_set(ERR_ARG, "%s does not trade %s@%s", c->name,
			       d->instrument[instrument].name, d->cfg->account[account].name);
	if (x->why == FENCE_ORDER)
		return err_set(
			ERR_STATE,
			"an order that works at the venue is not adopted: cancel it there, or accept that it works");
	if (x->why == FENCE_OPENING)
		return err_set(
			ERR_STATE,
			"nothing differs there: its exchange lets nothing be opened today; accept that, and it is tried again");
	struct move m = { .account = account,
			  .instance = instance,
			  .instrument = instrument,
			  .to_nobody = -nobodys(d, account, instrument),
			  .px = desk_mark_px(d, instrument) };
	m.to_instance = unexplained(x) - m.to_nobody;
	if (!d->instance[instance].round.id) {
		round_open(d, instance);
		d->instance[instance].round.pairs = 0; /* it begins without one */
	}
	return finish(d, RECONCILE_ADOPTED, &m, x, who, why);
}

int reconcile_accept(struct desk *d, uint16_t account, uint32_t instrument, const char *who,
		     const char *why)
{
	struct fence *x = fenced(d, account, instrument);
	const struct instrument *in = &d->instrument[instrument];
	if (!x)
		return -ERR_NOTFOUND;
	struct move m = { .account = account,
			  .instance = POSITION_NOBODY,
			  .instrument = instrument,
			  .px = desk_mark_px(d, instrument) };
	if (in->expo.kind == EXPO_SPOT)
		m.beside_e8 = instrument_base_e8(in, unexplained(x), 0);
	else
		m.to_nobody = unexplained(x);
	foreign_accept(d, account, instrument);
	return finish(d, RECONCILE_ACCEPTED, &m, x, who, why);
}

/* ---- over a restart ---- */

static void carry_baseline(struct desk *d, const struct desk_balance *b)
{
	struct fact f;
	fact_init(&f, FACT_RECONCILE);
	f.venue = d->names.venue[d->cfg->account[b->account].venue];
	f.account = d->names.account[b->account];
	f.fee_asset = d->names.asset[b->asset];
	f.state = RECONCILE_BASELINE;
	f.num[5] = b->free_e8 + b->locked_e8;
	f.num[6] = b->baseline_e8;
	fact_text(&f, "stands");
	scribe_put(d, &f);
}

void reconcile_carry(struct desk *d)
{
	for (uint32_t i = 0; i < d->n_balances; i++)
		if (d->balance[i].has_baseline)
			carry_baseline(d, &d->balance[i]);
}

int reconcile_recall(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		     asset_id asset, const struct fact *f)
{
	struct desk_balance *b;
	switch ((enum reconcile_act)f->state) {
	case RECONCILE_BASELINE:
	case RECONCILE_MOVED:
		b = desk_balance(d, account, asset, true);
		if (b) {
			b->baseline_e8 = f->num[6];
			b->has_baseline = true;
		}
		return 0;
	case RECONCILE_ADOPTED:
	case RECONCILE_ACCEPTED:
		apply(d, &(struct move){ .account = account,
					 .instance = instance,
					 .instrument = instrument,
					 .to_instance = f->num[2],
					 .to_nobody = f->num[3],
					 .px = f->px,
					 .beside_e8 = f->num[6] });
		return 0;
	default:
		return 0;
	}
}
