#include "adapters/sim/wire.h"
#include "adapters/sim/wire_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOTH (ON_SPOT | ON_FUTURES)
#define SPOT ON_SPOT
#define USDM ON_FUTURES

/* All that can be asked for; the first row that fits counts. */
const struct wire_op wire_ops[] = {
	{ BOTH, "ping", NULL, NULL, WIRE_OPEN, false, 1, op_ping },
	{ BOTH, "time", NULL, NULL, WIRE_OPEN, false, 1, op_time },
	{ BOTH, "exchangeInfo", NULL, NULL, WIRE_OPEN, false, 20, op_info },
	{ BOTH, "depth", NULL, NULL, WIRE_OPEN, false, 5, op_depth },
	{ SPOT, NULL, "GET", "/api/v3/ping", WIRE_OPEN, false, 1, op_ping },
	{ SPOT, NULL, "GET", "/api/v3/time", WIRE_OPEN, false, 1, op_time },
	{ SPOT, NULL, "GET", "/api/v3/exchangeInfo", WIRE_OPEN, false, 20, op_info },
	{ SPOT, NULL, "GET", "/api/v3/depth", WIRE_OPEN, false, 5, op_depth },
	{ USDM, NULL, "GET", "/fapi/v1/ping", WIRE_OPEN, false, 1, op_ping },
	{ USDM, NULL, "GET", "/fapi/v1/time", WIRE_OPEN, false, 1, op_time },
	{ USDM, NULL, "GET", "/fapi/v1/exchangeInfo", WIRE_OPEN, false, 1, op_info },
	{ USDM, NULL, "GET", "/fapi/v1/depth", WIRE_OPEN, false, 5, op_depth },
	/* the session */
	{ BOTH, "session.logon", NULL, NULL, WIRE_OPEN, false, 2, op_logon },
	{ BOTH, "session.status", NULL, NULL, WIRE_OPEN, false, 2, op_session },
	{ BOTH, "session.logout", NULL, NULL, WIRE_OPEN, false, 2, op_logout },
	{ SPOT, "userDataStream.subscribe", NULL, NULL, WIRE_OPEN, false, 2, op_subscribe },
	{ SPOT, "userDataStream.subscribe.signature", NULL, NULL, WIRE_SIGNED, false, 2,
	  op_subscribe_signed },
	{ SPOT, "userDataStream.unsubscribe", NULL, NULL, WIRE_OPEN, false, 2, op_unsubscribe },
	{ USDM, "userDataStream.start", "POST", "/fapi/v1/listenKey", WIRE_KEYED, false, 5,
	  op_listen_start },
	{ USDM, "userDataStream.ping", "PUT", "/fapi/v1/listenKey", WIRE_KEYED, false, 1,
	  op_listen_keep },
	{ USDM, "userDataStream.stop", "DELETE", "/fapi/v1/listenKey", WIRE_KEYED, false, 1,
	  op_listen_stop },
	/* orders */
	{ SPOT, "order.place", "POST", "/api/v3/order", WIRE_SIGNED, true, 1, op_place },
	{ SPOT, "order.test", "POST", "/api/v3/order/test", WIRE_SIGNED, false, 1, op_test },
	{ SPOT, "order.cancel", "DELETE", "/api/v3/order", WIRE_SIGNED, true, 1, op_cancel },
	{ SPOT, "order.status", "GET", "/api/v3/order", WIRE_SIGNED, false, 4, op_status },
	{ SPOT, "openOrders.status", "GET", "/api/v3/openOrders", WIRE_SIGNED, false, 6,
	  op_open_orders },
	{ SPOT, "openOrders.cancelAll", "DELETE", "/api/v3/openOrders", WIRE_SIGNED, true, 1,
	  op_cancel_all },
	{ SPOT, "myTrades", "GET", "/api/v3/myTrades", WIRE_SIGNED, false, 20, op_trades },
	{ SPOT, "account.status", "GET", "/api/v3/account", WIRE_SIGNED, false, 20, op_account },
	{ USDM, "order.place", "POST", "/fapi/v1/order", WIRE_SIGNED, true, 0, op_place },
	{ USDM, "order.test", "POST", "/fapi/v1/order/test", WIRE_SIGNED, false, 0, op_test },
	{ USDM, "order.modify", "PUT", "/fapi/v1/order", WIRE_SIGNED, true, 1, op_modify },
	{ USDM, "order.cancel", "DELETE", "/fapi/v1/order", WIRE_SIGNED, true, 1, op_cancel },
	{ USDM, "order.status", "GET", "/fapi/v1/order", WIRE_SIGNED, false, 1, op_status },
	{ USDM, NULL, "GET", "/fapi/v1/openOrders", WIRE_SIGNED, false, 1, op_open_orders },
	{ USDM, NULL, "DELETE", "/fapi/v1/allOpenOrders", WIRE_SIGNED, true, 1, op_cancel_all },
	{ USDM, NULL, "POST", "/fapi/v1/countdownCancelAll", WIRE_SIGNED, false, 10, op_countdown },
	{ USDM, NULL, "GET", "/fapi/v1/userTrades", WIRE_SIGNED, false, 5, op_trades },
	/* accounts; versions differ in what they leave out, which nobody here needs */
	{ USDM, "account.status", "GET", "/fapi/v2/account", WIRE_SIGNED, false, 5, op_account },
	{ USDM, "v2/account.status", "GET", "/fapi/v3/account", WIRE_SIGNED, false, 5, op_account },
	{ USDM, "account.balance", "GET", "/fapi/v2/balance", WIRE_SIGNED, false, 5, op_balance },
	{ USDM, "v2/account.balance", "GET", "/fapi/v3/balance", WIRE_SIGNED, false, 5,
	  op_balance },
	{ USDM, "account.position", "GET", "/fapi/v2/positionRisk", WIRE_SIGNED, false, 5,
	  op_position },
	{ USDM, "v2/account.position", "GET", "/fapi/v3/positionRisk", WIRE_SIGNED, false, 5,
	  op_position },
	{ 0, NULL, NULL, NULL, WIRE_OPEN, false, 0, NULL },
};

