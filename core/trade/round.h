/* round - a basis position: what links the pairs that open it, roll it and close it, and what it has earned so far.
 *
 * It begins with the first pair of an instance that is flat and ends when no leg holds as much as a pair lot; its number stands in every receipt
 * of its pairs. It goes on being watched after its pairs are hedged: late fills, busts, fees and funding are booked on it. Money in the quote currency at 8
 * decimals. Engine's thread. */
#pragma once
#include "core/market/instrument.h"
#include <stdint.h>

struct desk;
struct fact;

enum round_phase { ROUND_OPENED, ROUND_CLOSED, ROUND_CARRIED, round_phase_max };

struct round {
	uint64_t id; /* 0: none is open */
	int64_t opened_utc_ns;
	int64_t cash_e8;	 /* received minus paid */
	int64_t fee_e8;		 /* fees in the quote or settlement currency */
	int64_t fee_base_e8;	 /* fees taken out of what was bought, base units */
	int64_t funding_e8;	 /* paid for holding it; negative: received */
	int64_t carried_base_e8; /* unhedged, as an operator accepted it */
	uint32_t pairs;
};

/* The open round of an instance, begun when there is none. Returns its number. */
uint64_t round_open(struct desk *d, uint16_t instance);
/* Books an execution on it: value is what the side pays or receives. */
void round_book(struct round *r, enum side side, int64_t value_e8, int64_t fee_e8,
		int64_t fee_base_e8);
/* Ends it when nothing is in flight and no leg holds as much as a pair lot; its account is a receipt. */
void round_end(struct desk *d, uint16_t instance);
/* An operator accepted so much as unhedged; negative: it is news again. Its account is a receipt. */
void round_accept(struct desk *d, uint16_t instance, int64_t base_e8);
/* Its account for a checkpoint, and back from its receipt. */
void round_carry(struct desk *d, uint16_t instance);
void round_recall(struct round *r, const struct fact *f);
