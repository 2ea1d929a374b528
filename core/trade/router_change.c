/* router_change - changes to orders that work: cancels, one by one or by the contract, with limits (F14), and replacements (F09). */
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/risk.h"
#include "core/trade/router_parts.h"
#include "core/trade/scribe.h"

#define CANCELS_MAX 3 /* of one order, before its contract is cancelled whole */

static bool cancellable(const struct order *o)
{
	return order_open((enum order_state)o->state) && o->state != ORDER_UNKNOWN;
}

static uint64_t cancel_fact(struct desk *d, const struct order *o, uint64_t cause)
{
	struct fact f;
	scribe_order(d, &f, FACT_CANCEL, o, cause ? cause : o->cause);
	f.num[0] = o->cancels;
	return scribe_put(d, &f);
}

static void cancel_sent(struct desk *d, struct order *o)
{
	router_move(d, o, ORDER_EV_CANCEL);
	o->cancel_asked = true;
	if (o->cancels < UINT8_MAX)
		o->cancels++;
	o->cancel_mono_ns = d->now.mono_ns;
	router_set_timer(d, o, d->cfg->venue[o->venue].answer_timeout_ns);
}

/* How long after the last one the next may go: at first one answer's time, then longer each time. */
static int64_t cancel_wait(const struct desk *d, const struct order *o)
{
	if (o->state != ORDER_CANCELLING && o->cancels < CANCELS_MAX)
		return 0;
	int64_t timeout = d->cfg->venue[o->venue].answer_timeout_ns;
	unsigned more = o->cancels > CANCELS_MAX ? o->cancels - CANCELS_MAX : 0;
	int64_t wait = timeout << (more < 5 ? more : 5);
	wait = wait < QUERY_LAST_NS ? wait : QUERY_LAST_NS;
	return o->cancel_mono_ns + wait - d->now.mono_ns;
}

/* All of its contract at once, of which each order still ends by its own report. How many of ours were meant; 0: not this way. */
static uint32_t cancel_contract(struct desk *d, uint16_t venue, uint16_t account,
				uint32_t instrument, uint64_t cause)
{
	struct venue *port = d->venue[venue].port;
	if (!port->ops->cancel_all || foreign_works(d, account, instrument, true) ||
	    !risk_message_room(d, venue, 1, true))
		return 0;
	int messages = port->ops->cancel_all(port, account, instrument);
	if (messages < 0)
		return 0;
	for (int i = 0; i < messages; i++)
		risk_count_message(d, venue);
	uint32_t n = 0, i = 0;
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));)
		if (o->venue == venue && o->account == account && o->instrument == instrument &&
		    cancellable(o)) {
			cancel_sent(d, o);
			n++;
		}
	struct fact f;
	fact_init(&f, FACT_CANCEL_ALL);
	scribe_instrument(d, &f, instrument);
	f.account = d->names.account[account];
	f.cause = cause;
	f.num[0] = n;
	f.num[1] = messages;
	scribe_put(d, &f);
	return n ? n : 1;
}

static bool send_cancel(struct desk *d, struct order *o, uint64_t cause)
{
	struct venue *port = d->venue[o->venue].port;
	if (!risk_message_room(d, o->venue, 1, true) || port->ops->cancel(port, o)) {
		router_set_timer(d, o, QUERY_FIRST_NS); /* later, then */
		return false;
	}
	risk_count_message(d, o->venue);
	cancel_sent(d, o);
	cancel_fact(d, o, cause);
	return true;
}

void router_cancel(struct desk *d, struct order *o, uint64_t cause)
{
	if (!cancellable(o) || d->venue[o->venue].port->state != VENUE_UP)
		return;
	int64_t wait = cancel_wait(d, o);
	if (wait > 0) {
		router_set_timer(d, o, wait);
		return;
	}
	if (o->cancels >= CANCELS_MAX && !o->mass_cancelled) {
		o->mass_cancelled = true;
		scribe_alert(d, cause ? cause : o->cause, ALERT_CANCEL, o->pair,
			     "order %016llx works on after %u cancels",
			     (unsigned long long)o->id, o->cancels);
		if (cancel_contract(d, o->venue, o->account, o->instrument,
				    cause ? cause : o->cause))
			return;
	}
	send_cancel(d, o, cause);
}

