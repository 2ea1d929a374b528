#include "tests/bench/outcome/lane.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "tests/bench/outcome/lane_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000LL
#define DEPOSIT	  5000000000LL /* of either asset: nothing is ever short of money */

enum { LEVELS = 256 };

/* ---- memory and numbers */

void *lane_grow(void *array, uint32_t *cap, size_t size)
{
	*cap = *cap ? 2 * *cap : 256;
	void *more = realloc(array, *cap * size);
	must(more);
	return more;
}

uint64_t lane_luck(const struct lane *l, uint32_t trigger, unsigned leg, uint32_t nth,
		   unsigned what)
{
	struct rng r;
	rng_seed(&r, l->c.seed ^ (uint64_t)trigger << 24 ^ (uint64_t)nth << 8 ^ leg << 4 ^ what);
	return rng_next(&r);
}

int64_t lane_money_e8(const struct lane *l, int64_t qty, int64_t px)
{
	return instrument_notional_e8(&l->instrument[0], qty, px);
}

int64_t lane_fee_e8(const struct lane *l, unsigned market, int64_t qty, int64_t px)
{
	const struct instrument *i = &l->instrument[market];
	asset_id asset;
	return instrument_fee_e8(i, &i->rule[0], SIDE_BUY, qty, px, false, false, &asset);
}

int64_t lane_ledger_e8(const struct lane *l, unsigned market, bool base)
{
	const struct funds_money *m =
		&exchange_funds(&l->venue[market].x, 0)
			 ->money[base ? l->instrument[0].base : l->instrument[0].quote];
	return m->free_e8 + m->locked_e8 - DEPOSIT * dec_pow10[8];
}

/* ---- messages under way, earliest first */

static bool before(const struct lane_message *a, const struct lane_message *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->seq < b->seq;
}

static void put(struct lane *l, struct lane_message m)
{
	if (l->n_heap == l->cap_heap) {
		uint32_t cap = (uint32_t)l->cap_heap;
		l->heap = lane_grow(l->heap, &cap, sizeof *l->heap);
		l->cap_heap = cap;
	}
	m.seq = l->n_messages++;
	size_t i = l->n_heap++;
	for (; i && before(&m, &l->heap[(i - 1) / 2]); i = (i - 1) / 2)
		l->heap[i] = l->heap[(i - 1) / 2];
	l->heap[i] = m;
}

static struct lane_message take(struct lane *l)
{
	struct lane_message first = l->heap[0], last = l->heap[--l->n_heap];
	size_t i = 0;
	for (size_t k; (k = 2 * i + 1) < l->n_heap; i = k) {
		k += k + 1 < l->n_heap && before(&l->heap[k + 1], &l->heap[k]);
		if (before(&last, &l->heap[k]))
			break;
		l->heap[i] = l->heap[k];
	}
	l->heap[i] = last;
	return first;
}

/* The way of an order or of its n-th report; what left first arrives first. */
static int64_t arrival(struct lane *l, unsigned market, enum lane_way way, uint64_t luck)
{
	int64_t base = way == WAY_IN ? l->c.in_ns[market] : l->c.out_ns[market];
	int64_t most = base * l->c.jitter_pct / 100;
	int64_t at = l->now_ns + base + (most ? (int64_t)(luck % (uint64_t)(most + 1)) : 0);
	int64_t *last = &l->venue[market].last_ns[way];
	*last = at > *last ? at : *last;
	return *last;
}

void lane_tell(struct lane *l, const struct lane_report *r)
{
	const struct lane_order *o = &l->order[r->order];
	uint64_t luck = lane_luck(l, o->trigger, o->leg, o->nth, 2);
	put(l, (struct lane_message){ .at_ns = arrival(l, o->leg, WAY_OUT, luck),
				      .kind = MESSAGE_REPORT,
				      .report = *r });
}

static void to_venue(struct lane *l, unsigned leg, enum message_kind kind, uint32_t trigger,
		     uint32_t order, uint32_t nth)
{
	put(l, (struct lane_message){
		       .at_ns = arrival(l, leg, WAY_IN, lane_luck(l, trigger, leg, nth, 1)),
		       .kind = (uint8_t)kind,
		       .leg = (uint8_t)leg,
		       .trigger = trigger,
		       .order = order });
}

