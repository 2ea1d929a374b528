/* What comes of each answer, as a table by question; and of an account's own events. */
#include "adapters/binance/bn.h"
#include "adapters/codec/binance_code.h"
#include "adapters/codec/binance_rules.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <string.h>

#define RULES_EVERY_NS	3600000000000ll
#define CLOCK_EVERY_NS	60000000000ll
#define ORDERS_PAUSE_NS 10000000000ll /* the shortest stretch that orders are counted in */

typedef void (*bn_answer)(struct binance *b, struct bn_request *q, const struct binance_message *m,
			  int64_t recv_ns);

static bool good(const struct binance_message *m)
{
	return m->status == 200 && !m->code;
}

static struct bn_session *session_of(struct binance *b, const struct bn_request *q)
{
	return q->session == BN_NO_SESSION ? NULL : &b->session[q->session];
}

static void bad_input(struct binance *b, uint32_t instrument, enum bad_input what, const char *why,
		      const struct json_value *v)
{
	b->venue.host.on_bad(b->venue.host.core, b->venue.index, instrument, what, why, v->p, v->n);
}

/* ---- the session's own steps ---- */

static void on_step(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	struct bn_session *s = session_of(b, q);
	char why[192];
	(void)recv_ns;
	if (good(m)) {
		bn_session_event(s, BN_EV_DONE, bn_ask_name((enum bn_ask)q->ask));
		return;
	}
	bool refused = binance_code_find(m->status, m->code, m->text)->reject_class == REJECT_AUTH;
	snprintf(why, sizeof(why), "%s: the %s failed: %d %d %.90s", s->name,
		 bn_ask_name((enum bn_ask)q->ask), m->status, m->code,
		 m->status ? m->text : "no answer");
	if (refused)
		log_error(
			"%s (check the key, its rights and its address list; trying again slowly)",
			why);
	bn_session_break(s, refused, why);
}

/* A listen key goes into an address: letters and digits only. */
static bool plain_key(const char *key)
{
	for (; *key; key++)
		if (!((*key >= '0' && *key <= '9') || (*key >= 'A' && *key <= 'Z') ||
		      (*key >= 'a' && *key <= 'z') || *key == '-' || *key == '_'))
			return false;
	return true;
}

static void on_listen_key(struct binance *b, struct bn_request *q, const struct binance_message *m,
			  int64_t recv_ns)
{
	static const char *const name[] = { "listenKey" };
	struct bn_session *s = session_of(b, q);
	struct json_scan j;
	struct json_value key;
	json_scan_value(&j, &m->result);
	bool has = good(m) && json_members(&j, name, &key, 1) &&
		   json_text(&key, s->listen_key, sizeof(s->listen_key)) &&
		   plain_key(s->listen_key);
	if (good(m) && !has)
		bn_session_break(s, false, "the answer holds no listen key");
	else
		on_step(b, q, m, recv_ns);
}

static void on_keep_alive(struct binance *b, struct bn_request *q, const struct binance_message *m,
			  int64_t recv_ns)
{
	(void)recv_ns;
	if (!good(m))
		bn_session_break(session_of(b, q), false, "the listen key could not be kept alive");
}

/* ---- rules and time ---- */

static bool same_filters(const struct rule *x, const struct rule *y)
{
	return x->tick == y->tick && x->lot == y->lot && x->min_qty == y->min_qty &&
	       x->max_qty == y->max_qty && x->min_notional_e8 == y->min_notional_e8 &&
	       x->band_up_ppm == y->band_up_ppm && x->band_down_ppm == y->band_down_ppm;
}

static void on_rule(void *owner, const struct symbol *s, const struct rule *filters,
		    const struct caps *caps, bool trading)
{
	struct binance *b = owner;
	const struct instrument *in = &b->instrument[s->instrument];
	const struct rule *now = instrument_rule(in, filters->from_utc_ns);
	struct rule r = *filters;
	if (!trading)
		log_warn("%s: %s does not trade now", in->name, s->text);
	if (in->caps.types & ~caps->types || in->caps.tifs & ~(caps->tifs | 1u << TIF_DAY))
		log_warn("%s: the venue does not take all order types that the configuration names",
			 in->name);
	if (now && same_filters(now, filters))
		return;
	if (now) { /* what exchangeInfo does not say goes on */
		r.fee = now->fee;
		r.margin_e8 = now->margin_e8;
		r.band_lo = now->band_lo;
		r.band_hi = now->band_hi;
	}
	b->venue.host.on_rule(b->venue.host.core, s->instrument, &r);
}

