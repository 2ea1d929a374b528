#include "core/trade/risk.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/clock_doubt.h"
#include "core/trade/router.h"

#define SECOND_NS 1000000000LL
#define DAY_NS	  (86400 * SECOND_NS)

/* Every gate answers true for a no, and only then writes the verdict: what passes is what must be quick. */
__attribute__((cold, noinline)) static bool no(struct risk_verdict *v, enum risk_limit l,
					       int64_t value, int64_t bound, unsigned leg)
{
	*v = (struct risk_verdict){
		.limit = l, .value = value, .bound = bound, .leg = (uint8_t)leg
	};
	return true;
}

static bool by(struct risk_verdict *v, uint16_t row, bool refused)
{
	v->row = row;
	return refused;
}

/* ---- messages */

void risk_count_message(struct desk *d, uint16_t venue)
{
	struct desk_venue *v = &d->venue[venue];
	if (d->now.mono_ns - v->second_ns >= SECOND_NS) {
		v->second_ns = d->now.mono_ns;
		v->sent = 0;
	}
	if (d->now.mono_ns - d->second_ns >= SECOND_NS) {
		d->second_ns = d->now.mono_ns;
		d->sent = 0;
	}
	if (d->now.utc_ns - v->day * DAY_NS >= DAY_NS) {
		v->day = d->now.utc_ns / DAY_NS;
		v->day_sent = 0;
	}
	v->sent++;
	v->day_sent++;
	d->sent++;
}

static int64_t sent_in_day(const struct desk *d, uint16_t venue)
{
	const struct desk_venue *v = &d->venue[venue];
	return d->now.utc_ns - v->day * DAY_NS < DAY_NS ? v->day_sent : 0;
}

/* Would n more messages go beyond a budget, less its reserve? */
__attribute__((noinline)) static bool beyond_exactly(enum risk_limit l, uint16_t row, int64_t used,
						     int32_t n, int64_t most, int32_t reserve_pct,
						     unsigned leg, struct risk_verdict *v)
{
	if (most == LIMIT_OFF || used + n <= most - most * reserve_pct / 100)
		return false;
	return by(v, row, no(v, l, used + n, most - most * reserve_pct / 100, leg));
}

/* Well within it no division is needed: a 128th is less than a hundredth. No bound at all is so, too. */
static inline bool beyond(enum risk_limit l, uint16_t row, int64_t used, int32_t n, int64_t most,
			  int32_t reserve_pct, unsigned leg, struct risk_verdict *v)
{
	return used + n > (most >> 7) * (100 - reserve_pct) &&
	       beyond_exactly(l, row, used, n, most, reserve_pct, leg, v);
}

static bool day_is_used_up(struct desk *d, uint16_t venue, int32_t n, int32_t reserve_pct,
			   unsigned leg, struct risk_verdict *v)
{
	const struct limits *l = &d->limits;
	int64_t all = 0;
	for (uint16_t k = 0; l->host_per_day != LIMIT_OFF && k < d->cfg->n_venues; k++)
		all += sent_in_day(d, k);
	return beyond(RISK_LIMIT_MESSAGES_DAY, l->venue_per_day_row[venue], sent_in_day(d, venue),
		      n, l->venue_per_day[venue], reserve_pct, leg, v) ||
	       beyond(RISK_LIMIT_MESSAGES_DAY, l->host_per_day_row, all, n, l->host_per_day,
		      reserve_pct, leg, v);
}

/* The venue's budget and the host's, without the reserve or with it. */
static bool rate_gate(struct desk *d, uint16_t venue, int32_t n, bool with_reserve, unsigned leg,
		      struct risk_verdict *v)
{
	const struct desk_venue *at = &d->venue[venue];
	const struct config_venue *c = &d->cfg->venue[venue];
	const struct limits *l = &d->limits;
	int32_t reserve = with_reserve ? 0 : c->reserve_pct;
	int64_t now = d->now.mono_ns;
	/* The venue asked for a pause, or does not believe our clock: nothing may be sent, or nothing that opens. */
	if (now < at->barred_until_ns || (!with_reserve && now < at->opening_barred_until_ns) ||
	    (!with_reserve && clock_doubted(d, venue)))
		return no(v, RISK_LIMIT_RATE, n, 0, leg);
	int64_t sent = now - at->second_ns >= SECOND_NS ? 0 : at->sent;
	int64_t host = now - d->second_ns >= SECOND_NS ? 0 : d->sent;
	int64_t most = c->messages_per_s ? c->messages_per_s : LIMIT_OFF;
	return beyond(RISK_LIMIT_RATE, 0, sent, n, most, reserve, leg, v) ||
	       beyond(RISK_LIMIT_RATE, l->venue_per_s_row[venue], sent, n, l->venue_per_s[venue],
		      reserve, leg, v) ||
	       beyond(RISK_LIMIT_RATE, l->host_per_s_row, host, n, l->host_per_s, reserve, leg,
		      v) ||
	       day_is_used_up(d, venue, n, reserve, leg, v);
}

