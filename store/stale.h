/* stale - journal rings that dead hosts left in shared memory, and whose stores have been deleted: taken away when a store is opened beside them.
 *
 * A ring says which folder it is the journal of. It goes when nobody holds it, that folder is gone while the file system it lay on is there, and every receipt in it
 * is in the database that went with the folder. One that holds receipts which no database has may be that of a store that was only moved, and would be taken over by
 * it: such a one is marked, and goes when a start finds it so a day later. Rings of another user, of an older build and of hosts that live are left alone. */
#pragma once
#include <stdint.h>

/* Looks through the folder where the ring `own` lies, unless that is the store's own. How many went. now_s: seconds of UTC. */
unsigned stale_rings(const char *own, const char *store, int64_t now_s);
