#include "tests/bench/outcome/grid.h"

#include "core/base/err.h"
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS	  1000000LL
#define SECOND_NS 1000000000LL

const struct grid_latency grid_latency[GRID_LATENCIES] = {
	{ "0.2 ms", { MS / 5, MS / 5 } },     { "1 ms", { MS, MS } },
	{ "5 ms", { 5 * MS, 5 * MS } },	      { "20 ms", { 20 * MS, 20 * MS } },
	{ "100 ms", { 100 * MS, 100 * MS } }, { "1, 20 ms", { MS, 20 * MS } },
	{ "20, 1 ms", { 20 * MS, MS } },
};
const uint32_t grid_reject_ppm[GRID_RATES] = { 0, 10000, 50000 };
const uint32_t grid_partial_ppm[GRID_RATES] = { 0, 50000, 200000 };

/* What is tried. */
static const int64_t pay_up[] = { 0, 2, 10, 50, 200, 1000, 5000 };
static const int64_t interval_ms[] = { 20, 300 };
enum {
	PAY_UPS = sizeof pay_up / sizeof *pay_up,
	INTERVALS = sizeof interval_ms / sizeof *interval_ms
};
enum { TUNE_REJECT_PPM = 10000, TUNE_PARTIAL_PPM = 50000, TRIALS = PAY_UPS * INTERVALS };

struct lane_config grid_config(const struct grid *g, const struct grid_stretch *s, unsigned latency,
			       uint32_t reject_ppm, uint32_t partial_ppm)
{
	struct lane_config c = { .tape = s->tape,
				 .cool_ns = 500 * MS,
				 .seed = g->seed,
				 .jitter_pct = 10,
				 .reject_ppm = reject_ppm,
				 .partial_ppm = partial_ppm,
				 .from_ns = s->from_ns,
				 .to_ns = s->to_ns };
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		c.in_ns[m] = c.out_ns[m] = c.feed_ns[m] = grid_latency[latency].one_way_ns[m];
	return c;
}

/* ---- the tapes */

/* One recording, cut in two: chosen on the first part (and what is fair is learnt there), judged on the rest. */
static void cut(struct grid_input *in, int64_t tuning_pct)
{
	int64_t begin = tape_begin_ns(&in->tape), end = tape_end_ns(&in->tape);
	int64_t at = begin + (end - begin) / 100 * tuning_pct;
	tape_learn_fair(&in->tape, begin, at);
	in->tuned_on = (struct grid_stretch){ &in->tape, begin, at - 31 * SECOND_NS };
	in->judged = (struct grid_stretch){ &in->tape, at, end };
	in->there = true;
}

int grid_open(struct grid *g, const char *data)
{
	int64_t seconds = g->quick ? 80 : 600;
	static int (*const recorded[GRID_INPUTS])(
		struct tape *, const char *) = { NULL, tape_fx, tape_btc_usdm, tape_btc_coinm };
	struct grid_input *made = &g->input[0];
	int rc = tape_generate(&made->tape, g->seed + 1000, seconds);
	if (!rc)
		rc = tape_generate(&made->tuning, g->seed, g->quick ? seconds : seconds / 2);
	made->judged.tape = &made->tape;
	made->tuned_on.tape = &made->tuning;
	made->there = !rc;
	for (unsigned k = 1; !rc && !g->quick && k < GRID_INPUTS; k++)
		if (recorded[k](&g->input[k].tape, data) == 0)
			cut(&g->input[k], k == 1 ? 35 : 50);
		else
			fprintf(stderr, "left out: %s\n", err_text());
	size_t bytes = sizeof *g->cell * GRID_INPUTS;
	g->cell = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->cell == MAP_FAILED)
		return err_set(ERR_NOMEM, "no memory for the grid");
	return rc;
}

void grid_free(struct grid *g)
{
	for (unsigned k = 0; k < GRID_INPUTS; k++) {
		tape_free(&g->input[k].tape);
		tape_free(&g->input[k].tuning);
	}
	munmap(g->cell, sizeof *g->cell * GRID_INPUTS);
}

/* ---- many processes */

typedef void (*task_fn)(struct grid *g, unsigned task, void *shared);

/* Each takes the next task until there is none. */
static int share_out(struct grid *g, unsigned n, task_fn fn, void *shared)
{
	_Atomic unsigned *next =
		mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int rc = 0;
	if (next == MAP_FAILED)
		return err_set(ERR_NOMEM, "no memory to share");
	fflush(NULL);
	for (long k = 0; k < cores; k++) {
		pid_t pid = fork();
		if (pid < 0)
			rc = err_set(ERR_IO, "no process");
		if (pid)
			continue;
		for (unsigned t; (t = atomic_fetch_add(next, 1)) < n;)
			fn(g, t, shared);
		_exit(0);
	}
	for (int status; wait(&status) > 0;)
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			rc = err_set(ERR_STATE, "a process of the grid died");
	munmap((void *)next, sizeof *next);
	return rc;
}

