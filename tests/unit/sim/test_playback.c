/* Proves that a recording out of a store becomes a market: books first, in order of time, at the venue's decimals, with a book of one level where only best prices
 * were recorded; the same again after a rewind; and that what cannot be said exactly is refused in words. */
#include "adapters/sim/playback.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>

enum { MOST = 64 };

/* A recording in memory. */
struct reel {
	struct playback_feed port;
	struct playback_event e[MOST];
	uint32_t n, at;
	int broken_at; /* 0: never */
};

static int reel_want(struct playback_feed *f, const struct source_instrument *i, uint16_t n)
{
	(void)f, (void)i, (void)n;
	return 0;
}

static int reel_next(struct playback_feed *f, struct playback_event *out)
{
	struct reel *r = (struct reel *)f;
	if (r->broken_at && (int)r->at == r->broken_at)
		return err_set(ERR_CORRUPT, "the reel tore");
	if (r->at == r->n)
		return 0;
	*out = r->e[r->at++];
	return 1;
}

static int reel_rewind(struct playback_feed *f)
{
	((struct reel *)f)->at = 0;
	return 0;
}

static const struct playback_ops reel_ops = { .want = reel_want,
					      .next = reel_next,
					      .rewind = reel_rewind };

static struct reel reel;
static const struct source_instrument two[] = {
	{ .venue = 0, .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 3 },
	{ .venue = 1, .symbol = "BTCUSDT", .px_dp = 1, .qty_dp = 3 },
};

static struct playback_event *add(enum pack_kind kind, uint32_t instrument, int64_t at_ns)
{
	struct playback_event *e = &reel.e[reel.n++];
	*e = (struct playback_event){
		.ev = { .kind = (uint8_t)kind, .instrument = instrument, .at_ns = at_ns },
		.line_ns = at_ns,
		.px_dp = 8,
		.qty_dp = 8
	};
	return e;
}

static const int64_t e8 = 100000000;

static void add_quote(uint32_t instrument, int64_t at_ns, int64_t bid, int64_t ask, int64_t qty,
		      int64_t seq)
{
	add(PACK_QUOTE, instrument, at_ns)->ev.quote = (struct quote){
		.px = { bid * e8, ask * e8 }, .qty = { qty * e8, qty * e8 }, .seq = seq
	};
}

static void add_depth(enum pack_kind kind, uint32_t instrument, int64_t at_ns,
		      const struct level *bid, int64_t seq)
{
	add(kind, instrument, at_ns)->ev.depth = (struct depth){
		.first_seq = seq, .last_seq = seq, .level = { bid, NULL }, .n = { 1, 0 }
	};
}

static void begin(void)
{
	memset(&reel, 0, sizeof reel);
	reel.port.ops = &reel_ops;
}

static struct market_source *open_reel(void)
{
	struct market_source *s;
	ck_assert_msg(playback_open(&reel.port, two, 2, &s) == 0, "%s", err_text());
	return s;
}

static struct source_event pop(struct market_source *s)
{
	struct source_event e;
	int64_t due = source_next_ns(s);
	ck_assert_msg(source_pop(s, &e) == 1, "%s", err_text());
	ck_assert_int_eq(due, e.time_ns);
	ck_assert_ptr_null(e.raw);
	return e;
}

/* The first snapshot goes ahead of what was said before it; a later one stays where it is. */
START_TEST(test_books_first)
{
	static const struct level l[] = { { 7 * 100000000LL, 100000 },
					  { 8 * 100000000LL, 200000 } };
	begin();
	add(PACK_ALIVE, UINT32_MAX, 1);
	add_depth(PACK_DEPTH, 0, 5, &l[1], 11);
	add_depth(PACK_SNAPSHOT, 0, 6, &l[0], 10);
	add(PACK_HOLE, UINT32_MAX, 7)->ev.lost = 9;
	add_depth(PACK_SNAPSHOT, 0, 8, &l[1], 12);
	add(PACK_TRADE, 0, 9)->ev.trade =
		(struct market_trade){ .px = 5 * e8, .qty = e8, .id = 3, .aggressor = SIDE_SELL };
	struct market_source *s = open_reel();
	ck_assert_int_eq(s->first_ns, 5);
	for (int again = 0; again < 2; again++) {
		struct source_event e = pop(s);
		ck_assert_int_eq(e.kind, SOURCE_SNAPSHOT);
		ck_assert_int_eq(e.depth.last_seq, 10);
		ck_assert_int_eq(e.depth.level[SIDE_BUY][0].px, 700); /* 2 decimals */
		ck_assert_int_eq(e.depth.level[SIDE_BUY][0].qty, 1);
		ck_assert_int_eq(e.time_ns, 5);
		e = pop(s);
		ck_assert_int_eq(e.kind, SOURCE_DEPTH);
		ck_assert_int_eq(e.depth.level[SIDE_BUY][0].px, 800);
		e = pop(s);
		ck_assert_int_eq(e.kind, SOURCE_SNAPSHOT);
		ck_assert_int_eq(e.time_ns, 8);
		e = pop(s);
		ck_assert_int_eq(e.kind, SOURCE_TRADE);
		ck_assert_int_eq(e.trade.px, 500);
		ck_assert_int_eq(e.trade.qty, 1000);
		ck_assert_int_eq(e.trade.aggressor, SIDE_SELL);
		ck_assert_int_eq(source_next_ns(s), INT64_MAX);
		ck_assert_int_eq(source_pop(s, &e), 0);
		const struct playback_stats *p = playback_stats(s);
		ck_assert_uint_eq(p->events, 4);
		ck_assert_uint_eq(p->silent, 2);
		ck_assert_uint_eq(p->lost, 9);
		ck_assert_int_eq(source_rewind(s), 0);
	}
	source_free(s);
}
END_TEST

