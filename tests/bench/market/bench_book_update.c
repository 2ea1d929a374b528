/* What a change costs a book once it is decoded: one level at the top, and a diff of twenty, into the book alone and through the feed, beside the same levels stored into a flat array by a
 * plain loop; and what ten thousand feeds cost in time and memory, beside ten. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/feed.h"
#include "tests/bench/bench.h"
#include <stddef.h>

enum { PRICES = 1 << 14, MID = PRICES / 2, CHANGES = 8192, LEVELS_MAX = 20, BOOK = 1000 };

struct change {
	struct level level[side_max][LEVELS_MAX];
	uint32_t n[side_max];
};

struct tape {
	const char *name;
	uint32_t levels; /* of a change */
	struct change change[CHANGES];
	int64_t qty[side_max][PRICES];	    /* while it is being made */
	struct level level[side_max][BOOK]; /* the book before the first change, best first */
	struct quote quote[CHANGES];	    /* the best prices after each change */
};

static int64_t flat[side_max][PRICES];

static void die(const char *what)
{
	fprintf(stderr, "bench_book_update: %s: %s\n", what, err_text());
	exit(1);
}

/* The i-th price from the top of a side, counted by price steps. */
static int64_t px_at(int s, int64_t best, int64_t i)
{
	return s == SIDE_BUY ? best - i : best + i;
}

static int64_t best_of(const struct tape *t, int s)
{
	int64_t px = s == SIDE_BUY ? PRICES - 1 : 0;
	while (!t->qty[s][px])
		px = px_at(s, px, 1);
	return px;
}

/* One level. The best quantity changes mostly; now and then the best goes, or a better one comes into the spread. */
static void make_top(struct tape *t, struct rng *r, struct change *c)
{
	int s = (int)rng_below(r, 2);
	int64_t px = best_of(t, s), better = px_at(s, px, -1), qty = rng_range(r, 1, 9999);
	if (rng_chance(r, 150000) && !t->qty[s ^ 1][better])
		px = better;
	else if (rng_chance(r, 150000) && (s == SIDE_BUY ? px > MID - 40 : px < MID + 40))
		qty = 0;
	c->level[s][0] = (struct level){ px, qty };
	c->n[s] = 1;
	t->qty[s][px] = qty;
}

/* Ten a side, best first as venues send them, most of them near the top; a fourth goes or comes. */
static void make_diff(struct tape *t, struct rng *r, struct change *c)
{
	for (int s = 0; s < side_max; s++) {
		int64_t px = best_of(t, s), at = 0;
		for (c->n[s] = 0; c->n[s] < LEVELS_MAX / 2; c->n[s]++, at++) {
			at += (int64_t)rng_below(r, 4);
			int64_t q = px_at(s, px, at);
			bool goes = rng_chance(r, 125000) && at > 0;
			c->level[s][c->n[s]] =
				(struct level){ q, goes ? 0 : rng_range(r, 1, 9999) };
		}
		for (uint32_t i = 0; i < c->n[s]; i++)
			t->qty[s][c->level[s][i].px] = c->level[s][i].qty;
	}
}

static void make(struct tape *t, const char *name, uint32_t levels)
{
	struct rng r;
	rng_seed(&r, 7);
	t->name = name;
	t->levels = levels;
	for (int s = 0; s < side_max; s++)
		for (int64_t i = 0; i < BOOK; i++) {
			struct level l = { px_at(s, MID + s, i), rng_range(&r, 1, 9999) };
			t->level[s][i] = l;
			t->qty[s][l.px] = l.qty;
		}
	for (uint32_t k = 0; k < CHANGES; k++) {
		(levels == 1 ? make_top : make_diff)(t, &r, &t->change[k]);
		for (int s = 0; s < side_max; s++) {
			t->quote[k].px[s] = best_of(t, s);
			t->quote[k].qty[s] = t->qty[s][t->quote[k].px[s]];
		}
	}
}

