/* Proves what a test of a strategy can do and see, how its failures are told, and that neither file gets away. */
#include "core/base/err.h"
#include "lua/tester.h"
#include "tests/unit/store/folder.h"
#include <check.h>

/* Says what it hears, in the order in which it does. */
#define EARS                                                                                                                                                       \
	"local heard = ''\n"                                                                                                                                       \
	"function S:on_quote(q) heard = heard .. 'q' .. q.leg .. q.bid if self.params.x == 5 then self:log(heard) end if q.bid == 3 then error('three') end end\n" \
	"function S:on_book(k) heard = heard .. 'k' .. k.leg .. k.bids .. (k:bid(2) or '-') if self.params.x == 5 then self:log(heard) end end\n"                  \
	"function S:on_gap(g) if self.params.x == 5 then self:log(g.leg .. ' ' .. g.from .. ' ' .. g.state .. ' ' .. (g.why or '')) end end\n"                     \
	"function S:on_session(s) self:log(s.leg .. ' ' .. s.from .. ' ' .. s.state .. ' ' .. self.session[s.leg]) if s.open then self:cancel('1') end end\n"      \
	"function S:on_param(name, old, new) self:log(name .. old .. '>' .. new .. '=' .. self.params.x .. self.state) end\n"                                      \
	"function S:on_order(o) self:log(o.leg .. ' ' .. o.side .. ' ' .. o.state .. ' ' .. o.filled .. '/' .. o.qty .. ' at ' .. o.px) self:cancel(o.pair) end\n"
#define STRATEGY                                                                                                            \
	"local tandem = require 'tandem'\n"                                                                                 \
	"local S = tandem.strategy { version = 1, legs = { 'near', 'far' }, refs = { 'fx' }, "                              \
	"params = { x = { 1, max = 9 } }, risk = { max_age = '2s' } }\n"                                                    \
	"local state = tandem.state { n = 0 }\n"                                                                            \
	"function S:on_start() self:every(1.5, 'tick') self:log('started') end\n"                                           \
	"function S:tick() state.n = state.n + 1 self:metric('n', state.n) end\n"                                           \
	"function S:on_basis(b)\n"                                                                                          \
	"  if b.spread > 100 then error('too wide') end\n"                                                                  \
	"  if b.spread > 50 then while true do end end\n"                                                                   \
	"  if b.spread > 40 then return b.nosuch end\n"                                                                     \
	"  if b.spread < -50 then self:alert('narrow') self:alert('narrow', 'warn') end\n"                                  \
	"  if b.gate then self:alert('barred by ' .. b.gate, 'info') end\n"                                                 \
	"  if b.spread > 0 then\n"                                                                                          \
	"    self:pair { sell = 'near', buy = 'far', lots = 2 * self.params.x, limits = { near = 99 }, reason = 'wide' }\n" \
	"    self:cancel('7')\n"                                                                                            \
	"  end\n"                                                                                                           \
	"end\n"                                                                                                             \
	"function S:on_pair(p) self:metric(p.event, p.lots) end\n" EARS                                                     \
	"function S:on_stop() state.n = -1 end\n"                                                                           \
	"return S\n"
#define SECOND                                                                                   \
	"local tandem = require 'tandem'\n"                                                      \
	"local S = tandem.strategy { version = 2, legs = { 'near', 'far' }, refs = { 'fx' } }\n" \
	"local state = tandem.state { m = 0 }\n"                                                 \
	"function S.on_load(old) if old.n > 5 then return nil end return { m = old.n } end\n"    \
	"function S:on_basis() self:metric('v2', state.m) end\n"                                 \
	"return S\n"
#define HEAD                                                                                                              \
	"local test = require 'tandem.test'\n"                                                                            \
	"test.strategy 's.lua' { legs = { near = { taker_bp = 10, tick = 1, lot = 1 }, far = { tick = 1, lot = 1 } } }\n" \
	"local function m(s) return { near = { 1000 + s, 1001 + s }, far = { 1000, 1001 }, fx = 7 } end\n"
#define FIRST_LINE 5 /* of a body */
#define TEST(body) HEAD "test('it', function(t)\n" body "\nend)\n"

