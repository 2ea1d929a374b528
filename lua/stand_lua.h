/* stand_lua - what a test or a console asks of a strategy on its stand, as tables of Lua: requests in, answers out.
 *
 * Inside lua/ only. A request is a table with an `op`; the answer is a table: what was proposed, where the strategy stands, its error; `refused` is what cannot
 * be asked. All functions that take a lua_State raise when it has no memory: to be called in a protected call. One thread. */
#pragma once
#include "lua/stand.h"
#include <limits.h>

struct lua_State;

struct stand_lua {
	struct lua_host *host;
	struct stand stand;
	bool open;
	char file[256];	       /* of the tests: parameters stand there */
	char folder[PATH_MAX]; /* that names of files begin in */
	char text[1024];       /* an error, kept over the calls that push it */
};

/* -ERR_ARG: the name is too long; what lua_host_init says. */
int stand_lua_init(struct stand_lua *x, const char *file);
void stand_lua_end(struct stand_lua *x); /* of a test: what it drove is freed */
void stand_lua_free(struct stand_lua *x);
/* The request at index 2 of the stack; pushes the answer, returns 1. */
int stand_lua_ask(struct stand_lua *x, struct lua_State *L, const char *op);
/* The basis as it was last shown, as a table with the strategy's names. */
void stand_lua_push_basis(struct lua_State *L, const struct stand *st);
/* A proposal as it would be written: sell and buy are names, or lists of them; a pair gets a number of its own. */
void stand_lua_push_proposal(struct lua_State *L, struct stand *st, const struct proposal *p);
