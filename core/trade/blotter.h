/* blotter - every order of this host that may still matter, found by its id, and every execution seen, so that none counts twice.
 *
 * A fixed pool. An order's slot is given back when its pair is done with and nothing open is left on it. A fill's identity is
 * account, instrument, venue order, side and execution id (F10). Engine's thread. */
#pragma once
#include "core/base/map.h"
#include "core/trade/order.h"
#include "core/trade/venue.h"
#include <stdbool.h>
#include <stdint.h>

/* An execution as it was booked: what a bust takes back and a correction changes (F39). */
struct execution {
	uint64_t key; /* 0: none */
	int64_t px, qty, fee_e8;
	uint16_t fee_asset;
};
struct exposure;

struct blotter {
	struct order *slot;
	uint32_t *free, *open;
	uint32_t cap, n_free, n_open;
	struct exposure *exposure; /* is told of orders that end; may be NULL */
	struct map by_id;
	struct map seen; /* identities of fills of this generation */
	struct map
		seen_before; /* and of the one before: what is older has left the venues' replays */
	struct execution *booked; /* a ring; the maps' values are places in it */
	uint32_t n_seen;	  /* executions so far: the next place in the ring */
};

int blotter_init(struct blotter *b, uint32_t cap);
void blotter_free(struct blotter *b);
struct order *blotter_new(struct blotter *b, uint64_t id);  /* NULL when full */
struct order *blotter_find(struct blotter *b, uint64_t id); /* NULL when unknown */
void blotter_drop(struct blotter *b, struct order *o);
uint32_t blotter_room(const struct blotter *b);
/* What is left of it has changed: tells the exposure. in: its instrument. */
void blotter_note(struct blotter *b, const struct order *o, const struct instrument *in);
/* It has ended: out of the list of open ones. */
void blotter_close(struct blotter *b, struct order *o);
/* Walks the orders that have not ended: start with *i = 0; NULL at the end. The one just given may be closed while walking. */
struct order *blotter_each_open(struct blotter *b, uint32_t *i);
/* Walks the orders of a pair, latest first: start with *at = its first_order. */
struct order *blotter_each_of(struct blotter *b, uint32_t *at);
/* Gives back every order of a pair; none may be open. */
void blotter_drop_pair(struct blotter *b, uint32_t first_order);
/* Records the execution; false when it was seen before. A bust has an identity of its own: the side with this bit. */
#define BLOTTER_BUST 2
bool blotter_first_sight(struct blotter *b, uint32_t account, uint32_t instrument,
			 const char *venue_order, uint8_t side, const char *exec);
/* What is booked of the execution that was just recorded. */
void blotter_keep(struct blotter *b, int64_t px, int64_t qty, int64_t fee_e8, uint16_t fee_asset);
/* Was it recorded? False also of one that is too long ago. */
bool blotter_has_seen(const struct blotter *b, uint32_t account, uint32_t instrument,
		      const char *venue_order, uint8_t side, const char *exec);
/* As it was kept; NULL: not seen, or too long ago. */
const struct execution *blotter_kept(const struct blotter *b, uint32_t account, uint32_t instrument,
				     const char *venue_order, uint8_t side, const char *exec);
