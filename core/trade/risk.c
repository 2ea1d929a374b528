#include "core/trade/risk.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/router.h"

static const char *const limit_name[] = {
#define RISK_NAME(id, name, unit, judged, scopes, action, text) name,
	RISK_LIMITS(RISK_NAME)
};
static const char *const limit_text[] = {
#define RISK_TEXT(id, name, unit, judged, scopes, action, text) text,
	RISK_LIMITS(RISK_TEXT)
};
_Static_assert(sizeof limit_name / sizeof *limit_name == risk_limit_max, "a name for every limit");

static const char *const state_name[] = { "ACTIVE", "REDUCING", "HALTED" };
_Static_assert(sizeof state_name / sizeof *state_name == risk_state_max,
	       "a name for every risk state");

#define SECOND_NS 1000000000LL
#define DAY_NS	  (86400 * SECOND_NS)

const char *risk_limit_name(enum risk_limit l)
{
	return l < risk_limit_max ? limit_name[l] : "?";
}

const char *risk_limit_text(enum risk_limit l)
{
	return l < risk_limit_max ? limit_text[l] : "?";
}

const char *risk_state_name(enum risk_state s)
{
	return s < risk_state_max ? state_name[s] : "?";
}

static struct risk_verdict no(enum risk_limit l, int64_t value, int64_t bound, unsigned leg)
{
	return (struct risk_verdict){
		.limit = l, .value = value, .bound = bound, .leg = (uint8_t)leg
	};
}

static struct risk_verdict by(uint16_t row, struct risk_verdict v)
{
	v.row = row;
	return v;
}

static const struct risk_verdict yes = { .limit = RISK_LIMIT_NONE, .leg = 0xff };

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
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

/* Would n more messages go beyond a budget, less its reserve? Then *v is the no. */
static bool beyond(int64_t used, int32_t n, int64_t most, int32_t reserve_pct, struct risk_verdict *v)
{
	if (most == LIMIT_OFF)
		return false;
	v->value = used + n;
	v->bound = most - most * reserve_pct / 100;
	return v->value > v->bound;
}

static bool day_is_used_up(struct desk *d, uint16_t venue, int32_t n, int32_t reserve_pct,
			   struct risk_verdict *v)
{
	const struct limits *l = &d->limits;
	int64_t all = 0;
	for (uint16_t k = 0; l->host_per_day != LIMIT_OFF && k < d->cfg->n_venues; k++)
		all += sent_in_day(d, k);
	v->limit = RISK_LIMIT_MESSAGES_DAY;
	v->row = l->venue_per_day_row[venue];
	if (beyond(sent_in_day(d, venue), n, l->venue_per_day[venue], reserve_pct, v))
		return true;
	v->row = l->host_per_day_row;
	return beyond(all, n, l->host_per_day, reserve_pct, v);
}

/* The venue's budget and the host's, without the reserve or with it. */
static struct risk_verdict rate_gate(struct desk *d, uint16_t venue, int32_t n, bool with_reserve,
				     unsigned leg)
{
	const struct desk_venue *v = &d->venue[venue];
	const struct config_venue *c = &d->cfg->venue[venue];
	const struct limits *l = &d->limits;
	int32_t reserve = with_reserve ? 0 : c->reserve_pct;
	int64_t now = d->now.mono_ns;
	struct risk_verdict x = no(RISK_LIMIT_RATE, n, 0, leg);
	/* the venue asked for a pause: nothing may be sent */
	if (now < v->barred_until_ns)
		return x;
	int64_t sent = now - v->second_ns >= SECOND_NS ? 0 : v->sent;
	int64_t host = now - d->second_ns >= SECOND_NS ? 0 : d->sent;
	int64_t most = c->messages_per_s ? c->messages_per_s : LIMIT_OFF;
	if (beyond(sent, n, most, reserve, &x))
		return x;
	x.row = l->venue_per_s_row[venue];
	if (beyond(sent, n, l->venue_per_s[venue], reserve, &x))
		return x;
	x.row = l->host_per_s_row;
	if (beyond(host, n, l->host_per_s, reserve, &x))
		return x;
	return day_is_used_up(d, venue, n, reserve, &x) ? x : yes;
}

