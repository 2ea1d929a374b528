/* knobs - how badly the simulated venue behaves: seeded probabilities of faults, delays of its
 * paths, its clock, and planned events.
 *
 * Every fault and every path draws from a stream of its own, so that one knob more does not move
 * what the others decide: the same seed and the same questions give the same answers. It only
 * decides; who asks does the deed. One owner; no allocation. */
#pragma once
#include "core/base/rng.h"
#include <stdbool.h>
#include <stdint.h>

enum fault {
	FAULT_REJECT,	      /* an order is refused, transiently (F01 F02) */
	FAULT_PARTIAL,	      /* an order gets only a part of what stands (F03 F05) */
	FAULT_DROP_FEED,      /* a market event never leaves (F28) */
	FAULT_DUP_FEED,	      /* it leaves twice (F33) */
	FAULT_DROP_IN,	      /* a request is lost before the venue (F13 F14) */
	FAULT_DROP_OUT,	      /* an answer is lost (F12) */
	FAULT_DUP_OUT,	      /* an execution report leaves twice (F10) */
	FAULT_TIMEOUT,	      /* the answer is "unknown" although it was done */
	FAULT_DISCONNECT,     /* the connection is cut after a message (F17) */
	FAULT_FREEZE,	      /* nothing leaves for freeze_ns, the connection stays (F19 F32) */
	FAULT_UNSOLICITED,    /* the venue cancels a resting order by itself (F67) */
	FAULT_MISS_ORDER,     /* a list of open orders leaves one out (F64) */
	FAULT_STALE_POSITION, /* a position is answered as of before its last change (F64) */
	fault_max
};

enum knob_path {
	PATH_FEED, /* venue -> host, market data */
	PATH_IN,   /* host -> venue, requests */
	PATH_OUT,  /* venue -> host, answers and reports */
	knob_path_max
};

enum delay_shape {
	DELAY_FIXED,	   /* min */
	DELAY_UNIFORM,	   /* min .. max */
	DELAY_EXPONENTIAL, /* min + a geometric tail of mean typ, cut at max */
	DELAY_LOGNORMAL,   /* min + a skewed body of median typ, cut at max */
	DELAY_BURST, /* min, and for burst_ns at a time, begun with burst_ppm a message, uniform typ .. max */
	delay_shape_max
};

struct delay {
	uint8_t shape;
	int64_t min_ns, typ_ns, max_ns; /* max 0: not cut */
	uint32_t burst_ppm;
	int64_t burst_ns;
};

enum plan_kind {
	PLAN_DISCONNECT,
	PLAN_FREEZE,
	PLAN_REJECT_ALL,
	PLAN_HALT,
	PLAN_FEED_FREEZE, /* market data is held back, and comes in one burst; all else goes on (F32) */
	PLAN_MUTE,	  /* market data is lost, of one symbol or of all (F28 F48) */
	PLAN_CLOCK,	  /* the venue's clock jumps by for_ns (F46 F47) */
	PLAN_MAINTENANCE,   /* every request is refused: closed for service (F45) */
	PLAN_REVOKE,	    /* every signed request: the key is not known any more (F44) */
	PLAN_WINDOW,	    /* every signed request: its timestamp lies outside the window (F44) */
	PLAN_LIMIT,	    /* every request: too many, with the time to come back (F43) */
	PLAN_BAN,	    /* the same, as a ban (F43) */
	PLAN_LIQUIDATE,	    /* futures positions are closed at the market (F65) */
	PLAN_ADL,	    /* the same, for somebody else's default (F65) */
	PLAN_FOREIGN_FILL,  /* somebody trades by hand in the first account (F16) */
	PLAN_FOREIGN_ORDER, /* somebody's order rests there (F16) */
	plan_kind_max
};

struct plan_event {
	int64_t at_ns;	/* after the start */
	int64_t for_ns; /* how long, or of CLOCK how far; MUTE 0: for good */
	uint8_t kind;
	char symbol[32]; /* of MUTE and what touches positions; empty: all */
};

#define KNOBS_PLAN 32

struct knobs_config {
	uint32_t ppm[fault_max];
	uint32_t partial_ppm_lo, partial_ppm_hi; /* the part that is filled: uniform in lo .. hi */
	int64_t freeze_ns;
	struct delay delay[knob_path_max];
	int64_t clock_offset_ns; /* venue minus true, at the start */
	int64_t clock_drift_ppb;
	int64_t clock_grain_ns; /* its stamps are cut to a multiple of this; 0: not */
	uint32_t n_plan;
	struct plan_event plan[KNOBS_PLAN]; /* in any order */
};

struct knobs {
	struct knobs_config config;
	struct rng fault[fault_max], path[knob_path_max], part;
	int64_t burst_until_ns[knob_path_max];
	int64_t start_ns;
	uint32_t plan_next;
	uint64_t hits[fault_max]; /* how often each said yes */
};

/* A well-behaved venue: no fault, no delay, the clock right; partial fills of 10 % to 90 % once
 * they are asked for. */
void knobs_config_init(struct knobs_config *c);
/* One setting by name, as configurations and command lines say it: "reject" "0.5%", "delay.feed"
 * "uniform:1ms:3ms", "clock.offset" "-20ms", "clock.drift" "4000ppb", "plan" "disconnect@12s",
 * "plan" "freeze@3s:500ms", "plan" "mute.USDCNH@5s". README.md lists them. -ERR_CONFIG in words. */
int knobs_set(struct knobs_config *c, const char *name, const char *value);
/* -ERR_CONFIG: a probability above 1, a delay that is negative or upside down. */
int knobs_init(struct knobs *k, const struct knobs_config *c, uint64_t seed, int64_t start_ns);
/* Does this fault strike now? */
bool knobs_hit(struct knobs *k, enum fault f);
/* The part (ppm) that a FAULT_PARTIAL leaves. */
uint32_t knobs_part_ppm(struct knobs *k);
/* Delay of the next message on a path, >= 0. Paths that keep their order are the caller's: it
 * delivers no earlier than the one before. */
int64_t knobs_delay(struct knobs *k, enum knob_path p, int64_t now_ns);
/* What the venue's clock says when it truly is now_ns. */
int64_t knobs_clock(const struct knobs *k, int64_t now_ns);
/* How far it is ahead of the truth then; the grain of its stamps left out. */
int64_t knobs_clock_offset(const struct knobs *k, int64_t now_ns);
/* It jumps. */
void knobs_clock_step(struct knobs *k, int64_t by_ns);
/* Planned events: when the next is due (INT64_MAX: none), and the next one that is due at
 * now_ns. */
int64_t knobs_plan_ns(const struct knobs *k);
bool knobs_plan_pop(struct knobs *k, int64_t now_ns, struct plan_event *out);

const char *fault_name(enum fault f);
const char *knob_path_name(enum knob_path p);
const char *delay_shape_name(enum delay_shape s);
const char *plan_kind_name(enum plan_kind k);
