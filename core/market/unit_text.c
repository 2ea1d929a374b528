/* unit_text - units as people write them, and what to tell those who wrote something else. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/market/unit_part.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct {
	char wrong[UNIT_NAME];
	const char *right;
} slip[] = {
	{ "ton", "t (1,000 kg), ston (2,000 lb) or lton (2,240 lb)" },
	{ "tons", "t (1,000 kg), ston (2,000 lb) or lton (2,240 lb)" },
	{ "tonne", "t" },
	{ "mt", "t" },
	{ "MT", "t" },
	{ "gram", "g" },
	{ "grams", "g" },
	{ "KG", "kg" },
	{ "Kg", "kg" },
	{ "ounce", "ozt (troy) or oz (avoirdupois)" },
	{ "ounces", "ozt (troy) or oz (avoirdupois)" },
	{ "OZ", "ozt (troy) or oz (avoirdupois)" },
	{ "toz", "ozt" },
	{ "lbs", "lb" },
	{ "LB", "lb" },
	{ "pound", "lb, or GBP" },
	{ "barrel", "bbl" },
	{ "BBL", "bbl" },
	{ "gallon", "gal" },
	{ "mmBtu", "MMBtu" },
	{ "MMBTU", "MMBtu" },
	{ "lot", "contract" },
	{ "lots", "contract" },
	{ "contracts", "contract" },
	{ "point", "pt" },
	{ "bushel", "bu" },
	{ "cent", "USc" },
};

struct reader {
	const char *p, *end;
};

static int refuse(const struct reader *r, const char *what)
{
	int rest = (int)(r->end - r->p);
	return rest > 0 ? err_set(ERR_PARSE, "%s, at \"%.*s\"", what, rest > 40 ? 40 : rest, r->p)
			: err_set(ERR_PARSE, "%s, at the end of the unit", what);
}

static void blanks(struct reader *r)
{
	while (r->p < r->end && isspace((unsigned char)*r->p))
		r->p++;
}

static bool take(struct reader *r, const char *word)
{
	size_t n = strlen(word);
	blanks(r);
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n))
		return false;
	/* "per" is a word of its own, not the beginning of one. */
	if (isalpha((unsigned char)*word) && r->p + n < r->end && isalnum((unsigned char)r->p[n]))
		return false;
	r->p += n;
	return true;
}

static int unknown(const char *name)
{
	for (size_t i = 0; i < sizeof slip / sizeof *slip; i++)
		if (strcmp(slip[i].wrong, name) == 0)
			return err_set(ERR_PARSE, "\"%s\" is no unit: write %s", name,
				       slip[i].right);
	return err_set(
		ERR_PARSE,
		"\"%s\" is no unit: write g, kg, t, ozt (troy), oz, lb, ston, lton, tola, L, m3, bbl, gal, J, kWh, MWh, GJ, therm, MMBtu, "
		"USc, GBp, contract, pt, bu, or a currency or asset in capitals, such as CNY",
		name);
}

/* Known, or in capitals and digits with a letter among them. */
static bool is_name(const char *name)
{
	bool letter = false;
	if (unit_is_known(name))
		return true;
	for (size_t i = 0; i < sizeof slip / sizeof *slip; i++)
		if (strcmp(slip[i].wrong, name) == 0)
			return false;
	for (; *name; name++) {
		if (!isupper((unsigned char)*name) && !isdigit((unsigned char)*name))
			return false;
		letter |= isupper((unsigned char)*name) != 0;
	}
	return letter;
}

static int factor(struct reader *r, struct unit *u, int by)
{
	char name[UNIT_NAME];
	size_t n = 0;
	int power = 1;
	blanks(r);
	while (r->p + n < r->end && isalnum((unsigned char)r->p[n]))
		n++;
	if (n == 0)
		return refuse(r, "the name of a unit is missing");
	if (n >= UNIT_NAME)
		return refuse(r, "the name of a unit is too long");
	memcpy(name, r->p, n);
	name[n] = 0;
	if (strcmp(name, "1") != 0 && !is_name(name))
		return unknown(name);
	r->p += n;
	if (take(r, "^")) {
		blanks(r);
		if (r->p >= r->end || *r->p < '1' || *r->p > '8')
			return refuse(r, "a power is a digit from 1 to 8");
		power = *r->p++ - '0';
	}
	return name[0] == '1' && n == 1 ? 0 : unit_add_part(u, name, by * power);
}

