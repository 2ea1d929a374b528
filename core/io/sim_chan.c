#include "core/base/err.h"
#include "core/base/must.h"
#include "core/io/sim.h"
#include <stdio.h>
#include <string.h>

#define CAP    (4u << 20)
#define RX_CAP (CAP + (64u << 10))

static struct sim_env *env_of(const struct sim_chan *c)
{
	return sim_of(c->head.env);
}

static void note(struct env_sim *w, const void *p, size_t n)
{
	const uint8_t *b = p;
	for (size_t i = 0; i < n; i++)
		w->digest = (w->digest ^ b[i]) * 0x100000001b3ull;
}

/* ---------------------------------------------------------------- links */

static struct env_sim_flight flight(const struct sim_chan *from, const void *p, size_t n)
{
	const struct sim_env *to = from->peer ? env_of(from->peer) : NULL;
	return (struct env_sim_flight){
		.from = env_of(from)->name,
		.to = to ? to->name : "",
		.port = from->port,
		.to_server = !from->server,
		.p = p,
		.n = n,
		.now_ns = env_of(from)->world->now_ns,
	};
}

static int64_t delay(struct env_sim *w, const struct env_sim_flight *f)
{
	int64_t d = w->opt.delay ? w->opt.delay(w->opt.owner, &w->links, f) : w->opt.delay_ns;
	must(d >= 0);
	return d;
}

static enum env_sim_fate fate(struct env_sim *w, const struct env_sim_flight *f)
{
	return w->opt.fate ? w->opt.fate(w->opt.owner, &w->links, f) : SIM_PASS;
}

static void arrive(struct sim_chan *to, enum sim_kind kind, int64_t at_ns, const void *p, size_t n)
{
	struct env_sim *w = env_of(to)->world;
	struct sim_arrival a = {
		.at_ns = at_ns, .order = ++w->order, .n = n, .kind = (uint8_t)kind
	};
	must(sim_wire_put(&to->wire, a, p) == 0);
}

/* A word without bytes: connection accepted, ended, refused. */
static void tell(struct sim_chan *from, struct sim_chan *to, enum sim_kind kind)
{
	struct env_sim *w = env_of(from)->world;
	struct env_sim_flight f = flight(from, NULL, 0);
	arrive(to, kind, w->now_ns + delay(w, &f), NULL, 0);
}

static void part(struct sim_chan *c)
{
	if (c->peer)
		c->peer->peer = NULL;
	c->peer = NULL;
}

static void leave(struct sim_chan *c)
{
	part(c);
	c->phase = SIM_LIMBO;
	c->head.state = CHAN_DOWN;
	sim_wire_clear(&c->wire);
	c->rx.from = c->rx.to = c->tx.from = c->tx.to = 0;
}

/* Both ends hear of the cut at the same time. */
void sim_cut(struct sim_chan *c, int64_t at_ns)
{
	struct sim_chan *both[] = { c, c->peer };
	part(c);
	for (int i = 0; i < 2; i++)
		if (both[i])
			arrive(both[i], SIM_RESET, at_ns, NULL, 0);
}

static void fly(struct sim_chan *c, const uint8_t *p, size_t n)
{
	struct env_sim *w = env_of(c)->world;
	struct env_sim_flight f = flight(c, p, n);
	int64_t at = w->now_ns + delay(w, &f);
	switch (fate(w, &f)) {
	case SIM_DROP:
		return;
	case SIM_CUT:
		sim_cut(c, at);
		return;
	case SIM_FREEZE:
		c->peer->wire.frozen = true;
		break;
	default:
		break;
	}
	arrive(c->peer, SIM_DATA, at, p, n);
}

/* What was sent since the last flush leaves, in one flight or two. */
static void push_out(struct sim_chan *c)
{
	struct env_sim *w = env_of(c)->world;
	size_t n = sim_bytes_n(&c->tx);
	/* The other side takes nothing in: as with a kernel's full buffers, bytes stay here. */
	if (n == 0 || (c->peer && sim_bytes_n(&c->peer->wire.bytes) > CAP))
		return;
	const uint8_t *p = c->tx.p + c->tx.from;
	size_t first = n;
	if (n > 1 && w->opt.split_ppm && rng_chance(&w->links, w->opt.split_ppm))
		first = 1 + (size_t)rng_below(&w->links, n - 1);
	if (c->peer)
		fly(c, p, first);
	if (c->peer && first < n)
		fly(c, p + first, n - first);
	sim_bytes_drop(&c->tx, n);
}

/* ---------------------------------------------------------------- channels */

