#include "core/io/loop.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdlib.h>

struct watch {
	struct event read, write;
	loop_fn fn;
	void *owner;
	unsigned want; /* 0 and no fn: free */
	int next_free;
};

struct loop {
	struct event_base *base;
	struct event timer;
	int free_head;
	uint32_t n;
	struct watch watch[];
};

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	struct watch *w = arg;
	unsigned ready = (what & EV_READ ? LOOP_READ : 0) | (what & EV_WRITE ? LOOP_WRITE : 0);
	if (w->fn)
		w->fn(w->owner, ready);
}

/* Only ends the wait. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static struct event_base *make_base(void)
{
	struct event_config *cfg = event_config_new();
	if (!cfg)
		return NULL;
	/* Else libevent rounds every wait up to a millisecond. */
	event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER);
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
	struct event_base *base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	return base;
}

int loop_open(uint32_t max_watches, struct loop **out)
{
	struct loop *l = calloc(1, sizeof(*l) + max_watches * sizeof(struct watch));
	if (!l)
		return err_set(ERR_NOMEM, "no memory for a loop of %u descriptors", max_watches);
	l->base = make_base();
	if (!l->base) {
		free(l);
		return err_set(ERR_IO, "libevent cannot make an event base (is epoll available?)");
	}
	l->n = max_watches;
	for (uint32_t i = 0; i < max_watches; i++)
		l->watch[i].next_free = i + 1 < max_watches ? (int)i + 1 : -1;
	l->free_head = max_watches ? 0 : -1;
	event_assign(&l->timer, l->base, -1, 0, on_timer, NULL);
	*out = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->n; i++)
		if (l->watch[i].fn)
			loop_remove(l, (int)i);
	event_del(&l->timer);
	event_base_free(l->base);
	free(l);
}

int loop_add(struct loop *l, int fd, unsigned what, loop_fn fn, void *owner)
{
	int i = l->free_head;
	if (i < 0)
		return err_set(ERR_FULL, "more than %u descriptors are watched", l->n);
	struct watch *w = &l->watch[i];
	l->free_head = w->next_free;
	w->fn = fn;
	w->owner = owner;
	w->want = 0;
	event_assign(&w->read, l->base, fd, EV_READ | EV_PERSIST, on_ready, w);
	event_assign(&w->write, l->base, fd, EV_WRITE | EV_PERSIST, on_ready, w);
	loop_want(l, i, what);
	return i;
}

static void set(struct event *ev, bool on)
{
	if (on)
		event_add(ev, NULL);
	else
		event_del(ev);
}

void loop_want(struct loop *l, int watch, unsigned what)
{
	struct watch *w = &l->watch[watch];
	must(w->fn);
	if ((w->want ^ what) & LOOP_READ)
		set(&w->read, what & LOOP_READ);
	if ((w->want ^ what) & LOOP_WRITE)
		set(&w->write, what & LOOP_WRITE);
	w->want = what;
}

void loop_remove(struct loop *l, int watch)
{
	struct watch *w = &l->watch[watch];
	loop_want(l, watch, 0);
	w->fn = NULL;
	w->next_free = l->free_head;
	l->free_head = watch;
}

void loop_run(struct loop *l, int64_t wait_ns)
{
	if (wait_ns <= 0) {
		event_base_loop(l->base, EVLOOP_NONBLOCK);
		return;
	}
	if (wait_ns != INT64_MAX) {
		struct timeval tv = { wait_ns / 1000000000, wait_ns % 1000000000 / 1000 };
		if (tv.tv_sec == 0 && tv.tv_usec == 0)
			tv.tv_usec = 1;
		event_add(&l->timer, &tv);
	}
	event_base_loop(l->base, EVLOOP_ONCE);
	event_del(&l->timer);
}
