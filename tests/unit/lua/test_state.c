/* Proves that a strategy's state survives as bytes: the same content gives the same bytes, any damage is refused, a version is answered for. */
#include "lua/state.h"
#include "tests/unit/lua/script.h"
#include <lauxlib.h>
#include <lua.h>

static uint8_t buf[LUA_STATE_CAP], again[LUA_STATE_CAP];

static struct state_scratch scratch;

static size_t encode(const char *text, uint8_t *to)
{
	lua_State *L = luaL_newstate();
	size_t len;
	ck_assert_msg(luaL_dostring(L, text) == 0, "%s", lua_tostring(L, -1));
	int rc = state_encode(L, -1, 3, &scratch, to, LUA_STATE_CAP, &len);
	ck_assert_msg(rc == 0, "%s", err_text());
	ck_assert_int_eq(lua_gettop(L), 1);
	lua_close(L);
	return len;
}

START_TEST(one_content_has_one_form)
{
	static const char *const same[][2] = {
		{ "return { a = 1, b = { true, false, 'x' }, [2] = -0.5, [-3] = 'y', [true] = 1 }",
		  "local t = { [true] = 1 } t[-3] = 'y' t[2] = -0.5 t.zz = 1 t.b = { [3] = 'x' } t.b[2] = false t.b[1] = true t.a = 1 t.zz = nil return t" },
		{ "return {}", "local t = { 1, 2, x = 3 } t[1], t[2], t.x = nil return t" },
		{ "return { a = 0/0 }", "return { a = -(0/0) }" },
	};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		size_t n = encode(same[i][0], buf), m = encode(same[i][1], again);
		ck_assert_uint_eq(n, m);
		ck_assert_mem_eq(buf, again, n);
	}
	ck_assert(encode("return { a = 0 }", buf) == encode("return { a = -0 }", again) &&
		  buf[0] == 'T');
}
END_TEST

START_TEST(what_is_written_is_read)
{
	static const char *const texts[] = {
		"return {}",
		"return { 1, 2, 3, { {}, { 'deep', { [1.5] = 'z' } } }, k = 'v', [false] = 1e300, ['\\0\\255'] = [[xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]] }",
		"local t = {} for i = 1, 3000 do t[i] = i * 1.5 end return t",
		"local t = {} local u = t for i = 1, 15 do u.n = {} u = u.n end return t",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n = encode(texts[i], buf), len;
		uint32_t version = 0;
		ck_assert_msg(state_check(buf, n, &version) == 0, "%s", err_text());
		ck_assert_uint_eq(version, 3);
		lua_State *L = luaL_newstate();
		state_push(L, buf, n);
		ck_assert_int_eq(state_encode(L, -1, 3, &scratch, again, sizeof(again), &len), 0);
		ck_assert_uint_eq(len, n);
		ck_assert_mem_eq(buf, again, n);
		lua_close(L);
	}
}
END_TEST

START_TEST(what_cannot_be_saved_is_named)
{
	static const char *const bad[][2] = {
		{ "return { a = { b = { [3] = print } } }",
		  "a: b: [3]: a function cannot be saved" },
		{ "return { [{}] = 1 }", "a key of type table cannot be saved" },
		{ "local t = {} t.t = t return t",
		  "nested deeper than 16 tables, or holds itself" },
		{ "local t = {} for i = 1, 4097 do t[i] = i end return t",
		  "more than 4096 entries" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lua_State *L = luaL_newstate();
		size_t len;
		lua_pushcfunction(L, lua_error);
		lua_setglobal(L, "print");
		ck_assert(luaL_dostring(L, bad[i][0]) == 0);
		ck_assert_int_eq(state_encode(L, -1, 1, &scratch, buf, sizeof(buf), &len),
				 -ERR_SCRIPT);
		ck_assert_msg(strstr(err_text(), bad[i][1]), "%s", err_text());
		lua_close(L);
	}
	lua_State *L = luaL_newstate();
	size_t len;
	ck_assert(luaL_dostring(L, "return { 'hello' }") == 0);
	ck_assert_int_eq(state_encode(L, -1, 1, &scratch, buf, 8, &len), -ERR_FULL);
	ck_assert_int_eq(state_encode(L, -1, 1, &scratch, NULL, sizeof(buf), &len), 0);
	lua_close(L);
}
END_TEST

START_TEST(no_damaged_byte_passes_unseen)
{
	size_t n = encode("return { a = 1, b = { true, 'x' }, c = 'text' }", buf);
	for (size_t cut = 0; cut < n; cut++)
		ck_assert_int_eq(state_check(buf, cut, NULL), -ERR_CORRUPT);
	buf[n] = 0;
	ck_assert_int_eq(state_check(buf, n + 1, NULL), -ERR_CORRUPT);
	/* A changed byte is refused, or it is another content whose form it then is. */
	lua_State *L = luaL_newstate();
	for (size_t i = 8; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			size_t len;
			buf[i] ^= (uint8_t)(1 << bit);
			if (state_check(buf, n, NULL) == 0) {
				state_push(L, buf, n);
				ck_assert_int_eq(state_encode(L, -1, 3, &scratch, again,
							      sizeof(again), &len),
						 0);
				ck_assert(len == n && !memcmp(buf, again, n));
				lua_settop(L, 0);
			}
			buf[i] ^= (uint8_t)(1 << bit);
		}
	}
	lua_close(L);
}
END_TEST

