/* server_cn - what is new goes to the clients of a domestic counter that look for it, by way of delays and faults. */
#include "adapters/sim/server_parts.h"

/* A pack of orders that is lost takes the look with it: its connection stands still until the client gives it up. A lost pack of quotes is a
 * snapshot that nobody saw. */
static void say(struct server_conn *c, int64_t now_ns)
{
	struct server_venue *v = c->venue;
	struct server *s = v->server;
	struct knobs *k = &v->wire.knobs;
	bool quotes = c->group == GROUP_PUBLIC;
	size_t n = cn_wire_say(v->cn, &c->talk, s->frame, WIRE_ANSWER);
	if (!n)
		return;
	if (knobs_hit(k, quotes ? FAULT_DROP_FEED : FAULT_DROP_OUT)) {
		v->dropped++;
		c->talk.looking = quotes;
		return;
	}
	int64_t at_ns = now_ns + knobs_delay(k, quotes ? PATH_FEED : PATH_OUT, now_ns);
	if (quotes && at_ns < v->feed_frozen_until_ns)
		at_ns = v->feed_frozen_until_ns;
	bool twice = knobs_hit(k, quotes ? FAULT_DUP_FEED : FAULT_DUP_OUT);
	for (int times = twice ? 2 : 1; times > 0 && conn_is_open(c); times--)
		conn_push(c, at_ns, s->frame, n);
	v->frames++;
}

static bool muted(const struct server_conn *c, int64_t now_ns)
{
	const struct server_venue *v = c->venue;
	return c->group == GROUP_PUBLIC && now_ns < v->mute_until_ns[0];
}

void cn_say_all(struct server_venue *v, int64_t now_ns)
{
	struct server *s = v->server;
	for (int i = 0; i < s->n_conns; i++) {
		struct server_conn *c = &s->conn[i];
		if (c->phase != CONN_SOCKET || c->venue != v || muted(c, now_ns))
			continue;
		if (cn_wire_is_over(v->cn, &c->talk))
			conn_cut(c); /* with the trading day the login is over */
		else
			say(c, now_ns);
	}
}
