/* ring_file - the journal's short memory: facts in a mapped file that outlives the process the moment they are appended.
 *
 * The engine appends (tens of nanoseconds, no system call, never a wait), the writer marks what the database has taken, others may look on
 * from their own process. A fact counts once its commit word stands; that word is written last, so a process killed at any instruction
 * leaves whole facts only. One appender, one drainer, any number of readers. The kernel's page cache keeps the pages after a kill; a loss of
 * power may take them. Limits: 64 to 2^24 slots, 448 bytes each, taken in full at creation so that a full disk can never strike later. */
#pragma once
#include "core/trade/fact.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_FILE_ID	     16	 /* bytes of a store's identity */
#define RING_FILE_SLOT_BYTES 448 /* of the file, for one fact */

/* Whose journal it is, as far as one can tell without the store: its folder and the file system that this lies on, and when it was first seen to be gone (stale.h). */
struct ring_owner {
	char folder[256]; /* empty: not said */
	uint64_t device;
	int64_t gone_s; /* seconds of UTC; 0: never */
};

struct ring_file {
	struct ring_head *head; /* the file's first page */
	struct ring_slot *slot;
	uint64_t mask;
	size_t bytes;
	int fd; /* the appender's holds a lock on the file */
	char path[256];
	_Alignas(64) uint64_t last;		 /* the appender's: sequence of the newest fact */
	uint64_t drained_seen;			 /* the appender's copy of the drainer's mark */
	_Alignas(64) _Atomic uint64_t published; /* `last` for the other threads of this process */
};

/* A new file of at least `bytes` (rounded down to a power of two of slots, at least 64) that goes on after the fact `base`. An old file
 * of that path is replaced. -ERR_IO: the text says what the system said. */
int ring_file_create(struct ring_file *r, const char *path, const uint8_t id[RING_FILE_ID],
		     uint64_t bytes, uint64_t base);
/* An existing file, to go on with it: finds the newest whole fact. -ERR_NOTFOUND: no file; -ERR_STATE: it is another store's;
 * -ERR_BUSY: another process appends to it; -ERR_CORRUPT: it is no ring, or of another version. */
int ring_file_open(struct ring_file *r, const char *path, const uint8_t id[RING_FILE_ID]);
/* The same, to look on only; id NULL: whosesoever it is. */
int ring_file_view(struct ring_file *r, const char *path, const uint8_t id[RING_FILE_ID]);
/* Appender: who owns it from now on. */
void ring_file_set_owner(struct ring_file *r, const struct ring_owner *o);
/* As its file says, whoever holds it; no text. -ERR_NOTFOUND: it cannot be read; -ERR_CORRUPT: it is no ring of this version, or does not say. */
int ring_file_owner(const char *path, struct ring_owner *out);
void ring_file_close(struct ring_file *r);		/* the file stays */
const uint8_t *ring_file_id(const struct ring_file *r); /* of the store that it belongs to */
/* The newest whole fact that stands in it; 0: none. Looks at every slot. */
uint64_t ring_file_newest(const struct ring_file *r);

/* Appender. The fact's sequence, also stored in f->seq; 0: full. */
uint64_t ring_file_append(struct ring_file *r, struct fact *f);
uint64_t ring_file_room(const struct ring_file *r);
/* Sequence of the newest fact: this process's appender, or what ring_file_open found. Any thread. */
uint64_t ring_file_last(const struct ring_file *r);

/* The fact of a sequence. Codes without a text, since this is polled: -ERR_NOTFOUND it is not there yet; -ERR_STATE its slot has been
 * taken by a later one; -ERR_CORRUPT it was committed and is not what was written. Any thread or process. */
int ring_file_read(const struct ring_file *r, uint64_t seq, struct fact *out);
/* Everything up to here is in the database. */
uint64_t ring_file_drained(const struct ring_file *r);
void ring_file_set_drained(struct ring_file *r, uint64_t seq);
uint64_t ring_file_slots(const struct ring_file *r);
uint64_t ring_file_slots_for(uint64_t bytes); /* of a ring that is made of so many bytes */
