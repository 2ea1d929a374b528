/* What the engine itself costs: the risk gate, a proposal until both orders are with their adapters, its receipts, and an event among ten or ten thousand instruments, by itself and from its frame's bytes. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/ring.h"
#include "core/engine.h"
#include "core/trade/exec.h"
#include "core/trade/risk.h"
#include "store/store.h"
#include "tests/bench/all/forgetful.h"
#include "tests/bench/all/null_world.h"
#include "tests/bench/bench.h"
#include <ftw.h>
#include <sys/stat.h>

#define RUN	 64 /* calls between two looks at the clock where a call is short */
#define PROPOSES 4096

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
			null_die(risk_limit_name(v.limit));
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
		null_die("store");
	struct journal *j = store_journal(store);
	null_world_open(&with, 2, 1, j);
	null_world_open(&without, 2, 1, forgetful_journal());
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
	null_world_close(&with);
	null_world_close(&without);
	ring_free(&bare);
	snprintf(path, sizeof path, "%s",
		 store_ring_path(store)); /* in shared memory it would outlive its folder */
	if (store_close(store))
		null_die("store");
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

/* As its venue would send it: spot without a stamp, the other with two. */
static struct null_frame frame_of(struct null_world *w, uint32_t instrument, int64_t bid)
{
	struct null_frame f;
	struct env_now now;
	null_now(NULL, &now);
	long long ms = (long long)(now.utc_ns / 1000000), seq = (long long)++w->seq;
	int at = snprintf(f.text, sizeof f.text,
			  instrument % VENUES ? "{\"stream\":\"i%u@bookTicker\",\"data\":{"
						"\"e\":\"bookTicker\",\"u\":%lld,\"s\":\"I%u\""
					      : "{\"stream\":\"i%u@bookTicker\",\"data\":{"
						"\"u\":%lld,\"s\":\"I%u\"",
			  instrument, seq, instrument);
	at += snprintf(
		f.text + at, sizeof f.text - (size_t)at,
		",\"b\":\"%lld.%02lld\",\"B\":\"5.00000\",\"a\":\"%lld.%02lld\",\"A\":\"5.00000\"",
		(long long)bid / 100, (long long)bid % 100, (long long)(bid + 1) / 100,
		(long long)(bid + 1) % 100);
	if (instrument % VENUES)
		at += snprintf(f.text + at, sizeof f.text - (size_t)at, ",\"T\":%lld,\"E\":%lld",
			       ms, ms);
	at += snprintf(f.text + at, sizeof f.text - (size_t)at, "}}");
	f.n = (size_t)at;
	return f;
}

/* The whole of it: from the bytes of a frame to the call of the script. Few at a time, as they lie in a connection's buffer. */
static double frame_event_ns(struct null_world *w, unsigned n)
{
	static struct null_frame frame[RUN];
	uint32_t of[RUN];
	int64_t ns = 0;
	uint64_t calls = w->script.calls;
	for (unsigned i = 0; i < n; i += RUN) {
		for (unsigned k = 0; k < RUN; k++) {
			of[k] = (uint32_t)rng_below(&w->rng, w->cfg.n_instruments);
			frame[k] = frame_of(w, of[k], MID + (int64_t)(k % 7) - 3);
		}
		int64_t from = bench_ns();
		for (unsigned k = 0; k < RUN; k++) {
			w->event = of[k];
			w->frame = &frame[k];
			engine_turn(w->engine, 0);
		}
		ns += bench_ns() - from;
	}
	w->event = UINT32_MAX;
	w->frame = NULL;
	if (w->script.calls - calls < n / 2) /* four in five are watched, some change nothing */
		null_die("the script was not called");
	return (double)ns / ((n + RUN - 1) / RUN * RUN);
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
	static struct bench_rounds r, whole;
	null_world_open(&few, few_n, few_n * 4 / 10, forgetful_journal());
	double before = resident_kb();
	null_world_open(&many, many_n, many_n * 4 / 10, forgetful_journal());
	for (unsigned i = 0; i <= rounds; i++) {
		double f = event_ns(&few, n), m = event_ns(&many, n);
		double few_whole = frame_event_ns(&few, n / 2),
		       many_whole = frame_event_ns(&many, n / 2);
		if (i == 0)
			continue;
		bench_round(&r, m, f);
		bench_round(&whole, many_whole, few_whole);
	}
	struct json_out *j = bench_open(&line, "engine", "event_among_10000_instruments");
	bench_put_rounds(j, &r, "ns", "among_10");
	bench_num(j, "resident_kb_per_instrument", (resident_kb() - before) / many_n);
	json_str(j, "note", "housekeeping included; four pairs of legs for ten instruments");
	json_bool(j, "pinned", pinned);
	bench_tell(&line);
	j = bench_open(&line, "engine", "frame_to_script_among_10000_instruments");
	bench_put_rounds(j, &whole, "ns", "among_10");
	json_str(j, "note", "the same with the decoding of a bookTicker, every other one stamped");
	json_bool(j, "pinned", pinned);
	bench_tell(&line);
	null_world_close(&few);
	null_world_close(&many);
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
