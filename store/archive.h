/* archive - days out of a store and back: what was copied and checked may go, and comes back to the byte.
 *
 * Both open the store as a host does, so no host runs on it meanwhile, and both leave a receipt. What goes is told before it goes; a kill at any instant leaves
 * either everything or a store that knows what lies in the archive. One thread. */
#pragma once
#include "store/copy.h"

struct archive_done {
	struct copy_page page;
	uint64_t receipts, blocks; /* taken out, or put in; what was there already does not count */
	uint64_t seq;		   /* of the receipt that tells of it */
};

/* Takes what the archive `copy` holds out of the store. First the archive is read through, and every receipt of it compared. -ERR_STATE: it is of another store, or
 * reaches into what a restart needs; -ERR_CORRUPT: it is damaged, or not what the store holds; -ERR_BUSY: a host runs; -ERR_IO. */
int archive_put_away(const char *store, const char *copy, struct archive_done *out);
/* Puts it back: what is there already must be the same to the byte. A store that is not there is made. -ERR_STATE, -ERR_CORRUPT, -ERR_BUSY, -ERR_IO. */
int archive_restore(const char *copy, const char *store, struct archive_done *out);
