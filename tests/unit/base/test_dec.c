/* Proves that decimals pass exactly between text, scales, steps and doubles, against models that
 * count in strings and 128 bits, and that the quick parser equals its plain twin byte for byte. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNTOUCHED 0x5a5a5a5a5a5a5a5aLL
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

static const enum dec_round rounds[] = { DEC_DOWN, DEC_UP, DEC_NEAREST };

/* Draws of every magnitude, not only the largest. */
static int64_t any_int(struct rng *r)
{
	int64_t v = (int64_t)(rng_next(r) >> rng_below(r, 64));
	return rng_chance(r, 500000) ? v : (int64_t)(0 - (uint64_t)v);
}

static const struct {
	const char *text;
	unsigned dp;
	int rc;
	int64_t value;
} cases[] = {
	{ "61837.64000000", 8, 0, 6183764000000 },
	{ "61837.64", 8, 0, 6183764000000 },
	{ "0", 0, 0, 0 },
	{ "-0", 8, 0, 0 },
	{ "-0.00000001", 8, 0, -1 },
	{ "-37.63", 2, 0, -3763 },
	{ "000000000000000000000000000012.50", 2, 0, 1250 },
	{ "1.50000000000000000000000000000000", 2, 0, 150 },
	{ "9223372036854775807", 0, 0, INT64_MAX },
	{ "-9223372036854775808", 0, 0, INT64_MIN },
	{ "92233720368.54775807", 8, 0, INT64_MAX },
	{ "9.223372036854775807", 18, 0, INT64_MAX },
	{ "9223372036854775808", 0, -ERR_RANGE, 0 },
	{ "-9223372036854775809", 0, -ERR_RANGE, 0 },
	{ "18446744073709551616", 0, -ERR_RANGE, 0 },
	{ "99999999999999999999999999999999999999999", 0, -ERR_RANGE, 0 },
	{ "10", 18, -ERR_RANGE, 0 },
	{ "12345678", 18, -ERR_RANGE, 0 },
	{ "1.001", 2, -ERR_RANGE, 0 },
	{ "61837.64000001", 2, -ERR_RANGE, 0 },
	{ "61837.64000000", 2, 0, 6183764 },
	{ "", 8, -ERR_PARSE, 0 },
	{ "-", 8, -ERR_PARSE, 0 },
	{ ".", 8, -ERR_PARSE, 0 },
	{ "+1", 8, -ERR_PARSE, 0 },
	{ ".5", 8, -ERR_PARSE, 0 },
	{ "5.", 8, -ERR_PARSE, 0 },
	{ "-.5", 8, -ERR_PARSE, 0 },
	{ "--5", 8, -ERR_PARSE, 0 },
	{ "1e5", 8, -ERR_PARSE, 0 },
	{ "1E5", 8, -ERR_PARSE, 0 },
	{ "1.2.3", 8, -ERR_PARSE, 0 },
	{ " 1", 8, -ERR_PARSE, 0 },
	{ "1 ", 8, -ERR_PARSE, 0 },
	{ "1,5", 8, -ERR_PARSE, 0 },
	{ "NaN", 8, -ERR_PARSE, 0 },
	{ "Infinity", 8, -ERR_PARSE, 0 },
	{ "-Infinity", 8, -ERR_PARSE, 0 },
	{ "0x123456789", 8, -ERR_PARSE, 0 },
	{ ".12345678901", 8, -ERR_PARSE, 0 },
	{ "12345678901.", 8, -ERR_PARSE, 0 },
	{ "-.12345678901", 8, -ERR_PARSE, 0 },
	{ "123.45678.01", 8, -ERR_PARSE, 0 },
	{ "123.45.8", 8, -ERR_PARSE, 0 },
	{ "1234567.890123.5", 8, -ERR_PARSE, 0 },
	{ "12345678\xb9", 8, -ERR_PARSE, 0 },
	{ "99999999999999999999999999999999999999999x", 0, -ERR_PARSE, 0 },
	{ "0.0000000000001x", 2, -ERR_PARSE, 0 },
};

