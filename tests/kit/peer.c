#include "tests/kit/peer.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char info[] =
	"{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"orderTypes\":[\"LIMIT\",\"MARKET\",\"LIMIT_MAKER\"],\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\",\"GTX\"],\"filters\":["
	"{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.01\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"100\",\"stepSize\":\"0.001\"}]}]}";

void peer_script(struct peer *p, const char *what, int status, const char *body)
{
	unsigned i = 0;
	while (i < p->n_answers && strcmp(p->answer[i].what, what) != 0)
		i++;
	EXPECT(i < PEER_ANSWERS);
	if (i == p->n_answers)
		p->n_answers++;
	p->answer[i] = (struct peer_answer){ what, body, status };
}

void peer_script_good(struct peer *p)
{
	peer_script(p, "GET /api/v3/exchangeInfo", 200, info);
	peer_script(p, "GET /fapi/v1/exchangeInfo", 200, info);
	peer_script(p, "GET /api/v3/time", 200, "{\"serverTime\":1767225600000}");
	peer_script(p, "GET /fapi/v1/time", 200, "{\"serverTime\":1767225600000}");
	peer_script(p, "session.logon", 200, "\"result\":{\"apiKey\":\"k\"}");
	peer_script(p, "userDataStream.subscribe", 200, "\"result\":{\"subscriptionId\":0}");
	peer_script(p, "userDataStream.subscribe.signature", 200,
		    "\"result\":{\"subscriptionId\":0}");
	peer_script(p, "POST /fapi/v1/listenKey", 200, "{\"listenKey\":\"abcKEY123\"}");
	peer_script(p, "PUT /fapi/v1/listenKey", 200, "{}");
	peer_script(p, "openOrders.status", 200, "\"result\":[]");
	peer_script(p, "GET /fapi/v1/openOrders", 200, "[]");
	peer_script(p, "myTrades", 200, "\"result\":[]");
	peer_script(p, "GET /fapi/v1/userTrades", 200, "[]");
	peer_script(
		p, "account.status", 200,
		"\"result\":{\"balances\":[{\"asset\":\"USDT\",\"free\":\"12.5\",\"locked\":\"0\"}]}");
	peer_script(
		p, "v2/account.position", 200,
		"\"result\":[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-0.250\"}]");
	peer_script(
		p, "v2/account.balance", 200,
		"\"result\":[{\"asset\":\"USDT\",\"balance\":\"20\",\"availableBalance\":\"12.5\"}]");
}

static const struct peer_answer *answer_to(const struct peer *p, const char *what)
{
	for (unsigned i = 0; i < p->n_answers; i++)
		if (!strcmp(p->answer[i].what, what))
			return &p->answer[i];
	return NULL;
}

static void note(struct peer *p, const char *what)
{
	if (p->forgetful)
		return;
	EXPECT(p->n_asked < PEER_ASKED);
	p->asked[p->n_asked++] = strdup(what);
}

unsigned peer_asked(const struct peer *p, const char *what, const char **newest)
{
	unsigned n = 0;
	if (newest)
		*newest = NULL;
	for (unsigned i = 0; i < p->n_asked; i++)
		if (!strncmp(p->asked[i], what, strlen(what))) {
			n++;
			if (newest)
				*newest = p->asked[i];
		}
	return n;
}

/* Asked is noted as "method {params}". */
static void on_text(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	struct peer_conn *c = owner;
	json_error_t err;
	json_t *root = json_loadb(p, n, 0, &err);
	char line[8192], reply[4096];
	(void)recv_ns;
	EXPECT_MSG(root != NULL, "%.*s", (int)n, p);
	const char *method = json_string_value(json_object_get(root, "method"));
	if (!method) { /* another protocol than Binance's: kept as it came, and not answered */
		snprintf(line, sizeof(line), "%.*s", (int)n, p);
		note(c->peer, line);
		json_decref(root);
		return;
	}
	char *params = json_dumps(json_object_get(root, "params"), JSON_COMPACT);
	snprintf(line, sizeof(line), "%s %s", method, params);
	note(c->peer, line);
	const struct peer_answer *a = answer_to(c->peer, method);
	if (a && a->body) {
		int k = snprintf(reply, sizeof(reply), "{\"id\":%lld,\"status\":%d,%s}",
				 (long long)json_integer_value(json_object_get(root, "id")),
				 a->status, a->body);
		EXPECT(ws_send_text(ws, reply, (size_t)k) == 0);
	}
	free(params);
	json_decref(root);
}

static void on_close(void *owner, struct ws *ws, int err, uint16_t code, const char *why)
{
	struct peer_conn *c = owner;
	(void)ws, (void)err, (void)code, (void)why;
	c->used = false;
	c->chan = NULL;
}

static const struct ws_handler ws_handler = { .on_text = on_text, .on_close = on_close };

