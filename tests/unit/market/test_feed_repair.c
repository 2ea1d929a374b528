/* Proves that a hole is mended by whatever the venue has, in order (late change, other line, replay, snapshot), that it is told how, from where to where and for how long, and that
 * what must not be believed (silence, halts, impossible prices, a doubted book, no buffer) is not. */
#include "core/market/feed.h"
#include "tests/unit/suite.h"

enum { T = 1000 }; /* a book is whole at this number and this time */

static struct feed_set set;
static const struct level bid = { 10, 1 }, ask = { 12, 1 };

static struct depth at(int64_t seq, int64_t ns, uint8_t line)
{
	return (struct depth){ .first_seq = seq,
			       .last_seq = seq,
			       .prev_seq = seq - 1,
			       .recv_ns = ns,
			       .level = { &bid, &ask },
			       .n = { 1, 1 },
			       .line = line };
}

static struct feed_result change(struct feed *f, int64_t seq, int64_t ns, uint8_t line)
{
	struct depth d = at(seq, ns, line);
	return feed_depth(f, &d);
}

static struct feed_result snapshot(struct feed *f, int64_t seq, int64_t ns)
{
	struct depth d = at(seq, ns, 0);
	return feed_snapshot(f, &d);
}

/* A feed that is LIVE at T. */
static void live(struct feed *f, struct feed_options o)
{
	o.levels = 8;
	o.depth_expected = true;
	ck_assert(set.pool.n || feed_set_init(&set, 1) == 0);
	ck_assert_int_eq(feed_init(f, &o, &set), 0);
	ck_assert_int_eq(snapshot(f, T, T).repair, REPAIR_NONE);
	ck_assert_int_eq(f->top.state, BOOK_LIVE);
}

static void mended(const struct feed *f, struct feed_result r, enum feed_repair how, int64_t first,
		   int64_t last, int64_t took_ns)
{
	ck_assert_int_eq(f->top.state, BOOK_LIVE);
	ck_assert(r.state_changed && !r.want_snapshot && !r.want_replay);
	ck_assert_str_eq(feed_repair_name((enum feed_repair)r.repair), feed_repair_name(how));
	ck_assert_int_eq(r.gap_first_seq, first);
	ck_assert_int_eq(r.gap_last_seq, last);
	ck_assert_int_eq(r.took_ns, took_ns);
	ck_assert(!f->kept && !f->asked_ns && !f->listed);
}

START_TEST(test_other_line)
{
	struct feed f;
	live(&f, (struct feed_options){ .join = JOIN_COUNT, .lines = 2, .line_patience_ns = 50 });
	ck_assert(!change(&f, T + 1, T + 10, 0).state_changed);
	ck_assert_int_eq(change(&f, T + 1, T + 11, 1).refused, REFUSED_OLD); /* the other copy */
	struct feed_result r = change(&f, T + 4, T + 20, 0);
	ck_assert(f.top.state == BOOK_GAP && r.state_changed && !r.want_snapshot);
	ck_assert(r.gap_first_seq == T + 2 && r.gap_last_seq == T + 3);
	ck_assert(set.n_listed == 1 && feed_set_first(&set) == &f && !feed_set_next(&set));
	r = change(&f, T + 2, T + 30, 1);
	ck_assert(f.top.state == BOOK_RECOVERING && !r.want_snapshot && !r.repair);
	mended(&f, change(&f, T + 3, T + 35, 1), REPAIR_OTHER_LINE, T + 2, T + 3, 15);
	ck_assert_int_eq(f.last_seq, T + 4);
	change(&f, T + 6, T + 40, 1); /* it does not come: a snapshot is asked for, once */
	ck_assert(!feed_on_time(&f, T + 90).want_snapshot);
	ck_assert(feed_on_time(&f, T + 91).want_snapshot);
	ck_assert(!feed_on_time(&f, T + 900).want_snapshot);
	ck_assert(feed_overdue(&f, T + 900, 100));
	mended(&f, snapshot(&f, T + 5, T + 910), REPAIR_SNAPSHOT, T + 5, T + 5, 870);
	ck_assert_int_eq(f.last_seq, T + 6);
	feed_free(&f);
}
END_TEST

