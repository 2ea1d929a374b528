/* Proves that our string.find, match, gmatch and gsub are the library's own, answer by answer, and end where those would not. */
#include "core/base/rng.h"
#include "lua/pattern.h"
#include "tests/unit/lua/script.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

static lua_State *with_both(void)
{
	lua_State *L = luaL_newstate();
	luaL_openlibs(L);
	lua_register(L, "find", pattern_find);
	lua_register(L, "match", pattern_match);
	lua_register(L, "gmatch", pattern_gmatch);
	lua_register(L, "gsub", pattern_gsub);
	static const char compare[] =
		"local function list(ok, ...) local t = { tostring(ok) }\n"
		" for i = 1, select('#', ...) do t[#t + 1] = tostring((select(i, ...))) end\n"
		" if not ok then t[2] = 'error' end return table.concat(t, '|') end\n"
		"local function all(gm, s, p) local t = {} for a, b in gm(s, p) do t[#t + 1] = tostring(a) .. tostring(b) end\n"
		" return table.concat(t, ',') end\n"
		"function same(s, p, with, at)\n"
		" local a, b = list(pcall(string.find, s, p, at)), list(pcall(find, s, p, at))\n"
		" if a ~= b then return 'find', a, b end\n"
		" a, b = list(pcall(string.match, s, p, at)), list(pcall(match, s, p, at))\n"
		" if a ~= b then return 'match', a, b end\n"
		" a, b = list(pcall(string.gsub, s, p, with)), list(pcall(gsub, s, p, with))\n"
		" if a ~= b then return 'gsub', a, b end\n"
		" if p:sub(1, 1) ~= '^' then a, b = list(pcall(all, string.gmatch, s, p)), list(pcall(all, gmatch, s, p))\n"
		" if a ~= b then return 'gmatch', a, b end end\n"
		"end";
	ck_assert_msg(luaL_dostring(L, compare) == 0, "%s", lua_tostring(L, -1));
	return L;
}

static void same(lua_State *L, const char *s, size_t s_len, const char *p, size_t p_len,
		 const char *with, int at)
{
	lua_settop(L, 0);
	lua_getglobal(L, "same");
	lua_pushlstring(L, s, s_len);
	lua_pushlstring(L, p, p_len);
	lua_pushstring(L, with);
	lua_pushinteger(L, at);
	ck_assert_msg(lua_pcall(L, 4, 3, 0) == 0, "%s", lua_tostring(L, -1));
	ck_assert_msg(lua_isnil(L, 1), "%s of \"%s\" by \"%s\" from %d: the library %s, ours %s",
		      lua_tostring(L, 1), s, p, at, lua_tostring(L, 2), lua_tostring(L, 3));
}

START_TEST(known_cases)
{
	static const char *const cases[][2] = {
		{ "hello world", "o" },
		{ "hello world", "(%a+) (%a+)" },
		{ "  trim  ", "^%s*(.-)%s*$" },
		{ "key = value", "(%w+)%s*=%s*(%w+)" },
		{ "THE (quick) fox", "%((%a+)%)" },
		{ "f(a(b)c)d", "%b()" },
		{ "THE (quick) fox", "%f[%a]%a+" },
		{ "abcabc", "(abc)%1" },
		{ "a.b-c", "[%.%-]" },
		{ "x", "()" },
		{ "aaa", "a-" },
		{ "aaa", "a-$" },
		{ "aaab", "a*b?" },
		{ "[]]", "[]]" },
		{ "a^b", "[b^]" },
		{ "abc", "[^b]+" },
		{ "abc", "[a-c]*" },
		{ "a-z", "[a%-z]+" },
		{ "", "" },
		{ "", ".*" },
		{ "abc", "" },
		{ "abc", "$" },
		{ "a$c", "a$c" },
		{ "abc", "%" },
		{ "abc", "[a" },
		{ "abc", "(a" },
		{ "abc", "a)" },
		{ "abc", "%1" },
		{ "abc", "%b" },
		{ "abc", "%f" },
		{ "abc", "[%a" },
		{ "abc", "(()" },
		{ "a1b2", "%d" },
		{ "0x1F", "%x+" },
		{ "tab\there", "%c" },
		{ "A_b", "%u%p%l" },
		{ "aXb", "%S%U" },
		{ "2024-01-02", "(%d+)-(%d+)-(%d+)" },
		{ "abab", "(a)(b)%1%2" },
		{ "aa", "(a)(%1)" },
	};
	lua_State *L = with_both();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int at = -3; at < 6; at++)
			same(L, cases[i][0], strlen(cases[i][0]), cases[i][1], strlen(cases[i][1]),
			     "<%0%1>", at);
	}
	lua_close(L);
}
END_TEST

