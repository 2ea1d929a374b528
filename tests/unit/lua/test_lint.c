/* Proves what is found in a strategy's bytecode, calls and traces, in which line; and that what is right is left alone. */
#include "core/base/err.h"
#include "lua/lint.h"
#include "tests/unit/store/folder.h"
#include <check.h>

#define HEAD                                                                                   \
	"local tandem = require 'tandem'\n"                                                    \
	"local S = tandem.strategy { version = 1, legs = { 'near', 'far' }, refs = { 'fx' }, " \
	"params = { x = { 1 } } }\n"                                                           \
	"local state = tandem.state { n = 0, list = { 1, 2 } }\n"                              \
	"local cache, count, fixed = {}, 0, { 1, 2 }\n"                                        \
	"local function helper(v, p) return v.spread + (p and p.x or 0) end\n"
#define BASIS(body) HEAD "function S:on_basis(b)\n" body "\nend\nreturn S\n"
#define FIRST_LINE  7
#define PAIR \
	"self:pair { sell = 'near', buy = 'far', lots = 1, reason = 'a' .. b.spread, limits = { near = 3 } }"

static struct lint_report r;

static void lint(const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/s.lua", folder);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	const int rc = lint_run(path, &r);
	ck_assert_msg(rc == 0, "%s", err_text());
}

static const char *all(void)
{
	static char text[8000];
	size_t n = 0;
	text[0] = 0;
	for (unsigned k = 0; k < r.n && n < sizeof text; k++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%d %d %s: %s\n",
				      r.finding[k].line, r.finding[k].severity, r.finding[k].code,
				      r.finding[k].text);
	return text;
}

