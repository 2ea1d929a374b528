/* router - orders out, execution reports in: every report finds its order, is counted once, and moves positions and pairs.
 *
 * Intents are in the journal before a byte goes out (I6). Silence is not an answer: an order that is not heard of becomes UNKNOWN and is asked
 * for until the venue says what became of it (R1, F12, F13). Cancels that are not obeyed are sent again with limits, then the contract is cancelled whole, then
 * somebody is told (F14). Reports for orders that are not ours go to foreign.h (F16). Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* What an order is to its pair; num[2] of its receipt. */
enum order_role {
	ORDER_OPENS,
	ORDER_RESCUES, /* reduces what is unhedged of a broken pair */
	ORDER_HEDGES, /* follows what another leg has filled, as planned: it passes where a rescue does */
	order_role_max
};

struct order_ask {
	uint8_t side, type, tif;
	uint8_t role; /* enum order_role */
	int64_t px, qty;
	int64_t rest_until_ns; /* it may work until then; 0: as long as an answer may take */
	uint64_t parent;       /* the order whose other offsets it bears; 0: none */
};

/* An order of a pair's leg, its intent written; where the exchange wants lots closed by offsets of their own, more orders with it, which leave with it (order.parent). NULL when there is no room
 * (nothing was written). qty > 0. */
struct order *router_ask(struct desk *d, struct pair *p, unsigned leg, const struct order_ask *ask,
			 uint64_t cause);
/* Nothing of it was sent, and nothing will be, nor of those that would have left with it. Not counted as a reject: no venue refused it. */
uint64_t router_withdraw(struct desk *d, struct order *o, const char *why, uint64_t cause);
/* An order of a pair's leg, its intent written: NULL when there is no room (nothing was written). qty > 0. */
struct order *router_order(struct desk *d, struct pair *p, unsigned leg, enum side side, int64_t px,
			   int64_t qty, bool rescue, uint64_t cause);
/* Sends it; when the venue cannot take it, or its session is not the one that the order was made for, the order ends REJECTED. Returns the receipt. */
uint64_t router_send(struct desk *d, struct order *o);
void router_cancel(struct desk *d, struct order *o, uint64_t cause);
/* Another price and total quantity for an order that works, in place (F09). qty: above what has filled. -ERR_UNSUPPORTED: the venue cannot; -ERR_STATE: it does not
 * work, or a change is on its way; -ERR_ARG, -ERR_LIMIT in words. Then nothing was sent. */
int router_replace(struct desk *d, struct order *o, int64_t px, int64_t qty, uint64_t cause);
/* Cancels all open orders of this host at a venue: of one account (UINT16_MAX: of all), in one instrument (UINT32_MAX: in all). By the contract where the venue
 * can, it saves messages and nobody else's order works there; else one by one; out of the reserved budget, and what that does not let go now goes by timer.
 * Returns how many orders were meant. */
uint32_t router_cancel_all(struct desk *d, uint16_t venue, uint16_t account, uint32_t instrument,
			   uint64_t cause);
/* The order is not heard of: it is unknown, and asked for when the venue is up. */
void router_lost(struct desk *d, struct order *o, const char *why, uint64_t cause);
void router_on_exec(struct desk *d, const struct exec_report *r);
/* Books an execution into positions, order and pair: for live reports and for recovery. */
void router_book(struct desk *d, struct order *o, int64_t px, int64_t qty, int64_t fee_e8,
		 asset_id fee_asset);
/* Takes an execution back, with its fee (F39). */
void router_unbook(struct desk *d, struct order *o, int64_t px, int64_t qty, int64_t fee_e8,
		   asset_id fee_asset);
/* An operator gives up an order that its venue never answers for: it counts as cancelled, and what it fills after all is late news. */
void router_write_off(struct desk *d, struct order *o, const char *why, uint64_t cause);
/* Its timer fired: cancel what rests too long, ask for what is silent. */
void router_on_timer(struct desk *d, uint64_t order);
/* The venue is up: ask for everything open there. */
void router_venue_up(struct desk *d, uint16_t venue);
/* Orders of this venue (or of all: UINT16_MAX) whose outcome only the venue knows. */
uint32_t router_unknown(struct desk *d, uint16_t venue);
