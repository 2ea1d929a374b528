/* Proves that fractions are exact and in lowest terms, against 128-bit arithmetic, and that what does not fit is refused. */
#include "core/base/frac.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"

START_TEST(test_make)
{
	struct frac f;
	ck_assert(frac_make(6, -4, &f) && f.num == -3 && f.den == 2);
	ck_assert(frac_make(0, 7, &f) && f.num == 0 && f.den == 1);
	ck_assert(frac_make(INT64_MIN, 2, &f) && f.num == INT64_MIN / 2 && f.den == 1);
	ck_assert(!frac_make(1, 0, &f));
	ck_assert(!frac_make(INT64_MIN, 1, &f));
	ck_assert(frac_gcd(0, -5) == 5 && frac_gcd(12, 18) == 6);
}
END_TEST

START_TEST(test_overflow_leaves_the_result)
{
	struct frac big = { INT64_MAX, 1 }, f = { 7, 8 };
	ck_assert(!frac_mul(big, (struct frac){ 2, 1 }, &f));
	ck_assert(!frac_div((struct frac){ 1, INT64_MAX }, (struct frac){ 2, 1 }, &f));
	ck_assert(!frac_div(big, (struct frac){ 0, 1 }, &f));
	ck_assert(!frac_div(big, (struct frac){ INT64_MIN, 1 }, &f));
	ck_assert(!frac_mul(big, (struct frac){ 1, 0 }, &f));
	ck_assert(f.num == 7 && f.den == 8);
	ck_assert(frac_mul(big, (struct frac){ 2, INT64_MAX }, &f) && f.num == 2 && f.den == 1);
}
END_TEST

static int64_t some(struct rng *r)
{
	int64_t v = (int64_t)rng_below(r, (uint64_t)1 << (1 + rng_below(r, 40))) -
		    (int64_t)rng_below(r, 1000);
	return v;
}

START_TEST(test_against_128_bits)
{
	struct rng r;
	unsigned fit = 0;
	rng_seed(&r, 4);
	for (int i = 0; i < 200000; i++) {
		struct frac a = { some(&r), 1 + (int64_t)rng_below(&r, 1 << 20) };
		struct frac b = { some(&r), 1 + (int64_t)rng_below(&r, 1 << 20) }, p, q;
		EXPECT(frac_make(a.num, a.den, &a) && frac_make(b.num, b.den, &b));
		if (!frac_mul(a, b, &p))
			continue;
		fit++;
		EXPECT(p.den > 0 && frac_gcd(p.num, p.den) == 1);
		/* p = a * b: both sides over the common denominator, as far as 128 bits hold it */
		__int128 num = (__int128)a.num * b.num, den = (__int128)a.den * b.den;
		EXPECT(p.num == 0 ? num == 0 : num % p.num == 0);
		EXPECT(p.num == 0 || num / p.num * p.den == den);
		if (b.num && frac_div(p, b, &q))
			EXPECT(q.num == a.num && q.den == a.den);
	}
	EXPECT(fit > 100000);
}
END_TEST

SUITE("frac", test_make, test_overflow_leaves_the_result, test_against_128_bits)
