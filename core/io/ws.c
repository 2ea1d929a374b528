#include "core/io/ws.h"
#include "core/base/err.h"
#include "core/io/utf8.h"
#include "core/io/ws_frame.h"
#include "core/io/ws_shake.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PINGS_DEFAULT 50
#define SECOND_NS     1000000000
#define OUT_MIN	      16384 /* room for the request of an upgrade */

static const struct chan_handler chan_handler;

/* ---------------------------------------------------------------- memory, and the ends */

int ws_init(struct ws *ws, struct env *e, const struct ws_opt *o, const struct ws_handler *h,
	    void *owner)
{
	*ws = (struct ws){ .env = e,
			   .handler = h,
			   .owner = owner,
			   .cap = WS_CAP_DEFAULT,
			   .ping_limit = PINGS_DEFAULT };
	if (o && o->cap)
		ws->cap = o->cap;
	if (o && o->pings_per_second)
		ws->ping_limit = o->pings_per_second;
	ws->message = malloc(ws->cap);
	ws->out = malloc((ws->cap < OUT_MIN ? OUT_MIN : ws->cap) + WS_HEAD_MAX);
	ws->http = malloc(sizeof(*ws->http));
	if (ws->message && ws->out && ws->http)
		return 0;
	ws_free(ws);
	return err_set(ERR_NOMEM, "no memory for a WebSocket with messages of %u bytes", ws->cap);
}

void ws_free(struct ws *ws)
{
	ws_drop(ws);
	free(ws->message);
	free(ws->out);
	free(ws->http);
	ws->message = ws->out = NULL;
	ws->http = NULL;
}

static void begin(struct ws *ws, enum ws_state state, bool client)
{
	ws->session++;
	ws->state = (uint8_t)state;
	ws->client = client;
	ws->kind = 0;
	ws->message_n = 0;
	ws->pings = 0;
	ws->pings_from_ns = 0;
	ws->frames = 0;
	ws->close_code = 0;
}

static void idle(struct ws *ws)
{
	ws->session++;
	ws->state = WS_IDLE;
	ws->chan = NULL;
}

void ws_drop(struct ws *ws)
{
	if (ws->chan)
		chan_close(ws->chan);
	idle(ws);
}

/* The channel is gone or goes now; the owner hears of it once. */
static void finish(struct ws *ws, int err, uint16_t code, const char *why)
{
	char text[320];
	snprintf(text, sizeof(text), "%s", why);
	if (ws->chan)
		chan_close(ws->chan);
	idle(ws);
	if (ws->handler->on_close)
		ws->handler->on_close(ws->owner, ws, err, code, text);
}

/* ---------------------------------------------------------------- sending */

static int send_frame(struct ws *ws, enum ws_op op, const void *p, size_t n)
{
	uint8_t key[4];
	if (ws->client) {
		uint64_t r = env_random(ws->env);
		memcpy(key, &r, 4);
	}
	size_t head = ws_frame_write(ws->out, true, op, n, ws->client ? key : NULL);
	if (ws->client)
		ws_frame_mask(ws->out + head, p, n, key);
	else if (n)
		memcpy(ws->out + head, p, n);
	return chan_send(ws->chan, ws->out, head + n);
}

static int send_message(struct ws *ws, enum ws_op op, const void *p, size_t n)
{
	if (ws->state != WS_OPEN)
		return err_set(ERR_STATE, "WebSocket: not open");
	if (n > ws->cap)
		return err_set(ERR_ARG, "WebSocket: a message of %zu bytes; at most %u are sent", n,
			       ws->cap);
	return send_frame(ws, op, p, n);
}

int ws_send_text(struct ws *ws, const char *p, size_t n)
{
	return send_message(ws, WS_OP_TEXT, p, n);
}

int ws_send_binary(struct ws *ws, const void *p, size_t n)
{
	return send_message(ws, WS_OP_BINARY, p, n);
}

int ws_ping(struct ws *ws, const void *p, size_t n)
{
	if (n > WS_CONTROL_MAX)
		return err_set(ERR_ARG, "WebSocket: a ping of %zu bytes; at most %d", n,
			       WS_CONTROL_MAX);
	return send_message(ws, WS_OP_PING, p, n);
}

