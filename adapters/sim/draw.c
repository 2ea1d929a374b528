#include "adapters/sim/draw.h"
#include "core/base/dec.h"

int64_t draw_exponential(struct rng *r, int64_t mean)
{
	uint64_t draw = rng_next(r);
	int64_t octave = draw ? __builtin_clzll(draw) : 64;
	int64_t within = (int64_t)rng_below(r, 1 << 16);
	/* An octave and a half in the mean. */
	return dec_muldiv(mean, ((octave << 16) + within) * 2, 3 << 16, DEC_DOWN);
}

int64_t draw_normal(struct rng *r)
{
	int64_t sum = -6 * 65536;
	for (int i = 0; i < 3; i++) {
		uint64_t draw = rng_next(r);
		for (int k = 0; k < 4; k++, draw >>= 16)
			sum += (int64_t)(draw & 0xffff);
	}
	return sum;
}

int64_t draw_quantile(struct rng *r, const struct quantiles *q)
{
	static const int64_t edge[DRAW_QUANTILES] = { 0,      50000,  250000, 500000,
						      750000, 950000, 990000, 1000000 };
	int64_t ppm = (int64_t)rng_below(r, 1000000);
	int i = 1;
	while (ppm >= edge[i])
		i++;
	return q->at[i - 1] + dec_muldiv(q->at[i] - q->at[i - 1], ppm - edge[i - 1],
					 edge[i] - edge[i - 1], DEC_DOWN);
}
