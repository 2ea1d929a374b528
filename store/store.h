/* store - everything that the host must still know tomorrow: the journal that the engine writes, the receipts that come of it, names, and
 * small values.
 *
 * One host a store, held by a lock. A fact appended to the journal survives the death of the process at once; it survives the loss of power
 * once it is synced, which with power = false happens only when the store opens and closes. Opening takes over what a killed host left in its
 * ring. The engine's thread calls everything here; the writer works in a thread of its own. Layout of the folder: FORMAT.md. */
#pragma once
#include "core/trade/journal.h"
#include <stdbool.h>
#include <stdint.h>

#define STORE_RING_BYTES \
	(32u << 20) /* about 65,000 facts: what is taken where nothing is asked for */

struct store_options {
	const char *path; /* the folder; made when missing, its parent is not */
	const char *
		ring; /* folder of the journal ring; NULL or empty: /dev/shm where it fits, else path */
	uint64_t ring_bytes; /* 0: STORE_RING_BYTES */
	const char *
		key; /* what checkpoints are signed with (note.h); NULL or empty: path/receipts.key, made when missing */
	const char *checkpoint_to; /* where they are copied (courier.h); NULL or empty: nowhere */
	bool power; /* sync every batch to the disk: a fact then survives the loss of power once synced() has passed it */
};

struct store;

/* -ERR_BUSY: another host has it, the text says which; -ERR_CORRUPT, also where receipts are not what was signed; what note_key_open says of the key; -ERR_IO (disk full, no such parent folder); -ERR_NOMEM. */
int store_open(const struct store_options *o, struct store **out);
/* Writes what is left, then closes. Non-zero: the database would not take everything; the ring keeps it for the next opening. */
int store_close(struct store *s);

struct journal *store_journal(struct store *s);
/* A put is a write of the database: it allocates, and takes microseconds to milliseconds. Not for a turn. */
struct kv *store_kv(struct store *s);
/* Every fact since the last complete checkpoint (from the first receipt where there is none), oldest first, up to what the host before left.
 * fn's non-zero answer ends the walk and is returned. Before the first append. */
int store_recover(struct store *s, journal_fact_fn fn, void *arg);
/* The durable number of a name, for any thread. *is_new: it was given now, and the caller writes a NAME fact before any other fact uses the number. */
int store_name(struct store *s, enum name_space space, const char *text, uint32_t *id,
	       bool *is_new);
const char *store_name_text(const struct store *s, enum name_space space,
			    uint32_t id);	/* NULL: unknown */
uint64_t store_last_seq(const struct store *s); /* of the newest fact; 0: none yet */
uint64_t store_drained(const struct store *s);	/* newest receipt in the database */
uint64_t store_recovered(
	const struct store *s); /* facts that opening took over from a killed host's ring */
uint64_t store_lost(
	const struct store
		*s); /* sequences that opening found neither in the database nor in the ring */
/* Of checkpoints on their way outside, what is new since the last question: they do not get there, and why; they do again; 0: nothing. Any thread; never waits. */
enum { STORE_OUT_FAILS = 1, STORE_OUT_AGAIN };
int store_checkpoint_news(struct store *s, char *why, size_t cap);
const char *store_ring_path(const struct store *s);
