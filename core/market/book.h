/* book - the resting orders of one market by price, best first, as the feed has told them.
 *
 * Two arrays of levels, worst to best, so that what changes most (the top) moves least memory. Bounded: when a side is full its worst level gives way. Memory is taken
 * at init and touched only as far as a side has ever been filled, so a large bound costs nothing where books are shallow. It knows nothing of sequence numbers; feed.h decides
 * what may be applied. Engine's thread. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>
#include <stdint.h>

struct book {
	struct level best
		[side_max]; /* a copy: who looks at the top alone touches no level. Quantity 0: the side is empty */
	struct level *level[side_max]; /* [n - 1] is the best */
	uint32_t n[side_max];
	uint32_t cap;
};

int book_init(struct book *b, uint32_t cap); /* levels a side; -ERR_NOMEM */
void book_free(struct book *b);
void book_clear(struct book *b);
/* Quantity 0 removes; anything else sets. */
void book_set(struct book *b, enum side side, int64_t px, int64_t qty);
/* Sets all of them, in any order; quickest best first, as venues send them. */
void book_apply(struct book *b, const struct depth *d);
void book_load(struct book *b, const struct depth *snapshot);
/* i-th best; NULL beyond the end. */
const struct level *book_best(const struct book *b, enum side side, uint32_t i);
/* Locked counts as crossed. */
static inline bool book_crossed(const struct book *b)
{
	return b->best[SIDE_BUY].qty && b->best[SIDE_SELL].qty &&
	       b->best[SIDE_BUY].px >= b->best[SIDE_SELL].px;
}
/* What trading qty against `side` of the book would fill and its worst price: fills at most qty, stops at limit_px when it is not 0.
 * Returns the quantity; *value is sum(px * qty) over it, exact. */
int64_t book_walk(const struct book *b, enum side side, int64_t qty, int64_t limit_px,
		  __int128 *value, int64_t *worst_px);
