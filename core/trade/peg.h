/* peg - where a leg must rest so that its pair still earns what was asked for when the other legs are taken at what their books give now.
 *
 * The edge of a pair is the value of what it sells less the value of what it buys, each leg by its ratio and through the script's conversion: in the
 * units of the basis, for one of the pair. A resting leg's price keeps it, so it moves with the books that it is hedged on, as a spreader's quote does. Doubles, because a
 * conversion is the script's; the price is rounded to ticks, never to a worse one than the edge asks for. Pure functions of the desk; engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Value of a price of 1 of this leg, by its ratio, for one of the pair. False: a reference has no price. */
bool peg_weight(const struct desk *d, const struct pair *p, const struct pair_leg *leg,
		double *weight);
/* The edge with the pair's first leg at this price. False: a book that it is hedged on, or a reference, has no price. */
bool peg_edge(const struct desk *d, const struct pair *p, int64_t first_px, double *edge);
/* What the script's basis (as buy_<leg> or sell_<leg>, gross) means as an edge. False: the pair does not trade all legs of its instance, the first against the others. */
bool peg_of_basis(const struct desk *d, const struct pair *p, double basis, double *edge);
/* The price of the first leg that keeps the pair's edge: whole ticks, never through the other side of its own book, and never beyond the leg's limit.
 * False: there is no price to derive it from, or it would lie outside the venue's limits of the day. */
bool peg_px(const struct desk *d, const struct pair *p, int64_t *px);
