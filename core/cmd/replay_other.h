/* replay_other - another version of a strategy beside the recorded life: shown every call that the one of then was shown, and held against what that one proposed.
 *
 * It sees the same basis, the same events, the same position: that of then, whatever it would have traded itself. It has its own hooks and timers, and a memory that
 * began with the one of then; what an operator said of a parameter is said to it too. What would have come of its own trades is a backtest's affair. One thread. */
#pragma once
#include "core/cmd/replay.h"
#include "core/cmd/replay_curve.h"

/* What one side proposed at a call: of leg 0 the side. */
struct other_wish {
	uint8_t n, side, intent; /* n: pairs proposed; the others are of the first */
	double lots;
};

struct other_decision {
	int64_t utc_ns;
	uint64_t call; /* of its instance's version of then */
	uint16_t instance;
	double sell_bp, buy_bp,
		pos_lots; /* what both had before them: the basis net, the position of then */
	struct other_wish then, now;
};

/* What one configuration of then is: kept for a backtest of it. */
struct other_then {
	char *config;
	size_t config_len;
	char file[256];
	struct replay_loaded *script; /* by instance */
	uint16_t n;
};

/* What the other version remembers from one life to the next. */
struct other_memory {
	void *saved;
	size_t len;
};

struct replay_other {
	const char *strategy; /* a file; NULL: as the configuration has it */
	const char *config;   /* a file; NULL: the one of then */
	const char *instance; /* NULL: all of them, and there is but one where a strategy is said */
	bool draws;	      /* curves are wanted */
	/* What came of it; freed by replay_other_free. Instances are those of the first life. */
	struct other_decision *decision; /* those that differ */
	size_t n_decisions, cap;
	uint64_t calls, then_proposed, now_proposed, errors;
	uint64_t unasked;  /* calls of hooks and timers that only the other version has */
	uint64_t left_out; /* lives whose memory was not for it */
	char (*name)[48];  /* of the instances */
	bool *watched;
	struct replay_curve *curve;
	struct other_memory *memory;
	uint16_t n_names;
	struct other_then then;
	struct other_parts *parts;
};

/* The watch to give replay_run. o outlives it. */
struct replay_watch replay_other_watch(struct replay_other *o);
void replay_other_free(struct replay_other *o);
