/* Measures a strategy's trigger: an empty lua_pcall, our mailbox with a trigger behind it, the shipped strategy, a proposal, and plain C.
 * JSON lines, one a subject: nanoseconds a call and the ratio to an empty lua_pcall, medians over interleaved rounds. `--quick` for a check that it runs. */
#include "core/base/err.h"
#include "lua/host.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { rounds = 9 };
enum subject { EMPTY, PLAIN_C, TRIGGER, CROSS, PROPOSE, RUNAWAY, subject_max };
static const char *const subject_name[] = {
	"empty lua_pcall",  "trigger in C",	   "trigger",
	"executable_cross", "trigger with a pair", "runaway of 1 ms"
};
_Static_assert(sizeof(subject_name) / sizeof(subject_name[0]) == subject_max, "a name for each");

#define TEXT(body)                                                                                               \
	"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = 1, legs = { 'near', 'far' } }\n" \
	"function S:on_basis(b)\n" body "\nend\nreturn S\n"

struct bench {
	struct lua_host *host;
	struct strategy *s[subject_max];
	lua_State *empty;
	struct basis b;
	struct strat_self self;
	struct proposal p[PROPOSAL_MAX];
	volatile unsigned sum;
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

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
	struct strat_event ev = { .kind = STRAT_BASIS, .basis = &b->b };
	b->b.dir[SIDE_SELL].net_bp = which == PROPOSE ? 20 : (double)(i & 7);
	if (which == EMPTY) {
		lua_pushvalue(b->empty, 1);
		b->sum += (unsigned)lua_pcall(b->empty, 0, 0, 0);
	} else if (which == PLAIN_C) {
		b->sum += (unsigned)trigger_in_c(&b->b, &b->self);
	} else {
		int rc = b->s[which]->ops->run(b->s[which], &b->self, &ev, b->p, PROPOSAL_MAX);
		if (rc < 0 && which != RUNAWAY)
			die();
		b->sum += (unsigned)rc;
	}
}

/* Nanoseconds a call; the collector works between blocks of calls, as it does between turns. */
static double measure(struct bench *b, enum subject which, unsigned n)
{
	int64_t spent = 0;
	for (unsigned done = 0; done < n;) {
		unsigned block = n - done < 256 ? n - done : 256;
		int64_t from = now_ns();
		for (unsigned i = 0; i < block; i++)
			call(b, which, i);
		spent += now_ns() - from;
		done += block;
		for (int i = 0; b->s[which] && i < 64; i++)
			lua_host_idle(b->s[which]);
	}
	return (double)spent / n;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(const double *v)
{
	double sorted[rounds];
	memcpy(sorted, v, sizeof(sorted));
	qsort(sorted, rounds, sizeof(sorted[0]), by_value);
	return sorted[rounds / 2];
}

int main(int argc, char **argv)
{
	static double ns[subject_max][rounds], ratio[rounds];
	unsigned n = argc > 1 && !strcmp(argv[1], "--quick") ? 5000 : 500000;
	struct bench b = { .b = { .ok = true } };
	struct lua_host_options o = { .skip_selftest = true, .kill_strikes = 1u << 30 };
	if (lua_host_init(&o, &b.host))
		die();
	load(&b, TRIGGER,
	     TEXT("if b.sell_near_net_bp >= 10 and self.pos.near.net > -30 then self:log('x') end"));
	load(&b, CROSS, NULL);
	load(&b, PROPOSE,
	     TEXT("if b.sell_near_net_bp >= 10 then return self:pair { sell = 'near', buy = 'far', lots = 3, tif = 'IOC', reason = 'open' } end"));
	load(&b, RUNAWAY, TEXT("while true do end"));
	b.empty = luaL_newstate();
	if (!b.empty || luaL_loadstring(b.empty, "return"))
		die();
	for (int r = -1; r < rounds; r++) {
		for (unsigned s = 0; s < subject_max; s++) {
			double v = measure(&b, (enum subject)s, s == RUNAWAY ? n / 5000 : n);
			if (r >= 0)
				ns[s][r] = v; /* the first round warms up */
		}
	}
	for (unsigned s = 0; s < subject_max; s++) {
		for (int r = 0; r < rounds; r++)
			ratio[r] = ns[s][r] / ns[EMPTY][r];
		printf("{\"bench\":\"trigger\",\"subject\":\"%s\",\"ns\":%.1f,\"ratio_to_empty_pcall\":%.2f,\"rounds\":%d,\"calls\":%u}\n",
		       subject_name[s], median(ns[s]), median(ratio), rounds,
		       s == RUNAWAY ? n / 5000 : n);
	}
	lua_close(b.empty);
	for (unsigned s = 0; s < subject_max; s++) {
		if (b.s[s])
			b.s[s]->ops->free(b.s[s]);
	}
	lua_host_free(b.host);
	return 0;
}
