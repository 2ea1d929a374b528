/* engine_open - puts an engine together: its desk, its feeds, and who watches which instrument. All memory is taken here. */
#include "core/base/err.h"
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include <stdlib.h>
#include <string.h>

#define FEED_BUFFERS 64	  /* feeds that are repaired at once with what has come meanwhile */
#define FEED_LEVELS  6000 /* a whole REST snapshot of the largest size fits */

static const struct desk_sizes sizes = { .orders = 16384,
					 .pairs = 4096,
					 .positions = 8192,
					 .timers = 65536,
					 .book_levels = FEED_LEVELS };

/* Instances by instrument, so that a quote wakes just those that look at it. */
static int index_watchers(struct engine *e)
{
	const struct config *c = e->d.cfg;
	uint32_t total = 0;
	for (unsigned i = 0; i < c->n_instances; i++)
		total += c->instance[i].n_legs + c->instance[i].n_refs;
	e->watchers = calloc(c->n_instruments + 1u, sizeof *e->watchers);
	e->asks = calloc(c->n_instruments + 1u, sizeof *e->asks);
	e->watcher = calloc(total + 1u, sizeof *e->watcher);
	e->dirty = calloc(c->n_instances + 1u, sizeof *e->dirty);
	e->is_dirty = calloc(c->n_instances + 1u, 1);
	if (!e->watchers || !e->asks || !e->watcher || !e->dirty || !e->is_dirty)
		return err_set(ERR_NOMEM, "no memory for %u instances", c->n_instances);
	for (uint32_t k = 0; k < c->n_instruments; k++)
		e->watchers[k].venue = e->d.instrument[k].venue;
	for (int pass = 0; pass < 2; pass++) { /* count, then fill */
		uint32_t at = 0;
		for (uint32_t k = 0; pass == 1 && k < c->n_instruments; k++) {
			e->watchers[k].first = at;
			at += e->watchers[k].n;
			e->watchers[k].n = 0;
		}
		for (uint16_t i = 0; i < c->n_instances; i++) {
			const struct config_instance *in = &c->instance[i];
			for (unsigned l = 0; l < in->n_legs + in->n_refs; l++) {
				struct engine_watchers *w =
					&e->watchers[l < in->n_legs ? in->leg[l]
								    : in->ref[l - in->n_legs]];
				w->deep |= in->want_lots > 0 && l < in->n_legs;
				if (pass == 1 && w->n == 0)
					w->beside = in->leg[l == 0 && in->n_legs > 1];
				if (pass == 1)
					e->watcher[w->first + w->n] = i;
				w->n++;
			}
		}
	}
	return 0;
}

static int open_feeds(struct desk *d)
{
	int rc = feed_set_init(&d->feeds, FEED_BUFFERS);
	for (uint32_t i = 0; !rc && i < d->cfg->n_instruments; i++) {
		const struct instrument *in = &d->instrument[i];
		const struct feed_options o = { .join = JOIN_LAST_PLUS_1,
						.lines = d->cfg->venue[in->venue].lines,
						.depth_expected = true,
						.px_may_be_negative = in->px_may_be_negative,
						.levels = sizes.book_levels };
		rc = feed_init(&d->feed[i], &o, &d->feeds);
		struct top *top = &d->feed[i].top;
		top->line = &d->venue[in->venue].line;
		top->model = in->feed_model;
		top->cadence_ns = in->cadence_ns;
	}
	return rc;
}

/* A gate's receipt: what only the desk knows is added. */
static bool say_gate(void *arg, struct fact *f)
{
	struct engine_keeper *k = arg;
	struct desk *d = &k->e->d;
	const struct desk_instance *in = &d->instance[k->instance];
	f->instance = d->names.instance[k->instance];
	f->script = d->names.script[k->instance];
	f->round = in->round.id;
	if (f->leg < in->cfg->n_legs)
		scribe_instrument(d, f, in->cfg->leg[f->leg]);
	else if (f->leg >= GATE_REF && f->leg < GATE_REF + in->cfg->n_refs)
		scribe_instrument(d, f, in->cfg->ref[f->leg - GATE_REF]);
	f->seq = scribe_put(d, f);
	return f->seq != 0;
}

/* Windows of the basis, for the instances that ask for one. */
static int open_bands(struct engine *e)
{
	struct desk *d = &e->d;
	e->band = calloc(d->cfg->n_instances + 1u, sizeof *e->band);
	if (!e->band)
		return err_set(ERR_NOMEM, "no memory for %u instances", d->cfg->n_instances);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		const struct config_instance *c = &d->cfg->instance[i];
		if (!c->band_window_ns)
			continue;
		int rc = band_init(&e->band[i], c->band_window_ns, c->band_sample_ns);
		if (rc)
			return err_ctx(rc, "instance %s", c->name);
		d->instance[i].spec.band = &e->band[i];
	}
	return 0;
}

