/* rig - a desk on the bench: a journal in memory, two venues that do as they are scripted and keep the truth, and a clock turned by hand.
 *
 * Leg 0 is spot BTCUSDT (lot 0.00001, fee taken in what is received), leg 1 a linear perpetual BTCUSDT (lot 0.001); one pair lot is 0.001 BTC.
 * A venue's fills happen when the order arrives; whether and when the host hears of them is the fate of the order. */
#pragma once
#include "core/ops/config.h"
#include "core/trade/desk.h"
#include "core/trade/exec.h"
#include "core/trade/recover.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "core/trade/watch.h"
#include <check.h>

#define RIG_MS	   1000000LL
#define RIG_SECOND (1000 * RIG_MS)
#define RIG_ORDERS 256
#define RIG_FACTS  2000
#define RIG_LOT_E8 100000 /* base units of a pair lot */

enum { SPOT, PERP, RIG_LEGS };

/* What becomes of an order that a venue is given. */
enum fate {
	FATE_FILL,	  /* ack, filled */
	FATE_PART,	  /* ack, half of it filled, the rest cancelled by the venue (IOC) */
	FATE_NONE,	  /* ack, cancelled by the venue */
	FATE_REJECT,	  /* rejected for lack of money */
	FATE_REFUSE,	  /* the port takes no bytes */
	FATE_REST,	  /* ack, then it works */
	FATE_REST_PART,	  /* ack, half of it filled, the rest works */
	FATE_FILL_FIRST,  /* the fill's report comes before the ack */
	FATE_SILENT_FILL, /* filled; nothing is reported until it is asked for */
	FATE_SILENT_PART,
	FATE_SILENT_NONE, /* cancelled; not reported */
	FATE_SILENT_REST, /* works; nothing is reported until it is asked for */
	FATE_LOST,	  /* never arrives */
	FATE_OVER,	  /* ack, filled with one lot more than was asked for */
	FATE_TWICE,	  /* filled; the fill is reported twice */
	FATE_DUPLICATE,	  /* filled; the venue refuses the id as known already */
	fate_max
};

struct fake_order {
	uint64_t id, pair;
	uint32_t instrument;
	uint8_t side, leg;
	bool works, rejected;
	int64_t px, qty, cum;
	uint32_t seen_at,
		ended_at; /* facts in the journal when it arrived, and when it stopped working */
};

struct fake_fill {
	uint32_t order; /* index */
	int64_t px, qty, fee_e8;
	asset_id fee_asset;
	bool busted;
	uint32_t seen_at, busted_at;
	int64_t venue_ns, bust_ns; /* the venue's stamps */
	char exec[VENUE_ID_TEXT];
};

struct rig;
struct fake_venue {
	struct venue v; /* first */
	struct rig *rig;
	struct fake_order order[RIG_ORDERS];
	uint32_t n_orders;
	struct fake_fill fill[RIG_ORDERS];
	uint32_t n_fills, next_exec;
	enum fate plan[32]; /* of the next orders; those after it take `then` */
	unsigned n_plan, at_plan;
	enum fate then;
	struct exec_report out[RIG_ORDERS]; /* reports on their way */
	uint32_t n_out;
	uint32_t places, cancels, queries, mass_cancels, replaces, arms, clock_asks;
	int64_t told_off; /* what the venue's word on positions is off by: a lie, or somebody's manual trade */
	bool stale_clock; /* what it rejects it rejects for its time stamp */
	bool no_mass_cancel;
	bool deaf_replace; /* a change is neither done nor answered */
	bool cancel_races; /* the order fills while the cancel travels, and the cancel is refused */
	bool mute_cancel;  /* cancels are lost */
	bool mute_query;   /* queries are not answered */
	bool check_intents; /* every leg's intent before any leg's bytes (I6) */
};

extern const struct venue_ops fake_ops;

struct rig_journal {
	struct journal j; /* first */
	struct fact fact[RIG_FACTS];
	uint32_t n, limit;
	uint64_t synced;
	bool trouble;
};

struct rig {
	struct desk d;
	struct config cfg;
	struct config_venue cv[RIG_LEGS];
	struct config_account ca[RIG_LEGS];
	struct instrument in[RIG_LEGS];
	struct config_instance ci[1];
	struct rig_journal journal;
	struct fake_venue venue[RIG_LEGS];
	int64_t seq;
};

struct rig *rig_new(void);
void rig_free(struct rig *r);
/* A book of ten levels around these best prices, 5 BTC each, on both books. */
void rig_prices(struct rig *r, int64_t spot_bid, int64_t spot_ask, int64_t perp_bid,
		int64_t perp_ask);
void rig_book(struct rig *r, unsigned leg, int64_t bid, int64_t ask, int64_t qty);
void rig_plan(struct rig *r, unsigned leg, enum fate first, enum fate then);
void rig_venue(struct rig *r, unsigned leg, bool up);
/* Buys spot and sells the perpetual (open), or the other way (close). */
struct proposal rig_proposal(enum pair_intent intent, double lots);
struct pair *rig_propose(struct rig *r, enum pair_intent intent, double lots);
/* Delivers what the venues have on their way and lets the executor look, until nothing moves; no time passes. */
void rig_pump(struct rig *r);
/* Lets time pass in steps of 10 ms, with timers, and pumps. */
void rig_run(struct rig *r, int64_t ns);
/* Runs until the pair has ended or is held, at most `ns`. */
void rig_finish(struct rig *r, struct pair *p, int64_t ns);

/* Reports made by hand, for the latest order of a leg's venue unless another is named. */
struct fake_order *fake_last(struct rig *r, unsigned leg);
void fake_fill(struct rig *r, unsigned leg, struct fake_order *o, int64_t qty, bool report);
void fake_report(struct rig *r, unsigned leg, const struct fake_order *o, enum exec_kind kind);
void fake_end(struct rig *r, unsigned leg, struct fake_order *o); /* works no more, unreported */
void fake_bust(struct rig *r, unsigned leg, uint32_t fill);
/* The venue's own word: what is held there, base units, fees taken off. */
int64_t fake_base_e8(const struct rig *r, unsigned leg);
int64_t fake_net_qty(const struct rig *r, unsigned leg);
/* The venue says what is held, as the answer to a reconciliation. */
void fake_tell_positions(struct rig *r, unsigned leg, bool full);
/* All that the venue knows of the host's executions, as a session's start replays it. */
void fake_replay(struct rig *r, unsigned leg);

/* A new life: a fresh desk over the first `cut` facts of the dead one's journal, and venues as they stood then. What happened just as the
 * last fact was written is in or out (`with`). The venues are down; rig_venue brings them back. Not yet recovered. */
struct rig *rig_reborn(const struct rig *dead, uint32_t cut, bool with);
/* Reads the journal back, as a start of the host does. */
void rig_recover(struct rig *r);
/* Facts of a kind in the journal, and the latest one (NULL: none). */
unsigned rig_count(const struct rig *r, enum fact_kind k);
const struct fact *rig_latest(const struct rig *r, enum fact_kind k);
/* What must hold whenever nothing is on its way: the host's positions are the venue's, counters agree with the pool, HELD has a cause. */
void rig_audit(struct rig *r);
/* Imbalance of both venues together, by their own word. */
int64_t rig_truth_base_e8(const struct rig *r);
