/* Measures an event among a thousand strategies on one engine: each has a VM of its own, and the caches hold few of them at a time. Beside it a plain C
 * loop over as many contexts that are as cold: each copies the same basis into its own mailbox, looks at as many other lines of its own memory as a VM's
 * call does (LINES, see README.md), and decides the same. JSON lines; `--quick` for a check that it runs. */
#include "core/base/err.h"
#include "lua/host.h"
#include "tests/bench/bench.h"

/* A call was counted to touch 70 lines of data, on 28 pages with its code. */
enum { lines = 64, stride = 15, rounds = 9 };

static const char *const text =
	"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = 1, legs = { 'near', 'far' } }\n"
	"function S:on_basis(b)\n"
	"if b.sell_near_net_bp >= 10 and self.pos.near.net > -30 then self:log('x') end\nend\nreturn S\n";

struct context {
	struct basis seen;
	struct strat_self self;
	uint8_t vm
		[lines * stride]
		[64]; /* one line in so many is looked at: a VM's do not lie side by side either */
};

struct bench {
	unsigned n, events;
	struct lua_host *host;
	struct strategy **s;
	struct context **c;
	struct basis *basis; /* of each, as the desk has it */
	struct strat_self *self;
	uint32_t *order; /* whose turn it is */
	double *ours, *other;
};

static void die(void)
{
	fprintf(stderr, "bench_many: %s\n", err_text());
	exit(1);
}

__attribute__((noinline)) static int context_run(struct context *c, const struct basis *b,
						 const struct strat_self *self, unsigned n_lines,
						 bool chained)
{
	unsigned sum = 0;
	memcpy(&c->seen.spread, &b->spread,
	       offsetof(struct basis, leg) - offsetof(struct basis, spread) + 2 * sizeof b->leg[0]);
	c->self = *self;
	for (unsigned i = 0; i < n_lines; i++)
		sum += c->vm[i * stride + (chained ? sum : 0)][0]; /* they hold zeros */
	return (c->seen.dir[SIDE_SELL].net_bp >= 10 && c->self.pos[0] > -30) + (int)(sum & 256);
}

/* Sorted times of single events, the clock in both. */
static void round_of(struct bench *b, unsigned n_lines, bool chained)
{
	struct proposal p[PROPOSAL_MAX];
	for (unsigned i = 0; i < b->events; i++) {
		const uint32_t k = b->order[i];
		struct strat_event ev = { .kind = STRAT_BASIS, .basis = &b->basis[k] };
		int64_t at = bench_ns();
		int rc = b->s[k]->ops->run(b->s[k], &b->self[k], &ev, p, PROPOSAL_MAX);
		b->ours[i] = (double)(bench_ns() - at);
		if (rc)
			die();
	}
	for (unsigned i = 0; i < b->n; i++)
		lua_host_idle(b->s[i]);
	for (unsigned i = 0; i < b->events; i++) {
		const uint32_t k = b->order[i];
		int64_t at = bench_ns();
		bench_keep(context_run(b->c[k], &b->basis[k], &b->self[k], n_lines, chained));
		b->other[i] = (double)(bench_ns() - at);
	}
}

static void tell(struct bench *b, const char *figure, unsigned n_lines, bool chained)
{
	static const struct {
		const char *name;
		double q;
	} at[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "p999", 0.999 } };
	static struct bench_rounds r[3];
	memset(r, 0, sizeof r);
	for (unsigned i = 0; i < rounds; i++) {
		round_of(b, n_lines, chained);
		for (unsigned q = 0; q < 3; q++)
			bench_round(&r[q], bench_quantile(b->ours, b->events, at[q].q),
				    bench_quantile(b->other, b->events, at[q].q));
	}
	for (unsigned q = 0; q < 3; q++) {
		struct bench_line l;
		struct json_out *j = bench_open(&l, "many", figure);
		json_str(j, "quantile", at[q].name);
		json_uint(j, "strategies", b->n);
		json_uint(j, "lines", n_lines);
		bench_put_rounds(j, &r[q], "ns", "plain_c");
		bench_tell(&l);
	}
}

static void open_bench(struct bench *b)
{
	struct lua_host_options o = { .skip_selftest = true };
	uint64_t x = 88172645463325252u;
	if (lua_host_init(&o, &b->host))
		die();
	b->s = calloc(b->n, sizeof *b->s);
	b->c = calloc(b->n, sizeof *b->c);
	b->basis = calloc(b->n, sizeof *b->basis);
	b->self = calloc(b->n, sizeof *b->self);
	b->order = calloc(b->events, sizeof *b->order);
	b->ours = calloc(b->events, sizeof *b->ours);
	b->other = calloc(b->events, sizeof *b->other);
	for (unsigned i = 0; i < b->n; i++) {
		struct lua_instance_options io = { .name = "many",
						   .file = "many.lua",
						   .source = text,
						   .source_len = strlen(text),
						   .unbound = true };
		b->basis[i] = (struct basis){ .ok = true };
		b->c[i] = calloc(1, sizeof **b->c);
		if (lua_host_load(b->host, &io, &b->s[i]))
			die();
	}
	for (unsigned i = 0; i < b->events; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		b->order[i] = (uint32_t)(x % b->n);
	}
	struct proposal p[PROPOSAL_MAX];
	for (unsigned i = 0; i < 300 * b->n; i++) { /* compiled */
		struct strat_event ev = { .kind = STRAT_BASIS, .basis = &b->basis[i % b->n] };
		if (b->s[i % b->n]->ops->run(b->s[i % b->n], &b->self[i % b->n], &ev, p,
					     PROPOSAL_MAX))
			die();
	}
}

static void close_bench(struct bench *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		b->s[i]->ops->free(b->s[i]);
		free(b->c[i]);
	}
	free(b->s);
	free(b->c);
	free(b->basis);
	free(b->self);
	free(b->order);
	free(b->ours);
	free(b->other);
	lua_host_free(b->host);
}

int main(int argc, char **argv)
{
	const bool quick = bench_quick(argc, argv);
	static const unsigned many[] = { 10, 1000 };
	for (unsigned i = 0; i < 2; i++) {
		struct bench b = { .n = quick ? 10 * (i + 1) : many[i],
				   .events = quick ? 500 : 100000 };
		open_bench(&b);
		tell(&b, "event", 0, false);
		tell(&b, "event_as_cold", lines, false);
		tell(&b, "event_as_cold_in_a_chain", lines, true);
		close_bench(&b);
	}
	return 0;
}
