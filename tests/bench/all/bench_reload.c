/* What a reload costs the host that trades: the worst event around the swap against a window without one, the turns that ask and that swap, events that no version was
 * shown, and the memory that a thousand reloads leave behind. Real engine, Lua host, store and reloader; 100,000 frames a second, each decoded and shown to the script. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/bind.h"
#include "core/cmd/reloader.h"
#include "core/engine_reload.h"
#include "core/trade/lineup.h"
#include "store/store.h"
#include "tests/bench/all/null_world.h"
#include "tests/bench/bench.h"
#include <ftw.h>

#define EVERY_NS 10000 /* an event */
#define HALF	 5000  /* events: 50 ms on either side of the swap */
#define GROWN	 100   /* reloads after which memory is looked at first */

/* A state of a dozen numbers, averages that follow the market, and no proposal: what is measured is the change. */
static const char text[] =
	"local tandem = require \"tandem\"\n"
	"local S = tandem.strategy { version = %u, legs = { \"l0\", \"l1\" } }\n"
	"local state = tandem.state { seen = 0, fast = 0, slow = 0, last = { 0, 0, 0, 0, 0, 0, 0, 0 } }\n"
	"function S:on_basis(b)\n"
	"  state.seen = state.seen + 1\n"
	"  state.fast = state.fast + 0.1 * (b.spread_bp - state.fast)\n"
	"  state.slow = state.slow + 0.01 * (b.spread_bp - state.slow)\n"
	"  state.last[state.seen %% 8 + 1] = b.spread_bp\n"
	"  if state.fast > state.slow + 1e6 then self:pair { sell = \"l0\", buy = \"l1\", lots = 1, reason = \"never\" } end\n"
	"end\n"
	"function S.on_load(old) return old end\n"
	"return S\n";

#define TURNS 2048 /* of each kind that are kept */

/* An event: how long after it was due all that follows from it is done, and how long the thread worked at it: the second knows nothing of who else wants the core. */
struct seen {
	double late_ns, cpu_ns;
};

struct bench_host {
	struct null_world w;
	struct store *store;
	struct lua_host *lua;
	struct reloader *reloader;
	struct strategy *first;
	char folder[64];
	uint64_t events, missed;
	int64_t due_ns;
	struct seen ring[HALF];
	uint64_t n_ring;
	double ask_ns[TURNS], swap_ns[TURNS]; /* of CPU */
	unsigned n_asks, n_swaps;
};

static struct desk_instance *instance_of(struct bench_host *b)
{
	return &engine_desk(b->w.engine)->instance[0];
}

static void put_script(const struct bench_host *b, unsigned version)
{
	char path[128];
	snprintf(path, sizeof path, "%s/v%u.lua", b->folder, version);
	FILE *f = fopen(path, "w");
	if (!f || fprintf(f, text, version) < 0 || fclose(f))
		null_die(path);
}

static void open_host(struct bench_host *b)
{
	char path[128];
	snprintf(path, sizeof path, "%s/db", b->folder);
	const struct store_options so = { .path = path, .ring_bytes = 64u << 20 };
	const struct lua_host_options lo = { 0 };
	if (store_open(&so, &b->store) || lua_host_init(&lo, &b->lua))
		null_die("host");
	null_world_open(&b->w, 2, 1, store_journal(b->store));
	put_script(b, 1);
	put_script(b, 2);
	struct config_instance *in = &b->w.cfg.instance[0];
	snprintf(in->file, sizeof in->file, "%s/v1.lua", b->folder);
	in->reload = (struct config_reload){ .trial_calls = 100 };
	struct lua_instance_options o = bind_options(&b->w.cfg, 0);
	o.bound = NULL; /* the null world's instruments have no units */
	o.config = NULL;
	if (lua_host_load(b->lua, &o, &b->first))
		null_die("script");
	engine_set_script(b->w.engine, 0, b->first);
	const struct reloader_parts parts = {
		.cfg = &b->w.cfg, .store = b->store, .lua = b->lua, .desk = engine_desk(b->w.engine)
	};
	if (reloader_open(&parts, &b->reloader))
		null_die("reloader");
	engine_set_reload(b->w.engine, reloader_port(b->reloader));
}

