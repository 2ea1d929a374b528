/* desk - what the trading modules work on together: the books, the orders, the pairs, the positions, and the time of the turn.
 *
 * One desk is one host. The engine owns it and hands it to router, risk, executor and recovery, so that none of them keeps a world of its
 * own. Everything here belongs to the engine's thread; memory from desk_init; no third party's types. */
#pragma once
#include "core/base/timer.h"
#include "core/io/env.h"
#include "core/market/feed.h"
#include "core/market/gate.h"
#include "core/market/tsync.h"
#include "core/market/vol.h"
#include "core/trade/alert.h"
#include "core/trade/blotter.h"
#include "core/trade/bounds.h"
#include "core/trade/exposure.h"
#include "core/trade/fact.h"
#include "core/trade/fence.h"
#include "core/trade/foreign.h"
#include "core/trade/gatekeeper.h"
#include "core/trade/ids.h"
#include "core/trade/journal.h"
#include "core/trade/lineup.h"
#include "core/trade/pair.h"
#include "core/trade/position.h"
#include "core/trade/reach.h"
#include "core/trade/reconcile.h"
#include "core/trade/round.h"
#include "core/trade/snapshot.h"
#include "core/trade/tally.h"
#include "core/trade/venue.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum risk_state { RISK_ACTIVE, RISK_REDUCING, RISK_HALTED, risk_state_max };

enum desk_timer { TIMER_ORDER = 1, TIMER_PAIR, TIMER_STRATEGY, desk_timer_max };

/* What an operator or a limit wants done with what an instance holds, beside opening nothing. */
enum desk_wish { WISH_NONE, WISH_FINISH, WISH_FLATTEN, desk_wish_max };

/* Durable names of what the configuration lists, by its indices; what receipts carry. */
struct desk_names {
	uint32_t *venue, *account, *instance, *script, *asset;
};

/* What it thinks of our time stamps (clock_doubt.h). */
struct clock_doubt {
	int64_t refused_ns; /* the newest refusal; 0: none yet */
	int64_t until_ns;   /* no other message before then */
	uint8_t refusals;   /* in a row */
	bool told;	    /* it has told its time since */
};

struct desk_venue {
	struct venue *port;
	struct feed_line line; /* what its market data comes on */
	uint32_t epoch;	       /* sessions so far */
	int64_t second_ns;     /* start of the second that sent counts */
	int32_t sent;
	struct tsync *clock;		  /* its clock against our monotonic one */
	int clock_pairs, clock_stream;	  /* sources of it */
	int64_t clock_bound_ns;		  /* of its newest stamp; INT64_MAX: not known */
	struct clock_doubt doubt;
	int64_t clock_asked_ns;		  /* when the venue was last asked out of turn */
	struct tsync_estimate clock_told; /* as the last receipt has it */
	int64_t answer_ns; /* how long it takes to answer an order; 0: no answer yet */
	int64_t barred_until_ns; /* the venue asked us to slow down: nothing goes there before then (F43) */
	int64_t opening_barred_until_ns; /* the same for what opens; rescues and cancels go on */
	bool reconciled; /* orders, fills and positions agree, or what does not is fenced */
	bool deaf; /* executions may have been missed that no answer has told since (watermark.h) */
	bool history_asked; /* they have been asked for since then */
	uint8_t state;	 /* as its adapter told it last */
	struct reconcile_venue reconcile;
	int64_t armed_ns;	  /* when its dead-man switch was last armed; 0: it is not */
	uint8_t risk_state;	  /* enum risk_state, of this venue alone */
	int64_t day, day_sent;	  /* messages of this UTC day */
	struct risk_pace latency; /* of its orders until they fill */

	int64_t refused_ns; /* when it last refused an order; 0: it has taken one since */
};

#define WATCH_REPAIRS 3 /* within an hour may trade what was lost again; the ones after them only take back */

/* What the watch knows of an instance's position at rest (watch.h). */
struct watch {
	int64_t uneven_ns; /* since when it is uneven and nothing is in flight; 0: it is not */
	int64_t even_qty[LEG_MAX]; /* its legs when they were last found even */
	bool looked;		   /* they have been */
	bool told;		   /* an alert says that it is uneven and is left alone */
	bool expires;		   /* a leg does, soon: nothing opens (F66) */

