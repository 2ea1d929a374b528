/* Proves the tree against RFC 6962's own examples and a plain recursion; tiles, edges, and every proof of small trees; that no altered proof passes. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "store/proof.h"
#include "tests/unit/suite.h"
#include <string.h>

#define LEAVES 70000

static struct merkle_hash leaf[LEAVES];

static void make_leaves(void)
{
	for (uint32_t i = 0; i < LEAVES; i++)
		merkle_leaf(&i, sizeof i, &leaf[i]);
}

/* RFC 6962, 2.1, word for word. */
static void mth(uint64_t lo, uint64_t hi, struct merkle_hash *out)
{
	if (lo == hi) {
		digest_sha256("", 0, out->b);
		return;
	}
	if (hi - lo == 1) {
		*out = leaf[lo];
		return;
	}
	uint64_t k = 1;
	struct merkle_hash a, b;
	while (k * 2 < hi - lo)
		k *= 2;
	mth(lo, lo + k, &a);
	mth(lo + k, hi, &b);
	merkle_node(&a, &b, out);
}

static int source_leaf(void *arg, uint64_t index, struct merkle_hash *out)
{
	ck_assert_uint_lt(index, *(uint64_t *)arg);
	*out = leaf[index];
	return 0;
}

static int no_tile(void *arg, unsigned level, uint64_t n, struct merkle_hash out[MERKLE_TILE])
{
	(void)arg, (void)level, (void)n, (void)out;
	return -ERR_NOTFOUND;
}

/* Tiles of leaves, and nothing above. */
static int low_tile(void *arg, unsigned level, uint64_t n, struct merkle_hash out[MERKLE_TILE])
{
	if (level > 0 || (n + 1) * MERKLE_TILE > *(uint64_t *)arg)
		return -ERR_NOTFOUND;
	memcpy(out, &leaf[n * MERKLE_TILE], MERKLE_TILE * sizeof *out);
	return 0;
}

