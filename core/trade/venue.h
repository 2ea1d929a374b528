/* venue - the port that every adapter fills: what the core may ask of a market, and what a market may tell the core.
 *
 * One struct venue is one connection set to one market under one or more accounts. Everything happens on the engine's thread:
 * the core calls venue_ops, the adapter calls venue_host, mostly from within the channel handlers during poll. Nothing here
 * knows a wire. An adapter promises: it reports only what the venue said, a timeout is reported as unknown and never as a rejection, and it never sends an order again by itself. */
#pragma once
#include "core/io/env.h"
#include "core/market/event.h"
#include "core/market/instrument.h"
#include "core/trade/order.h"
#include <stdbool.h>
#include <stdint.h>

#define VENUE_CLIENT_ID 40
#define VENUE_ID_TEXT	24

enum exec_kind {
	EXEC_ACK,  /* works at the venue */
	EXEC_FILL, /* px, qty, fee of this execution; cum when the venue says it */
	EXEC_CANCELLED, /* gone: by cancel, IOC remainder, self-trade prevention, the venue's own will; cum is final */
	EXEC_REJECTED,	      /* never worked */
	EXEC_CANCEL_REJECTED, /* too late, or unknown to the venue: ask */
	EXEC_STATUS,	/* authoritative answer to a query: `status` and cum say where it stands */
	EXEC_NOT_FOUND, /* authoritative: the venue never had it (after its settle time) */
	EXEC_UNKNOWN, /* the venue itself does not know (a timeout on its side), or the connection broke: ask */
	EXEC_BUST,    /* an execution was taken back */
	EXEC_CORRECT, /* an execution (`ref`) was changed: exec, px, qty, fee are the new ones */
	EXEC_REPLACED, /* px, qty are in force from now on, qty in total; cum when the venue says it */
	EXEC_REPLACE_REJECTED, /* it works on as it was, or has ended: where the venue did not say, ask */
	exec_kind_max
};

/* What took an execution out of our hands (F65); such a one has no order of ours. */
enum forced_cause {
	FORCED_NONE,
	FORCED_LIQUIDATION,
	FORCED_ADL,	 /* against the account of somebody else who was liquidated */
	FORCED_CLOSE,	 /* by the broker or the exchange (强平) */
	FORCED_DELIVERY, /* settled or delivered at the end of the contract */
	forced_cause_max
};

/* Why an order is gone that was not filled, as far as the venue lets it be told (F67, F72). */
enum cancel_why {
	CANCEL_UNSAID,
	CANCEL_EXPIRED,	   /* the rest of an immediate order */
	CANCEL_SELF_TRADE, /* it would have met an order of the same account */
	CANCEL_DEAD_MAN,   /* the switch that is armed against our silence */
	CANCEL_BY_VENUE,   /* unasked, for reasons of its own */
	cancel_why_max
};

/* Why something was refused, in classes that the core can act on. */
enum reject_class {
	REJECT_OTHER,
	REJECT_TRANSIENT,
	REJECT_PRICE,
	REJECT_SIZE,
	REJECT_MONEY,
	REJECT_RATE,
	REJECT_AUTH,
	REJECT_CLOCK,
	REJECT_CLOSED,
	REJECT_DUPLICATE,
	REJECT_WOULD_TAKE,
	REJECT_GONE,
	REJECT_OPENING, /* nothing more may be opened there today; what closes goes on (F68) */
	reject_class_max
};

struct exec_report {
	uint8_t kind; /* enum exec_kind */
	uint8_t side;
	uint8_t status; /* EXEC_STATUS: enum order_state LIVE, FILLED, CANCELLED or REJECTED */
	uint8_t reject_class;
	bool maker;
	bool replayed; /* came out of a history that was asked for, may be known already */
	bool has_cum;
	uint8_t forced; /* enum forced_cause */
	uint8_t why;	/* CANCELLED: enum cancel_why */
	uint16_t venue, account;
	uint32_t instrument; /* index */
	uint64_t order;	     /* ours, 0: foreign */
	char client[VENUE_CLIENT_ID];
	char venue_order[VENUE_ID_TEXT];
	char exec
		[VENUE_ID_TEXT]; /* with account, instrument, venue order and side: a fill's identity (F10) */
	char ref[VENUE_ID_TEXT]; /* CORRECT: the execution that is changed */
	int64_t px, qty;	 /* of this execution, or of the order */
	int64_t cum;
	int64_t fee_e8;
	asset_id fee_asset;
	int64_t venue_ns, recv_ns;
	int32_t code;  /* the venue's */
	char text[96]; /* the venue's words */
};

