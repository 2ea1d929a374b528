#include "core/trade/router.h"

#include "core/base/err.h"
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/offset.h"
#include "core/trade/risk.h"
#include "core/trade/scribe.h"
#include <stdio.h>
#include <string.h>

#define MS		    1000000LL
#define QUERY_FIRST_NS	    (200 * MS)
#define QUERY_LAST_NS	    (5000 * MS)
#define ALERT_AFTER_QUERIES 5

static void set_timer(struct desk *d, struct order *o, int64_t in_ns)
{
	timers_cancel(&d->timers, o->timer);
	o->deadline_mono_ns = d->now.mono_ns + in_ns;
	o->timer = timers_set(&d->timers, o->deadline_mono_ns, TIMER_ORDER, o->id);
}

static int64_t answer_timeout(const struct desk *d, const struct order *o)
{
	int64_t leg =
		o->instance != POSITION_NOBODY ? d->instance[o->instance].limits.leg_timeout_ns : 0;
	return leg > 0 ? leg : d->cfg->venue[o->venue].answer_timeout_ns;
}

struct order *router_order(struct desk *d, struct pair *p, unsigned leg, enum side side, int64_t px,
			   int64_t qty, bool rescue, uint64_t cause)
{
	struct pair_leg *l = &p->leg[leg];
	struct order *o = blotter_new(&d->blotter, ids_next(&d->ids));
	if (!o)
		return NULL;
	o->pair = p->id;
	o->instrument = l->instrument;
	o->instance = p->instance;
	o->account = l->account;
	o->venue = l->venue;
	o->leg = (uint8_t)leg;
	o->side = (uint8_t)side;
	o->type = ORD_LIMIT;
	o->tif = rescue ? TIF_IOC : p->tif;
	o->px = px;
	o->qty = qty;
	o->rescue = rescue;
	int64_t rest = offset_first(d, o); /* what bears another offset is another order */
	o->next_of_pair = p->first_order;
	struct fact f;
	scribe_order(d, &f, FACT_ORDER, o, cause);
	f.num[0] = o->type;
	f.num[1] = o->tif;
	f.num[2] = rescue;
	f.num[3] = p->attempts;
	f.num[4] = l->limit_px;
	f.num[5] = desk_top(d, l->instrument)->q.px[side ^ 1];
	o->cause = scribe_put(d, &f);
	if (!o->cause) { /* no intent, no order */
		blotter_drop(&d->blotter, o);
		return NULL;
	}
	p->first_order = 1 + (uint32_t)(o - d->blotter.slot);
	d->stat.orders++;
	l->open_orders++;
	/* No room for it: the leg is short of it then, as of any other partial fill. */
	struct order *more =
		rest ? router_order(d, p, leg, side, px, rest, rescue, o->cause) : NULL;
	if (more)
		more->parent = o->id;
	return o;
}

/* A terminal order leaves its leg's count once; fills after that are late news (F07). */
static void ended(struct desk *d, struct order *o)
{
	timers_cancel(&d->timers, o->timer);
	o->timer = 0;
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p && !o->was_terminal) {
		must(p->leg[o->leg].open_orders > 0);
		p->leg[o->leg].open_orders--;
	}
	o->was_terminal = true;
	blotter_close(&d->blotter, o);
	if (p)
		pairs_touch(&d->pairs, p);
}

static bool move(struct desk *d, struct order *o, enum order_event ev)
{
	enum order_state to = order_next((enum order_state)o->state, ev);
	if (to == order_state_max)
		return false;
	o->state = (uint8_t)to;
	if (order_terminal(to) && !o->was_terminal)
		ended(d, o);
	return true;
}

static void reject(struct desk *d, struct order *o, int code, enum reject_class class,
		   const char *text, uint64_t cause, int64_t venue_ns)
{
	move(d, o, ORDER_EV_REJECTED);
	struct fact f;
	scribe_order(d, &f, FACT_REJECTED, o, cause);
	f.venue_ns = venue_ns;
	f.num[0] = code;
	f.num[1] = class;
	fact_text(&f, "%s", text);
	uint64_t seq = scribe_put(d, &f);
	d->stat.rejects++;
	risk_count_reject(d, o->instance);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p)
		p->cause = seq;
}

