/* What the engine itself costs: the risk gate, a proposal until both orders are with their adapters, its receipts, and an event among ten or ten thousand instruments. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/ring.h"
#include "core/base/rng.h"
#include "core/engine.h"
#include "core/trade/exec.h"
#include "core/trade/risk.h"
#include "store/store.h"
#include "tests/bench/all/forgetful.h"
#include "tests/bench/bench.h"
#include <ftw.h>
#include <sys/stat.h>

#define VENUES	 2
#define MID	 6000000
#define RUN	 64 /* calls between two looks at the clock where a call is short */
#define PROPOSES 4096

/* ---- a world without wires ---- */

struct null_env {
	struct env e; /* first */
	struct null_world *world;
};

struct null_venue {
	struct venue v; /* first */
	struct order last;
	uint64_t placed;
};

struct null_world {
	struct null_env env;
	struct null_venue venue[VENUES];
	struct config cfg;
	struct strategy script;
	struct engine *engine;
	struct venue_host host;
	struct rng rng;
	uint32_t event; /* instrument of the next poll's quote; UINT32_MAX: none */
	int64_t seq, px;
	uint64_t trades;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_engine: %s: %s\n", what, err_text());
	exit(1);
}

static void null_now(struct env *e, struct env_now *out)
{
	(void)e;
	out->mono_ns = bench_ns();
	out->utc_ns = out->mono_ns + 1767225600000000000;
}

static struct quote quote_at(struct null_world *w, int64_t bid)
{
	return (struct quote){ .px = { bid, bid + 1 },
			       .qty = { 500000, 500000 },
			       .seq = ++w->seq,
			       .recv_ns = bench_ns() };
}

static int64_t null_bound(struct env *e)
{
	(void)e;
	return 0;
}

static int64_t null_since_read(struct env *e)
{
	(void)e;
	return 0;
}

static void null_poll(struct env *e, int64_t wake_ns)
{
	struct null_world *w = ((struct null_env *)e)->world;
	(void)wake_ns;
	if (w->event == UINT32_MAX)
		return;
	struct quote q = quote_at(w, w->px);
	w->host.on_quote(w->host.core, w->event, &q);
}

static void null_flush(struct env *e)
{
	(void)e;
}

static bool null_command(struct env *e, struct env_command *c)
{
	(void)e, (void)c;
	return false;
}

static const struct env_ops env_ops = { .name = "null",
					.now = null_now,
					.since_read_ns = null_since_read,
					.clock_bound_ns = null_bound,
					.poll = null_poll,
					.flush = null_flush,
					.command = null_command };