bool risk_message_room(struct desk *d, uint16_t venue, int32_t n, bool with_reserve)
{
	struct risk_verdict v;
	return !rate_gate(d, venue, n, with_reserve, 0xff, &v);
}

/* ---- the host and the instance */

/* Closes go on in REDUCING, and in a halt whose operator wants it flat (R5). */
static bool state_bars(const struct desk *d, uint16_t instance, bool closes, enum risk_state *state)
{
	*state = risk_state_of(d, instance, NULL);
	if (*state == RISK_ACTIVE)
		return false;
	bool may_close = *state == RISK_REDUCING || d->instance[instance].wish == WISH_FLATTEN;
	return !closes || !may_close;
}

/* What stands for the whole host, whichever pair asks. */
static bool host_gate(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	enum risk_state state;
	if (state_bars(d, p->instance, p->intent == INTENT_CLOSE, &state))
		return no(v, RISK_LIMIT_KILL, state, RISK_ACTIVE, 0xff);
	const char *why;
	if (d->journal_full || d->journal->ops->trouble(d->journal, &why))
		return no(v, RISK_LIMIT_JOURNAL, 0, 0, 0xff);
	if (d->stopping)
		return no(v, RISK_LIMIT_STOPPING, 1, 0, 0xff);
	if (d->recovering)
		return no(v, RISK_LIMIT_RECOVERING, 1, 0, 0xff);
	return false;
}

/* What bars a pair of the instance, and the next slice of one that is on its way. */
static bool instance_bars(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	const struct desk_instance *in = &d->instance[p->instance];
	const struct bounds *b = in->bounds;
	if (in->paused)
		return no(v, RISK_LIMIT_KILL, 1, 0, 0xff);
	if (in->watch.expires && p->intent != INTENT_CLOSE)
		return no(v, RISK_LIMIT_EXPIRY, 0, in->cfg->rescue.expiry_ns, 0xff);
	if (b->barred_by && (b->barred_whole || p->intent != INTENT_CLOSE)) {
		const struct limit_row *r = &d->limits.row[b->barred_by - 1];
		return by(v, b->barred_by,
			  no(v, (enum risk_limit)r->limit, r->use, r->value, 0xff));
	}
	return false;
}

static bool instance_gate(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	const struct desk_instance *in = &d->instance[p->instance];
	const struct bounds *b = in->bounds;
	if (instance_bars(d, p, v))
		return true;
	if (in->in_flight >= b->most[OWN_IN_FLIGHT])
		return by(v, b->row[OWN_IN_FLIGHT],
			  no(v, RISK_LIMIT_IN_FLIGHT, in->in_flight, b->most[OWN_IN_FLIGHT], 0xff));
	if (d->stat.in_flight >= d->limits.in_flight)
		return by(v, d->limits.in_flight_row,
			  no(v, RISK_LIMIT_IN_FLIGHT, d->stat.in_flight, d->limits.in_flight,
			     0xff));
	if (d->now.mono_ns < in->cool_until_ns)
		return no(v, RISK_LIMIT_COOL_DOWN, in->cool_until_ns - d->now.mono_ns,
			  d->cfg->risk.cool_down_ns, 0xff);
	if (in->rejects_in_minute >= b->most[OWN_REJECTS] &&
	    d->now.mono_ns - in->minute_ns < 60 * SECOND_NS)
		return by(v, b->row[OWN_REJECTS],
			  no(v, RISK_LIMIT_REJECTS, in->rejects_in_minute, b->most[OWN_REJECTS],
			     0xff));
	if (p->lots > b->most[OWN_PAIR_LOTS])
		return by(v, b->row[OWN_PAIR_LOTS],
			  no(v, RISK_LIMIT_PAIR_LOTS, p->lots, b->most[OWN_PAIR_LOTS], 0xff));
	return false;
}

