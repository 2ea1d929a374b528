/* cn_ledger - the domestic exchange's truth on disk, in the records of ledger.h: orders, fills with their offsets, ends, money, and positions by side and day.
 *
 * A settlement's profit is money that no trade explains (LEDGER_MOVE, "settlement"), and stays out of what fills realise: the sums of ledger_check hold over all days. One operation is one
 * batch, written before anybody is told. One thread. */
#pragma once
#include "adapters/sim/cn_exchange.h"
#include "adapters/sim/ledger.h"

struct cn_ledger {
	struct ledger file;
	bool open;
	const struct assets *assets;
	const struct cn_exchange *exchange;
	int64_t marked_e8[CN_ACCOUNTS][CN_INSTRUMENTS]; /* settled since the beginning */
	int64_t entry_e8[CN_ACCOUNTS][CN_INSTRUMENTS];	/* long less short cost, as last written */
	int64_t lots[CN_ACCOUNTS][CN_INSTRUMENTS][side_max][2]; /* likewise */
	int64_t balance_e8[CN_ACCOUNTS], locked_e8[CN_ACCOUNTS];
};

/* path NULL: nothing is written. The exchange is fresh. -ERR_CONFIG: the file is another venue's, or was begun by a run before; -ERR_IO, -ERR_BUSY, -ERR_CORRUPT. */
int cn_ledger_open(struct cn_ledger *l, const char *path, const char *name,
		   const struct assets *assets, const struct cn_exchange *x,
		   const char (*account)[32]);
void cn_ledger_close(struct cn_ledger *l);
/* A report of the exchange; id: the client's own number of the order. */
void cn_ledger_report(struct cn_ledger *l, const struct cn_report *r, const char *id);
/* What an operation came to: balances and positions that changed, one write. -ERR_IO: nobody may be told. */
int cn_ledger_commit(struct cn_ledger *l, int64_t at_ns);