static void on_rules(struct binance *b, struct bn_request *q, const struct binance_message *m,
		     int64_t recv_ns)
{
	struct binance_rules r = { .api = b->api,
				   .symbols = &b->symbols,
				   .utc_ns = bn_now(b).utc_ns,
				   .owner = b,
				   .on_rule = on_rule };
	(void)q;
	int rc = good(m) ? binance_rules_read(&r, m->result.p, m->result.n)
			 : err_set(ERR_NET, "exchangeInfo: %d %d %s", m->status, m->code, m->text);
	if (!rc && r.found < b->n_mine)
		rc = err_set(ERR_CONFIG,
			     "exchangeInfo knows %u of %u instruments: check their symbols",
			     r.found, b->n_mine);
	b->rules_at_ns = recv_ns + (rc ? b->times.backoff_max_ns : RULES_EVERY_NS);
	if (rc) {
		log_error("%s: %s", b->dialect->name, err_text());
		return;
	}
	b->rules_known = true;
	bn_evaluate(b, "trading rules are known");
}

static void on_time(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	static const char *const name[] = { "serverTime" };
	struct json_scan j;
	struct json_value v;
	int64_t ms;
	b->clock_at_ns = recv_ns + (good(m) ? CLOCK_EVERY_NS : b->times.backoff_max_ns);
	json_scan_value(&j, &m->result);
	if (!good(m) || !json_members(&j, name, &v, 1) || !json_int64(&v, &ms) || ms <= 0 ||
	    ms > INT64_MAX / 1000000)
		return;
	int64_t venue_ns = ms * 1000000, way_ns = recv_ns - q->sent_ns;
	b->venue.host.on_clock(b->venue.host.core, b->venue.index, q->sent_ns, venue_ns, venue_ns,
			       recv_ns);
	/* Half of the way is what the answer cannot tell: an offset within it is none. */
	int64_t offset = venue_ns - (bn_now(b).utc_ns - way_ns / 2);
	int64_t unsure = way_ns / 2 + 1000000;
	b->clock_offset_ns = offset > unsure || offset < -unsure ? offset : 0;
}

static void on_book(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns)
{
	const struct instrument *in = &b->instrument[q->instrument];
	struct binance_md *md = &b->market.md;
	struct binance_md_event ev;
	const struct symbol *s = symbols_find(&b->symbols, in->symbol, strlen(in->symbol));
	if (!good(m))
		return; /* the book asks again when it is overdue */
	if (binance_md_snapshot(md, s, m->result.p, m->result.n, recv_ns, &ev))
		bad_input(b, q->instrument, md->bad, md->why, &m->result);
	else
		b->venue.host.on_snapshot(b->venue.host.core, q->instrument, &ev.depth);
}

/* ---- orders ---- */

/* The report that a request about an order ends in when there is no better one. */
static void report_order(struct binance *b, const struct bn_request *q, enum exec_kind kind,
			 const struct binance_message *m, int64_t recv_ns)
{
	struct exec_report r = q->report;
	r.kind = (uint8_t)kind;
	r.recv_ns = recv_ns;
	r.status = 0;
	r.has_cum = false;
	r.cum = 0;
	r.code = m->code;
	r.reject_class = binance_code_find(m->status, m->code, m->text)->reject_class;
	if (m->text[0])
		snprintf(r.text, sizeof(r.text), "%s", m->text);
	else if (!m->status)
		snprintf(r.text, sizeof(r.text), "no answer to the %s",
			 bn_ask_name((enum bn_ask)q->ask));
	bn_exec(b, &r);
}

static enum binance_fate fate(const struct binance_message *m)
{
	return (enum binance_fate)binance_code_find(m->status, m->code, m->text)->fate;
}

