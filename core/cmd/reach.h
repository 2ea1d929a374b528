/* reach - where a host's socket and its page of numbers lie, and how it is told that it cannot be spoken to. Cold path; no state. */
#pragma once
#include <argp.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* `db` is the folder of a store, or the very file where the configuration gives it another place. -ERR_ARG: too long. */
int reach_path(const char *db, const char *name, mode_t type, char out[PATH_MAX]);
/* The argument DB of a verb that speaks to a host, for what its own parser does not take. */
error_t reach_parse(int key, char *arg, struct argp_state *state, const char **db);
/* Tells err_text, with `json` as one object besides; the exit code. */
int reach_fail(const char *verb, bool json, int rc);
