/* Proves what a strategy sees of the rarer events (quotes, depth, orders, sessions, gaps, parameters) and of what it looks up: every field, its words, and
 * that nothing of it can be written or outlives its call. */
#include "core/market/calendar.h"
#include "core/trade/order.h"
#include "tests/unit/lua/script.h"
#include <math.h>

#define HOOK(head, body) HEAD "function S:" head "\n" body "\nend\nreturn S\n"

static int run(struct script *t, const struct strat_event *ev)
{
	return t->s->ops->run(t->s, &t->self, ev, t->p, PROPOSAL_MAX);
}

/* The body holds if it logs once at its end. */
static void holds(struct script *t, const struct strat_event *ev, const char *text)
{
	script_must_load(t, NULL, text);
	int rc = run(t, ev);
	ck_assert_msg(rc == 1, "%d %s: %s", rc, err_text(), text);
}

static void fails(const struct strat_event *ev, const char *text, const char *words)
{
	struct script t;
	script_must_load(&t, NULL, text);
	int rc = run(&t, ev);
	ck_assert_msg(rc == -ERR_SCRIPT, "%d: %s", rc, text);
	ck_assert_msg(strstr(err_text(), words), "\"%s\" is not in \"%s\"", words, err_text());
	ck_assert_msg(strstr(err_text(), "x.lua:4: "), "%s", err_text());
	script_free(&t);
}

START_TEST(quotes)
{
	struct script t;
	struct strat_quote_event q = { .px = { 100, 101 }, .qty = { 1, 2 }, .age_ms = 4, .who = 1 };
	struct strat_event ev = { .kind = STRAT_QUOTE, .quote = &q };
	holds(&t, &ev,
	      HOOK("on_quote(q)",
		   "assert(q.leg == 'far' and q.bid == 100 and q.ask == 101 and q.mid == 100.5)\n"
		   "assert(q.bid_qty == 1 and q.ask_qty == 2 and q.age_ms == 4)\n"
		   "assert(q.session == 'closed')\n"
		   "self:log('seen')"));
	q = (struct strat_quote_event){ .px = { 7, 0 }, .qty = { 1, 0 }, .who = STRAT_REF };
	ck_assert_int_eq(run(&t, &ev), -ERR_SCRIPT); /* not as the first was */
	script_free(&t);
	holds(&t, &ev,
	      HOOK("on_quote(q)", "assert(q.leg == 'fx' and q.mid == 0 and q.ask == 0)\n"
				  "self:log('seen')"));
	script_free(&t);
	fails(&ev, HOOK("on_quote(q)", "q.bid = 1"), "constant location");
	fails(&ev, HOOK("on_quote(q)", "q.bit = 1"), "q is read-only");
	fails(&ev, HOOK("on_quote(q)", "return q.bit + 1"),
	      "q has no field \"bit\"; it has: leg, bid, ask");
	script_does_not_load(HOOK("on_quot(q)", ""),
			     "on_quot is no hook; there are on_basis, on_book");
}
END_TEST

