/* top - the best prices of one instrument and what is known of their truth: the state of the book, when they were last proven valid, and how sure that is.
 *
 * Kept by the engine, one per instrument; read by the basis, the gate, risk and receipts. All times lie on one common line: this host's monotonic clock. A
 * venue's stamp is moved onto it by tsync, with a bound; what bears no stamp stands at its arrival. Plain data; engine's thread. */
#pragma once
#include "core/market/event.h"
#include <stdint.h>

enum book_state {
	BOOK_EMPTY,
	BOOK_LIVE,
	BOOK_GAP,
	BOOK_RECOVERING,
	BOOK_STALE,
	BOOK_HALTED,
	BOOK_CROSSED,
	book_state_max
};
const char *book_state_name(enum book_state s);

/* What a feed's silence means: by it a quote is proven valid without having changed. */
enum feed_model {
	FEED_SEQUENCED, /* every change is sent and numbered: any sign of life of its line proves what is known */
	FEED_CONFLATED, /* changes are sent merged, every cadence: market data on its line proves it, up to a cadence ago */
	FEED_SNAPSHOT, /* the whole top is sent at a cadence, changed or not: only its own messages prove it */
	FEED_ON_CHANGE, /* sent when it changes, without numbers: market data on its line proves it, heartbeats do not */
	FEED_PROBED, /* sent when it changes, a stream an instrument: its own messages prove it, and when it is quiet the venue is asked for its number */
	feed_model_max
};

/* One line that several instruments come on. Common time; never falls. */
struct feed_line {
	int64_t data_ns; /* of its newest market data, whichever instrument's */
	int64_t beat_ns; /* of its newest sign of life, heartbeats too */
};

struct top {
	struct quote q;
	int64_t valid_ns;   /* when its own newest message was made at the venue; common time */
	int64_t bound_ns;   /* how far valid_ns may be off; INT64_MAX: not known */
	int64_t cadence_ns; /* of FEED_CONFLATED and FEED_SNAPSHOT */
	const struct feed_line *line; /* NULL: only its own messages prove it */
	uint8_t model;		      /* enum feed_model */
	uint8_t state;		      /* enum book_state */
};

/* The newest moment at which q is proven to have been the market's best: by its own messages, or by its line as the model allows. */
static inline int64_t top_valid_ns(const struct top *t)
{
	const struct feed_line *l = t->line;
	if (!l || t->model == FEED_SNAPSHOT || t->model == FEED_PROBED)
		return t->valid_ns;
	int64_t proven = t->model == FEED_SEQUENCED ? l->beat_ns : l->data_ns;
	proven -= t->model == FEED_CONFLATED ? t->cadence_ns
					     : 0; /* what changed within it is still to come */
	return proven > t->valid_ns ? proven : t->valid_ns;
}
