/* Proves what the shell and the tests of scripts are given by the host: one table, the same for both. */
#include "lua/tool.h"
#include "tests/unit/suite.h"
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int show(lua_State *L)
{
	lua_pushfstring(L, "<%s>", lua_isstring(L, 1) ? lua_tostring(L, 1) : "?");
	return 1;
}

static lua_State *with_tool(void)
{
	lua_State *L = luaL_newstate();
	ck_assert_ptr_nonnull(L);
	tool_push(L);
	lua_pushcfunction(L, show);
	lua_setfield(L, -2, "show");
	lua_setglobal(L, "host");
	return L;
}

static const char *says(lua_State *L, const char *chunk)
{
	ck_assert_msg(!luaL_loadstring(L, chunk) && !lua_pcall(L, 0, 1, 0), "%s",
		      lua_tostring(L, -1));
	return lua_tostring(L, -1);
}

START_TEST(patterns_and_powers)
{
	lua_State *L = with_tool();
	ck_assert_str_eq(says(L, "return host.pow(2, 10)"), "1024");
	ck_assert_str_eq(says(L, "return host.match('a12b', '%d+')"), "12");
	ck_assert_str_eq(says(L, "return host.find('a12b', '1', 1, true)"), "2");
	ck_assert_str_eq(says(L, "return (host.gsub('aaa', 'a', 'b', 2))"), "bba");
	ck_assert_str_eq(says(L, "local n = 0 for w in host.gmatch('a b c', '%a') do n = n + 1 end "
				 "return n"),
			 "3");
	lua_close(L);
}
END_TEST

START_TEST(print_shows_its_values)
{
	lua_State *L = with_tool();
	char line[64] = "";
	FILE *kept = tmpfile();
	int was = dup(STDERR_FILENO);
	ck_assert(kept && was >= 0 && dup2(fileno(kept), STDERR_FILENO) >= 0);
	says(L, "host.print(1, 'x', {}) host.print()");
	dup2(was, STDERR_FILENO);
	close(was);
	rewind(kept);
	ck_assert_uint_eq(fread(line, 1, sizeof line - 1, kept), strlen("<1> <x> <?>\n\n"));
	ck_assert_str_eq(line, "<1> <x> <?>\n\n");
	fclose(kept);
	lua_close(L);
}
END_TEST

SUITE("tool", patterns_and_powers, print_shows_its_values)
