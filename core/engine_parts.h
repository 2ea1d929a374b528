/* engine_parts - what the pages of the engine share; nobody else includes it. Engine's thread. */
#pragma once
#include "core/engine.h"
#include "core/trade/exec.h"
#include "core/trade/recover.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"

#define HOUSEKEEPING_NS	   100000000LL
#define BAD_RECEIPTS_PER_S 20
#define SNAPSHOTS_PER_WINDOW \
	3 /* asked for at once; further ones wait for housekeeping: a venue bars who asks too often */
#define SNAPSHOT_WINDOW_NS 5000000000LL

/* Which instances look at an instrument: a slice of one array. */
struct engine_watchers {
	uint32_t first, n;
};

struct engine_asks {
	int64_t since_ns;
	uint32_t n;
};

/* A script's self:every: goes on until the host ends. */
#define EVERY_MAX 1024
struct engine_every {
	uint16_t instance;
	uint32_t which;
	int64_t period_ns;
};

struct engine {
	struct desk d;
	struct engine_parts parts;
	struct snapshot_page *page;
	struct engine_watchers *watchers; /* by instrument */
	struct engine_asks *asks;	  /* for snapshots; by instrument */
	uint16_t *watcher;
	uint16_t *dirty; /* instances whose basis may have changed */
	uint8_t *is_dirty;
	uint32_t n_dirty;
	int64_t trigger_recv_ns; /* arrival of the newest quote of this turn */
	bool sent_pair; /* a pair went out in this turn: its time is measured after the flush */
	int64_t housekeeping_ns, stop_since_ns;
	uint64_t checkpoint_seq; /* receipts counted at the last checkpoint */
	int64_t bad_second_ns;
	uint32_t bad_in_second;
	uint64_t bad_suppressed;
	uint16_t bad_venue;  /* of the last receipt for bad input */
	bool venue_back;     /* a venue or a book became sound: held pairs are looked at */
	bool waits_for_disk; /* a pair goes out once its intent is durable */
	bool every_full;
	uint32_t n_every;
	struct engine_every every[EVERY_MAX];
	struct timers
		script_timers; /* apart from the desk's: scripts are called after the rescues have left */
	struct snapshot_body before; /* counts of the lives before */
};

void engine_mark(struct engine *e, uint32_t instrument);
void engine_run_scripts(struct engine *e);
void engine_tell_news(struct engine *e);
void engine_script_timers(struct engine *e);
/* The hedged position of an instance in pair lots, signed by leg 0. */
double engine_pos_lots(const struct engine *e, uint16_t instance);
void engine_script_event(struct engine *e, uint16_t instance, const struct strat_event *ev);
void engine_housekeeping(struct engine *e);
void engine_commands(struct engine *e);
void engine_publish(struct engine *e);
/* A feed that is not to be believed any more (engine_market.c): it is repaired. */
void engine_doubt(struct engine *e, uint32_t instrument);
/* The receipt for what a storm of bad input left unwritten. */
void engine_note_storm(struct engine *e);
