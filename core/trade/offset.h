/* offset - which lots an order at a domestic exchange closes or opens: those that its instance holds on the other side, the cheaper ones first.
 *
 * SHFE and INE want today's lots and earlier ones closed by orders of their own; elsewhere one close takes all lots, first opened, first closed. Only the instance's own lots are closed, less what
 * its working orders will take: what others hold on the contract is left alone, though the account then holds both sides. Closing today is dearer at some
 * exchanges: earlier lots go first then, or today's are locked by opening the other side, where that is cheaper and allowed. Pure, but for the view of the desk; engine's thread. */
#pragma once
#include "core/market/instrument.h"
#include <stdbool.h>
#include <stdint.h>

struct desk;
struct order;

struct offset_terms {
	bool splits;   /* today's lots have an offset of their own */
	bool may_lock; /* opening the other side is allowed where closing today costs more */
	int64_t today_fee_e8, yesterday_fee_e8, open_fee_e8; /* of one lot at the order's price */
};

/* The offset that comes next for an order of qty, and in *part how much of it bears that offset (1..qty). held: lots of the other side that nothing will take yet, [0] today's,
 * [1] earlier ones. */
enum offset offset_next(const struct offset_terms *t, const int64_t held[2], int64_t qty,
			int64_t *part);
/* Sets the order's offset, and its quantity to what bears it; returns what is left for another order. Where the contract knows no offsets: OFFSET_NONE and 0. The
 * order itself stands in the blotter already. */
int64_t offset_first(struct desk *d, struct order *o);
