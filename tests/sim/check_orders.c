/* Orders and executions: what the receipts say of each against what the venue's books did with it (I3, I4, I5, I6, I15). */
#include "tests/sim/checker_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- open orders, by venue and in their instance's worst case ---- */

static void count_leaves(struct checker *c, struct check_order *o)
{
	int64_t *worst = &c->instance[o->instance].worst_e8[o->side];
	int64_t leaves = order_open((enum order_state)o->state) || o->state == ORDER_NEW
				 ? o->qty - o->cum
				 : 0;
	int64_t *of_leg = &c->pair[o->pair].leg[o->leg % LEG_MAX].open_qty[o->side];
	int64_t *of_account = &c->open_qty[o->account][o->instrument][o->side];
	leaves = leaves < 0 ? 0 : leaves;
	*of_leg += leaves - o->leaves_qty;
	*of_account += leaves - o->leaves_qty;
	o->leaves_qty = leaves;
	*worst -= o->leaves_base_e8;
	o->leaves_base_e8 = 0;
	if (leaves > 0) {
		int64_t base = check_base_e8(c, o->instrument, SIDE_BUY, leaves, o->px);
		o->leaves_base_e8 = base;
	}
	*worst += o->leaves_base_e8;
}

static void open_order(struct checker *c, struct check_order *o)
{
	struct check_venue *v = &c->venue[check_venue_of(c, o->instrument)];
	if (o->open_at || v->n_open == CHECK_OPEN)
		return;
	v->open[v->n_open++] = (uint32_t)(o - c->order);
	o->open_at = v->n_open;
	c->pair[o->pair].open++;
}

static void close_order(struct checker *c, struct check_order *o)
{
	struct check_venue *v = &c->venue[check_venue_of(c, o->instrument)];
	if (!o->open_at)
		return;
	uint32_t last = v->open[--v->n_open];
	v->open[o->open_at - 1] = last;
	c->order[last].open_at = o->open_at;
	o->open_at = 0;
	c->pair[o->pair].open--;
}

void check_orders_dropped(struct checker *c, const struct check_pair *p)
{
	for (unsigned v = 0; v < c->t.n_venues; v++)
		for (uint32_t i = c->venue[v].n_open; i-- > 0;) {
			struct check_order *o = &c->order[c->venue[v].open[i]];
			if (&c->pair[o->pair] != p)
				continue;
			if (o->state != ORDER_NEW || o->sent)
				check_fail(c, 7, p, o->id,
					   "its pair is refused, and it is on its way");
			o->state = ORDER_REJECTED;
			close_order(c, o);
			count_leaves(c, o);
		}
}

/* ---- receipts ---- */

static void on_intent(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	if (!p) {
		check_fail(c, 6, NULL, f->order,
			   "an order is intended for a pair that no receipt has told of");
		return;
	}
	if (check_order_of(c, f->order)) {
		check_fail(c, 3, p, f->order, "the id of an order is used a second time");
		return;
	}
	if (c->n_orders == CHECK_ORDERS || !f->instrument || f->instrument > c->t.n_instruments ||
	    f->instrument >= CHECK_INSTRUMENTS || f->account >= CHECK_ACCOUNTS || f->leg >= LEG_MAX)
		return;
	struct check_order *o = &c->order[c->n_orders];
	*o = (struct check_order){ .id = f->order,
				   .pair = (uint32_t)(p - c->pair),
				   .leg = f->leg,
				   .side = f->side,
				   .state = ORDER_NEW,
				   .tif = (uint8_t)f->num[1],
				   .rescue = f->num[2] != 0,
				   .role = (uint8_t)f->num[2],
				   .instrument = (uint8_t)f->instrument,
				   .account = (uint8_t)f->account,
				   .instance = (uint8_t)f->instance,
				   .px = f->px,
				   .qty = f->qty };
	map_put(&c->order_of, f->order, c->n_orders++);
	c->n.orders++;
	open_order(c, o);
	count_leaves(c, o);
	if (f->qty <= 0)
		check_fail(c, 4, p, f->order, "an order for %lld is intended", (long long)f->qty);
}

static bool terminal(uint8_t s)
{
	return order_terminal((enum order_state)s);
}