START_TEST(depth)
{
	struct script t;
	struct book b;
	struct instrument in = { .px_dp = 1, .qty_dp = 2 };
	ck_assert_int_eq(book_init(&b, 8), 0);
	book_set(&b, SIDE_BUY, 1000, 100);
	book_set(&b, SIDE_BUY, 995, 250);
	book_set(&b, SIDE_SELL, 1005, 300);
	struct strat_book_event k = { .book = &b, .instrument = &in, .who = 0 };
	struct strat_event ev = { .kind = STRAT_BOOK, .book = &k };
	static const char text[] = HEAD
		"local kept\n"
		"function S:on_book(k)\n"
		"  kept = k\n"
		"  assert(k.leg == 'near' and k.bids == 2 and k.asks == 1)\n"
		"  assert(k:bid(1) == 100 and k:bid(2) == 99.5 and k:bid(3) == nil)\n"
		"  assert(k:bid_qty(1) == 1 and k:bid_qty(2) == 2.5 and k:bid_qty(3) == 0)\n"
		"  assert(k:ask(1) == 100.5 and k:ask_qty(1) == 3 and k:ask(2) == nil)\n"
		"  assert(k:ask(0) == nil and k:ask(-1) == nil and k:ask(0/0) == nil and k:ask(1e300) == nil)\n"
		"  self:log('seen')\n"
		"end\n"
		"function S:on_basis(b)\n"
		"  assert(kept:bid(1) == nil and kept:bid_qty(1) == 0)\n"
		"  self:log('gone')\n"
		"end\n"
		"return S";
	script_must_load(&t, NULL, text);
	for (int i = 0; i < 2000; i++) {
		int rc = run(&t, &ev);
		ck_assert_msg(rc == 1, "%d %s", rc, err_text());
	}
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	script_free(&t);
	fails(&ev, HOOK("on_book(k)", "k.bids = 1"), "constant location");
	fails(&ev, HOOK("on_book(k)", "k.bid = 1"), "k is read-only");
	fails(&ev, HOOK("on_book(k)", "local x = k.bid(1)"), "write k:bid(1) with a colon");
	fails(&ev, HOOK("on_book(k)", "local x = k:bid('best')"), "wants the number of a level");
	fails(&ev, HOOK("on_book(k)", "local x = k.depth"), "k has no field \"depth\"");
	book_free(&b);
}
END_TEST

/* 2,000 calls leave nothing to collect: the levels are read without a table. */
START_TEST(depth_takes_no_memory)
{
	struct script t;
	struct book b;
	struct instrument in = { 0 };
	struct lua_health before, after;
	ck_assert_int_eq(book_init(&b, 8), 0);
	for (int i = 0; i < 5; i++)
		book_set(&b, SIDE_BUY, 100 - i, 10);
	struct strat_book_event k = { .book = &b, .instrument = &in };
	struct strat_event ev = { .kind = STRAT_BOOK, .book = &k };
	script_must_load(&t, NULL,
			 HOOK("on_book(k)",
			      "local sum = 0\n"
			      "for n = 1, 5 do sum = sum + k:bid(n) * k:bid_qty(n) end\n"
			      "if sum ~= 4900 then error(tostring(sum)) end"));
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(run(&t, &ev), 0);
	lua_host_health(t.s, &before);
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(run(&t, &ev), 0);
	lua_host_health(t.s, &after);
	ck_assert_uint_le(after.memory, before.memory + 1024);
	script_free(&t);
	book_free(&b);
}
END_TEST

START_TEST(orders)
{
	struct script t;
	struct strat_order_event o = { .order = UINT64_MAX,
				       .pair = 1u << 31,
				       .px = 100.5,
				       .qty = 3,
				       .filled = 1,
				       .avg = 100.25,
				       .leg = 1,
				       .side = SIDE_SELL,
				       .state = ORDER_LIVE,
				       .rescue = true,
				       .reason = "open" };
	struct strat_event ev = { .kind = STRAT_ORDER, .order = &o };
	holds(&t, &ev,
	      HOOK("on_order(o)",
		   "assert(o.leg == 'far' and o.side == 'sell' and o.state == 'live')\n"
		   "assert(o.px == 100.5 and o.qty == 3 and o.filled == 1 and o.avg == 100.25)\n"
		   "assert(o.rescue == true and o.reason == 'open')\n"
		   "assert(o.order == '18446744073709551615' and o.pair == '2147483648')\n"
		   "self:cancel(o.pair)"));
	ck_assert_uint_eq(t.p[0].kind, PROPOSE_CANCEL);
	ck_assert_uint_eq(t.p[0].pair, 1u << 31);
	script_free(&t);
	fails(&ev, HOOK("on_order(o)", "o.rescue = false"), "constant location");
	fails(&ev, HOOK("on_order(o)", "local x = o.price"),
	      "o has no field \"price\"; it has: leg, side");
}
END_TEST