START_TEST(test_replay)
{
	struct feed f;
	live(&f, (struct feed_options){
			 .join = JOIN_COUNT, .replays = true, .replay_patience_ns = 100 });
	struct feed_result r = change(&f, T + 3, T + 10, 0);
	ck_assert(r.want_replay && !r.want_snapshot);
	ck_assert(r.gap_first_seq == T + 1 && r.gap_last_seq == T + 2);
	ck_assert(!change(&f, T + 6, T + 20, 0).want_replay); /* one request at a time */
	ck_assert(!change(&f, T + 1, T + 30, 0).want_replay);
	r = change(&f, T + 2, T + 31, 0); /* the first hole is closed; the next is asked for */
	ck_assert(f.last_seq == T + 3 && r.want_replay);
	ck_assert(r.gap_first_seq == T + 4 && r.gap_last_seq == T + 5);
	change(&f, T + 5, T + 40, 0); /* in any order */
	mended(&f, change(&f, T + 4, T + 50, 0), REPAIR_REPLAY, T + 1, T + 5, 40);
	ck_assert_int_eq(f.last_seq, T + 6);

	change(&f, T + 8, T + 60, 0);
	ck_assert(!feed_on_time(&f, T + 160).want_snapshot);
	ck_assert(feed_on_time(&f, T + 161).want_snapshot); /* the venue does not answer */
	mended(&f, snapshot(&f, T + 9, T + 170), REPAIR_SNAPSHOT, T + 7, T + 7, 110);
	feed_free(&f);
}
END_TEST

START_TEST(test_the_ladder)
{
	struct feed f;
	live(&f, (struct feed_options){ .join = JOIN_COUNT,
					.lines = 2,
					.replays = true,
					.line_patience_ns = 10,
					.replay_patience_ns = 10 });
	struct feed_result r = change(&f, T + 2, T + 1, 0);
	ck_assert(!r.want_replay && !r.want_snapshot);
	r = change(&f, T + 3, T + 12, 0); /* messages tell the time as well */
	ck_assert(r.want_replay && !r.want_snapshot);
	r = feed_on_time(&f, T + 23);
	ck_assert(!r.want_replay && r.want_snapshot);
	mended(&f, change(&f, T + 1, T + 24, 1), REPAIR_REPLAY, T + 1, T + 1, 23);
	feed_free(&f);
}
END_TEST

/* Late, but it still fits: used. The snapshot that was asked for comes too late, and changes nothing. */
START_TEST(test_late_change)
{
	struct feed f;
	for (unsigned join = JOIN_LAST_PLUS_1; join <= JOIN_COUNT; join++) {
		live(&f, (struct feed_options){ .join = (uint8_t)join });
		ck_assert(change(&f, T + 3, T + 3, 0).want_snapshot);
		change(&f, T + 2, T + 4, 0);
		mended(&f, change(&f, T + 1, T + 5, 0), REPAIR_ITSELF, T + 1, T + 2, 2);
		ck_assert(!snapshot(&f, T + 2, T + 6).state_changed);
		ck_assert_int_eq(f.last_seq, T + 3);
		feed_free(&f);
	}
}
END_TEST

/* What could not be read was no change of this book, for the next one follows. But where the book itself is doubted, that proves nothing. */
/* One change with a number far ahead, on a line that goes on counting as before: the wrong one is given up, not waited for. */
START_TEST(test_one_wrong_number)
{
	const int64_t s = 1000000000;
	for (uint8_t lines = 1; lines <= 2; lines++) {
		struct feed f;
		live(&f, (struct feed_options){ .join = JOIN_COUNT, .lines = lines });
		change(&f, 1000 * T, T + 1, 0);
		ck_assert_int_eq(f.top.state, BOOK_GAP);
		int64_t seq = T + 1;
		for (int64_t ns = s / 10; ns < 2 * s; ns += s / 10, seq++) {
			change(&f, seq, ns, 0);
			ck_assert_int_ne(f.top.state, BOOK_LIVE);
		}
		change(&f, seq, 3 * s, 0);
		ck_assert_int_eq(f.top.state, BOOK_LIVE);
		ck_assert_int_eq(f.last_seq, seq);
		feed_free(&f);
	}
}
END_TEST

