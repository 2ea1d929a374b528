/* cn_parts - what the domestic exchange's own files share; nobody else includes it. */
#pragma once
#include "adapters/sim/cn_exchange.h"

/* Something of the contract may look different now. */
void cn_changed(struct cn_book *b);
/* Rules and limits in force at that time. */
void cn_refresh(struct cn_exchange *x, int64_t at_ns);
/* Phase and trading day at that time. */
void cn_book_at(struct cn_book *b, int64_t at_ns);
/* The day over all contracts: the first that is not over for one of them. */
int32_t cn_day_of(const struct cn_exchange *x);
/* The sink of every contract's match. */
void cn_hear(void *book, const struct match_event *e);
/* What the counter holds ready for an order that was let through: lots, or money; CN_OK, or the lots are not there. */
enum cn_refusal cn_hold(struct cn_exchange *x, const struct cn_request *q, int64_t *locked_e8);
/* One order more of the day; its id is first_id + n_orders. */
void cn_keep(struct cn_exchange *x, const struct cn_order *o);
/* The day is over at these prices, and nothing works any more. */
void cn_settle(struct cn_exchange *x, const int64_t px[CN_INSTRUMENTS], int64_t at_ns);
/* Is there room for the fills of one operation more? */
bool cn_room(const struct cn_exchange *x);
void cn_tell_order(struct cn_exchange *x, const struct cn_order *o, bool replayed);
void cn_tell_trade(struct cn_exchange *x, const struct cn_trade *t, bool replayed);
