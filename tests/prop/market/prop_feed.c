/* Proves, against a naive book and under every continuity rule, that a feed is never LIVE with a book that the venue did not have or that lacks a change which came, and that it is
 * LIVE at the newest change soon after faults stop: drops, duplicates, re-orderings, resets, unreadable messages, lost sessions, two lines, replays, late snapshots, no buffers. */
#include "core/base/rng.h"
#include "core/market/feed.h"
#include "tests/unit/suite.h"
#include <string.h>

#define MS 1000000LL
enum { BASE = 1000000, PRICES = 24, CHANGES = 300, LEVELS = 4, EVENTS = CHANGES * 16, CALM = 60 };

struct change {
	int64_t first, last, prev, sent_ns;
	struct level level[side_max][LEVELS];
	uint32_t n[side_max];
};

enum what { A_CHANGE, A_SNAPSHOT, AN_IN_LINE, A_BAD, A_DOWN };
struct event {
	int64_t at_ns;
	enum what what;
	int k; /* the change; of a snapshot: how many changes are in it */
	uint8_t line;
	unsigned session; /* what is under way when it ends is lost */
};

struct way {
	enum feed_join join;
	uint8_t lines;
	bool replays, resets;
	enum { BUFFERS, STARVED, NO_SET } room;
};

struct world {
	struct rng r;
	struct way way;
	struct feed f;
	struct feed_set set;
	struct change change[CHANGES];
	int64_t qty[CHANGES + 1][side_max][PRICES]; /* after so many changes */
	struct event event[EVENTS];
	int n_events, newest; /* newest change that was handed to the feed, in this session */
	int64_t now_ns;
	unsigned session;
	uint64_t seed, repairs[feed_repair_max];
};

static int64_t seq_after(const struct world *w, int k)
{
	return k ? w->change[k - 1].last : BASE;
}

static bool is_tcp(const struct world *w)
{
	return join_rules[w->way.join].in_order;
}

static void generate(struct world *w)
{
	for (int px = 0; px < PRICES; px++)
		w->qty[0][px < PRICES / 2 ? SIDE_BUY : SIDE_SELL][px] = 1;
	for (int k = 0, resets = 0; k < CHANGES; k++) {
		struct change *c = &w->change[k];
		bool count = join_rules[w->way.join].single;
		bool alive = is_tcp(w) && rng_chance(&w->r, 50000);
		memcpy(w->qty[k + 1], w->qty[k], sizeof w->qty[k]);
		*c = (struct change){ .prev = seq_after(w, k) };
		c->first = c->prev + 1;
		c->last = c->prev + (count ? 1 : rng_range(&w->r, 1, 5));
		if (w->way.resets && k < CHANGES - CALM && rng_chance(&w->r, 20000))
			c->last = BASE - 2000 * ++resets; /* no number comes twice */
		if (alive)
			c->last = c->prev;
		c->sent_ns =
			(k ? w->change[k - 1].sent_ns : MS) + (k > CHANGES - CALM ? 100 : 4) * MS;
		for (int i = 0; i < LEVELS && !alive; i++) {
			int px = (int)rng_below(&w->r, PRICES),
			    s = px < PRICES / 2 ? SIDE_BUY : SIDE_SELL;
			int64_t qty = rng_chance(&w->r, 300000) ? 0 : rng_range(&w->r, 1, 99);
			c->level[s][c->n[s]++] = (struct level){ px + 1, qty };
			w->qty[k + 1][s][px] = qty;
		}
	}
}

static void put(struct world *w, int64_t at_ns, enum what what, int k, uint8_t line)
{
	EXPECT(w->n_events < EVENTS);
	w->event[w->n_events++] = (struct event){ at_ns, what, k, line, w->session };
}

