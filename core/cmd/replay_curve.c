#include "core/cmd/replay_curve.h"
#include "core/base/err.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int replay_curve_open(struct replay_curve *c)
{
	*c = (struct replay_curve){ .every = 1, .in_bp = true };
	c->sample = calloc(CURVE_SAMPLES, sizeof *c->sample);
	bool good = c->sample != NULL;
	for (int k = 0; k < curve_side_max; k++)
		good &= (c->mark[k] = calloc(CURVE_MARKS, sizeof *c->mark[k])) != NULL;
	if (good)
		return 0;
	replay_curve_free(c);
	return err_set(ERR_NOMEM, "no memory for the curves");
}

void replay_curve_free(struct replay_curve *c)
{
	free(c->sample);
	for (int k = 0; k < curve_side_max; k++)
		free(c->mark[k]);
	*c = (struct replay_curve){ 0 };
}

static void join(struct curve_sample *into, const struct curve_sample *x)
{
	into->sell = fmax(into->sell, x->sell);
	into->buy = fmin(into->buy, x->buy);
	into->pos_lots = x->pos_lots;
}

/* Every second one goes into the one before it. */
static void thin(struct replay_curve *c)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i + 1 < c->n_samples; i += 2) {
		c->sample[n] = c->sample[i];
		join(&c->sample[n++], &c->sample[i + 1]);
	}
	c->n_samples = n;
	c->every *= 2;
}

void replay_curve_basis(struct replay_curve *c, int64_t utc_ns, const struct basis *b,
			double pos_lots)
{
	if (!b->ok)
		return;
	if (!c->from_ns)
		c->from_ns = utc_ns;
	c->to_ns = utc_ns;
	c->in_bp &= b->ratio_ok;
	const struct basis_cross *d = b->dir;
	const struct curve_sample x = { .utc_ns = utc_ns,
					.sell = c->in_bp ? d[SIDE_SELL].net_bp : d[SIDE_SELL].net,
					.buy = c->in_bp ? d[SIDE_BUY].net_bp : d[SIDE_BUY].net,
					.pos_lots = pos_lots };
	c->now = x;
	if (c->n_samples && ++c->skipped < c->every) {
		join(&c->sample[c->n_samples - 1], &x);
		return;
	}
	c->skipped = 0;
	if (c->n_samples == CURVE_SAMPLES)
		thin(c);
	c->sample[c->n_samples++] = x;
}

uint8_t replay_curve_side(const struct proposal *p)
{
	for (unsigned l = 0; l < p->n_legs; l++)
		if (p->leg[l] == 0)
			return p->side[l];
	return side_max;
}

void replay_curve_proposed(struct replay_curve *c, enum curve_side who, int64_t utc_ns,
			   const struct proposal *p)
{
	if (c->n_marks[who] == CURVE_MARKS || !c->n_samples) {
		c->unmarked[who]++;
		return;
	}
	const uint8_t side = replay_curve_side(p);
	c->mark[who][c->n_marks[who]++] =
		(struct curve_mark){ .utc_ns = utc_ns,
				     .at = side == SIDE_SELL ? c->now.sell : c->now.buy,
				     .side = side,
				     .intent = p->intent };
}

static struct curve_param *param_of(struct replay_curve *c, const char *name)
{
	for (uint32_t i = 0; i < c->n_params; i++)
		if (strcmp(c->param[i].name, name) == 0)
			return &c->param[i];
	if (c->n_params == CURVE_PARAMS)
		return NULL;
	struct curve_param *p = &c->param[c->n_params++];
	*p = (struct curve_param){ 0 };
	snprintf(p->name, sizeof p->name, "%s", name);
	return p;
}

void replay_curve_params(struct replay_curve *c, enum curve_side who, int64_t utc_ns,
			 const struct strategy *s)
{
	struct strat_param x;
	for (unsigned i = 0; s->ops->param && s->ops->param(s, i, &x); i++) {
		struct curve_param *p = param_of(c, x.name);
		if (!p || p->n[who] == CURVE_LEVELS ||
		    (p->n[who] && p->level[who][p->n[who] - 1].value == x.value))
			continue;
		p->level[who][p->n[who]++] = (struct curve_level){ utc_ns, x.value };
	}
}