static int send_close(struct ws *ws, uint16_t code, const char *why)
{
	uint8_t body[WS_CONTROL_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };
	size_t n = why ? strlen(why) : 0;
	if (n > sizeof(body) - 2)
		return err_set(ERR_ARG, "WebSocket: the reason of a close is at most %zu bytes",
			       sizeof(body) - 2);
	if (n)
		memcpy(body + 2, why, n);
	ws->close_code = code;
	return send_frame(ws, WS_OP_CLOSE, body, code == WS_CLOSE_NONE ? 0 : 2 + n);
}

int ws_close(struct ws *ws, uint16_t code, const char *why)
{
	if (ws->state != WS_OPEN)
		return err_set(ERR_STATE, "WebSocket: not open");
	int rc = send_close(ws, code, why);
	if (!rc)
		ws->state = WS_CLOSING;
	return rc;
}

/* The peer broke a rule: tell it which, and end. */
static void fail(struct ws *ws, int err, uint16_t code, const char *why)
{
	if (ws->state == WS_OPEN)
		(void)send_close(ws, code, NULL);
	finish(ws, err, code, why);
}

/* ---------------------------------------------------------------- frames in */

/* The payload, unmasked into `to` where it was masked. */
static const uint8_t *payload(const struct ws_frame *f, const uint8_t *p, uint8_t *to)
{
	if (!f->masked)
		return p;
	ws_frame_mask(to, p, (size_t)f->n, f->key);
	return to;
}

static void deliver(struct ws *ws, uint8_t kind, const uint8_t *p, size_t n, int64_t recv_ns)
{
	const struct ws_handler *h = ws->handler;
	if (ws->state != WS_OPEN)
		return;
	if (kind == WS_OP_TEXT && h->on_text)
		h->on_text(ws->owner, ws, (const char *)p, n, recv_ns);
	else if (kind == WS_OP_BINARY && h->on_binary)
		h->on_binary(ws->owner, ws, p, n, recv_ns);
}

static void on_whole(struct ws *ws, const struct ws_frame *f, const uint8_t *p, int64_t recv_ns)
{
	p = payload(f, p, ws->message);
	if (f->op == WS_OP_TEXT && !utf8_valid(p, (size_t)f->n))
		fail(ws, -ERR_PARSE, WS_CLOSE_UTF8, "WebSocket: a text is not UTF-8");
	else
		deliver(ws, f->op, p, (size_t)f->n, recv_ns);
}

static void on_fragment(struct ws *ws, const struct ws_frame *f, const uint8_t *p, int64_t recv_ns)
{
	if (f->op != WS_OP_CONT) {
		ws->kind = f->op;
		ws->message_n = 0;
		ws->utf8 = UTF8_OK;
	}
	uint8_t *to = ws->message + ws->message_n;
	const uint8_t *from = payload(f, p, to);
	if (from != to && f->n)
		memcpy(to, from, (size_t)f->n);
	ws->message_n += (uint32_t)f->n;
	if (ws->kind == WS_OP_TEXT)
		ws->utf8 = utf8_step(ws->utf8, to, (size_t)f->n);
	if (ws->kind == WS_OP_TEXT && (ws->utf8 == UTF8_BAD || (f->fin && ws->utf8 != UTF8_OK))) {
		fail(ws, -ERR_PARSE, WS_CLOSE_UTF8, "WebSocket: a text is not UTF-8");
		return;
	}
	if (!f->fin)
		return;
	uint8_t kind = ws->kind;
	ws->kind = 0;
	deliver(ws, kind, ws->message, ws->message_n, recv_ns);
}

/* Codes that may stand on the wire (RFC 6455, 7.4). */
static bool is_close_code(uint16_t c)
{
	if (c >= 3000 && c <= 4999)
		return true;
	return c >= 1000 && c <= 1014 && c != 1004 && c != WS_CLOSE_NONE && c != WS_CLOSE_LOST;
}

static void on_close_frame(struct ws *ws, const uint8_t *p, size_t n)
{
	uint16_t code = WS_CLOSE_NONE;
	char why[WS_CONTROL_MAX + 1] = "";
	if (n >= 2) {
		code = (uint16_t)(p[0] << 8 | p[1]);
		memcpy(why, p + 2, n - 2);
		why[n - 2] = 0;
	}
	if (n == 1 || (n >= 2 && !is_close_code(code))) {
		fail(ws, -ERR_PARSE, WS_CLOSE_PROTOCOL,
		     "WebSocket: a close with a code that may not be sent");
		return;
	}
	if (n > 2 && !utf8_valid(p + 2, n - 2)) {
		fail(ws, -ERR_PARSE, WS_CLOSE_UTF8,
		     "WebSocket: the reason of a close is not UTF-8");
		return;
	}
	if (ws->state == WS_OPEN)
		(void)send_close(ws, code, NULL);
	finish(ws, 0, code, why);
}

