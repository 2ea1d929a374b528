/* engine_probe - a market that is quiet and a feed that is cut look alike: whoever needs a price that has not been told anew is asked for by its number (F32). */
#include "core/engine_parts.h"

#define PROBE_LEAST_NS 200000000LL
#define PROBE_PATIENCE_NS \
	1000000000LL /* for what the venue has and the feed has not brought: it is on its way, or lost */

static int64_t known_seq(const struct feed *f)
{
	return f->top.q.seq > f->last_seq ? f->top.q.seq : f->last_seq;
}

static void probe(struct engine *e, uint32_t instrument, int64_t max_age_ns)
{
	struct desk *d = &e->d;
	const struct top *top = &d->feed[instrument].top;
	struct engine_asks *a = &e->asks[instrument];
	struct venue *port = d->venue[e->watchers[instrument].venue].port;
	int64_t pause_ns = max_age_ns / 4 > PROBE_LEAST_NS ? max_age_ns / 4 : PROBE_LEAST_NS;
	if (top->model != FEED_PROBED || top->state != BOOK_LIVE || !port->ops->probe ||
	    d->now.mono_ns - top_valid_ns(top) <= max_age_ns / 2 ||
	    d->now.mono_ns - a->probed_ns < pause_ns)
		return;
	a->probed_ns = d->now.mono_ns;
	port->ops->probe(port, instrument); /* refused: asked again after the pause */
}

void engine_probe_instance(struct engine *e, uint16_t instance)
{
	const struct desk_instance *in = &e->d.instance[instance];
	const struct config_instance *c = &e->d.cfg->instance[instance];
	const int64_t max_age_ns = in->gate.max_age_ns;
	if (!max_age_ns)
		return;
	for (unsigned l = 0; l < c->n_legs; l++)
		probe(e, c->leg[l], max_age_ns);
	for (unsigned r = 0; r < c->n_refs; r++)
		probe(e, c->ref[r], max_age_ns);
}

void engine_on_probe(struct engine *e, uint32_t instrument, int64_t last_seq, int64_t asked_ns)
{
	struct desk *d = &e->d;
	struct feed *f = &d->feed[instrument];
	struct engine_asks *a = &e->asks[instrument];
	if (f->top.state != BOOK_LIVE)
		return;
	if (last_seq <= known_seq(f)) { /* the venue had nothing newer when it was asked */
		a->ahead_ns = 0;
		a->ahead_told = false;
		if (asked_ns > f->top.valid_ns) {
			f->top.valid_ns = asked_ns;
			f->top.bound_ns = 0; /* by our own clock alone */
		}
		return;
	}
	/* It has: the change is on its way, or the stream is cut. Then the price just ages, and its gate closes; a snapshot would be true for a moment only. */
	if (!a->ahead_ns || known_seq(f) >= a->ahead_seq) {
		a->ahead_ns = d->now.mono_ns;
		a->ahead_seq = last_seq;
	} else if (!a->ahead_told && d->now.mono_ns - a->ahead_ns > PROBE_PATIENCE_NS) {
		a->ahead_told = true;
		engine_alert_of(e, instrument, ALERT_FEED_STALE,
				"the venue has newer prices, its stream does not bring them (F32)");
	}
}
