/* Proves what a strategy sees and says: names, views, texts, parameters, hooks, and errors that name file and line. */
#include "tests/unit/lua/script.h"

START_TEST(the_view_has_the_strategys_names)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"assert(b.spread == 10 and b.spread_bp == 1000 and b.ratio == 1.1)\n"
			"assert(b.skew_ms == 3 and b.max_age_ms == 7 and b.refs.fx == 7.25)\n"
			"assert(b.sell_near == 9 and b.sell_near_net == 8 and b.sell_near_bp == 900)\n"
			"assert(b.sell_near_net_bp == 800 and b.sell_near_lots == 5)\n"
			"assert(b.buy_near == 11 and b.buy_near_net == 12 and b.buy_near_bp == 1100)\n"
			"assert(b.buy_near_net_bp == 1200 and b.buy_near_lots == 6)\n"
			"local n, f = b.legs.near, b.legs.far\n"
			"assert(n.bid == 100 and n.ask == 101 and n.bid_qty == 1 and n.ask_qty == 2)\n"
			"assert(n.bid_value == 200 and n.ask_value == 202 and n.mid == 100.5 and n.age_ms == 4)\n"
			"assert(f.bid == 90 and f.ask_qty == 4 and f.age_ms == 7)\n"
			"assert(self.pos.near.net == -2 and self.pos.far.net == 3)\n"
			"assert(self.pos.lots == -2.5 and self.pos.in_flight == 1)\n"
			"assert(tandem.now() == 1.5 and tandem.utc() == 2.5)\n"
			"self:log('seen')"));
	t.self = (struct strat_self){ .pos = { -2, 3 },
				      .pos_lots = -2.5,
				      .pairs_in_flight = 1,
				      .now_ns = 1500000000,
				      .utc_ns = 2500000000 };
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == 1, "%d %s", rc, err_text());
	ck_assert_str_eq(t.p[0].reason, "seen");
	script_free(&t);
}
END_TEST

START_TEST(a_basis_that_is_not_whole_is_not_shown)
{
	struct script t;
	script_must_load(&t, NULL, ON_BASIS("error('called')"));
	t.b.ok = false;
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	script_free(&t);
}
END_TEST

START_TEST(absent_hooks_are_not_asked_for)
{
	struct script t;
	script_must_load(&t, NULL, HEAD "function S:on_stop() self:log('bye') end return S");
	uint32_t hooks = t.s->ops->hooks(t.s);
	ck_assert_uint_eq(hooks, 1u << STRAT_STOP | 1u << STRAT_TIMER);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	ck_assert_int_eq(script_run(&t, STRAT_START), 0);
	ck_assert_uint_eq(t.s->calls, 0);
	ck_assert_int_eq(script_run(&t, STRAT_STOP), 1);
	script_free(&t);
}
END_TEST

START_TEST(a_pairs_end_is_told_in_words)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HEAD
		"function S:on_pair(p)\n"
		"  assert(p.pair == '18446744073709551615', p.pair)\n"
		"  assert(p.event == 'hedged', p.event)\n"
		"  assert(p.intent == 'close', p.intent)\n"
		"  assert(p.reason == 'why' and p.lots == 2 and p.px.near == 5 and p.qty.far == -7)\n"
		"  self:cancel(p) self:cancel(p.pair)\n"
		"end return S");
	struct strat_pair_event pe = { .pair = UINT64_MAX,
				       .state = 4,
				       .intent = INTENT_CLOSE,
				       .lots = 2,
				       .px = { 5 },
				       .qty = { 0, -7 },
				       .reason = "why" };
	struct strat_event ev = { .kind = STRAT_PAIR, .pair = &pe };
	int rc = t.s->ops->run(t.s, &t.self, &ev, t.p, PROPOSAL_MAX);
	ck_assert_msg(rc == 2, "%d %s", rc, err_text());
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(t.p[i].kind, PROPOSE_CANCEL);
		ck_assert(t.p[i].pair == UINT64_MAX);
	}
	script_free(&t);
}
END_TEST

