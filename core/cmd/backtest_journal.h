/* backtest_journal - receipts of a backtest: each is counted as it is written, and kept where there is a store; small values in memory where there is none.
 *
 * Main thread; memory grows with the values. */
#pragma once
#include "core/cmd/backtest_tally.h"
#include "core/trade/journal.h"

struct bt_value;

struct bt_journal {
	struct journal journal; /* first */
	struct kv kv;
	struct journal *to; /* NULL: nowhere */
	struct bt_tally *tally;
	uint64_t seq;
	struct bt_value *value;
	size_t n_values;
};

void bt_journal_init(struct bt_journal *j, struct journal *to, struct bt_tally *tally);
void bt_journal_free(struct bt_journal *j);
