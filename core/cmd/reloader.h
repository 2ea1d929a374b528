/* reloader - prepares new versions of scripts on a thread of its own while the host trades: reads, compiles, checks, hands the old memory over, runs dry.
 *
 * The port of core/trade/reload.h. It also looks at the files of the instances that ask for it (`reload.on_save`) and asks for a version whenever one is written. What it
 * reads it keeps in the store under its SHA-256, so that every receipt's version can be read again. The engine's thread calls the port, and opens and closes. */
#pragma once
#include "core/io/env.h"
#include "core/trade/desk.h"
#include "core/trade/reload.h"
#include "lua/host.h"
#include "store/store.h"

struct reloader;

struct reloader_parts {
	const struct config *cfg;
	struct store *store;
	struct lua_host *lua;
	struct env *env;	 /* live: where what a file's change asks for goes */
	const struct desk *desk; /* read in ask(), on the engine's thread */
};

/* -ERR_NOMEM, -ERR_IO. The parts outlive it. */
int reloader_open(const struct reloader_parts *parts, struct reloader **out);
struct reload_port *reloader_port(struct reloader *r);
/* Ends the thread; what was prepared and never taken is freed. */
void reloader_close(struct reloader *r);

/* The text of a version, kept under its SHA-256, and the file where it was read last; the same text is kept once. */
int reloader_keep_source(struct store *s, const uint8_t sha256[32], const char *file,
			 const char *text, size_t len);
/* Under which key the store has it: what is "source", the text, or "file". */
#define RELOADER_KEY 80
void reloader_source_key(char key[RELOADER_KEY], const char *what, const uint8_t sha256[32]);
