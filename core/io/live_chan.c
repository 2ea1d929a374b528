#include "core/base/err.h"
#include "core/io/live.h"
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define RX_CAP	  ((4u << 20) + (64u << 10))
#define TX_CAP	  (4u << 20)
#define LINGER_NS 2000000000

static void on_ready(void *owner, unsigned what);

static struct live *live_of_chan(const struct live_chan *c)
{
	return (struct live *)c->head.env;
}

/* Phases that live_tend looks after. */
static bool tended(unsigned phase)
{
	return phase > LIVE_LIMBO && phase != LIVE_UP;
}

static void set_phase(struct live_chan *c, enum live_phase phase)
{
	static const uint8_t state[] = {
		[LIVE_FREE] = CHAN_DOWN,
		[LIVE_LIMBO] = CHAN_DOWN,
		[LIVE_CONNECTING] = CHAN_CONNECTING,
		[LIVE_SHAKING] = CHAN_CONNECTING,
		[LIVE_UP] = CHAN_UP,
		[LIVE_BROKEN] = CHAN_DOWN,
		[LIVE_LINGER] = CHAN_DOWN,
	};
	_Static_assert(sizeof(state) == live_phase_max, "a state for every phase");
	struct live *l = live_of_chan(c);
	l->n_open += (uint32_t)tended(phase) - (uint32_t)tended(c->phase);
	l->n_limbo += (uint32_t)(phase == LIVE_LIMBO) - (uint32_t)(c->phase == LIVE_LIMBO);
	c->phase = (uint8_t)phase;
	c->head.state = state[phase];
}

static void clock_state(struct live_chan *c, enum clock_conn_state s)
{
	struct live *l = live_of_chan(c);
	if (c->clock_conn < 0)
		return;
	clock_page_conn_state(l->clock, c->clock_conn, s);
	if (s == CLOCK_CONN_NONE)
		c->clock_conn = -1;
	clock_page_ring(l->clock);
}

static void unwatch(struct live_chan *c)
{
	if (c->watch >= 0)
		loop_remove(live_of_chan(c)->loop, c->watch);
	c->watch = -1;
}

static int watch(struct live_chan *c, unsigned what)
{
	struct live *l = live_of_chan(c);
	if (c->watch >= 0) {
		loop_want(l->loop, c->watch, what);
		return 0;
	}
	c->watch = loop_add(l->loop, c->s.fd, what, on_ready, c);
	return c->watch < 0 ? c->watch : 0;
}

/* What tells that a channel which is up has bytes: the loop, or nobody where each poll asks. */
static unsigned reading(const struct live_chan *c)
{
	return live_of_chan(c)->opt.spin ? 0 : LOOP_READ;
}

static unsigned events_of(int wait)
{
	return wait == STREAM_WAIT_WRITE ? LOOP_WRITE : LOOP_READ;
}

/* The connection is over; its slot rests until the next poll. */
static void end(struct live_chan *c)
{
	struct live *l = live_of_chan(c);
	unwatch(c);
	l->stats.writes += c->s.writes;
	c->s.writes = 0;
	stream_close(&c->s);
	clock_state(c, CLOCK_CONN_NONE);
	set_phase(c, LIVE_LIMBO);
}

/* Keep what err_set said; the owner is told at the next poll. */
static void broken(struct live_chan *c, int err)
{
	c->err = err;
	snprintf(c->why, sizeof(c->why), "%s: %s", c->where, err_text());
	if (c->phase == LIVE_LINGER) {
		end(c);
		return;
	}
	unwatch(c);
	set_phase(c, LIVE_BROKEN);
}

static void tell_down(struct live_chan *c)
{
	struct live *l = live_of_chan(c);
	const struct chan_handler *h = c->head.handler;
	void *owner = c->head.owner;
	end(c);
	l->events++;
	if (h && h->down)
		h->down(owner, &c->head, c->err, c->why);
}

/* ---------------------------------------------------------------- getting up */

