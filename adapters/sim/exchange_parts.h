/* exchange_parts - what the files of the exchange share: its memory of orders and trades, one
 * operation's way to the disk, and the restart.
 *
 * Not for others. Every change is an operation: begin, changes through the books and funds,
 * settle. */
#pragma once
#include "adapters/sim/exchange.h"

/* exchange_history.c: orders and trades remembered in rings, the oldest ended ones forgotten. */
int history_init(struct exchange *x);
void history_free(struct exchange *x);
/* A slot for a new order: the oldest that has ended; NULL when all are open. */
struct exchange_order *history_slot(struct exchange *x);
/* The order in the slot can be found from now on. */
void history_add(struct exchange *x, struct exchange_order *o);
/* Files a trade with its order. */
void history_trade(struct exchange *x, struct exchange_order *o, const struct exchange_trade *t);
bool order_is_open(const struct exchange_order *o);

/* exchange_apply.c: what the books say becomes money, records and events. */
void apply_match(void *exchange, const struct match_event *e);
/* The locked money of an order follows its open quantity. */
void apply_lock(struct exchange *x, struct exchange_order *o, int64_t leaves);
void apply_reject(struct exchange *x, const struct exchange_request *r, enum outcome o);
void apply_record(struct exchange *x, struct ledger_record *r);
struct ledger_record record_of(enum ledger_kind k);
/* Balances and positions that changed, one write, then the telling. -ERR_IO: nobody was told,
 * and the exchange is broken. */
int apply_settle(struct exchange *x);
/* An operation begins: its time, and the rules then in force. Returns the time, which never goes
 * back. */
int64_t apply_begin(struct exchange *x, int64_t now_ns);

/* exchange_recover.c: from the ledger, or the first records of a fresh one. */
int recover(struct exchange *x, int64_t now_ns);
