/* Measures what a runaway costs: how long its call takes until the host has the thread again, over kinds of scripts that never end, and how late the event of a
 * neighbour is that came while it ran: it comes anywhere in the kill window, and waits for its end and for its own call. Beside it the budget, and a neighbour's
 * event without a runaway. The rescue of a broken pair in such a window is bench_wire's (`bench_wire rescues`). JSON lines; `--quick` for a check that it runs. */
#include "core/base/err.h"
#include "lua/host.h"
#include "tests/bench/bench.h"

enum { budget_ns = 1000000 };

#define HEAD                                                                                          \
	"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = 1, legs = { 'near', " \
	"'far' } }\n"
#define HOOK(body) HEAD "function S:on_basis(b)\n" body "\nend\nreturn S\n"

static const struct {
	const char *name, *text;
} kind[] = {
	{ "empty loop", HOOK("while true do end") },
	{ "numeric for", HOOK("local x = 0 for i = 1, 1e18 do x = x + i end return x") },
	{ "tail calls", HOOK("local function f(n) return f(n + 1) end f(0)") },
	{ "coroutine",
	  HOOK("local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end") },
	{ "pcall of a loop", HOOK("while true do pcall(function() while true do end end) end") },
	{ "errors caught", HOOK("while true do pcall(error, 'x') end") },
	{ "patterns", HOOK("while true do for w in ('a b c d'):gmatch('%a') do end end") },
	{ "reads of the view", HOOK("local x = 0 while true do x = x + b.spread end") },
};
enum { kinds = sizeof kind / sizeof kind[0] };

static void die(void)
{
	fprintf(stderr, "bench_contain: %s\n", err_text());
	exit(1);
}

static struct strategy *load(struct lua_host *h, const char *name, const char *text)
{
	struct lua_instance_options o = { .name = name,
					  .file = "contain.lua",
					  .source = text,
					  .source_len = strlen(text),
					  .unbound = true };
	struct strategy *s;
	if (lua_host_load(h, &o, &s))
		die();
	return s;
}

/* What the thread had of its core: beside the wall clock it tells the machine's other work apart. */
static int64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int run(struct strategy *s)
{
	static struct basis b = { .ok = true };
	static struct strat_self self;
	struct strat_event ev = { .kind = STRAT_BASIS, .basis = &b };
	struct proposal p[PROPOSAL_MAX];
	return s->ops->run(s, &self, &ev, p, PROPOSAL_MAX);
}

static void put_quantiles(struct json_out *j, double *v, unsigned n)
{
	static const struct {
		const char *name;
		double q;
	} at[] = { { "ns_p50", 0.5 }, { "ns_p99", 0.99 }, { "ns_p999", 0.999 }, { "ns_worst", 1 } };
	for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++)
		bench_num(j, at[i].name, bench_quantile(v, n, at[i].q));
	json_int(j, "budget_ns", budget_ns);
	json_uint(j, "kills", n);
}

int main(int argc, char **argv)
{
	const unsigned n = bench_quick(argc, argv) ? 32 : 2000;
	struct lua_host_options o = { .skip_selftest = true,
				      .budget_ns = budget_ns,
				      .kill_strikes = 1u << 30 };
	struct lua_host *h;
	struct strategy *runaway[kinds], *neighbour;
	double *took = calloc(n, sizeof *took), *late = calloc(n, sizeof *late),
	       *calm = calloc(n, sizeof *calm), *cpu = calloc(n, sizeof *cpu);
	unsigned escaped = 0;
	uint64_t x = 88172645463325252u;
	if (lua_host_init(&o, &h))
		die();
	for (unsigned k = 0; k < kinds; k++)
		runaway[k] = load(h, kind[k].name, kind[k].text);
	neighbour = load(h, "neighbour", HOOK("if b.spread > 1e9 then self:log('x') end"));
	for (unsigned i = 0; i < 1000; i++)
		run(neighbour);
	for (unsigned i = 0; i < n; i++) {
		struct strategy *s = runaway[i % kinds];
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		int64_t at = bench_ns();
		escaped += run(neighbour) < 0;
		calm[i] = (double)(bench_ns() - at);
		at = bench_ns();
		int64_t cpu_at = cpu_ns();
		escaped += run(s) >= 0;
		cpu[i] = (double)(cpu_ns() - cpu_at);
		int64_t end = bench_ns();
		took[i] = (double)(end - at);
		/* The neighbour's event came while it ran. */
		int64_t came = at + (int64_t)(x % budget_ns);
		escaped += run(neighbour) < 0;
		late[i] = (double)(bench_ns() - came);
		for (int g = 0; g < 64; g++)
			lua_host_idle(s);
	}
	struct bench_line l;
	struct json_out *j = bench_open(&l, "contain", "a_runaways_call");
	put_quantiles(j, took, n);
	json_uint(j, "kinds", kinds);
	json_uint(j, "escaped", escaped);
	bench_tell(&l);
	j = bench_open(&l, "contain", "a_runaways_call_in_cpu_time");
	put_quantiles(j, cpu, n);
	bench_tell(&l);
	j = bench_open(&l, "contain", "neighbours_event_in_the_window");
	put_quantiles(j, late, n);
	bench_num(j, "calm_ns_p50", bench_quantile(calm, n, 0.5));
	bench_num(j, "worst_beyond_the_budget_ns", late[n - 1] - budget_ns);
	bench_num(j, "calm_ns_worst", calm[n - 1]);
	bench_tell(&l);
	for (unsigned k = 0; k < kinds; k++)
		runaway[k]->ops->free(runaway[k]);
	neighbour->ops->free(neighbour);
	lua_host_free(h);
	free(took);
	free(late);
	free(calm);
	free(cpu);
	return escaped ? 1 : 0;
}
