/* live - what the console's names stand for: the numbers of a running host, or those that it left behind. Reads only; the main thread. */
#pragma once
#include "lua/console.h"

struct live {
	const char *db; /* folder of a store */
};

/* The names, for console_open; ends with a name of NULL. */
extern const struct console_name live_names[];
/* Fetches one of them: `arg` is a struct live. -ERR_NOTFOUND: no store there, or no host runs and only a running one can say it; -ERR_PARSE; what a store says. */
int live_fetch(void *arg, unsigned name, const char *what, double n, struct console *c);
