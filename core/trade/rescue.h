/* rescue - prices the ways out of a broken pair: crossing or chasing to complete the legs that lag, taking back those that lead, or waiting for the price to return.
 *
 * It only computes: from terminal reports (nothing may still fill), the depth as it stands, fees (maker, taker, close-today) in one currency, the edge that unwinding gives up, and what
 * the price may do against an open leg while one waits. Which way is taken is the ladder's choice (ladder.h). Pure functions of the desk; engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Their numbers stand in receipts. */
enum rescue_way {
	RESCUE_NONE,
	RESCUE_COMPLETE, /* cross: IOC through the other side */
	RESCUE_UNWIND,
	RESCUE_WAIT, /* nothing is sent: for the price, or (with a cause) because nothing can be */
	RESCUE_HOLD,
	RESCUE_CHASE, /* complete with orders that rest at their own side and are re-priced */
	RESCUE_CHASE_BACK, /* the same to unwind */
	rescue_way_max
};
const char *rescue_way_name(enum rescue_way w);
/* Do its orders rest? */
static inline bool rescue_rests(enum rescue_way w)
{
	return w == RESCUE_CHASE || w == RESCUE_CHASE_BACK;
}

struct rescue_trade {
	uint8_t side;
	int64_t qty;		 /* 0: nothing to do on this leg */
	int64_t px;		 /* limit */
	int64_t seen_qty;	 /* what the market shows of it within the limit */
	bool opens;		 /* it goes beyond the leading leg: risk that is new */
	int64_t at_px;		 /* the average price that it is priced at */
	int64_t slip_e8, fee_e8; /* against the trigger price; in the instance's money */
};

/* One way out: what each leg trades, what that costs against the prices of the decision, and what it leaves. Money as of money_of(). */
struct rescue_way_out {
	bool offered;  /* its row is in use, and the policy allows it */
	bool possible; /* the market can be had for it */
	bool priced;   /* every amount of it could be converted: only then costs are compared */
	uint8_t why_not; /* enum held_cause: the market's, or the limit of its row; HELD_NONE: it can be taken */
	int64_t slip_e8, fee_e8, edge_e8, waiting_e8;
	int64_t cost_e8;      /* their sum */
	int64_t left_base_e8; /* |imbalance| once what the book shows of it has filled */
	int64_t short_base_e8; /* the same once all of it has filled: above the tolerance it is a step, not an end */
	struct rescue_trade trade[LEG_MAX];
};

struct rescue_plan {
	enum rescue_way way;
	enum held_cause cause;	   /* of HOLD, and of a WAIT that has no choice */
	int64_t imbalance_base_e8; /* signed */
	int64_t tolerance_base_e8;
	bool anything; /* some quantity is in the pair */
	struct rescue_way_out out[rescue_way_max];
};

/* What remains tolerable unhedged for this pair: the configured tolerance, or the smallest trade that could still correct it. */
int64_t rescue_tolerance_base_e8(const struct desk *d, const struct pair *p);
/* Net base units of all legs. */
int64_t rescue_imbalance_base_e8(const struct desk *d, const struct pair *p);
/* What so much of the base is worth in the instance's money, as its first leg is marked; 0: it has no price yet. */
int64_t rescue_value_e8(const struct desk *d, uint16_t instance, int64_t base_e8);
/* How far a rescue may move from its reference, ticks. */
int64_t rescue_slip_tick(const struct desk *d, const struct pair *p, bool completing);
/* The price that a chase quotes now for this side of a leg: its own side's best and as much better as it pays up, at most the other side's best, where it takes what stands there and
 * rests with what is left; going through that is crossing. 0: none that its limits allow. */
int64_t rescue_chase_px(struct desk *d, const struct pair *p, const struct pair_leg *l,
			enum side side, enum rescue_way way);
/* All ways, and the one that the ladder takes. */
void rescue_plan(struct desk *d, const struct pair *p, struct rescue_plan *out);
/* The way out that unwinding offers while another leg's order is unknown, as if that had filled nothing (F17). */
void rescue_plan_known(struct desk *d, const struct pair *p, struct rescue_plan *out);

/* Puts in place of completing to the leading leg completing to all that was wanted, where that costs less: the edge that it earns is counted, less than nothing. */
void rescue_fill_up(struct desk *d, const struct pair *p, int64_t lead_ppb,
		    struct rescue_plan *plan);

/* Between the files of rescue: a trade of each leg towards one progress, in millionths of what was wanted, priced for a way. */
#define RESCUE_PPB 1000000
void rescue_price(struct desk *d, const struct pair *p, enum rescue_way way, int64_t goal_ppb,
		  int64_t tolerance_base_e8, struct rescue_way_out *w);
