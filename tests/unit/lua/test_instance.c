/* Proves what comes of a call: proposals as they were meant, nonsense refused with the line, kills, strikes and quarantine. */
#include "tests/unit/lua/script.h"
#include <time.h>

START_TEST(a_pair_arrives_as_it_was_proposed)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"return self:pair { sell = 'far', buy = 'near', lots = 2.5, tif = 'FOK', intent = 'roll',\n"
			" reason = 'because', limits = { near = 99.5 } }"));
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == 1, "%d %s", rc, err_text());
	const struct proposal *p = &t.p[0];
	ck_assert(p->kind == PROPOSE_PAIR && p->intent == INTENT_ROLL && p->tif == TIF_FOK &&
		  p->n_legs == 2);
	ck_assert(p->leg[0] == 1 && p->side[0] == SIDE_SELL && p->leg[1] == 0 &&
		  p->side[1] == SIDE_BUY);
	ck_assert(p->lots == 2.5 && p->limit_px[0] == 0 && p->limit_px[1] == 99.5);
	ck_assert_str_eq(p->reason, "because");
	script_free(&t);
}
END_TEST

START_TEST(a_pair_has_sensible_defaults_and_leaves_nothing_behind)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HEAD
		"local n = 0\nfunction S:on_basis(b) n = n + 1\n"
		"if n == 1 then self:pair { sell = 'far', buy = 'near', lots = 9, limits = { far = 3 }, reason = 'a long one' }\n"
		"else self:pair { sell = 'near', buy = 'far', lots = 1 } end end return S");
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	const struct proposal *p = &t.p[0];
	ck_assert(p->intent == INTENT_OPEN && p->tif == TIF_IOC && p->lots == 1 &&
		  p->limit_px[0] == 0 && p->limit_px[1] == 0 && p->leg[0] == 0 &&
		  p->side[0] == SIDE_SELL);
	ck_assert_str_eq(p->reason, "");
	script_free(&t);
}
END_TEST

START_TEST(a_pair_says_how_it_goes_out)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HEAD
		"local n = 0\nfunction S:on_basis(b) n = n + 1\n"
		"if n == 1 then self:pair { sell = 'far', buy = 'near', lots = 1, style = 'passive', first = 'far', basis = -2.5 }\n"
		"elseif n == 2 then self:pair { sell = 'near', buy = 'far', lots = 1, style = 'both', align = 'less_certain_first' }\n"
		"else self:pair { sell = 'near', buy = 'far', lots = 1 } end end return S");
	const struct proposal *p = &t.p[0];
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(p->style == STYLE_PASSIVE && p->first == 1 && p->has_basis && p->basis == -2.5 &&
		  p->align == ALIGN_DEFAULT);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(p->style == STYLE_BOTH && p->align == ALIGN_LESS_CERTAIN && p->first == LEG_ANY &&
		  !p->has_basis);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(p->style == STYLE_DEFAULT && p->align == ALIGN_DEFAULT && p->first == LEG_ANY &&
		  !p->has_basis);
	script_free(&t);
}
END_TEST

START_TEST(a_pair_has_a_ladder_of_its_own)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HEAD
		"local n = 0\nfunction S:on_basis(b) n = n + 1\n"
		"if n == 1 then self:pair { sell = 'far', buy = 'near', lots = 1, rescue = { on_leg_fail = 'unwind', budget = 2.5, chase = 0 } }\n"
		"else self:pair { sell = 'near', buy = 'far', lots = 1, rescue = n == 2 and { max_slip_ticks = 3, max_unwind_slip_ticks = 9, wait = 0.5 } or nil } end end return S");
	const struct proposal *p = &t.p[0];
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(p->has_rescue && p->on_leg_fail == LEG_FAIL_UNWIND && p->rescue.budget == 2.5 &&
		  p->rescue.chase_s == 0 && p->rescue.wait_s == -1 &&
		  p->rescue.max_slip_ticks == -1);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(p->has_rescue && p->on_leg_fail == on_leg_fail_max && p->rescue.budget == -1 &&
		  p->rescue.max_slip_ticks == 3 && p->rescue.max_unwind_slip_ticks == 9 &&
		  p->rescue.wait_s == 0.5);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(!p->has_rescue);
	script_free(&t);
}
END_TEST

