/* replay_parts - what the two pages of replay share; nobody else includes it. */
#pragma once
#include "core/cmd/opening.h"
#include "core/cmd/replay.h"
#include "lua/host.h"

#define CONFIG_MOST (4u << 20)

struct receipt_encoder;
struct reader_walk;

/* One life, put together again. */
struct again {
	const struct replay_options *o;
	struct reader *reader;
	struct retell *told;
	struct input_life life;
	struct kv kv; /* what stands in for a script was kept there */
	struct config *cfg;
	struct lua_host *lua;
	struct strategy **script, **back; /* by instance; the engine's once it has them */
	char (*not_loaded)[512];
	struct replay_loaded *loaded; /* the live ones */
	char *config;
	size_t config_len;
	bool given;
	struct opening opening;
	struct input_name *fresh;
	size_t n_fresh;
	struct snapshot_page *page;
	struct engine *engine;
	struct venue **venue;
	struct reader_walk *walk;
	struct fact next; /* of the walk */
	bool has_next, silent;
	uint64_t last_seq; /* that was compared */
	struct receipt_encoder *coder[2];
	struct replay_counts *counts;
	struct replay_difference *diff;
	char *text; /* of a source or a configuration */
	uint8_t saved[LUA_STATE_CAP];
};

/* What stands in for a script is looked up where it was kept. */
void replay_kv(struct again *a);
/* The scripts of a life as it loaded them; then into the engine, with what traded before. */
int replay_load_scripts(struct again *a);
int replay_give_scripts(struct again *a);
/* As retell_host.version; the owner is the struct again. */
int replay_version(void *owner, const struct input_taken *t, int64_t asked_utc_ns,
		   const void *saved, size_t len, struct strategy **s);
