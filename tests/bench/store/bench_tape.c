/* What recording costs the engine's thread, a quote or a depth of 20 levels at a time, beside a memcpy of as many bytes; what the keeper sustains down into the
 * database; what an import sustains; and what replay sustains, from the database through decoding into books. JSON lines. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/market/feed.h"
#include "store/blocks.h"
#include "store/record.h"
#include "store/tape.h"
#include "tests/bench/bench.h"
#include <ftw.h>

enum { EVENTS = 4096, LEVELS = 10, RUN = 64, ROUNDS = 7 };

static char folder[64];
static struct pack_event event[EVENTS];
static struct level level[EVENTS][side_max][LEVELS];
static struct pack_event event_copy[EVENTS];
static struct level level_copy[EVENTS][side_max][LEVELS];
static const struct pack_instrument list[] = { { "V.BTCUSDT", "BTCUSDT", 2, 5 } };
static const struct tape_venue venues[] = { { "V", true } };

static void die(const char *what)
{
	fprintf(stderr, "bench_tape: %s: %s\n", what, err_text());
	exit(1);
}

/* A market that goes on: the same shapes, later each time round. */
static void make(bool depth)
{
	struct rng r;
	int64_t at = 1723161253937085768, px = 6183763, seq = 1000;
	rng_seed(&r, 1);
	for (int k = 0; k < EVENTS; k++) {
		at += rng_range(&r, 1000, 200000);
		px += !depth && rng_chance(&r, 200000) ? rng_range(&r, -20, 20) : 0;
		event[k] =
			(struct pack_event){ .kind = depth ? PACK_DEPTH : PACK_QUOTE, .at_ns = at };
		if (!depth) {
			event[k].quote = (struct quote){ .px = { px, px + 1 },
							 .qty = { rng_range(&r, 1, 900000),
								  rng_range(&r, 1, 900000) },
							 .seq = seq += 3,
							 .venue_ns = at - at % 1000000,
							 .recv_ns = at };
			continue;
		}
		for (int s = 0; s < side_max; s++)
			for (int i = 0; i < LEVELS; i++)
				level[k][s][i] = (struct level){
					px + (s == SIDE_BUY ? -i - (int)rng_below(&r, 2) : 1 + i),
					rng_range(&r, 0, 900000)
				};
		event[k].depth = (struct depth){ .first_seq = seq + 1,
						 .last_seq = seq + 1,
						 .prev_seq = seq,
						 .venue_ns = at - at % 1000000,
						 .recv_ns = at,
						 .level = { level[k][0], level[k][1] },
						 .n = { LEVELS, LEVELS } };
		seq++;
	}
}

/* The k-th of an endless market. */
static struct pack_event nth(uint64_t k)
{
	static int64_t span, numbers;
	const struct pack_event *first = &event[0], *last = &event[EVENTS - 1];
	struct pack_event e = event[k % EVENTS];
	int64_t round = (int64_t)(k / EVENTS);
	span = last->at_ns - first->at_ns + 100000;
	e.at_ns += round * span;
	if (e.kind == PACK_QUOTE) {
		numbers = last->quote.seq - first->quote.seq + 3;
		e.quote.seq += round * numbers;
		e.quote.venue_ns += round * span;
		e.quote.recv_ns += round * span;
	} else {
		numbers = last->depth.last_seq - first->depth.first_seq + 1;
		e.depth.first_seq += round * numbers;
		e.depth.last_seq += round * numbers;
		e.depth.prev_seq += round * numbers;
		e.depth.venue_ns += round * span;
		e.depth.recv_ns += round * span;
	}
	return e;
}

static struct store *open_store(const char *name)
{
	static char path[96];
	struct store *s;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	struct store_options o = { .path = path, .ring = folder };
	if (store_open(&o, &s))
		die(name);
	return s;
}

/* ---------------------------------------------------------------- put */

static void drain(struct tape *t)
{
	struct tape_block b;
	while (t->ops->next_block(t, &b))
		;
}

/* As fast as it goes into the blocks that lie ready; then they are given time to be kept. */
static double put_once(struct tape *t, uint64_t *k)
{
	static struct pack_event run[EVENTS];
	double ns[EVENTS / RUN];
	for (int i = 0; i < EVENTS; i++)
		run[i] = nth((*k)++);
	for (int i = 0; i < EVENTS; i += RUN) {
		int64_t from = bench_ns();
		for (int r = 0; r < RUN; r++)
			t->ops->put(t, 0, &run[i + r]);
		ns[i / RUN] = (double)(bench_ns() - from) / RUN;
	}
	return bench_quantile(ns, EVENTS / RUN, 0.5);
}

static double copy_once(bool depth)
{
	double ns[EVENTS / RUN];
	for (int i = 0; i < EVENTS; i += RUN) {
		int64_t from = bench_ns();
		for (int r = i; r < i + RUN; r++) {
			memcpy(&event_copy[r], &event[r], sizeof event_copy[r]);
			if (depth)
				memcpy(level_copy[r], level[r], sizeof level_copy[r]);
			__asm__ volatile("" : : : "memory");
		}
		ns[i / RUN] = (double)(bench_ns() - from) / RUN;
	}
	return bench_quantile(ns, EVENTS / RUN, 0.5);
}

