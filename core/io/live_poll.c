#include "core/io/live.h"

#define LOOP_EVERY 64 /* polls between two looks at everything else while spinning */
#define PAGE_NS \
	1000000 /* longest sleep on the clock page: other sockets and commands are seen then */
#define REAL_MAX_NS 50000000 /* longest sleep with a page in REAL mode: its speed may change */
#define ALIVE_EVERY 32	     /* fruitless waits between two looks whether the venue lives */

/* Bytes that a TLS record brought along with others. */
static void read_more(struct live *l)
{
	l->more = false;
	for (uint32_t i = 0; i < l->high; i++)
		if (l->chan[i].phase == LIVE_UP && l->chan[i].s.more)
			live_read(l, &l->chan[i]);
}

/* Spinning, channels that are up are not watched: an event would cost each packet more than
 * asking does. The first that has something ends the round, since asking the others too would
 * delay what is done about it; they are asked first the next time. */
static void read_next(struct live *l)
{
	uint64_t before = l->events;
	for (uint32_t k = 0; k < l->high && l->events == before; k++) {
		struct live_chan *c = &l->chan[l->next_read];
		l->next_read = l->next_read + 1 < l->high ? l->next_read + 1 : 0;
		if (c->phase == LIVE_UP)
			live_read(l, c);
	}
}

/* Everything once; sleeps up to wait_ns where nothing is there. */
static void look(struct live *l, int64_t wait_ns)
{
	uint64_t before = l->events;
	if (l->n_open || l->n_limbo)
		live_tend(l);
	if (l->more)
		read_more(l);
	if (wait_ns > 0 && l->n_open) {
		int64_t at = live_tend_at(l), now = live_machine_ns();
		if (at < INT64_MAX && at - now < wait_ns)
			wait_ns = at - now;
	}
	loop_run(l->loop, l->events == before && !l->more ? wait_ns : 0);
	if (l->n_open)
		live_tend(l);
}

/* One pass of a spinning poll: connections each time, the rest now and then. */
static void spin(struct live *l)
{
	uint64_t before = l->events;
	read_next(l);
	bool waiting = l->n_open || l->n_limbo || l->more;
	if (++l->spins % LOOP_EVERY == 0 || (waiting && l->events == before))
		look(l, 0);
}

static bool has_command(const struct live *l)
{
	return ring_len(&l->commands) > 0;
}

static bool stepping(const struct live *l)
{
	return l->clock && clock_page_mode(l->clock) == CLOCK_STEP;
}

/* Host, time stands still: say that all is done, then wait for bytes or for time. False: the
 * time has come. */
static bool wait_for_venue(struct live *l, int64_t wake_ns, uint32_t round)
{
	if (!clock_page_host_idle(l->clock, wake_ns))
		return false;
	clock_page_wait(l->clock, PAGE_NS);
	if (round % ALIVE_EVERY == ALIVE_EVERY - 1 && !clock_page_other_alive(l->clock))
		clock_page_run_on(l->clock);
	return true;
}

/* Venue: move the time on once the host is done. */
static void wait_for_host(struct live *l, int64_t now_ns, int64_t wake_ns)
{
	int64_t next = INT64_MAX;
	if (clock_page_quiet(l->clock, &next) != CLOCK_HOST_QUIET) {
		clock_page_wait(l->clock, PAGE_NS);
		return;
	}
	if (next > wake_ns)
		next = wake_ns;
	if (next == INT64_MAX)
		clock_page_wait(l->clock, PAGE_NS);
	else
		clock_page_step_to(l->clock, next > now_ns ? next : now_ns + 1);
}

static void poll_stepping(struct live *l, int64_t wake_ns, uint64_t before)
{
	for (uint32_t round = 0;; round++) {
		if (l->opt.spin)
			read_next(l);
		look(l, 0);
		struct env_now now;
		env_now(&l->head, &now);
		if (l->events != before || has_command(l) || now.mono_ns >= wake_ns || !stepping(l))
			break;
		if (l->clock->role == CLOCK_VENUE)
			wait_for_host(l, now.mono_ns, wake_ns);
		else if (!wait_for_venue(l, wake_ns, round))
			break;
	}
	if (l->clock->role == CLOCK_HOST)
		clock_page_host_busy(l->clock);
}

static int64_t real_wait(const struct live *l, int64_t virtual_ns)
{
	if (!l->clock)
		return virtual_ns;
	int64_t ns = clock_page_real_wait(l->clock, virtual_ns);
	return ns < REAL_MAX_NS ? ns : REAL_MAX_NS;
}

static void poll_running(struct live *l, int64_t wake_ns, uint64_t before)
{
	for (;;) {
		struct env_now now;
		env_now(&l->head, &now);
		int64_t left = wake_ns == INT64_MAX ? INT64_MAX : wake_ns - now.mono_ns;
		bool due = left <= 0 || has_command(l);
		if (l->opt.spin)
			spin(l);
		else
			look(l, due				 ? 0
				: left == INT64_MAX && !l->clock ? left
								 : real_wait(l, left));
		if (due || l->events != before || has_command(l) || stepping(l))
			return;
	}
}

void live_poll(struct env *e, int64_t wake_ns)
{
	struct live *l = live_of(e);
	uint64_t before = l->events;
	live_delay_acks(l);
	if (stepping(l))
		poll_stepping(l, wake_ns, before);
	else
		poll_running(l, wake_ns, before);
}