bool risk_message_room(struct desk *d, uint16_t venue, int32_t n, bool with_reserve)
{
	return rate_gate(d, venue, n, with_reserve, 0xff).limit == RISK_LIMIT_NONE;
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
static struct risk_verdict host_gate(struct desk *d, const struct pair *p)
{
	enum risk_state state;
	if (state_bars(d, p->instance, p->intent == INTENT_CLOSE, &state))
		return no(RISK_LIMIT_KILL, state, RISK_ACTIVE, 0xff);
	const char *why;
	if (d->journal_full || d->journal->ops->trouble(d->journal, &why))
		return no(RISK_LIMIT_JOURNAL, 0, 0, 0xff);
	if (d->stopping)
		return no(RISK_LIMIT_STOPPING, 1, 0, 0xff);
	if (d->recovering)
		return no(RISK_LIMIT_RECOVERING, 1, 0, 0xff);
	return yes;
}

static struct risk_verdict instance_gate(struct desk *d, const struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	const struct bounds *b = in->bounds;
	if (in->paused)
		return no(RISK_LIMIT_KILL, 1, 0, 0xff);
	if (in->watch.expires && p->intent != INTENT_CLOSE)
		return no(RISK_LIMIT_EXPIRY, 0, in->cfg->rescue.expiry_ns, 0xff);
	if (b->barred_by && (b->barred_whole || p->intent != INTENT_CLOSE)) {
		const struct limit_row *r = &d->limits.row[b->barred_by - 1];
		return by(b->barred_by, no((enum risk_limit)r->limit, r->use, r->value, 0xff));
	}
	if (in->in_flight >= b->most[OWN_IN_FLIGHT])
		return by(b->row[OWN_IN_FLIGHT], no(RISK_LIMIT_IN_FLIGHT, in->in_flight,
						    b->most[OWN_IN_FLIGHT], 0xff));
	if (d->stat.in_flight >= d->limits.in_flight)
		return by(d->limits.in_flight_row, no(RISK_LIMIT_IN_FLIGHT, d->stat.in_flight,
						      d->limits.in_flight, 0xff));
	if (d->now.mono_ns < in->cool_until_ns)
		return no(RISK_LIMIT_COOL_DOWN, in->cool_until_ns - d->now.mono_ns,
			  d->cfg->risk.cool_down_ns, 0xff);
	if (in->rejects_in_minute >= b->most[OWN_REJECTS] &&
	    d->now.mono_ns - in->minute_ns < 60 * SECOND_NS)
		return by(b->row[OWN_REJECTS], no(RISK_LIMIT_REJECTS, in->rejects_in_minute,
						  b->most[OWN_REJECTS], 0xff));
	if (p->lots > b->most[OWN_PAIR_LOTS])
		return by(b->row[OWN_PAIR_LOTS],
			  no(RISK_LIMIT_PAIR_LOTS, p->lots, b->most[OWN_PAIR_LOTS], 0xff));
	return yes;
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
static struct risk_verdict time_gate(struct desk *d, const struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct desk_venue *v = &d->venue[p->leg[l].venue];
		if (v->port->state != VENUE_UP || !v->reconciled)
			return no(RISK_LIMIT_VENUE, v->port->state, VENUE_UP, l);
	}
	/* What closes may do so up to the close. */
	struct gate_verdict g = desk_gate(d, in, p->intent == INTENT_CLOSE);
	if (g.gate != GATE_OPEN)
		return no((enum risk_limit)limit_of[g.gate], g.value, g.bound,
			  g.who < LEG_MAX ? g.who : 0xff);
	return yes;
}

/* What one order must satisfy at its venue, whoever sends it. */
static struct risk_verdict order_size(struct desk *d, uint32_t instrument, int64_t px, int64_t qty,
				      unsigned leg)
{
	const struct instrument *in = &d->instrument[instrument];
	const struct rule *r = desk_rule(d, instrument);
	if (!r || qty <= 0 || qty % r->lot || qty < r->min_qty)
		return no(RISK_LIMIT_LOT, qty, r ? (r->min_qty > r->lot ? r->min_qty : r->lot) : 0,
			  leg);
	if (r->max_qty && qty > r->max_qty)
		return no(RISK_LIMIT_LOT, qty, r->max_qty, leg);
	int64_t notional = instrument_notional_e8(in, qty, px);
	if (notional < r->min_notional_e8)
		return no(RISK_LIMIT_LOT, notional, r->min_notional_e8, leg);
	if (px % r->tick || (px <= 0 && !in->px_may_be_negative))
		return no(RISK_LIMIT_BAND, px, r->tick, leg);
	if ((r->band_lo && px < r->band_lo) || (r->band_hi && px > r->band_hi))
		return no(RISK_LIMIT_BAND, px, px < r->band_lo ? r->band_lo : r->band_hi, leg);
	return yes;
}

/* How much worse than a reference a price is. */
static int64_t worse_ppm(enum side side, int64_t px, int64_t ref)
{
	int64_t worse = side == SIDE_BUY ? px - ref : ref - px;
	return worse <= 0 ? 0 : dec_muldiv(worse, 1000000, magnitude(ref), DEC_UP);
}

/* Against the best price on the other side, and against the middle of the last ones: a quote off the market moves only the first of them (F31). */
static struct risk_verdict collar(struct desk *d, const struct bounds_leg *b, uint32_t instrument,
				  enum side side, int64_t px, unsigned leg)
{
	int64_t top = desk_top(d, instrument)->q.px[side ^ 1];
	int64_t last = d->limits.last[instrument].middle;
	if (b->most[LEG_COLLAR] != LIMIT_OFF && top) {
		int64_t ppm = worse_ppm(side, px, top);
		if (ppm > b->most[LEG_COLLAR])
			return by(b->row[LEG_COLLAR],
				  no(RISK_LIMIT_COLLAR, ppm, b->most[LEG_COLLAR], leg));
	}
	if (b->most[LEG_COLLAR_LAST] != LIMIT_OFF && last) {
		int64_t ppm = worse_ppm(side, px, last);
		if (ppm > b->most[LEG_COLLAR_LAST])
			return by(b->row[LEG_COLLAR_LAST],
				  no(RISK_LIMIT_COLLAR_LAST, ppm, b->most[LEG_COLLAR_LAST], leg));
	}
	return yes;
}

/* An amount of a leg against its bound. */
static bool over(const struct bounds_leg *b, enum leg_bound k, enum risk_limit limit, int64_t value,
		 unsigned leg, struct risk_verdict *v)
{
	if (value <= b->most[k])
		return false;
	*v = by(b->row[k], no(limit, value, b->most[k], leg));
	return true;
}

/* Long and short apart: what an order closes of the instance's own comes off first. */
static struct risk_verdict gross_gate(struct desk *d, const struct pair *p, unsigned l,
				      const struct bounds_leg *b)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct exposure_slot *s = &d->exposure.slot[b->slot];
	const struct position *own =
		positions_at(&d->positions, leg->account, leg->instrument, p->instance);
	int64_t held[side_max];
	exposure_held(&d->exposure, b->slot, &d->positions, held);
	int64_t closes = own ? own->qty[leg->side ^ 1][0] + own->qty[leg->side ^ 1][1] : 0;
	int64_t grows = s->open_qty[leg->side] + leg->want_qty - closes;
	if (grows <= 0)
		return yes;
	bool buys = leg->side == SIDE_BUY;
	int64_t side = magnitude(instrument_base_e8(in, held[leg->side] + grows, leg->ref_px));
	int64_t total = magnitude(instrument_base_e8(
		in, held[SIDE_BUY] + held[SIDE_SELL] + grows, leg->ref_px));
	struct risk_verdict v = yes;
	if (!over(b, buys ? LEG_POSITION_LONG : LEG_POSITION_SHORT,
		  buys ? RISK_LIMIT_POSITION_LONG : RISK_LIMIT_POSITION_SHORT, side, l, &v))
		over(b, LEG_POSITION_TOTAL, RISK_LIMIT_POSITION_TOTAL, total, l, &v);
	return v;
}

