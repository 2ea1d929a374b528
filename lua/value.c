#include "lua/value.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIGITS_MAX 64

/* A number taken apart: digits without leading zeros, times ten to the power. */
struct digits {
	bool neg;
	unsigned n;
	int power;
	char c[DIGITS_MAX];
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [+-]digits[.digits][e[+-]digits]; how many bytes of s that was, 0: it is none. */
static size_t take_digits(const char *s, size_t n, struct digits *d)
{
	*d = (struct digits){ .neg = n > 0 && s[0] == '-' };
	size_t i = n > 0 && (s[0] == '-' || s[0] == '+'), seen = 0;
	bool point = false;
	for (; i < n && (is_digit(s[i]) || (s[i] == '.' && !point)); i++) {
		if (s[i] == '.') {
			point = true;
			continue;
		}
		seen++;
		d->power -= point;
		if (d->n == 0 && s[i] == '0')
			continue;
		if (d->n == DIGITS_MAX)
			return 0;
		d->c[d->n++] = s[i];
	}
	if (seen == 0 || s[i - 1] == '.')
		return 0;
	/* "5e" could be the start of a unit, so an exponent must have digits. */
	size_t e = i + 1;
	if (i < n && (s[i] == 'e' || s[i] == 'E') && e < n) {
		bool minus = s[e] == '-';
		e += s[e] == '-' || s[e] == '+';
		int power = 0;
		size_t start = e;
		for (; e < n && is_digit(s[e]) && power < 1000; e++)
			power = power * 10 + (s[e] - '0');
		if (e > start) {
			d->power += minus ? -power : power;
			i = e;
		}
	}
	return i;
}

/* Times 10^shift as an integer: -ERR_PARSE when decimals would be lost, -ERR_RANGE when it does not fit. */
static int digits_int(struct digits d, int shift, int64_t *out)
{
	int power = d.power + shift;
	while (d.n > 0 && power < 0 && d.c[d.n - 1] == '0') {
		d.n--;
		power++;
	}
	if (d.n == 0) {
		*out = 0;
		return 0;
	}
	if (power < 0)
		return -ERR_PARSE;
	if (power > 20)
		return -ERR_RANGE;
	int64_t v = 0;
	for (unsigned i = 0; i < d.n + (unsigned)power; i++) {
		int digit = i < d.n ? d.c[i] - '0' : 0;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v))
			return -ERR_RANGE;
	}
	/* Counted downwards, where the range is one larger. */
	if (!d.neg && v == INT64_MIN)
		return -ERR_RANGE;
	*out = d.neg ? v : -v;
	return 0;
}

static int too_fine(const char *s, size_t n, const char *step)
{
	return err_set(
		ERR_PARSE,
		"is %.*s, finer than %s; nothing is rounded here, since the rest would be lost without a word; leave the "
		"decimals beyond out",
		(int)n, s, step);
}

static int too_large(const char *s, size_t n)
{
	return err_set(
		ERR_RANGE,
		"is %.*s, too large; it does not fit 64 bits at its scale; write a smaller one",
		(int)n, s);
}

static int not_a(const char *s, size_t n, const char *what, const char *such_as)
{
	return err_set(ERR_PARSE,
		       "is \"%.*s\", which is no %s; it could not be used; write something like %s",
		       (int)(n < 60 ? n : 60), s, what, such_as);
}

int value_decimal(const char *s, size_t n, unsigned dp, int64_t *out)
{
	struct digits d;
	if (take_digits(s, n, &d) != n || n == 0)
		return not_a(s, n, "decimal number", "0.001");
	int rc = digits_int(d, (int)dp, out);
	char step[32];
	if (rc == -ERR_PARSE) {
		dec_format(1, dp, dp, step);
		return too_fine(s, n, step);
	}
	return rc ? too_large(s, n) : 0;
}

/* A unit is worth unit * 10^power of what is counted. */
struct unit {
	const char *name;
	int64_t unit;
	int power;
};

/* A number and one of the units. -ERR_ARG: the unit is missing. */
static int with_unit(const char *s, size_t n, const struct unit *units, int shift, int64_t *out)
{
	struct digits d;
	size_t at = take_digits(s, n, &d);
	if (at == 0)
		return -ERR_NOTFOUND;
	while (at < n && s[at] == ' ')
		at++;
	if (at == n && d.n == 0) {
		*out = 0;
		return 0;
	}
	if (at == n)
		return -ERR_ARG;
	for (const struct unit *u = units; u->name; u++) {
		if (strlen(u->name) != n - at || memcmp(u->name, s + at, n - at))
			continue;
		/* 1.5 h: the unit is multiplied in before decimals are judged; at most 15 of them are kept apart. */
		int64_t whole;
		int frac = d.power < 0 ? (d.power < -15 ? 15 : -d.power) : 0;
		int rc = digits_int(d, frac, &whole);
		if (rc)
			return rc;
		__int128 v = (__int128)whole * u->unit;
		for (int p = u->power + shift - frac; p != 0; p += p < 0 ? 1 : -1) {
			if (p < 0 && v % 10)
				return -ERR_PARSE;
			v = p < 0 ? v / 10 : v * 10;
			if (v > (__int128)INT64_MAX * 1000000000 * 1000000000 ||
			    v < (__int128)INT64_MIN * 1000000000 * 1000000000)
				return -ERR_RANGE;
		}
		if (v > INT64_MAX || v < INT64_MIN)
			return -ERR_RANGE;
		*out = (int64_t)v;
		return 0;
	}
	return -ERR_NOTFOUND;
}