enum venue_state {
	VENUE_DOWN, /* no session */
	VENUE_CONNECTING,
	VENUE_LOGON,	   /* streams up, logging on, fetching rules */
	VENUE_RECONCILING, /* session up: orders, fills, positions are being asked for; nothing opens */
	VENUE_UP,
	venue_state_max
};

/* Which continuity rule the depth feed follows, as data for the book's state machine. */
enum depth_rule {
	DEPTH_NEXT_IS_LAST_PLUS_1, /* U == previous u + 1; the first after a snapshot: U <= id + 1 <= u */
	DEPTH_PREV_IS_LAST,	   /* pu == previous u; the first after a snapshot: U <= id <= u */
	DEPTH_WHOLE,		   /* no chain: each message is the whole of what is shown */
	depth_rule_max
};

enum bad_input {
	BAD_SYNTAX,
	BAD_NUMBER,
	BAD_TICK,
	BAD_SIZE,
	BAD_SEQUENCE,
	BAD_CHECKSUM,
	BAD_FRAME,
	BAD_BOOK,
	BAD_UNKNOWN,
	bad_input_max
};

#define BAD_NO_BOOK (UINT32_MAX - 1)

struct venue;

/* What an adapter tells the core. `core` is the engine, opaque. */
struct venue_host {
	void *core;
	struct env *env;
	void (*on_state)(void *core, uint16_t venue, enum venue_state s, const char *why);
	void (*on_rule)(void *core, uint32_t instrument, const struct rule *r);
	/* A quote or change of this instrument is being read; nothing is known yet, and it may come to nothing. May be NULL, need not be called. */
	void (*on_soon)(void *core, uint32_t instrument);
	void (*on_quote)(void *core, uint32_t instrument, const struct quote *q);
	void (*on_depth)(void *core, uint32_t instrument, const struct depth *d);
	/* The line that quotes and depth come on broke: no book of the venue is known any more, though orders may still go. */
	void (*on_feed_down)(void *core, uint16_t venue);
	/* A whole book; d->last_seq is its update number. */
	void (*on_snapshot)(void *core, uint32_t instrument, const struct depth *d);
	void (*on_trade)(void *core, uint32_t instrument, const struct market_trade *t);
	/* The venue's book stood at this number at some moment from asked_ns (monotonic, ours) on. */
	void (*on_probe)(void *core, uint32_t instrument, int64_t last_seq, int64_t asked_ns);
	/* The venue says whether this instrument is in continuous trading; told when it is known, and when it changes. */
	void (*on_halt)(void *core, uint32_t instrument, bool halted);
	/* Something proved that the feed is alive although nothing changed. */
	void (*on_alive)(void *core, uint16_t venue, int64_t recv_ns);
	void (*on_exec)(void *core, const struct exec_report *r);
	/* What the venue takes for this instrument; told when it is known, and when it changes. May be NULL. */
	void (*on_caps)(void *core, uint32_t instrument, const struct caps *c);
	/* From where on the executions of an account in an instrument must be told again after a break: *exec is the newest below which none
	 * is missing (empty: none), the return the venue's time of it. Until a round has been answered in full it stays where it is, whatever is told meanwhile, so a
	 * long history is asked for page by page within one round. 0: nobody here cares for them. May be NULL. */
	int64_t (*fills_since)(void *core, uint16_t account, uint32_t instrument,
			       char exec[VENUE_ID_TEXT]);
	/* Has this execution (account, instrument, venue_order, side, exec) been counted already? Then nobody need ask whose it is. May be NULL. */
	bool (*is_counted)(void *core, const struct exec_report *fill);
	/* All that reconcile asked for has been answered; full: the answer is complete (F64). */
	void (*on_reconciled)(void *core, uint16_t venue, bool full);
	void (*on_position)(void *core, uint16_t account, uint32_t instrument, int64_t qty_long,
			    int64_t qty_short, int64_t venue_ns);
	/* The same, where lots of today (by side, [0]) are told apart from earlier ones ([1]). */
	void (*on_lots)(void *core, uint16_t account, uint32_t instrument,
			const int64_t qty[side_max][2], int64_t venue_ns);
	void (*on_balance)(void *core, uint16_t account, asset_id asset, int64_t free_e8,
			   int64_t locked_e8, int64_t venue_ns);
	/* A request and its answer: two of our stamps around one or two of theirs (recv/send at the venue), for clock estimates. */
	void (*on_clock)(void *core, uint16_t venue, int64_t sent_ns, int64_t venue_recv_ns,
			 int64_t venue_send_ns, int64_t recv_ns);
	/* The venue wants to be sent nothing before then, or where not all no order that opens (F43). May be NULL. */
	void (*on_pause)(void *core, uint16_t venue, int64_t until_ns, bool all);
	/* Counted, receipted with its first bytes, never traded on. instrument: whose book may have a hole now; UINT32_MAX: any of the venue's;
	 * BAD_NO_BOOK: none, it was not about books. */
	void (*on_bad)(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		       const char *why, const void *bytes, size_t n);
};