/* As a venue would send it: spot without a stamp, the other with two. */
static void make_frame(struct bench_host *b, struct null_frame *f)
{
	struct env_now now;
	null_now(NULL, &now);
	const uint32_t i = b->events % VENUES;
	const long long ms = (long long)(now.utc_ns / 1000000), seq = (long long)++b->w.seq,
			bid = MID + (long long)(b->events / VENUES % 7);
	int n = snprintf(
		f->text, sizeof f->text,
		"{\"stream\":\"i%u@bookTicker\",\"data\":{%s\"u\":%lld,\"s\":\"I%u\",\"b\":\"%lld.%02lld\",\"B\":\"5.00000\",\"a\":\"%lld.%02lld\",\"A\":\"5.00000\"",
		i, i ? "\"e\":\"bookTicker\"," : "", seq, i, bid / 100, bid % 100, (bid + 1) / 100,
		(bid + 1) % 100);
	if (i)
		n += snprintf(f->text + n, sizeof f->text - (size_t)n, ",\"T\":%lld,\"E\":%lld", ms,
			      ms);
	n += snprintf(f->text + n, sizeof f->text - (size_t)n, "}}");
	f->n = (size_t)n;
	b->w.event = i;
	b->w.frame = f;
}

static void ask(struct bench_host *b)
{
	struct env_command c = { .kind = CMD_RELOAD, .id = 1, .who = "bench", .scope = "s0" };
	char answer[LINEUP_ANSWER];
	const unsigned next = instance_of(b)->script->version == 1 ? 2 : 1;
	snprintf(c.arg, sizeof c.arg, "swap %s/v%u.lua", b->folder, next);
	engine_reload(b->w.engine, &c, answer, sizeof answer);
	if (strncmp(answer, "ok: ", 4) != 0) {
		fprintf(stderr, "bench_reload: %s\n", answer);
		exit(1);
	}
}

static int64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void keep_turn(double *ns, unsigned *n, double v)
{
	if (*n < TURNS)
		ns[(*n)++] = v;
}

/* An event that comes behind a late one is late too. */
static struct seen event(struct bench_host *b, bool asks)
{
	struct null_frame f;
	const struct strategy *before = instance_of(b)->script;
	const uint64_t calls = before->calls;
	make_frame(b, &f);
	b->due_ns += EVERY_NS;
	while (bench_ns() < b->due_ns)
		;
	const int64_t cpu = cpu_ns();
	if (asks)
		ask(b);
	engine_turn(b->w.engine, 0);
	const struct seen x = { .cpu_ns = (double)(cpu_ns() - cpu),
				.late_ns = (double)(bench_ns() - b->due_ns) };
	const struct strategy *after = instance_of(b)->script;
	if (asks)
		keep_turn(b->ask_ns, &b->n_asks, x.cpu_ns);
	if (after != before)
		keep_turn(b->swap_ns, &b->n_swaps, x.cpu_ns);
	/* The one before is what can be gone back to: it is still there. */
	b->missed += before->calls == calls && (after == before || after->calls == 0);
	b->events++;
	b->ring[b->n_ring++ % HALF] = x;
	return x;
}

static void begin(struct bench_host *b)
{
	b->due_ns = bench_ns();
}

static void take_worst(struct seen *worst, const struct seen *x)
{
	worst->late_ns = x->late_ns > worst->late_ns ? x->late_ns : worst->late_ns;
	worst->cpu_ns = x->cpu_ns > worst->cpu_ns ? x->cpu_ns : worst->cpu_ns;
}

static struct seen worst_of(struct bench_host *b, unsigned n)
{
	struct seen worst = { 0 };
	for (unsigned i = 0; i < n; i++) {
		const struct seen x = event(b, false);
		take_worst(&worst, &x);
	}
	return worst;
}

static void until_swapped(struct bench_host *b)
{
	const struct strategy *before = instance_of(b)->script;
	event(b, true);
	for (uint64_t n = 0; instance_of(b)->script == before; n++) {
		event(b, false);
		if (n > 2000000 || instance_of(b)->lineup->answer.text[0] == 'n') {
			fprintf(stderr, "bench_reload: no version came: %s\n",
				instance_of(b)->lineup->answer.text);
			exit(1);
		}
	}
}