/* "100" of "100 ozt", but not of "1INCH". */
static int number(struct reader *r, struct unit *u)
{
	size_t n = 0, point = 0;
	int64_t v;
	struct frac f;
	blanks(r);
	while (r->p + n < r->end && (isdigit((unsigned char)r->p[n]) || r->p[n] == '.')) {
		if (r->p[n] == '.')
			point = n + 1;
		n++;
	}
	if (n == 0 || (r->p + n < r->end && isalpha((unsigned char)r->p[n])))
		return 0;
	unsigned dp = point ? (unsigned)(n - point) : 0;
	int rc = dp > DEC_DP_MAX ? -ERR_RANGE : dec_parse_bytes(r->p, n, dp, &v);
	if (rc == -ERR_RANGE)
		return refuse(r, "a number that does not fit");
	if (rc || v <= 0 || !frac_make(v, dec_pow10[dp], &f))
		return refuse(r, "a number before a unit is above zero");
	r->p += n;
	return unit_scale(u, f, 1);
}

int unit_parse(const char *text, size_t len, struct unit *out)
{
	struct reader r = { text, text + len };
	struct unit u = unit_one();
	blanks(&r);
	if (r.p == r.end)
		return refuse(&r, "a unit is missing: write one such as CNY/g, ozt or contract");
	int rc = number(&r, &u);
	blanks(&r);
	bool alone = r.p == r.end || *r.p == '/'; /* "1 / g", "100" */
	if (!rc && !alone) {
		take(&r, "*");
		rc = factor(&r, &u, 1);
	}
	while (!rc) {
		if (take(&r, "*") || take(&r, "·"))
			rc = factor(&r, &u, 1);
		else if (take(&r, "/") || take(&r, "per"))
			rc = factor(&r, &u, -1);
		else
			break;
	}
	blanks(&r);
	if (!rc && r.p != r.end)
		rc = refuse(&r, "a unit multiplies and divides only");
	if (!rc)
		*out = u;
	return rc;
}

static size_t put(char *out, size_t at, const char *before, const struct unit_part *p)
{
	int power = p->power < 0 ? -p->power : p->power;
	/* Beyond eight the reader wants it in pieces. */
	for (; power > 0; power -= 8) {
		int n = power > 8 ? 8 : power;
		at += (size_t)snprintf(out + at, UNIT_TEXT - at, n > 1 ? "%s%s^%d" : "%s%s", before,
				       p->name, n);
		if (at >= UNIT_TEXT)
			return UNIT_TEXT - 1;
		if (p->power > 0)
			before = "·";
	}
	return at;
}

size_t unit_format(const struct unit *u, char *out)
{
	size_t at = 0;
	bool above = false;
	struct frac f = { u->num, u->den };
	unsigned dp = 0;
	for (; dp < DEC_DP_MAX && f.den != 1; dp++)
		if (!frac_mul(f, (struct frac){ 10, 1 }, &f))
			break;
	if (u->num != 1 || u->den != 1)
		at = f.den == 1 ? dec_format(f.num, dp, 0, out)
				: (size_t)snprintf(out, UNIT_TEXT, "%.12g",
						   (double)u->num / (double)u->den);
	for (unsigned i = 0; i < u->n; i++) {
		if (u->part[i].power < 0)
			continue;
		at = put(out, at, above ? "·" : at ? " " : "", &u->part[i]);
		above = true;
	}
	if (!at)
		at = (size_t)snprintf(out, UNIT_TEXT, "1");
	for (unsigned i = 0; i < u->n; i++)
		if (u->part[i].power < 0)
			at = put(out, at, "/", &u->part[i]);
	return at;
}
