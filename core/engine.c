#include "core/base/err.h"
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include "core/trade/param.h"

#define STOP_PATIENCE_NS 15000000000LL
#define HELD_PATIENCE_NS \
	10000000000LL /* what holds a pair may end in a moment: a venue comes back, a question is answered */
#define DISK_POLL_NS 100000LL /* how soon a pair that waits for the disk is looked at again */

int engine_start(struct engine *e)
{
	struct desk *d = &e->d;
	env_now(d->env, &d->now);
	for (uint16_t v = 0; v < d->cfg->n_venues; v++) {
		int rc = d->venue[v].port->ops->start(d->venue[v].port);
		if (rc)
			return err_ctx(rc, "venue %s", d->cfg->venue[v].name);
	}
	engine_sessions(e, true);
	engine_news_begin(e);
	param_settle(d);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if (d->instance[i].script)
			param_apply(d, i, d->instance[i].script);
	struct strat_event start = { .kind = STRAT_START };
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		engine_script_event(e, i, &start);
	e->housekeeping_ns = d->now.mono_ns;
	engine_publish(e);
	return 0;
}

/* Of orders and pairs; those of scripts come after the rescues. */
static void fire_timers(struct engine *e)
{
	struct desk *d = &e->d;
	for (struct timer_event t; timers_pop(&d->timers, d->now.mono_ns, &t);)
		if (t.kind == TIMER_ORDER)
			router_on_timer(d, t.arg);
		else if (t.kind == TIMER_PAIR)
			exec_on_timer(d, t.arg);
}

/* From the read of the quote's bytes to both orders handed to the kernel. */
static void measure(struct engine *e)
{
	if (!e->sent_pair || !e->d.tick_to_order || e->trigger_recv_ns == 0)
		return;
	hist_add(e->d.tick_to_order, env_since_read_ns(e->d.env));
}

/* Pairs whose intent waits for the disk; the next look at them is soon. */
static void release(struct engine *e)
{
	struct desk *d = &e->d;
	uint32_t i = 0;
	e->waits_for_disk = false;
	if (!d->cfg->store
		     .durability_power) /* nothing waits: no need to look at all pairs in every turn */
		return;
	exec_release(d);
	for (const struct pair *p; (p = pairs_each(&d->pairs, &i));)
		e->waits_for_disk |= p->state == PAIR_CHECKED;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t engine_wake_ns(const struct engine *e)
{
	if (e->d.n_news ||
	    e->d.n_order_news) /* of pairs that moved after the scripts had been called */
		return e->d.now.mono_ns;
	int64_t next = sooner(timers_next(&e->d.timers), timers_next(&e->script_timers));
	if (e->waits_for_disk)
		next = sooner(next, e->d.now.mono_ns + DISK_POLL_NS);
	return sooner(next, e->housekeeping_ns + HOUSEKEEPING_NS);
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
	risk_watch_news(d);
	exec_run(d); /* fills -> rescues, on their way before any script is called */
	env_flush(d->env);
	if (e->stall.cause)
		engine_stall_over(e);

	engine_reload_turn(e);
	engine_tell_param(e);
	engine_tell_orders(e);
	engine_tell_news(e); /* events -> scripts -> proposals -> risk -> orders */
	engine_script_timers(e);
	engine_run_scripts(e);
	if (d->cfg->store.durability_power)
		release(e);
	env_flush(d->env);
	measure(e);

	exec_run(d); /* an order that its venue refused at once has news */
	e->stall.own_orders = d->stat.orders - e->stall.orders;
	if (d->now.mono_ns - e->housekeeping_ns >= HOUSEKEEPING_NS)
		engine_housekeeping(e);
	env_flush(d->env);
	if (d->stat.in_flight)
		e->busy_ns = d->now.mono_ns;
}

bool engine_done(const struct engine *e)
{
	const struct desk *d = &e->d;
	if (!d->stopping)
		return false;
	int64_t waited_ns = d->now.mono_ns - e->stop_since_ns;
	bool only_held = d->stat.in_flight <= d->stat.held;
	/* At what is held: since it was told, and since the last pair ended. */
	bool looked = e->housekeeping_ns > e->stop_since_ns && e->housekeeping_ns > e->busy_ns;
	bool at_rest = d->stat.in_flight == 0 && looked && !e->uneven;
	return at_rest || (only_held && waited_ns > HELD_PATIENCE_NS) ||
	       waited_ns > STOP_PATIENCE_NS;
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

static struct fact close_of(struct engine *e, bool clean)
{
	struct desk *d = &e->d;
	unsigned unknown = router_unknown(d, UINT16_MAX);
	struct fact f;
	fact_init(&f, FACT_SESSION_CLOSE);
	f.num[1] = (int64_t)(d->stat.sent - e->before.sent);
	f.num[2] = (int64_t)(d->stat.orders - e->before.orders);
	f.num[3] = (int64_t)(d->stat.fills - e->before.fills);
	f.num[4] = engine_residual_base_e8(e);
	f.num[5] = engine_tolerance_base_e8(e);
	f.num[6] = clean && unknown == 0;
	fact_text(&f, "%u pairs held, %u not finished, %u orders unknown", (unsigned)d->stat.held,
		  (unsigned)(d->stat.in_flight - d->stat.held), unknown);
	return f;
}

void engine_stop(struct engine *e)
{
	struct desk *d = &e->d;
	env_now(d->env, &d->now);
	d->stopping = true;
	struct strat_event stop = { .kind = STRAT_STOP };
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		engine_script_event(e, i, &stop);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		gatekeeper_close(d->instance[i].keeper, d->now.mono_ns);
		risk_tell_rest(d, i, true);
	}
	engine_tape_end(e);
	engine_alerts_time(e);
	/* With anything in flight the last checkpoint but one stays the truth: a restart reads on from there. */
	bool clean = checkpoint_possible(d);
	if (clean)
		checkpoint_write(d);
	struct fact f = close_of(e, clean); /* while there are still prices to value by */
	for (uint16_t v = 0; v < d->cfg->n_venues; v++)
		d->venue[v].port->ops->stop(d->venue[v].port);
	env_flush(d->env);
	f.num[0] = d->first_seq ? (int64_t)(d->last_seq - d->first_seq + 1) : 0;
	scribe_put(d, &f);
	engine_publish(e);
}
