/* lane_venue - the venues' end of the lane: what arrives meets the matching core, and what comes of it is booked on its trigger. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "tests/bench/outcome/lane_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a trigger has come to */

int64_t lane_open_qty(const struct lane *l, const struct lane_trigger *t)
{
	int64_t open = t->net_qty[0] + t->net_qty[1];
	return dec_abs(open) < l->tape->lot ? 0 : open;
}

static void book(struct lane *l, const struct lane_order *o, const struct exchange_trade *t)
{
	struct lane_trigger *g = &l->trigger[o->trigger];
	int64_t naked = dec_abs(lane_open_qty(l, g));
	if (naked) {
		int64_t ns = l->now_ns - g->naked_since_ns;
		g->naked_ns += ns;
		g->naked_qty_ns_e9 += (int64_t)((__int128)naked * ns / 1000000000);
	}
	g->naked_since_ns = l->now_ns;
	bool buys = o->side == SIDE_BUY;
	g->net_qty[o->leg] += buys ? t->qty : -t->qty;
	g->cash_e8 += buys ? -t->value_e8 : t->value_e8;
	g->fees_e8 += t->fee_e8;
	g->traded = true;
	if (o->nth) {
		int64_t ref = lane_money_e8(l, t->qty, g->ref_px[o->leg]);
		g->later_e8 += (buys ? t->value_e8 - ref : ref - t->value_e8) + t->fee_e8;
	}
}

static void on_event(void *owner, const struct exchange_event *e)
{
	struct lane_venue *v = owner;
	struct lane *l = v->lane;
	if (e->kind > EVENT_EXPIRED)
		return;
	uint32_t at = (uint32_t)strtoul(e->order.client, NULL, 10);
	struct lane_order *o = &l->order[at];
	struct lane_report r = { .order = at, .cum = e->order.cum };
	o->venue_id = e->order.id;
	o->cum = e->order.cum;
	o->working = e->kind == EVENT_NEW || (e->kind == EVENT_TRADE && o->cum < o->qty);
	if (e->kind == EVENT_TRADE) {
		book(l, o, &e->trade);
		r.kind = REPORT_FILL;
		r.px = e->trade.px;
		r.qty = e->trade.qty;
		r.fee_e8 = e->trade.fee_e8;
		r.trade = e->trade.trade;
	} else {
		r.kind = e->kind == EVENT_NEW ? REPORT_ACK : REPORT_ENDED;
	}
	lane_tell(l, &r);
}

/* ---- what arrives */

static enum outcome try_place(struct lane *l, uint32_t at, enum ord_type type)
{
	struct lane_order *o = &l->order[at];
	struct lane_venue *v = &l->venue[o->leg];
	struct knobs_config *c = &v->knobs.config;
	struct exchange_request q = {
		.side = o->side, .type = (uint8_t)type, .tif = o->tif, .px = o->px, .qty = o->qty
	};
	const struct exchange_order *made;
	snprintf(q.client, sizeof q.client, "%u", at);
	c->ppm[FAULT_REJECT] = o->sure ? 0 : l->c.reject_ppm;
	c->ppm[FAULT_PARTIAL] = o->sure ? 0 : l->c.partial_ppm;
	struct knobs_config same = *c;
	must(knobs_init(&v->knobs, &same, lane_luck(l, o->trigger, o->leg, o->nth, 3), 0) == 0);
	o->arrived = true;
	return exchange_place(&v->x, l->now_ns, &q, &made);
}

static void place(struct lane *l, uint32_t at)
{
	if (l->trigger[l->order[at].trigger].closed)
		lane_tell(l, &(struct lane_report){ .kind = REPORT_REJECTED, .order = at });
	else if (try_place(l, at, ORD_LIMIT) != OUT_OK)
		lane_tell(l, &(struct lane_report){ .kind = REPORT_REJECTED, .order = at });
}

static void cancel(struct lane *l, uint32_t at)
{
	const struct lane_order *o = &l->order[at];
	const struct exchange_order *gone;
	if (!o->arrived || exchange_cancel(&l->venue[o->leg].x, l->now_ns, 0, 0, o->venue_id, NULL,
					   &gone) != OUT_OK)
		lane_tell(l, &(struct lane_report){
				     .kind = REPORT_TOO_LATE, .order = at, .cum = o->cum });
}

static void peek(struct lane *l, uint32_t trigger, unsigned leg)
{
	struct lane_trigger *g = &l->trigger[trigger];
	struct match_estimate e = match_estimate(&l->venue[leg].x.book[0], (enum side)g->side[leg],
						 false, 0, l->tape->qty);
	g->peek_qty[leg] = e.qty;
	g->peek_px_qty[leg] = (int64_t)e.px_qty;
	g->peek_px[leg] = e.worst_px;
}

