#include "adapters/diff/diff.h"
#include "adapters/codec/diff_request.h"
#include "adapters/diff/df.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define TIME_EVERY_NS	   10000000ll
#define ORDERS_DEFAULT	   4096
#define DAY_ORDERS_DEFAULT 16384
#define DAY_TRADES_DEFAULT 32768

struct env_now df_now(const struct df_venue *d)
{
	struct env_now now;
	env_now(d->venue.host.env, &now);
	return now;
}

void df_bad(struct df_venue *d, uint32_t instrument, enum bad_input what, const char *why,
	    const void *p, size_t n)
{
	d->venue.host.on_bad(d->venue.host.core, d->venue.index, instrument, what, why, p, n);
}

/* ---- the venue's state ---- */

static bool dialling(const struct bn_link *l)
{
	return l->open || l->ws.state != WS_IDLE;
}

static enum venue_state state_of(const struct df_venue *d, const struct df_session *s)
{
	switch ((enum df_session_state)s->state) {
	case DF_LOGIN:
		return VENUE_LOGON;
	case DF_READY:
		return d->reconciled ? VENUE_UP : VENUE_RECONCILING;
	case DF_DOWN:
	case df_session_state_max:
		break;
	}
	return dialling(&s->link) ? VENUE_CONNECTING : VENUE_DOWN;
}

void df_evaluate(struct df_venue *d, const char *why)
{
	enum venue_state least = VENUE_UP;
	if (!d->started)
		least = VENUE_DOWN;
	else if (!d->n_sessions && !d->market.open)
		least = dialling(&d->market) ? VENUE_CONNECTING : VENUE_DOWN;
	for (uint16_t i = 0; d->started && i < d->n_sessions; i++) {
		enum venue_state st = state_of(d, &d->session[i]);
		least = st < least ? st : least;
	}
	if (least < VENUE_RECONCILING) {
		d->reconciled = d->reconcile_asked = false;
		d->reconcile_at_ns = 0;
	}
	venue_set_state(&d->venue, least, why);
}

/* ---- the port ---- */

static struct df_session *ready_session(struct df_venue *d, uint16_t account)
{
	for (uint16_t i = 0; i < d->n_sessions; i++) {
		struct df_session *s = &d->session[i];
		if (s->account != account)
			continue;
		if (s->state == DF_READY)
			return s;
		err_set(ERR_STATE, "the session of its account is not up (%s)",
			df_session_state_name((enum df_session_state)s->state));
		return NULL;
	}
	err_set(ERR_STATE, "no session for account %u", account);
	return NULL;
}

static int send_text(struct df_session *s, enum bn_urgency u, const char *text, ptrdiff_t n)
{
	struct df_venue *d = s->owner;
	if (n < 0)
		return (int)n;
	int rc = bn_budget_take(&d->budget, u, df_now(d).mono_ns);
	return rc ? rc : bn_link_send(&s->link, text, (size_t)n);
}

static int place(struct venue *v, const struct order *o)
{
	struct df_venue *d = df_of(v);
	struct df_session *s = ready_session(d, o->account);
	char text[1024];
	if (!s)
		return -ERR_STATE;
	ptrdiff_t n = diff_insert(o, &d->instrument[o->instrument], s->user, text, sizeof text);
	if (n < 0)
		return (int)n;
	bool known = bn_orders_find(&d->orders, o->id) != NULL;
	if (known || !bn_orders_add(&d->orders, o, s->index))
		return err_set(ERR_FULL,
			       known ? "this order was sent already" : "no room for another order");
	int rc = send_text(s, o->rescue ? BN_URGENT : BN_OPENING, text, n);
	if (rc)
		bn_orders_del(&d->orders, o->id);
	return rc;
}

static struct df_session *session_about(struct df_venue *d, const struct order *o)
{
	struct df_session *s = ready_session(d, o->account);
	/* An order of an earlier run is open to us from now on: a broken line makes it unknown again. */
	if (s && !bn_orders_add(&d->orders, o, s->index)) {
		err_set(ERR_FULL, "no room for another order");
		return NULL;
	}
	return s;
}

static int cancel(struct venue *v, const struct order *o)
{
	struct df_session *s = session_about(df_of(v), o);
	char text[256];
	return s ? send_text(s, BN_URGENT, text, diff_cancel(o->id, s->user, text, sizeof text))
		 : -ERR_STATE;
}

/* Answered from the picture; where that is too old to say, it is asked for anew, and the core asks again when the venue is back. */
static int query(struct venue *v, const struct order *o)
{
	struct df_venue *d = df_of(v);
	struct df_session *s = session_about(d, o);
	if (!s)
		return -ERR_STATE;
	int rc = df_report_state(s, o);
	if (rc != -ERR_TIMEOUT)
		return rc;
	if (df_now(d).mono_ns >= o->sent_mono_ns + d->settle_ns)
		df_session_refresh(
			s, "the account's picture is too old to say what became of an order");
	return 0;
}

static int reconcile(struct venue *v)
{
	struct df_venue *d = df_of(v);
	if (v->state < VENUE_RECONCILING)
		return err_set(ERR_STATE, "no session to ask about its orders");
	d->reconcile_asked = true;
	d->time_due_ns = 0;
	return 0;
}

