/* rng - randomness that a seed repeats (xoshiro256**).
 *
 * One owner; no libm, so every compiler draws the same. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
/* Uniform in [0, n), without bias; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* Uniform in [lo, hi]. */
int64_t rng_range(struct rng *r, int64_t lo, int64_t hi);
/* True with probability ppm / 1e6. */
bool rng_chance(struct rng *r, uint32_t ppm);
/* Uniform in [0, 1). */
double rng_unit(struct rng *r);
/* Mean 0, deviation 1 (sum of twelve uniforms: tails end at 6). */
double rng_normal(struct rng *r);
/* A stream of its own for a named purpose, so that one consumer more does not move the others. */
void rng_fork(const struct rng *r, const char *purpose, struct rng *out);
