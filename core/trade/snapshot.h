/* snapshot - the numbers that others may read while the engine runs: one writer, a mapped page, no locks.
 *
 * The engine rewrites it a few times a second; readers (the live line, the status verb, the metrics page) take a copy and check the sequence.
 * The page lives in a file, so that a host that was killed leaves its last numbers, and its successor goes on counting. */
#pragma once
#include "core/base/hist.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SNAPSHOT_MAGIC	   0x314e5354u /* "TSN1" */
#define SNAPSHOT_INSTANCES 1024	       /* shown; all are counted */
#define SNAPSHOT_VENUES	   16

#define SNAPSHOT_WHY 64

/* The version that trades, and the one beside it. */
struct snapshot_script {
	uint32_t version;  /* as the script states it */
	uint32_t part_ppm; /* of the size that a canary trades; 0: it is none */
	uint8_t sha256[6]; /* of its text, the first bytes */
	bool on_trial, shadow;
	uint64_t shadow_events, shadow_same; /* shown to both; the same was proposed */
};

struct snapshot_instance {
	struct snapshot_script script;
	char name[48];
	double sell_bp, buy_bp, spread, pos_lots;
	uint8_t basis_ok, quarantined, paused;
	uint8_t gate, gate_who; /* enum gate: what bars a trigger now, and whose price it is */
	uint8_t risk_state; /* enum risk_state: the worst of the parts of the host that it belongs to */
	uint8_t interpreted; /* its hook is not compiled */
	uint8_t pad[1];
	char paused_why[SNAPSHOT_WHY];
};

struct snapshot_venue {
	char name[32];
	int64_t clock_offset_ns; /* venue minus our UTC */
	int64_t clock_bound_ns;	 /* INT64_MAX: not bounded on one side, or not known */
	uint8_t state;		 /* enum venue_state */
	bool clock_known;
	uint8_t risk_state; /* enum risk_state, of this venue alone */
	uint8_t pad[5];
};

struct snapshot_body {
	int64_t mono_ns, utc_ns;
	uint64_t turns, quotes, receipts;
	uint64_t proposed, refused, sent, hedged, flat,
		held; /* pairs since the store began; held: now */
	uint64_t orders, fills, rejects, completed, unwound, bad_inputs, risk_hits, script_kills;
	uint64_t stalls;	/* scripts that had to be stopped, since the host started */
	int64_t stall_worst_ns; /* the longest that the engine stood for one */
	uint32_t in_flight, unknown_orders;
	int64_t residual_base_e8;
	uint8_t risk_state; /* enum risk_state */
	uint8_t recovering;
	uint8_t journal_full; /* or its disk is in trouble: nothing opens */
	uint8_t pad[5];
	uint32_t n_instances;
	uint32_t n_venues;
	struct snapshot_venue venue[SNAPSHOT_VENUES];
	struct snapshot_instance instance[SNAPSHOT_INSTANCES];
};

struct snapshot_page {
	uint32_t magic, version;
	_Atomic int halted; /* must() failed in the writer */
	_Atomic uint32_t pid;
	_Atomic uint64_t lock; /* odd while the body is being written */
	struct snapshot_body body;
	struct hist
		tick_to_order; /* ns from the read of the quote's bytes to both orders handed to the kernel */
};

/* Writer's and reader's side; a reader that finds the writer busy tries again, at most a thousand times. */
void snapshot_write(struct snapshot_page *p, const struct snapshot_body *b);
int snapshot_read(const struct snapshot_page *p,
		  struct snapshot_body *out); /* 0, -ERR_BUSY, -ERR_CORRUPT */
