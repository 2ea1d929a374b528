/* join - how one venue's numbers say that a depth change is the next one: the continuity rules, a row each.
 *
 * The feed asks three questions of a change: does it follow what the book ends at, may it be the first behind a snapshot, is all of it in the book already? The answers
 * depend only on the row. A new venue's rule is a new row. Pure. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>

enum feed_join {
	JOIN_LAST_PLUS_1, /* first == previous last + 1; after a snapshot S: first <= S + 1 <= last (Binance spot) */
	JOIN_PREV, /* prev == previous last; after a snapshot S: that, or first <= S <= last (Binance futures) */
	JOIN_COUNT, /* one number a message: last_seq == previous + 1, first_seq is not read (CME, ITCH) */
	JOIN_PREV_RESET, /* prev == previous last; equal numbers keep alive, a smaller one is an announced reset, prev -1 is a whole book in line (OKX) */
	JOIN_WHOLE, /* no chain: each message is the whole of what is shown (CTP, books5); numbers, where there are any, only rise */
	feed_join_max
};
const char *feed_join_name(enum feed_join j);

#define JOIN_IN_LINE (-1) /* prev_seq of a whole book among the changes */

struct join_rule {
	bool by_prev;  /* the chain is prev_seq's; else first_seq's */
	bool single;   /* a change has one number: last_seq */
	bool overlaps; /* the first change behind a snapshot may begin before its end */
	bool ends_at;  /* and may end where it ends */
	bool in_order; /* the line keeps order and its numbers may begin anew: what does not follow is never old, it is a hole */
	bool whole;    /* each message is a whole book */
};
extern const struct join_rule join_rules[feed_join_max];

static inline int64_t join_first(const struct join_rule *r, const struct depth *d)
{
	return r->single ? d->last_seq : d->first_seq;
}

/* Is it the next one behind `last`? */
static inline bool join_follows(const struct join_rule *r, int64_t last, const struct depth *d)
{
	if (r->by_prev)
		return d->prev_seq == last && (d->last_seq > last || r->in_order);
	return join_first(r, d) - 1 == last && d->last_seq > last;
}

/* May it be the first behind a snapshot that ends at s? */
static inline bool join_overlaps(const struct join_rule *r, int64_t s, const struct depth *d)
{
	int64_t first = s + !r->ends_at;
	return r->overlaps && join_first(r, d) <= first && first <= d->last_seq;
}

/* Is all of it in a book that ends at `last`? */
static inline bool join_old(const struct join_rule *r, int64_t last, const struct depth *d)
{
	return !r->in_order && d->last_seq <= last;
}

/* Where a hole in front of it ends. */
static inline int64_t join_hole_end(const struct join_rule *r, const struct depth *d)
{
	return r->by_prev ? d->prev_seq : join_first(r, d) - 1;
}