uint32_t lane_order_add(struct lane *l, const struct lane_order *o)
{
	if (l->n_orders == l->cap_orders)
		l->order = lane_grow(l->order, &l->cap_orders, sizeof *l->order);
	l->order[l->n_orders] = *o;
	l->trigger[o->trigger].orders[o->leg]++;
	l->trigger[o->trigger].messages++;
	return l->n_orders++;
}

uint32_t lane_send(struct lane *l, uint32_t trigger, unsigned leg, enum side side, int64_t px,
		   int64_t qty, enum tif tif, bool sure, uint64_t ref)
{
	const struct lane_trigger *t = &l->trigger[trigger];
	if (t->closed || qty <= 0)
		return UINT32_MAX;
	uint32_t nth = t->orders[leg];
	uint32_t at = lane_order_add(l, &(struct lane_order){ .trigger = trigger,
							      .nth = nth,
							      .leg = (uint8_t)leg,
							      .side = (uint8_t)side,
							      .tif = (uint8_t)tif,
							      .sure = sure,
							      .px = px,
							      .qty = qty,
							      .ref = ref });
	to_venue(l, leg, MESSAGE_PLACE, trigger, at, nth);
	return at;
}

void lane_cancel(struct lane *l, uint32_t order)
{
	const struct lane_order *o = &l->order[order];
	l->trigger[o->trigger].messages++;
	to_venue(l, o->leg, MESSAGE_CANCEL, o->trigger, order, o->nth);
}

void lane_query(struct lane *l, uint32_t order)
{
	const struct lane_order *o = &l->order[order];
	l->trigger[o->trigger].messages++;
	to_venue(l, o->leg, MESSAGE_QUERY, o->trigger, order, o->nth);
}

void lane_peek(struct lane *l, uint32_t trigger, unsigned leg)
{
	to_venue(l, leg, MESSAGE_PEEK, trigger, 0, 0);
}

void lane_timer(struct lane *l, int64_t in_ns, uint64_t arg)
{
	put(l,
	    (struct lane_message){ .at_ns = l->now_ns + in_ns, .kind = MESSAGE_TIMER, .arg = arg });
}

/* ---- triggers */

/* What doing it now would bring for a unit beyond what is fair, fees taken off. */
static int64_t edge(const struct lane *l, unsigned sell)
{
	const struct quote *q[TAPE_MARKETS] = { lane_top(l, 0), lane_top(l, 1) };
	int64_t bid = q[sell]->px[SIDE_BUY], ask = q[sell ^ 1]->px[SIDE_SELL];
	int64_t fees = dec_muldiv(bid, l->tape->market[sell].taker_e8, dec_pow10[8], DEC_UP) +
		       dec_muldiv(ask, l->tape->market[sell ^ 1].taker_e8, dec_pow10[8], DEC_UP);
	return bid - ask - (sell ? -l->tape->fair : l->tape->fair) - fees;
}

static void fire(struct lane *l, unsigned sell)
{
	if (l->n_triggers == l->cap_triggers)
		l->trigger = lane_grow(l->trigger, &l->cap_triggers, sizeof *l->trigger);
	uint32_t at = l->n_triggers++;
	struct lane_trigger *t = &l->trigger[at];
	*t = (struct lane_trigger){ .at_ns = l->now_ns };
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		t->side[m] = m == sell ? SIDE_SELL : SIDE_BUY;
		t->ref_px[m] = lane_top(l, m)->px[t->side[m] ^ 1];
	}
	l->fired_ns = l->now_ns;
	l->fired[sell] = true;
	int64_t slow = l->c.in_ns[0] > l->c.in_ns[1] ? l->c.in_ns[0] : l->c.in_ns[1];
	put(l, (struct lane_message){ .at_ns = l->now_ns + slow + slow * l->c.jitter_pct / 100 + 1,
				      .kind = MESSAGE_LOOK,
				      .trigger = at });
	put(l, (struct lane_message){
		       .at_ns = l->now_ns + l->c.bound_ns, .kind = MESSAGE_CLOSE, .trigger = at });
	l->x->ops->on_trigger(l->x, l, at);
}

