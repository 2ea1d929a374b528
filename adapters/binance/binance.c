#include "adapters/binance/binance.h"
#include "adapters/binance/bn.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_EVERY_NS	 10000000ll
#define DOUBTED_EVERY_NS 2000000000ll /* trading rules, while what comes does not fit them */
#define ORDERS_DEFAULT	 4096
#define REQUESTS_DEFAULT 1024
#define LEVELS_DEFAULT	 5000

struct env_now bn_now(const struct binance *b)
{
	struct env_now now;
	env_now(b->venue.host.env, &now);
	return now;
}

int64_t bn_time_ms(const struct binance *b, const struct env_now *now)
{
	return (now->utc_ns + b->clock_offset_ns) / 1000000;
}

/* The venue says of such a cancel only that it was one: it was ours, or its countdown had run out. */
static bool by_dead_man(const struct binance *b, const struct exec_report *r)
{
	int64_t until = b->armed_until_ns[r->instrument];
	return r->kind == EXEC_CANCELLED && r->why == CANCEL_UNSAID && until && r->recv_ns >= until;
}

static void rules_soon(struct binance *b, int64_t every_ns)
{
	int64_t soonest = b->rules_told_ns + every_ns;
	b->rules_at_ns = b->rules_at_ns > soonest ? soonest : b->rules_at_ns;
	b->time_due_ns = 0;
}

void bn_exec(struct binance *b, const struct exec_report *told)
{
	struct exec_report copy, *r = &copy;
	copy = *told;
	if (by_dead_man(b, told))
		copy.why = CANCEL_DEAD_MAN;
	bn_orders_report(&b->orders, r);
	/* Who is told that a market is closed asks which ones are. */
	if (r->kind == EXEC_REJECTED && r->reject_class == REJECT_CLOSED)
		rules_soon(b, HALTED_EVERY_NS);
	b->venue.host.on_exec(b->venue.host.core, r);
}

void bn_bad(struct binance *b, uint32_t instrument, enum bad_input what, const char *why,
	    const void *p, size_t n)
{
	b->venue.host.on_bad(b->venue.host.core, b->venue.index, instrument, what, why, p, n);
}

/* ---- the venue's state ---- */

/* What a session's state makes of the venue at best. */
static const uint8_t state_of_session[] = {
	[BN_SES_DOWN] = VENUE_CONNECTING,   [BN_SES_LOGON] = VENUE_LOGON,
	[BN_SES_KEY] = VENUE_LOGON,	    [BN_SES_USER] = VENUE_LOGON,
	[BN_SES_READY] = VENUE_RECONCILING,
};
_Static_assert(sizeof(state_of_session) == bn_session_state_max,
	       "a venue's state for each of a session");

static bool dialling(const struct bn_link *l)
{
	return l->open || l->ws.state != WS_IDLE;
}

static enum venue_state least_state(const struct binance *b)
{
	uint8_t least = b->rules_known ? VENUE_UP : VENUE_LOGON;
	if (!b->n_sessions && !bn_market_is_open(&b->market))
		return dialling(&b->market.link[b->market.active]) ? VENUE_CONNECTING : VENUE_DOWN;
	for (uint16_t i = 0; i < b->n_sessions; i++) {
		uint8_t st = state_of_session[b->session[i].state];
		if (st == VENUE_CONNECTING && !dialling(&b->session[i].api))
			st = VENUE_DOWN;
		if (st < VENUE_RECONCILING || !b->reconciled)
			least = st < least ? st : least;
	}
	return (enum venue_state)least;
}

void bn_evaluate(struct binance *b, const char *why)
{
	enum venue_state st = b->started ? least_state(b) : VENUE_DOWN;
	if (st < VENUE_RECONCILING) {
		b->reconciling = b->reconciled = false;
		b->reconcile_at_ns = 0;
	}
	venue_set_state(&b->venue, st, why);
}

/* ---- a session ends ---- */

