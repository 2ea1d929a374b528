/* import - files of recorded markets as one stream of events, and what their stamps tell of the venues' clocks.
 *
 * Files are tables of best prices or frames as received, packed or not, in any order; they may overlap. Their events are merged on the time line of
 * their recorder, a venue at a time in order; each keeps the stamps that it came with. Lines that say nothing usable are counted, the first
 * ones told with file, line and reason. The clock of a venue is found from its stamps against the arrivals (tsync), or, where rows bear
 * one stamp only, from its prices against another venue's (lag). One owner; opening and new instruments allocate. Limits: IMPORT_FILES files, IMPORT_VENUES venues. */
#pragma once
#include "adapters/import/input.h"
#include "core/market/pack.h"

#define IMPORT_FILES  256
#define IMPORT_VENUES 64
#define IMPORT_NOTES  5

struct import_options {
	const char *const *path;
	unsigned n_paths;
	const char *venue, *symbol; /* of files that do not say; NULL: the file's name; "QUOTES" */
	const char *map;	    /* columns.h; NULL: headers say enough */
	const char *
		reference; /* the venue that clocks found from prices count from; NULL: the first */
	int64_t max_min_delay_ns; /* tsync.h */
	int px_dp, qty_dp;	  /* -1: found from the numbers */
	int64_t no_size;	  /* whole units written where a file has no sizes; 0: 1 */
};

/* Where events go. Indices come from 0 in the order of the calls; negative answers end the import. */
struct import_sink {
	void *owner;
	int (*venue)(void *owner, const char *name);
	int (*instrument)(void *owner, uint16_t venue, const struct pack_instrument *i);
	int (*put)(void *owner, uint16_t venue, const struct pack_event *ev);
};

enum import_how {
	IMPORT_UNKNOWN,
	IMPORT_BY_STAMPS,
	IMPORT_BY_PRICES,
	IMPORT_REFERENCE,
	import_how_max
};
const char *import_how_name(enum import_how h);

struct import_clock {
	uint8_t how;   /* enum import_how; UNKNOWN: nothing below is set but why */
	uint8_t open;  /* enum tsync_open */
	int64_t at_ns; /* the moment that it is said of */
	int64_t offset_ns,
		bound_ns; /* venue minus recorder, or minus `against`; bound INT64_MAX: open */
	int64_t drift_ppb;
	int64_t delay_ns; /* least one-way delay under offset_ns */
	uint32_t steps;
	uint64_t samples, refused;
	char against[32]; /* the venue whose prices it was held against */
	const char *why;  /* unknown: why */
};

struct import_venue {
	char name[32];
	uint16_t instruments;
	uint64_t events, of[pack_kind_max];
	int64_t from_ns, to_ns; /* the least and the greatest arrival */
	uint64_t backwards;	/* events that arrived before their predecessor */
	bool no_sizes;
	uint16_t sink; /* as the sink numbers it; valid once there are events */
	struct import_clock clock;
};

struct import_note {
	const char *path;
	uint64_t line;
	const char *why;
};

struct import_totals {
	uint64_t lines, events, garbage,
		other;			 /* other: frames that are no quote, depth or trade */
	uint64_t read_bytes, size_bytes; /* of the files, packed; size 0: not known */
	struct import_note note[IMPORT_NOTES];
	unsigned notes;
};

struct import;

/* Opens all files and reads each up to its first event. -ERR_NOTFOUND, -ERR_IO, -ERR_PARSE (no usable line, no such column), -ERR_ARG,
 * -ERR_FULL, -ERR_NOMEM, in words with the file's name. */
int import_open(const struct import_options *o, struct import **out);
void import_close(struct import *g);
/* Hands up to `most` events on. 1: there may be more; 0: that was all; or the sink's error, or one in words. */
int import_step(struct import *g, const struct import_sink *sink, unsigned most);
/* Estimates the clocks; no events may follow. -ERR_NOMEM. */
int import_clocks(struct import *g);
void import_totals(const struct import *g, struct import_totals *out);
unsigned import_venues(const struct import *g);
const struct import_venue *import_venue(const struct import *g, unsigned i);
/* How a file ended. */
enum input_end import_ended(const struct import *g, unsigned file);
