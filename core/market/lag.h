/* lag - how far the stamps of one market stand from another's, found from their prices alone: both follow the same news.
 *
 * For recordings that bear one stamp a row, the venue's own. The moves of two mid prices are correlated at every shift up to
 * LAG_RANGE_NS, then the peak is looked at on the events' own times. Scales do not matter, nor which currency is quoted in which (a sign). What is
 * found is where the prices agree best: one market that truly leads the other by 50 ms looks like a clock that is 50 ms off, and
 * the bound, half the width of the peak, says how far the prices can tell. No peak that stands out: not found, in words. Doubles, since nothing is
 * traded on it. One owner; allocates. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAG_RANGE_NS (26 * INT64_C(3600000000000)) /* every time zone, and a day mistaken */
#define LAG_POINTS   (1u << 20) /* of a series; beyond, it is thinned out in time */

struct lag_series {
	int64_t *at_ns; /* rising */
	double *px;
	size_t n, cap;
	int64_t grain_ns;   /* of two changes within it the later one is kept; 0: all are */
	uint64_t backwards; /* points before their predecessor: left out */
};

struct lag_estimate {
	bool found;
	bool drift_known;
	bool inverse;	   /* one rises when the other falls */
	int64_t at_ns;	   /* on the reference's clock: the middle of what both have */
	int64_t offset_ns; /* the other's stamps minus the reference's, of the same moment */
	int64_t bound_ns;
	int64_t drift_ppb, drift_bound_ppb; /* of the other's clock against the reference's */
	double score, second; /* standard deviations of the peak, and of the best one elsewhere */
	const char *why;      /* not found: why */
};

void lag_series_free(struct lag_series *s);
/* A price from this stamp on; one that did not change costs nothing. -ERR_NOMEM. */
int lag_series_add(struct lag_series *s, int64_t at_ns, double px);
/* -ERR_NOMEM. */
int lag_find(const struct lag_series *reference, const struct lag_series *other,
	     struct lag_estimate *out);