	/* What moved it by itself last, and who wishes it closed: the causes of what is done about it. */
	uint64_t moved_seq, wish_seq, expiry_seq; /* receipts; 0: not known */
	uint8_t forced;				  /* enum forced_cause of what moved it */
	int64_t moved_ns;			  /* when */
	char wish_why[64];
	int64_t repaired_ns[WATCH_REPAIRS]; /* the latest repairs, oldest first; 0: none */
};

/* What every quote needs comes first, and goes on to the memos of two legs; and the basis from its beginning to its two legs (DESK_HOT). */
struct desk_instance {
	struct strategy *script;
	bool paused, finished;
	bool gate_open;	   /* as judged last: then its keeper need not hear that it still is */
	bool self_moves;   /* what it holds is worth more or less of the base as the price moves */
	bool hears_orders; /* a version of its script has a hook for them */
	bool versions; /* something is to be done about its line-up at every call (engine_reload.c) */
	uint16_t in_flight;
	uint64_t self_changes;	 /* of the positions; 0: to be worked out */
	struct gate_limits gate; /* the tighter of the host's and the instance's */
	const struct calendar_now *session[LEG_MAX]; /* NULL: round the clock */
	struct strat_self self; /* as its script sees it; positions as of self_changes */
	struct basis_spec spec;
	struct basis basis;
	const struct config_instance *cfg;
	struct position *row[LEG_MAX]; /* its positions, by leg */
	struct gatekeeper *keeper;     /* what the gate barred, for receipts */
	struct strat_limits limits;    /* the script's, clamped by the configuration's */
	struct round round;	       /* the basis position that is open */
	int64_t cool_until_ns;
	int64_t lot_base_e8;
	int32_t rejects_in_minute;
	int64_t minute_ns;
	struct desk_refusal *refusal; /* by limit (risk.h) */
	uint64_t decided_on
		[PROPOSAL_MAX]; /* by n: the event that a pair of it was last proposed on (F42) */
	uint8_t blocked_by;	/* the limit that last refused it */
	uint8_t wish;		/* enum desk_wish */
	struct watch watch;	/* of the position that it holds */
	struct flood flood;	/* of its script's proposals */
	bool untold;		 /* refusals were counted that no receipt tells of */
	uint8_t risk_state;	 /* enum risk_state, of this instance alone */
	char paused_why[SNAPSHOT_WHY];
	struct bounds *bounds;	      /* the tightest of its limits */
	struct risk_watched *watched; /* what limits measure over time */
	struct lineup *lineup;	      /* the versions of its script */
};

#define DESK_HOT       offsetof(struct desk_instance, spec.memo[2])
#define DESK_HOT_BASIS offsetof(struct basis, leg[2])

/* A flood of refusals by one limit is one receipt a second with a count. */
#define DESK_LIMITS 64
struct desk_refusal {
	uint64_t count;	      /* since the last receipt */
	int64_t told_ns;      /* of that; 0: none yet */
	int64_t value, bound; /* as it had them */
	uint8_t leg;
};

struct desk_balance {
	uint16_t account;
	asset_id asset;
	int64_t free_e8, locked_e8;
	int64_t baseline_e8; /* of a spot account: what it holds beside what this host traded there */
	bool has_baseline;
	uint32_t told_round; /* of reconciliation, that told it last */
	int64_t differs_e8, differs_ns;
};

/* Pairs whose state a strategy is still to be told. */
#define DESK_NEWS 1024
struct desk_news {
	uint64_t pair;
	uint16_t instance;
	uint8_t state;
};

/* What became of an order, as it stood then: its strategy is still to be told. */
#define DESK_ORDER_NEWS 1024
struct desk_order_news {
	uint64_t order, pair;
	int64_t px, qty, cum, cum_value_e8;
	uint32_t instrument;
	uint16_t instance;
	uint8_t leg, side, state;
	bool rescue;
};

/* Knobs that are not a trader's: sizes of pools. */
struct desk_sizes {
	uint32_t orders, pairs, positions, timers, book_levels;
};

/* A parameter of a script that an operator gave another value (param.h). */
#define DESK_PARAMS 256
struct desk_param {
	uint16_t instance;
	bool based;	    /* the configuration stated a value when it was set */
	double value, base; /* base: that value */
	int64_t since_utc_ns;
	char name[32];
};