/* The position of the account if everything that may still fill on this side fills (R1). What only brings it nearer to nothing passes. */
static struct risk_verdict position_gate(struct desk *d, const struct pair *p, unsigned l,
					 const struct bounds_leg *b)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	int64_t net = positions_total(&d->positions, leg->account, leg->instrument);
	int64_t add = d->exposure.slot[b->slot].open_qty[leg->side] + leg->want_qty;
	int64_t worst = leg->side == SIDE_BUY ? net + add : net - add;
	if (leg->side == SIDE_BUY ? worst <= 0 : worst >= 0)
		return yes;
	int64_t base = magnitude(instrument_base_e8(in, worst, leg->ref_px));
	int64_t notional = magnitude(instrument_notional_e8(in, worst, leg->ref_px));
	struct risk_verdict v = yes;
	if (over(b, LEG_POSITION_BASE, RISK_LIMIT_POSITION_BASE, base, l, &v) ||
	    over(b, LEG_POSITION_NOTIONAL, RISK_LIMIT_POSITION_NOTIONAL, notional, l, &v))
		return v;
	return b->gross ? gross_gate(d, p, l, b) : yes;
}

/* Spot sells need the asset, spot buys the money, futures their margin; what the venue has not told is not checked here. */
static struct risk_verdict balance_gate(struct desk *d, const struct pair *p, unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct rule *r = desk_rule(d, leg->instrument);
	bool spot = in->expo.kind == EXPO_SPOT;
	asset_id asset = spot ? (leg->side == SIDE_SELL ? in->base : in->quote) : in->settle;
	int64_t notional = instrument_notional_e8(in, leg->want_qty, leg->limit_px);
	int64_t need = !spot ? dec_muldiv(notional, r->margin_e8, dec_pow10[8], DEC_UP)
		       : leg->side == SIDE_SELL ? instrument_base_e8(in, leg->want_qty, leg->ref_px)
						: notional;
	const struct desk_balance *b = desk_balance(d, leg->account, asset, false);
	bool closes = !spot && p->intent == INTENT_CLOSE;
	if (b && !closes && b->free_e8 < need)
		return no(RISK_LIMIT_BALANCE, b->free_e8, need, l);
	return yes;
}

