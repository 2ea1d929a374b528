/* Proves that an order meets the book of its arrival and its report takes its way back, that a book is believed by its numbers alone and orders are refused while it is
 * not known, what of today's is closed at its own fee, and what is told of queues, cancels, questions and clocks. */
#include "adapters/sim/paper.h"
#include "core/base/err.h"
#include "core/io/env_virtual.h"
#include "tests/unit/sim/venue_fixture.h"

#define MS  1000000LL
#define UTC 1723161253000000000LL
#define IN  (3 * MS)
#define OUT (5 * MS)

static struct fixture fx;
static struct env_virtual env;
static struct venue *v;
static uint8_t book;
static uint64_t next_id;
static struct exec_report heard[64];
static int64_t heard_ns[64];
static unsigned n_heard, n_depth, n_snapshot, n_quote, n_down, n_clock, n_reconciled;
static int64_t told_long, told_short, probed_seq, probed_asked_ns;
static struct depth last_depth;

static void deliver(void *owner, int64_t wake_ns)
{
	(void)owner, (void)wake_ns;
}

static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	(void)core, (void)venue, (void)s, (void)why;
}
static void on_exec(void *core, const struct exec_report *r)
{
	(void)core;
	heard_ns[n_heard] = env.now.mono_ns;
	heard[n_heard++] = *r;
}
static void on_depth(void *core, uint32_t i, const struct depth *d)
{
	(void)core, (void)i;
	n_depth++;
	last_depth = *d;
}
static void on_snapshot(void *core, uint32_t i, const struct depth *d)
{
	(void)core, (void)i;
	n_snapshot++;
	last_depth = *d;
}
static void on_quote(void *core, uint32_t i, const struct quote *q)
{
	(void)core, (void)i, (void)q;
	n_quote++;
}
static void on_trade(void *core, uint32_t i, const struct market_trade *t)
{
	(void)core, (void)i, (void)t;
}
static void on_feed_down(void *core, uint16_t venue)
{
	(void)core, (void)venue;
	n_down++;
}
static void on_caps(void *core, uint32_t i, const struct caps *c)
{
	(void)core, (void)i, (void)c;
}
static void on_reconciled(void *core, uint16_t venue, bool full)
{
	(void)core, (void)venue;
	n_reconciled += full;
}
static void on_position(void *core, uint16_t a, uint32_t i, int64_t l, int64_t s, int64_t venue_ns)
{
	(void)core, (void)a, (void)i, (void)venue_ns;
	told_long = l;
	told_short = s;
}
static void on_probe(void *core, uint32_t i, int64_t last_seq, int64_t asked_ns)
{
	(void)core, (void)i;
	probed_seq = last_seq;
	probed_asked_ns = asked_ns;
}
static void on_clock(void *core, uint16_t venue, int64_t sent, int64_t there, int64_t back,
		     int64_t recv)
{
	(void)core, (void)venue, (void)sent, (void)back;
	n_clock += there - recv == UTC;
}

static void stand(enum market_kind kind, enum paper_book how)
{
	struct paper_options o = { .instrument = fx.instrument,
				   .book = &book,
				   .n_instruments = 1,
				   .in_ns = IN,
				   .out_ns = OUT,
				   .utc_minus_mono_ns = UTC };
	book = (uint8_t)how;
	fixture_init(&fx, kind, NULL);
	fx.instrument[0].calendar = CALENDAR_NONE;
	env_virtual_init(&env, 1,
			 &(struct env_now){ .mono_ns = 1000 * MS, .utc_ns = UTC + 1000 * MS },
			 deliver, NULL);
	o.host = (struct venue_host){ .env = &env.env,
				      .on_state = on_state,
				      .on_exec = on_exec,
				      .on_depth = on_depth,
				      .on_snapshot = on_snapshot,
				      .on_quote = on_quote,
				      .on_trade = on_trade,
				      .on_feed_down = on_feed_down,
				      .on_caps = on_caps,
				      .on_reconciled = on_reconciled,
				      .on_position = on_position,
				      .on_probe = on_probe,
				      .on_clock = on_clock };
	ck_assert_int_eq(paper_open(&o, &v), 0);
	n_heard = n_depth = n_snapshot = n_quote = n_down = n_clock = n_reconciled = 0;
	next_id = 100;
	told_long = told_short = probed_seq = -1;
}

