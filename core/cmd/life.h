/* life - the beginning of a recorded life: its configuration's text, its names, its scripts and their memories, written where a replay finds them.
 *
 * Main thread, before the first turn. */
#pragma once
#include "core/cmd/hear.h"
#include "core/cmd/opening.h"
#include "core/cmd/scripts.h"

struct life {
	struct hear *hear;
	struct store *store;
	const struct config *cfg;
	const struct opening *opening;
	const struct scripts *scripts;
	const struct snapshot_page *page; /* as the life before left it */
	uint16_t epoch;
	uint64_t first_seq;
	bool has_tape, has_sinks, has_reload;
};

/* What is kept under its SHA-256 is kept once. -ERR_IO. */
int life_begin(const struct life *l);
/* Once the engine has its scripts: which versions traded, as they stand. */
void life_lineups(const struct life *l, struct engine *e);
/* The ears of the scripts of a life; arg is the struct life. */
void life_loaded(void *arg, uint16_t instance, const struct scripts_loaded *s);
