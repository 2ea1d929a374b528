/* What the risk gate costs a pair of two legs with every limit that it knows set, in each scope that it may have, and a thousand orders open: p50 and p99 of single calls, warm, and
 * after as much other memory was read as a turn may read. Beside it the empty call: the clock alone. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/trade/draft.h"
#include "core/trade/risk.h"
#include "tests/bench/all/forgetful.h"
#include "tests/bench/all/null_world.h"
#include "tests/bench/bench.h"

#define CALLS  20000
#define OPEN   1000
#define OTHERS (1u << 20) /* bytes read between two calls: beyond the second cache */

static struct config_limit rows[risk_limit_max * limit_scope_max];

/* A bound that nothing here comes near, of every limit and scope. */
static uint32_t every_row(void)
{
	uint32_t n = 0;
	for (unsigned l = 1; l < risk_limit_max; l++)
		for (unsigned s = 0; s < limit_scope_max; s++)
			if (limit_scopes_of((enum risk_limit)l) & 1u << s)
				rows[n++] = (struct config_limit){
					.limit = (uint8_t)l,
					.scope = (uint8_t)s,
					.value = limit_is_margin((enum risk_limit)l)
							 ? 1
							 : 1000000000000000,
					.warn_pct = 80,
				};
	return n;
}

/* Orders of another account and side, on the very instruments that the pair trades. */
static void open_orders(struct desk *d)
{
	for (unsigned i = 0; i < OPEN; i++) {
		struct order *o = blotter_new(&d->blotter, 1000000 + i);
		if (!o)
			null_die("no room for an order");
		o->instance = 0;
		o->instrument = i % 2;
		o->account = o->venue = (uint16_t)(i % 2);
		o->side = i % 2 ? SIDE_SELL : SIDE_BUY;
		o->state = ORDER_LIVE;
		o->px = MID;
		o->qty = 1;
		blotter_note(&d->blotter, o, &d->instrument[o->instrument]);
	}
}

static void fresh(struct desk *d, struct null_world *w)
{
	env_now(&w->env.e, &d->now);
	for (int v = 0; v < VENUES; v++)
		d->venue[v].line = (struct feed_line){ d->now.mono_ns, d->now.mono_ns };
}

static void measure(struct null_world *w, const struct pair *p, double *ns, double *empty,
		    bool cold)
{
	static volatile char other[OTHERS];
	struct desk *d = engine_desk(w->engine);
	for (unsigned i = 0; i < CALLS; i++) {
		if (i % 64 == 0)
			fresh(d, w);
		for (size_t k = 0; cold && k < OTHERS; k += 64)
			bench_keep(other[k]);
		int64_t from = bench_ns();
		int64_t to = bench_ns();
		empty[i] = (double)(to - from);
		from = bench_ns();
		struct risk_verdict v = risk_pair(d, p);
		ns[i] = (double)(bench_ns() - from);
		if (v.limit)
			null_die(risk_limit_name(v.limit));
	}
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv), pinned = bench_cores() > 1 && bench_pin(1);
	static struct null_world w;
	static double ns[CALLS], empty[CALLS];
	static struct bench_line line;
	const unsigned rounds = quick ? 5 : 15;
	log_set_level(LOG_ERROR);
	null_world_open(&w, 2, 1, forgetful_journal());
	struct desk *d = engine_desk(w.engine);
	w.cfg.limit = rows;
	w.cfg.n_limits = every_row();
	limits_load(d);
	open_orders(d);
	fresh(d, &w);
	for (int i = 0; i < 20; i++) /* the last prices */
		risk_watch(d);
	struct proposal pr = { .kind = PROPOSE_PAIR,
			       .intent = INTENT_OPEN,
			       .tif = TIF_IOC,
			       .n_legs = 2,
			       .leg = { 0, 1 },
			       .side = { SIDE_BUY, SIDE_SELL },
			       .lots = 1,
			       .reason = "the bench asks" };
	struct pair p;
	if (!draft_pair(d, 0, &pr, &p))
		null_die("draft");
	for (int cold = 0; cold < 2; cold++) {
		double p50[BENCH_ROUNDS], p99[BENCH_ROUNDS], clock[BENCH_ROUNDS];
		for (unsigned r = 0; r <= rounds; r++) {
			measure(&w, &p, ns, empty, cold);
			if (r == 0)
				continue;
			p50[r - 1] = bench_quantile(ns, CALLS, 0.5);
			p99[r - 1] = bench_quantile(ns, CALLS, 0.99);
			clock[r - 1] = bench_quantile(empty, CALLS, 0.5);
		}
		struct json_out *j = bench_open(&line, "engine", cold ? "gate_cold" : "gate");
		bench_num(j, "ns_p50", bench_quantile(p50, rounds, 0.5));
		bench_num(j, "ns_p99", bench_quantile(p99, rounds, 0.5));
		bench_num(j, "clock_ns_p50", bench_quantile(clock, rounds, 0.5));
		json_uint(j, "limits", w.cfg.n_limits);
		json_uint(j, "open_orders", OPEN);
		json_bool(j, "pinned", pinned);
		bench_tell(&line);
	}
	w.cfg.limit = NULL;
	w.cfg.n_limits = 0;
	null_world_close(&w);
	return 0;
}
