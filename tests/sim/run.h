/* run - one seed from beginning to end: the phase of faults (safety), the phase without (liveness), and what came of it. One thread, one at a time. */
#pragma once
#include "tests/sim/checker.h"
#include "tests/sim/director.h"
#include "tests/sim/world.h"

#define RUN_PATIENCE_NS 30000000000LL /* for everything to end once the faults have stopped (I8) */

struct run_options {
	uint64_t seed;
	int64_t duration_ns;		  /* 0: as the seed draws it */
	const char *dir;		  /* empty or of an earlier run */
	struct director_options director; /* seed and duration are set here */
	uint8_t plant; /* a fault of the checker's ears: enum fact_kind that it does not hear; 0: none */
	uint32_t plant_nth;
	uint32_t alone;
	bool one_group;
	bool replays; /* what the host heard is kept and every life of it run again: a receipt that comes out otherwise is a violation */
	uint64_t
		spoil; /* with replays: the so many-th execution report or quote is altered before; 0: none */
	bool stop_early; /* at the first violation */
	/* Called with every receipt; may be NULL. */
	void *owner;
	void (*fact)(void *owner, const struct fact *f);
};

struct run_result {
	struct checker_count n;
	struct checker_violation violation[CHECKER_VIOLATIONS];
	uint32_t n_violations;
	uint64_t turns, events, receipts, digest, host_kills, venue_kills;
	int64_t lasted_ns;
	uint64_t hit[73], planned[73];
	uint64_t pairs_hit[73][2]; /* bits: which faults were there within the same moment */
	bool settled;
	char differs[RECORD_WHY]; /* the first receipt that a replay made otherwise; empty: none */
	uint64_t replayed, replayed_calls, heard; /* receipts, calls of scripts, entries */
};

/* What stays from seed to seed: memory, and the folder's keys. */
struct runner {
	struct world world;
	struct checker *checker;
	struct director director;
};

/* What the checker is to know of a world that is open. */
void run_terms(struct world *w, struct checker_terms *t);

int runner_open(struct runner *r);
void runner_free(struct runner *r);
/* 0, or a negative code with its text when a world could not be built or broke. Violations are in the result. */
int run_seed(struct runner *r, const struct run_options *o, struct run_result *out);
