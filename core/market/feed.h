/* feed - decides whether the book of one instrument may be believed: continuity, repair, and the best prices that follow.
 *
 * Depth changes are applied only in the venue's own order (a row of join.h). A hole makes the book GAP: what comes behind it is kept in a borrowed, bounded buffer, and the hole is mended
 * by whatever fills it first: a change that was only late, the other line's copy, a replay, a snapshot. They are asked for in that order, as far as the venue has them. Best-price messages (bookTicker)
 * and the book share one sequence: whichever is newer is the top. Numbers that leap, and numbers that all else is older than, are not believed; nor are prices and quantities
 * that the instrument cannot have. Nothing is traded on a top that is not LIVE (feed_state.h). Engine's thread; memory from init, nothing allocates later. */
#pragma once
#include "core/market/book.h"
#include "core/market/feed_state.h"
#include "core/market/join.h"
#include "core/market/kept.h"
#include "core/market/top.h"
#include <stddef.h>

enum feed_repair {
	REPAIR_NONE,
	REPAIR_SNAPSHOT,
	REPAIR_REPLAY,
	REPAIR_OTHER_LINE,
	REPAIR_ITSELF, /* the missing change was only late, or nothing was missing, or each message is whole */
	feed_repair_max
};
const char *feed_repair_name(enum feed_repair r);

/* Why a message was not taken. */
enum feed_refusal {
	REFUSED_NOT,
	REFUSED_OLD, /* a duplicate, or re-ordered (F33); nothing is wrong */
	REFUSED_PRICE, /* zero or negative where the instrument does not allow it, or beyond all measure (F30) */
	REFUSED_QUANTITY, /* negative, or beyond all measure */
	REFUSED_LEAP,	  /* its number leaps, or runs backwards within one message */
	REFUSED_SNAPSHOT, /* a snapshot older than what was believed */
	feed_refusal_max
};
const char *feed_refusal_name(enum feed_refusal r);

/* What a feed with a hole waits for. In this order: what a venue does not have is passed over. */
enum feed_wait { WAIT_NOTHING, WAIT_LINE, WAIT_REPLAY, WAIT_SNAPSHOT, feed_wait_max };

struct feed_options {
	uint8_t join; /* enum feed_join */
	uint8_t lines; /* 2: the same changes come on two lines (struct depth's `line`); 0, 1: on one */
	bool depth_expected; /* the venue sends depth for it: best prices alone do not make it LIVE */
	bool replays;	     /* the venue sends numbered changes again on request */
	bool px_may_be_negative;
	uint32_t levels;	    /* a side; what is worse gives way */
	int64_t line_patience_ns;   /* for the other line's copy; 0: 20 ms */
	int64_t replay_patience_ns; /* for a replay; 0: 1 s */
};

struct feed_set;

/* What every message touches comes first, in three cache lines (FEED_HOT). */
struct feed {
	struct top top;
	struct book book;
	int64_t last_seq;     /* of the book */
	int64_t old_since_ns; /* since when all that comes is older than the book; 0: it is not so */
	struct feed_state is;
	uint8_t join, wait; /* enum feed_join, feed_wait */
	bool depth_expected, px_may_be_negative;
	bool based; /* the book is the venue's as of last_seq, though newer changes may be missing */
	bool fresh_snapshot; /* no change has joined the snapshot yet: the first one may overlap it */
	bool listed;	     /* in the set's list */
	bool replays, replayed;	 /* the venue can; it was asked to for this hole */
	uint8_t lines, gap_line; /* the line that showed the hole */
	/* from here on: what waits, is repaired, is counted */
	int64_t crossed_ns;	/* since when it is CROSSED; 0: it is not */
	int64_t asked_ns;	/* when a snapshot was last asked for; 0: not */
	int64_t wait_ns;	/* since when it waits for the line or the replay; 0: it does not */
	int64_t max_silence_ns; /* as last judged by */
	int64_t gap_first_seq,
		gap_last_seq; /* the hole that is being repaired; last 0: not known */
	int64_t gap_since_ns; /* 0: nothing is being repaired */
	int64_t mid_px; /* of the last top that had two sides, before it was lost; 0: none yet */
	int64_t unkept_seq; /* of the newest change that no buffer was there for; 0: none */
	int64_t line_patience_ns, replay_patience_ns;
	uint64_t dropped, refused, repairs,
		unkept; /* old news; nonsense; mended; not kept for want of a buffer */
	struct kept
		*kept; /* borrowed while it is repaired; NULL otherwise, or when none was left */
	struct feed_set *set;
	struct feed *next, *prev; /* in the set's list */
	uint8_t spare[40];	  /* of thousands in a row each begins with a cache line */
};

