/* slice - in how many parts a pair leaves when one order of a leg may not be as large as what is wanted of it, and how much of each leg the next part is.
 *
 * The most of one order is the venue's maximum, and the tightest row of `order_slice_base` and `order_slice_notional`. Parts are about equal, whole lots, and cut so that the legs stand as even
 * between two parts as the whole pair does: whatever stops it there leaves nothing naked. Only computes; exec_slice carries it out. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

#define SLICES_MOST 64 /* of one pair: each of its orders keeps a place in the blotter */

/* The most that one order of this leg may ask for, whole lots; INT64_MAX: nothing bounds it. *limit: what does (RISK_LIMIT_LOT: the venue), *row its place + 1. */
int64_t slice_most_qty(const struct desk *d, const struct pair *p, unsigned leg,
		       enum risk_limit *limit, uint16_t *row);
/* Of what has not filled yet: the number of parts, and what each leg has in the next one. 0: nothing is left, or it cannot be cut into parts that keep the legs even. */
unsigned slice_next(const struct desk *d, const struct pair *p, int64_t qty[LEG_MAX]);
/* Of a drafted pair whose style is known: its parts, and the size of each leg's first order. What cannot be cut stays whole, and the gate refuses it. */
void slice_choose(const struct desk *d, struct pair *p);
/* What has filled of a leg on its own side. */
int64_t slice_filled(const struct pair_leg *l);
