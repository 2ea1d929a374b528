#include "core/trade/router.h"

#include "core/base/err.h"
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/clock_doubt.h"
#include "core/trade/money.h"
#include "core/trade/offset.h"
#include "core/trade/risk.h"
#include "core/trade/router_parts.h"
#include "core/trade/scribe.h"
#include <stdio.h>
#include <string.h>

#define MS		    1000000LL
#define ALERT_AFTER_QUERIES 5

void router_set_timer(struct desk *d, struct order *o, int64_t in_ns)
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

/* Where a venue knows no good-till-cancelled order, one of the day rests as well. */
static uint8_t resting_tif(const struct desk *d, uint32_t instrument)
{
	uint32_t tifs = d->instrument[instrument].caps.tifs;
	return tifs && !(tifs & 1u << TIF_GTC) ? TIF_DAY : TIF_GTC;
}

struct order *router_order(struct desk *d, struct pair *p, unsigned leg, enum side side, int64_t px,
			   int64_t qty, bool rescue, uint64_t cause)
{
	const struct order_ask ask = { .side = (uint8_t)side,
				       .type = ORD_LIMIT,
				       .tif = !rescue	   ? p->tif
					      : p->chasing ? resting_tif(d, p->leg[leg].instrument)
							   : TIF_IOC,
				       .role = rescue ? ORDER_RESCUES : ORDER_OPENS,
				       .px = px,
				       .qty = qty };
	return router_ask(d, p, leg, &ask, cause);
}

struct order *router_ask(struct desk *d, struct pair *p, unsigned leg, const struct order_ask *ask,
			 uint64_t cause)
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
	o->side = ask->side;
	o->type = ask->type;
	o->tif = ask->tif;
	o->px = ask->px;
	o->qty = ask->qty;
	o->rest_until_ns = ask->rest_until_ns;
	o->parent = ask->parent;
	o->rescue = ask->role != ORDER_OPENS;
	o->hedge = ask->role == ORDER_HEDGES;
	o->epoch = d->venue[l->venue].epoch;
	int64_t rest = offset_first(d, o); /* what bears another offset is another order */
	o->next_of_pair = p->first_order;
	struct fact f;
	scribe_order(d, &f, FACT_ORDER, o, cause);
	f.num[0] = o->type;
	f.num[1] = o->tif;
	f.num[2] = ask->role;
	f.num[3] = p->attempts;
	f.num[4] = l->limit_px;
	f.num[5] = desk_top(d, l->instrument)->q.px[ask->side ^ 1];
	f.num[6] = (int64_t)o->parent;
	f.num[7] = o->instance == POSITION_NOBODY ? 0 : d->names.asset[money_of(d, o->instance)];
	o->cause = scribe_put(d, &f);
	if (!o->cause) { /* no intent, no order */
		blotter_drop(&d->blotter, o);
		return NULL;
	}
	p->first_order = 1 + (uint32_t)(o - d->blotter.slot);
	d->stat.orders++;
	l->open_orders++;
	blotter_note(&d->blotter, o, &d->instrument[o->instrument]);
	if (!rest)
		return o;
	/* No room for it: the leg is short of it then, as of any other partial fill. */
	struct order_ask other = *ask;
	other.qty = rest;
	other.parent = o->id;
	(void)router_ask(d, p, leg, &other, o->cause);
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

/* For a script that listens: what it asks for is told after the rescues, by the engine. */
static void note(struct desk *d, const struct order *o)
{
	if (d->n_order_news == DESK_ORDER_NEWS) {
		d->order_news_lost++;
		return;
	}
	d->order_news[d->n_order_news++] = (struct desk_order_news){
		.order = o->id,
		.pair = o->pair,
		.px = o->px,
		.qty = o->qty,
		.cum = o->cum,
		.cum_value_e8 = o->cum_value_e8,
		.instrument = o->instrument,
		.instance = o->instance,
		.leg = o->leg,
		.side = o->side,
		.state = o->state,
		.rescue = o->rescue,
	};
}

static bool is_told(const struct order *o, enum order_event ev, enum order_state from)
{
	return o->state != from || ev == ORDER_EV_FILL_PART || ev == ORDER_EV_FILL_LAST ||
	       ev == ORDER_EV_BUST || ev == ORDER_EV_REPLACED || ev == ORDER_EV_REPLACE_REJECTED;
}

bool router_move(struct desk *d, struct order *o, enum order_event ev)
{
	const enum order_state from = (enum order_state)o->state, to = order_next(from, ev);
	if (to == order_state_max)
		return false;
	o->state = (uint8_t)to;
	if (o->instance != POSITION_NOBODY && d->instance[o->instance].hears_orders &&
	    is_told(o, ev, from))
		note(d, o);
	if (order_terminal(to) && !o->was_terminal)
		ended(d, o);
	return true;
}

void router_reject(struct desk *d, struct order *o, int code, enum reject_class class,
		   const char *text, uint64_t cause, int64_t venue_ns)
{
	o->reject_class = (uint8_t) class;
	router_move(d, o, ORDER_EV_REJECTED);
	struct fact f;
	scribe_order(d, &f, FACT_REJECTED, o, cause);
	f.venue_ns = venue_ns;
	f.num[0] = code;
	f.num[1] = class;
	fact_text(&f, "%s", text);
	uint64_t seq = scribe_put(d, &f);
	d->stat.rejects++;
	risk_count_reject(d, o->instance);
	int64_t held = positions_total(&d->positions, o->account, o->instrument);
	if (class == REJECT_OPENING)
		fence_raise(d, o->account, o->instrument, FENCE_OPENING, held, held, seq,
			    "its exchange lets nothing more be opened before the next trading day");
	if (class == REJECT_CLOCK)
		clock_doubt(d, o->venue, seq);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p)
		p->cause = seq;
}

