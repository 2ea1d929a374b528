/* rescue_price - what one way out of a broken pair trades, at which limits, and what that costs. */
#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/clock_doubt.h"
#include "core/trade/draft.h"
#include "core/trade/edge.h"
#include "core/trade/ladder.h"
#include "core/trade/money.h"
#include "core/trade/rescue.h"
#include "core/trade/risk.h"
#include "core/trade/terms.h"
#include <stddef.h>
#include <string.h>

/* Opening and rolling keep to the price that was decided on; what reduces may pay what unwinding may, from the market as it is. */
static bool strict(const struct pair *p, enum rescue_way way)
{
	return way != RESCUE_UNWIND && way != RESCUE_CHASE_BACK &&
	       (p->intent == INTENT_OPEN || p->intent == INTENT_ROLL);
}

static int64_t slip_tick(const struct desk *d, const struct pair *p, enum rescue_way way)
{
	const struct strat_limits *l = &d->instance[p->instance].limits;
	int32_t own = ladder_row(d, p, way)->ticks;
	if (strict(p, way))
		return terms_least(p, p->terms.slip_tick, own ? own : l->max_slip_tick);
	return terms_least(p, p->terms.unwind_slip_tick, own ? own : l->max_unwind_slip_tick);
}

int64_t rescue_slip_tick(const struct desk *d, const struct pair *p, bool completing)
{
	return slip_tick(d, p, completing ? RESCUE_COMPLETE : RESCUE_UNWIND);
}

/* Completing may go on beyond its ticks, as far as unwinding might, while the pair as a whole keeps its edge. Counted so that more is worse. */
static int64_t as_far_as_edge(struct desk *d, const struct pair *p, const struct pair_leg *l,
			      int64_t worst)
{
	const struct rule *r = desk_rule(d, l->instrument);
	const struct config_rescue *c = &d->cfg->instance[p->instance].rescue;
	int64_t towards = l->side == SIDE_BUY ? 1 : -1, px;
	int64_t most = towards * l->ref_px +
		       terms_least(p, p->terms.unwind_slip_tick,
				   d->instance[p->instance].limits.max_unwind_slip_tick) *
			       r->tick;
	bool own_ticks = p->terms.stated && p->terms.slip_tick >= 0;
	if (own_ticks || ladder_row(d, p, RESCUE_COMPLETE)->ticks ||
	    !edge_limit_px(d, p, (unsigned)(l - p->leg), c->keep_edge_ppm, &px))
		return worst;
	px = towards * px < most ? towards * px : most;
	return px > worst ? px : worst;
}

/* The worst price that a leg may still trade at: the reference moved by the slip limit, and never beyond the collar or the day's band. */
static int64_t worst_px(struct desk *d, const struct pair *p, const struct pair_leg *l,
			enum side side, enum rescue_way way)
{
	const struct rule *r = desk_rule(d, l->instrument);
	const struct quote *q = &desk_top(d, l->instrument)->q;
	int64_t top = q->qty[side ^ 1] ? q->px[side ^ 1] : q->px[side];
	int64_t from = strict(p, way) && l->ref_px ? l->ref_px : top;
	int64_t towards = side == SIDE_BUY ? 1 : -1;
	int64_t worst =
		towards * from + slip_tick(d, p, way) * r->tick; /* counted so that more is worse */
	int64_t band = towards * (side == SIDE_BUY ? r->band_hi : r->band_lo);
	if (way == RESCUE_COMPLETE && p->intent == INTENT_OPEN && side == l->side && l->ref_px)
		worst = as_far_as_edge(d, p, l, worst);
	if (d->cfg->risk.collar_ppm) {
		int64_t room = dec_muldiv(dec_abs(top), d->cfg->risk.collar_ppm, 1000000, DEC_DOWN);
		worst = worst < towards * top + room ? worst : towards * top + room;
	}
	if (band)
		worst = worst < band ? worst : band;
	return dec_to_step(towards * worst, r->tick, side == SIDE_BUY ? DEC_DOWN : DEC_UP);
}

int64_t rescue_chase_px(struct desk *d, const struct pair *p, const struct pair_leg *l,
			enum side side, enum rescue_way way)
{
	const struct rule *r = desk_rule(d, l->instrument);
	const struct quote *q = &desk_top(d, l->instrument)->q;
	if (!r || q->qty[side] <= 0)
		return 0;
	int64_t towards = side == SIDE_BUY ? 1 : -1;
	int64_t better = ladder_row(d, p, way)->pay_up_tick * r->tick;
	int64_t px = towards * q->px[side] + better;
	if (q->qty[side ^ 1] > 0 && px > towards * q->px[side ^ 1]) /* beyond it is crossing */
		px = towards * q->px[side ^ 1];
	int64_t worst = towards * worst_px(d, p, l, side, way);
	if (towards * q->px[side] > worst) /* even the own side is beyond the limit */
		return 0;
	return towards * (px < worst ? px : worst);
}

