/* tester - runs the tests of strategies: files of Lua that set the markets, the position and the clock, and say what a strategy is to propose.
 *
 * A test file runs in a VM of its own, in the sandbox of strategies with `require "tandem.test"` in it, and drives a strategy on a stand (stand.h).
 * Every test begins with a strategy that was just loaded. Neither file can do anything but that, or run for ever. One thread. */
#pragma once
#include "lua/host.h"

struct tester_result {
	const char *file; /* the test file */
	const char *name;
	int line; /* of the test; where it failed, of what did not hold */
	bool ok;
	const char *text; /* why not; several lines. NULL where ok */
};

struct tester_options {
	const char *only; /* a pattern with '*' for the names of tests; NULL: all */
	bool list;	  /* name them only */
	void (*told)(void *arg, const struct tester_result *r); /* of every test, as it ends */
	void *arg;
};

struct tester_count {
	unsigned run, failed, left_out;
};

/* Runs the tests of one file and adds to *n. 0, failed ones or not; -ERR_SCRIPT: the file itself fails, the text says file:line; -ERR_IO, -ERR_NOMEM, -ERR_STATE. */
int tester_run(const char *file, const struct tester_options *o, struct tester_count *n);
