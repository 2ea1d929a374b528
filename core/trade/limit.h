/* limit - every limit that stands between a strategy and a market: one table, and one row for each bound that somebody has set.
 *
 * A row is a limit, its bound, where it holds (scope) and what happens when it is gone beyond (action). The configuration makes rows (`risk` and `limits`), an operator sets
 * them (`tandem set`); the gate and the watch (risk.h) obey the tightest one that applies. Money and base units at 8 decimals, times in ns, rates in ppm. Pure: tables and their words; any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a bound is written and what its number counts. */
#define LIMIT_UNITS(X)             \
	X(NONE, "")                \
	X(MONEY, "quote currency") \
	X(BASE, "base units")      \
	X(LOTS, "pair lots")       \
	X(COUNT, "")               \
	X(TIME, "")                \
	X(PPM, "ppm")

/* When it is looked at: a state of the host that no number bounds; before a pair or an order leaves; all the time; by the counters of the exchange's rules. */
enum limit_judged { JUDGED_STATE, JUDGED_GATE, JUDGED_WATCH, JUDGED_TALLY, limit_judged_max };

/* "global" is the whole host: of what is counted (profit, messages, pairs in flight) the sum, of orders and positions each one. "pair" is each pair. */
#define LIMIT_SCOPES(X)             \
	X(GLOBAL, "global")         \
	X(VENUE, "venue")           \
	X(ACCOUNT, "account")       \
	X(INSTRUMENT, "instrument") \
	X(INSTANCE, "instance")     \
	X(PAIR, "pair")

/* Beside the refusal: reduce_only lets closes through while it lasts; rescue takes the pair that is beyond it off its orders and to the ladder; pause and kill last until a person resumes. */
#define LIMIT_ACTIONS(X)              \
	X(REJECT, "reject")           \
	X(REDUCE_ONLY, "reduce_only") \
	X(RESCUE, "rescue")           \
	X(PAUSE, "pause")             \
	X(KILL, "kill")

enum limit_unit {
#define LIMIT_UNIT(id, text) UNIT_##id,
	LIMIT_UNITS(LIMIT_UNIT)
#undef LIMIT_UNIT
		limit_unit_max
};
enum limit_scope {
#define LIMIT_SCOPE(id, text) SCOPE_##id,
	LIMIT_SCOPES(LIMIT_SCOPE)
#undef LIMIT_SCOPE
		limit_scope_max
};
enum limit_action {
#define LIMIT_ACTION(id, text) ACTION_##id,
	LIMIT_ACTIONS(LIMIT_ACTION)
#undef LIMIT_ACTION
		limit_action_max
};

/* Sets of scopes. */
#define IN_G	 (1u << SCOPE_GLOBAL)
#define IN_V	 (1u << SCOPE_VENUE)
#define IN_A	 (1u << SCOPE_ACCOUNT)
#define IN_S	 (1u << SCOPE_INSTANCE)
#define IN_P	 (1u << SCOPE_PAIR)
#define IN_ORDER (IN_G | IN_V | IN_A | IN_S | 1u << SCOPE_INSTRUMENT)

