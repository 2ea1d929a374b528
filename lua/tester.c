#include "lua/tester.h"
#include "core/base/err.h"
#include "core/base/glob.h"
#include "gen/embed.h"
#include "lua/instance.h"
#include "lua/stand_lua.h"
#include "lua/tool.h"
#include "lua/value.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_BUDGET_NS 10000000000 /* of a test between two events */
#define MEMORY	       (256u << 20)

struct tester {
	struct stand_lua lua; /* first: what the requests of tests work on */
	struct vm vm;
	const struct tester_options *o;
	struct tester_count *n;
	int step; /* stack index */
};

/* ---- what the test's VM is given */

static int host_seconds(lua_State *L)
{
	size_t n;
	const char *text = luaL_checklstring(L, 1, &n);
	int64_t ns;
	if (value_duration(text, n, &ns))
		lua_pushnil(L);
	else
		lua_pushnumber(L, (double)ns * 1e-9);
	return 1;
}

/* For patterns: the name that the library writes before a line, with every sign but letters and digits escaped. */
static void push_escaped(lua_State *L, const char *s)
{
	luaL_Buffer b;
	luaL_buffinit(L, &b);
	for (; *s; s++) {
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9')))
			luaL_addchar(&b, '%');
		luaL_addchar(&b, *s);
	}
	luaL_pushresult(&b);
}

static void push_host(lua_State *L, const struct tester *t)
{
	tool_push(L);
	lua_pushcfunction(L, host_seconds);
	lua_setfield(L, -2, "seconds");
	lua_pushfstring(L, "@%s", t->vm.file);
	lua_setfield(L, -2, "chunk");
	push_escaped(L, t->vm.shown);
	lua_setfield(L, -2, "short");
}

static void push_text(lua_State *L, const char *name, const unsigned char *text, unsigned len)
{
	if (luaL_loadbufferx(L, (const char *)text, len, name, "t"))
		lua_error(L);
}

/* Called with a struct tester and the test's chunk; runs the chunk, and returns the function that steps. */
static int begin(lua_State *L)
{
	struct tester *t = lua_touserdata(L, 1);
	push_text(L, "=tester", embed_tester, embed_tester_len);
	push_host(L, t);
	prelude_push(&t->lua.host->prelude, PRELUDE_SANDBOX, L);
	push_text(L, "=expect", embed_expect, embed_expect_len);
	lua_call(L, 3, 2);
	lua_insert(L, -2); /* step, run */
	lua_pushvalue(L, 2);
	lua_call(L, 1, 0);
	return 1;
}

/* ---- what a test asks for */

static int ask_wanted(lua_State *L, struct tester *t)
{
	lua_getfield(L, 2, "name");
	const char *name = luaL_checkstring(L, -1);
	const bool wanted = !t->o->only || glob_match(t->o->only, name);
	t->n->left_out += !wanted;
	if (wanted && t->o->list) {
		lua_getfield(L, 2, "line");
		const struct tester_result r = { .file = t->vm.file,
						 .name = name,
						 .line = (int)lua_tointeger(L, -1),
						 .ok = true };
		t->o->told(t->o->arg, &r);
		t->n->run++;
	}
	lua_newtable(L);
	lua_pushboolean(L, wanted && !t->o->list);
	lua_setfield(L, -2, "wanted");
	return 1;
}

static int ask_result(lua_State *L, struct tester *t)
{
	struct tester_result r = { .file = t->vm.file };
	lua_getfield(L, 2, "name");
	lua_getfield(L, 2, "line");
	lua_getfield(L, 2, "ok");
	lua_getfield(L, 2, "text");
	r.name = lua_tostring(L, -4);
	r.line = (int)lua_tointeger(L, -3);
	r.ok = lua_toboolean(L, -2);
	r.text = lua_tostring(L, -1);
	t->n->run++;
	t->n->failed += !r.ok;
	t->o->told(t->o->arg, &r);
	stand_lua_end(&t->lua);
	lua_newtable(L);
	return 1;
}

/* Called with a struct tester and a request; returns its answer. Protected, since it allocates in the VM. */
static int answer(lua_State *L)
{
	struct tester *t = lua_touserdata(L, 1);
	lua_getfield(L, 2, "op");
	const char *op = lua_tostring(L, -1);
	if (!op)
		return luaL_error(L, "a test asked for nothing");
	if (strcmp(op, "wanted") == 0)
		return ask_wanted(L, t);
	if (strcmp(op, "result") == 0)
		return ask_result(L, t);
	return stand_lua_ask(&t->lua, L, op);
}

static int run_tests(struct tester *t)
{
	lua_State *L = t->vm.L;
	lua_pushnil(L);
	for (;;) {
		lua_pushvalue(L, t->step);
		lua_insert(L, -2);
		if (vm_call(&t->vm, &t->lua.host->watchdog, STEP_BUDGET_NS, 1, 1))
			return err_set(ERR_SCRIPT, "%s", t->vm.error);
		if (lua_isnil(L, -1))
			return 0;
		lua_pushcfunction(L, answer);
		lua_insert(L, -2);
		lua_pushlightuserdata(L, t);
		lua_insert(L, -2);
		if (lua_pcall(L, 2, 1, 0))
			return err_set(ERR_SCRIPT, "%s: %s", t->vm.file, lua_tostring(L, -1));
	}
}

static int open_vm(struct tester *t, const char *file)
{
	char chunk[300];
	int rc = source_read(&t->vm.source, file);
	if (!rc)
		rc = vm_open(&t->vm, file, MEMORY);
	if (rc)
		return rc;
	lua_State *L = t->vm.L;
	snprintf(chunk, sizeof chunk, "@%s", t->vm.file);
	lua_pushcfunction(L, begin);
	lua_pushlightuserdata(L, t);
	if (vm_chunk(&t->vm, chunk, t->vm.source.text, t->vm.source.len) ||
	    vm_call(&t->vm, &t->lua.host->watchdog, STEP_BUDGET_NS, 2, 1))
		return err_set(ERR_SCRIPT, "%s", t->vm.error);
	t->step = lua_gettop(L);
	return 0;
}

int tester_run(const char *file, const struct tester_options *o, struct tester_count *n)
{
	struct tester *t = calloc(1, sizeof *t);
	if (!t)
		return err_set(ERR_NOMEM, "no memory to run tests");
	t->o = o;
	t->n = n;
	int rc = stand_lua_init(&t->lua, file);
	if (!rc)
		rc = open_vm(t, file);
	if (!rc)
		rc = run_tests(t);
	stand_lua_end(&t->lua);
	if (t->vm.L)
		vm_close(&t->vm);
	source_free(&t->vm.source);
	stand_lua_free(&t->lua);
	free(t);
	return rc;
}
