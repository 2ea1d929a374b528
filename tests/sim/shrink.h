/* shrink - makes a failing seed's story short: the fewest injections with which it still breaks the same invariant, and how soon. One thread. */
#pragma once
#include "tests/sim/run.h"
#include <stdio.h>

struct shrunk {
	uint32_t kept[DIRECTOR_MOST], n_kept; /* injections that have to stay */
	uint32_t n_before, runs;
	int64_t duration_ns;
	uint8_t invariant;
	struct checker_violation violation; /* of the shortest run */
};

/* o is a run that breaks something; most: runs that it may cost. -ERR_NOTFOUND: it breaks nothing. */
int shrink(struct runner *r, const struct run_options *o, uint32_t most, struct shrunk *out);
/* Runs it once more and prints what stays of it: the injections, and the receipts of the pair that it ended with. */
int shrink_tell(struct runner *r, const struct run_options *o, const struct shrunk *s, FILE *f);
