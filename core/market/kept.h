/* kept - depth changes that wait for the one in front of them: a buffer that a feed borrows while its book is being repaired.
 *
 * A buffer holds its changes in the venue's order, whatever order they came in, each once; levels are copied. Buffers come from a bounded pool that all feeds share, so that ten
 * thousand instruments cost no more memory than those that are broken at one moment; a buffer that was never borrowed is never touched. Engine's thread; memory from init. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>

#define KEPT_LEVELS  16384 /* about three seconds of a busy futures book */
#define KEPT_CHANGES 1024

struct kept_change {
	int64_t first_seq, last_seq, prev_seq;
	int64_t venue_ns, recv_ns;
	uint32_t at; /* first of its levels */
	uint32_t n[side_max];
	uint8_t line;
};

struct kept {
	struct kept *next;   /* in the pool */
	uint32_t head, tail; /* of change[] */
	uint32_t used;	     /* of level[]; room is won back when all have left */
	struct kept_change change[KEPT_CHANGES];
	struct level level[KEPT_LEVELS];
};

enum kept_how { KEPT_BY_NUMBER, KEPT_BY_ARRIVAL, kept_how_max };

/* False: no room, and nothing was changed. A change that is there already is not kept twice, and counts as kept. */
bool kept_put(struct kept *k, const struct depth *d, enum kept_how how);
/* The i-th, its levels alive as long as it is kept. False: there are not so many. */
bool kept_at(const struct kept *k, uint32_t i, struct depth *d);
void kept_shift(struct kept *k); /* removes the first */
void kept_clear(struct kept *k);
static inline uint32_t kept_count(const struct kept *k)
{
	return k->tail - k->head;
}

struct kept_pool {
	struct kept *all, *free;
	uint32_t n, out, out_max; /* buffers; lent now; lent at most */
	uint64_t refused;	  /* times that none was left */
};

int kept_pool_init(struct kept_pool *p, uint32_t n); /* n >= 1; -ERR_NOMEM */
void kept_pool_free(struct kept_pool *p);
struct kept *kept_borrow(struct kept_pool *p); /* empty; NULL: none is left */
void kept_return(struct kept_pool *p, struct kept *k);
