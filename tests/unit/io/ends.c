#include "tests/unit/io/ends.h"
#include "core/io/env_sim.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void end_init(struct end *x, struct env *e, size_t cap)
{
	*x = (struct end){ .env = e, .cap = cap };
	x->got = malloc(cap ? cap : 1);
}

void end_free(struct end *x)
{
	free(x->got);
}

static void up(void *owner, struct chan *c)
{
	struct end *x = owner;
	x->ups++;
	if (x->close_on_up) {
		chan_close(c);
		x->chan = NULL;
	}
}

static ptrdiff_t bytes(void *owner, struct chan *c, const uint8_t *p, size_t n, int64_t recv_ns)
{
	struct end *x = owner;
	x->calls++;
	x->recv_ns = recv_ns;
	if (x->refuse < 0)
		return x->refuse;
	if (n < x->hold)
		return 0;
	if (x->at_once && n > x->at_once)
		n = x->at_once;
	if (x->n + n <= x->cap) {
		memcpy(x->got + x->n, p, n);
		x->n += n;
	}
	if (x->echo)
		(void)chan_send(c, p, n);
	if (x->close_on_bytes) {
		chan_close(c);
		x->chan = NULL;
	}
	return (ptrdiff_t)n;
}

static void down(void *owner, struct chan *c, int err, const char *why)
{
	(void)c;
	struct end *x = owner;
	x->downs++;
	x->err = err;
	x->chan = NULL;
	snprintf(x->why, sizeof(x->why), "%s", why);
}

const struct chan_handler end_handler = { .up = up, .bytes = bytes, .down = down };

int door_accept(void *owner, struct chan *c)
{
	struct door *d = owner;
	if (d->refuse || d->taken == d->n)
		return -1;
	struct end *x = &d->end[d->taken++];
	x->chan = c;
	c->handler = &end_handler;
	c->owner = x;
	return 0;
}

struct env_peer peer_on(uint16_t port)
{
	struct env_peer p = { .port = port };
	strcpy(p.host, "127.0.0.1");
	return p;
}

static int64_t machine_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void turn(struct env *e)
{
	struct env_now now;
	env_now(e, &now);
	env_poll(e, now.mono_ns + 200000);
	env_flush(e);
}

bool run_until(struct env *a, struct env *b, bool (*done)(void *), void *arg, int ms)
{
	int64_t end = machine_ms() + ms;
	while (!done(arg)) {
		if (machine_ms() > end)
			return false;
		env_flush(a);
		turn(a);
		if (b)
			turn(b);
	}
	return true;
}

bool end_is_up(void *x)
{
	return ((struct end *)x)->ups > 0;
}

bool end_is_down(void *x)
{
	return ((struct end *)x)->downs > 0;
}

struct wanted {
	struct end *x;
	size_t n;
};

static bool has_bytes(void *arg)
{
	struct wanted *w = arg;
	return w->x->n >= w->n;
}

bool run_until_bytes(struct env *a, struct env *b, struct end *x, size_t n, int ms)
{
	struct wanted w = { x, n };
	return run_until(a, b, has_bytes, &w, ms);
}

void run_world(struct env_sim *w, int ms)
{
	int64_t until = env_sim_now(w) + (int64_t)ms * 1000000;
	for (struct env *e; (e = env_sim_step(w, until));) {
		env_poll(e, INT64_MAX);
		env_flush(e);
	}
}
