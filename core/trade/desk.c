#include "core/trade/desk.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include <stdio.h>
#include <stdlib.h>

/* What holds where neither the script nor the configuration states it. */
#define LEG_TIMEOUT_NS	     300000000LL
#define PAIR_TIMEOUT_NS	     5000000000LL
#define MAX_SLIP_TICK	     5
#define MAX_UNWIND_SLIP_TICK 50

int desk_init(struct desk *d, const struct desk_sizes *s)
{
	const struct config *c = d->cfg;
	d->cap_balances = 64u + 8u * c->n_accounts;
	d->venue = calloc(c->n_venues + 1u, sizeof *d->venue);
	d->instance = calloc(c->n_instances + 1u, sizeof *d->instance);
	d->feed = calloc(c->n_instruments + 1u, sizeof *d->feed);
	d->balance = calloc(d->cap_balances, sizeof *d->balance);
	d->names.venue = calloc(c->n_venues + 1u, sizeof(uint32_t));
	d->names.account = calloc(c->n_accounts + 1u, sizeof(uint32_t));
	d->names.instance = calloc(c->n_instances + 1u, sizeof(uint32_t));
	d->names.script = calloc(c->n_instances + 1u, sizeof(uint32_t));
	d->names.asset = calloc(ASSET_MAX, sizeof(uint32_t));
	if (!d->venue || !d->instance || !d->feed || !d->balance || !d->names.venue ||
	    !d->names.account || !d->names.instance || !d->names.script || !d->names.asset)
		return err_set(ERR_NOMEM, "no memory for the desk");
	int rc = timers_init(&d->timers, s->timers);
	if (!rc)
		rc = blotter_init(&d->blotter, s->orders);
	if (!rc)
		rc = pairs_init(&d->pairs, s->pairs);
	if (!rc)
		rc = positions_init(&d->positions, s->positions);
	return rc;
}

void desk_free(struct desk *d)
{
	for (uint32_t i = 0; d->feed && i < d->cfg->n_instruments; i++)
		feed_free(&d->feed[i]);
	free(d->venue);
	free(d->instance);
	free(d->feed);
	free(d->balance);
	free(d->names.venue);
	free(d->names.account);
	free(d->names.instance);
	free(d->names.script);
	free(d->names.asset);
	timers_free(&d->timers);
	blotter_free(&d->blotter);
	pairs_free(&d->pairs);
	positions_free(&d->positions);
}

/* What a leg's lot is in the pair's base units; an inverse contract's is not known before its first price. */
static int64_t leg_lot_base_e8(const struct desk *d, const struct config_instance *c, unsigned l)
{
	const struct rule *r = desk_rule(d, c->leg[l]);
	int64_t base = r ? instrument_base_e8(&d->instrument[c->leg[l]], r->lot,
					      desk_mark_px(d, c->leg[l]))
			 : 0;
	base = base < 0 ? -base : base;
	return c->ratio_num[l] > 0 ? dec_muldiv(base, c->ratio_den[l], c->ratio_num[l], DEC_UP)
				   : base;
}

static int64_t tighter(int64_t a, int64_t b, int64_t unstated, int64_t otherwise)
{
	if (a <= unstated && b <= unstated)
		return otherwise;
	return a <= unstated ? b : b <= unstated ? a : a < b ? a : b;
}

/* Durations: 0 is not stated. Ticks: 0 is a limit, below it is not stated. */
static struct strat_limits clamped(const struct strat_limits *script,
				   const struct strat_limits *bound)
{
	struct strat_limits l = {
		.max_skew_ns = tighter(script->max_skew_ns, bound->max_skew_ns, 0, 0),
		.max_age_ns = tighter(script->max_age_ns, bound->max_age_ns, 0, 0),
		.leg_timeout_ns =
			tighter(script->leg_timeout_ns, bound->leg_timeout_ns, 0, LEG_TIMEOUT_NS),
		.pair_timeout_ns = tighter(script->pair_timeout_ns, bound->pair_timeout_ns, 0,
					   PAIR_TIMEOUT_NS),
		.max_slip_tick = (int32_t)tighter(script->max_slip_tick, bound->max_slip_tick, -1,
						  MAX_SLIP_TICK),
		.max_unwind_slip_tick =
			(int32_t)tighter(script->max_unwind_slip_tick, bound->max_unwind_slip_tick,
					 -1, MAX_UNWIND_SLIP_TICK),
		.on_leg_fail = bound->on_leg_fail,
	};
	if (l.on_leg_fail >= on_leg_fail_max)
		l.on_leg_fail = script->on_leg_fail < on_leg_fail_max ? script->on_leg_fail
								      : LEG_FAIL_CHEAPEST;
	return l;
}

