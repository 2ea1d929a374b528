#include "adapters/import/moment.h"
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdbool.h>
#include <string.h>

#define SECOND_NS INT64_C(1000000000)
#define DAY_NS	  (86400 * SECOND_NS)

static const struct unit {
	const char *name;
	unsigned decimals; /* digits of a nanosecond count that stand behind its point */
	int64_t grain_ns;
} units[] = { { "ns", 0, 1 },
	      { "us", 3, 1000 },
	      { "ms", 6, 1000000 },
	      { "s", 9, SECOND_NS },
	      { "date", 0, 0 } };
_Static_assert(sizeof units / sizeof *units == moment_unit_max, "a row for each unit");

const char *moment_unit_name(enum moment_unit u)
{
	return (unsigned)u < moment_unit_max ? units[u].name : "?";
}

int64_t moment_grain_ns(enum moment_unit u)
{
	return (unsigned)u < moment_unit_max ? units[u].grain_ns : 0;
}

static size_t digits(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && (unsigned char)(p[i] - '0') <= 9)
		i++;
	return i;
}

enum moment_unit moment_unit_of(const char *p, size_t n)
{
	size_t whole = digits(p, n);
	bool number = whole == n ||
		      (p[whole] == '.' && digits(p + whole + 1, n - whole - 1) == n - whole - 1);
	if (!number || whole == 8)
		return whole >= 4 ? MOMENT_DATE : moment_unit_max;
	switch (whole) {
	case 10:
		return MOMENT_S;
	case 13:
		return MOMENT_MS;
	case 16:
		return MOMENT_US;
	case 19:
		return MOMENT_NS;
	default:
		return moment_unit_max;
	}
}

static int parse_number(const char *p, size_t n, unsigned decimals, int64_t *ns)
{
	/* 17 to 19 digits are the longest way through the decimals; the commonest in recordings. */
	if (decimals == 0 && n > 16 && n < 20) {
		int64_t high, low;
		if (*p == '-' || p[n - 8] == '-' || dec_parse_fast(p, n - 8, 0, &high) ||
		    dec_parse_fast(p + n - 8, 8, 0, &low))
			return -ERR_PARSE;
		return __builtin_mul_overflow(high, 100000000, &high) ||
				       __builtin_add_overflow(high, low, ns)
			       ? -ERR_RANGE
			       : 0;
	}
	const char *point = memchr(p, '.', n);
	if (point && (size_t)(p + n - point) > decimals + 1) {
		size_t kept = (size_t)(point - p) + (decimals ? decimals + 1 : 0);
		if (digits(point + 1, (size_t)(p + n - point) - 1) != (size_t)(p + n - point) - 1)
			return -ERR_PARSE;
		n = kept;
	}
	return dec_parse_fast(p, n, decimals, ns);
}

/* ---------------------------------------------------------------- dates */

struct cursor {
	const char *p, *end;
};

static bool take(struct cursor *c, size_t n, int64_t *out)
{
	if ((size_t)(c->end - c->p) < n || digits(c->p, n) != n)
		return false;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out = *out * 10 + (c->p[i] - '0');
	c->p += n;
	return true;
}

static bool pass(struct cursor *c, const char *any)
{
	if (c->p == c->end || !*c->p || !strchr(any, *c->p))
		return false;
	c->p++;
	return true;
}

static bool take_day(struct cursor *c, int64_t *day)
{
	int64_t y, m, d;
	if (!take(c, 4, &y))
		return false;
	bool apart = pass(c, "-./");
	if (!take(c, 2, &m) || (apart && !pass(c, "-./")) || !take(c, 2, &d))
		return false;
	int64_t date = (y * 100 + m) * 100 + d;
	if (y < 1970 || y > 2261 || !date_ok(date))
		return false;
	*day = date_days((int32_t)date);
	return true;
}

/* "23:54:00.123", "2354", "235400123": minutes, then perhaps seconds, then perhaps a fraction. */
static bool take_time(struct cursor *c, int64_t *ns)
{
	int64_t h, m, s = 0, fraction = 0;
	if (!take(c, 2, &h))
		return false;
	bool apart = pass(c, ":");
	if (!take(c, 2, &m))
		return false;
	if (apart ? pass(c, ":") : digits(c->p, (size_t)(c->end - c->p)) >= 2) {
		if (!take(c, 2, &s))
			return false;
		bool point = pass(c, ".,");
		size_t n = digits(c->p, (size_t)(c->end - c->p));
		if ((point && !n) || (!point && n && (apart || n % 3)))
			return false;
		for (size_t i = 0; i < 9; i++)
			fraction = fraction * 10 + (i < n ? c->p[i] - '0' : 0);
		c->p += n;
	}
	*ns = ((h * 60 + m) * 60 + s) * SECOND_NS + fraction;
	return h < 24 && m < 60 && s < 61;
}

/* "Z", " UTC", "+08:00", "-0500", or nothing. */
static bool take_zone(struct cursor *c, int64_t *ahead_ns)
{
	int64_t h, m = 0;
	*ahead_ns = 0;
	pass(c, " ");
	if (c->end - c->p == 3 && (!memcmp(c->p, "UTC", 3) || !memcmp(c->p, "GMT", 3))) {
		c->p = c->end;
		return true;
	}
	if (c->p == c->end || pass(c, "Zz"))
		return true;
	bool west = *c->p == '-';
	if (!pass(c, "+-") || !take(c, 2, &h))
		return false;
	if (c->p < c->end && (pass(c, ":"), !take(c, 2, &m)))
		return false;
	*ahead_ns = (h * 60 + m) * 60 * SECOND_NS * (west ? -1 : 1);
	return h < 24 && m < 60;
}

static int parse_date(const char *p, size_t n, int64_t *ns)
{
	struct cursor c = { p, p + n };
	int64_t day, time = 0, ahead = 0;
	if (!take_day(&c, &day))
		return -ERR_PARSE;
	if (c.p < c.end && (!pass(&c, "T t-") || !take_time(&c, &time) || !take_zone(&c, &ahead)))
		return -ERR_PARSE;
	*ns = day * DAY_NS + time - ahead;
	return c.p == c.end ? 0 : -ERR_PARSE;
}

int moment_time_of_day(const char *p, size_t n, int64_t *ns)
{
	struct cursor c = { p, p + n };
	return take_time(&c, ns) && c.p == c.end ? 0 : -ERR_PARSE;
}

int moment_parse(const char *p, size_t n, enum moment_unit u, int64_t *ns)
{
	if (u >= moment_unit_max)
		u = moment_unit_of(p, n);
	if (u == moment_unit_max)
		return -ERR_PARSE;
	if (u == MOMENT_DATE)
		return parse_date(p, n, ns);
	int rc = parse_number(p, n, units[u].decimals, ns);
	return rc == 0 && *ns < 0 ? -ERR_RANGE : rc;
}