static size_t null_encode(uint64_t id, char out[VENUE_CLIENT_ID])
{
	for (int i = 0; i < 16; i++)
		out[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	out[16] = '\0';
	return 16;
}

static int null_place(struct venue *v, const struct order *o)
{
	struct null_venue *n = (struct null_venue *)v;
	n->last = *o;
	n->placed++;
	return 0;
}

static enum depth_rule null_rule(const struct venue *v, uint32_t instrument)
{
	(void)v, (void)instrument;
	return DEPTH_NEXT_IS_LAST_PLUS_1;
}

static void null_time(struct venue *v, int64_t mono_ns)
{
	(void)v, (void)mono_ns;
}

static int null_start(struct venue *v)
{
	v->state = VENUE_UP;
	return 0;
}

static const struct venue_ops venue_ops = { .name = "null",
					    .encode_id = null_encode,
					    .place = null_place,
					    .depth_rule = null_rule,
					    .start = null_start,
					    .on_time = null_time };

static int quiet_run(struct strategy *s, const struct strat_self *self,
		     const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	(void)self, (void)ev, (void)out, (void)cap;
	s->calls++;
	return 0;
}

static uint32_t quiet_hooks(const struct strategy *s)
{
	(void)s;
	return 1u << STRAT_BASIS;
}

static const struct strategy_ops script_ops = { .run = quiet_run, .hooks = quiet_hooks };

/* ---- its configuration ---- */

static void *rows(size_t n, size_t size)
{
	void *p = calloc(n, size);
	if (!p)
		die("memory");
	return p;
}

static void fill_instrument(struct config *c, uint32_t i)
{
	struct instrument *in = &c->instrument[i];
	bool spot = i % VENUES == 0;
	snprintf(in->name, sizeof in->name, "I%u", i);
	snprintf(in->symbol, sizeof in->symbol, "I%u", i);
	in->venue = (uint16_t)(i % VENUES);
	in->px_dp = 2;
	in->qty_dp = 5;
	in->base = asset_intern(&c->assets, "BTC");
	in->quote = in->settle = asset_intern(&c->assets, "USDT");
	in->expo = (struct expo){ .kind = spot ? EXPO_SPOT : EXPO_LINEAR, .num = 1, .den = 1 };
	struct rule r = {
		.from_utc_ns = 1, .tick = 1, .lot = 1, .min_qty = 1, .margin_e8 = 5000000
	};
	r.fee.taker_e8 = 10000;
	if (instrument_add_rule(in, &r))
		die("rule");
}

static void fill_config(struct config *c, uint32_t instruments, uint16_t instances)
{
	c->n_venues = c->n_accounts = VENUES;
	c->n_instruments = instruments;
	c->n_instances = instances;
	c->venue = rows(VENUES, sizeof *c->venue);
	c->account = rows(VENUES, sizeof *c->account);
	c->instrument = rows(instruments, sizeof *c->instrument);
	c->instance = rows(instances, sizeof *c->instance);
	for (uint16_t v = 0; v < VENUES; v++) {
		snprintf(c->venue[v].name, sizeof c->venue[v].name, "v%u", v);
		c->venue[v].answer_timeout_ns = 2000000000;
		c->venue[v].messages_per_s = 0;
		c->account[v].venue = v;
	}
	for (uint32_t i = 0; i < instruments; i++)
		fill_instrument(c, i);
	for (uint16_t i = 0; i < instances; i++) {
		struct config_instance *in = &c->instance[i];
		snprintf(in->name, sizeof in->name, "s%u", i);
		in->n_legs = 2;
		for (uint32_t l = 0; l < 2; l++) {
			snprintf(in->leg_name[l], sizeof in->leg_name[l], "l%u", l);
			in->leg[l] = 2u * i + l;
			in->account[l] = (uint16_t)l;
			in->ratio_num[l] = in->ratio_den[l] = 1;
		}
		in->lot_base_e8 = 100000;
		in->max_pos_lots = 100;
	}
	c->risk = (struct config_risk){ .max_order_notional_e8 = 100000000000000,
					.max_position_notional_e8 = 1000000000000000,
					.max_position_base_e8 = 10000000000,
					.max_imbalance_base_e8 = 1000000000,
					.collar_ppm = 10000,
					.max_age_ns = 2000000000,
					.max_skew_ns = 1000000000,
					.max_pairs_in_flight = 100 };
}

static void world_open(struct null_world *w, uint32_t instruments, uint16_t instances,
		       struct journal *journal)
{
	memset(w, 0, sizeof *w);
	w->event = UINT32_MAX;
	rng_seed(&w->rng, 1);
	w->env = (struct null_env){ { &env_ops }, w };
	fill_config(&w->cfg, instruments, instances);
	w->script = (struct strategy){ .ops = &script_ops,
				       .n_legs = 2,
				       .conv = { { .k = 1 }, { .k = 1 } } };
	struct engine_parts parts = { .cfg = &w->cfg,
				      .instrument = w->cfg.instrument,
				      .env = &w->env.e,
				      .journal = journal,
				      .epoch = 1 };
	parts.names = (struct desk_names){ rows(VENUES, 4), rows(VENUES, 4), rows(instances, 4),
					   rows(instances, 4), rows(ASSET_MAX, 4) };
	if (engine_open(&parts, &w->engine))
		die("engine");
	w->host = engine_venue_host(w->engine);
	for (uint16_t v = 0; v < VENUES; v++) {
		w->venue[v].v = (struct venue){ .ops = &venue_ops, .host = w->host, .index = v };
		engine_set_venue(w->engine, v, &w->venue[v].v);
	}
	for (uint16_t i = 0; i < instances; i++)
		engine_set_script(w->engine, i, &w->script);
	if (engine_start(w->engine))
		die("start");
	struct desk *d = engine_desk(w->engine);
	for (uint16_t v = 0; v < VENUES; v++)
		d->venue[v].reconciled = true;
	for (uint32_t i = 0; i < instruments; i++) {
		struct level bid[2] = { { MID, 500000 }, { MID - 1, 500000 } },
			     ask[2] = { { MID + 1, 500000 }, { MID + 2, 500000 } };
		struct depth x = { .last_seq = ++w->seq,
				   .recv_ns = bench_ns(),
				   .level = { bid, ask },
				   .n = { 2, 2 } };
		w->host.on_snapshot(w->host.core, i, &x);
	}
}

static void world_close(struct null_world *w)
{
	engine_free(w->engine);
	free(w->cfg.venue);
	free(w->cfg.account);
	free(w->cfg.instrument);
	free(w->cfg.instance);
}

/* ---- a proposal ---- */

static void fresh(struct null_world *w)
{
	struct desk *d = engine_desk(w->engine);
	env_now(&w->env.e, &d->now);
	for (int v = 0; v < VENUES; v++)
		d->venue[v].line = (struct feed_line){ d->now.mono_ns, d->now.mono_ns };
}

static void fill_both(struct null_world *w)
{
	struct desk *d = engine_desk(w->engine);
	for (uint16_t v = 0; v < VENUES; v++) {
		const struct order *o = &w->venue[v].last;
		struct exec_report r = { .kind = EXEC_FILL,
					 .side = o->side,
					 .venue = v,
					 .account = v,
					 .instrument = o->instrument,
					 .order = o->id,
					 .px = o->px,
					 .qty = o->qty,
					 .cum = o->qty,
					 .has_cum = true,
					 .recv_ns = bench_ns() };
		snprintf(r.venue_order, sizeof r.venue_order, "%llu", (unsigned long long)o->id);
		snprintf(r.exec, sizeof r.exec, "%llu", (unsigned long long)++w->trades);
		w->host.on_exec(w->host.core, &r);
	}
	exec_run(d);
	d->n_news = 0;
}

/* Nanoseconds of n proposals into ns, each until both orders are with their venue; what is proposed opens and closes in turns. */
static void propose(struct null_world *w, double *ns, unsigned n, struct pair *last)
{
	struct desk *d = engine_desk(w->engine);
	for (unsigned i = 0; i < n; i++) {
		uint8_t near = i % 2 ? SIDE_BUY : SIDE_SELL;
		struct proposal p = { .kind = PROPOSE_PAIR,
				      .intent = i % 2 ? INTENT_CLOSE : INTENT_OPEN,
				      .tif = TIF_IOC,
				      .n_legs = 2,
				      .leg = { 0, 1 },
				      .side = { near, near ^ 1 },
				      .lots = 1,
				      .reason = "the bench asks" };
		fresh(w);
		uint64_t placed = w->venue[1].placed;
		int64_t from = bench_ns();
		struct pair *pair = exec_propose(d, 0, &p);
		ns[i] = (double)(bench_ns() - from);
		if (!pair || w->venue[1].placed != placed + 1) {
			fprintf(stderr, "bench_engine: a proposal was refused: %s\n",
				risk_limit_name((enum risk_limit)d->instance[0].blocked_by));
			exit(1);
		}
		*last = *pair;
		fill_both(w);
	}
}

static double risk_ns(struct null_world *w, const struct pair *p)
{
	struct desk *d = engine_desk(w->engine);
	fresh(w);
	int64_t from = bench_ns();
	for (int i = 0; i < RUN; i++) {
		struct risk_verdict v = risk_pair(d, p);
		if (v.limit)
			die(risk_limit_name(v.limit));
	}
	return (double)(bench_ns() - from) / RUN;
}

static struct bench_line line;

static void tell(const char *figure, struct bench_rounds *r, const char *other, bool pinned)
{
	struct json_out *j = bench_open(&line, "engine", figure);
	bench_put_rounds(j, r, "ns", other);
	json_bool(j, "pinned", pinned);
	bench_tell(&line);
}

/* The floor of a receipt: as many bytes copied into a ring in memory. */
static double bare_push_ns(struct ring *ring)
{
	static struct fact f;
	int64_t from = bench_ns();
	for (int i = 0; i < RUN; i++)
		bench_keep(ring_push(ring, &f));
	double ns = (double)(bench_ns() - from) / RUN;
	while (ring_pop(ring, &f))
		;
	return ns;
}

static double append_ns(struct journal *j)
{
	struct fact f;
	fact_init(&f, FACT_ORDER);
	int64_t from = bench_ns();
	for (int i = 0; i < RUN; i++)
		bench_keep((int64_t)j->ops->append(j, &f));
	return (double)(bench_ns() - from) / RUN;
}

static void proposals(const char *folder, unsigned rounds, unsigned n, bool pinned)
{
	static struct null_world with, without;
	static double ns[PROPOSES];
	static struct bench_rounds receipts, risk, append;
	static struct ring bare;
	char path[128];
	snprintf(path, sizeof path, "%s/db", folder);
	struct store_options so = { .path = path, .ring_bytes = 256u << 20 };
	struct store *store;
	if (store_open(&so, &store) || ring_init(&bare, sizeof(struct fact), 1024))
		die("store");
	struct journal *j = store_journal(store);
	world_open(&with, 2, 1, j);
	world_open(&without, 2, 1, forgetful_journal());
	double p99[BENCH_ROUNDS], facts = 0;
	for (unsigned r = 0; r <= rounds; r++) {
		struct pair p;
		uint64_t seq = store_last_seq(store);
		while (store_drained(store) < seq) /* or the journal is full, which halts opening */
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		propose(&with, ns, n, &p);
		facts = (double)(store_last_seq(store) - seq) / n;
		double ring = bench_quantile(ns, n, 0.5), tail = bench_quantile(ns, n, 0.99);
		propose(&without, ns, n, &p);
		double none = bench_quantile(ns, n, 0.5), gate = risk_ns(&without, &p);
		double appended = append_ns(j), pushed = bare_push_ns(&bare);
		if (r == 0)
			continue;
		p99[r - 1] = tail;
		bench_round(&receipts, ring, none);
		bench_round(&risk, gate, none);
		bench_round(&append, appended, pushed);
	}
	tell("risk_pair", &risk, "whole_proposal", pinned);
	struct json_out *o = bench_open(&line, "engine", "proposal_to_both_orders_placed");
	bench_put_rounds(o, &receipts, "ns", "no_receipts");
	bench_num(o, "ns_p99", bench_quantile(p99, rounds, 0.5));
	bench_num(o, "facts_of_a_whole_pair", facts);
	json_bool(o, "pinned", pinned);
	bench_tell(&line);
	tell("receipt_append", &append, "bare_ring_push", pinned);
	world_close(&with);
	world_close(&without);
	ring_free(&bare);
	snprintf(path, sizeof path, "%s",
		 store_ring_path(store)); /* in shared memory it would outlive its folder */
	if (store_close(store))
		die("store");
	unlink(path);
}

/* ---- many instruments ---- */

/* A turn with one quote that moves the best price of some instrument. */
static double event_ns(struct null_world *w, unsigned n)
{
	int64_t from = bench_ns();
	for (unsigned i = 0; i < n; i++) {
		w->event = (uint32_t)rng_below(&w->rng, w->cfg.n_instruments);
		w->px = MID + (int64_t)(i % 7) - 3;
		engine_turn(w->engine, 0);
	}
	w->event = UINT32_MAX;
	return (double)(bench_ns() - from) / n;
}

static double resident_kb(void)
{
	long pages = 0, all = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%ld %ld", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void events(unsigned rounds, unsigned n, bool pinned)
{
	enum { few_n = 10, many_n = 10000 };
	static struct null_world few, many;
	static struct bench_rounds r;
	world_open(&few, few_n, few_n * 4 / 10, forgetful_journal());
	double before = resident_kb();
	world_open(&many, many_n, many_n * 4 / 10, forgetful_journal());
	for (unsigned i = 0; i <= rounds; i++) {
		double f = event_ns(&few, n), m = event_ns(&many, n);
		if (i)
			bench_round(&r, m, f);
	}
	struct json_out *j = bench_open(&line, "engine", "event_among_10000_instruments");
	bench_put_rounds(j, &r, "ns", "among_10");
	bench_num(j, "resident_kb_per_instrument", (resident_kb() - before) / many_n);
	json_str(j, "note", "housekeeping included; four pairs of legs for ten instruments");
	json_bool(j, "pinned", pinned);
	bench_tell(&line);
	world_close(&few);
	world_close(&many);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv), pinned = bench_cores() > 1 && bench_pin(1);
	char folder[] = "/tmp/tandem-engine-XXXXXX";
	log_set_level(LOG_ERROR);
	if (!mkdtemp(folder)) {
		perror("bench_engine");
		return 1;
	}
	const char *only =
		argc > 1 + quick ? argv[1 + quick] : ""; /* one part by itself, for a profiler */
	if (strcmp(only, "events") != 0)
		proposals(folder, quick ? 7 : 15, quick ? 1000 : PROPOSES, pinned);
	if (strcmp(only, "proposals") != 0)
		events(quick ? 7 : 15, quick ? 20000 : 200000, pinned);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