START_TEST(test_nothing_was_missing)
{
	struct feed f;
	live(&f, (struct feed_options){ .join = JOIN_COUNT });
	ck_assert(feed_bad(&f, T + 5).want_snapshot);
	mended(&f, change(&f, T + 1, T + 7, 0), REPAIR_ITSELF, T + 1, T + 1, 2);
	const struct level high = { 12, 1 };
	struct depth d = { .last_seq = T + 2, .recv_ns = T + 8, .level = { &high }, .n = { 1 } };
	feed_depth(&f, &d);
	ck_assert_int_eq(f.top.state, BOOK_CROSSED);
	ck_assert(f.listed && feed_stuck(&f, T + 100, 50));
	ck_assert(feed_bad(&f, T + 100).want_snapshot);
	change(&f, T + 3, T + 101, 0);
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	mended(&f, snapshot(&f, T + 2, T + 110), REPAIR_SNAPSHOT, T + 3, T + 3, 10);
	feed_free(&f);
}
END_TEST

START_TEST(test_no_buffer_left)
{
	struct feed f, g;
	live(&f, (struct feed_options){ .join = JOIN_COUNT });
	live(&g, (struct feed_options){ .join = JOIN_COUNT });
	change(&f, T + 2, T + 1, 0); /* takes the only one */
	ck_assert(f.kept && set.pool.out == 1);
	ck_assert(change(&g, T + 2, T + 2, 0).want_snapshot);
	ck_assert(!g.kept && g.unkept == 1 && set.pool.refused == 1);
	change(&g, T + 3, T + 3, 0);
	ck_assert(snapshot(&g, T + 2, T + 4).want_snapshot); /* something has come behind it */
	ck_assert(g.top.state != BOOK_LIVE && set.n_listed == 2);
	mended(&g, snapshot(&g, T + 3, T + 5), REPAIR_SNAPSHOT, T + 1, T + 1, 3);
	change(&g, T + 5, T + 6, 0);
	mended(&f, snapshot(&f, T + 2, T + 7), REPAIR_SNAPSHOT, T + 1, T + 1, 6);
	change(&g, T + 6, T + 8, 0); /* now there is one */
	ck_assert(g.kept);
	feed_free(&g); /* and it goes back */
	ck_assert(set.pool.out == 0 && set.n_listed == 0);
	feed_free(&f);
}
END_TEST

/* The venue counts anew without a word, while a hole is being mended: what it sends is old news for a while, and then it is believed. */
START_TEST(test_new_count_during_repair)
{
	const int64_t s2 = 2000000000;
	struct feed f;
	live(&f, (struct feed_options){ .join = JOIN_COUNT });
	change(&f, T + 2, T + 1, 0);
	ck_assert_int_eq(change(&f, 5, T + 2, 0).refused, REFUSED_OLD);
	ck_assert_int_eq(snapshot(&f, 5, T + 3).refused, REFUSED_SNAPSHOT);
	ck_assert_int_eq(change(&f, 6, T + s2, 0).refused, REFUSED_OLD);
	ck_assert_int_eq(change(&f, 7, T + 2 + s2, 0).refused, REFUSED_NOT);
	snapshot(&f, 6, T + 3 + s2);
	ck_assert(f.top.state == BOOK_LIVE && f.last_seq == 7);
	feed_free(&f);
}
END_TEST