/* What needs no risk to be refused: in words, NULL when there is nothing. */
static const char *refusal_of(const struct desk *d, const struct order *o)
{
	const struct caps *c = &d->instrument[o->instrument].caps;
	if (o->epoch != d->venue[o->venue].epoch)
		return "the session that it was made for is over";
	if (c->types && !(c->types >> o->type & 1))
		return "the venue does not take this type of order in this contract";
	if (c->tifs && !(c->tifs >> o->tif & 1))
		return "the venue does not take this time in force in this contract";
	return NULL;
}

/* An intent that leaves, or is withdrawn, with the order; NULL: none. */
static struct order *waits_with(struct desk *d, const struct order *o)
{
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	uint32_t at = p ? p->first_order : 0;
	for (struct order *more; (more = blotter_each_of(&d->blotter, &at));)
		if (more->parent == o->id && more->state == ORDER_NEW)
			return more;
	return NULL;
}

uint64_t router_withdraw(struct desk *d, struct order *o, const char *why, uint64_t cause)
{
	must(o->state == ORDER_NEW);
	struct order *more = waits_with(d, o);
	router_move(d, o, ORDER_EV_REJECTED);
	struct fact f;
	scribe_order(d, &f, FACT_WITHDRAWN, o, cause ? cause : o->cause);
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	f.num[0] = p ? d->now.mono_ns - p->decided_ns : 0;
	fact_text(&f, "not sent: %s", why);
	uint64_t seq = scribe_put(d, &f);
	if (more)
		router_withdraw(d, more, why, cause);
	return seq;
}

static uint64_t send_one(struct desk *d, struct order *o)
{
	struct risk_verdict v = risk_order(d, o);
	if (v.limit) {
		uint64_t seq = risk_refused(d, o->instance, o->pair, v, o->cause);
		router_reject(d, o, 0, REJECT_OTHER, risk_limit_text(v.limit), seq, 0);
		o->reject_class = REJECT_TRANSIENT; /* ours, not the venue's */
		return seq;
	}
	struct venue *port = d->venue[o->venue].port;
	const char *why = refusal_of(d, o);
	if (why) {
		router_reject(d, o, 0, REJECT_OTHER, why, o->cause, 0);
		return o->cause;
	}
	router_move(d, o,
		    ORDER_EV_SEND); /* before the bytes: an adapter may answer from within place */
	o->sent_mono_ns = d->now.mono_ns;
	reach_on_sent(d, o);
	router_set_timer(d, o, answer_timeout(d, o));
	int rc = port->ops->place(port, o);
	if (rc) {
		router_reject(d, o, rc, REJECT_TRANSIENT, err_text(), o->cause, 0);
		return o->cause;
	}
	risk_count_message(d, o->venue);
	risk_on_sent(d, o);
	struct fact f;
	scribe_order(d, &f, FACT_SENT, o, o->cause);
	port->ops->encode_id(o->id,
			     f.exec); /* its name there, so that both ways of the map are durable */
	return scribe_put(d, &f);
}

/* With it go the orders of the same leg that bear its other offsets. */
uint64_t router_send(struct desk *d, struct order *o)
{
	struct order *more = waits_with(d, o);
	uint64_t seq = send_one(d, o);
	if (more)
		router_send(d, more);
	return seq;
}

static void query(struct desk *d, struct order *o)
{
	struct venue *port = d->venue[o->venue].port;
	int64_t wait = QUERY_FIRST_NS << (o->attempts < 5 ? o->attempts : 5);
	/* "Not found" counts from a question that is put once the venue has had its time to settle: that one is not put off. */
	int64_t settles = o->sent_mono_ns + d->cfg->venue[o->venue].settle_ns - d->now.mono_ns;
	wait = wait < QUERY_LAST_NS ? wait : QUERY_LAST_NS;
	router_set_timer(d, o, settles > 0 && settles < wait ? settles : wait);
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
		scribe_alert(d, seq, ALERT_UNKNOWN_ORDER, o->pair,
			     "order %016llx is unknown after %d queries", (unsigned long long)o->id,
			     o->attempts);
}

void router_lost(struct desk *d, struct order *o, const char *why, uint64_t cause)
{
	if (order_terminal((enum order_state)o->state))
		return;
	if (o->state != ORDER_UNKNOWN) {
		router_move(d, o, ORDER_EV_LOST);
		o->attempts = 0;
		struct fact f;
		scribe_order(d, &f, FACT_UNKNOWN, o, cause ? cause : o->cause);
		f.num[0] = o->sent_mono_ns ? d->now.mono_ns - o->sent_mono_ns : 0;
		fact_text(&f, "%s", why);
		scribe_put(d, &f);
		struct pair *p = pairs_find(&d->pairs, o->pair);
		if (p)
			pairs_touch(&d->pairs, p);
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
	else if (o->state == ORDER_LIVE && o->cancels && d->venue[o->venue].port->state == VENUE_UP)
		router_cancel(d, o, 0);
	else if (o->state == ORDER_LIVE && o->rescue && !o->hedge && o->tif != TIF_IOC)
		return; /* a chase: the executor looks after it */
	else if (o->state == ORDER_LIVE && o->rest_until_ns > d->now.mono_ns)
		router_set_timer(d, o, o->rest_until_ns - d->now.mono_ns);
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
