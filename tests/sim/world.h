/* world - host and venues in one process under virtual time: the real engine, adapters, script host and wire server, a journal in memory, one seed.
 *
 * Host and venue can be killed between any two of their turns and come back on what they had made durable. The venues' ledgers on disk are the
 * truth that everything is held against. One thread; a folder for the ledgers and keys. */
#pragma once
#include "core/cmd/demo.h"
#include "core/engine.h"
#include <stdbool.h>
#include <stdint.h>

struct world_options {
	uint64_t seed;
	int64_t duration_ns; /* of virtual time, then the faults stop and everything has to end */
	uint32_t kill_host_ppm, kill_venue_ppm; /* a kill before a turn, by chance */
	uint32_t cut_ppm;			/* a flight that cuts its connection */
	const char *dir;			/* made by the caller; removed by nobody */
};

struct world_result {
	uint64_t turns, receipts,
		digest; /* digest: of every receipt (bytes on the wire carry signatures of fresh keys) */
	uint64_t pairs, hedged, flat, held, completed, unwound, rejects;
	uint64_t host_kills, venue_kills;
	int64_t residual_base_e8, venue_residual_base_e8, tolerance_base_e8;
	bool settled; /* every pair has ended, no order is unknown */
};

/* Runs it. 0, or a negative code with its text when the world itself could not be built. */
int world_run(const struct world_options *o, struct world_result *r);
/* What must hold at the end; NULL, or what does not. */
const char *world_wrong(const struct world_result *r);
