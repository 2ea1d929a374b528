/* host_rig - the real host (engine, adapters, scripts, store) on a thread of its own, against a mini_venue: wired as the host's command does it.
 *
 * It runs, or it is parked so that its core is free for what it is compared with. While it is parked the other thread may look into it;
 * while it runs only at the atomics. Ends the process when something fails. */
#pragma once
#include "core/engine.h"
#include "core/ops/config.h"
#include "tests/bench/all/mini_venue.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define RIG_RESTING 250 /* pairs of one script, an order on each leg */
#define RIG_VENUES  (2 * mini_market_max)

enum rig_mode { RIG_PARKED, RIG_RUNNING, RIG_ENDING };

/* Where the time of one answer goes: moments on the host's thread, monotonic. */
enum rig_stamp {
	STAMP_READ,	/* the quote's bytes are there */
	STAMP_DECODED,	/* frame and JSON read */
	STAMP_FED,	/* in the book */
	STAMP_CALLED,	/* timers, rescues, basis done; the script is called */
	STAMP_PROPOSED, /* it has returned */
	STAMP_DECIDED, /* risk passed, receipts written: the first order is handed to its adapter */
	STAMP_LEG_A,   /* encoded */
	STAMP_LEG_B_IN, /* receipt of A written, risk of B passed */
	STAMP_LEG_B,
	STAMP_FLUSH, /* last receipts written; the kernel is called */
	STAMP_SENT,  /* it has both */
	rig_stamp_max
};

struct rig_options {
	const char *dir; /* a folder of our own: keys, certificates, store */
	bool ed25519;	 /* else HMAC: each order is signed */
	bool runaway; /* a second instance, on ETH, whose script never comes back when its quote says so */
	bool stamps; /* take the moments of each answer, which costs some */
	bool resting; /* two more venues, and scripts that leave orders far from the market, RIG_RESTING pairs of each */
	bool no_mass_cancel; /* its venues cancel orders one by one */
	bool no_journal;     /* facts go nowhere: what receipts cost is the difference */
	int core,
		feeder_core; /* the thread's, and one that its helpers keep off as well; -1: none */
};

struct rig {
	struct rig_options o;
	struct config *cfg;
	struct store *store;
	struct env *env;
	struct lua_host *lua;
	struct strategy *script[2];
	struct snapshot_page *page;
	struct engine *engine;
	struct venue *venue[RIG_VENUES];
	unsigned n_minis;
	struct desk_names names;
	pthread_t thread;
	bool pinned;
	_Atomic int mode, parked;
	_Atomic unsigned open; /* orders that the venues have, after each turn; where `resting` */
	sem_t go; /* what a parked host sleeps on: one that woke now and then would disturb who has its core */
	_Atomic uint64_t ended, hedged,
		kills;	    /* pairs, and calls of scripts that were stopped; after each turn */
	_Atomic bool ready; /* venues UP, books LIVE */
	_Atomic long
		faults; /* pages that the thread touched first, and switches that it did not ask for, when it was last parked */
	_Atomic long preempted;
	int64_t stamp[rig_stamp_max];
	unsigned placed;	  /* orders of the answer that is being stamped */
	_Atomic uint64_t answers; /* stamped whole */
	int64_t last[rig_stamp_max];
};

/* m: one, or two one after the other where `resting`. */
void rig_open(struct rig *r, const struct rig_options *o, const struct mini *m);
/* Starts the thread, serves the host until it can trade. */
void rig_start(struct rig *r, struct mini *m);
void rig_run(struct rig *r);
void rig_park(struct rig *r);
void rig_close(struct rig *r);
const char *rig_stamp_name(enum rig_stamp s);