static void rest(struct peer_conn *c, const struct http_head *h)
{
	char path[256], line[4400], head[512];
	size_t n = h->target.n;
	const char *query = memchr(h->target.p, '?', n);
	int k = snprintf(path, sizeof(path), "%.*s %.*s", (int)h->method.n, h->method.p,
			 (int)(query ? query - h->target.p : (ptrdiff_t)n), h->target.p);
	snprintf(line, sizeof(line), "%.*s %.*s", (int)h->method.n, h->method.p, (int)n,
		 h->target.p);
	note(c->peer, line);
	const struct peer_answer *a = answer_to(c->peer, path);
	(void)k;
	if (!a || !a->body)
		return;
	if (a->status <= 0) {
		chan_send(c->chan, a->body, strlen(a->body));
		if (a->status == PEER_RAW_OPEN)
			return;
		chan_close(c->chan);
		c->used = false;
		c->chan = NULL;
		return;
	}
	const char *headers = a->status == 429 ? "Retry-After: 7\r\n" : NULL;
	ptrdiff_t m = http_response(head, sizeof(head), a->status, headers, strlen(a->body));
	EXPECT(m > 0);
	chan_send(c->chan, head, (size_t)m);
	chan_send(c->chan, a->body, strlen(a->body));
	chan_close(c->chan);
	c->used = false;
	c->chan = NULL;
}

static void up(void *owner, struct chan *chan)
{
	(void)owner, (void)chan;
}

static ptrdiff_t bytes(void *owner, struct chan *chan, const uint8_t *p, size_t n, int64_t recv_ns)
{
	struct peer_conn *c = owner;
	(void)recv_ns;
	ptrdiff_t used = http_feed(c->http, p, n);
	EXPECT(used >= 0);
	if (!c->http->done)
		return used;
	const struct http_head *h = &c->http->head;
	snprintf(c->target, sizeof(c->target), "%.*s", (int)h->target.n, h->target.p);
	if (c->door == DOOR_REST) {
		rest(c, h);
		return used;
	}
	EXPECT(ws_server_check(h) == 0);
	EXPECT(ws_server_accept(&c->ws, chan, h) == 0);
	return used;
}

static void down(void *owner, struct chan *chan, int err, const char *why)
{
	struct peer_conn *c = owner;
	(void)chan, (void)err, (void)why;
	c->used = false;
	c->chan = NULL;
}

static const struct chan_handler handler = { up, bytes, down };

static struct peer_conn *free_conn(struct peer *p)
{
	for (unsigned i = 0; i < PEER_CONNS; i++)
		if (!p->conn[i].used)
			return &p->conn[i];
	ck_abort_msg("the peer has no room for another connection");
	return NULL;
}

/* One function a door: the owner of all listeners is the peer. */
static int take(struct peer *p, struct chan *chan, enum peer_door door)
{
	struct peer_conn *c = free_conn(p);
	c->used = true;
	c->door = door;
	c->chan = chan;
	http_init(c->http, HTTP_REQUEST, c->body, sizeof(c->body));
	chan->handler = &handler;
	chan->owner = c;
	p->connects[door]++;
	return 0;
}

static int take_stream(void *owner, struct chan *c)
{
	return take(owner, c, DOOR_STREAM);
}

static int take_api(void *owner, struct chan *c)
{
	return take(owner, c, DOOR_API);
}

static int take_rest(void *owner, struct chan *c)
{
	return take(owner, c, DOOR_REST);
}

static int take_user(void *owner, struct chan *c)
{
	return take(owner, c, DOOR_USER);
}

void peer_open(struct peer *p, struct env *env, uint16_t port)
{
	static const chan_accept_fn accept[door_max] = { take_stream, take_api, take_rest,
							 take_user };
	memset(p, 0, sizeof(*p));
	p->env = env;
	for (unsigned i = 0; i < PEER_CONNS; i++) {
		p->conn[i].peer = p;
		p->conn[i].http = calloc(1, sizeof(*p->conn[i].http));
		ck_assert_int_eq(ws_init(&p->conn[i].ws, env, &(struct ws_opt){ .cap = 65536 },
					 &ws_handler, &p->conn[i]),
				 0);
	}
	for (unsigned d = 0; d < door_max; d++) {
		struct env_peer at = { .host = "127.0.0.1",
				       .port = (uint16_t)(port + d),
				       .tx_cap = 64u << 20 };
		ck_assert_int_eq(env_listen(env, &at, accept[d], p, NULL), 0);
	}
}

void peer_free(struct peer *p)
{
	for (unsigned i = 0; i < PEER_CONNS; i++) {
		ws_free(&p->conn[i].ws);
		free(p->conn[i].http);
	}
	for (unsigned i = 0; i < p->n_asked; i++)
		free(p->asked[i]);
}

struct peer_conn *peer_conn(struct peer *p, enum peer_door door)
{
	for (unsigned i = 0; i < PEER_CONNS; i++)
		if (p->conn[i].used && p->conn[i].door == door && p->conn[i].ws.state == WS_OPEN)
			return &p->conn[i];
	return NULL;
}

bool peer_say(struct peer *p, enum peer_door door, const char *text)
{
	struct peer_conn *c = peer_conn(p, door);
	if (!c || ws_send_text(&c->ws, text, strlen(text)))
		return false;
	env_flush(p->env);
	return true;
}

bool peer_raw(struct peer *p, enum peer_door door, const void *bytes, size_t n)
{
	struct peer_conn *c = peer_conn(p, door);
	if (!c || chan_send(c->chan, bytes, n))
		return false;
	env_flush(p->env);
	return true;
}