/* The worst event of the 100 ms in whose middle a version is swapped. */
static struct seen worst_around(struct bench_host *b)
{
	begin(b);
	worst_of(b, HALF);
	until_swapped(b);
	struct seen worst = { 0 };
	for (unsigned i = 0; i < HALF; i++)
		take_worst(&worst, &b->ring[i]);
	const struct seen after = worst_of(b, HALF);
	take_worst(&worst, &after);
	return worst;
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

static unsigned versions_of(struct bench_host *b)
{
	unsigned n = 0;
	for (unsigned i = 0; i < LINEUP_MAX; i++)
		n += instance_of(b)->lineup->v[i].script != NULL;
	return n;
}

static struct bench_line line;

static void tell_worst(struct bench_host *b, const char *figure, struct bench_rounds *r,
		       bool pinned)
{
	struct json_out *j = bench_open(&line, "reload", figure);
	bench_put_rounds(j, r, "ns", "without_a_swap");
	bench_num(j, "asking_turn_cpu_ns_p50", bench_quantile(b->ask_ns, b->n_asks, 0.5));
	bench_num(j, "swapping_turn_cpu_ns_p50", bench_quantile(b->swap_ns, b->n_swaps, 0.5));
	bench_num(j, "swapping_turn_cpu_ns_worst", bench_quantile(b->swap_ns, b->n_swaps, 1));
	bench_num(j, "events", (double)b->events);
	bench_num(j, "missed", (double)b->missed);
	json_bool(j, "pinned", pinned);
	json_str(
		j, "note",
		"100,000 frames a second; late: from when an event was due until all that follows from it is done");
	bench_tell(&line);
}

static void swaps(struct bench_host *b, unsigned rounds, bool pinned)
{
	static struct bench_rounds late, cpu;
	for (unsigned k = 0; k <= rounds; k++) {
		begin(b);
		const struct seen without = worst_of(b, 2 * HALF), with = worst_around(b);
		if (k == 0) {
			b->n_asks = b->n_swaps = 0;
			continue;
		}
		bench_round(&late, with.late_ns, without.late_ns);
		bench_round(&cpu, with.cpu_ns, without.cpu_ns);
	}
	tell_worst(b, "worst_late_event_in_100ms_around_a_swap", &late, pinned);
	tell_worst(b, "worst_cpu_of_an_event_in_100ms_around_a_swap", &cpu, pinned);
}

static void many(struct bench_host *b, unsigned reloads, bool pinned)
{
	double early = 0;
	const int64_t from = bench_ns();
	begin(b);
	for (unsigned k = 0; k < reloads; k++) {
		until_swapped(b);
		worst_of(b, 300); /* past its trial */
		if (k + 1 == GROWN)
			early = resident_kb();
	}
	const int64_t took = bench_ns() - from;
	worst_of(b, 20000); /* what has left is given back ten times a second */
	struct json_out *j = bench_open(&line, "reload", "memory_after_reloads");
	bench_num(j, "reloads", reloads);
	bench_num(j, "grown_kb", resident_kb() - early);
	bench_num(j, "resident_kb", resident_kb());
	bench_num(j, "versions_alive", versions_of(b));
	bench_num(j, "ms_each", (double)took * 1e-6 / reloads);
	bench_num(j, "missed", (double)b->missed);
	json_bool(j, "pinned", pinned);
	bench_tell(&line);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	static struct bench_host b = { .folder = "/tmp/tandem-reload-XXXXXX" };
	const bool quick = bench_quick(argc, argv);
	log_set_level(LOG_ERROR);
	if (!mkdtemp(b.folder))
		null_die("folder");
	if (bench_cores() > 1)
		bench_keep_off(1, 1); /* the store's threads and the reloader's */
	open_host(&b);
	const bool pinned = bench_cores() > 1 && bench_pin(1);
	begin(&b);
	worst_of(&b, HALF);
	b.missed = 0; /* the first quotes are those of the books that it began with */
	swaps(&b, quick ? 9 : 41, pinned);
	many(&b, quick ? 300 : 1000, pinned);
	char ring[256];
	snprintf(ring, sizeof ring, "%s", store_ring_path(b.store));
	reloader_close(b.reloader);
	for (unsigned i = 0; i < LINEUP_MAX; i++) {
		struct strategy *s = instance_of(&b)->lineup->v[i].script;
		if (s && s->ops->free)
			s->ops->free(s);
	}
	null_world_close(&b.w);
	lua_host_free(b.lua);
	store_close(b.store);
	unlink(ring);
	nftw(b.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