/* ---------------------------------------------------------------- errors */

int wire_fail(struct wire_call *c, int status, int code, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(c->msg, sizeof c->msg, fmt, args);
	va_end(args);
	c->status = status;
	c->code = code;
	return -1;
}

int wire_fail_outcome(struct wire_call *c, enum outcome o)
{
	int status = o == OUT_BUSY || o == OUT_DISK ? 503 : 400;
	return wire_fail(c, status, outcome_code(o, c->w->kind), "%s", outcome_text(o, c->w->kind));
}

/* ---------------------------------------------------------------- from request to answer */

static const struct wire_op *find(const struct wire_call *c, const char *method)
{
	uint8_t on = wire_futures(c) ? ON_FUTURES : ON_SPOT;
	for (const struct wire_op *o = wire_ops; o->run; o++)
		if ((o->on & on) && (c->s ? o->method && strcmp(o->method, method) == 0
					  : o->path && strcmp(o->path, c->r->path) == 0 &&
						     strcmp(o->verb, method) == 0))
			return o;
	/* "v3/order.place" is order.place. */
	if (c->s && method[0] == 'v' && isdigit((unsigned char)method[1]) && method[2] == '/')
		return find(c, method + 3);
	return NULL;
}

static bool path_exists(const struct wire_call *c)
{
	uint8_t on = wire_futures(c) ? ON_FUTURES : ON_SPOT;
	for (const struct wire_op *o = wire_ops; o->run; o++)
		if ((o->on & on) && o->path && strcmp(o->path, c->r->path) == 0)
			return true;
	return false;
}

static int too_much(struct wire_call *c, int64_t until_ns)
{
	c->retry_at_ns = until_ns;
	return wire_fail(
		c, 429, -1003,
		"Too much request weight used; current limit is %d request weight per 1 "
		"MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
		c->w->limits.limit[LIMIT_WEIGHT]);
}

static int run(struct wire_call *c)
{
	c->op = find(c, c->r->method);
	if (!c->op && c->s)
		return wire_fail(c, 400, -1020, "This operation is not supported.");
	if (!c->op && path_exists(c))
		return wire_fail(c, 405, -1020, "Request method '%s' is not supported.",
				 c->r->method);
	if (!c->op)
		return wire_fail(c, 404, -1020, "This operation is not supported.");
	if (wire_in_trouble(c))
		return -1;
	int64_t until = wire_limits_weight(&c->w->limits, c->now_ns, c->op->weight);
	if (until)
		return too_much(c, until);
	int rc = wire_authorise(c);
	if (rc == 0)
		rc = c->op->run(c);
	if (rc == 0 && c->out.full)
		rc = wire_fail(c, 500, -1000,
			       "An unknown error occurred while processing the request.");
	return rc;
}

static void start_call(struct wire *w, struct wire_call *c, int64_t now_ns)
{
	w->now_ns = now_ns;
	c->w = w;
	c->r = &w->request;
	c->account = LEDGER_NONE;
	c->now_ns = now_ns;
	c->status = 200;
	json_out_init(&c->out, w->result, WIRE_ANSWER - 4096);
}

static void put_error(const struct wire_call *c, struct json_out *j, const char *key)
{
	json_obj(j, key);
	json_int(j, "code", c->code);
	json_str(j, "msg", c->msg);
	if (c->retry_at_ns && c->s) {
		json_obj(j, "data");
		json_int(j, "serverTime", c->now_ns / MS_NS);
		json_int(j, "retryAfter", c->retry_at_ns / MS_NS);
		json_obj_end(j);
	}
	json_obj_end(j);
}

/* A request says it for itself, a connection's address for all of its requests. */
static bool shows_limits(const struct wire_call *c)
{
	const char *wanted = wire_request_get(c->r, "returnRateLimits");
	return wanted ? strcmp(wanted, "false") != 0 : !c->s->no_limits;
}