void bn_session_void(struct binance *b, struct bn_session *s, const char *why)
{
	s->parts_open = 0;
	s->history_open = 0;
	s->due = 0;
	for (uint32_t i = 0; i < b->requests.cap; i++) {
		struct bn_request *q = &b->requests.slot[i];
		if (!q->id || q->session != s->index)
			continue;
		bn_rest_drop(&b->rest, q->id);
		bn_requests_del(&b->requests, q);
	}
	/* The core may place and ask from within: by index, each as it is found. */
	for (uint32_t i = 0; i < b->orders.cap; i++) {
		const struct bn_order *e = &b->orders.slot[i];
		if (!e->id || e->session != s->index)
			continue;
		struct exec_report r = { .kind = EXEC_UNKNOWN,
					 .venue = b->venue.index,
					 .account = s->account,
					 .instrument = e->instrument,
					 .order = e->id,
					 .side = e->side,
					 .px = e->px,
					 .qty = e->qty,
					 .recv_ns = bn_now(b).mono_ns };
		binance_encode_id(e->id, r.client);
		memcpy(r.venue_order, e->venue_order, sizeof(r.venue_order));
		snprintf(r.text, sizeof(r.text), "%s", why);
		b->venue.host.on_exec(b->venue.host.core, &r);
	}
}

/* ---- the port ---- */

static struct bn_session *ready_session(struct binance *b, uint16_t account)
{
	for (uint16_t i = 0; i < b->n_sessions; i++)
		if (b->session[i].account == account) {
			if (b->session[i].state == BN_SES_READY)
				return &b->session[i];
			err_set(ERR_STATE, "%s: the session of its account is not up (%s)",
				b->dialect->name,
				bn_session_state_name((enum bn_session_state)b->session[i].state));
			return NULL;
		}
	err_set(ERR_STATE, "%s: no session for account %u", b->dialect->name, account);
	return NULL;
}

static int start(struct venue *v)
{
	struct binance *b = bn_of(v);
	struct env_now now = bn_now(b);
	b->started = true;
	b->started_ns = now.mono_ns;
	b->rules_at_ns = b->clock_at_ns = b->time_due_ns = 0;
	bn_market_start(b);
	for (uint16_t i = 0; i < b->n_sessions; i++)
		bn_session_start(&b->session[i]);
	v->ops->on_time(v, now.mono_ns);
	return 0;
}

static void stop(struct venue *v)
{
	struct binance *b = bn_of(v);
	b->started = false;
	bn_market_stop(&b->market);
	for (uint16_t i = 0; i < b->n_sessions; i++)
		bn_session_stop(&b->session[i]);
	bn_evaluate(b, "stopped");
}

/* Until the answer it is taken as not running out: what is cancelled meanwhile is not laid to it. */
static int arm_one(struct binance *b, struct bn_session *s, uint32_t instrument)
{
	b->armed_until_ns[instrument] = INT64_MAX;
	return bn_ask(b, s, BN_ARM, instrument, NULL);
}

static int place(struct venue *v, const struct order *o)
{
	struct binance *b = bn_of(v);
	struct bn_session *s = ready_session(b, o->account);
	if (!s)
		return -ERR_STATE;
	if (!binance_can_place(b->api, (enum ord_type)o->type, (enum tif)o->tif))
		return -ERR_ARG;
	int rc = bn_ask_place(b, s, o);
	/* The first order of an instrument begins its countdown. */
	if (!rc && b->dead_man_ms && !b->armed_until_ns[o->instrument])
		arm_one(b, s, o->instrument);
	return rc;
}

static int ask_about(struct venue *v, enum bn_ask ask, const struct order *o)
{
	struct binance *b = bn_of(v);
	struct bn_session *s = ready_session(b, o->account);
	if (!s)
		return -ERR_STATE;
	/* An order of an earlier run is open to us from now on: a broken line makes it unknown again. */
	if (!bn_orders_add(&b->orders, o, s->index))
		return err_set(ERR_FULL, "no room for another order at %s", b->dialect->name);
	return bn_ask_order(b, s, ask, o);
}

static int cancel(struct venue *v, const struct order *o)
{
	return ask_about(v, BN_CANCEL, o);
}

static int replace(struct venue *v, const struct order *o, int64_t px, int64_t qty)
{
	struct binance *b = bn_of(v);
	struct bn_session *s = ready_session(b, o->account);
	if (!s)
		return -ERR_STATE;
	if (!b->dialect->way[BN_REPLACE].method)
		return err_set(ERR_UNSUPPORTED, "%s changes no price in place", b->dialect->name);
	return bn_ask_replace(b, s, o, px, qty);
}