static void leave(void)
{
	v->ops->free(v);
}

/* Time goes on, and what is on its way arrives. */
static void later(int64_t ns)
{
	int64_t until = env.now.mono_ns + ns;
	while (paper_next(v) <= until) {
		env_virtual_move(&env, paper_next(v));
		paper_turn(v, env.now.mono_ns);
	}
	env_virtual_move(&env, until);
}

static void tell(struct pack_event ev)
{
	paper_market(v, &ev, env.now.mono_ns, true);
}

static void depth(enum pack_kind kind, int64_t first, int64_t last, int64_t prev, double bid,
		  double bid_qty, double ask, double ask_qty)
{
	struct level l[side_max] = { { E8(bid), E8(bid_qty) }, { E8(ask), E8(ask_qty) } };
	tell((struct pack_event){ .kind = (uint8_t)kind,
				  .depth = { .first_seq = first,
					     .last_seq = last,
					     .prev_seq = prev,
					     .recv_ns = env.now.mono_ns,
					     .level = { &l[0], &l[1] },
					     .n = { bid > 0, ask > 0 } } });
}

static struct order order(enum side side, enum tif tif, double px, double qty)
{
	return (struct order){ .id = ++next_id,
			       .side = (uint8_t)side,
			       .tif = (uint8_t)tif,
			       .px = E8(px),
			       .qty = E8(qty) };
}

static struct order send(enum side side, enum tif tif, double px, double qty)
{
	struct order o = order(side, tif, px, qty);
	ck_assert_int_eq(v->ops->place(v, &o), 0);
	return o;
}

START_TEST(test_latency)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 1, 101, 1);
	send(SIDE_BUY, TIF_IOC, 101, 0.5);
	later(IN - 1);
	depth(PACK_DEPTH, 11, 11, 0, 0, 0, 101, 0.2); /* before it arrives */
	int64_t sent = env.now.mono_ns - (IN - 1);
	later(OUT);
	ck_assert_uint_eq(n_heard, 0);
	later(1);
	ck_assert_uint_eq(n_heard, 3);
	ck_assert_int_eq(heard_ns[0], sent + IN + OUT);
	ck_assert_int_eq(heard[0].kind, EXEC_ACK);
	ck_assert_int_eq(heard[1].kind, EXEC_FILL);
	ck_assert_int_eq(heard[1].qty, E8(0.2));
	ck_assert_int_eq(heard[1].px, E8(101));
	ck_assert_int_eq(heard[1].fee_e8, E8(0.2 * 101) / 20000); /* half a bp */
	ck_assert_int_eq(heard[1].venue_ns, sent + IN + UTC);
	ck_assert_int_eq(heard[2].kind, EXEC_CANCELLED);
	ck_assert_int_eq(heard[2].why, CANCEL_EXPIRED);
	ck_assert_int_eq(heard[2].cum, E8(0.2));
	leave();
}
END_TEST

START_TEST(test_taken_stays_taken)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 1, 101, 1);
	send(SIDE_BUY, TIF_IOC, 101, 1);
	later(IN + OUT);
	depth(PACK_DEPTH, 11, 11, 0, 99, 3, 0, 0); /* nothing new at 101 */
	send(SIDE_BUY, TIF_IOC, 101, 1);
	later(IN + OUT);
	ck_assert_int_eq(heard[n_heard - 1].kind, EXEC_CANCELLED);
	ck_assert_int_eq(heard[n_heard - 1].cum, 0);
	depth(PACK_DEPTH, 12, 12, 0, 0, 0, 101, 1.25); /* a quarter more */
	send(SIDE_BUY, TIF_IOC, 101, 1);
	later(IN + OUT);
	ck_assert_int_eq(heard[n_heard - 1].cum, E8(0.25));
	leave();
}
END_TEST