/* Best prices alone, one of them with a wrong number: the others are believed after a while. */
START_TEST(test_new_count_of_quotes)
{
	const int64_t s2 = 2000000000;
	const struct feed_options o = { .levels = 8 };
	struct quote q = { .px = { 10, 12 }, .qty = { 1, 1 }, .seq = 1LL << 50, .recv_ns = 1 };
	struct feed f;
	ck_assert_int_eq(feed_init(&f, &o, NULL), 0);
	feed_quote(&f, &q);
	for (int i = 0; i < 3; i++) {
		q.seq = 5 + i;
		q.px[SIDE_BUY] = 9 - i;
		q.recv_ns = 2 + i * (s2 / 2);
		ck_assert_int_eq(feed_quote(&f, &q).refused, i < 2 ? REFUSED_OLD : REFUSED_NOT);
	}
	ck_assert(f.top.state == BOOK_LIVE && f.top.q.px[SIDE_BUY] == 7 && f.dropped == 3);
	feed_free(&f);
}
END_TEST

/* The session ends during a repair: nothing is waited for any more, and the buffer is free. */
START_TEST(test_down_during_repair)
{
	struct feed f;
	live(&f, (struct feed_options){ .join = JOIN_COUNT, .replays = true });
	change(&f, T + 3, T + 1, 0);
	ck_assert(f.listed && f.kept && f.replayed);
	feed_down(&f, T + 2);
	ck_assert(!f.listed && !f.kept && set.pool.out == 0 && set.n_listed == 0);
	ck_assert(!feed_on_time(&f, T + 9000000000LL).want_snapshot);
	ck_assert(change(&f, 4, T + 3, 0).want_snapshot); /* the next session counts anew */
	mended(&f, snapshot(&f, 3, T + 9), REPAIR_SNAPSHOT, 0, 4, 6);
	ck_assert_int_eq(f.last_seq, 4);
	feed_free(&f);
}
END_TEST

/* A walk stands whatever happens to the feeds on the way. */
START_TEST(test_the_list)
{
	enum { N = 6 };
	struct feed f[N];
	for (int i = 0; i < N; i++) {
		live(&f[i], (struct feed_options){ .join = JOIN_COUNT });
		feed_bad(&f[i], T + 1);
	}
	ck_assert_uint_eq(set.n_listed, N);
	unsigned seen = 0;
	for (struct feed *x = feed_set_first(&set); x; x = feed_set_next(&set)) {
		seen |= 1u << (x - f);
		if (x == &f[N - 1]) { /* itself, its next, and one further on */
			snapshot(&f[N - 1], T, T + 2);
			snapshot(&f[N - 2], T, T + 2);
			snapshot(&f[N - 4], T, T + 2);
			feed_bad(&f[N - 1], T + 3); /* again, for the next walk */
		}
	}
	ck_assert_uint_eq(seen, 1u << (N - 1) | 1u << (N - 3) | 1u << 1 | 1u << 0);
	ck_assert_uint_eq(set.n_listed, N - 2);
	for (int i = 0; i < N; i++)
		feed_free(&f[i]);
	ck_assert(set.n_listed == 0 && !set.first);
}
END_TEST

START_TEST(test_silence)
{
	struct feed f;
	struct feed_line line = { T, T };
	live(&f, (struct feed_options){ .join = JOIN_COUNT });
	f.top.line = &line;
	f.top.model = FEED_SEQUENCED;
	ck_assert(!feed_judge_silence(&f, T + 100, 100).state_changed);
	struct feed_result r = feed_judge_silence(&f, T + 101, 100);
	ck_assert(r.state_changed && r.from == BOOK_LIVE && f.top.state == BOOK_STALE);
	line.beat_ns = T + 90; /* by this model a heartbeat proves it */
	ck_assert(feed_judge_silence(&f, T + 102, 100).state_changed);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	feed_judge_silence(&f, T + 300, 100);
	r = change(&f, T + 1, T + 301, 0); /* at once, not with the next judgement */
	ck_assert(r.state_changed && r.from == BOOK_STALE && f.top.state == BOOK_LIVE);
	feed_judge_silence(&f, T + 500, 100);
	change(&f, T + 3, T + 501, 0); /* heard, but a change is missing */
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	change(&f, T + 2, T + 502, 0);
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	feed_judge_silence(&f, T + 9000, 0); /* no limit */
	ck_assert_int_eq(f.top.state, BOOK_LIVE);
	feed_free(&f);
}
END_TEST

