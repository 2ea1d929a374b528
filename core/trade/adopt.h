/* adopt - what an operator traded by hand at the venue becomes the pair's: fills that were booked to nobody are moved into the instance and the leg that lacks them.
 *
 * Never more than the pair lacks, never the other way round; each move is a receipt with quantity, price and value, and a restart makes it again. Fees stay where the venue charged
 * them: with nobody. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Is there anything to move? -ERR_STATE, in words, when nobody's position has nothing that the pair lacks. */
int adopt_possible(struct desk *d, const struct pair *p);
/* Moves it. */
void adopt_fills(struct desk *d, struct pair *p, uint64_t cause);
/* One move, from its receipt. */
void adopt_recall(struct desk *d, struct pair *p, const struct fact *f, uint32_t instrument,
		  uint16_t account);
