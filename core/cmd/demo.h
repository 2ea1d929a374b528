/* demo - the whole job in one command: two simulated venues and a host as children of a supervisor that keeps them alive.
 *
 * Everything lies in one folder, so that it can be looked at, killed and resumed: the two configurations, the store, the venues' ledgers, the logs. One thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One of the two markets of the demo. */
struct demo_market {
	char file[300];		 /* recording; empty: the generator */
	int64_t tick_e8, lot_e8; /* at 8 decimals */
};

#define DEMO_LONGEST_NS 86400000000000LL

struct demo_options {
	char db[300];
	struct demo_market spot, usdm;
	char strategy
		[256]; /* a script of somebody's own, as host.lua names it; empty: the one that ships */
	unsigned port[2]; /* of spot and usdm, where they are chosen beforehand */
	char symbol[32], base[12], quote[12];
	int64_t px_e8;	     /* about what it trades at: sizes are chosen by it */
	int64_t duration_ns; /* of market time; 0: to the end of the recordings */
	uint64_t seed;
	uint32_t speed_milli; /* 1000 is the market's own pace; 0: as fast as both sides can go */
	bool json;
};

/* Looks into the recordings for a symbol that both have, and its steps; without recordings, the made market's. -ERR_NOTFOUND, -ERR_IO, -ERR_PARSE. */
int demo_look(struct demo_options *o);
/* Writes DB/demo.state (the options), the strategy and DB/venue.lua, each whole or not at all; with a script of somebody's own DB/host.lua too, which is
 * then theirs to change. -ERR_IO; -ERR_EXISTS: a file of that name is there already, and is not a demo's. */
int demo_write(const struct demo_options *o);
/* Once the venue has said where it listens (DB/ports): writes DB/host.lua, where that is the demo's. */
int demo_write_host(const struct demo_options *o);
/* The options of an unfinished demo in o->db, whose missing files are written again; one with a script of somebody's own begins anew when it has
 * ended. -ERR_NOTFOUND: there is none; -ERR_EXISTS: it is finished; -ERR_CORRUPT: of another version, or damaged. */
int demo_read(struct demo_options *o, int64_t *start_ns);
/* Keeps others out of the folder for as long as the descriptor is open here or in a child. -ERR_BUSY: another demo runs there; -ERR_IO. */
int demo_lock(const struct demo_options *o, int *fd);
/* When the market began, by its own clock: kept, so that a resumed demo ends when it should. */
int demo_note_start(const struct demo_options *o, int64_t start_ns);
int demo_note_end(const struct demo_options *o, int64_t start_ns);