/* The limit that stands for each gate. */
static const uint8_t limit_of[] = {
	[GATE_OPEN] = RISK_LIMIT_NONE,	     [GATE_BOOK] = RISK_LIMIT_BOOK,
	[GATE_QUOTE] = RISK_LIMIT_BOOK,	     [GATE_SESSION] = RISK_LIMIT_SESSION,
	[GATE_CLOSING] = RISK_LIMIT_CLOSING, [GATE_CLOCK] = RISK_LIMIT_CLOCK,
	[GATE_UTC] = RISK_LIMIT_UTC,	     [GATE_AGE] = RISK_LIMIT_AGE,
	[GATE_SKEW] = RISK_LIMIT_SKEW,	     [GATE_VALUE] = RISK_LIMIT_VALUE,
};
_Static_assert(sizeof limit_of / sizeof *limit_of == gate_max, "a limit for every gate");

/* The venues of its legs, then whatever the gate of its instance says of prices, clocks and sessions. */
static bool time_gate(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	const struct desk_instance *in = &d->instance[p->instance];
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct desk_venue *at = &d->venue[p->leg[l].venue];
		if (at->port->state != VENUE_UP || !at->reconciled)
			return no(v, RISK_LIMIT_VENUE, at->port->state, VENUE_UP, l);
	}
	/* What closes may do so up to the close. */
	struct gate_verdict g = desk_gate(d, in, p->intent == INTENT_CLOSE);
	if (g.gate != GATE_OPEN)
		return no(v, (enum risk_limit)limit_of[g.gate], g.value, g.bound,
			  g.who < LEG_MAX ? g.who : 0xff);
	return false;
}

/* What one order must satisfy at its venue, whoever sends it. */
static bool order_size(const struct instrument *in, const struct rule *r, int64_t px, int64_t qty,
		       unsigned leg, struct risk_verdict *v)
{
	if (!r || qty <= 0 || qty % r->lot || qty < r->min_qty)
		return no(v, RISK_LIMIT_LOT, qty,
			  r ? (r->min_qty > r->lot ? r->min_qty : r->lot) : 0, leg);
	if (r->max_qty && qty > r->max_qty)
		return no(v, RISK_LIMIT_LOT, qty, r->max_qty, leg);
	int64_t notional = r->min_notional_e8 ? instrument_notional_e8(in, qty, px) : 0;
	if (notional < r->min_notional_e8)
		return no(v, RISK_LIMIT_LOT, notional, r->min_notional_e8, leg);
	if (px % r->tick || (px <= 0 && !in->px_may_be_negative))
		return no(v, RISK_LIMIT_BAND, px, r->tick, leg);
	if ((r->band_lo && px < r->band_lo) || (r->band_hi && px > r->band_hi))
		return no(v, RISK_LIMIT_BAND, px, px < r->band_lo ? r->band_lo : r->band_hi, leg);
	return false;
}

/* Is a price worse than a reference by more than so many ppm? *ppm is how much, where it is. */
static bool is_worse(enum side side, int64_t px, int64_t ref, int64_t most, int64_t *ppm)
{
	int64_t worse = side == SIDE_BUY ? px - ref : ref - px;
	if (most == LIMIT_OFF || worse <= 0 || ref == 0 ||
	    (__int128)worse * 1000000 <= (__int128)most * dec_abs(ref))
		return false;
	*ppm = dec_muldiv(worse, 1000000, dec_abs(ref), DEC_UP);
	return true;
}

/* Against the best price on the other side, and against the middle of the last ones: a quote off the market moves only the first of them (F31). */
static bool collar(struct desk *d, const struct bounds_leg *b, uint32_t instrument, enum side side,
		   int64_t px, unsigned leg, struct risk_verdict *v)
{
	int64_t top = desk_top(d, instrument)->q.px[side ^ 1];
	int64_t last = d->limits.last[instrument].middle, ppm;
	if (is_worse(side, px, top, b->most[LEG_COLLAR], &ppm))
		return by(v, b->row[LEG_COLLAR],
			  no(v, RISK_LIMIT_COLLAR, ppm, b->most[LEG_COLLAR], leg));
	if (is_worse(side, px, last, b->most[LEG_COLLAR_LAST], &ppm))
		return by(v, b->row[LEG_COLLAR_LAST],
			  no(v, RISK_LIMIT_COLLAR_LAST, ppm, b->most[LEG_COLLAR_LAST], leg));
	return false;
}

