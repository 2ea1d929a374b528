#include "core/engine.h"

#include "core/base/err.h"
#include "core/engine_parts.h"
#include <stdlib.h>
#include <string.h>

#define FEED_LEVELS	 6000 /* a whole REST snapshot of the largest size fits */
#define STOP_PATIENCE_NS 15000000000LL

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
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++) {
		int rc = feed_init(&d->feed[i], JOIN_LAST_PLUS_1, true, sizes.book_levels);
		if (rc)
			return rc;
		d->feed[i].top.alive_ns = &d->venue[d->instrument[i].venue].alive_ns;
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
	int rc = desk_init(d, &sizes);
	if (!rc)
		copy_names(d, &parts->names);
	if (!rc)
		rc = open_feeds(d);
	if (!rc)
		rc = index_watchers(e);
	for (uint16_t i = 0; !rc && i < d->cfg->n_instances; i++)
		rc = desk_bind_instance(d, i, NULL);
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
	desk_free(&e->d);
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
		[DEPTH_NEXT_IS_LAST_PLUS_1] = JOIN_LAST_PLUS_1, [DEPTH_PREV_IS_LAST] = JOIN_PREV
	};
	struct desk *d = &e->d;
	d->venue[v].port = port;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		if (d->instrument[i].venue == v)
			d->feed[i].join = join_of[port->ops->depth_rule(port, i)];
}

void engine_set_script(struct engine *e, uint16_t instance, struct strategy *s)
{
	desk_bind_instance(&e->d, instance, s);
}

int engine_start(struct engine *e)
{
	struct desk *d = &e->d;
	env_now(d->env, &d->now);
	for (uint16_t v = 0; v < d->cfg->n_venues; v++) {
		int rc = d->venue[v].port->ops->start(d->venue[v].port);
		if (rc)
			return err_ctx(rc, "venue %s", d->cfg->venue[v].name);
	}
	struct strat_event start = { .kind = STRAT_START };
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		engine_script_event(e, i, &start);
	e->housekeeping_ns = d->now.mono_ns;
	engine_publish(e);
	return 0;
}

static void fire_timers(struct engine *e)
{
	struct desk *d = &e->d;
	for (struct timer_event t; timers_pop(&d->timers, d->now.mono_ns, &t);) {
		switch ((enum desk_timer)t.kind) {
		case TIMER_ORDER:
			router_on_timer(d, t.arg);
			break;
		case TIMER_PAIR:
			exec_on_timer(d, t.arg);
			break;
		case TIMER_STRATEGY: {
			struct strat_event ev = { .kind = STRAT_TIMER, .timer = (uint32_t)t.arg };
			engine_script_event(e, (uint16_t)(t.arg >> 32), &ev);
			break;
		}
		case TIMER_HOUSEKEEPING:
		case desk_timer_max:
			break;
		}
	}
}

/* From the read of the quote's bytes to both orders handed to the kernel. */
static void measure(struct engine *e)
{
	if (!e->sent_pair || !e->d.tick_to_order || e->trigger_recv_ns == 0)
		return;
	hist_add(e->d.tick_to_order, env_since_read_ns(e->d.env));
}

int64_t engine_wake_ns(const struct engine *e)
{
	int64_t next = timers_next(&e->d.timers), due = e->housekeeping_ns + HOUSEKEEPING_NS;
	return next < due ? next : due;
}

void engine_turn(struct engine *e, int64_t wake_ns)
{
	struct desk *d = &e->d;
	d->turn++;
	e->trigger_recv_ns = 0;
	e->sent_pair = false;

	env_poll(d->env, wake_ns); /* bytes -> books, acks, fills (engine_market.c) */
	env_now(d->env, &d->now);  /* the time of everything that is decided below */
	engine_commands(e);
	fire_timers(e);
	if (e->venue_back)
		exec_wake_held(d);
	e->venue_back = false;
	exec_run(d); /* fills -> rescues, on their way before any script is called */
	env_flush(d->env);

	engine_tell_news(e);
	engine_run_scripts(e); /* events -> scripts -> proposals -> risk -> orders */
	if (d->cfg->store.durability_power)
		exec_release(d);
	env_flush(d->env);
	measure(e);

	exec_run(d); /* an order that its venue refused at once has news */
	if (d->now.mono_ns - e->housekeeping_ns >= HOUSEKEEPING_NS)
		engine_housekeeping(e);
	env_flush(d->env);
}

bool engine_done(const struct engine *e)
{
	const struct desk *d = &e->d;
	if (!d->stopping)
		return false;
	return d->stat.in_flight <= d->stat.held ||
	       d->now.mono_ns - e->stop_since_ns > STOP_PATIENCE_NS;
}

int64_t engine_residual_base_e8(struct engine *e)
{
	int64_t sum = 0;
	for (uint16_t i = 0; i < e->d.cfg->n_instances; i++)
		sum += desk_instance_base_e8(&e->d, i);
	return sum;
}

int64_t engine_tolerance_base_e8(struct engine *e)
{
	const struct config *c = e->d.cfg;
	int64_t sum = 0;
	for (uint16_t i = 0; i < c->n_instances; i++) {
		int64_t odd =
			desk_odd_lot_base_e8(&e->d, c->instance[i].leg, c->instance[i].n_legs);
		sum += odd > c->risk.residual_tolerance_base_e8
			       ? odd
			       : c->risk.residual_tolerance_base_e8;
	}
	return sum;
}

void engine_stop(struct engine *e)
{
	struct desk *d = &e->d;
	env_now(d->env, &d->now);
	struct strat_event stop = { .kind = STRAT_STOP };
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		engine_script_event(e, i, &stop);
	bool clean = checkpoint_possible(d);
	if (clean)
		checkpoint_write(d);
	struct fact f;
	fact_init(&f, FACT_SESSION_CLOSE);
	f.num[0] = (int64_t)d->stat.receipts;
	f.num[1] = (int64_t)d->stat.sent;
	f.num[2] = (int64_t)d->stat.orders;
	f.num[3] = (int64_t)d->stat.fills;
	f.num[4] = engine_residual_base_e8(e);
	f.num[5] = engine_tolerance_base_e8(e);
	f.num[6] = clean && router_unknown(d, UINT16_MAX) == 0;
	fact_text(&f, "%u pairs held, %u orders unknown", (unsigned)d->stat.held,
		  router_unknown(d, UINT16_MAX));
	scribe_put(d, &f);
	for (uint16_t v = 0; v < d->cfg->n_venues; v++)
		d->venue[v].port->ops->stop(d->venue[v].port);
	env_flush(d->env);
	engine_publish(e);
}