static uint64_t send_one(struct desk *d, struct order *o)
{
	struct risk_verdict v = risk_order(d, o);
	if (v.limit) {
		uint64_t seq = risk_refused(d, o->instance, o->pair, v, o->cause);
		reject(d, o, 0, REJECT_OTHER, risk_limit_text(v.limit), seq, 0);
		return seq;
	}
	struct venue *port = d->venue[o->venue].port;
	move(d, o, ORDER_EV_SEND); /* before the bytes: an adapter may answer from within place */
	o->sent_mono_ns = d->now.mono_ns;
	set_timer(d, o, answer_timeout(d, o));
	int rc = port->ops->place(port, o);
	if (rc) {
		reject(d, o, rc, REJECT_TRANSIENT, err_text(), o->cause, 0);
		return o->cause;
	}
	risk_count_message(d, o->venue);
	struct fact f;
	scribe_order(d, &f, FACT_SENT, o, o->cause);
	port->ops->encode_id(o->id,
			     f.exec); /* its name there, so that both ways of the map are durable */
	return scribe_put(d, &f);
}

/* With it go the orders of the same leg that bear its other offsets. */
uint64_t router_send(struct desk *d, struct order *o)
{
	uint64_t id = o->id, seq = send_one(d, o);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	uint32_t at = p ? p->first_order : 0;
	for (struct order *more; at && (more = blotter_each_of(&d->blotter, &at));)
		if (more->parent == id && more->state == ORDER_NEW)
			router_send(d, more);
	return seq;
}

void router_cancel(struct desk *d, struct order *o, uint64_t cause)
{
	struct venue *port = d->venue[o->venue].port;
	if (!order_open((enum order_state)o->state) || o->state == ORDER_UNKNOWN ||
	    port->state != VENUE_UP)
		return;
	if (!risk_message_room(d, o->venue, 1, true) || port->ops->cancel(port, o)) {
		set_timer(d, o, QUERY_FIRST_NS); /* later, then */
		return;
	}
	risk_count_message(d, o->venue);
	move(d, o, ORDER_EV_CANCEL);
	o->attempts++;
	struct fact f;
	scribe_order(d, &f, FACT_CANCEL, o, cause ? cause : o->cause);
	f.num[0] = o->attempts;
	scribe_put(d, &f);
	set_timer(d, o, d->cfg->venue[o->venue].answer_timeout_ns);
}

static void query(struct desk *d, struct order *o)
{
	struct venue *port = d->venue[o->venue].port;
	int64_t wait = QUERY_FIRST_NS << (o->attempts < 5 ? o->attempts : 5);
	set_timer(d, o, wait < QUERY_LAST_NS ? wait : QUERY_LAST_NS);
	bool session = port->state == VENUE_UP || port->state == VENUE_RECONCILING;
	if (!session || !risk_message_room(d, o->venue, 1, true) || port->ops->query(port, o))
		return; /* asked again when the timer fires or the venue is back */
	risk_count_message(d, o->venue);
	if (o->attempts < UINT8_MAX)
		o->attempts++;
	struct fact f;
	scribe_order(d, &f, FACT_QUERY, o, o->cause);
	f.num[0] = o->attempts;
	uint64_t seq = scribe_put(d, &f);
	if (o->attempts == ALERT_AFTER_QUERIES)
		scribe_alert(d, seq, 2, o->pair, "order %016llx is unknown after %d queries",
			     (unsigned long long)o->id, o->attempts);
}

void router_lost(struct desk *d, struct order *o, const char *why, uint64_t cause)
{
	if (order_terminal((enum order_state)o->state))
		return;
	if (o->state != ORDER_UNKNOWN) {
		move(d, o, ORDER_EV_LOST);
		o->attempts = 0;
		struct fact f;
		scribe_order(d, &f, FACT_UNKNOWN, o, cause ? cause : o->cause);
		f.num[0] = o->sent_mono_ns ? d->now.mono_ns - o->sent_mono_ns : 0;
		fact_text(&f, "%s", why);
		scribe_put(d, &f);
	}
	query(d, o);
}

void router_on_timer(struct desk *d, uint64_t id)
{
	struct order *o = blotter_find(&d->blotter, id);
	if (!o || !order_open((enum order_state)o->state))
		return;
	o->timer = 0;
	if (o->state == ORDER_UNKNOWN)
		query(d, o);
	else if (o->state == ORDER_LIVE && o->tif != TIF_IOC && o->tif != TIF_FOK &&
		 d->venue[o->venue].port->state == VENUE_UP)
		router_cancel(d, o, 0);
	else
		router_lost(d, o, "no answer in time", 0);
}

/* What the session before did not say it will not say any more: any order that was open may have filled or ended unheard. */
void router_venue_up(struct desk *d, uint16_t venue)
{
	uint32_t i = 0;
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));)
		if (o->venue == venue && order_open((enum order_state)o->state))
			router_lost(d, o, "the session is new", 0);
}

