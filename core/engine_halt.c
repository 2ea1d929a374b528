/* engine_halt - which contracts trade: by the word of their venue, and by what its refusals say. */
#include "core/engine_parts.h"

static void halt(struct engine *e, uint32_t instrument, bool halted)
{
	struct feed *f = &e->d.feed[instrument];
	struct feed_result r =
		halted ? feed_halt(f, e->d.now.mono_ns) : feed_resume(f, e->d.now.mono_ns);
	e->asks[instrument].closed_until_ns = 0;
	if (r.state_changed)
		engine_after_feed(e, instrument, r, e->d.now.mono_ns);
}

/* The venue's own word. One that says that it trades, and refused time and again, is not taken at it before it is tried again. */
void engine_on_halt(void *core, uint32_t instrument, bool halted)
{
	struct engine *e = core;
	struct engine_asks *a = &e->asks[instrument];
	a->closed_asked = false;
	if (halted)
		a->closed_times = 0;
	if (halted || !a->closed_until_ns || a->closed_times <= 1)
		halt(e, instrument, halted);
}

/* Until the venue says that it trades again nothing more is tried there (F38), each time longer. */
void engine_closed(struct engine *e, uint32_t instrument)
{
	struct engine_asks *a = &e->asks[instrument];
	const struct venue *port = e->d.venue[e->d.instrument[instrument].venue].port;
	bool again = !a->closed_until_ns; /* several orders at once were refused once */
	if (!a->closed_times || (again && a->closed_times < CLOSED_TIMES))
		a->closed_times++;
	int64_t wait_ns = CLOSED_FOR_NS << (a->closed_times - 1);
	halt(e, instrument, true);
	a->closed_asked = port->ops->ask_rules != NULL;
	a->closed_until_ns =
		e->d.now.mono_ns + (wait_ns < CLOSED_MOST_NS ? wait_ns : CLOSED_MOST_NS);
}

void engine_reopen(struct engine *e, uint32_t instrument, bool now)
{
	struct engine_asks *a = &e->asks[instrument];
	struct venue *port = e->d.venue[e->d.instrument[instrument].venue].port;
	if (!a->closed_until_ns || (!now && e->d.now.mono_ns < a->closed_until_ns))
		return;
	if (a->closed_asked && !now) { /* silence is no opening */
		a->closed_until_ns = e->d.now.mono_ns + CLOSED_FOR_NS;
		port->ops->ask_rules(port);
		return;
	}
	halt(e, instrument, false);
}
