/* The functions that scripts call, on top of the matcher. */
#include "lua/pattern.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <string.h>

static void begin(struct matcher *m, const char *s, size_t s_len, const char *p, size_t p_len)
{
	*m = (struct matcher){ .s = s, .s_end = s + s_len, .p_end = p + p_len };
}

static const char *try_at(lua_State *L, struct matcher *m, const char *s, const char *p)
{
	m->n_captures = 0;
	const char *to = pattern_match_at(m, s, p);
	if (m->error)
		luaL_error(L, "%s", m->error);
	return to;
}

static void push_capture(lua_State *L, struct matcher *m, int i, const char *s, const char *to)
{
	if (i >= m->n_captures) {
		if (i != 0)
			luaL_error(L, "invalid capture index");
		lua_pushlstring(L, s, (size_t)(to - s));
	} else if (m->capture[i].len == CAPTURE_POSITION) {
		lua_pushinteger(L, m->capture[i].at - m->s + 1);
	} else if (m->capture[i].len == CAPTURE_OPEN) {
		luaL_error(L, "unfinished capture");
	} else {
		lua_pushlstring(L, m->capture[i].at, (size_t)m->capture[i].len);
	}
}

/* All captures, or the whole match when there are none and `whole` is asked for. */
static int push_captures(lua_State *L, struct matcher *m, bool whole, const char *s, const char *to)
{
	int n = m->n_captures ? m->n_captures : whole;
	luaL_checkstack(L, n, "captures");
	for (int i = 0; i < n; i++)
		push_capture(L, m, i, s, to);
	return n;
}

static size_t start_of(lua_State *L, int arg, size_t len)
{
	lua_Integer at = luaL_optinteger(L, arg, 1);
	if (at < 0)
		at += (lua_Integer)len + 1;
	at = at < 1 ? 0 : at - 1;
	return (size_t)at > len ? len : (size_t)at;
}

static int push_found(lua_State *L, const char *s, const char *from, const char *to)
{
	lua_pushinteger(L, from - s + 1);
	lua_pushinteger(L, to - s);
	return 2;
}

static int search(lua_State *L, bool find)
{
	size_t s_len, p_len;
	const char *s = luaL_checklstring(L, 1, &s_len);
	const char *p = luaL_checklstring(L, 2, &p_len);
	size_t at = start_of(L, 3, s_len);
	/* Without a special character it is a plain search, which is linear. */
	if (find && (lua_toboolean(L, 4) || strcspn(p, "^$*+?.([%-") == p_len)) {
		const char *found = memmem(s + at, s_len - at, p, p_len);
		if (found)
			return push_found(L, s, found, found + p_len);
		lua_pushnil(L);
		return 1;
	}
	struct matcher m;
	begin(&m, s, s_len, p, p_len);
	bool anchored = p_len && *p == '^';
	for (const char *from = s + at; from <= m.s_end; from++) {
		const char *to = try_at(L, &m, from, p + anchored);
		if (to)
			return find ? push_found(L, s, from, to) +
					       push_captures(L, &m, false, from, to)
				    : push_captures(L, &m, true, from, to);
		if (anchored)
			break;
	}
	lua_pushnil(L);
	return 1;
}

int pattern_find(lua_State *L)
{
	return search(L, true);
}

int pattern_match(lua_State *L)
{
	return search(L, false);
}

static int gmatch_next(lua_State *L)
{
	size_t s_len, p_len;
	const char *s = lua_tolstring(L, lua_upvalueindex(1), &s_len);
	const char *p = lua_tolstring(L, lua_upvalueindex(2), &p_len);
	size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(3));
	struct matcher m;
	begin(&m, s, s_len, p, p_len);
	for (const char *from = s + at; at <= s_len && from <= m.s_end; from++) {
		const char *to = try_at(L, &m, from, p);
		if (!to)
			continue;
		/* An empty match moves on by one, or it would be found for ever. */
		lua_pushinteger(L, to - s + (to == from));
		lua_replace(L, lua_upvalueindex(3));
		return push_captures(L, &m, true, from, to);
	}
	return 0;
}

int pattern_gmatch(lua_State *L)
{
	luaL_checkstring(L, 1);
	luaL_checkstring(L, 2);
	lua_settop(L, 2);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, gmatch_next, 3);
	return 1;
}

/* What a replacement makes is bounded as well: the steps of the matcher do not count it. */
#define GSUB_MAX ((size_t)1 << 20)

static void take_room(lua_State *L, size_t *room, size_t n)
{
	if (n > *room)
		luaL_error(L, "string.gsub would make more than %d bytes", (int)GSUB_MAX);
	*room -= n;
}

static void add_text(lua_State *L, struct matcher *m, luaL_Buffer *b, const char *s, const char *to,
		     size_t *room)
{
	size_t len;
	const char *with = lua_tolstring(L, 3, &len);
	take_room(L, room, len);
	for (size_t i = 0; i < len; i++) {
		if (with[i] != '%') {
			luaL_addchar(b, with[i]);
			continue;
		}
		char c = ++i < len ? with[i] : 0;
		if (c == '0') {
			take_room(L, room, (size_t)(to - s));
			luaL_addlstring(b, s, (size_t)(to - s));
		} else if (c >= '1' && c <= '9') {
			push_capture(L, m, c - '1', s, to);
			take_room(L, room, lua_objlen(L, -1));
			luaL_addvalue(b);
		} else {
			luaL_addchar(b, c);
		}
	}
}

int pattern_gsub(lua_State *L)
{
	size_t s_len, p_len;
	const char *s = luaL_checklstring(L, 1, &s_len);
	const char *p = luaL_checklstring(L, 2, &p_len);
	luaL_checkstring(L, 3);
	lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)s_len + 1), n = 0;
	bool anchored = p_len && *p == '^';
	size_t room = GSUB_MAX;
	struct matcher m;
	luaL_Buffer b;
	begin(&m, s, s_len, p, p_len);
	luaL_buffinit(L, &b);
	const char *from = s;
	while (n < most) {
		const char *to = try_at(L, &m, from, p + anchored);
		if (to) {
			n++;
			add_text(L, &m, &b, from, to, &room);
		}
		if (to && to > from)
			from = to;
		else if (from < m.s_end)
			luaL_addchar(&b, *from++);
		else
			break;
		if (anchored)
			break;
	}
	luaL_addlstring(&b, from, (size_t)(m.s_end - from));
	luaL_pushresult(&b);
	lua_pushinteger(L, n);
	return 2;
}
