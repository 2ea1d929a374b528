#include "tests/bench/outcome/show.h"

#include "core/base/err.h"
#include "core/base/plot.h"
#include "tests/bench/bench.h"
#include <math.h>

static double share(uint32_t part, uint32_t whole)
{
	return whole ? (double)part / whole : 0;
}

/* Less than nothing (better than the trigger's prices) is compared by the distance. */
static double less(double ours, double theirs)
{
	return fabs(theirs) > 1e-9 ? (theirs - ours) / fabs(theirs) : 0;
}

struct promise promise_of(const struct grid_cell *c)
{
	const struct score *o = &c->of[EXECUTOR_OURS], *h = &c->of[EXECUTOR_HANDS];
	struct promise p = { .slip_less = less(o->slip_tick, h->slip_tick),
			     .failed_less = less(share(o->failed, o->triggers),
						 share(h->failed, h->triggers)),
			     .captured_more = h->captured   ? (double)o->captured / h->captured - 1
					      : o->captured ? INFINITY
							    : 0 };
	p.slip = p.slip_less >= 0.3;
	p.failed = p.failed_less >= 0.3;
	p.captured = p.captured_more >= 0.5;
	return p;
}

static void rates(unsigned cell, unsigned *latency, double *reject, double *partial)
{
	*latency = cell / (GRID_RATES * GRID_RATES);
	*reject = grid_reject_ppm[cell / GRID_RATES % GRID_RATES] / 1e4;
	*partial = grid_partial_ppm[cell % GRID_RATES] / 1e4;
}

/* ---- JSON */

static void put_score(struct json_out *j, const struct score *s, const struct score *oracle)
{
	json_uint(j, "triggers", s->triggers);
	bench_num(j, "captured", share(s->captured, s->triggers));
	bench_num(j, "captured_of_oracle", share(s->captured, oracle->captured));
	bench_num(j, "slip_tick", s->slip_tick);
	bench_num(j, "slip_adverse_tick", s->adverse_tick);
	bench_num(j, "slip_p95_tick", s->slip_p95_tick);
	bench_num(j, "slip_beyond_oracle_tick", s->slip_beyond_tick);
	bench_num(j, "traded", share(s->traded, s->triggers));
	bench_num(j, "failed", share(s->failed, s->triggers));
	bench_num(j, "not_hedged_at_once", share(s->late, s->triggers));
	bench_num(j, "not_hedged_in_the_end", share(s->forced, s->triggers));
	bench_num(j, "naked_ms", s->naked_ms);
	bench_num(j, "naked_size_s", s->naked_size);
	bench_num(j, "messages", s->messages);
	bench_num(j, "rescue_cost", s->later);
	bench_num(j, "net", s->net);
}

static void tell(struct bench_line *l, FILE *out)
{
	json_obj_end(&l->j);
	fprintf(out, "%s\n", l->text);
}

static void json_cell(const struct grid *g, unsigned k, unsigned cell, FILE *out)
{
	const struct grid_cell *c = &g->cell[k][cell];
	struct bench_line line;
	unsigned latency;
	double reject, partial;
	rates(cell, &latency, &reject, &partial);
	for (unsigned id = 0; id < executor_max; id++) {
		struct json_out *j =
			bench_open(&line, "outcome", executor_name((enum executor_id)id));
		const struct grid_choice *s = &g->choice[k][latency][id];
		json_str(j, "market", g->input[k].tape.name);
		json_uint(j, "cell", cell);
		json_uint(j, "seed", g->seed);
		json_str(j, "latency", grid_latency[latency].name);
		bench_num(j, "reject_pct", reject);
		bench_num(j, "partial_pct", partial);
		if (id != EXECUTOR_ORACLE)
			json_int(j, "pay_up_tick", s->pay_up_tick);
		if (id == EXECUTOR_LEGGED)
			json_int(j, "interval_ms", s->interval_ns / 1000000);
		put_score(j, &c->of[id], &c->of[EXECUTOR_ORACLE]);
		tell(&line, out);
	}
	struct promise p = promise_of(c);
	struct json_out *j = bench_open(&line, "outcome", "promise");
	json_str(j, "market", g->input[k].tape.name);
	json_uint(j, "cell", cell);
	bench_num(j, "slippage_less_pct", 100 * p.slip_less);
	bench_num(j, "failure_less_pct", 100 * p.failed_less);
	if (isfinite(p.captured_more))
		bench_num(j, "captured_more_pct", 100 * p.captured_more);
	else
		json_none(j, "captured_more_pct");
	tell(&line, out);
}