START_TEST(test_holes)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	send(SIDE_BUY, TIF_IOC, 101, 1);
	later(IN + OUT);
	ck_assert_int_eq(heard[0].kind, EXEC_REJECTED); /* nothing is known yet */
	ck_assert_int_eq(heard[0].reject_class, REJECT_TRANSIENT);
	ck_assert_uint_eq(paper_stats(v)->refused[REJECT_TRANSIENT], 1);
	/* Two changes, then the book that they belong behind: the first is in it. */
	depth(PACK_DEPTH, 9, 10, 0, 0, 0, 101, 7);
	depth(PACK_DEPTH, 11, 12, 0, 0, 0, 101, 2);
	ck_assert(!paper_knows(v, 0));
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 1, 101, 1);
	ck_assert(paper_knows(v, 0));
	send(SIDE_BUY, TIF_IOC, 101, 9);
	later(IN + OUT);
	ck_assert_int_eq(heard[n_heard - 1].cum, E8(2));
	/* A change is missing: not known until the next whole book. */
	depth(PACK_DEPTH, 14, 15, 0, 0, 0, 101, 5);
	ck_assert(!paper_knows(v, 0));
	depth(PACK_SNAPSHOT, 15, 15, 0, 100, 1, 101, 4);
	ck_assert(paper_knows(v, 0));
	tell((struct pack_event){ .kind = PACK_DOWN, .instrument = UINT32_MAX });
	ck_assert(!paper_knows(v, 0));
	ck_assert_uint_eq(n_down, 1);
	ck_assert_uint_eq(n_snapshot, 2); /* the host hears what was recorded */
	ck_assert_uint_eq(n_depth, 3);
	leave();
}
END_TEST

START_TEST(test_linked)
{
	stand(MARKET_FUTURES, PAPER_LINKED);
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 1, 101, 1);
	depth(PACK_DEPTH, 8, 20, 7, 0, 0, 101, 2);   /* overlaps the book */
	depth(PACK_DEPTH, 23, 30, 20, 0, 0, 101, 3); /* numbers leap, the link holds */
	ck_assert(paper_knows(v, 0));
	depth(PACK_DEPTH, 31, 33, 31, 0, 0, 101, 9);
	ck_assert(!paper_knows(v, 0));
	leave();
}
END_TEST

START_TEST(test_best_prices)
{
	stand(MARKET_FUTURES, PAPER_BEST);
	struct quote q = { .px = { E8(100), E8(101) }, .qty = { E8(1), E8(2) } };
	tell((struct pack_event){ .kind = PACK_QUOTE, .quote = q });
	ck_assert_uint_eq(n_depth, 1); /* a whole book of one level a side */
	ck_assert_uint_eq(last_depth.n[SIDE_BUY], 1);
	ck_assert_uint_eq(n_quote, 0);
	send(SIDE_BUY, TIF_IOC, 104, 5);
	later(IN + OUT);
	ck_assert_int_eq(heard[n_heard - 1].cum, E8(2)); /* and nothing behind it */
	leave();
}
END_TEST

START_TEST(test_queue)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 3, 101, 1);
	send(SIDE_BUY, TIF_GTC, 100, 1);
	later(IN);
	struct market_trade t = { .px = E8(100), .qty = E8(3), .id = 1, .aggressor = SIDE_SELL };
	tell((struct pack_event){ .kind = PACK_TRADE, .trade = t });
	later(OUT);
	ck_assert_uint_eq(n_heard, 1); /* acknowledged: three stood before it */
	t.qty = E8(0.4);
	t.id = 2;
	tell((struct pack_event){ .kind = PACK_TRADE, .trade = t });
	later(OUT);
	ck_assert_uint_eq(n_heard, 2);
	ck_assert(heard[1].maker);
	ck_assert_int_eq(heard[1].qty, E8(0.4));
	ck_assert_int_eq(heard[1].fee_e8, E8(0.4 * 100) / 50000); /* 0.2 bp */
	ck_assert_uint_eq(paper_stats(v)->resting, 1);
	leave();
}
END_TEST

START_TEST(test_cancel_and_query)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 3, 101, 1);
	struct order o = send(SIDE_BUY, TIF_GTC, 99, 1);
	ck_assert_int_eq(v->ops->query(v, &o), 0);
	ck_assert_int_eq(v->ops->cancel(v, &o), 0);
	ck_assert_int_eq(v->ops->cancel(v, &o), 0);
	ck_assert_int_eq(v->ops->query(v, &o), 0);
	later(IN + OUT);
	ck_assert_uint_eq(n_heard, 5);
	ck_assert_int_eq(heard[1].kind, EXEC_STATUS);
	ck_assert_int_eq(heard[1].status, ORDER_LIVE);
	ck_assert_int_eq(heard[2].kind, EXEC_CANCELLED);
	ck_assert_int_eq(heard[3].kind, EXEC_CANCEL_REJECTED);
	ck_assert_int_eq(heard[4].status, ORDER_CANCELLED);
	struct order never = order(SIDE_BUY, TIF_GTC, 99, 1);
	ck_assert_int_eq(v->ops->query(v, &never), -ERR_NOTFOUND);
	char id[VENUE_CLIENT_ID];
	size_t n = v->ops->encode_id(0x1234567890abcdefULL, id);
	ck_assert_uint_eq(v->ops->decode_id(id, n), 0x1234567890abcdefULL);
	leave();
}
END_TEST

