/* risk_refuse - limits by their names, and what becomes of a no: a receipt with its number, bound and row, a count of those like it, and what the row does beside refusing. */
#include "core/ops/config.h"
#include "core/trade/risk_parts.h"
#include "core/trade/scribe.h"
#include <stdio.h>

static const char *const limit_name[] = {
#define RISK_NAME(id, name, unit, judged, scopes, action, text) name,
	RISK_LIMITS(RISK_NAME)
};
static const char *const limit_text[] = {
#define RISK_TEXT(id, name, unit, judged, scopes, action, text) text,
	RISK_LIMITS(RISK_TEXT)
};
_Static_assert(sizeof limit_name / sizeof *limit_name == risk_limit_max, "a name for every limit");

static const char *const state_name[] = { "ACTIVE", "REDUCING", "HALTED" };
_Static_assert(sizeof state_name / sizeof *state_name == risk_state_max,
	       "a name for every risk state");

_Static_assert(risk_limit_max <= DESK_LIMITS, "room for every limit");

const char *risk_limit_name(enum risk_limit l)
{
	return l < risk_limit_max ? limit_name[l] : "?";
}

const char *risk_limit_text(enum risk_limit l)
{
	return l < risk_limit_max ? limit_text[l] : "?";
}

const char *risk_state_name(enum risk_state s)
{
	return s < risk_state_max ? state_name[s] : "?";
}

bool risk_is_news(struct desk *d, uint16_t instance, enum risk_limit l)
{
	struct desk_refusal *r = &d->instance[instance].refusal[l];
	d->stat.risk_hits++;
	d->instance[instance].blocked_by = (uint8_t)l;
	d->instance[instance].untold = true;
	r->count++;
	return r->told_ns == 0 || d->now.mono_ns - r->told_ns >= RISK_SECOND_NS;
}

/* "position_base_e8: the position would be too large: 0.31, at most 0.3 of instance:cross (host.lua:31)" */
static void in_words(struct desk *d, struct fact *f, uint16_t instance, struct risk_verdict v)
{
	char row[FACT_TEXT / 2] = "", value[LIMIT_WORDS];
	if (v.row && v.row <= d->limits.n)
		risk_row_words(d, &d->limits.row[v.row - 1], row, sizeof row);
	struct risk_scope whose;
	if (v.limit == RISK_LIMIT_KILL && risk_state_of(d, instance, &whose) != RISK_ACTIVE)
		snprintf(row, sizeof row, "%s of %s%s%s", risk_state_name((enum risk_state)v.value),
			 limit_scope_name((enum limit_scope)whose.scope),
			 whose.scope == SCOPE_GLOBAL ? "" : ":",
			 limits_subject(d, (enum limit_scope)whose.scope, whose.index));
	limit_words(v.limit, v.value, value);
	if (v.row)
		fact_text(f, "%s: %s: %s; %s", risk_limit_name(v.limit), risk_limit_text(v.limit),
			  value, row);
	else
		fact_text(f, "%s: %s%s%s", risk_limit_name(v.limit), risk_limit_text(v.limit),
			  row[0] ? ": " : "", row);
}

uint64_t risk_refused(struct desk *d, uint16_t instance, uint64_t pair, struct risk_verdict v,
		      uint64_t cause)
{
	struct desk_refusal *r = &d->instance[instance].refusal[v.limit];
	struct fact f;
	scribe_instance(d, &f, FACT_RISK, instance, cause);
	f.pair = pair;
	f.leg = v.leg;
	f.num[0] = v.limit;
	f.num[1] = v.value;
	f.num[2] = v.bound;
	f.num[3] = (int64_t)r->count;
	in_words(d, &f, instance, v);
	uint64_t count = r->count ? r->count : 1;
	*r = (struct desk_refusal){
		.told_ns = d->now.mono_ns, .value = v.value, .bound = v.bound, .leg = v.leg
	};
	uint64_t seq = scribe_put(d, &f);
	if (v.row && v.row <= d->limits.n) {
		struct limit_row *row = &d->limits.row[v.row - 1];
		row->hits += count;
		if (limit_judged_of(v.limit) == JUDGED_GATE)
			risk_act(d, row, instance, seq);
	} else {
		d->limits.of_day[v.limit] += count;
	}
	return seq;
}

void risk_tell_rest(struct desk *d, uint16_t instance, bool all)
{
	struct desk_instance *in = &d->instance[instance];
	bool left = false;
	for (unsigned l = 0; in->untold && l < risk_limit_max; l++) {
		const struct desk_refusal *r = &in->refusal[l];
		if (!r->count)
			continue;
		if (all || d->now.mono_ns - r->told_ns >= RISK_SECOND_NS)
			risk_refused(d, instance, 0,
				     (struct risk_verdict){ .limit = (enum risk_limit)l,
							    .value = r->value,
							    .bound = r->bound,
							    .leg = r->leg },
				     0);
		else
			left = true;
	}
	in->untold = left;
}

/* The part of the host that a row stops. */
static struct risk_scope stopped_by(const struct limit_row *r, uint16_t instance)
{
	bool of_instance = r->scope == SCOPE_PAIR || r->scope == SCOPE_INSTRUMENT;
	if (of_instance && instance != RISK_NO_ONE)
		return (struct risk_scope){ .scope = SCOPE_INSTANCE, .index = instance };
	if (of_instance)
		return (struct risk_scope){ .scope = SCOPE_GLOBAL };
	return (struct risk_scope){ .scope = r->scope, .index = r->index };
}

static void pause_them(struct desk *d, const struct limit_row *r, uint16_t instance)
{
	char why[2 * SNAPSHOT_WHY], value[LIMIT_WORDS], bound[LIMIT_WORDS];
	limit_words((enum risk_limit)r->limit, r->use, value);
	limit_words((enum risk_limit)r->limit, r->value, bound);
	snprintf(why, sizeof why, "%s: %s, at most %s", risk_limit_name((enum risk_limit)r->limit),
		 value, bound);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if ((instance == RISK_NO_ONE || instance == i) && !d->instance[i].paused &&
		    limits_row_holds(d, r, i, LEG_MAX))
			desk_pause_instance(d, i, why);
}

void risk_act(struct desk *d, struct limit_row *r, uint16_t instance, uint64_t cause)
{
	struct risk_scope s = stopped_by(r, instance);
	char why[FACT_TEXT];
	(void)cause;
	snprintf(why, sizeof why, "%s: %s", risk_limit_name((enum risk_limit)r->limit),
		 risk_limit_text((enum risk_limit)r->limit));
	switch ((enum limit_action)r->action) {
	case ACTION_PAUSE:
		pause_them(d, r, instance);
		break;
	case ACTION_KILL:
		risk_kill(d, &s, KILL_CANCEL, "a limit", why);
		break;
	case ACTION_REDUCE_ONLY: /* of what is watched it lasts as long as the number is beyond; else until a person resumes */
		if (limit_judged_of((enum risk_limit)r->limit) == JUDGED_GATE &&
		    risk_state_of(d, instance, NULL) == RISK_ACTIVE)
			risk_set_scope(d, &s, RISK_REDUCING, WISH_NONE, why);
		break;
	case ACTION_REJECT:
	case ACTION_RESCUE: /* pair by pair, where it is found */
	case limit_action_max:
		break;
	}
}
