/* replay_other - another version of a strategy beside the recorded life: shown every call that the one of then was shown, and held against what that one proposed.
 *
 * It sees the same basis, the same events, the same position: that of then, whatever it would have traded itself. What would have come of its own trades is a backtest's
 * affair. One thread. */
#pragma once
#include "core/cmd/replay.h"

/* What one side proposed at a call: of leg 0 the side. */
struct other_wish {
	uint8_t n, side, intent; /* n: pairs proposed; the others are of the first */
	double lots;
};

struct other_decision {
	int64_t utc_ns;
	uint64_t call; /* of its instance's version of then */
	uint16_t instance;
	double sell_bp, buy_bp; /* what both had before them, net */
	struct other_wish then, now;
};

struct replay_other {
	const char *strategy; /* a file; NULL: as the configuration has it */
	const char *config;   /* a file; NULL: the one of then */
	const char *instance; /* NULL: all of them, and there is but one where a strategy is said */
	/* What came of it; freed by replay_other_free. */
	struct other_decision *decision; /* those that differ */
	size_t n_decisions, cap;
	uint64_t calls, then_proposed, now_proposed, errors;
	char (*name)[48]; /* of the instances */
	uint16_t n_names;
	char config_then[256];
	struct other_parts *parts;
};

/* The watch to give replay_run. o outlives it. */
struct replay_watch replay_other_watch(struct replay_other *o);
void replay_other_free(struct replay_other *o);
