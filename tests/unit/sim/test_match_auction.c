/* Proves that an auction gathers without trading and ends at one price, that of the largest volume: who is filled, for how much, in which order, and at which of several
 * possible prices. */
#include "adapters/sim/match.h"
#include "tests/unit/suite.h"

enum { TOLD = 64 };
static struct match book;
static struct match_event told[TOLD];
static unsigned n_told;
static uint64_t next_id;

static void hear(void *owner, const struct match_event *e)
{
	(void)owner;
	ck_assert_uint_lt(n_told, TOLD);
	told[n_told++] = *e;
}

static void begin(void)
{
	next_id = 1;
	ck_assert_int_eq(match_init(&book, 8, 16, 1, hear, NULL), 0);
	match_collect(&book);
}

static uint64_t gather(enum side side, int64_t px, int64_t qty)
{
	const struct match_order o = {
		.id = next_id++, .px = px, .qty = qty, .side = (uint8_t)side, .tif = TIF_DAY
	};
	n_told = 0;
	match_place(&book, 0, &o);
	ck_assert_uint_eq(n_told, 1);
	ck_assert_int_eq(told[0].kind, MATCH_ACK);
	n_told = 0;
	return o.id;
}

static void expect(int64_t px, int64_t qty)
{
	n_told = 0;
	struct match_auction a = match_uncross(&book, 7, 1);
	ck_assert_int_eq(a.qty, qty);
	ck_assert_int_eq(a.px, px);
	for (unsigned i = 0; i < n_told; i++) {
		ck_assert_int_eq(told[i].kind, MATCH_FILL);
		ck_assert_int_eq(told[i].px, px);
		ck_assert(!told[i].maker);
		ck_assert_int_eq(told[i].at_ns, 7);
	}
	ck_assert(!book.collecting);
}

START_TEST(nothing_trades_until_it_ends)
{
	begin();
	uint64_t bid = gather(SIDE_BUY, 110, 5), ask = gather(SIDE_SELL, 90, 5);
	const struct level l[side_max] = { { 120, 9 }, { 80, 9 } };
	const struct depth d = { .level = { &l[0], &l[1] }, .n = { 1, 1 } };
	ck_assert(match_market_snapshot(&book, 0, &d));
	match_market_trade(&book, 0, &(struct market_trade){ .px = 100, .qty = 50 });
	ck_assert_uint_eq(n_told, 0);
	ck_assert(match_find(&book, bid) && match_find(&book, ask));
	/* The market's 9 meet, then the orders' 5: the last pair's limits are 110 and 90. */
	expect(100, 14);
	ck_assert_uint_eq(n_told, 2);
	match_free(&book);
}
END_TEST

START_TEST(a_pair_filled_whole_gives_the_mean)
{
	begin();
	gather(SIDE_BUY, 110, 5);
	gather(SIDE_SELL, 101, 5);
	expect(106, 5); /* 105.5 is half of 9 above 101: on the tick, away from zero */
	match_free(&book);
}
END_TEST

START_TEST(a_part_filled_order_gives_its_limit)
{
	begin();
	uint64_t bid = gather(SIDE_BUY, 110, 8);
	gather(SIDE_SELL, 100, 5);
	expect(110, 5);
	ck_assert_int_eq(match_find(&book, bid)->cum, 5);
	match_free(&book);
	begin();
	gather(SIDE_BUY, 110, 5);
	uint64_t ask = gather(SIDE_SELL, 100, 8);
	expect(100, 5);
	ck_assert_int_eq(match_find(&book, ask)->cum, 5);
	match_free(&book);
}
END_TEST

START_TEST(nobody_better_than_the_price_is_left_over)
{
	begin();
	gather(SIDE_BUY, 110, 1);
	gather(SIDE_BUY, 109,
	       1); /* the mean of 110 and 10 is 60, and he would bid above it in vain */
	gather(SIDE_SELL, 10, 1);
	expect(109, 1);
	ck_assert_int_eq(book.n_rest[SIDE_BUY], 1);
	match_free(&book);
}
END_TEST

START_TEST(at_one_price_the_market_and_then_time_go_first)
{
	begin();
	uint64_t first = gather(SIDE_BUY, 100, 3), second = gather(SIDE_BUY, 100, 3);
	const struct level l = { 100, 2 };
	const struct depth d = { .level = { &l, NULL }, .n = { 1, 0 } };
	match_market_snapshot(&book, 0, &d);
	gather(SIDE_SELL, 100, 6);
	expect(100, 6);
	ck_assert(!match_find(&book, first));
	ck_assert_int_eq(match_find(&book, second)->cum, 1);
	ck_assert_int_eq(shown_left(&book.shown, SIDE_BUY, 100), 0);
	match_free(&book);
}
END_TEST

START_TEST(both_sides_bear_one_trade)
{
	begin();
	gather(SIDE_BUY, 100, 3);
	gather(SIDE_SELL, 100, 3);
	expect(100, 3);
	ck_assert_uint_eq(n_told, 2);
	ck_assert(told[0].own && told[1].own);
	ck_assert_uint_eq(told[0].trade, told[1].trade);
	ck_assert_int_ne(told[0].side, told[1].side);
	match_free(&book);
}
END_TEST

START_TEST(without_a_cross_nothing_happens)
{
	begin();
	gather(SIDE_BUY, 99, 3);
	gather(SIDE_SELL, 100, 3);
	expect(0, 0);
	ck_assert_uint_eq(n_told, 0);
	ck_assert_int_eq(book.last_px, 0);
	match_free(&book);
	begin();
	expect(0, 0);
	match_free(&book);
}
END_TEST

START_TEST(a_pause_ends_with_what_gathered)
{
	begin();
	uint64_t bid = gather(SIDE_BUY, 100, 3);
	const struct level l = { 98, 2 };
	const struct depth d = { .level = { NULL, &l }, .n = { 0, 1 } };
	match_market_snapshot(&book, 0, &d);
	ck_assert_uint_eq(n_told, 0);
	match_resume(&book, 9);
	ck_assert_uint_eq(n_told, 1);
	ck_assert_int_eq(told[0].px, 100); /* at his own price */
	ck_assert_int_eq(match_find(&book, bid)->cum, 2);
	match_free(&book);
}
END_TEST

SUITE("match_auction", nothing_trades_until_it_ends, a_pair_filled_whole_gives_the_mean,
      a_part_filled_order_gives_its_limit, nobody_better_than_the_price_is_left_over,
      at_one_price_the_market_and_then_time_go_first, both_sides_bear_one_trade,
      without_a_cross_nothing_happens, a_pause_ends_with_what_gathered)
