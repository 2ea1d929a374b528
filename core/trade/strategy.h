/* strategy - the port to scripts: the core shows, a script proposes, the core acts after the call has returned.
 *
 * One struct strategy is one instance: a file bound to instruments, accounts and parameters. run() hands it events and collects proposals; when
 * it fails or overruns, all its proposals of that call are dropped, and the safety of open pairs never depends on it. Engine's thread; no allocation. */
#pragma once
#include "core/market/basis.h"
#include <stdbool.h>
#include <stdint.h>

#define PROPOSAL_MAX	8
#define PROPOSAL_REASON 48
#define STRAT_SAVED_CAP (320 * 1024) /* most bytes that one remembers */

enum strat_event_kind {
	STRAT_START,
	STRAT_BASIS,
	STRAT_PAIR,
	STRAT_TIMER,
	STRAT_STOP,
	STRAT_QUOTE,   /* best prices of a leg or reference changed */
	STRAT_BOOK,    /* the depth of a leg changed */
	STRAT_ORDER,   /* an order of one of its pairs moved */
	STRAT_SESSION, /* a leg or reference came to another phase of its trading day */
	STRAT_GAP,     /* the prices of a leg or reference may be believed no longer, or again */
	STRAT_PARAM,   /* an operator gave a parameter another value */
	strat_event_max
};

/* Who an event is about: a leg by its number, a reference from here on (as in gate_who). */
#define STRAT_REF 128

struct strat_pair_event {
	uint64_t pair;
	uint8_t state; /* enum pair_state */
	uint8_t intent;
	double lots;			  /* hedged */
	double px[LEG_MAX], qty[LEG_MAX]; /* average and filled, own units; qty signed */
	char reason[PROPOSAL_REASON];
};

struct strat_quote_event {
	double px[side_max], qty[side_max]; /* own units; 0: that side is empty */
	double age_ms;
	uint8_t who;
};

/* Good for the call: its levels are read where they stand. */
struct strat_book_event {
	const struct book *book;
	const struct instrument *instrument; /* its scales */
	uint8_t who;
};

struct strat_order_event {
	uint64_t order, pair;
	double px, qty, filled, avg; /* own units; avg 0: nothing has filled */
	uint8_t leg, side;
	uint8_t state; /* enum order_state */
	bool rescue;
	char reason[PROPOSAL_REASON]; /* of its pair */
};

/* STRAT_SESSION: from and to are phases of calendar.h. STRAT_GAP: states of top.h; both alike where it was lost and regained within a turn. */
struct strat_change {
	uint8_t who, from, to;
};

struct strat_param_event {
	char name[32];
	double old, now;
};

/* What a strategy may look up of its legs and references beside what every call shows. */
enum strat_look {
	LOOK_FREE, /* of the leg's account: the currency that it is paid or margined in */
	LOOK_LOCKED,
	LOOK_BASE_FREE, /* of spot: the asset itself */
	LOOK_BASE_LOCKED,
	LOOK_BALANCE_KNOWN,  /* 1: the venue has told it */
	LOOK_CLOCK_BOUND_MS, /* of the venue's clock against ours; infinite: not known */
	LOOK_CLOCK_KNOWN,
	LOOK_SESSION, /* enum phase */
	LOOK_STATE,   /* enum strat_state, at number 0 */
	strat_look_max
};
struct strat_world {
	double of[strat_look_max][LEG_MAX + REF_MAX]; /* legs, then references */
};

/* What the host lets an instance do. */
enum strat_state { STRAT_ACTIVE, STRAT_REDUCING, STRAT_HALTED, STRAT_PAUSED, strat_state_max };

/* What a strategy may know of itself; filled by the engine before each call. */
struct strat_self {
	double pos[LEG_MAX]; /* signed, own units, attributed to this instance */
	double pos_lots;     /* in pair lots: the hedged position, signed by leg 0 */
	uint32_t pairs_in_flight;
	int64_t now_ns, utc_ns;
	/* Worked out when it is asked for, at most once a call, and good until the call returns; NULL: nothing is known. */
	const struct strat_world *(*look)(void *of);
	void *of;
};

struct strat_event {
	uint8_t kind;
	const struct basis *basis;	     /* STRAT_BASIS */
	const struct strat_pair_event *pair; /* STRAT_PAIR */
	uint32_t timer;			     /* STRAT_TIMER: which self:every */
	const struct strat_quote_event *quote;
	const struct strat_book_event *book;
	const struct strat_order_event *order;
	const struct strat_change *change; /* STRAT_SESSION, STRAT_GAP */
	const struct strat_param_event *param;
};

/* The last two are the core's own: a basis position that became uneven is made even again, or closed. A script proposes none beyond INTENT_ROLL. */
enum pair_intent {
	INTENT_OPEN,
	INTENT_CLOSE,
	INTENT_ROLL,
	INTENT_REPAIR,
	INTENT_FLATTEN,
	pair_intent_max
};

/* How the legs of a pair go out. 0: as the configuration says. */
enum pair_style {
	STYLE_DEFAULT,
	STYLE_BOTH,    /* all legs in one turn */
	STYLE_LEGGED,  /* the first leg, then the others on what it filled */
	STYLE_PASSIVE, /* the first leg rests and is re-priced, the others are taken on its fills */
	pair_style_max
};

