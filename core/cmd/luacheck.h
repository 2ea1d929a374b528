/* luacheck - what the program of that name says of a file of Lua, in the words and severities of `tandem lint`. Starts a process; the main thread. */
#pragma once
#include "lua/lint.h"
#include <stdbool.h>

/* Adds its findings. Of a strategy whose names are known (r->globals) its global names too. -ERR_NOTFOUND: it is not installed; -ERR_IO. */
int luacheck_run(const char *file, bool is_test, struct lint_report *r);
/* A line of its plain output, "x.lua:3:7-11: (W211) unused variable 'x'"; false where it is another one. */
bool luacheck_line(const char *file, const char *line, struct lint_finding *out);
