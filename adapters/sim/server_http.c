/* The first bytes of a connection: a REST request, or the way to a WebSocket. Which address is asked for tells which role it plays. */
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- answers */

static void send_http(struct server_conn *c, int64_t now_ns, int status, const char *headers,
		      const char *body, size_t n)
{
	char *out = c->server->frame;
	ptrdiff_t head = http_response(out, 4096, status, headers, n);
	if (head < 0 || (size_t)head + n > WIRE_ANSWER)
		return;
	if (n)
		memcpy(out + head, body, n);
	conn_reply(c, now_ns, out, (size_t)head + n);
}

static void refuse(struct server_conn *c, int status, const char *why)
{
	char body[256];
	int n = snprintf(body, sizeof body, "{\"code\":-1000,\"msg\":\"%s\"}", why);
	c->last = true;
	send_http(c, c->server->now.mono_ns, status,
		  "Content-Type: application/json\r\nConnection: close\r\n", body, (size_t)n);
}

/* ---------------------------------------------------------------- REST */

/* A request as it waits for its delay: lengths, then the texts. */
struct rest_head {
	uint32_t method, key, target, body;
};

static void queue_rest(struct server_conn *c)
{
	const struct http_head *h = &c->http.head;
	struct http_str key = http_get(h, "X-MBX-APIKEY");
	struct rest_head r = { (uint32_t)h->method.n, (uint32_t)key.n, (uint32_t)h->target.n,
			       (uint32_t)c->http.body_n };
	uint8_t text[sizeof r + HTTP_HEAD_CAP + SERVER_BODY], *to = text + sizeof r;
	struct knobs *k = &c->venue->wire.knobs;
	int64_t now_ns = c->server->now.mono_ns;
	memcpy(text, &r, sizeof r);
	const struct http_str part[] = {
		h->method, key, h->target, { (const char *)c->body, c->http.body_n }
	};
	for (int i = 0; i < 4; i++) {
		if (part[i].n)
			memcpy(to, part[i].p, part[i].n);
		to += part[i].n;
	}
	c->last = !h->keep_alive;
	if (knobs_hit(k, FAULT_DROP_IN))
		return;
	if (server_fifo_put(&c->in, now_ns + knobs_delay(k, PATH_IN, now_ns), text,
			    (size_t)(to - text)) != 0)
		conn_cut(c);
}

/* The answers that a fault replaces: done or not, nobody knows. */
static bool times_out(struct server_conn *c, const char *method, struct wire_answer *a)
{
	static const char unknown[] =
		"{\"code\":-1007,\"msg\":\"Timeout waiting for response from backend server. Send status unknown; execution status unknown.\"}";
	if (strcmp(method, "GET") == 0 || !knobs_hit(&c->venue->wire.knobs, FAULT_TIMEOUT))
		return false;
	*a = (struct wire_answer){ .text = unknown, .n = sizeof unknown - 1, .status = 504 };
	return true;
}

void conn_run_rest(struct server_conn *c, int64_t at_ns, const uint8_t *p, size_t n)
{
	struct rest_head r;
	struct wire_answer a;
	char method[16] = "?", key[257] = "", headers[256];
	struct wire *w = &c->venue->wire;
	memcpy(&r, p, sizeof r);
	const char *text = (const char *)p + sizeof r;
	(void)n;
	if (r.method < sizeof method)
		snprintf(method, sizeof method, "%.*s", (int)r.method, text);
	if (r.key < sizeof key)
		snprintf(key, sizeof key, "%.*s", (int)r.key, text + r.method);
	const char *target = text + r.method + r.key;
	c->venue->requests++;
	wire_rest(w, venue_clock(c->venue, at_ns), method, target, r.target, key, target + r.target,
		  r.body, &a);
	(void)times_out(c, method, &a);
	if (knobs_hit(&w->knobs, FAULT_DROP_OUT))
		return;
	int h = snprintf(
		headers, sizeof headers,
		"Content-Type: application/json;charset=UTF-8\r\nX-MBX-USED-WEIGHT-1M: %d\r\n",
		w->limits.weight.count);
	if (a.retry_after_s)
		snprintf(headers + h, sizeof headers - (size_t)h, "Retry-After: %lld\r\n",
			 (long long)a.retry_after_s);
	send_http(c, at_ns, a.status, headers, a.text, a.n);
}

/* ---------------------------------------------------------------- the way to a WebSocket */