/* What the lines do to the changes. */
static void send_all(struct world *w)
{
	for (uint8_t line = 0; line < w->way.lines; line++) {
		int64_t in_order_ns = 0;
		for (int k = 0; k < CHANGES; k++) {
			bool calm = k > CHANGES - CALM, tcp = is_tcp(w);
			int64_t at_ns =
				w->change[k].sent_ns + MS + rng_range(&w->r, 0, 1 + line * 3) * MS;
			if (!calm && rng_chance(&w->r, 30000))
				continue;
			if (!calm && rng_chance(&w->r, 5000))
				put(w, at_ns, A_BAD, k, line);
			if (!calm && !line && rng_chance(&w->r, 3000))
				put(w, at_ns, A_DOWN, k, line);
			if (!calm && !tcp && rng_chance(&w->r, 30000))
				at_ns += rng_range(&w->r, 1, 30) * MS;
			if (tcp && at_ns <= in_order_ns)
				at_ns = in_order_ns + 1;
			in_order_ns = at_ns;
			put(w, at_ns, A_CHANGE, k, line);
			if (!calm && !tcp && rng_chance(&w->r, 30000))
				put(w, at_ns + rng_range(&w->r, 0, 40) * MS, A_CHANGE, k, line);
		}
	}
}

static int sent_by(const struct world *w, int64_t ns)
{
	int k = 0;
	while (k < CHANGES && w->change[k].sent_ns <= ns)
		k++;
	return k;
}

static struct depth message(const struct world *w, const struct event *e)
{
	const struct change *c = &w->change[e->k];
	return (struct depth){ .first_seq = c->first,
			       .last_seq = c->last,
			       .prev_seq = c->prev,
			       .recv_ns = w->now_ns,
			       .level = { c->level[0], c->level[1] },
			       .n = { c->n[0], c->n[1] },
			       .line = e->line };
}

static struct depth whole(const struct world *w, int k, struct level level[side_max][PRICES])
{
	struct depth d = { .last_seq = seq_after(w, k), .recv_ns = w->now_ns };
	for (int s = 0; s < side_max; s++) {
		d.level[s] = level[s];
		for (int px = 0; px < PRICES; px++)
			if (w->qty[k][s][px])
				level[s][d.n[s]++] = (struct level){ px + 1, w->qty[k][s][px] };
	}
	return d;
}

static bool same_book(const struct world *w, int k)
{
	for (int s = 0; s < side_max; s++) {
		uint32_t n = 0;
		for (int i = 0; i < PRICES; i++) { /* best first */
			int px = s == SIDE_BUY ? PRICES - 1 - i : i;
			const struct level *l = book_best(&w->f.book, (enum side)s, n);
			if (!w->qty[k][s][px])
				continue;
			if (!l || l->px != px + 1 || l->qty != w->qty[k][s][px])
				return false;
			n++;
		}
		if (book_best(&w->f.book, (enum side)s, n))
			return false;
	}
	return true;
}

static void honest(struct world *w, const char *after)
{
	const struct feed *f = &w->f;
	EXPECT(w->way.room == NO_SET || f->listed == (f->asked_ns || f->wait_ns || f->crossed_ns));
	EXPECT(f->listed == (w->set.n_listed == 1));
	EXPECT(!f->kept || f->top.state != BOOK_LIVE);
	if (f->top.state != BOOK_LIVE)
		return;
	int found = -1;
	for (int k = CHANGES; k >= 0 && found < 0; k--)
		if (seq_after(w, k) == f->last_seq && same_book(w, k))
			found = k;
	EXPECT_MSG(found >= 0, "seed %llu, %s: LIVE at %lld with another book",
		   (unsigned long long)w->seed, after, (long long)f->last_seq);
	EXPECT_MSG(w->way.room != BUFFERS || found >= w->newest,
		   "seed %llu, %s: LIVE after %d changes, and %d were told",
		   (unsigned long long)w->seed, after, found, w->newest);
}

