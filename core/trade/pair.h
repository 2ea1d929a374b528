/* pair - two to five legs that belong together, and the table of states that says how they may end: hedged, flat, or held with a cause.
 *
 * A pair is written to the journal before its first leg leaves and is moved by nothing but pair_next(). Legs keep what was wanted, what has filled
 * and at which prices; the sum of their base units is the imbalance. Engine's thread; a fixed pool, finished pairs are kept for late news until room is needed. */
#pragma once
#include "core/base/map.h"
#include "core/base/timer.h"
#include "core/market/basis.h"
#include "core/trade/strategy.h"
#include <stdbool.h>
#include <stdint.h>

enum pair_state {
	PAIR_PROPOSED,
	PAIR_CHECKED,
	PAIR_REFUSED,
	PAIR_SENT,
	PAIR_HEDGED,
	PAIR_FLAT,
	PAIR_BROKEN,
	PAIR_COMPLETING,
	PAIR_UNWINDING,
	PAIR_HELD,
	pair_state_max
};

enum pair_event {
	PAIR_EV_PASS,	/* risk says yes, the intent is durable */
	PAIR_EV_REFUSE, /* risk, room or the venue's rules say no; nothing was sent */
	PAIR_EV_SEND,
	PAIR_EV_EVEN,	  /* all orders have ended, something filled, the legs balance */
	PAIR_EV_EMPTY,	  /* all orders have ended, nothing is left of it */
	PAIR_EV_UNEVEN,	  /* the legs do not balance */
	PAIR_EV_COMPLETE, /* rescue: fill up the lagging legs */
	PAIR_EV_UNWIND,	  /* rescue: take back the leading legs */
	PAIR_EV_HOLD,	  /* no way out now; the cause is named */
	pair_event_max
};

/* Why a pair is held (R6): each is a fact about the world that can end. */
enum held_cause {
	HELD_NONE,
	HELD_VENUE_DOWN,
	HELD_NO_MARKET,
	HELD_UNKNOWN_ORDER,
	HELD_BUDGET, /* the money of the rescue */
	HELD_BY_POLICY,
	HELD_NO_ROOM,
	HELD_CLOSED, /* the market of a leg is closed: it goes on when it opens */
	HELD_PRICE, /* the market is beyond the slip limit or the collar: it goes on when the price is back */
	HELD_MESSAGES, /* a venue's message budget is used up, or it bars messages */
	HELD_ATTEMPTS, /* the steps have used up their messages or their time: afresh after a rest */
	HELD_LOCKED,   /* a leg stands at its limit of the day and nobody trades against it (F34) */
	HELD_HALTED,   /* the venue has halted a leg (F38) */
	HELD_UNMEASURED, /* of a step that waits: nobody knows yet how much the price moves */
	HELD_CLOCK,	 /* a venue refuses our time stamps: it is asked for its clock (F44) */
	held_cause_max
};

/* What an operator told a held or broken pair. The first two name the only way that its rescue may take until it ends; what was accepted stays as it is
 * until something new fills. */
enum resolve_way {
	RESOLVE_NONE,
	RESOLVE_COMPLETE,
	RESOLVE_UNWIND,
	RESOLVE_ADOPT,
	RESOLVE_ACCEPT,
	resolve_way_max
};

#define PAIR_STEPS 7 /* the ways of rescue.h */

struct pair_leg {
	uint32_t instrument; /* index */
	uint16_t account, venue;
	uint8_t side;
	int64_t ratio_num, ratio_den;
	int64_t want_qty;	  /* unsigned */
	int64_t limit_px, ref_px; /* worst price accepted; executable price at the decision */
	int64_t cum_qty;	  /* signed: buys plus, sells minus, rescues and busts included */
	int64_t cum_value_e8;	  /* signed alike: paid plus, received minus */
	int64_t traded_qty;	  /* both ways, unsigned */
	int64_t fee_base_e8;	  /* taken out of what was received */
	uint32_t open_orders;