static void put(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

struct heard {
	bool ok;
	int line;
	char text[2000], names[400];
};

static void hear(void *arg, const struct tester_result *r)
{
	struct heard *h = arg;
	h->ok = r->ok;
	h->line = r->line;
	snprintf(h->text, sizeof h->text, "%s", r->text ? r->text : "");
	snprintf(h->names + strlen(h->names), sizeof h->names - strlen(h->names), "%s,", r->name);
}

static int run(const char *text, const char *only, struct heard *h, struct tester_count *n)
{
	char path[128];
	const struct tester_options o = { .only = only, .told = hear, .arg = h };
	put("s.lua", STRATEGY);
	put("s2.lua", SECOND);
	put("s_test.lua", text);
	snprintf(path, sizeof path, "%s/s_test.lua", folder);
	*h = (struct heard){ 0 };
	*n = (struct tester_count){ 0 };
	return tester_run(path, &o, n);
}

static const char *const holds[] = {
	/* what it proposes, and from which basis */
	"t:basis(m(10)) local p = t:expect_pair { sell = 'near', buy = 'far', lots = 2, limits = { near = 99 }, intent = 'open', tif = 'IOC', reason = 'wid' } "
	"t:expect_cancel { pair = '7' } t:equal(#t:proposals(), 2) t:equal(p.reason, 'wide')",
	"t:basis(m(-10)) t:expect_nothing()",
	/* the core's own arithmetic: 1010 sold at 10 bp, 1001 bought for nothing */
	"local b = t:basis(m(10)) t:equal(b.sell_near, 9) t:equal(b.sell_near_net, 9 - 1.01) t:equal(b.sell_near_net_bp, 7.99 / 1000.5 * 1e4) "
	"t:equal(b.refs.fx, 7) t:equal(b.sell_near_lots, 1000) t:expect_basis { legs = { far = { ask = 1001 } } }",
	"local b = t:basis { near = { 1010, 1011, 3 }, far = { bids = { { 1000, 1 }, { 999, 5 } }, asks = { { 1001, 2 }, { 1002, 9 } } }, fx = { 7, 8 } } "
	"t:equal(b.sell_near_lots, 2) t:equal(b.buy_near_lots, 1) t:equal(b.refs.fx, 7.5)",
	/* no call without all of it */
	"t:basis { near = { 1010, 1011 } } t:expect_nothing() t:equal(t.b, nil)",
	/* ages are real, and so are gates */
	"t:basis(m(10)) t:advance '1s' local b = t:basis { near = { 1010, 1011 } } t:equal(b.max_age_ms, 1000) t:equal(b.gate, nil) "
	"t:advance '2s' t:basis { near = { 1010, 1011 } } t:expect_alert('barred by quote_age_ns', 'info')",
	"local b = m(-5) b.gate = 'session' t:basis(b) t:expect_alert 'barred by session' t:expect_nothing()",
	"t:basis(m(-60)) t:expect_alert('narrow', 'warning') t:expect_alert('narrow', 'warn') t:expect_nothing()", /* the same, by its old name */
	/* time */
	"t:expect_log 'started' t:advance '4s' t:expect_metric('n', 2) t:expect_metric('n', 1) t:expect_state { n = 2 }",
	"t:advance(0.5) t:equal(#t:proposals(), 0)",
	/* pairs move the position */
	"t:basis(m(10)) local p = t:expect_pair {} t:sent(p) t:equal(t.in_flight, 1) t:hedged(p, { lots = 1 }) t:expect_metric('hedged', 1) "
	"t:equal(t.in_flight, 0) t:equal(t.lots, -1)",
	"t:position { lots = 4, near = 9, in_flight = 2 } t:equal(t.lots, 4) t:equal(t.in_flight, 2)",
	"t:basis(m(10)) local p = t:expect_pair {} t:sent(p) t:flat(p) t:equal(t.in_flight, 0) t:equal(t.lots, 0) t:expect_metric('flat', 0)",
	"t:pair { event = 'broken', lots = 3, pair = '12' } t:expect_metric('broken', 3)",
	/* its lives */
	"t:advance '2s' t:restart() t:expect_state { n = -1 } t:expect_log 'started'",
	"t:advance '2s' t:reload 's2.lua' t:basis(m(10)) t:expect_metric('v2', 1)",
	"t:load_state({ n = 9 }, 1) t:reload 's2.lua' t:expect_error 'on_load refused' t:basis(m(10)) t:expect_pair {}",
	"t:load_state({ n = 9 }, 7) t:expect_error 'version 7'",
	/* the other hooks: as a turn tells them, what has not changed not at all */
	"t:param('x', 5) t:expect_log 'x1>5=5active' t:basis { near = { 1, 2 }, far = { bids = { { 4, 1 }, { 3, 1 } }, asks = { { 5, 1 } } }, fx = 7 } "
	"t:expect_log 'near empty live' t:expect_log 'qnear1qfar4qfx7knear1-kfar23' t:basis { near = { 1, 2 } } t:expect_log 'knear1-kfar23kfx1-knear1-'",
	"t:param('x', 5) t:quote { near = { 1, 2 } } t:expect_log 'qnear1knear1-' t:equal(t.b, nil)",
	"t:basis(m(-5)) t:param('x', 5) t:gap { near = 'stale' } t:expect_log 'near live stale nothing proves it' t:basis() t:expect_nothing() t:equal(t.b, nil) "
	"t:basis(m(10)) t:expect_log 'near stale live' t:expect_pair {}",
	"t:basis(m(10)) t:session { near = 'break' } t:expect_log 'near continuous break break' t:expect_nothing() t:basis() t:expect_alert 'barred by session' "
	"t:session { near = 'continuous' } t:expect_cancel { pair = '1' } t:session { near = 'continuous' } t:equal(#t:proposals(), 0)",
	"t:host 'reducing' t:param('x', 2) t:expect_log '=2reducing'",
	"t:basis(m(10)) local p = t:expect_pair {} t:order(p, { leg = 'near', state = 'live' }) t:expect_log 'near sell live 0/2 at 1010' t:expect_cancel(p) "
	"t:order(p, { leg = 'far', state = 'filled', px = 999, filled = 1 }) t:expect_log 'far buy filled 1/2 at 999'",
	"t:quote { near = { 3, 4 } } t:expect_error 'three' t:basis { near = { 3, 5 } } t:expect_error 'three' t:equal(t.b, nil)",
	"t:play { { balance = { near = { free = 5 } }, clock = { near = 3, fx = math.huge }, basis = m(-1), expect = 'nothing' }, "
	"{ param = { 'x', 3 }, expect = { log = 'x1>3' } }, { session = { fx = 'halt' }, expect = { log = 'fx continuous halt' } } }",
	/* its errors */
	"t:basis(m(200)) t:expect_error 'too wide' t:basis(m(45)) t:expect_error 's.lua:9: b has no field'",
	"t:basis(m(60)) t:expect_error 'budget' t:equal(t.quarantined, true)",
	/* a table of events */
	"t:play { { basis = m(10), expect = { sell = 'near', lots = 2 } }, { after = '2s', expect = { state = { n = 1 } } }, "
	"{ basis = m(-1), expect = 'nothing' }, { basis = m(45), expect = { error = 'nosuch' } } }",
};

START_TEST(what_holds)
{
	struct heard h;
	struct tester_count n;
	char text[4000];
	snprintf(text, sizeof text, TEST("%s"), holds[_i]);
	const int rc = run(text, NULL, &h, &n);
	ck_assert_msg(rc == 0, "%s", err_text());
	ck_assert_msg(h.ok, "%s\n%d: %s", holds[_i], h.line, h.text);
	ck_assert_uint_eq(n.run, 1);
	ck_assert_uint_eq(n.failed, 0);
}
END_TEST

static const struct {
	const char *body, *says;
	int line; /* within the body */
} fails[] = {
	{ "t:basis(m(10))\nt:expect_pair { sell = 'near', lots = 3 }", "its lots is 2, not 3", 1 },
	{ "t:basis(m(10))\nt:expect_pair { sell = 'far' }", "its sell is near, not far", 1 },
	{ "t:basis(m(10))\nt:expect_pair { reason = 'tight' }", "without \"tight\" in it", 1 },
	{ "t:basis(m(10))\nt:expect_pair { limits = { far = 2 } }", "limits.far is nil, not 2", 1 },
	{ "t:basis(m(10)) t:expect_pair {}\nt:expect_pair {}", "expected a pair", 1 },
	{ "t:basis(m(10))\nt:expect_nothing()", "proposed: sell near, buy far, lots 2", 1 },
	{ "t:basis(m(-10))\n\nt:expect_pair { sell = 'near' }", "it saw: sell_near_net -11.99", 2 },
	{ "t:expect_metric('n', 1)", "expected a metric n = 1", 0 },
	{ "t:expect_state { n = 1 }", "state.n is 0, not 1", 0 },
	{ "t:basis(m(10))\nt:expect_basis { spread = 9 }", "b.spread is 10, not 9", 1 },
	/* an error that nobody expected is told where it came from */
	{ "t:basis(m(200))\nt:basis(m(1))", "s.lua:7: too wide", 0 },
	{ "\nt:basis(m(200))", "s.lua:7: too wide", 1 },
	{ "t:basis(m(1))\nt:expect_error 'x'", "did not fail", 1 },
	{ "t:basis(m(200))\nt:expect_error 'narrow'", "it failed with: ", 1 },
	/* what a test gets wrong itself */
	{ "t:bassis()", "t has no bassis", 0 },
	{ "t:basis { near = { 1000.5, 1001 } }", "no multiple of its tick", 0 },
	{ "t:basis { neer = { 1000, 1001 } }", "neer is no leg", 0 },
	{ "t:basis { near = { 0, 1 } }", "negative = true", 0 },
	{ "t:basis { near = { 'x' } }", "wants { bid, ask }", 0 },
	{ "t:basis { near = { bids = { { 1000, 1 }, { 1001, 1 } }, asks = { { 1002, 1 } } } }",
	  "from the best to the worst", 0 },
	{ "t:basis { gate = 'nonsense' }", "there is no gate nonsense", 0 },
	{ "t:position { shots = 1 }", "knows no \"shots\"", 0 },
	{ "t:advance 'soon'", "is a time", 0 },
	{ "t:pair { event = 'gone' }", "event is one of", 0 },
	{ "t:session { near = 'lunch' }",
	  "a phase is one of closed, break, auction, continuous, halt; this is lunch", 0 },
	{ "t:gap { near = 'lost' }", "the state of a book is one of empty, live, gap", 0 },
	{ "t:gap { neer = 'gap' }", "neer is no leg", 0 },
	{ "t:gap {}", "wants a table by leg", 0 },
	{ "t:balance { fx = { free = 1 } }", "has no balance", 0 },
	{ "t:balance { near = { fre = 1 } }", "knows no \"fre\"", 0 },
	{ "t:clock { near = -1 }", "t:clock wants milliseconds", 0 },
	{ "t:host 'asleep'", "active, reducing, halted, paused; this is asleep", 0 },
	{ "t:param('y', 1)", "no parameter", 0 },
	{ "t:param('x', 10)", "10", 0 },
	{ "t:order({}, { leg = 'near', state = 'live' })", "wants the pair", 0 },
	{ "t:basis(m(10)) local p = t:expect_pair {}\nt:order(p, { leg = 'near', state = 'gone' })",
	  "the state of an order is one of", 1 },
	{ "t:basis(m(10)) local p = t:expect_pair {}\nt:order(p, { leg = 'fx', state = 'live' })",
	  "fx is no leg of that pair", 1 },
	{ "t:quote { gate = 'session' }", "write it in t:basis", 0 },
	{ "t:pair { event = 'checked' }", "event is one of", 0 },
	{ "t:play { { basis = m(10), expect = 'nothing' } }", "row 1: expected nothing", 0 },
	{ "t:play { {} }", "row 1: nothing happens in it", 0 },
	{ "local x = nil\nreturn x.y", "attempt to index local 'x'", 1 },
	{ "os.exit()", "there is no os here", 0 },
	{ "coroutine.wrap(print)()", "no coroutines", 0 },
	{ "g = 1", "g is not declared", 0 },
	{ "local ok = pcall(function() t:expect_pair {} end)\nassert(not ok, 'it passed')\nerror 'here'",
	  "here", 2 },
};

START_TEST(what_fails)
{
	struct heard h;
	struct tester_count n;
	char text[4000];
	snprintf(text, sizeof text, TEST("%s"), fails[_i].body);
	const int rc = run(text, NULL, &h, &n);
	ck_assert_msg(rc == 0, "%s", err_text());
	ck_assert_uint_eq(n.failed, 1);
	ck_assert_msg(strstr(h.text, fails[_i].says) != NULL, "%s\nsaid: %s", fails[_i].body,
		      h.text);
	ck_assert_msg(h.line == FIRST_LINE + fails[_i].line, "%s\nline %d", fails[_i].body, h.line);
}
END_TEST

static const struct {
	const char *text, *says;
} wrong[] = {
	{ "x = 1", "s_test.lua:1: x is not declared" },
	{ "local x =", "s_test.lua:1: unexpected symbol" },
	{ "local test = require 'tandem.test'", "names no strategy" },
	{ HEAD, "has no tests" },
	{ HEAD "test('a', function() end)\ntest('a', function() end)",
	  "s_test.lua:5: the test \"a\" stands twice" },
	{ HEAD "test('a')", "s_test.lua:4: a test is test(" },
	{ "require 'tandem'", "knows \"tandem.test\" only" },
	{ HEAD "test.stratagem 'x'", "tandem.test has no stratagem" },
	{ "local test = require 'tandem.test'\ntest.strategy 's.lua' { prams = {} }",
	  "s_test.lua:2: test.strategy knows no \"prams\"" },
	{ TEST("local x = {} while true do x[#x + 1] = ('x'):rep(60000) .. #x end"),
	  "more than its memory" },
};

START_TEST(a_file_that_is_wrong)
{
	struct heard h;
	struct tester_count n;
	ck_assert_int_eq(run(wrong[_i].text, NULL, &h, &n), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), wrong[_i].says) != NULL, "%s", err_text());
}
END_TEST

