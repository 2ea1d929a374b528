#include "lua/console.h"
#include "core/base/err.h"
#include "gen/embed.h"
#include "lua/instance.h"
#include "lua/tool.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET_NS 200000000 /* of a line; waiting for a host is not counted */
#define WALL_NS	  30000000000
#define MEMORY	  (64u << 20)
#define FILE_NAME "line"

struct console {
	struct lua_host *host;
	struct vm vm;
	const struct console_name *names;
	console_fetch fetch;
	void *arg;
	lua_State *L;		/* of the fetch that runs */
	int evaluate, complete; /* stack indices */
};

/* ---- what a fetch makes */

static void put(struct console *c, const char *key)
{
	lua_State *L = c->L;
	if (!lua_istable(L, -2))
		return; /* the value itself */
	if (key)
		lua_setfield(L, -2, key);
	else
		lua_rawseti(L, -2, (int)lua_objlen(L, -2) + 1);
}

void console_begin(struct console *c)
{
	luaL_checkstack(c->L, 4, "a value");
	lua_newtable(c->L);
}

void console_end(struct console *c, const char *key)
{
	put(c, key);
}

void console_number(struct console *c, const char *key, double v)
{
	lua_pushnumber(c->L, v);
	put(c, key);
}

void console_text(struct console *c, const char *key, const char *s)
{
	lua_pushstring(c->L, s && *s ? s : NULL);
	put(c, key);
}

void console_bool(struct console *c, const char *key, bool v)
{
	lua_pushboolean(c->L, v);
	put(c, key);
}

/* ---- what its VM is given */

static int fetch_into(lua_State *L, struct console *c, unsigned name, const char *what, double n)
{
	const int top = lua_gettop(L);
	lua_pushboolean(L, false); /* under the value: it is no table to be put into */
	c->L = L;
	const int rc = c->fetch(c->arg, name, what, n, c);
	if (rc) { /* without a place of ours */
		lua_pushstring(L, err_text());
		return lua_error(L);
	}
	if (lua_gettop(L) != top + 2)
		return luaL_error(L, "nothing is known of %s", c->names[name].name);
	return 1;
}

static int called(lua_State *L)
{
	struct console *c = lua_touserdata(L, lua_upvalueindex(1));
	const unsigned name = (unsigned)lua_tointeger(L, lua_upvalueindex(2));
	return fetch_into(L, c, name, luaL_optstring(L, 1, NULL), luaL_optnumber(L, 2, 0));
}

/* host.fetch(name) */
static int host_fetch(lua_State *L)
{
	struct console *c = lua_touserdata(L, lua_upvalueindex(1));
	const char *name = luaL_checkstring(L, 1);
	unsigned i = 0;
	while (c->names[i].name && strcmp(c->names[i].name, name) != 0)
		i++;
	if (!c->names[i].name)
		return luaL_error(L, "nothing is known of %s", name);
	if (!c->names[i].call)
		return fetch_into(L, c, i, NULL, 0);
	lua_pushlightuserdata(L, c);
	lua_pushinteger(L, (int)i);
	lua_pushcclosure(L, called, 2);
	return 1;
}

static void push_host(lua_State *L, struct console *c)
{
	tool_push(L);
	lua_pushlightuserdata(L, c);
	lua_pushcclosure(L, host_fetch, 1);
	lua_setfield(L, -2, "fetch");
	lua_newtable(L);
	for (const struct console_name *n = c->names; n->name; n++) {
		lua_pushstring(L, n->text);
		lua_setfield(L, -2, n->name);
	}
	lua_setfield(L, -2, "names");
	static const char *const first[] = { "name", "instance", "owner", "seq", "time", "kind" };
	lua_newtable(L);
	for (int i = 0; i < (int)(sizeof first / sizeof *first); i++) {
		lua_pushinteger(L, i);
		lua_setfield(L, -2, first[i]);
	}
	lua_setfield(L, -2, "order");
}

/* Called with a struct console; returns what evaluates and what completes. */
static int begin(lua_State *L)
{
	struct console *c = lua_touserdata(L, 1);
	if (luaL_loadbufferx(L, (const char *)embed_console, embed_console_len, "=console", "t"))
		return lua_error(L);
	push_host(L, c);
	prelude_push(&c->host->prelude, PRELUDE_SANDBOX, L);
	lua_call(L, 2, 2);
	return 2;
}

static int open_vm(struct console *c)
{
	int rc = source_copy(&c->vm.source, FILE_NAME, "", 0);
	if (!rc)
		rc = vm_open(&c->vm, FILE_NAME, MEMORY);
	if (rc)
		return rc;
	snprintf(c->vm.shown, sizeof c->vm.shown, FILE_NAME);
	lua_pushcfunction(c->vm.L, begin);
	lua_pushlightuserdata(c->vm.L, c);
	if (vm_call(&c->vm, &c->host->watchdog, BUDGET_NS, 1, 2))
		return err_set(ERR_STATE, "the console does not begin: %s", c->vm.error);
	c->complete = lua_gettop(c->vm.L);
	c->evaluate = c->complete - 1;
	return 0;
}

int console_open(const struct console_name *names, console_fetch fetch, void *arg,
		 struct console **out)
{
	const struct lua_host_options o = { .budget_ns = BUDGET_NS,
					    .wall_ns = WALL_NS,
					    .load_budget_ns = BUDGET_NS,
					    .skip_selftest = true };
	struct console *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(ERR_NOMEM, "no memory for a console");
	c->names = names;
	c->fetch = fetch;
	c->arg = arg;
	int rc = lua_host_init(&o, &c->host);
	if (!rc)
		rc = open_vm(c);
	if (rc) {
		console_close(c);
		return rc;
	}
	*out = c;
	return 0;
}

void console_close(struct console *c)
{
	if (c->vm.L)
		vm_close(&c->vm);
	source_free(&c->vm.source);
	lua_host_free(c->host);
	free(c);
}

int console_eval(struct console *c, const char *line, bool json, FILE *out)
{
	lua_State *L = c->vm.L;
	lua_pushvalue(L, c->evaluate);
	lua_pushstring(L, line);
	lua_pushboolean(L, json);
	if (vm_call(&c->vm, &c->host->watchdog, BUDGET_NS, 2, 1)) {
		guard_clear(&c->vm.guard); /* the next line has a budget of its own */
		lua_gc(L, LUA_GCCOLLECT, 0);
		return err_set(ERR_SCRIPT, "%s", c->vm.error);
	}
	const char *text = lua_tostring(L, -1);
	if (text && *text)
		fprintf(out, "%s\n", text);
	lua_pop(L, 1);
	lua_gc(L, LUA_GCCOLLECT, 0);
	return 0;
}

char *console_complete(struct console *c, const char *start, unsigned i)
{
	lua_State *L = c->vm.L;
	char *name = NULL;
	lua_pushvalue(L, c->complete);
	lua_pushstring(L, start);
	if (vm_call(&c->vm, &c->host->watchdog, BUDGET_NS, 1, 1)) {
		guard_clear(&c->vm.guard);
		return NULL;
	}
	lua_rawgeti(L, -1, (int)i + 1);
	if (lua_isstring(L, -1))
		name = strdup(lua_tostring(L, -1));
	lua_pop(L, 2);
	return name;
}
