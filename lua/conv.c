#include "lua/conv.h"
#include "core/base/err.h"
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FACTOR_OFF 1e-6 /* how far a factor may be off, of itself */

enum { depth_max = 16, number_max = 40 };

struct reader {
	const char *p, *end;
	const struct conv_names *names;
	double k, bare;
	struct unit stated;
	int power[LEG_MAX + REF_MAX]; /* of the legs, then of the references */
	unsigned depth;
};

static int refuse(const struct reader *r, const char *what)
{
	int rest = (int)(r->end - r->p);
	if (rest <= 0)
		return err_set(ERR_PARSE, "%s, at the end of the conversion", what);
	return err_set(ERR_PARSE, "%s, at \"%.*s\"", what, rest > 40 ? 40 : rest, r->p);
}

static void blanks(struct reader *r)
{
	while (r->p < r->end && isspace((unsigned char)*r->p))
		r->p++;
}

static bool sign(struct reader *r, char c)
{
	blanks(r);
	if (r->p >= r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static int unknown(const struct reader *r, const char *name, int len)
{
	char known[(LEG_MAX + REF_MAX) * 18] = "";
	for (unsigned i = 0; i < r->names->n_legs + r->names->n_refs; i++) {
		strcat(known, i ? ", " : "");
		strcat(known, i < r->names->n_legs ? r->names->leg[i]
						   : r->names->ref[i - r->names->n_legs]);
	}
	return err_set(ERR_PARSE,
		       "a conversion knows the legs and refs of its strategy (%s), not \"%.*s\"",
		       known, len > 40 ? 40 : len, name);
}

/* A name counts with its power: `by` is 1 above a division, -1 below. */
static int name(struct reader *r, int by)
{
	const char *from = r->p;
	while (r->p < r->end && (isalnum((unsigned char)*r->p) || *r->p == '_'))
		r->p++;
	size_t len = (size_t)(r->p - from);
	for (unsigned i = 0; i < r->names->n_legs + r->names->n_refs; i++) {
		bool leg = i < r->names->n_legs;
		const char *known = leg ? r->names->leg[i] : r->names->ref[i - r->names->n_legs];
		if (strlen(known) == len && !memcmp(known, from, len)) {
			r->power[leg ? i : LEG_MAX + i - r->names->n_legs] += by;
			return 0;
		}
	}
	return unknown(r, from, (int)len);
}

/* What a constant says that it is. */
static int bracket(struct reader *r, double d, int by)
{
	const char *end = memchr(r->p, ']', (size_t)(r->end - r->p));
	struct unit u, one = unit_one();
	int64_t num, den;
	if (!end)
		return refuse(r, "a ] is missing behind the unit of a constant");
	int rc = unit_parse(r->p, (size_t)(end - r->p), &u);
	if (!rc && u.n && unit_alike(&u, &one)) {
		rc = unit_ratio_of(&u, &one, &num, &den);
		double right = (double)den / (double)num;
		if (!rc && fabs(d / right - 1) > FACTOR_OFF)
			return err_set(ERR_PARSE, "there are %.10g [%.*s], not %.10g", right,
				       (int)(end - r->p > 40 ? 40 : end - r->p), r->p, d);
	} else if (!rc && u.n == 0 && (u.num != 1 || u.den != 1)) {
		return refuse(r, "a pure number is marked with [1]");
	}
	if (!rc)
		rc = unit_mul(&r->stated, &u, by);
	r->p = end + 1;
	return rc ? err_ctx(-ERR_PARSE, "the unit of a constant") : 0;
}

static int number(struct reader *r, int by)
{
	char digits[number_max + 1];
	size_t n = 0;
	while (r->p + n < r->end && n < number_max &&
	       (isdigit((unsigned char)r->p[n]) || r->p[n] == '.' ||
		/* 1e-3: a sign belongs to the number only behind its exponent */
		((r->p[n] | 32) == 'e' && n) ||
		((r->p[n] == '-' || r->p[n] == '+') && n && (r->p[n - 1] | 32) == 'e')))
		n++;
	memcpy(digits, r->p, n);
	digits[n] = 0;
	char *end;
	double d = strtod(digits, &end);
	if (end != digits + n || !n)
		return refuse(r, "this is no number");
	if (!isfinite(d) || d <= 0)
		return refuse(r, "a constant of a conversion is above zero and finite");
	r->p += n;
	r->k = by > 0 ? r->k * d : r->k / d;
	if (sign(r, '['))
		return bracket(r, d, by);
	r->bare = by > 0 ? r->bare * d : r->bare / d;
	return 0;
}

static int product(struct reader *r, int by);

static int factor(struct reader *r, int by)
{
	blanks(r);
	if (r->p >= r->end)
		return refuse(r, "a number or a name is missing");
	if (isdigit((unsigned char)*r->p) || *r->p == '.')
		return number(r, by);
	if (isalpha((unsigned char)*r->p) || *r->p == '_')
		return name(r, by);
	if (!sign(r, '('))
		return refuse(r, "a number, a name or ( is expected");
	if (r->depth == depth_max)
		return refuse(r, "the parentheses are nested too deep");
	r->depth++;
	int rc = product(r, by);
	r->depth--;
	if (!rc && !sign(r, ')'))
		rc = refuse(r, "a ) is missing: a conversion multiplies and divides only");
	return rc;
}

static int product(struct reader *r, int by)
{
	int rc = factor(r, by);
	while (!rc) {
		if (sign(r, '*'))
			rc = factor(r, by);
		else if (sign(r, '/'))
			rc = factor(r, -by);
		else
			break;
	}
	return rc;
}

/* The leg that the value belongs to: exactly one, exactly once. */
static int the_leg(const struct reader *r)
{
	int leg = -1;
	for (unsigned i = 0; i < r->names->n_legs; i++) {
		if (!r->power[i])
			continue;
		if (leg >= 0)
			return err_set(ERR_PARSE,
				       "a conversion is of one leg; this one has %s and %s",
				       r->names->leg[leg], r->names->leg[i]);
		if (r->power[i] != 1)
			return err_set(
				ERR_PARSE,
				"the leg %s must stand once, above the division: its value rises with its price",
				r->names->leg[i]);
		leg = (int)i;
	}
	return leg >= 0 ? leg
			: err_set(ERR_PARSE,
				  "no leg in the conversion: it begins with one, as in \"%s * 2\"",
				  r->names->n_legs ? r->names->leg[0] : "near");
}

struct conv conv_none(void)
{
	return (struct conv){ .value.k = 1, .bare = 1, .stated = unit_one() };
}

int conv_parse(const char *text, size_t len, const struct conv_names *names, struct conv *out)
{
	struct reader r = { .p = text,
			    .end = text + len,
			    .names = names,
			    .k = 1,
			    .bare = 1,
			    .stated = unit_one() };
	int rc = product(&r, 1);
	if (rc)
		return rc;
	blanks(&r);
	if (r.p != r.end)
		return refuse(
			&r,
			"a conversion multiplies and divides only: + and - would not be linear in the price");
	int leg = the_leg(&r);
	if (leg < 0)
		return leg;
	if (!isfinite(r.k) || r.k < 1e-18 || r.k > 1e18)
		return err_set(ERR_PARSE,
			       "the constant of the conversion is %g; it must lie in 1e-18..1e18",
			       r.k);
	*out = (struct conv){ .value.k = r.k, .bare = r.bare, .stated = r.stated };
	for (unsigned i = 0; i < names->n_refs; i++) {
		int p = r.power[LEG_MAX + i];
		if (p > CONV_POWER_MAX || p < -CONV_POWER_MAX)
			return err_set(ERR_PARSE, "the reference %s stands more than %d times",
				       names->ref[i], CONV_POWER_MAX);
		out->value.power[i] = (int8_t)p;
	}
	return leg;
}