static struct depth depth_of(const struct level (*level)[LEVELS_MAX], const uint32_t *n,
			     int64_t seq)
{
	return (struct depth){ .first_seq = seq,
			       .last_seq = seq,
			       .prev_seq = seq - 1,
			       .recv_ns = seq,
			       .level = { level[SIDE_BUY], level[SIDE_SELL] },
			       .n = { n[SIDE_BUY], n[SIDE_SELL] } };
}

static struct depth whole(const struct tape *t, int64_t seq)
{
	return (struct depth){ .last_seq = seq,
			       .recv_ns = seq,
			       .level = { t->level[SIDE_BUY], t->level[SIDE_SELL] },
			       .n = { BOOK, BOOK } };
}

/* Each way over the whole tape: nanoseconds a change. */
static double by_loop(const struct tape *t)
{
	int64_t from = bench_ns();
	for (uint32_t k = 0; k < CHANGES; k++) {
		const struct change *c = &t->change[k];
		for (int s = 0; s < side_max; s++)
			for (uint32_t i = 0; i < c->n[s]; i++)
				flat[s][c->level[s][i].px] = c->level[s][i].qty;
	}
	bench_keep(flat[0][MID]);
	return (double)(bench_ns() - from) / CHANGES;
}

static double by_book(const struct tape *t, struct book *b)
{
	struct depth d = whole(t, 1);
	book_load(b, &d);
	int64_t from = bench_ns();
	for (uint32_t k = 0; k < CHANGES; k++) {
		d = depth_of(t->change[k].level, t->change[k].n, k);
		book_apply(b, &d);
	}
	bench_keep(b->n[0]);
	return (double)(bench_ns() - from) / CHANGES;
}

static void begin(const struct tape *t, struct feed *f)
{
	struct depth d = whole(t, 1);
	feed_down(f, 1);
	feed_snapshot(f, &d);
}

static void check(const struct tape *t, const struct feed *f)
{
	const struct quote *q = &t->quote[CHANGES - 1];
	for (int s = 0; s < side_max; s++)
		if (f->top.q.px[s] != q->px[s] || f->top.q.qty[s] != q->qty[s] ||
		    f->top.state != BOOK_LIVE)
			die("the top is not what it must be");
}

static double by_feed(const struct tape *t, struct feed *f)
{
	int64_t from, changed = 0;
	begin(t, f);
	from = bench_ns();
	for (uint32_t k = 0; k < CHANGES; k++) {
		struct depth d = depth_of(t->change[k].level, t->change[k].n, k + 2);
		changed += feed_depth(f, &d).top_changed;
	}
	bench_keep(changed);
	double ns = (double)(bench_ns() - from) / CHANGES;
	check(t, f);
	return ns;
}

static double by_quotes(const struct tape *t, struct feed *f)
{
	int64_t from, changed = 0;
	begin(t, f);
	from = bench_ns();
	for (uint32_t k = 0; k < CHANGES; k++) {
		struct quote q = t->quote[k];
		q.seq = q.recv_ns = k + 2;
		changed += feed_quote(f, &q).top_changed;
	}
	bench_keep(changed);
	double ns = (double)(bench_ns() - from) / CHANGES;
	check(t, f);
	return ns;
}

static void tell(const struct tape *t, const char *figure, struct bench_rounds *r, bool pinned)
{
	struct bench_line l;
	struct json_out *j = bench_open(&l, "book_update", figure);
	json_str(j, "change", t->name);
	bench_put_rounds(j, r, "ns", "loop");
	json_uint(j, "levels", t->levels);
	json_uint(j, "book_levels", BOOK);
	json_uint(j, "n", CHANGES);
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
}

static void measure(const struct tape *t, struct feed_set *set, unsigned rounds, bool pinned)
{
	const struct feed_options o = { .depth_expected = true, .levels = 6000 };
	struct bench_rounds book = { 0 }, depth = { 0 }, quote = { 0 };
	struct book b;
	struct feed f;
	if (book_init(&b, 6000) || feed_init(&f, &o, set))
		die("init");
	for (unsigned i = 0; i <= rounds; i++) {
		double loop = by_loop(t), alone = by_book(t, &b), fed = by_feed(t, &f),
		       quoted = by_quotes(t, &f);
		if (i == 0) /* caches and clocks get warm */
			continue;
		bench_round(&book, alone, loop);
		bench_round(&depth, fed, loop);
		bench_round(&quote, quoted, loop);
	}
	tell(t, "book_apply", &book, pinned);
	tell(t, "feed_depth", &depth, pinned);
	if (t->levels == 1)
		tell(t, "feed_quote", &quote, pinned);
	feed_free(&f);
	book_free(&b);
}

