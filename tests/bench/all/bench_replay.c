/* How fast a recorded life runs again through the host's own engine, scripts and receipts, beside a plain C loop that reads the same recording, keeps both best prices, and works
 * out the basis and two thresholds: no book, no rule, no risk, no receipt. bench_replay [DB]; without one the demo makes one. JSON lines. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/replay.h"
#include "tests/bench/bench.h"
#include <ftw.h>

enum { ROUNDS = 7, QUICK = 3, INSTRUMENTS = 16 };

static char folder[64], store[96];

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "bench_replay: %s: %s\n", what, err_text());
	exit(1);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *w)
{
	(void)st, (void)flag, (void)w;
	return remove(path);
}

/* Market time runs forty times as fast as its own pace. */
static void record(bool quick)
{
	const char *tandem = getenv("TANDEM");
	char cmd[400];
	snprintf(folder, sizeof folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder))
		die("mkdtemp");
	snprintf(store, sizeof store, "%s/db", folder);
	snprintf(cmd, sizeof cmd,
		 "'%s' demo --db '%s' --speed 40 --duration %d --json >'%s/out' 2>&1",
		 tandem ? tandem : "tandem", store, quick ? 80 : 1200, folder);
	if (system(cmd))
		die("the demo, which is to record (TANDEM: the program)");
}

/* ---- the plain loop ---- */

struct plain {
	double px[INSTRUMENTS][2];
	uint64_t entries, quotes, hits;
};

static void look(struct plain *p, uint32_t instrument, const int64_t px[2])
{
	const double fee = 4e-4, open = 8e-4;
	if (instrument >= INSTRUMENTS || !px[0] || !px[1])
		return;
	p->quotes++;
	p->px[instrument][0] = (double)px[0];
	p->px[instrument][1] = (double)px[1];
	const double *near = p->px[0], *far = p->px[1];
	if (near[0] == 0 || far[0] == 0)
		return;
	const double sell = (near[0] - far[1]) / far[1] - fee,
		     buy = (near[1] - far[0]) / far[0] + fee;
	p->hits += sell >= open || buy <= -open;
}

static void walk(struct plain *p, const uint8_t *block)
{
	const struct inputs_head *h = (const struct inputs_head *)(const void *)block;
	const uint8_t *at = block + sizeof *h, *end = at + h->used;
	for (const struct inputs_entry *e; (e = inputs_entry_at(at, end, &at));) {
		const void *x = e + 1;
		if (e->kind == INPUT_QUOTE) {
			const struct input_quote *q = x;
			look(p, q->instrument, q->q.px);
		} else if (e->kind == INPUT_DEPTH || e->kind == INPUT_SNAPSHOT) {
			const struct input_depth *d = x;
			const struct level *l = (const struct level *)(const void *)(d + 1);
			if (d->n[0] && d->n[1])
				look(p, d->instrument,
				     (const int64_t[2]){ l[0].px, l[d->n[0]].px });
		}
		p->entries++;
	}
}

static double plain_s(const char *path, struct plain *p)
{
	static uint8_t block[INPUTS_BLOCK] __attribute__((aligned(64)));
	struct inputs_reader *r;
	uint32_t life[256], n;
	*p = (struct plain){ 0 };
	const int64_t from = bench_ns();
	if (inputs_reader_open(path, &r) || inputs_reader_lives(r, life, 256, &n))
		die(path);
	for (uint32_t i = 0; i < n; i++)
		for (uint64_t k = 0; !inputs_reader_block(r, life[i], k, INPUTS_LAYOUT, block); k++)
			walk(p, block);
	inputs_reader_close(r);
	bench_keep((int64_t)p->hits);
	return (double)(bench_ns() - from) / 1e9;
}

/* ---- the replay ---- */

static double replay_s(const char *path, struct replay_counts *n)
{
	const struct replay_options o = { .path = path };
	struct replay_difference d;
	struct reader *r;
	const int64_t from = bench_ns();
	if (reader_open(path, &r) || replay_run(&o, r, n, &d))
		die(path);
	if (d.any || !n->calls)
		die("the recording did not come out as it was");
	reader_close(r);
	return (double)(bench_ns() - from) / 1e9;
}

int main(int argc, char **argv)
{
	const bool quick = bench_quick(argc, argv);
	const char *path = argc > 1 && !quick ? argv[1] : store;
	struct bench_rounds rounds = { 0 };
	struct bench_line l;
	struct replay_counts n;
	struct plain p;
	log_set_level(LOG_ERROR);
	if (path == store)
		record(quick);
	for (int i = 0; i < (quick ? QUICK : ROUNDS); i++) {
		const double ours = replay_s(path, &n), loop = plain_s(path, &p);
		/* Rates: more is better. */
		bench_round(&rounds, (double)n.entries / ours, (double)p.entries / loop);
	}
	struct json_out *j = bench_open(&l, "replay", "entries_per_s");
	bench_put_rounds(j, &rounds, "per_s", "plain_loop");
	json_uint(j, "entries", n.entries);
	json_uint(j, "quotes", p.quotes);
	json_uint(j, "calls", n.calls);
	json_uint(j, "receipts", n.receipts);
	bench_tell(&l);
	if (folder[0])
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
