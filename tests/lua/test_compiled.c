/* Proves that the way from an event to a proposal runs as compiled code, that a hook which cannot be is told, and that calls leave the heap as it was. */
#include "tests/unit/lua/script.h"

static struct lua_health health(struct script *t)
{
	struct lua_health h;
	lua_host_health(t->s, &h);
	return h;
}

START_TEST(a_trigger_is_compiled_with_its_proposal)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"if b.sell_near_net_bp >= 10 and self.pos.near.net > -30 then\n"
			" return self:pair { sell = 'near', buy = 'far', lots = math.min(3, b.sell_near_lots), reason = 'open' } end"));
	ck_assert(!health(&t).hot && !health(&t).compiled);
	for (int i = 0; i < 5000; i++) {
		t.b.dir[SIDE_SELL].net_bp = i % 5 * 4;
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), i % 5 * 4 >= 10);
	}
	struct lua_health h = health(&t);
	ck_assert(h.hot && h.compiled && h.traces >= 1);
	ck_assert_msg(h.trace_aborts <= 10, "%llu", (unsigned long long)h.trace_aborts);
	/* Compiled once, it stays so: a hundred thousand more calls make nothing new. */
	for (int i = 0; i < 100000; i++) {
		t.b.dir[SIDE_SELL].net_bp = i % 5 * 4;
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), i % 5 * 4 >= 10);
		lua_host_idle(t.s);
	}
	struct lua_health after = health(&t);
	ck_assert(after.compiled && after.traces == h.traces &&
		  after.trace_flushes == h.trace_flushes);
	ck_assert_msg(after.trace_aborts == h.trace_aborts, "%llu",
		      (unsigned long long)after.trace_aborts);
	script_free(&t);
}
END_TEST

START_TEST(calls_without_a_proposal_leave_no_garbage)
{
	struct script t;
	script_must_load(&t, NULL, ON_BASIS("if b.sell_near_net_bp >= 10 then self:log('x') end"));
	t.b.dir[SIDE_SELL].net_bp = 1;
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	uint64_t before = health(&t).memory;
	for (int i = 0; i < 300000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	ck_assert_uint_eq(health(&t).memory, before);
	script_free(&t);
}
END_TEST

START_TEST(idle_keeps_the_heap_small)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS("local t = {} for i = 1, 10 do t[i] = { i } end self:metric('n', #t)"));
	for (int i = 0; i < 100000; i++) {
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
		lua_host_idle(t.s);
	}
	ck_assert_msg(health(&t).memory_peak < 4u << 20, "%llu",
		      (unsigned long long)health(&t).memory_peak);
	script_free(&t);
}
END_TEST

START_TEST(a_hook_that_cannot_be_compiled_is_told)
{
	struct script t;
	/* Making closures is what this compiler does not do. */
	script_must_load(
		&t, NULL,
		ON_BASIS("local f = function() return b end if f() == nil then self:log('x') end"));
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	struct lua_health h = health(&t);
	ck_assert(h.hot && !h.compiled && h.trace_aborts > 0);
	ck_assert_uint_eq(t.s->trace_aborts, h.trace_aborts);
	script_free(&t);
}
END_TEST

SUITE("compiled", a_trigger_is_compiled_with_its_proposal,
      calls_without_a_proposal_leave_no_garbage, idle_keeps_the_heap_small,
      a_hook_that_cannot_be_compiled_is_told)
