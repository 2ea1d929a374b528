/* Proves that a feed is never LIVE with a book that the venue did not have, and is LIVE again after any loss, under both join rules. */
#include "core/base/rng.h"
#include "core/market/feed.h"
#include "tests/unit/suite.h"
#include <string.h>

enum { PRICES = 40, CHANGES = 400, LEVELS = 4 };

static struct feed_set set;

static void feed_open(struct feed *f, enum feed_join join, bool depth_expected, uint32_t levels)
{
	const struct feed_options o = { .join = (uint8_t)join,
					.depth_expected = depth_expected,
					.px_may_be_negative = true,
					.levels = levels };
	ck_assert(set.pool.n || feed_set_init(&set, 2) == 0);
	ck_assert_int_eq(feed_init(f, &o, &set), 0);
}

/* What the venue did: its book after every change, and the change as a message. */
struct venue {
	struct {
		int64_t first, last, prev;
		struct level level[side_max][LEVELS];
		uint32_t n[side_max];
	} change[CHANGES];
	int64_t qty[CHANGES + 1][side_max][PRICES]; /* [k]: after k changes */
	int64_t base;				    /* number that stands before the first change */
};

static void generate(struct venue *v, struct rng *r)
{
	memset(v, 0, sizeof *v);
	v->base = 1000;
	int64_t last = v->base;
	for (int px = 0; px < PRICES; px++)
		v->qty[0][px < PRICES / 2 ? SIDE_BUY : SIDE_SELL][px] = 1;
	for (int k = 0; k < CHANGES; k++) {
		memcpy(v->qty[k + 1], v->qty[k], sizeof v->qty[k]);
		v->change[k].prev = last;
		v->change[k].first = last + 1;
		last += rng_range(r, 1, 5);
		v->change[k].last = last;
		for (int i = 0; i < LEVELS; i++) {
			int px = (int)rng_below(r, PRICES),
			    s = px < PRICES / 2 ? SIDE_BUY : SIDE_SELL;
			int64_t qty = rng_chance(r, 300000) ? 0 : rng_range(r, 1, 99);
			v->change[k].level[s][v->change[k].n[s]++] = (struct level){ px, qty };
			v->qty[k + 1][s][px] = qty;
		}
	}
}

static struct depth message(const struct venue *v, int k, bool with_prev, int64_t now)
{
	return (struct depth){
		.first_seq = v->change[k].first,
		.last_seq = v->change[k].last,
		.prev_seq = with_prev ? v->change[k].prev : 0,
		.recv_ns = now,
		.level = { v->change[k].level[0], v->change[k].level[1] },
		.n = { v->change[k].n[0], v->change[k].n[1] },
	};
}

static int64_t seq_after(const struct venue *v, int changes)
{
	return changes ? v->change[changes - 1].last : v->base;
}

/* The venue's book after so many changes, as a snapshot. */
static struct feed_result snapshot(struct feed *f, const struct venue *v, int changes, int64_t now)
{
	static struct level level[side_max][PRICES];
	struct depth d = { .last_seq = seq_after(v, changes), .recv_ns = now };
	for (int s = 0; s < side_max; s++) {
		d.level[s] = level[s];
		for (int px = 0; px < PRICES; px++)
			if (v->qty[changes][s][px])
				level[s][d.n[s]++] = (struct level){ px, v->qty[changes][s][px] };
	}
	return feed_snapshot(f, &d);
}

/* Is the book what the venue had at the number that the feed claims? */
static void honest(const struct feed *f, const struct venue *v)
{
	if (f->top.state != BOOK_LIVE)
		return;
	int k = 0;
	while (k < CHANGES && seq_after(v, k) != f->last_seq)
		k++;
	EXPECT_MSG(seq_after(v, k) == f->last_seq, "LIVE at a number that the venue never had");
	for (int s = 0; s < side_max; s++)
		for (int px = 0, n = 0; px < PRICES; px++) {
			int64_t qty = v->qty[k][s][px];
			n += qty != 0;
			const struct level *l = NULL;
			for (uint32_t i = 0; i < f->book.n[s]; i++)
				if (f->book.level[s][i].px == px)
					l = &f->book.level[s][i];
			EXPECT_MSG(qty == (l ? l->qty : 0), "seq %lld: a level differs",
				   (long long)f->last_seq);
			EXPECT(px < PRICES - 1 || (uint32_t)n == f->book.n[s]);
		}
}