static int load(struct script *t, const char *text, const void *saved, size_t n)
{
	*t = (struct script){ .b = script_basis(),
			      .host = script_host(
				      (struct lua_host_options){ .deterministic = true }) };
	struct lua_instance_options o = { .name = "x",
					  .file = "x.lua",
					  .source = text,
					  .source_len = strlen(text),
					  .unbound = true,
					  .saved = saved,
					  .saved_len = n };
	return lua_host_load(t->host, &o, &t->s);
}

#define VERSION(v)                                                                 \
	"local tandem = require 'tandem' local S = tandem.strategy { version = " v \
	", legs = { 'a', 'b' } }\n"
#define COUNTS                                                    \
	"local state = tandem.state { n = 0, sub = { x = 1 } }\n" \
	"function S:on_basis() state.n = state.n + 1 state.last = 'y' self:metric('n', state.n) end\n"

START_TEST(state_survives_and_a_new_version_must_answer_for_it)
{
	struct script t;
	size_t n, m;
	ck_assert_msg(load(&t, VERSION("1") COUNTS "return S", NULL, 0) == 0, "%s", err_text());
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), 0);
	script_free(&t);

	ck_assert_msg(load(&t, VERSION("1") COUNTS "return S", buf, n) == 0, "%s", err_text());
	ck_assert_int_eq(lua_host_save(t.s, again, sizeof(again), &m), 0);
	ck_assert(n == m && !memcmp(buf, again, n));
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(t.p[0].value == 4);
	script_free(&t);

	static const struct {
		const char *text;
		int rc;
		const char *words;
	} reload[] = {
		{ VERSION("2") COUNTS "return S", -ERR_SCRIPT,
		  "of version 1 and this file is version 2: write function S.on_load" },
		{ VERSION("2") COUNTS "function S.on_load(old, v) assert(v == 1) end return S",
		  -ERR_SCRIPT, "on_load refused" },
		{ VERSION("2") COUNTS
		  "function S.on_load(old) return { n = old.n * 10 } end return S",
		  0, "" },
		{ VERSION("1") "return S", -ERR_SCRIPT, "no tandem.state { ... } to put it into" },
		{ VERSION("1") "tandem.state { f = print } return S", -ERR_SCRIPT,
		  "x.lua:2: tandem.state: f: a function cannot be saved" },
		{ VERSION("1") "tandem.state {} tandem.state {} return S", -ERR_SCRIPT,
		  "stands twice" },
	};
	for (size_t i = 0; i < sizeof(reload) / sizeof(reload[0]); i++) {
		int rc = load(&t, reload[i].text, buf, n);
		ck_assert_msg(rc == reload[i].rc, "%zu: %d %s", i, rc, err_text());
		if (rc) {
			ck_assert_msg(strstr(err_text(), reload[i].words), "%s", err_text());
		} else {
			ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
			ck_assert(t.p[0].value == 31);
		}
		script_free(&t);
	}
	buf[n - 1] ^= 0x80;
	buf[9] ^= 0x7f;
	ck_assert_int_eq(load(&t, VERSION("1") COUNTS "return S", buf, n), -ERR_CORRUPT);
	ck_assert(!strncmp(err_text(), "x.lua: the saved state is damaged", 30));
	script_free(&t);
}
END_TEST