void router_still_works(struct desk *d, struct order *o)
{
	if (o->cancels <= CANCELS_MAX) {
		router_cancel(d, o, 0);
		return;
	}
	/* It is not obeyed: what becomes of it is the venue's secret, and its pair is held for that. It is tried on, ever more slowly. */
	if (o->state != ORDER_UNKNOWN)
		router_lost(d, o, "it works on although it was cancelled time and again", 0);
	if (d->venue[o->venue].port->state == VENUE_UP && cancel_wait(d, o) <= 0)
		send_cancel(d, o, 0);
}

static bool meant(const struct order *o, uint16_t venue, uint16_t account, uint32_t instrument)
{
	return o->venue == venue && (account == UINT16_MAX || o->account == account) &&
	       (instrument == UINT32_MAX || o->instrument == instrument) && cancellable(o);
}

/* More than one that works in its contract and account: a mass cancel saves messages. */
static bool not_alone(struct desk *d, const struct order *o)
{
	uint32_t i = 0, n = 0;
	for (const struct order *x; n < 2 && (x = blotter_each_open(&d->blotter, &i));)
		n += x->account == o->account && x->instrument == o->instrument && cancellable(x) &&
		     x->state != ORDER_CANCELLING;
	return n > 1;
}

uint32_t router_cancel_all(struct desk *d, uint16_t venue, uint16_t account, uint32_t instrument,
			   uint64_t cause)
{
	uint32_t n = 0, i = 0;
	if (d->venue[venue].port->state != VENUE_UP)
		return 0;
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));) {
		if (!meant(o, venue, account, instrument))
			continue;
		n++;
		if (o->state == ORDER_CANCELLING) /* it is on its way, maybe by the contract */
			continue;
		if (!not_alone(d, o) ||
		    !cancel_contract(d, venue, o->account, o->instrument, cause))
			router_cancel(d, o, cause);
	}
	return n;
}

/* ---- replacing ---- */

void router_settle_replace(struct order *o, int64_t px, int64_t qty)
{
	if (!o->new_qty)
		return;
	o->px = px;
	o->qty = qty;
	o->new_qty = 0;
}

static int may_replace(struct desk *d, const struct order *o, int64_t px, int64_t qty)
{
	struct venue *port = d->venue[o->venue].port;
	if (!port->ops->replace)
		return err_set(ERR_UNSUPPORTED,
			       "%s changes no order in place: cancel it and send another",
			       port->ops->name);
	if (o->state != ORDER_LIVE)
		return err_set(ERR_STATE, "the order is %s: only one that works can be changed",
			       order_state_name((enum order_state)o->state));
	if (qty <= o->cum)
		return err_set(ERR_ARG, "as much has filled already: cancel it instead");
	struct order then = *o;
	then.px = px;
	then.qty = qty;
	struct risk_verdict v = risk_order(d, &then);
	return v.limit ? err_set(ERR_LIMIT, "%s", risk_limit_text(v.limit)) : 0;
}

int router_replace(struct desk *d, struct order *o, int64_t px, int64_t qty, uint64_t cause)
{
	int rc = may_replace(d, o, px, qty);
	if (rc)
		return rc;
	struct fact f;
	scribe_order(d, &f, FACT_REPLACE, o, cause ? cause : o->cause);
	f.px = px;
	f.qty = qty;
	f.num[0] = o->px;
	f.num[1] = o->qty;
	f.num[2] = o->cum;
	if (!scribe_put(d, &f)) /* it may add risk: no receipt, no message (R2) */
		return err_set(ERR_FULL, "the journal has no room for it");
	struct venue *port = d->venue[o->venue].port;
	const struct order before = *o;
	o->was_qty = o->qty;
	o->new_px = px;
	o->new_qty = qty;
	o->qty = qty > o->qty ? qty : o->qty;
	router_move(d, o, ORDER_EV_REPLACE);
	rc = port->ops->replace(port, &before, px, qty);
	if (rc) {
		*o = before;
		scribe_order(d, &f, FACT_REPLACED, o, cause ? cause : o->cause);
		f.num[3] = 1;
		f.num[4] = rc;
		fact_text(&f, "%s", err_text());
		scribe_put(d, &f);
		return rc;
	}
	risk_count_message(d, o->venue);
	router_set_timer(d, o, d->cfg->venue[o->venue].answer_timeout_ns);
	return 0;
}

void router_write_off(struct desk *d, struct order *o, const char *why, uint64_t cause)
{
	struct fact f;
	if (o->state != ORDER_UNKNOWN)
		return;
	router_move(d, o, ORDER_EV_CANCELLED);
	scribe_order(d, &f, FACT_CANCELLED, o, cause);
	f.num[0] = o->cum;
	fact_text(&f, "written off, the venue never answered: %s", why);
	scribe_put(d, &f);
}