uint32_t router_unknown(struct desk *d, uint16_t venue)
{
	uint32_t n = 0, i = 0;
	for (const struct order *o; (o = blotter_each_open(&d->blotter, &i));)
		n += o->state == ORDER_UNKNOWN && (venue == UINT16_MAX || o->venue == venue);
	return n;
}

static void report_fact(struct desk *d, struct fact *f, enum fact_kind k, const struct order *o,
			const struct exec_report *r)
{
	scribe_order(d, f, k, o, o->cause);
	f->venue_ns = r->venue_ns;
	if (r->exec[0])
		snprintf(f->exec, sizeof f->exec, "%s", r->exec);
	if (r->venue_order[0])
		snprintf(f->venue_order, sizeof f->venue_order, "%s", r->venue_order);
	if (r->text[0])
		fact_text(f, "%s", r->text);
}

void router_book(struct desk *d, struct order *o, int64_t px, int64_t qty, int64_t fee_e8,
		 asset_id fee_asset)
{
	const struct instrument *in = &d->instrument[o->instrument];
	int64_t value = instrument_notional_e8(in, qty, px);
	struct position *row = positions_at(&d->positions, o->account, o->instrument, o->instance);
	if (row) {
		position_fill(row, (enum side)o->side, (enum offset)o->offset, qty, value);
		position_charge(row, fee_asset, fee_e8);
	}
	positions_count(&d->positions, o->account, o->instrument, o->side == SIDE_BUY ? qty : -qty);
	bool fee_in_base = in->expo.kind == EXPO_SPOT && fee_asset == in->base;
	if (o->instance != POSITION_NOBODY) {
		bool money = fee_asset == in->quote || fee_asset == in->settle;
		round_book(&d->instance[o->instance].round, (enum side)o->side, value,
			   money ? fee_e8 : 0, fee_in_base ? fee_e8 : 0);
	}
	o->cum += qty;
	o->cum_value_e8 += value;
	o->cum_fee_base_e8 += fee_in_base ? fee_e8 : 0;
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (!p)
		return;
	struct pair_leg *l = &p->leg[o->leg];
	l->cum_qty += o->side == SIDE_BUY ? qty : -qty;
	l->cum_value_e8 += o->side == SIDE_BUY ? value : -value;
	l->traded_qty += qty;
	l->fee_base_e8 += fee_in_base ? fee_e8 : 0;
	if (o->rescue) { /* what the rescue costs beyond the price that the decision saw */
		int64_t ref = instrument_notional_e8(in, qty, l->ref_px);
		p->spent_e8 += o->side == SIDE_BUY ? value - ref : ref - value;
		p->spent_e8 += fee_asset == in->quote || fee_asset == in->settle ? fee_e8 : 0;
	}
	pairs_touch(&d->pairs, p);
}

/* Recovery takes an execution's identity from its receipt, so it is made of what the receipt holds; a bust has one of its own. */
static bool first_sight(struct desk *d, const struct order *o, const struct exec_report *r,
			bool bust)
{
	const char *venue_order = r->venue_order[0] ? r->venue_order : o->venue_order;
	return blotter_first_sight(&d->blotter, o->account, o->instrument, venue_order,
				   (uint8_t)(o->side | (bust ? BLOTTER_BUST : 0)), r->exec);
}

/* Late news of a pair that has ended: a checkpoint may have forgotten it, so it is written down again first. */
static void recall(struct desk *d, const struct order *o)
{
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p && pair_over((enum pair_state)p->state))
		scribe_whole(d, p, p->cause);
}

static void on_duplicate(struct desk *d, const struct order *o, const struct exec_report *r)
{
	struct fact f;
	if (r->replayed)
		return;
	report_fact(d, &f, FACT_DUPLICATE, o, r);
	f.num[0] = o->cum;
	scribe_put(d, &f);
}

static void on_fill(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	if (!first_sight(d, o, r, false)) {
		on_duplicate(d, o, r);
		return;
	}
	bool late = order_terminal((enum order_state)o->state);
	recall(d, o);
	router_book(d, o, r->px, r->qty, r->fee_e8, r->fee_asset);
	move(d, o, o->cum >= o->qty ? ORDER_EV_FILL_LAST : ORDER_EV_FILL_PART);
	report_fact(d, &f, FACT_FILL, o, r);
	f.px = r->px;
	f.qty = r->qty;
	f.fee_e8 = r->fee_e8;
	f.fee_asset = d->names.asset[r->fee_asset];
	f.num[0] = o->cum;
	f.num[1] = o->qty - o->cum;
	f.num[2] = r->maker;
	f.num[3] = r->replayed;
	f.num[4] = instrument_notional_e8(&d->instrument[o->instrument], r->qty, r->px);
	uint64_t seq = scribe_put(d, &f);
	d->stat.fills++;
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p)
		p->cause = seq;
	if (o->cum > o->qty) { /* F40 */
		scribe_alert(d, seq, 2, o->pair,
			     "order %016llx filled more than was asked for; its strategy is paused",
			     (unsigned long long)o->id);
		desk_pause_instance(d, o->instance, "an order filled more than was asked for");
	} else if (late) {
		scribe_alert(d, seq, 2, o->pair, "order %016llx filled after it had ended",
			     (unsigned long long)o->id);
	}
}