static void up(struct live_chan *c)
{
	int rc = watch(c, reading(c));
	if (rc) {
		broken(c, rc);
		return;
	}
	set_phase(c, LIVE_UP);
	clock_state(c, CLOCK_CONN_UP);
	live_of_chan(c)->more |= c->s.more;
	live_of_chan(c)->events++;
	if (c->head.handler->up)
		c->head.handler->up(c->head.owner, &c->head);
}

static void shake(struct live_chan *c)
{
	int rc = stream_handshake(&c->s);
	if (rc == STREAM_READY) {
		up(c);
		return;
	}
	if (rc > 0)
		rc = watch(c, events_of(rc));
	if (rc)
		broken(c, rc);
}

/* TCP is there. */
static void connected(struct live_chan *c)
{
	if (!c->tls) {
		up(c);
		return;
	}
	int rc = stream_start_tls(&c->s, c->tls, c->accepted ? NULL : c->server_name);
	if (rc) {
		broken(c, rc);
		return;
	}
	set_phase(c, LIVE_SHAKING);
	shake(c);
}

/* Our port goes into the key of the clock page's table before the venue can see the connection. */
static int join_clock(struct live_chan *c, uint16_t client_port, uint16_t server_port)
{
	struct live *l = live_of_chan(c);
	c->clock_conn = clock_page_conn(l->clock, (uint64_t)client_port << 16 | server_port);
	if (c->clock_conn < 0 && l->clock->role == CLOCK_HOST)
		return c->clock_conn;
	clock_state(c, CLOCK_CONN_OPENING);
	return 0;
}

static uint16_t port_of(const struct stream_addr *a)
{
	return ntohs(a->a.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&a->a)->sin6_port
						: ((const struct sockaddr_in *)&a->a)->sin_port);
}

static int try_addr(struct live_chan *c, const struct stream_addr *a)
{
	struct live *l = live_of_chan(c);
	uint16_t port = port_of(a), mine = 0;
	bool venue =
		l->clock && l->clock->role == CLOCK_HOST && clock_page_has_port(l->clock, port);
	int rc = stream_socket(&c->s, a, venue ? &mine : NULL);
	if (!rc && venue)
		rc = join_clock(c, mine, port);
	if (!rc)
		rc = stream_connect(&c->s, a);
	if (!rc)
		rc = watch(c, LOOP_WRITE);
	return rc;
}

/* The next address that does not refuse at once; else the last refusal. */
static int try_next(struct live_chan *c)
{
	int rc = -ERR_NET;
	while (c->next_addr < c->n_addr) {
		rc = try_addr(c, &c->addr[c->next_addr++]);
		if (!rc)
			return 0;
		unwatch(c);
		stream_close(&c->s);
		clock_state(c, CLOCK_CONN_NONE);
	}
	return rc;
}

static void connecting(struct live_chan *c)
{
	int rc = stream_connected(&c->s);
	if (!rc) {
		connected(c);
		return;
	}
	if (c->next_addr < c->n_addr) {
		unwatch(c);
		stream_close(&c->s);
		clock_state(c, CLOCK_CONN_NONE);
		rc = try_next(c);
	}
	if (rc)
		broken(c, rc);
}

/* ---------------------------------------------------------------- bytes */

void live_read(struct live *l, struct live_chan *c)
{
	ssize_t k = stream_fill(&c->s);
	if (k == 0)
		return;
	if (k < 0) {
		broken(c, (int)k);
		return;
	}
	struct env_now now;
	env_now(&l->head, &now);
	l->read_ns = l->clock ? live_machine_ns() : now.mono_ns;
	if (c->clock_conn >= 0)
		clock_page_conn_rx(l->clock, c->clock_conn, (size_t)k);
	c->rx_since = true;
	l->rx_any = l->opt.delay_acks;
	l->more |= c->s.more;
	l->stats.rx_bytes += (uint64_t)k;
	l->events++;
	uint32_t id = c->head.id;
	size_t n = c->s.rx.to - c->s.rx.from;
	ptrdiff_t used = c->head.handler->bytes(c->head.owner, &c->head, c->s.rx.p + c->s.rx.from,
						n, now.mono_ns);
	if (c->phase != LIVE_UP || c->head.id != id)
		return;
	if (used < 0)
		broken(c, (int)used);
	else
		stream_consume(&c->s, (size_t)used);
}