/* What a receipt says the order has become. A terminal state is left for another one only, by a late fill or a bust (I5). */
static void move(struct checker *c, struct check_order *o, const struct fact *f)
{
	bool late = f->kind == FACT_FILL || f->kind == FACT_BUST || f->kind == FACT_STATUS;
	if (f->state >= order_state_max) {
		check_fail(c, 5, &c->pair[o->pair], o->id, "state %u is none", f->state);
		return;
	}
	if (terminal(o->state) && !terminal(f->state))
		check_fail(c, 5, &c->pair[o->pair], o->id,
			   "%s after %s: a state that ends is left by a %s",
			   order_state_name((enum order_state)f->state),
			   order_state_name((enum order_state)o->state),
			   fact_kind_name((enum fact_kind)f->kind));
	else if (terminal(o->state) && o->state != f->state && !late)
		check_fail(c, 5, &c->pair[o->pair], o->id, "%s becomes %s by a %s",
			   order_state_name((enum order_state)o->state),
			   order_state_name((enum order_state)f->state),
			   fact_kind_name((enum fact_kind)f->kind));
	if (terminal(f->state) && !terminal(o->state) && o->accepted && !o->ended &&
	    o->true_cum < o->qty)
		check_fail(c, 5, &c->pair[o->pair], o->id,
			   "it is %s by a %s, and the venue has it open with %lld of %lld filled",
			   order_state_name((enum order_state)f->state),
			   fact_kind_name((enum fact_kind)f->kind), (long long)o->true_cum,
			   (long long)o->qty);
	else if (terminal(f->state) && !terminal(o->state) && o->cum != o->true_cum)
		check_fail(c, 4, &c->pair[o->pair], o->id,
			   "it is %s by a %s with %lld filled, the venue has filled %lld",
			   order_state_name((enum order_state)f->state),
			   fact_kind_name((enum fact_kind)f->kind), (long long)o->cum,
			   (long long)o->true_cum);
	if (terminal(f->state) && !terminal(o->state))
		o->ended_turn = f->turn;
	struct check_venue *v = &c->venue[check_venue_of(c, o->instrument)];
	v->n_cancelling +=
		(uint32_t)(f->state == ORDER_CANCELLING) - (uint32_t)(o->state == ORDER_CANCELLING);
	o->state = f->state;
	if (terminal(o->state))
		close_order(c, o);
	count_leaves(c, o);
}

static uint64_t trade_key(unsigned venue, uint64_t order, uint64_t trade, unsigned instrument,
			  unsigned side)
{
	struct {
		uint64_t order, trade;
		uint32_t venue, instrument, side, zero;
	} k = { order, trade, venue, instrument, side, 0 };
	return map_hash_bytes(&k, sizeof k);
}

static void on_fill(struct checker *c, struct check_order *o, const struct fact *f)
{
	struct check_pair *p = &c->pair[o->pair];
	uint32_t at;
	uint64_t key =
		trade_key(check_venue_of(c, o->instrument), strtoull(f->venue_order, NULL, 10),
			  strtoull(f->exec, NULL, 10), o->instrument, f->side);
	if (!map_get(&c->trade_of, key, &at)) {
		check_fail(c, 4, p, o->id,
			   "a fill is booked (order %s, execution %s) that the venue never made",
			   f->venue_order, f->exec);
		return;
	}
	struct check_trade *t = &c->trade[at];
	if (t->booked)
		check_fail(c, 4, p, o->id, "execution %s is booked twice", f->exec);
	else if (t->order != (uint32_t)(o - c->order))
		check_fail(c, 4, p, o->id, "execution %s is booked to another order", f->exec);
	if (t->px != f->px || t->qty != f->qty)
		check_fail(c, 4, p, o->id,
			   "execution %s was %lld at %lld, and %lld at %lld is booked", f->exec,
			   (long long)t->qty, (long long)t->px, (long long)f->qty,
			   (long long)f->px);
	p->unbooked -= !t->booked && p->unbooked;
	check_books_booked(c, t);
	t->booked = true;
	o->cum += f->qty;
	if (f->num[0] != o->cum)
		check_fail(c, 4, p, o->id, "its fills sum up to %lld, the receipt says %lld",
			   (long long)o->cum, (long long)f->num[0]);
	if (o->cum > o->qty)
		c->over_order = o->id;
	int64_t qty = f->side == SIDE_BUY ? f->qty : -f->qty;
	c->position[o->account][o->instrument] += qty;
	c->instance[o->instance].qty[o->account][o->instrument] += qty;
	p->leg[o->leg].qty += qty;
	const struct instrument *in = &c->t.instrument[o->instrument - 1];
	int64_t base = check_base_e8(c, o->instrument, (enum side)f->side, f->qty, f->px);
	if (in->expo.kind == EXPO_SPOT && f->fee_asset == (uint32_t)in->base + 1)
		base -= f->fee_e8;
	check_pairs_booked(c, p, o->leg, base);
}

