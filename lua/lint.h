/* lint - what is wrong or slow in a strategy, found before it trades: in its bytecode, in what a few thousand made quotes bring about, in its traces.
 *
 * The file is loaded as a host would load it and called on a stand (stand.h), where every call has a budget. One thread. */
#pragma once
#include "lua/host.h"

#define LINT_MAX 200

enum lint_severity { LINT_NOTE, LINT_WARNING, LINT_ERROR, lint_severity_max };

struct lint_finding {
	int line, column; /* column 0: not known */
	uint8_t severity; /* enum lint_severity */
	char code[16];	  /* "field", "allocation", "trace" ..., or luacheck's "W211" */
	char text[400];
};

struct lint_report {
	unsigned n, more; /* more: found beyond LINT_MAX */
	struct lint_finding finding[LINT_MAX];
	unsigned calls;	    /* of on_basis, with made quotes */
	bool compiled;	    /* it is, afterwards */
	char globals[1024]; /* the names that a strategy sees, blanks between */
};

void lint_add(struct lint_report *r, int line, int column, enum lint_severity severity,
	      const char *code, const char *text);
/* "file:12: what" of a message to its line and what is left; 0 where it names no line of the file. */
int lint_split(const char *file, const char *message, const char **rest);
/* Reads one strategy. 0 whatever is found, a file that does not load included; -ERR_IO, -ERR_NOMEM, -ERR_STATE. */
int lint_run(const char *file, struct lint_report *r);
