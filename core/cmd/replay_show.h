/* replay_show - two versions of a strategy on one recorded life, told: on a terminal, as members of a JSON object, and as one page of HTML on which the basis, the
 * thresholds and the decisions of both are drawn over time.
 *
 * Main thread; cold. */
#pragma once
#include "core/base/json_out.h"
#include "core/cmd/replay_outcome.h"
#include <stdio.h>

struct replay_story {
	const char *store;
	const struct replay_counts *counts;
	const struct replay_difference *diff;
	const struct replay_other *other;
	const struct replay_outcome *side; /* [2] */
};

void replay_text(const struct replay_story *s, FILE *f);
/* Members of the object that is open. */
void replay_json(const struct replay_story *s, struct json_out *j);
size_t replay_json_size(const struct replay_story *s); /* bytes that they take at most */
/* Self-contained: no script, no address. -ERR_IO, -ERR_NOMEM. */
int replay_html(const struct replay_story *s, FILE *f);

#define REPLAY_WORDS 160
/* "open sell 4 lots", "nothing". */
const char *replay_wish(const struct other_wish *w, char out[REPLAY_WORDS]);
/* What came of it: "hedged, slipped 0.12, fees 1.10 USDT". */
const char *replay_came(const struct replay_outcome *x, const struct other_decision *d,
			const struct other_wish *w, char out[REPLAY_WORDS]);