static struct sim_chan *take_slot(struct sim_env *e, size_t rx_cap, size_t tx_cap)
{
	struct env_sim *w = e->world;
	struct sim_chan *c = NULL;
	for (uint32_t i = 0; i < w->n_chan && !c; i++)
		if (w->chan[i].phase == SIM_FREE)
			c = &w->chan[i];
	if (!c && w->n_chan < w->opt.max_chans)
		c = &w->chan[w->n_chan++];
	if (!c)
		return NULL;
	c->head = (struct chan){ .env = &e->head, .id = ++e->next_id, .state = CHAN_CONNECTING };
	c->peer = NULL;
	c->phase = SIM_CONNECTING;
	c->rx_cap = rx_cap;
	c->tx_cap = tx_cap;
	return c;
}

static struct sim_listener *listener_on(struct env_sim *w, uint16_t port)
{
	for (uint32_t i = 0; i < w->n_listener; i++)
		if (w->listener[i].port == port)
			return &w->listener[i];
	return NULL;
}

static size_t cap_or(uint32_t asked, size_t usual)
{
	return asked ? asked : usual;
}

int sim_open(struct env *env, const struct env_peer *p, const struct chan_handler *h, void *owner,
	     struct chan **out)
{
	struct sim_env *e = sim_of(env);
	struct env_sim *w = e->world;
	struct sim_listener *l = listener_on(w, p->port);
	struct sim_chan *c = take_slot(e, cap_or(p->rx_cap, RX_CAP), cap_or(p->tx_cap, CAP));
	struct sim_chan *s = c && l ? take_slot(l->env, l->rx_cap, l->tx_cap) : NULL;
	if (!c || (l && !s)) {
		if (c)
			leave(c);
		return err_set(ERR_FULL,
			       "%u simulated channels are open, which is the most allowed",
			       w->opt.max_chans);
	}
	c->head.handler = h;
	c->head.owner = owner;
	c->port = p->port;
	c->server = false;
	*out = &c->head;
	struct env_sim_flight f = flight(c, NULL, 0);
	if (!s || fate(w, &f) == SIM_CUT) {
		if (s)
			leave(s);
		arrive(c, SIM_REFUSED, w->now_ns + 2 * delay(w, &f), NULL, 0);
		return 0;
	}
	c->peer = s;
	s->peer = c;
	s->port = p->port;
	s->server = true;
	tell(c, s, SIM_SYN);
	return 0;
}

int sim_listen(struct env *env, const struct env_peer *p, chan_accept_fn accept, void *owner,
	       uint16_t *port_out)
{
	struct env_sim *w = sim_of(env)->world;
	uint16_t port = p->port ? p->port : w->free_port++;
	if (listener_on(w, port))
		return err_set(ERR_BUSY, "cannot listen on port %u: somebody in this world does",
			       port);
	if (w->n_listener == SIM_LISTENERS)
		return err_set(ERR_FULL, "more than %d listeners", SIM_LISTENERS);
	w->listener[w->n_listener++] = (struct sim_listener){
		.env = sim_of(env),
		.port = port,
		.rx_cap = cap_or(p->rx_cap, RX_CAP),
		.tx_cap = cap_or(p->tx_cap, CAP),
		.accept = accept,
		.owner = owner,
	};
	if (port_out)
		*port_out = port;
	return 0;
}

int sim_send(struct chan *ch, const void *p, size_t n)
{
	struct sim_chan *c = (struct sim_chan *)ch;
	if (c->phase != SIM_OPEN)
		return err_set(ERR_STATE, "port %u: not connected", c->port);
	if (n > c->tx_cap - sim_bytes_n(&c->tx))
		return err_set(ERR_FULL,
			       "port %u: %zu bytes wait to be sent, and %zu more do not fit",
			       c->port, sim_bytes_n(&c->tx), n);
	return sim_bytes_put(&c->tx, p, n);
}

size_t sim_unsent(const struct chan *c)
{
	return sim_bytes_n(&((const struct sim_chan *)c)->tx);
}

void sim_close(struct chan *ch)
{
	struct sim_chan *c = (struct sim_chan *)ch;
	if (c->phase <= SIM_LIMBO)
		return;
	if (c->phase == SIM_OPEN)
		push_out(c);
	if (c->peer)
		tell(c, c->peer, SIM_CLOSE);
	leave(c);
}

void sim_flush(struct env *env)
{
	struct env_sim *w = sim_of(env)->world;
	for (uint32_t i = 0; i < w->n_chan; i++)
		if (w->chan[i].phase == SIM_OPEN && w->chan[i].head.env == env)
			push_out(&w->chan[i]);
}

/* ---------------------------------------------------------------- arrivals */