START_TEST(pairs_of_more_than_two_legs)
{
	struct script t;
	script_must_load(
		&t, NULL,
		"local t = require 'tandem' local S = t.strategy { version = 1, legs = { 'a', 'b', 'c', 'd', 'e' } }\n"
		"function S:on_basis() self:pair { sell = { 'a', 'e' }, buy = { 'c' }, lots = 1 } end return S");
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	const struct proposal *p = &t.p[0];
	ck_assert(p->n_legs == 3 && p->leg[0] == 0 && p->leg[1] == 4 && p->leg[2] == 2);
	ck_assert(p->side[0] == SIDE_SELL && p->side[1] == SIDE_SELL && p->side[2] == SIDE_BUY);
	script_free(&t);
}
END_TEST

START_TEST(the_other_proposals)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"self:alert('a', 'critical') self:alert('b', 'warn') self:metric('m_1', -0.5) self:log(12)\n"
			"self:cancel('42') print('x', 1, nil, true, {})\n"
			"self:log(string.rep('l', 60))"));
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == 7, "%d %s", rc, err_text());
	ck_assert(t.p[0].kind == PROPOSE_ALERT && t.p[0].severity == 2 && t.p[1].severity == 1);
	ck_assert(t.p[2].kind == PROPOSE_METRIC && t.p[2].value == -0.5 &&
		  !strcmp(t.p[2].reason, "m_1"));
	ck_assert(t.p[3].kind == PROPOSE_LOG && !strcmp(t.p[3].reason, "12"));
	ck_assert(t.p[4].kind == PROPOSE_CANCEL && t.p[4].pair == 42);
	ck_assert_str_eq(t.p[5].reason, "x 1 nil true table");
	ck_assert_uint_eq(strlen(t.p[6].reason), PROPOSAL_REASON - 1);
	script_free(&t);
}
END_TEST

#define PAIR(fields) ON_BASIS("self:log('dropped with it')\nself:pair { " fields " }")
#define SB	     "sell = 'near', buy = 'far', "

