#include "core/market/feed.h"

#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define FEED_BUFFERED_LEVELS  16384 /* about three seconds of a busy futures book */
#define FEED_BUFFERED_CHANGES 1024
#define LEAP		      (1LL << 32) /* no venue counts so far from one message to the next */
#define NUMBERS_PATIENCE_NS   2000000000LL

/* Changes kept while the snapshot travels, packed one behind another. */
struct feed_buffer {
	struct depth change[FEED_BUFFERED_CHANGES];
	struct level level[FEED_BUFFERED_LEVELS];
	uint32_t n, used;
};

static const char *const state_name[] = { "EMPTY", "LIVE",   "GAP",    "RECOVERING",
					  "STALE", "HALTED", "CROSSED" };
_Static_assert(sizeof state_name / sizeof *state_name == book_state_max,
	       "a name for every book state");

const char *book_state_name(enum book_state s)
{
	return s < book_state_max ? state_name[s] : "?";
}

/*  EMPTY --start--> RECOVERING --snapshot joins--> LIVE <--> CROSSED
 *                        ^                          |
 *                        +------- GAP <--- hole ----+      any --down--> EMPTY
 *  Rows: state; columns: START CHANGE HOLE SNAPSHOT CROSS UNCROSS DOWN. */
/* clang-format off */
static const uint8_t next_state[book_state_max][feed_event_max] = {
	[BOOK_EMPTY] = {BOOK_RECOVERING, BOOK_RECOVERING, BOOK_RECOVERING, BOOK_LIVE, BOOK_EMPTY, BOOK_EMPTY, BOOK_EMPTY},
	[BOOK_LIVE] = {BOOK_LIVE, BOOK_LIVE, BOOK_GAP, BOOK_LIVE, BOOK_CROSSED, BOOK_LIVE, BOOK_EMPTY},
	[BOOK_GAP] = {BOOK_RECOVERING, BOOK_GAP, BOOK_GAP, BOOK_LIVE, BOOK_GAP, BOOK_GAP, BOOK_EMPTY},
	[BOOK_RECOVERING] = {BOOK_RECOVERING, BOOK_RECOVERING, BOOK_RECOVERING, BOOK_LIVE, BOOK_RECOVERING, BOOK_RECOVERING, BOOK_EMPTY},
	[BOOK_STALE] = {BOOK_RECOVERING, BOOK_LIVE, BOOK_GAP, BOOK_LIVE, BOOK_CROSSED, BOOK_LIVE, BOOK_EMPTY},
	[BOOK_HALTED] = {BOOK_RECOVERING, BOOK_HALTED, BOOK_GAP, BOOK_LIVE, BOOK_HALTED, BOOK_HALTED, BOOK_EMPTY},
	[BOOK_CROSSED] = {BOOK_CROSSED, BOOK_CROSSED, BOOK_GAP, BOOK_LIVE, BOOK_CROSSED, BOOK_LIVE, BOOK_EMPTY},
};
/* clang-format on */

enum book_state feed_next(enum book_state s, enum feed_event e)
{
	return (enum book_state)next_state[s][e];
}

static void move(struct feed *f, enum feed_event e)
{
	f->top.state = next_state[f->top.state][e];
}

int feed_init(struct feed *f, enum feed_join join, bool depth_expected, uint32_t levels)
{
	*f = (struct feed){ .join = (uint8_t)join, .depth_expected = depth_expected };
	int rc = book_init(&f->book, levels);
	if (rc)
		return rc;
	f->buf = calloc(1, sizeof *f->buf);
	if (!f->buf) {
		feed_free(f);
		return err_set(ERR_NOMEM, "no memory for a feed's repair buffer");
	}
	return 0;
}

void feed_free(struct feed *f)
{
	book_free(&f->book);
	free(f->buf);
	f->buf = NULL;
}

static bool same_top(const struct quote *a, const struct quote *b)
{
	return memcmp(a->px, b->px, sizeof a->px) == 0 &&
	       memcmp(a->qty, b->qty, sizeof a->qty) == 0;
}

static bool two_sided(const struct quote *q)
{
	return q->qty[SIDE_BUY] > 0 && q->qty[SIDE_SELL] > 0;
}

static struct feed_result result(const struct feed *f, uint8_t from, const struct quote *before)
{
	return (struct feed_result){
		.top_changed = !same_top(before, &f->top.q),
		.state_changed = f->top.state != from,
		.emptied = two_sided(before) && !two_sided(&f->top.q),
		.from = from,
	};
}

/* The book's best prices become the top unless a best-price message was newer: by a number that the book will reach before long. */
static void top_from_book(struct feed *f, int64_t venue_ns, int64_t recv_ns)
{
	int64_t ahead = f->top.q.seq - f->last_seq;
	if (ahead > 0 && ahead <= LEAP && recv_ns - f->top.q.recv_ns <= NUMBERS_PATIENCE_NS)
		return;
	struct quote q = { .seq = f->last_seq, .venue_ns = venue_ns, .recv_ns = recv_ns };
	for (int s = 0; s < side_max; s++) {
		const struct level *l = book_best(&f->book, (enum side)s, 0);
		if (l) {
			q.px[s] = l->px;
			q.qty[s] = l->qty;
		}
	}
	f->top.q = q;
	f->top.valid_ns = recv_ns;
}