static bool is_flood(struct ws *ws, int64_t recv_ns)
{
	if (ws->pings == 0 || recv_ns - ws->pings_from_ns >= SECOND_NS) {
		ws->pings_from_ns = recv_ns;
		ws->pings = 0;
	}
	return ++ws->pings > ws->ping_limit;
}

static void on_control(struct ws *ws, const struct ws_frame *f, const uint8_t *p)
{
	uint8_t copy[WS_CONTROL_MAX];
	p = payload(f, p, copy);
	size_t n = (size_t)f->n;
	if (f->op == WS_OP_CLOSE) {
		on_close_frame(ws, p, n);
	} else if (f->op == WS_OP_PING) {
		/* Where there is no room the peer is not reading, and misses nothing. */
		if (ws->state == WS_OPEN)
			(void)send_frame(ws, WS_OP_PONG, p, n);
		if (ws->handler->on_ping)
			ws->handler->on_ping(ws->owner, ws, p, n);
	} else if (ws->handler->on_pong) {
		ws->handler->on_pong(ws->owner, ws, p, n);
	}
}

/* A head that this session does not allow: true, and the session is over. */
static bool refused(struct ws *ws, const struct ws_frame *f)
{
	bool control = ws_op_is_control(f->op);
	if (f->masked == ws->client) {
		fail(ws, -ERR_PARSE, WS_CLOSE_PROTOCOL,
		     ws->client ? "WebSocket: the server masked a frame"
				: "WebSocket: the client did not mask a frame");
	} else if (!control && (f->op == WS_OP_CONT) != (ws->kind != 0)) {
		fail(ws, -ERR_PARSE, WS_CLOSE_PROTOCOL,
		     ws->kind ? "WebSocket: a message begins inside another"
			      : "WebSocket: a continuation of nothing");
	} else if (!control && f->n > ws->cap - (ws->kind ? ws->message_n : 0)) {
		char why[96];
		snprintf(why, sizeof(why), "WebSocket: a message is larger than %u bytes", ws->cap);
		fail(ws, -ERR_LIMIT, WS_CLOSE_TOO_BIG, why);
	} else {
		return false;
	}
	return true;
}

/* One frame, or 0 where it is not all there. */
static size_t one_frame(struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns)
{
	struct ws_frame f;
	int head = ws_frame_read(&f, p, n);
	if (head < 0) {
		fail(ws, head, WS_CLOSE_PROTOCOL, err_text());
		return n;
	}
	if (head == 0)
		return 0;
	/* Before its payload: what is too large must not be waited for. */
	if (refused(ws, &f))
		return n;
	if (n - (size_t)head < f.n)
		return 0;
	ws->frames++;
	bool idle_talk = ws_op_is_control(f.op) || (f.n == 0 && !f.fin);
	if (idle_talk && is_flood(ws, recv_ns)) {
		fail(ws, -ERR_LIMIT, WS_CLOSE_POLICY,
		     "WebSocket: a flood of pings or empty frames");
		return n;
	}
	p += head;
	if (ws_op_is_control(f.op))
		on_control(ws, &f, p);
	else if (f.fin && f.op != WS_OP_CONT)
		on_whole(ws, &f, p, recv_ns);
	else
		on_fragment(ws, &f, p, recv_ns);
	return (size_t)head + (size_t)f.n;
}

static ptrdiff_t upgrade_answer(struct ws *ws, const uint8_t *p, size_t n)
{
	ptrdiff_t used = http_feed(ws->http, p, n);
	int status = ws->http->head.status;
	if (used >= 0 && status == 0)
		return used;
	/* Another status tells more than what may be wrong with its body, which is not waited
	 * for. */
	int rc = used < 0 ? (int)used : 0;
	if (!rc || (status && status != 101))
		rc = ws_shake_check_response(&ws->http->head, ws->accept, ws->protocol_asked);
	if (rc) {
		finish(ws, rc, WS_CLOSE_LOST, err_text());
		return (ptrdiff_t)n;
	}
	ws->state = WS_OPEN;
	if (ws->handler->on_open)
		ws->handler->on_open(ws->owner, ws);
	return used;
}

