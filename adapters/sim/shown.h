/* shown - the size that the market shows at each price, and how much of it our accounts have
 * taken already.
 *
 * What was taken stays taken until the feed shows new size at that price: growth gives only the
 * growth back, a level that vanished and came back is new. One owner (the venue's thread); fixed
 * capacity, no allocation after init: when a side is full its farthest level is dropped and
 * counted. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>
#include <stdint.h>

struct shown_level {
	int64_t px;
	int64_t size;  /* as the feed shows it */
	int64_t taken; /* of it, by us: 0 <= taken <= size */
	bool seen;     /* by the snapshot that is being loaded */
};

struct shown {
	struct shown_level *level[side_max]; /* sorted, the best price last */
	uint32_t n[side_max];
	uint32_t cap;
	uint64_t dropped; /* levels that found no room */
};

int shown_init(struct shown *s, uint32_t cap); /* levels a side; -ERR_NOMEM, -ERR_ARG for 0 */
void shown_free(struct shown *s);
void shown_clear(struct shown *s, enum side side);
/* The feed shows `size` at px from now on; 0 removes the level. */
void shown_set(struct shown *s, enum side side, int64_t px, int64_t size);
/* A whole side: levels that it does not name are gone, what was taken of the others stays taken. */
void shown_load(struct shown *s, enum side side, const struct level *level, uint32_t n);
/* Nothing is better than px any more: levels before it are removed. */
void shown_trim(struct shown *s, enum side side, int64_t px);
/* The level at px, or NULL; valid until the next change. */
struct shown_level *shown_find(const struct shown *s, enum side side, int64_t px);
/* The i-th best level (0: the best), or NULL beyond the last. */
struct shown_level *shown_at(const struct shown *s, enum side side, uint32_t i);
/* The best level with anything left to take, or NULL. */
struct shown_level *shown_best(const struct shown *s, enum side side);
/* Not yet taken at px; 0 where no level stands. */
int64_t shown_left(const struct shown *s, enum side side, int64_t px);
/* qty <= what is left of the level: must hold. */
void shown_take(struct shown_level *l, int64_t qty);

static inline int64_t level_left(const struct shown_level *l)
{
	return l->size - l->taken;
}
/* Is a a better price than b for who stands on `side` (a higher bid, a lower offer)? */
static inline bool px_better(enum side side, int64_t a, int64_t b)
{
	return side == SIDE_BUY ? a > b : a < b;
}
