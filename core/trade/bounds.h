/* bounds - the rows of the limits at work, and the tightest of them compiled for the gate: by instance, by leg, by venue.
 *
 * Rows come from the configuration when the host starts, from an operator while it runs, and back from the receipts after a restart. Each change compiles anew: the gate then
 * reads a few cache lines and searches for nothing. Memory from limits_open; engine's thread. */
#pragma once
#include "core/market/instrument.h"
#include "core/trade/limit.h"
#include "core/trade/strategy.h"

struct desk;
struct fact;

/* What is judged of a leg, and of an instance. */
#define LEG_BOUNDS(X)                                                                              \
	X(ORDER_NOTIONAL)                                                                          \
	X(ORDER_BASE)                                                                              \
	X(POSITION_NOTIONAL) X(POSITION_BASE) X(POSITION_LONG) X(POSITION_SHORT) X(POSITION_TOTAL) \
		X(COLLAR) X(COLLAR_LAST) X(SLICE_BASE) X(SLICE_NOTIONAL)
#define OWN_BOUNDS(X) X(IMBALANCE) X(PAIR_LOTS) X(POSITION_LOTS) X(REJECTS) X(IN_FLIGHT)

enum leg_bound {
#define LEG_BOUND(id) LEG_##id,
	LEG_BOUNDS(LEG_BOUND)
#undef LEG_BOUND
		leg_bound_max
};
enum own_bound {
#define OWN_BOUND(id) OWN_##id,
	OWN_BOUNDS(OWN_BOUND)
#undef OWN_BOUND
		own_bound_max
};

/* Accounts of one group at one venue: the reader of the configuration takes no more. */
#define RISK_MATES 8

/* A bound that nobody set is LIMIT_OFF: whatever is compared with it passes. Rows are places + 1; 0: none. */
struct bounds_leg {
	int64_t most[leg_bound_max];
	uint16_t row[leg_bound_max];
	uint32_t slot;		   /* of the exposure */
	uint32_t mate[RISK_MATES]; /* slots of its account group there, its own first */
	uint8_t n_mates;
	/* What certainly stays within its bound, so that no gate divides: a quantity of it; of those in money, a quantity times a price. */
	int64_t safe_qty[leg_bound_max];
	__int128 safe_product[leg_bound_max];
	bool positions, gross; /* any bound of positions is set; one of long and short apart */
};
struct bounds {
	int64_t most[own_bound_max];
	uint16_t row[own_bound_max];
	uint16_t barred_by; /* a row that is gone beyond, and bars opening while it is */
	bool barred_whole;  /* closes, too */
	struct bounds_leg leg[LEG_MAX];
};

/* The last prices of an instrument, a tenth of a second apart, and their middle: what the collar to the last N compares with. */
#define RISK_LAST 16
struct risk_last {
	int64_t px[RISK_LAST], middle;
	int64_t at_ns; /* of the newest */
	uint32_t n, at;
};

/* The worst of the last minute, in two halves. */
struct risk_pace {
	int64_t worst_ns[2], since_ns;
};

/* What limits measure of an instance over time. */
#define RISK_REPEATS 64
#define RISK_KINDS   (pair_intent_max * side_max)
struct risk_watched {
	struct risk_pace latency;
	int64_t slip_e8[60]; /* of the last hour, by minute */
	int64_t minute;	     /* of the newest of them */
	int64_t ratio_since_ns;
	uint32_t sent[2], rejected[2]; /* orders of the last minutes, in two halves */
	int64_t unhedged_since_ns;     /* 0: it is hedged */
	uint64_t last_pair;
	int64_t done_ns[RISK_KINDS][RISK_REPEATS]; /* when it executed what it did */
	uint32_t n_done[RISK_KINDS];
};

/* What the host, an account or an instance had earned when the day began: kept whether a row bounds it or not, so that one that is set in the middle of the
 * day counts from its beginning. */
struct limit_day {
	int64_t day, base_e8;
	bool known;
};

struct limits {
	struct limit_row *row;
	struct limit_day *day; /* the host's, then by account, then by instance */
	uint32_t n, cap;
	uint32_t n_watched;	      /* rows that the watch looks at */
	struct bounds *of;	      /* by instance */
	struct risk_watched *watched; /* by instance */
	struct risk_last *last;	      /* by instrument */
	int64_t *venue_per_s, *venue_per_day, host_per_s, host_per_day;
	int64_t in_flight; /* of the whole host */
	uint16_t *venue_per_s_row, *venue_per_day_row, host_per_s_row, host_per_day_row,
		in_flight_row;
	uint64_t of_day[risk_limit_max]; /* hits of limits that have no row */
	bool look;			 /* numbers have changed: the watch is due */
};

int limits_open(struct desk *d);
void limits_free(struct limits *l);
/* Rows of the configuration, and everything compiled. Also where a test has changed the configuration. */
void limits_load(struct desk *d);
/* Compiles the bounds of an instance; its gate of times, too. */
void limits_bind(struct desk *d, uint16_t instance);
void limits_compile(struct desk *d);
void limits_compile_gate(struct desk *d, uint16_t instance);
/* Does the row hold for this leg of the instance (LEG_MAX: for any of its legs)? */
bool limits_row_holds(const struct desk *d, const struct limit_row *r, uint16_t instance,
		      unsigned leg);
/* The row of exactly this limit and scope; NULL: none. */
struct limit_row *limits_find(struct desk *d, enum risk_limit l, enum limit_scope s,
			      uint32_t index);
/* One more; NULL: no room. */
struct limit_row *limits_add(struct desk *d, enum risk_limit l, enum limit_scope s, uint32_t index);
/* Where its day began; NULL: a scope that has none. */
struct limit_day *limits_day(struct desk *d, enum limit_scope s, uint32_t index);
/* "venue BINANCE", "global". */
const char *limits_subject(const struct desk *d, enum limit_scope s, uint32_t index);
