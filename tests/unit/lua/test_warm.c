/* Proves that a strategy which was warmed is compiled when it trades, and otherwise as it was loaded: its memory, its locals, its timers, its windows, its luck and
 * its record; whatever its hooks do with prices that are made up. */
#include "lua/instance.h"
#include "tests/unit/lua/script.h"

static const struct lua_host_options clocked = { .budget_ns = 50000000 };

/* Counts and keeps in every way that there is, draws numbers, and proposes. */
static const char *const keeps =
	"local tandem = require 'tandem'\n"
	"local S = tandem.strategy { version = 1, legs = { 'near', 'far' } }\n"
	"local state = tandem.state { n = 0 }\n"
	"local w = tandem.window { name = 'w', count = 8 }\n"
	"local calls, seen = 0, {}\n"
	"function S:on_start() calls = calls + 100 self:every(1, function() end) end\n"
	"function S:on_basis(b)\n"
	"  calls, state.n, seen[#seen + 1] = calls + 1, state.n + 1, b.spread\n"
	"  w:push(b.spread)\n"
	"  self:metric('calls', calls) self:metric('n', state.n) self:metric('seen', #seen)\n"
	"  self:metric('w', w:count()) self:metric('luck', math.random())\n"
	"  if b.sell_near_net_bp > 100 then self:pair { sell = 'near', buy = 'far', lots = 1, reason = 'x' } end\n"
	"end\n"
	"function S.on_load(old) return { n = old.n } end\n"
	"return S\n";

static void first_call(struct script *t, double v[5])
{
	t->b.dir[SIDE_SELL].net_bp = 0;
	int n = script_run(t, STRAT_BASIS);
	ck_assert_msg(n == 5, "%d: %s", n, err_text());
	for (int i = 0; i < 5; i++)
		v[i] = t->p[i].value;
}

START_TEST(it_is_compiled_and_otherwise_as_it_was_loaded)
{
	struct script cold, warm;
	struct lua_health h;
	double a[5], b[5];
	script_must_load(&cold, script_host(clocked), keeps);
	script_must_load(&warm, script_host(clocked), keeps);
	ck_assert_int_eq(lua_host_warm(warm.s, NULL, 0), 0);
	lua_host_health(warm.s, &h);
	ck_assert(h.compiled && !h.plain);
	ck_assert_uint_eq(warm.s->calls, 0);
	ck_assert_uint_eq(warm.s->errors, 0);
	first_call(&cold, a);
	first_call(&warm, b);
	lua_host_health(cold.s, &h);
	ck_assert(!h.compiled);
	ck_assert_double_eq(a[0], 1);
	ck_assert_mem_eq(a, b, sizeof a);
	script_free(&cold);
	script_free(&warm);
}
END_TEST

START_TEST(what_was_saved_is_there)
{
	struct script t;
	static uint8_t saved[LUA_STATE_CAP];
	size_t n;
	double v[5];
	script_must_load(&t, script_host(clocked), keeps);
	for (int i = 0; i < 7; i++)
		first_call(&t, v);
	ck_assert_int_eq(lua_host_save(t.s, saved, sizeof saved, &n), 0);
	ck_assert_int_eq(lua_host_warm(t.s, saved, n), 0);
	first_call(&t, v);
	ck_assert_double_eq(v[0], 1); /* a local of the file */
	ck_assert_double_eq(v[1], 8); /* its state */
	ck_assert_double_eq(v[3], 8); /* its window */
	script_free(&t);
}
END_TEST

/* Errors, a runaway, an on_start that never ends: no strike, and the real calls judge for themselves. */
START_TEST(what_fails_there_is_no_fault)
{
	static const char *const text[] = {
		ON_BASIS("error('such prices')"),
		ON_BASIS("if b.legs.near.bid ~= 100 or b.z ~= 2 then while true do end end"),
		HEAD
		"function S:on_start() while true do end end\nfunction S:on_basis(b) end\nreturn S\n",
	};
	const struct lua_host_options o = { .budget_ns = 20000000,
					    .load_budget_ns = 30000000,
					    .error_strikes = 1 };
	for (size_t i = 0; i < (RUNAWAYS ? sizeof text / sizeof text[0] : 1); i++) {
		struct script t;
		script_must_load(&t, script_host(o), text[i]);
		ck_assert_int_eq(lua_host_warm(t.s, NULL, 0), 0);
		ck_assert(!t.s->quarantined && !t.s->kills && !t.s->errors);
		int rc = script_run(&t, STRAT_BASIS);
		ck_assert_msg(rc == (i == 0 ? -ERR_SCRIPT : 0), "%zu: %d: %s", i, rc, err_text());
		ck_assert_int_eq(t.s->quarantined, i == 0);
		script_free(&t);
	}
}
END_TEST

START_TEST(a_run_without_a_clock_is_left_alone)
{
	struct script t;
	struct lua_health h;
	script_must_load(&t, NULL, ON_BASIS("while true do end"));
	ck_assert_int_eq(lua_host_warm(t.s, NULL, 0), 0);
	lua_host_health(t.s, &h);
	ck_assert(!h.compiled);
	script_free(&t);
}
END_TEST

SUITE("warm", it_is_compiled_and_otherwise_as_it_was_loaded, what_was_saved_is_there,
      what_fails_there_is_no_fault, a_run_without_a_clock_is_left_alone)