START_TEST(nonsense_is_refused_with_its_line)
{
	static const char *const bad[][2] = {
		{ PAIR(SB "lots = 0/0"), "x.lua:5: self:pair: lots = " },
		{ PAIR(SB "lots = 1/0"), "x.lua:5: self:pair: lots = inf; it must be above zero" },
		{ PAIR(SB "lots = -1"), "x.lua:5: self:pair: lots = -1; it must be above zero" },
		{ PAIR(SB "lots = 0"), "test it before you propose" },
		{ PAIR(SB "lots = 1e12"), "at most 1e9" },
		{ PAIR(SB "lots = '1'"), "lots is a number of pair lots above zero" },
		{ PAIR(SB), "lots is a number" },
		{ PAIR("sell = 'neer', buy = 'far', lots = 1"),
		  "sell = \"neer\" is no leg of this strategy; it has: near, far" },
		{ PAIR("sell = 1, buy = 'far', lots = 1"), "sell = 1 is no leg" },
		{ PAIR("sell = 'near', lots = 1"), "buy is missing" },
		{ PAIR("buy = 'near', lots = 1"), "sell is missing" },
		{ PAIR("sell = 'near', buy = 'near', lots = 1"), "\"near\" stands twice" },
		{ PAIR("sell = {}, buy = 'near', lots = 1"), "a list of legs" },
		{ PAIR(SB "lots = 1, tif = 'ioc'"),
		  "tif is one of DAY, FOK, GTC, IOC; this is ioc" },
		{ PAIR(SB "lots = 1, intent = 'opn'"), "intent is one of close, open, roll" },
		{ PAIR(SB "lots = 1, reason = {}"), "reason is a text, not a table" },
		{ PAIR(SB "lots = 1, limits = 3"), "limits is a table by leg" },
		{ PAIR(SB "lots = 1, limits = { near = 0/0 }"), "limits.near is a finite number" },
		{ PAIR(SB "lots = 1, limits = { near = 0 }"), "limits.near is 0; leave it out" },
		{ PAIR(SB "lots = 1, limits = { x = 1 }"), "limits names \"x\"" },
		{ PAIR(SB "lots = 1, style = 'quick'"),
		  "style is one of both, legged, passive; this is quick" },
		{ PAIR(SB "lots = 1, align = 1"),
		  "align is one of arrive, less_certain_first, send; this is 1" },
		{ PAIR(SB "lots = 1, first = 'fx'"), "first = fx is no leg of this pair" },
		{ PAIR(SB "lots = 1, basis = 3"), "write style = \"passive\" beside it" },
		{ PAIR(SB "lots = 1, style = 'passive', basis = 0/0"), "basis is a finite number" },
		{ PAIR(SB "lots = 1, rescue = 1"), "rescue is a table, as in" },
		{ PAIR(SB "lots = 1, rescue = { budget = -1 }"),
		  "rescue.budget is -1; it is what" },
		{ PAIR(SB "lots = 1, rescue = { wait = 0/0 }"), "rescue.wait is a finite number" },
		{ PAIR(SB "lots = 1, rescue = { on_leg_fail = 'flee' }"),
		  "rescue.on_leg_fail is one of cheapest, complete, hold, unwind; this is flee" },
		{ PAIR(SB "lots = 1, rescue = { buget = 1 }"), "rescue has no field \"buget\"" },
		{ PAIR(SB "lot = 1"), "self:pair has no field \"lot\"; it knows" },
		{ ON_BASIS("\nreturn self:pair { lots = 1 }"),
		  "x.lua:5: self:pair: sell is missing" },
		{ ON_BASIS("self:pair 'near'"), "x.lua:4: self:pair wants a table" },
		{ ON_BASIS("self.pair { lots = 1 }"),
		  "x.lua:4: pair: write self:pair with a colon" },
		{ ON_BASIS("self:cancel(12)"), "self:cancel wants the pair of an on_pair event" },
		{ ON_BASIS("self:alert()"), "self:alert wants a text, not a nil" },
		{ ON_BASIS("self:alert('x', 'bad')"), "severity is one of critical, info, warning" },
		{ ON_BASIS("self:metric('a b', 1)"), "the name is letters" },
		{ ON_BASIS("self:metric('a', 0/0)"), "is a finite number" },
		{ ON_BASIS("self:every(0)"), "the period is 0.001 to 86400" },
		{ ON_BASIS("self:every(1)"), "there is no on_timer" },
		{ ON_BASIS("self:every(1, 'nosuch')"), "nosuch is no function" },
		{ ON_BASIS("for i = 1, 9 do self:log('x') end"),
		  "at most 8 proposals in one call" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		script_fails(bad[i][0], bad[i][1]);
}
END_TEST

START_TEST(a_failed_call_proposes_nothing_and_the_next_one_is_clean)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HEAD
		"local n = 0\nfunction S:on_basis(b) n = n + 1 if n == 1 then\n"
		"self:pair { sell = 'near', buy = 'far', lots = 7, limits = { near = 5, far = 6 } } error('late') end\n"
		"self:log('a') end return S");
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	struct proposal want = { .kind = PROPOSE_LOG, .reason = "a" };
	ck_assert_mem_eq(&t.p[0], &want, sizeof(want));
	ck_assert(!t.s->quarantined && t.s->errors == 1);
	script_free(&t);
}
END_TEST

START_TEST(errors_in_a_row_end_in_quarantine)
{
	struct script t;
	script_must_load(
		&t,
		script_host((struct lua_host_options){ .deterministic = true, .error_strikes = 3 }),
		HEAD
		"local n = 0\nfunction S:on_basis(b) n = n + 1 if n % 3 ~= 0 or n > 6 then error('no') end end return S");
	for (int i = 1; i <= 8; i++) {
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), i % 3 || i > 6 ? -ERR_SCRIPT : 0);
		ck_assert(!t.s->quarantined);
	}
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert(t.s->quarantined && strstr(err_text(), "in quarantine"));
	uint64_t calls = t.s->calls;
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_STATE);
	ck_assert_msg(strstr(err_text(), "x is in quarantine: x.lua:4: no"), "%s", err_text());
	ck_assert_uint_eq(t.s->calls, calls);
	script_free(&t);
}
END_TEST

START_TEST(a_kill_from_outside_is_like_an_overrun)
{
	struct script t;
	script_must_load(&t, NULL, ON_BASIS("self:log('x')"));
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	lua_host_kill_next(t.s);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert_msg(!strncmp(err_text(), "x.lua:", 6) &&
			      strstr(err_text(), "ran over its budget"),
		      "%s", err_text());
	ck_assert(t.s->quarantined && t.s->kills == 1);
	script_free(&t);
}
END_TEST

START_TEST(without_a_clock_nothing_stops_a_slow_script)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS("local x = 0 for i = 1, 3e7 do x = x + i end self:metric('x', x)"));
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	script_free(&t);
}
END_TEST

static int64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

