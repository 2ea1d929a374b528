/* import_parts - what the files of the importer share: its venues and its readers. Private to import*.c.
 *
 * Each file is unpacked by one thread and decoded by another, which fills batches of events; the caller's thread merges them. What those decoders
 * share is the table of venues and instruments, under one lock, taken when a name is met for the first time in a file. */
#pragma once
#include "adapters/codec/symbols.h"
#include "adapters/import/csv.h"
#include "adapters/import/frames.h"
#include "adapters/import/import.h"
#include "adapters/import/relay.h"
#include "core/base/map.h"
#include "core/market/lag.h"
#include "core/market/tsync.h"

#define IMPORT_MIDS    2 /* instruments of a venue whose prices are kept to find its clock */
#define IMPORT_BATCHES 4
#define IMPORT_BATCH   512
#define IMPORT_LEVELS  (2 * PACK_LEVELS + 4096) /* of a batch */
#define IMPORT_SEEN    256

struct import_mid {
	uint32_t instrument;
	struct lag_series series;
};

struct venue_entry {
	/* Under the lock. */
	struct pack_instrument *instrument;
	uint16_t cap;
	/* The caller's thread's; pub.instruments and pub.name are under the lock. */
	struct import_venue pub;
	uint32_t told; /* instruments that the sink knows */
	bool in_sink;
	struct tsync *sync;
	int source;
	uint64_t stamped, own_time; /* events with a second stamp; with the venue's time alone */
	int64_t last_ns;
	struct import_mid mid[IMPORT_MIDS];
	unsigned mids;
};

struct batch {
	unsigned n;
	struct pack_event ev[IMPORT_BATCH];
	uint16_t venue[IMPORT_BATCH];
	struct level *level; /* IMPORT_LEVELS */
	unsigned levels;
	uint64_t lines, garbage, other;
	struct import_note note[IMPORT_NOTES];
	unsigned notes;
	int rc; /* of an error that ends the import, behind the events */
	char error[256];
};

/* A name that this file has met: found again without the lock. */
struct seen {
	char venue[32], symbol[32];
	uint8_t n_venue, n_symbol;
	uint8_t px_dp, qty_dp;
	uint16_t at_venue;
	uint32_t instrument;
};

struct import_file {
	const char *path;
	struct import *owner;
	struct input *input;
	/* The decoder's. */
	bool is_csv;
	struct csv csv;
	struct frames frames;
	struct symbols symbols; /* for frames: those met in this file */
	struct seen *seen;	/* for tables: by hash; for frames: a list */
	unsigned n_seen;
	uint16_t venue;	     /* of all its frames */
	char venue_name[32]; /* of rows that do not say */
	bool own_time;	     /* the stamp of its rows is the venue's, there is no other */
	unsigned notes;
	/* Between the two. */
	struct relay relay;
	struct batch *batch; /* IMPORT_BATCHES */
	/* The caller's. */
	struct batch *reading;
	unsigned at;
	bool over;
	int64_t reached_ns; /* the latest time so far: what it is merged by */
	uint64_t events;
};

struct import {
	struct import_options o;
	struct import_file *file;
	unsigned n_files;
	pthread_mutex_t names;
	struct venue_entry *venue;
	unsigned n_venues;
	struct map known; /* hash of venue and symbol -> venue << 16 | instrument */
	struct import_totals totals;
};

/* import_venue.c. With the lock taken: the index of the venue, new or known. -ERR_FULL, -ERR_RANGE, -ERR_NOMEM with err_set. */
int venue_find(struct import *g, const char *name, size_t n);
/* Takes the lock. 0 and what is known of the instrument, it and its venue new if need be; the scales are for a new one. */
int venue_instrument(struct import *g, struct field venue, struct field symbol,
		     const struct csv_scale *px, const struct csv_scale *qty, struct seen *out);
uint64_t venue_hash(struct field venue, struct field symbol); /* not 0 */
int venue_put(struct import *g, const struct import_sink *sink, const struct import_file *f,
	      unsigned venue, const struct pack_event *ev);
void venue_free(struct venue_entry *v);

/* import_decode.c: frames_owner's call. */
const struct symbol *import_adopt(void *owner, const char *symbol, size_t n,
				  const struct csv_scale *px, const struct csv_scale *qty);
/* One line -> 1 and an event, 0: none, or an error that ends the import. Levels live until the next line. */
int import_decode(struct import_file *f, struct batch *b, const char *line, size_t n,
		  struct pack_event *ev, uint16_t *venue);
/* A further event of the same line, likewise. */
int import_decode_more(struct import_file *f, struct batch *b, struct pack_event *ev,
		       uint16_t *venue);

/* import_file.c: opens, and decodes the first batch. */
int import_file_open(struct import *g, struct import_file *f, const char *path);
/* The event that is next, while the file is not over. */
const struct pack_event *import_file_event(struct import_file *f, uint16_t *venue);
int import_file_next(struct import_file *f);
void import_file_stop(struct import_file *f); /* ends its threads */
void import_file_close(struct import_file *f);