START_TEST(timers_call_functions_names_and_on_timer)
{
	struct script t;
	script_must_load(&t, NULL,
			 HEAD "function S:on_start() self:every(2, function(me) me:log('f') end)\n"
			      "  self:every(3, 'tick') self:every(4) end\n"
			      "function S:tick(name) self:log('tick ' .. name) end\n"
			      "function S:on_timer(i) self:log('timer ' .. i) end return S");
	ck_assert_int_eq(script_run(&t, STRAT_START), 3);
	static const char *const said[] = { "f", "tick tick", "timer 3" };
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_msg(t.p[i].kind == PROPOSE_TIMER && t.p[i].value == i + 2 &&
				      t.p[i].pair == i,
			      "%u", i);
	for (uint32_t i = 0; i < 3; i++) {
		struct strat_event ev = { .kind = STRAT_TIMER, .timer = i };
		ck_assert_int_eq(t.s->ops->run(t.s, &t.self, &ev, t.p, PROPOSAL_MAX), 1);
		ck_assert_str_eq(t.p[0].reason, said[i]);
	}
	script_free(&t);
}
END_TEST

#define WITH_PARAMS(p, body)                                                                                      \
	"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = 7,\n legs = { 'near', 'far' },\n" \
	" params = { " p                                                                                          \
	" },\n risk = { max_skew = '600ms', max_age = '2s', max_slip_ticks = 3, on_leg_fail = 'hold' } }\n" body  \
	"\nreturn S"

static int bound(struct script *t, const char *text, const char (*leg)[16], uint8_t n_legs,
		 struct config_param *p, uint32_t n)
{
	*t = (struct script){ .b = script_basis(),
			      .host = script_host(
				      (struct lua_host_options){ .deterministic = true }) };
	struct lua_instance_options o = { .name = "au",
					  .file = "x.lua",
					  .source = text,
					  .source_len = strlen(text),
					  .config_file = "c.lua",
					  .leg_name = leg,
					  .n_legs = n_legs,
					  .param = p,
					  .n_params = n };
	return lua_host_load(t->host, &o, &t->s);
}

static const char both[2][16] = { "far", "near" };

START_TEST(parameters_have_defaults_bounds_and_docs)
{
	struct script t;
	struct config_param p = { "a", 5, 12 };
	const char *text = WITH_PARAMS(
		"a = { 1, min = 0, max = 9, doc = 'how much' }, b = 2",
		"function S:on_start() assert(self.params.a == 5 and self.params.b == 2) end");
	ck_assert_msg(bound(&t, text, both, 2, &p, 1) == 0, "%s", err_text());
	ck_assert_msg(script_run(&t, STRAT_START) == 0, "%s", err_text());
	struct lua_param got;
	ck_assert(lua_host_param(t.s, 0, &got));
	ck_assert_str_eq(got.name, "a");
	ck_assert_str_eq(got.doc, "how much");
	ck_assert(got.value == 5 && got.min == 0 && got.max == 9);
	ck_assert(lua_host_param(t.s, 1, &got) && !lua_host_param(t.s, 2, &got));
	ck_assert_uint_eq(t.s->version, 7);
	ck_assert_str_eq(t.s->leg_name[0],
			 "near"); /* the strategy's order, not the configuration's */
	ck_assert(t.s->limits.max_skew_ns == 600000000 && t.s->limits.max_age_ns == 2000000000);
	ck_assert(t.s->limits.max_slip_tick == 3 && t.s->limits.max_unwind_slip_tick == -1);
	ck_assert(t.s->limits.leg_timeout_ns == 0 && t.s->limits.on_leg_fail == LEG_FAIL_HOLD);
	script_free(&t);
}
END_TEST

START_TEST(the_configurations_mistakes_name_its_file)
{
	static const struct {
		const char *param;
		double value;
		uint8_t n_legs;
		const char *words;
	} bad[] = {
		{ "a", 10, 2, "c.lua:12: a = 10 is outside the bounds that x.lua sets: 0 to 9" },
		{ "a", -1, 2, "c.lua:12: a = -1" },
		{ "z", 1, 2, "c.lua:12: x.lua has no parameter \"z\"; it has: a" },
		{ "a", 1, 1, "c.lua: the instance \"au\" does not bind the leg \"near\"" },
		{ "a", 1, 3, "binds a leg \"mid\" that x.lua does not have (it has: near, far)" },
	};
	static const char three[3][16] = { "far", "near", "mid" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct script t;
		struct config_param p = { .value = bad[i].value, .line = 12 };
		snprintf(p.name, sizeof(p.name), "%s", bad[i].param);
		int rc = bound(&t, WITH_PARAMS("a = { 1, min = 0, max = 9 }", ""), three,
			       bad[i].n_legs, &p, 1);
		ck_assert_msg(rc == -ERR_CONFIG, "%zu: %d %s", i, rc, err_text());
		ck_assert_msg(strstr(err_text(), bad[i].words), "%s", err_text());
		script_free(&t);
	}
}
END_TEST

