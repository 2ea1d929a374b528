/* merkle - the tree over all receipts whose root stands for every byte of them: RFC 6962, in tiles of 256 hashes.
 *
 * The leaf of the receipt with sequence s is leaf s - 1; a sequence that was lost has the leaf of no bytes. Hashes of a complete tile never change, so a tile
 * is written once, and the tree that grows keeps only its right edge: at most 256 hashes a level. Plain functions on a struct; nothing allocates; one thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH   32
#define MERKLE_TILE   256 /* hashes in a tile: a subtree of height 8 */
#define MERKLE_LEVELS 7	  /* of tiles: 2^56 receipts */
#define MERKLE_PROOF  64  /* hashes of the longest proof */

struct merkle_hash {
	uint8_t b[MERKLE_HASH];
};

void merkle_leaf(const void *p, size_t n, struct merkle_hash *out);
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
		 struct merkle_hash *out);
/* The root over n hashes, a power of two of at most MERKLE_TILE. */
void merkle_perfect(const struct merkle_hash *h, uint32_t n, struct merkle_hash *out);
bool merkle_same(const struct merkle_hash *a, const struct merkle_hash *b);

/* A tree that grows: how many leaves, and of each level the hashes of the tile that is not complete. */
struct merkle {
	uint64_t size;
	struct merkle_hash tile[MERKLE_LEVELS][MERKLE_TILE];
};

/* A tile is complete: the n-th of its level, both from 0. Non-zero ends the appending and is returned. */
typedef int (*merkle_tile_fn)(void *arg, unsigned level, uint64_t n,
			      const struct merkle_hash tile[MERKLE_TILE]);
int merkle_append(struct merkle *m, const struct merkle_hash *leaf, merkle_tile_fn fn, void *arg);
/* Of no leaves: the hash of no bytes. */
void merkle_root(const struct merkle *m, struct merkle_hash *out);
/* As `*to = *from`, without what is not in use. */
void merkle_copy(struct merkle *to, const struct merkle *from);
/* How many hashes the tile that is not complete has. */
static inline uint32_t merkle_width(uint64_t size, unsigned level)
{
	return (uint32_t)(size >> (8 * level)) % MERKLE_TILE;
}
