/* terms - what a proposal asks of the ladder for its own pair: another policy, fewer ticks, less money, less time to wait or chase.
 *
 * They only tighten: what goes beyond the instance's is cut to it, and the receipt says what holds. Written down with the pair, so that a restart knows them. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* False: nonsense, or a policy that leaves nothing of the instance's. */
bool terms_choose(const struct desk *d, const struct proposal *pr, struct pair *p);
/* A bound of the instance, or the pair's where that is tighter; asked < 0: not said. */
int64_t terms_least(const struct pair *p, int64_t asked, int64_t own);
/* A receipt of what was chosen. Returns its sequence; 0: no room. */
uint64_t terms_write(struct desk *d, const struct pair *p, uint64_t cause);
void terms_recall(struct pair *p, const struct fact *f);
