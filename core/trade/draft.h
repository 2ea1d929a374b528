/* draft - a proposal on paper: which orders would carry it out, at which sizes and limits; or that it makes no sense.
 *
 * Sizes are whole lots, limits are ticks and never worse than asked, and what earlier pairs have left over is taken up by the leg with the
 * finest steps; where contracts are unequal, the whole lots that leave least are solved for (lots.h). A "close" takes no more than is held; one that would not bring every leg nearer to nothing is an open,
 * and so is a "roll" that closes nothing that is held. How the orders go out is chosen last (plan.h). Pure functions of the desk; engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Fills *out as a PROPOSED pair without id. False: nonsense (a leg twice or unknown, NaN, legs that do not balance, no rule, no price). */
bool draft_pair(struct desk *d, uint16_t instance, const struct proposal *pr, struct pair *out);
/* What is unhedged once all of it has filled as wanted: odd lots are carried. Base units, signed. */
int64_t draft_left_over_e8(const struct desk *d, const struct pair *p);
/* The leg that can be traded in the finest steps: it takes up what the others leave over. */
unsigned draft_finest_leg(const struct desk *d, const struct pair *p);
