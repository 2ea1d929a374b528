/* cn_recover - a domestic exchange as its ledger left it: every order, fill, end and settlement of the file happens again, in the file's order and without a market.
 *
 * Money and lots come from the same functions that made them, and must come to what the file says of them; fees are taken as they were written. Counters of the day, its orders and its trades are
 * there again, numbers go on, and what works rests at the end of its queue. What the file does not know is lost: the market's book and trades, prices since the last own fill, logins. One thread. */
#pragma once
#include "adapters/sim/cn_ledger.h"

/* The ledger is held, but not open for writing yet. Afterwards the exchange stands at the time of the newest record. -ERR_CORRUPT: the file does not add up, or speaks of what the exchange has not;
 * -ERR_CONFIG: an older build wrote it, or there is less room than it needs; -ERR_IO. */
int cn_recover(struct cn_ledger *l, struct cn_exchange *x, const char *path, cn_ledger_fn fn,
	       void *owner);
