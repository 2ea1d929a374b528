/* proof - from tiles and leaves: the root at any size, that a receipt stands in the log (inclusion), that a later log has all of an earlier one (consistency).
 *
 * Made by whoever holds the log, checked by anybody with a few hashes (RFC 6962, 2.1.1 and 2.1.2). A tile that is not there is made again from below; the leaves of
 * tiles that are there are not asked for, so receipts may be archived. One thread a source. */
#pragma once
#include "store/merkle.h"

/* Where hashes come from. Answers 0, -ERR_NOTFOUND, or another error that ends the work. */
struct proof_source {
	void *arg;
	int (*leaf)(void *arg, uint64_t index, struct merkle_hash *out);
	int (*tile)(void *arg, unsigned level, uint64_t n, struct merkle_hash out[MERKLE_TILE]);
	/* The tile of each level that was read last, for those who ask again. */
	struct {
		bool have;
		uint64_t n;
		struct merkle_hash hash[MERKLE_TILE];
	} last[MERKLE_LEVELS];
};

/* The root of the leaves from lo on, before hi; lo a multiple of the least power of two that is not less than hi - lo. */
int proof_root(struct proof_source *s, uint64_t lo, uint64_t hi, struct merkle_hash *out);
/* The hash over the 2^height leaves from index * 2^height on. */
int proof_subtree(struct proof_source *s, unsigned height, uint64_t index, struct merkle_hash *out);
/* What stands at the right edge of a tree of so many leaves. */
int proof_edge(struct proof_source *s, uint64_t size, struct merkle *out);

struct proof {
	uint32_t n;
	struct merkle_hash hash[MERKLE_PROOF];
};
/* index < size. */
int proof_inclusion(struct proof_source *s, uint64_t index, uint64_t size, struct proof *out);
/* 0 < older <= newer. */
int proof_consistency(struct proof_source *s, uint64_t older, uint64_t newer, struct proof *out);

/* What a holder of a root checks. */
bool proof_included(const struct proof *p, const struct merkle_hash *leaf, uint64_t index,
		    uint64_t size, const struct merkle_hash *root);
bool proof_consistent(const struct proof *p, uint64_t older, const struct merkle_hash *older_root,
		      uint64_t newer, const struct merkle_hash *newer_root);