static void on_sent(struct checker *c, struct check_order *o, const struct fact *f)
{
	struct check_pair *p = &c->pair[o->pair];
	uint64_t named = strncmp(f->exec, "TDM", 3) == 0 ? strtoull(f->exec + 3, NULL, 16) : 0;
	if (o->sent)
		check_fail(c, 3, p, o->id, "it is sent a second time");
	if (named != o->id)
		check_fail(c, 3, p, o->id, "it goes out under the name %s", f->exec);
	o->sent = true;
}

/* A cancel that is under way is not repeated before its answer can be there (I13). */
static void on_cancel(struct checker *c, struct check_order *o, const struct fact *f)
{
	if (o->state == ORDER_CANCELLING && f->mono_ns - o->cancel_ns < c->t.answer_ns)
		check_fail(c, 13, &c->pair[o->pair], o->id,
			   "it is cancelled again %lld ns after the last time",
			   (long long)(f->mono_ns - o->cancel_ns));
	o->cancel_ns = f->mono_ns;
}

/* Somebody else's trade, whole or a part of it (a position closed by force is taken from all who hold it): the venue made it, and it is counted once. */
static void on_foreign(struct checker *c, const struct fact *f)
{
	uint32_t at;
	uint64_t key =
		trade_key(check_venue_of(c, f->instrument), strtoull(f->venue_order, NULL, 10),
			  strtoull(f->exec, NULL, 10), f->instrument, f->side);
	if (f->account >= CHECK_ACCOUNTS || f->instrument >= CHECK_INSTRUMENTS)
		return;
	c->n.foreign++;
	if (!map_get(&c->trade_of, key, &at)) {
		check_fail(
			c, 4, NULL, f->order,
			"a foreign fill is booked (order %s, execution %s) that the venue never made",
			f->venue_order, f->exec);
		return;
	}
	struct check_trade *t = &c->trade[at];
	t->foreign_qty += f->qty;
	if (t->booked || t->foreign_qty > t->qty || t->px != f->px)
		check_fail(c, 4, NULL, f->order,
			   "the foreign execution %s is booked wrongly: %lld of %lld%s", f->exec,
			   (long long)t->foreign_qty, (long long)t->qty,
			   t->booked ? ", and to an order" : "");
	if (t->foreign_qty == t->qty)
		check_books_booked(c, t);
	int64_t qty = f->side == SIDE_BUY ? f->qty : -f->qty;
	c->position[f->account][f->instrument] += qty;
	int64_t base = check_base_e8(c, f->instrument, (enum side)f->side, f->qty, f->px);
	if (f->instance < CHECK_INSTANCES)
		c->instance[f->instance].qty[f->account][f->instrument] += qty;
	if (f->instance && f->instance < CHECK_INSTANCES)
		c->instance[f->instance].base_e8 += base;
}

/* An operator's word on a difference moves the books without a trade. */
static void on_reconciled(struct checker *c, const struct fact *f)
{
	if (!f->instrument || f->account >= CHECK_ACCOUNTS || f->instrument >= CHECK_INSTRUMENTS)
		return;
	c->position[f->account][f->instrument] += f->num[2] + f->num[3];
	c->instance[0].qty[f->account][f->instrument] += f->num[3];
	if (f->instance < CHECK_INSTANCES)
		c->instance[f->instance].qty[f->account][f->instrument] += f->num[2];
	if (f->num[2] && f->instance && f->instance < CHECK_INSTANCES)
		c->instance[f->instance].base_e8 +=
			check_base_e8(c, f->instrument, f->num[2] > 0 ? SIDE_BUY : SIDE_SELL,
				      f->num[2] > 0 ? f->num[2] : -f->num[2], f->px);
}

