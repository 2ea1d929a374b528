/* tca_sum - the costs of many pairs together: by strategy (an instance with one version of its script), and by the legs of each.
 *
 * Sums are exact; times by step are histograms (hist.h), costs of pairs are kept one by one, 8 bytes each, for their quantiles. Cold path; one owner. */
#pragma once
#include "core/base/hist.h"
#include "core/cmd/tca.h"

struct tca_leg_sum {
	uint32_t instrument;
	uint8_t qty_dp;
	uint64_t orders, fills, maker, pairs;
	int64_t slip_e8, chase_e8, unwind_e8, fee_e8;
	double ticks,
		ticks_of; /* ticks times quantity, and the quantity of those: a mean by quantity */
	double delay,
		delay_of; /* from the decision's price to what the order met, in ticks: a mean by pair */
};

struct tca_strategy {
	uint32_t instance, script, money;
	int64_t first_utc_ns, last_utc_ns;
	uint64_t pairs, hedged, flat, refused, held, open, broke, completed, unwound, resumed,
		unpriced;
	int64_t value_e8, slip_e8, chase_e8, unwind_e8, fee_e8;
	double *cost_bp;
	size_t n_costs, cap_costs;
	bool sorted;
	struct hist step[tca_step_max];
	struct tca_leg_sum leg[LEG_MAX];
	uint32_t n_legs;
};

struct tca_sum {
	struct tca_strategy **of;
	uint32_t n, cap;
};

int tca_sum_add(struct tca_sum *s, const struct tca_pair *p); /* -ERR_NOMEM */
void tca_sum_free(struct tca_sum *s);
/* Of the pairs' costs in bp, by quantile; NAN: there is none. */
double tca_sum_cost_bp(struct tca_strategy *g, double q);
