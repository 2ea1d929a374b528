#include "core/base/hist.h"
#include <string.h>

#define LOW_POW	  6 /* below 2^6 each value has a bucket of its own */
#define VALUE_MAX (((int64_t)1 << HIST_POW) - 1)
_Static_assert(HIST_SUB == 1 << LOW_POW, "as many sub-buckets as exact values");

/* One writer, so a plain read and add will do; relaxed atomics keep readers from torn values. */
#define GET(field)    __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define SET(field, v) __atomic_store_n(&(field), (v), __ATOMIC_RELAXED)

static unsigned bucket_of(int64_t v)
{
	if (v < HIST_SUB)
		return (unsigned)v;
	unsigned pow = 63 - (unsigned)__builtin_clzll((uint64_t)v);
	unsigned sub = (unsigned)((uint64_t)v >> (pow - LOW_POW)) - HIST_SUB;
	return (pow - LOW_POW + 1) * HIST_SUB + sub;
}

static int64_t middle_of(unsigned bucket)
{
	if (bucket < HIST_SUB)
		return bucket;
	unsigned shift = bucket / HIST_SUB - 1;
	int64_t low = (int64_t)(HIST_SUB + bucket % HIST_SUB) << shift;
	return low + (((int64_t)1 << shift) - 1) / 2;
}

/* A count that stops at its top is wrong by little; one that wraps is nonsense. */
static void bump(uint32_t *bucket, uint32_t by)
{
	uint32_t old = GET(*bucket);
	SET(*bucket, by > UINT32_MAX - old ? UINT32_MAX : old + by);
}

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

void hist_add(struct hist *h, int64_t v_ns)
{
	int64_t v = v_ns < 0 ? 0 : v_ns > VALUE_MAX ? VALUE_MAX : v_ns;
	if (v > GET(h->max))
		SET(h->max, v);
	bump(&h->bucket[bucket_of(v)], 1);
	SET(h->sum, GET(h->sum) + (uint64_t)v);
	SET(h->count, GET(h->count) + 1);
}

int64_t hist_quantile(const struct hist *h, double q)
{
	/* Counted here, not read from `count`: a writer may be between the two. */
	uint64_t total = 0;
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		total += GET(h->bucket[i]);
	if (total == 0)
		return 0;
	int64_t max = GET(h->max);
	if (q >= 1)
		return max;
	double exact = q > 0 ? q * (double)total : 0;
	uint64_t rank = (uint64_t)exact;
	if ((double)rank < exact || rank == 0)
		rank++;
	if (rank >= total)
		return max;
	uint64_t seen = 0;
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		seen += GET(h->bucket[i]);
		if (seen >= rank)
			return middle_of(i) < max ? middle_of(i) : max;
	}
	return max;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	int64_t max = GET(from->max);
	if (max > GET(into->max))
		SET(into->max, max);
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		bump(&into->bucket[i], GET(from->bucket[i]));
	SET(into->sum, GET(into->sum) + GET(from->sum));
	SET(into->count, GET(into->count) + GET(from->count));
}
