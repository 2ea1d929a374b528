#include "core/base/frac.h"

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

int64_t frac_gcd(int64_t a, int64_t b)
{
	uint64_t g = gcd(magnitude(a), magnitude(b));
	return g > INT64_MAX ? INT64_MAX
			     : (int64_t)g; /* only where both are the least integer or 0 */
}

/* From magnitudes, so that the least integer is no special case. */
static bool signed_frac(uint64_t num, uint64_t den, bool negative, struct frac *out)
{
	if (num > INT64_MAX || den > INT64_MAX)
		return false;
	*out = (struct frac){ negative ? -(int64_t)num : (int64_t)num, (int64_t)den };
	return true;
}

bool frac_make(int64_t num, int64_t den, struct frac *out)
{
	uint64_t n = magnitude(num), d = magnitude(den), g = gcd(n, d);
	return d != 0 && signed_frac(n / g, d / g, (num < 0) != (den < 0), out);
}

bool frac_mul(struct frac a, struct frac b, struct frac *out)
{
	uint64_t an = magnitude(a.num), ad = magnitude(a.den);
	uint64_t bn = magnitude(b.num), bd = magnitude(b.den);
	if (ad == 0 || bd == 0)
		return false;
	uint64_t g = gcd(an, bd), h = gcd(bn, ad);
	an /= g;
	bd /= g;
	bn /= h;
	ad /= h;
	uint64_t num, den;
	if (__builtin_mul_overflow(an, bn, &num) || __builtin_mul_overflow(ad, bd, &den))
		return false;
	uint64_t k = gcd(num, den); /* above 1 where a factor came unreduced */
	return signed_frac(num / k, den / k, (a.num < 0) != (b.num < 0), out);
}

bool frac_div(struct frac a, struct frac b, struct frac *out)
{
	if (b.num == 0)
		return false;
	struct frac turned = { b.den, b.num };
	if (b.num < 0) {
		if (b.num == INT64_MIN)
			return false;
		turned = (struct frac){ -b.den, -b.num };
	}
	return frac_mul(a, turned, out);
}

double frac_double(struct frac f)
{
	return (double)f.num / (double)f.den;
}
