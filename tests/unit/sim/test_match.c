/* Proves that orders meet the market's book as an exchange would have it: price before time, no size taken twice,
 * queues that move as trades come, every time in force, and self-trades prevented as asked. */
#include "adapters/sim/match.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <string.h>

#define EVENTS 64

static struct match book;
static struct match_event told[EVENTS];
static unsigned n_told;
static uint64_t next_id;

static void hear(void *owner, const struct match_event *e)
{
	(void)owner;
	ck_assert_uint_lt(n_told, EVENTS);
	told[n_told++] = *e;
}

static void begin(void)
{
	n_told = 0;
	next_id = 1;
	ck_assert_int_eq(match_init(&book, 16, 8, 1, hear, NULL), 0);
}

static void load(const char *sizes_bid, int64_t best_bid, const char *sizes_ask, int64_t best_ask,
		 int64_t seq)
{
	struct level l[side_max][16];
	struct depth d = { .last_seq = seq };
	const char *sizes[side_max] = { sizes_bid, sizes_ask };
	int64_t best[side_max] = { best_bid, best_ask };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		d.level[side] = l[side];
		for (const char *s = sizes[side]; *s; s++, d.n[side]++)
			l[side][d.n[side]] =
				(struct level){ .px = best[side] + (side == SIDE_BUY ? -1 : 1) *
									   (int64_t)d.n[side],
						.qty = *s - '0' };
	}
	match_market_snapshot(&book, 0, &d);
}

static void set(enum side side, int64_t px, int64_t qty, int64_t seq)
{
	struct level l = { .px = px, .qty = qty };
	struct depth d = { .first_seq = seq, .last_seq = seq };
	d.level[side] = &l;
	d.n[side] = 1;
	match_market_depth(&book, 0, &d);
}

static void tape(enum side aggressor, int64_t px, int64_t qty)
{
	struct market_trade t = { .px = px, .qty = qty, .aggressor = (uint8_t)aggressor };
	match_market_trade(&book, 0, &t);
}

static struct match_order order(enum side side, int64_t px, int64_t qty, enum tif tif)
{
	return (struct match_order){
		.id = next_id++, .px = px, .qty = qty, .side = (uint8_t)side, .tif = (uint8_t)tif
	};
}

static uint64_t place(enum side side, int64_t px, int64_t qty, enum tif tif)
{
	struct match_order o = order(side, px, qty, tif);
	n_told = 0;
	match_place(&book, 0, &o);
	return o.id;
}

static void expect(unsigned i, enum match_kind kind, uint64_t id, int64_t px, int64_t qty)
{
	ck_assert_uint_lt(i, n_told);
	ck_assert_str_eq(match_kind_name(told[i].kind), match_kind_name(kind));
	ck_assert_uint_eq(told[i].id, id);
	ck_assert_int_eq(told[i].px, px);
	ck_assert_int_eq(told[i].qty, qty);
}

START_TEST(an_ioc_order_sweeps_levels_and_the_rest_expires)
{
	begin();
	load("55", 99, "234", 100, 1);
	uint64_t id = place(SIDE_BUY, 101, 9, TIF_IOC);
	ck_assert_uint_eq(n_told, 4);
	expect(0, MATCH_ACK, id, 101, 9);
	expect(1, MATCH_FILL, id, 100, 2);
	expect(2, MATCH_FILL, id, 101, 3);
	expect(3, MATCH_EXPIRED, id, 101, 9);
	ck_assert_int_eq(told[3].why, WHY_IOC);
	ck_assert_int_eq(told[3].leaves, 4);
	ck_assert_uint_ne(told[1].trade, told[2].trade);
	ck_assert(!told[1].maker);
	match_free(&book);
}
END_TEST