static void mark_dirty(struct live *l, struct live_chan *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	l->dirty[l->n_dirty++] = c;
}

/* Hands over what the kernel takes; the loop tells when it takes more. */
static void push_out(struct live_chan *c)
{
	int rc = stream_flush(&c->s);
	if (rc < 0) {
		broken(c, rc);
		return;
	}
	if (rc == STREAM_READY && c->phase == LIVE_LINGER) {
		end(c);
		return;
	}
	unsigned want = reading(c) | (rc == STREAM_WAIT_WRITE ? LOOP_WRITE : 0);
	if (c->phase == LIVE_LINGER)
		want = LOOP_WRITE;
	rc = watch(c, want);
	if (rc)
		broken(c, rc);
}

int live_send(struct chan *ch, const void *p, size_t n)
{
	struct live_chan *c = (struct live_chan *)ch;
	struct live *l = live_of_chan(c);
	if (c->phase != LIVE_UP)
		return err_set(ERR_STATE, "%s: not connected", c->where);
	int rc = stream_put(&c->s, p, n);
	if (rc)
		return err_ctx(rc, "%s", c->where);
	if (c->clock_conn >= 0)
		clock_page_conn_tx(l->clock, c->clock_conn, n);
	l->stats.tx_bytes += n;
	mark_dirty(l, c);
	return 0;
}

size_t live_unsent(const struct chan *c)
{
	return stream_unsent(&((const struct live_chan *)c)->s);
}

void live_close(struct chan *ch)
{
	struct live_chan *c = (struct live_chan *)ch;
	if (c->phase == LIVE_UP && stream_unsent(&c->s) &&
	    stream_flush(&c->s) == STREAM_WAIT_WRITE) {
		set_phase(c, LIVE_LINGER);
		c->deadline_ns = live_machine_ns() + LINGER_NS;
		if (watch(c, LOOP_WRITE) == 0)
			return;
	}
	if (c->phase > LIVE_LIMBO)
		end(c);
}

void live_flush(struct env *e)
{
	struct live *l = live_of(e);
	bool sent = l->n_dirty > 0;
	for (uint32_t i = 0; i < l->n_dirty; i++) {
		struct live_chan *c = l->dirty[i];
		c->dirty = false;
		if (c->phase == LIVE_UP)
			push_out(c);
	}
	l->n_dirty = 0;
	if (sent && l->clock)
		clock_page_ring(l->clock);
}