/* Drops, doubles and swaps the venue's messages; snapshots come late and sometimes twice. */
static void storm(enum feed_join join, uint64_t seed)
{
	static struct venue v;
	struct feed f;
	struct rng r;
	int at[CHANGES * 2], n = 0, due = -1, best = 0;
	int64_t newest = 0;
	rng_seed(&r, seed);
	generate(&v, &r);
	feed_open(&f, join, true, PRICES);
	for (int k = 0; k < CHANGES; k++) {
		bool calm = k > CHANGES - 60;
		if (!calm && rng_chance(&r, 60000))
			continue;
		at[n++] = k;
		if (!calm && rng_chance(&r, 60000))
			at[n++] = k;
		if (!calm && n > 1 && rng_chance(&r, 60000)) {
			int x = at[n - 1];
			at[n - 1] = at[n - 2];
			at[n - 2] = x;
		}
	}
	for (int i = 0; i < n; i++) {
		struct depth d = message(&v, at[i], join == JOIN_PREV, i + 1);
		struct feed_result res = feed_depth(&f, &d);
		best = at[i] + 1 > best ? at[i] + 1 : best;
		honest(&f, &v);
		if (!(i % 97) && at[i] < CHANGES - 60)
			res.want_snapshot |= feed_bad(&f, i + 1).want_snapshot;
		if (res.want_snapshot)
			due = i + (int)rng_below(&r, 6);
		if (due >= 0 && i >= due) {
			due = -1; /* as the venue stands now, a little before or a little ahead of what has arrived */
			int when = best + (int)rng_range(&r, -4, 3);
			when = when < 0 ? 0 : when > CHANGES ? CHANGES : when;
			res = snapshot(&f, &v, when, i + 1);
			honest(&f, &v);
			if (rng_chance(&r, 200000)) {
				struct feed_result twice = snapshot(&f, &v, when, i + 1);
				res.want_snapshot |= twice.want_snapshot;
			}
			if (res.want_snapshot)
				due = i + 1;
		}
		honest(&f, &v);
		if (f.top.state == BOOK_LIVE) {
			EXPECT_MSG(f.last_seq >= newest, "LIVE on an older book than before");
			newest = f.last_seq;
		}
	}
	EXPECT_MSG(f.top.state == BOOK_LIVE, "seed %llu: %s at the end", (unsigned long long)seed,
		   book_state_name((enum book_state)f.top.state));
	EXPECT(f.last_seq == seq_after(&v, CHANGES));
	feed_free(&f);
}

START_TEST(test_storm)
{
	for (uint64_t seed = 1; seed <= 150; seed++)
		storm((enum feed_join)_i, seed);
}
END_TEST

static struct depth change(int64_t first, int64_t last, int64_t prev, const struct level *bid)
{
	return (struct depth){ .first_seq = first,
			       .last_seq = last,
			       .prev_seq = prev,
			       .recv_ns = last,
			       .level = { bid },
			       .n = { bid ? 1 : 0 } };
}

