/* backtest_tally - what a backtest came to: fed with every receipt as it is written and with a look at the desk after every turn.
 *
 * Pairs, executions, fees, slippage against the prices that each pair was decided on, the time and size in which legs did not balance, and curves of the profit and
 * of the basis. Money is in the currency of each instance (the quote of its first leg); what no rate leads to is said, not guessed. One owner; cold. */
#pragma once
#include "core/base/map.h"
#include "core/cmd/why.h"
#include "core/engine.h"

#define TALLY_SAMPLES 1200 /* of a curve, at most */
#define TALLY_MARKS   4000
#define TALLY_WORST   10

struct bt_pair {
	uint64_t id;
	uint16_t instance;
	uint8_t state, intent, side; /* side: of leg 0 */
	bool broke;
	int64_t utc_ns, ref_px[LEG_MAX];
	int64_t slip_e8,
		fees_e8; /* against the decision's prices, rescues included; money of its instance */
};

/* One moment of the curves; the basis is the best that could be executed since the one before. */
struct bt_sample {
	int64_t utc_ns;
	double net, sell, buy, lots; /* NaN: not known */
};

enum bt_mark_kind { MARK_OPEN, MARK_CLOSE, MARK_BROKEN, bt_mark_max };
struct bt_mark {
	int64_t utc_ns;
	uint8_t kind;
	double at; /* the basis that it was done at */
};

/* A trading day of its first leg, or a day of UTC. */
struct bt_day {
	int32_t date;
	uint64_t sent, hedged, flat, broken, fills;
	int64_t fees_e8, net_e8; /* net: of the day, with what is held at its mark */
	int64_t before_e8;
};

struct bt_instance {
	asset_id money;
	bool priced,
		inverse; /* all of it could be told in its money; a leg is inverse: its profit is not counted */
	bool in_bp;
	uint64_t proposed, refused, sent, hedged, flat, opened, closed;
	uint64_t broken, rescued, completed, unwound, held_now, in_flight;
	uint64_t orders, fills, maker_fills, rejects, cancels;
	int64_t net_e8, fees_e8, volume_e8;
	int64_t peak_e8, drawdown_e8, drawdown_from_ns, drawdown_to_ns, peak_ns;
	int64_t slip_e8, rescue_slip_e8;
	int64_t naked_ns, longest_naked_ns, most_naked_base_e8;
	int64_t naked_since_ns, naked_base_e8; /* now, if it is; at most since then */
	uint64_t naked_times;
	int64_t left_base_e8; /* unhedged at the end */
	double pos_lots;
	struct bt_sample *sample; /* TALLY_SAMPLES */
	uint32_t n_samples;
	struct bt_sample now; /* being made */
	struct bt_mark *mark;
	uint32_t n_marks;
	struct bt_day *day;
	uint32_t n_days, cap_days;
	uint32_t worst[TALLY_WORST]; /* pairs that slipped most, the worst first */
	uint32_t n_worst;
};

struct bt_tally {
	const struct engine *e;
	struct desk *d; /* of it */
	uint16_t n;
	struct bt_instance *of; /* by instance */
	struct bt_pair *pair;
	uint32_t n_pairs, cap_pairs;
	struct map at; /* pair id -> index */
	struct why why;
	int64_t every_ns, next_ns; /* between two samples; monotonic */
	uint64_t receipts;
	int failed;
	struct bt_day nowhere; /* for what memory was short for; then failed is set */
};

/* A curve of the span gets at most TALLY_SAMPLES points. -ERR_NOMEM. */
int bt_tally_open(struct bt_tally *t, uint16_t n_instances, int64_t span_ns);
/* From here on there is an engine to look at. */
void bt_tally_begin(struct bt_tally *t, struct engine *e);
void bt_tally_fact(struct bt_tally *t, const struct fact *f);
void bt_tally_turn(struct bt_tally *t);
/* The end: what is open is valued, and the worst pairs are in order. */
void bt_tally_close(struct bt_tally *t);
void bt_tally_free(struct bt_tally *t);
