/* place - where the parts of a store lie: its folder, its lock, and the pointer to its ring, which may be on another file system.
 *
 * Used by the store and by readers. Plain functions on paths; no state. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PLACE_PATH	256
#define PLACE_RING_NAME "tandem-ring-%u-" /* user; behind it the store */

/* folder + "/" + name. -ERR_RANGE when it is too long. */
int place_in(char out[PLACE_PATH], const char *folder, const char *name);
/* The folder without links and dots. -ERR_NOTFOUND, -ERR_IO. */
int place_canonical(char out[PLACE_PATH], const char *path);
/* Where the ring of this store belongs: `ring` when given, else /dev/shm where `bytes` fit, else the folder. The name tells the store. */
int place_ring(char out[PLACE_PATH], const char *folder, const char *ring, uint64_t bytes);
/* The pointer file says where the ring is. -ERR_NOTFOUND: there is none, every receipt is in the database. */
int place_ring_read(const char *folder, char out[PLACE_PATH]);
int place_ring_write(const char *folder, const char *ring);
void place_ring_forget(const char *folder);

/* Takes the store's lock: a descriptor to keep, or -ERR_BUSY with the holder's process id in the text. */
int place_lock(const char *folder);
/* The process that holds it; 0: nobody. */
pid_t place_lock_holder(const char *folder);