/* After a snapshot 100: which first changes join it. */
START_TEST(test_first_change)
{
	static const struct {
		enum feed_join join;
		int64_t first, last, prev;
		enum book_state after;
		int64_t seq;
	} row[] = {
		{ JOIN_LAST_PLUS_1, 101, 105, 0, BOOK_LIVE, 105 },
		{ JOIN_LAST_PLUS_1, 98, 103, 0, BOOK_LIVE, 103 }, /* overlaps */
		{ JOIN_LAST_PLUS_1, 95, 100, 0, BOOK_LIVE, 100 }, /* in it already: dropped */
		{ JOIN_LAST_PLUS_1, 102, 105, 0, BOOK_GAP, 100 },
		{ JOIN_PREV, 98, 103, 97, BOOK_LIVE, 103 },
		{ JOIN_PREV, 98, 100, 97, BOOK_LIVE, 100 },   /* ends at it */
		{ JOIN_PREV, 95, 99, 94, BOOK_LIVE, 100 },    /* before it: dropped */
		{ JOIN_PREV, 103, 105, 100, BOOK_LIVE, 105 }, /* follows it */
		{ JOIN_PREV, 103, 105, 102, BOOK_GAP, 100 },
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct feed f;
		struct level bid = { 7, 7 };
		feed_open(&f, row[i].join, true, 8);
		struct depth s = change(0, 100, 0, &bid),
			     d = change(row[i].first, row[i].last, row[i].prev, &bid);
		feed_snapshot(&f, &s);
		struct feed_result r = feed_depth(&f, &d);
		EXPECT_MSG(f.top.state == row[i].after && f.last_seq == row[i].seq,
			   "row %zu: %s at %lld", i, book_state_name((enum book_state)f.top.state),
			   (long long)f.last_seq);
		ck_assert_int_eq(r.want_snapshot, row[i].after == BOOK_GAP);
		feed_free(&f);
	}
}
END_TEST

static struct quote quote(int64_t seq, int64_t bid, int64_t ask)
{
	return (struct quote){ .px = { bid, ask }, .qty = { 1, 1 }, .seq = seq, .recv_ns = seq };
}

/* Only the first change behind a snapshot may overlap it: later it would hide that something is missing. */
START_TEST(test_no_second_overlap)
{
	struct level bid = { 7, 7 };
	for (unsigned join = JOIN_LAST_PLUS_1; join <= JOIN_PREV; join++) {
		struct feed f;
		struct depth s = change(0, 100, 0, &bid), d = change(99, 103, 98, &bid),
			     e = change(102, 107, 101, &bid);
		feed_open(&f, (enum feed_join)join, true, 8);
		feed_snapshot(&f, &s);
		feed_depth(&f, &d);
		ck_assert(f.top.state == BOOK_LIVE && f.last_seq == 103);
		ck_assert(feed_depth(&f, &e).want_snapshot);
		ck_assert_int_eq(f.top.state, BOOK_GAP);
		feed_free(&f);
	}
}
END_TEST

/* F30: neither a crossed best price nor a crossed book is LIVE, and one does not excuse the other. */
START_TEST(test_crossed)
{
	struct feed f;
	struct level two[] = { { 10, 1 } }, ask[] = { { 12, 1 } };
	struct depth s = { .last_seq = 100, .recv_ns = 1, .level = { two, ask }, .n = { 1, 1 } };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	feed_snapshot(&f, &s);
	struct quote q = quote(101, 13, 12);
	feed_quote(&f, &q);
	ck_assert_int_eq(f.top.state, BOOK_CROSSED);
	q = quote(102, 11, 12);
	feed_quote(&f, &q);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	struct level up = { 12, 5 };
	struct depth d = change(101, 101, 0, &up);
	feed_depth(&f, &d);
	ck_assert_int_eq(f.top.state, BOOK_CROSSED);
	q = quote(103, 11, 12); /* sound by itself; the book is not */
	feed_quote(&f, &q);
	ck_assert_int_eq(f.top.state, BOOK_CROSSED);
	up.qty = 0;
	d = change(102, 102, 0, &up);
	feed_depth(&f, &d);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	ck_assert_int_eq(f.top.q.seq, 103); /* the best price is still the newer */
	feed_free(&f);
}
END_TEST

/* F33: what is older than what is known changes nothing. */
START_TEST(test_old_news)
{
	struct feed f;
	struct level bid = { 10, 1 }, ask = { 12, 1 };
	struct depth s = { .last_seq = 100, .recv_ns = 1, .level = { &bid, &ask }, .n = { 1, 1 } };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	feed_snapshot(&f, &s);
	struct quote q = quote(99, 5, 6);
	ck_assert(!feed_quote(&f, &q).top_changed);
	ck_assert_int_eq(f.top.q.px[SIDE_BUY], 10);
	bid.px = 9;
	s.last_seq = 90;
	ck_assert(!feed_snapshot(&f, &s).top_changed);
	ck_assert_int_eq(f.last_seq, 100);
	struct depth d = change(100, 100, 0, &bid);
	ck_assert(!feed_depth(&f, &d).top_changed);
	ck_assert_uint_eq(f.dropped, 2);
	feed_free(&f);
}
END_TEST

