/* lag_parts - what the two steps of the search share. Private to lag*.c. */
#pragma once
#include "core/market/lag.h"

/* A series with its leaps cut down: one wild print must not outweigh a day of moves. */
struct lag_path {
	const int64_t *at_ns;
	double *px;
	size_t n;
};

struct lag_peak {
	int64_t shift_ns; /* of the second path against the first */
	double value;	  /* signed */
	double score, second;
};

/* The best shift among all within LAG_RANGE_NS, on a grid of bin_ns. -ERR_NOMEM. */
int lag_coarse(const struct lag_path *a, const struct lag_path *b, int64_t bin_ns,
	       struct lag_peak *out);
/* Sum of the products of all moves that overlap in time once b is moved back by shift_ns (Hayashi and Yoshida's
 * covariance), over a's moves from..to (indices, to excluded). */
double lag_covariance(const struct lag_path *a, size_t from, size_t to, const struct lag_path *b,
		      int64_t shift_ns);
/* The peak's top near shift_ns, searched within reach_ns to steps of half a millisecond; *width_ns: of the part above half its height. */
int64_t lag_fine(const struct lag_path *a, size_t from, size_t to, const struct lag_path *b,
		 int64_t shift_ns, int64_t reach_ns, bool inverse, int64_t *width_ns);