static bool take(const char **p, const char *end, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(end - *p) < n || memcmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

static bool listen_key(struct server_conn *c, const char *p, size_t n)
{
	char key[SERVER_KEY_TEXT + 1];
	if (n != SERVER_KEY_TEXT || c->venue->setup->kind != MARKET_FUTURES)
		return false;
	memcpy(key, p, n);
	key[n] = 0;
	int account = wire_listen_account(&c->venue->wire, key,
					  venue_clock(c->venue, c->server->now.mono_ns));
	if (account < 0)
		return false;
	c->role = ROLE_USER;
	c->account = (uint16_t)account;
	memcpy(c->listen, key, sizeof key);
	return true;
}

/* "KEY", perhaps with "&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE" behind it. */
static bool listen_query(struct server_conn *c, const char *p, const char *end)
{
	const char *amp = memchr(p, '&', (size_t)(end - p)), *events = amp;
	if (amp && take(&events, end, "&events=")) {
		if ((size_t)(end - events) >= sizeof c->events)
			return false;
		memcpy(c->events, events, (size_t)(end - events));
		c->events[end - events] = 0;
	}
	return listen_key(c, p, (size_t)((amp ? amp : end) - p));
}

/* "?streams=a/b", "?listenKey=..." or nothing. */
static bool combined_path(struct server_conn *c, const char *p, const char *end)
{
	c->combined = true;
	if (p == end)
		return true;
	if (take(&p, end, "?listenKey="))
		return listen_query(c, p, end);
	return take(&p, end, "?streams=") && conn_subscribe(c, p, (size_t)(end - p), '/');
}

/* "/btcusdt@trade", "/LISTENKEY", "?listenKey=..." or nothing. A name that nobody serves is taken, and silent; one that was meant to be a listen
 * key is not. */
static bool raw_path(struct server_conn *c, const char *p, const char *end, bool user)
{
	if (p == end)
		return true;
	if (take(&p, end, "?listenKey="))
		return listen_query(c, p, end);
	if (!take(&p, end, "/"))
		return false;
	size_t n = (size_t)(end - p);
	if (n == 0 || listen_key(c, p, n))
		return true;
	return !user && n != SERVER_KEY_TEXT && conn_subscribe(c, p, n, '/');
}

/* Sets role, group and streams by the path. */
bool conn_find_role(struct server_conn *c, struct http_str target)
{
	const char *p = target.p, *end = p + target.n;
	bool futures = c->venue->setup->kind == MARKET_FUTURES;
	const char *query = memchr(p, '?', target.n);
	if (take(&p, query ? query : end, futures ? "/ws-fapi/v1" : "/ws-api/v3")) {
		c->role = ROLE_API;
		return p == end || *p == '?' || *p == '/';
	}
	c->role = ROLE_STREAM;
	c->events[0] = 0;
	if (futures && take(&p, end, "/public"))
		c->group = GROUP_PUBLIC;
	else if (futures && take(&p, end, "/market"))
		c->group = GROUP_MARKET;
	bool user = futures && c->group == GROUP_ALL && take(&p, end, "/private");
	if (take(&p, end, "/stream"))
		return combined_path(c, p, end);
	return take(&p, end, "/ws") && raw_path(c, p, end, user);
}

static bool hides_limits(struct http_str target)
{
	static const char wish[] = "returnRateLimits=false";
	return memmem(target.p, target.n, wish, sizeof wish - 1) != NULL;
}

static void on_pong(void *owner, struct ws *ws, const uint8_t *p, size_t n)
{
	(void)ws;
	(void)p;
	(void)n;
	((struct server_conn *)owner)->pong_by_ns = 0;
}

static void on_close(void *owner, struct ws *ws, int err, uint16_t code, const char *why)
{
	(void)ws;
	(void)err;
	(void)code;
	(void)why;
	conn_cut(owner);
}

static const struct ws_handler handler = { .on_text = conn_on_text,
					   .on_pong = on_pong,
					   .on_close = on_close };

static void upgrade(struct server_conn *c, struct chan *ch)
{
	const struct ws_opt o = { .cap = WIRE_ANSWER };
	if (ws_server_check(&c->http.head) != 0) {
		refuse(c, 400, "not an upgrade to WebSocket as RFC 6455 has it");
		return;
	}
	if (!c->venue->kind->find_role(c, c->http.head.target)) {
		c->n_sub = 0;
		refuse(c, 404, "no stream has this address, or its listenKey does not exist");
		return;
	}
	if (!c->ws_ready && ws_init(&c->ws, c->server->env, &o, &handler, c) != 0) {
		refuse(c, 503, "no memory");
		return;
	}
	c->ws_ready = true;
	c->ws.owner = c;
	if (ws_server_accept(&c->ws, ch, &c->http.head) != 0) {
		refuse(c, 400, "the upgrade failed");
		return;
	}
	c->phase = CONN_SOCKET;
	c->chan = NULL;
	c->session = (struct wire_session){
		.connected_ns = venue_clock(c->venue, c->server->now.mono_ns),
		.no_limits = hides_limits(c->http.head.target),
	};
	/* A connection costs weight too. */
	if (c->role == ROLE_API && !c->venue->cn)
		(void)wire_limits_weight(&c->venue->wire.limits, c->session.connected_ns, 2);
}

ptrdiff_t conn_http_bytes(void *owner, struct chan *ch, const uint8_t *p, size_t n, int64_t recv_ns)
{
	struct server_conn *c = owner;
	size_t used = 0;
	(void)recv_ns;
	env_now(c->server->env, &c->server->now);
	while (used < n && c->phase == CONN_HTTP && !c->last) {
		ptrdiff_t k = http_feed(&c->http, p + used, n - used);
		if (k < 0) {
			refuse(c, k == -ERR_LIMIT ? 413 : 400, "not a request as HTTP/1.1 has it");
			return (ptrdiff_t)n;
		}
		used += (size_t)k;
		if (!c->http.done)
			break;
		if (http_get(&c->http.head, "Upgrade").p)
			upgrade(c, ch);
		else if (c->venue->cn)
			refuse(c, 404, "a counter answers on WebSocket only");
		else
			queue_rest(c);
		http_reset(&c->http);
	}
	/* What follows a last request is nobody's. */
	return c->phase == CONN_SOCKET || c->phase == CONN_FREE ? (ptrdiff_t)used
								: (ptrdiff_t)(c->last ? n : used);
}