/* A quantity of a leg against a bound in base units; only what may be beyond it is worked out. */
static bool over_base(const struct bounds_leg *b, enum leg_bound k, enum risk_limit limit,
		      const struct instrument *in, int64_t qty, int64_t px, unsigned leg,
		      struct risk_verdict *v)
{
	if (dec_abs(qty) <= b->safe_qty[k])
		return false;
	int64_t value = dec_abs(instrument_base_e8(in, qty, px));
	if (value <= b->most[k])
		return false;
	return by(v, b->row[k], no(v, limit, value, b->most[k], leg));
}

/* The same against a bound in money. */
static bool over_money(const struct bounds_leg *b, enum leg_bound k, enum risk_limit limit,
		       const struct instrument *in, int64_t qty, int64_t px, unsigned leg,
		       struct risk_verdict *v)
{
	if ((__int128)dec_abs(qty) * dec_abs(px) <= b->safe_product[k])
		return false;
	int64_t value = dec_abs(instrument_notional_e8(in, qty, px));
	if (value <= b->most[k])
		return false;
	return by(v, b->row[k], no(v, limit, value, b->most[k], leg));
}

/* Long and short apart: what an order closes of the instance's own comes off first. */
static bool gross_gate(struct desk *d, const struct pair *p, unsigned l, const struct bounds_leg *b,
		       struct risk_verdict *v)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct desk_instance *owner = &d->instance[p->instance];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct exposure_slot *s = &d->exposure.slot[b->slot];
	const struct position *own = owner->row[b - owner->bounds->leg];
	int64_t held[side_max];
	exposure_held(&d->exposure, b->slot, &d->positions, held);
	int64_t closes = own->qty[leg->side ^ 1][0] + own->qty[leg->side ^ 1][1];
	int64_t grows = s->open_qty[leg->side] + leg->want_qty - closes;
	if (grows <= 0)
		return false;
	bool buys = leg->side == SIDE_BUY;
	return over_base(b, buys ? LEG_POSITION_LONG : LEG_POSITION_SHORT,
			 buys ? RISK_LIMIT_POSITION_LONG : RISK_LIMIT_POSITION_SHORT, in,
			 held[leg->side] + grows, leg->ref_px, l, v) ||
	       over_base(b, LEG_POSITION_TOTAL, RISK_LIMIT_POSITION_TOTAL, in,
			 held[SIDE_BUY] + held[SIDE_SELL] + grows, leg->ref_px, l, v);
}

/* The position of the account if everything that may still fill on this side fills (R1). What only brings it nearer to nothing passes. */
static bool position_gate(struct desk *d, const struct pair *p, unsigned l,
			  const struct bounds_leg *b, struct risk_verdict *v)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	int64_t net = positions_total(&d->positions, leg->account, leg->instrument);
	int64_t add = d->exposure.slot[b->slot].open_qty[leg->side] + leg->want_qty;
	int64_t worst = leg->side == SIDE_BUY ? net + add : net - add;
	if (leg->side == SIDE_BUY ? worst <= 0 : worst >= 0)
		return false;
	return over_base(b, LEG_POSITION_BASE, RISK_LIMIT_POSITION_BASE, in, worst, leg->ref_px, l,
			 v) ||
	       over_money(b, LEG_POSITION_NOTIONAL, RISK_LIMIT_POSITION_NOTIONAL, in, worst,
			  leg->ref_px, l, v) ||
	       (b->gross && gross_gate(d, p, l, b, v));
}

/* Spot sells need the asset, spot buys the money, futures their margin; what the venue has not told is not checked here. */
static bool balance_gate(struct desk *d, const struct pair *p, unsigned l, const struct rule *r,
			 struct risk_verdict *v)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	bool spot = in->expo.kind == EXPO_SPOT;
	asset_id asset = spot ? (leg->side == SIDE_SELL ? in->base : in->quote) : in->settle;
	const struct desk_balance *b = desk_balance(d, leg->account, asset, false);
	bool closes = !spot && p->intent == INTENT_CLOSE;
	if (!b || closes)
		return false;
	int64_t notional = instrument_notional_e8(in, leg->want_qty, leg->limit_px);
	int64_t need = !spot ? dec_muldiv(notional, r->margin_e8, dec_pow10[8], DEC_UP)
		       : leg->side == SIDE_SELL ? instrument_base_e8(in, leg->want_qty, leg->ref_px)
						: notional;
	if (b->free_e8 < need)
		return no(v, RISK_LIMIT_BALANCE, b->free_e8, need, l);
	return false;
}

