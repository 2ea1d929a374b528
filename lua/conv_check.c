/* conv_check - do the values of all legs come out in one unit? Before anything is traded on their difference. */
#include "core/base/err.h"
#include "lua/conv.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FACTOR_OFF 1e-6 /* how far a factor may be off, of itself */
#define SHOWN	   96	/* of a unit in an error */

/* A price's unit: as it is stated, or quote per base, whatever those are. */
static int unit_of_price(const struct instrument *in, const struct assets *a, struct unit *out)
{
	struct unit base;
	if (in->px_unit[0])
		return err_ctx(unit_parse(in->px_unit, strlen(in->px_unit), out), "the unit of %s",
			       in->name);
	int rc = unit_named(asset_name(a, in->quote), out);
	if (!rc)
		rc = unit_named(asset_name(a, in->base), &base);
	return rc ? rc : unit_mul(out, &base, -1);
}

struct checking {
	const struct conv *conv;
	const struct conv_names *names;
	const struct conv_bound *to;
	struct unit value[LEG_MAX]; /* what is said of it; the bare constants are apart */
	unsigned target;	    /* whose unit the others are held against */
};

static bool is_bare(const struct conv *c)
{
	return fabs(c->bare - 1) > 1e-12;
}

/* Has it no conversion at all? */
static bool is_plain(const struct conv *c)
{
	bool plain = !is_bare(c) && c->stated.n == 0 && fabs(c->value.k - 1) <= 1e-12;
	for (unsigned r = 0; r < REF_MAX; r++)
		plain = plain && !c->value.power[r];
	return plain;
}

static int value_of(struct checking *k, unsigned l)
{
	struct unit *u = &k->value[l], ref;
	const struct conv *c = &k->conv[l];
	int rc = unit_of_price(k->to->leg[l], k->to->assets, u);
	for (unsigned r = 0; !rc && r < k->names->n_refs; r++) {
		if (!c->value.power[r])
			continue;
		rc = unit_of_price(k->to->ref[r], k->to->assets, &ref);
		if (!rc)
			rc = unit_mul(u, &ref, c->value.power[r]);
	}
	return rc ? rc : unit_mul(u, &c->stated, 1);
}

/* The leg that says most plainly what it is in. */
static unsigned pick(const struct checking *k)
{
	for (unsigned l = k->names->n_legs; l-- > 0;)
		if (is_plain(&k->conv[l]))
			return l;
	for (unsigned l = k->names->n_legs; l-- > 0;)
		if (!is_bare(&k->conv[l]))
			return l;
	return k->names->n_legs - 1;
}

/* A unit of the same kind of which u is `factor`: USD/g by 31.1034768 is USD/ozt. */
static bool renamed(const struct unit *u, double factor, struct unit *out)
{
	for (unsigned i = 0; i < u->n; i++) {
		const char *name;
		for (unsigned j = 0; (name = unit_sibling(u->part[i].name, j)) != NULL; j++) {
			struct unit was, is;
			int64_t num, den;
			*out = *u;
			if (unit_named(u->part[i].name, &was) || unit_named(name, &is) ||
			    unit_mul(out, &was, -u->part[i].power) ||
			    unit_mul(out, &is, u->part[i].power) ||
			    unit_ratio_of(u, out, &num, &den))
				continue;
			if (fabs((double)num / (double)den / factor - 1) <= FACTOR_OFF)
				return true;
		}
	}
	return false;
}

static const char *no_unit(const struct checking *k, unsigned l, char out[SHOWN])
{
	const struct instrument *in = k->to->leg[l];
	if (in->px_unit[0])
		return "";
	snprintf(out, SHOWN, " (%.40s has no unit)", in->name);
	return out;
}

static int left_over(const struct checking *k, unsigned l)
{
	char here[UNIT_TEXT], there[UNIT_TEXT], left[UNIT_TEXT], rate[UNIT_TEXT];
	char why[2][SHOWN];
	struct unit q = k->value[l], one = unit_one();
	int rc = unit_mul(&q, &k->value[k->target], -1);
	if (!rc)
		rc = unit_reduce(&q, &q);
	if (!rc)
		rc = unit_mul(&one, &q, -1);
	if (rc)
		return rc;
	q.num = q.den = one.num = one.den = 1;
	unit_format(&k->value[l], here);
	unit_format(&k->value[k->target], there);
	unit_format(&q, left);
	unit_format(&one, rate);
	return err_set(
		ERR_CONFIG,
		"the value of %s is in %.96s%s and that of %s in %.96s%s: %.96s does not cancel; multiply or divide by a reference that prices it, or "
		"state a rate: tandem.conv \"%s * ... * 1[%.96s]\"",
		k->names->leg[l], here, no_unit(k, l, why[0]), k->names->leg[k->target], there,
		no_unit(k, k->target, why[1]), left, k->names->leg[l], rate);
}

static int factor_of(const struct checking *k, unsigned l)
{
	char here[UNIT_TEXT], there[UNIT_TEXT];
	int64_t num, den;
	const struct unit *u = &k->value[l], *t = &k->value[k->target];
	if (!unit_alike(u, t))
		return left_over(k, l);
	int rc = unit_ratio_of(u, t, &num, &den);
	if (rc)
		return rc;
	double needed = (double)num / (double)den * k->conv[k->target].bare;
	double got = k->conv[l].bare;
	if (fabs(got / needed - 1) <= FACTOR_OFF)
		return 0;
	unit_format(u, here);
	unit_format(t, there);
	if (is_bare(&k->conv[l]))
		return err_set(
			ERR_CONFIG,
			"%.10g is not the factor of %s from %.96s to %.96s, which is %.10g; a number that is no factor of units says so: 1.13[1]",
			got, k->names->leg[l], here, there, needed);
	return err_set(
		ERR_CONFIG,
		"the value of %s is in %.96s and that of %s in %.96s: write tandem.conv \"%s * %.10g\" with the rest of its conversion",
		k->names->leg[l], here, k->names->leg[k->target], there, k->names->leg[l], needed);
}

int conv_check(const struct conv *conv, const struct conv_names *names, const struct conv_bound *to,
	       unsigned *leg, char *unit)
{
	struct checking k = { .conv = conv, .names = names, .to = to };
	int rc = 0;
	*leg = 0;
	unit[0] = 0;
	for (unsigned l = 0; !rc && l < names->n_legs; l++) {
		*leg = l;
		rc = value_of(&k, l);
	}
	if (rc)
		return rc;
	k.target = pick(&k);
	for (unsigned l = 0; l < names->n_legs; l++) {
		*leg = l;
		if (l != k.target && (rc = factor_of(&k, l)))
			return rc;
	}
	*leg = k.target;
	struct unit common = k.value[k.target];
	double bare = conv[k.target].bare;
	if (is_bare(&conv[k.target]) && !renamed(&k.value[k.target], bare, &common))
		return err_set(
			ERR_CONFIG,
			"%.10g is no factor between units for the value of %s; if it is meant as a pure number, write %.10g[1]",
			bare, names->leg[k.target], bare);
	unit_format(&common, unit);
	return 0;
}
