#include "core/trade/lineup.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define MILLION	     1000000
#define ENOUGH_PAIRS 5 /* before the broken part of them says anything */

static const char *const roles[] = {
	[VERSION_NONE] = "none",       [VERSION_LIVE] = "live",	      [VERSION_SHADOW] = "shadow",
	[VERSION_BACK] = "back",       [VERSION_LEAVING] = "leaving", [VERSION_GONE] = "gone",
	[VERSION_REFUSED] = "refused", [VERSION_TAKEN] = "taken",
};
_Static_assert(sizeof roles / sizeof *roles == version_role_max, "a word for every role");

const char *version_role_name(enum version_role r)
{
	return r < version_role_max ? roles[r] : "unknown";
}

struct version *lineup_role(struct lineup *l, enum version_role role)
{
	for (unsigned i = 0; i < LINEUP_MAX; i++)
		if (l->v[i].script && l->v[i].role == role)
			return &l->v[i];
	return NULL;
}

struct version *lineup_named(struct lineup *l, uint32_t name)
{
	static const enum version_role order[] = { VERSION_LIVE, VERSION_BACK, VERSION_LEAVING };
	for (unsigned r = 0; r < sizeof order / sizeof *order; r++)
		for (unsigned i = 0; i < LINEUP_MAX; i++)
			if (l->v[i].script && l->v[i].name == name && l->v[i].role == order[r])
				return &l->v[i];
	return NULL;
}

struct version *lineup_place(struct lineup *l)
{
	for (unsigned i = 0; i < LINEUP_MAX; i++)
		if (!l->v[i].script)
			return &l->v[i];
	return NULL;
}

/* One to go back to costs nothing by itself. */
bool lineup_busy(const struct lineup *l)
{
	bool busy = l->trial.on;
	for (unsigned i = 0; i < LINEUP_MAX; i++)
		busy |= l->v[i].script &&
			(l->v[i].role == VERSION_SHADOW || l->v[i].role == VERSION_LEAVING);
	return busy;
}

void trial_begin(struct trial *t, enum reload_how how, uint8_t step, const struct strategy *s,
		 int64_t now_ns)
{
	*t = (struct trial){ .on = true,
			     .how = (uint8_t)how,
			     .step = step,
			     .calls = s->calls,
			     .errors = s->errors,
			     .kills = s->kills,
			     .since_ns = now_ns };
}

static bool failed(const struct trial *t, const struct config_reload *c, const struct strategy *s,
		   bool priced, int64_t profit_e8, char *why, size_t cap)
{
	const uint64_t errors = s->errors - t->errors;
	const int64_t lost = t->priced && priced ? t->profit_e8 - profit_e8 : 0;
	if (s->quarantined || s->kills > t->kills)
		snprintf(why, cap, "it was stopped");
	else if (errors > (uint64_t)c->max_errors)
		snprintf(why, cap, "it failed %" PRIu64 " times; reload.max_errors is %d", errors,
			 c->max_errors);
	else if (t->refused > (uint32_t)c->max_refused)
		snprintf(why, cap,
			 "%u of its proposals were out of bounds; reload.max_refused is %d",
			 t->refused, c->max_refused);
	else if (t->pairs >= ENOUGH_PAIRS &&
		 (uint64_t)t->broken * MILLION > (uint64_t)c->max_broken_ppm * t->pairs)
		snprintf(why, cap, "%u of its %u pairs broke; reload.max_broken is %g", t->broken,
			 t->pairs, c->max_broken_ppm * 1e-6);
	else if (c->max_slip_e8 && t->pairs >= ENOUGH_PAIRS &&
		 t->slip_e8 / t->pairs > c->max_slip_e8)
		snprintf(why, cap, "its pairs cost %g beyond their prices; reload.max_slip is %g",
			 (double)t->slip_e8 / t->pairs * 1e-8, (double)c->max_slip_e8 * 1e-8);
	else if (c->max_loss_e8 && lost > c->max_loss_e8)
		snprintf(why, cap, "it lost %g; reload.max_loss is %g", (double)lost * 1e-8,
			 (double)c->max_loss_e8 * 1e-8);
	else
		return false;
	return true;
}

enum trial_verdict trial_judge(const struct trial *t, const struct config_reload *c,
			       const struct strategy *s, int64_t now_ns, bool priced,
			       int64_t profit_e8, char *why, size_t cap)
{
	const uint64_t calls = s->calls - t->calls;
	if (failed(t, c, s, priced, profit_e8, why, cap))
		return TRIAL_FAILED;
	if (t->how != RELOAD_CANARY) {
		if (calls < (uint64_t)c->trial_calls)
			return TRIAL_GOES_ON;
		snprintf(why, cap, "%" PRIu64 " calls without a fault", calls);
		return TRIAL_PASSED;
	}
	if (t->pairs < (uint32_t)c->canary_pairs || now_ns - t->since_ns < c->canary_time_ns)
		return TRIAL_GOES_ON;
	snprintf(why, cap, "%u pairs, %u of them broken, in %" PRId64 " s", t->pairs, t->broken,
		 (now_ns - t->since_ns) / 1000000000);
	return t->step + 1 < c->n_canary ? TRIAL_NEXT_STEP : TRIAL_PASSED;
}

static bool states_price(const struct proposal *p)
{
	for (unsigned l = 0; l < LEG_MAX; l++)
		if (p->limit_px[l] > 0)
			return true;
	return false;
}

bool trial_counts(enum risk_limit l, const struct proposal *p)
{
	switch (l) {
	case RISK_LIMIT_PROPOSAL:
	case RISK_LIMIT_PROPOSALS:
	case RISK_LIMIT_ORDER_NOTIONAL:
	case RISK_LIMIT_ORDER_BASE:
	case RISK_LIMIT_PAIR_LOTS:
		return true;
	case RISK_LIMIT_COLLAR:
	case RISK_LIMIT_COLLAR_LAST:
		return states_price(p);
	default:
		return false;
	}
}

double trial_lots(const struct trial *t, const struct config_reload *c, double lots)
{
	if (!t->on || t->how != RELOAD_CANARY || t->step >= c->n_canary)
		return lots;
	const double part = floor(lots * c->canary_ppm[t->step] * 1e-6);
	return part >= 1 || lots <= 1 ? fmin(fmax(part, fmin(lots, 1)), lots) : 1;
}