void show_json(const struct grid *g, FILE *out)
{
	for (unsigned k = 0; k < GRID_INPUTS; k++)
		for (unsigned cell = 0; cell < GRID_CELLS; cell++)
			if (g->cell[k][cell].done)
				json_cell(g, k, cell, out);
}

/* ---- the table */

static void table_choice(const struct grid *g, unsigned k, FILE *out)
{
	fprintf(out,
		"chosen on other data (pay-up in ticks; leg by leg also its interval in ms):\n");
	for (unsigned latency = 0; latency < GRID_LATENCIES; latency++) {
		fprintf(out, "  %-9s", grid_latency[latency].name);
		for (unsigned id = EXECUTOR_OURS; id < executor_max; id++) {
			const struct grid_choice *s = &g->choice[k][latency][id];
			fprintf(out, "  %s %lld", executor_name((enum executor_id)id),
				(long long)s->pay_up_tick);
			if (id == EXECUTOR_LEGGED)
				fprintf(out, " / %lld", (long long)(s->interval_ns / 1000000));
		}
		fprintf(out, "\n");
	}
}

static void table_cell(const struct grid *g, unsigned k, unsigned cell, FILE *out)
{
	const struct grid_cell *c = &g->cell[k][cell];
	unsigned latency;
	double reject, partial;
	rates(cell, &latency, &reject, &partial);
	for (unsigned id = 0; id < executor_max; id++) {
		const struct score *s = &c->of[id];
		fprintf(out,
			"%-9s %4.0f %4.0f  %-16s %5.1f %6.3f %8.2f %7.2f %8.1f %7.2f %5.1f %5.1f %5.1f %9.2f %8.3f %5.2f %8.3f %9.3f\n",
			id ? "" : grid_latency[latency].name, reject, partial,
			executor_name((enum executor_id)id), 100 * share(s->captured, s->triggers),
			share(s->captured, c->of[EXECUTOR_ORACLE].captured), s->slip_tick,
			s->adverse_tick, s->slip_p95_tick, s->slip_beyond_tick,
			100 * share(s->failed, s->triggers), 100 * share(s->late, s->triggers),
			100 * share(s->forced, s->triggers), s->naked_ms, s->naked_size,
			s->messages, s->later, s->net);
	}
	struct promise p = promise_of(c);
	fprintf(out,
		"%20s against two terminals: slippage %+.0f %%%s, failure %+.0f %%%s, captured %+.0f %%%s\n",
		"", -100 * p.slip_less, p.slip ? "" : " (not 30)", -100 * p.failed_less,
		p.failed ? "" : " (not 30)", 100 * p.captured_more, p.captured ? "" : " (not 50)");
}

