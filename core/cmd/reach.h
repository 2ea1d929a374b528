/* reach - where a host's socket and its page of numbers lie, and how it is told that it cannot be spoken to. Cold path; no state. */
#pragma once
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/* `db` is the folder of a store, or the very file where the configuration gives it another place. -ERR_ARG: too long. */
int reach_path(const char *db, const char *name, mode_t type, char out[PATH_MAX]);
/* Tells err_text, with `json` as one object besides; the exit code. */
int reach_fail(const char *verb, bool json, int rc);