START_TEST(size_is_taken_once_until_the_feed_shows_more)
{
	begin();
	load("5", 99, "5", 100, 1);
	place(SIDE_BUY, 100, 4, TIF_IOC);
	ck_assert_uint_eq(n_told, 2);
	set(SIDE_SELL, 100, 5, 2); /* shown again: nothing new */
	place(SIDE_BUY, 100, 4, TIF_IOC);
	expect(1, MATCH_FILL, told[0].id, 100, 1);
	set(SIDE_SELL, 100, 7, 3); /* two more: two more */
	place(SIDE_BUY, 100, 4, TIF_IOC);
	expect(1, MATCH_FILL, told[0].id, 100, 2);
	set(SIDE_SELL, 100, 3, 4); /* less: still all ours */
	place(SIDE_BUY, 100, 4, TIF_IOC);
	ck_assert_int_eq(told[1].kind, MATCH_EXPIRED);
	set(SIDE_SELL, 100, 4, 5);
	place(SIDE_BUY, 100, 4, TIF_IOC);
	expect(1, MATCH_FILL, told[0].id, 100, 1);
	set(SIDE_SELL, 100, 0, 6); /* gone, and back: new */
	set(SIDE_SELL, 100, 4, 7);
	place(SIDE_BUY, 100, 4, TIF_IOC);
	expect(1, MATCH_FILL, told[0].id, 100, 4);
	load("5", 99, "4", 100, 8); /* a snapshot that names it is no new size either */
	place(SIDE_BUY, 100, 4, TIF_IOC);
	ck_assert_int_eq(told[1].kind, MATCH_EXPIRED);
	match_free(&book);
}
END_TEST

START_TEST(fill_or_kill_takes_all_or_nothing)
{
	begin();
	load("5", 99, "23", 100, 1);
	place(SIDE_BUY, 101, 6, TIF_FOK);
	ck_assert_uint_eq(n_told, 2);
	ck_assert_int_eq(told[1].why, WHY_FOK);
	place(SIDE_BUY, 101, 5, TIF_FOK);
	ck_assert_uint_eq(n_told, 3);
	ck_assert_int_eq(told[2].leaves, 0);
	match_free(&book);
}
END_TEST

START_TEST(post_only_is_refused_where_it_would_take)
{
	begin();
	load("5", 99, "1", 100, 1);
	struct match_order o = order(SIDE_BUY, 100, 1, TIF_GTC);
	o.type = ORD_POST_ONLY;
	n_told = 0;
	match_place(&book, 0, &o);
	ck_assert_uint_eq(n_told, 1);
	ck_assert_int_eq(told[0].kind, MATCH_REJECTED);
	ck_assert_int_eq(told[0].reject_class, REJECT_WOULD_TAKE);
	o.px = 99;
	match_place(&book, 0, &o);
	ck_assert_int_eq(told[1].kind, MATCH_ACK);
	ck_assert_ptr_nonnull(match_find(&book, o.id));
	match_free(&book);
}
END_TEST

START_TEST(a_market_order_goes_as_far_as_the_book)
{
	begin();
	load("5", 99, "23", 100, 1);
	struct match_order o = order(SIDE_BUY, 0, 9, TIF_GTC);
	o.type = ORD_MARKET;
	n_told = 0;
	match_place(&book, 0, &o);
	ck_assert_uint_eq(n_told, 4);
	ck_assert_int_eq(told[3].why, WHY_LIQUIDITY);
	ck_assert_int_eq(told[3].leaves, 4);
	match_free(&book);
}
END_TEST

START_TEST(a_resting_order_waits_behind_what_stood_there)
{
	begin();
	load("5", 99, "5", 100, 1);
	uint64_t id = place(SIDE_BUY, 99, 3, TIF_GTC);
	ck_assert_int_eq(match_find(&book, id)->ahead, 5);
	n_told = 0;
	tape(SIDE_SELL, 99, 4); /* one is left before us */
	ck_assert_uint_eq(n_told, 0);
	ck_assert_int_eq(match_find(&book, id)->ahead, 1);
	tape(SIDE_SELL, 99, 2);
	ck_assert_uint_eq(n_told, 1);
	expect(0, MATCH_FILL, id, 99, 1);
	ck_assert(told[0].maker);
	tape(SIDE_SELL, 98, 1); /* through us */
	expect(1, MATCH_FILL, id, 99, 1);
	tape(SIDE_BUY, 99, 9); /* the other way: not ours */
	ck_assert_uint_eq(n_told, 2);
	match_free(&book);
}
END_TEST

