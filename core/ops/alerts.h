/* alerts - what people have been told of and have not yet said that they know: one entry for what repeats, with its number, by the rules of the configuration.
 *
 * An alert with the same code about the same thing, in the same words but for their numbers, is the same alert: within its rule's window it is counted and told once more at the window's end, with the
 * number. It stays open, with its first and last time, until somebody acknowledges it. A fixed table: the oldest of the least severe gives way, and is counted.
 * No I/O, no clock: whoever owns it hands times in and is handed what is to be told. Engine's thread. */
#pragma once
#include "core/ops/config.h"

#define ALERTS_OPEN 256

/* One alert in words, as it is told and listed. */
struct alert {
	uint64_t
		id; /* sequence of its first receipt; with the highest bit: there was no room for one */
	uint64_t pair;
	uint8_t code, severity;
	uint8_t sink;	  /* of ALERT_SINK_FAILED: 1 + which; it is not told of itself */
	uint64_t count;	  /* since it was opened */
	uint64_t repeats; /* told with this message: 1 at first, then how many more */
	int64_t first_utc_ns, last_utc_ns, mono_ns; /* mono: the latest */
	char account[32], instance[48], venue[32], instrument[48];
	char text[ALERT_TEXT];
};

/* To be told to these sinks (bits of enum alert_sink); never waits. */
typedef void (*alerts_tell_fn)(void *arg, const struct alert *a, uint8_t sinks);

struct alerts_entry {
	struct alert a; /* code 0: free */
	uint64_t key;
	int64_t until_ns; /* its window ends */
	uint64_t waiting; /* repeats that nobody was told of yet */
	bool known;	  /* acknowledged: kept for its window only */
};

struct alerts {
	const struct config_alerts *cfg;
	alerts_tell_fn tell;
	void *arg;
	uint64_t unwritten; /* gives ids to those without a receipt */
	uint64_t crowded_out;
	uint32_t n_windows; /* entries whose window has not ended */
	struct alerts_entry entry[ALERTS_OPEN];
};

void alerts_init(struct alerts *s, const struct config_alerts *c, alerts_tell_fn tell, void *arg);
/* It has happened, now: a->mono_ns, a->last_utc_ns; counts and first time are worked out here. */
void alerts_raise(struct alerts *s, const struct alert *a);
/* Windows that have ended by now. */
void alerts_time(struct alerts *s, int64_t mono_ns);
/* Somebody knows. -ERR_NOTFOUND: no such alert is open. *out: as it stood. */
int alerts_ack(struct alerts *s, uint64_t id, struct alert *out);
/* The open ones from place *at on, oldest place first: start with 0; NULL: the end. */
const struct alert *alerts_each(const struct alerts *s, uint32_t *at);
