/* feed - decides whether the book of one instrument may be believed: continuity, repair, and the best prices that follow.
 *
 * Depth changes are applied only in the venue's own order (venue.h's depth_rule, as data). A hole makes the book GAP; a snapshot is
 * asked for, changes are kept meanwhile in a bounded buffer (RECOVERING), and the book is LIVE again when snapshot and changes join. Best-price messages (bookTicker)
 * and the book share one sequence: whichever is newer is the top. Numbers that leap, and numbers that all else is older than, are not believed. Nothing is
 * traded on a top that is not LIVE. Engine's thread; memory from init. */
#pragma once
#include "core/market/basis.h"
#include "core/market/book.h"
#include <stdbool.h>
#include <stdint.h>

/* How the numbers of depth changes and snapshots join; a row per venue's rule. */
enum feed_join {
	JOIN_LAST_PLUS_1, /* first == previous last + 1; after a snapshot S: first <= S + 1 <= last */
	JOIN_PREV, /* prev == previous last; after a snapshot S: that, or first <= S <= last */
	feed_join_max
};

enum feed_event {
	FEED_EV_START,
	FEED_EV_CHANGE,
	FEED_EV_HOLE,
	FEED_EV_SNAPSHOT,
	FEED_EV_CROSS,
	FEED_EV_UNCROSS,
	FEED_EV_DOWN,
	feed_event_max
};

struct feed {
	struct book book;
	struct top top;
	uint8_t join;
	bool fresh_snapshot; /* no change has joined the snapshot yet: the first one may overlap it */
	bool depth_expected; /* the venue sends depth for it: best prices alone do not make it LIVE */
	int64_t last_seq;    /* of the book */
	int64_t gap_first_seq; /* the hole that is being repaired */
	int64_t gap_since_ns;  /* 0: nothing is being repaired */
	int64_t mid_px;	   /* of the last top that had two sides, before it was lost; 0: none yet */
	int64_t joined_ns; /* when something was last taken into the book */
	int64_t crossed_ns; /* since when it is CROSSED; 0: it is not */
	int64_t asked_ns;   /* when a snapshot was last asked for; 0: not */
	uint64_t dropped, repairs;
	struct feed_buffer *buf;
};

int feed_init(struct feed *f, enum feed_join join, bool depth_expected, uint32_t levels);
void feed_free(struct feed *f);

/* What came of a message: the new state is in f->top.state. */
struct feed_result {
	bool top_changed;
	bool state_changed;
	bool want_snapshot; /* ask the venue for a whole book */
	bool emptied;	    /* a side of the top that had orders has none */
	uint8_t from;	    /* the state before */
	int64_t took_ns;    /* it is believed again: after so long; 0: nothing was repaired */
};

struct feed_result feed_quote(struct feed *f, const struct quote *q);
struct feed_result feed_depth(struct feed *f, const struct depth *d);
struct feed_result feed_snapshot(struct feed *f, const struct depth *d);
/* The session ended: nothing is known until a new snapshot. */
struct feed_result feed_down(struct feed *f, int64_t now_ns);
/* A message of this feed could not be read: there may be a hole behind it. */
struct feed_result feed_bad(struct feed *f, int64_t now_ns);
/* Crossed for longer than a market is: what crosses it may be a level that the venue never had, so a whole book is due (feed_bad). */
bool feed_stuck(const struct feed *f, int64_t now_ns, int64_t patience_ns);
/* The snapshot that was asked for did not come: ask again? */
bool feed_overdue(const struct feed *f, int64_t now_ns, int64_t patience_ns);
/* The state table of the book, for tests and pictures. */
enum book_state feed_next(enum book_state s, enum feed_event e);