/* What a strategy is given and refuses is the failure of each test, not of the file. */
START_TEST(a_strategy_that_does_not_load)
{
	static const char *const options[][2] = {
		{ "{ params = { y = 1 } }", "has no parameter \"y\"" },
		{ "{ params = { x = 10 } }", "outside the bounds" },
		{ "{ legs = { nar = {} } }", "has no nar" },
		{ "{ legs = { near = { tick = 1e-9 } } }", "tick: 1e-09" },
		{ "{ legs = { near = { tik = 1 } } }", "knows no \"tik\"" },
		{ "{ config = 'none.lua' }", "none.lua" },
	};
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		struct heard h;
		struct tester_count n;
		char text[1000];
		snprintf(text, sizeof text,
			 "local test = require 'tandem.test'\ntest.strategy 's.lua' %s\n"
			 "test('a', function() end)\ntest('b', function() end)\n",
			 options[i][0]);
		ck_assert_msg(run(text, NULL, &h, &n) == 0, "%s", err_text());
		ck_assert_uint_eq(n.failed, 2);
		ck_assert_msg(strstr(h.text, options[i][1]) != NULL, "%s", h.text);
		ck_assert_int_eq(h.line, 2);
	}
}
END_TEST

START_TEST(tests_are_chosen_and_each_begins_anew)
{
	static const char text[] = HEAD
		"test('opens', function(t) t:advance '2s' t:expect_state { n = 1 } end)\n"
		"test('opens twice', { params = { x = 3 } }, function(t) t:basis(m(10)) t:expect_pair { lots = 6 } end)\n"
		"test('closes', function(t) t:expect_state { n = 0 } t:basis(m(10)) t:expect_pair { lots = 2 } end)\n";
	struct heard h;
	struct tester_count n;
	ck_assert_int_eq(run(text, NULL, &h, &n), 0);
	ck_assert_uint_eq(n.failed, 0);
	ck_assert_str_eq(h.names, "opens,opens twice,closes,");
	ck_assert_int_eq(run(text, "open*", &h, &n), 0);
	ck_assert_str_eq(h.names, "opens,opens twice,");
	ck_assert_uint_eq(n.left_out, 1);
	char path[128];
	snprintf(path, sizeof path, "%s/s_test.lua", folder);
	const struct tester_options o = { .list = true, .told = hear, .arg = &h };
	h = (struct heard){ 0 };
	ck_assert_int_eq(tester_run(path, &o, &n), 0);
	ck_assert_str_eq(h.names, "opens,opens twice,closes,");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tester");
	TCase *c = tcase_create("tester");
	tcase_add_checked_fixture(c, folder_make, folder_remove);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, what_holds, 0, (int)(sizeof holds / sizeof *holds));
	tcase_add_loop_test(c, what_fails, 0, (int)(sizeof fails / sizeof *fails));
	tcase_add_loop_test(c, a_file_that_is_wrong, 0, (int)(sizeof wrong / sizeof *wrong));
	tcase_add_test(c, a_strategy_that_does_not_load);
	tcase_add_test(c, tests_are_chosen_and_each_begins_anew);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