static void on_cancelled(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	/* The venue counts more fills than we have seen: they are on their way or lost; ask instead of believing we know. */
	if (r->has_cum && r->cum > o->cum) {
		router_lost(d, o, "ended with fills that were not reported", 0);
		return;
	}
	bool own = o->state == ORDER_CANCELLING;
	move(d, o, ORDER_EV_CANCELLED);
	report_fact(d, &f, FACT_CANCELLED, o, r);
	f.num[0] = o->cum;
	f.num[2] = own;
	uint64_t seq = scribe_put(d, &f);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p)
		p->cause = seq;
}

static void on_ack(struct desk *d, struct order *o, const struct exec_report *r)
{
	bool first = o->state == ORDER_SENT || o->state == ORDER_UNKNOWN;
	move(d, o, ORDER_EV_ACK);
	if (!first)
		return;
	struct fact f;
	report_fact(d, &f, FACT_ACK, o, r);
	f.num[0] = o->sent_mono_ns ? d->now.mono_ns - o->sent_mono_ns : 0;
	scribe_put(d, &f);
}

/* An authoritative answer; fills that the order is short of have come before it as replayed reports. */
static void on_status(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	report_fact(d, &f, FACT_STATUS, o, r);
	f.num[0] = r->status;
	f.num[1] = r->cum;
	f.num[2] = 1;
	scribe_put(d, &f);
	/* Its executions are still to come: not terminal until they are counted. */
	bool short_of =
		(r->has_cum && r->cum > o->cum) || (r->status == ORDER_FILLED && o->cum < o->qty);
	if (short_of || order_terminal((enum order_state)o->state))
		return;
	if (r->status == ORDER_LIVE) {
		o->attempts = 0;
		move(d, o, ORDER_EV_ACK);
		if (o->tif == TIF_GTC || o->tif == TIF_DAY)
			router_cancel(d, o, 0);
	} else if (r->status == ORDER_REJECTED) {
		reject(d, o, r->code, (enum reject_class)r->reject_class, r->text, o->cause,
		       r->venue_ns);
	} else {
		on_cancelled(d, o, r);
	}
}

static void on_not_found(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	move(d, o, o->cum ? ORDER_EV_CANCELLED : ORDER_EV_REJECTED);
	report_fact(d, &f, FACT_STATUS, o, r);
	f.num[0] = ORDER_REJECTED;
	f.num[2] = 1;
	fact_text(&f, "the venue never had it");
	scribe_put(d, &f);
}

void router_unbook(struct desk *d, struct order *o, int64_t px, int64_t qty)
{
	int64_t value = instrument_notional_e8(&d->instrument[o->instrument], qty, px);
	struct position *row = positions_at(&d->positions, o->account, o->instrument, o->instance);
	if (row)
		position_bust(row, (enum side)o->side, qty, value);
	if (o->instance != POSITION_NOBODY)
		round_book(&d->instance[o->instance].round, (enum side)o->side ^ 1, value, 0, 0);
	positions_count(&d->positions, o->account, o->instrument, o->side == SIDE_BUY ? -qty : qty);
	o->cum -= qty;
	o->cum_value_e8 -= value;
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (!p)
		return;
	p->leg[o->leg].cum_qty -= o->side == SIDE_BUY ? qty : -qty;
	p->leg[o->leg].cum_value_e8 -= o->side == SIDE_BUY ? value : -value;
	pairs_touch(&d->pairs, p);
}

static void on_bust(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	if (!first_sight(d, o, r, true)) {
		on_duplicate(d, o, r);
		return;
	}
	recall(d, o);
	router_unbook(d, o, r->px, r->qty);
	move(d, o, ORDER_EV_BUST);
	report_fact(d, &f, FACT_BUST, o, r);
	f.px = r->px;
	f.qty = r->qty;
	f.num[0] = o->cum;
	uint64_t seq = scribe_put(d, &f);
	scribe_alert(d, seq, 2, o->pair, "the venue took back an execution of order %016llx",
		     (unsigned long long)o->id);
}