static int open_keepers(struct engine *e)
{
	struct desk *d = &e->d;
	e->keeper = calloc(d->cfg->n_instances + 1u, sizeof *e->keeper);
	if (!e->keeper)
		return err_set(ERR_NOMEM, "no memory for %u instances", d->cfg->n_instances);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		e->keeper[i] = (struct engine_keeper){ .e = e, .instance = i };
		gatekeeper_init(d->instance[i].keeper, &d->instance[i].spec, say_gate,
				&e->keeper[i]);
	}
	return 0;
}

static void copy_names(struct desk *d, const struct desk_names *n)
{
	const struct config *c = d->cfg;
	memcpy(d->names.venue, n->venue, c->n_venues * sizeof(uint32_t));
	memcpy(d->names.account, n->account, c->n_accounts * sizeof(uint32_t));
	memcpy(d->names.instance, n->instance, c->n_instances * sizeof(uint32_t));
	memcpy(d->names.script, n->script, c->n_instances * sizeof(uint32_t));
	memcpy(d->names.asset, n->asset, c->assets.n * sizeof(uint32_t));
}

/* Goes on counting where the host before stopped; what is so just now (in flight, held, unhedged) is not taken over. */
static void take_over_counts(struct engine *e)
{
	const struct snapshot_body *was = &e->page->body;
	struct snapshot_body *s = &e->d.stat;
	s->turns = was->turns;
	s->quotes = was->quotes;
	s->receipts = was->receipts;
	s->proposed = was->proposed;
	s->refused = was->refused;
	s->sent = was->sent;
	s->hedged = was->hedged;
	s->flat = was->flat;
	s->orders = was->orders;
	s->fills = was->fills;
	s->rejects = was->rejects;
	s->completed = was->completed;
	s->unwound = was->unwound;
	s->bad_inputs = was->bad_inputs;
	s->risk_hits = was->risk_hits;
	s->script_kills = was->script_kills;
	e->before = *s;
	e->checkpoint_seq = s->receipts;
}

int engine_open(const struct engine_parts *parts, struct engine **out)
{
	struct engine *e = calloc(1, sizeof *e);
	if (!e)
		return err_set(ERR_NOMEM, "no memory for the engine");
	e->parts = *parts;
	e->page = parts->page;
	struct desk *d = &e->d;
	d->cfg = parts->cfg;
	d->instrument = parts->instrument;
	d->env = parts->env;
	d->journal = parts->journal;
	d->kv = parts->kv;
	d->tick_to_order = parts->page ? &parts->page->tick_to_order : NULL;
	ids_init(&d->ids, parts->host, parts->epoch);
	env_now(d->env, &d->now);
	if (e->page)
		take_over_counts(e);
	int rc = desk_init(d, &sizes);
	if (!rc)
		rc = timers_init(&e->script_timers, EVERY_MAX);
	if (!rc)
		copy_names(d, &parts->names);
	if (!rc)
		rc = open_feeds(d);
	if (!rc)
		rc = index_watchers(e);
	for (uint16_t i = 0; !rc && i < d->cfg->n_instances; i++)
		rc = desk_bind_instance(d, i, NULL);
	if (!rc)
		rc = open_keepers(e);
	if (!rc)
		rc = open_bands(e);
	if (!rc)
		rc = engine_clocks_open(e);
	if (!rc)
		rc = engine_alerts_open(e);
	if (rc) {
		engine_free(e);
		return rc;
	}
	*out = e;
	return 0;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	engine_clocks_free(e);
	engine_alerts_free(e);
	for (uint16_t i = 0; e->band && i < e->d.cfg->n_instances; i++)
		band_free(&e->band[i]);
	free(e->band);
	desk_free(&e->d);
	timers_free(&e->script_timers);
	free(e->keeper);
	free(e->watchers);
	free(e->asks);
	free(e->watcher);
	free(e->dirty);
	free(e->is_dirty);
	free(e);
}

struct desk *engine_desk(struct engine *e)
{
	return &e->d;
}

void engine_set_venue(struct engine *e, uint16_t v, struct venue *port)
{
	static const uint8_t join_of[depth_rule_max] = {
		[DEPTH_NEXT_IS_LAST_PLUS_1] = JOIN_LAST_PLUS_1,
		[DEPTH_PREV_IS_LAST] = JOIN_PREV,
		[DEPTH_WHOLE] = JOIN_WHOLE,
	};
	struct desk *d = &e->d;
	d->venue[v].port = port;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		if (d->instrument[i].venue == v) {
			d->feed[i].join = join_of[port->ops->depth_rule(port, i)];
			d->feed[i].replays = port->ops->replay != NULL;
		}
}

void engine_set_script(struct engine *e, uint16_t instance, struct strategy *s)
{
	desk_bind_instance(&e->d, instance, s);
	engine_reload_first(e, instance, s);
}