START_TEST(a_runaway_costs_about_its_budget_and_the_vm_lives_on)
{
	if (!RUNAWAYS)
		return;
	struct script t;
	enum { kills = 200 };
	script_must_load(
		&t, script_host((struct lua_host_options){ .kill_strikes = kills + 1 }),
		HEAD "local n = 0\nfunction S:on_basis(b) n = n + 1 self:log('x')\n"
		     "if n % 2 == 1 then local x = 0 while true do x = x + 1 end end end return S");
	int64_t worst = 0, all = 0;
	for (int i = 0; i < kills; i++) {
		int64_t from = cpu_ns();
		int rc = script_run(&t, STRAT_BASIS);
		int64_t took = cpu_ns() - from;
		ck_assert_int_eq(rc, -ERR_SCRIPT);
		ck_assert_msg(strstr(err_text(), "x.lua:5: ran over its budget of 1 ms"), "%s",
			      err_text());
		worst = took > worst ? took : worst;
		all += took;
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	}
	ck_assert(!t.s->quarantined && t.s->kills == kills);
	/* Generous, for busy machines: the benchmark has the figures. */
	ck_assert_msg(all / kills < 10000000 && worst < 500000000, "mean %lld worst %lld",
		      (long long)all / kills, (long long)worst);
	script_free(&t);
}
END_TEST

START_TEST(one_strike_is_enough_by_default)
{
	if (!RUNAWAYS)
		return;
	struct script t;
	script_must_load(&t, script_host((struct lua_host_options){ 0 }),
			 ON_BASIS("self:log('x') while true do end"));
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert(t.s->quarantined);
	script_free(&t);
}
END_TEST

START_TEST(memory_ends_cleanly_and_the_vm_lives_on)
{
	/* No clock: the limit on memory alone has to do it. */
	static const char *const bombs[] = {
		"local t = {} for i = 1, 1e9 do t[i] = { i } end",
		"local s = 'x' while true do s = s .. s end",
		"local t = {} for i = 1, 1e9 do t['k' .. i] = i end",
		"local t = {} local function g() for i = 1, 1e9 do t[#t + 1] = {} end end while true do pcall(g) end",
		"local f = function() end while true do local g = f f = function() return g end end",
	};
	for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
		char text[1024];
		struct script t;
		snprintf(
			text, sizeof(text),
			HEAD
			"local n = 0\nfunction S:on_basis(b) n = n + 1 if n %% 2 == 1 then %s end self:log('x') end return S",
			bombs[i]);
		script_must_load(&t,
				 script_host((struct lua_host_options){ .deterministic = true,
									.memory = 8u << 20,
									.kill_strikes = 100 }),
				 text);
		for (int k = 0; k < 5; k++) {
			ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
			ck_assert_msg(strstr(err_text(),
					     "x.lua:4: used more than its memory of 8 MiB"),
				      "%s", err_text());
			for (int idle = 0; idle < 100000; idle++)
				lua_host_idle(t.s);
			int rc = script_run(&t, STRAT_BASIS);
			ck_assert_msg(rc == 1, "%zu.%d: %s", i, k, err_text());
		}
		struct lua_health h;
		lua_host_health(t.s, &h);
		ck_assert(h.memory_peak < 17u << 20);
		script_free(&t);
	}
}
END_TEST

/* Innermost first, the script's own alone; a single frame says no more than the error. */
/* A hook that works in between excuses none that never does. */
START_TEST(errors_in_a_row_are_counted_by_hook)
{
	struct script t;
	script_must_load(
		&t,
		script_host((struct lua_host_options){ .deterministic = true, .error_strikes = 3 }),
		HEAD "function S:on_basis(b) error('always') end\n"
		     "function S:on_start() end return S");
	for (int i = 0; i < 3; i++) {
		ck_assert(!t.s->quarantined);
		ck_assert_int_eq(script_run(&t, STRAT_START), 0);
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	}
	ck_assert(t.s->quarantined);
	script_free(&t);
}
END_TEST

/* It would differ from run to run, and it would stand in the receipts. */
START_TEST(no_error_holds_an_address)
{
	static const char *const bodies[] = {
		"self:pair { sell = b, buy = 'far', lots = 1 }",
		"self:pair { sell = 'near', buy = 'far', lots = {} }",
		"self:cancel(self)",
		"self:metric(print, 1)",
		"self:every(1, b)",
		"return b[{}]",
		"return b.legs[print]",
		"self.params[b] = 1",
		"self:pair { sell = 'near', buy = 'far', lots = 1, rescue = { on_leg_fail = b } }",
		"self:pair { sell = 'near', buy = 'far', lots = 1, [{}] = 1 }",
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), ON_BASIS("%s"), bodies[i]);
		script_fails(text, "x.lua:4: ");
		ck_assert_msg(!strstr(err_text(), "0x"), "%s", err_text());
	}
	script_does_not_load(HEAD "return print", "it returned a function");
	ck_assert_msg(!strstr(err_text(), "0x"), "%s", err_text());
}
END_TEST

