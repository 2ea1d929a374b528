/* lanes - a pair's story along time: a bar for each order of each leg, the pair's states, the rescue's steps.
 *
 * Times are nanoseconds since the story's beginning. Orders of a leg that do not overlap share a line. Main thread; one owner. */
#pragma once
#include "core/cmd/story.h"
#include <stdbool.h>
#include <stdint.h>

#define LANE_ORDERS 256
#define LANE_STATES 256
#define LANE_STEPS  256
#define LANE_MARKS  1024
#define LANE_LINES  12 /* of one leg; further orders share the last */

/* What happened to an order at a moment: kind of receipt, sign in UTF-8 and in ASCII, words of the legend. */
#define LANE_MARK_KINDS(X)                        \
	X(FILLED, "●", 'F', "filled")             \
	X(PARTLY, "◐", 'p', "filled in part")     \
	X(CANCELLED, "✕", 'x', "cancelled")       \
	X(REJECTED, "✗", 'R', "refused")          \
	X(UNKNOWN, "?", '?', "outcome not known") \
	X(REPLACED, "◆", 'r', "re-priced")        \
	X(BUST, "⊘", 'B', "fill taken back")

enum lane_mark_kind {
#define LANE_MARK_ENUM(id, ...) LANE_##id,
	LANE_MARK_KINDS(LANE_MARK_ENUM)
#undef LANE_MARK_ENUM
		lane_mark_kind_max
};
const char *lane_mark_words(enum lane_mark_kind k);

struct lane_mark {
	int64_t at_ns;
	uint8_t kind;		 /* enum lane_mark_kind */
	uint16_t order;		 /* whose */
	const struct fact *fact; /* the story's */
};

struct lane_order {
	const struct fact *fact; /* its ORDER receipt, the story's */
	int64_t from_ns, to_ns;	 /* given to its connection, ended */
	int64_t heard_ns;	 /* the venue's first word; to_ns where there was none */
	bool ended, rescue;
	uint8_t state; /* enum order_state, as last told */
	uint8_t line;  /* of its leg */
	int64_t filled_qty;
};

struct lane_state {
	int64_t from_ns;
	uint8_t state; /* enum pair_state */
};

struct lane_step {
	int64_t at_ns;
	const struct fact *fact; /* the RESCUE receipt */
};

struct lanes {
	const struct story *story;
	int64_t from_ns, to_ns; /* of all of it; to_ns > from_ns */
	unsigned n_orders, n_states, n_steps, n_marks;
	unsigned lines[LEG_MAX]; /* of each leg, at least one */
	bool cut;		 /* there was more than fits */
	struct lane_order order[LANE_ORDERS];
	struct lane_state state[LANE_STATES];
	struct lane_step step[LANE_STEPS];
	struct lane_mark mark[LANE_MARKS];
};

void lanes_make(const struct story *s, struct lanes *out);
/* Is something of the pair open against nothing in this state, or being brought in order? */
bool lane_state_bad(uint8_t state);
/* A step of 1, 2 or 5 times a power of ten of which `most` reach across a span. */
int64_t lane_step_ns(int64_t span_ns, unsigned most);
