/* Proves that a hook which is not compiled is noticed and called another way, that it decides the same whichever way it is called, and that views stay
 * read-only. */
#include "core/market/gate.h"
#include "core/trade/pair.h"
#include "lua/instance.h"
#include "tests/unit/lua/script.h"
#include <luajit.h>
#include <math.h>

/* Reads a bit of everything, some of it seldom, some through what it has kept, and proposes now and then. */
static const char *const everything =
	"local tandem = require 'tandem'\n"
	"local S = tandem.strategy { version = 1, legs = { 'near', 'far' }, refs = { 'fx' }, params = { open_bp = { 10 }, lots = { 3 } } }\n"
	"local state = tandem.state { n = 0, sum = 0 }\n"
	"local pos, kept\n"
	"function S:on_start() pos = self.pos end\n"
	"function S:on_basis(b)\n"
	"  kept = kept or b\n"
	"  state.n = state.n + 1\n"
	"  local bid = kept.legs.far.bid\n"
	"  state.sum = state.sum * 0.5 + b.spread + b.refs.fx + (bid == bid and bid or 1)\n"
	"  if b.gate then if b.gate_who then self:log(b.gate .. b.gate_who) else self:log(b.gate) end return end\n"
	"  local near = self.pos.near\n"
	"  if b.sell_near_net_bp >= self.params.open_bp and near.net > -30 and pos.near.net > -30 then\n"
	"    return self:pair { sell = 'near', buy = 'far', lots = math.min(self.params.lots, b.sell_near_lots), reason = tostring(b) }\n"
	"  end\n"
	"  if state.n % 97 == 0 then self:metric('m', b.legs.near.ask + b.z + pos.lots + self.pos.in_flight) end\n"
	"  if state.n % 1013 == 0 then self:metric('rare', b.dev * state.sum + b.fill) end\n"
	"end\n"
	"S.mine = 1\n"
	"function S:on_timer() for k in pairs(self) do self:log(k) end self:metric('t', kept.spread + self.pos.near.net + pos.far.net) end\n"
	"function S:on_stop() self:metric('sum', state.sum) self:metric('k', kept.legs.near.bid + self.pos.lots) end\n"
	"return S\n";