START_TEST(sessions_and_gaps)
{
	struct script t;
	struct strat_change c = { .who = 0, .from = PHASE_BREAK, .to = PHASE_CONTINUOUS };
	struct strat_event session = { .kind = STRAT_SESSION, .change = &c },
			   gap = { .kind = STRAT_GAP, .change = &c };
	holds(&t, &session,
	      HOOK("on_session(s)",
		   "assert(s.leg == 'near' and s.state == 'continuous' and s.from == 'break' and s.open)\n"
		   "self:log('seen')"));
	script_free(&t);
	c = (struct strat_change){ .who = STRAT_REF, .from = BOOK_LIVE, .to = BOOK_GAP };
	holds(&t, &gap,
	      HOOK("on_gap(g)",
		   "assert(g.leg == 'fx' and g.state == 'gap' and g.from == 'live' and not g.live)\n"
		   "assert(g.why == 'changes are missing')\n"
		   "self:log('seen')"));
	script_free(&t);
	c = (struct strat_change){ .from = BOOK_GAP, .to = BOOK_LIVE };
	holds(&t, &gap, HOOK("on_gap(g)", "assert(g.live and g.why == nil) self:log('seen')"));
	script_free(&t);
	fails(&gap, HOOK("on_gap(g)", "g.live = true"), "constant location");
	fails(&session, HOOK("on_session(s)", "s.open = true"), "constant location");
}
END_TEST

static struct strat_world world;
static unsigned looks;

static const struct strat_world *look(void *of)
{
	ck_assert_ptr_eq(of, &looks);
	looks++;
	return &world;
}

START_TEST(lookups)
{
	struct script t;
	static const char text[] = ON_BASIS(
		"local a = self.balance.near\n"
		"assert(a.free == 10 and a.locked == 2 and a.base_free == 3 and a.base_locked == 4 and a.known)\n"
		"assert(not self.balance.far.known and self.balance.far.free == 0)\n"
		"assert(self.clock.near.bound_ms == 1.5 and self.clock.near.known)\n"
		"assert(self.clock.fx.bound_ms == math.huge and not self.clock.fx.known)\n"
		"assert(self.session.near == 'continuous' and self.session.far == 'closed' and self.session.fx == 'auction')\n"
		"assert(self.state == 'reducing')\n"
		"self:log('seen')");
	world = (struct strat_world){ 0 };
	world.of[LOOK_FREE][0] = 10;
	world.of[LOOK_LOCKED][0] = 2;
	world.of[LOOK_BASE_FREE][0] = 3;
	world.of[LOOK_BASE_LOCKED][0] = 4;
	world.of[LOOK_BALANCE_KNOWN][0] = 1;
	world.of[LOOK_CLOCK_BOUND_MS][0] = 1.5;
	world.of[LOOK_CLOCK_KNOWN][0] = 1;
	world.of[LOOK_CLOCK_BOUND_MS][LEG_MAX] = (double)INFINITY;
	world.of[LOOK_SESSION][0] = PHASE_CONTINUOUS;
	world.of[LOOK_SESSION][LEG_MAX] = PHASE_AUCTION;
	world.of[LOOK_STATE][0] = STRAT_REDUCING;
	script_must_load(&t, NULL, text);
	t.self.look = look;
	t.self.of = &looks;
	for (unsigned i = 1; i <= 1000; i++) {
		int rc = script_run(&t, STRAT_BASIS);
		ck_assert_msg(rc == 1, "%d %s", rc, err_text());
		ck_assert_uint_eq(looks, i); /* once a call */
	}
	script_free(&t);
	script_fails(ON_BASIS("self.balance = 1"), "self.balance is the host's and read-only");
	script_fails(ON_BASIS("self.balance.near = 1"), "self.balance is read-only");
	script_fails(ON_BASIS("self.balance.near.free = 1"), "read-only");
	script_fails(ON_BASIS("self.balance.near.who = 1"), "constant location");
	script_fails(ON_BASIS("self.clock.near.known = true"), "read-only");
	script_fails(ON_BASIS("self.session.near = 'open'"), "self.session is read-only");
	script_fails(ON_BASIS("self.state = 'active'"), "self.state is the host's and read-only");
	script_fails(ON_BASIS("local x = self.balance.fx"),
		     "self.balance has no field \"fx\"; it has: near, far");
	script_fails(ON_BASIS("local x = self.clock.usd"), "it has: near, far, fx");
	script_fails(ON_BASIS("self.params.x = 1"), "self.params");
}
END_TEST