void check_orders_fact(struct checker *c, const struct fact *f)
{
	struct check_order *o;
	if (c->over_order && f->kind != FACT_ALERT && f->kind != FACT_FILL &&
	    f->order != c->over_order) {
		check_fail(c, 4, NULL, c->over_order,
			   "more than was ordered has filled, and nobody is told");
		c->over_order = 0;
	}
	switch ((enum fact_kind)f->kind) {
	case FACT_ORDER:
		on_intent(c, f);
		return;
	case FACT_FOREIGN:
		on_foreign(c, f);
		return;
	case FACT_RECONCILE:
		on_reconciled(c, f);
		return;
	case FACT_ALERT:
		c->over_order = 0;
		c->n.alerts++;
		return;
	case FACT_SENT:
	case FACT_ACK:
	case FACT_FILL:
	case FACT_CANCEL:
	case FACT_CANCELLED:
	case FACT_CANCEL_REJECTED:
	case FACT_REJECTED:
	case FACT_WITHDRAWN:
	case FACT_UNKNOWN:
	case FACT_BUST:
	case FACT_QUERY:
	case FACT_STATUS:
		break;
	case FACT_REPLACED:
		o = check_order_of(c, f->order);
		if (o && !f->num[3]) {
			o->px = f->px;
			o->qty = f->qty;
		}
		break;
	default: /* ORDER_KEPT among them: it tells again of one that has ended */
		return;
	}
	o = check_order_of(c, f->order);
	if (!o) {
		check_fail(c, 6, check_pair_of(c, f->pair), f->order,
			   "a %s of an order that was never intended",
			   fact_kind_name((enum fact_kind)f->kind));
		return;
	}
	if (f->kind == FACT_SENT)
		on_sent(c, o, f);
	if (f->kind == FACT_FILL)
		on_fill(c, o, f);
	if (f->kind == FACT_CANCEL)
		on_cancel(c, o, f);
	if (f->kind == FACT_WITHDRAWN && (o->sent || o->accepted))
		check_fail(c, 7, &c->pair[o->pair], o->id, "it is withdrawn, and is on its way");
	/* An order may have ended already when the receipt of its sending is written: the venue refused it from within the call. */
	if (f->kind != FACT_SENT || !terminal(o->state))
		move(c, o, f);
}

/* ---- the venue's books ---- */

static struct check_order *ours(struct checker *c, const char *client)
{
	return strncmp(client, "TDM", 3) == 0 ? check_order_of(c, strtoull(client + 3, NULL, 16))
					      : NULL;
}

/* It is in the venue's book: its intent must have been durable before its first byte, and those of all legs with it (I6); once and no more (I3). */
static void on_new(struct checker *c, const struct exchange_event *e, unsigned instrument,
		   unsigned account)
{
	if (strncmp(e->order.client, "TDM", 3) != 0)
		return;
	struct check_order *o = ours(c, e->order.client);
	if (!o) {
		check_fail(c, 6, NULL, strtoull(e->order.client + 3, NULL, 16),
			   "the venue has an order %s that no receipt intends", e->order.client);
		return;
	}
	struct check_pair *p = &c->pair[o->pair];
	if (o->accepted)
		check_fail(c, 3, p, o->id, "the venue has it a second time");
	if (terminal(o->state))
		check_fail(c, 3, p, o->id, "the venue takes an order that the host believes %s",
			   order_state_name((enum order_state)o->state));
	if (p->legs_told != (1u << p->n_legs) - 1)
		check_fail(c, 6, p, o->id,
			   "a leg is at the venue before all legs of its pair are in the journal");
	if (o->instrument != instrument || o->account != account || o->side != e->order.side ||
	    o->qty != e->order.qty || (e->order.px && o->px != e->order.px))
		check_fail(c, 6, p, o->id,
			   "the venue has another order than the one that was intended");
	o->accepted = true;
	o->venue_id = e->order.id;
}

/* One trade with accounts of ours on both sides: a group has traded with itself (I15). */
static void own_cross(struct checker *c, unsigned instrument, const struct exchange_event *e,
		      const struct check_order *o)
{
	uint64_t key = trade_key(99, 0, e->trade.trade, instrument, 0);
	uint32_t at;
	if (!map_get(&c->cross_of, key, &at)) {
		map_put(&c->cross_of, key, c->n_trades);
		return;
	}
	c->n.own_crosses++;
	const struct check_order *other =
		c->trade[at].order == CHECK_NONE ? NULL : &c->order[c->trade[at].order];
	if (o && other && c->t.group_of[o->account] == c->t.group_of[other->account])
		check_fail(c, 15, &c->pair[o->pair], o->id,
			   "accounts of one group trade with each other");
}

