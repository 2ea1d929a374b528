#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdbool.h>
#include <string.h>

const int64_t dec_pow10[DEC_DP_MAX + 1] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
};

#define MAGNITUDE_MAX ((uint64_t)INT64_MAX)

/* A magnitude with its sign; the negative side reaches one further. */
static int put_signed(uint64_t mag, bool neg, int64_t *out)
{
	if (mag > MAGNITUDE_MAX + neg)
		return -ERR_RANGE;
	*out = (int64_t)(neg ? 0 - mag : mag);
	return 0;
}

static int64_t saturate(__int128 v)
{
	if (v > INT64_MAX)
		return INT64_MAX;
	return v < INT64_MIN ? INT64_MIN : (int64_t)v;
}

/* Appends a digit to *v; false when it no longer fits 64 bits. */
static bool push_digit(uint64_t *v, unsigned digit)
{
	return !__builtin_mul_overflow(*v, 10u, v) && !__builtin_add_overflow(*v, digit, v);
}

int dec_parse_bytes(const char *s, size_t n, unsigned dp, int64_t *out)
{
	must(dp <= DEC_DP_MAX);
	bool neg = n > 0 && s[0] == '-';
	size_t i = neg, start = i;
	uint64_t v = 0;
	bool fits = true;
	for (; i < n && (unsigned char)(s[i] - '0') <= 9; i++)
		fits = fits && push_digit(&v, (unsigned)(s[i] - '0'));
	if (i == start)
		return -ERR_PARSE;
	unsigned decimals = 0;
	if (i < n) {
		if (s[i++] != '.' || i == n)
			return -ERR_PARSE;
		for (; i < n && (unsigned char)(s[i] - '0') <= 9; i++) {
			/* Beyond the scale a zero says nothing and anything else cannot be kept. */
			if (decimals == dp)
				fits = fits && s[i] == '0';
			else {
				fits = fits && push_digit(&v, (unsigned)(s[i] - '0'));
				decimals++;
			}
		}
		if (i < n)
			return -ERR_PARSE;
	}
	if (!fits || __builtin_mul_overflow(v, (uint64_t)dec_pow10[dp - decimals], &v))
		return -ERR_RANGE;
	return put_signed(v, neg, out);
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#define EACH(byte) (0x0101010101010101ull * (byte))

/* 0x80 in each byte that is above 9. */
static inline uint64_t above_nine(uint64_t x)
{
	return (((x & EACH(0x7f)) + EACH(0x80 - 10)) | x) & EACH(0x80);
}

/* Eight digits, the first in the lowest byte -> their number: pairs, then fours, then all. */
static inline uint64_t eight_digits(uint64_t x)
{
	x = x * 10 + (x >> 8);
	return (((x & 0x000000ff000000ffull) * (100 + (1000000ull << 32))) +
		(((x >> 16) & 0x000000ff000000ffull) * (1 + (10000ull << 32)))) >>
	       32;
}

/* 8 to 16 bytes without a sign -> their digits as one number and how many stand after the point.
 * The text lies right-aligned in two words, so that what a shift brings in reads as leading zeros;
 * the two loads overlap where n < 16 and so never leave the text. */
static inline bool swar_digits(const char *s, size_t n, uint64_t *v, unsigned *decimals)
{
	uint64_t hi, lo;
	memcpy(&hi, s, 8);
	memcpy(&lo, s + n - 8, 8);
	/* Two steps, since n == 8 shifts all of it out and a shift by 64 has no meaning. */
	unsigned gap = (unsigned)(16 - n);
	hi = (hi ^ EACH('0')) << (4 * gap) << (4 * gap);
	lo ^= EACH('0');
	uint64_t odd_hi = above_nine(hi), odd_lo = above_nine(lo);
	*decimals = 0;
	if (odd_hi | odd_lo) {
		/* One byte that is no digit, and it must be a point with digits on both sides. */
		if ((odd_hi && odd_lo) || (odd_hi & (odd_hi - 1)) || (odd_lo & (odd_lo - 1)))
			return false;
		unsigned at = (unsigned)__builtin_ctzll(odd_hi | odd_lo) - 7;
		unsigned before = at / 8 + (odd_lo ? 8 : 0);
		if ((((odd_lo ? lo : hi) >> at) & 0xff) != ('.' ^ '0') || before == gap ||
		    before == 15)
			return false;
		/* What stands before the point moves up by one byte, over it. */
		uint64_t below = (1ull << at) - 1, above = ~below << 8;
		if (odd_lo) {
			lo = (lo & above) | (lo & below) << 8 | hi >> 56;
			hi <<= 8;
		} else {
			hi = (hi & above) | (hi & below) << 8;
		}
		*decimals = 15 - before;
	}
	*v = eight_digits(hi) * 100000000u + eight_digits(lo);
	return true;
}

int dec_parse_fast(const char *s, size_t n, unsigned dp, int64_t *out)
{
	must(dp <= DEC_DP_MAX);
	bool neg = n > 0 && s[0] == '-';
	size_t len = n - neg;
	if (len < 8 || len > 16)
		return dec_parse_bytes(s, n, dp, out);
	uint64_t v;
	unsigned decimals;
	if (!swar_digits(s + neg, len, &v, &decimals))
		return -ERR_PARSE;
	if (decimals > dp)
		return dec_parse_bytes(s, n, dp, out);
	if (__builtin_mul_overflow(v, (uint64_t)dec_pow10[dp - decimals], &v))
		return -ERR_RANGE;
	return put_signed(v, neg, out);
}

#else

int dec_parse_fast(const char *s, size_t n, unsigned dp, int64_t *out)
{
	return dec_parse_bytes(s, n, dp, out);
}

#endif

int dec_parse(const char *s, size_t n, unsigned dp, int64_t *out)
{
	int rc = dec_parse_fast(s, n, dp, out);
	if (rc == 0)
		return 0;
	char seen[41];
	size_t k = 0;
	for (; k < n && k < sizeof(seen) - 1; k++)
		seen[k] = s[k] >= ' ' && s[k] <= '~' ? s[k] : '?';
	seen[k] = 0;
	const char *more = k < n ? "..." : "";
	if (rc == -ERR_PARSE)
		return err_set(ERR_PARSE, "\"%s%s\" is not a decimal number such as -12.5", seen,
			       more);
	return err_set(ERR_RANGE, "\"%s%s\" does not fit a number with %u decimals in 64 bits",
		       seen, more, dp);
}

size_t dec_format(int64_t v, unsigned dp, unsigned show, char *out)
{
	must(dp <= DEC_DP_MAX);
	uint64_t mag = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	for (; dp > show && mag % 10 == 0; dp--)
		mag /= 10;
	char digits[24];
	size_t at = sizeof(digits);
	/* At least one digit before the point. */
	for (unsigned written = 0; mag || written <= dp; written++, mag /= 10) {
		if (written == dp && dp > 0)
			digits[--at] = '.';
		digits[--at] = (char)('0' + mag % 10);
	}
	if (v < 0)
		digits[--at] = '-';
	size_t len = sizeof(digits) - at;
	memcpy(out, digits + at, len);
	out[len] = 0;
	return len;
}

/* The same in 64 bits; c is not -1. The quotient has a neighbour only where |c| is two or more, so it cannot leave the range. */
static int64_t div_small(int64_t product, int64_t c, enum dec_round r)
{
	int64_t q = product / c, rest = product % c;
	if (rest == 0)
		return q;
	int away = (product < 0) == (c < 0) ? 1 : -1;
	uint64_t rest_abs = rest < 0 ? -(uint64_t)rest : (uint64_t)rest;
	uint64_t c_abs = c < 0 ? -(uint64_t)c : (uint64_t)c;
	bool step = r == DEC_NEAREST ? rest_abs >= c_abs - rest_abs : (r == DEC_UP) == (away > 0);
	return step ? q + away : q;
}

int64_t dec_muldiv(int64_t a, int64_t b, int64_t c, enum dec_round r)
{
	must(c != 0);
	int64_t small;
	/* Most products fit, and one division of 64 bits costs a fraction of the library's of 128. */
	if (!__builtin_mul_overflow(a, b, &small) && c != -1)
		return div_small(small, c, r);
	__int128 product = (__int128)a * b, q = product / c, rest = product - q * c;
	if (rest == 0)
		return saturate(q);
	/* q was cut toward zero; `away` is the step to its other neighbour. */
	int away = (product < 0) == (c < 0) ? 1 : -1;
	__int128 rest2 = 2 * (rest < 0 ? -rest : rest), whole = c < 0 ? -(__int128)c : c;
	bool step = r == DEC_NEAREST ? rest2 >= whole : (r == DEC_UP) == (away > 0);
	return saturate(step ? q + away : q);
}

int64_t dec_to_step(int64_t v, int64_t step, enum dec_round r)
{
	must(step > 0);
	return saturate((__int128)dec_muldiv(v, 1, step, r) * step);
}

int64_t dec_rescale(int64_t v, unsigned from, unsigned to, enum dec_round r)
{
	must(from <= DEC_DP_MAX && to <= DEC_DP_MAX);
	if (to >= from)
		return saturate((__int128)v * dec_pow10[to - from]);
	return dec_muldiv(v, 1, dec_pow10[from - to], r);
}

double dec_to_double(int64_t v, unsigned dp)
{
	must(dp <= DEC_DP_MAX);
	return (double)v / (double)dec_pow10[dp];
}

/* mant * 2^exp2 (mant < 2^113) cut to an integer; *rest is 0 for nothing lost, 1 for less than a
 * half, 2 for a half or more. Past 2^64 it answers UINT64_MAX, which put_signed refuses. */
static uint64_t cut(unsigned __int128 mant, int exp2, int *rest)
{
	*rest = 0;
	if (mant == 0)
		return 0;
	unsigned __int128 q;
	if (exp2 >= 0) {
		q = mant << (exp2 & 63);
		if (exp2 > 63 || q >> (exp2 & 63) != mant)
			return UINT64_MAX;
	} else if (exp2 < -114) {
		*rest = 1;
		return 0;
	} else {
		unsigned __int128 unit = (unsigned __int128)1 << -exp2, lost = mant & (unit - 1);
		q = mant >> -exp2;
		*rest = lost == 0 ? 0 : lost >= unit / 2 ? 2 : 1;
	}
	return q > UINT64_MAX ? UINT64_MAX : (uint64_t)q;
}

int dec_from_double(double d, unsigned dp, enum dec_round r, int64_t *out)
{
	must(dp <= DEC_DP_MAX);
	uint64_t bits;
	memcpy(&bits, &d, sizeof(bits));
	bool neg = bits >> 63;
	int exponent = (int)(bits >> 52 & 0x7ff);
	uint64_t mant = bits & ((1ull << 52) - 1);
	if (exponent == 0x7ff)
		return err_set(ERR_RANGE, "a number that is not finite has no decimal value");
	if (exponent == 0)
		exponent = 1; /* subnormal: no hidden bit */
	else
		mant |= 1ull << 52;
	int rest;
	uint64_t q = cut((unsigned __int128)mant * (uint64_t)dec_pow10[dp], exponent - 1075, &rest);
	/* The double next to 0.29 lies below it, yet 0.29 is what was meant. */
	uint64_t nearest = q < UINT64_MAX && rest == 2 ? q + 1 : q;
	bool meant =
		nearest <= MAGNITUDE_MAX && dec_to_double((int64_t)nearest, dp) == (neg ? -d : d);
	if (meant || r == DEC_NEAREST)
		q = nearest;
	else if (rest && q < UINT64_MAX && (r == DEC_UP) != neg)
		q++;
	if (put_signed(q, neg, out))
		return err_set(ERR_RANGE, "%.17g does not fit a number with %u decimals in 64 bits",
			       d, dp);
	return 0;
}