START_TEST(forms_are_taken_and_refused)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		int (*const parsers[])(const char *, size_t, unsigned,
				       int64_t *) = { dec_parse, dec_parse_fast, dec_parse_bytes };
		for (size_t k = 0; k < COUNT(parsers); k++) {
			int64_t v = UNTOUCHED;
			int rc = parsers[k](cases[i].text, strlen(cases[i].text), cases[i].dp, &v);
			ck_assert_msg(rc == cases[i].rc, "\"%s\": %s", cases[i].text, err_name(rc));
			ck_assert_int_eq(v, rc ? UNTOUCHED : cases[i].value);
		}
	}
}
END_TEST

START_TEST(a_refusal_names_the_text_printably)
{
	int64_t v;
	ck_assert_int_eq(dec_parse("12\n\x1b[2J", 7, 8, &v), -ERR_PARSE);
	ck_assert_str_eq(err_text(), "\"12??[2J\" is not a decimal number such as -12.5");
	ck_assert_int_eq(dec_parse("0.123", 5, 2, &v), -ERR_RANGE);
	ck_assert_str_eq(err_text(), "\"0.123\" does not fit a number with 2 decimals in 64 bits");
	char longer[300];
	memset(longer, '9', sizeof(longer));
	ck_assert_int_eq(dec_parse(longer, sizeof(longer), 2, &v), -ERR_RANGE);
	ck_assert_ptr_nonnull(strstr(err_text(), "999...\""));
}
END_TEST

/* A text of n bytes that is nearly a decimal: most are, some are off by a byte. */
static void almost_decimal(struct rng *r, char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s[i] = (char)('0' + (rng_chance(r, 300000) ? 0 : rng_below(r, 10)));
	if (n && rng_chance(r, 800000))
		s[rng_below(r, n)] = '.';
	if (n && rng_chance(r, 300000))
		s[0] = '-';
	static const char odd[] = "-+.eE /:;0\x00\x7f\x80\xae\xb0\xb9\xff";
	if (n && rng_chance(r, 150000))
		s[rng_below(r, n)] = odd[rng_below(r, sizeof(odd) - 1)];
	if (n && rng_chance(r, 50000))
		s[rng_below(r, n)] = (char)rng_next(r);
}

START_TEST(the_quick_parser_equals_its_twin)
{
	struct rng r;
	rng_seed(&r, 1);
	unsigned accepted = 0, refused = 0, ranged = 0;
	for (int i = 0; i < 400000; i++) {
		/* An allocation of exactly n bytes, so that a sanitizer sees a read past it. */
		size_t n = rng_below(&r, 24);
		char *s = malloc(n ? n : 1);
		almost_decimal(&r, s, n);
		unsigned dp = (unsigned)rng_below(&r, DEC_DP_MAX + 1);
		int64_t fast = UNTOUCHED, bytes = UNTOUCHED;
		int rc = dec_parse_fast(s, n, dp, &fast);
		EXPECT_MSG(rc == dec_parse_bytes(s, n, dp, &bytes) && fast == bytes,
			   "\"%.*s\" at %u", (int)n, s, dp);
		accepted += rc == 0;
		refused += rc == -ERR_PARSE;
		ranged += rc == -ERR_RANGE;
		free(s);
	}
	ck_assert_uint_gt(accepted, 50000);
	ck_assert_uint_gt(refused, 50000);
	ck_assert_uint_gt(ranged, 20000);
}
END_TEST

START_TEST(nothing_beyond_the_text_is_read)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
	ck_assert_int_eq(mprotect(p + page, page, PROT_READ | PROT_WRITE), 0);
	for (size_t n = 1; n < 24; n++) {
		char text[24] = "-0000.000000000000000000";
		char *at[] = { p + page, p + 2 * page - n };
		for (size_t k = 0; k < 2; k++) {
			memcpy(at[k], text, n);
			int64_t v = UNTOUCHED;
			int rc = dec_parse_fast(at[k], n, 8, &v);
			ck_assert_int_eq(rc, n == 1 || n == 6 ? -ERR_PARSE : 0);
			ck_assert_int_eq(v, rc ? UNTOUCHED : 0);
		}
	}
	munmap(p, 3 * page);
}
END_TEST

