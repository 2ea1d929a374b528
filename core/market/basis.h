/* basis - the price of one market in terms of another, at one aligned instant, in the three forms that a desk uses.
 *
 * spread (点差): value of leg 0 minus value of leg 1, at mid. Cross (对价): what can be executed now on the opposite side, both
 * directions, with the size that is there: sell = bid of leg 0 minus ask of leg 1, buy = ask of leg 0 minus bid of leg 1
 * (one sign for both: sell high, buy low). ratio (比值): value of leg 0 over value of leg 1, at mid. "Value" is the price after the strategy's conversion (unit, currency). Each executable
 * form has a gross and a net one: net of taker fees of both legs. Doubles, because this is for eyes and scripts; orders are made of the integers beside them. Engine's thread. */
#pragma once
#include "core/market/instrument.h"
#include <stdbool.h>
#include <stdint.h>

#define LEG_MAX 5
#define REF_MAX 4

/* Best prices of one instrument, and how far they can be trusted. Kept by the engine, one per instrument. */
enum book_state {
	BOOK_EMPTY,
	BOOK_LIVE,
	BOOK_GAP,
	BOOK_RECOVERING,
	BOOK_STALE,
	BOOK_HALTED,
	BOOK_CROSSED,
	book_state_max
};
const char *book_state_name(enum book_state s);

struct top {
	struct quote q;
	int64_t valid_ns; /* monotonic: when it last changed */
	const int64_t *
		alive_ns; /* when its channel last proved that it lives; NULL: only changes prove */
	uint8_t state;	  /* enum book_state */
};

/* Last proven valid: a change, or a sign of life of the channel that would have carried one. */
int64_t top_valid_ns(const struct top *t);

/* value = px * k * product(ref[i] ^ power[i]); k = 1 and no refs without a conversion. */
struct basis_conv {
	double k;
	int8_t power[REF_MAX];
};

struct basis_spec {
	uint8_t n_legs, n_refs;
	const struct instrument *leg[LEG_MAX];
	const struct instrument *ref[REF_MAX];
	const struct top *leg_top[LEG_MAX];
	const struct top *ref_top[REF_MAX];
	struct basis_conv conv[LEG_MAX];
	int64_t lot_base_e8; /* one pair lot, in base units: the least common step of both legs */
};

struct basis_leg {
	double px[side_max],
		qty[side_max]; /* [SIDE_BUY] bid, [SIDE_SELL] ask, in the instrument's own units */
	double value[side_max];
	double mid;
	double age_ms; /* since last proven valid */
};

/* Directions are named by what happens to leg 0: dir[SIDE_SELL] sells leg 0 and buys leg 1. */
struct basis_cross {
	double gross, net;	 /* in value units */
	double gross_bp, net_bp; /* of the mid value of leg 1 */
	double lots;		 /* pair lots executable at these prices */
};

struct basis {
	int64_t at_ns;
	bool ok; /* both legs have two-sided quotes and live books */
	double spread, spread_bp, ratio;
	struct basis_cross dir[side_max];
	double skew_ms; /* between the moments at which the legs were last proven valid; references do not count */
	double max_age_ms;
	struct basis_leg leg[LEG_MAX];
	double ref[REF_MAX];
};

/* Computes b from the tops at now_ns. b->ok false when a leg or reference has no two-sided live quote; the rest is then 0. */
void basis_eval(const struct basis_spec *s, int64_t now_ns, int64_t utc_ns, struct basis *b);