static void look(struct lane *l)
{
	for (unsigned sell = 0; sell < TAPE_MARKETS; sell++)
		l->fired[sell] &= edge(l, sell) >= (l->tape->open_px + 1) / 2;
	if (l->now_ns < l->c.from_ns || l->now_ns >= l->c.to_ns ||
	    l->now_ns - l->fired_ns < l->c.cool_ns)
		return;
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		if (l->feed[m].top.state != BOOK_LIVE)
			return;
	for (unsigned sell = 0; sell < TAPE_MARKETS; sell++)
		if (!l->fired[sell] && edge(l, sell) >= l->tape->open_px &&
		    lane_top(l, sell)->qty[SIDE_BUY] >= l->tape->qty &&
		    lane_top(l, sell ^ 1)->qty[SIDE_SELL] >= l->tape->qty) {
			fire(l, sell);
			return;
		}
}

/* ---- time */

static void market_shown(struct lane *l, unsigned m)
{
	const struct tape_event *e = &l->tape->market[m].event[l->shown[m]++];
	switch ((enum source_kind)e->kind) {
	case SOURCE_SNAPSHOT:
		feed_snapshot(&l->feed[m], &e->depth);
		break;
	case SOURCE_DEPTH:
		feed_depth(&l->feed[m], &e->depth);
		break;
	case SOURCE_QUOTE:
		feed_quote(&l->feed[m], &e->quote);
		break;
	case SOURCE_TRADE:
	case SOURCE_OTHER:
	case source_kind_max:
		return;
	}
	if (l->x->ops->on_market)
		l->x->ops->on_market(l->x, l, m, e);
	look(l);
}

static void heard(struct lane *l, const struct lane_report *r)
{
	struct lane_order *o = &l->order[r->order];
	if (r->kind == REPORT_FILL)
		o->heard += r->qty;
	o->ended |= r->kind == REPORT_ENDED || r->kind == REPORT_REJECTED ||
		    (r->kind == REPORT_FILL && o->heard >= o->qty);
	l->x->ops->on_report(l->x, l, r);
}

static void deliver(struct lane *l)
{
	struct lane_message m = take(l);
	switch ((enum message_kind)m.kind) {
	case MESSAGE_REPORT:
		heard(l, &m.report);
		break;
	case MESSAGE_TIMER:
		l->x->ops->on_timer(l->x, l, m.arg);
		break;
	case MESSAGE_CLOSE:
		venue_close_out(l, m.trigger);
		if (l->x->ops->on_closed)
			l->x->ops->on_closed(l->x, l, m.trigger);
		break;
	case MESSAGE_PLACE:
	case MESSAGE_CANCEL:
	case MESSAGE_QUERY:
	case MESSAGE_PEEK:
	case MESSAGE_LOOK:
		venue_meet(l, &m);
	}
}

/* At one moment messages go before the host's view, and that before the market's next event. */
static bool step(struct lane *l)
{
	int64_t next = l->n_heap ? l->heap[0].at_ns : INT64_MAX;
	int what = 0;
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		const struct tape_side *s = &l->tape->market[m];
		if (l->shown[m] < l->seen[m] &&
		    s->event[l->shown[m]].at_ns + l->c.feed_ns[m] < next) {
			next = s->event[l->shown[m]].at_ns + l->c.feed_ns[m];
			what = 1 + (int)m;
		}
	}
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		const struct tape_side *s = &l->tape->market[m];
		if (l->seen[m] < s->n && s->event[l->seen[m]].at_ns < next) {
			next = s->event[l->seen[m]].at_ns;
			what = 3 + (int)m;
		}
	}
	if (next == INT64_MAX)
		return false;
	l->now_ns = next;
	if (what == 0)
		deliver(l);
	else if (what < 3)
		market_shown(l, (unsigned)what - 1);
	else
		venue_market(l, (unsigned)what - 3);
	return true;
}

/* ---- beginning and end */