/* F38. What comes during a halt is taken; the end of the halt alone makes nothing sound. */
START_TEST(test_halt)
{
	struct feed f;
	live(&f, (struct feed_options){ .join = JOIN_COUNT });
	ck_assert(feed_halt(&f, T).state_changed && f.top.state == BOOK_HALTED);
	change(&f, T + 1, T + 1, 0);
	ck_assert(f.top.state == BOOK_HALTED && f.last_seq == T + 1);
	change(&f, T + 3, T + 3, 0);
	ck_assert_int_eq(f.top.state, BOOK_GAP);
	ck_assert(!feed_resume(&f, T + 4).state_changed && f.top.state == BOOK_GAP);
	feed_halt(&f, T);
	change(&f, T + 2, T + 5, 0); /* whole again, and still not traded */
	ck_assert_int_eq(f.top.state, BOOK_HALTED);
	feed_down(&f, T + 6);
	snapshot(&f, 1, T + 7);
	ck_assert_int_eq(f.top.state, BOOK_HALTED); /* a new session does not end it */
	const struct level high = { 13, 1 };
	struct depth d = { .last_seq = 2, .recv_ns = T + 8, .level = { &high }, .n = { 1 } };
	feed_depth(&f, &d); /* an auction gathers: crossed is no wrong yet */
	ck_assert(!feed_stuck(&f, T + 900, 50));
	feed_resume(&f, T + 900);
	ck_assert(f.top.state == BOOK_CROSSED && !feed_stuck(&f, T + 950, 50));
	ck_assert(feed_stuck(&f, T + 951, 50));
	feed_free(&f);
}
END_TEST

/* F30: each is refused with its reason, counted, and what it may stand for is repaired. */
START_TEST(test_impossible_numbers)
{
	static const struct {
		struct level level;
		bool negative_allowed;
		enum feed_refusal why;
	} row[] = {
		{ { 0, 1 }, false, REFUSED_PRICE },
		{ { -5, 1 }, false, REFUSED_PRICE },
		{ { -5, 1 }, true, REFUSED_NOT },
		{ { 0, 1 }, true, REFUSED_NOT },
		{ { INT64_MAX, 1 }, false, REFUSED_PRICE },
		{ { INT64_MIN, 1 }, true, REFUSED_PRICE },
		{ { 9, -1 }, false, REFUSED_QUANTITY },
		{ { 9, INT64_MAX }, false, REFUSED_QUANTITY },
		{ { 9, INT64_MIN }, true, REFUSED_QUANTITY },
		{ { 9, 5 }, false, REFUSED_NOT },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int way = 0; way < 3; way++) {
			struct feed f;
			bool ok = row[i].why == REFUSED_NOT;
			live(&f, (struct feed_options){ .join = JOIN_COUNT,
							.px_may_be_negative =
								row[i].negative_allowed });
			if (way == 1)
				feed_bad(&f, T + 1);
			struct depth d = at(T + 1, T + 2, 0);
			d.level[SIDE_BUY] = &row[i].level;
			struct quote q = { .px = { row[i].level.px, 12 },
					   .qty = { row[i].level.qty, 1 },
					   .seq = T + 1,
					   .recv_ns = T + 2 };
			struct feed_result r = way == 0	  ? feed_depth(&f, &d)
					       : way == 1 ? feed_snapshot(&f, &d)
							  : feed_quote(&f, &q);
			ck_assert_msg(r.refused == row[i].why, "row %zu, way %d: %s", i, way,
				      feed_refusal_name((enum feed_refusal)r.refused));
			ck_assert_uint_eq(f.refused, !ok);
			ck_assert(ok == (f.top.state == BOOK_LIVE) && r.want_snapshot == !ok);
			ck_assert(ok || f.top.q.px[SIDE_BUY] == 10);
			feed_free(&f);
		}
}
END_TEST

