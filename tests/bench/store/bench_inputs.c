/* What writing down an input costs the engine's thread, a quote or a look at the clocks at a time, beside a bare push of as many bytes into a ring. JSON lines. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/ring.h"
#include "store/inputs.h"
#include "tests/bench/bench.h"
#include <ftw.h>

enum { PUTS = 4096, RUN = 64, ROUNDS = 9, PASSES = 4 };

static char folder[64];

static void die(const char *what)
{
	fprintf(stderr, "bench_inputs: %s: %s\n", what, err_text());
	exit(1);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *w)
{
	(void)st, (void)flag, (void)w;
	return remove(path);
}

static double put_once(struct inputs *to, const void *p, size_t n)
{
	double ns[PUTS / RUN];
	for (int i = 0; i < PUTS; i += RUN) {
		int64_t from = bench_ns();
		for (int k = 0; k < RUN; k++)
			inputs_put(to, 1, 0, (uint16_t)k, p, n);
		ns[i / RUN] = (double)(bench_ns() - from) / RUN;
	}
	return bench_quantile(ns, PUTS / RUN, 0.5);
}

/* Nobody pops while it is measured, as nobody does here. */
static double push_once(struct ring *r, const void *p, void *out)
{
	double ns[PUTS / RUN];
	for (int i = 0; i < PUTS; i += RUN) {
		int64_t from = bench_ns();
		for (int k = 0; k < RUN; k++)
			bench_keep(ring_push(r, p));
		ns[i / RUN] = (double)(bench_ns() - from) / RUN;
	}
	while (ring_pop(r, out))
		;
	return bench_quantile(ns, PUTS / RUN, 0.5);
}

static void bench_put(struct inputs *to, const char *what, size_t n)
{
	static uint8_t bytes[512], out[512];
	struct bench_rounds rounds = { 0 };
	struct bench_line l;
	struct inputs_block b;
	struct ring r;
	if (ring_init(&r, n + sizeof(struct inputs_entry), 2 * PUTS))
		die("ring");
	for (int round = 0; round < ROUNDS; round++) {
		double ours = 0, other = 0;
		for (int pass = 0; pass < PASSES; pass++) {
			ours += put_once(to, bytes, n) / PASSES;
			other += push_once(&r, bytes, out) / PASSES;
			usleep(50000);
			while (inputs_next_block(to, &b))
				;
		}
		bench_round(&rounds, ours, other);
	}
	ring_free(&r);
	struct json_out *j = bench_open(&l, "inputs", what);
	json_uint(j, "bytes", n);
	bench_put_rounds(j, &rounds, "ns", "ring");
	json_uint(j, "lost", to->lost);
	bench_tell(&l);
}

int main(void)
{
	struct store *s;
	struct inputs *to;
	char path[96];
	log_set_level(LOG_ERROR);
	snprintf(folder, sizeof folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder))
		die("mkdtemp");
	snprintf(path, sizeof path, "%s/db", folder);
	if (store_open(&(struct store_options){ .path = path }, &s))
		die("store");
	if (inputs_open(s, 1, 1, &to))
		die("inputs");
	bench_put(to, "put_quote", 80);
	bench_put(to, "put_clocks", 16);
	inputs_close(to);
	if (store_close(s))
		die("close");
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