static int cancel_all(struct venue *v, uint16_t account, uint32_t instrument)
{
	struct binance *b = bn_of(v);
	struct bn_session *s = ready_session(b, account);
	if (!s)
		return -ERR_STATE;
	if (bn_now(b).mono_ns < b->budget.paused_ns[BN_URGENT])
		return err_set(ERR_LIMIT, "%s asked for a pause", b->dialect->name);
	int rc = bn_ask(b, s, BN_CANCEL_ALL, instrument, NULL);
	return rc ? rc : 1;
}

static int arm(struct venue *v, uint16_t account, int64_t for_ns)
{
	struct binance *b = bn_of(v);
	struct bn_session *s = ready_session(b, account);
	int n = 0;
	if (!s)
		return -ERR_STATE;
	if (!b->dialect->way[BN_ARM].method)
		return err_set(ERR_UNSUPPORTED, "%s has no dead-man switch", b->dialect->name);
	b->dead_man_ms = for_ns / 1000000;
	for (uint32_t i = 0; i < b->n_mine; i++)
		if (b->armed_until_ns[b->mine[i]])
			n += bn_ask(b, s, BN_ARM, b->mine[i], NULL) == 0;
	return n;
}

static int query(struct venue *v, const struct order *o)
{
	return ask_about(v, BN_STATUS, o);
}

static int ask_book(struct venue *v, uint32_t instrument, enum bn_ask ask)
{
	struct binance *b = bn_of(v);
	struct env_now now = bn_now(b);
	if (!b->started)
		return err_set(ERR_STATE, "%s is stopped", b->dialect->name);
	if (now.mono_ns < b->budget.paused_ns[BN_URGENT])
		return err_set(ERR_LIMIT, "%s asked for a pause", b->dialect->name);
	return bn_ask(b, NULL, ask, instrument, NULL);
}

static int snapshot(struct venue *v, uint32_t instrument)
{
	return ask_book(v, instrument, BN_BOOK);
}

static int probe(struct venue *v, uint32_t instrument)
{
	return ask_book(v, instrument, BN_PROBE);
}

static enum depth_rule depth_rule(const struct venue *v, uint32_t instrument)
{
	(void)instrument;
	return ((const struct binance *)v)->dialect->depth_rule;
}

/* Requests whose time is over: no answer is the answer. */
static void expire(struct binance *b, int64_t now_ns)
{
	struct binance_message none = { .kind = BINANCE_REPLY };
	for (uint32_t i = 0; i < b->requests.cap; i++) {
		struct bn_request *q = &b->requests.slot[i];
		if (q->id && now_ns >= q->deadline_ns)
			bn_reply(b, q, &none, now_ns);
	}
}

/* Public questions that are due; each sets its next time when it is answered. */
static void ask_public(struct binance *b, int64_t now_ns)
{
	if (now_ns < b->budget.paused_ns[BN_URGENT])
		return;
	if (now_ns >= b->rules_at_ns && b->n_mine) {
		b->rules_at_ns = INT64_MAX;
		if (bn_ask(b, NULL, BN_RULES, UINT32_MAX, NULL))
			b->rules_at_ns = now_ns + b->times.backoff_max_ns;
	}
	if (now_ns >= b->clock_at_ns) {
		b->clock_at_ns = INT64_MAX;
		if (bn_ask(b, NULL, BN_TIME, UINT32_MAX, NULL))
			b->clock_at_ns = now_ns + b->times.backoff_max_ns;
	}
}

/* A question under way is answer enough. */
static void ask_clock(struct venue *v)
{
	struct binance *b = bn_of(v);
	if (b->clock_at_ns != INT64_MAX)
		b->clock_at_ns = 0;
	b->time_due_ns = 0;
}

static void ask_rules(struct venue *v)
{
	struct binance *b = bn_of(v);
	int64_t every_ns = DOUBTED_EVERY_NS << (b->rules_same < 5 ? b->rules_same : 5);
	rules_soon(b, every_ns < DOUBTED_MOST_NS ? every_ns : DOUBTED_MOST_NS);
}