/* The session ends, bytes cannot be read, snapshots do not come. */
START_TEST(test_down_bad_overdue)
{
	struct feed f;
	struct level bid = { 10, 1 }, ask = { 12, 1 };
	struct depth s = { .last_seq = 100, .recv_ns = 1, .level = { &bid, &ask }, .n = { 1, 1 } };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	ck_assert(!feed_bad(&f, 5).want_snapshot); /* nothing to lose yet */
	feed_snapshot(&f, &s);
	ck_assert(feed_bad(&f, 10).want_snapshot);
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	for (int i = 0; i < 100; i++) /* a flood of them is not a flood of requests */
		ck_assert(!feed_bad(&f, 11 + i).want_snapshot);
	ck_assert(!feed_overdue(&f, 1000, 2000));
	ck_assert(feed_overdue(&f, 3000, 2000));
	s.last_seq = 99; /* older than the book was: asked again, not believed */
	ck_assert(feed_snapshot(&f, &s).want_snapshot);
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	s.last_seq = 100;
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	feed_down(&f, 50);
	ck_assert_int_eq(f.top.state, BOOK_EMPTY);
	ck_assert_int_eq(f.top.q.qty[SIDE_BUY], 0);
	s.last_seq = 3; /* a new session may count anew */
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	feed_free(&f);
}
END_TEST

/* More changes than are kept while a snapshot travels: it asks again and gets there. */
START_TEST(test_buffer_overflow)
{
	struct feed f;
	struct level bid = { 10, 1 }, ask = { 12, 1 };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	unsigned asked = 0;
	int64_t seq = 100;
	for (int i = 0; i < 5000; i++, seq++) {
		struct depth d = change(seq, seq, 0, &bid);
		asked += feed_depth(&f, &d).want_snapshot;
		ck_assert_int_eq(f.top.state, BOOK_RECOVERING);
	}
	ck_assert_uint_eq(asked, 5); /* at the start, and whenever 1024 were full */
	struct depth s = {
		.last_seq = seq - 10, .recv_ns = 1, .level = { &bid, &ask }, .n = { 1, 1 }
	};
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	ck_assert_int_eq(f.last_seq, seq - 1);
	feed_free(&f);
}
END_TEST

START_TEST(test_quotes_alone)
{
	struct feed f;
	feed_open(&f, JOIN_LAST_PLUS_1, false, 8);
	struct quote q = quote(0, 10, 11); /* a venue without numbers */
	q.recv_ns = 5;
	ck_assert(feed_quote(&f, &q).state_changed);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	q = quote(0, 12, 11);
	feed_quote(&f, &q);
	ck_assert_int_eq(f.top.state, BOOK_CROSSED);
	feed_bad(&f, 9);
	ck_assert_int_eq(f.top.state, BOOK_EMPTY);
	q = quote(0, 10, 11);
	feed_quote(&f, &q);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	feed_free(&f);
}
END_TEST

