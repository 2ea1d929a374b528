/* edge - what a pair earns beyond the fair value of its two sides: the measure of what completing keeps and unwinding gives up.
 *
 * Value of what is sold less value of what is bought, for one of the pair and in the units of the basis, less the same at fair prices. What is fair the script says, else the
 * rolling mean of the basis does; where neither is known and all legs are one asset in one currency, their raw difference is taken for a presumption, which is never below
 * nothing and never buys a worse price. Doubles, because a conversion is the script's. Pure functions of the desk; engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Fills in fair and fair_from of a drafted pair. False: what the script calls fair is not the basis of these legs. */
bool edge_choose_fair(struct desk *d, const struct proposal *pr, struct pair *p);
/* What so many millionths of the pair were to earn at the reference prices, before fees; the instance's money. 0: fair is not known. False: no rate leads there. */
bool edge_expected_e8(struct desk *d, const struct pair *p, int64_t part_ppm, int64_t *e8);
/* The worst price of a leg with which the pair still keeps its edge, given what the others have traded at: what is left after the fees of all legs is at least this share of what was
 * expected. False: fair is presumed or not known, or there is no price. */
bool edge_limit_px(struct desk *d, const struct pair *p, unsigned leg, int32_t keep_ppm,
		   int64_t *px);
/* A receipt of it; its sequence, 0: no room. What is presumed, a restart presumes again. */
uint64_t edge_write(struct desk *d, const struct pair *p, uint64_t cause);
void edge_recall(struct pair *p, const struct fact *f);
/* One asset in one currency, and nobody said what is fair. */
bool edge_presumes(const struct desk *d, const struct pair *p);
const char *fair_from_name(enum fair_from f);
