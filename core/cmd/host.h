/* host - a running host put together: configuration, store, env, scripts, venues, engine, in the order in which each needs the one before.
 *
 * Opening either gives a whole host or nothing and a text; what a killed host left is recovered on the way. One thread, the engine's, besides those that the
 * store (writer), the script host (watchdog) and the control socket keep for themselves. */
#pragma once
#include "core/ops/config.h"

struct host;

struct host_options {
	const char *config; /* path */
	bool json;	    /* the line that says it is ready is an object */
};

/* 0, or a negative code with its text; errors of the configuration file are printed whole besides. */
int host_open(const struct host_options *o, struct host **out);
/* Until it is told to stop and everything in flight has ended. 0, or a negative code. */
int host_run(struct host *h);
void host_close(struct host *h);