/* Numbers that no venue counts to are not believed, and what was believed by mistake is given up when all else is older. */
START_TEST(test_wrong_numbers)
{
	const int64_t far = INT64_MAX - 5, s2 = 2000000000;
	struct feed f;
	struct level bid = { 10, 1 }, ask = { 12, 1 };
	struct depth s = { .last_seq = 100, .recv_ns = 1, .level = { &bid, &ask }, .n = { 1, 1 } };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	feed_snapshot(&f, &s);
	struct quote q = quote(far, 10, 12);
	q.recv_ns = 2;
	ck_assert(feed_quote(&f, &q).want_snapshot);
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	s.last_seq = far; /* a snapshot that leaps is refused as well */
	ck_assert(feed_snapshot(&f, &s).want_snapshot);
	s.last_seq = 101;
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	struct depth d = change(102, far, 0, &bid);
	d.recv_ns = 3;
	ck_assert(feed_depth(&f, &d).want_snapshot);
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	s.last_seq = 102;
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);

	/* Not a leap, and yet ahead of all that follows: the quote gives way to the book, the book to a snapshot. */
	q = quote(5000, 11, 12);
	q.recv_ns = 10;
	feed_quote(&f, &q);
	d = change(103, 103, 0, &bid);
	d.recv_ns = 20;
	feed_depth(&f, &d);
	ck_assert_int_eq(f.top.q.px[SIDE_BUY], 11);
	d = change(104, 104, 0, &bid);
	d.recv_ns = 11 + s2;
	feed_depth(&f, &d);
	ck_assert_int_eq(f.top.q.px[SIDE_BUY], 10);
	d = change(105, 9000, 0, &bid);
	d.recv_ns = 20 + s2;
	feed_depth(&f, &d);
	d = change(106, 106, 0, &bid);
	d.recv_ns = 21 + s2;
	ck_assert(!feed_depth(&f, &d).state_changed);
	d = change(107, 107, 0, &bid);
	d.recv_ns = 21 + 2 * s2;
	ck_assert(feed_depth(&f, &d).want_snapshot);
	s.last_seq = 107;
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	ck_assert_int_eq(f.last_seq, 107);
	feed_free(&f);
}
END_TEST

/* A change far ahead that was kept for the snapshot does not keep it from joining, once those that came seconds later turn out to lie before it. */
START_TEST(test_hole_among_the_kept)
{
	struct feed f;
	struct level bid = { 10, 1 }, ask = { 12, 1 };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	const int64_t seq[] = { 100, 101, 7777, 102, 103 };
	for (size_t i = 0; i < sizeof seq / sizeof *seq; i++) {
		struct depth d = change(seq[i], seq[i], 0, &bid);
		d.recv_ns = 1 + (int64_t)i * 1500000000; /* nothing is on its way for so long */
		feed_depth(&f, &d);
	}
	struct depth s = { .last_seq = 102, .recv_ns = 1, .level = { &bid, &ask }, .n = { 1, 1 } };
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	ck_assert_int_eq(f.last_seq, 103);
	feed_free(&f);
}
END_TEST

/* How long a repair took is told once, with the repair: a book that is uncrossed later took no time. */
START_TEST(test_took)
{
	struct feed f;
	struct level bid = { 10, 1 }, ask = { 12, 1 };
	struct depth s = { .last_seq = 100, .recv_ns = 50, .level = { &bid, &ask }, .n = { 1, 1 } };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	ck_assert_int_eq(feed_snapshot(&f, &s).took_ns, 0); /* nothing was broken */
	ck_assert_int_eq(feed_bad(&f, 1000).took_ns, 0);
	s.last_seq = 101;
	s.recv_ns = 1700;
	struct feed_result r = feed_snapshot(&f, &s);
	ck_assert(r.state_changed && f.top.state == BOOK_LIVE);
	ck_assert_int_eq(r.took_ns, 700);
	struct quote q = quote(102, 12, 12);
	r = feed_quote(&f, &q);
	ck_assert(f.top.state == BOOK_CROSSED && r.took_ns == 0);
	q = quote(103, 10, 12);
	r = feed_quote(&f, &q);
	ck_assert(r.state_changed && f.top.state == BOOK_LIVE);
	ck_assert_int_eq(r.took_ns, 0);
	feed_free(&f);
	feed_open(&f, JOIN_LAST_PLUS_1, false, 8);
	q = quote(1, 10, 12);
	ck_assert_int_eq(feed_quote(&f, &q).took_ns, 0);
	feed_bad(&f, q.recv_ns + 10);
	q = quote(2, 10, 12);
	q.recv_ns += 100;
	ck_assert_int_eq(feed_quote(&f, &q).took_ns, 91);
	feed_free(&f);
}
END_TEST

