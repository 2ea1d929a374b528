/* hist - how long things took: a histogram of nanoseconds with a bounded relative error.
 *
 * 64 buckets per power of two, values 0 to 2^42 - 1 (73 minutes; longer counts as that), error
 * under 1.6 %. One writer; readers on other threads or processes see counts that are at most one
 * event old. Plain memory without pointers, so it may live in a mapped page; all zero is empty. A
 * bucket stops counting at 2^32 - 1. */
#pragma once
#include <stdint.h>

#define HIST_SUB     64
#define HIST_POW     42
#define HIST_BUCKETS ((HIST_POW - 5) * HIST_SUB)

struct hist {
	uint64_t count;
	uint64_t sum;
	int64_t max;
	uint32_t bucket[HIST_BUCKETS];
};

void hist_reset(struct hist *h);
void hist_add(struct hist *h, int64_t v_ns); /* negative counts as 0 */
/* The value at quantile q in [0, 1]; 0 when empty; the largest value itself at 1. */
int64_t hist_quantile(const struct hist *h, double q);
/* One writer here too: whoever owns `into`. */
void hist_merge(struct hist *into, const struct hist *from);
