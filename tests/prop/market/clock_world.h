/* clock_world - two clocks whose offset is known, and messages between them that are late in many ways.
 *
 * A test's own; one owner, one seed. The venue's clock is a chain of segments of constant drift; a step is a segment that begins elsewhere. */
#pragma once
#include "core/base/rng.h"
#include "core/market/tsync.h"

enum delay_model {
	DELAY_FIXED,
	DELAY_UNIFORM,
	DELAY_EXPONENTIAL,
	DELAY_LOGNORMAL,
	DELAY_BURSTY,
	DELAY_ASYMMETRIC,
	DELAY_ROUTE,
	delay_model_max
};

enum clock_fault {
	FAULT_NONE,
	FAULT_STEP_HOUR,
	FAULT_STEP_SMALL, /* 5 ms to 1 s, either way */
	FAULT_BACKWARDS,  /* single stamps up to an hour too early */
	FAULT_FUTURE,	  /* single stamps up to an hour ahead */
	FAULT_DUPLICATES,
	FAULT_SILENCE,
	FAULT_ALL,
	clock_fault_max
};

/* How the drift moves about drift_ppb. */
enum drift_model {
	DRIFT_STEADY,
	DRIFT_WALK, /* wanders, within 200 ppm */
	DRIFT_SINE, /* 30 ppm up and down in ten minutes */
	DRIFT_JUMP, /* each half hour by 50 to 100 ppm, and back */
	DRIFT_FLIP, /* from 200 ppm to -200 and back, each minute */
	drift_model_max
};

enum source_mix { MIX_PAIRS, MIX_STATED, MIX_OPEN, MIX_BOTH, source_mix_max };

struct world_config {
	enum delay_model delay;
	enum clock_fault fault;
	enum source_mix mix;
	int64_t drift_ppb;
	enum drift_model drift;
	int64_t grain_ns;
	int64_t gap_ns;	  /* between messages, in the mean */
	uint64_t samples; /* faults that happen once are spread over them */
	uint64_t seed;
};

struct world;

/* NULL: no memory. */
struct world *world_new(const struct world_config *c);
void world_free(struct world *w);
/* Feeds the next message or pair; returns the host's time of it. */
int64_t world_next(struct world *w, struct tsync *t);
/* Venue minus host at a moment: no more than a minute before the newest. */
int64_t world_offset(struct world *w, int64_t at_ns);
/* What to state as max_min_delay_ns: at least the least delay of every route. */
int64_t world_max_min_delay(const struct world *w);
/* The least delay of the newest 112 to 128 messages, there (0) and back (1); INT64_MAX: none yet. */
int64_t world_least(const struct world *w, int back);
uint32_t world_steps(const struct world *w);
