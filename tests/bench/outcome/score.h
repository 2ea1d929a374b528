/* score - what one executor made of one run, in the figures that are compared. Every trigger that fired stands in every denominator that is not named otherwise.
 *
 * captured: both legs hold the whole quantity when the trigger is over, the lane did not have to end it, and what came in, fees and rescues taken off and the fair
 * difference of the markets counted, is more than nothing. failed: something of it traded, and it was not captured. Slippage: how many ticks the money was worse than the
 * trigger's prices for what was hedged, before fees, per unit of the whole quantity, over triggers that traded; what an unwinding or the lane's end of it lost is in it. */
#pragma once
#include "tests/bench/outcome/lane.h"

struct score {
	uint32_t triggers, traded, captured, failed;
	uint32_t late;	 /* not hedged at once: when both first orders should have arrived */
	uint32_t forced; /* not hedged in the end: the lane had to end it */
	double slip_tick, slip_p95_tick;
	double adverse_tick; /* the mean with what was better than the trigger's prices counted as none */
	double naked_ms;	 /* mean of those that traded */
	double naked_size;	 /* whole quantities times seconds, likewise */
	double messages;	 /* per trigger */
	double later;		 /* money that orders after a leg's first cost, per trigger */
	double net;		 /* money per trigger */
	uint32_t common;	 /* triggers that the oracle captured too */
	double slip_beyond_tick; /* on those: beyond the oracle's */
};

/* One trigger's, for lists. */
bool score_captured(const struct lane *l, const struct lane_trigger *t);
int64_t score_net_e8(const struct lane *l, const struct lane_trigger *t);
double score_slip_tick(const struct lane *l, const struct lane_trigger *t);
/* oracle: its lane over the same input; NULL: nothing is compared. */
struct score score_of(const struct lane *l, const struct lane *oracle);