static const struct {
	const char *text;
	int line; /* within the body of BASIS; below 0: of the file, from 1 */
	enum lint_severity severity;
	const char *code, *says;
} cases[] = {
#define FOUND(body, line, severity, code, says)                \
	{                                                      \
		BASIS(body), line, LINT_##severity, code, says \
	}
	/* fields, in ways that no quote takes, through helpers and tables of tables */
	FOUND("if b.z > 1e9 then\nstate.n = b.sell_neer\nend", 1, ERROR, "field",
	      "b has no field sell_neer; there are sell_near"),
	FOUND("if b.z > 1e9 then state.n = b.legs.near.bidd end", 0, ERROR, "field",
	      "b.legs.near has no field bidd; it has age_ms, ask"),
	FOUND("if b.z > 1e9 then state.n = b.legs.neer.bid end", 0, ERROR, "field",
	      "it has far, near"),
	FOUND("if b.z > 1e9 then state.n = b.refs.usd end", 0, ERROR, "field", "it has fx"),
	FOUND("if b.z > 1e9 then state.n = self.params.y end", 0, ERROR, "field",
	      "self.params has no field y"),
	FOUND("local p = self.pos\nif b.z > 1e9 then state.n = p.near.nett end", 1, ERROR, "field",
	      "self.pos.near has no field nett"),
	FOUND("if b.z > 1e9 then self:pear {} end", 0, ERROR, "field", "self has no field pear"),
	FOUND("if b.z > 1e9 then state.n = math.sum(1) end", 0, ERROR, "field", "math has no sum"),
	FOUND("if b.z > 1e9 then state.n = helper(self.pos) end", -5, ERROR, "field",
	      "self.pos has no field spread"),
	FOUND("if b.z > 1e9 then state.n = helper(b, self.params) + helper(b, self.pos) end", -5,
	      ERROR, "field", "self.pos has no field x"),
	{ HEAD "function S:on_pair(p)\nself:log(p.evnt)\nend\nreturn S", -7, LINT_ERROR, "field",
	  "p has no field evnt; it has event" },
	/* names, and what is not to be set */
	FOUND("if b.z > 1e9 then state.n = undeclared end", 0, ERROR, "global",
	      "no undeclared here"),
	FOUND("if b.z > 1e9 then b.spread = 1 end", 0, ERROR, "readonly", "b is read-only"),
	FOUND("if b.z > 1e9 then self.params.x = 1 end", 0, ERROR, "readonly",
	      "self.params is read-only"),
	FOUND("if b.z > 1e9 then self.pos = 1 end", 0, ERROR, "readonly", "self.pos"),
	/* what every quote makes anew */
	FOUND("local t = { b.spread }\nstate.n = t[1]", 0, WARNING, "allocation", "a table"),
	FOUND("local t = {}\nstate.n = #t", 0, WARNING, "allocation", "a table"),
	FOUND("local f = function() return b.spread end\nstate.n = f()", 0, WARNING, "allocation",
	      "a function"),
	FOUND("local s = 'x' .. b.spread\nstate.n = #s\n" PAIR, 0, WARNING, "allocation", "a text"),
	FOUND("for _, v in pairs(fixed) do state.n = v end", 0, WARNING, "allocation",
	      "pairs sorts"),
	/* what a reload forgets */
	FOUND("count = count + 1", 0, WARNING, "scratch", "the local count"),
	FOUND("cache[1] = b.spread", 0, WARNING, "scratch", "put into cache"),
	FOUND("self.seen = true\nstate.n = self.seen and 1 or 0", 0, WARNING, "scratch",
	      "self.seen"),
	/* prices for equality */
	FOUND("if b.spread == 0.1 then " PAIR " end", 0, WARNING, "equality",
	      "b.spread is a price"),
	FOUND("if b.legs.near.bid ~= b.legs.far.bid then state.n = 1 end", 0, WARNING, "equality",
	      "b.legs.near.bid"),
	FOUND("if b.spread - b.sell_near == self.params.x then state.n = 1 end", 0, WARNING,
	      "equality", "what is made of b.spread"),
	/* what the compiler gives up on, with its reason */
	FOUND("for i = 1, 2 do state.n = select('#', string.byte('abc', 1, i)) end\nlocal f = function() return b end\nstate.n = f().spread",
	      1, WARNING, "trace", "FNEW"),
	/* what only a call shows */
	FOUND("state.n = state.list.x + 1", 0, ERROR, "run", "nil value"),
	FOUND("while true do end", 0, ERROR, "run", "budget"),
	/* a message has no address in it, and says what to write */
	FOUND("self:cancel(b)", 0, ERROR, "run", "this is a view of the host"),
	FOUND("self:cancel({})", 0, ERROR, "run", "this is a table"),
	FOUND("self.balance.near.free = 1", 0, ERROR, "run",
	      "a leg of self.balance.free is not to be set"),
	FOUND("self.session.near = 1", 0, ERROR, "run", "self.session.near is not to be set"),
	{ HEAD "function S.on_basis(b)\nstate.n = b.spread\nend\nreturn S", -7, LINT_ERROR, "field",
	  "written with a colon" },
	{ HEAD "function on_basis(b) end\nreturn S", -6, LINT_ERROR, "load",
	  "a hook is a function of the strategy" },
/* in every hook, and not only at quotes: each is driven */
#define IN(hook, line, body)                                                                  \
	{                                                                                     \
		HEAD "function S:" hook "\n" body "\nend\nreturn S", line, LINT_ERROR, "run", \
			"nil value"                                                           \
	}
	IN("on_start()", -7, "state.n = state.list.x + 1"),
	IN("on_quote(q)", -7, "if q.leg == 'far' then state.n = state.list.x + 1 end"),
	IN("on_book(k)", -7, "state.n = k:bid(3) + k:ask(1)"),
	IN("on_session(s)", -7,
	   "if s.leg == 'far' and not s.open then state.n = state.list.x + 1 end"),
	IN("on_gap(g)", -7, "if g.state == 'stale' then state.n = state.list.x + 1 end"),
	IN("on_param(name, old, new)", -7, "if name == 'x' then state.n = state.list.x + 1 end"),
	IN("on_timer(n)\nend\nfunction S:on_start() self:every(2)\nend\nfunction S:on_stop() end\nfunction S:on_timer(n)",
	   -12, "state.n = state.list.x + 1"),
	IN("on_basis(b) " PAIR " end\nfunction S:on_order(o)", -8,
	   "if o.state == 'filled' and o.side == 'buy' then state.n = state.list.x + 1 end"),
	IN("on_basis(b) " PAIR " end\nfunction S:on_pair(p)", -8,
	   "if p.event == 'sent' then state.n = state.list.x + 1 end"),
	IN("on_quote(b) self:pair { sell = 'near', buy = 'far', lots = 1 } end\nfunction S:on_pair(p)",
	   -8, "if p.event == 'hedged' then state.n = state.list.x + 1 end"),
	/* what does not load */
	{ "local x =", -1, LINT_ERROR, "load", "unexpected symbol" },
	{ HEAD "\nlocal y = 2 ^ 3\nreturn S", -7, LINT_ERROR, "load", "operator ^" },
	{ HEAD "function S:on_quot() end\nreturn S", -6, LINT_ERROR, "load", "on_quot is no hook" },
	{ HEAD "return S", -1, LINT_WARNING, "hooks", "no hooks" },
};

