/* router - orders out, execution reports in: every report finds its order, is counted once, and moves positions and pairs.
 *
 * Intents are in the journal before a byte goes out (I6). Silence is not an answer: an order that is not heard of becomes UNKNOWN and is asked
 * for until the venue says what became of it (R1, F12, F13). Reports for orders that are not ours are booked apart and alerted (F16). Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* An order of a pair's leg, its intent written; where the exchange wants lots closed by offsets of their own, more orders with it, which leave with it (order.parent). NULL when there is no room (nothing was written). qty > 0. */
struct order *router_order(struct desk *d, struct pair *p, unsigned leg, enum side side, int64_t px,
			   int64_t qty, bool rescue, uint64_t cause);
/* Sends it; when the venue cannot take it the order ends REJECTED. Returns the receipt. */
uint64_t router_send(struct desk *d, struct order *o);
void router_cancel(struct desk *d, struct order *o, uint64_t cause);
/* The order is not heard of: it is unknown, and asked for when the venue is up. */
void router_lost(struct desk *d, struct order *o, const char *why, uint64_t cause);
void router_on_exec(struct desk *d, const struct exec_report *r);
/* Books an execution into positions, order and pair: for live reports and for recovery. */
void router_book(struct desk *d, struct order *o, int64_t px, int64_t qty, int64_t fee_e8,
		 asset_id fee_asset);
/* Takes an execution back (F39); its fee is not given back. */
void router_unbook(struct desk *d, struct order *o, int64_t px, int64_t qty);
/* Its timer fired: cancel what rests too long, ask for what is silent. */
void router_on_timer(struct desk *d, uint64_t order);
/* The venue is up: ask for everything open there. */
void router_venue_up(struct desk *d, uint16_t venue);
/* Orders of this venue (or of all: UINT16_MAX) whose outcome only the venue knows. */
uint32_t router_unknown(struct desk *d, uint16_t venue);
