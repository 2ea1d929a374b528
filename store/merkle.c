/* OpenSSL 3 allocates in its newer calls; these, which it still has, do not. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "store/merkle.h"
#include "core/base/must.h"
#include <openssl/sha.h>
#include <string.h>

#define LEAF 0
#define NODE 1

void merkle_leaf(const void *p, size_t n, struct merkle_hash *out)
{
	static const uint8_t kind = LEAF;
	SHA256_CTX c;
	SHA256_Init(&c);
	SHA256_Update(&c, &kind, 1);
	SHA256_Update(&c, p, n);
	SHA256_Final(out->b, &c);
}

void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
		 struct merkle_hash *out)
{
	uint8_t both[1 + 2 * MERKLE_HASH];
	SHA256_CTX c;
	both[0] = NODE;
	memcpy(both + 1, left->b, MERKLE_HASH);
	memcpy(both + 1 + MERKLE_HASH, right->b, MERKLE_HASH);
	SHA256_Init(&c);
	SHA256_Update(&c, both, sizeof both);
	SHA256_Final(out->b, &c);
}

void merkle_perfect(const struct merkle_hash *h, uint32_t n, struct merkle_hash *out)
{
	struct merkle_hash row[MERKLE_TILE / 2];
	must(n >= 1 && n <= MERKLE_TILE && (n & (n - 1)) == 0);
	if (n == 1) {
		*out = *h;
		return;
	}
	for (uint32_t i = 0; i < n / 2; i++)
		merkle_node(&h[2 * i], &h[2 * i + 1], &row[i]);
	for (n /= 2; n > 1; n /= 2)
		for (uint32_t i = 0; i < n / 2; i++)
			merkle_node(&row[2 * i], &row[2 * i + 1], &row[i]);
	*out = row[0];
}

bool merkle_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->b, b->b, MERKLE_HASH) == 0;
}

int merkle_append(struct merkle *m, const struct merkle_hash *leaf, merkle_tile_fn fn, void *arg)
{
	struct merkle_hash h = *leaf;
	uint64_t at = m->size++;
	for (unsigned level = 0; level < MERKLE_LEVELS; level++, at /= MERKLE_TILE) {
		struct merkle_hash *tile = m->tile[level];
		tile[at % MERKLE_TILE] = h;
		if (at % MERKLE_TILE != MERKLE_TILE - 1)
			return 0;
		int rc = fn ? fn(arg, level, at / MERKLE_TILE, tile) : 0;
		if (rc)
			return rc;
		merkle_perfect(tile, MERKLE_TILE, &h);
	}
	return 0;
}

void merkle_root(const struct merkle *m, struct merkle_hash *out)
{
	bool any = false;
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		uint32_t width = merkle_width(m->size, level), end = width;
		/* The perfect subtrees of what is open, from the smallest, which is the rightmost. */
		for (uint32_t n = 1; n < MERKLE_TILE; n *= 2) {
			if (!(width & n))
				continue;
			struct merkle_hash h;
			end -= n;
			merkle_perfect(&m->tile[level][end], n, &h);
			if (any)
				merkle_node(&h, out, out);
			else
				*out = h;
			any = true;
		}
	}
	if (!any)
		SHA256(NULL, 0, out->b);
}

void merkle_copy(struct merkle *to, const struct merkle *from)
{
	to->size = from->size;
	for (unsigned level = 0; level < MERKLE_LEVELS; level++)
		memcpy(to->tile[level], from->tile[level],
		       merkle_width(from->size, level) * sizeof(struct merkle_hash));
}