/* When the legs of STYLE_BOTH leave. */
enum pair_align {
	ALIGN_DEFAULT,
	ALIGN_SEND,   /* together */
	ALIGN_ARRIVE, /* so that they arrive together, by the delays that are known */
	ALIGN_LESS_CERTAIN, /* the less certain one first; the others when it is known, or at the latest when it should be */
	pair_align_max
};
#define LEG_ANY 0xff

enum proposal_kind {
	PROPOSE_PAIR,
	PROPOSE_CANCEL,
	PROPOSE_ALERT,
	PROPOSE_METRIC,
	PROPOSE_LOG,
	PROPOSE_TIMER,
	proposal_kind_max
};
/* What a pair's own ladder may do at most: ticks, money, seconds; below 0: as its instance has it. */
struct proposal_rescue {
	double max_slip_ticks, max_unwind_slip_ticks, budget, wait_s, chase_s;
};

struct proposal {
	uint8_t kind;
	uint8_t intent;
	uint8_t tif;	  /* enum tif */
	uint8_t severity; /* alert */
	uint8_t style;	  /* enum pair_style */
	uint8_t align;	  /* enum pair_align */
	uint8_t first; /* index of the strategy's leg that goes first or rests; LEG_ANY: as configured, else the core's choice */
	uint8_t n_legs;
	uint8_t leg[LEG_MAX]; /* indices of the strategy's legs */
	uint8_t side[LEG_MAX];
	bool has_basis;
	uint8_t n; /* which of its call's proposals it is */
	bool has_fair;
	bool has_rescue;
	uint8_t on_leg_fail; /* where has_rescue: enum on_leg_fail; on_leg_fail_max: not said */
	double lots; /* pair lots; the core rounds down and clamps, and refuses NaN and what is not positive */
	double limit_px[LEG_MAX]; /* 0: the executable price at decision, plus the slip limit */
	uint64_t pair;		  /* cancel */
	double value;		  /* metric; timer: period in seconds */
	double basis; /* where has_basis: what a resting leg's price is derived from, as sell_<leg> and buy_<leg> of the basis say it */
	double fair; /* where has_fair: the gross basis at which nothing is to be earned, as sell_<leg> and buy_<leg> say it */
	struct proposal_rescue rescue; /* where has_rescue */
	uint64_t event; /* what it was decided on: with n it is proposed once (F42); 0: not said */
	char reason[PROPOSAL_REASON];
};

/* Limits that a script states for itself; the configuration's are clamps on them. */
enum on_leg_fail {
	LEG_FAIL_CHEAPEST,
	LEG_FAIL_COMPLETE,
	LEG_FAIL_UNWIND,
	LEG_FAIL_HOLD,
	on_leg_fail_max
};
struct strat_limits {
	int64_t max_skew_ns, max_age_ns, max_clock_bound_ns, close_margin_ns, leg_timeout_ns,
		pair_timeout_ns;
	int32_t max_slip_tick, max_unwind_slip_tick;
	uint8_t on_leg_fail;
};

/* A declared parameter; the texts live as long as the strategy. */
struct strat_param {
	const char *name, *doc;
	double value;	   /* in force */
	double configured; /* as the configuration has it, or the file */
	double min, max;   /* infinities where not stated */
	bool reason;	   /* who changes it has to say why */
};

struct strategy;
struct strategy_ops {
	/* Number of proposals written to out (<= cap), or negative: -ERR_SCRIPT, the text says file:line and what; none of its proposals count. */
	int (*run)(struct strategy *s, const struct strat_self *self, const struct strat_event *ev,
		   struct proposal *out, unsigned cap);
	/* Which events it has hooks for: a bit per strat_event_kind. Absent hooks cost nothing. */
	uint32_t (*hooks)(const struct strategy *s);
	/* What it wants to remember, as bytes; *len is 0 when it keeps nothing. NULL: it has no memory. -ERR_FULL, -ERR_SCRIPT. */
	int (*save)(struct strategy *s, void *buf, size_t cap, size_t *len);
	/* Puts what another version has saved in the place of its own memory, through its on_load. NULL: it has no memory.
	 * -ERR_SCRIPT: it refuses, or failed; -ERR_CORRUPT. */
	int (*restore)(struct strategy *s, const void *buf, size_t len);
	void (*free)(struct strategy *s);
	/* Its i-th parameter, as it is now; false: there are not so many. NULL: it has none. */
	bool (*param)(const struct strategy *s, unsigned i, struct strat_param *out);
	/* Gives one another value, between two calls. NULL: it has none. -ERR_NOTFOUND, -ERR_RANGE in words. */
	int (*set_param)(struct strategy *s, const char *name, double value);
	/* The script's own frames of the call that failed last, innermost first, a line each; empty: it says no more than the error. NULL: none are known. */
	const char *(*trace)(const struct strategy *s);
};

struct strategy {
	const struct strategy_ops *ops;
	char name[48]; /* of the instance */
	char file[256];
	uint8_t sha256[32]; /* of the source */
	uint32_t version;   /* as the script states it */
	uint32_t lines, bytes; /* of the source */
	uint8_t n_legs, n_refs;
	char leg_name[LEG_MAX][16], ref_name[REF_MAX][16];
	struct basis_conv conv[LEG_MAX];
	struct strat_limits limits; /* 0 or -1 in a field: not stated */
	bool quarantined;
	bool interpreted_told; /* the engine's: as its last alert has it */
	bool interpreted; /* its hook is called often and is not compiled; the host may know another way of calling it */
	uint64_t calls, kills, errors, trace_aborts;
};
