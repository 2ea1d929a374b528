/* engine_watch - what is looked after ten times a second and not in every turn: venues' own timers, overdue snapshots, operators, published numbers. */
#include "core/engine_parts.h"
#include <stdio.h>
#include <string.h>

#define SNAPSHOT_PATIENCE_NS 2000000000LL
#define CROSSED_PATIENCE_NS  2000000000LL
#define SILENCE_PARTS	     10

#define ANSWER 240

static bool all(const char *scope)
{
	return strcmp(scope, "all") == 0;
}

static bool trades_at(const struct desk *d, uint16_t instance, const char *venue)
{
	const struct config_instance *in = &d->cfg->instance[instance];
	for (unsigned l = 0; l < in->n_legs; l++)
		if (strcmp(venue, d->cfg->venue[d->instrument[in->leg[l]].venue].name) == 0)
			return true;
	return false;
}

/* A scope is "all", an instance, or a venue: then whoever trades there. */
static bool meant(const struct desk *d, const char *scope, uint16_t instance)
{
	return all(scope) || strcmp(scope, d->cfg->instance[instance].name) == 0 ||
	       trades_at(d, instance, scope);
}

static bool is_venue(const struct desk *d, const char *scope)
{
	for (uint16_t v = 0; v < d->cfg->n_venues; v++)
		if (strcmp(scope, d->cfg->venue[v].name) == 0)
			return true;
	return false;
}

static void cancel(struct desk *d, const char *scope)
{
	uint32_t i = 0;
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));)
		if (all(scope) || strcmp(scope, d->cfg->venue[o->venue].name) == 0 ||
		    (o->instance != POSITION_NOBODY &&
		     strcmp(scope, d->cfg->instance[o->instance].name) == 0))
			router_cancel(d, o, 0);
}

/* Pauses (with a reason) or resumes (without); how many instances were meant. */
static unsigned pause_scope(struct desk *d, const char *scope, const char *why)
{
	unsigned n = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		if (!meant(d, scope, i))
			continue;
		if (why)
			desk_pause_instance(d, i, why);
		else
			d->instance[i].paused = false;
		n++;
	}
	return n;
}

static void note_operator(struct desk *d, const struct env_command *c, const char *what)
{
	struct fact f;
	fact_init(&f, FACT_OPERATOR);
	f.num[0] = c->kind;
	f.state = d->risk_state;
	fact_text(&f, "%s %s by %s%s%s", what, c->scope, c->who, c->why[0] ? ": " : "", c->why);
	scribe_put(d, &f);
}

/* Answers begin with "ok" or "no", so that whoever asked need not read them to know. */
static void nobody(char *answer, const struct env_command *c)
{
	snprintf(
		answer, ANSWER,
		"no: no instance or venue is called '%s': nothing was done; without a scope all are meant",
		c->scope);
}

static void obey_stop(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	if (!d->stopping)
		e->stop_since_ns = d->now.mono_ns;
	d->stopping = true;
	note_operator(d, c, "stop");
	snprintf(answer, ANSWER, "ok: stopping; %u pairs in flight are being finished",
		 d->stat.in_flight);
}

/* The gate first, then the cancels; what is open is finished by the executor. */
static void obey_kill(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	const char *why = c->why[0] ? c->why : "kill";
	if (all(c->scope)) {
		risk_set_state(d, RISK_HALTED, c->who, why);
	} else {
		char told[SNAPSHOT_WHY];
		snprintf(told, sizeof told, "killed by %.24s: %.24s", c->who, why);
		unsigned n = pause_scope(d, c->scope, told);
		if (n == 0 && !is_venue(d, c->scope)) {
			nobody(answer, c);
			return;
		}
		note_operator(d, c, "kill");
	}
	cancel(d, c->scope);
	snprintf(answer, ANSWER,
		 "ok: killed%s%s: nothing opens; %u pairs in flight are being finished",
		 all(c->scope) ? "" : " ", all(c->scope) ? "" : c->scope, d->stat.in_flight);
}

static void obey_pause(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	char told[SNAPSHOT_WHY];
	snprintf(told, sizeof told, "paused by %.24s%s%.24s", c->who, c->why[0] ? ": " : "",
		 c->why);
	unsigned n = pause_scope(d, c->scope, told);
	if (n == 0) {
		nobody(answer, c);
		return;
	}
	note_operator(d, c, "pause");
	snprintf(answer, ANSWER, "ok: paused %u instances", n);
}

static void obey_resume(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	bool gated = d->risk_state != RISK_ACTIVE;
	if (gated && all(c->scope) && !c->why[0]) {
		snprintf(answer, ANSWER,
			 "no: the host was killed; say why it may open again: --reason TEXT");
		return;
	}
	unsigned n = pause_scope(d, c->scope, NULL);
	if (n == 0) {
		nobody(answer, c);
		return;
	}
	if (gated && all(c->scope))
		risk_set_state(d, RISK_ACTIVE, c->who, c->why);
	else
		note_operator(d, c, "resume");
	snprintf(
		answer, ANSWER, "ok: resumed %u instances%s", n,
		d->risk_state == RISK_ACTIVE
			? ""
			: "; the host itself is still killed: resume it without a scope, with --reason TEXT");
}

