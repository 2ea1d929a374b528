/* rehearse - shows a new version of a script what its markets did in the last seconds, before it trades: what fails there never comes.
 *
 * The recording of the running store is played into books of its own, and the version is called as it would have been; what it proposes is counted and
 * goes nowhere. Afterwards it is as it was loaded, but compiled. On any thread but the engine's, which goes on meanwhile. */
#pragma once
#include "core/ops/config.h"
#include "core/trade/strategy.h"
#include "store/store.h"

/* What the engine knew when it was asked for; copied, since the engine's own changes. */
struct rehearsal {
	const struct config *cfg;
	uint16_t instance;
	struct instrument leg[LEG_MAX], ref[REF_MAX];
	uint8_t leg_join[LEG_MAX], ref_join[REF_MAX]; /* enum feed_join */
	int64_t lot_base_e8;
	struct strat_self self;
	struct basis basis; /* as it was last shown */
	int64_t now_utc_ns;
};

struct rehearsed {
	uint32_t calls, proposals;
	uint32_t
		recorded; /* of the calls, those made of recorded prices; the others repeat the newest basis */
	int64_t span_ns; /* that they cover */
};

/* 0; -ERR_SCRIPT: a call failed, the text says file:line; -ERR_NOMEM. A recording that cannot be read is no failure: there is less to show. */
int rehearse(const struct rehearsal *r, struct store *store, struct strategy *s,
	     struct rehearsed *out);
