#include "core/market/unit_part.h"

#include "core/base/err.h"
#include "core/base/frac.h"
#include <string.h>

/* What is measured: itself for a name that is not in the table. */
static const struct known {
	char name[UNIT_NAME], of[UNIT_NAME];
	int64_t num, den;
} known[] = {
	{ "g", "g", 1, 1 },
	{ "kg", "g", 1000, 1 },
	{ "t", "g", 1000000, 1 },
	{ "ozt", "g", 311034768, 10000000 },
	{ "oz", "g", 45359237, 1600000 },
	{ "lb", "g", 45359237, 100000 },
	{ "ston", "g", 45359237, 50 },
	{ "lton", "g", 10160469088, 10000 },
	{ "tola", "g", 116638038, 10000000 },
	{ "L", "L", 1, 1 },
	{ "m3", "L", 1000, 1 },
	{ "gal", "L", 3785411784, 1000000000 },
	{ "bbl", "L", 158987294928, 1000000000 },
	{ "J", "J", 1, 1 },
	{ "kWh", "J", 3600000, 1 },
	{ "MWh", "J", 3600000000, 1 },
	{ "GJ", "J", 1000000000, 1 },
	{ "therm", "J", 105505585262, 1000 },
	{ "MMBtu", "J", 105505585262, 100 },
	{ "USc", "USD", 1, 100 },
	{ "GBp", "GBP", 1, 100 },
	{ "contract", "contract", 1, 1 },
	{ "pt", "pt", 1, 1 },
	{ "bu", "bu", 1, 1 },
};
#define KNOWN (sizeof known / sizeof *known)

static const struct known *find(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

bool unit_is_known(const char *name)
{
	return find(name) != NULL;
}

const char *unit_sibling(const char *name, unsigned i)
{
	const struct known *k = find(name);
	for (size_t j = 0; k && j < KNOWN; j++)
		if (strcmp(known[j].of, k->of) == 0 && i-- == 0)
			return known[j].name;
	return NULL;
}

struct unit unit_one(void)
{
	return (struct unit){ .num = 1, .den = 1 };
}

int unit_named(const char *name, struct unit *out)
{
	size_t n = strlen(name);
	if (n == 0 || n >= UNIT_NAME)
		return err_set(ERR_RANGE, "\"%.40s\" is no name of a unit: 1 to %d characters",
			       name, UNIT_NAME - 1);
	*out = unit_one();
	memcpy(out->part[0].name, name, n + 1);
	out->part[0].power = 1;
	out->n = 1;
	return 0;
}

int unit_add_part(struct unit *u, const char *name, int power)
{
	unsigned i = 0;
	while (i < u->n && strcmp(u->part[i].name, name) != 0)
		i++;
	int sum = power + (i < u->n ? u->part[i].power : 0);
	if (sum > UNIT_POWER || sum < -UNIT_POWER || (i == UNIT_PARTS && sum))
		return err_set(ERR_RANGE, "a unit has at most %d parts and powers to %d: %s",
			       UNIT_PARTS, UNIT_POWER, name);
	if (i == u->n && sum) {
		u->n++;
		memcpy(u->part[i].name, name, UNIT_NAME);
	}
	if (sum) {
		u->part[i].power = (int8_t)sum;
	} else if (i < u->n) {
		memmove(&u->part[i], &u->part[i + 1], (u->n - i - 1u) * sizeof u->part[0]);
		u->n--;
	}
	return 0;
}

int unit_scale(struct unit *u, struct frac by, int power)
{
	struct frac f = { u->num, u->den };
	for (int i = power < 0 ? -power : power; i > 0; i--)
		if (!(power < 0 ? frac_div(f, by, &f) : frac_mul(f, by, &f)))
			return err_set(ERR_RANGE, "the factor of this unit does not fit 64 bits");
	u->num = f.num;
	u->den = f.den;
	return 0;
}

int unit_mul(struct unit *u, const struct unit *by, int power)
{
	struct unit sum = *u;
	int rc = unit_scale(&sum, (struct frac){ by->num, by->den }, power);
	for (unsigned i = 0; !rc && i < by->n; i++)
		rc = unit_add_part(&sum, by->part[i].name, by->part[i].power * power);
	if (!rc)
		*u = sum;
	return rc;
}

int unit_reduce(const struct unit *u, struct unit *out)
{
	struct unit sum = { .num = u->num, .den = u->den };
	int rc = 0;
	for (unsigned i = 0; !rc && i < u->n; i++) {
		const struct unit_part *p = &u->part[i];
		const struct known *k = find(p->name);
		if (k)
			rc = unit_scale(&sum, (struct frac){ k->num, k->den }, p->power);
		if (!rc)
			rc = unit_add_part(&sum, k ? k->of : p->name, p->power);
	}
	if (!rc)
		*out = sum;
	return rc;
}

/* The power of what `of` names, over all parts that measure it. */
static int power_of(const struct unit *u, const char *of)
{
	int sum = 0;
	for (unsigned i = 0; i < u->n; i++) {
		const struct known *k = find(u->part[i].name);
		if (strcmp(k ? k->of : u->part[i].name, of) == 0)
			sum += u->part[i].power;
	}
	return sum;
}

bool unit_alike(const struct unit *a, const struct unit *b)
{
	for (unsigned i = 0; i < a->n + b->n; i++) {
		const struct unit_part *p = i < a->n ? &a->part[i] : &b->part[i - a->n];
		const struct known *k = find(p->name);
		const char *of = k ? k->of : p->name;
		if (power_of(a, of) != power_of(b, of))
			return false;
	}
	return true;
}

int unit_ratio_of(const struct unit *from, const struct unit *to, int64_t *num, int64_t *den)
{
	struct unit q = *from, r;
	char a[UNIT_TEXT], b[UNIT_TEXT], left[UNIT_TEXT];
	int rc = unit_mul(&q, to, -1);
	if (!rc)
		rc = unit_reduce(&q, &r);
	if (!rc && r.n) {
		r.num = r.den = 1;
		unit_format(from, a);
		unit_format(to, b);
		unit_format(&r, left);
		return err_set(ERR_ARG,
			       "%.80s and %.80s do not measure the same thing: %.80s is left over",
			       a, b, left);
	}
	if (!rc) {
		*num = r.num;
		*den = r.den;
	}
	return rc;
}

int unit_ratio(const char *from, const char *to, int64_t *num, int64_t *den)
{
	struct unit a, b;
	int rc = unit_parse(from, strlen(from), &a);
	if (!rc)
		rc = unit_parse(to, strlen(to), &b);
	return rc ? rc : unit_ratio_of(&a, &b, num, den);
}

int unit_notional(const char *px_unit, const char *base_unit, const char *base, const char *quote,
		  int64_t *num, int64_t *den)
{
	struct unit px, counted, money;
	*num = *den = 1;
	if (!px_unit[0])
		return 0;
	int rc = unit_parse(px_unit, strlen(px_unit), &px);
	if (!rc)
		rc = base_unit[0] ? unit_parse(base_unit, strlen(base_unit), &counted)
				  : unit_named(base, &counted);
	if (!rc)
		rc = unit_named(quote, &money);
	if (!rc)
		rc = unit_mul(&px, &counted, 1);
	if (!rc)
		rc = unit_ratio_of(&px, &money, num, den);
	return rc;
}