static void obey(struct engine *e, const struct env_command *c)
{
	char answer[ANSWER] = "ok";
	switch ((enum env_command_kind)c->kind) {
	case CMD_STOP:
		obey_stop(e, c, answer);
		break;
	case CMD_KILL:
		obey_kill(e, c, answer);
		break;
	case CMD_PAUSE:
		obey_pause(e, c, answer);
		break;
	case CMD_RESUME:
		obey_resume(e, c, answer);
		break;
	case CMD_RELOAD:
	case CMD_SET:
		snprintf(
			answer, sizeof answer,
			"no: a configuration is read at the start; stop the host and start it again: it takes over what is in flight");
		break;
	case CMD_RESOLVE:
		snprintf(
			answer, sizeof answer,
			"no: a held pair goes on by itself once its cause has ended; `tandem explain DB PAIR` names the cause");
		break;
	case CMD_STATUS:
		snprintf(answer, sizeof answer,
			 "no: the numbers are on the status page; `tandem status DB` shows them");
		break;
	case env_command_max:
	default:
		snprintf(answer, sizeof answer, "no: this host does not know that command");
		break;
	}
	if (c->id)
		env_reply(e->d.env, c->id, answer);
}

void engine_commands(struct engine *e)
{
	bool any = false;
	for (struct env_command c; env_command(e->d.env, &c); any = true)
		obey(e, &c);
	if (any)
		engine_publish(e); /* whoever was answered may look at once */
}

/* Only the feeds that time must do something for. */
static void look_after_feeds(struct engine *e)
{
	struct desk *d = &e->d;
	for (struct feed *f = feed_set_first(&d->feeds); f; f = feed_set_next(&d->feeds)) {
		uint32_t i = (uint32_t)(f - d->feed);
		engine_feed_time(e, i);
		if (feed_stuck(f, d->now.mono_ns, CROSSED_PATIENCE_NS))
			engine_doubt(e, i);
		if (!feed_overdue(f, d->now.mono_ns, SNAPSHOT_PATIENCE_NS))
			continue;
		struct venue *port = d->venue[d->instrument[i].venue].port;
		f->asked_ns = d->now.mono_ns;
		port->ops->snapshot(port, i);
	}
}

/* Silence makes a book STALE, and a dated rule brings another tick; each instrument is looked at once a second, a part of them at a time. */
static void patrol(struct engine *e)
{
	const uint32_t n = e->d.cfg->n_instruments;
	uint32_t some = n / SILENCE_PARTS + 1;
	for (uint32_t k = 0; k < some && n; k++, e->silence_at = (e->silence_at + 1) % n) {
		engine_silence(e, e->silence_at);
		engine_refresh_tick(e, e->silence_at);
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

static void publish_venues(struct engine *e)
{
	struct desk *d = &e->d;
	d->stat.n_venues = d->cfg->n_venues;
	for (uint16_t v = 0; v < d->cfg->n_venues && v < SNAPSHOT_VENUES; v++) {
		struct snapshot_venue *x = &d->stat.venue[v];
		struct tsync_estimate t;
		tsync_read(d->venue[v].clock, d->now.mono_ns, &t);
		snprintf(x->name, sizeof x->name, "%s", d->cfg->venue[v].name);
		x->clock_known = t.known;
		x->clock_offset_ns = t.offset_ns - (d->now.utc_ns - d->now.mono_ns);
		x->clock_bound_ns = t.bound_ns;
	}
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
	const char *why;
	s->journal_full = d->journal_full || d->journal->ops->trouble(d->journal, &why) != 0;
	publish_venues(e);
	s->n_instances = d->cfg->n_instances;
	for (uint16_t i = 0; i < d->cfg->n_instances && i < SNAPSHOT_INSTANCES; i++) {
		const struct desk_instance *in = &d->instance[i];
		struct snapshot_instance *x = &s->instance[i];
		snprintf(x->name, sizeof x->name, "%s", in->cfg->name);
		x->sell_bp = in->basis.dir[SIDE_SELL].net_bp;
		x->buy_bp = in->basis.dir[SIDE_BUY].net_bp;
		x->spread = in->basis.spread;
		x->basis_ok = in->basis.ok;
		x->gate = in->keeper->gate;
		x->gate_who = in->keeper->who;
		x->quarantined = in->script && in->script->quarantined;
		x->paused = in->paused;
		snprintf(x->paused_why, sizeof x->paused_why, "%s",
			 in->paused ? in->paused_why : "");
		x->pos_lots = engine_pos_lots(e, i);
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
	look_after_feeds(e);
	patrol(e);
	engine_note_storm(e);
	engine_clocks_report(e);
	engine_sessions(e, false);
	engine_judge_all(e);
	engine_tape_time(e);
	exec_wake_held(d);
	note_recovered(d);
	const uint64_t every = d->cfg->store.checkpoint_every;
	if (every && d->stat.receipts - e->checkpoint_seq >= every && checkpoint_possible(d)) {
		checkpoint_write(d);
		e->checkpoint_seq = d->stat.receipts;
	}
	engine_publish(e);
}