/* I15: an own order of the account group on the other side, at a price that would meet this one. Cancelling comes first where it is configured; then this one waits. */
static struct risk_verdict self_match(struct desk *d, const struct bounds_leg *b, enum side side,
				      int64_t px, unsigned leg, uint8_t mode)
{
	const struct exposure *x = &d->exposure;
	struct risk_verdict v = yes;
	for (unsigned m = 0; m < b->n_mates; m++) {
		uint32_t at = x->slot[b->mate[m]].first[side ^ 1];
		for (uint32_t place; (place = exposure_each(x, &at)) != UINT32_MAX;) {
			struct order *o = &d->blotter.slot[place];
			bool meets = side == SIDE_BUY ? px >= o->px : px <= o->px;
			if (!meets || !order_open((enum order_state)o->state))
				continue;
			v = no(RISK_LIMIT_SELF_MATCH, px, o->px, leg);
			if (mode == SELF_MATCH_CANCEL && o->state == ORDER_LIVE)
				router_cancel(d, o, 0);
		}
	}
	return v;
}

/* Unhedged base units of the instance if every open order does its worst: all of one side fills and nothing of the other. */
static struct risk_verdict imbalance_gate(struct desk *d, const struct pair *p)
{
	const struct bounds *b = d->instance[p->instance].bounds;
	int64_t bound = b->most[OWN_IMBALANCE];
	if (bound == LIMIT_OFF)
		return yes;
	int64_t now = desk_instance_base_e8(d, p->instance);
	const int64_t *open = d->exposure.base_e8[p->instance];
	int64_t worst[side_max] = { open[SIDE_BUY], open[SIDE_SELL] };
	for (unsigned l = 0; l < p->n_legs; l++)
		worst[p->leg[l].side] +=
			magnitude(instrument_base_e8(&d->instrument[p->leg[l].instrument],
						     p->leg[l].want_qty, p->leg[l].ref_px));
	int64_t up = magnitude(now + worst[SIDE_BUY]), down = magnitude(now - worst[SIDE_SELL]);
	int64_t most = up > down ? up : down;
	return most > bound
		       ? by(b->row[OWN_IMBALANCE], no(RISK_LIMIT_IMBALANCE, most, bound, 0xff))
		       : yes;
}

