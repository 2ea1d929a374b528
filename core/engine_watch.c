/* engine_watch - what is looked after ten times a second and not in every turn: venues' own timers, overdue snapshots, operators, published numbers. */
#include "core/engine_parts.h"
#include <stdio.h>
#include <string.h>

#define SNAPSHOT_PATIENCE_NS 2000000000LL
#define CROSSED_PATIENCE_NS  2000000000LL

static void cancel_all(struct desk *d, const char *scope)
{
	uint32_t i = 0;
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));) {
		bool meant = strcmp(scope, "all") == 0 ||
			     strcmp(scope, d->cfg->venue[o->venue].name) == 0 ||
			     (o->instance != POSITION_NOBODY &&
			      strcmp(scope, d->cfg->instance[o->instance].name) == 0);
		if (meant)
			router_cancel(d, o, 0);
	}
}

/* Pauses or resumes instances by name, or all of them; how many were meant. */
static unsigned pause(struct desk *d, const char *scope, bool on)
{
	unsigned n = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if (strcmp(scope, "all") == 0 || strcmp(scope, d->cfg->instance[i].name) == 0) {
			d->instance[i].paused = on;
			n++;
		}
	return n;
}

static void note_operator(struct desk *d, const struct env_command *c, const char *what)
{
	struct fact f;
	fact_init(&f, FACT_OPERATOR);
	f.num[0] = c->kind;
	fact_text(&f, "%s %s by %s%s%s", what, c->scope, c->who, c->why[0] ? ": " : "", c->why);
	scribe_put(d, &f);
}

static void obey(struct engine *e, const struct env_command *c)
{
	struct desk *d = &e->d;
	char answer[160] = "done";
	switch ((enum env_command_kind)c->kind) {
	case CMD_STOP:
		if (!d->stopping)
			e->stop_since_ns = d->now.mono_ns;
		d->stopping = true;
		note_operator(d, c, "stop");
		break;
	case CMD_KILL: /* the gate first, then the cancels; what is open is finished by the executor */
		risk_set_state(d, RISK_HALTED, c->who, c->why[0] ? c->why : "kill");
		cancel_all(d, c->scope[0] ? c->scope : "all");
		snprintf(answer, sizeof answer,
			 "killed: nothing opens; %u pairs in flight are being finished",
			 d->stat.in_flight);
		break;
	case CMD_PAUSE:
	case CMD_RESUME: {
		bool on = c->kind == CMD_PAUSE;
		unsigned n = pause(d, c->scope, on);
		if (!on && strcmp(c->scope, "all") == 0 && c->why[0])
			risk_set_state(d, RISK_ACTIVE, c->who, c->why);
		snprintf(answer, sizeof answer, "%s %u instances", on ? "paused" : "resumed", n);
		if (n == 0)
			snprintf(answer, sizeof answer, "no instance is called '%.60s'", c->scope);
		note_operator(d, c, on ? "pause" : "resume");
		break;
	}
	default:
		snprintf(answer, sizeof answer, "this host does not know that command");
		break;
	}
	if (c->id)
		env_reply(d->env, c->id, answer);
}

void engine_commands(struct engine *e)
{
	for (struct env_command c; env_command(e->d.env, &c);)
		obey(e, &c);
}

static void ask_again(struct engine *e)
{
	struct desk *d = &e->d;
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++) {
		struct feed *f = &d->feed[i];
		if (feed_stuck(f, d->now.mono_ns, CROSSED_PATIENCE_NS))
			engine_doubt(e, i);
		if (!feed_overdue(f, d->now.mono_ns, SNAPSHOT_PATIENCE_NS))
			continue;
		struct venue *port = d->venue[d->instrument[i].venue].port;
		f->asked_ns = d->now.mono_ns;
		port->ops->snapshot(port, i);
	}
}

static void note_recovered(struct desk *d)
{
	if (!d->recovering || d->stat.in_flight > d->stat.held)
		return;
	d->recovering = false;
	struct fact f;
	fact_init(&f, FACT_RECOVERY);
	f.num[0] = (int64_t)d->stat.held;
	fact_text(&f, "every pair of the run before is finished; %u held", (unsigned)d->stat.held);
	scribe_put(d, &f);
}

void engine_publish(struct engine *e)
{
	struct desk *d = &e->d;
	struct snapshot_body *s = &d->stat;
	s->mono_ns = d->now.mono_ns;
	s->utc_ns = d->now.utc_ns;
	s->turns = d->turn;
	s->unknown_orders = router_unknown(d, UINT16_MAX);
	s->residual_base_e8 = engine_residual_base_e8(e);
	s->risk_state = d->risk_state;
	s->recovering = d->recovering;
	s->n_venues = d->cfg->n_venues;
	s->n_instances = d->cfg->n_instances;
	for (uint16_t i = 0; i < d->cfg->n_instances && i < SNAPSHOT_INSTANCES; i++) {
		const struct desk_instance *in = &d->instance[i];
		struct snapshot_instance *x = &s->instance[i];
		snprintf(x->name, sizeof x->name, "%s", in->cfg->name);
		x->sell_bp = in->basis.dir[SIDE_SELL].net_bp;
		x->buy_bp = in->basis.dir[SIDE_BUY].net_bp;
		x->spread = in->basis.spread;
		x->basis_ok = in->basis.ok;
		x->quarantined = in->script && in->script->quarantined;
		x->pos_lots = in->lot_base_e8
				      ? (double)position_base_e8(
						in->row[0], &d->instrument[in->cfg->leg[0]], 0) /
						(double)in->lot_base_e8
				      : 0;
	}
	if (e->page)
		snapshot_write(e->page, s);
}

void engine_housekeeping(struct engine *e)
{
	struct desk *d = &e->d;
	e->housekeeping_ns = d->now.mono_ns;
	for (uint16_t v = 0; v < d->cfg->n_venues; v++)
		d->venue[v].port->ops->on_time(d->venue[v].port, d->now.mono_ns);
	ask_again(e);
	engine_note_storm(e);
	exec_wake_held(d);
	note_recovered(d);
	const uint64_t every = d->cfg->store.checkpoint_every;
	if (every && d->stat.receipts - e->checkpoint_seq >= every && checkpoint_possible(d)) {
		checkpoint_write(d);
		e->checkpoint_seq = d->stat.receipts;
	}
	engine_publish(e);
}
