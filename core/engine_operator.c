/* engine_operator - obeys an operator: stop, kill, pause, resume, resolve; every act is a receipt, every answer a sentence. */
#include "core/engine_operator.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/engine_reload.h"
#include "core/ops/list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER 320

/* The part of the host that is meant; false, and the answer says so, when there is none of that name. */
static bool meant(const struct desk *d, const struct env_command *c, struct risk_scope *s,
		  char *answer)
{
	if (risk_scope_find(d, c->scope, s))
		return true;
	snprintf(
		answer, ANSWER,
		"no: no instance or venue is called '%s': nothing was done; without a scope all are meant",
		c->scope);
	return false;
}

static bool is_all(const struct risk_scope *s)
{
	return s->scope == SCOPE_GLOBAL;
}

/* How many instances are in it. */
static unsigned count_in(const struct desk *d, const struct risk_scope *s)
{
	unsigned n = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		n += risk_scope_holds(d, s, i);
	return n;
}

uint64_t engine_note_operator(struct desk *d, const struct env_command *c, const char *what)
{
	struct fact f;
	fact_init(&f, FACT_OPERATOR);
	f.num[0] = c->kind;
	f.state = d->risk_state;
	fact_text(&f, "%s %s by %s%s%s", what, c->scope, c->who, c->why[0] ? ": " : "", c->why);
	return scribe_put(d, &f);
}

/* Answers begin with "ok" or "no", so that whoever asked need not read them to know. */
static void obey_stop(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	if (!d->stopping)
		e->stop_since_ns = d->now.mono_ns;
	d->stopping = true;
	engine_note_operator(d, c, "stop");
	snprintf(answer, ANSWER, "ok: stopping; %u pairs in flight are being finished",
		 d->stat.in_flight);
}

static void tell_killed(struct desk *d, const struct env_command *c, const struct risk_scope *s,
			enum kill_mode m, char *answer)
{
	static const char *const beside[] = {
		[KILL_CANCEL] = "",
		[KILL_STOP] = ", closes go on",
		[KILL_FINISH] = ", no order is taken off",
		[KILL_FLATTEN] = ", what is held is being closed",
	};
	_Static_assert(sizeof beside / sizeof *beside == kill_mode_max, "words for every mode");
	snprintf(answer, ANSWER,
		 "ok: killed%s%s: nothing opens%s; %u pairs in flight are being finished",
		 is_all(s) ? "" : " ", is_all(s) ? "" : c->scope, beside[m], d->stat.in_flight);
}

/* The gate first, then the cancels; what is open is finished by the executor. */
static void obey_kill(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	struct risk_scope s;
	const enum kill_mode m = kill_mode_find(c->arg);
	if (m == kill_mode_max) {
		snprintf(answer, ANSWER,
			 "no: a kill is stop, finish, flatten or cancel, not '%.40s'", c->arg);
		return;
	}
	if (!meant(d, c, &s, answer))
		return;
	const struct pair *p = s.scope == SCOPE_PAIR ? pairs_find(&d->pairs, s.pair) : NULL;
	if (s.scope == SCOPE_INSTRUMENT) {
		snprintf(answer, ANSWER,
			 "no: a kill is of all, a venue, an account, an instance or a pair");
		return;
	}
	if (s.scope == SCOPE_PAIR && (!p || !pair_working((enum pair_state)p->state))) {
		snprintf(answer, ANSWER, "no: pair '%s' is not in flight: there is nothing to kill",
			 c->scope);
		return;
	}
	risk_kill(d, &s, m, c->who, c->why[0] ? c->why : "kill");
	if (!is_all(&s))
		engine_note_operator(d, c, "kill");
	tell_killed(d, c, &s, m, answer);
}

static void obey_pause(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	struct risk_scope s;
	char told[SNAPSHOT_WHY];
	if (!meant(d, c, &s, answer))
		return;
	snprintf(told, sizeof told, "paused by %.24s%s%.24s", c->who, c->why[0] ? ": " : "",
		 c->why);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if (risk_scope_holds(d, &s, i))
			desk_pause_instance(d, i, told);
	engine_note_operator(d, c, "pause");
	snprintf(answer, ANSWER, "ok: paused %u instances", count_in(d, &s));
}

