#include "core/trade/desk.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/ops/config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	d->instance = mem_take(c->n_instances + 1u, sizeof *d->instance);
	d->refusal = calloc((size_t)(c->n_instances + 1u) * DESK_LIMITS, sizeof *d->refusal);
	d->keeper = calloc(c->n_instances + 1u, sizeof *d->keeper);
	d->lineup = calloc(c->n_instances + 1u, sizeof *d->lineup);
	d->feed = mem_take(c->n_instruments + 1u, sizeof *d->feed);
	d->session = calloc(c->n_instruments + 1u, sizeof *d->session);
	d->vol = calloc(c->n_instruments + 1u, sizeof *d->vol);
	d->reach = calloc((c->n_instruments + 1u) * side_max, sizeof *d->reach);
	d->balance = calloc(d->cap_balances, sizeof *d->balance);
	d->account_state = calloc(c->n_accounts + 1u, sizeof *d->account_state);
	d->names.venue = calloc(c->n_venues + 1u, sizeof(uint32_t));
	d->names.account = calloc(c->n_accounts + 1u, sizeof(uint32_t));
	d->names.instance = calloc(c->n_instances + 1u, sizeof(uint32_t));
	d->names.script = calloc(c->n_instances + 1u, sizeof(uint32_t));
	d->names.asset = calloc(ASSET_MAX, sizeof(uint32_t));
	if (!d->venue || !d->instance || !d->keeper || !d->lineup || !d->refusal || !d->feed || !d->session ||
	    !d->vol || !d->reach || !d->balance || !d->account_state || !d->names.venue || !d->names.account ||
	    !d->names.instance || !d->names.script || !d->names.asset)
		return err_set(ERR_NOMEM, "no memory for the desk");
	int rc = timers_init(&d->timers, s->timers);
	if (!rc)
		rc = blotter_init(&d->blotter, s->orders);
	if (!rc)
		rc = pairs_init(&d->pairs, s->pairs);
	if (!rc)
		rc = positions_init(&d->positions, s->positions);
	if (!rc)
		rc = fences_init(&d->fences, c->n_accounts, c->n_instruments);
	if (!rc)
		rc = exposure_init(&d->exposure, s->orders, 2 * s->positions, s->positions,
				   c->n_instances);
	if (!rc)
		rc = limits_open(d);
	d->blotter.exposure = &d->exposure;
	if (!rc)
		rc = tally_init(&d->tally, c);
	return rc;
}

void desk_free(struct desk *d)
{
	for (uint32_t i = 0; d->feed && i < d->cfg->n_instruments; i++)
		feed_free(&d->feed[i]);
	feed_set_free(&d->feeds);
	free(d->venue);
	free(d->instance);
	free(d->keeper);
	free(d->lineup);
	free(d->refusal);
	free(d->feed);
	free(d->session);
	free(d->vol);
	free(d->reach);
	free(d->balance);
	free(d->account_state);
	free(d->names.venue);
	free(d->names.account);
	free(d->names.instance);
	free(d->names.script);
	free(d->names.asset);
	timers_free(&d->timers);
	blotter_free(&d->blotter);
	pairs_free(&d->pairs);
	positions_free(&d->positions);
	exposure_free(&d->exposure);
	fences_free(&d->fences);
	limits_free(&d->limits);
	tally_free(&d->tally);
}

/* What a leg's lot is in the pair's base units; an inverse contract's is not known before its first price. */
static int64_t leg_lot_base_e8(const struct desk *d, const struct config_instance *c, unsigned l)
{
	const struct rule *r = desk_rule(d, c->leg[l]);
	int64_t base = r ? instrument_base_e8(&d->instrument[c->leg[l]], r->lot,
					      desk_mark_px(d, c->leg[l]))
			 : 0;
	base = dec_abs(base);
	return c->ratio_num[l] > 0 ? dec_muldiv(base, c->ratio_den[l], c->ratio_num[l], DEC_UP)
				   : base;
}

static int64_t tighter(int64_t a, int64_t b, int64_t unstated, int64_t otherwise)
{
	if (a <= unstated && b <= unstated)
		return otherwise;
	return a <= unstated ? b : b <= unstated ? a : a < b ? a : b;
}

