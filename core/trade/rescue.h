/* rescue - prices the two ways out of a broken pair, completing the legs that lag or taking back those that lead, and picks one.
 *
 * It only computes: from terminal reports (nothing may still fill), the books as they stand, fees, and the edge that unwinding gives up. Inside the limits of slippage and money
 * the cheaper way wins, unless the policy names one; a broken close is completed or held, never re-opened. Pure functions of the desk; engine's thread. */
#pragma once
#include "core/trade/desk.h"

enum rescue_way {
	RESCUE_NONE,
	RESCUE_COMPLETE,
	RESCUE_UNWIND,
	RESCUE_WAIT,
	RESCUE_HOLD,
	rescue_way_max
};
const char *rescue_way_name(enum rescue_way w);

struct rescue_trade {
	uint8_t side;
	int64_t qty; /* 0: nothing to do on this leg */
	int64_t px;  /* limit */
};

/* One way out: what each leg trades, what that costs against the prices of the decision, and what it leaves. */
struct rescue_way_out {
	bool possible;
	int64_t cost_e8;
	int64_t left_base_e8; /* |imbalance| once it has filled */
	uint8_t why_not;      /* enum held_cause */
	struct rescue_trade trade[LEG_MAX];
};

struct rescue_plan {
	enum rescue_way way;
	enum held_cause cause;	   /* of WAIT and HOLD */
	int64_t imbalance_base_e8; /* signed */
	int64_t tolerance_base_e8;
	bool anything; /* some quantity is in the pair */
	struct rescue_way_out complete, unwind;
};

/* What remains tolerable unhedged for this pair: the configured tolerance, or the smallest trade that could still correct it. */
int64_t rescue_tolerance_base_e8(const struct desk *d, const struct pair *p);
/* Net base units of all legs. */
int64_t rescue_imbalance_base_e8(const struct desk *d, const struct pair *p);
/* How far a rescue may move from its reference, ticks. */
int64_t rescue_slip_tick(const struct desk *d, const struct pair *p, bool completing);
void rescue_plan(struct desk *d, const struct pair *p, struct rescue_plan *out);