START_TEST(depletion_moves_the_queue_and_a_contra_quote_fills)
{
	begin();
	load("51", 99, "5", 100, 1);
	uint64_t id = place(SIDE_BUY, 99, 3, TIF_GTC);
	set(SIDE_BUY, 99, 2, 2);
	ck_assert_int_eq(match_find(&book, id)->ahead, 2);
	set(SIDE_BUY, 99, 9, 3); /* who came later stands behind */
	ck_assert_int_eq(match_find(&book, id)->ahead, 2);
	n_told = 0;
	struct quote q = { .px = { 97, 98 }, .qty = { 1, 2 }, .seq = 4 };
	match_market_quote(&book, 0, &q);
	ck_assert_uint_eq(n_told, 1);
	expect(0, MATCH_FILL, id, 99, 2); /* only the size that came */
	q.seq = 5;
	match_market_quote(&book, 0, &q); /* the same size again is no new one */
	ck_assert_uint_eq(n_told, 1);
	match_free(&book);
}
END_TEST

START_TEST(older_news_changes_nothing)
{
	begin();
	load("5", 99, "5", 100, 10);
	struct quote q = { .px = { 99, 101 }, .qty = { 1, 2 }, .seq = 20 };
	ck_assert(match_market_quote(&book, 0, &q));
	set(SIDE_SELL, 100, 7, 15); /* the quote knows better: 100 is gone */
	ck_assert_int_eq(shown_left(&book.shown, SIDE_SELL, 100), 0);
	/* Who follows the depth messages has it, and the book of that number too. */
	struct level top;
	ck_assert_uint_eq(match_book(&book, SIDE_SELL, &top, 1), 1);
	ck_assert(top.px == 100 && top.qty == 7 && book.depth_seq == 15);
	set(SIDE_SELL, 102, 7, 16); /* behind the quote it counts */
	ck_assert_int_eq(shown_left(&book.shown, SIDE_SELL, 102), 7);
	q.seq = 14;
	ck_assert(!match_market_quote(&book, 0, &q));
	struct depth old = { .last_seq = 16 };
	ck_assert(!match_market_depth(&book, 0, &old));
	match_free(&book);
}
END_TEST

START_TEST(accounts_meet_by_price_and_time)
{
	begin();
	load("", 99, "9", 105, 1);
	struct match_order a = order(SIDE_SELL, 101, 2, TIF_GTC),
			   b = order(SIDE_SELL, 101, 2, TIF_GTC),
			   c = order(SIDE_SELL, 100, 1, TIF_GTC);
	a.account = 1;
	b.account = 2;
	c.account = 3;
	match_place(&book, 0, &a);
	match_place(&book, 0, &b);
	match_place(&book, 0, &c);
	uint64_t id = place(SIDE_BUY, 101, 4, TIF_IOC);
	ck_assert_uint_eq(n_told, 7);
	expect(1, MATCH_FILL, c.id, 100, 1);
	expect(2, MATCH_FILL, id, 100, 1);
	expect(3, MATCH_FILL, a.id, 101, 2);
	expect(5, MATCH_FILL, b.id, 101, 1);
	ck_assert_uint_eq(told[1].trade, told[2].trade);
	ck_assert(told[1].own && told[1].maker && told[2].own && !told[2].maker);
	match_free(&book);
}
END_TEST

