/* tally - what the exchanges count of an account in a trading day: orders, cancels, self-trades, lots opened, messages, against the dated limits of the configuration.
 *
 * It counts receipts, and nothing else: each fact that is written passes by here, and a restart shows it the same facts again (a checkpoint carries the sums of those
 * before it). So a host that was killed at any moment counts on from the very numbers. Linked accounts (one `group`) are summed. The day is the trading day of the
 * contract's calendar, a night session belonging to the next; the UTC day where it has none; it only ever goes on. Only contracts that name their
 * `exchange` are counted. Constant time and no allocation after tally_init. Engine's thread. */
#pragma once
#include "core/base/map.h"
#include "core/trade/fact.h"
#include "core/trade/tally_kind.h"
#include <stdbool.h>
#include <stdint.h>

#define TALLY_ALL UINT32_MAX
#define TALLY_WINDOW \
	512 /* messages of a second that are told apart: beyond it a second is simply full */
#define TALLY_TRADES 4096 /* latest executions that a second side is looked for in */

struct config;
struct config_exchange_rule;
struct desk;
struct order;
struct pair;

struct tally_row {
	int32_t day; /* 0: nothing yet */
	int64_t n[tally_kind_max];
	uint8_t told[tally_kind_max]; /* 1: that it is near its limit, 2: that it is at its bound */
	/* What bounds it on this day, worked out when it is first asked for. */
	int32_t bounds_day;
	const struct config_exchange_rule *by[tally_kind_max]; /* NULL: nothing */
	const struct config_exchange_rule *ways; /* how things are counted; may be NULL */
	int64_t warn[tally_kind_max], bound[tally_kind_max];
};

/* Stamps (UTC) of the last second's messages: rings, from `tail` to `head`; those from `burst` on are not yet part of a burst. */
struct tally_window {
	int64_t at[TALLY_WINDOW];
	uint64_t head, tail, burst;
};

/* The trading day as looked up last: good for [from, until). */
struct tally_day {
	int64_t from_utc_ns, until_utc_ns;
	int32_t day;
};

struct tally {
	const struct config *cfg;
	uint32_t n_slots;
	uint16_t n_groups, n_exchanges;
	uint16_t *group;	     /* by account */
	uint16_t *of_group;	     /* an account of it, by group: its name in receipts */
	uint32_t *slot;		     /* by instrument; TALLY_ALL: not counted */
	uint32_t *instrument;	     /* by slot */
	uint16_t *exchange;	     /* by slot */
	uint32_t *of_exchange;	     /* an instrument of it, by exchange */
	struct tally_day *day;	     /* by slot */
	struct tally_row *row;	     /* slots x groups, then exchanges x groups */
	struct tally_window *window; /* exchanges x groups */
	bool learned;
	struct map index; /* durable names of receipts -> accounts and instruments */
	struct map trade; /* executions whose other side may be ours too -> the sides seen */
	uint64_t *trades; /* the same, oldest first, to be forgotten */
	uint32_t n_trades;
};

/* used counts towards warn (tell a person) and bound (open no more); limit is the exchange's own number. */
struct tally_use {
	int64_t used, warn, bound, limit;
};

int tally_init(struct tally *t, const struct config *c); /* -ERR_NOMEM */
void tally_free(struct tally *t);
const char *tally_kind_name(enum tally_kind k);
const char *tally_kind_text(enum tally_kind k);

/* A fact that was just written: counted, and whoever is near a limit is told of by an alert. */
void tally_fact(struct desk *d, const struct fact *f);
/* The same of a life before; framed: it stands in the checkpoint that the reading began with, so sums count. */
void tally_recall(struct desk *d, const struct fact *f, bool framed);
/* The sums, as facts of a checkpoint. */
void tally_write(struct desk *d);
/* What only the desk knows of an order that was cancelled, into the numbers of its receipt. */
void tally_note(const struct desk *d, const struct order *o, struct fact *cancelled);

/* How much of it is used today. False: no rule of the configuration bounds it. An account that a rule exempts has no such rule. */
bool tally_use(const struct desk *d, enum tally_kind k, uint16_t account, uint32_t instrument,
	       struct tally_use *out);

struct tally_hit {
	enum tally_kind kind;
	uint8_t leg;
	struct tally_use use;
};
/* May this pair be sent? One that closes always; one that opens while nothing of any leg is at its bound. False: *hit says what is. */
bool tally_gate(const struct desk *d, const struct pair *p, struct tally_hit *hit);

/* A line of what is counted, for people. */
struct tally_line {
	uint16_t account;    /* one of the group */
	uint32_t instrument; /* TALLY_ALL: all that the group does at the exchange */
	const char *exchange;
	enum tally_kind kind;
	int32_t day;
	struct tally_use use;	/* limit 0: nothing bounds it */
	int32_t from, verified; /* of the rule; 0: none */
};
/* Goes through all of them: start with *at = 0. What is neither bounded nor used is left out. Looks at no more than `looks`; false: the end. `*found` says whether *out was filled. */
bool tally_each(const struct desk *d, uint32_t *at, uint32_t looks, struct tally_line *out,
		bool *found);