/* Is a part of the scope killed? Then it takes a reason. */
static bool is_killed(const struct desk *d, const struct risk_scope *s)
{
	bool killed = is_all(s) && d->risk_state != RISK_ACTIVE;
	killed |= s->scope == SCOPE_VENUE && d->venue[s->index].risk_state != RISK_ACTIVE;
	killed |= s->scope == SCOPE_ACCOUNT && d->account_state[s->index] != RISK_ACTIVE;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		killed |= is_all(s) ? risk_state_of(d, i, NULL) != RISK_ACTIVE
				    : risk_scope_holds(d, s, i) &&
					      d->instance[i].risk_state != RISK_ACTIVE;
	return killed;
}

static void obey_resume(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	struct risk_scope s;
	if (!meant(d, c, &s, answer))
		return;
	if (is_killed(d, &s) && !c->why[0]) {
		snprintf(answer, ANSWER,
			 "no: the host was killed; say why it may open again: --reason TEXT");
		return;
	}
	bool gated = is_all(&s) && d->risk_state != RISK_ACTIVE;
	if (risk_resume(d, &s, c->who, c->why)) {
		snprintf(answer, ANSWER, "no: %s", err_text());
		return;
	}
	if (!gated)
		engine_note_operator(d, c, "resume");
	snprintf(
		answer, ANSWER, "ok: resumed %u instances%s", count_in(d, &s),
		d->risk_state == RISK_ACTIVE
			? ""
			: "; the host itself is still killed: resume it without a scope, with --reason TEXT");
}

/* "LIMIT VALUE": the bound as a whole number of its unit, or "off". */
static void obey_set(struct engine *e, const struct env_command *c, char *answer)
{
	struct desk *d = &e->d;
	struct risk_scope s;
	if (c->arg[0] == '.') {
		engine_set_param(e, c, answer, ANSWER);
		return;
	}
	const char *blank = strchr(c->arg, ' ');
	const enum risk_limit l =
		blank ? limit_find(c->arg, (size_t)(blank - c->arg)) : RISK_LIMIT_NONE;
	char *end = NULL, is[LIMIT_WORDS];
	int64_t value = LIMIT_OFF;
	if (blank && strcmp(blank + 1, "off") != 0)
		value = strtoll(blank + 1, &end, 10);
	if (!l || (end && (*end || end == blank + 1))) {
		snprintf(answer, ANSWER,
			 "no: '%.60s' is no limit and its bound; `tandem limits DB` lists them",
			 c->arg);
		return;
	}
	if (value != LIMIT_OFF && (value < 0 || value > limit_most(l))) {
		char range[LIMIT_RANGE];
		limit_range_words(l, range);
		snprintf(answer, ANSWER, "no: %s takes %s, or off", risk_limit_name(l), range);
		return;
	}
	if (!meant(d, c, &s, answer))
		return;
	if (!(limit_scopes_of(l) & 1u << s.scope) || s.pair) {
		snprintf(answer, ANSWER, "no: %s cannot be set for a scope of this kind (%s)",
			 risk_limit_name(l), c->scope);
		return;
	}
	if (risk_set_limit(d, l, &s, value, c->who, c->why)) {
		snprintf(answer, ANSWER, "no: %s", err_text());
		return;
	}
	engine_note_operator(d, c, "set");
	limit_words(l, value, is);
	snprintf(answer, ANSWER, "ok: %s of %s is %s", risk_limit_name(l), c->scope, is);
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
	if (cause == HELD_PRICE || cause == HELD_BUDGET)
		snprintf(
			why, cap,
			"it would go beyond its limits (%s; %lld ticks of slip, the price collar, the budget); it is tried again every second",
			held_cause_name(cause),
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
	if (way == RESOLVE_ADOPT && !pair_over(state)) {
		dec_format(rescue_imbalance_base_e8(d, p), BASE_DP, 0, amount);
		snprintf(
			answer, ANSWER,
			"ok: what was traded by hand is pair %016llx's now; it is %s, %s base units are still unhedged",
			(unsigned long long)p->id, pair_state_name(state), amount);
	} else if (way == RESOLVE_ACCEPT) {
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
	case CMD_SET:
		obey_set(e, c, answer);
		break;
	case CMD_RELOAD:
		engine_reload(e, c, answer, sizeof answer);
		break;
	case CMD_RESOLVE:
		obey_resolve(e, c, answer);
		break;
	case CMD_ACK:
		engine_ack(e, c, answer, sizeof answer);
		break;
	case CMD_POSITIONS:
	case CMD_ORDERS:
	case CMD_PNL:
	case CMD_HELD:
	case CMD_ALERTS:
	case CMD_COUNTERS:
	case CMD_LIMITS:
	case CMD_PARAMS:
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