/* A margin is the tighter the longer it is. */
static int64_t wider(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Durations: 0 is not stated. Ticks: 0 is a limit, below it is not stated. */
static struct strat_limits clamped(const struct strat_limits *script,
				   const struct strat_limits *bound)
{
	struct strat_limits l = {
		.max_skew_ns = tighter(script->max_skew_ns, bound->max_skew_ns, 0, 0),
		.max_age_ns = tighter(script->max_age_ns, bound->max_age_ns, 0, 0),
		.max_clock_bound_ns =
			tighter(script->max_clock_bound_ns, bound->max_clock_bound_ns, 0, 0),
		.close_margin_ns = wider(script->close_margin_ns, bound->close_margin_ns),
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

bool desk_has_hours(const struct desk *d, uint32_t instrument)
{
	const struct instrument *in = &d->instrument[instrument];
	return in->calendar < d->cfg->n_calendars || in->expiry_utc_ns;
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
	in->self_changes = 0;
	in->keeper = &d->keeper[instance];
	in->lineup = &d->lineup[instance];
	in->refusal = &d->refusal[(size_t)instance * DESK_LIMITS];
	in->script = script;
	in->limits = clamped(script ? &script->limits : &unstated, &c->limits);
	limits_bind(d, instance);
	*s = (struct basis_spec){
		.n_legs = c->n_legs, .n_refs = c->n_refs, .want_lots = c->want_lots, .band = s->band
	};
	int64_t coarsest = 0;
	for (unsigned l = 0; l < c->n_legs; l++) {
		in->row[l] = positions_at(&d->positions, c->account[l], c->leg[l], instance);
		if (!in->row[l])
			return err_set(ERR_FULL, "no room for the positions of %s", c->name);
		s->leg[l] = &d->instrument[c->leg[l]];
		in->session[l] = desk_has_hours(d, c->leg[l]) ? &d->session[c->leg[l]] : NULL;
		s->leg_top[l] = &d->feed[c->leg[l]].top;
		s->leg_book[l] = &d->feed[c->leg[l]].book;
		s->ratio_num[l] = c->ratio_num[l];
		s->ratio_den[l] = c->ratio_den[l];
		s->conv[l] = script ? script->conv[l] : (struct basis_conv){ .k = 1 };
		int64_t lot = leg_lot_base_e8(d, c, l);
		coarsest = lot > coarsest ? lot : coarsest;
	}
	for (unsigned r = 0; r < c->n_refs; r++) {
		s->ref[r] = &d->instrument[c->ref[r]];
		s->ref_top[r] = &d->feed[c->ref[r]].top;
	}
	s->lot_base_e8 = in->lot_base_e8 = c->lot_base_e8 ? c->lot_base_e8 : coarsest;
	desk_close_today(d, instance);
	return 0;
}

/* Yesterday's lots go first: they are never the dearer ones where the rates differ. */
static double today_part(const struct position *row, enum side side, int64_t qty)
{
	const int64_t *held = row->qty[side ^ 1];
	int64_t closes = held[0] + held[1] < qty ? held[0] + held[1] : qty;
	int64_t today = closes - held[1];
	return qty > 0 && today > 0 ? (double)today / (double)qty : 0;
}

void desk_close_today(struct desk *d, uint16_t instance)
{
	struct desk_instance *in = &d->instance[instance];
	int64_t base = in->lot_base_e8 * (in->cfg->want_lots ? in->cfg->want_lots : 1);
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		uint32_t i = in->cfg->leg[l];
		const struct rule *r = desk_rule(d, i);
		if (!r || (r->fee.close_today_e8 < 0 && r->fee.close_today_per_lot_e8 < 0))
			continue;
		int64_t qty =
			instrument_qty_of_base(&d->instrument[i], base, desk_mark_px(d, i), r->lot);
		for (int side = 0; side < side_max; side++)
			basis_close_today(&in->spec, l, (enum side)side,
					  today_part(in->row[l], (enum side)side, qty));
	}
}

const struct rule *desk_rule(const struct desk *d, uint32_t instrument)
{
	return instrument_rule(&d->instrument[instrument], d->now.utc_ns);
}

const struct top *desk_top(const struct desk *d, uint32_t instrument)
{
	return &d->feed[instrument].top;
}

bool desk_in_session(const struct desk *d, uint32_t instrument)
{
	return !desk_has_hours(d, instrument) || d->session[instrument].phase == PHASE_CONTINUOUS;
}

struct gate_verdict desk_gate(const struct desk *d, const struct desk_instance *in, bool closes)
{
	struct gate_now now = { .mono_ns = d->now.mono_ns,
				.utc_ns = d->now.utc_ns,
				.utc_bound_ns = d->host_clock_bound_ns };
	memcpy(now.leg_session, in->session, sizeof now.leg_session);
	if (!closes)
		return gate_judge(&in->spec, &in->gate, &now);
	struct gate_limits to_the_end = in->gate;
	to_the_end.close_margin_ns = 0;
	return gate_judge(&in->spec, &to_the_end, &now);
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
	return dec_abs(base);
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