START_TEST(what_is_found)
{
	const int line = cases[_i].line < 0 ? -cases[_i].line : FIRST_LINE + cases[_i].line;
	lint(cases[_i].text);
	bool found = false;
	for (unsigned k = 0; k < r.n; k++)
		found |= r.finding[k].line == line && r.finding[k].severity == cases[_i].severity &&
			 strcmp(r.finding[k].code, cases[_i].code) == 0 &&
			 strstr(r.finding[k].text, cases[_i].says);
	ck_assert_msg(found, "%s\nline %d, %s, %s; found:\n%s", cases[_i].text, line,
		      cases[_i].code, cases[_i].says, all());
}
END_TEST

/* Nothing is to be said of these. */
static const char *const clean[] = {
	BASIS("if b.sell_near_net_bp > self.params.x then " PAIR " end"),
	BASIS("state.n = state.n + 1 state.list[1] = b.spread"),
	BASIS("if b.z == 0 or b.gate == 'session' or b.gate_who == 'near' or self.pos.lots == 3 or b.sell_near_lots == 1 or self.params.x == 1 then state.n = 2 end"),
	BASIS("if b.gate then self:alert('barred by ' .. b.gate) end if b.spread > 1e9 then error('at ' .. b.spread) end"),
	BASIS("state.n = helper(b) + helper(b, self.params)"),
	/* what a register holds depends on the way: nothing is known of it afterwards */
	BASIS("local v = b.z > 1e9 and b.legs.near or state if b.z > 1e9 then state.n = v.n end"),
	BASIS("local v = state for i = 1, 2 do if i == 2 then state.n = v.n end v = b.z > 1e9 and b or state end"),
	BASIS("local v\nif b.z > 1e9 then v = self.params else v = b.legs.near end\nif b.z > 1e9 then state.n = v.bid end"),
	BASIS("for i = 1, #fixed do state.n = fixed[i] * math.floor(b.spread) end"),
	/* a hook before on_basis, and all of them */
	HEAD
	"function S:on_start() end\nfunction S:on_basis(b) state.n = b.spread end\nfunction S:on_gap(g) end\nreturn S",
	HEAD
	"function S:on_start() end\nfunction S:on_stop() end\nfunction S:on_basis(b) end\nfunction S:on_pair(p) end\nfunction S:on_timer() end\n"
	"function S:on_quote(q) state.n = q.bid end\nfunction S:on_book(k) state.n = k:bid(9) or 0 end\nfunction S:on_order(o) end\n"
	"function S:on_session(s) end\nfunction S:on_gap(g) end\nfunction S:on_param() end\nfunction S:on_save() end\nreturn S",
	HEAD
	"function S:on_start() self:every(1, 'tick') end\nfunction S:tick() local t = { 1 } state.n = t[1] .. '' end\nreturn S",
};

START_TEST(what_is_right_is_left_alone)
{
	lint(clean[_i]);
	ck_assert_msg(r.n == 0, "%s\n%s", clean[_i], all());
}
END_TEST

START_TEST(it_is_driven_and_compiled)
{
	lint(BASIS("if b.sell_near_net_bp > self.params.x then " PAIR " end"));
	ck_assert_uint_ge(r.calls, 5000);
	ck_assert(r.compiled);
	ck_assert_ptr_nonnull(strstr(r.globals, "require "));
	ck_assert_ptr_null(strstr(r.globals, "os "));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lint");
	TCase *c = tcase_create("lint");
	tcase_add_checked_fixture(c, folder_make, folder_remove);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, what_is_found, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_loop_test(c, what_is_right_is_left_alone, 0, (int)(sizeof clean / sizeof *clean));
	tcase_add_test(c, it_is_driven_and_compiled);
	suite_add_tcase(s, c);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