START_TEST(a_file_that_is_no_strategy_says_what_is_missing)
{
	static const char *const bad[][2] = {
		{ "return 1", "x.lua:1: the file declares no strategy" },
		{ HEAD, "must end in `return S`" },
		{ HEAD "return {}", "must end in `return S`" },
		{ "local x = = 1", "x.lua:1: unexpected symbol near '='" },
		{ HEAD "function S:on_bassis() end return S",
		  "on_bassis is no hook; there are on_basis, on_book" },
		{ HEAD "S.on_basis = 3 return S", "x.lua:3: on_basis is a function" },
		{ HEAD "S.near_value = 2 return S", "x.lua:3: near_value is the value of a leg" },
		{ HEAD "S.near_value = tandem.conv 'far * 2' return S",
		  "this conversion is of \"far\"" },
		{ HEAD "S.near_value = tandem.conv 'near + 2' return S",
		  "x.lua:3: tandem.conv: a conversion multiplies" },
		{ HEAD "\nlocal x = tandem.conv 'neer' return S",
		  "x.lua:4: tandem.conv: a conversion knows" },
		{ HEAD "local x = nosuch.y return S", "x.lua:3: there is no nosuch here" },
		{ HEAD "\n\nerror('mine')", "x.lua:5: mine" },
		{ HEAD "error({})", "x.lua:3: raised a table" },
		{ HEAD "S:log('x') return S", "x.lua:3: self:log works inside a hook only" },
		{ HEAD "tandem.strategy {}", "x.lua:3: tandem.strategy stands twice" },
		{ HEAD "local x = 2 ^ 2", "x.lua:3: the operator ^" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a' } }",
		  "x.lua:1: legs is a list" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'short', 'b' } }",
		  "\"short\" is a word" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'a' } }",
		  "stands twice" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'lots' } }",
		  "self.pos" },
		{ "local t = require 'tandem' return t.strategy { version = 0, legs = { 'a', 'b' } }",
		  "version is a whole" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'b' }, leg = 1 }",
		  "has a field \"leg\"" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'b' }, params = { x = { 1, min = 2 } } }",
		  "is not within its own bounds" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'b' }, params = { x = 'y' } }",
		  "is a finite number" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'b' }, risk = { max_age = 2 } }",
		  "is a time with its unit" },
		{ "local t = require 'tandem' return t.strategy { version = 1, legs = { 'a', 'b' }, risk = { maxage = '2s' } }",
		  "risk has a field \"maxage\"" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		script_does_not_load(bad[i][0], bad[i][1]);
}
END_TEST

START_TEST(conversions_reach_the_core)
{
	struct script t;
	script_must_load(&t, NULL,
			 HEAD "S.near_value = tandem.conv 'near * 31.1034768 / fx' return S");
	ck_assert(t.s->conv[0].k == 31.1034768 && t.s->conv[0].power[0] == -1);
	ck_assert(t.s->conv[1].k == 1 && t.s->conv[1].power[0] == 0);
	ck_assert_str_eq(t.s->ref_name[0], "fx");
	script_free(&t);
}
END_TEST

START_TEST(errors_of_hooks_name_the_line)
{
	script_fails(ON_BASIS("local x\nx.y = 1"), "x.lua:5: attempt to index local 'x'");
	script_fails(ON_BASIS("\nb.spread = 1"),
		     "x.lua:5: attempt to write to constant location: what a strategy is shown");
	script_fails(ON_BASIS("local x = b.sprad"),
		     "x.lua:4: b has no field \"sprad\"; it has: sell_near");
	script_fails(ON_BASIS("local x = b.legs.mid"),
		     "x.lua:4: b.legs has no field \"mid\"; it has: near, far");
	script_fails(ON_BASIS("self.params.x = 1"), "x.lua:4: self.params is read-only");
	script_fails(ON_BASIS("return string.rep('x', 1e9)"),
		     "x.lua:4: string.rep would make more than");
	script_fails(ON_BASIS("local x = pairs(3)"), "x.lua:4: pairs wants a table, not a number");
	script_fails(ON_BASIS("if b.spread > nil then end"),
		     "x.lua:4: attempt to compare nil with number");
}
END_TEST

