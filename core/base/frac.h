/* frac - exact fractions: what a decimal cannot hold, such as the grams of an ounce over the ounces of a pound.
 *
 * In lowest terms, the denominator above zero. Pure functions, any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct frac {
	int64_t num, den;
};

/* The greatest common divisor of the magnitudes; gcd(0, b) is |b|. */
int64_t frac_gcd(int64_t a, int64_t b);
/* num / den in lowest terms; den not 0. False: does not fit. */
bool frac_make(int64_t num, int64_t den, struct frac *out);
/* False, and *out untouched, when the product does not fit or is a division by zero. */
bool frac_mul(struct frac a, struct frac b, struct frac *out);
bool frac_div(struct frac a, struct frac b, struct frac *out);
double frac_double(struct frac f);
