/* director - decides what goes wrong and when: a numbered list of injections, drawn from the seed before anything runs.
 *
 * Each has a moment from which it is armed; then it waits for something to hit (a pair with an order out, a cancel under way, a position at
 * rest), strikes once, and is done. Since nothing of the list depends on the run, one injection can be left out (masked) and the others stay as
 * they are: that is how a fault is shown to have mattered, and how a failing story is made short. One thread. */
#pragma once
#include "core/base/rng.h"
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stdint.h>

#define DIRECTOR_MOST 4096

struct world;
struct checker;

enum injection_state {
	INJECTION_PLANNED,
	INJECTION_ARMED,   /* waits for something to hit */
	INJECTION_WORKING, /* struck, and has something to undo */
	INJECTION_DONE,
	INJECTION_MISSED, /* nothing came by in its time */
	injection_state_max
};

struct injection {
	uint32_t id;   /* 1 and up, in order of time */
	uint8_t fault; /* 1..72 */
	uint8_t state;
	uint8_t venue;
	bool masked;
	int64_t at_ns; /* after the beginning */
	int64_t armed_ns, hit_ns, until_ns;
	struct rng dice; /* its own */
	uint64_t pair;	 /* a live pair that it hit; 0: none */
	uint64_t hits;	 /* of a knob, before */
	int64_t amount[2];
	uint8_t step;
};

struct director_options {
	uint64_t seed;
	int64_t duration_ns;  /* that the list is drawn for; 0: the world's */
	int64_t mean_ns;      /* between two injections; 0: 9 ms */
	uint8_t only;	      /* this fault and no other; 0: all */
	bool none;	      /* no fault at all */
	uint8_t two[2];	      /* these two together, again and again; 0: not */
	const uint32_t *kept; /* NULL: all; else only these, n_kept of them, in order */
	uint32_t n_kept;
	uint32_t masked; /* this one is left out; 0: none */
};

struct director {
	struct director_options o;
	struct injection *list; /* DIRECTOR_MOST */
	uint32_t n, next;
	uint32_t active[64], n_active;
	int64_t start_ns;
	struct checker *checker;
	uint64_t hit[73], planned[73]; /* by fault: struck a live pair; was planned */
	bool stopped;
};

int director_open(struct director *d);
void director_free(struct director *d);
/* A new list, counted from start_ns (monotonic). */
void director_begin(struct director *d, const struct director_options *o, struct checker *c,
		    int64_t start_ns);
/* When it has something to do next, at most stop_ns. */
int64_t director_next(const struct director *d, int64_t stop_ns);
void director_step(struct director *d, struct world *w);
/* Undoes what still works, and plans nothing more. */
void director_calm(struct director *d, struct world *w);
/* The host came by the door that it was to die at. */
void director_host_died(struct director *d);
/* Which faults go together as number i of all that can; returns how many there are. */
uint32_t director_pair(uint32_t i, uint8_t out[2]);
