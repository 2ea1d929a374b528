/* Measures a strategy's trigger: an empty lua_pcall, our mailbox with a trigger behind it, the shipped strategy, a proposal, and plain C; the trigger with the
 * compiler off, called through the views and with plain numbers; single calls with their tail, the collector at its work between them.
 * JSON lines, one a subject: nanoseconds a call and the ratio to an empty lua_pcall, medians over interleaved rounds. `--quick` for a check that it runs;
 * `--events N` for a long run: does the hook stay compiled, the heap flat? */
#include "core/base/err.h"
#include "lua/host.h"
#include "lua/instance.h"
#include "tests/bench/bench.h"
#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <lualib.h>

enum { rounds = 9, bases = 8 };
enum subject {
	EMPTY,
	PLAIN_C,
	TRIGGER,
	CROSS,
	PROPOSE,
	INTERPRETED,
	NUMBERS,
	RUNAWAY,
	subject_max
};
static const char *const subject_name[] = { "empty lua_pcall",
					    "trigger in C",
					    "trigger",
					    "executable_cross",
					    "trigger with a pair",
					    "trigger, compiler off, through the views",
					    "trigger, compiler off, with plain numbers",
					    "runaway of 1 ms" };
_Static_assert(sizeof(subject_name) / sizeof(subject_name[0]) == subject_max, "a name for each");

#define TEXT(body)                                                                                               \
	"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = 1, legs = { 'near', 'far' } }\n" \
	"function S:on_basis(b)\n" body "\nend\nreturn S\n"

struct bench {
	struct lua_host *host;
	struct strategy *s[subject_max];
	lua_State *empty;
	struct basis b[bases]; /* written before: in life they have been for a while, too */
	struct strat_self self;
	struct proposal p[PROPOSAL_MAX];
	volatile unsigned sum;
	bool may_stop; /* a day is long: on a machine that has no core for it a call can meet the wall limit */
	uint64_t stopped;
};

static void die(void)
{
	fprintf(stderr, "bench_trigger: %s\n", err_text());
	exit(1);
}

static void load(struct bench *b, enum subject to, const char *text)
{
	struct lua_instance_options o = { .name = subject_name[to],
					  .file = TANDEM_SOURCE_DIR
					  "/strategies/executable_cross.lua",
					  .source = text,
					  .source_len = text ? strlen(text) : 0,
					  .unbound = true };
	if (lua_host_load(b->host, &o, &b->s[to]))
		die();
}

/* The same decision as the script's. */
__attribute__((noinline)) static int trigger_in_c(const struct basis *b,
						  const struct strat_self *self)
{
	return b->dir[SIDE_SELL].net_bp >= 10 && self->pos[0] > -30;
}

static void call(struct bench *b, enum subject which, unsigned i)
{
	struct strat_event ev = { .kind = STRAT_BASIS,
				  .basis = &b->b[which == PROPOSE ? bases - 1 : i % (bases - 1)] };
	if (which == EMPTY) {
		lua_pushvalue(b->empty, 1);
		b->sum += (unsigned)lua_pcall(b->empty, 0, 0, 0);
	} else if (which == PLAIN_C) {
		b->sum += (unsigned)trigger_in_c(ev.basis, &b->self);
	} else {
		int rc = b->s[which]->ops->run(b->s[which], &b->self, &ev, b->p, PROPOSAL_MAX);
		if (rc < 0 && which != RUNAWAY && !b->may_stop)
			die();
		b->stopped += rc < 0;
		b->sum += (unsigned)rc;
	}
}

/* Nanoseconds a call; the collector works between blocks of calls, as it does between turns. */
static double measure(struct bench *b, enum subject which, unsigned n)
{
	int64_t spent = 0;
	for (unsigned done = 0; done < n;) {
		unsigned block = n - done < 256 ? n - done : 256;
		int64_t from = bench_ns();
		for (unsigned i = 0; i < block; i++)
			call(b, which, i);
		spent += bench_ns() - from;
		done += block;
		for (int i = 0; b->s[which] && i < 64; i++)
			lua_host_idle(b->s[which]);
	}
	return (double)spent / n;
}

/* Single calls, the clock in them, the collector's work between blocks as in measure(). */
static void tail(struct bench *b, enum subject which, double *ns, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int64_t at = bench_ns();
		call(b, which, i);
		ns[i] = (double)(bench_ns() - at);
		if (i % 256 == 255)
			lua_host_idle(b->s[which == PLAIN_C ? TRIGGER : which]);
	}
}

static void tell_tail(struct bench *b, enum subject which, const char *figure, unsigned n)
{
	struct bench_rounds mid = { 0 }, far = { 0 };
	struct bench_line l;
	double *ours = calloc(n, sizeof *ours), *other = calloc(n, sizeof *other);
	for (int r = -1; r < rounds; r++) {
		tail(b, which, ours, n);
		tail(b, PLAIN_C, other, n);
		if (r < 0)
			continue;
		bench_round(&mid, bench_quantile(ours, n, 0.5), bench_quantile(other, n, 0.5));
		bench_round(&far, bench_quantile(ours, n, 0.999), bench_quantile(other, n, 0.999));
	}
	struct json_out *j = bench_open(&l, "trigger", figure);
	json_str(j, "quantile", "p50");
	bench_put_rounds(j, &mid, "ns", "plain_c");
	bench_tell(&l);
	j = bench_open(&l, "trigger", figure);
	json_str(j, "quantile", "p999");
	bench_put_rounds(j, &far, "ns", "plain_c");
	bench_tell(&l);
	free(ours);
	free(other);
}

