/* feed_parts - what the pages of the feed share; nobody else includes it.
 *
 * feed.c takes messages, feed_repair.c mends holes, feed_set.c keeps the list of those that wait. Engine's thread. */
#pragma once
#include "core/market/feed.h"

#define FEED_PATIENCE_NS 2000000000LL /* how long numbers may contradict each other */

/* What a feed was before a message, to say what came of it. */
struct feed_was {
	int64_t px[side_max], qty[side_max];
	uint8_t state;
};

static inline struct feed_was feed_was(const struct feed *f)
{
	const struct quote *q = &f->top.q;
	return (struct feed_was){ { q->px[SIDE_BUY], q->px[SIDE_SELL] },
				  { q->qty[SIDE_BUY], q->qty[SIDE_SELL] },
				  f->top.state };
}

static inline const struct join_rule *feed_rule(const struct feed *f)
{
	return &join_rules[f->join];
}

/* No venue counts so far from one message to the next. */
static inline bool feed_leaps(int64_t to, int64_t from)
{
	return to > from && (uint64_t)to - (uint64_t)from > 1ULL << 32;
}

/* Is it the next, by the venue's rule? */
static inline bool feed_joins(const struct feed *f, const struct depth *d)
{
	const struct join_rule *r = feed_rule(f);
	return join_follows(r, f->last_seq, d) ||
	       (f->fresh_snapshot && join_overlaps(r, f->last_seq, d));
}

static inline bool feed_is_old(const struct feed *f, const struct depth *d)
{
	return join_old(feed_rule(f), f->last_seq, d);
}

static inline void feed_take(struct feed *f, const struct depth *d)
{
	if (d->last_seq < f->last_seq) /* an announced reset */
		f->top.q.seq = 0;
	book_apply(&f->book, d);
	f->last_seq = d->last_seq;
	f->old_since_ns = 0;
	f->fresh_snapshot = false;
}

/* Completes r: the state shown, and what differs. The last thing that is done for a message. */
struct feed_result feed_told(struct feed *f, const struct feed_was *was, struct feed_result r);
void feed_set_list(struct feed *f, bool due);

/* Something was taken into a sound book: its best prices become the top, and whether it is crossed and heard is judged anew. */
void feed_renew_top(struct feed *f, int64_t venue_ns, int64_t recv_ns);

/* Old news. True: nothing else has come for so long that it is the claim which is wrong; then nothing is claimed any more. */
bool feed_disbelieves(struct feed *f, int64_t now_ns);
/* Opens a hole behind last_seq, and asks for what can mend it. gap_last 0: where it ends is not known. */
void feed_open_hole(struct feed *f, struct feed_result *r, int64_t gap_last, int64_t now_ns);
/* Asks for a whole book, unless that was done. */
void feed_ask_snapshot(struct feed *f, struct feed_result *r, int64_t now_ns);
/* A change that came while the book has a hole, or is not there yet. */
void feed_depth_broken(struct feed *f, struct feed_result *r, const struct depth *d);
/* A snapshot was loaded: what was kept joins it. True: nothing is missing any more. */
bool feed_join_kept(struct feed *f);
/* Nothing is missing any more: what the repair held is given back, and r says how it went. */
void feed_mended(struct feed *f, struct feed_result *r, enum feed_repair how, int64_t venue_ns,
		 int64_t now_ns);
void feed_forget_repair(struct feed *f);
/* The other line or the replay is overdue: the next is asked for. */
void feed_wait_over(struct feed *f, struct feed_result *r, int64_t now_ns);