START_TEST(test_rules_and_hours)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 3, 101, 1);
	send(SIDE_BUY, TIF_IOC, 101.05, 1); /* tick 0.1 */
	later(IN + OUT);
	ck_assert_int_eq(heard[0].kind, EXEC_REJECTED);
	ck_assert_int_eq(heard[0].reject_class, REJECT_PRICE);
	fx.instrument[0].expiry_utc_ns = UTC;
	send(SIDE_BUY, TIF_IOC, 101, 1);
	later(IN + OUT);
	ck_assert_int_eq(heard[1].reject_class, REJECT_CLOSED);
	leave();
}
END_TEST

/* Fees of lots of today apart: a close takes today's first unless it says yesterday's. */
START_TEST(test_close_today)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	fx.instrument[0].rule[0].fee.close_today_e8 = 100000; /* 10 bp */
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 30, 101, 30);
	struct order o = order(SIDE_BUY, TIF_IOC, 101, 2);
	o.offset = OFFSET_OPEN;
	ck_assert_int_eq(v->ops->place(v, &o), 0);
	o = order(SIDE_SELL, TIF_IOC, 100, 1);
	o.offset = OFFSET_CLOSE_TODAY;
	ck_assert_int_eq(v->ops->place(v, &o), 0);
	ck_assert_int_eq(v->ops->reconcile(v), 0);
	later(IN + OUT);
	ck_assert_int_eq(heard[1].fee_e8, E8(2 * 101) / 20000);
	ck_assert_int_eq(heard[3].fee_e8, E8(100) / 1000);
	ck_assert_int_eq(told_long, E8(1));
	ck_assert_int_eq(told_short, 0);
	ck_assert_uint_eq(n_reconciled, 1);
	leave();
}
END_TEST

START_TEST(test_asked)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	ck_assert_int_eq(v->ops->probe(v, 0), 0);
	later(IN + OUT);
	ck_assert_int_eq(probed_seq, -1); /* nothing is known, nothing is proven */
	depth(PACK_SNAPSHOT, 10, 10, 0, 100, 3, 101, 1);
	int64_t asked = env.now.mono_ns;
	ck_assert_int_eq(v->ops->probe(v, 0), 0);
	ck_assert_int_eq(v->ops->snapshot(v, 0), 0);
	later(IN + OUT);
	ck_assert_int_eq(probed_seq, 10);
	ck_assert_int_eq(probed_asked_ns, asked);
	ck_assert_uint_eq(n_snapshot, 2);
	ck_assert_int_eq(last_depth.last_seq, 10);
	v->ops->on_time(v, env.now.mono_ns);
	v->ops->on_time(v, env.now.mono_ns + 1);
	ck_assert_uint_eq(n_clock, 1); /* once a second */
	leave();
}
END_TEST

START_TEST(test_untold)
{
	stand(MARKET_FUTURES, PAPER_CHAIN);
	struct level l[side_max] = { { E8(100), E8(1) }, { E8(101), E8(1) } };
	struct pack_event ev = {
		.kind = PACK_SNAPSHOT,
		.depth = { .last_seq = 10, .level = { &l[0], &l[1] }, .n = { 1, 1 } }
	};
	paper_market(v, &ev, env.now.mono_ns, false);
	ck_assert_uint_eq(n_snapshot, 0);
	paper_tell_books(v, env.now.mono_ns);
	ck_assert_uint_eq(n_snapshot, 1);
	ck_assert_uint_eq(last_depth.n[SIDE_SELL], 1);
	leave();
}
END_TEST

SUITE("paper", test_latency, test_taken_stays_taken, test_holes, test_linked, test_best_prices,
      test_queue, test_cancel_and_query, test_rules_and_hours, test_close_today, test_asked,
      test_untold)