START_TEST(long_names_of_files_stay_whole_in_errors)
{
	struct lua_host *h = script_host((struct lua_host_options){ .deterministic = true });
	char file[201], words[220];
	memset(file, 'd', 200);
	memcpy(file + 196, ".lua", 5);
	snprintf(words, sizeof(words), "%s:4: attempt", file);
	const char *text = ON_BASIS("local x = nil + 1"), *broken = HEAD "\n)";
	struct lua_instance_options o = { .name = "x",
					  .file = file,
					  .source = text,
					  .source_len = strlen(text),
					  .unbound = true };
	struct script t = { .host = h, .b = script_basis() };
	ck_assert_msg(lua_host_load(h, &o, &t.s) == 0, "%s", err_text());
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert_msg(!strncmp(err_text(), words, strlen(words)), "%s", err_text());
	o.source = broken;
	o.source_len = strlen(broken);
	struct strategy *none;
	ck_assert_int_eq(lua_host_load(h, &o, &none), -ERR_SCRIPT);
	ck_assert_msg(!strncmp(err_text(), file, strlen(file)) && strstr(err_text(), ":4: "), "%s",
		      err_text());
	script_free(&t);
}
END_TEST

START_TEST(a_file_is_read_whole_and_digested)
{
	struct lua_host *h = script_host((struct lua_host_options){ .deterministic = true });
	struct lua_instance_options o = { .name = "x",
					  .file = "/nonexistent/x.lua",
					  .unbound = true };
	struct strategy *s;
	ck_assert_int_eq(lua_host_load(h, &o, &s), -ERR_IO);
	ck_assert(strstr(err_text(), "/nonexistent/x.lua"));
	o.file = TANDEM_SOURCE_DIR "/strategies/executable_cross.lua";
	ck_assert_msg(lua_host_load(h, &o, &s) == 0, "%s", err_text());
	uint8_t none[32] = { 0 };
	ck_assert(memcmp(s->sha256, none, sizeof(none)) != 0);
	s->ops->free(s);
	lua_host_free(h);
}
END_TEST

START_TEST(what_a_script_computes_does_not_depend_on_chance)
{
	/* Key order, random numbers, texts of tables: the same in every VM with one seed. */
	const char *text = ON_BASIS(
		"local t, out = {}, {}\n"
		"for i = 1, 40 do t['k' .. i * 7 % 41] = i end t[3] = 1 t[-1] = 2 t[true] = 3\n"
		"for k in pairs(t) do out[#out + 1] = tostring(k) end\n"
		"self:log(table.concat(out, ' ', 1, 6) .. tostring({}) .. string.format('%s', print))\n"
		"self:metric('r', math.random())\n"
		"local k = next(t) assert(k == -1) assert(next(t, k) == 3)");
	double first = 0;
	for (int i = 0; i < 3; i++) {
		struct script t;
		script_must_load(&t, NULL, text);
		int rc = script_run(&t, STRAT_BASIS);
		ck_assert_msg(rc == 2, "%s", err_text());
		ck_assert_str_eq(t.p[0].reason, "-1 3 k1 k10 k11 k12tablefunction");
		first = i ? first : t.p[1].value;
		ck_assert(t.p[1].value == first);
		script_free(&t);
	}
}
END_TEST

SUITE("host", the_view_has_the_strategys_names, a_basis_that_is_not_whole_is_not_shown,
      absent_hooks_are_not_asked_for, a_pairs_end_is_told_in_words,
      timers_call_functions_names_and_on_timer, parameters_have_defaults_bounds_and_docs,
      the_configurations_mistakes_name_its_file, a_file_that_is_no_strategy_says_what_is_missing,
      conversions_reach_the_core, errors_of_hooks_name_the_line,
      long_names_of_files_stay_whole_in_errors, a_file_is_read_whole_and_digested,
      what_a_script_computes_does_not_depend_on_chance)