/* I15: an own order of the account group on the other side, at a price that would meet this one. Cancelling comes first where it is configured; then this one waits. */
static bool self_match(struct desk *d, const struct bounds_leg *b, enum side side, int64_t px,
		       unsigned leg, uint8_t mode, struct risk_verdict *v)
{
	const struct exposure *x = &d->exposure;
	bool met = false;
	for (unsigned m = 0; m < b->n_mates; m++) {
		uint32_t at = x->slot[b->mate[m]].first[side ^ 1];
		for (uint32_t place; (place = exposure_each(x, &at)) != UINT32_MAX;) {
			struct order *o = &d->blotter.slot[place];
			bool meets = side == SIDE_BUY ? px >= o->px : px <= o->px;
			if (!meets || !order_open((enum order_state)o->state))
				continue;
			met = no(v, RISK_LIMIT_SELF_MATCH, px, o->px, leg);
			if (mode == SELF_MATCH_CANCEL && o->state == ORDER_LIVE)
				router_cancel(d, o, 0);
		}
	}
	return met;
}

/* Unhedged base units of the instance if every open order does its worst: all of one side fills and nothing of the other. */
static bool imbalance_gate(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	const struct bounds *b = d->instance[p->instance].bounds;
	int64_t bound = b->most[OWN_IMBALANCE];
	if (bound == LIMIT_OFF)
		return false;
	int64_t now = desk_instance_base_e8(d, p->instance);
	const int64_t *open = d->exposure.base_e8[p->instance];
	int64_t worst[side_max] = { open[SIDE_BUY], open[SIDE_SELL] };
	for (unsigned l = 0; l < p->n_legs; l++)
		worst[p->leg[l].side] +=
			dec_abs(instrument_base_e8(&d->instrument[p->leg[l].instrument],
						   p->leg[l].order_qty, p->leg[l].ref_px));
	int64_t up = dec_abs(now + worst[SIDE_BUY]), down = dec_abs(now - worst[SIDE_SELL]);
	int64_t most = up > down ? up : down;
	return most > bound &&
	       by(v, b->row[OWN_IMBALANCE], no(v, RISK_LIMIT_IMBALANCE, most, bound, 0xff));
}

/* The bounds of a leg: pairs name the legs of their instance in any order. */
static inline const struct bounds_leg *bounds_of(const struct desk *d, uint16_t instance,
						 uint32_t instrument, unsigned at)
{
	const struct desk_instance *in = &d->instance[instance];
	for (unsigned l = at; l < in->cfg->n_legs; l++)
		if (in->cfg->leg[l] == instrument)
			return &in->bounds->leg[l];
	for (unsigned l = 0; l < at && l < in->cfg->n_legs; l++)
		if (in->cfg->leg[l] == instrument)
			return &in->bounds->leg[l];
	return &in->bounds->leg[0];
}

/* The limit that stands for each thing that an exchange counts; one that only warns has none. */
static const uint8_t counted_by[] = {
	[TALLY_ORDERS] = RISK_LIMIT_ORDERS_DAY,
	[TALLY_CANCELS] = RISK_LIMIT_CANCELS_DAY,
	[TALLY_LARGE_CANCELS] = RISK_LIMIT_LARGE_CANCELS_DAY,
	[TALLY_LIMIT_CANCELS] = RISK_LIMIT_LIMIT_CANCELS_DAY,
	[TALLY_SELF_TRADES] = RISK_LIMIT_SELF_TRADES_DAY,
	[TALLY_OPENED_LOTS] = RISK_LIMIT_LOTS_OPENED_DAY,
	[TALLY_MESSAGES] = RISK_LIMIT_EXCHANGE_MESSAGES,
	[TALLY_BURSTS] = RISK_LIMIT_NONE,
	[TALLY_MESSAGES_PER_S] = RISK_LIMIT_EXCHANGE_RATE,
};
_Static_assert(sizeof counted_by == tally_kind_max, "a limit for all that exchanges count");

