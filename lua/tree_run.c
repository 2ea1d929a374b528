#include "lua/tree_run.h"
#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOOK_EVERY 100

/* Not the file's name: Lua shortens long ones, and the line is what is wanted. */
#define CHUNK_NAME "c"
#define CHUNK	   "=" CHUNK_NAME
#define CHUNK_N	   (sizeof(CHUNK_NAME) - 1)

static int64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *limited(void *ud, void *p, size_t old, size_t want)
{
	struct tree_run *r = ud;
	if (want == 0) {
		free(p);
		r->memory -= p ? old : 0;
		return NULL;
	}
	size_t rest = r->memory - (p ? old : 0);
	if (want > TREE_MEMORY_MAX - rest) {
		r->stopped = "64 MiB of memory";
		return NULL;
	}
	void *q = realloc(p, want);
	if (q)
		r->memory = rest + want;
	return q;
}

static void count(lua_State *l, lua_Debug *ar)
{
	void *ud;
	lua_getallocf(l, &ud);
	struct tree_run *r = ud;
	r->instructions += HOOK_EVERY;
	if (r->instructions > TREE_INSTRUCTIONS_MAX)
		r->stopped = "2 million instructions";
	else if (cpu_ns() - r->start_ns > TREE_CPU_NS_MAX)
		r->stopped = "one second of CPU time";
	if (!r->stopped)
		return;
	lua_getinfo(l, "l", ar);
	lua_pushfstring(l, "%s:%d: stopped", CHUNK_NAME, ar->currentline);
	lua_error(l);
}

static int unknown_name(lua_State *l)
{
	const char *name = lua_type(l, 2) == LUA_TSTRING ? lua_tostring(l, 2) : "?";
	return luaL_error(
		l,
		"the name '%s' is not defined; a configuration is read in an empty environment, so that reading it "
		"can do nothing; write the value out, put quotes round it if it is text, or make it a local above",
		name);
}

static int new_global(lua_State *l)
{
	const char *name = lua_type(l, 2) == LUA_TSTRING ? lua_tostring(l, 2) : "?";
	return luaL_error(
		l,
		"'%s' is assigned without being a local; a configuration has no globals, and a misspelt name would go "
		"unseen; write `local %s = ...`",
		name, name);
}

/* Stack: the chunk. Gives it the environment that refuses every name. */
static void seal(lua_State *l)
{
	lua_newtable(l);
	lua_newtable(l);
	lua_pushcfunction(l, unknown_name);
	lua_setfield(l, -2, "__index");
	lua_pushcfunction(l, new_global);
	lua_setfield(l, -2, "__newindex");
	lua_setmetatable(l, -2);
	lua_setfenv(l, -2);
}

struct source {
	const struct tree_run *run;
	const char *text;
	size_t len;
	struct config_errors *errs;
};

/* "c:12: what" -> 12 and "what". */
static int split_line(const char **text)
{
	const char *s = *text;
	if (strncmp(s, CHUNK_NAME, CHUNK_N) || s[CHUNK_N] != ':')
		return 0;
	char *end;
	long line = strtol(s + CHUNK_N + 1, &end, 10);
	if (end[0] != ':' || end[1] != ' ')
		return 0;
	*text = end + 2;
	return (int)line;
}

static int run_protected(lua_State *l)
{
	struct source *s = lua_touserdata(l, 1);
	lua_settop(l, 0);
	luaJIT_setmode(l, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
	if (luaL_loadbufferx(l, s->text, s->len, CHUNK, "t")) {
		const char *text = lua_tostring(l, -1);
		int line = split_line(&text);
		/* A limit that was hit is told by whoever called. */
		if (!s->run->stopped)
			config_errors_add(
				s->errs, line ? line : 1, 1,
				"the text is not Lua: %s; nothing of the file was read; mend this place (a missing "
				"comma, quote or brace before it is the usual cause)",
				text);
		return 0;
	}
	seal(l);
	lua_sethook(l, count, LUA_MASKCOUNT, HOOK_EVERY);
	lua_call(l, 0, 1);
	lua_sethook(l, NULL, 0, 0);
	lua_setfield(l, LUA_REGISTRYINDEX, "result");
	return 0;
}

static void explain(const struct tree_run *r, lua_State *l, struct config_errors *errs)
{
	const char *text =
		lua_type(l, -1) == LUA_TSTRING ? lua_tostring(l, -1) : "an error without a text";
	int line = split_line(&text);
	if (r->stopped)
		config_errors_add(
			errs, line, 1,
			"reading was stopped after %s; a configuration is data, and one that loops would stop the host "
			"from starting; take the loop out",
			r->stopped);
	else if (strstr(text, "; "))
		config_errors_add(errs, line, 1, "%s", text);
	else
		config_errors_add(
			errs, line, 1,
			"running the file failed: %s; nothing of it was read; mend what it computes",
			text);
}

struct lua_State *tree_run(struct tree_run *r, const char *text, size_t len,
			   struct config_errors *errs)
{
	*r = (struct tree_run){ .start_ns = cpu_ns() };
	if (len > 0 && text[0] == LUA_SIGNATURE[0]) {
		config_errors_add(
			errs, 0, 0,
			"is compiled Lua; bytecode that was tampered with can take the host over, and nobody can read it; "
			"name the file that it was made from");
		return NULL;
	}
	lua_State *l = lua_newstate(limited, r);
	if (!l) {
		config_errors_add(
			errs, 0, 0,
			"no memory to read it; the machine is short of it; end other programs");
		return NULL;
	}
	uint32_t before = errs->n;
	struct source s = { .run = r, .text = text, .len = len, .errs = errs };
	if (lua_cpcall(l, run_protected, &s)) {
		explain(r, l, errs);
	} else if (r->stopped && errs->n == before) {
		lua_pushliteral(l, "");
		explain(r, l, errs);
	} else if (errs->n == before) {
		lua_getfield(l, LUA_REGISTRYINDEX, "result");
		if (lua_type(l, -1) == LUA_TTABLE && !lua_getmetatable(l, -1))
			return l;
		config_errors_add(
			errs, 1, 1,
			"it returns %s, not a table; settings are read from the table that the file returns; end it with "
			"`return { ... }`",
			lua_isnil(l, -1) ? "nothing" : luaL_typename(l, -1));
	}
	lua_close(l);
	return NULL;
}