/* The other side of the book is empty and the own one stands at the limit of the day (涨跌停, F34). */
static bool locked(const struct rule *r, const struct quote *q, enum side side)
{
	int64_t band = side == SIDE_BUY ? r->band_hi : r->band_lo;
	bool at_band = side == SIDE_BUY ? q->px[SIDE_BUY] >= band : q->px[SIDE_SELL] <= band;
	return band && q->qty[side ^ 1] == 0 && q->qty[side] > 0 && at_band;
}

/* Can this leg be traded at all now? HELD_NONE, or why not. */
static enum held_cause obstacle(struct desk *d, const struct pair_leg *l, const struct rule *r,
				enum side side, enum rescue_way way)
{
	const struct top *top = desk_top(d, l->instrument);
	if (d->venue[l->venue].port->state != VENUE_UP)
		return HELD_VENUE_DOWN;
	if (!desk_in_session(d, l->instrument))
		return HELD_CLOSED; /* carried over the break (F35) */
	if (top->state == BOOK_HALTED)
		return HELD_HALTED;
	if (top->state != BOOK_LIVE)
		return HELD_NO_MARKET;
	if (clock_doubted(d, l->venue))
		return HELD_CLOCK;
	if (locked(r, &top->q, side))
		return HELD_LOCKED;
	if (top->q.qty[rescue_rests(way) ? side : side ^ 1] == 0)
		return HELD_NO_MARKET;
	return risk_message_room(d, l->venue, 1, true) ? HELD_NONE : HELD_MESSAGES;
}

/* The limit price, or why the market is beyond it. */
static enum held_cause set_limit(struct desk *d, const struct pair *p, const struct pair_leg *l,
				 enum rescue_way way, struct rescue_trade *t)
{
	const struct rule *r = desk_rule(d, l->instrument);
	enum side side = (enum side)t->side;
	int64_t px = desk_top(d, l->instrument)->q.px[side ^ 1];
	int64_t band = side == SIDE_BUY ? r->band_hi : r->band_lo;
	bool crosses = way == RESCUE_COMPLETE || way == RESCUE_UNWIND;
	if (way == RESCUE_WAIT && !ladder_row(d, p, way)->ticks)
		return HELD_NONE; /* beyond the limit is why one waits */
	if (crosses && !reach_best(d, l->instrument, side ^ 1, &px))
		return HELD_PRICE; /* what is shown was not there */
	t->px = rescue_rests(way) ? rescue_chase_px(d, p, l, side, way)
				  : worst_px(d, p, l, side, way);
	bool positive = t->px > 0 || (t->px < 0 && d->instrument[l->instrument].px_may_be_negative);
	if (!positive)
		return HELD_PRICE;
	if (rescue_rests(way) || (side == SIDE_BUY ? px <= t->px : px >= t->px))
		return HELD_NONE;
	return band && (side == SIDE_BUY ? px > band : px < band) ? HELD_LOCKED : HELD_PRICE;
}

/* How much of it closes lots of today: yesterday's go first. */
static int64_t closes_today(const struct desk *d, const struct pair *p, const struct pair_leg *l,
			    enum side side, int64_t qty)
{
	const struct desk_instance *in = &d->instance[p->instance];
	for (unsigned k = 0; k < in->cfg->n_legs; k++) {
		if (in->cfg->leg[k] != l->instrument || in->cfg->account[k] != l->account)
			continue;
		const int64_t *held = in->row[k]->qty[side ^ 1];
		int64_t closes = held[0] + held[1] < qty ? held[0] + held[1] : qty;
		return closes > held[1] ? closes - held[1] : 0;
	}
	return 0;
}

/* Fees of a trade in money: maker or taker, the part that closes lots of today at its own rates. False: no rate leads there. */
static bool fee_of(struct desk *d, const struct pair *p, const struct pair_leg *l,
		   const struct rescue_trade *t, bool maker, int64_t *out_e8)
{
	const struct instrument *in = &d->instrument[l->instrument];
	const struct rule *r = desk_rule(d, l->instrument);
	enum side side = (enum side)t->side;
	int64_t today = closes_today(d, p, l, side, t->qty);
	asset_id asset = in->quote;
	int64_t fee = 0;
	if (today)
		fee += instrument_fee_e8(in, r, side, today, t->at_px, maker, true, &asset);
	if (t->qty > today)
		fee += instrument_fee_e8(in, r, side, t->qty - today, t->at_px, maker, false,
					 &asset);
	if (r->fee.in == FEE_IN_FIXED) /* then the amount is its value in the quote currency */
		asset = in->quote;
	if (asset == in->base) { /* worth what it is traded at */
		fee = dec_muldiv(fee, t->at_px, dec_pow10[in->px_dp], DEC_UP);
		asset = in->quote;
	}
	*out_e8 = fee;
	return money_convert(d, p->instance, asset, money_of(d, p->instance), out_e8);
}