	/* Of its plan. The prices of a leg that rests, and of those that it is hedged on, are as of its newest order. */
	bool limit_asked;  /* the script has named limit_px: it does not move */
	int64_t wait_ns;   /* so much later than the pair's first order its own leaves */
	int64_t order_qty; /* what its newest order of the plan asks for: all of it, or a slice */
};

/* How far the plan of a pair in SENT has come: what its style still has to send. */
enum pair_plan {
	PLAN_OVER,   /* nothing: all orders are out, or never will be */
	PLAN_WORKS,  /* legs are still to be sent, or one rests */
	PLAN_ENDING, /* nothing opens any more; what fills is still followed */
	pair_plan_max
};

/* Why the core takes a leg for the less certain one. */
enum first_why {
	FIRST_ASKED,
	FIRST_CONFIGURED,
	FIRST_REFUSED,
	FIRST_THINNER,
	FIRST_FEWER_MESSAGES,
	FIRST_COARSER,
	FIRST_ALIKE,
	first_why_max
};

/* What the fair value of a pair's edge was taken from. Their numbers stand in receipts. */
enum fair_from {
	FAIR_UNKNOWN,
	FAIR_PRESUMED, /* one asset in one currency: no difference */
	FAIR_MEAN,     /* of the basis over its window */
	FAIR_STATED,   /* by the script */
	fair_from_max
};

/* Its own ladder, where its proposal asked for one (terms.h). -1: as its instance has it. */
struct pair_terms {
	bool stated;
	uint8_t on_leg_fail; /* on_leg_fail_max: not said */
	int32_t slip_tick, unwind_slip_tick;
	int64_t budget_e8, wait_ns, chase_ns;
};

struct pair {
	uint64_t id, round, cause; /* cause: its latest receipt */
	uint16_t instance;
	uint32_t script; /* durable number of the version that traded when it was opened; 0: of a life that knew none */
	uint8_t state, intent, n_legs, tif;
	uint8_t held_cause;
	uint32_t first_order; /* slot + 1 of its latest order in the blotter; 0: none */
	uint8_t attempts;     /* rescues sent so far, since an operator's word afresh */
	uint8_t rests; /* in a row, since its venue refused the rescues; refused: the last one was */
	bool refused;
	uint8_t step;			    /* the way of rescue.h that its latest orders are of */
	bool chasing;			    /* its open orders rest at their own side of the book */
	bool repriced;			    /* they were cancelled to be quoted anew */
	uint16_t step_messages[PAIR_STEPS]; /* sent by each way of rescue.h since the pair rested */
	int64_t step_ns[PAIR_STEPS];	    /* when each was first taken; 0: not */
	int64_t held_ns, held_since_ns; /* counted so far; since when it is held. 0: it is not */
	int64_t again_ns;		/* its rows are used up: afresh then */
	int64_t held_money_s_e8; /* what was unhedged while it was held: money times seconds */
	uint8_t told;		 /* enum resolve_way */
	uint8_t breach;		 /* enum risk_limit that it went beyond while it worked; 0: none */
	bool dirty;		 /* has news: is in the executor's list */
	bool queued;		 /* stands in the queue of finished pairs, at most once */
	bool waiting;		 /* a wait has been receipted since the last step */
	int64_t target_base_e8;	 /* unsigned, of one unit of ratio */
	int64_t lots;		 /* pair lots */
	int64_t decided_ns, sent_ns; /* monotonic */
	int64_t broken_ns; /* since when it is not even and nothing on its way is to make it so, whatever was tried since; 0: it is not */
	int64_t climb_ns;  /* since when its rows are afresh and in use */
	int64_t stuck_ns; /* since when nothing can be done about what is unhedged, though it is not held yet; 0: it is not */
	uint8_t stuck_cause; /* enum held_cause: for what */
	bool stuck_told;     /* an alert says so */
	bool takes_back; /* a repair after too many: whatever the policy, it opens nothing again */
	int64_t spent_e8;    /* what rescues have cost beyond the reference prices, fees included */
	int64_t forgiven_e8; /* so much of it was spent before an operator gave the budget afresh */
	int64_t accepted_base_e8; /* the imbalance that an operator accepted */
	int64_t rescue_ns,
		rescue_traded; /* the last rescue: when, and what had been traded before it */
	timer_id timer;
	struct pair_leg leg[LEG_MAX];
	char reason[PROPOSAL_REASON];

