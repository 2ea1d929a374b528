/* checker_parts - the checker's own model of pairs, orders and positions; only its files include it. */
#pragma once
#include "core/base/map.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "tests/sim/checker.h"

#define CHECK_PAIRS	  65536u
#define CHECK_ORDERS	  262144u
#define CHECK_TRADES	  262144u
#define CHECK_OPEN	  4096u
#define CHECK_ACCOUNTS	  8
#define CHECK_INSTRUMENTS 8
#define CHECK_INSTANCES	  16
#define CHECK_NONE	  UINT32_MAX

struct check_order {
	uint64_t id;
	uint32_t pair; /* slot */
	uint8_t leg, side, tif, state;
	bool rescue, sent;
	bool accepted, ended;		       /* truth */
	uint8_t instrument, account, instance; /* 1 + place */
	uint32_t open_at;     /* 1 + place in the list of its venue's open ones; 0: not there */
	int64_t px, qty, cum; /* cum: of receipts */
	int64_t true_cum;
	uint64_t venue_id;
	int64_t leaves_base_e8; /* what it counts in its instance's worst case */
	int64_t leaves_qty;	/* the same, in that of its leg and its account */
	uint8_t role;		/* enum order_role */
	uint64_t ended_turn;	/* by receipts */
	int64_t cancel_ns;	/* when the latest cancel was sent */
};

struct check_pair {
	uint64_t id;
	uint8_t state, intent, n_legs, instance, cause;
	bool accepted, at_rest;
	uint8_t legs_told;	       /* a bit for each */
	uint32_t open;		       /* orders, by receipts */
	int64_t base_e8, true_base_e8; /* net of all legs: by receipts, by the venues */
	int64_t leg_base_e8[LEG_MAX];
	struct {
		uint8_t instrument, side, account;
		int64_t ref_px, want_base_e8, want_qty; /* signed */
		int64_t qty, open_qty[side_max]; /* by receipts: signed; what may still fill */
		bool intended;
		uint32_t order; /* 1 + slot of the one that it was opened with */
	} leg[LEG_MAX];
	uint8_t style, first; /* of its plan; 0: all legs at once */
	uint64_t checked_seq;
	int64_t true_ns;  /* when what it is held for was last seen to be true */
	int64_t doubt_ns; /* when what it is held for has to be true; 0: it was */
	uint8_t way;	  /* of its latest rescue, and what completing and taking back would cost */
	bool priced[2], could[2], unpriced;
	int64_t cost_e8[2];
	uint8_t told_cause;	  /* of being held, for which an alert is due */
	bool told;		  /* an operator has said what becomes of it */
	int64_t forgiven_base_e8; /* what he accepted, by the venues */
	uint32_t unbooked;	  /* trades that the host has not booked yet */
	int64_t mark_px;
	int64_t naked_since_ns, held_since_ns, broken_ns;
	uint64_t seq;
	uint32_t script; /* that its receipts name; 0: none has */
	/* Of its latest rescue receipt. */
	int64_t complete_cost_e8, unwind_cost_e8, spent_e8, budget_e8;
	uint32_t messages; /* of rescues since it was last held */
};

struct check_trade {
	uint32_t order; /* slot; CHECK_NONE: foreign */
	int64_t px, qty;
	int64_t foreign_qty; /* booked as somebody else's */
	int64_t at_ns;
	uint8_t account, instrument;
	bool booked, old; /* old: made before its venue came up again, and not booked by then */
};

struct check_instance {
	int64_t base_e8, worst_e8[side_max];		/* receipts: net, and open orders by side */
	int64_t qty[CHECK_ACCOUNTS][CHECK_INSTRUMENTS]; /* what is attributed to it */
	int32_t in_flight;
	bool worked_on; /* a pair of it was not at rest when it had had its time */
};

struct check_venue {
	uint32_t open[CHECK_OPEN], n_open; /* order slots */
	uint32_t n_cancelling;
	int64_t trouble_ns[checker_trouble_max];
	int64_t window_ns;
	int32_t sent;
	bool up;
};