/* {"id":...,"status":...,"result"|"error":...,"rateLimits":[...]}: the result is text already. */
static void ws_answer(struct wire_call *c, struct wire_answer *out)
{
	struct wire *w = c->w;
	char limits[1024], error[512];
	struct json_out j;
	const char *value = w->result, *key = "result";
	size_t value_n = c->out.len;
	if (c->code) {
		json_out_init(&j, error, sizeof error);
		put_error(c, &j, NULL);
		key = "error";
		value = error;
		value_n = j.len;
	}
	bool orders = c->op && c->op->order && c->account != LEDGER_NONE;
	bool shown = shows_limits(c);
	json_out_init(&j, limits, sizeof limits);
	json_obj(&j, NULL);
	if (shown)
		wire_limits_write(&w->limits, &j, orders, c->account);
	json_obj_end(&j);
	int n = snprintf(w->answer, WIRE_ANSWER, "{\"id\":%s,\"status\":%d,\"%s\":%.*s%s%s",
			 c->r->id, c->status, key, (int)value_n, value, shown ? "," : "",
			 limits + 1);
	must(n > 0 && n < (int)WIRE_ANSWER);
	*out = (struct wire_answer){ .text = w->answer, .n = (size_t)n, .status = c->status };
}

void wire_ws(struct wire *w, struct wire_session *s, int64_t now_ns, const char *text, size_t n,
	     struct wire_answer *out)
{
	struct wire_call c = { .s = s, .api_key = "" };
	start_call(w, &c, now_ns);
	if (wire_request_ws(c.r, text, n) != 0)
		wire_fail(&c, 400, -1135, "Invalid JSON Request: %s", err_text());
	else
		(void)run(&c);
	wire_flush_changes(w);
	ws_answer(&c, out);
}

void wire_rest(struct wire *w, int64_t now_ns, const char *method, const char *target,
	       size_t target_n, const char *api_key, const char *body, size_t body_n,
	       struct wire_answer *out)
{
	struct wire_call c = { .api_key = api_key };
	start_call(w, &c, now_ns);
	int rc = wire_request_rest(c.r, method, target, target_n, body, body_n);
	if (rc == -ERR_NOTFOUND)
		wire_fail(&c, 404, -1020, "This operation is not supported.");
	else if (rc)
		wire_fail(&c, 400, -1101, "%s", err_text());
	else
		(void)run(&c);
	wire_flush_changes(w);
	if (c.code) {
		json_out_init(&c.out, w->result, WIRE_ANSWER - 4096);
		put_error(&c, &c.out, NULL);
	}
	*out = (struct wire_answer){ .text = w->result, .n = c.out.len, .status = c.status };
	if (c.retry_at_ns)
		out->retry_after_s = (c.retry_at_ns - now_ns) / 1000000000 + 1;
}

void wire_market_moved(struct wire *w, int64_t now_ns)
{
	w->now_ns = now_ns;
	(void)wire_countdown(w, now_ns);
	wire_flush_changes(w);
}

/* ---------------------------------------------------------------- life */

int wire_init(struct wire *w, const struct wire_config *c, int64_t now_ns, wire_report_fn report,
	      void *owner)
{
	*w = (struct wire){
		.kind = c->exchange.kind, .report = report, .owner = owner, .now_ns = now_ns
	};
	w->exchange.ledger.fd = -1;
	must(c->n_keys <= WIRE_KEYS);
	memcpy(w->key, c->key, c->n_keys * sizeof *c->key);
	w->n_keys = c->n_keys;
	wire_limits_init(&w->limits, &c->limits, w->kind == MARKET_FUTURES);
	struct rng root, own;
	rng_seed(&root, c->seed);
	rng_fork(&root, c->exchange.name, &own);
	w->secret = rng_next(&own);
	int rc = knobs_init(&w->knobs, &c->knobs, rng_next(&own), now_ns);
	if (rc == 0)
		rc = exchange_init(&w->exchange, &c->exchange, &w->knobs, now_ns, wire_on_event, w);
	if (rc)
		return rc;
	w->changed.account = LEDGER_NONE;
	/* Of what it made up before a restart nothing may come again. */
	w->next_exec = w->exchange.next_id * 1000 + w->exchange.n_fills;
	w->result = malloc(WIRE_ANSWER);
	w->answer = malloc(WIRE_ANSWER);
	w->event = malloc(WIRE_ANSWER);
	w->level = calloc(w->exchange.config.max_levels, sizeof *w->level);
	w->orders = calloc(w->exchange.config.max_orders, sizeof *w->orders);
	w->trades = calloc(w->exchange.config.max_trades, sizeof *w->trades);
	if (w->result && w->answer && w->event && w->level && w->orders && w->trades)
		return 0;
	wire_free(w);
	return err_set(ERR_NOMEM, "no memory for the wire of %s", c->exchange.name);
}

void wire_free(struct wire *w)
{
	if (w->exchange.book)
		exchange_free(&w->exchange);
	free(w->result);
	free(w->answer);
	free(w->event);
	free(w->level);
	free(w->orders);
	free(w->trades);
	*w = (struct wire){ 0 };
}
