/* map - 64-bit key to 32-bit value, open addressing, of a size fixed at start.
 *
 * One owner. Never allocates after init. Key 0 is no key. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
	struct map_slot *slot;
	uint32_t mask;
	uint32_t used; /* live keys */
	uint32_t cap;  /* live keys allowed: half of the slots */
};

/* For cap keys, at most 2^30, rounded up to a power of two; -ERR_NOMEM. */
int map_init(struct map *m, uint32_t cap);
void map_free(struct map *m);
/* Adds or replaces; -ERR_FULL, -ERR_ARG for key 0. */
int map_put(struct map *m, uint64_t key, uint32_t value);
bool map_get(const struct map *m, uint64_t key, uint32_t *value);
bool map_del(struct map *m, uint64_t key);
void map_clear(struct map *m);
/* Never 0; for keys that are text. Two texts may share one: compare the text. Not for storing: it
 * differs between byte orders. */
uint64_t map_hash_bytes(const void *p, size_t n);
