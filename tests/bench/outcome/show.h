/* show - the grid for people and for programs: tables, lines of JSON, and pictures. Reads the grid, writes where it is told. */
#pragma once
#include "tests/bench/outcome/grid.h"
#include <stdio.h>

void show_table(const struct grid *g, FILE *out);
void show_json(const struct grid *g, FILE *out);
/* Three pictures a market into the folder, which must be there; at 1 % rejects and 5 % partial fills. -ERR_IO. */
int show_plots(const struct grid *g, const char *folder);

/* What the mission promises against two terminals. INFINITY: there is nothing that could be less. */
struct promise {
	double slip_less, failed_less, captured_more; /* shares: 0.3 is 30 % */
	bool slip, failed, captured;		      /* 30 %, 30 %, 50 % */
};
struct promise promise_of(const struct grid_cell *c);