/* What the price may do against it while the way waits: one standard deviation over that time, on all of it, weighed by the aversion. */
static bool wait_for(struct desk *d, const struct pair *p, const struct pair_leg *l,
		     const struct rescue_trade *t, enum rescue_way way, struct rescue_way_out *w)
{
	const struct instrument *in = &d->instrument[l->instrument];
	int64_t over_ns = ladder_left_ns(d, p, way);
	if (!vol_known(&d->vol[l->instrument]))
		return false;
	int64_t move = vol_move_px(&d->vol[l->instrument], over_ns);
	int64_t risk = dec_abs(instrument_notional_e8(in, t->qty, move));
	risk = dec_muldiv(risk, d->cfg->instance[p->instance].rescue.risk_aversion_ppm, 1000000,
			  DEC_UP);
	w->priced &= money_convert(d, p->instance, in->quote, money_of(d, p->instance), &risk);
	w->waiting_e8 += risk;
	return true;
}

/* What the trade is priced at: the depth for what crosses, its own limit for what rests, the trigger for what waits for it. Returns the quantity that is sure. */
static int64_t price_at(struct desk *d, const struct pair_leg *l, enum rescue_way way,
			struct rescue_trade *t)
{
	enum side side = (enum side)t->side;
	int64_t top = desk_top(d, l->instrument)->q.px[side ^ 1];
	t->at_px = rescue_rests(way) ? t->px : way == RESCUE_WAIT && l->ref_px ? l->ref_px : top;
	if (rescue_rests(way) || way == RESCUE_WAIT)
		return t->qty;
	__int128 value;
	int64_t worst;
	int64_t seen = reach_walk(d, l->instrument, side ^ 1, t->qty, t->px, &value, &worst);
	t->seen_qty = seen;
	if (reach_shallow(d, l->instrument, side ^ 1))
		return t->qty;
	/* What is not shown may cost as much as the limit allows. */
	value += (__int128)t->px * (t->qty - seen);
	t->at_px = (int64_t)(value / t->qty);
	return seen;
}

static void add_cost(struct desk *d, const struct pair *p, unsigned leg, enum rescue_way way,
		     struct rescue_way_out *w)
{
	const struct pair_leg *l = &p->leg[leg];
	const struct instrument *in = &d->instrument[l->instrument];
	struct rescue_trade *t = &w->trade[leg];
	int64_t top = desk_top(d, l->instrument)->q.px[t->side ^ 1];
	int64_t against = l->ref_px ? l->ref_px : top;
	int64_t adverse = t->side == SIDE_BUY ? t->at_px - against : against - t->at_px;
	bool rests = rescue_rests(way) && (t->side == SIDE_BUY ? t->px < top : t->px > top);
	t->slip_e8 = instrument_notional_e8(in, t->qty, adverse);
	w->priced &=
		money_convert(d, p->instance, in->quote, money_of(d, p->instance), &t->slip_e8);
	w->priced &= fee_of(d, p, l, t, rests, &t->fee_e8);
	w->slip_e8 += t->slip_e8;
	w->fee_e8 += t->fee_e8;
}

/* To the nearest lot: half a lot more or less is the remainder that is carried. */
static int64_t tradable_qty(const struct instrument *in, const struct rule *r, enum side side,
			    int64_t base_e8, int64_t ref_px, int64_t px)
{
	int64_t qty = desk_order_qty(in, r, side, base_e8, ref_px);
	if (qty < r->min_qty ||
	    dec_abs(instrument_notional_e8(in, qty, px ? px : ref_px)) < r->min_notional_e8)
		return 0;
	return r->max_qty && qty > r->max_qty ? dec_to_step(r->max_qty, r->lot, DEC_DOWN) : qty;
}