static void obey(struct world *w, struct feed_result r)
{
	EXPECT((r.repair != REPAIR_NONE) <= (r.state_changed && feed_state_sound(w->f.is)));
	EXPECT(r.took_ns >= 0);
	w->repairs[r.repair]++;
	bool calm = sent_by(w, w->now_ns) > CHANGES - CALM;
	if (r.want_snapshot && (calm || !rng_chance(&w->r, 200000))) {
		int64_t at_ns = w->now_ns + rng_range(&w->r, 1, 60) * MS;
		bool in_line = is_tcp(w) && rng_chance(&w->r, 500000);
		put(w, at_ns, in_line ? AN_IN_LINE : A_SNAPSHOT,
		    sent_by(w, at_ns - rng_range(&w->r, 0, 20) * MS), 0);
	}
	if (!r.want_replay)
		return;
	EXPECT(r.gap_first_seq <= r.gap_last_seq && r.gap_first_seq == w->f.last_seq + 1);
	for (int k = 0; k < CHANGES; k++)
		if (w->change[k].last >= r.gap_first_seq && w->change[k].first <= r.gap_last_seq &&
		    (calm || !rng_chance(&w->r, 100000)))
			put(w, w->now_ns + rng_range(&w->r, 1, 9) * MS, A_CHANGE, k, 0);
}

static void hand(struct world *w, const struct event *e)
{
	struct level level[side_max][PRICES];
	struct depth d;
	struct feed_result r = { 0 };
	bool is_whole = join_rules[w->way.join].whole;
	switch (e->what) {
	case A_CHANGE:
		d = is_whole ? whole(w, e->k + 1, level) : message(w, e);
		if (e->k + 1 > w->newest)
			w->newest = e->k + 1;
		r = feed_depth(&w->f, &d);
		break;
	case A_SNAPSHOT:
		d = whole(w, e->k, level);
		r = feed_snapshot(&w->f, &d);
		break;
	case AN_IN_LINE: /* a subscription begins anew: what the line says next comes behind it */
		for (int i = 0; i < w->n_events; i++)
			if (w->event[i].what == A_CHANGE && w->event[i].k < e->k)
				w->event[i].session = UINT32_MAX;
		w->newest = 0;
		d = whole(w, e->k, level);
		d.prev_seq = JOIN_IN_LINE;
		r = feed_depth(&w->f, &d);
		break;
	case A_BAD:
		r = feed_bad(&w->f, w->now_ns);
		break;
	case A_DOWN:
		w->newest = 0;
		w->session++;
		for (int i = 0; i < w->n_events; i++)
			if (w->event[i].what == A_CHANGE && w->event[i].at_ns > w->now_ns + 20 * MS)
				w->event[i].session = w->session;
		r = feed_down(&w->f, w->now_ns);
		break;
	}
	honest(w, e->what == A_CHANGE ? "a change" : e->what == A_SNAPSHOT ? "a snapshot" : "else");
	obey(w, r);
}

/* What the engine does ten times a second. */
static void housekeeping(struct world *w)
{
	struct feed *f = &w->f;
	if (w->way.room != NO_SET) {
		struct feed *listed = feed_set_first(&w->set);
		EXPECT(!listed || (listed == f && !feed_set_next(&w->set)));
		if (!listed)
			return;
	}
	obey(w, feed_on_time(f, w->now_ns));
	if (feed_stuck(f, w->now_ns, 200 * MS))
		obey(w, feed_bad(f, w->now_ns));
	if (feed_overdue(f, w->now_ns, 200 * MS)) {
		f->asked_ns = w->now_ns;
		obey(w, (struct feed_result){ .want_snapshot = true });
	}
	honest(w, "the time");
}

static void run(struct world *w)
{
	int64_t tick_ns = 0, end_ns = w->change[CHANGES - 1].sent_ns + 3000 * MS;
	while (w->now_ns < end_ns) {
		int at = -1;
		tick_ns += 100 * MS;
		for (;;) { /* those before the next tick, the earliest first */
			at = -1;
			for (int i = 0; i < w->n_events; i++)
				if (w->event[i].at_ns <= tick_ns &&
				    (at < 0 || w->event[i].at_ns < w->event[at].at_ns))
					at = i;
			if (at < 0)
				break;
			struct event e = w->event[at];
			w->event[at] = w->event[--w->n_events];
			if (e.session != w->session)
				continue;
			w->now_ns = e.at_ns > w->now_ns ? e.at_ns : w->now_ns;
			hand(w, &e);
		}
		w->now_ns = tick_ns;
		housekeeping(w);
	}
}

