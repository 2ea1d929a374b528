/* checker - holds every receipt against what the venues' own books say, and says which invariant (I1 to I15) or rule (R1 to R6) does not hold, at once.
 *
 * It knows two things only: the receipts as they are appended, and the events of the venues' matching core (orders, trades, positions). From these
 * it keeps a model of its own of every pair, order and position; nothing of the executor's is ever read. What the world does to links and venues is
 * told to it as trouble, since a pair may be HELD only while such a cause is true. Constant work for each event; fixed memory; one thread. */
#pragma once
#include "adapters/sim/exchange.h"
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stdint.h>

#define CHECKER_INVARIANTS 15
#define CHECKER_RULE	   100 /* + 1..6: one of the standing rules, not an invariant */
#define CHECKER_VIOLATIONS 16
#define CHECKER_VENUES	   4

/* What is known before anything happens: the configuration, as numbers. Receipts name instruments and accounts by 1 + their place here. */
struct checker_terms {
	const struct instrument *instrument;
	uint32_t n_instruments;
	uint16_t n_venues, n_accounts, n_instances;
	/* The venue's indices -> ours, 1 + place; 0: none. */
	uint32_t instrument_of[CHECKER_VENUES][8], account_of[CHECKER_VENUES][8];
	uint32_t group_of[16]; /* of accounts: those of one group may not trade with each other */
	int64_t max_imbalance_base_e8, max_position_base_e8, tolerance_base_e8;
	int64_t max_age_ns, max_order_e8;
	int32_t max_in_flight[16]; /* by instance, 1 + place; 0: any number */
	int32_t messages_per_s[CHECKER_VENUES], reserve_pct[CHECKER_VENUES];
	bool holds[16];	   /* by instance, 1 + place: its policy is to hold what breaks */
	bool cheapest[16]; /* it takes the cheaper way */
	bool reopens[16];  /* it may unwind what was to close */
	int64_t lot_base_e8[16];
	/* A receipt that was written before, by its number; NULL: none. */
	const struct fact *(*fact)(void *owner, uint64_t seq);
	uint64_t (*synced)(void *owner); /* so many receipts are durable; NULL: all */
	int64_t answer_ns;		 /* how long a venue's answer is waited for */
	uint32_t messages[16];		 /* of one step of its ladder */
	bool waits[16];			 /* it has steps that take their time */
	int32_t slip_tick;
	/* Best price that an order of this side would meet at the venue now; 0: none. From the venue's own book. */
	int64_t (*price)(void *owner, unsigned instrument, enum side side);
	void *owner;
	/* How long a pair may go on being held once what held it has ended, and how long all may take in the end. */
	int64_t patience_ns;
};

/* What the world did, and until when its effects may be felt. */
enum checker_trouble {
	TROUBLE_LINK, /* cut, frozen, refused, or lost bytes: a venue may be down, an answer missing */
	TROUBLE_FEED,	/* market data missing, held back, or false */
	TROUBLE_ORDERS, /* the venue refuses, or loses what it is asked or what it says */
	TROUBLE_HALT,	/* no trading there */
	TROUBLE_ROOM,	/* the journal has none, or its disk is ill */
	TROUBLE_CLOCK,
	checker_trouble_max
};

struct checker_violation {
	uint8_t invariant; /* 1..15, or CHECKER_RULE + 1..6 */
	int64_t at_ns;
	uint64_t pair, order, seq;
	char text[200];
};

struct checker_count {
	uint64_t facts, events, pairs, hedged, flat, held, held_moves, refused;
	uint64_t orders, trades, foreign, completed, unwound, alerts, own_crosses;
	uint64_t held_by[16]; /* moves to HELD, by cause */
	int64_t held_ns;      /* together */
	__int128
		naked_e8_ns; /* money times time, from the venues' trades: e8 of the quote currency times ns */
	uint64_t violations;
};

struct checker;

int checker_open(struct checker **out);
void checker_free(struct checker *c);
/* A new world. */
void checker_begin(struct checker *c, const struct checker_terms *t);
void checker_fact(struct checker *c, const struct fact *f);
void checker_event(struct checker *c, unsigned venue, const struct exchange_event *e);
/* Time goes on: what may not last too long is looked at. */
void checker_tick(struct checker *c, int64_t now_ns);
void checker_host_died(struct checker *c, int64_t until_ns);
/* venue UINT_MAX: all. */
void checker_trouble(struct checker *c, unsigned venue, enum checker_trouble t, int64_t until_ns);
/* A venue's ticks are so many times as large as the configuration says, for a while. */
void checker_coarser(struct checker *c, int64_t times);
/* Faults have stopped: from now on nothing excuses anything that is not over at until_ns. */
void checker_calm(struct checker *c, int64_t now_ns);
/* Is everything over that ends by itself, and booked? */
bool checker_at_ease(struct checker *c);
/* Until when something is excused. */
int64_t checker_excused_ns(const struct checker *c);
/* It has had its time without faults: its books have to be right, or fenced, when it ends. */
void checker_had_time(struct checker *c);
/* The end of a run that became quiet: everything has to be hedged, flat, or held with a cause that is true now (I8), and the books agree (I4). */
void checker_end(struct checker *c, int64_t now_ns);

/* A pair with an order that may still fill at this venue (UINT_MAX: any), newest first; 0: none. */
uint64_t checker_live_pair(const struct checker *c, unsigned venue);
/* Is a cancel under way there, by the receipts? */
bool checker_cancelling(const struct checker *c, unsigned venue);
/* Pairs on which something has traded and that are not at rest yet. */
uint32_t checker_broken(const struct checker *c);
/* A pair that is held now, or 0. */
uint64_t checker_held_pair(const struct checker *c);
const struct checker_count *checker_counts(const struct checker *c);
const struct checker_violation *checker_violations(const struct checker *c, uint32_t *n);
/* A wrong word put in by a test, to see that it is heard: the n-th fact of this kind from now on is not shown to the checker. */
void checker_plant_skip(struct checker *c, enum fact_kind k, uint32_t nth);
