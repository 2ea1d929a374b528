/* lineup - the versions of its script that an instance has at once: one trades, one may run beside it unheard, one can be gone back to, and older ones
 * hear of the pairs that they opened until those have ended.
 *
 * A version that has just come is on trial: rules that the configuration states (`reload`) say when it has passed, when a canary may trade more, and when the one before
 * it takes over again. Plain data and its judge: engine_reload.c acts on it. Engine's thread; no allocation. */
#pragma once
#include "core/market/basis.h"
#include "core/ops/config.h"
#include "core/trade/limit.h"
#include "core/trade/reload.h"
#include "core/trade/strategy.h"
#include <stdbool.h>
#include <stdint.h>

#define LINEUP_MAX 6

/* Their numbers stand in receipts: append. */
enum version_role {
	VERSION_NONE,
	VERSION_LIVE,	 /* trades */
	VERSION_SHADOW,	 /* is shown the same, and what it proposes is only recorded */
	VERSION_BACK,	 /* traded before: what a step back returns to */
	VERSION_LEAVING, /* only hears of the pairs that it opened */
	VERSION_GONE,	 /* of receipts: nothing needs it any more */
	VERSION_REFUSED, /* of receipts: it never came, or was rolled back */
	VERSION_TAKEN,	 /* of receipts: it is loaded and checked; the text is its file */
	version_role_max
};

struct version {
	struct strategy *script; /* NULL: the place is free */
	uint32_t name;		 /* durable number of its SHA-256 */
	uint8_t role;		 /* enum version_role */
	int64_t since_utc_ns;	 /* of its role */
};

/* What has come of the live version since its trial, or the step that its canary is at, began. */
struct trial {
	bool on;
	uint8_t how;		       /* enum reload_how: RELOAD_SWAP or RELOAD_CANARY */
	uint8_t step;		       /* of the canary's parts */
	uint64_t calls, errors, kills; /* of the script, when it began */
	int64_t since_ns;	       /* monotonic */
	uint32_t pairs, broken, refused;
	int64_t slip_e8; /* of its pairs, all together */
	bool priced;	 /* profit_e8 was known */
	int64_t profit_e8;
};

/* Proposals of one second (flood.h). */
struct flood {
	int64_t second_ns; /* when it began */
	int32_t n;
	uint8_t seconds; /* in a row that were beyond the bound */
};

/* How the proposals of a shadow compare with those of the version that trades, event by event. */
struct shadow_count {
	uint64_t events; /* both were shown */
	uint64_t same, only_live, only_shadow, differ;
	int64_t told_ns;      /* when the last receipt was written */
	uint64_t told_events; /* that it knew of */
	uint64_t untold;      /* proposals of the shadow since */
};

#define LINEUP_ANSWER 400

/* Preparing a version may take longer than anybody wants to hold a line: whoever asks gets a number, and asks for its answer later. */
struct lineup_answer {
	uint32_t asked, answered; /* numbers of the newest */
	char text[LINEUP_ANSWER];
};

struct lineup {
	struct version v[LINEUP_MAX];
	uint8_t seen[32]; /* SHA-256 of the configured file as it was last read, taken or not: a restart goes on with the version that traded, unless the file
			     has changed since. All 0: unknown */
	uint8_t rejected[32]; /* of the version that was gone back from last: written again, it is not taken by itself */
	struct trial trial;
	struct shadow_count shadow;
	struct flood flood; /* of the shadow's proposals */
	struct lineup_answer answer;
	struct basis_spec spec; /* the shadow's: conversions may differ */
	struct basis basis;
};

/* The one that has this role; NULL: none. LEAVING: the first. */
struct version *lineup_role(struct lineup *l, enum version_role role);
/* The one whose durable number this is, the shadow left out; NULL: it is not here any more. The same text may stand twice: the one that trades, else the one to
 * go back to, speaks for it. */
struct version *lineup_named(struct lineup *l, uint32_t name);
/* A free place; NULL: none. */
struct version *lineup_place(struct lineup *l);
/* Is there anything besides a version that trades and has passed its trial? */
bool lineup_busy(const struct lineup *l);
const char *version_role_name(enum version_role r);

/* A trial begins afresh at a step: the counts of the script as they stand. */
void trial_begin(struct trial *t, enum reload_how how, uint8_t step, const struct strategy *s,
		 int64_t now_ns);
enum trial_verdict { TRIAL_GOES_ON, TRIAL_PASSED, TRIAL_NEXT_STEP, TRIAL_FAILED };
/* What the rules say now; `why` names the rule and its numbers. profit_e8 is the instance's since its books began, where `priced`. */
enum trial_verdict trial_judge(const struct trial *t, const struct config_reload *rules,
			       const struct strategy *s, int64_t now_ns, bool priced,
			       int64_t profit_e8, char *why, size_t cap);
/* Does a refusal by this limit say that the proposal was out of bounds in itself: its shape, its size, a price that it stated? What the market, the position or a budget
 * that others share bars does not. */
bool trial_counts(enum risk_limit l, const struct proposal *p);
/* Pair lots that the live version may open, of those that it asks for: part_ppm of them, rounded down, but one where it asks for one. */
double trial_lots(const struct trial *t, const struct config_reload *rules, double lots);
