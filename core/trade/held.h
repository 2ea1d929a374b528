/* held - pairs that have no way out now: each names its cause, alerts once, is counted in money times seconds, and is looked at again when the cause may have ended (R6).
 *
 * What was unhedged while a pair was held is an account of its own, told by a receipt when the holding ends or its cause changes. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Holds a pair, or goes on holding it; receipt: what led to it. */
void held_hold(struct desk *d, struct pair *p, enum held_cause cause, uint64_t receipt);
/* Nothing can be done about it now, though it is not held yet: it may end by itself. It is listed at once, and told when that lasts; a step, or an end, ends it. */
void held_soon(struct desk *d, struct pair *p, enum held_cause cause);
/* Some of it is not hedged, and only a venue knows what became of the rest: HELD_UNKNOWN_ORDER, HELD_VENUE_DOWN; else HELD_NONE. */
enum held_cause held_unknown(struct desk *d, const struct pair *p);
/* Counts the time since it was last counted; whenever a held pair is looked at. */
void held_count(struct desk *d, struct pair *p);
/* It is held no longer, or for another cause: what that holding was, as a receipt. */
void held_end(struct desk *d, struct pair *p);
/* That moment, of an earlier life of the host too, on the clock of this one; never 0. */
int64_t held_since(const struct desk *d, int64_t utc_ns);
/* A pair that recovery found held: it has been since then. */
void held_recall(struct desk *d, struct pair *p, int64_t since_utc_ns);
