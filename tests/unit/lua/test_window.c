/* Proves rolling windows as a strategy writes them: figures, errors with their place, no memory while they run, and what they hold coming through a save, a reload, a restart
 * and a dry run's reset. */
#include "tests/unit/lua/script.h"

#define WINDOWS(rest)                                                               \
	HEAD "local w = tandem.window { name = 'w', count = 4 }\n"                  \
	     "local t = tandem.window { name = 't', span = '10s', samples = 10 }\n" \
	     "local e = tandem.ema { name = 'e', half_life = '1s' }\n" rest
#define HOOKED(body) WINDOWS("function S:on_basis(b)\n" body "\nend\nreturn S\n")

static void at(struct script *t, double utc_s)
{
	t->self.utc_ns = (int64_t)(utc_s * 1e9);
	t->self.now_ns = t->self.utc_ns;
}

static void runs(struct script *t, double utc_s)
{
	at(t, utc_s);
	int rc = script_run(t, STRAT_BASIS);
	ck_assert_msg(rc == 0, "%d %s", rc, err_text());
}

START_TEST(figures)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HOOKED("assert(w:mean() ~= w:mean() and w:count() == 0 and w:fill() == 0 and w:dev() == 0)\n"
		       "assert(not (w:mean() > 0) and w:z(5) == 0)\n"
		       "for _, x in ipairs { 100, 1, 2, 3, 4 } do w:push(x) end\n"
		       "assert(w:mean() == 2.5 and w:min() == 1 and w:max() == 4 and w:last() == 4)\n"
		       "assert(w:count() == 4 and w:fill() == 1 and w:quantile(0.5) == 2.5)\n"
		       "assert(w:quantile(0) == 1 and w:quantile(1) == 4)\n"
		       "assert(math.abs(w:dev() - math.sqrt(1.25)) < 1e-12)\n"
		       "assert(math.abs(w:z(2.5 + 2 * w:dev()) - 2) < 1e-9)\n"
		       "t:push(5) t:push(7)\n"
		       "assert(t:count() == 1 and t:mean() == 7)\n"
		       "assert(e:push(8) == 8 and e:mean() == 8 and e:dev() == 0 and e:last() == 8)\n"
		       "w:clear() assert(w:count() == 0)"));
	runs(&t, 1000);
	script_free(&t);
	script_must_load(&t, NULL,
			 HOOKED("if e:count() == 0 then e:push(0) t:push(1) return end\n"
				"e:push(1) t:push(3)\n"
				"assert(e:mean() == 0.5, 'half-life')\n"
				"assert(t:count() == 2 and t:mean() == 2 and t:fill() == 0.2)"));
	runs(&t, 1000);
	runs(&t, 1001);
	script_free(&t);
}
END_TEST

/* What has grown old goes without anything being pushed. */
START_TEST(time_carries_them_out)
{
	struct script t;
	script_must_load(
		&t, NULL,
		HOOKED("if b.spread == 10 then t:push(1) else self:log(tostring(t:count())) end"));
	runs(&t, 1000);
	t.b.spread = 11;
	at(&t, 1009.5);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_str_eq(t.p[0].reason, "1");
	at(&t, 1010.5);
	ck_assert_int_eq(script_run(&t, STRAT_BASIS), 1);
	ck_assert_str_eq(t.p[0].reason, "0");
	script_free(&t);
}
END_TEST

