/* match - one instrument's book at the simulated exchange: our accounts' orders meet the
 * market's book at the moment they arrive.
 *
 * The market's side is driven from outside (a recording or a generator) and does not react to
 * us. An arriving order takes what stands, best price first; at one price the market's size goes
 * before our own resting orders, those in order of time. What rests waits behind the size that
 * stood there when it joined: trades at its price and depletion of the level bring it forward, a
 * trade through it or a contra quote at or through it fills it, at its own price and never for
 * more than the size that came. Every fill is within its order's limit and at a price that the
 * book or the tape has just shown. Time is handed in: no clock, no I/O, no allocation after
 * init. Belongs to the venue's thread. Limits: own orders do not appear in the market's feed;
 * hidden and iceberg size is unknown. */
#pragma once
#include "adapters/sim/shown.h"
#include "core/market/instrument.h"
#include "core/trade/venue.h"
#include <stdbool.h>
#include <stdint.h>

/* Self-trade prevention: what gives way when an account would meet itself. */
enum match_stp { STP_NONE, STP_EXPIRE_TAKER, STP_EXPIRE_MAKER, match_stp_max };

enum match_kind {
	MATCH_ACK,
	MATCH_FILL,
	MATCH_CANCELLED,
	MATCH_EXPIRED,
	MATCH_REJECTED,
	MATCH_AMENDED,
	match_kind_max
};

enum match_why {
	WHY_NONE,
	WHY_OWNER,	/* cancelled as asked */
	WHY_IOC,	/* the remainder of an immediate order */
	WHY_FOK,	/* the whole was not there */
	WHY_LIQUIDITY,	/* a market order ran out of book */
	WHY_SELF_TRADE, /* it would have met its own account */
	WHY_WOULD_TAKE, /* post-only, and a contra price stood */
	WHY_FULL,	/* the venue has no room for one more resting order */
	WHY_VENUE,	/* the venue's own will */
	match_why_max
};

struct match_order {
	uint64_t id;	 /* the venue's order id; unique, not 0 */
	int64_t px, qty; /* px is ignored for ORD_MARKET */
	int64_t cum;	 /* filled so far; 0 on arrival, more when a book is restored */
	int64_t ahead; /* the market's size before it at its price; INT64_MAX: not known, the next book says it */
	int64_t take_max; /* most that it may take on arrival; 0: no such bound */
	uint32_t tag;	  /* the caller's own, comes back in events */
	uint16_t account;
	uint8_t side, type, tif, stp;
};

struct match_event {
	uint8_t kind, why;    /* enum match_kind, match_why */
	uint8_t reject_class; /* enum reject_class; for MATCH_REJECTED */
	uint8_t side;
	bool maker; /* it rested */
	bool own;   /* both sides of this fill are accounts of ours */
	uint16_t account;
	uint32_t tag;
	uint64_t id;
	uint64_t trade;	     /* of a fill; unique in the instrument, one on both sides of a trade */
	int64_t px, qty;     /* of the fill; of the order else */
	int64_t cum, leaves; /* after it */
	int64_t at_ns;
};

typedef void (*match_sink)(void *owner, const struct match_event *e);

struct match {
	struct shown shown; /* what orders meet */
	struct shown said;  /* by depth messages alone: what depth_seq is the number of */
	struct match_order *rest[side_max]; /* resting, the next to fill last */
	uint32_t n_rest[side_max], cap_rest;
	struct quote quote; /* the last one that counted */
	int64_t depth_seq;  /* last_seq of the newest depth or snapshot */
	int64_t last_px;    /* of the last trade, theirs or ours; 0: none */
	uint64_t next_trade;
	bool collecting; /* orders and levels gather, and nothing meets */
	match_sink sink;
	void *owner;
};

/* levels, orders: most a side. next_trade: the first trade id given out (> 0). -ERR_NOMEM,
 * -ERR_ARG. */
int match_init(struct match *m, uint32_t levels, uint32_t orders, uint64_t next_trade,
	       match_sink sink, void *owner);
void match_free(struct match *m);

/* The market's own changes; they may fill resting orders. Older ones than the book has seen are
 * ignored (false: it changed nothing). */
bool match_market_snapshot(struct match *m, int64_t now_ns, const struct depth *d);
bool match_market_depth(struct match *m, int64_t now_ns, const struct depth *d);
bool match_market_quote(struct match *m, int64_t now_ns, const struct quote *q);
void match_market_trade(struct match *m, int64_t now_ns, const struct market_trade *t);

/* An order arrives. Everything that becomes of it is told through the sink before this returns:
 * an acknowledgement or a rejection first, then fills, then its end unless it rests. qty > 0,
 * and id unused: must hold. */
void match_place(struct match *m, int64_t now_ns, const struct match_order *o);
/* Puts a resting order back without a word (after a restart), behind those that are there.
 * -ERR_FULL. */
int match_restore(struct match *m, const struct match_order *o);
/* The owner takes it out: MATCH_CANCELLED through the sink. -ERR_NOTFOUND: it does not rest
 * here. */
int match_cancel(struct match *m, int64_t now_ns, uint64_t id);
/* Another price and total quantity for a resting order: it goes to the end of its queue, and may take. MATCH_AMENDED is told before what becomes of it; one that
 * had filled as much already is MATCH_CANCELLED. -ERR_NOTFOUND; -ERR_STATE: it is post-only and would take, nothing happened. */
int match_amend(struct match *m, int64_t now_ns, uint64_t id, int64_t px, int64_t qty);
/* The venue takes it out: MATCH_EXPIRED with that reason. */
int match_expire(struct match *m, int64_t now_ns, uint64_t id, enum match_why why);

/* An auction, or a pause: from here on what arrives gathers, prices may cross and nothing fills. Only orders that rest may be placed. */
void match_collect(struct match *m);
/* Trading goes on: what gathered meets as in continuous trading, who rested first at his own price. */
void match_resume(struct match *m, int64_t now_ns);
/* The auction's end: all that can trade does so at one price, which gives the largest volume. Bids above it and offers below it are filled whole, at
 * the price itself the smaller side is. Of the prices that do so it is the mean of the last pair's two limits, on the tick, or the nearest to it (a pair of which one is
 * filled in part: that one's limit). Who stands at one price goes in the order of continuous trading. Fills are told, maker false; trading goes on with what is left. The market's
 * levels take part in it. Volume 0: nothing crossed. */
struct match_auction {
	int64_t px, qty; /* qty: all of it, the market's own among it */
};
struct match_auction match_uncross(struct match *m, int64_t now_ns, int64_t tick);

/* What qty on this side at limit px (has_px false: any price) would get now: quantity, and the
 * sum of price * quantity of it. */
struct match_estimate {
	int64_t qty;
	__int128 px_qty;
	int64_t worst_px;
};
struct match_estimate match_estimate(const struct match *m, enum side side, bool has_px, int64_t px,
				     int64_t qty);
/* A resting order, or NULL; valid until the next call that changes the book. */
const struct match_order *match_find(const struct match *m, uint64_t id);
/* The book at depth_seq, best first: without what newer quotes say of its top, and without our takes, so that it can be laid beside the book of who
 * follows the depth messages. Returns how many levels were written. */
uint32_t match_book(const struct match *m, enum side side, struct level *out, uint32_t cap);
/* Middle of the shown top, or the last trade where a side is empty; 0: neither is known. */
int64_t match_mid(const struct match *m);

const char *match_kind_name(enum match_kind k);
const char *match_why_name(enum match_why w);