/* The login brought the whole of it already; what is told here is what the picture says now. */
static void do_reconcile(struct df_venue *d)
{
	d->reconcile_asked = false;
	for (uint16_t i = 0; i < d->n_sessions; i++) {
		struct df_session *s = &d->session[i];
		if (s->state != DF_READY || !diff_user_whole(&s->picture))
			return;
		df_report_news(s, true);
		df_report_positions(s);
		df_report_balances(s);
	}
	d->reconciled = true;
	d->venue.host.on_reconciled(d->venue.host.core, d->venue.index, true);
	df_evaluate(d, "reconciled");
}

static int snapshot(struct venue *v, uint32_t instrument)
{
	(void)instrument;
	return err_set(ERR_STATE, "%s sends whole books by itself", v->ops->name);
}

static enum depth_rule depth_rule(const struct venue *v, uint32_t instrument)
{
	(void)v, (void)instrument;
	return DEPTH_WHOLE;
}

static void on_time(struct venue *v, int64_t mono_ns)
{
	struct df_venue *d = df_of(v);
	if (!d->started || mono_ns < d->time_due_ns)
		return;
	d->time_due_ns = mono_ns + TIME_EVERY_NS;
	bn_link_on_time(&d->market, mono_ns);
	for (uint16_t i = 0; i < d->n_sessions; i++)
		df_session_on_time(&d->session[i], mono_ns);
	df_evaluate(d, "dialled");
	/* The core asks for it when it hears of RECONCILING; if it did not, it is done here. */
	if (v->state == VENUE_RECONCILING || d->reconcile_asked)
		do_reconcile(d);
}

static int start(struct venue *v)
{
	struct df_venue *d = df_of(v);
	d->started = true;
	d->time_due_ns = 0;
	df_market_start(d);
	for (uint16_t i = 0; i < d->n_sessions; i++)
		df_session_start(&d->session[i]);
	on_time(v, df_now(d).mono_ns);
	return 0;
}

static void stop(struct venue *v)
{
	struct df_venue *d = df_of(v);
	d->started = false;
	bn_link_stop(&d->market);
	for (uint16_t i = 0; i < d->n_sessions; i++)
		df_session_stop(&d->session[i]);
	df_evaluate(d, "stopped");
}

static void release(struct venue *v)
{
	struct df_venue *d = df_of(v);
	for (uint16_t i = 0; i < d->n_sessions; i++)
		df_session_free(&d->session[i]);
	df_market_free(d);
	bn_orders_free(&d->orders);
	symbols_free(&d->symbols);
	free(d->session);
	free(d->mine);
	free(d);
}

static const struct venue_ops ops = { .name = "diff",
				      .encode_id = diff_encode_id,
				      .decode_id = diff_decode_id,
				      .depth_rule = depth_rule,
				      .start = start,
				      .stop = stop,
				      .place = place,
				      .cancel = cancel,
				      .query = query,
				      .reconcile = reconcile,
				      .snapshot = snapshot,
				      .on_time = on_time,
				      .free = release };

static uint32_t or_default(uint32_t n, uint32_t otherwise)
{
	return n ? n : otherwise;
}

static int init(struct df_venue *d, const struct diff_options *o)
{
	int rc = symbols_init(&d->symbols, o->instrument, o->n_instruments, o->venue);
	d->mine = calloc((size_t)o->n_instruments + 1, sizeof *d->mine);
	d->session = calloc((size_t)o->n_accounts + 1, sizeof *d->session);
	if (!rc && (!d->mine || !d->session))
		rc = err_set(ERR_NOMEM, "no memory for a venue");
	for (uint32_t i = 0; !rc && i < o->n_instruments; i++)
		if (o->instrument[i].venue == o->venue)
			d->mine[d->n_mine++] = i;
	if (!rc)
		rc = bn_orders_init(&d->orders, or_default(o->max_orders, ORDERS_DEFAULT));
	if (!rc)
		rc = df_market_init(d);
	for (uint16_t i = 0; !rc && i < o->n_accounts; i++) {
		d->n_sessions++;
		rc = df_session_init(d, &d->session[i], i, &o->account[i],
				     or_default(o->day_orders, DAY_ORDERS_DEFAULT),
				     or_default(o->day_trades, DAY_TRADES_DEFAULT));
	}
	return rc;
}

struct venue *diff_open(const struct diff_options *o)
{
	struct df_venue *d = calloc(1, sizeof *d);
	if (!d) {
		err_set(ERR_NOMEM, "no memory for a venue");
		return NULL;
	}
	d->venue = (struct venue){ .ops = &ops, .host = o->host, .index = o->venue };
	d->stream = o->stream;
	d->api = o->api;
	d->instrument = o->instrument;
	d->n_instruments = o->n_instruments;
	d->assets = o->assets;
	d->answer_timeout_ns = o->answer_timeout_ns;
	d->settle_ns = o->settle_ns;
	d->times = (struct bn_link_times){ .connect_ns = o->connect_timeout_ns,
					   .silence_ns = o->feed_silence_ns,
					   .backoff_min_ns = o->backoff_min_ns,
					   .backoff_max_ns = o->backoff_max_ns };
	bn_budget_init(&d->budget, o->messages_per_s, o->reserve_pct, df_now(d).mono_ns);
	if (init(d, o)) {
		release(&d->venue);
		return NULL;
	}
	return &d->venue;
}