/* How often the promise and the aims hold. */
static void table_sum(const struct grid *g, unsigned k, FILE *out)
{
	unsigned n = 0, slip = 0, failed = 0, captured = 0, all = 0, capture_aim = 0, slip_aim = 0,
		 naked_aim = 0;
	for (unsigned cell = 0; cell < GRID_CELLS; cell++) {
		const struct grid_cell *c = &g->cell[k][cell];
		if (!c->done)
			continue;
		struct promise p = promise_of(c);
		const struct score *o = &c->of[EXECUTOR_OURS];
		n++;
		slip += p.slip;
		failed += p.failed;
		captured += p.captured;
		all += p.slip && p.failed && p.captured;
		capture_aim += o->captured >= 0.98 * c->of[EXECUTOR_ORACLE].captured;
		slip_aim += o->slip_beyond_tick <= 0.05;
		naked_aim += o->naked_ms <= c->of[EXECUTOR_LEGGED].naked_ms / 20;
	}
	fprintf(out,
		"Of %u cells: slippage 30 %% less in %u, failure 30 %% less in %u, captured 50 %% more in %u, all three in %u; capture 0.98 of the oracle's in %u, slippage within 0.05 tick of it in %u, naked a twentieth of leg by leg in %u.\n\n",
		n, slip, failed, captured, all, capture_aim, slip_aim, naked_aim);
}

void show_table(const struct grid *g, FILE *out)
{
	for (unsigned k = 0; k < GRID_INPUTS; k++) {
		if (!g->input[k].there)
			continue;
		fprintf(out, "%s; a tick is %s\n", g->input[k].tape.name,
			g->input[k].tape.tick_name);
		table_choice(g, k, out);
		fprintf(out,
			"%-9s %4s %4s  %-16s %5s %6s %8s %7s %8s %7s %5s %5s %5s %9s %8s %5s %8s %9s\n",
			"one way", "rej%", "par%", "", "capt%", "/orac", "slip", "adverse", "p95",
			"beyond", "fail%", "late%", "open%", "naked ms", "size s", "msgs", "rescue",
			"net");
		for (unsigned cell = 0; cell < GRID_CELLS; cell++)
			if (g->cell[k][cell].done)
				table_cell(g, k, cell, out);
		table_sum(g, k, out);
	}
}

/* ---- pictures */

static double figure(const struct score *s, unsigned what)
{
	return what == 0 ? share(s->captured, s->triggers) : what == 1 ? s->slip_tick : s->naked_ms;
}

static int picture(const struct grid *g, unsigned k, unsigned what, const char *folder)
{
	enum { SAME = 5 }; /* the latencies that are the same both ways */
	static const char *const title[] = { "Share of triggers captured",
					     "Slippage against the trigger's prices, ticks",
					     "Naked for, ms" };
	static const char *const file[] = { "captured", "slippage", "naked" };
	static double x[SAME], y[executor_max][SAME];
	char path[512], head[160];
	snprintf(path, sizeof path, "%s/%u-%s.svg", folder, k, file[what]);
	snprintf(head, sizeof head, "%s: %s", g->input[k].tape.name, title[what]);
	struct plot p = { .title = head,
			  .x = { .label = "latency one way, ms (1 % rejects, 5 % partial)",
				 .log = true },
			  .y = { .label = title[what], .log = what == 2 },
			  .n_series = executor_max };
	for (unsigned id = 0; id < executor_max; id++) {
		for (unsigned l = 0; l < SAME; l++) {
			x[l] = (double)grid_latency[l].one_way_ns[0] / 1e6;
			y[id][l] = figure(&g->cell[k][grid_at(l, 1, 1)].of[id], what);
		}
		p.series[id] = (struct plot_series){ .name = executor_name((enum executor_id)id),
						     .x = x,
						     .y = y[id],
						     .n = SAME,
						     .dashed = id == EXECUTOR_ORACLE,
						     .points = true };
	}
	FILE *f = fopen(path, "w");
	if (!f)
		return err_set(ERR_IO, "%s: cannot be written", path);
	int rc = plot_svg(&p, f);
	return fclose(f) ? err_set(ERR_IO, "%s: cannot be written", path) : rc;
}

int show_plots(const struct grid *g, const char *folder)
{
	int rc = 0;
	for (unsigned k = 0; k < GRID_INPUTS; k++)
		for (unsigned what = 0; !rc && g->input[k].there && what < 3; what++)
			rc = picture(g, k, what, folder);
	return rc;
}