static int make_instruments(struct lane *l)
{
	const struct tape *t = l->tape;
	asset_id base = asset_intern(&l->assets, "BASE"), quote = asset_intern(&l->assets, "QUOTE");
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		struct instrument *i = &l->instrument[m];
		*i = (struct instrument){ .venue = (uint16_t)m,
					  .px_dp = t->px_dp,
					  .qty_dp = t->qty_dp,
					  .base = base,
					  .quote = quote,
					  .settle = quote,
					  .name_id = 1 + m,
					  .calendar = UINT16_MAX,
					  .expo = { EXPO_SPOT, 1, 1 } };
		snprintf(i->name, sizeof i->name, "%s", t->market[m].name);
		snprintf(i->symbol, sizeof i->symbol, "%s", t->market[m].name);
		i->caps.types = 1 << ORD_LIMIT | 1 << ORD_MARKET;
		i->caps.tifs = 1 << TIF_GTC | 1 << TIF_IOC;
		struct rule r = { .tick = t->market[m].tick,
				  .lot = t->market[m].lot,
				  .min_qty = t->market[m].lot };
		r.fee = (struct fee_rule){ .taker_e8 = t->market[m].taker_e8,
					   .maker_e8 = t->market[m].taker_e8,
					   .close_today_e8 = -1,
					   .close_today_per_lot_e8 = -1,
					   .in = FEE_IN_QUOTE };
		int rc = instrument_add_rule(i, &r);
		if (rc)
			return rc;
	}
	return 0;
}

static int open_pass(struct lane *l)
{
	const struct tape *t = l->tape;
	int rc = 0;
	l->n_triggers = l->n_orders = 0;
	l->n_heap = 0;
	l->now_ns = l->fired_ns = 0;
	memset(l->fired, 0, sizeof l->fired);
	memset(l->seen, 0, sizeof l->seen);
	memset(l->shown, 0, sizeof l->shown);
	for (unsigned m = 0; !rc && m < TAPE_MARKETS; m++) {
		const struct tape_side *s = &t->market[m];
		/* Best prices alone make a book whole: what lies long before the first trigger changes nothing. */
		while (!t->has_depth && l->seen[m] < s->n &&
		       s->event[l->seen[m]].at_ns < l->c.from_ns - 60 * SECOND_NS)
			l->seen[m]++;
		l->seen[m] -= l->seen[m] > 0;
		l->shown[m] = l->seen[m];
		struct feed_options o = { .join = s->join,
					  .depth_expected = t->has_depth,
					  .levels = LEVELS };
		rc = feed_init(&l->feed[m], &o, NULL);
		if (!rc)
			rc = venue_open(l, m, DEPOSIT * dec_pow10[8]);
	}
	return rc ? rc : l->x->ops->begin(l->x, l);
}

static void close_pass(struct lane *l)
{
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		feed_free(&l->feed[m]);
		venue_shut(l, m);
	}
}

int lane_run(struct lane *l, const struct lane_config *c, struct executor *x)
{
	*l = (struct lane){ .c = *c, .tape = c->tape, .x = x };
	l->c.cool_ns = c->cool_ns ? c->cool_ns : SECOND_NS;
	l->c.bound_ns = c->bound_ns ? c->bound_ns : 30 * SECOND_NS;
	int64_t last = tape_end_ns(c->tape) - l->c.bound_ns - 2 * SECOND_NS;
	l->c.to_ns = !c->to_ns || c->to_ns > last ? last : c->to_ns;
	l->venue = calloc(TAPE_MARKETS, sizeof *l->venue);
	int rc = l->venue ? make_instruments(l) : err_set(ERR_NOMEM, "no memory for two venues");
	for (bool again = true; again && !rc;) {
		close_pass(l);
		rc = open_pass(l);
		while (!rc && step(l))
			;
		again = !rc && x->ops->again && x->ops->again(x, l);
		if (x->ops->end)
			x->ops->end(x);
	}
	return rc;
}

void lane_free(struct lane *l)
{
	if (l->venue)
		close_pass(l);
	free(l->venue);
	free(l->trigger);
	free(l->order);
	free(l->heap);
	*l = (struct lane){ 0 };
}