struct desk {
	const struct config *cfg;
	struct env *env;
	struct journal *journal;
	struct alert_port *alerts; /* who is told of alerts; NULL: nobody */
	struct kv *kv;
	struct env_now now;
	uint64_t first_seq, last_seq; /* of this life's receipts; others write between them too */
	uint64_t turn;
	struct timers timers;
	struct ids ids;
	struct desk_names names;
	bool many_versions; /* there are pairs of other versions than those that trade now */
	struct instrument *instrument; /* the configuration's, writable: dated rules are added */
	struct feed *feed;	       /* by instrument */
	struct vol *vol;	       /* by instrument; kept for those that are legs */
	struct reach *reach;	       /* by instrument and side: what of its book is gone */
	uint16_t watched_at;	       /* the instance that the watch looks at next */
	struct feed_set feeds; /* what they share, and which of them want to be looked after */
	struct calendar_now *session; /* by instrument: in which phase it is */
	bool host_clock_told;	      /* a receipt says how it stands */
	int64_t host_clock_bound_ns; /* of our own clock against UTC; INT64_MAX: not synchronised */
	struct desk_venue *venue;
	struct desk_instance *instance;
	struct desk_refusal *refusal; /* by instance and limit */
	struct gatekeeper *keeper;    /* by instance: apart, since it is rarely looked into */
	struct lineup *lineup;	      /* the same */
	struct limits limits;	      /* rows, and what they are compiled to */
	struct exposure exposure;     /* what open orders may still add */
	uint8_t *account_state;	      /* enum risk_state, by account */
	struct blotter blotter;
	struct pairs pairs;
	struct positions positions;
	struct tally tally; /* what the exchanges count */
	struct desk_balance *balance;
	uint32_t n_balances, cap_balances;
	struct desk_param param[DESK_PARAMS];
	uint32_t n_params;
	struct fences fences;
	struct foreign_orders foreign;
	struct desk_news news[DESK_NEWS];
	uint32_t n_news;
	struct desk_order_news order_news[DESK_ORDER_NEWS];
	uint32_t n_order_news;
	uint64_t order_news_lost; /* for want of room, since they were last told */
	uint8_t risk_state;
	bool stopping;	 /* no more opening; finish what is in flight */
	bool recovering; /* pairs of the run before are not finished yet */
	bool journal_full;
	int64_t second_ns; /* global message budget */
	int32_t sent;
	struct snapshot_body stat; /* counters, published by the engine */
	struct hist *tick_to_order;
};

int desk_init(struct desk *d, const struct desk_sizes *s);
void desk_free(struct desk *d);
/* Points an instance at its rows, books and script (NULL: none yet) and works out its lot and limits, the configuration's bounding the
 * script's. Again whenever a rule or a script arrives. -ERR_FULL when there is no room for its positions. */
int desk_bind_instance(struct desk *d, uint16_t instance, struct strategy *script);
/* Tells the basis what part of its orders would close lots of today, at their own fees. Whenever a position has changed. */
void desk_close_today(struct desk *d, uint16_t instance);
const struct rule *desk_rule(const struct desk *d,
			     uint32_t instrument); /* in force now; NULL: none */
const struct top *desk_top(const struct desk *d, uint32_t instrument);
/* Does its trading ever end: has it a calendar or an expiry? */
bool desk_has_hours(const struct desk *d, uint32_t instrument);
/* May orders for it be sent now, by its hours? */
bool desk_in_session(const struct desk *d, uint32_t instrument);
/* May a trigger of this instance be believed now? closes: one that closes may go up to the close of its markets. */
struct gate_verdict desk_gate(const struct desk *d, const struct desk_instance *in, bool closes);
struct desk_balance *desk_balance(struct desk *d, uint16_t account, asset_id asset, bool make);
/* Exposure of an instance that its legs do not cancel out, base units. */
int64_t desk_instance_base_e8(struct desk *d, uint16_t instance);
/* The smallest trade that could still correct an instance's exposure: what lies below it is carried, not rescued. */
int64_t desk_odd_lot_base_e8(const struct desk *d, const uint32_t *instruments, unsigned n);
/* Base units -> the nearest quantity that can be ordered. A buyer of spot whose fee is taken from what arrives orders that much more. */
int64_t desk_order_qty(const struct instrument *in, const struct rule *r, enum side side,
		       int64_t base_e8, int64_t px);
/* Nothing opens for an instance until an operator resumes it; `why` is shown to him. */
void desk_pause_instance(struct desk *d, uint16_t instance, const char *why);
/* A price for valuing: the mid, or the one side that there is, or what was known before the feed was lost; else 0. */
int64_t desk_mark_px(const struct desk *d, uint32_t instrument);
