#include "core/cmd/tca_sum.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/trade/pair.h"
#include <math.h>
#include <stdlib.h>

static struct tca_strategy *strategy(struct tca_sum *s, const struct tca_pair *p)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->of[i]->instance == p->instance && s->of[i]->script == p->script)
			return s->of[i];
	if (s->n == s->cap) {
		uint32_t cap = s->cap ? 2 * s->cap : 16;
		struct tca_strategy **more = realloc(s->of, cap * sizeof(*more));
		if (!more)
			return NULL;
		s->of = more;
		s->cap = cap;
	}
	struct tca_strategy *g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	g->instance = p->instance;
	g->script = p->script;
	g->first_utc_ns = p->utc_ns;
	return s->of[s->n++] = g;
}

static int keep_cost(struct tca_strategy *g, double bp)
{
	if (g->n_costs == g->cap_costs) {
		size_t cap = g->cap_costs ? 2 * g->cap_costs : 256;
		double *more = realloc(g->cost_bp, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the costs of %zu pairs", cap);
		g->cost_bp = more;
		g->cap_costs = cap;
	}
	g->cost_bp[g->n_costs++] = bp;
	g->sorted = false;
	return 0;
}

static void add_leg(struct tca_strategy *g, unsigned i, const struct tca_leg *l)
{
	struct tca_leg_sum *s = &g->leg[i];
	int64_t hundredths;
	if (!l->known)
		return;
	s->instrument = l->instrument;
	s->qty_dp = l->qty_dp;
	s->pairs++;
	s->orders += l->orders;
	s->fills += l->fills;
	s->maker += l->maker;
	s->slip_e8 += l->slip_e8;
	s->chase_e8 += l->chase_e8;
	s->unwind_e8 += l->unwind_e8;
	s->fee_e8 += l->fee_e8;
	if (tca_slip_ticks(l, &hundredths)) {
		double qty = dec_to_double(l->qty, l->qty_dp);
		s->ticks += qty * (double)hundredths / 100;
		s->ticks_of += qty;
	}
	if (l->arrival_px && l->tick) {
		int64_t apart = l->arrival_px - l->ref_px;
		s->delay += (double)(l->side == SIDE_BUY ? apart : -apart) / (double)l->tick;
		s->delay_of++;
	}
	if (i >= g->n_legs)
		g->n_legs = i + 1;
}

int tca_sum_add(struct tca_sum *s, const struct tca_pair *p)
{
	double bp;
	struct tca_strategy *g = strategy(s, p);
	if (!g)
		return err_set(ERR_NOMEM, "no memory for another strategy");
	g->last_utc_ns = p->utc_ns > g->last_utc_ns ? p->utc_ns : g->last_utc_ns;
	g->first_utc_ns = p->utc_ns < g->first_utc_ns ? p->utc_ns : g->first_utc_ns;
	g->money = p->money ? p->money : g->money;
	g->pairs++;
	g->hedged += p->state == PAIR_HEDGED;
	g->flat += p->state == PAIR_FLAT;
	g->refused += p->state == PAIR_REFUSED;
	g->held += p->state == PAIR_HELD;
	g->open += !p->ended && p->state != PAIR_HELD;
	g->broke += p->broke;
	g->completed += p->completed;
	g->unwound += p->unwound;
	g->resumed += p->resumed;
	g->unpriced += !p->priced;
	g->value_e8 += p->value_e8;
	g->slip_e8 += p->slip_e8;
	g->chase_e8 += p->chase_e8;
	g->unwind_e8 += p->unwind_e8;
	g->fee_e8 += p->fee_e8;
	for (int k = 0; k < tca_step_max; k++)
		if (p->step_ns[k] != TCA_UNKNOWN)
			hist_add(&g->step[k], p->step_ns[k]);
	for (unsigned i = 0; i < p->n_legs; i++)
		add_leg(g, i, &p->leg[i]);
	return tca_cost_bp(p, &bp) ? keep_cost(g, bp) : 0;
}

void tca_sum_free(struct tca_sum *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		free(s->of[i]->cost_bp);
		free(s->of[i]);
	}
	free(s->of);
	*s = (struct tca_sum){ 0 };
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double tca_sum_cost_bp(struct tca_strategy *g, double q)
{
	if (!g->n_costs)
		return NAN;
	if (!g->sorted)
		qsort(g->cost_bp, g->n_costs, sizeof *g->cost_bp, by_size);
	g->sorted = true;
	return g->cost_bp[(size_t)(q * (double)(g->n_costs - 1) + 0.5)];
}
