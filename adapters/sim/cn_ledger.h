/* cn_ledger - the domestic exchange's truth on disk, in the records of ledger.h: orders, fills with their offsets, ends, money, and positions by side and day.
 *
 * A settlement's profit is money that no trade explains (LEDGER_MOVE, "settlement"), and stays out of what fills realise: the sums of ledger_check hold over all days. One operation is one
 * batch, written before anybody is told. A file that a run before began is played back into the exchange, which goes on from there: what was under way then works again at the end of its
 * queue. One thread. */
#pragma once
#include "adapters/sim/cn_exchange.h"
#include "adapters/sim/ledger.h"

struct cn_ledger {
	struct ledger file;
	bool open;
	const struct assets *assets;
	const struct cn_exchange *exchange;
	int64_t cost_e8
		[CN_ACCOUNTS]
		[CN_INSTRUMENTS]; /* long less short cost, as the last fill or settlement left it */
	int64_t marked_e8[CN_ACCOUNTS][CN_INSTRUMENTS]; /* settled since the beginning */
	int64_t entry_e8[CN_ACCOUNTS][CN_INSTRUMENTS];	/* long less short cost, as last written */
	int64_t lots[CN_ACCOUNTS][CN_INSTRUMENTS][side_max][2]; /* likewise */
	int64_t balance_e8[CN_ACCOUNTS], locked_e8[CN_ACCOUNTS];
};

/* Whoever knows orders by their clients' numbers hears of each that is played back, accepted or refused, before the exchange reports it. */
typedef void (*cn_ledger_fn)(void *owner, const struct ledger_record *r);
/* path NULL: nothing is written. The exchange is fresh, and has happened nothing; its reports while the file is played back come as they came then. fn may be NULL. -ERR_CONFIG: the file is
 * another venue's, or an older build's; -ERR_IO, -ERR_BUSY, -ERR_CORRUPT. */
int cn_ledger_open(struct cn_ledger *l, const char *path, const char *name,
		   const struct assets *assets, struct cn_exchange *x, const char (*account)[32],
		   cn_ledger_fn fn, void *owner);
void cn_ledger_close(struct cn_ledger *l);
/* A report of the exchange; id: the client's own number of the order; cut: what was kept from the exchange of what it asked. */
void cn_ledger_report(struct cn_ledger *l, const struct cn_report *r, const char *id, int64_t cut);
/* What an operation came to: balances and positions that changed, one write. -ERR_IO: nobody may be told. */
int cn_ledger_commit(struct cn_ledger *l, int64_t at_ns);