/* id, name in receipts, unit, judged, scopes that a row may have, what it does unless a row says otherwise, what the numbers mean. Numbers are durable: append at the end. */
/* clang-format off */
#define RISK_LIMITS(X)                                                                   \
	X(NONE, "none", NONE, STATE, 0, REJECT, "")                                                              \
	X(KILL, "kill", NONE, STATE, 0, REJECT, "the host, or a part of it, was told to stop opening")                             \
	X(JOURNAL, "journal", NONE, STATE, 0, REJECT, "the journal has no room or its disk is in trouble")       \
	X(STOPPING, "stopping", NONE, STATE, 0, REJECT, "the host is being stopped")                             \
	X(RECOVERING, "recovering", NONE, STATE, 0, REJECT, "pairs of the run before are not finished yet")      \
	X(VENUE, "venue_state", NONE, STATE, 0, REJECT, "a venue of the pair is not up and reconciled")          \
	X(BOOK, "book_state", NONE, STATE, 0, REJECT, "a book of the pair is not LIVE")                          \
	X(AGE, "quote_age_ns", TIME, GATE, IN_G | IN_S, REJECT, "a quote was last proven valid too long ago")             \
	X(SKEW, "quote_skew_ns", TIME, GATE, IN_G | IN_S, REJECT, "the quotes of the legs are too far apart in time")     \
	X(LOT, "lot", NONE, STATE, 0, REJECT, "the quantity is not one that the venue takes")                    \
	X(ORDER_NOTIONAL, "order_notional_e8", MONEY, GATE, IN_ORDER, REJECT, "one order would be worth too much")      \
	X(PAIR_LOTS, "pair_lots", LOTS, GATE, IN_G | IN_S, REJECT, "the pair is larger than the instance may send")       \
	X(POSITION_LOTS, "position_lots", LOTS, GATE, IN_G | IN_S, REJECT, "the position would be larger than the instance may hold") \
	X(POSITION_NOTIONAL, "position_notional_e8", MONEY, GATE, IN_ORDER, REJECT, "the position would be worth too much") \
	X(POSITION_BASE, "position_base_e8", BASE, GATE, IN_ORDER, REJECT, "the position would be too large")          \
	X(IMBALANCE, "imbalance_base_e8", BASE, GATE, IN_G | IN_S, REJECT, "what is unhedged, unknown orders counted, is too large") \
	X(COLLAR, "price_collar_ppm", PPM, GATE, IN_ORDER, REJECT, "the price is too far from the market")            \
	X(BAND, "price_band", NONE, STATE, 0, REJECT, "the price lies outside the venue's limits of the day")    \
	X(IN_FLIGHT, "pairs_in_flight", COUNT, GATE, IN_G | IN_S, REJECT, "too many pairs are in flight")                  \
	X(RATE, "messages_per_s", COUNT, GATE, IN_G | IN_V, REJECT, "the venue's message budget is used up but for its reserve") \
	X(REJECTS, "rejects_per_min", COUNT, GATE, IN_G | IN_S, REJECT, "too many rejects in a minute")                    \
	X(COOL_DOWN, "cool_down_ns", NONE, STATE, 0, REJECT, "a pair of the instance failed a moment ago")       \
	X(BALANCE, "balance_e8", NONE, STATE, 0, REJECT, "the account has too little of an asset")               \
	X(ROOM, "room", NONE, STATE, 0, REJECT, "no room for another pair or its orders")                        \
	X(PROPOSAL, "proposal", NONE, STATE, 0, REJECT, "the proposal itself makes no sense")                    \
	X(CLOCK, "clock_bound_ns", TIME, GATE, IN_G | IN_S, REJECT, "a venue's clock is not known well enough")           \
	X(UTC, "utc_bound_ns", TIME, GATE, IN_G, REJECT, "the host's own clock is not known well enough")          \
	X(SESSION, "session", NONE, STATE, 0, REJECT, "a leg is not in continuous trading")                      \
	X(CLOSING, "closing_ns", TIME, GATE, IN_G | IN_S, REJECT, "a leg stops being traded soon")                        \
	X(VALUE, "no_value", NONE, STATE, 0, REJECT, "the conversion gives no number")                           \
	X(ORDER_BASE, "order_base_e8", BASE, GATE, IN_ORDER, REJECT, "one order would be too large")              \
	X(POSITION_LONG, "position_long_base_e8", BASE, GATE, IN_ORDER, REJECT, "the long position would be too large")   \
	X(POSITION_SHORT, "position_short_base_e8", BASE, GATE, IN_ORDER, REJECT, "the short position would be too large") \
	X(POSITION_TOTAL, "position_total_base_e8", BASE, GATE, IN_ORDER, REJECT, "long and short together would be too large") \
	X(COLLAR_LAST, "last_collar_ppm", PPM, GATE, IN_ORDER, REJECT, "the price is too far from the middle of the last ones") \
	X(MESSAGES_DAY, "messages_per_day", COUNT, GATE, IN_G | IN_V, REJECT, "the messages of the day are used up but for the reserve") \
	X(SELF_MATCH, "self_match", NONE, STATE, 0, REJECT, "an own order of the account group stands on the other side") \
	X(UNHEDGED_BASE, "unhedged_base_e8", BASE, WATCH, IN_G | IN_S | IN_P, RESCUE, "more is unhedged than may be")     \
	X(UNHEDGED_MONEY, "unhedged_money_e8", MONEY, WATCH, IN_G | IN_S | IN_P, RESCUE, "what is unhedged is worth more than it may be") \
	X(UNHEDGED_TIME, "unhedged_ns", TIME, WATCH, IN_G | IN_S | IN_P, RESCUE, "something has been unhedged for too long")      \
	X(SLIP_PAIR, "pair_slip_e8", MONEY, WATCH, IN_G | IN_S | IN_P, RESCUE, "a pair cost too much beyond its trigger prices") \
	X(SLIP_HOUR, "hour_slip_e8", MONEY, WATCH, IN_G | IN_S, PAUSE, "the pairs of an hour cost too much beyond their trigger prices") \
	X(REJECT_RATIO, "reject_ratio_ppm", PPM, WATCH, IN_G | IN_S, PAUSE, "too large a part of the orders is rejected") \
	X(LATENCY, "order_latency_ns", TIME, WATCH, IN_G | IN_V | IN_S, REDUCE_ONLY, "orders take too long to be filled") \
	X(REPEATS, "repeats", COUNT, WATCH, IN_G | IN_S, PAUSE, "the same execution was repeated too often")      \
	X(DAY_LOSS, "day_loss_e8", MONEY, WATCH, IN_G | IN_A | IN_S, KILL, "the loss of the day is too large")     \
	X(DRAWDOWN, "drawdown_e8", MONEY, WATCH, IN_G | IN_A | IN_S, KILL, "the profit has fallen too far from its highest") \
	X(CANCELS_DAY, "cancels_per_day", COUNT, TALLY, 0, REJECT, "the cancels of the day are used up by the exchange's rule") \
	X(SELF_TRADES_DAY, "self_trades_per_day", COUNT, TALLY, 0, REJECT, "the self-trades of the day are used up by the exchange's rule") \
	X(LARGE_CANCELS_DAY, "large_cancels_per_day", COUNT, TALLY, 0, REJECT, "the large cancels of the day are used up by the exchange's rule") \
	X(LOTS_OPENED_DAY, "lots_opened_per_day", COUNT, TALLY, 0, REJECT, "the lots opened in the day are used up by the exchange's rule") \
	X(ORDERS_DAY, "orders_per_day", COUNT, TALLY, 0, REJECT, "the orders of the day are used up by the exchange's rule") \
	X(LIMIT_CANCELS_DAY, "limit_cancels_per_day", COUNT, TALLY, 0, REJECT, "the cancels at the price limit are used up by the exchange's rule") \
	X(EXCHANGE_MESSAGES, "exchange_messages_per_day", COUNT, TALLY, 0, REJECT, "orders and cancels of the day are used up by the exchange's rule") \
	X(EXCHANGE_RATE, "exchange_messages_per_s", COUNT, TALLY, 0, REJECT, "more orders and cancels within a second than the exchange's rule lets through") \
	X(FENCE, "fence", NONE, STATE, 0, REJECT, "a contract of the pair is fenced until an operator says whose it is") \
	X(DUPLICATE, "duplicate_trigger", NONE, STATE, 0, REJECT, "a pair was proposed on this very event before") \
	X(BAND_DISTANCE, "band_distance_ticks", COUNT, STATE, 0, REJECT, "a leg is too near its price limit of the day") \
	X(WAY_BACK, "way_back_qty", NONE, STATE, 0, REJECT, "the market could not take a leg back within the slip limit") \
	X(EXPIRY, "expiry_ns", TIME, STATE, 0, REJECT, "a leg expires soon") \
	X(SLICE_BASE, "order_slice_base_e8", BASE, GATE, IN_ORDER, REJECT, "one order would be larger than a slice, and the pair cannot be cut so that its legs stay even") \
	X(SLICE_NOTIONAL, "order_slice_notional_e8", MONEY, GATE, IN_ORDER, REJECT, "one order would be worth more than a slice, and the pair cannot be cut so that its legs stay even")