START_TEST(mistakes_say_what_to_write)
{
	static const struct {
		const char *text, *words;
	} load[] = {
		{ "tandem.window { count = 5 }", "tandem.window: name: a name is a letter" },
		{ "tandem.window { name = 'a' }", "say either count = 500 or span = \"10m\"" },
		{ "tandem.window { name = 'a', count = 5, span = '1s' }", "say either count" },
		{ "tandem.window { name = 'a', count = 1 }", "holds 2 to 4096 samples" },
		{ "tandem.window { name = 'a', count = 2.5 }", "is a whole number" },
		{ "tandem.window { name = 'a', count = 5000 }", "holds 2 to 4096 samples" },
		{ "tandem.window { name = 'a', span = 5 }", "is a time with its unit" },
		{ "tandem.window { name = 'a', span = '8d' }", "at most 7 days" },
		{ "tandem.window { name = 'a', count = 5, samples = 5 }",
		  "samples goes with span" },
		{ "tandem.window { name = 'a', size = 5 }", "has a field \"size\"" },
		{ "tandem.ema { name = 'a', span = '1s' }", "has a field \"span\"" },
		{ "tandem.ema { name = 'a' }", "half_life = \"10m\"" },
		{ "tandem.window(5)", "tandem.window wants a table" },
		{ "tandem.ema { name = 'a', count = 5 } tandem.ema { name = 'a', count = 5 }",
		  "the name \"a\" stands twice" },
		{ "for i = 1, 5 do tandem.window { name = 'a' .. i, count = 4096 } end",
		  "at most 16384 samples in all" },
		{ "for i = 1, 65 do tandem.ema { name = 'a' .. i, count = 4 } end",
		  "at most 64 windows" },
		{ "tandem.ema { name = 'a', count = 5 }:push(1)", "works inside a hook only" },
	};
	char text[512];
	for (size_t i = 0; i < sizeof(load) / sizeof(load[0]); i++) {
		snprintf(text, sizeof(text), HEAD "%s\nreturn S", load[i].text);
		script_does_not_load(text, load[i].words);
		ck_assert_msg(strncmp(err_text(), "x.lua:3: ", 9) == 0, "%s", err_text());
	}
	script_does_not_load(
		"local tandem = require 'tandem'\ntandem.window { name = 'a', count = 5 }",
		"stands behind tandem.strategy");
	script_fails(HOOKED("w:push(0/0)"), "x.lua:7: w:push wants a number between");
	script_fails(HOOKED("e:push(1/0)"), "this is inf");
	script_fails(HOOKED("w:push('x')"), "this is x");
	script_fails(HOOKED("w.push(1)"), "with a colon");
	script_fails(HOOKED("local x = w:average()"),
		     "a window has no \"average\"; it has: clear, count, dev");
	script_fails(HOOKED("local x = e:quantile(0.5)"), "an ema has no \"quantile\"");
	script_fails(HOOKED("w:quantile(2)"), "a part between 0 and 1");
	script_fails(HOOKED("w.number = 1"), "constant location");
	script_fails(HOOKED("w.push = nil"), "a window is read-only");
	script_fails(HOOKED("tandem.window { name = 'x', count = 5 }"),
		     "while the file loads only");
}
END_TEST

#define FEEDS                                                                                 \
	"function S:on_basis(b)\n"                                                            \
	"  w:push(b.spread) t:push(b.spread) e:push(b.spread)\n"                              \
	"  self:metric('w', w:mean() + w:dev() + w:quantile(0.3) + w:min())\n"                \
	"  self:metric('t', t:mean() + t:z(b.spread)) self:metric('e', e:mean() + e:dev())\n" \
	"end\nreturn S\n"

static void feed(struct script *t, int from, int to)
{
	for (int i = from; i < to; i++) {
		t->b.spread = (i * 7919) % 101;
		at(t, 1.7e9 + i * 0.4);
		int rc = script_run(t, STRAT_BASIS);
		ck_assert_msg(rc == 3, "%d %s", rc, err_text());
	}
}

static void same_metrics(const struct script *a, const struct script *b)
{
	for (int k = 0; k < 3; k++)
		ck_assert_msg(a->p[k].value - b->p[k].value < 1e-9 &&
				      b->p[k].value - a->p[k].value < 1e-9,
			      "%s: %.17g and %.17g", a->p[k].reason, a->p[k].value, b->p[k].value);
}

static uint8_t buf[LUA_STATE_CAP], again[LUA_STATE_CAP];

