/* tca - what each pair was decided at, what it was executed at, and where the difference went: prices, money, and time by step.
 *
 * Receipts go in by rising sequence, one forward pass; a pair comes out once it has ended and is not heard of for a while, or at the end. Costs are Perold's
 * implementation shortfall ("The Implementation Shortfall: Paper versus Reality", 1988), a leg's price of the decision being the paper's: worse is positive, for buys and
 * sells alike. Money is what the instance counts in, at the rates of each fill. Cold path; one owner. */
#pragma once
#include "core/base/map.h"
#include "core/market/basis.h"
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stdint.h>

#define TCA_KEPT \
	4096 /* pairs that are looked at at once: open ones, and ended ones that may yet hear of something */
#define TCA_LATELY  256	  /* quotes and decisions that the next pair may rest on */
#define TCA_TICKS   65536 /* instruments whose ticks are known, by durable number */
#define TCA_RESCUES 32
#define TCA_UNKNOWN INT64_MIN

struct tca_leg {
	bool known;
	uint32_t instrument, account;
	uint8_t side, px_dp, qty_dp;
	int64_t tick;	    /* px scale; 0: no rule was read */
	int64_t ref_px;	    /* of the decision */
	int64_t arrival_px; /* what the market stood at as its first order left; 0: none did */
	int64_t want_qty;
	int64_t qty;	  /* filled by the orders that open it and by those that complete it */
	__int128 value;	  /* sum of price * qty of those */
	int64_t back_qty; /* what was unwound */
	__int128 back_value;
	int64_t slip_e8, chase_e8, unwind_e8,
		fee_e8;			      /* money; slip: of orders that are no rescue */
	int64_t sent_ns, acked_ns, filled_ns; /* monotonic, each the first; 0: none */
	uint32_t orders, fills, maker;
};

/* Time by step, in ns; TCA_UNKNOWN where a step was not taken or its receipts are not there. */
enum tca_step {
	TCA_WIRE_TO_DECISION, /* the newest quote that the decision rests on came in, to the decision */
	TCA_DECISION_TO_SENT, /* to the first order handed to its connection: risk and journal */
	TCA_SENT_TO_ACK,      /* worst leg: to the venue's word that it has it */
	TCA_SENT_TO_FILL,     /* worst leg: to its first fill */
	TCA_LEG_GAP,	      /* between the first fills of its legs */
	TCA_RESCUE,	      /* from broken to its end */
	TCA_WHOLE,	      /* from the quote to its end */
	tca_step_max
};

struct tca_pair {
	uint64_t id;
	uint32_t instance, script, money;
	uint8_t state, intent;
	bool broke, completed, unwound, held, ended,
		resumed; /* resumed: it lived through a restart */
	bool priced;	 /* money was known for every fill */
	int64_t utc_ns, decided_ns, quote_ns, broke_ns, ended_ns;
	int64_t basis_bp_nano; /* that the decision saw, in its direction; TCA_UNKNOWN */
	int64_t step_ns[tca_step_max];
	int64_t value_e8; /* money that its opening fills moved */
	int64_t slip_e8, chase_e8, unwind_e8, fee_e8;
	uint32_t n_legs, n_rescues;
	struct tca_leg leg[LEG_MAX];
	uint64_t rescue[TCA_RESCUES]; /* its orders that were rescues */
	uint64_t heard;		      /* sequence of the last receipt of it */
};

/* A pair as it ended, or as it stands at the end of what was read. */
typedef int tca_fn(void *arg, const struct tca_pair *p);

struct tca {
	struct tca_pair *pair; /* TCA_KEPT of them */
	uint32_t n;
	struct map at;				  /* by id of the pair */
	struct fact lately[TCA_LATELY], decision; /* decision: that of the newest pair */
	uint32_t n_lately;
	int64_t *tick_of;	 /* TCA_TICKS, by durable number of the instrument */
	uint64_t pairs, dropped; /* given out; not followed since too many were open at once */
	tca_fn *fn;
	void *arg;
};

int tca_open(struct tca *t, tca_fn *fn, void *arg); /* -ERR_NOMEM */
void tca_close(struct tca *t);
/* What fn said, if it was not 0. */
int tca_take(struct tca *t, const struct fact *f);
int tca_end(struct tca *t); /* gives out what is left, by the order of decisions */

const char *tca_step_name(enum tca_step s);
/* Ticks in hundredths, worse is positive; false where tick or price is not known. */
bool tca_slip_ticks(const struct tca_leg *l, int64_t *hundredths);
int64_t tca_average_px(const struct tca_leg *l); /* 0: nothing filled */
/* What it cost against its decision, in 1e-4 of what it moved: slip, chase, unwinding and fees. false: nothing moved, or money is not known. */
bool tca_cost_bp(const struct tca_pair *p, double *bp);
