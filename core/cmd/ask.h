/* ask - what was typed on a command line about a store, resolved once the store is open. Cold path; no state. */
#pragma once
#include "store/reader.h"
#include <argp.h>

/* The argument DB of a verb that reads a store, for what its own parser does not take. */
error_t ask_parse(int key, char *arg, struct argp_state *state, const char **path);
/* The number of a name. NULL text: 0. -ERR_NOTFOUND names those that are known. `what` is what it is called: "instance". */
int ask_name(const struct reader *r, enum name_space space, const char *what, const char *text,
	     uint32_t *id);
/* A moment as `when` has it; distances count back from the newest receipt: a recorded day is as old as it says. NULL text leaves *utc_ns alone. */
int ask_time(struct reader *r, const char *text, int64_t *utc_ns);