START_TEST(a_hook_is_written_in_the_file)
{
	script_does_not_load(HEAD "S.on_basis = math.abs return S",
			     "on_basis is a function of the library");
	script_does_not_load(HEAD "S.on_save = coroutine.wrap(function() end) return S",
			     "on_save is a function of the library");
	script_fails(HEAD "function S:on_basis()\nself:every(1, print) end return S",
		     "is no function of this file");
}
END_TEST

/* \1 is how the host's own checks of a configuration say that a place is there. */
START_TEST(a_script_does_not_choose_the_place_of_its_error)
{
	script_fails(ON_BASIS("error('\\1\\2/etc/host.lua:1: believe me')"), "x.lua:4: ");
}
END_TEST

START_TEST(what_a_script_says_steers_no_terminal)
{
	struct script t;
	script_fails(ON_BASIS("error('\\27[2Jall is well\\r\\nx')"), "x.lua:4: ?[2Jall is well??x");
	script_must_load(&t, NULL, ON_BASIS("self:log('\\27]0;x\\7\\127 \\195\\169')"));
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_str_eq(t.p[0].reason, "?]0;x?? \xc3\xa9");
	script_free(&t);
}
END_TEST

START_TEST(an_entry_is_put_in_between)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS("local l = { 1, 2, 4 } table.insert(l, 3, 3) table.insert(l, 1, 0) "
			 "table.insert(l, 6, 5) table.insert(l, 6)\n"
			 "for i = 1, 7 do assert(l[i] == i - 1) end assert(#l == 7)"));
	ck_assert_msg(script_run(&t, STRAT_BASIS) == 0, "%s", err_text());
	script_free(&t);
	script_fails(ON_BASIS("table.insert({}, 2, 1)"), "the position is a whole number, 1 to 1");
	script_fails(ON_BASIS("table.insert({ 1, 2 }, 1.5, 1)"), "this is 1.5");
}
END_TEST

START_TEST(frames_of_an_error)
{
	struct script t;
	script_must_load(&t, NULL,
			 HEAD "local function deep(x) return x.y.z + 1 end\n"
			      "local helper = function(x)\n"
			      "  local y = (function() return deep(x) + 0 end)()\n"
			      "  return y\n"
			      "end\n"
			      "function S:on_basis(b)\n"
			      "  local ok = b.spread > 0 and helper({})\n"
			      "  return ok\n"
			      "end\n"
			      "function S:on_start() error('alone') end\n"
			      "return S");
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), "x.lua:3: "), "%s", err_text());
	const char *trace = t.s->ops->trace(t.s);
	ck_assert_msg(strcmp(trace, "x.lua:3: in deep\nx.lua:5: in the function of line 5\n"
				    "x.lua:5: in helper\nx.lua:9: in S:on_basis") == 0,
		      "%s", trace);
	ck_assert_int_eq(script_run(&t, STRAT_START), -ERR_SCRIPT);
	ck_assert_str_eq(t.s->ops->trace(t.s), "");
	script_free(&t);
}
END_TEST

SUITE("instance", a_pair_arrives_as_it_was_proposed,
      a_pair_has_sensible_defaults_and_leaves_nothing_behind, a_pair_says_how_it_goes_out,
      a_pair_has_a_ladder_of_its_own, pairs_of_more_than_two_legs, the_other_proposals,
      nonsense_is_refused_with_its_line, a_failed_call_proposes_nothing_and_the_next_one_is_clean,
      errors_in_a_row_end_in_quarantine, a_kill_from_outside_is_like_an_overrun,
      without_a_clock_nothing_stops_a_slow_script,
      a_runaway_costs_about_its_budget_and_the_vm_lives_on, one_strike_is_enough_by_default,
      memory_ends_cleanly_and_the_vm_lives_on, frames_of_an_error,
      errors_in_a_row_are_counted_by_hook, no_error_holds_an_address, a_hook_is_written_in_the_file,
      a_script_does_not_choose_the_place_of_its_error, what_a_script_says_steers_no_terminal,
      an_entry_is_put_in_between)