struct venue_ops {
	const char *name;
	/* The client order id of an order, terminated; and back: 0 when it is not one of ours. */
	size_t (*encode_id)(uint64_t id, char out[VENUE_CLIENT_ID]);
	uint64_t (*decode_id)(const char *client, size_t n);
	enum depth_rule (*depth_rule)(const struct venue *v, uint32_t instrument);
	int (*start)(struct venue *v);
	void (*stop)(struct venue *v); /* orderly: closes the session */
	/* Queues the message; bytes leave at env_flush. Non-zero: certainly nothing was or will be sent. */
	int (*place)(struct venue *v, const struct order *o);
	int (*cancel)(struct venue *v, const struct order *o);
	int (*query)(
		struct venue *v,
		const struct order *
			o); /* answered by STATUS, NOT_FOUND or UNKNOWN, and replayed fills first */
	int (*reconcile)(
		struct
		venue *v); /* open orders, own fills since, positions and balances; then on_reconciled */
	/* Changes price and total quantity of a working order in place (F09): answered by REPLACED or REPLACE_REJECTED. As with place, non-zero: nothing was sent;
	 * -ERR_UNSUPPORTED: not here, or not this change. NULL: the venue cannot. */
	int (*replace)(struct venue *v, const struct order *o, int64_t px, int64_t qty);
	/* Cancels everything that works of an account in an instrument, whoever sent it; every order still ends by its own report. How many messages it took, or
	 * negative and nothing was sent. NULL or -ERR_UNSUPPORTED: the venue cannot. */
	int (*cancel_all)(struct venue *v, uint16_t account, uint32_t instrument);
	/* The dead-man switch: unless it is armed again within for_ns the venue cancels all that works of the account. 0: off. How many messages it took, or negative.
	 * NULL or -ERR_UNSUPPORTED: the venue has none. */
	int (*arm)(struct venue *v, uint16_t account, int64_t for_ns);
	int (*snapshot)(struct venue *v,
			uint32_t instrument); /* ask for a whole book; on_snapshot answers */
	/* The clock is not known well enough: ask for the time now; on_clock answers. NULL: the venue cannot be asked. */
	void (*ask_clock)(struct venue *v);
	/* What comes does not fit the trading rules that are known, or nobody has said whether it trades since it refused as closed (which an adapter asks by itself once):
	 * ask for them; on_rule and on_halt answer. NULL: the venue cannot be asked. */
	void (*ask_rules)(struct venue *v);
	/* Ask which number the venue's book stands at; on_probe answers. NULL: it cannot be asked. */
	int (*probe)(struct venue *v, uint32_t instrument);
	/* Ask for the depth changes first_seq..last_seq again; they come through on_depth. NULL: the venue does not send again. */
	int (*replay)(struct venue *v, uint32_t instrument, int64_t first_seq, int64_t last_seq);
	void (*on_time)(
		struct venue *v,
		int64_t mono_ns); /* at least every 100 ms: heartbeats, timeouts, reconnects */
	void (*free)(struct venue *v);
};

struct venue {
	const struct venue_ops *ops;
	struct venue_host host;
	uint16_t index;
	uint8_t state; /* enum venue_state, kept by the adapter through venue_set_state */
};

void venue_set_state(struct venue *v, enum venue_state s, const char *why);
const char *exec_kind_name(enum exec_kind k);
const char *forced_cause_name(enum forced_cause c);
const char *cancel_why_name(enum cancel_why w);
const char *reject_class_name(enum reject_class c);
const char *venue_state_name(enum venue_state s);
const char *bad_input_name(enum bad_input b);