/* The kernel forgets this with every packet. */
void live_delay_acks(struct live *l)
{
	if (!l->rx_any)
		return;
	l->rx_any = false;
	for (uint32_t i = 0; i < l->high; i++) {
		struct live_chan *c = &l->chan[i];
		if (!c->rx_since)
			continue;
		c->rx_since = false;
		int off = 0;
		if (c->phase == LIVE_UP)
			(void)setsockopt(c->s.fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
	}
}

static void on_ready(void *owner, unsigned what)
{
	struct live_chan *c = owner;
	uint32_t id = c->head.id;
	switch ((enum live_phase)c->phase) {
	case LIVE_CONNECTING:
		connecting(c);
		break;
	case LIVE_SHAKING:
		shake(c);
		break;
	case LIVE_UP:
		if (what & LOOP_READ)
			live_read(live_of_chan(c), c);
		if ((what & LOOP_WRITE) && c->phase == LIVE_UP && c->head.id == id)
			push_out(c);
		break;
	case LIVE_LINGER:
		push_out(c);
		break;
	default:
		break;
	}
}

/* ---------------------------------------------------------------- slots */

static int take_slot(struct live *l, const struct env_peer *p, struct live_chan **out)
{
	struct live_chan *c = NULL;
	for (uint32_t i = 0; i < l->max_chans && !c; i++)
		if (l->chan[i].phase == LIVE_FREE && !l->chan[i].dirty)
			c = &l->chan[i];
	if (c && c - l->chan >= l->high)
		l->high = (uint32_t)(c - l->chan) + 1;
	if (!c)
		return err_set(ERR_FULL, "%u connections are open, which is the most allowed",
			       l->max_chans);
	int rc = stream_buffers(&c->s, p->rx_cap ? p->rx_cap : RX_CAP,
				p->tx_cap ? p->tx_cap : TX_CAP);
	if (rc)
		return rc;
	c->head = (struct chan){ .env = &l->head, .id = ++l->next_id };
	c->watch = c->clock_conn = -1;
	c->s.fd = -1;
	c->tls = NULL;
	c->err = 0;
	c->rx_since = c->accepted = false;
	c->n_addr = c->next_addr = 0;
	c->deadline_ns = live_machine_ns() + l->opt.connect_timeout_ns;
	*out = c;
	return 0;
}

int live_open(struct env *e, const struct env_peer *p, const struct chan_handler *h, void *owner,
	      struct chan **out)
{
	struct live *l = live_of(e);
	struct live_chan *c;
	struct tls_ctx *tls = NULL;
	int rc = p->tls ? live_tls_ctx(l, p, false, &tls) : 0;
	if (!rc)
		rc = take_slot(l, p, &c);
	if (rc)
		return err_ctx(rc, "%s:%u", p->host, p->port);
	snprintf(c->where, sizeof(c->where), "%s:%u", p->host, p->port);
	snprintf(c->server_name, sizeof(c->server_name), "%s",
		 p->server_name[0] ? p->server_name : p->host);
	c->tls = tls;
	c->head.handler = h;
	c->head.owner = owner;
	c->n_addr = stream_resolve(p->host, p->port, false, c->addr);
	if (c->n_addr < 0)
		return err_ctx(c->n_addr, "%s", c->where);
	set_phase(c, LIVE_CONNECTING);
	/* A refusal at once is told like a late one: from poll. */
	rc = try_next(c);
	if (rc)
		broken(c, rc);
	*out = &c->head;
	return 0;
}

void live_accepted(struct live_listener *s, int fd, uint16_t peer_port, const char *where)
{
	struct live *l = s->live;
	struct live_chan *c;
	if (take_slot(l, &s->peer, &c) != 0) {
		l->stats.refused++;
		struct stream none = { .fd = fd };
		stream_close(&none);
		return;
	}
	stream_adopt(&c->s, fd);
	snprintf(c->where, sizeof(c->where), "%s", where);
	c->tls = s->tls;
	c->accepted = true;
	set_phase(c, LIVE_CONNECTING);
	if (l->clock && l->clock->role == CLOCK_VENUE)
		(void)join_clock(c, peer_port, s->port);
	l->events++;
	if (s->accept(s->owner, &c->head) != 0 || !c->head.handler) {
		l->stats.refused++;
		end(c);
		return;
	}
	if (c->phase == LIVE_CONNECTING)
		connected(c);
}

int64_t live_tend_at(const struct live *l)
{
	int64_t at = INT64_MAX;
	if (l->n_open == 0)
		return at;
	for (uint32_t i = 0; i < l->high; i++) {
		const struct live_chan *c = &l->chan[i];
		if (c->phase == LIVE_BROKEN)
			return 0;
		if (tended(c->phase) && c->deadline_ns < at)
			at = c->deadline_ns;
	}
	return at;
}

void live_tend(struct live *l)
{
	int64_t now = l->n_open ? live_machine_ns() : 0;
	for (uint32_t i = 0; i < l->high && (l->n_open || l->n_limbo); i++) {
		struct live_chan *c = &l->chan[i];
		if (c->phase == LIVE_LIMBO)
			set_phase(c, LIVE_FREE);
		else if (c->phase == LIVE_BROKEN)
			tell_down(c);
		else if (tended(c->phase) && now >= c->deadline_ns)
			broken(c, err_set(ERR_TIMEOUT, "%s within %lld ms",
					  c->phase == LIVE_SHAKING ? "TLS was not set up"
								   : "no connection",
					  (long long)(l->opt.connect_timeout_ns / 1000000)));
	}
}

void live_chan_free(struct live *l, struct live_chan *c)
{
	(void)l;
	if (c->phase > LIVE_LIMBO) {
		if (c->phase == LIVE_UP)
			(void)stream_flush(&c->s);
		end(c);
	}
	stream_free(&c->s);
}