struct checker {
	struct checker_terms t;
	struct checker_count n;
	struct checker_violation violation[CHECKER_VIOLATIONS];
	uint32_t n_violations;
	struct check_pair *pair;
	struct check_order *order;
	struct check_trade *trade;
	uint32_t n_pairs, n_orders, n_trades, n_broken;
	struct map pair_of, order_of, trade_of, cross_of;
	struct check_venue venue[CHECKER_VENUES];
	struct check_instance instance[CHECK_INSTANCES];
	int64_t position[CHECK_ACCOUNTS][CHECK_INSTRUMENTS], /* by receipts */
		true_position[CHECK_ACCOUNTS][CHECK_INSTRUMENTS];
	int64_t open_qty[CHECK_ACCOUNTS][CHECK_INSTRUMENTS][side_max];
	uint32_t n_old[CHECK_ACCOUNTS][CHECK_INSTRUMENTS];    /* trades that are old */
	uint8_t fenced[CHECK_ACCOUNTS][CHECK_INSTRUMENTS];    /* 1 + enum fence_why; 0: not */
	int64_t beside_e8[CHECK_ACCOUNTS][CHECK_INSTRUMENTS]; /* accepted, and in nobody's books */
	uint8_t foreign_works[CHECK_ACCOUNTS][CHECK_INSTRUMENTS];
	int64_t coarsest; /* a venue's tick was once so many times as large */
	bool had_time; /* nothing was wrong any more, and nothing excused, before it was told to stop */
	int64_t now_ns, host_dead_ns, calm_ns; /* host_dead_ns: a death is felt until then */
	uint64_t seq;
	int64_t mono_ns;
	uint64_t turn;
	bool halted;	     /* by an operator's kill */
	uint64_t quote_bad;  /* receipt of the first unsound quote since the last decision */
	uint64_t over_order; /* an over-fill that has to be told now */
	uint32_t held[64], n_held;
	uint64_t untold,
		untold_turn; /* a pair that was held in this turn, and of which no alert was heard yet */
	uint32_t first_unbooked; /* all trades before it are booked */
	uint8_t planted;
	uint32_t planted_left;
};

void check_fail(struct checker *c, int invariant, const struct check_pair *p, uint64_t order,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
bool check_trouble(const struct checker *c, unsigned venue, enum checker_trouble t);
unsigned check_venue_of(const struct checker *c, unsigned instrument);
struct check_pair *check_pair_of(struct checker *c, uint64_t id);
struct check_order *check_order_of(struct checker *c, uint64_t id);
/* The signed base units of a trade, and what its fee takes away of them. */
int64_t check_base_e8(const struct checker *c, unsigned instrument, enum side side, int64_t qty,
		      int64_t px);

/* What may remain unhedged of it at rest, in base units. */
int64_t check_tolerance_e8(const struct checker *c, const struct check_pair *p);

/* check_orders.c: I3, I4, I5, I6. */
void check_orders_fact(struct checker *c, const struct fact *f);
void check_orders_event(struct checker *c, unsigned venue, const struct exchange_event *e);
/* The pair was never sent: nor were its orders. */
void check_orders_dropped(struct checker *c, const struct check_pair *p);
void check_orders_end(struct checker *c);
/* check_pairs.c: I1, I2, I8, and whether HELD is true. */
void check_pairs_fact(struct checker *c, const struct fact *f);
/* I11: whatever versions come meanwhile, a pair is of the one that opened it. */
void check_pairs_version(struct checker *c, const struct fact *f);
void check_pairs_traded(struct checker *c, struct check_pair *p, int64_t base_e8, int64_t px);
void check_pairs_booked(struct checker *c, struct check_pair *p, unsigned leg, int64_t base_e8);
void check_pairs_tick(struct checker *c);
void check_pairs_end(struct checker *c);
/* check_gates.c: I7, I9, I10, I12, I13. */
void check_gates_fact(struct checker *c, const struct fact *f);
/* check_legs.c: I1 of each leg as its orders are intended, and R4 to R6 of each step of a rescue. */
void check_legs_fact(struct checker *c, const struct fact *f);
void check_legs_checked(struct checker *c, struct check_pair *p);
/* check_books.c: what the host writes of its own books, and what it may open on (I2, I4). */
void check_books_fact(struct checker *c, const struct fact *f);
void check_books_booked(struct checker *c, struct check_trade *t);
void check_books_end(struct checker *c);
