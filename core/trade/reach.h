/* reach - what of a market an order of ours can still meet, which is less than its book shows.
 *
 * Depth is older than the best price: what stands in it better than the newest best price is gone, and at that price the newest quantity counts. What our own orders
 * have taken since the best price last changed is gone too; and where two orders that take at once ended short, though it stood there unchanged, nothing is at their limit
 * or better. A new best price or quantity on that side ends what is remembered, and so does a second. Engine's thread; one struct an instrument and side, nothing allocates. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>
#include <stdint.h>

struct desk;
struct order;

struct reach {
	int64_t top_px, top_qty; /* of its side, when the newest order left for it */
	int64_t taken_qty;	 /* by ours since then */
	int64_t void_px;	 /* where the order that ended short last had its limit */
	int64_t until_ns;	 /* remembered until then; monotonic */
	uint8_t missed;		 /* orders that ended short */
};

/* As book_walk: what an order for qty would meet on this side of the book. */
int64_t reach_walk(const struct desk *d, uint32_t instrument, enum side at, int64_t qty,
		   int64_t limit_px, __int128 *value, int64_t *worst_px);
/* The best price that something can be had at. False: none that is known. */
bool reach_best(const struct desk *d, uint32_t instrument, enum side at, int64_t *px);
/* Is nothing of this instrument known but its best prices? Then a walk ends there, and more may stand behind. */
bool reach_shallow(const struct desk *d, uint32_t instrument, enum side at);
/* What orders of ours teach: they leave, fill, and end. */
void reach_on_sent(struct desk *d, const struct order *o);
void reach_on_fill(struct desk *d, const struct order *o, int64_t qty);
void reach_on_short(struct desk *d, const struct order *o);