START_TEST(any_pattern_on_any_text)
{
	static const char texts[] = "aab(c) 1.[]%-^$", patterns[] = "ab.%%%[]^$()*+-?dawsfb1c)(";
	lua_State *L = with_both();
	struct rng r;
	rng_seed(&r, 11);
	for (int i = 0; i < 60000; i++) {
		char s[24], p[12];
		size_t n = rng_below(&r, sizeof(s) - 1), m = rng_below(&r, sizeof(p) - 1);
		for (size_t k = 0; k < n; k++)
			s[k] = texts[rng_below(&r, sizeof(texts) - 1)];
		for (size_t k = 0; k < m; k++)
			p[k] = patterns[rng_below(&r, sizeof(patterns) - 1)];
		s[n] = p[m] = 0;
		same(L, s, n, p, m, "%1x", (int)rng_below(&r, 5) + 1);
	}
	lua_close(L);
}
END_TEST

START_TEST(replacements_and_plain_searches)
{
	lua_State *L = with_both();
	static const char test[] =
		"local s = 'hello world from Lua'\n"
		"local function both(...) local a, n = string.gsub(...) local b, m = gsub(...) assert(a == b and n == m, b) end\n"
		"both(s, 'o', 0) both(s, 'o', 'x', 1) both(s, '', '-') both(s, '^h', 'x') both(s, 'l', '%%') both('abc', '%w', '%0%0')\n"
		"assert(not pcall(gsub, s, 'o'))\n"
		"assert(find('a.b', '.', 1, true) == 2 and find('a+b', '+', 1, true) == 2 and find('abc', 'd') == nil)\n"
		"assert(find('a\\0b', '\\0b') == 2 and find('a\\0b', '%z') == 2 and find('abc', '', 10) == 4)";
	ck_assert_msg(luaL_dostring(L, test) == 0, "%s", lua_tostring(L, -1));
	lua_close(L);
}
END_TEST

START_TEST(replacements_by_table_and_function)
{
	/* In the sandbox; the answers are the library's. */
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"local s = 'hello world from Lua'\n"
			"local function is(want, times, ...) local got, n = string.gsub(...) assert(got == want and n == times, got .. n) end\n"
			"is('HI world from Lua', 4, s, '%w+', { hello = 'HI', from = false })\n"
			"is('ehllo owlrd rfmo uLa', 7, s, '(%w)(%w)', function(a, b) return b .. a end)\n"
			"is(s, 4, s, '%w+', function() end) is('<h>ello', 1, 'hello', '^h', function(h) return '<' .. h .. '>' end)\n"
			"is('-a-b-', 3, 'ab', '', function() return '-' end) is('1ab', 3, 'ab', '()', function(p) return p == 1 and '1' or '' end)\n"
			"is('x.a', 1, 'a.a', '%a', function() return 'x' end, 1) is('12', 2, 'ab', '.', { a = 1, b = 2 })\n"
			"assert(not pcall(string.gsub, s, 'o', function() return {} end))\n"
			"self:log('ok')"));
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == 1, "%s", err_text());
	script_free(&t);
}
END_TEST

START_TEST(work_is_bounded)
{
	lua_State *L = with_both();
	static const char test[] =
		"local s = ('a'):rep(5000)\n"
		"for _, p in ipairs { ('a*'):rep(30) .. 'b', '(.-)(.-)(.-)(.-)x', ('a?'):rep(60) .. 'b' } do\n"
		" for _, f in ipairs { find, match, function(a, b) return gsub(a, b, '') end, function(a, b) return gmatch(a, b)() end } do\n"
		"  local ok, e = pcall(f, s, p) assert(not ok and (e:find('takes too long') or e:find('too complex')), p .. tostring(e)) end end\n"
		"local ok, e = pcall(find, s, ('('):rep(40)) assert(not ok)\n"
		"assert(#gsub(s, 'a', 'bb') == 10000 and match(s, '^a*$') == s)";
	ck_assert_msg(luaL_dostring(L, test) == 0, "%s", lua_tostring(L, -1));
	lua_close(L);
}
END_TEST

SUITE("pattern", known_cases, any_pattern_on_any_text, replacements_and_plain_searches,
      replacements_by_table_and_function, work_is_bounded)