/* What v at scale dp looks like with at least `show` decimals, made by moving characters. */
static void model_format(int64_t v, unsigned dp, unsigned show, char *out)
{
	char digits[64];
	uint64_t mag = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	int n = snprintf(digits, sizeof(digits), "%0*" PRIu64, (int)dp + 1, mag);
	int whole = n - (int)dp;
	sprintf(out, "%s%.*s.%s", v < 0 ? "-" : "", whole, digits, digits + whole);
	size_t len = strlen(out);
	size_t least = (size_t)(strchr(out, '.') - out) + 1 + (show < dp ? show : dp);
	while (len > least && out[len - 1] == '0')
		out[--len] = 0;
	if (out[len - 1] == '.')
		out[len - 1] = 0;
}

START_TEST(text_and_value_agree_both_ways)
{
	struct rng r;
	rng_seed(&r, 2);
	static const int64_t edges[] = { 0, 1, -1, 10, -10, INT64_MAX, INT64_MIN, INT64_MIN + 1 };
	for (int i = 0; i < 200000; i++) {
		int64_t v = i < 20000 ? edges[rng_below(&r, COUNT(edges))] : any_int(&r);
		unsigned dp = (unsigned)rng_below(&r, DEC_DP_MAX + 1);
		unsigned show = (unsigned)rng_below(&r, DEC_DP_MAX + 3);
		if (rng_chance(&r, 300000))
			v -= v % dec_pow10[rng_below(&r, DEC_DP_MAX + 1)];
		char text[24], expected[80];
		size_t n = dec_format(v, dp, show, text);
		model_format(v, dp, show, expected);
		EXPECT_MSG(strcmp(text, expected) == 0, "%s, not %s", text, expected);
		EXPECT(n == strlen(text));
		int64_t back = UNTOUCHED;
		EXPECT(dec_parse_fast(text, n, dp, &back) == 0 && back == v);
	}
}
END_TEST

/* Whether q is a * b / c rounded as r asks, by its definition: no division. */
static bool is_quotient(__int128 p, int64_t c, __int128 q, enum dec_round r)
{
	__int128 d = c;
	if (d < 0) {
		p = -p;
		d = -d;
	}
	__int128 rest = p - q * d;
	switch (r) {
	case DEC_DOWN:
		return rest >= 0 && rest < d;
	case DEC_UP:
		return rest <= 0 && rest > -d;
	case DEC_NEAREST:
		/* At a half q lies further from zero than p / d. */
		if (2 * rest == d || 2 * rest == -d)
			return p > 0 ? rest < 0 : rest > 0;
		return 2 * rest < d && 2 * rest > -d;
	}
	return false;
}