START_TEST(on_save_has_the_last_word_and_errors_are_told)
{
	struct script t;
	size_t n;
	const char *text = VERSION(
		"1") "local st = tandem.state { n = 1 }\nfunction S:on_save() st.n = 2 self:log('lost') end\n"
		     "function S:on_basis() st.f = print end return S";
	ck_assert_msg(load(&t, text, NULL, 0) == 0, "%s", err_text());
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), 0);
	ck_assert(n > 8 && memchr(buf, 0x40, n)); /* 2.0 */
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), "x.lua: the state of x: f: a function cannot be saved"),
		      "%s", err_text());
	script_free(&t);
	ck_assert_int_eq(load(&t, VERSION("1") "return S", NULL, 0), 0);
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), 0);
	ck_assert_uint_eq(n, 0);
	script_free(&t);
}
END_TEST

/* It runs on the engine's thread, so it has the budget of a call and no more. */
START_TEST(on_save_that_never_ends_is_stopped)
{
	struct script t;
	size_t n;
	if (!RUNAWAYS)
		return;
	struct lua_host *h = script_host((struct lua_host_options){ .budget_ns = 1000000 });
	script_must_load(&t, h,
			 HEAD "tandem.state { n = 1 }\nfunction S:on_save() while true do end end\nreturn S");
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), "x.lua:4: ran over its budget of 1 ms") ||
			      strstr(err_text(), "within the wall limit"),
		      "%s", err_text());
	ck_assert(t.s->quarantined && t.s->kills == 1);
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), 0);
	script_free(&t);
}
END_TEST

/* Counts in its state, in a local, in a table and in a closure; says the sum. */
#define COUNTERS                                                                                        \
	"local st = tandem.state { n = 1 }\nlocal n, t, made = 10, { 100, deep = { 0 } }, nil\n"        \
	"local function up() n = n + 10 end\n"                                                          \
	"function S:on_start() self:every(1, function() end) made = true end\n"                         \
	"function S:on_basis() self:metric('sum', st.n + n + t[1] + t.deep[1] + (made and 0.5 or 0))\n" \
	"st.n = st.n + 1 up() t[1] = t[1] + 100 t.deep[1] = t.deep[1] + 1000 t.new = 1 end return S"

START_TEST(a_dry_run_leaves_no_trace)
{
	struct script t;
	size_t n;
	ck_assert_msg(load(&t, VERSION("1") COUNTERS, NULL, 0) == 0, "%s", err_text());
	ck_assert_int_eq(script_run(&t, STRAT_START), 1);
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(t.p[0].value > 1000);
	ck_assert_int_eq(lua_host_reset(t.s), 0);
	ck_assert_uint_eq(t.s->calls, 0);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_double_eq(t.p[0].value, 111);
	ck_assert_int_eq(lua_host_reset(t.s), 0);
	/* The first timer is the first again. */
	ck_assert_int_eq(script_run(&t, STRAT_START), 1);
	ck_assert_uint_eq(t.p[0].pair, 0);
	/* What another version remembers comes in its place. */
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_int_eq(lua_host_save(t.s, buf, sizeof(buf), &n), 0);
	ck_assert_int_eq(lua_host_reset(t.s), 0);
	ck_assert_msg(t.s->ops->restore(t.s, buf, n) == 0, "%s", err_text());
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_double_eq(t.p[0].value, 112);
	buf[n - 1] ^= 0x80;
	buf[9] ^= 0x7f;
	ck_assert_int_eq(t.s->ops->restore(t.s, buf, n), -ERR_CORRUPT);
	script_free(&t);
}
END_TEST

START_TEST(a_memory_that_is_refused_says_so)
{
	struct script t;
	size_t n;
	ck_assert_int_eq(load(&t, VERSION("1") "tandem.state { n = 1 } return S", NULL, 0), 0);
	ck_assert_int_eq(t.s->ops->save(t.s, buf, sizeof(buf), &n), 0);
	script_free(&t);
	ck_assert_int_eq(
		load(&t,
		     VERSION("2") "tandem.state { n = 2 } function S.on_load(old)\n"
				  "if old.n == 1 then error 'too old' end return old end return S",
		     NULL, 0),
		0);
	ck_assert_int_eq(t.s->ops->restore(t.s, buf, n), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), "x.lua:3: too old"), "%s", err_text());
	script_free(&t);
}
END_TEST

SUITE("state", a_dry_run_leaves_no_trace, a_memory_that_is_refused_says_so,
      one_content_has_one_form, what_is_written_is_read, what_cannot_be_saved_is_named,
      no_damaged_byte_passes_unseen, state_survives_and_a_new_version_must_answer_for_it,
      on_save_has_the_last_word_and_errors_are_told, on_save_that_never_ends_is_stopped)