START_TEST(examples_of_the_rfc)
{
	static const struct {
		size_t n;
		const char *bytes;
	} in[] = { { 0, "" },
		   { 1, "\x00" },
		   { 1, "\x10" },
		   { 2, "\x20\x21" },
		   { 2, "\x30\x31" },
		   { 4, "\x40\x41\x42\x43" },
		   { 8, "\x50\x51\x52\x53\x54\x55\x56\x57" },
		   { 16, "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f" } };
	static const char *const root[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	static struct merkle m;
	for (size_t i = 0; i <= 8; i++) {
		struct merkle_hash h;
		char hex[2 * MERKLE_HASH + 1];
		merkle_root(&m, &h);
		digest_hex(h.b, MERKLE_HASH, hex);
		ck_assert_str_eq(hex, root[i]);
		if (i == 8)
			break;
		merkle_leaf(in[i].bytes, in[i].n, &h);
		ck_assert_int_eq(merkle_append(&m, &h, NULL, NULL), 0);
	}
}
END_TEST

struct seen {
	unsigned n[MERKLE_LEVELS];
};

static int on_tile(void *arg, unsigned level, uint64_t n,
		   const struct merkle_hash tile[MERKLE_TILE])
{
	struct seen *s = arg;
	const uint64_t span = (uint64_t)1 << (8 * level);
	struct merkle_hash h;
	EXPECT(n == s->n[level]++);
	for (unsigned i = 0; i < MERKLE_TILE; i += level ? 1 : 51) {
		mth((n * MERKLE_TILE + i) * span, (n * MERKLE_TILE + i + 1) * span, &h);
		EXPECT(merkle_same(&h, &tile[i]));
	}
	return 0;
}

START_TEST(grows_as_the_rfc_says)
{
	static struct merkle m, copy, edge;
	static struct proof_source src;
	struct seen seen = { 0 };
	struct merkle_hash a, b;
	uint64_t size = 0;
	make_leaves();
	for (uint32_t i = 0; i < LEAVES; i++) {
		bool look = i < 300 || i % 997 == 0 || (i & (i - 1)) == 0 || i > LEAVES - 3;
		if (look) {
			size = i;
			merkle_root(&m, &a);
			mth(0, i, &b);
			EXPECT_MSG(merkle_same(&a, &b), "root of %u leaves", i);
			memset(&src, 0, sizeof src);
			src = (struct proof_source){ .arg = &size,
						     .leaf = source_leaf,
						     .tile = low_tile };
			EXPECT(proof_edge(&src, i, &edge) == 0);
			merkle_root(&edge, &b);
			EXPECT_MSG(merkle_same(&a, &b), "edge of %u leaves", i);
			merkle_copy(&copy, &m);
			merkle_root(&copy, &b);
			EXPECT(merkle_same(&a, &b));
		}
		EXPECT(merkle_append(&m, &leaf[i], on_tile, &seen) == 0);
	}
	ck_assert_uint_eq(seen.n[0], LEAVES / 256);
	ck_assert_uint_eq(seen.n[1], LEAVES / 65536);
	ck_assert_uint_eq(seen.n[2], 0);
}
END_TEST

/* Anything that differs in one bit, or in one hash more or less, is refused. */
static void refuse_others(struct rng *r, const struct proof *p, uint64_t index, uint64_t size,
			  const struct merkle_hash *root)
{
	struct proof bad = *p;
	struct merkle_hash h = leaf[index];
	if (p->n) {
		bad.hash[rng_below(r, p->n)].b[rng_below(r, 32)] ^=
			(uint8_t)(1u << rng_below(r, 8));
		EXPECT(!proof_included(&bad, &leaf[index], index, size, root));
		bad = *p;
		bad.n--;
		EXPECT(!proof_included(&bad, &leaf[index], index, size, root));
	}
	bad = *p;
	bad.hash[bad.n++] = leaf[0];
	EXPECT(!proof_included(&bad, &leaf[index], index, size, root));
	h.b[rng_below(r, 32)] ^= 1;
	EXPECT(!proof_included(p, &h, index, size, root));
	EXPECT(!proof_included(p, &leaf[index], size, size, root));
	if (size > 1)
		EXPECT(!proof_included(p, &leaf[index], (index + 1) % size, size, root));
}

START_TEST(proofs_of_inclusion)
{
	static struct proof_source src;
	struct rng r;
	struct proof p;
	struct merkle_hash root;
	rng_seed(&r, 1);
	make_leaves();
	for (uint64_t size = 1; size < 1200; size += size < 70 ? 1 : 113) {
		memset(&src, 0, sizeof src);
		src = (struct proof_source){ .arg = &size, .leaf = source_leaf, .tile = no_tile };
		mth(0, size, &root);
		for (uint64_t i = 0; i < size; i += size < 70 ? 1 : 37) {
			EXPECT(proof_inclusion(&src, i, size, &p) == 0);
			EXPECT(proof_included(&p, &leaf[i], i, size, &root));
			refuse_others(&r, &p, i, size, &root);
		}
		EXPECT(proof_inclusion(&src, size, size, &p) == -ERR_RANGE);
	}
}
END_TEST

START_TEST(proofs_of_consistency)
{
	static struct proof_source src;
	struct rng r;
	struct proof p;
	struct merkle_hash older, newer;
	rng_seed(&r, 2);
	make_leaves();
	for (uint64_t n = 1; n < 1300; n += n < 66 ? 1 : 131) {
		memset(&src, 0, sizeof src);
		src = (struct proof_source){ .arg = &n, .leaf = source_leaf, .tile = low_tile };
		mth(0, n, &newer);
		for (uint64_t m = 1; m <= n; m += n < 66 ? 1 : 29) {
			mth(0, m, &older);
			EXPECT(proof_consistency(&src, m, n, &p) == 0);
			EXPECT(proof_consistent(&p, m, &older, n, &newer));
			if (m == n)
				continue;
			struct proof bad = p;
			bad.hash[rng_below(&r, bad.n)].b[rng_below(&r, 32)] ^= 4;
			EXPECT(!proof_consistent(&bad, m, &older, n, &newer));
			bad = p;
			bad.n--;
			EXPECT(!proof_consistent(&bad, m, &older, n, &newer));
			bad = p;
			bad.hash[bad.n++] = older;
			EXPECT(!proof_consistent(&bad, m, &older, n, &newer));
			EXPECT(!proof_consistent(&p, m, &newer, n, &newer));
			EXPECT(!proof_consistent(&p, m, &older, n, &older));
		}
		EXPECT(proof_consistency(&src, 0, n, &p) == -ERR_RANGE);
		EXPECT(proof_consistency(&src, n + 1, n, &p) == -ERR_RANGE);
	}
}
END_TEST

SUITE("merkle", examples_of_the_rfc, grows_as_the_rfc_says, proofs_of_inclusion,
      proofs_of_consistency)
