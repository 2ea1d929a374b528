/* engine_operator - obeys an operator: stop, kill, pause, resume, resolve; every act is a receipt, every answer a sentence. */
#include "core/engine_operator.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER 320

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

/* Why nothing is on its way though it was told to. */
static void why_not_yet(struct desk *d, const struct pair *p, char *why, size_t cap)
{
	if (pair_open_orders(p)) {
		snprintf(why, cap,
			 "%u of its orders may still fill: it goes that way once they have ended",
			 pair_open_orders(p));
		return;
	}
	struct rescue_plan plan;
	rescue_plan(d, p, &plan);
	enum held_cause cause = p->state == PAIR_HELD ? (enum held_cause)p->held_cause : plan.cause;
	if (cause == HELD_BUDGET)
		snprintf(
			why, cap,
			"it would go beyond its limits (%lld ticks of slip, the price collar, the budget, messages a second); it is tried again every second",
			(long long)rescue_slip_tick(d, p, p->told == RESOLVE_COMPLETE));
	else
		snprintf(why, cap, "it cannot go that way now: %s; it is tried again every second",
			 held_cause_name(cause));
}

/* What has become of it in this turn, in words. */
static void tell_resolved(struct desk *d, const struct pair *p, enum resolve_way way, char *answer)
{
	const enum pair_state state = (enum pair_state)p->state;
	char why[ANSWER - 60], amount[24];
	if (way == RESOLVE_ACCEPT) {
		dec_format(rescue_imbalance_base_e8(d, p), BASE_DP, 0, amount);
		snprintf(
			answer, ANSWER,
			"ok: pair %016llx is %s as it is; %s base units stay unhedged and are carried",
			(unsigned long long)p->id, pair_state_name(state), amount);
	} else if (pair_over(state)) {
		snprintf(answer, ANSWER, "ok: pair %016llx is %s", (unsigned long long)p->id,
			 pair_state_name(state));
	} else if (state == PAIR_COMPLETING || state == PAIR_UNWINDING) {
		snprintf(answer, ANSWER,
			 "ok: pair %016llx is %s: %u orders are out, at most %lld ticks of slip",
			 (unsigned long long)p->id, pair_state_name(state), pair_open_orders(p),
			 (long long)rescue_slip_tick(d, p, way == RESOLVE_COMPLETE));
	} else {
		why_not_yet(d, p, why, sizeof why);
		snprintf(answer, ANSWER, "ok: told; %s", why);
	}
}

static void obey_resolve(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	char *end;
	if (engine_contract(e, c, answer, ANSWER))
		return;
	uint64_t id = strtoull(c->scope, &end, 16);
	struct pair *p = *end || end == c->scope ? NULL : pairs_find(&d->pairs, id);
	enum resolve_way way = resolve_way_find(c->arg);
	if (!p)
		snprintf(
			answer, ANSWER,
			"no: this host has no pair '%s' at hand; `tandem held DB` lists those that can be resolved",
			c->scope);
	else if (!way)
		snprintf(
			answer, ANSWER,
			"no: a pair is resolved by complete, unwind, adopt or accept, not by '%.40s'",
			c->arg);
	else if (exec_resolve(d, p, way, c->who, c->why))
		snprintf(answer, ANSWER, "no: %s", err_text());
	else
		tell_resolved(d, p, way, answer);
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
		obey_resolve(e, c, answer);
		break;
	case CMD_POSITIONS:
	case CMD_ORDERS:
	case CMD_PNL:
	case CMD_HELD:
		engine_list(e, c, answer, sizeof answer);
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
	bool acted = false;
	for (struct env_command c; env_command(e->d.env, &c);) {
		obey(e, &c);
		acted |= list_form((enum env_command_kind)c.kind) == NULL;
	}
	if (acted)
		engine_publish(e); /* whoever was answered may look at once */
}