/* What the exchange counts of an account and a contract; its bound reached, nothing more of it opens. */
static bool exchange_gate(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	struct tally_hit hit;
	return !tally_gate(d, p, &hit) &&
	       no(v, (enum risk_limit)counted_by[hit.kind], hit.use.used, hit.use.bound, hit.leg);
}

static int32_t messages_at(const struct pair *p, uint16_t venue)
{
	int32_t messages = 0;
	for (unsigned k = 0; k < p->n_legs; k++)
		messages += p->leg[k].venue == venue ? p->slices + 1 : 0;
	return messages; /* of every leg there: its orders, and the unwind of one */
}

/* Is one order of it too large by a row? Held against the price that it is sent at. */
static bool too_large(const struct pair *p, const struct bounds_leg *b, const struct instrument *in,
		      unsigned l, struct risk_verdict *v)
{
	const struct pair_leg *leg = &p->leg[l];
	const int64_t qty = leg->order_qty, px = pair_order_px(p, l);
	return over_money(b, LEG_ORDER_NOTIONAL, RISK_LIMIT_ORDER_NOTIONAL, in, qty, px, l, v) ||
	       over_base(b, LEG_ORDER_BASE, RISK_LIMIT_ORDER_BASE, in, qty, leg->ref_px, l, v) ||
	       over_money(b, LEG_SLICE_NOTIONAL, RISK_LIMIT_SLICE_NOTIONAL, in, qty, px, l, v) ||
	       over_base(b, LEG_SLICE_BASE, RISK_LIMIT_SLICE_BASE, in, qty, leg->ref_px, l, v);
}

static bool leg_gate(struct desk *d, const struct pair *p, unsigned l, struct risk_verdict *v)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct bounds_leg *b = bounds_of(d, p->instance, leg->instrument, l);
	const struct rule *r = desk_rule(d, leg->instrument);
	const enum side side = (enum side)leg->side;
	return order_size(in, r, leg->limit_px, leg->order_qty, l, v) ||
	       too_large(p, b, in, l, v) ||
	       collar(d, b, leg->instrument, side, leg->limit_px, l, v) ||
	       (b->positions && position_gate(d, p, l, b, v)) || balance_gate(d, p, l, r, v) ||
	       self_match(d, b, side, leg->limit_px, l, d->cfg->risk.self_match, v) ||
	       rate_gate(d, leg->venue, messages_at(p, leg->venue), false, l, v);
}

static bool position_lots_gate(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	const struct desk_instance *in = &d->instance[p->instance];
	int64_t most = in->bounds->most[OWN_POSITION_LOTS];
	if (most == LIMIT_OFF || p->intent == INTENT_CLOSE || in->lot_base_e8 == 0)
		return false;
	int64_t net = 0;
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		if (in->cfg->leg[l] == p->leg[0].instrument)
			net = position_base_e8(in->row[l], &d->instrument[in->cfg->leg[l]],
					       p->leg[0].ref_px);
	int64_t after = net + (p->leg[0].side == SIDE_BUY ? 1 : -1) * p->target_base_e8;
	if (dec_abs(after) <= (__int128)most * in->lot_base_e8)
		return false;
	int64_t lots = dec_abs(dec_to_step(after, in->lot_base_e8, DEC_NEAREST)) / in->lot_base_e8;
	return lots > most && by(v, in->bounds->row[OWN_POSITION_LOTS],
				 no(v, RISK_LIMIT_POSITION_LOTS, lots, most, 0));
}

static bool no_room(struct desk *d, const struct pair *p, struct risk_verdict *v)
{
	const uint32_t orders = (p->slices + 3u) * p->n_legs;
	return (blotter_room(&d->blotter) < orders || d->journal->ops->room(d->journal) < 4096) &&
	       no(v, RISK_LIMIT_ROOM, blotter_room(&d->blotter), orders, 0xff);
}

