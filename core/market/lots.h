/* lots - how many contracts of each leg make a pair, when one leg's contract is no multiple of the other's.
 *
 * One COMEX gold of 100 oz is 3,110.34768 g, a Shanghai one 1,000 g: 1 against 3 leaves 110.34768 g unhedged, 9 against 28 only 6.87088 g the other way. Whole lots are
 * solved so that what is left over is least, what earlier pairs left included, so that it is worked off instead of growing. Leg 0 stands against the sum of the others, each with
 * its ratio. All exact: lots are counted in a common unit of base, products go through 128 bits. Pure; any thread; no allocation. */
#pragma once
#include "core/base/frac.h"
#include "core/market/basis.h"
#include <stdbool.h>
#include <stdint.h>

#define LOTS_MOST 1000000000 /* of one leg */

struct lots {
	unsigned n;
	unsigned
		coarsest; /* the leg whose lot makes the largest pair: it counts, the others follow */
	int64_t lot[LEG_MAX], ratio[LEG_MAX]; /* of one lot, in units; ratios to scale */
	int64_t per_base;		      /* units in one base unit */
};

struct lots_combo {
	int64_t lots[LEG_MAX];
	struct frac
		residual; /* base units: leg 0's less the others', what was carried before included */
	bool within;	  /* |residual| is not above the limit */
};

/* lot: base units of one lot of each leg, above zero, exact; ratio: base units of the leg for one of the pair, NULL for 1/1 each. -ERR_ARG: fewer than two legs, or a lot or ratio that is not
 * above zero; -ERR_RANGE: the lots have no common unit that fits 64 bits. */
int lots_init(struct lots *p, unsigned n, const struct frac *lot, const struct frac *ratio);
/* Base units of one lot under a rule. False for inverse contracts, whose lot is worth another amount at every price. */
bool lots_of_instrument(const struct instrument *in, const struct rule *r, struct frac *lot);

/* The whole lots for at most `base` base units of the pair (of leg 0's side, by its ratio), whose residual is least. carried: what earlier pairs left, positive when leg 0's side has
 * more, exact down to 1e-8 where that fits, else cut; limit: the largest residual that may be carried on; below zero for none. 0; -ERR_RANGE when `base` is less than the coarsest leg's lot (the text says how much it is) or too much. */
int lots_solve(const struct lots *p, struct frac base, struct frac carried, struct frac limit,
	       struct lots_combo *out);
/* The same for a number of the coarsest leg's lots. */
int lots_for(const struct lots *p, int64_t count, struct frac carried, struct frac limit,
	     struct lots_combo *out);
/* The combinations worth knowing, up to `most` lots of the coarsest leg: each leaves at most half as much of its size as the one before. Ends with one that leaves nothing. Returns how many, at most cap. */
unsigned lots_best(const struct lots *p, int64_t most, struct lots_combo *out, unsigned cap);
/* |residual| over what the coarsest leg has, in percent: for eyes. */
double lots_residual_pct(const struct lots *p, const struct lots_combo *c);
