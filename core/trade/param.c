#include "core/trade/param.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NANO_DP 9

static bool same(double a, double b)
{
	return a >= b && a <= b;
}

struct desk_param *param_find(struct desk *d, uint16_t instance, const char *name)
{
	for (uint32_t i = 0; i < d->n_params; i++)
		if (d->param[i].instance == instance && strcmp(d->param[i].name, name) == 0)
			return &d->param[i];
	return NULL;
}

static void forget(struct desk *d, struct desk_param *p)
{
	*p = d->param[--d->n_params];
}

static bool declared(const struct strategy *s, const char *name, struct strat_param *out)
{
	for (unsigned i = 0; s && s->ops->param && s->ops->param(s, i, out); i++)
		if (strcmp(out->name, name) == 0)
			return true;
	return false;
}

/* What the configuration states for it; false: nothing, the file's default counts. */
static bool stated(const struct desk *d, uint16_t instance, const char *name, double *value)
{
	const struct config_instance *c = &d->cfg->instance[instance];
	for (uint32_t i = 0; i < c->n_params; i++)
		if (strcmp(c->param[i].name, name) == 0) {
			*value = c->param[i].value;
			return true;
		}
	return false;
}

/* ---- receipts */

static int64_t bits(double x)
{
	int64_t b;
	memcpy(&b, &x, sizeof b);
	return b;
}

static double from_bits(int64_t b)
{
	double x;
	memcpy(&x, &b, sizeof x);
	return x;
}

static uint64_t say(struct desk *d, const struct desk_param *p, bool set, double before,
		    double configured, const char *text)
{
	struct fact f;
	scribe_instance(d, &f, FACT_PARAM, p->instance, 0);
	dec_from_double(p->value, NANO_DP, DEC_NEAREST, &f.num[0]);
	dec_from_double(before, NANO_DP, DEC_NEAREST, &f.num[1]);
	dec_from_double(configured, NANO_DP, DEC_NEAREST, &f.num[2]);
	f.num[3] = bits(p->value);
	f.num[4] = bits(p->base);
	f.num[5] = set;
	f.num[6] = p->based;
	fact_text(&f, "%s = %.10g %s", p->name, p->value, text);
	return scribe_put(d, &f);
}

void param_recall(struct desk *d, const struct fact *f)
{
	if (f->kind != FACT_PARAM)
		return;
	struct desk_param p = { .value = from_bits(f->num[3]),
				.base = from_bits(f->num[4]),
				.based = f->num[6] != 0,
				.since_utc_ns = f->utc_ns };
	while (p.instance < d->cfg->n_instances && d->names.instance[p.instance] != f->instance)
		p.instance++;
	const size_t n = strcspn(f->text, " ");
	if (p.instance == d->cfg->n_instances || n == 0 || n >= sizeof p.name || !isfinite(p.value))
		return;
	memcpy(p.name, f->text, n);
	struct desk_param *at = param_find(d, p.instance, p.name);
	if (!f->num[5]) {
		if (at)
			forget(d, at);
	} else if (at) {
		*at = p;
	} else if (d->n_params < DESK_PARAMS) {
		d->param[d->n_params++] = p;
	}
}

void param_carry(struct desk *d)
{
	for (uint32_t i = 0; i < d->n_params; i++)
		say(d, &d->param[i], true, d->param[i].value, d->param[i].value, "carried");
}

/* ---- an operator's word */

static int reset(struct desk *d, struct strategy *s, struct desk_param *p,
		 const struct strat_param *is, const char *who, const char *why)
{
	char text[FACT_TEXT];
	struct desk_param now = *p;
	int rc = s->ops->set_param(s, is->name, is->configured);
	if (rc)
		return rc;
	now.value = is->configured;
	snprintf(text, sizeof text, "as configured again, by %.24s%s%.60s", who, why[0] ? ": " : "",
		 why);
	say(d, &now, false, is->value, is->configured, text);
	forget(d, p);
	return 0;
}

int param_set(struct desk *d, uint16_t instance, const char *name, const double *value,
	      const char *who, const char *why, double *before)
{
	struct strategy *s = d->instance[instance].script;
	struct strat_param is;
	char text[FACT_TEXT];
	if (!declared(s, name, &is))
		return err_set(ERR_NOTFOUND,
			       "%s has no parameter '%.40s'; `tandem params DB` lists them",
			       d->cfg->instance[instance].name, name);
	if (is.reason && !why[0])
		return err_set(ERR_ARG, "a change of %s takes a reason: --reason TEXT", name);
	struct desk_param *p = param_find(d, instance, name);
	*before = is.value;
	if (!value)
		return p ? reset(d, s, p, &is, who, why) : 0;
	if (!p && d->n_params == DESK_PARAMS)
		return err_set(ERR_LIMIT,
			       "%d parameters are set already; give some back with default",
			       DESK_PARAMS);
	int rc = s->ops->set_param(s, name, *value);
	if (rc)
		return rc;
	if (!p) {
		p = &d->param[d->n_params++];
		*p = (struct desk_param){ .instance = instance };
		snprintf(p->name, sizeof p->name, "%s", name);
	}
	p->value = *value;
	p->since_utc_ns = d->now.utc_ns;
	p->based = stated(d, instance, name, &p->base);
	snprintf(text, sizeof text, "(%.10g) by %.24s%s%.40s", is.value, who, why[0] ? ": " : "",
		 why);
	say(d, p, true, is.value, is.configured, text);
	return 0;
}

void param_apply(struct desk *d, uint16_t instance, struct strategy *s)
{
	for (uint32_t i = 0; i < d->n_params; i++) {
		const struct desk_param *p = &d->param[i];
		if (p->instance != instance || !s->ops->set_param ||
		    !s->ops->set_param(s, p->name, p->value))
			continue;
		struct fact f;
		scribe_instance(d, &f, FACT_ALERT, instance, 0);
		scribe_raise(d, &f, ALERT_TROUBLE, "what an operator set is not in force: %s",
			     err_text());
	}
}

void param_settle(struct desk *d)
{
	for (uint32_t i = 0; i < d->n_params;) {
		struct desk_param *p = &d->param[i];
		double now = 0;
		const bool based = stated(d, p->instance, p->name, &now);
		if (based == p->based && (!based || same(now, p->base))) {
			i++;
			continue;
		}
		struct desk_param gone = *p;
		gone.value = now;
		say(d, &gone, false, p->value, now,
		    "the configuration was changed since it was set");
		forget(d, p);
	}
}