static void go_down(struct sim_chan *c, int err, const char *what)
{
	char why[128];
	const struct chan_handler *h = c->head.handler;
	snprintf(why, sizeof(why), "port %u: %s", c->port, what);
	leave(c);
	if (h && h->down)
		h->down(c->head.owner, &c->head, err, why);
}

static void go_up(struct sim_chan *c)
{
	c->phase = SIM_OPEN;
	c->head.state = CHAN_UP;
	if (c->head.handler->up)
		c->head.handler->up(c->head.owner, &c->head);
}

static void accept_chan(struct sim_chan *c)
{
	struct sim_listener *l = listener_on(env_of(c)->world, c->port);
	struct sim_chan *peer = c->peer;
	if (!l || l->accept(l->owner, &c->head) != 0 || !c->head.handler) {
		if (peer && c->peer)
			tell(c, peer, SIM_CLOSE);
		if (c->phase != SIM_LIMBO)
			leave(c);
		return;
	}
	if (c->phase != SIM_CONNECTING)
		return;
	if (c->peer)
		tell(c, c->peer, SIM_UP);
	go_up(c);
}

static void deliver(struct sim_chan *c)
{
	uint32_t id = c->head.id;
	if (sim_bytes_n(&c->rx) > c->rx_cap) {
		struct sim_chan *peer = c->peer;
		if (peer)
			tell(c, peer, SIM_CLOSE);
		go_down(c, -ERR_LIMIT, "a message is larger than what is taken at once");
		return;
	}
	ptrdiff_t used = c->head.handler->bytes(c->head.owner, &c->head, c->rx.p + c->rx.from,
						sim_bytes_n(&c->rx), env_of(c)->world->now_ns);
	if (c->phase != SIM_OPEN || c->head.id != id)
		return;
	if (used >= 0) {
		sim_bytes_drop(&c->rx, (size_t)used);
		return;
	}
	if (c->peer)
		tell(c, c->peer, SIM_CLOSE);
	go_down(c, (int)used, err_text());
}

static void happen(struct sim_chan *c)
{
	struct env_sim *w = env_of(c)->world;
	size_t had = sim_bytes_n(&c->rx);
	struct sim_arrival a = sim_wire_take(&c->wire, &c->rx);
	uint32_t what[] = { c->head.id, c->port, a.kind };
	note(w, what, sizeof(what));
	note(w, &w->now_ns, sizeof(w->now_ns));
	note(w, c->rx.p ? c->rx.p + c->rx.from + had : NULL, a.n);
	switch ((enum sim_kind)a.kind) {
	case SIM_SYN:
		accept_chan(c);
		break;
	case SIM_UP:
		go_up(c);
		break;
	case SIM_DATA:
		deliver(c);
		break;
	case SIM_CLOSE:
		go_down(c, -ERR_CLOSED, "the other side closed the connection");
		break;
	case SIM_REFUSED:
		go_down(c, -ERR_NET, "cannot connect: Connection refused");
		break;
	default:
		go_down(c, -ERR_NET, "the connection broke: Connection reset by peer");
		break;
	}
}

/* The earliest arrival at this env, or NULL. */
struct sim_chan *sim_next_chan(const struct sim_env *e, int64_t *at_ns)
{
	struct env_sim *w = e->world;
	struct sim_chan *best = NULL;
	const struct sim_arrival *first = NULL;
	for (uint32_t i = 0; i < w->n_chan; i++) {
		struct sim_chan *c = &w->chan[i];
		if (c->phase <= SIM_LIMBO || c->head.env != &e->head)
			continue;
		const struct sim_arrival *a = sim_wire_next(&c->wire);
		if (!a || (first && (a->at_ns > first->at_ns ||
				     (a->at_ns == first->at_ns && a->order > first->order))))
			continue;
		first = a;
		best = c;
	}
	*at_ns = first ? first->at_ns : INT64_MAX;
	return best;
}

void sim_poll(struct env *env, int64_t wake_ns)
{
	struct sim_env *e = sim_of(env);
	struct env_sim *w = e->world;
	for (uint32_t i = 0; i < w->n_chan; i++)
		if (w->chan[i].phase == SIM_LIMBO && w->chan[i].head.env == env)
			w->chan[i].phase = SIM_FREE;
	e->unsettled = w->now_ns >= wake_ns;
	e->wake_ns = wake_ns;
	e->last_turn_ns = w->now_ns;
	int64_t at;
	for (struct sim_chan *c; (c = sim_next_chan(e, &at)) && at <= w->now_ns;) {
		e->unsettled = true;
		happen(c);
	}
}