static void jit_off(struct script *t)
{
	luaJIT_setmode(((struct instance *)t->s)->vm.L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
}

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void change(struct script *t, uint64_t *x)
{
	const double v = (double)(next(x) % 1000) / 7;
	t->b.spread = v;
	t->b.dir[SIDE_SELL].net_bp = v / 10;
	t->b.dir[SIDE_SELL].lots = (double)(next(x) % 9 + 1);
	t->b.leg[1].px[SIDE_BUY] = next(x) % 50 ? v * 3 : NAN;
	t->b.leg[0].px[SIDE_SELL] = v + 1;
	t->b.ref[0] = 7 + v / 1000;
	t->b.gate = next(x) % 16 ? GATE_OPEN : GATE_AGE;
	t->b.gate_who = (uint8_t)(next(x) % 2);
	t->self.pos[0] = -(double)(next(x) % 40);
	t->self.pos[1] = -t->self.pos[0];
	t->self.pos_lots = t->self.pos[0];
	t->self.pairs_in_flight = (uint32_t)(next(x) % 3);
}

static uint64_t digest(uint64_t h, const struct script *t, int n)
{
	h = (h ^ (uint64_t)(unsigned)n) * 0x100000001b3u;
	const unsigned char *p = (const unsigned char *)t->p;
	for (size_t i = 0; n > 0 && i < (size_t)n * sizeof(t->p[0]); i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}

enum way { COMPILED, VIEWS, PLAIN, CHOSEN, TURNS, way_max };

static uint64_t decisions(enum way way, int events)
{
	struct script t;
	uint64_t x = 88172645463325252u, h = 0xcbf29ce484222325u;
	script_must_load(&t, NULL, everything);
	struct instance *in = (struct instance *)t.s;
	if (way != COMPILED && way != TURNS)
		jit_off(&t);
	if (way == VIEWS || way == PLAIN)
		calling_force(in, way == PLAIN);
	h = digest(h, &t, script_run(&t, STRAT_START));
	for (int i = 0; i < events; i++) {
		change(&t, &x);
		if (way == TURNS && i % 777 == 0)
			calling_force(in, i % 2);
		if (i % 331 == 0) {
			struct strat_event ev = { .kind = STRAT_TIMER };
			in->mail.timer = 0;
			h = digest(h, &t, t.s->ops->run(t.s, &t.self, &ev, t.p, PROPOSAL_MAX));
		}
		int n = script_run(&t, STRAT_BASIS);
		ck_assert_msg(n >= 0, "%s", err_text());
		h = digest(h, &t, n);
	}
	h = digest(h, &t, script_run(&t, STRAT_STOP));
	ck_assert(!t.s->interpreted); /* is not said where a run is to be repeated */
	ck_assert(way != CHOSEN || in->calling.plain);
	script_free(&t);
	return h;
}

START_TEST(it_decides_the_same_whichever_way)
{
	enum { events = 100000 };
	const uint64_t compiled = decisions(COMPILED, events);
	ck_assert_uint_eq(decisions(VIEWS, events), compiled);
	ck_assert_uint_eq(decisions(PLAIN, events), compiled);
	ck_assert_uint_eq(decisions(CHOSEN, events), compiled);
	ck_assert_uint_eq(decisions(TURNS, events), compiled);
	ck_assert_uint_ne(decisions(COMPILED, events - 1), compiled);
}
END_TEST

START_TEST(the_host_notices_and_goes_back)
{
	struct script t;
	struct lua_health h;
	script_must_load(&t, script_host((struct lua_host_options){ 0 }),
			 ON_BASIS("if b.spread > 1e9 then self:log('x') end"));
	lua_State *L = ((struct instance *)t.s)->vm.L;
	jit_off(&t);
	for (int i = 0; i < 3000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	lua_host_health(t.s, &h);
	ck_assert(h.hot && h.plain && !h.compiled && t.s->interpreted);
	luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_ON);
	for (int i = 0; i < 4 * CALLING_LOOKS; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	lua_host_health(t.s, &h);
	ck_assert(!h.plain && h.compiled && !t.s->interpreted);
	script_free(&t);
}
END_TEST

START_TEST(a_hook_with_a_closure_is_called_with_numbers)
{
	struct script t;
	struct lua_health h;
	script_must_load(
		&t, script_host((struct lua_host_options){ 0 }),
		ON_BASIS(
			"local f = function() return b.spread end if f() > 1e9 then self:log('x') end"));
	for (int i = 0; i < 20000; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	lua_host_health(t.s, &h);
	ck_assert(h.hot && h.plain && !h.compiled && t.s->interpreted);
	script_free(&t);
}
END_TEST

/* The error, once the hook is called with numbers. */
static void fails(const char *body, const char *words)
{
	struct script t;
	char text[1024];
	snprintf(text, sizeof(text), ON_BASIS("if b.spread == 3 then\n%s\nend"), body);
	script_must_load(&t, NULL, text);
	jit_off(&t);
	calling_force((struct instance *)t.s, true);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	t.b.spread = 3;
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), -ERR_SCRIPT);
	ck_assert_msg(strstr(err_text(), words), "\"%s\" is not in \"%s\"", words, err_text());
	t.b.spread = 4;
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 0);
	script_free(&t);
}

START_TEST(views_stay_views)
{
	fails("b.spread = 1", "b.spread is read-only, and the hook has written to it");
	fails("local k = 'spread' b[k] = 1", "b.spread is read-only");
	fails("b.ratio = 1", "x.lua:5: attempt to write to constant location");
	fails("self.pos = nil", "self.pos is the host's");
	fails("b.mine = 1", "x.lua:5: b is read-only, and has no field \"mine\"");
	fails("local x = b.sprad", "x.lua:5: b has no field \"sprad\"");
	fails("self.pos.near.net = 1", "x.lua:5: attempt to write to constant location");
	fails("self.pos = {}", "x.lua:5: self.pos is the host's");
	fails("local x = self.params.x", "x.lua:5: self.params has no field");
	fails("for k in pairs(b) do end", "pairs wants a table, not a view of the host");
	fails("rawget(b, 'spread')", "rawget wants a table, not a cdata");
	fails("setmetatable(b, {})", "x.lua:5: ");
	fails("error(type(b) .. tostring(b) .. tostring(getmetatable(b)))", "cdataviewffi");
}
END_TEST

START_TEST(more_fields_than_are_handed_over)
{
	struct script t;
	char text[4096];
	int n = snprintf(text, sizeof(text), "%s", HEAD "function S:on_basis(b)\nlocal x = 0\n");
	static const char *const field[] = {
		"bid",	     "ask", "bid_qty", "ask_qty",  "bid_value",
		"ask_value", "mid", "age_ms",  "bid_want", "ask_want"
	};
	for (unsigned i = 0; i < 2 * sizeof(field) / sizeof(field[0]); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "x = x + b.legs.%s.%s\n",
			      i % 2 ? "near" : "far", field[i / 2]);
	snprintf(text + n, sizeof(text) - (size_t)n,
		 "x = x + b.z + b.mean + b.dev + b.fill + b.ratio + b.spread + b.skew_ms\n"
		 "self:metric('x', x)\nend\nreturn S\n");
	script_must_load(&t, NULL, text);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	const double want = t.p[0].value;
	jit_off(&t);
	calling_force((struct instance *)t.s, true);
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
		ck_assert_double_eq(t.p[0].value, want);
	}
	ck_assert_uint_eq(((struct instance *)t.s)->calling.args, TANDEM_PLAIN);
	script_free(&t);
}
END_TEST

SUITE("calling", it_decides_the_same_whichever_way, the_host_notices_and_goes_back,
      a_hook_with_a_closure_is_called_with_numbers, views_stay_views,
      more_fields_than_are_handed_over)
