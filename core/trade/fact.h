/* fact - what is worth a receipt, in the fixed layout that the engine writes at memory speed.
 *
 * Every order message in or out, decision, limit hit, rescue step, script change, alert and operator's act is one fact. The journal numbers it,
 * the writer turns it into a receipt. Names are durable numbers (NAME facts define them), so that a store explains itself.
 * `cause` is the sequence of the receipt that it follows from: explain walks that graph. Plain data; copied, never shared. */
#pragma once
#include <stdint.h>

#define FACT_NUMS    8
#define FACT_TEXT    128
#define FACT_VERSION 1

/* kind, name, what num[0..7] hold (NULL ends the list; a name's suffix is its unit; "_px" and "_qty" are scaled by the fact's px_dp and qty_dp). */
/* clang-format off */
#define FACT_KINDS(X)                                                                                              \
	X(SESSION_OPEN, "session_open", "epoch", "host", "pid", "config_sha_head", "build_sha_head", "last_seq", "lost") \
	X(SESSION_CLOSE, "session_close", "receipts", "pairs", "orders", "fills", "residual_base_e8", "tolerance_base_e8", "clean") \
	X(NAME, "name", "space", "id")                                                                             \
	X(RULE, "rule", "from_utc_ns", "tick_px", "lot_qty", "min_qty", "min_notional_e8", "taker_e8", "maker_e8", "fee_in") \
	X(SCRIPT, "script", "version", "lines", "bytes", "previous", "how", "dry_calls", "dry_proposals", "part_ppm") \
	X(VENUE, "venue", "from", "to", "epoch")                                                                   \
	X(FEED, "feed", "from", "to", "gap_first_seq", "gap_last_seq", "took_ns", "dropped", "how")                       \
	X(BAD_INPUT, "bad_input", "what", "bytes", "count")                                                        \
	X(QUOTE, "quote", "bid_px", "bid_qty", "ask_px", "ask_qty", "seq", "recv_ns", "age_ns", "book_state")      \
	X(DECISION, "decision", "sell_nano", "buy_nano", "sell_bp_nano", "buy_bp_nano", "sell_lots_nano", "buy_lots_nano", "skew_ns", "calls") \
	X(PROPOSAL, "proposal", "n", "lots_nano", "legs", "side_mask")                                              \
	X(RISK, "risk", "limit", "value", "bound", "count")                                                       \
	X(PAIR, "pair", "from", "to", "imbalance_base_e8", "residual_base_e8", "legs", "intent", "way", "budget_left_e8") \
	X(LEG, "leg", "ratio_num", "ratio_den", "want_qty", "limit_px", "ref_px", "base_e8", "cum_qty", "cum_value_e8") \
	X(ORDER, "order", "type", "tif", "rescue", "attempt", "limit_px", "book_px", "parent", "money") \
	X(SENT, "sent", "bytes", "delay_ns")                                                                       \
	X(ACK, "ack", "round_trip_ns")                                                                             \
	X(FILL, "fill", "cum_qty", "leaves_qty", "maker", "replayed", "value_e8", "ahead", "money_e8", "fee_money_e8") \
	X(CANCEL, "cancel", "attempt")                                                                             \
	X(CANCELLED, "cancelled", "cum_qty", "late", "own", "why", "tif", "asked", "at_limit")                      \
	X(CANCEL_REJECTED, "cancel_rejected", "code")                                                              \
	X(REJECTED, "rejected", "code", "class")                                                                   \
	X(QUERY, "query", "attempt")                                                                               \
	X(STATUS, "status", "status", "cum_qty", "authoritative")                                                  \
	X(UNKNOWN, "unknown", "silent_ns")                                                                         \
	X(DUPLICATE, "duplicate", "cum_qty")                                                                       \
	X(BUST, "bust", "cum_qty")                                                                                 \
	X(FOREIGN, "foreign", "cum_qty", "forced", "replayed", "ahead")                                            \
	X(RESCUE, "rescue", "step", "complete_cost_e8", "unwind_cost_e8", "imbalance_base_e8", "spent_e8", "budget_e8", "attempt", "way") \
	X(POSITION, "position", "long_qty", "short_qty", "cash_e8", "fees_e8", "mark_px", "base_e8", "fee_base_e8") \
	X(BALANCE, "balance", "free_e8", "locked_e8")                                                              \
	X(ALERT, "alert", "severity", "count", "code")                                                                     \
	X(OPERATOR, "operator", "command", "risk_changed", "way", "imbalance_base_e8", "slip_tick", "collar_ppm", "spent_e8", "budget_e8") \
	X(RECOVERY, "recovery", "pairs", "orders", "from_seq", "to_seq", "took_ns")                                \
	X(CHECKPOINT, "checkpoint", "phase", "pairs", "orders", "positions", "risk_state")                                       \
	X(CLOCK, "clock", "offset_ns", "bound_ns", "delay_ns", "drift_ppb", "open", "steps", "samples", "refused")                                                \
	X(METRIC, "metric", "value_nano")                                                          \
	X(ROUND, "round", "phase", "pairs", "cash_e8", "fee_e8", "fee_base_e8", "funding_e8", "took_ns", "carried_base_e8")                                                          \
	X(LOG, "log", "calls")                                                                                     \
	X(GATE, "gate", "gate", "value", "bound", "times", "closed_ns", "judged", "triggers", "worst")               \
	X(BLOCK, "block", "first_ns", "last_ns", "events", "bytes", "lost")                                        \
	X(MARKET, "market", "from", "to", "trading_day", "until_utc_ns")                                            \
	X(RECONCILE, "reconcile", "host_qty", "venue_qty", "moved_qty", "nobody_qty", "host_e8", "venue_e8", "baseline_e8", "value_e8") \
	X(FENCE, "fence", "why", "up", "host_qty", "venue_qty")                                                     \
	X(FOREIGN_ORDER, "foreign_order", "cum_qty", "works", "accepted")                                           \
	X(WATERMARK, "watermark", "age_ns", "told")                                                                 \
	X(REPLACE, "replace", "from_px", "from_qty", "cum_qty")                                                     \
	X(REPLACED, "replaced", "from_px", "from_qty", "cum_qty", "refused", "code")                                \
	X(CANCEL_ALL, "cancel_all", "orders", "messages")                                                           \
	X(ARM, "arm", "for_ns", "messages")                                                                        \
	X(LIMIT, "limit", "what", "limit", "scope", "action", "value", "bound", "before", "count")                  \
	X(SCOPE, "scope", "scope", "from", "to", "wish", "paused")                                                 \
	X(PLAN, "plan", "style", "align", "first", "step", "wait_ns", "edge_nano", "left_base_e8", "event")          \
	X(COST, "cost", "way", "slip_e8", "fee_e8", "edge_e8", "waiting_e8", "cost_e8", "left_base_e8", "why_not") \
	X(HELD, "held", "cause", "held_ns", "money_s_e8", "imbalance_base_e8")                             \
	X(TRANSFER, "transfer", "value_e8", "cum_qty", "left_qty")                             \
	X(TALLY, "tally", "trading_day", "orders", "cancels", "large_cancels", "limit_cancels", "self_trades", "opened_qty") \
	X(TALLY_RATE, "tally_rate", "trading_day", "messages", "bursts", "in_second", "in_burst")                            \
	X(WITHDRAWN, "withdrawn", "waited_ns")                                              \
	X(ORDER_KEPT, "order_kept", "type", "tif", "rescue", "attempt", "limit_px", "book_px", "cum_qty", "parent") \
	X(FAIR, "fair", "from", "fair_nano", "expected_e8")                                                        \
	X(LOTS, "lots", "trading_day", "long_today_qty", "long_earlier_qty", "short_today_qty", "short_earlier_qty") \
	X(TERMS, "terms", "on_leg_fail", "slip_tick", "unwind_slip_tick", "budget_e8", "wait_ns", "chase_ns") \
	X(SHADOW, "shadow", "lots_nano", "proposals", "events", "same", "only_live", "only_shadow", "differ", "side_mask") \
	X(STALL, "stall", "took_ns", "calls", "quotes", "orders") \
	X(PARAM, "param", "value_nano", "before_nano", "configured_nano", "value_bits", "base_bits", "set", "based") \
	X(ARCHIVE, "archive", "from_seq", "to_seq", "receipts", "blocks", "bytes", "how") \
	X(REPAIR, "repair", "what", "from_seq", "to_seq", "receipts", "lost_seq") \
	X(BUILD, "build", "bytes", "epoch") \
	X(ACCOUNT, "account", "epoch", "hedge_flag") \
	X(INPUTS, "inputs", "first_ns", "last_ns", "entries", "bytes", "lost", "life", "number") \
	X(KEY, "key", "signed_seq")