static void judge_cross(struct feed *f, int64_t now_ns)
{
	const struct quote *q = &f->top.q;
	bool crossed =
		(two_sided(q) && q->px[SIDE_BUY] >= q->px[SIDE_SELL]) || book_crossed(&f->book);
	move(f, crossed ? FEED_EV_CROSS : FEED_EV_UNCROSS);
	if (f->top.state != BOOK_CROSSED)
		f->crossed_ns = 0;
	else if (!f->crossed_ns)
		f->crossed_ns = now_ns;
}

/* It is believed again: how long was it not? */
static int64_t mended_ns(struct feed *f, int64_t now_ns)
{
	int64_t took_ns = f->gap_since_ns ? now_ns - f->gap_since_ns : 0;
	f->gap_since_ns = 0;
	return took_ns;
}

/* Is the book believed to follow the venue, though perhaps not to be traded on? */
static bool sound(uint8_t state)
{
	return state == BOOK_LIVE || state == BOOK_CROSSED || state == BOOK_STALE;
}

struct feed_result feed_quote(struct feed *f, const struct quote *q)
{
	uint8_t from = f->top.state;
	struct quote before = f->top.q;
	if (q->seq &&
	    q->seq <=
		    f->top.q.seq) { /* older than what is known: a duplicate or a re-ordering (F33) */
		f->dropped++;
		f->top.valid_ns = q->recv_ns > f->top.valid_ns ? q->recv_ns : f->top.valid_ns;
		return result(f, from, &before);
	}
	if (sound(from) && f->last_seq && q->seq - f->last_seq > LEAP)
		return feed_bad(f, q->recv_ns);
	f->top.q = *q;
	f->top.valid_ns = q->recv_ns;
	int64_t took_ns = 0;
	if (!f->depth_expected && f->top.state == BOOK_EMPTY) {
		f->top.state = BOOK_LIVE;
		took_ns = mended_ns(f, q->recv_ns);
	}
	/* A best price may be newer than the book for a moment, so each is compared with itself alone. */
	if (f->top.state == BOOK_LIVE || f->top.state == BOOK_CROSSED)
		judge_cross(f, q->recv_ns);
	struct feed_result r = result(f, from, &before);
	r.took_ns = took_ns;
	return r;
}

/* Is it the one behind `last`, by the venue's rule? */
static bool follows(const struct feed *f, int64_t last, const struct depth *d)
{
	return (f->join == JOIN_PREV ? d->prev_seq : d->first_seq - 1) == last;
}

static bool joins(const struct feed *f, const struct depth *d)
{
	if (follows(f, f->last_seq, d))
		return true;
	int64_t first = f->join == JOIN_PREV ? f->last_seq : f->last_seq + 1;
	return f->fresh_snapshot && d->first_seq <= first && first <= d->last_seq;
}

/* All of it is in the book already. A change that ends at the snapshot's own number may still be the one that joins it. */
static bool stale(const struct feed *f, const struct depth *d)
{
	bool may_join = f->join == JOIN_PREV && f->fresh_snapshot;
	return may_join ? d->last_seq < f->last_seq : d->last_seq <= f->last_seq;
}

static void take(struct feed *f, const struct depth *d)
{
	book_apply(&f->book, d);
	f->last_seq = d->last_seq;
	f->joined_ns = d->recv_ns;
	f->fresh_snapshot = false;
}

static bool keep(struct feed_buffer *b, const struct depth *d)
{
	uint32_t need = d->n[SIDE_BUY] + d->n[SIDE_SELL];
	if (b->n == FEED_BUFFERED_CHANGES || need > FEED_BUFFERED_LEVELS - b->used)
		return false;
	struct depth *c = &b->change[b->n++];
	*c = *d;
	for (int s = 0; s < side_max; s++) {
		if (d->n[s])
			memcpy(&b->level[b->used], d->level[s], d->n[s] * sizeof(struct level));
		c->level[s] = &b->level[b->used];
		b->used += d->n[s];
	}
	return true;
}

static void start_over(struct feed *f)
{
	f->buf->n = f->buf->used = 0;
	f->asked_ns = 0;
}

/* Keeps the change for the snapshot to come. Behind a hole, and where the buffer overflows, it starts anew: an older snapshot would not join anyway. */
static void keep_for_repair(struct feed *f, const struct depth *d)
{
	struct feed_buffer *b = f->buf;
	if (b->n && !follows(f, b->change[b->n - 1].last_seq, d)) {
		f->dropped += b->n;
		b->n = b->used = 0;
	}
	if (!keep(f->buf, d)) {
		f->dropped += f->buf->n;
		start_over(f);
		keep(f->buf, d);
	}
}

static struct feed_result repair(struct feed *f, struct feed_result r, int64_t now_ns)
{
	if (f->asked_ns == 0) {
		f->asked_ns = now_ns;
		r.want_snapshot = true;
	}
	return r;
}