/* Reads an order out of a good answer; false when it cannot be read or is not the one that was asked about. */
static bool read_order(struct binance *b, const struct bn_request *q,
		       const struct binance_message *m, int64_t recv_ns, struct exec_report *r)
{
	struct binance_exec *c = &session_of(b, q)->exec;
	if (binance_order_state(c, &m->result, recv_ns, r)) {
		bad_input(b, q->instrument, c->bad, c->why, &m->result);
		return false;
	}
	if (r->order != q->order || r->instrument != q->instrument) {
		bad_input(b, q->instrument, BAD_UNKNOWN, "an answer about another order",
			  &m->result);
		return false;
	}
	if (r->kind == EXEC_ACK) { /* it names neither */
		r->side = q->report.side;
		r->px = q->report.px;
		r->qty = q->report.qty;
	}
	if (r->venue_ns)
		b->venue.host.on_clock(b->venue.host.core, b->venue.index, q->sent_ns, r->venue_ns,
				       r->venue_ns, recv_ns);
	return true;
}

static void on_place(struct binance *b, struct bn_request *q, const struct binance_message *m,
		     int64_t recv_ns)
{
	struct exec_report r;
	if (!good(m)) {
		report_order(b, q, fate(m) == FATE_REFUSED ? EXEC_REJECTED : EXEC_UNKNOWN, m,
			     recv_ns);
		return;
	}
	if (!read_order(b, q, m, recv_ns, &r)) {
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	/* Whatever state it shows beyond being taken, the account's events tell in their order. */
	r.kind = EXEC_ACK;
	r.has_cum = false;
	bn_exec(b, &r);
}

static void on_cancel(struct binance *b, struct bn_request *q, const struct binance_message *m,
		      int64_t recv_ns)
{
	struct exec_report r;
	const struct bn_order *e = bn_orders_find(&b->orders, q->order);
	if (!good(m)) {
		report_order(b, q, fate(m) == FATE_UNKNOWN ? EXEC_UNKNOWN : EXEC_CANCEL_REJECTED, m,
			     recv_ns);
		return;
	}
	if (!read_order(b, q, m, recv_ns, &r)) {
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	/* Ahead of fills that are still on their way its end would be news out of order: the account's events bring it then. */
	if (r.kind != EXEC_STATUS || r.status != ORDER_CANCELLED || !e || e->cum != r.cum)
		return;
	r.kind = EXEC_CANCELLED;
	bn_exec(b, &r);
}

/* Not found counts only once the venue had time to settle: before, the order may be on its way. */
static bool settled(const struct binance *b, const struct bn_request *q, int64_t recv_ns)
{
	int64_t sent = q->order_sent_ns > 0 && q->order_sent_ns <= recv_ns ? q->order_sent_ns
									   : b->started_ns;
	/* The answer is as old as its question. */
	return q->sent_ns - sent >= b->settle_ns;
}

static void on_status(struct binance *b, struct bn_request *q, const struct binance_message *m,
		      int64_t recv_ns)
{
	struct exec_report r;
	if (!good(m)) {
		bool absent = fate(m) == FATE_ABSENT && settled(b, q, recv_ns);
		report_order(b, q, absent ? EXEC_NOT_FOUND : EXEC_UNKNOWN, m, recv_ns);
		return;
	}
	bool read = read_order(b, q, m, recv_ns, &r) && r.kind == EXEC_STATUS;
	if (read && r.cum <= q->known_cum)
		bn_exec(b, &r);
	else if (!read || bn_ask_trades(b, session_of(b, q), q, &r))
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
}

static void on_trades(struct binance *b, struct bn_request *q, const struct binance_message *m,
		      int64_t recv_ns)
{
	struct binance_exec *c = &session_of(b, q)->exec;
	struct exec_report r;
	struct json_scan j;
	struct json_value row;
	int64_t sum = 0;
	bool complete = good(m) && m->result.token == TOKEN_ARRAY;
	json_scan_value(&j, &m->result);
	if (complete)
		json_next(&j);
	while (complete && json_take(&j, &row)) {
		if (binance_trade(c, &row, recv_ns, &r) || r.instrument != q->instrument) {
			bad_input(b, q->instrument, c->bad, c->why, &row);
			complete = false;
			break;
		}
		if (strcmp(r.venue_order, q->report.venue_order) != 0)
			continue;
		r.order = q->order;
		memcpy(r.client, q->report.client, sizeof(r.client));
		sum += r.qty;
		bn_exec(b, &r);
	}
	/* A list that lags behind the order's own count leaves the outcome open. */
	if (!complete || sum < q->report.cum)
		report_order(b, q, EXEC_UNKNOWN, m, recv_ns);
	else
		bn_exec(b, &q->report);
}

/* ---- reconciliation ---- */

typedef int (*bn_row)(struct binance *b, struct bn_session *s, const struct json_value *row,
		      int64_t recv_ns);

static int row_order(struct binance *b, struct bn_session *s, const struct json_value *row,
		     int64_t recv_ns)
{
	struct exec_report r;
	int rc = binance_order_state(&s->exec, row, recv_ns, &r);
	if (!rc)
		bn_exec(b, &r);
	return rc;
}

static int row_balance(struct binance *b, struct bn_session *s, const struct json_value *row,
		       int64_t venue_ns)
{
	struct binance_balance x;
	int rc = binance_balance(&s->exec, row, &x);
	if (!rc && x.asset)
		b->venue.host.on_balance(b->venue.host.core, s->account, x.asset, x.free_e8,
					 x.locked_e8, venue_ns);
	return rc;
}

static int row_position(struct binance *b, struct bn_session *s, const struct json_value *row,
			int64_t venue_ns)
{
	struct binance_position x;
	(void)venue_ns;
	int rc = binance_position(&s->exec, row, &x);
	if (rc)
		return rc;
	b->qty_long[x.instrument] += x.qty_long;
	b->qty_short[x.instrument] += x.qty_short;
	return 0;
}

/* Each row of an array; rows of instruments that are not ours are passed by. False: not all could be read. */
static bool each_row(struct binance *b, struct bn_session *s, const struct json_value *array,
		     bn_row fn, int64_t t)
{
	struct json_scan j;
	struct json_value row;
	if (array->token != TOKEN_ARRAY)
		return false;
	json_scan_value(&j, array);
	json_next(&j);
	while (json_take(&j, &row)) {
		int rc = fn(b, s, &row, t);
		if (rc && rc != -ERR_NOTFOUND) {
			bad_input(b, UINT32_MAX, s->exec.bad, s->exec.why, &row);
			return false;
		}
	}
	return !j.error;
}

static void on_open_orders(struct binance *b, struct bn_request *q, const struct binance_message *m,
			   int64_t recv_ns)
{
	struct bn_session *s = session_of(b, q);
	bn_reconcile_part(b, s, BN_OPEN_ORDERS, q->id,
			  good(m) && each_row(b, s, &m->result, row_order, recv_ns));
}

static void on_positions(struct binance *b, struct bn_request *q, const struct binance_message *m,
			 int64_t recv_ns)
{
	struct bn_session *s = session_of(b, q);
	(void)recv_ns;
	for (uint32_t i = 0; i < b->n_mine; i++)
		b->qty_long[b->mine[i]] = b->qty_short[b->mine[i]] = 0;
	bool whole = good(m) && each_row(b, s, &m->result, row_position, 0);
	/* The whole list names what there is: an instrument that is not in it has no position. */
	for (uint32_t i = 0; whole && i < b->n_mine; i++)
		b->venue.host.on_position(b->venue.host.core, s->account, b->mine[i],
					  b->qty_long[b->mine[i]], b->qty_short[b->mine[i]], 0);
	bn_reconcile_part(b, s, BN_POSITIONS, q->id, whole);
}

static void on_balances(struct binance *b, struct bn_request *q, const struct binance_message *m,
			int64_t recv_ns)
{
	static const char *const name[] = { "balances" };
	struct bn_session *s = session_of(b, q);
	struct json_value rows = m->result;
	struct json_scan j;
	(void)recv_ns;
	json_scan_value(&j, &m->result);
	if (rows.token == TOKEN_OBJECT && !json_members(&j, name, &rows, 1)) /* spot wraps them */
		rows = (struct json_value){ 0 };
	bn_reconcile_part(b, s, BN_BALANCES, q->id,
			  good(m) && each_row(b, s, &rows, row_balance, 0));
}

/* ---- the table ---- */

static const bn_answer answers[] = {
	[BN_LOGON] = on_step,
	[BN_SUBSCRIBE] = on_step,
	[BN_LISTEN_KEY] = on_listen_key,
	[BN_KEEP_ALIVE] = on_keep_alive,
	[BN_RULES] = on_rules,
	[BN_TIME] = on_time,
	[BN_BOOK] = on_book,
	[BN_PLACE] = on_place,
	[BN_CANCEL] = on_cancel,
	[BN_STATUS] = on_status,
	[BN_TRADES] = on_trades,
	[BN_OPEN_ORDERS] = on_open_orders,
	[BN_POSITIONS] = on_positions,
	[BN_BALANCES] = on_balances,
};
_Static_assert(sizeof(answers) / sizeof(*answers) == bn_ask_max, "an answer for each question");

/* What an answer says about how we may go on, whatever it answers. */
static void heed(struct binance *b, const struct bn_request *q, const struct binance_message *m,
		 int64_t recv_ns)
{
	bool barred = m->status == 429 || m->status == 418 || m->code == -1003;
	if (barred || m->code == -1015) {
		int64_t wait = ORDERS_PAUSE_NS;
		if (m->retry_after_ms > 0 && m->retry_after_ms < INT64_MAX / 1000000)
			wait = m->retry_after_ms * 1000000 - bn_now(b).utc_ns;
		else if (barred)
			wait = b->times.backoff_max_ns > wait ? b->times.backoff_max_ns : wait;
		/* Too many orders: cancels and questions may go on. Too much at all: nothing may, or a ban follows. */
		bn_budget_pause(&b->budget, recv_ns + wait, barred);
		log_warn("%s: asked to slow down for %lld ms (%d %d %s)", b->dialect->name,
			 (long long)(wait / 1000000), m->status, m->code, m->text);
	}
	if (binance_code_find(m->status, m->code, m->text)->reject_class == REJECT_CLOCK)
		b->clock_at_ns = 0;
	/* The venue takes a log-on back with this code. */
	struct bn_session *s = session_of(b, q);
	if (m->code == -2015 && s && s->state == BN_SES_READY) {
		log_error("%s: the key was refused: %s", s->name, m->text);
		bn_session_break(s, true, "the venue revoked the session");
	}
}

void bn_reply(struct binance *b, struct bn_request *q, const struct binance_message *m,
	      int64_t recv_ns)
{
	struct bn_request copy = *q;
	bn_requests_del(&b->requests, q);
	if (!m->status && copy.rest)
		bn_rest_drop(&b->rest, copy.id);
	answers[copy.ask](b, &copy, m, recv_ns);
	heed(b, &copy, m, recv_ns);
}

/* ---- an account's own events ---- */

/* Positions as ACCOUNT_UPDATE lists them: only those that changed. */
static int row_changed(struct binance *b, struct bn_session *s, const struct json_value *row,
		       int64_t venue_ns)
{
	struct binance_position x;
	int rc = binance_position(&s->exec, row, &x);
	if (!rc && x.hedge)
		s->due |= 1u << BN_POSITIONS;
	else if (!rc)
		b->venue.host.on_position(b->venue.host.core, s->account, x.instrument, x.qty_long,
					  x.qty_short, venue_ns);
	return rc;
}

void bn_user_event(struct binance *b, struct bn_session *s, const struct json_value *event,
		   int64_t recv_ns)
{
	struct binance_event ev;
	if (binance_event(&s->exec, event, recv_ns, &ev)) {
		bad_input(b, UINT32_MAX, s->exec.bad, s->exec.why, event);
		/* It may have been a fill: as good as a broken line. */
		bn_session_break(s, false, "an event of the account could not be read");
		return;
	}
	switch ((enum binance_event_kind)ev.kind) {
	case BINANCE_EV_EXEC:
		bn_exec(b, &ev.exec);
		break;
	case BINANCE_EV_BALANCES:
		each_row(b, s, &ev.array, row_balance, ev.venue_ns);
		break;
	case BINANCE_EV_ACCOUNT:
		each_row(b, s, &ev.array, row_changed, ev.venue_ns);
		s->due |= 1u << BN_BALANCES; /* it tells wallets, not what is free in them */
		break;
	case BINANCE_EV_LISTEN_KEY:
	case BINANCE_EV_TERMINATED:
	case BINANCE_EV_SHUTDOWN:
		s->api.failures = 0;
		bn_session_break(s, false,
				 binance_event_kind_name((enum binance_event_kind)ev.kind));
		break;
	case BINANCE_EV_TRADE_LITE: /* the whole report follows, with the fee */
	case BINANCE_EV_OTHER:
	case binance_event_kind_max:
		break;
	}
}
