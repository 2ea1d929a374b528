/* draw - seeded draws of shapes that markets and networks have, in integers, so that every
 * machine draws the same.
 *
 * Pure but for the stream that is handed in. */
#pragma once
#include "core/base/rng.h"

/* Close to an exponential of that mean (a geometric octave, uniform within): >= 0, at most 43
 * times the mean. */
int64_t draw_exponential(struct rng *r, int64_t mean);
/* Close to a normal: 65536 is one deviation, tails end at 6. */
int64_t draw_normal(struct rng *r);

/* A measured distribution: its values at 0, 5, 25, 50, 75, 95, 99 and 100 %, straight lines
 * between. */
#define DRAW_QUANTILES 8
struct quantiles {
	int64_t at[DRAW_QUANTILES];
};
int64_t draw_quantile(struct rng *r, const struct quantiles *q);
