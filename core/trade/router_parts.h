/* router_parts - inner part of the router: what its files share. */
#pragma once
#include "core/trade/router.h"

#define QUERY_FIRST_NS 200000000LL
#define QUERY_LAST_NS  5000000000LL

/* Moves an order by its table; false when there is no such move. */
bool router_move(struct desk *d, struct order *o, enum order_event ev);
/* It is looked at again then. */
void router_set_timer(struct desk *d, struct order *o, int64_t in_ns);
void router_reject(struct desk *d, struct order *o, int code, enum reject_class class,
		   const char *text, uint64_t cause, int64_t venue_ns);
/* The venue says that it works although it was to be cancelled: again, with limits (F14). */
void router_still_works(struct desk *d, struct order *o);
/* What was pending of a replacement is in force, or not. qty: in total. */
void router_settle_replace(struct order *o, int64_t px, int64_t qty);