static struct risk_verdict judge(struct desk *d, const struct pair *p, bool is_new)
{
	struct risk_verdict v = { .limit = RISK_LIMIT_NONE, .leg = 0xff };
	if (host_gate(d, p, &v) || (is_new ? instance_gate : instance_bars)(d, p, &v) ||
	    time_gate(d, p, &v))
		return v;
	unsigned fenced;
	if (fence_bars(d, p, &fenced)) {
		(void)no(&v, RISK_LIMIT_FENCE, 1, 0, fenced);
		return v;
	}
	for (unsigned l = 0; l < p->n_legs; l++)
		if (leg_gate(d, p, l, &v))
			return v;
	(void)(exchange_gate(d, p, &v) || position_lots_gate(d, p, &v) ||
	       imbalance_gate(d, p, &v) || no_room(d, p, &v));
	return v;
}

struct risk_verdict risk_pair(struct desk *d, const struct pair *p)
{
	return judge(d, p, true);
}

struct risk_verdict risk_slice(struct desk *d, const struct pair *rest)
{
	return judge(d, rest, false);
}

/* While it is priced anew nothing of it is out, and others may have taken its room: does what is left of it still fit? */
bool risk_rest_fits(struct desk *d, const struct pair *p, int64_t px)
{
	struct risk_verdict v;
	struct pair left = *p;
	for (unsigned l = 0; l < p->n_legs; l++) {
		struct pair_leg *leg = &left.leg[l];
		int64_t have = leg->side == SIDE_BUY ? leg->cum_qty : -leg->cum_qty;
		have = have < 0 ? 0 : have;
		leg->want_qty = have < leg->want_qty ? leg->want_qty - have : 0;
		leg->order_qty = leg->order_qty < leg->want_qty ? leg->order_qty : leg->want_qty;
	}
	const struct bounds_leg *b =
		bounds_of(d, p->instance, p->leg[p->first].instrument, p->first);
	left.leg[p->first].ref_px = px;
	return !too_large(&left, b, &d->instrument[left.leg[p->first].instrument], p->first, &v) &&
	       !(b->positions && position_gate(d, &left, p->first, b, &v)) &&
	       !imbalance_gate(d, &left, &v);
}

bool risk_fits(struct desk *d, const struct pair *p)
{
	struct risk_verdict v;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct bounds_leg *b = bounds_of(d, p->instance, p->leg[l].instrument, l);
		if (p->leg[l].want_qty &&
		    (too_large(p, b, &d->instrument[p->leg[l].instrument], l, &v) ||
		     (b->positions && position_gate(d, p, l, b, &v))))
			return false;
	}
	return !imbalance_gate(d, p, &v);
}

/* A pair that was let through may have waited for the disk while the operator closed the gate. */
static bool may_still_go(struct desk *d, const struct order *o, struct risk_verdict *v)
{
	enum risk_state state;
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	bool closes = p && p->intent == INTENT_CLOSE;
	return state_bars(d, o->instance, closes, &state) &&
	       no(v, RISK_LIMIT_KILL, state, RISK_ACTIVE, o->leg);
}

/* Its venue is up and its market open. */
static bool nowhere_to_go(struct desk *d, const struct order *o, struct risk_verdict *v)
{
	if (d->venue[o->venue].port->state != VENUE_UP)
		return no(v, RISK_LIMIT_VENUE, d->venue[o->venue].port->state, VENUE_UP, o->leg);
	return !desk_in_session(d, o->instrument) &&
	       no(v, RISK_LIMIT_SESSION, d->session[o->instrument].phase, PHASE_CONTINUOUS, o->leg);
}

struct risk_verdict risk_order(struct desk *d, const struct order *o)
{
	const struct bounds_leg *b = bounds_of(d, o->instance, o->instrument, o->leg);
	const enum side side = (enum side)o->side;
	/* A rescue does not wait behind an own order: that one is cancelled, whatever is configured. */
	uint8_t first = o->rescue ? SELF_MATCH_CANCEL : d->cfg->risk.self_match;
	struct risk_verdict v = { .limit = RISK_LIMIT_NONE, .leg = 0xff };
	(void)(order_size(&d->instrument[o->instrument], desk_rule(d, o->instrument), o->px, o->qty,
			  o->leg, &v) ||
	       nowhere_to_go(d, o, &v) || rate_gate(d, o->venue, 1, o->rescue, o->leg, &v) ||
	       (!o->rescue && may_still_go(d, o, &v)) ||
	       self_match(d, b, side, o->px, o->leg, first, &v) ||
	       collar(d, b, o->instrument, side, o->px, o->leg, &v));
	return v;
}
