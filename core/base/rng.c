#include "core/base/rng.h"
#include "core/base/must.h"

/* splitmix64: spreads a seed of few bits over the whole state. */
static uint64_t spread(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15ull;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

void rng_seed(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = spread(&seed);
}

uint64_t rng_next(struct rng *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

/* The high word of draw * n is the answer; low words below 2^64 mod n are the ones too many. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
	must(n > 0);
	unsigned __int128 wide = (unsigned __int128)rng_next(r) * n;
	if ((uint64_t)wide < n) {
		uint64_t surplus = (0 - n) % n;
		while ((uint64_t)wide < surplus)
			wide = (unsigned __int128)rng_next(r) * n;
	}
	return (uint64_t)(wide >> 64);
}

int64_t rng_range(struct rng *r, int64_t lo, int64_t hi)
{
	must(lo <= hi);
	uint64_t span = (uint64_t)hi - (uint64_t)lo;
	uint64_t step = span == UINT64_MAX ? rng_next(r) : rng_below(r, span + 1);
	return (int64_t)((uint64_t)lo + step);
}

bool rng_chance(struct rng *r, uint32_t ppm)
{
	return rng_below(r, 1000000) < ppm;
}

double rng_unit(struct rng *r)
{
	return (double)(rng_next(r) >> 11) * 0x1p-53;
}

/* Summed as integers: no order of additions and no fused multiply can change the result. */
double rng_normal(struct rng *r)
{
	uint64_t sum = 0;
	for (int i = 0; i < 12; i++)
		sum += rng_next(r) >> 11;
	return (double)((int64_t)sum - ((int64_t)6 << 53)) * 0x1p-53;
}

void rng_fork(const struct rng *r, const char *purpose, struct rng *out)
{
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */
	for (; *purpose; purpose++)
		h = (h ^ (unsigned char)*purpose) * 0x100000001b3ull;
	for (int i = 0; i < 4; i++) {
		h ^= r->s[i];
		h = spread(&h);
	}
	rng_seed(out, h);
}