START_TEST(muldiv_rounds_by_definition)
{
	struct rng r;
	rng_seed(&r, 3);
	for (int i = 0; i < 300000; i++) {
		int64_t a = any_int(&r), b = any_int(&r), c = any_int(&r);
		if (i % 4 == 1) { /* a product of 64 bits goes its own way */
			a = rng_range(&r, -2000000000, 2000000000);
			b = rng_range(&r, -2000000000, 2000000000);
			c = i % 8 == 1 ? c : rng_range(&r, -1000000000, 1000000000);
		}
		if (i % 3 == 0)
			c = rng_range(&r, -20, 20); /* halves are rare otherwise */
		if (c == 0)
			c = 2;
		enum dec_round round = rounds[rng_below(&r, COUNT(rounds))];
		int64_t q = dec_muldiv(a, b, c, round);
		__int128 p = (__int128)a * b;
		if (q == INT64_MAX || q == INT64_MIN) {
			/* Saturated: the true quotient is that or lies beyond. */
			__int128 t = p / c;
			EXPECT(q == INT64_MAX ? t >= (__int128)INT64_MAX - 1
					      : t <= (__int128)INT64_MIN + 1);
		} else {
			EXPECT_MSG(is_quotient(p, c, q, round),
				   "%" PRId64 " * %" PRId64 " / %" PRId64 " -> %" PRId64, a, b, c,
				   q);
		}
	}
	ck_assert_int_eq(dec_muldiv(INT64_MIN, INT64_MIN, -1, DEC_DOWN), INT64_MIN);
	ck_assert_int_eq(dec_muldiv(INT64_MIN, 1, -1, DEC_DOWN), INT64_MAX);
	ck_assert_int_eq(dec_muldiv(INT64_MIN, 1, INT64_MIN, DEC_UP), 1);
	ck_assert_int_eq(dec_muldiv(INT64_MIN + 1, 1, INT64_MIN, DEC_NEAREST), 1);
	ck_assert_int_eq(dec_muldiv(1, 1, INT64_MIN, DEC_NEAREST), 0);
	ck_assert_int_eq(dec_muldiv(INT64_MAX, 1, 2, DEC_UP), INT64_MAX / 2 + 1);
	ck_assert_int_eq(dec_muldiv(-5, 1, 2, DEC_NEAREST), -3);
	ck_assert_int_eq(dec_muldiv(5, 1, 2, DEC_NEAREST), 3);
}
END_TEST

START_TEST(steps_and_scales_round_to_their_side)
{
	struct rng r;
	rng_seed(&r, 4);
	for (int i = 0; i < 200000; i++) {
		int64_t v = any_int(&r) / 4, step = any_int(&r) / 8;
		step = step < 0 ? -step : step == 0 ? 1 : step;
		enum dec_round round = rounds[rng_below(&r, COUNT(rounds))];
		int64_t to = dec_to_step(v, step, round);
		EXPECT(to % step == 0);
		EXPECT(is_quotient(v, step, to / step, round));

		unsigned from = (unsigned)rng_below(&r, 19), scale = (unsigned)rng_below(&r, 19);
		int64_t q = dec_rescale(v, from, scale, round);
		__int128 p = (__int128)v * dec_pow10[scale];
		if (q != INT64_MAX && q != INT64_MIN)
			EXPECT(is_quotient(p, dec_pow10[from], q, round));
		else
			EXPECT(q > 0 ? p / dec_pow10[from] >= INT64_MAX
				     : p / dec_pow10[from] <= INT64_MIN);
	}
	ck_assert_int_eq(dec_to_step(INT64_MAX, 1000, DEC_UP), INT64_MAX);
	ck_assert_int_eq(dec_to_step(INT64_MIN, 1000, DEC_DOWN), INT64_MIN);
	ck_assert_int_eq(dec_to_step(-37, 5, DEC_DOWN), -40);
	ck_assert_int_eq(dec_to_step(-37, 5, DEC_UP), -35);
}
END_TEST

/* The exact decimal expansion of a double, cut at dp decimals and rounded, by its characters. */
static int model_from_double(double d, unsigned dp, enum dec_round r, int64_t *out)
{
	static char text[1500];
	snprintf(text, sizeof(text), "%.1100f", fabs(d));
	char *point = strchr(text, '.');
	const char *rest = point + 1 + dp;
	bool lost = strspn(rest, "0") != strlen(rest), half = *rest >= '5';
	unsigned __int128 mag = 0;
	for (const char *c = text; c < rest; c++) {
		if (c == point)
			continue;
		mag = mag * 10 + (unsigned)(*c - '0');
		if (mag > (unsigned __int128)1 << 64)
			return -ERR_RANGE;
	}
	bool neg = signbit(d);
	unsigned __int128 nearest = mag + half;
	bool meant =
		nearest <= INT64_MAX && (double)(int64_t)nearest / (double)dec_pow10[dp] == fabs(d);
	if (meant || r == DEC_NEAREST)
		mag = nearest;
	else if (lost && (r == DEC_UP ? !neg : neg))
		mag++;
	if (mag > (unsigned __int128)INT64_MAX + neg)
		return -ERR_RANGE;
	*out = (int64_t)(neg ? 0 - (uint64_t)mag : (uint64_t)mag);
	return 0;
}

