/* reload - the port to whoever prepares a new version of a strategy's script while the old one trades.
 *
 * The engine asks and goes on; the version is read, compiled, checked, given the old state and run dry elsewhere; the engine takes what is ready
 * between two turns, or hears why there is none. A port's functions are called on the engine's thread, and none of them waits. */
#pragma once
#include "core/trade/strategy.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reload_how {
	RELOAD_SWAP,   /* trades from the moment that it is taken */
	RELOAD_CANARY, /* trades a part of the size until it has earned more (lineup.h) */
	RELOAD_SHADOW, /* runs beside the version that trades; what it proposes is recorded and never sent */
	reload_how_max
};

struct reload_job {
	uint32_t number; /* of the instance's jobs: its answer goes under it */
	uint64_t cause;	 /* receipt of whoever asked */
	uint16_t instance;
	uint8_t how;  /* enum reload_how */
	bool by_file; /* nobody asked: the file was written */
	char why[128];
	char file[256]; /* empty: the file that the configuration names */
};

/* A job that has ended: a version, or the reason why there is none. */
struct reload_done {
	struct reload_job job;
	int rc;		/* 0, or a negative code with its text */
	char text[512]; /* what was wrong, file:line first; or what the dry run has shown */
	struct strategy *
		script; /* loaded, checked, warmed; NULL where rc is not 0. The engine's until it gives it back */
	uint8_t sha256[32]; /* of the text that was read; all 0: none could be */
	uint32_t name;	    /* durable number of it (NAME_SCRIPT); 0: none */
	bool name_is_new;   /* its NAME fact is still to be written */
	uint32_t dry_calls, dry_proposals; /* of the dry run */
};

struct reload_port;
struct reload_ops {
	/* The job and the state of the version that trades now (none: the one that the store has) are copied. -ERR_BUSY: one of this instance is being prepared;
	 * -ERR_LIMIT: too many are. */
	int (*ask)(struct reload_port *p, const struct reload_job *job, const void *saved,
		   size_t len);
	/* The next one that has ended; false: none. One atomic load where there is none. */
	bool (*take)(struct reload_port *p, struct reload_done *out);
	/* A version that nothing needs any more: it is freed elsewhere. */
	void (*give_back)(struct reload_port *p, struct strategy *s);
};
struct reload_port {
	const struct reload_ops *ops;
};