/* ---- many instruments ---- */

static int64_t resident(void)
{
	long pages = 0, all = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%ld %ld", &all, &pages) != 2)
		die("/proc/self/statm");
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static void fill(struct feed *f, uint32_t n, const struct tape *t, uint32_t levels)
{
	struct depth d = whole(t, 1);
	d.n[SIDE_BUY] = d.n[SIDE_SELL] = levels;
	for (uint32_t i = 0; i < n; i++) {
		feed_down(&f[i], 1);
		feed_snapshot(&f[i], &d);
	}
}

/* The quantity at the best price changes, of one instrument after another in no order. */
static double by_many(struct feed *f, uint32_t n, const struct tape *t, int64_t *seq)
{
	enum { EVENTS = 20000 };
	int64_t from = bench_ns(), changed = 0;
	uint32_t i = 0;
	for (uint32_t k = 0; k < EVENTS; k++) {
		struct level l = { t->level[SIDE_BUY][0].px, 10000 + *seq };
		i = (i + 7919) % n;
		struct depth d = { .first_seq = f[i].last_seq + 1,
				   .last_seq = f[i].last_seq + 1,
				   .recv_ns = ++*seq,
				   .level = { &l },
				   .n = { 1 } };
		changed += feed_depth(&f[i], &d).top_changed;
	}
	if (changed != EVENTS)
		die("a change was not taken");
	return (double)(bench_ns() - from) / EVENTS;
}

static void measure_many(const struct tape *t, struct feed_set *set, uint32_t n, unsigned rounds,
			 bool pinned)
{
	enum { FEW = 10, SHALLOW = 20 };
	const struct feed_options o = { .depth_expected = true, .levels = 6000 };
	struct bench_rounds many = { 0 };
	struct feed *f = calloc(n, sizeof *f);
	int64_t before = resident(), seq = 1;
	for (uint32_t i = 0; f && i < n; i++)
		if (feed_init(&f[i], &o, set))
			die("init");
	int64_t idle = resident();
	fill(f, n, t, SHALLOW);
	int64_t used = resident();
	for (unsigned i = 0; i <= rounds; i++) {
		double all = by_many(f, n, t, &seq), few = by_many(f, FEW, t, &seq);
		if (i)
			bench_round(&many, all, few);
	}
	int64_t shallow = resident();
	fill(f, n / 10, t, BOOK);
	int64_t deep = resident();
	struct bench_line l;
	struct json_out *j = bench_open(&l, "book_update", "many_feeds");
	bench_put_rounds(j, &many, "ns", "ten_feeds");
	json_uint(j, "feeds", n);
	json_int(j, "bytes_idle", (idle - before) / n);
	json_int(j, "bytes_used_20_levels", (used - before) / n);
	json_int(j, "bytes_more_1000_levels", (deep - shallow) / (n / 10));
	json_uint(j, "bytes_hot", offsetof(struct feed, crossed_ns));
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
	for (uint32_t i = 0; i < n; i++)
		feed_free(&f[i]);
	free(f);
}

int main(int argc, char **argv)
{
	static struct tape top, diff;
	bool quick = bench_quick(argc, argv), pinned = bench_cores() > 1 && bench_pin(1);
	struct feed_set set;
	if (feed_set_init(&set, 1))
		die("init");
	make(&top, "top", 1);
	make(&diff, "diff", LEVELS_MAX);
	measure(&top, &set, quick ? 7 : 41, pinned);
	measure(&diff, &set, quick ? 7 : 41, pinned);
	measure_many(&top, &set, quick ? 1000 : 10000, quick ? 7 : 21, pinned);
	feed_set_free(&set);
	return 0;
}
