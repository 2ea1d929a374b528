/* scripts - the strategies of a host: loaded at its start as the life before left them, their memory saved once a second, all freed at its end.
 *
 * What survives a host: the memory of each instance, the text of every version under its SHA-256, and its line-up: which version traded, which one could be gone
 * back to, how far a canary had come. The version that traded goes on, unless the configuration's file has changed since the host last read it. Engine's thread; what is
 * saved is written on another (saver). */
#pragma once
#include "core/engine.h"
#include "lua/host.h"
#include "store/store.h"

struct scripts;

/* Told of each script that is going to run, as it was loaded: a replay loads it again. */
struct scripts_loaded {
	const struct strategy *s;
	uint64_t seed;
	const void *saved; /* its memory; NULL: none */
	size_t saved_len;
	bool back;	 /* the version that could be gone back to */
	const char *why; /* why it stands in for another; NULL: it does not */
};
struct scripts_ear {
	void (*loaded)(void *arg, uint16_t instance, const struct scripts_loaded *l);
	void (*saved)(void *arg, uint16_t instance, const struct strategy *s, int rc, bool told,
		      bool stopped);
	void *arg;
};

/* Every instance's script from its file; or from the store, where the file was read before and is not what traded, or cannot be loaded. One that cannot be loaded at all while pairs are open
 * is stood in for: a naked pair without a host is worse than a host without its script. -ERR_SCRIPT, -ERR_CONFIG, -ERR_IO, -ERR_NOMEM. The
 * legs of the configuration's instances are put into their scripts' order. ear: copied; NULL: nobody hears. */
int scripts_load(struct config *cfg, struct store *store, struct env *env,
		 const struct lua_host_options *o, const struct scripts_ear *ear,
		 struct scripts **out);
/* Tells the ear of every script, the one that trades before the one that could be gone back to. */
void scripts_say(const struct scripts *s);
struct lua_host *scripts_host(struct scripts *s); /* NULL: there is none, all are stood in for */
struct strategy *scripts_of(const struct scripts *s, uint16_t instance);
/* Why an instance is in quarantine from the start: somebody stands in for its script (stand_in.h), or it was stopped before; empty: it is not. */
const char *scripts_not_loaded(const struct scripts *s, uint16_t instance);
/* The version that an instance could go back to; NULL: none. */
const struct strategy *scripts_back(const struct scripts *s, uint16_t instance);
/* Gives them to the engine: back[i] is the durable number of what scripts_back says. */
void scripts_give(struct scripts *s, struct engine *e, const uint32_t *back);
/* What has changed of memories is handed over to be written (one that cannot be is told as a failed call); of line-ups too (false: not all of them, ask again). */
void scripts_save(struct scripts *s, struct engine *e);
bool scripts_save_lineups(struct scripts *s, struct engine *e);
/* After every turn: the collector of one instance, the next each time, does a piece of its work, where there is enough for it. */
void scripts_idle(struct scripts *s, struct engine *e);
/* Frees those of the engine's line-ups (e NULL: it never had them). Before engine_free. */
void scripts_free(struct scripts *s, struct engine *e);