/* An order may work, or an answer is waited for: all lines are needed now, those that bring reports and prices too. */
static void watch_lines(struct binance *b)
{
	bool closely = b->orders.n_free < b->orders.cap || b->requests.n_free < b->requests.cap;
	for (unsigned i = 0; i < 2; i++)
		b->market.link[i].closely = closely;
	for (uint16_t i = 0; i < b->n_sessions; i++)
		b->session[i].api.closely = b->session[i].user.closely = closely;
}

static void on_time(struct venue *v, int64_t mono_ns)
{
	struct binance *b = bn_of(v);
	/* Asked in every turn of a busy host: it looks a hundred times a second. */
	if (!b->started || mono_ns < b->time_due_ns)
		return;
	b->time_due_ns = mono_ns + TIME_EVERY_NS;
	watch_lines(b);
	bn_market_on_time(b, mono_ns);
	for (uint16_t i = 0; i < b->n_sessions; i++)
		bn_session_on_time(&b->session[i], mono_ns);
	expire(b, mono_ns);
	ask_public(b, mono_ns);
	bn_rest_pump(b);
	bn_evaluate(b, "dialled");
	/* The core asks for it when it hears of RECONCILING; after a failure, or if it did not, it is asked for here. */
	if (v->state == VENUE_RECONCILING && !b->reconciling && mono_ns >= b->reconcile_at_ns)
		v->ops->reconcile(v);
}

static void release(struct venue *v)
{
	struct binance *b = bn_of(v);
	for (uint16_t i = 0; i < b->n_sessions; i++)
		bn_session_free(&b->session[i]);
	bn_market_free(&b->market);
	bn_rest_free(&b->rest);
	bn_requests_free(&b->requests);
	bn_orders_free(&b->orders);
	symbols_free(&b->symbols);
	free(b->session);
	free(b->mine);
	free(b->qty_long);
	free(b->qty_short);
	free(b->qty_ns);
	free(b->armed_until_ns);
	free(b);
}

#define OPS(dialect_name)                                                                        \
	{                                                                                        \
		.name = dialect_name, .encode_id = binance_encode_id,                            \
		.decode_id = binance_decode_id, .depth_rule = depth_rule, .start = start,        \
		.stop = stop, .place = place, .cancel = cancel, .query = query,                  \
		.reconcile = bn_reconcile, .snapshot = snapshot, .on_time = on_time,             \
		.ask_clock = ask_clock, .ask_rules = ask_rules, .probe = probe, .free = release, \
		.replace = replace, .cancel_all = cancel_all, .arm = arm                         \
	}

static const struct venue_ops ops[binance_api_max] = {
	[BINANCE_SPOT] = OPS("binance_spot"),
	[BINANCE_USDM] = OPS("binance_usdm"),
};

/* ---- open ---- */

static int check(const struct binance_options *o)
{
	const struct binance_endpoint *need[] = { &o->stream, &o->rest,
						  o->n_accounts ? &o->api_ws : NULL,
						  o->n_accounts && o->api == BINANCE_USDM ? &o->user
											  : NULL };
	static const char *const name[] = { "stream", "rest", "api", "user" };
	for (unsigned i = 0; i < sizeof(need) / sizeof(*need); i++)
		if (need[i] && !need[i]->peer.host[0])
			return err_set(ERR_CONFIG, "%s: the address \"%s\" is not given",
				       bn_dialects[o->api].name, name[i]);
	if (o->recv_window_ns < 1000000 || o->recv_window_ns > 60000000000)
		return err_set(ERR_CONFIG, "recv_window must lie between 1 ms and 60 s");
	if (o->connect_timeout_ns <= 0 || o->answer_timeout_ns <= 0 || o->settle_ns < 0 ||
	    o->backoff_min_ns <= 0 || o->backoff_max_ns < o->backoff_min_ns ||
	    o->feed_silence_ns <= 0 || o->ping_after_ns < 0 ||
	    (o->ping_after_ns && o->pong_timeout_ns <= 0))
		return err_set(ERR_CONFIG, "%s: a time-out or a wait is not above zero",
			       bn_dialects[o->api].name);
	if (o->messages_per_s < 0 || o->reserve_pct < 0 || o->reserve_pct > 100)
		return err_set(ERR_CONFIG, "%s: the message budget makes no sense",
			       bn_dialects[o->api].name);
	return 0;
}