static void compiler_off(struct bench *b, enum subject which, bool plain)
{
	struct instance *in = (struct instance *)b->s[which];
	luaJIT_setmode(in->vm.L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
	calling_force(in, plain);
}

/* Many events, as of a day; a line for every tenth of them. */
static void day(struct bench *b, uint64_t events)
{
	struct lua_health first = { 0 }, h;
	if (lua_host_warm(b->s[CROSS], NULL, 0)) /* as a host that starts does */
		die();
	b->may_stop = true;
	for (uint64_t part = 0; part < 10; part++) {
		int64_t at = bench_ns();
		for (uint64_t i = 0; i < events / 10; i++) {
			call(b, CROSS, (unsigned)i);
			if (i % 256 == 255)
				lua_host_idle(b->s[CROSS]);
		}
		double ns = (double)(bench_ns() - at) / (double)(events / 10);
		lua_host_health(b->s[CROSS], &h);
		first = part ? first : h;
		struct bench_line l;
		struct json_out *j = bench_open(&l, "trigger", "a_days_events");
		json_uint(j, "events", (part + 1) * (events / 10));
		bench_num(j, "ns", ns);
		json_bool(j, "compiled", h.compiled && !h.plain);
		json_uint(j, "traces", h.traces);
		json_uint(j, "trace_aborts", h.trace_aborts);
		json_uint(j, "trace_flushes", h.trace_flushes);
		json_uint(j, "heap_bytes", h.memory);
		json_uint(j, "stopped", b->stopped);
		json_int(j, "heap_growth_bytes", (int64_t)(h.memory - first.memory));
		bench_tell(&l);
	}
}

static void tell_subjects(struct bench *b, unsigned n)
{
	static double ns[subject_max][rounds], ratio[rounds], above[rounds];
	for (int r = -1; r < rounds; r++) {
		for (unsigned s = 0; s < subject_max; s++) {
			double v = measure(b, (enum subject)s, s == RUNAWAY ? n / 5000 : n);
			if (r >= 0)
				ns[s][r] = v; /* the first round warms up */
		}
	}
	for (unsigned s = 0; s < subject_max; s++) {
		double sorted[rounds];
		struct bench_line l;
		for (int r = 0; r < rounds; r++) {
			ratio[r] = ns[s][r] / ns[EMPTY][r];
			above[r] = (ns[s][r] - ns[PLAIN_C][r]) / ns[EMPTY][r];
			sorted[r] = ns[s][r];
		}
		struct json_out *j = bench_open(&l, "trigger", subject_name[s]);
		bench_num(j, "ns", bench_quantile(sorted, rounds, 0.5));
		bench_num(j, "ns_least", sorted[0]);
		bench_num(j, "ratio_to_empty_pcall", bench_quantile(ratio, rounds, 0.5));
		bench_num(j, "minus_plain_c_to_empty_pcall", bench_quantile(above, rounds, 0.5));
		json_uint(j, "rounds", rounds);
		bench_tell(&l);
	}
}

int main(int argc, char **argv)
{
	const bool quick = bench_quick(argc, argv);
	const uint64_t events =
		argc > 2 && !strcmp(argv[1], "--events") ? strtoull(argv[2], NULL, 10) : 0;
	static struct bench b;
	struct lua_host_options o = { .skip_selftest = true, .kill_strikes = 1u << 30 };
	if (lua_host_init(&o, &b.host))
		die();
	for (int i = 0; i < bases; i++) {
		b.b[i].ok = true;
		b.b[i].dir[SIDE_SELL].net_bp = i == bases - 1 ? 20 : i;
	}
	static const char *const trigger = TEXT(
		"if b.sell_near_net_bp >= 10 and self.pos.near.net > -30 then self:log('x') end");
	/* Both halves of the condition are looked at. */
	static const char *const both = TEXT(
		"if self.pos.near.net > -30 and b.sell_near_net_bp >= 10 then self:log('x') end");
	load(&b, TRIGGER, trigger);
	load(&b, CROSS, NULL);
	load(&b, PROPOSE,
	     TEXT("if b.sell_near_net_bp >= 10 then return self:pair { sell = 'near', buy = 'far', lots = 3, tif = 'IOC', reason = 'open' } end"));
	load(&b, INTERPRETED, both);
	load(&b, NUMBERS, both);
	load(&b, RUNAWAY, TEXT("while true do end"));
	compiler_off(&b, INTERPRETED, false);
	compiler_off(&b, NUMBERS, true);
	b.empty = luaL_newstate();
	if (!b.empty || luaL_loadstring(b.empty, "return"))
		die();
	if (events) {
		day(&b, events);
	} else {
		tell_subjects(&b, quick ? 5000 : 500000);
		tell_tail(&b, TRIGGER, "single calls", quick ? 1000 : 200000);
	}
	lua_close(b.empty);
	for (unsigned s = 0; s < subject_max; s++) {
		if (b.s[s])
			b.s[s]->ops->free(b.s[s]);
	}
	lua_host_free(b.host);
	return 0;
}
