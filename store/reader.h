/* reader - looks at a store from outside: while its host runs, after it was killed, or long after it closed.
 *
 * Opens the database as a secondary and the journal ring beside it, so that the last receipts of a killed host, which never reached the
 * database, are there too. What it sees stands still between two refreshes. One thread. Writes nothing into the store. */
#pragma once
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader;

/* -ERR_NOTFOUND: no store there; -ERR_CORRUPT; -ERR_IO. */
int reader_open(const char *path, struct reader **out);
void reader_close(struct reader *r);				  /* walks are closed before */
int reader_refresh(struct reader *r);				  /* sees what has come since */
uint64_t reader_last(const struct reader *r);			  /* newest sequence; 0: none */
int reader_get(struct reader *r, uint64_t seq, struct fact *out); /* -ERR_NOTFOUND, -ERR_CORRUPT */
bool reader_archived(const struct reader *r, uint64_t seq); /* it is in an archive, and not here */
const char *reader_name(const struct reader *r, enum name_space space,
			uint32_t id); /* NULL: unknown, or 0 */
uint32_t reader_name_find(const struct reader *r, enum name_space space,
			  const char *text); /* 0: unknown */
/* A small value that the host keeps (store_kv): copies at most cap bytes, *len is its whole length. -ERR_NOTFOUND, -ERR_RANGE. */
int reader_value(struct reader *r, const char *key, void *buf, size_t cap, size_t *len);
/* The newest signed checkpoint (note.h) and the public key that the store itself names, as terminated texts. -ERR_NOTFOUND: its log was never signed. */
int reader_checkpoint(struct reader *r, char *note, size_t note_cap, char *key, size_t key_cap);
int reader_host(const struct reader *r);     /* process id of the running host; 0: none */

/* Ids of the newest pairs, by their latest change of state, newest first; *n of them, at most max. */
int reader_last_pairs(struct reader *r, uint64_t *id, uint32_t max, uint32_t *n);

/* What is asked for; what is 0 does not restrict. All that is set must hold. */
struct reader_filter {
	uint64_t seq_from, seq_to; /* both included; seq_to 0: to the end */
	int64_t utc_from, utc_to;  /* both included */
	uint64_t pair, order;
	uint32_t instance, venue, account, instrument;
	uint16_t kind;
	uint64_t cause;
};

struct reader_walk;
int reader_walk_open(struct reader *r, const struct reader_filter *f, struct reader_walk **out);
/* The next that fits, by rising sequence. 1: *out is one; 0: no more as of the last refresh; or an error. */
int reader_walk_next(struct reader_walk *w, struct fact *out);
void reader_walk_close(struct reader_walk *w);
