/* sim - runs seeds of the simulated world: `sim --seed N` repeats a run exactly, `sim --seeds A..B` runs many. Exit 1 when something that must hold does not. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/world.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OPT_SEED = 1, OPT_SEEDS, OPT_SECONDS, OPT_KEEP };

struct options {
	uint64_t from, to;
	int64_t duration_ns;
	const char *keep;
};

static const struct argp_option argp_options[] = {
	{ "seed", OPT_SEED, "N", 0, "one seed (1)", 0 },
	{ "seeds", OPT_SEEDS, "A..B", 0, "all seeds from A to B", 0 },
	{ "seconds", OPT_SECONDS, "S", 0,
	  "virtual seconds with faults, before everything has to end (20)", 0 },
	{ "keep", OPT_KEEP, "DIR", 0, "leave the venues' folder of one seed there", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	unsigned long long a, b;
	switch (key) {
	case OPT_SEED:
		o->from = o->to = strtoull(arg, NULL, 10);
		break;
	case OPT_SEEDS:
		if (sscanf(arg, "%llu..%llu", &a, &b) != 2 || a > b || a == 0)
			argp_error(state, "--seeds takes A..B, not '%s'", arg);
		o->from = a;
		o->to = b;
		break;
	case OPT_SECONDS:
		o->duration_ns = (int64_t)(strtod(arg, NULL) * 1e9);
		break;
	case OPT_KEEP:
		o->keep = arg;
		break;
	case ARGP_KEY_END:
		if (o->from == 0)
			argp_error(state, "seeds begin at 1");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int run(const struct options *o, uint64_t seed, struct world_result *r)
{
	char dir[64] = "/tmp/tandem-sim-XXXXXX", cmd[128];
	if (!o->keep && !mkdtemp(dir))
		return err_set(ERR_IO, "no temporary folder");
	/* Kills and cuts: none in every third seed, so that the plain faults are seen alone too. */
	bool rough = seed % 3 != 0;
	struct world_options w = { .seed = seed,
				   .duration_ns = o->duration_ns,
				   .dir = o->keep ? o->keep : dir,
				   .kill_host_ppm = rough ? 2000 : 0,
				   .kill_venue_ppm = rough ? 200 : 0,
				   .cut_ppm = rough ? 300 : 0 };
	int rc = world_run(&w, r);
	if (!o->keep) {
		snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
		if (system(cmd))
			fprintf(stderr, "%s stays\n", dir);
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { .from = 1, .to = 1, .duration_ns = 20000000000LL };
	struct argp argp = {
		argp_options,
		parse,
		NULL,
		"Runs host and venues in one process under virtual time, with faults, kills and cuts from one seed.",
		NULL,
		NULL,
		NULL
	};
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return 2;
	log_set_level(LOG_ERROR);
	uint64_t turns = 0, pairs = 0, failed = 0;
	struct timespec t0, t1;
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (uint64_t seed = o.from; seed <= o.to; seed++) {
		struct world_result r;
		int rc = run(&o, seed, &r);
		const char *wrong = rc ? err_text() : world_wrong(&r);
		turns += r.turns;
		pairs += r.pairs;
		failed += wrong != NULL;
		printf("seed %llu: %llu pairs, %llu hedged, %llu flat, %llu held, rescues %llu + %llu, %llu rejects, kills %llu host %llu venue, "
		       "residual %.8f, %llu receipts, digest %016llx%s%s\n",
		       (unsigned long long)seed, (unsigned long long)r.pairs,
		       (unsigned long long)r.hedged, (unsigned long long)r.flat,
		       (unsigned long long)r.held, (unsigned long long)r.completed,
		       (unsigned long long)r.unwound, (unsigned long long)r.rejects,
		       (unsigned long long)r.host_kills, (unsigned long long)r.venue_kills,
		       (double)r.residual_base_e8 / 1e8, (unsigned long long)r.receipts,
		       (unsigned long long)r.digest, wrong ? "  WRONG: " : "", wrong ? wrong : "");
		fflush(stdout);
	}
	clock_gettime(CLOCK_MONOTONIC, &t1);
	double s = (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
	printf("%llu seeds, %llu pairs, %.0f turns a second, %llu wrong\n",
	       (unsigned long long)(o.to - o.from + 1), (unsigned long long)pairs,
	       s > 0 ? (double)turns / s : 0, (unsigned long long)failed);
	return failed != 0;
}
