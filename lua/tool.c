#include "lua/tool.h"

#include "lua/pattern.h"
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

static int tool_pow(lua_State *L)
{
	lua_pushnumber(L, pow(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
	return 1;
}

static int tool_print(lua_State *L)
{
	const int n = lua_gettop(L);
	lua_getfield(L, lua_upvalueindex(1), "show");
	for (int i = 1; i <= n; i++) {
		lua_pushvalue(L, n + 1);
		lua_pushvalue(L, i);
		lua_call(L, 1, 1);
		fprintf(stderr, "%s%s", i > 1 ? " " : "", luaL_optstring(L, -1, ""));
		lua_pop(L, 1);
	}
	fputc('\n', stderr);
	return 0;
}

void tool_push(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "find", pattern_find }, { "match", pattern_match }, { "gmatch", pattern_gmatch },
		{ "gsub", pattern_gsub }, { "pow", tool_pow },	      { NULL, NULL }
	};
	lua_newtable(L);
	for (const luaL_Reg *f = functions; f->name; f++) {
		lua_pushcfunction(L, f->func);
		lua_setfield(L, -2, f->name);
	}
	lua_pushvalue(L, -1);
	lua_pushcclosure(L, tool_print, 1);
	lua_setfield(L, -2, "print");
}