/* OKX: keep-alives, an announced reset, one that was missed, a whole book in line. */
START_TEST(test_resets)
{
	struct feed f;
	struct depth d = at(T, T + 1, 0);
	live(&f, (struct feed_options){ .join = JOIN_PREV_RESET });
	d.prev_seq = T;
	ck_assert(!feed_depth(&f, &d).refused && f.last_seq == T); /* nothing changed */
	d = at(40, T + 2, 0);
	d.prev_seq = T;
	ck_assert(!feed_depth(&f, &d).state_changed && f.last_seq == 40);
	ck_assert(!change(&f, 41, T + 3, 0).refused && f.top.q.seq == 41);
	d.prev_seq = 50; /* a reset behind something that was lost */
	d.last_seq = 3;
	ck_assert(feed_depth(&f, &d).want_snapshot && f.top.state == BOOK_GAP);
	change(&f, 4, T + 5, 0);
	ck_assert(snapshot(&f, 45, T + 6).want_snapshot); /* none of them meets it */
	mended(&f, snapshot(&f, 3, T + 7), REPAIR_SNAPSHOT, 42, 50, 5);
	ck_assert_int_eq(f.last_seq, 4);
	d = at(9, T + 8, 0); /* lost: not old news, however small the number */
	d.first_seq = 2;
	d.prev_seq = 1;
	d.last_seq = 2;
	ck_assert(feed_depth(&f, &d).want_snapshot);
	d.prev_seq = JOIN_IN_LINE;
	d.last_seq = 1;
	d.recv_ns = T + 11;
	struct quote q = { .px = { 10, 12 }, .qty = { 7, 7 }, .seq = 44, .recv_ns = T + 10 };
	feed_quote(&f, &q);
	mended(&f, feed_depth(&f, &d), REPAIR_SNAPSHOT, 5, 1, 3);
	ck_assert(f.last_seq == 1 &&
		  f.top.q.seq == 1); /* the quote's number was of another count */
	feed_free(&f);
}
END_TEST

START_TEST(test_whole_messages)
{
	struct feed f;
	struct level two[] = { { 10, 1 }, { 9, 4 } }, one[] = { { 8, 2 } };
	struct depth d = { .recv_ns = 1, .level = { two, &ask }, .n = { 2, 1 } };
	const struct feed_options o = { .join = JOIN_WHOLE, .depth_expected = true, .levels = 8 };
	ck_assert_int_eq(feed_init(&f, &o, &set), 0);
	feed_depth(&f, &d);
	ck_assert(f.top.state == BOOK_LIVE && f.book.n[SIDE_BUY] == 2 && f.repairs == 1);
	d = (struct depth){ .recv_ns = 2, .level = { one, &ask }, .n = { 1, 1 } };
	feed_depth(&f, &d); /* what it does not name is gone */
	ck_assert(f.book.n[SIDE_BUY] == 1 && f.top.q.px[SIDE_BUY] == 8 && f.repairs == 1);
	ck_assert(!feed_bad(&f, 3).want_snapshot && f.top.state == BOOK_GAP);
	d.recv_ns = 9;
	mended(&f, feed_depth(&f, &d), REPAIR_ITSELF, 0, 0, 6);
	d.last_seq = 7; /* where it has numbers, they rise */
	feed_depth(&f, &d);
	d.last_seq = 6;
	ck_assert_int_eq(feed_depth(&f, &d).refused, REFUSED_OLD);
	feed_free(&f);
}
END_TEST

SUITE("feed_repair", test_other_line, test_replay, test_the_ladder, test_late_change,
      test_one_wrong_number, test_nothing_was_missing, test_no_buffer_left,
      test_new_count_during_repair, test_new_count_of_quotes, test_down_during_repair,
      test_the_list, test_silence, test_halt, test_impossible_numbers, test_resets,
      test_whole_messages)
