#include "core/trade/bounds.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/ops/config.h"
#include "core/trade/desk.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_OF_OPERATORS 64
#define WARN_PCT	  80

static const uint8_t leg_limit[] = {
#define LIMIT_OF(id) RISK_LIMIT_##id,
	LEG_BOUNDS(LIMIT_OF)
};
static const uint8_t own_limit[] = { OWN_BOUNDS(LIMIT_OF)
#undef LIMIT_OF
};
_Static_assert(sizeof leg_limit == leg_bound_max && sizeof own_limit == own_bound_max,
	       "a limit for every bound");

int limits_open(struct desk *d)
{
	const struct config *c = d->cfg;
	struct limits *l = &d->limits;
	/* What `risk` and an instance's own limits set is at most a dozen rows and four. */
	l->cap = 32u + 8u * c->n_instances + c->n_limits + ROWS_OF_OPERATORS;
	l->cap = l->cap < UINT16_MAX ? l->cap : UINT16_MAX;
	l->row = calloc(l->cap, sizeof *l->row);
	l->day = calloc(1u + c->n_accounts + c->n_instances, sizeof *l->day);
	l->of = mem_take(c->n_instances + 1u, sizeof *l->of);
	l->watched = mem_take(c->n_instances + 1u, sizeof *l->watched);
	l->last = mem_take(c->n_instruments + 1u, sizeof *l->last);
	l->venue_per_s = calloc(c->n_venues + 1u, sizeof *l->venue_per_s);
	l->venue_per_day = calloc(c->n_venues + 1u, sizeof *l->venue_per_day);
	l->venue_per_s_row = calloc(c->n_venues + 1u, sizeof *l->venue_per_s_row);
	l->venue_per_day_row = calloc(c->n_venues + 1u, sizeof *l->venue_per_day_row);
	if (!l->row || !l->day || !l->of || !l->watched || !l->last || !l->venue_per_s ||
	    !l->venue_per_day || !l->venue_per_s_row || !l->venue_per_day_row)
		return err_set(ERR_NOMEM, "no memory for %u limits", l->cap);
	for (uint16_t i = 0; i < c->n_instances; i++) {
		d->instance[i].bounds = &l->of[i];
		d->instance[i].watched = &l->watched[i];
		d->instance[i].cfg = &c->instance[i];
	}
	limits_load(d);
	return 0;
}

struct limit_day *limits_day(struct desk *d, enum limit_scope s, uint32_t index)
{
	struct limit_day *day = d->limits.day;
	return s == SCOPE_GLOBAL     ? &day[0]
	       : s == SCOPE_ACCOUNT  ? &day[1 + index]
	       : s == SCOPE_INSTANCE ? &day[1 + d->cfg->n_accounts + index]
				     : NULL;
}

void limits_free(struct limits *l)
{
	free(l->row);
	free(l->day);
	free(l->of);
	free(l->watched);
	free(l->last);
	free(l->venue_per_s);
	free(l->venue_per_day);
	free(l->venue_per_s_row);
	free(l->venue_per_day_row);
	*l = (struct limits){ 0 };
}

struct limit_row *limits_find(struct desk *d, enum risk_limit l, enum limit_scope s, uint32_t index)
{
	for (uint32_t i = 0; i < d->limits.n; i++) {
		struct limit_row *r = &d->limits.row[i];
		if (r->limit == l && r->scope == s && r->index == index)
			return r;
	}
	return NULL;
}

struct limit_row *limits_add(struct desk *d, enum risk_limit l, enum limit_scope s, uint32_t index)
{
	struct limits *x = &d->limits;
	if (x->n == x->cap)
		return NULL;
	struct limit_row *r = &x->row[x->n++];
	*r = (struct limit_row){ .limit = (uint8_t)l,
				 .scope = (uint8_t)s,
				 .action = (uint8_t)limit_action_of(l),
				 .index = index,
				 .value = LIMIT_OFF,
				 .configured = LIMIT_OFF,
				 .warn_pct = limit_judged_of(l) == JUDGED_WATCH ? WARN_PCT : 0 };
	return r;
}

static void state(struct desk *d, enum risk_limit l, enum limit_scope s, uint32_t index,
		  int64_t value)
{
	struct limit_row *r = value > 0 ? limits_add(d, l, s, index) : NULL;
	if (r)
		r->value = r->configured = value;
}