START_TEST(self_trades_are_prevented_as_asked)
{
	for (int stp = 0; stp < match_stp_max; stp++) {
		begin();
		load("", 99, "9", 102, 1);
		uint64_t rest = place(SIDE_SELL, 101, 2, TIF_GTC);
		struct match_order o = order(SIDE_BUY, 102, 3, TIF_GTC);
		o.stp = (uint8_t)stp;
		n_told = 0;
		match_place(&book, 0, &o);
		if (stp == STP_NONE) {
			expect(1, MATCH_FILL, rest, 101, 2);
			expect(3, MATCH_FILL, o.id, 102, 1);
		} else if (stp == STP_EXPIRE_TAKER) {
			ck_assert_uint_eq(n_told, 2);
			expect(1, MATCH_EXPIRED, o.id, 102, 3);
			ck_assert_int_eq(told[1].why, WHY_SELF_TRADE);
			ck_assert_ptr_nonnull(match_find(&book, rest));
		} else {
			expect(1, MATCH_EXPIRED, rest, 101, 2);
			expect(2, MATCH_FILL, o.id, 102, 3);
		}
		match_free(&book);
	}
}
END_TEST

START_TEST(a_bound_on_taking_leaves_the_rest)
{
	begin();
	load("5", 99, "9", 100, 1);
	struct match_order o = order(SIDE_BUY, 100, 5, TIF_IOC);
	o.take_max = 2;
	n_told = 0;
	match_place(&book, 0, &o);
	ck_assert_uint_eq(n_told, 3);
	expect(1, MATCH_FILL, o.id, 100, 2);
	ck_assert_int_eq(told[2].kind, MATCH_EXPIRED);
	match_free(&book);
}
END_TEST

START_TEST(cancel_and_room_have_their_answers)
{
	begin();
	load("5", 99, "9", 100, 1);
	uint64_t id = place(SIDE_BUY, 98, 1, TIF_GTC);
	ck_assert_int_eq(match_cancel(&book, 0, id), 0);
	ck_assert_int_eq(told[1].kind, MATCH_CANCELLED);
	ck_assert_int_eq(match_cancel(&book, 0, id), -ERR_NOTFOUND);
	for (int i = 0; i < 8; i++)
		place(SIDE_BUY, 98, 1, TIF_GTC);
	place(SIDE_BUY, 98, 1, TIF_GTC);
	ck_assert_uint_eq(n_told, 1);
	ck_assert_int_eq(told[0].why, WHY_FULL);
	match_free(&book);
}
END_TEST

START_TEST(a_full_side_keeps_its_best_levels)
{
	struct shown s;
	ck_assert_int_eq(shown_init(&s, 3), 0);
	for (int64_t px = 1; px <= 5; px++)
		shown_set(&s, SIDE_BUY, px, 1);
	shown_set(&s, SIDE_BUY, 2, 1); /* farther than all: no room */
	ck_assert_uint_eq(s.n[SIDE_BUY], 3);
	ck_assert_int_eq(shown_at(&s, SIDE_BUY, 0)->px, 5);
	ck_assert_int_eq(shown_at(&s, SIDE_BUY, 2)->px, 3);
	ck_assert_uint_eq(s.dropped, 3);
	shown_trim(&s, SIDE_BUY, 3);
	ck_assert_uint_eq(s.n[SIDE_BUY], 1);
	shown_free(&s);
}
END_TEST

SUITE("match", an_ioc_order_sweeps_levels_and_the_rest_expires,
      size_is_taken_once_until_the_feed_shows_more, fill_or_kill_takes_all_or_nothing,
      post_only_is_refused_where_it_would_take, a_market_order_goes_as_far_as_the_book,
      a_resting_order_waits_behind_what_stood_there,
      depletion_moves_the_queue_and_a_contra_quote_fills, older_news_changes_nothing,
      accounts_meet_by_price_and_time, self_trades_are_prevented_as_asked,
      a_bound_on_taking_leaves_the_rest, cancel_and_room_have_their_answers,
      a_full_side_keeps_its_best_levels)
