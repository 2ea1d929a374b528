/* exposure - what every order that may still fill could add, kept as it changes, so that no gate walks the orders.
 *
 * A slot is an account and an instrument: the open quantity of each side, and its orders in a chain. An instance has the base units that each side could still bring. Unknown
 * orders are in both as long as the venue has not said what became of them (R1): all of one side fills and nothing of the other is the worst case that the gates look at (I2).
 * What an order adds is noted when it opens, fills or is changed, and forgotten when it ends; noting twice is noting once. Memory from exposure_init; engine's thread. */
#pragma once
#include "core/base/map.h"
#include "core/market/instrument.h"
#include "core/trade/order.h"
#include "core/trade/position.h"
#include <stdint.h>

struct exposure_slot {
	uint16_t account;
	uint32_t instrument;
	int64_t open_qty[side_max]; /* that may still fill */
	uint32_t n[side_max];	    /* orders */
	uint32_t first[side_max];   /* place of the latest one + 1; 0: none */
	uint32_t first_row;	    /* of its positions, by owner; + 1 */
};

/* What is noted of one order, by its place in the blotter. */
struct exposure_note {
	int64_t qty, base_e8;
	uint32_t slot;	     /* + 1; 0: nothing is noted */
	uint32_t next, prev; /* place + 1 */
	uint16_t instance;
	uint8_t side;
};

struct exposure {
	struct exposure_slot *slot;
	uint32_t n, cap;
	struct map by_key;
	struct exposure_note *note;
	uint32_t orders;
	int64_t (*base_e8)[side_max]; /* by instance */
	uint16_t n_instances;
	uint32_t *next_row; /* by position: the next row of its slot + 1 */
	uint32_t rows;	    /* positions that are in a chain */
	uint32_t rows_cap;
};

int exposure_init(struct exposure *x, uint32_t orders, uint32_t slots, uint32_t rows,
		  uint16_t instances);
void exposure_free(struct exposure *x);
/* The slot of an account and an instrument, made when it is not there; UINT32_MAX: no room. */
uint32_t exposure_slot(struct exposure *x, uint16_t account, uint32_t instrument);
/* The order as it stands now, at this place of the blotter: what is left of it counts. in: its instrument. */
void exposure_note(struct exposure *x, uint32_t place, const struct order *o,
		   const struct instrument *in);
/* It has ended. */
void exposure_forget(struct exposure *x, uint32_t place);
/* Lots that are held long and short there, all owners. */
void exposure_held(struct exposure *x, uint32_t slot, const struct positions *all,
		   int64_t held[side_max]);
/* Orders of a slot on one side: start with *at = slot's first[side]; the place of one, or UINT32_MAX. */
uint32_t exposure_each(const struct exposure *x, uint32_t *at);