int value_duration(const char *s, size_t n, int64_t *ns)
{
	static const struct unit units[] = {
		{ "ns", 1, 0 },	  { "us", 1, 3 },   { "ms", 1, 6 },    { "s", 1, 9 },
		{ "min", 60, 9 }, { "h", 3600, 9 }, { "d", 86400, 9 }, { 0 },
	};
	int64_t v = 0;
	int rc = with_unit(s, n, units, 0, &v);
	if (rc == -ERR_ARG)
		return err_set(
			ERR_PARSE,
			"is %.*s, a time without a unit; that could be seconds or milliseconds; write \"%.*sms\" or \"%.*ss\"",
			(int)n, s, (int)n, s, (int)n, s);
	if (rc == -ERR_PARSE)
		return too_fine(s, n, "1ns");
	if (rc == -ERR_RANGE)
		return too_large(s, n);
	if (rc || v < 0)
		return not_a(s, n, "duration", "\"600ms\", \"2s\", \"5min\" or \"1h\"");
	*ns = v;
	return 0;
}

int value_rate(const char *s, size_t n, unsigned dp, int64_t *out)
{
	static const struct unit units[] = {
		{ "bp", 1, -4 }, { "ppm", 1, -6 }, { "%", 1, -2 }, { 0 }
	};
	int rc = with_unit(s, n, units, (int)dp, out);
	if (rc == -ERR_ARG)
		return err_set(
			ERR_PARSE,
			"is %.*s, a rate without a unit; that could be per cent or a part of one; write \"10bp\", \"0.1%%\" or \"1000ppm\"",
			(int)n, s);
	char step[32];
	if (rc == -ERR_PARSE) {
		dec_format(1, dp, dp, step);
		return too_fine(s, n, step);
	}
	if (rc == -ERR_RANGE)
		return too_large(s, n);
	return rc ? not_a(s, n, "rate", "\"10bp\", \"0.1%\" or \"500ppm\"") : 0;
}

int value_bytes(const char *s, size_t n, int64_t *out)
{
	static const struct unit units[] = {
		{ "B", 1, 0 }, { "KiB", 1 << 10, 0 }, { "MiB", 1 << 20, 0 }, { "GiB", 1 << 30, 0 },
		{ 0 },
	};
	int64_t v = 0;
	int rc = with_unit(s, n, units, 0, &v);
	if (rc == -ERR_ARG)
		rc = value_decimal(s, n, 0, &v);
	if (rc == -ERR_RANGE)
		return too_large(s, n);
	if (rc || v < 0)
		return not_a(s, n, "size", "\"64MiB\", \"512KiB\" or \"1GiB\"");
	*out = v;
	return 0;
}

static int64_t common(int64_t a, int64_t b)
{
	while (b) {
		int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* Positive, as an integer and how many of its digits are decimals. */
static bool positive(const char *s, size_t n, int64_t *v, int *dp)
{
	while (n > 0 && s[0] == ' ') {
		s++;
		n--;
	}
	while (n > 0 && s[n - 1] == ' ')
		n--;
	struct digits d;
	if (n == 0 || take_digits(s, n, &d) != n)
		return false;
	while (d.n > 0 && d.power < 0 && d.c[d.n - 1] == '0') {
		d.n--;
		d.power++;
	}
	*dp = d.power < 0 ? -d.power : 0;
	return *dp <= DEC_DP_MAX && digits_int(d, *dp, v) == 0 && *v > 0;
}

int value_ratio(const char *s, size_t n, int64_t *num, int64_t *den)
{
	const char *slash = memchr(s, '/', n);
	size_t n_num = slash ? (size_t)(slash - s) : n;
	int64_t a = 0, b = 1;
	int a_dp = 0, b_dp = 0;
	if (!positive(s, n_num, &a, &a_dp) ||
	    (slash && !positive(slash + 1, n - n_num - 1, &b, &b_dp)))
		return not_a(s, n, "positive ratio", "1, 0.001 or \"1/31.1034768\"");
	int64_t *fine = a_dp < b_dp ? &a : &b;
	if (__builtin_mul_overflow(*fine, dec_pow10[abs(a_dp - b_dp)], fine))
		return too_large(s, n);
	int64_t both = common(a, b);
	*num = a / both;
	*den = b / both;
	return 0;
}

/* The digits at pos, or -1. */
static int two(const char *s, size_t pos, size_t width)
{
	int v = 0;
	for (size_t i = pos; i < pos + width; i++) {
		if (!is_digit(s[i]))
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

int value_time(const char *s, size_t n, int64_t *utc_ns)
{
	static const char shape[] = "0000-00-00T00:00:00Z";
	bool ok = n == sizeof(shape) - 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = shape[i] == '0' ? is_digit(s[i]) : s[i] == shape[i];
	struct tm t = { 0 }, back;
	time_t at = 0;
	if (ok) {
		t = (struct tm){ .tm_year = two(s, 0, 4) - 1900,
				 .tm_mon = two(s, 5, 2) - 1,
				 .tm_mday = two(s, 8, 2),
				 .tm_hour = two(s, 11, 2),
				 .tm_min = two(s, 14, 2),
				 .tm_sec = two(s, 17, 2) };
		back = t;
		at = timegm(&back);
		/* timegm carries 31 February over into March; a date must be one as it stands. */
		ok = back.tm_year == t.tm_year && back.tm_mon == t.tm_mon &&
		     back.tm_mday == t.tm_mday && back.tm_hour == t.tm_hour &&
		     back.tm_min == t.tm_min && back.tm_sec == t.tm_sec && t.tm_year >= 70 &&
		     t.tm_year <= 300;
	}
	if (!ok)
		return not_a(s, n, "date and time in UTC between 1970 and 2200",
			     "\"2026-12-25T08:00:00Z\"");
	*utc_ns = (int64_t)at * 1000000000;
	return 0;
}
