#include "store/proof.h"
#include "core/base/err.h"
#include "core/base/must.h"

/* The greatest power of two below n, which is at least 2. */
static uint64_t split(uint64_t n)
{
	return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static int read_tile(struct proof_source *s, unsigned level, uint64_t n,
		     const struct merkle_hash **out)
{
	*out = s->last[level].hash;
	if (s->last[level].have && s->last[level].n == n)
		return 0;
	s->last[level].have = false;
	int rc = s->tile(s->arg, level, n, s->last[level].hash);
	s->last[level].have = !rc;
	s->last[level].n = n;
	return rc;
}

int proof_subtree(struct proof_source *s, unsigned height, uint64_t index, struct merkle_hash *out)
{
	const struct merkle_hash *tile;
	const unsigned level = height / 8, in = height % 8;
	if (level >= MERKLE_LEVELS)
		return err_set(ERR_RANGE, "a tree of more than 2^56 leaves");
	int rc = read_tile(s, level, index >> (8 - in), &tile);
	if (!rc)
		merkle_perfect(&tile[(index << in) % MERKLE_TILE], 1u << in, out);
	if (rc != -ERR_NOTFOUND)
		return rc;
	if (height == 0)
		return s->leaf(s->arg, index, out);
	/* The whole tile below is this one hash. */
	if (in == 0) {
		rc = read_tile(s, level - 1, index, &tile);
		if (!rc)
			merkle_perfect(tile, MERKLE_TILE, out);
		if (rc != -ERR_NOTFOUND)
			return rc;
	}
	struct merkle_hash half[2];
	for (unsigned i = 0; i < 2; i++)
		if ((rc = proof_subtree(s, height - 1, 2 * index + i, &half[i])) != 0)
			return rc;
	merkle_node(&half[0], &half[1], out);
	return 0;
}

int proof_root(struct proof_source *s, uint64_t lo, uint64_t hi, struct merkle_hash *out)
{
	const uint64_t n = hi - lo;
	struct merkle_hash half[2];
	if (n == 0) {
		merkle_root(&(struct merkle){ 0 }, out);
		return 0;
	}
	if ((n & (n - 1)) == 0) {
		unsigned height = (unsigned)__builtin_ctzll(n);
		return proof_subtree(s, height, lo >> height, out);
	}
	int rc = proof_root(s, lo, lo + split(n), &half[0]);
	if (!rc)
		rc = proof_root(s, lo + split(n), hi, &half[1]);
	if (!rc)
		merkle_node(&half[0], &half[1], out);
	return rc;
}

int proof_edge(struct proof_source *s, uint64_t size, struct merkle *out)
{
	int rc = 0;
	out->size = size;
	for (unsigned level = 0; level < MERKLE_LEVELS && !rc; level++) {
		uint32_t width = merkle_width(size, level);
		uint64_t first = (size >> (8 * level)) - width;
		for (uint32_t i = 0; i < width && !rc; i++)
			rc = proof_subtree(s, 8 * level, first + i, &out->tile[level][i]);
	}
	return rc;
}

static int add_root(struct proof_source *s, struct proof *p, uint64_t lo, uint64_t hi)
{
	must(p->n < MERKLE_PROOF);
	int rc = proof_root(s, lo, hi, &p->hash[p->n]);
	p->n += !rc;
	return rc;
}

/* PATH(index - lo, D[lo:hi]): from the leaf's sibling up. */
static int add_path(struct proof_source *s, uint64_t index, uint64_t lo, uint64_t hi,
		    struct proof *p)
{
	if (hi - lo == 1)
		return 0;
	const uint64_t mid = lo + split(hi - lo);
	int rc = index < mid ? add_path(s, index, lo, mid, p) : add_path(s, index, mid, hi, p);
	if (rc)
		return rc;
	return index < mid ? add_root(s, p, mid, hi) : add_root(s, p, lo, mid);
}

int proof_inclusion(struct proof_source *s, uint64_t index, uint64_t size, struct proof *out)
{
	out->n = 0;
	if (index >= size)
		return err_set(ERR_RANGE, "the log has %llu receipts; there is no leaf %llu",
			       (unsigned long long)size, (unsigned long long)index);
	return add_path(s, index, 0, size, out);
}

/* SUBPROOF(m - lo, D[lo:hi], whole): `whole`: the older tree's part is all of this subtree so far, so that its root is known. */
static int add_consistency(struct proof_source *s, uint64_t m, uint64_t lo, uint64_t hi, bool whole,
			   struct proof *p)
{
	if (m == hi)
		return whole ? 0 : add_root(s, p, lo, hi);
	const uint64_t mid = lo + split(hi - lo);
	int rc = m <= mid ? add_consistency(s, m, lo, mid, whole, p)
			  : add_consistency(s, m, mid, hi, false, p);
	if (rc)
		return rc;
	return m <= mid ? add_root(s, p, mid, hi) : add_root(s, p, lo, mid);
}

int proof_consistency(struct proof_source *s, uint64_t older, uint64_t newer, struct proof *out)
{
	out->n = 0;
	if (older == 0 || older > newer)
		return err_set(ERR_RANGE,
			       "a log of %llu receipts cannot be shown to go on one of %llu",
			       (unsigned long long)newer, (unsigned long long)older);
	return add_consistency(s, older, 0, newer, true, out);
}

/* Walks a proof up from a leaf or an inner node `at` of a tree whose last one is `last`: what stands on the left belongs to both trees (*old too). */
static bool climb(const struct proof *p, uint32_t from, uint64_t at, uint64_t last,
		  struct merkle_hash *old, struct merkle_hash *now)
{
	for (uint32_t i = from; i < p->n; i++) {
		if (last == 0)
			return false;
		if (at % 2 || at == last) {
			if (old)
				merkle_node(&p->hash[i], old, old);
			merkle_node(&p->hash[i], now, now);
			while (at % 2 == 0 && at != 0) {
				at /= 2;
				last /= 2;
			}
		} else {
			merkle_node(now, &p->hash[i], now);
		}
		at /= 2;
		last /= 2;
	}
	return last == 0;
}

bool proof_included(const struct proof *p, const struct merkle_hash *leaf, uint64_t index,
		    uint64_t size, const struct merkle_hash *root)
{
	struct merkle_hash now = *leaf;
	return index < size && climb(p, 0, index, size - 1, NULL, &now) && merkle_same(&now, root);
}

bool proof_consistent(const struct proof *p, uint64_t older, const struct merkle_hash *older_root,
		      uint64_t newer, const struct merkle_hash *newer_root)
{
	if (older == 0 || older > newer)
		return false;
	if (older == newer)
		return p->n == 0 && merkle_same(older_root, newer_root);
	uint64_t at = older - 1, last = newer - 1;
	while (at % 2) {
		at /= 2;
		last /= 2;
	}
	/* A tree that was perfect stands in the later one as it is. */
	bool perfect = (older & (older - 1)) == 0;
	if (!perfect && p->n == 0)
		return false;
	struct merkle_hash old = perfect ? *older_root : p->hash[0], now = old;
	return climb(p, perfect ? 0 : 1, at, last, &old, &now) && merkle_same(&old, older_root) &&
	       merkle_same(&now, newer_root);
}