START_TEST(doubles_equal_their_exact_expansion)
{
	struct rng r;
	rng_seed(&r, 5);
	unsigned kept = 0;
	for (int i = 0; i < 20000; i++) {
		double d;
		uint64_t bits = rng_next(&r);
		if (i % 2) {
			/* Around what prices look like; random bits are nearly all huge or tiny. */
			d = (double)any_int(&r) / (double)dec_pow10[rng_below(&r, 19)];
		} else {
			memcpy(&d, &bits, sizeof(d));
			if (!isfinite(d))
				continue;
		}
		if (i % 5 == 0)
			d = (double)rng_range(&r, -4000, 4000) / 16; /* exact halves */
		unsigned dp = (unsigned)rng_below(&r, DEC_DP_MAX + 1);
		for (size_t k = 0; k < COUNT(rounds); k++) {
			int64_t got = UNTOUCHED, expected = UNTOUCHED;
			int rc = dec_from_double(d, dp, rounds[k], &got);
			EXPECT(rc == model_from_double(d, dp, rounds[k], &expected));
			EXPECT_MSG(got == expected, "%.17g at %u, %zu", d, dp, k);
			kept += rc == 0;
		}
	}
	ck_assert_uint_gt(kept, 10000);
}
END_TEST

START_TEST(a_value_survives_the_double_in_every_direction)
{
	struct rng r;
	rng_seed(&r, 6);
	for (int i = 0; i < 200000; i++) {
		int64_t v = any_int(&r) >> 12;
		unsigned dp = (unsigned)rng_below(&r, DEC_DP_MAX + 1);
		int64_t back = UNTOUCHED;
		enum dec_round round = rounds[rng_below(&r, COUNT(rounds))];
		EXPECT(dec_from_double(dec_to_double(v, dp), dp, round, &back) == 0);
		EXPECT(back == v);
	}
	int64_t v;
	ck_assert_int_eq(dec_from_double(0.29, 2, DEC_DOWN, &v), 0);
	ck_assert_int_eq(v, 29);
	ck_assert_int_eq(dec_from_double(0.1 + 0.2, 2, DEC_UP, &v), 0);
	ck_assert_int_eq(v, 31);
	static const double strange[] = { NAN, INFINITY, -INFINITY, 9.3e18, -9.3e18, 1e300 };
	for (size_t i = 0; i < COUNT(strange); i++)
		ck_assert_int_eq(dec_from_double(strange[i], 0, DEC_DOWN, &v), -ERR_RANGE);
	ck_assert_int_eq(dec_from_double(-0x1p63, 0, DEC_DOWN, &v), 0);
	ck_assert_int_eq(v, INT64_MIN);
	ck_assert_int_eq(dec_from_double(0x1p63, 0, DEC_DOWN, &v), -ERR_RANGE);
}
END_TEST

START_TEST(a_size_always_fits)
{
	struct rng r;
	rng_seed(&r, 7);
	for (int i = 0; i < 10000; i++) {
		int64_t v = any_int(&r), size = dec_abs(v);
		EXPECT(size >= 0);
		EXPECT(size == v || size + v == 0 || (v == INT64_MIN && size == INT64_MAX));
	}
	ck_assert_int_eq(dec_abs(INT64_MIN), INT64_MAX);
	ck_assert_int_eq(dec_abs(-INT64_MAX), INT64_MAX);
	ck_assert_int_eq(dec_abs(0), 0);
	ck_assert_int_eq(dec_abs(-7), 7);
}
END_TEST

SUITE("dec", a_size_always_fits, forms_are_taken_and_refused, a_refusal_names_the_text_printably,
      the_quick_parser_equals_its_twin, nothing_beyond_the_text_is_read,
      text_and_value_agree_both_ways, muldiv_rounds_by_definition,
      steps_and_scales_round_to_their_side, doubles_equal_their_exact_expansion,
      a_value_survives_the_double_in_every_direction)
