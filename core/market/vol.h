/* vol - how much a price moves by itself: the mean squared move of a mid in a second, sampled at fixed instants.
 *
 * It prices waiting: what may a leg cost more when it is traded a second from now. The last minute or so counts; a gap in the samples is not a move.
 * Integers, one struct an instrument, no memory. Engine's thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define VOL_EVERY_NS 1000000000LL
#define VOL_MEMORY   64 /* moves that count */
#define VOL_LEAST    10 /* moves before it is known */

struct vol {
	int64_t at_ns, px; /* the newest sample; 0: none to count from */
	uint32_t n;	   /* moves seen, at most VOL_MEMORY */
	__int128 square;   /* of the move in a second, price units squared, times 256 */
};

/* To be called at least every VOL_EVERY_NS; sooner is not counted. mid_px 0: there is none now. */
void vol_sample(struct vol *v, int64_t now_ns, int64_t mid_px);
bool vol_known(const struct vol *v);
/* One standard deviation of the price over that time, price units, rounded up; 0 when it is not known. */
int64_t vol_move_px(const struct vol *v, int64_t over_ns);