/* Follows the changes as a host does; numbers join, and the book is the quote's, always. */
START_TEST(test_best_prices_only)
{
	static const int64_t px[][2] = { { 10, 11 }, { 10, 11 }, { 9, 11 }, { 9, 12 }, { 13, 14 } };
	static const int64_t qty[] = { 5, 6, 6, 6, 0 };
	static const int64_t seq[] = { 0, 0, 900, 0, 850 }; /* missing, leaping, falling */
	begin();
	for (int k = 0; k < 5; k++)
		add_quote(1, k, px[k][0], px[k][1], qty[k], seq[k]);
	struct market_source *s = open_reel();
	struct source_event e = pop(s);
	ck_assert_int_eq(e.kind, SOURCE_SNAPSHOT);
	ck_assert_int_eq(e.instrument, 1);
	ck_assert_int_eq(e.venue, 1);
	int64_t last = e.depth.last_seq;
	struct level book[side_max];
	for (int side = 0; side < side_max; side++) {
		ck_assert_uint_eq(e.depth.n[side], 1);
		book[side] = e.depth.level[side][0];
	}
	for (int k = 0; k < 5; k++) {
		e = pop(s);
		ck_assert_int_eq(e.kind, SOURCE_DEPTH);
		ck_assert_int_eq(e.depth.first_seq, last + 1);
		ck_assert_int_eq(e.depth.prev_seq, last);
		ck_assert_int_ge(e.depth.last_seq, e.depth.first_seq);
		last = e.depth.last_seq;
		for (int side = 0; side < side_max; side++)
			for (uint32_t i = 0; i < e.depth.n[side]; i++) {
				struct level l = e.depth.level[side][i];
				if (l.qty || l.px == book[side].px)
					book[side] = l;
			}
		e = pop(s);
		ck_assert_int_eq(e.kind, SOURCE_QUOTE);
		ck_assert_int_eq(e.quote.seq, last);
		for (int side = 0; side < side_max; side++) {
			ck_assert_int_eq(e.quote.qty[side], qty[k] * 1000);
			ck_assert_int_eq(book[side].qty, e.quote.qty[side]);
			ck_assert_msg(!book[side].qty || book[side].px == px[k][side] * 10,
				      "quote %d", k);
		}
	}
	ck_assert_int_eq(last, 902);
	source_free(s);
}
END_TEST

START_TEST(test_decimals)
{
	struct market_source *s;
	begin();
	add_quote(0, 1, 10, 11, 5, 1);
	reel.e[0].ev.quote.px[SIDE_BUY] += 1; /* the eighth decimal */
	ck_assert_int_eq(playback_open(&reel.port, two, 2, &s), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "8 decimals"));
	reel.e[0].ev.quote.px[SIDE_BUY] = INT64_MAX / 10;
	reel.e[0].px_dp = 0; /* times 100 does not fit */
	ck_assert_int_eq(playback_open(&reel.port, two, 2, &s), -ERR_CONFIG);
}
END_TEST

START_TEST(test_nothing_and_torn)
{
	struct market_source *s;
	struct source_event e;
	begin();
	ck_assert_int_eq(playback_open(&reel.port, two, 2, &s), -ERR_NOTFOUND);
	add_quote(UINT32_MAX, 1, 10, 11, 5, 1);
	ck_assert_int_eq(playback_open(&reel.port, two, 2, &s), -ERR_NOTFOUND);
	ck_assert_int_eq(playback_open(&reel.port, two, 0, &s), -ERR_ARG);
	begin();
	for (int k = 0; k < 4; k++)
		add_quote(0, k, 10, 11, 5, k + 1);
	s = open_reel();
	reel.broken_at = 2;
	for (int k = 0; k < 5; k++) /* the book, and two quotes with their changes */
		(void)pop(s);
	ck_assert_int_eq(source_next_ns(s), 1);
	ck_assert_int_eq(source_pop(s, &e), -ERR_CORRUPT);
	ck_assert_str_eq(err_text(), "the reel tore");
	source_free(s);
}
END_TEST

SUITE("playback", test_books_first, test_best_prices_only, test_decimals, test_nothing_and_torn)
