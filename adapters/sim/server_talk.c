/* What is said on a WebSocket: requests of the API, subscriptions of streams, and reports on their way to who asked for them. */
#include "adapters/sim/server_parts.h"
#include "core/base/json_out.h"
#include <stdio.h>
#include <string.h>

#define SECOND_NS 1000000000ll

/* ---------------------------------------------------------------- streams */

static bool allowed(const struct server_conn *c, const struct wire_stream *sub)
{
	bool is_public = sub->kind == STREAM_QUOTE || sub->kind == STREAM_DEPTH ||
			 strstr(sub->name, "@depth");
	if (sub->kind == STREAM_TRADE)
		return true;
	return c->group == GROUP_ALL || is_public == (c->group == GROUP_PUBLIC);
}

/* One more; true also for what is not served: the venue takes any name and stays silent. */
static bool add_sub(struct server_conn *c, const char *name, size_t n)
{
	const struct setup_venue *v = c->venue->setup;
	struct wire_stream sub;
	if (!wire_stream_parse(name, n, v->instrument, v->n_instruments, &sub))
		return false;
	for (uint32_t i = 0; i < c->n_sub; i++)
		if (strcmp(c->sub[i].name, sub.name) == 0)
			return true;
	if (c->n_sub == SERVER_SUBS)
		return false;
	/* On the wrong one of the two addresses a stream is never heard of. */
	if (!allowed(c, &sub))
		sub.instrument = UINT16_MAX;
	c->sub[c->n_sub++] = sub;
	return true;
}

static void remove_sub(struct server_conn *c, const char *name)
{
	for (uint32_t i = 0; i < c->n_sub; i++)
		if (strcmp(c->sub[i].name, name) == 0) {
			c->sub[i] = c->sub[--c->n_sub];
			return;
		}
}

bool conn_subscribe(struct server_conn *c, const char *names, size_t n, char separator)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(names + at, separator, n - at);
		size_t len = end ? (size_t)(end - (names + at)) : n - at;
		if (len && !add_sub(c, names + at, len))
			return false;
		at += len + 1;
	}
	return true;
}

static void answer_list(const struct server_conn *c, const char *id, struct json_out *j, char *tail,
			size_t cap)
{
	json_arr(j, NULL);
	for (uint32_t i = 0; i < c->n_sub; i++)
		json_str(j, NULL, c->sub[i].name);
	json_arr_end(j);
	snprintf(tail, cap, ",\"id\":%s}", id);
}

static void run_stream(struct server_conn *c, const char *p, size_t n)
{
	struct wire_stream_ask ask;
	char *out = c->server->frame, tail[300];
	int len;
	wire_stream_ask(&ask, p, n);
	for (uint32_t i = 0; i < ask.n && ask.kind != REQUEST_BAD; i++) {
		if (ask.kind == REQUEST_UNSUBSCRIBE) {
			remove_sub(c, ask.name[i]);
		} else if (!add_sub(c, ask.name[i], strlen(ask.name[i]))) {
			ask.kind = REQUEST_BAD;
			ask.code = 2;
			snprintf(ask.msg, sizeof ask.msg,
				 "Invalid request: no such stream, or too many of them");
		}
	}
	if (ask.kind == REQUEST_BAD) {
		len = snprintf(out, WIRE_ANSWER,
			       "{\"error\":{\"code\":%d,\"msg\":\"%s\"},\"id\":%s}", ask.code,
			       ask.msg, ask.id);
	} else if (ask.kind == REQUEST_LIST) {
		struct json_out j;
		size_t at = (size_t)snprintf(out, WIRE_ANSWER, "{\"result\":");
		json_out_init(&j, out + at, WIRE_ANSWER / 2);
		answer_list(c, ask.id, &j, tail, sizeof tail);
		len = (int)(at + j.len) + snprintf(out + at + j.len, WIRE_ANSWER / 4, "%s", tail);
	} else {
		len = snprintf(out, WIRE_ANSWER, "{\"result\":null,\"id\":%s}", ask.id);
	}
	conn_reply(c, c->server->now.mono_ns, out, (size_t)len);
}

/* More than the venue listens to in a second ends the connection. */
static bool too_fast(struct server_conn *c)
{
	int32_t most = c->venue->setup->kind == MARKET_FUTURES ? 10 : 5;
	int64_t now_ns = c->server->now.mono_ns;
	if (now_ns - c->second_ns >= SECOND_NS) {
		c->second_ns = now_ns;
		c->messages = 0;
	}
	if (++c->messages <= most)
		return false;
	(void)ws_close(&c->ws, WS_CLOSE_POLICY, "Too many requests");
	conn_cut(c);
	return true;
}

/* ---------------------------------------------------------------- the API */