/* A snapshot that is crossed, and stays so. */
START_TEST(test_stuck_crossed)
{
	struct feed f;
	struct level bid = { 12, 1 }, ask = { 12, 1 };
	struct depth s = { .last_seq = 100, .recv_ns = 50, .level = { &bid, &ask }, .n = { 1, 1 } };
	feed_open(&f, JOIN_LAST_PLUS_1, true, 8);
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_CROSSED);
	ck_assert(!feed_stuck(&f, 1050, 1000) && feed_stuck(&f, 1051, 1000));
	ck_assert(feed_bad(&f, 1051).want_snapshot);
	ck_assert(!feed_stuck(&f, 9000, 1000));
	bid.px = 11;
	feed_snapshot(&f, &s);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	struct quote q = quote(101, 0, 12);
	q.qty[SIDE_BUY] = 0;
	ck_assert(feed_quote(&f, &q).emptied);
	q.seq++;
	ck_assert(!feed_quote(&f, &q).emptied); /* told once */
	feed_free(&f);
}
END_TEST

/* The whole table, as text: a change of it is seen here. */
START_TEST(test_table)
{
	static const char *const want[] = {
		[BOOK_EMPTY] = "RECOVERING EMPTY LIVE EMPTY ",
		[BOOK_LIVE] = "RECOVERING GAP LIVE EMPTY ",
		[BOOK_GAP] = "RECOVERING GAP LIVE EMPTY ",
		[BOOK_RECOVERING] = "RECOVERING RECOVERING LIVE EMPTY ",
	};
	for (unsigned s = 0; s < sizeof want / sizeof *want; s++) {
		char row[256] = "";
		for (unsigned e = 0; e < feed_event_max; e++) {
			struct feed_state x = { .chain = (uint8_t)s };
			feed_state_move(&x, (enum feed_event)e);
			if (e > FEED_EV_DOWN) {
				ck_assert_uint_eq(x.chain, s); /* a bar is no matter of the chain */
				continue;
			}
			ck_assert_uint_eq(x.bars, 0);
			strcat(row, book_state_name((enum book_state)x.chain));
			strcat(row, " ");
		}
		ck_assert_str_eq(row, want[s]);
	}
}
END_TEST

/* A bar stands until its own end, whatever else comes, and the worst of them is shown. */
START_TEST(test_bars)
{
	static const struct {
		enum feed_event event;
		enum book_state shown;
	} step[] = {
		{ FEED_EV_WHOLE, BOOK_LIVE },	{ FEED_EV_CROSS, BOOK_CROSSED },
		{ FEED_EV_SILENT, BOOK_STALE }, { FEED_EV_UNCROSS, BOOK_STALE },
		{ FEED_EV_HALT, BOOK_HALTED },	{ FEED_EV_HEARD, BOOK_HALTED },
		{ FEED_EV_HOLE, BOOK_GAP },	{ FEED_EV_WHOLE, BOOK_HALTED },
		{ FEED_EV_DOWN, BOOK_EMPTY },	{ FEED_EV_WHOLE, BOOK_HALTED },
		{ FEED_EV_CROSS, BOOK_HALTED }, { FEED_EV_RESUME, BOOK_CROSSED },
		{ FEED_EV_SILENT, BOOK_STALE }, { FEED_EV_DOWN, BOOK_EMPTY },
		{ FEED_EV_WHOLE, BOOK_LIVE },
	};
	struct feed_state x = { 0 };
	for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
		feed_state_move(&x, step[i].event);
		ck_assert_msg(feed_state_shown(x) == step[i].shown, "step %zu, %s: %s", i,
			      feed_event_name(step[i].event),
			      book_state_name((enum book_state)feed_state_shown(x)));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("feed");
	TCase *group = tcase_create("feed");
	tcase_add_loop_test(group, test_storm, JOIN_LAST_PLUS_1, JOIN_PREV + 1);
	tcase_add_test(group, test_first_change);
	tcase_add_test(group, test_no_second_overlap);
	tcase_add_test(group, test_crossed);
	tcase_add_test(group, test_old_news);
	tcase_add_test(group, test_down_bad_overdue);
	tcase_add_test(group, test_buffer_overflow);
	tcase_add_test(group, test_quotes_alone);
	tcase_add_test(group, test_wrong_numbers);
	tcase_add_test(group, test_hole_among_the_kept);
	tcase_add_test(group, test_took);
	tcase_add_test(group, test_stuck_crossed);
	tcase_add_test(group, test_table);
	tcase_add_test(group, test_bars);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
