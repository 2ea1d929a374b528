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
/* ---- for the requests (stand_lua.c, stand_lua_news.c) */

/* What an event has brought about; rc below zero: the strategy failed. */
int stand_lua_answer(struct stand_lua *x, struct lua_State *L, int rc);
/* err_text as what cannot be asked. */
int stand_lua_refuse(struct stand_lua *x, struct lua_State *L);
/* A field of the table at that index; text stays on the stack (NULL: none), a number does not. */
const char *stand_lua_text(struct lua_State *L, int table, const char *name);
double stand_lua_number(struct lua_State *L, int table, const char *name, double otherwise);
/* The leg or reference that the field names; -ERR_ARG in words. */
int stand_lua_place(const struct stand_lua *x, struct lua_State *L, const char *field);
/* The pair of field `of`, as t:expect_pair gave it; false: there is none. */
bool stand_lua_pair(const struct stand_lua *x, struct lua_State *L, struct proposal *p);
/* "tell": one of the events that "books" has listed. The others are set, and told at once. */
int stand_lua_list(struct stand_lua *x, struct lua_State *L, const bool changed[STAND_BOOKS]);
int stand_lua_tell(struct stand_lua *x, struct lua_State *L);
int stand_lua_gap(struct stand_lua *x, struct lua_State *L);
int stand_lua_session(struct stand_lua *x, struct lua_State *L);
int stand_lua_param(struct stand_lua *x, struct lua_State *L);
int stand_lua_order(struct stand_lua *x, struct lua_State *L);
int stand_lua_world(struct stand_lua *x, struct lua_State *L);

/* The basis as it was last shown, as a table with the strategy's names. */
void stand_lua_push_basis(struct lua_State *L, const struct stand *st);
/* A proposal as it would be written: sell and buy are names, or lists of them; a pair gets a number of its own. */
void stand_lua_push_proposal(struct lua_State *L, struct stand *st, const struct proposal *p);
