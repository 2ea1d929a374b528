/* risk - the gate in front of every order: one table of limits, and a yes or a no with the number that decided.
 *
 * A pair is judged whole before its first leg (limits of size, price, age, position, money, messages for both legs and for the unwind), and every order
 * once more as it goes. What reduces risk passes where what adds risk is barred (R5): rescues are not stopped by opening limits, a kill or REDUCING. Every
 * refusal is a receipt; refusals that repeat within a second are one receipt with a count. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* id, name in receipts, what the numbers mean */
/* clang-format off */
#define RISK_LIMITS(X)                                                                   \
	X(NONE, "none", "")                                                              \
	X(KILL, "kill", "the host was told to stop opening")                             \
	X(JOURNAL, "journal", "the journal has no room or its disk is in trouble")       \
	X(STOPPING, "stopping", "the host is being stopped")                             \
	X(RECOVERING, "recovering", "pairs of the run before are not finished yet")      \
	X(VENUE, "venue_state", "a venue of the pair is not up and reconciled")          \
	X(BOOK, "book_state", "a book of the pair is not LIVE")                          \
	X(AGE, "quote_age_ns", "a quote was last proven valid too long ago")             \
	X(SKEW, "quote_skew_ns", "the quotes of the legs are too far apart in time")     \
	X(LOT, "lot", "the quantity is not one that the venue takes")                    \
	X(ORDER_NOTIONAL, "order_notional_e8", "one order would be worth too much")      \
	X(PAIR_LOTS, "pair_lots", "the pair is larger than the instance may send")       \
	X(POSITION_LOTS, "position_lots", "the position would be larger than the instance may hold") \
	X(POSITION_NOTIONAL, "position_notional_e8", "the position would be worth too much") \
	X(POSITION_BASE, "position_base_e8", "the position would be too large")          \
	X(IMBALANCE, "imbalance_base_e8", "what is unhedged, unknown orders counted, is too large") \
	X(COLLAR, "price_collar_ppm", "the price is too far from the market")            \
	X(BAND, "price_band", "the price lies outside the venue's limits of the day")    \
	X(IN_FLIGHT, "pairs_in_flight", "too many pairs are in flight")                  \
	X(RATE, "messages_per_s", "the venue's message budget is used up but for its reserve") \
	X(REJECTS, "rejects_per_min", "too many rejects in a minute")                    \
	X(COOL_DOWN, "cool_down_ns", "a pair of the instance failed a moment ago")       \
	X(BALANCE, "balance_e8", "the account has too little of an asset")               \
	X(ROOM, "room", "no room for another pair or its orders")                        \
	X(PROPOSAL, "proposal", "the proposal itself makes no sense")                    \
	X(CLOCK, "clock_bound_ns", "a venue's clock is not known well enough")           \
	X(UTC, "utc_bound_ns", "the host's own clock is not known well enough")          \
	X(SESSION, "session", "a leg is not in continuous trading")                      \
	X(CLOSING, "closing_ns", "a leg stops being traded soon")                        \
	X(VALUE, "no_value", "the conversion gives no number")                            \
	X(EXPIRY, "expiry_ns", "a leg expires soon")
/* clang-format on */

enum risk_limit {
#define RISK_ENUM(id, ...) RISK_LIMIT_##id,
	RISK_LIMITS(RISK_ENUM)
#undef RISK_ENUM
		risk_limit_max
};

struct risk_verdict {
	enum risk_limit limit; /* RISK_LIMIT_NONE: passes */
	int64_t value, bound;
	uint8_t leg; /* 0xff: not one leg's */
};

const char *risk_limit_name(enum risk_limit l);
const char *risk_limit_text(enum risk_limit l);
const char *risk_state_name(enum risk_state s);

/* May this pair be sent as a whole? Called with its legs filled in, before anything is durable. */
struct risk_verdict risk_pair(struct desk *d, const struct pair *p);
/* May this order go now? For rescues only what would make it senseless (a dead venue, no message left, a wrong size) says no. */
struct risk_verdict risk_order(struct desk *d, const struct order *o);
/* Counts a message to a venue against its budget. */
void risk_count_message(struct desk *d, uint16_t venue);
/* Room in the venue's message budget for n more: with the reserve or without it. */
bool risk_message_room(struct desk *d, uint16_t venue, int32_t n, bool with_reserve);
/* Is a refusal by this limit worth a receipt, or the same as a moment ago (then it is only counted)? */
bool risk_is_news(struct desk *d, uint16_t instance, enum risk_limit l);
/* Receipt of a refusal, with the count of those since the last one. */
uint64_t risk_refused(struct desk *d, uint16_t instance, uint64_t pair, struct risk_verdict v,
		      uint64_t cause);
/* Receipts for the refusals that were only counted: of limits that have been quiet for a second, or of all. Ten times a second, and at the end. */
void risk_tell_rest(struct desk *d, uint16_t instance, bool all);
/* A venue said no: counts towards the instance's reject limit. */
void risk_count_reject(struct desk *d, uint16_t instance);
/* Kill, reduce, resume: who and why go into the receipt. Kill first closes the gate. */
void risk_set_state(struct desk *d, enum risk_state s, const char *who, const char *why);