/* Nobody has told it anything: nothing is known, and nothing is read that is not there. */
START_TEST(nothing_is_known)
{
	struct script t;
	script_must_load(
		&t, NULL,
		ON_BASIS(
			"assert(not self.balance.near.known and self.balance.near.free == 0)\n"
			"assert(self.clock.near.bound_ms == math.huge and self.session.fx == 'closed')\n"
			"assert(self.state == 'active')\n"
			"self:log('seen')"));
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	script_free(&t);
}
END_TEST

START_TEST(absent_hooks_cost_nothing)
{
	struct script t;
	struct strat_event ev = { .kind = STRAT_QUOTE };
	script_must_load(&t, NULL, ON_BASIS(""));
	ck_assert_uint_eq(t.s->ops->hooks(t.s), 1u << STRAT_BASIS | 1u << STRAT_TIMER);
	ck_assert_int_eq(run(&t, &ev), 0);
	ck_assert_uint_eq(t.s->calls, 0);
	script_free(&t);
}
END_TEST

/* Compiled code reads the new value too; bounds and names are kept, and a dry run's reset changes nothing of it. */
START_TEST(params_live)
{
	struct script t;
	struct strat_param p;
	struct strat_param_event ev = { .name = "open_bp", .old = 10, .now = 12.5 };
	struct strat_event param = { .kind = STRAT_PARAM, .param = &ev };
	static const char text[] =
		"local tandem = require 'tandem'\n"
		"local S = tandem.strategy { version = 1, legs = { 'near', 'far' }, refs = { 'fx' },\n"
		"  params = { open_bp = { 10, min = 0, max = 20, reason = true, doc = 'x' }, lots = 3 } }\n"
		"function S:on_basis(b) self:metric('open_bp', self.params.open_bp) end\n"
		"function S:on_param(name, old, new)\n"
		"  assert(name == 'open_bp' and old == 10 and new == 12.5 and self.params.open_bp == 12.5)\n"
		"  self:log('seen')\n"
		"end\n"
		"return S";
	script_must_load(&t, NULL, text);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert(t.p[0].value >= 10 && t.p[0].value <= 10);
	ck_assert_int_eq(t.s->ops->set_param(t.s, "open_bp", 12.5), 0);
	int rc = run(&t, &param);
	ck_assert_msg(rc == 1, "%d %s", rc, err_text());
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
		ck_assert(t.p[0].value >= 12.5 && t.p[0].value <= 12.5);
	}
	ck_assert_int_eq(t.s->ops->set_param(t.s, "open_bp", 21), -ERR_RANGE);
	ck_assert_msg(strstr(err_text(), "outside the bounds that x.lua sets: 0 to 20"), "%s",
		      err_text());
	ck_assert_int_eq(t.s->ops->set_param(t.s, "open_bp", (double)NAN), -ERR_RANGE);
	ck_assert_int_eq(t.s->ops->set_param(t.s, "open", 1), -ERR_NOTFOUND);
	ck_assert_int_eq(lua_host_reset(t.s), 0);
	ck_assert(t.s->ops->param(t.s, 1, &p) && strcmp(p.name, "open_bp") == 0 && p.reason);
	ck_assert(p.value >= 12.5 && p.configured <= 10);
	ck_assert(t.s->ops->param(t.s, 0, &p) && !p.reason && !t.s->ops->param(t.s, 2, &p));
	script_free(&t);
	script_does_not_load(
		"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = 1, legs = { 'a', 'b' }, params = { x = { 1, reason = 'why' } } }",
		"param x: reason is true where a change takes one");
}
END_TEST

SUITE("events", quotes, depth, depth_takes_no_memory, orders, sessions_and_gaps, lookups,
      nothing_is_known, params_live, absent_hooks_cost_nothing)
