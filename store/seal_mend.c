/* The log of a store that was damaged, sealed without what was lost, and got it back: it becomes what it was before. */
#include "core/base/err.h"
#include "store/receipt.h"
#include "store/seal.h"
#include <string.h>

static int put_tile(struct kv_db *db, unsigned level, uint64_t n, const struct merkle_hash *tile,
		    size_t len)
{
	uint8_t key[SEAL_TILE_KEY];
	seal_tile_key(key, level, n);
	return kv_put(db, KV_TILES, key, sizeof key, tile, len, false);
}

/* *len 0: there is none. */
static int get_tile(struct kv_db *db, unsigned level, uint64_t n,
		    struct merkle_hash tile[MERKLE_TILE], size_t *len)
{
	const size_t bytes = MERKLE_TILE * sizeof(struct merkle_hash);
	uint8_t key[SEAL_TILE_KEY];
	seal_tile_key(key, level, n);
	int rc = kv_get(db, KV_TILES, key, sizeof key, tile, bytes, len);
	*len = rc ? 0 : *len < bytes ? *len : bytes;
	return rc == -ERR_NOTFOUND ? 0 : rc;
}

/* Leaves of receipts that are here; those that are away stay. */
static int mend_leaves(struct kv_db *db, uint64_t n)
{
	struct merkle_hash tile[MERKLE_TILE], leaf;
	size_t len, bytes;
	bool other = false;
	int rc = get_tile(db, 0, n, tile, &len);
	for (uint64_t i = 0; i < len / MERKLE_HASH && !rc; i++) {
		uint8_t key[8], receipt[RECEIPT_BYTES_MAX];
		kv_be64(key, n * MERKLE_TILE + i + 1);
		rc = kv_get(db, KV_RECEIPTS, key, sizeof key, receipt, sizeof receipt, &bytes);
		if (rc == -ERR_NOTFOUND) {
			rc = 0;
			continue;
		}
		merkle_leaf(receipt, bytes < sizeof receipt ? bytes : sizeof receipt, &leaf);
		other |= !merkle_same(&leaf, &tile[i]);
		tile[i] = leaf;
	}
	if (!rc && other)
		rc = put_tile(db, 0, n, tile, len);
	return rc ? rc : other;
}

static int mend_nodes(struct kv_db *db, unsigned level, uint64_t n)
{
	struct merkle_hash tile[MERKLE_TILE], below[MERKLE_TILE], node;
	size_t len, whole;
	bool other = false;
	int rc = get_tile(db, level, n, tile, &len);
	for (uint64_t i = 0; i < len / MERKLE_HASH && !rc; i++) {
		rc = get_tile(db, level - 1, n * MERKLE_TILE + i, below, &whole);
		if (rc || whole != sizeof below)
			continue;
		merkle_perfect(below, MERKLE_TILE, &node);
		other |= !merkle_same(&node, &tile[i]);
		tile[i] = node;
	}
	if (!rc && other)
		rc = put_tile(db, level, n, tile, len);
	return rc ? rc : other;
}

int seal_mend(struct kv_db *db, uint64_t first, uint64_t last)
{
	int some = 0, rc = 0;
	if (!first || last < first)
		return 0;
	for (unsigned level = 0; level < MERKLE_LEVELS && rc >= 0; level++) {
		const unsigned shift = 8 * (level + 1);
		/* Nothing below has changed: nor has anything above. */
		if (level && !some)
			break;
		for (uint64_t n = (first - 1) >> shift; n <= (last - 1) >> shift && rc >= 0; n++) {
			rc = level ? mend_nodes(db, level, n) : mend_leaves(db, n);
			some |= rc > 0;
		}
	}
	return rc < 0 ? rc : some;
}
