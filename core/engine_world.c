/* engine_world - what a script looks up of itself and its markets: balances, clocks, phases, and what the host lets it do. Worked out when it asks. */
#include "core/base/dec.h"
#include "core/engine_parts.h"
#include <math.h>

static void put_balance(struct engine *e, unsigned place, uint16_t account,
			const struct instrument *in)
{
	struct desk *d = &e->d;
	double(*of)[LEG_MAX + REF_MAX] = e->world.of;
	const bool spot = in->expo.kind == EXPO_SPOT;
	const struct desk_balance *money =
		desk_balance(d, account, spot ? in->quote : in->settle, false);
	const struct desk_balance *base = spot ? desk_balance(d, account, in->base, false) : NULL;
	of[LOOK_FREE][place] = money ? dec_to_double(money->free_e8, MONEY_DP) : 0;
	of[LOOK_LOCKED][place] = money ? dec_to_double(money->locked_e8, MONEY_DP) : 0;
	of[LOOK_BASE_FREE][place] = base ? dec_to_double(base->free_e8, MONEY_DP) : 0;
	of[LOOK_BASE_LOCKED][place] = base ? dec_to_double(base->locked_e8, MONEY_DP) : 0;
	of[LOOK_BALANCE_KNOWN][place] = money != NULL && (base != NULL || !spot);
}

static void put_market(struct engine *e, unsigned place, uint32_t instrument)
{
	const struct desk *d = &e->d;
	struct tsync_estimate t;
	tsync_read(d->venue[d->instrument[instrument].venue].clock, d->now.mono_ns, &t);
	const bool known = t.known && t.bound_ns != INT64_MAX;
	e->world.of[LOOK_CLOCK_BOUND_MS][place] =
		known ? (double)t.bound_ns * 1e-6 : (double)INFINITY;
	e->world.of[LOOK_CLOCK_KNOWN][place] = known;
	/* Round the clock is always open. */
	e->world.of[LOOK_SESSION][place] =
		desk_has_hours(d, instrument) ? d->session[instrument].phase : PHASE_CONTINUOUS;
}

static enum strat_state state_of(const struct desk *d, uint16_t instance)
{
	static const uint8_t as[] = { [RISK_ACTIVE] = STRAT_ACTIVE,
				      [RISK_REDUCING] = STRAT_REDUCING,
				      [RISK_HALTED] = STRAT_HALTED };
	if (d->instance[instance].paused)
		return STRAT_PAUSED;
	return (enum strat_state)as[risk_state_of(d, instance, NULL)];
}

const struct strat_world *engine_look(void *of)
{
	const struct engine_keeper *k = of;
	struct engine *e = k->e;
	const struct config_instance *c = e->d.instance[k->instance].cfg;
	for (unsigned l = 0; l < c->n_legs; l++) {
		put_balance(e, l, c->account[l], &e->d.instrument[c->leg[l]]);
		put_market(e, l, c->leg[l]);
	}
	for (unsigned r = 0; r < c->n_refs; r++)
		put_market(e, LEG_MAX + r, c->ref[r]);
	e->world.of[LOOK_STATE][0] = state_of(&e->d, k->instance);
	return &e->world;
}
