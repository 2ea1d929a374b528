/* record - what the engine of each life of a world's host heard, kept in memory by the host's own ear (core/cmd/hear.h); and each life run again from it, every
 * receipt held against the journal, bit for bit.
 *
 * Unlike a host that is killed, a world loses nothing of what was heard: every receipt of every life must be made again, up to the instruction at which it died. Part
 * of a world; one thread. */
#pragma once
#include "core/cmd/hear.h"
#include <stdbool.h>
#include <stdint.h>

#define RECORD_WHY 512

struct world;

/* A script was made to go wrong from outside: before its call of this number. */
struct record_trouble {
	uint16_t instance;
	uint32_t version; /* of the script */
	uint64_t call;
	uint8_t trouble;
	uint32_t calls;
};

struct record_life {
	uint8_t **block;
	uint32_t n_blocks;
	uint16_t epoch;
	uint64_t first_seq, last_seq; /* before its first receipt; its last one */
	struct record_trouble *trouble;
	uint32_t n_troubles;
};

struct record {
	struct inputs to; /* first */
	bool on;
	struct hear *hear; /* of the life that goes on; NULL: none does */
	struct record_life *life;
	uint32_t n_lives;
	uint64_t receipts, calls, entries; /* of all that were run again */
};

/* A life begins: with the ear in front of its engine's ports. -ERR_NOMEM. Nothing where it is not on. */
struct engine_parts;
struct venue_host;
struct reload_port;
int record_parts(struct record *r, struct world *w, struct engine_parts *p);
struct reload_port *record_reload(struct record *r, struct reload_port *p);
/* Opens w->port[v]. */
int record_venue(struct record *r, struct world *w, uint16_t v, const struct venue_host *host);
struct strategy;
void record_trouble(struct record *r, uint16_t instance, const struct strategy *s, uint8_t trouble,
		    uint32_t calls);
void record_ended(struct record *r, const struct world *w); /* the life is over */
/* Alters one of the reports on orders that were heard; false: there are not so many. */
bool record_spoil(struct record *r, uint64_t nth);
/* As world_replay. */
int record_replay(struct record *r, struct world *w, char why[RECORD_WHY]);
void record_free(struct record *r);