int desk_bind_instance(struct desk *d, uint16_t instance, struct strategy *script)
{
	static const struct strat_limits unstated = { .max_slip_tick = -1,
						      .max_unwind_slip_tick = -1,
						      .on_leg_fail = on_leg_fail_max };
	struct desk_instance *in = &d->instance[instance];
	const struct config_instance *c = &d->cfg->instance[instance];
	struct basis_spec *s = &in->spec;
	in->cfg = c;
	in->script = script;
	in->limits = clamped(script ? &script->limits : &unstated, &c->limits);
	*s = (struct basis_spec){ .n_legs = c->n_legs, .n_refs = c->n_refs };
	int64_t coarsest = 0;
	for (unsigned l = 0; l < c->n_legs; l++) {
		in->row[l] = positions_at(&d->positions, c->account[l], c->leg[l], instance);
		if (!in->row[l])
			return err_set(ERR_FULL, "no room for the positions of %s", c->name);
		s->leg[l] = &d->instrument[c->leg[l]];
		s->leg_top[l] = &d->feed[c->leg[l]].top;
		s->conv[l] = script ? script->conv[l] : (struct basis_conv){ .k = 1 };
		int64_t lot = leg_lot_base_e8(d, c, l);
		coarsest = lot > coarsest ? lot : coarsest;
	}
	for (unsigned r = 0; r < c->n_refs; r++) {
		s->ref[r] = &d->instrument[c->ref[r]];
		s->ref_top[r] = &d->feed[c->ref[r]].top;
	}
	s->lot_base_e8 = in->lot_base_e8 = c->lot_base_e8 ? c->lot_base_e8 : coarsest;
	return 0;
}

const struct rule *desk_rule(const struct desk *d, uint32_t instrument)
{
	return instrument_rule(&d->instrument[instrument], d->now.utc_ns);
}

const struct top *desk_top(const struct desk *d, uint32_t instrument)
{
	return &d->feed[instrument].top;
}

struct desk_balance *desk_balance(struct desk *d, uint16_t account, asset_id asset, bool make)
{
	for (uint32_t i = 0; i < d->n_balances; i++)
		if (d->balance[i].account == account && d->balance[i].asset == asset)
			return &d->balance[i];
	if (!make || d->n_balances == d->cap_balances)
		return NULL;
	struct desk_balance *b = &d->balance[d->n_balances++];
	*b = (struct desk_balance){ .account = account, .asset = asset };
	return b;
}

int64_t desk_mark_px(const struct desk *d, uint32_t instrument)
{
	const struct quote *q = &d->feed[instrument].top.q;
	if (q->qty[SIDE_BUY] > 0 && q->qty[SIDE_SELL] > 0)
		return q->px[SIDE_BUY] + (q->px[SIDE_SELL] - q->px[SIDE_BUY]) / 2;
	if (q->qty[SIDE_BUY] > 0 || q->qty[SIDE_SELL] > 0)
		return q->qty[SIDE_BUY] > 0 ? q->px[SIDE_BUY] : q->px[SIDE_SELL];
	return d->feed[instrument].mid_px;
}

int64_t desk_instance_base_e8(struct desk *d, uint16_t instance)
{
	const struct desk_instance *in = &d->instance[instance];
	int64_t sum = 0;
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		sum += position_base_e8(in->row[l], &d->instrument[in->cfg->leg[l]],
					desk_mark_px(d, in->cfg->leg[l]));
	return sum;
}

static int64_t smallest_trade_base_e8(const struct desk *d, uint32_t instrument)
{
	const struct instrument *in = &d->instrument[instrument];
	const struct rule *r = desk_rule(d, instrument);
	int64_t px = desk_mark_px(d, instrument);
	if (!r)
		return 0;
	int64_t qty = r->min_qty > r->lot ? r->min_qty : r->lot;
	int64_t notional = instrument_notional_e8(in, qty, px);
	if (px > 0 && r->min_notional_e8 > notional && notional > 0)
		qty = dec_to_step(dec_muldiv(qty, r->min_notional_e8, notional, DEC_UP), r->lot,
				  DEC_UP);
	int64_t base = instrument_base_e8(in, qty, px);
	return base < 0 ? -base : base;
}

int64_t desk_odd_lot_base_e8(const struct desk *d, const uint32_t *instruments, unsigned n)
{
	int64_t least = INT64_MAX;
	for (unsigned i = 0; i < n; i++) {
		int64_t b = smallest_trade_base_e8(d, instruments[i]);
		if (b > 0) /* 0: no rule in force, or no price for an inverse contract */
			least = b < least ? b : least;
	}
	return least == INT64_MAX ? 0 : least;
}

int64_t desk_order_qty(const struct instrument *in, const struct rule *r, enum side side,
		       int64_t base_e8, int64_t px)
{
	if (in->expo.kind == EXPO_SPOT && side == SIDE_BUY && r->fee.in == FEE_IN_RECEIVED)
		base_e8 = dec_muldiv(base_e8, dec_pow10[8], dec_pow10[8] - r->fee.taker_e8,
				     DEC_NEAREST);
	int64_t lot_base = instrument_base_e8(in, r->lot, px);
	if (lot_base <= 0)
		return 0;
	return dec_muldiv(dec_to_step(base_e8, lot_base, DEC_NEAREST) / lot_base, r->lot, 1,
			  DEC_NEAREST);
}

void desk_pause_instance(struct desk *d, uint16_t instance, const char *why)
{
	struct desk_instance *in = &d->instance[instance];
	in->paused = true;
	snprintf(in->paused_why, sizeof in->paused_why, "%s", why);
}