static void once(struct world *w, struct way way, uint64_t seed)
{
	*w = (struct world){ .way = way, .seed = seed };
	rng_seed(&w->r, seed);
	generate(w);
	send_all(w);
	const struct feed_options o = { .join = (uint8_t)way.join,
					.lines = way.lines,
					.replays = way.replays,
					.depth_expected = true,
					.levels = PRICES,
					.replay_patience_ns = 30 * MS };
	EXPECT(feed_set_init(&w->set, 1) == 0);
	EXPECT(feed_init(&w->f, &o, way.room == NO_SET ? NULL : &w->set) == 0);
	struct kept *taken = way.room == STARVED ? kept_borrow(&w->set.pool) : NULL;
	run(w);
	EXPECT_MSG(w->f.top.state == BOOK_LIVE, "seed %llu, rule %s: %s at the end",
		   (unsigned long long)seed, feed_join_name(way.join),
		   book_state_name((enum book_state)w->f.top.state));
	EXPECT_MSG(w->f.last_seq == seq_after(w, CHANGES), "seed %llu: LIVE, but not at the newest",
		   (unsigned long long)seed);
	if (taken)
		kept_return(&w->set.pool, taken);
	EXPECT(w->set.pool.out == 0 && w->set.n_listed == 0);
	feed_free(&w->f);
	feed_set_free(&w->set);
}

/* Each way of repair must have been seen where it can be. */
static void many(struct way way, unsigned seeds, uint64_t repairs[feed_repair_max])
{
	static struct world w;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		once(&w, way, seed);
		for (int i = 0; i < feed_repair_max; i++)
			repairs[i] += w.repairs[i];
	}
}

START_TEST(test_chains)
{
	enum feed_join join = (enum feed_join)_i;
	for (int room = BUFFERS; room <= NO_SET; room++)
		for (uint8_t lines = 1; lines <= 2; lines++)
			for (int replays = 0; replays <= 1; replays++) {
				uint64_t seen[feed_repair_max] = { 0 };
				struct way way = { join, lines, replays, false, room };
				many(way, 12, seen);
				EXPECT(seen[REPAIR_SNAPSHOT] > 0);
				if (room != BUFFERS)
					continue;
				EXPECT((seen[REPAIR_REPLAY] > 0) == (replays == 1));
				EXPECT((seen[REPAIR_OTHER_LINE] > 0) == (lines == 2));
				EXPECT(seen[REPAIR_ITSELF] > 0);
			}
}
END_TEST

START_TEST(test_resets)
{
	for (int room = BUFFERS; room <= NO_SET; room++) {
		uint64_t seen[feed_repair_max] = { 0 };
		many((struct way){ JOIN_PREV_RESET, 1, false, true, room }, 60, seen);
		EXPECT(seen[REPAIR_SNAPSHOT] > 0);
	}
}
END_TEST

START_TEST(test_whole_messages)
{
	uint64_t seen[feed_repair_max] = { 0 };
	many((struct way){ JOIN_WHOLE, 1, false, false, BUFFERS }, 30, seen);
	many((struct way){ JOIN_WHOLE, 2, false, false, BUFFERS }, 30, seen);
	EXPECT(seen[REPAIR_ITSELF] > 0);
	EXPECT(seen[REPAIR_REPLAY] == 0 && seen[REPAIR_OTHER_LINE] == 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("prop_feed");
	TCase *group = tcase_create("prop_feed");
	tcase_set_timeout(group, 120);
	tcase_add_loop_test(group, test_chains, JOIN_LAST_PLUS_1, JOIN_COUNT + 1);
	tcase_add_test(group, test_resets);
	tcase_add_test(group, test_whole_messages);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
