/* Proves that a repair buffer hands changes back in the venue's order, each once, with their own levels, that it says when it is full, and that a pool lends no more than it has. */
#include "core/base/rng.h"
#include "core/market/kept.h"
#include "tests/unit/suite.h"

static struct kept *take(struct kept_pool *p)
{
	ck_assert_int_eq(kept_pool_init(p, 1), 0);
	return kept_borrow(p);
}

static bool put(struct kept *k, int64_t seq, enum kept_how how)
{
	struct level l[2] = { { seq, 1 }, { seq, 2 } };
	struct depth d = { .first_seq = seq,
			   .last_seq = seq,
			   .level = { &l[0], &l[1] },
			   .n = { 1, 1 },
			   .line = seq & 1 };
	return kept_put(k, &d, how);
}

START_TEST(test_order)
{
	struct kept_pool p;
	struct kept *k = take(&p);
	struct rng r;
	struct depth d;
	rng_seed(&r, 3);
	for (int round = 0; round < 50; round++) {
		bool in[200] = { false };
		uint32_t n = 0, at = 0;
		kept_clear(k);
		for (int i = 0; i < 300; i++) {
			int64_t seq = (int64_t)rng_below(&r, 200);
			ck_assert(put(k, seq, KEPT_BY_NUMBER));
			n += !in[seq];
			in[seq] = true;
		}
		ck_assert_uint_eq(kept_count(k), n);
		ck_assert(!kept_at(k, n, &d) && !kept_at(k, UINT32_MAX, &d));
		for (int seq = 0; seq < 200; seq++) {
			if (!in[seq])
				continue;
			at = rng_chance(&r, 500000);
			EXPECT(kept_at(k, 0, &d) && d.last_seq == seq && d.line == (seq & 1));
			EXPECT(d.n[SIDE_BUY] == 1 && d.level[SIDE_BUY]->px == seq);
			EXPECT(d.level[SIDE_SELL]->px == seq && d.level[SIDE_SELL]->qty == 2);
			kept_shift(k);
			if (at) /* what has left may come again */
				EXPECT(put(k, 1000 + seq, KEPT_BY_NUMBER));
		}
	}
	kept_pool_free(&p);
}
END_TEST

START_TEST(test_by_arrival)
{
	static const int64_t seq[] = { 50, 60, 3, 4 };
	struct kept_pool p;
	struct kept *k = take(&p);
	struct depth d;
	for (unsigned i = 0; i < 4; i++)
		ck_assert(put(k, seq[i], KEPT_BY_ARRIVAL));
	for (unsigned i = 0; i < 4; i++)
		ck_assert(kept_at(k, i, &d) && d.last_seq == seq[i]);
	kept_pool_free(&p);
}
END_TEST

START_TEST(test_full)
{
	static struct level many[KEPT_LEVELS];
	struct kept_pool p;
	struct kept *k = take(&p);
	struct depth d = { .last_seq = 5000, .level = { many, many }, .n = { KEPT_LEVELS, 0 } };
	for (int64_t i = 0; i < KEPT_CHANGES; i++)
		ck_assert(put(k, i, KEPT_BY_NUMBER));
	ck_assert(!put(k, KEPT_CHANGES, KEPT_BY_NUMBER));
	ck_assert(put(k, 7, KEPT_BY_NUMBER)); /* is there already */
	for (int i = 0; i < 10; i++)
		kept_shift(k);
	for (int64_t i = 0; i < 10; i++) /* room was won back */
		ck_assert(put(k, KEPT_CHANGES + i, KEPT_BY_NUMBER));
	ck_assert(kept_count(k) == KEPT_CHANGES && !kept_put(k, &d, KEPT_BY_NUMBER));
	kept_clear(k);
	ck_assert(kept_put(k, &d, KEPT_BY_NUMBER));
	ck_assert(!put(k, 1, KEPT_BY_NUMBER)); /* no room for its levels */
	kept_clear(k);
	d.n[SIDE_SELL] = 1;
	ck_assert(!kept_put(k, &d, KEPT_BY_NUMBER)); /* larger than all the room */
	d.n[SIDE_BUY] = d.n[SIDE_SELL] = UINT32_MAX; /* and a sum that wraps */
	ck_assert(!kept_put(k, &d, KEPT_BY_NUMBER));
	ck_assert_uint_eq(kept_count(k), 0);
	kept_pool_free(&p);
}
END_TEST

START_TEST(test_pool)
{
	struct kept_pool p;
	struct kept *k[3];
	ck_assert_int_eq(kept_pool_init(&p, 3), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(k[i] = kept_borrow(&p));
	ck_assert(k[0] != k[1] && k[1] != k[2] && k[0] != k[2]);
	ck_assert(!kept_borrow(&p) && p.refused == 1 && p.out == 3);
	put(k[1], 1, KEPT_BY_NUMBER);
	kept_return(&p, k[1]);
	ck_assert(kept_borrow(&p) == k[1] && kept_count(k[1]) == 0);
	ck_assert(!kept_borrow(&p));
	for (int i = 0; i < 3; i++)
		kept_return(&p, k[i]);
	ck_assert(p.out == 0 && p.out_max == 3);
	kept_pool_free(&p);
}
END_TEST

SUITE("kept", test_order, test_by_arrival, test_full, test_pool)