ptrdiff_t ws_bytes(struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns)
{
	uint32_t session = ws->session;
	size_t used = 0;
	ws->at = p;
	ws->at_n = n;
	if (ws->state == WS_UPGRADING)
		used = (size_t)upgrade_answer(ws, p, n);
	while (ws->session == session && ws->state >= WS_OPEN && used < n) {
		ws->at = p + used;
		ws->at_n = n - used;
		size_t k = one_frame(ws, p + used, n - used, recv_ns);
		if (k == 0)
			break;
		used += k;
	}
	ws->at = NULL;
	ws->at_n = 0;
	return (ptrdiff_t)used;
}

/* ---------------------------------------------------------------- the channel */

static void chan_up(void *owner, struct chan *c)
{
	struct ws *ws = owner;
	ws->state = WS_UPGRADING;
	int rc = chan_send(c, ws->out, ws->request_n);
	if (rc)
		finish(ws, rc, WS_CLOSE_LOST, err_text());
}

static ptrdiff_t chan_bytes(void *owner, struct chan *c, const uint8_t *p, size_t n,
			    int64_t recv_ns)
{
	(void)c;
	return ws_bytes(owner, p, n, recv_ns);
}

static void chan_down(void *owner, struct chan *c, int err, const char *why)
{
	(void)c;
	struct ws *ws = owner;
	ws->chan = NULL;
	/* After our close the peer may just hang up. */
	bool orderly = ws->state == WS_CLOSING && err == -ERR_CLOSED;
	finish(ws, orderly ? 0 : err, orderly ? ws->close_code : WS_CLOSE_LOST, why);
}

static const struct chan_handler chan_handler = { .up = chan_up,
						  .bytes = chan_bytes,
						  .down = chan_down };

static int write_request(struct ws *ws, const struct env_peer *peer, const char *path,
			 const char *headers)
{
	uint64_t random[2] = { env_random(ws->env), env_random(ws->env) };
	uint8_t bytes[16];
	char key[WS_KEY_LEN], host[160];
	memcpy(bytes, random, sizeof(bytes));
	ws_shake_key(bytes, key);
	ws_shake_accept((struct http_str){ key, WS_KEY_LEN - 1 }, ws->accept);
	http_host(host, sizeof(host), peer->server_name[0] ? peer->server_name : peer->host,
		  peer->port, peer->tls);
	ptrdiff_t n = ws_shake_request((char *)ws->out, OUT_MIN, host, path, key, headers);
	if (n < 0)
		return (int)n;
	ws->request_n = (uint32_t)n;
	ws->protocol_asked = headers && strcasestr(headers, "Sec-WebSocket-Protocol:");
	return 0;
}

int ws_client_start(struct ws *ws, const struct env_peer *peer, const char *path,
		    const char *headers)
{
	if (ws->state != WS_IDLE)
		return err_set(ERR_BUSY, "WebSocket: in use already");
	int rc = write_request(ws, peer, path, headers);
	if (!rc)
		rc = env_open(ws->env, peer, &chan_handler, ws, &ws->chan);
	if (rc)
		return rc;
	begin(ws, WS_CONNECTING, true);
	http_init(ws->http, HTTP_RESPONSE, NULL, 0);
	return 0;
}

int ws_server_check(const struct http_head *request)
{
	return ws_shake_check_request(request);
}

int ws_server_accept(struct ws *ws, struct chan *c, const struct http_head *request)
{
	char answer[512];
	if (ws->state != WS_IDLE)
		return err_set(ERR_BUSY, "WebSocket: in use already");
	int rc = ws_shake_check_request(request);
	if (rc)
		return rc;
	ptrdiff_t n = ws_shake_response(answer, sizeof(answer), request);
	rc = n < 0 ? (int)n : chan_send(c, answer, (size_t)n);
	if (rc)
		return rc;
	begin(ws, WS_OPEN, false);
	ws->chan = c;
	c->handler = &chan_handler;
	c->owner = ws;
	if (ws->handler->on_open)
		ws->handler->on_open(ws->owner, ws);
	return 0;
}
