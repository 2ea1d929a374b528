/* today - which lots of what is held are of today: over a new trading day, over a restart, and by the word of the venue.
 *
 * Some exchanges close today's lots by another offset and at other fees than earlier ones, so a host that does not know them sends the wrong one. The trading day of a contract
 * comes from its calendar and is in the receipts of its phases; a checkpoint writes day and lots of each row. What a venue says of them counts as its word on positions does (reconcile.h): whole, fresh, and
 * twice. It moves lots between days, never what is held on balance. Engine's thread. */
#pragma once
#include "core/market/instrument.h"
#include <stdbool.h>
#include <stdint.h>

struct desk;
struct fact;
struct position;
struct position_sum;

/* The trading day of a contract is this one; 0: between two of them. True: another one was known, and what was traded in it is of an earlier day from now on. */
bool today_begins(struct desk *d, uint32_t instrument, int32_t day);
/* A row, for a checkpoint; nothing where neither day nor earlier lots are known. And back from its receipt. */
void today_carry(struct desk *d, const struct position *row);
int today_recall(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		 const struct fact *f);
/* What a venue says that an account holds, long and short, [0] of today and [1] earlier; also its word on the position. */
void today_told(struct desk *d, uint16_t account, uint32_t instrument,
		const int64_t qty[side_max][2], int64_t venue_ns);
/* Held against the rows, which agree with it on balance. fresh: it may be compared now. True: nothing is left open. */
bool today_judge(struct desk *d, uint16_t account, uint32_t instrument, struct position_sum *s,
		 bool fresh);
