/* world_reload - prepares new versions of the worlds' scripts: chatty ones that fail after so many calls, or never come at all, a few turns after they were asked for.
 *
 * The port of core/trade/reload.h, as the host has it in core/cmd. All that it made dies with the host. Part of a world; one thread. */
#pragma once
#include "core/base/rng.h"
#include "core/trade/reload.h"

#define WORLD_VERSIONS 512 /* alive at once */
#define WORLD_JOBS     6

struct world;
struct chatty_options;

struct world_job {
	struct reload_job what;
	uint32_t turns; /* until it is ready */
	bool busy;
};

struct world_reload {
	struct reload_port port; /* first */
	struct world *w;
	struct rng dice;
	struct world_job job[WORLD_JOBS];
	struct strategy *made[WORLD_VERSIONS];
	uint32_t names;		    /* given so far; never again in another life */
	struct chatty_options *how; /* of each name that was given */
	uint32_t cap;
	uint64_t taken, given_back;
};

/* The version of this name once more. -ERR_NOTFOUND. */
int world_reload_again(struct world_reload *r, uint32_t name, struct strategy **out);
void world_reload_give_back(struct world_reload *r, struct strategy *s);
void world_reload_forget(struct world_reload *r); /* how each was made */
void world_reload_begin(struct world_reload *r, struct world *w);
void world_reload_end(struct world_reload *r);
