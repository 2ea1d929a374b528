#include "core/trade/risk.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include <stdio.h>

static const char *const limit_name[] = {
#define RISK_NAME(id, name, text) name,
	RISK_LIMITS(RISK_NAME)
};
static const char *const limit_text[] = {
#define RISK_TEXT(id, name, text) text,
	RISK_LIMITS(RISK_TEXT)
};
_Static_assert(sizeof limit_name / sizeof *limit_name == risk_limit_max, "a name for every limit");

static const char *const state_name[] = { "ACTIVE", "REDUCING", "HALTED" };
_Static_assert(sizeof state_name / sizeof *state_name == risk_state_max,
	       "a name for every risk state");

#define SECOND_NS 1000000000LL

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

static const struct risk_verdict yes = { .limit = RISK_LIMIT_NONE, .leg = 0xff };

static int64_t magnitude(int64_t v)
{
	return v < 0 ? -v : v;
}

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
	v->sent++;
	d->sent++;
}

/* Would n more messages go beyond a budget? *value is what would then be used, *bound what may be. */
static bool beyond(int64_t now, int64_t since, int32_t sent, int32_t per_s, int32_t reserve_pct,
		   int32_t n, int64_t *value, int64_t *bound)
{
	if (per_s == 0)
		return false;
	*value = (now - since >= SECOND_NS ? 0 : sent) + n;
	*bound = per_s - per_s * reserve_pct / 100;
	return *value > *bound;
}

/* The venue's budget and the host's, without the reserve or with it. */
static struct risk_verdict rate_gate(struct desk *d, uint16_t venue, int32_t n, bool with_reserve,
				     unsigned leg)
{
	const struct desk_venue *v = &d->venue[venue];
	const struct config_venue *c = &d->cfg->venue[venue];
	int32_t reserve = with_reserve ? 0 : c->reserve_pct;
	int64_t now = d->now.mono_ns, value = 0, bound = 0;
	bool barred =
		now < v->barred_until_ns; /* the venue asked for a pause: nothing may be sent */
	if (barred ||
	    beyond(now, v->second_ns, v->sent, c->messages_per_s, reserve, n, &value, &bound) ||
	    beyond(now, d->second_ns, d->sent, d->cfg->risk.messages_per_s, reserve, n, &value,
		   &bound))
		return no(RISK_LIMIT_RATE, barred ? n : value, barred ? 0 : bound, leg);
	return yes;
}

bool risk_message_room(struct desk *d, uint16_t venue, int32_t n, bool with_reserve)
{
	return rate_gate(d, venue, n, with_reserve, 0xff).limit == RISK_LIMIT_NONE;
}

