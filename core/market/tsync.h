/* tsync - how far a venue's clock stands from ours, as an interval that holds the truth, from whatever its protocol lets us see.
 *
 * One struct tsync is one venue's clock, fed by up to TSYNC_SOURCES sources: requests with their answers (two of our stamps around one or
 * two of theirs) and streams of stamped messages (their stamp, our arrival). Offset is venue minus host, at a moment of the host's clock, which callers choose once
 * (the engine: monotonic; a recording: its recorder's). A stream alone bounds one side: the other is open until the
 * configuration states max_min_delay, and the estimate says so. Sources are joined by Marzullo's rule; what contradicts the others is left out and counted. A step is
 * noticed and the estimate begun anew. Fixed memory, no allocation after init; engine's thread or the importer's.
 *
 * Limits. max_min_delay states: of the messages of any half second, and of any 64 in a row where those take longer, at least one is as fast
 * as this; where it is not so, the upper side is wrong by what it was slower. A drift may wander by 0.4 ppm a second; where there
 * are pairs it may also jump by half of max_drift at any moment, which costs that much width a second of their age, and for about an hour after a jump that
 * proved the rates wrong: by all that max_drift allows. A stream alone is carried by a drift that does not jump within its half second or 64 messages.
 * A stamp that is ahead by no more than what the stream's delays vary (1 ms at least) is not told from a quicker message:
 * two of those among 8 to 16 raise the lower side above the truth (1 % of the stamps up to 3 ms ahead: 0.4 % of the time). Refused are those further ahead (F47). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define TSYNC_SOURCES 4

enum tsync_kind { TSYNC_PAIRS, TSYNC_STREAM, tsync_kind_max };

/* Which sides of the interval nothing bounds. */
enum tsync_open { TSYNC_CLOSED, TSYNC_OPEN_LO, TSYNC_OPEN_HI, TSYNC_OPEN_BOTH, tsync_open_max };

struct tsync_config {
	int64_t max_min_delay_ns; /* the least one-way delay is stated to be at most this; 0: not stated */
	int64_t grain_ns;      /* of the venue's stamps: 1 ms = 1000000; 0: found from the stamps */
	int64_t max_drift_ppb; /* of the two clocks against each other; 0: 200000 (200 ppm) */
};

struct tsync_estimate {
	int64_t at_ns;	      /* host's clock */
	int64_t offset_ns;    /* venue minus host: the best guess, within lo..hi */
	int64_t lo_ns, hi_ns; /* INT64_MIN, INT64_MAX where open */
	int64_t bound_ns; /* the larger distance from offset_ns to lo or hi; INT64_MAX where one is open */
	int64_t drift_ppb; /* of the venue's clock against ours; positive: it gains */
	int64_t delay_ns;  /* the least one-way delay seen, under offset_ns; of streams */
	bool known;	   /* false: nothing has been seen */
	uint8_t open;	   /* enum tsync_open */
	uint8_t left_out;  /* sources that contradict the others, now */
	uint32_t steps;	   /* how often the clock was seen to jump */
	uint64_t samples,
		refused; /* refused: stamps that contradict themselves or lie in the future (F47) */
};

struct tsync;

/* -ERR_NOMEM, -ERR_RANGE (in words). */
int tsync_open(const struct tsync_config *c, struct tsync **out);
void tsync_free(struct tsync *t);
/* Index of a new source, or -ERR_FULL. */
int tsync_source(struct tsync *t, enum tsync_kind kind);
/* A request and its answer. venue_send_ns may equal venue_recv_ns where the venue stamps once. False: refused. */
bool tsync_pair(struct tsync *t, int source, int64_t sent_ns, int64_t venue_recv_ns,
		int64_t venue_send_ns, int64_t recv_ns);
/* A stamped message. venue_ns 0: no stamp, ignored. False: refused. */
bool tsync_stamp(struct tsync *t, int source, int64_t venue_ns, int64_t recv_ns);
/* The host's own clock was stepped by so much (what it counts from): everything moves with it. */
void tsync_host_step(struct tsync *t, int64_t step_ns);
/* What is known of the moment at_ns, which may lie up to an hour before or after the newest sample: the bound grows with the distance. */
void tsync_read(const struct tsync *t, int64_t at_ns, struct tsync_estimate *out);
/* A venue's stamp on the host's clock, never after recv_ns; without a stamp or an estimate recv_ns itself. *bound_ns: how far that may be off (INT64_MAX: not known). Cheap: for every event. */
int64_t tsync_place(const struct tsync *t, int64_t venue_ns, int64_t recv_ns, int64_t *bound_ns);
