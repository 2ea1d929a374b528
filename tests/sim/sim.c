/* sim - the simulator: `sim --seed N` repeats a run to the byte, `sim --seeds A..B --jobs J` runs many. Exit 1 when something that must hold does not. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/campaign.h"
#include "tests/sim/faults.h"
#include "tests/sim/shrink.h"
#include "tests/sim/story.h"
#include <argp.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SHRINK_RUNS  300
#define SHRINK_SEEDS 3

enum {
	OPT_SEED = 256,
	OPT_SEEDS,
	OPT_JOBS,
	OPT_PAIRS,
	OPT_SECONDS,
	OPT_ONLY,
	OPT_MASK,
	OPT_NONE,
	OPT_JSON,
	OPT_LIST,
	OPT_ATTRIBUTE,
	OPT_TWOS,
	OPT_GROUP,
	OPT_NO_SHRINK,
	OPT_FIRST,
	OPT_REPLAY
};

struct options {
	struct campaign_options c;
	bool json, list, attribute, story, no_shrink;
};

static const struct argp_option argp_options[] = {
	{ "seed", OPT_SEED, "N", 0, "one seed", 0 },
	{ "seeds", OPT_SEEDS, "A..B", 0, "all seeds from A to B (1..10)", 0 },
	{ "jobs", OPT_JOBS, "J", 0, "in so many processes (1)", 0 },
	{ "pairs", OPT_PAIRS, "N", 0, "no further seed once N pairs were sent", 0 },
	{ "seconds", OPT_SECONDS, "S", 0, "virtual seconds with faults (drawn, 3 to 5)", 0 },
	{ "only", OPT_ONLY, "Fnn", 0, "no fault but this", 0 },
	{ "mask", OPT_MASK, "K", 0, "leave injection K out", 0 },
	{ "no-faults", OPT_NONE, NULL, 0, "none at all", 0 },
	{ "one-group", OPT_GROUP, NULL, 0,
	  "all accounts are linked: they may not trade with each other", 0 },
	{ "attribute", OPT_ATTRIBUTE, NULL, 0,
	  "run each seed again without each of its injections: which of them changed the receipts?",
	  0 },
	{ "pairs-of-faults", OPT_TWOS, NULL, 0, "every two faults together, a seed for each two",
	  0 },
	{ "list-faults", OPT_LIST, NULL, 0, "the catalogue, and where each is held", 0 },
	{ "no-shrink", OPT_NO_SHRINK, NULL, 0,
	  "do not look for the shortest story of a failed seed", 0 },
	{ "first", OPT_FIRST, NULL, 0, "no further seed once one has failed", 0 },
	{ "replay", OPT_REPLAY, "N", OPTION_ARG_OPTIONAL,
	  "run every N-th seed (each) again from what its hosts heard, and hold every receipt against the one of then",
	  0 },
	{ "json", OPT_JSON, NULL, 0, "one object instead of words", 0 },
	{ "verbose", 'v', NULL, 0,
	  "of one seed: every receipt and injection; of many: a line for each", 0 },
	{ 0 },
};

static bool injected(unsigned fault)
{
	return fault && fault <= FAULTS && fault_row(fault)->inject;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	unsigned long long a, b;
	switch (key) {
	case OPT_SEED:
		o->c.from = o->c.to = strtoull(arg, NULL, 10);
		break;
	case OPT_SEEDS:
		if (sscanf(arg, "%llu..%llu", &a, &b) != 2 || a > b || a == 0)
			argp_error(state, "--seeds takes A..B, not '%s'", arg);
		o->c.from = a;
		o->c.to = b;
		break;
	case OPT_JOBS:
		o->c.jobs = (unsigned)strtoul(arg, NULL, 10);
		break;
	case OPT_PAIRS:
		o->c.pairs = strtoull(arg, NULL, 10);
		break;
	case OPT_SECONDS:
		o->c.duration_ns = (int64_t)(strtod(arg, NULL) * 1e9);
		break;
	case OPT_ONLY:
		o->c.director.only = (uint8_t)strtoul(arg + (*arg == 'F' || *arg == 'f'), NULL, 10);
		if (!injected(o->c.director.only))
			argp_error(state, "'%s' is no fault that is injected here: --list-faults",
				   arg);
		break;
	case OPT_MASK:
		o->c.director.masked = (uint32_t)strtoul(arg, NULL, 10);
		break;
	case OPT_NONE:
		o->c.director.none = true;
		break;
	case OPT_GROUP:
		o->c.one_group = true;
		break;
	case OPT_ATTRIBUTE:
		o->attribute = true;
		break;
	case OPT_TWOS:
		o->c.twos = true;
		break;
	case OPT_LIST:
		o->list = true;
		break;
	case OPT_NO_SHRINK:
		o->no_shrink = true;
		break;
	case OPT_FIRST:
		o->c.first = true;
		break;
	case OPT_REPLAY:
		o->c.replay_every = (uint32_t)strtoul(arg ? arg : "1", NULL, 10);
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case 'v':
		o->story = true;
		break;
	case ARGP_KEY_END:
		if (o->c.from == 0)
			argp_error(state, "seeds begin at 1");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int list_faults(void)
{
	for (unsigned i = 1; i <= FAULTS; i++) {
		const struct fault_row *r = fault_row(i);
		printf("F%02u %-9s %-55s %s\n", i, r->inject ? "injected" : "not here", r->words,
		       r->where);
	}
	return 0;
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What adapters log of broken connections is the story's, and told with -v only. */
static void hush(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

static void hear(void *owner, const struct fact *f)
{
	(void)owner;
	story_fact(stdout, f);
}

static int one_seed(const struct options *o, struct runner *r, const char *dir)
{
	static struct run_result result;
	struct run_options ro;
	campaign_seed(&o->c, o->c.from, &ro);
	ro.dir = dir;
	ro.fact = hear;
	int rc = run_seed(r, &ro, &result);
	for (uint32_t i = 0; i < r->director.n; i++)
		story_injection(stdout, &r->director, &r->director.list[i]);
	campaign_line(&ro, &result, stdout);
	return rc ? rc : result.n_violations || result.differs[0] ? -1 : 0;
}

/* The same seed again without one injection: other receipts mean that it mattered. */
static int attribute(const struct options *o, struct runner *r, const char *dir)
{
	static struct run_result base, without;
	uint64_t changed[FAULTS + 1] = { 0 }, hit[FAULTS + 1] = { 0 };
	for (uint64_t seed = o->c.from; seed <= o->c.to; seed++) {
		static struct injection list[DIRECTOR_MOST];
		struct run_options ro;
		campaign_seed(&o->c, seed, &ro);
		ro.dir = dir;
		int rc = run_seed(r, &ro, &base);
		uint32_t n = r->director.n;
		memcpy(list, r->director.list, n * sizeof *list);
		for (uint32_t i = 0; !rc && i < n; i++) {
			if (list[i].state != INJECTION_DONE)
				continue;
			ro.director.masked = list[i].id;
			rc = run_seed(r, &ro, &without);
			hit[list[i].fault]++;
			changed[list[i].fault] += without.digest != base.digest;
		}
		if (rc)
			return rc;
	}
	for (unsigned i = 1; i <= FAULTS; i++)
		if (hit[i])
			printf("F%02u hit %" PRIu64 ", changed the receipts %" PRIu64 "\n", i,
			       hit[i], changed[i]);
	return 0;
}

static void tell_failed(const struct options *o, struct runner *r, const char *dir,
			const struct campaign_totals *t)
{
	static struct shrunk s;
	for (uint32_t i = 0; i < t->n_failed && i < SHRINK_SEEDS; i++) {
		struct run_options ro;
		campaign_seed(&o->c, t->failed[i], &ro);
		ro.dir = dir;
		int rc = shrink(r, &ro, SHRINK_RUNS, &s);
		if (!rc)
			rc = shrink_tell(r, &ro, &s, stdout);
		if (rc)
			printf("seed %" PRIu64 ": %s\n", t->failed[i], err_text());
	}
}

static int many_seeds(struct options *o, struct runner *r, const char *dir)
{
	static struct campaign_totals t;
	uint8_t two[2];
	double start = now_s();
	if (o->c.twos && o->c.to == 10 && o->c.from == 1)
		o->c.to = director_pair(0, two);
	o->c.verbose = o->story;
	int rc = campaign_run(&o->c, &t);
	if (rc)
		return rc;
	if (o->json)
		campaign_json(&t, now_s() - start, stdout);
	else
		campaign_print(&t, now_s() - start, stdout);
	if (o->c.twos)
		campaign_matrix(&t, stdout);
	if (t.n_failed && !o->no_shrink && !o->json)
		tell_failed(o, r, dir, &t);
	return t.n_failed ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct options o = { .c = { .from = 1, .to = 10, .jobs = 1 } };
	struct argp argp = {
		argp_options,
		parse,
		NULL,
		"Runs host and venues in one process under virtual time, with every fault of the catalogue, from one seed.",
		NULL,
		NULL,
		NULL
	};
	static struct runner r;
	char dir[64];
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return 2;
	if (o.list)
		return list_faults();
	log_set_level(getenv("SIM_WARN") ? LOG_WARN : LOG_ERROR);
	if (!o.story)
		hush();
	int rc = campaign_folder(dir);
	if (!rc)
		rc = runner_open(&r);
	if (!rc && o.attribute)
		rc = attribute(&o, &r, dir);
	else if (!rc && o.c.from == o.c.to && o.story)
		rc = one_seed(&o, &r, dir);
	else if (!rc)
		rc = many_seeds(&o, &r, dir);
	if (rc < -1)
		printf("%s\n", err_text());
	runner_free(&r);
	campaign_clean(dir);
	return rc != 0;
}