/* Symbols stand in addresses and in JSON as they are. */
static int check_symbol(const struct instrument *in)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	if (strspn(in->symbol, plain) == strlen(in->symbol))
		return 0;
	return err_set(ERR_CONFIG, "%s: the symbol \"%s\" has other bytes than letters and digits",
		       in->name, in->symbol);
}

static int take_instruments(struct binance *b, const struct binance_options *o)
{
	uint32_t n = o->n_instruments;
	b->mine = calloc(n + 1, sizeof(*b->mine));
	b->qty_long = calloc(n + 1, sizeof(*b->qty_long));
	b->qty_short = calloc(n + 1, sizeof(*b->qty_short));
	b->qty_ns = calloc(n + 1, sizeof(*b->qty_ns));
	b->armed_until_ns = calloc(n + 1, sizeof(*b->armed_until_ns));
	if (!b->mine || !b->qty_long || !b->qty_short || !b->qty_ns || !b->armed_until_ns)
		return err_set(ERR_NOMEM, "no memory for %u instruments", n);
	for (uint32_t i = 0; i < n; i++) {
		if (o->instrument[i].venue != o->venue)
			continue;
		int rc = check_symbol(&o->instrument[i]);
		if (rc)
			return rc;
		b->mine[b->n_mine++] = i;
	}
	return symbols_init(&b->symbols, o->instrument, n, o->venue);
}

static int init(struct binance *b, const struct binance_options *o)
{
	int rc = check(o);
	if (!rc)
		rc = take_instruments(b, o);
	if (!rc)
		rc = bn_requests_init(&b->requests,
				      o->max_requests ? o->max_requests : REQUESTS_DEFAULT);
	if (!rc)
		rc = bn_orders_init(&b->orders, o->max_orders ? o->max_orders : ORDERS_DEFAULT);
	if (!rc)
		rc = bn_rest_init(b);
	if (!rc)
		rc = bn_market_init(b, o->depth_speed ? o->depth_speed : "100ms",
				    o->book_levels ? o->book_levels : LEVELS_DEFAULT, o->lines);
	b->session = rc ? NULL : calloc((size_t)o->n_accounts + 1, sizeof(*b->session));
	if (!rc && !b->session)
		rc = err_set(ERR_NOMEM, "no memory for %u sessions", o->n_accounts);
	for (uint16_t i = 0; !rc && i < o->n_accounts; i++) {
		b->n_sessions++;
		rc = bn_session_init(b, &b->session[i], i, &o->account[i]);
	}
	return rc;
}

struct venue *binance_open(const struct binance_options *o)
{
	struct binance *b = calloc(1, sizeof(*b));
	if (!b) {
		err_set(ERR_NOMEM, "no memory for a venue");
		return NULL;
	}
	b->venue = (struct venue){ .ops = &ops[o->api], .host = o->host, .index = o->venue };
	b->api = o->api;
	b->dialect = &bn_dialects[o->api];
	b->stream = o->stream;
	b->api_ws = o->api_ws;
	b->rest_url = o->rest;
	b->user = o->user;
	b->instrument = o->instrument;
	b->assets = o->assets;
	b->recv_window_ms = o->recv_window_ns / 1000000;
	b->self_trade = o->self_trade;
	b->answer_timeout_ns = o->answer_timeout_ns;
	b->settle_ns = o->settle_ns;
	b->times = (struct bn_link_times){ .connect_ns = o->connect_timeout_ns,
					   .silence_ns = o->feed_silence_ns,
					   .backoff_min_ns = o->backoff_min_ns,
					   .backoff_max_ns = o->backoff_max_ns,
					   .ping_after_ns = o->ping_after_ns,
					   .pong_ns = o->pong_timeout_ns };
	bn_budget_init(&b->budget, o->messages_per_s, o->reserve_pct, bn_now(b).mono_ns);
	if (init(b, o)) {
		release(&b->venue);
		return NULL;
	}
	return &b->venue;
}
