/* abi - what C and a strategy's VM share: the one C text that Lua sees (read by ffi.cdef byte for byte).
 *
 * Only enums and structs: the preprocessor does not exist there, so includers bring stdint.h and assert the layout.
 * Members that scripts see are const (a write is an error that names file and line); C fills them by memcpy. No arrays
 * among them either: FFI does not check an index. The names that end in a digit stand for the strategy's own names, which the
 * prelude puts in their place before it hands this text to ffi.cdef; that changes no layout. */
#pragma once

enum {
	TANDEM_LEGS = 5,
	TANDEM_REFS = 4,
	TANDEM_COMMANDS = 8,
	TANDEM_PARAMS = 64,
	TANDEM_NAME = 16,
	TANDEM_PARAM_NAME = 32,
	TANDEM_DOC = 128,
	TANDEM_TEXT = 48,
	TANDEM_PLAIN = 24
};

/* The same bytes as struct basis_leg. */
struct tandem_leg {
	const double bid, ask, bid_qty, ask_qty, bid_value, ask_value, mid, age_ms;
	const double bid_want, ask_want, bid_worst, ask_worst;
};

struct tandem_legs {
	const struct tandem_leg leg0, leg1, leg2, leg3, leg4;
};

struct tandem_refs {
	const double ref0, ref1, ref2, ref3;
};

/* The same bytes as struct basis from its member spread on. */
struct tandem_basis {
	const double spread, spread_bp, ratio;
	const double buy_leg0, buy_leg0_net, buy_leg0_bp, buy_leg0_net_bp, buy_leg0_lots;
	const double sell_leg0, sell_leg0_net, sell_leg0_bp, sell_leg0_net_bp, sell_leg0_lots;
	const double buy_leg0_want, buy_leg0_want_net, buy_leg0_want_bp, buy_leg0_want_net_bp,
		buy_leg0_want_lots;
	const double sell_leg0_want, sell_leg0_want_net, sell_leg0_want_bp, sell_leg0_want_net_bp,
		sell_leg0_want_lots;
	const double buy_leg0_z, sell_leg0_z;
	const double z, mean, dev, fill;
	const double skew_ms, max_age_ms;
	const struct tandem_legs legs;
	const struct tandem_refs refs;
};

struct tandem_pos_leg {
	const double net;
};

struct tandem_pos {
	const struct tandem_pos_leg leg0, leg1, leg2, leg3, leg4;
	const double lots, in_flight;
};

struct tandem_by_leg {
	const double leg0, leg1, leg2, leg3, leg4;
};

/* Its texts (event, intent, reason, pair) are in the mailbox, and read through the prelude. */
struct tandem_pair {
	const double lots;
	const struct tandem_by_leg px, qty;
};

/* The same bytes as struct proposal. */
struct tandem_command {
	uint8_t kind, intent, tif, severity, style, align, first, n_legs;
	uint8_t leg[TANDEM_LEGS], side[TANDEM_LEGS];
	bool has_basis;
	uint8_t n;
	bool has_fair, has_rescue;
	uint8_t on_leg_fail;
	double lots, limit_px[TANDEM_LEGS];
	uint64_t pair;
	double value, basis, fair;
	double max_slip_ticks, max_unwind_slip_ticks, budget, wait_s, chase_s; /* of its own ladder */
	uint64_t event;
	char text[TANDEM_TEXT];
};

struct tandem_param {
	char name[TANDEM_PARAM_NAME], doc[TANDEM_DOC];
	double value, min, max;
};

/* What a file says of itself: written once by the prelude, when it has loaded. */
struct tandem_declared {
	uint32_t version, n_legs, n_refs, n_params;
	char leg[TANDEM_LEGS][TANDEM_NAME], ref[TANDEM_REFS][TANDEM_NAME];
	double conv_k[TANDEM_LEGS];
	int8_t conv_power[TANDEM_LEGS][TANDEM_REFS];
	int32_t conv_note[TANDEM_LEGS];
	double max_skew_ns, max_age_ns, leg_timeout_ns, pair_timeout_ns;
	int32_t max_slip_tick, max_unwind_slip_tick;
	uint8_t on_leg_fail;
	struct tandem_param param[TANDEM_PARAMS];
};

struct tandem_mailbox {
	/* Pair lots that are worth `net`, or so many bp, down to the last; shown: the basis of this call, or NULL. */
	double (*lots_at)(const void *shown, int32_t side, double net, int32_t bp);
	const void *shown;
	struct tandem_basis basis;
	struct tandem_pos pos;
	struct tandem_pair pair;
	uint64_t pair_id;
	char pair_event[TANDEM_NAME], pair_intent[TANDEM_NAME], pair_reason[TANDEM_TEXT];
	int64_t now_ns, utc_ns;
	double gate;
	uint32_t gate_who, timer, n_commands;
	struct tandem_command command[TANDEM_COMMANDS];
	uint32_t traces, trace_aborts, trace_flushes;
	/* Where the numbers lie that on_basis is called with when it is not compiled: so many, and so many noted since. */
	uint32_t plain_given, plain_noted, plain_full; /* full: the tables hold numbers */
	const double *plain[TANDEM_PLAIN];
	struct tandem_declared declared;
};