/* Prices one leg's trade of delta base units (signed) for a way, at the limits of another (a remainder pays what unwinding may). */
static void price_leg(struct desk *d, const struct pair *p, unsigned leg, int64_t delta_base_e8,
		      enum rescue_way way, enum rescue_way limits, int64_t *sure_qty,
		      struct rescue_way_out *w)
{
	const struct pair_leg *l = &p->leg[leg];
	const struct instrument *in = &d->instrument[l->instrument];
	const struct rule *r = desk_rule(d, l->instrument);
	enum side side = delta_base_e8 > 0 ? SIDE_BUY : SIDE_SELL;
	int64_t px = desk_top(d, l->instrument)->q.px[side ^ 1];
	struct rescue_trade *t = &w->trade[leg];
	*sure_qty = 0;
	enum held_cause why = r ? HELD_NONE : HELD_NO_MARKET;
	if (r)
		*t = (struct rescue_trade){ .side = (uint8_t)side,
					    .qty = tradable_qty(in, r, side, dec_abs(delta_base_e8),
								l->ref_px ? l->ref_px : px, px) };
	if (t->qty) {
		why = obstacle(d, l, r, side, way);
		if (!why)
			why = set_limit(d, p, l, limits, t);
		if (!why) {
			*sure_qty = price_at(d, l, way, t);
			add_cost(d, p, leg, way, w);
			if ((rescue_rests(way) || way == RESCUE_WAIT) &&
			    !wait_for(d, p, l, t, way, w))
				why = HELD_UNMEASURED;
		}
	}
	if (why) {
		t->at_px = px; /* where the market stands: its receipt says so beside its limit */
		w->possible = false;
		if (!w->why_not)
			w->why_not = (uint8_t)why;
	}
}

/* What a trade adds to the holding: a fee that is taken in the base is not in it. */
static int64_t received_base_e8(const struct instrument *in, const struct rule *r, enum side side,
				int64_t qty, int64_t px)
{
	asset_id asset;
	int64_t base = instrument_base_e8(in, qty, px);
	int64_t fee = instrument_fee_e8(in, r, side, qty, px, false, false, &asset);
	if (in->expo.kind != EXPO_SPOT || asset != in->base)
		fee = 0;
	return (side == SIDE_BUY ? base : -base) - fee;
}

/* Prices a trade of each leg by its delta of base units; returns what is left unhedged when all of it fills. trimmed: the leg that only takes up a
 * remainder, at the prices that unwinding may pay; LEG_MAX: none. */
static int64_t price_deltas(struct desk *d, const struct pair *p, enum rescue_way way,
			    const int64_t *delta_base_e8, unsigned trimmed,
			    struct rescue_way_out *w)
{
	int64_t left = 0, left_sure = 0;
	bool any = false;
	memset(w, 0, offsetof(struct rescue_way_out, trade) + p->n_legs * sizeof w->trade[0]);
	w->offered = w->possible = w->priced = true;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct instrument *in = &d->instrument[leg->instrument];
		const struct rule *r = desk_rule(d, leg->instrument);
		const struct rescue_trade *t = &w->trade[l];
		int64_t sure_qty, has = pair_leg_base_e8(leg, in);
		/* What a leg has too much of goes back as when unwinding, at the market. */
		bool back = way == RESCUE_COMPLETE &&
			    (leg->side == SIDE_BUY ? delta_base_e8[l] < 0 : delta_base_e8[l] > 0);
		price_leg(d, p, l, delta_base_e8[l], way,
			  back || l == trimmed ? RESCUE_UNWIND : way, &sure_qty, w);
		left += has;
		left_sure += has;
		if (!r || !t->qty)
			continue;
		any = true;
		left += received_base_e8(in, r, (enum side)t->side, t->qty, leg->ref_px);
		if (sure_qty)
			left_sure +=
				received_base_e8(in, r, (enum side)t->side, sure_qty, leg->ref_px);
	}
	w->left_base_e8 = dec_abs(left_sure);
	w->short_base_e8 = dec_abs(left);
	w->possible &= any;
	return left;
}

/* Brings every leg to the same progress: completing raises the laggards to the leader, unwinding takes the leaders back to the last. A coarse
 * leg can only be moved by whole lots: what that leaves over, the leg with the finest lot takes up. */
void rescue_price(struct desk *d, const struct pair *p, enum rescue_way way, int64_t goal_ppb,
		  int64_t tolerance_base_e8, struct rescue_way_out *w)
{
	int64_t delta[LEG_MAX];
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		int64_t want =
			dec_muldiv(p->target_base_e8, leg->ratio_num, leg->ratio_den, DEC_NEAREST);
		int64_t goal = dec_muldiv(want, goal_ppb, RESCUE_PPB, DEC_NEAREST) *
			       (leg->side == SIDE_BUY ? 1 : -1);
		delta[l] = goal - pair_leg_base_e8(leg, &d->instrument[leg->instrument]);
	}
	int64_t left = price_deltas(d, p, way, delta, LEG_MAX, w);
	if (dec_abs(left) > tolerance_base_e8) {
		unsigned fine = draft_finest_leg(d, p);
		bool idle = w->trade[fine].qty == 0;
		delta[fine] = (idle ? 0 : delta[fine]) - left;
		price_deltas(d, p, way, delta, idle ? fine : LEG_MAX, w);
	}
	w->cost_e8 = w->slip_e8 + w->fee_e8 + w->waiting_e8;
}
