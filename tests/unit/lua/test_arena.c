/* Proves that an arena keeps what is put into it, keeps its books, reuses what is freed, and says when it is too much. */
#include "core/base/rng.h"
#include "lua/arena.h"
#include "tests/unit/lua/script.h"

static int overs;

static void over(void *owner)
{
	ck_assert_ptr_eq(owner, &overs);
	overs++;
}

/* Against the simplest model: a list of blocks with the byte each is filled with. */
START_TEST(blocks_keep_their_bytes_through_any_sequence)
{
	enum { n = 300, rounds = 60000 };
	static struct {
		uint8_t *p;
		size_t len;
	} block[n];
	struct arena a;
	struct rng r;
	size_t total = 0;
	rng_seed(&r, 7);
	ck_assert_int_eq(arena_init(&a, 64u << 20, over, &overs), 0);
	/* Check's own assertions are too slow for every byte. */
	int wrong = 0;
	for (int i = 0; i < rounds; i++) {
		size_t b = rng_below(&r, n), want = rng_below(&r, 1u << rng_below(&r, 15));
		for (size_t k = 0; k < block[b].len; k += 1 + k / 8)
			wrong += block[b].p[k] != (b & 0xff);
		uint8_t *p = arena_realloc(&a, block[b].p, block[b].len, want);
		wrong += (p != NULL) != (want != 0) || ((uintptr_t)p & 15);
		for (size_t k = 0; k < want && k < block[b].len; k++)
			wrong += p[k] != (b & 0xff);
		total = total - block[b].len + want;
		block[b].p = p;
		block[b].len = want;
		if (want)
			memset(p, (int)(b & 0xff), want);
		wrong += a.used != total || a.peak < a.used;
	}
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_eq(overs, 0);
	/* Freed blocks were used again: far less than all that was ever asked for. */
	ck_assert(a.top < 40u << 20);
	arena_free(&a);
}
END_TEST

START_TEST(limits_are_told_and_kept)
{
	struct arena a;
	overs = 0;
	ck_assert_int_eq(arena_init(&a, 1u << 20, over, &overs), 0);
	void *one = arena_realloc(&a, NULL, 0, 1u << 20);
	ck_assert(one && overs == 0);
	void *two = arena_realloc(&a, NULL, 0, 16); /* served, and told */
	ck_assert(two && overs == 1);
	/* A large block has a place of its own, is told, and keeps its bytes when it changes its size. */
	uint8_t *big = arena_realloc(&a, NULL, 0, ARENA_BLOCK_MAX + 1);
	ck_assert(big && overs == 2);
	memset(big, 7, ARENA_BLOCK_MAX + 1);
	big = arena_realloc(&a, big, ARENA_BLOCK_MAX + 1, 3 * ARENA_BLOCK_MAX);
	ck_assert(big && overs == 3 && big[ARENA_BLOCK_MAX] == 7);
	big = arena_realloc(&a, big, 3 * ARENA_BLOCK_MAX, 100);
	ck_assert(big && overs == 3 && big[99] == 7);
	/* Where the region ends, mapping goes on, up to the hard limit. */
	ck_assert(!arena_realloc(&a, NULL, 0, a.hard - a.used + 1) && overs == 4);
	while (arena_realloc(&a, NULL, 0, 64u << 20))
		;
	ck_assert(a.used <= a.hard && a.hard - a.used < 64u << 20);
	int told = overs;
	ck_assert(arena_realloc(&a, one, 1u << 20, 100) !=
		  NULL); /* what shrinks is served at any time */
	ck_assert_int_eq(overs, told);
	ck_assert(!arena_realloc(&a, two, 16, 0));
	arena_free(&a);
}
END_TEST

SUITE("arena", blocks_keep_their_bytes_through_any_sequence, limits_are_told_and_kept)