START_TEST(they_survive)
{
	static const char text[] = WINDOWS(FEEDS);
	struct script one, two, three = { .b = script_basis() };
	size_t len, len2;
	script_must_load(&one, NULL, text);
	feed(&one, 0, 100);
	ck_assert_int_eq(lua_host_save(one.s, buf, sizeof(buf), &len), 0);
	ck_assert_uint_gt(len, 0);
	/* A reload: another version, warm from a dry run, takes them in. */
	script_must_load(&two, one.host, WINDOWS("-- of another version\n" FEEDS));
	feed(&two, 500, 700);
	ck_assert_int_eq(lua_host_reset(two.s), 0);
	ck_assert_int_eq(lua_host_save(two.s, again, sizeof(again), &len2), 0);
	ck_assert_uint_lt(len2, len);
	ck_assert_int_eq(two.s->ops->restore(two.s, buf, len), 0);
	/* A restart. */
	struct lua_instance_options o = { .name = "x",
					  .file = "x.lua",
					  .source = text,
					  .source_len = strlen(text),
					  .unbound = true,
					  .saved = buf,
					  .saved_len = len };
	ck_assert_msg(lua_host_load(one.host, &o, &three.s) == 0, "%s", err_text());
	feed(&one, 100, 103);
	feed(&two, 100, 103);
	feed(&three, 100, 103);
	same_metrics(&one, &two);
	same_metrics(&one, &three);
	two.s->ops->free(two.s);
	three.s->ops->free(three.s);
	script_free(&one);
}
END_TEST

/* Another measure is another window; a version without any takes the rest of the state, and one without state the windows. */
START_TEST(only_what_is_the_same)
{
	struct script one, two;
	size_t len;
	script_must_load(&one, NULL,
			 HEAD
			 "local w = tandem.window { name = 'w', count = 4 }\n"
			 "local v = tandem.window { name = 'v', count = 4 }\n"
			 "local state = tandem.state { n = 0 }\n"
			 "function S:on_basis(b) w:push(1) v:push(2) state.n = 5 end return S");
	ck_assert_int_eq(script_run(&one, STRAT_BASIS), 0);
	ck_assert_int_eq(lua_host_save(one.s, buf, sizeof(buf), &len), 0);
	script_must_load(
		&two, one.host,
		HEAD
		"local w = tandem.window { name = 'w', count = 5 }\n"
		"local v = tandem.window { name = 'v', count = 4 }\n"
		"local state = tandem.state { n = 0 }\n"
		"function S:on_basis(b) assert(w:count() == 0 and v:count() == 1 and state.n == 5) end return S");
	ck_assert_int_eq(two.s->ops->restore(two.s, buf, len), 0);
	ck_assert_msg(script_run(&two, STRAT_BASIS) == 0, "%s", err_text());
	two.s->ops->free(two.s);
	script_must_load(&two, one.host,
			 HEAD "local state = tandem.state { n = 0 }\n"
			      "function S:on_basis(b) assert(state.n == 5) end return S");
	ck_assert_int_eq(two.s->ops->restore(two.s, buf, len), 0);
	ck_assert_msg(script_run(&two, STRAT_BASIS) == 0, "%s", err_text());
	two.s->ops->free(two.s);
	one.s->ops->free(one.s);
	struct lua_host *host = one.host;
	script_must_load(&one, host, WINDOWS(FEEDS));
	feed(&one, 0, 5);
	ck_assert_int_eq(lua_host_save(one.s, buf, sizeof(buf), &len), 0);
	ck_assert_int_eq(one.s->ops->restore(one.s, buf, len), 0); /* windows alone, no table */
	buf[len - 1] ^= 0x7f;
	ck_assert_int_eq(one.s->ops->restore(one.s, buf, len - 1), -ERR_CORRUPT);
	script_free(&one);
}
END_TEST

START_TEST(no_memory_while_they_run)
{
	struct script t;
	struct lua_health before, after;
	script_must_load(
		&t, NULL,
		HOOKED("w:push(b.spread) t:push(b.spread)\n"
		       "local x = w:z(b.spread) + t:quantile(0.9) + e:push(b.spread) + w:min() + w:max()\n"
		       "if x > 1e9 then self:log('no') end"));
	for (int i = 0; i < 5000; i++) {
		t.b.spread = i % 97;
		runs(&t, 1.7e9 + i * 0.01);
	}
	lua_host_health(t.s, &before);
	for (int i = 0; i < 5000; i++)
		runs(&t, 1.7e9 + 50 + i * 0.01);
	lua_host_health(t.s, &after);
	ck_assert(after.compiled);
	ck_assert_uint_le(after.memory, before.memory + 1024);
	script_free(&t);
}
END_TEST

SUITE("window", figures, time_carries_them_out, mistakes_say_what_to_write, they_survive,
      only_what_is_the_same, no_memory_while_they_run)
