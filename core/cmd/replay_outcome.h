/* replay_outcome - what two versions of a strategy would have come to on one recording, by the matching core: a backtest of each, from a position of its own.
 *
 * Main thread; cold. */
#pragma once
#include "core/cmd/backtest.h"
#include "core/cmd/replay_other.h"

/* A curve of one instance: its net money and its position. */
struct outcome_curve {
	struct bt_sample *sample;
	uint32_t n;
};

/* A backtest's end; all instances that were looked at. */
struct replay_outcome {
	uint64_t sent, hedged, flat, broken, orders, fills;
	int64_t net_e8, fees_e8;
	bool priced; /* all of it could be told in one money */
	char money[16];
	/* By the instances of struct replay_other; freed by replay_outcome_free. */
	struct bt_pair *pair;
	uint32_t n_pairs;
	struct outcome_curve *curve;
	uint16_t n_curves;
};

/* [0]: as the configuration of then has it, with the texts that the store has kept; [1]: the other. What a backtest says. */
int replay_outcome(const struct replay_other *o, const struct replay_options *span,
		   struct replay_outcome out[2]);
void replay_outcome_free(struct replay_outcome out[2]);
/* The pair that this side's backtest sent where it was proposed; NULL: it sent none there, since its position or a limit was another. */
const struct bt_pair *replay_outcome_pair(const struct replay_outcome *x,
					  const struct other_decision *d,
					  const struct other_wish *w);
