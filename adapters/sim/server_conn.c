/* One client's connection: what waits on it, what leaves when, and how it ends. */
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>

#define SECOND_NS 1000000000ll
#define RETRY_NS  1000000 /* until a client that does not read is tried again */
#define PONG_MAX  (10ll * 60 * SECOND_NS)

static const char *const role_names[] = { "rest", "api", "stream", "user" };
_Static_assert(sizeof role_names / sizeof *role_names == conn_role_max, "a name for every role");

static const struct {
	int64_t ping_ns, pong_ns;
} beats[setup_kind_max] = {
	[MARKET_SPOT] = { 20 * SECOND_NS, 60 * SECOND_NS },
	[MARKET_FUTURES] = { 180 * SECOND_NS, PONG_MAX },
	[SETUP_CN_FUTURES] = { 30 * SECOND_NS, 60 * SECOND_NS },
};

const char *conn_role_name(enum conn_role r)
{
	return r < conn_role_max ? role_names[r] : "?";
}

static int64_t or_default(int64_t v, int64_t otherwise)
{
	return v > 0 ? v : otherwise;
}

static int64_t ping_every(const struct server_conn *c)
{
	return or_default(c->venue->setup->ping_every_ns, beats[c->venue->setup->kind].ping_ns);
}

/* ---------------------------------------------------------------- beginning and end */

static void on_up(void *owner, struct chan *ch)
{
	(void)owner;
	(void)ch;
}

static void forget(struct server_conn *c)
{
	server_fifo_clear(&c->in);
	server_fifo_clear(&c->reply);
	server_fifo_clear(&c->event);
	c->phase = CONN_FREE;
	c->chan = NULL;
	c->n_sub = 0;
	c->session = (struct wire_session){ 0 };
	c->talk = (struct cn_talk){ 0 };
}

static void on_down(void *owner, struct chan *ch, int err, const char *why)
{
	(void)ch;
	(void)err;
	(void)why;
	forget(owner);
}

static const struct chan_handler http_handler = { .up = on_up,
						  .bytes = conn_http_bytes,
						  .down = on_down };

int conn_accept(void *venue, struct chan *ch)
{
	struct server_venue *v = venue;
	struct server *s = v->server;
	struct server_conn *c = NULL;
	for (int i = 0; i < SERVER_CONNS && !c; i++)
		if (s->conn[i].phase == CONN_FREE)
			c = &s->conn[i];
	if (!c)
		return -1;
	if (c - s->conn >= s->n_conns)
		s->n_conns = (int)(c - s->conn) + 1;
	env_now(s->env, &s->now);
	c->server = s;
	c->venue = v;
	c->phase = CONN_HTTP;
	c->role = ROLE_REST;
	c->group = GROUP_ALL;
	c->combined = c->last = false;
	c->chan = ch;
	c->born_ns = s->now.mono_ns;
	c->pong_by_ns = 0;
	c->second_ns = 0;
	c->messages = 0;
	c->ping_at_ns = INT64_MAX;
	http_init(&c->http, HTTP_REQUEST, c->body, sizeof c->body);
	ch->handler = &http_handler;
	ch->owner = c;
	return 0;
}

void conn_cut(struct server_conn *c)
{
	if (c->phase == CONN_HTTP)
		chan_close(c->chan);
	else if (c->phase == CONN_SOCKET)
		ws_drop(&c->ws);
	forget(c);
}

bool conn_is_open(const struct server_conn *c)
{
	return c->phase != CONN_FREE;
}

/* ---------------------------------------------------------------- on their way out */

static void put(struct server_conn *c, struct server_fifo *f, int64_t at_ns, const void *p,
		size_t n)
{
	if (c->phase == CONN_FREE || server_fifo_put(f, at_ns, p, n) == 0)
		return;
	log_warn("%s: a %s connection is cut: %s", c->venue->setup->name, conn_role_name(c->role),
		 err_text());
	conn_cut(c);
}

void conn_reply(struct server_conn *c, int64_t now_ns, const void *p, size_t n)
{
	struct knobs *k = &c->venue->wire.knobs;
	put(c, &c->reply, now_ns + knobs_delay(k, PATH_OUT, now_ns), p, n);
}

void conn_push(struct server_conn *c, int64_t at_ns, const void *p, size_t n)
{
	put(c, &c->event, at_ns, p, n);
}