/* All that comes is older than what the book claims: then it is the claim that is wrong. */
static struct feed_result disbelieve(struct feed *f, int64_t now_ns)
{
	struct feed_result r = feed_bad(f, now_ns);
	f->last_seq = f->top.q.seq = 0;
	return r;
}

struct feed_result feed_depth(struct feed *f, const struct depth *d)
{
	uint8_t from = f->top.state;
	struct quote before = f->top.q;
	if (d->last_seq - d->first_seq > LEAP)
		return feed_bad(f, d->recv_ns);
	if (sound(from) && stale(f, d)) {
		f->dropped++;
		if (d->recv_ns - f->joined_ns > NUMBERS_PATIENCE_NS)
			return disbelieve(f, d->recv_ns);
		return result(f, from, &before);
	}
	if (sound(from) && joins(f, d)) {
		take(f, d);
		top_from_book(f, d->venue_ns, d->recv_ns);
		move(f, FEED_EV_CHANGE);
		judge_cross(f, d->recv_ns);
		return result(f, from, &before);
	}
	if (sound(from)) {
		f->gap_first_seq = f->last_seq + 1;
		f->gap_since_ns = d->recv_ns;
		f->crossed_ns = 0;
		start_over(f);
	}
	if (from == BOOK_EMPTY)
		f->gap_since_ns = d->recv_ns;
	move(f, FEED_EV_HOLE);
	keep_for_repair(f, d);
	return repair(f, result(f, from, &before), d->recv_ns);
}

/* Applies what was kept; false when it does not join the snapshot, which is then too old (or a change is missing among them). */
static bool replay_kept(struct feed *f)
{
	for (uint32_t i = 0; i < f->buf->n; i++) {
		const struct depth *d = &f->buf->change[i];
		if (stale(f, d))
			continue;
		if (!joins(f, d))
			return false;
		take(f, d);
	}
	return true;
}

struct feed_result feed_snapshot(struct feed *f, const struct depth *d)
{
	uint8_t from = f->top.state;
	struct quote before = f->top.q;
	if (sound(from) && d->last_seq <= f->last_seq) /* nobody needs it any more */
		return result(f, from, &before);
	/* Older than what was believed before the hole, or beyond all that the venue has counted since: no way forward. */
	int64_t newest = f->buf->n ? f->buf->change[f->buf->n - 1].last_seq : f->last_seq;
	if (d->last_seq < f->last_seq || (newest && d->last_seq - newest > LEAP)) {
		f->asked_ns = 0;
		return repair(f, result(f, from, &before), d->recv_ns);
	}
	book_load(&f->book, d);
	f->last_seq = d->last_seq;
	f->joined_ns = d->recv_ns;
	f->fresh_snapshot = true;
	f->asked_ns = 0;
	if (!replay_kept(f)) { /* ask again; what was kept stays, a newer snapshot may join it */
		if (from == BOOK_EMPTY || from == BOOK_LIVE)
			move(f, FEED_EV_HOLE);
		return repair(f, result(f, from, &before), d->recv_ns);
	}
	start_over(f);
	f->repairs++;
	top_from_book(f, d->venue_ns, d->recv_ns);
	move(f, FEED_EV_SNAPSHOT);
	judge_cross(f, d->recv_ns);
	struct feed_result r = result(f, from, &before);
	r.took_ns = mended_ns(f, d->recv_ns);
	return r;
}

struct feed_result feed_down(struct feed *f, int64_t now_ns)
{
	uint8_t from = f->top.state;
	struct quote before = f->top.q;
	if (two_sided(&before))
		f->mid_px = before.px[SIDE_BUY] + (before.px[SIDE_SELL] - before.px[SIDE_BUY]) / 2;
	f->top.q = (struct quote){ 0 };
	book_clear(&f->book);
	f->last_seq = 0;
	f->crossed_ns = 0;
	f->gap_since_ns = now_ns;
	start_over(f);
	move(f, FEED_EV_DOWN);
	return result(f, from, &before);
}

struct feed_result feed_bad(struct feed *f, int64_t now_ns)
{
	uint8_t from = f->top.state;
	struct quote before = f->top.q;
	if (!f->depth_expected) { /* best prices repair themselves with the next message */
		f->top.state = BOOK_EMPTY;
		if (from != BOOK_EMPTY)
			f->gap_since_ns = now_ns;
		return result(f, from, &before);
	}
	f->crossed_ns = 0;
	if (!sound(from)) /* it is being repaired already; a flood of bad messages is not one of snapshots */
		return result(f, from, &before);
	f->gap_first_seq = f->last_seq + 1;
	f->gap_since_ns = now_ns;
	start_over(f);
	move(f, FEED_EV_HOLE);
	return repair(f, result(f, from, &before), now_ns);
}

bool feed_stuck(const struct feed *f, int64_t now_ns, int64_t patience_ns)
{
	return f->top.state == BOOK_CROSSED && now_ns - f->crossed_ns > patience_ns;
}

bool feed_overdue(const struct feed *f, int64_t now_ns, int64_t patience_ns)
{
	return f->asked_ns && now_ns - f->asked_ns > patience_ns;
}