static void bench_put(bool depth, int passes)
{
	struct bench_rounds rounds = { 0 };
	struct store *s = open_store(depth ? "put_depth" : "put_quote");
	struct tape *t;
	uint64_t k = 0;
	if (store_tape(s, venues, 1, list, 1, &t))
		die("store_tape");
	for (int round = 0; round < ROUNDS; round++) {
		double ours = 0, other = 0;
		for (int pass = 0; pass < passes; pass++) {
			ours += put_once(t, &k) / passes;
			other += copy_once(depth) / passes;
			usleep(100000);
			drain(t);
		}
		bench_round(&rounds, ours, other);
	}
	struct bench_line l;
	struct json_out *j = bench_open(&l, "tape", depth ? "put_20_levels" : "put_quote");
	json_uint(j, "lost", t->ops->lost(t));
	bench_put_rounds(j, &rounds, "ns", "memcpy");
	bench_tell(&l);
	if (store_close(s))
		die("close");
}

/* Events that are kept, a second, when the engine would give more: a put that is refused is tried again. */
static void bench_keep_up(bool depth, uint64_t n)
{
	struct store *s = open_store(depth ? "keep_depth" : "keep_quote");
	struct tape *t;
	uint64_t refused = 0;
	if (store_tape(s, venues, 1, list, 1, &t))
		die("store_tape");
	int64_t from = bench_ns();
	for (uint64_t k = 0; k < n; k++) {
		struct pack_event e = nth(k);
		while (t->ops->put(t, 0, &e)) {
			refused++;
			usleep(100);
			drain(t);
		}
		if (k % 65536 == 0)
			drain(t);
	}
	if (t->ops->finish(t))
		die("finish");
	double s_took = (double)(bench_ns() - from) / 1e9;
	struct bench_line l;
	struct json_out *j = bench_open(&l, "tape", depth ? "keep_20_levels" : "keep_quotes");
	bench_num(j, "events_per_s", (double)n / s_took);
	json_uint(j, "events", n);
	json_uint(j, "waits", refused);
	bench_tell(&l);
	drain(t);
	if (store_close(s))
		die("close");
}

/* ---------------------------------------------------------------- import and replay */

static void write_recording(const char *name, bool depth, uint64_t n)
{
	struct store *s = open_store(name);
	struct record *r;
	struct record_totals total;
	int64_t from = bench_ns();
	if (record_open(s, name, &r) || record_venue(r, "V", list, 1) < 0)
		die(name);
	for (uint64_t k = 0; k < n; k++) {
		struct pack_event e = nth(k);
		if (record_put(r, 0, &e))
			die(name);
	}
	if (record_close(r, &total))
		die(name);
	double s_took = (double)(bench_ns() - from) / 1e9;
	struct bench_line l;
	struct json_out *j = bench_open(&l, "tape", depth ? "record_20_levels" : "record_quotes");
	bench_num(j, "events_per_s", (double)n / s_took);
	bench_num(j, "bytes_an_event", (double)total.bytes / (double)n);
	json_uint(j, "events", n);
	bench_tell(&l);
	if (store_close(s))
		die("close");
}

/* Everything out of the database; with `feed` into the book of the instrument. */
static double replay(const char *name, struct feed *feed, uint64_t n)
{
	char path[96];
	struct blocks *b;
	struct blocks_event e;
	uint64_t seen = 0;
	int64_t sum = 0;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (blocks_open(path, NULL, &b))
		die(name);
	int64_t from = bench_ns();
	while (blocks_next(b, &e) == 1) {
		seen++;
		if (!feed)
			sum += e.line_ns;
		else if (e.ev.kind == PACK_QUOTE)
			sum += feed_quote(feed, &e.ev.quote).top_changed;
		else
			sum += feed_depth(feed, &e.ev.depth).top_changed;
	}
	double ns = (double)(bench_ns() - from) / (double)n;
	bench_keep(sum);
	if (seen != n)
		die("events are missing");
	blocks_close(b);
	return ns;
}

static void bench_replay(bool depth, uint64_t n)
{
	const char *name = depth ? "replay_depth" : "replay_quote";
	const struct feed_options options = { .join = JOIN_PREV,
					      .depth_expected = depth,
					      .levels = 4096 };
	struct bench_rounds rounds = { 0 };
	write_recording(name, depth, n);
	for (int round = 0; round < ROUNDS; round++) {
		struct feed f;
		if (feed_init(&f, &options, NULL))
			die("feed");
		struct level none[side_max] = { { 6183000, 1 }, { 6184000, 1 } };
		struct depth whole = { .last_seq = event[0].depth.first_seq - 1,
				       .level = { &none[0], &none[1] },
				       .n = { 1, 1 },
				       .recv_ns = 1 };
		if (depth)
			feed_snapshot(&f, &whole);
		double applied = replay(name, &f, n);
		bench_round(&rounds, applied, replay(name, NULL, n));
		if (f.top.state != BOOK_LIVE && f.top.state != BOOK_CROSSED)
			die("the book of the replay does not live");
		feed_free(&f);
	}
	struct bench_line l;
	struct json_out *j = bench_open(&l, "tape", name);
	bench_put_rounds(j, &rounds, "ns", "decoding_only");
	bench_num(j, "events_per_s", 1e9 / bench_quantile(rounds.ours, rounds.n, 0.5));
	json_uint(j, "events", n);
	bench_tell(&l);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv);
	log_set_level(LOG_ERROR);
	strcpy(folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder)) {
		perror("bench_tape");
		return 1;
	}
	for (int depth = 0; depth < 2; depth++) {
		make(depth);
		bench_put(depth, quick ? 1 : 5);
		bench_keep_up(depth, quick ? 20000 : depth ? 500000 : 4000000);
		bench_replay(depth, quick ? 20000 : depth ? 300000 : 3000000);
	}
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
