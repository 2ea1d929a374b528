/* source - where a simulated venue's market comes from: a recording or a generator behind one
 * small port.
 *
 * Events come in time order, for all venues and instruments of the source on one time line. What
 * an event points at lives until the next call of the source, whichever. One owner; it allocates
 * when it is opened, not in pop. */
#pragma once
#include "core/market/event.h"
#include <stddef.h>
#include <stdint.h>

#define SOURCE_INSTRUMENTS 16

enum source_kind {
	SOURCE_SNAPSHOT, /* depth: a whole book; depth.last_seq is its number */
	SOURCE_DEPTH,	 /* depth: changes */
	SOURCE_QUOTE,	 /* quote */
	SOURCE_TRADE,	 /* trade */
	SOURCE_OTHER,	 /* a frame of which only the raw text is of use */
	source_kind_max
};

/* What the source speaks of, in the order of its instrument indices. */
struct source_instrument {
	uint16_t venue;	 /* the caller's index, comes back in events */
	char symbol[32]; /* the venue's, in capitals: "BTCUSDT" */
	uint8_t px_dp, qty_dp;
};

struct source_event {
	int64_t time_ns; /* UTC of the market's line; never falls */
	uint16_t venue, instrument;
	uint8_t kind;
	union {
		struct depth depth;
		struct quote quote;
		struct market_trade trade;
	};
	const char *raw; /* the frame as received, not terminated; NULL: made here */
	size_t n_raw;
};

struct market_source;

struct source_ops {
	const char *name;
	/* When the next event is due; INT64_MAX: there is none. */
	int64_t (*next_ns)(struct market_source *s);
	/* 1 and the event; 0 at the end; negative when the source broke. */
	int (*pop)(struct market_source *s, struct source_event *out);
	/* Back to the first event. */
	int (*rewind)(struct market_source *s);
	void (*free)(struct market_source *s);
};

struct market_source {
	const struct source_ops *ops;
	struct source_instrument instrument[SOURCE_INSTRUMENTS];
	uint16_t n_instruments;
	int64_t first_ns; /* time of the first event */
};

static inline int64_t source_next_ns(struct market_source *s)
{
	return s->ops->next_ns(s);
}
static inline int source_pop(struct market_source *s, struct source_event *out)
{
	return s->ops->pop(s, out);
}
static inline int source_rewind(struct market_source *s)
{
	return s->ops->rewind(s);
}
/* From the first event to just before time_ns: each event passed on the way goes to fn, so that
 * books and sequence numbers stand as if nobody had been away. Returns how many were passed, or
 * a negative code. */
typedef void (*source_fn)(void *owner, const struct source_event *e);
int64_t source_seek(struct market_source *s, int64_t time_ns, source_fn fn, void *owner);
static inline void source_free(struct market_source *s)
{
	s->ops->free(s);
}
const char *source_kind_name(enum source_kind k);