/* 0 in the configuration is "no such limit". */
static void rows_of_risk(struct desk *d)
{
	const struct config_risk *c = &d->cfg->risk;
	const struct {
		enum risk_limit limit;
		int64_t value;
	} set[] = {
		{ RISK_LIMIT_ORDER_NOTIONAL, c->max_order_notional_e8 },
		{ RISK_LIMIT_POSITION_NOTIONAL, c->max_position_notional_e8 },
		{ RISK_LIMIT_POSITION_BASE, c->max_position_base_e8 },
		{ RISK_LIMIT_IMBALANCE, c->max_imbalance_base_e8 },
		{ RISK_LIMIT_COLLAR, c->collar_ppm },
		{ RISK_LIMIT_AGE, c->max_age_ns },
		{ RISK_LIMIT_SKEW, c->max_skew_ns },
		{ RISK_LIMIT_CLOCK, c->max_clock_bound_ns },
		{ RISK_LIMIT_UTC, c->max_utc_bound_ns },
		{ RISK_LIMIT_CLOSING, c->close_margin_ns },
		{ RISK_LIMIT_RATE, c->messages_per_s },
		{ RISK_LIMIT_IN_FLIGHT, c->max_pairs_in_flight },
		{ RISK_LIMIT_REJECTS, c->max_rejects_per_min },
	};
	for (unsigned i = 0; i < sizeof set / sizeof *set; i++)
		state(d, set[i].limit, SCOPE_GLOBAL, 0, set[i].value);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		const struct config_instance *in = &d->cfg->instance[i];
		state(d, RISK_LIMIT_PAIR_LOTS, SCOPE_INSTANCE, i, in->max_pair_lots);
		state(d, RISK_LIMIT_POSITION_LOTS, SCOPE_INSTANCE, i, in->max_pos_lots);
		state(d, RISK_LIMIT_IN_FLIGHT, SCOPE_INSTANCE, i, in->max_pairs_in_flight);
	}
}

/* One that names what `risk` has set already stands in its place. */
static void rows_of_list(struct desk *d)
{
	for (uint32_t i = 0; i < d->cfg->n_limits; i++) {
		const struct config_limit *c = &d->cfg->limit[i];
		enum risk_limit l = (enum risk_limit)c->limit;
		struct limit_row *r = limits_find(d, l, (enum limit_scope)c->scope, c->index);
		if (!r)
			r = limits_add(d, l, (enum limit_scope)c->scope, c->index);
		if (!r)
			return; /* the reader bounds how many there are */
		r->source = SOURCE_LIST;
		r->action = c->action;
		r->value = r->configured = c->value;
		r->warn_pct = c->warn_pct;
		r->line = c->line;
	}
}

void limits_load(struct desk *d)
{
	d->limits.n = 0;
	rows_of_risk(d);
	rows_of_list(d);
	limits_compile(d);
}

bool limits_row_holds(const struct desk *d, const struct limit_row *r, uint16_t instance,
		      unsigned leg)
{
	const struct config_instance *c = &d->cfg->instance[instance];
	switch ((enum limit_scope)r->scope) {
	case SCOPE_GLOBAL:
	case SCOPE_PAIR:
		return true;
	case SCOPE_INSTANCE:
		return r->index == instance;
	default:
		break;
	}
	for (unsigned l = 0; l < c->n_legs; l++) {
		if (leg < LEG_MAX && l != leg)
			continue;
		uint32_t of = r->scope == SCOPE_VENUE	  ? d->instrument[c->leg[l]].venue
			      : r->scope == SCOPE_ACCOUNT ? c->account[l]
							  : c->leg[l];
		if (of == r->index)
			return true;
	}
	return false;
}

/* The tightest row of a limit that holds; its place + 1, 0: none. */
static uint16_t tightest(const struct desk *d, enum risk_limit l, uint16_t instance, unsigned leg,
			 int64_t *most)
{
	uint16_t place = 0;
	*most = LIMIT_OFF;
	for (uint32_t i = 0; i < d->limits.n; i++) {
		const struct limit_row *r = &d->limits.row[i];
		/* Of the pairs in flight the whole host's are counted apart. */
		if (r->limit != l || !limits_row_holds(d, r, instance, leg) ||
		    (l == RISK_LIMIT_IN_FLIGHT && r->scope == SCOPE_GLOBAL))
			continue;
		if (limit_tighter(l, r->value, *most)) {
			*most = r->value;
			place = (uint16_t)(i + 1);
		}
	}
	return place;
}

/* The largest whole number whose part `per` / `of` does not exceed `most`; 0: nobody knows. */
static __int128 within(int64_t most, __int128 of, __int128 per)
{
	__int128 product;
	if (most == LIMIT_OFF)
		return INT64_MAX;
	if (per <= 0 || of <= 0 || __builtin_mul_overflow((__int128)most, of, &product))
		return 0;
	return product / per;
}

static void find_safe(struct bounds_leg *g, const struct instrument *in)
{
	const struct frac worth = instrument_worth(in);
	const __int128 units = dec_pow10[in->qty_dp], e8 = dec_pow10[8];
	bool inverse = in->expo.kind == EXPO_INVERSE;
	for (unsigned k = 0; k < leg_bound_max; k++) {
		__int128 qty =
			inverse ? 0 : within(g->most[k], in->expo.den * units, in->expo.num * e8);
		g->safe_qty[k] = qty < INT64_MAX ? (int64_t)qty : INT64_MAX;
		g->safe_product[k] =
			inverse ? 0
				: within(g->most[k], worth.den * units * dec_pow10[in->px_dp],
					 worth.num * e8);
		if (g->most[k] == LIMIT_OFF) {
			g->safe_qty[k] = INT64_MAX;
			g->safe_product[k] = (__int128)INT64_MAX * INT64_MAX;
		}
	}
}