/* The bounds of a leg: pairs name the legs of their instance in any order. */
static const struct bounds_leg *bounds_of(const struct desk *d, uint16_t instance,
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
static struct risk_verdict exchange_gate(struct desk *d, const struct pair *p)
{
	struct tally_hit hit;
	if (tally_gate(d, p, &hit))
		return yes;
	return no((enum risk_limit)counted_by[hit.kind], hit.use.used, hit.use.bound, hit.leg);
}

static int32_t messages_at(const struct pair *p, uint16_t venue)
{
	int32_t messages = 0;
	for (unsigned k = 0; k < p->n_legs; k++)
		messages += p->leg[k].venue == venue ? 2 : 0;
	return messages; /* of every leg there: its order, and its unwind */
}

static struct risk_verdict leg_gate(struct desk *d, const struct pair *p, unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	const struct bounds_leg *b = bounds_of(d, p->instance, leg->instrument, l);
	const enum side side = (enum side)leg->side;
	struct risk_verdict v = order_size(d, leg->instrument, leg->limit_px, leg->want_qty, l);
	if (v.limit)
		return v;
	int64_t notional = instrument_notional_e8(in, leg->want_qty, leg->limit_px);
	if (over(b, LEG_ORDER_NOTIONAL, RISK_LIMIT_ORDER_NOTIONAL, notional, l, &v))
		return v;
	if (b->most[LEG_ORDER_BASE] != LIMIT_OFF &&
	    over(b, LEG_ORDER_BASE, RISK_LIMIT_ORDER_BASE,
		 magnitude(instrument_base_e8(in, leg->want_qty, leg->ref_px)), l, &v))
		return v;
	v = collar(d, b, leg->instrument, side, leg->limit_px, l);
	if (!v.limit && b->positions)
		v = position_gate(d, p, l, b);
	if (!v.limit)
		v = balance_gate(d, p, l);
	if (!v.limit)
		v = self_match(d, b, side, leg->limit_px, l, d->cfg->risk.self_match);
	return v.limit ? v : rate_gate(d, leg->venue, messages_at(p, leg->venue), false, l);
}

static struct risk_verdict position_lots_gate(struct desk *d, const struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	int64_t most = in->bounds->most[OWN_POSITION_LOTS];
	if (most == LIMIT_OFF || p->intent == INTENT_CLOSE || in->lot_base_e8 == 0)
		return yes;
	int64_t net = 0;
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		if (in->cfg->leg[l] == p->leg[0].instrument)
			net = position_base_e8(in->row[l], &d->instrument[in->cfg->leg[l]],
					       p->leg[0].ref_px);
	int64_t after = net + (p->leg[0].side == SIDE_BUY ? 1 : -1) * p->target_base_e8;
	int64_t lots =
		magnitude(dec_to_step(after, in->lot_base_e8, DEC_NEAREST)) / in->lot_base_e8;
	return lots > most ? by(in->bounds->row[OWN_POSITION_LOTS],
				no(RISK_LIMIT_POSITION_LOTS, lots, most, 0))
			   : yes;
}

struct risk_verdict risk_pair(struct desk *d, const struct pair *p)
{
	struct risk_verdict v = host_gate(d, p);
	if (!v.limit)
		v = instance_gate(d, p);
	if (!v.limit)
		v = time_gate(d, p);
	unsigned fenced;
	if (!v.limit && fence_bars(d, p, &fenced))
		v = no(RISK_LIMIT_FENCE, 1, 0, fenced);
	for (unsigned l = 0; !v.limit && l < p->n_legs; l++)
		v = leg_gate(d, p, l);
	if (!v.limit)
		v = exchange_gate(d, p);
	if (!v.limit)
		v = position_lots_gate(d, p);
	if (!v.limit)
		v = imbalance_gate(d, p);
	if (!v.limit && (blotter_room(&d->blotter) < 4u * p->n_legs ||
			 d->journal->ops->room(d->journal) < 4096))
		v = no(RISK_LIMIT_ROOM, blotter_room(&d->blotter), 4 * p->n_legs, 0xff);
	return v;
}

/* A pair that was let through may have waited for the disk while the operator closed the gate. */
static struct risk_verdict may_still_go(struct desk *d, const struct order *o)
{
	enum risk_state state;
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	bool closes = p && p->intent == INTENT_CLOSE;
	return state_bars(d, o->instance, closes, &state)
		       ? no(RISK_LIMIT_KILL, state, RISK_ACTIVE, o->leg)
		       : yes;
}

struct risk_verdict risk_order(struct desk *d, const struct order *o)
{
	const struct bounds_leg *b = bounds_of(d, o->instance, o->instrument, o->leg);
	const enum side side = (enum side)o->side;
	struct risk_verdict v = order_size(d, o->instrument, o->px, o->qty, o->leg);
	if (v.limit)
		return v;
	if (d->venue[o->venue].port->state != VENUE_UP)
		return no(RISK_LIMIT_VENUE, d->venue[o->venue].port->state, VENUE_UP, o->leg);
	if (!desk_in_session(d, o->instrument))
		return no(RISK_LIMIT_SESSION, d->session[o->instrument].phase, PHASE_CONTINUOUS,
			  o->leg);
	v = rate_gate(d, o->venue, 1, o->rescue, o->leg);
	if (!v.limit && !o->rescue)
		v = may_still_go(d, o);
	/* A rescue does not wait behind an own order: that one is cancelled, whatever is configured. */
	if (!v.limit)
		v = self_match(d, b, side, o->px, o->leg,
			       o->rescue ? SELF_MATCH_CANCEL : d->cfg->risk.self_match);
	return v.limit ? v : collar(d, b, o->instrument, side, o->px, o->leg);
}
