/* bn_orders - the orders that may still work at the venue, as far as this adapter placed or was asked about them: whose outcome
 * becomes unknown when a session breaks. A fixed table by order id; engine's thread; memory from init. */
#pragma once
#include "core/base/map.h"
#include "core/trade/venue.h"

struct bn_order {
	uint64_t id; /* 0: free */
	uint32_t instrument;
	uint16_t session;
	uint8_t side;
	int64_t px, qty, cum;
	int64_t sent_ns;
	char venue_order[VENUE_ID_TEXT];
};

struct bn_orders {
	struct bn_order *slot;
	uint32_t *free_slot;
	uint32_t n_free, cap;
	struct map by_id;
};

int bn_orders_init(struct bn_orders *t, uint32_t cap); /* -ERR_NOMEM */
void bn_orders_free(struct bn_orders *t);
struct bn_order *bn_orders_find(const struct bn_orders *t, uint64_t id);
/* The order's entry, new or as it was; NULL: no room. */
struct bn_order *bn_orders_add(struct bn_orders *t, const struct order *o, uint16_t session);
void bn_orders_del(struct bn_orders *t, uint64_t id);
/* Takes in what a report says of it: the filled quantity, the venue's number, its end. */
void bn_orders_report(struct bn_orders *t, const struct exec_report *r);