#define FEED_HOT 192
_Static_assert(offsetof(struct feed, crossed_ns) <= FEED_HOT, "what every message touches");
_Static_assert(sizeof(struct feed) % 64 == 0, "whole cache lines");

/* What the feeds of one engine share: the repair buffers, and the list of those that time itself must do something for (a snapshot was asked for, the other line or
 * a replay is waited for, the book is crossed). Ten times a second the engine goes through that list, not through all instruments. A feed enters and leaves it by itself. */
struct feed_set {
	struct kept_pool pool;
	struct feed *first, *at; /* the list; where a walk stands */
	uint32_t n_listed;
};

int feed_set_init(struct feed_set *s,
		  uint32_t buffers);	/* about 340 KB each, touched only when lent; -ERR_NOMEM */
void feed_set_free(struct feed_set *s); /* after its feeds */
/* A walk: `for (f = feed_set_first(s); f; f = feed_set_next(s))`. Feeds may leave meanwhile, any of them; those that enter wait for the next walk. */
struct feed *feed_set_first(struct feed_set *s);
struct feed *feed_set_next(struct feed_set *s);

/* set: outlives the feed and keeps its address, as the feed does. NULL: no buffer, no list; each hole is mended by a snapshot that nothing has come after. */
int feed_init(struct feed *f, const struct feed_options *o, struct feed_set *set);
void feed_free(struct feed *f);

/* What came of a message: the new state is in f->top.state. */
struct feed_result {
	bool top_changed;
	bool state_changed;
	bool want_snapshot; /* ask the venue for a whole book */
	bool want_replay;   /* ask the venue for gap_first_seq..gap_last_seq again */
	bool emptied;	    /* a side of the top that had orders has none */
	uint8_t from;	    /* the state before */
	uint8_t repair;	    /* enum feed_repair: it is believed again, and how it was mended */
	uint8_t refused;    /* enum feed_refusal */
	int64_t gap_first_seq,
		gap_last_seq; /* of a new hole, or of the one that was mended; last 0: not known */
	int64_t took_ns;      /* of the repair */
};

struct feed_result feed_quote(struct feed *f, const struct quote *q);
struct feed_result feed_depth(struct feed *f, const struct depth *d);
struct feed_result feed_snapshot(struct feed *f, const struct depth *d);
/* The session ended: nothing is known until a new snapshot. What the venue said of a halt stays so until it says otherwise. */
struct feed_result feed_down(struct feed *f, int64_t now_ns);
/* A message of this feed could not be read: there may be a hole behind it. If the next change follows all the same, there was none. On a book that is CROSSED: the book itself
 * is doubted, and only a whole one mends it. */
struct feed_result feed_bad(struct feed *f, int64_t now_ns);
/* The venue says that it is not (is again) in continuous trading. */
struct feed_result feed_halt(struct feed *f, int64_t now_ns);
struct feed_result feed_resume(struct feed *f, int64_t now_ns);
/* STALE when nothing has proven it valid (top_valid_ns) for longer than max_silence_ns, and not STALE otherwise; 0: never. */
struct feed_result feed_judge_silence(struct feed *f, int64_t now_ns, int64_t max_silence_ns);
/* For a feed of the list: the other line or the replay did not bring it in time, so the next is asked for. */
struct feed_result feed_on_time(struct feed *f, int64_t now_ns);
/* Crossed for longer than a market is: what crosses it may be a level that the venue never had, so a whole book is due (feed_bad). */
bool feed_stuck(const struct feed *f, int64_t now_ns, int64_t patience_ns);
/* The snapshot that was asked for did not come: ask again? */
bool feed_overdue(const struct feed *f, int64_t now_ns, int64_t patience_ns);