	/* How its orders go out (plan.h). */
	uint8_t style, align;	/* enum pair_style, enum pair_align */
	uint8_t first;		/* its leg that goes first or rests */
	uint8_t first_why;	/* enum first_why */
	uint8_t plan;		/* enum pair_plan */
	bool resting;		/* is in the list of those that are looked at in every turn */
	uint16_t quotes;	/* orders of the resting leg so far */
	uint16_t slices, slice; /* parts that it leaves in (slice.h); those that have left */
	int64_t rest_until_ns;	/* the plan ends then; monotonic */
	int64_t quote_at_ns;	/* no new price before then */
	int64_t wake_ns;	/* when its timer fires */
	uint64_t quotes_seen;	/* the quotes that it was last looked at with */
	uint64_t event;		/* what it was decided on */
	double edge; /* what the resting leg's price keeps: value of what is sold less what is bought, for one of the pair */
	double fair; /* the same difference where nothing is to be had (edge.h) */
	uint8_t fair_from; /* enum fair_from */
	struct pair_terms terms;
};

struct pairs {
	struct pair *slot;
	uint32_t *free, *done; /* done: a queue of finished ones, oldest first */
	uint32_t cap, n_free, done_head, n_done;
	uint32_t used; /* slots from here on were never taken */
	struct map by_id;
	uint32_t *dirty; /* slots with news */
	uint32_t n_dirty;

	uint32_t *resting; /* slots of pairs of which a leg rests */
	uint32_t n_resting;
};

int pairs_init(struct pairs *p, uint32_t cap);
void pairs_free(struct pairs *p);
/* A new one; takes the slot of the oldest finished pair when there is no other: *evicted is that pair's copy (id 0: none). NULL: all are in flight. */
struct pair *pairs_new(struct pairs *p, uint64_t id, struct pair *evicted);
struct pair *pairs_find(struct pairs *p, uint64_t id);
struct pair *pairs_each(struct pairs *p, uint32_t *i);
void pairs_touch(struct pairs *p, struct pair *pair);  /* it has news */
struct pair *pairs_next_dirty(struct pairs *p);	       /* takes it off the list; NULL: none */
void pairs_finish(struct pairs *p, struct pair *pair); /* may be recycled from now on */

/* One of its legs rests, or none any more. */
void pairs_rest(struct pairs *p, struct pair *pair, bool rests);

/* The price that an order of this leg is sent at: its limit, or where it rests, which may be the better one and moves. */
int64_t pair_order_px(const struct pair *p, unsigned leg);

bool pair_over(enum pair_state s);    /* HEDGED, FLAT or REFUSED */
bool pair_working(enum pair_state s); /* has or may have orders out: neither over nor proposed */
enum pair_state pair_next(enum pair_state s, enum pair_event e); /* pair_state_max: no such move */
const char *pair_state_name(enum pair_state s);
const char *pair_event_name(enum pair_event e);
const char *held_cause_name(enum held_cause c);
const char *pair_intent_name(enum pair_intent i);
const char *resolve_way_name(enum resolve_way w);
enum resolve_way resolve_way_find(const char *name); /* RESOLVE_NONE: no such word */
/* Net base units of a leg, and of all legs: what is not hedged. */
int64_t pair_leg_base_e8(const struct pair_leg *l, const struct instrument *i);
/* Open orders of all legs. */
uint32_t pair_open_orders(const struct pair *p);