/* A contract that somebody else trades under this host's feet: its strategies open nothing until an operator resumes them (F16). */
static void pause_who_trade(struct desk *d, uint16_t account, uint32_t instrument)
{
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		for (unsigned l = 0; l < d->cfg->instance[i].n_legs; l++)
			if (d->cfg->instance[i].leg[l] == instrument &&
			    d->cfg->instance[i].account[l] == account)
				desk_pause_instance(d, i, "somebody else trades its contract");
}

/* Not ours, or of a life before the last checkpoint: it is booked to nobody, and somebody is told. */
static void on_foreign(struct desk *d, const struct exec_report *r)
{
	if (r->kind == EXEC_BUST && !r->replayed)
		scribe_alert(d, 0, 2, 0,
			     "an execution on %s was taken back that this host has no order for",
			     d->instrument[r->instrument].name);
	if (r->kind != EXEC_FILL || r->replayed)
		return;
	if (!blotter_first_sight(&d->blotter, r->account, r->instrument, r->venue_order, r->side,
				 r->exec))
		return;
	const struct instrument *in = &d->instrument[r->instrument];
	struct position *row =
		positions_at(&d->positions, r->account, r->instrument, POSITION_NOBODY);
	if (row) {
		position_fill(row, (enum side)r->side, OFFSET_NONE, r->qty,
			      instrument_notional_e8(in, r->qty, r->px));
		position_charge(row, r->fee_asset, r->fee_e8);
	}
	positions_count(&d->positions, r->account, r->instrument,
			r->side == SIDE_BUY ? r->qty : -r->qty);
	struct fact f;
	fact_init(&f, FACT_FOREIGN);
	scribe_instrument(d, &f, r->instrument);
	f.account = d->names.account[r->account];
	f.side = r->side;
	f.px = r->px;
	f.qty = r->qty;
	f.fee_e8 = r->fee_e8;
	f.fee_asset = d->names.asset[r->fee_asset];
	f.venue_ns = r->venue_ns;
	snprintf(f.venue_order, sizeof f.venue_order, "%s", r->venue_order);
	snprintf(f.exec, sizeof f.exec, "%s", r->exec);
	fact_text(&f, "client id %s", r->client);
	uint64_t seq = scribe_put(d, &f);
	pause_who_trade(d, r->account, r->instrument);
	scribe_alert(
		d, seq, 2, 0,
		"a fill on %s that this host did not send; the strategies that trade it are paused",
		in->name);
}

void router_on_exec(struct desk *d, const struct exec_report *r)
{
	struct order *o = blotter_find(&d->blotter, r->order);
	if (!o) {
		on_foreign(d, r);
		return;
	}
	if (r->venue_order[0] && !o->venue_order[0])
		snprintf(o->venue_order, sizeof o->venue_order, "%s", r->venue_order);
	switch ((enum exec_kind)r->kind) {
	case EXEC_ACK:
		on_ack(d, o, r);
		break;
	case EXEC_FILL:
		on_fill(d, o, r);
		break;
	case EXEC_CANCELLED:
		on_cancelled(d, o, r);
		break;
	case EXEC_REJECTED:
		if (r->reject_class ==
		    REJECT_DUPLICATE) /* then it has this very order: ids are not used twice */
			router_lost(d, o, "the venue has an order of this id already", 0);
		else if (!order_terminal((enum order_state)o->state))
			reject(d, o, r->code, (enum reject_class)r->reject_class, r->text, o->cause,
			       r->venue_ns);
		break;
	case EXEC_CANCEL_REJECTED: {
		struct fact f;
		report_fact(d, &f, FACT_CANCEL_REJECTED, o, r);
		f.num[0] = r->code;
		uint64_t seq = scribe_put(d, &f);
		router_lost(d, o, "the cancel was refused: asking what became of it", seq);
		break;
	}
	case EXEC_STATUS:
		on_status(d, o, r);
		break;
	case EXEC_NOT_FOUND:
		on_not_found(d, o, r);
		break;
	case EXEC_UNKNOWN: /* as the answer to a question it is no news: the timer asks again, later each time */
		if (o->state != ORDER_UNKNOWN)
			router_lost(d, o, r->text[0] ? r->text : "the venue does not know", 0);
		break;
	case EXEC_BUST:
		on_bust(d, o, r);
		break;
	case EXEC_CORRECT: /* adapters give it as a bust and a fill; one that cannot is told apart here */
	case exec_kind_max:
		scribe_alert(d, o->cause, 2, o->pair,
			     "a correction that was not understood: order %016llx",
			     (unsigned long long)o->id);
		break;
	}
}