/* What stands for the whole host, whichever pair asks. */
static struct risk_verdict host_gate(struct desk *d, const struct pair *p)
{
	bool may_close = d->risk_state == RISK_REDUCING && p->intent == INTENT_CLOSE; /* R5 */
	if (d->risk_state != RISK_ACTIVE && !may_close)
		return no(RISK_LIMIT_KILL, d->risk_state, RISK_ACTIVE, 0xff);
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
	int32_t cap = in->cfg->max_pairs_in_flight;
	if (in->paused)
		return no(RISK_LIMIT_KILL, 1, 0, 0xff);
	if (in->watch.expires && p->intent != INTENT_CLOSE)
		return no(RISK_LIMIT_EXPIRY, 0, in->cfg->rescue.expiry_ns, 0xff);
	if (cap && in->in_flight >= (uint32_t)cap)
		return no(RISK_LIMIT_IN_FLIGHT, in->in_flight, cap, 0xff);
	if (d->cfg->risk.max_pairs_in_flight &&
	    d->stat.in_flight >= (uint32_t)d->cfg->risk.max_pairs_in_flight)
		return no(RISK_LIMIT_IN_FLIGHT, d->stat.in_flight, d->cfg->risk.max_pairs_in_flight,
			  0xff);
	if (d->now.mono_ns < in->cool_until_ns)
		return no(RISK_LIMIT_COOL_DOWN, in->cool_until_ns - d->now.mono_ns,
			  d->cfg->risk.cool_down_ns, 0xff);
	if (d->cfg->risk.max_rejects_per_min &&
	    in->rejects_in_minute >= d->cfg->risk.max_rejects_per_min &&
	    d->now.mono_ns - in->minute_ns < 60 * SECOND_NS)
		return no(RISK_LIMIT_REJECTS, in->rejects_in_minute,
			  d->cfg->risk.max_rejects_per_min, 0xff);
	if (in->cfg->max_pair_lots && p->lots > in->cfg->max_pair_lots)
		return no(RISK_LIMIT_PAIR_LOTS, p->lots, in->cfg->max_pair_lots, 0xff);
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
static struct risk_verdict order_size(struct desk *d, uint32_t instrument, enum side side,
				      int64_t px, int64_t qty, unsigned leg)
{
	const struct instrument *in = &d->instrument[instrument];
	const struct rule *r = desk_rule(d, instrument);
	(void)side;
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

static struct risk_verdict collar(struct desk *d, uint32_t instrument, enum side side, int64_t px,
				  unsigned leg)
{
	int32_t ppm = d->cfg->risk.collar_ppm;
	const struct quote *q = &desk_top(d, instrument)->q;
	int64_t ref = q->px[side ^ 1];
	if (!ppm || ref == 0)
		return yes;
	int64_t worse = side == SIDE_BUY ? px - ref : ref - px;
	if (dec_muldiv(worse, 1000000, magnitude(ref), DEC_UP) > ppm)
		return no(RISK_LIMIT_COLLAR, dec_muldiv(worse, 1000000, magnitude(ref), DEC_UP),
			  ppm, leg);
	return yes;
}

/* Position of an account in an instrument if everything that may still fill on this side fills (R1). */
static int64_t worst_position(struct desk *d, uint16_t account, uint32_t instrument, enum side side,
			      int64_t add)
{
	int64_t net = positions_total(&d->positions, account, instrument);
	uint32_t at = 0;
	for (const struct order *o; (o = blotter_each_open(&d->blotter, &at));)
		if (o->account == account && o->instrument == instrument && o->side == side &&
		    !order_terminal((enum order_state)o->state))
			add += o->qty - o->cum;
	return side == SIDE_BUY ? net + add : net - add;
}

static struct risk_verdict position_gate(struct desk *d, const struct pair *p, unsigned l)
{
	const struct config_risk *r = &d->cfg->risk;
	const struct pair_leg *leg = &p->leg[l];
	const struct instrument *in = &d->instrument[leg->instrument];
	if (!r->max_position_base_e8 && !r->max_position_notional_e8)
		return yes;
	int64_t worst = worst_position(d, leg->account, leg->instrument, (enum side)leg->side,
				       leg->want_qty);
	bool reduces = leg->side == SIDE_BUY
			       ? worst <= 0
			       : worst >= 0; /* it only brings the position nearer to nothing */
	int64_t base = magnitude(instrument_base_e8(in, worst, leg->ref_px));
	int64_t notional = magnitude(instrument_notional_e8(in, worst, leg->ref_px));
	if (!reduces && r->max_position_base_e8 && base > r->max_position_base_e8)
		return no(RISK_LIMIT_POSITION_BASE, base, r->max_position_base_e8, l);
	if (!reduces && r->max_position_notional_e8 && notional > r->max_position_notional_e8)
		return no(RISK_LIMIT_POSITION_NOTIONAL, notional, r->max_position_notional_e8, l);
	return yes;
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

/* Unhedged base units of the instance if every open order does its worst: all of one side fills and nothing of the other. */
static struct risk_verdict imbalance_gate(struct desk *d, const struct pair *p)
{
	int64_t bound = d->cfg->risk.max_imbalance_base_e8;
	if (!bound)
		return yes;
	int64_t worst[side_max] = { 0 }, now = desk_instance_base_e8(d, p->instance);
	uint32_t at = 0;
	for (const struct order *o; (o = blotter_each_open(&d->blotter, &at));)
		if (o->instance == p->instance && !order_terminal((enum order_state)o->state))
			worst[o->side] += magnitude(instrument_base_e8(
				&d->instrument[o->instrument], o->qty - o->cum, o->px));
	for (unsigned l = 0; l < p->n_legs; l++)
		worst[p->leg[l].side] +=
			magnitude(instrument_base_e8(&d->instrument[p->leg[l].instrument],
						     p->leg[l].want_qty, p->leg[l].ref_px));
	int64_t up = magnitude(now + worst[SIDE_BUY]), down = magnitude(now - worst[SIDE_SELL]);
	int64_t most = up > down ? up : down;
	return most > bound ? no(RISK_LIMIT_IMBALANCE, most, bound, 0xff) : yes;
}

static struct risk_verdict leg_gate(struct desk *d, const struct pair *p, unsigned l)
{
	const struct pair_leg *leg = &p->leg[l];
	struct risk_verdict v = order_size(d, leg->instrument, (enum side)leg->side, leg->limit_px,
					   leg->want_qty, l);
	if (v.limit)
		return v;
	int64_t notional = instrument_notional_e8(&d->instrument[leg->instrument], leg->want_qty,
						  leg->limit_px);
	if (d->cfg->risk.max_order_notional_e8 && notional > d->cfg->risk.max_order_notional_e8)
		return no(RISK_LIMIT_ORDER_NOTIONAL, notional, d->cfg->risk.max_order_notional_e8,
			  l);
	v = collar(d, leg->instrument, (enum side)leg->side, leg->limit_px, l);
	if (!v.limit)
		v = position_gate(d, p, l);
	if (!v.limit)
		v = balance_gate(d, p, l);
	int32_t messages = 0;
	for (unsigned k = 0; k < p->n_legs;
	     k++) /* of every leg at this venue: its order, and its unwind */
		messages += p->leg[k].venue == leg->venue ? 2 : 0;
	return v.limit ? v : rate_gate(d, leg->venue, messages, false, l);
}

static struct risk_verdict position_lots_gate(struct desk *d, const struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	if (!in->cfg->max_pos_lots || p->intent == INTENT_CLOSE || in->lot_base_e8 == 0)
		return yes;
	int64_t net = 0;
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		if (in->cfg->leg[l] == p->leg[0].instrument)
			net = position_base_e8(in->row[l], &d->instrument[in->cfg->leg[l]],
					       p->leg[0].ref_px);
	int64_t after = net + (p->leg[0].side == SIDE_BUY ? 1 : -1) * p->target_base_e8;
	int64_t lots =
		magnitude(dec_to_step(after, in->lot_base_e8, DEC_NEAREST)) / in->lot_base_e8;
	return lots > in->cfg->max_pos_lots
		       ? no(RISK_LIMIT_POSITION_LOTS, lots, in->cfg->max_pos_lots, 0)
		       : yes;
}

struct risk_verdict risk_pair(struct desk *d, const struct pair *p)
{
	struct risk_verdict v = host_gate(d, p);
	if (!v.limit)
		v = instance_gate(d, p);
	if (!v.limit)
		v = time_gate(d, p);
	for (unsigned l = 0; !v.limit && l < p->n_legs; l++)
		v = leg_gate(d, p, l);
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
static bool state_allows(struct desk *d, const struct order *o)
{
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	bool closes = p && p->intent == INTENT_CLOSE;
	return d->risk_state == RISK_ACTIVE || (d->risk_state == RISK_REDUCING && closes);
}

struct risk_verdict risk_order(struct desk *d, const struct order *o)
{
	struct risk_verdict v =
		order_size(d, o->instrument, (enum side)o->side, o->px, o->qty, o->leg);
	if (v.limit)
		return v;
	if (d->venue[o->venue].port->state != VENUE_UP)
		return no(RISK_LIMIT_VENUE, d->venue[o->venue].port->state, VENUE_UP, o->leg);
	if (!desk_in_session(d, o->instrument))
		return no(RISK_LIMIT_SESSION, d->session[o->instrument].phase, PHASE_CONTINUOUS,
			  o->leg);
	v = rate_gate(d, o->venue, 1, o->rescue, o->leg);
	if (v.limit)
		return v;
	if (!o->rescue && !state_allows(d, o))
		return no(RISK_LIMIT_KILL, d->risk_state, RISK_ACTIVE, o->leg);
	return collar(d, o->instrument, (enum side)o->side, o->px, o->leg);
}

_Static_assert(risk_limit_max <= DESK_LIMITS, "room for every limit");

bool risk_is_news(struct desk *d, uint16_t instance, enum risk_limit l)
{
	struct desk_refusal *r = &d->instance[instance].refusal[l];
	d->stat.risk_hits++;
	d->instance[instance].blocked_by = (uint8_t)l;
	d->instance[instance].untold = true;
	r->count++;
	return r->told_ns == 0 || d->now.mono_ns - r->told_ns >= SECOND_NS;
}

uint64_t risk_refused(struct desk *d, uint16_t instance, uint64_t pair, struct risk_verdict v,
		      uint64_t cause)
{
	struct desk_refusal *r = &d->instance[instance].refusal[v.limit];
	struct fact f;
	scribe_instance(d, &f, FACT_RISK, instance, cause);
	f.pair = pair;
	f.leg = v.leg;
	f.num[0] = v.limit;
	f.num[1] = v.value;
	f.num[2] = v.bound;
	f.num[3] = (int64_t)r->count;
	fact_text(&f, "%s: %s", risk_limit_name(v.limit), risk_limit_text(v.limit));
	*r = (struct desk_refusal){
		.told_ns = d->now.mono_ns, .value = v.value, .bound = v.bound, .leg = v.leg
	};
	return scribe_put(d, &f);
}

void risk_tell_rest(struct desk *d, uint16_t instance, bool all)
{
	struct desk_instance *in = &d->instance[instance];
	bool left = false;
	for (unsigned l = 0; in->untold && l < risk_limit_max; l++) {
		const struct desk_refusal *r = &in->refusal[l];
		if (!r->count)
			continue;
		if (all || d->now.mono_ns - r->told_ns >= SECOND_NS)
			risk_refused(d, instance, 0,
				     (struct risk_verdict){ .limit = (enum risk_limit)l,
							    .value = r->value,
							    .bound = r->bound,
							    .leg = r->leg },
				     0);
		else
			left = true;
	}
	in->untold = left;
}

void risk_count_reject(struct desk *d, uint16_t instance)
{
	if (instance == POSITION_NOBODY)
		return;
	struct desk_instance *in = &d->instance[instance];
	if (d->now.mono_ns - in->minute_ns >= 60 * SECOND_NS) {
		in->minute_ns = d->now.mono_ns;
		in->rejects_in_minute = 0;
	}
	in->rejects_in_minute++;
}

void risk_set_state(struct desk *d, enum risk_state s, const char *who, const char *why)
{
	enum risk_state from = (enum risk_state)d->risk_state;
	d->risk_state = (uint8_t)s; /* the gate first, the receipt after it */
	struct fact f;
	fact_init(&f, FACT_OPERATOR);
	f.num[0] = s == RISK_ACTIVE ? CMD_RESUME : CMD_KILL;
	f.num[1] = 1;
	f.state = (uint8_t)s;
	fact_text(&f, "risk %s -> %s by %s: %s", risk_state_name(from), risk_state_name(s), who,
		  why);
	scribe_put(d, &f);
}
