/* venue_config - reads the configuration of simulated venues, a Lua file, and runs what it says: the verb `venue` for files, a call for other verbs.
 *
 * Every mistake is collected with its line. Cold; the main thread. */
#pragma once
#include "adapters/sim/server_setup.h"
#include "lua/config_errors.h"
#include <stdio.h>

/* 0, or -ERR_CONFIG and at least one error in errs, which is initialised here. Opens nothing but the file itself. */
int venue_config_read(const char *path, struct venue_setup *out, struct config_errors *errs);
/* The reference of all settings. */
void venue_config_explain(FILE *f);
/* "max" or a number from 0.001 to 1000 -> speed_milli (0: max). -ERR_CONFIG. */
int venue_config_speed(const char *text, uint32_t *milli);
/* The venues run, in this process, until SIGTERM or SIGINT; prints the line `ready` when they listen. Returns an exit code (cmd.h). */
int venue_run(const struct venue_setup *setup);