/* clang-format on */

enum risk_limit {
#define RISK_ENUM(id, ...) RISK_LIMIT_##id,
	RISK_LIMITS(RISK_ENUM)
#undef RISK_ENUM
		risk_limit_max
};

/* Who set a row. */
enum limit_source { SOURCE_RISK, SOURCE_LIST, SOURCE_OPERATOR, limit_source_max };

/* As the configuration has it. */
struct config_limit {
	uint8_t limit, scope, action;
	uint32_t index; /* of the venue, account, instrument or instance */
	int64_t value;
	int32_t warn_pct; /* of the value; 0: none */
	int line;
};

#define LIMIT_OFF INT64_MAX /* a bound that was taken away */

/* At work; its memory is part of the desk's. */
struct limit_row {
	uint8_t limit, scope, action, source;
	uint32_t index;
	int64_t value, configured; /* LIMIT_OFF: none */
	int32_t warn_pct;
	int line;
	bool beyond, warned; /* it stands so now */
	uint64_t hits;	     /* how often it was gone beyond, refusals counted */
	int64_t use;	     /* as it was measured last */
	/* Of what is counted against a highest. */
	int64_t peak_e8, peak_told_e8;
	bool has_peak;
};

#define LIMIT_WORDS 32
#define LIMIT_RANGE 72

enum limit_unit limit_unit_of(enum risk_limit l);
enum limit_judged limit_judged_of(enum risk_limit l);
uint32_t limit_scopes_of(enum risk_limit l); /* a bit for each; 0: no row can be set */
enum limit_action limit_action_of(enum risk_limit l);
const char *limit_scope_name(enum limit_scope s);
const char *limit_action_name(enum limit_action a);
/* By its name in receipts, or by the same without its unit ("order_notional"). RISK_LIMIT_NONE: there is none that can be set. */
enum risk_limit limit_find(const char *name, size_t n);
/* The name without its unit: what a person writes. */
size_t limit_key(enum risk_limit l, char out[LIMIT_WORDS]);
/* Reaching the bound is already too much; else going beyond it. */
bool limit_reaches(enum risk_limit l);
/* The greatest bound that says anything: a rate of the whole, a year, 1e9 of what is counted, 1e10 of money and base units. The least is 0. */
int64_t limit_most(enum risk_limit l);
/* "0 to 1000000000", as limit_words says its ends. */
void limit_range_words(enum risk_limit l, char out[LIMIT_RANGE]);
/* A larger bound is the tighter one: a margin. */
bool limit_is_margin(enum risk_limit l);
bool limit_tighter(enum risk_limit l, int64_t a, int64_t than);
/* "12000", "250 ms", "1.5 s", "166 ppm", "off". */
void limit_words(enum risk_limit l, int64_t value, char out[LIMIT_WORDS]);
