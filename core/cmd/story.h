/* story - everything that belongs to one pair, gathered from the receipts: what names it, what its orders met, what led to any of these, and
 * what came of it all. Cold path; one owner; at most STORY_MAX receipts. */
#pragma once
#include "core/market/basis.h"
#include "store/reader.h"
#include <stdbool.h>
#include <stdint.h>

#define STORY_MAX  20000
#define STORY_FEES 4

struct story_fee {
	uint32_t asset; /* durable name */
	int64_t sum_e8;
};

struct story_leg {
	bool known;    /* its LEG receipt is here */
	struct fact f; /* the first LEG receipt: instrument, account, side, scales */
	int64_t want_qty, ref_px, limit_px;
	int64_t tick;	    /* in force when it was decided; 0: no rule on record */
	int64_t held_qty;   /* of a pair that closes or repairs a position: what it held, signed */
	int64_t net_qty;    /* bought minus sold, busts taken off */
	int64_t own_qty; /* filled in the leg's own direction; of one that is closed, against it */
	__int128 own_value; /* sum of price * quantity of those */
	struct story_fee fee[STORY_FEES];
};

struct story {
	struct fact *fact; /* by rising sequence */
	uint32_t n, cap;
	bool cut; /* there were more than STORY_MAX */
	uint64_t pair;
	uint32_t instance, script;
	uint8_t state, intent;
	bool ended;	 /* HEDGED, FLAT or REFUSED */
	int64_t t0_ns;	 /* monotonic: when the quote that decided it arrived */
	int64_t utc_ns;	 /* of the decision */
	int64_t took_ns; /* from t0 to the last change of state */
	int64_t imbalance_e8,
		residual_e8; /* of the pair, and of its instance, as of the last change of state */
	uint32_t orders, fills, rescues;
	unsigned n_legs;
	struct story_leg leg[LEG_MAX];
	struct fact script_fact, session; /* kind FACT_NONE: not on record */
	struct fact
		asked; /* of a pair of the core's own: who wished it, or what moved its position */
	char why[FACT_TEXT]; /* the words of its last change of state */
};

/* -ERR_NOTFOUND: no receipt names this pair. */
int story_gather(struct reader *r, uint64_t pair, struct story *s);
void story_free(struct story *s);
/* Nanoseconds since the deciding quote; by UTC for receipts of a host that was restarted on another clock. */
int64_t story_since_ns(const struct story *s, const struct fact *f);
/* Average price of what filled in the leg's own direction, rounded to the nearest; 0: nothing did. */
int64_t story_average_px(const struct story_leg *l);
/* How much worse than the trigger price a fill was, in hundredths of a tick; false where trigger or tick are not on record. */
bool story_slip(const struct story *s, const struct fact *fill, int64_t *tick_hundredths);