/* Accounts of one group are one trader to the exchange (I15). */
static void find_mates(struct desk *d, struct bounds_leg *g, uint16_t account, uint32_t instrument)
{
	const struct config_account *all = d->cfg->account, *own = &all[account];
	g->n_mates = 0;
	g->mate[g->n_mates++] = g->slot;
	for (uint16_t a = 0; a < d->cfg->n_accounts && g->n_mates < RISK_MATES; a++)
		if (a != account && own->group[0] && all[a].venue == own->venue &&
		    strcmp(all[a].group, own->group) == 0)
			g->mate[g->n_mates++] = exposure_slot(&d->exposure, a, instrument);
}

static void compile_instance(struct desk *d, uint16_t instance)
{
	const struct config_instance *c = &d->cfg->instance[instance];
	struct bounds *b = &d->limits.of[instance];
	for (unsigned k = 0; k < own_bound_max; k++)
		b->row[k] =
			tightest(d, (enum risk_limit)own_limit[k], instance, LEG_MAX, &b->most[k]);
	for (unsigned l = 0; l < c->n_legs; l++) {
		struct bounds_leg *g = &b->leg[l];
		for (unsigned k = 0; k < leg_bound_max; k++)
			g->row[k] = tightest(d, (enum risk_limit)leg_limit[k], instance, l,
					     &g->most[k]);
		g->gross = g->row[LEG_POSITION_LONG] || g->row[LEG_POSITION_SHORT] ||
			   g->row[LEG_POSITION_TOTAL];
		g->positions =
			g->gross || g->row[LEG_POSITION_NOTIONAL] || g->row[LEG_POSITION_BASE];
		find_safe(g, &d->instrument[c->leg[l]]);
		g->slot = exposure_slot(&d->exposure, c->account[l], c->leg[l]);
		find_mates(d, g, c->account[l], c->leg[l]);
	}
}

/* The row of this scope alone. */
static uint16_t only(struct desk *d, enum risk_limit l, enum limit_scope s, uint32_t index,
		     int64_t *most)
{
	const struct limit_row *r = limits_find(d, l, s, index);
	*most = r ? r->value : LIMIT_OFF;
	return r ? (uint16_t)(r - d->limits.row + 1) : 0;
}

void limits_compile(struct desk *d)
{
	struct limits *l = &d->limits;
	l->n_watched = 0;
	for (uint32_t k = 0; k < l->n; k++)
		l->n_watched += limit_judged_of((enum risk_limit)l->row[k].limit) == JUDGED_WATCH;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		compile_instance(d, i);
	for (uint16_t v = 0; v < d->cfg->n_venues; v++) {
		l->venue_per_s_row[v] =
			only(d, RISK_LIMIT_RATE, SCOPE_VENUE, v, &l->venue_per_s[v]);
		l->venue_per_day_row[v] =
			only(d, RISK_LIMIT_MESSAGES_DAY, SCOPE_VENUE, v, &l->venue_per_day[v]);
	}
	l->host_per_s_row = only(d, RISK_LIMIT_RATE, SCOPE_GLOBAL, 0, &l->host_per_s);
	l->host_per_day_row = only(d, RISK_LIMIT_MESSAGES_DAY, SCOPE_GLOBAL, 0, &l->host_per_day);
	l->in_flight_row = only(d, RISK_LIMIT_IN_FLIGHT, SCOPE_GLOBAL, 0, &l->in_flight);
}

/* What the script states counts where it is tighter; 0: not stated, in a gate. */
static int64_t of_gate(const struct desk *d, enum risk_limit l, uint16_t instance, int64_t own)
{
	int64_t most;
	tightest(d, l, instance, LEG_MAX, &most);
	if (own > 0 && limit_tighter(l, own, most))
		return own;
	return most == LIMIT_OFF ? 0 : most;
}

void limits_compile_gate(struct desk *d, uint16_t instance)
{
	struct desk_instance *in = &d->instance[instance];
	const struct strat_limits *own = &in->limits;
	in->gate = (struct gate_limits){
		.max_age_ns = of_gate(d, RISK_LIMIT_AGE, instance, own->max_age_ns),
		.max_skew_ns = of_gate(d, RISK_LIMIT_SKEW, instance, own->max_skew_ns),
		.max_clock_bound_ns =
			of_gate(d, RISK_LIMIT_CLOCK, instance, own->max_clock_bound_ns),
		.max_utc_bound_ns = of_gate(d, RISK_LIMIT_UTC, instance, 0),
		.close_margin_ns = of_gate(d, RISK_LIMIT_CLOSING, instance, own->close_margin_ns),
	};
}

void limits_bind(struct desk *d, uint16_t instance)
{
	compile_instance(d, instance);
	limits_compile_gate(d, instance);
}

const char *limits_subject(const struct desk *d, enum limit_scope s, uint32_t index)
{
	switch (s) {
	case SCOPE_VENUE:
		return d->cfg->venue[index].name;
	case SCOPE_ACCOUNT:
		return d->cfg->account[index].name;
	case SCOPE_INSTRUMENT:
		return d->instrument[index].name;
	case SCOPE_INSTANCE:
		return d->cfg->instance[index].name;
	default:
		return "";
	}
}
