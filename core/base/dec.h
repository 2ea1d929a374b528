/* dec - exact decimals: what the wire writes as text is an integer at a known scale here.
 *
 * A price of 61837.64 of an instrument with 8 decimals is 6183764000000. Nothing passes through a
 * double on the way. Pure functions, any thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define DEC_DP_MAX 18

extern const int64_t dec_pow10[DEC_DP_MAX + 1];

/* Text "[-]digits[.digits]" of n bytes -> value * 10^dp.
 * -ERR_PARSE: not of that form (empty, sign alone, exponent, blanks, NaN).
 * -ERR_RANGE: does not fit, or has a non-zero digit beyond dp decimals. */
int dec_parse(const char *s, size_t n, unsigned dp, int64_t *out);
/* The same without err_set, for the hot path: returns 0 or a negative code, no text. */
int dec_parse_fast(const char *s, size_t n, unsigned dp, int64_t *out);
/* Its twin, a byte at a time: for machines of the other byte order, for short and long texts, and
 * for the test that holds one against the other. */
int dec_parse_bytes(const char *s, size_t n, unsigned dp, int64_t *out);
/* Value at scale dp -> text with `show` decimals, or more where that would lose a digit that is not
 * zero; show > dp counts as dp. Returns the length; out must hold 24 bytes; it is terminated. */
size_t dec_format(int64_t v, unsigned dp, unsigned show, char *out);

enum dec_round {
	DEC_DOWN,   /* toward -inf */
	DEC_UP,	    /* toward +inf */
	DEC_NEAREST /* half away from zero */
};
/* Its size: INT64_MIN, to which sums saturate, has none that fits and counts as INT64_MAX. */
static inline int64_t dec_abs(int64_t v)
{
	return v >= 0 ? v : v == INT64_MIN ? INT64_MAX : -v;
}
/* a * b / c through 128 bits, c != 0. Saturates at INT64_MAX / INT64_MIN. */
int64_t dec_muldiv(int64_t a, int64_t b, int64_t c, enum dec_round r);
/* v rounded to a multiple of step (> 0); saturates like dec_muldiv, then it is no multiple. */
int64_t dec_to_step(int64_t v, int64_t step, enum dec_round r);
/* Value from scale `from` to scale `to`; saturates. */
int64_t dec_rescale(int64_t v, unsigned from, unsigned to, enum dec_round r);
/* For the Lua boundary and reports only. */
double dec_to_double(int64_t v, unsigned dp);
/* A double to scale dp in the direction r; -ERR_RANGE for NaN, infinities and what does not fit.
 * A double that is the nearest one to some value at scale dp is that value, in every direction
 * (0.29 at 2 decimals is 29, though the double lies below); any other is rounded exactly. */
int dec_from_double(double d, unsigned dp, enum dec_round r, int64_t *out);