/* clang-format on */

enum fact_kind {
	FACT_NONE,
#define FACT_ENUM(id, ...) FACT_##id,
	FACT_KINDS(FACT_ENUM)
#undef FACT_ENUM
		fact_kind_max
};

/* Spaces of durable names; NAME facts carry one in num[0], the number in num[1], the text in text. */
enum name_space {
	NAME_VENUE = 1,
	NAME_ACCOUNT,
	NAME_INSTRUMENT,
	NAME_INSTANCE,
	NAME_SCRIPT,
	NAME_ASSET,
	name_space_max
};

/* num[0] of a CHECKPOINT: what stands between a BEGIN and its END is the whole state, so a restart reads from that BEGIN on. */
enum checkpoint_phase { CHECKPOINT_BEGIN, CHECKPOINT_END };

/* num[] of an execution that says whether others before it may be missing (watermark.h). */
enum { FACT_FOREIGN_AHEAD = 3, FACT_FILL_AHEAD = 5 };

#define FACT_NO_SIDE 0xff

struct fact {
	uint64_t seq;	/* the journal's; callers leave 0 */
	uint64_t cause; /* sequence of the receipt that led here; 0: none */
	int64_t mono_ns, utc_ns, venue_ns;
	int64_t clock_bound_ns; /* of venue_ns against utc_ns, as far as known; 0: not known */
	uint64_t turn;
	uint64_t pair, order, round;
	uint16_t kind;
	uint8_t version;
	uint8_t leg;  /* 0xff: none */
	uint8_t side; /* FACT_NO_SIDE: none */
	uint8_t offset;
	uint8_t state; /* of the thing that the kind speaks of, after it */
	uint8_t px_dp, qty_dp;
	uint8_t pad[7];
	uint32_t venue, account, instrument, instance, script,
		fee_asset; /* durable names; 0: none */
	int64_t px, qty, fee_e8;
	int64_t num[FACT_NUMS];
	char venue_order[24];
	char exec[24];
	char text
		[FACT_TEXT]; /* the reason, or the words of the venue; cut to fit, always terminated */
};
_Static_assert(sizeof(struct fact) == 384, "the layout of a fact is part of the journal's format");

const char *fact_kind_name(enum fact_kind k);
/* Name of num[i] of a kind, or NULL. */
const char *fact_num_name(enum fact_kind k, unsigned i);
enum fact_kind fact_kind_find(const char *name); /* FACT_NONE when unknown */
/* The name of `state` for facts of kind k ("SENT" of a pair, "LIVE" of an order ...), or NULL. */
const char *fact_state_name(enum fact_kind k, uint8_t state);
/* A fact of a kind with nothing set: no leg, no side. */
void fact_init(struct fact *f, enum fact_kind k);
void fact_text(struct fact *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* n words behind each other, cut to fit: for what is written while orders wait. */
void fact_words(struct fact *f, const char *const *word, unsigned n);