void conn_on_text(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	struct server_conn *c = owner;
	struct knobs *k = &c->venue->wire.knobs;
	(void)ws;
	(void)recv_ns;
	env_now(c->server->env, &c->server->now);
	int64_t now_ns = c->server->now.mono_ns;
	if (c->role != ROLE_API) {
		if (!too_fast(c))
			run_stream(c, p, n);
		return;
	}
	if (c->venue->kind->may_lose(p, n) && knobs_hit(k, FAULT_DROP_IN)) {
		c->venue->dropped++;
		return;
	}
	if (server_fifo_put(&c->in, now_ns + knobs_delay(k, PATH_IN, now_ns), p, n) != 0)
		conn_cut(c);
}

static bool changes_something(const char *method)
{
	return strstr(method, "order.place") || strstr(method, "order.cancel") ||
	       strstr(method, "cancelAll");
}

/* What was ended by a logout hears of it, and of nothing more. */
static void tell_ended(struct server_conn *c, int64_t at_ns)
{
	char event[128], out[192];
	for (int i = 0; i < WIRE_SUBSCRIPTIONS; i++) {
		if (!c->session.ended[i])
			continue;
		c->session.ended[i] = false;
		(void)wire_terminated(venue_clock(c->venue, at_ns), event, sizeof event);
		int n = snprintf(out, sizeof out, "{\"subscriptionId\":%d,\"event\":%s}", i, event);
		conn_push(c, at_ns, out, (size_t)n);
	}
}

void conn_run_api(struct server_conn *c, int64_t at_ns, const uint8_t *p, size_t n)
{
	struct wire *w = &c->venue->wire;
	struct wire_answer a;
	char unknown[512];
	c->venue->requests++;
	wire_ws(w, &c->session, venue_clock(c->venue, at_ns), (const char *)p, n, &a);
	if (changes_something(w->request.method) && knobs_hit(&w->knobs, FAULT_TIMEOUT)) {
		a.n = (size_t)snprintf(
			unknown, sizeof unknown,
			"{\"id\":%s,\"status\":504,\"error\":{\"code\":-1007,\"msg\":\"Timeout waiting for "
			"response from backend server. Send status unknown; execution status "
			"unknown.\"},\"rateLimits\":[]}",
			w->request.id);
		a.text = unknown;
	}
	if (knobs_hit(&w->knobs, FAULT_DROP_OUT))
		c->venue->dropped++;
	else
		conn_reply(c, at_ns, a.text, a.n);
	tell_ended(c, at_ns);
}

void conn_run_request(struct server_conn *c, int64_t at_ns)
{
	const uint8_t *p;
	size_t n = server_fifo_peek(&c->in, &p);
	server_fifo_drop(&c->in); /* its bytes stay where they are until something is put */
	if (c->phase == CONN_HTTP)
		conn_run_rest(c, at_ns, p, n);
	else
		c->venue->kind->request(c, at_ns, p, n);
}

/* ---------------------------------------------------------------- reports */

/* A report begins with its name: {"e":"NAME". */
static bool hears(const struct server_conn *c, const char *report)
{
	const char *name = report + sizeof "{\"e\":\"" - 1;
	size_t n = strcspn(name, "\"");
	for (const char *p = c->events; *p;) {
		size_t k = strcspn(p, "/");
		if (k == n && memcmp(p, name, n) == 0)
			return true;
		p += k + (p[k] == '/');
	}
	return !c->events[0];
}

static void report_to(struct server_conn *c, uint16_t account, int64_t at_ns, const char *text,
		      size_t n)
{
	char *out = c->server->frame;
	int len;
	if (c->role == ROLE_USER) {
		bool alive = strcmp(c->venue->wire.listen[account].key, c->listen) == 0;
		if (c->account != account || !alive || !hears(c, text))
			return;
		if (!c->combined) {
			conn_push(c, at_ns, text, n);
			return;
		}
		len = snprintf(out, WIRE_ANSWER, "{\"stream\":\"%s\",\"data\":%.*s}", c->listen,
			       (int)n, text);
		conn_push(c, at_ns, out, (size_t)len);
	} else if (c->role == ROLE_API) {
		for (int i = 0; i < WIRE_SUBSCRIPTIONS; i++) {
			if (!c->session.sub[i].used || c->session.sub[i].account != account)
				continue;
			len = snprintf(out, WIRE_ANSWER, "{\"subscriptionId\":%d,\"event\":%.*s}",
				       i, (int)n, text);
			conn_push(c, at_ns, out, (size_t)len);
		}
	}
}

void conn_report(void *venue, uint16_t account, const char *text, size_t n)
{
	struct server_venue *v = venue;
	struct server *s = v->server;
	struct knobs *k = &v->wire.knobs;
	int64_t at_ns = s->op_ns + knobs_delay(k, PATH_OUT, s->op_ns);
	bool order = strstr(text, "executionReport") || strstr(text, "ORDER_TRADE_UPDATE");
	int times = order && knobs_hit(k, FAULT_DUP_OUT) ? 2 : 1;
	for (; times > 0; times--)
		for (int i = 0; i < s->n_conns; i++)
			if (s->conn[i].phase == CONN_SOCKET && s->conn[i].venue == v)
				report_to(&s->conn[i], account, at_ns, text, n);
}