void venue_meet(struct lane *l, const struct lane_message *m)
{
	switch ((enum message_kind)m->kind) {
	case MESSAGE_PLACE:
		place(l, m->order);
		break;
	case MESSAGE_CANCEL:
		cancel(l, m->order);
		break;
	case MESSAGE_QUERY:
		lane_tell(l, &(struct lane_report){ .kind = REPORT_STATUS,
						    .working = l->order[m->order].working,
						    .order = m->order,
						    .cum = l->order[m->order].cum });
		break;
	case MESSAGE_PEEK:
		peek(l, m->trigger, m->leg);
		break;
	case MESSAGE_LOOK: {
		struct lane_trigger *g = &l->trigger[m->trigger];
		g->late = lane_open_qty(l, g) != 0;
		break;
	}
	default:
		must(0 && "not the venue's");
	}
}

/* The bound is reached: nothing of it works any more, and what leads is taken back at the market. */
void venue_close_out(struct lane *l, uint32_t trigger)
{
	struct lane_trigger *g = &l->trigger[trigger];
	uint32_t n = l->n_orders;
	int tries = 0; /* more: the book is empty */
	const struct exchange_order *gone;
	for (uint32_t i = 0; i < n; i++)
		if (l->order[i].trigger == trigger && l->order[i].working)
			exchange_cancel(&l->venue[l->order[i].leg].x, l->now_ns, 0, 0,
					l->order[i].venue_id, NULL, &gone);
	for (int64_t open; (open = lane_open_qty(l, g)) && tries++ < 3;) {
		unsigned leg = dec_abs(g->net_qty[1]) > dec_abs(g->net_qty[0]);
		int64_t lot = l->tape->market[leg].lot;
		g->forced = true;
		uint8_t side = open > 0 ? SIDE_SELL : SIDE_BUY;
		uint32_t at =
			lane_order_add(l, &(struct lane_order){ .trigger = trigger,
								.nth = g->orders[leg],
								.leg = (uint8_t)leg,
								.side = side,
								.tif = TIF_IOC,
								.sure = true,
								.qty = dec_abs(open) / lot * lot });
		try_place(l, at, ORD_MARKET);
	}
	g->closed = true;
}

void venue_market(struct lane *l, unsigned market)
{
	const struct tape_event *e = &l->tape->market[market].event[l->seen[market]++];
	struct exchange *x = &l->venue[market].x;
	switch ((enum source_kind)e->kind) {
	case SOURCE_SNAPSHOT:
		exchange_market_snapshot(x, 0, l->now_ns, &e->depth);
		break;
	case SOURCE_DEPTH:
		exchange_market_depth(x, 0, l->now_ns, &e->depth);
		break;
	case SOURCE_QUOTE:
		exchange_market_quote(x, 0, l->now_ns, &e->quote);
		break;
	case SOURCE_TRADE:
		exchange_market_trade(x, 0, l->now_ns, &e->trade);
		break;
	case SOURCE_OTHER:
	case source_kind_max:
		break;
	}
}

/* ---- beginning and end */

int venue_open(struct lane *l, unsigned market, int64_t deposit_e8)
{
	struct lane_venue *v = &l->venue[market];
	struct knobs_config quiet;
	*v = (struct lane_venue){ .lane = l };
	snprintf(v->account.name, sizeof v->account.name, "bench");
	v->account.n_deposits = 2;
	v->account.deposit[0].asset = l->instrument[0].base;
	v->account.deposit[1].asset = l->instrument[0].quote;
	v->account.deposit[0].amount_e8 = v->account.deposit[1].amount_e8 = deposit_e8;
	v->config = (struct exchange_config){ .kind = MARKET_SPOT,
					      .assets = &l->assets,
					      .instrument = &l->instrument[market],
					      .account = &v->account,
					      .n_instruments = 1,
					      .n_accounts = 1,
					      .max_levels = 8192,
					      .max_resting = 512,
					      .max_orders = 8192,
					      .max_trades = 8192 };
	snprintf(v->config.name, sizeof v->config.name, "%s", l->tape->market[market].name);
	knobs_config_init(&quiet);
	int rc = knobs_init(&v->knobs, &quiet, 1, 0);
	return rc ? rc : exchange_init(&v->x, &v->config, &v->knobs, 0, on_event, v);
}

void venue_shut(struct lane *l, unsigned market)
{
	if (l->venue[market].x.book)
		exchange_free(&l->venue[market].x);
}