/* The older of the two queues; answers first where both are due at once. */
static struct server_fifo *oldest(struct server_conn *c)
{
	return server_fifo_next(&c->reply) <= server_fifo_next(&c->event) ? &c->reply : &c->event;
}

static int send_now(struct server_conn *c, const uint8_t *p, size_t n)
{
	if (c->phase == CONN_HTTP)
		return chan_send(c->chan, p, n);
	return ws_send_text(&c->ws, (const char *)p, n);
}

/* False: it is over, or has to wait. */
static bool send_oldest(struct server_conn *c)
{
	const uint8_t *p;
	struct server_fifo *f = oldest(c);
	size_t n = server_fifo_peek(f, &p);
	int rc = send_now(c, p, n);
	if (rc == -ERR_FULL)
		return false;
	if (rc) {
		conn_cut(c);
		return false;
	}
	server_fifo_drop(f);
	if (knobs_hit(&c->venue->wire.knobs, FAULT_DISCONNECT)) {
		conn_cut(c);
		return false;
	}
	return true;
}

static void send_due(struct server_conn *c, int64_t now_ns)
{
	struct server_venue *v = c->venue;
	while (c->phase != CONN_FREE && server_fifo_next(oldest(c)) <= now_ns &&
	       v->frozen_until_ns <= now_ns) {
		if (knobs_hit(&v->wire.knobs, FAULT_FREEZE)) {
			v->frozen_until_ns = now_ns + v->wire.knobs.config.freeze_ns;
			return;
		}
		if (!send_oldest(c))
			break;
	}
	/* A REST client that asked for one answer only. */
	bool idle =
		server_fifo_next(oldest(c)) == INT64_MAX && server_fifo_next(&c->in) == INT64_MAX;
	if (c->phase == CONN_HTTP && c->last && idle)
		conn_cut(c);
}

/* ---------------------------------------------------------------- its age, its pulse */

static void beat(struct server_conn *c, int64_t now_ns)
{
	const struct setup_venue *v = c->venue->setup;
	char text[24];
	if (now_ns - c->born_ns >= or_default(v->life_ns, 86400 * SECOND_NS)) {
		(void)ws_close(&c->ws, WS_CLOSE_GOING_AWAY, "24 hours are over");
		conn_cut(c);
		return;
	}
	if (c->pong_by_ns && now_ns >= c->pong_by_ns) {
		(void)ws_close(&c->ws, WS_CLOSE_POLICY, "no pong");
		conn_cut(c);
		return;
	}
	if (now_ns < c->ping_at_ns)
		return;
	int n = snprintf(text, sizeof text, "%lld",
			 (long long)(venue_clock(c->venue, now_ns) / 1000000));
	(void)ws_ping(&c->ws, text, (size_t)n);
	c->ping_at_ns = now_ns + ping_every(c);
	if (!c->pong_by_ns)
		c->pong_by_ns = now_ns + or_default(v->pong_within_ns, beats[v->kind].pong_ns);
}

void conn_turn(struct server_conn *c, int64_t now_ns)
{
	if (c->phase == CONN_SOCKET) {
		if (c->ping_at_ns == INT64_MAX)
			c->ping_at_ns = now_ns + ping_every(c);
		beat(c, now_ns);
	}
	if (c->phase != CONN_FREE)
		send_due(c, now_ns);
}

int64_t conn_next(const struct server_conn *c)
{
	const struct setup_venue *v = c->venue->setup;
	int64_t next = server_fifo_next(&c->reply), other = server_fifo_next(&c->event);
	if (other < next)
		next = other;
	if (next < INT64_MAX && next < c->venue->frozen_until_ns)
		next = c->venue->frozen_until_ns;
	/* Due and still here: its channel is full. */
	if (next <= c->server->now.mono_ns)
		next = c->server->now.mono_ns + RETRY_NS;
	other = server_fifo_next(&c->in);
	if (other < next)
		next = other;
	if (c->phase != CONN_SOCKET)
		return next;
	const int64_t beats_ns[] = { c->ping_at_ns, c->pong_by_ns ? c->pong_by_ns : INT64_MAX,
				     c->born_ns + or_default(v->life_ns, 86400 * SECOND_NS) };
	for (int i = 0; i < 3; i++)
		if (beats_ns[i] < next)
			next = beats_ns[i];
	return next;
}