static void on_trade(struct checker *c, unsigned venue, const struct exchange_event *e,
		     unsigned instrument, unsigned account)
{
	struct check_order *o = ours(c, e->order.client);
	if (c->n_trades == CHECK_TRADES)
		return;
	own_cross(c, instrument, e, o);
	c->n.trades++;
	c->true_position[account][instrument] +=
		e->trade.side == SIDE_BUY ? e->trade.qty : -e->trade.qty;
	c->trade[c->n_trades] =
		(struct check_trade){ .order = o ? (uint32_t)(o - c->order) : CHECK_NONE,
				      .px = e->trade.px,
				      .qty = e->trade.qty,
				      .at_ns = c->now_ns,
				      .account = (uint8_t)account,
				      .instrument = (uint8_t)instrument };
	map_put(&c->trade_of,
		trade_key(venue, e->trade.order, e->trade.trade, instrument, e->trade.side),
		c->n_trades++);
	if (!o)
		return;
	o->true_cum += e->trade.qty;
	const struct instrument *in = &c->t.instrument[instrument - 1];
	int64_t base =
		check_base_e8(c, instrument, (enum side)e->trade.side, e->trade.qty, e->trade.px);
	if (in->expo.kind == EXPO_SPOT && e->trade.fee_asset == in->base)
		base -= e->trade.fee_e8;
	struct check_pair *p = &c->pair[o->pair];
	p->unbooked++;
	check_pairs_traded(c, p, base, e->trade.px);
}

void check_orders_event(struct checker *c, unsigned venue, const struct exchange_event *e)
{
	unsigned instrument = e->instrument < 8 ? c->t.instrument_of[venue][e->instrument] : 0;
	unsigned account = e->account < 8 ? c->t.account_of[venue][e->account] : 0;
	if (!instrument || !account)
		return;
	switch ((enum exchange_event_kind)e->kind) {
	case EVENT_NEW:
		on_new(c, e, instrument, account);
		break;
	case EVENT_TRADE:
		on_trade(c, venue, e, instrument, account);
		break;
	case EVENT_CANCELED:
	case EVENT_EXPIRED: {
		struct check_order *o = ours(c, e->order.client);
		if (o)
			o->ended = true;
		break;
	}
	case EVENT_POSITION:
		if (e->qty != c->true_position[account][instrument])
			check_fail(c, 4, NULL, 0,
				   "the venue's position is %lld, its trades make %lld",
				   (long long)e->qty,
				   (long long)c->true_position[account][instrument]);
		break;
	case EVENT_BALANCE:
	case EVENT_AMENDED:
	case exchange_event_max:
		break;
	}
}

/* ---- the end ---- */

/* A venue that does not answer (a bar of a minute outlives the run) leaves things open, and the pair is held for it. */
static bool barred(const struct checker *c, const struct check_order *o)
{
	return c->pair[o->pair].state == PAIR_HELD &&
	       check_trouble(c, check_venue_of(c, o->instrument), TROUBLE_ORDERS);
}

/* Every execution of ours is booked, once, and no order is believed open or unknown that the venue has ended (I4, I8). */
void check_orders_end(struct checker *c)
{
	for (uint32_t i = 0; i < c->n_trades; i++) {
		const struct check_trade *t = &c->trade[i];
		if (t->booked || t->order == CHECK_NONE)
			continue;
		const struct check_order *o = &c->order[t->order];
		if (barred(c, o))
			continue;
		check_fail(c, 4, &c->pair[o->pair], o->id,
			   "an execution of %lld at %lld was never booked", (long long)t->qty,
			   (long long)t->px);
	}
	for (uint32_t i = 0; i < c->n_orders; i++) {
		struct check_order *o = &c->order[i];
		if (terminal(o->state) || o->state == ORDER_NEW || barred(c, o))
			continue;
		check_fail(c, 8, &c->pair[o->pair], o->id, "it is %s in the end, and the venue %s",
			   order_state_name((enum order_state)o->state),
			   !o->accepted ? "never had it"
			   : o->ended	? "has ended it"
					: "still has it");
	}
}