static int run(const struct lane_config *c, const struct grid_choice *choice, enum executor_id id,
	       struct lane *l)
{
	struct executor *x = executor_new(id);
	if (!x)
		return err_set(ERR_NOMEM, "no memory for an executor");
	x->pay_up_tick = choice->pay_up_tick;
	x->interval_ns = choice->interval_ns;
	int rc = lane_run(l, c, x);
	x->ops->free(x);
	l->x = NULL;
	return rc;
}

/* ---- choosing */

static void trial_of(unsigned task, unsigned *input, unsigned *latency, unsigned *id,
		     unsigned *trial)
{
	*trial = task % TRIALS;
	*id = task / TRIALS % executor_max;
	*latency = task / TRIALS / executor_max % GRID_LATENCIES;
	*input = task / TRIALS / executor_max / GRID_LATENCIES;
}

static struct grid_choice setting(unsigned trial)
{
	return (struct grid_choice){ .pay_up_tick = pay_up[trial % PAY_UPS],
				     .interval_ns = interval_ms[trial / PAY_UPS] * MS,
				     .net = -INFINITY };
}

static void try_one(struct grid *g, unsigned task, void *shared)
{
	double *net = shared;
	unsigned input, latency, id, trial;
	trial_of(task, &input, &latency, &id, &trial);
	const struct grid_input *in = &g->input[input];
	struct executor *x = executor_new((enum executor_id)id);
	bool useful =
		in->there && x->ops->tunes_pay_up && (trial < PAY_UPS || x->ops->tunes_interval);
	x->ops->free(x);
	net[task] = -INFINITY;
	if (!useful)
		return;
	struct lane l;
	struct lane_config c =
		grid_config(g, &in->tuned_on, latency, TUNE_REJECT_PPM, TUNE_PARTIAL_PPM);
	struct grid_choice s = setting(trial);
	if (run(&c, &s, (enum executor_id)id, &l) == 0)
		net[task] = score_of(&l, NULL).net;
	lane_free(&l);
}

static int choose(struct grid *g)
{
	enum { TASKS = GRID_INPUTS * GRID_LATENCIES * executor_max * TRIALS };
	double *net = mmap(NULL, TASKS * sizeof *net, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (net == MAP_FAILED)
		return err_set(ERR_NOMEM, "no memory for the choice");
	int rc = share_out(g, TASKS, try_one, net);
	for (unsigned t = 0; t < TASKS; t++) {
		unsigned input, latency, id, trial;
		trial_of(t, &input, &latency, &id, &trial);
		struct grid_choice *best = &g->choice[input][latency][id];
		if (trial == 0 || net[t] > best->net) {
			*best = setting(trial);
			best->net = net[t];
		}
	}
	munmap(net, TASKS * sizeof *net);
	return rc;
}

/* ---- running */

int grid_one(const struct grid *g, unsigned input, unsigned cell, enum executor_id id,
	     struct lane *l)
{
	unsigned latency = cell / (GRID_RATES * GRID_RATES);
	struct lane_config c = grid_config(g, &g->input[input].judged, latency,
					   grid_reject_ppm[cell / GRID_RATES % GRID_RATES],
					   grid_partial_ppm[cell % GRID_RATES]);
	return run(&c, &g->choice[input][latency][id], id, l);
}

static void run_cell(struct grid *g, unsigned input, unsigned cell)
{
	struct grid_cell *to = &g->cell[input][cell];
	struct lane oracle, l;
	if (grid_one(g, input, cell, EXECUTOR_ORACLE, &oracle))
		_exit(1);
	to->of[EXECUTOR_ORACLE] = score_of(&oracle, &oracle);
	for (unsigned id = EXECUTOR_ORACLE + 1; id < executor_max; id++) {
		if (grid_one(g, input, cell, (enum executor_id)id, &l))
			_exit(1);
		to->of[id] = score_of(&l, &oracle);
		lane_free(&l);
	}
	lane_free(&oracle);
	to->done = true;
}

static void run_task(struct grid *g, unsigned task, void *shared)
{
	int only = *(int *)shared;
	unsigned input = task / GRID_CELLS, cell = task % GRID_CELLS;
	if (g->input[input].there && (only < 0 || only == (int)cell))
		run_cell(g, input, cell);
}

int grid_run(struct grid *g, int only)
{
	int rc = choose(g);
	return rc ? rc : share_out(g, GRID_INPUTS * GRID_CELLS, run_task, &only);
}
