/* lane - one executor's own copy of both venues and of the way to them: the same market, the same triggers, the same luck, and its own fills.
 *
 * Each venue is a matching core of its own (adapters/sim/exchange): what the executor took of a level stays taken. An order travels in_ns, its reports out_ns, quotes
 * feed_ns; ways keep their order. Whether an order is refused or cut depends on the trigger, the leg and the how-manieth order of that leg it is, and on nothing else, so
 * that all executors draw the same. Triggers come from what the host sees, late as it is: an executable edge, fees taken off, beyond a threshold, once until it has been below half of it; all of them count. After
 * `bound_ns` a trigger is over: what works for it is cancelled and what is not hedged is taken back at the market, at once and at the executor's cost. One thread; virtual
 * time; memory grows as it goes. */
#pragma once
#include "adapters/sim/exchange.h"
#include "core/market/feed.h"
#include "tests/bench/outcome/tape.h"
#include <stdbool.h>

struct lane_config {
	const struct tape *tape;
	uint64_t seed;
	int64_t in_ns[TAPE_MARKETS], out_ns[TAPE_MARKETS], feed_ns[TAPE_MARKETS];
	uint32_t jitter_pct; /* of in and out: uniform on top */
	uint32_t reject_ppm, partial_ppm;
	int64_t from_ns, to_ns; /* triggers fire within; both 0: everywhere */
	int64_t cool_ns,
		bound_ns; /* between two triggers; 0: 1 s. Until one is closed out; 0: 30 s */
};

/* An opportunity that was seen, and all that became of it, by the venues' own word. */
struct lane_trigger {
	int64_t at_ns;
	uint8_t side[TAPE_MARKETS];    /* what each leg does */
	int64_t ref_px[TAPE_MARKETS];  /* the best price on the other side, as the host saw it */
	int64_t net_qty[TAPE_MARKETS]; /* signed */
	int64_t cash_e8, fees_e8;      /* received less paid, before fees; fees */
	int64_t later_e8; /* what orders after a leg's first cost against the trigger's prices, fees in it */
	int64_t naked_since_ns, naked_ns, naked_qty_ns_e9; /* the last: quantity times seconds */
	uint32_t orders[TAPE_MARKETS], messages;
	bool traded, late, closed,
		forced; /* late: not hedged once both first orders should have arrived; forced: the lane had to end it */
	int64_t peek_px_qty[TAPE_MARKETS], peek_qty[TAPE_MARKETS], peek_px[TAPE_MARKETS];
};

enum report_kind {
	REPORT_ACK,
	REPORT_FILL,
	REPORT_ENDED,
	REPORT_REJECTED,
	REPORT_TOO_LATE,
	REPORT_STATUS
};

struct lane_report {
	uint8_t kind;
	bool working; /* STATUS */
	uint32_t order;
	uint64_t trade;
	int64_t px, qty, fee_e8; /* of a fill */
	int64_t cum;
};

struct lane_order {
	uint32_t trigger, nth; /* of its leg */
	uint8_t leg, side, tif;
	bool sure, working, arrived;
	int64_t px, qty, cum;
	int64_t heard;		/* filled, as the executor knows by now */
	bool ended;		/* likewise */
	uint64_t venue_id, ref; /* ref: the executor's own name for it */
};

struct lane;
struct executor;
struct executor_ops {
	bool tunes_pay_up, tunes_interval;
	int (*begin)(struct executor *e, struct lane *l); /* of each pass */
	void (*on_market)(struct executor *e, struct lane *l, unsigned market,
			  const struct tape_event *ev); /* NULL: looks at lane_top */
	void (*on_trigger)(struct executor *e, struct lane *l, uint32_t trigger);
	void (*on_report)(struct executor *e, struct lane *l, const struct lane_report *r);
	void (*on_timer)(struct executor *e, struct lane *l, uint64_t arg); /* lane_timer */
	void (*on_closed)(struct executor *e, struct lane *l,
			  uint32_t trigger);		   /* NULL: no matter */
	bool (*again)(struct executor *e, struct lane *l); /* one more pass? NULL: one is enough */
	void (*end)(struct executor *e);		   /* of each pass; NULL */
	void (*free)(struct executor *e);
};
struct executor {
	const struct executor_ops *ops;
	int64_t pay_up_tick,
		interval_ns; /* how much worse than the best price its limits are; how long it waits before it tries again */
};

struct lane {
	struct lane_config c;
	const struct tape *tape;
	struct executor *x;
	struct lane_venue *venue;
	struct feed feed[TAPE_MARKETS]; /* as the host sees them */
	struct instrument instrument[TAPE_MARKETS];
	struct assets assets;
	struct lane_trigger *trigger;
	uint32_t n_triggers, cap_triggers;
	struct lane_order *order;
	uint32_t n_orders, cap_orders;
	struct lane_message *heap;
	size_t n_heap, cap_heap;
	uint64_t n_messages;
	int64_t now_ns, fired_ns;
	bool fired
		[TAPE_MARKETS]; /* by the leg that sells: not again before the edge has been below half the threshold */
	size_t seen[TAPE_MARKETS], shown[TAPE_MARKETS]; /* events: at the venue, at the host */
	uint32_t arriving; /* the order that a venue is looking at + 1 */
	bool closing;	   /* what happens now is the lane's doing */
};

/* Runs the executor over the tape, as often as it asks for; the lane then holds what became of the last pass. Free it. */
int lane_run(struct lane *l, const struct lane_config *c, struct executor *x);
void lane_free(struct lane *l);
/* For executors. The index of the order; UINT32_MAX: the trigger is closed. sure: neither refused nor cut. */
uint32_t lane_send(struct lane *l, uint32_t trigger, unsigned leg, enum side side, int64_t px,
		   int64_t qty, enum tif tif, bool sure, uint64_t ref);
void lane_cancel(struct lane *l, uint32_t order);
void lane_query(struct lane *l, uint32_t order);
/* What an order sent now would meet when it arrives goes into the trigger's peek: at any price, all of it. */
void lane_peek(struct lane *l, uint32_t trigger, unsigned leg);
void lane_timer(struct lane *l, int64_t in_ns, uint64_t arg);
static inline const struct quote *lane_top(const struct lane *l, unsigned market)
{
	return &l->feed[market].top.q;
}
/* What is not hedged of a trigger; less than a lot is nothing. */
int64_t lane_open_qty(const struct lane *l, const struct lane_trigger *t);
/* Money (e8) of quantity at a price, or of quantity times a difference of prices. */
int64_t lane_money_e8(const struct lane *l, int64_t qty, int64_t px);
int64_t lane_fee_e8(const struct lane *l, unsigned market, int64_t qty, int64_t px);
/* What the account holds at a venue beyond what it began with: quote money and base units. */
int64_t lane_ledger_e8(const struct lane *l, unsigned market, bool base);
/* A number from the seed and what it is for: the same for all executors. */
uint64_t lane_luck(const struct lane *l, uint32_t trigger, unsigned leg, uint32_t nth,
		   unsigned what);
