/* replay_outcome - what two versions of a strategy would have come to on one recording, by the matching core, and the decisions of theirs that differ, told.
 *
 * Main thread; cold. */
#pragma once
#include "core/base/json_out.h"
#include "core/cmd/replay_other.h"
#include <stdio.h>

/* A backtest's end; all instances that were looked at. */
struct replay_outcome {
	uint64_t sent, hedged, flat, broken, orders, fills;
	int64_t net_e8, fees_e8;
	bool priced; /* all of it could be told in one money */
	char money[16];
};

/* [0]: as the configuration of then has it; [1]: the other. What a backtest says. */
int replay_outcome(const struct replay_other *o, const struct replay_options *span,
		   struct replay_outcome out[2]);
void replay_outcome_text(const struct replay_other *o, const struct replay_outcome side[2],
			 FILE *f);
/* Members of the object that is open. */
void replay_outcome_json(const struct replay_other *o, const struct replay_outcome side[2],
			 struct json_out *j);
