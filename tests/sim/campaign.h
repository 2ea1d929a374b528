/* campaign - many seeds in several processes, and what all of them together have shown. The parent only counts; a child that dies is a failed seed. */
#pragma once
#include "tests/sim/run.h"
#include <stdio.h>

#define CAMPAIGN_FAILED 32

struct campaign_options {
	uint64_t from, to; /* seeds */
	uint64_t pairs;	   /* stop when so many pairs were sent; 0: when the seeds are done */
	unsigned jobs;
	int64_t duration_ns;
	struct director_options director;
	bool one_group, twos; /* twos: seed k is the k-th pair of faults, and no other fault */
	uint32_t
		replay_every; /* every so many-th seed is run again from what its hosts heard; 0: none */
	bool verbose;	      /* a line for each seed */
	bool first;	      /* no further seed once one has failed */
};

struct campaign_totals {
	uint64_t seeds, broken, pairs, hedged, flat, held, held_moves, completed, unwound, orders,
		trades;
	uint64_t events, turns, receipts, host_kills, venue_kills, violations;
	uint64_t held_by[16];
	int64_t held_ns, lasted_ns;
	double naked_money_s; /* quote currency times seconds */
	uint64_t hit[73], planned[73];
	uint64_t together[73][2];
	uint64_t failed[CAMPAIGN_FAILED]; /* seeds */
	uint32_t n_failed;
	uint64_t replayed, replayed_calls,
		heard;		  /* receipts made again, calls of scripts, entries */
	uint64_t replays, differ; /* seeds; of them did not come out alike */
	double cpu_s;		  /* of all children */
	uint64_t digest;	  /* of all digests, whatever the order in which they came */
};

/* The options of one seed as the campaign runs it. */
void campaign_seed(const struct campaign_options *o, uint64_t seed, struct run_options *out);
int campaign_run(const struct campaign_options *o, struct campaign_totals *t);
void campaign_print(const struct campaign_totals *t, double wall_s, FILE *f);
void campaign_json(const struct campaign_totals *t, double wall_s, FILE *f);
/* A row for each fault that is injected here, a mark for each other that was there with it; returns how many pairs are missing. */
uint32_t campaign_matrix(const struct campaign_totals *t, FILE *f);
/* A folder for worlds, in memory where there is one. */
int campaign_folder(char out[64]);
void campaign_clean(const char *dir);
/* One line of a seed. */
void campaign_line(const struct run_options *o, const struct run_result *r, FILE *f);
