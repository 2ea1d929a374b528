/* Proves the pool of orders against a naive set, the walk over open ones while they end, and that an execution counts once. */
#include "core/base/rng.h"
#include "core/trade/blotter.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

enum { CAP = 32, IDS = 4096 };

static void same_open(struct blotter *b, const bool *open)
{
	bool seen[IDS] = { false };
	uint32_t i = 0, n = 0, want = 0;
	for (const struct order *o; (o = blotter_each_open(b, &i)); n++) {
		EXPECT(!seen[o->id] && open[o->id]);
		seen[o->id] = true;
	}
	for (int k = 0; k < IDS; k++)
		want += open[k];
	EXPECT(n == want && b->n_open == n);
}

START_TEST(test_as_a_set)
{
	struct rng r;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct blotter b;
		bool there[IDS] = { false }, open[IDS] = { false };
		uint64_t next = 1;
		rng_seed(&r, seed);
		ck_assert_int_eq(blotter_init(&b, CAP), 0);
		for (int step = 0; step < 2000; step++) {
			uint64_t id = rng_below(&r, next) + 1;
			struct order *o = blotter_find(&b, id);
			EXPECT((o != NULL) == there[id]);
			EXPECT(!o || o->id == id);
			uint64_t what = rng_below(&r, 3);
			if (what == 0 && next < IDS - 1) {
				o = blotter_new(&b, next);
				EXPECT((o == NULL) == (blotter_room(&b) == 0 && !o));
				there[next] = open[next] = o != NULL;
				next += o != NULL;
			} else if (what == 1 && o) {
				blotter_close(&b, o); /* twice does no harm */
				open[id] = false;
			} else if (o) {
				blotter_drop(&b, o);
				there[id] = open[id] = false;
			}
			same_open(&b, open);
		}
		blotter_free(&b);
	}
}
END_TEST

/* The one just given may end while walking: every other is still given once. */
START_TEST(test_close_while_walking)
{
	struct rng r;
	rng_seed(&r, 9);
	for (int round = 0; round < 500; round++) {
		struct blotter b;
		bool left[IDS] = { false };
		uint32_t n = 1 + (uint32_t)rng_below(&r, CAP), i = 0, given = 0;
		ck_assert_int_eq(blotter_init(&b, CAP), 0);
		for (uint64_t id = 1; id <= n; id++)
			left[id] = blotter_new(&b, id) != NULL;
		bool seen[CAP + 1] = { false };
		for (struct order *o; (o = blotter_each_open(&b, &i)); given++) {
			EXPECT(!seen[o->id]);
			seen[o->id] = true;
			if (rng_chance(&r, 500000)) {
				left[o->id] = false;
				blotter_close(&b, o);
			}
		}
		EXPECT(given == n);
		same_open(&b, left);
		blotter_free(&b);
	}
}
END_TEST

START_TEST(test_orders_of_a_pair)
{
	struct blotter b;
	uint32_t first = 0, at, n = 0;
	ck_assert_int_eq(blotter_init(&b, 4), 0);
	for (uint64_t id = 1; id <= 3; id++) {
		struct order *o = blotter_new(&b, id);
		o->next_of_pair = first;
		first = 1 + (uint32_t)(o - b.slot);
	}
	at = first;
	for (struct order *o; (o = blotter_each_of(&b, &at)); n++)
		ck_assert_uint_eq(o->id, 3 - n);
	ck_assert_uint_eq(n, 3);
	blotter_drop_pair(&b, first);
	ck_assert_uint_eq(blotter_room(&b), 4);
	ck_assert_uint_eq(b.n_open, 0);
	ck_assert_ptr_null(blotter_find(&b, 2));
	blotter_free(&b);
}
END_TEST

/* F10: account, instrument, venue order, side and execution id together, and nothing less, are a fill's identity. */
START_TEST(test_identity)
{
	struct blotter b;
	ck_assert_int_eq(blotter_init(&b, 4), 0);
	ck_assert(blotter_first_sight(&b, 1, 2, "V1", SIDE_BUY, "E1"));
	ck_assert(!blotter_first_sight(&b, 1, 2, "V1", SIDE_BUY, "E1"));
	ck_assert(blotter_first_sight(&b, 2, 2, "V1", SIDE_BUY, "E1"));
	ck_assert(blotter_first_sight(&b, 1, 3, "V1", SIDE_BUY, "E1"));
	ck_assert(blotter_first_sight(&b, 1, 2, "V2", SIDE_BUY, "E1"));
	ck_assert(blotter_first_sight(&b, 1, 2, "V1", SIDE_SELL,
				      "E1")); /* a self-trade bears one id on both sides */
	ck_assert(blotter_first_sight(&b, 1, 2, "V1", SIDE_BUY, "E2"));
	ck_assert(blotter_first_sight(&b, 1, 2, "V1", SIDE_BUY | BLOTTER_BUST, "E1"));
	ck_assert(!blotter_first_sight(&b, 1, 2, "V1", SIDE_BUY | BLOTTER_BUST, "E1"));
	blotter_free(&b);
}
END_TEST

/* The latest 65,536 executions are remembered at least, and forgetting the older ones never forgets those. */
START_TEST(test_generations)
{
	struct blotter b;
	char exec[VENUE_ID_TEXT];
	ck_assert_int_eq(blotter_init(&b, 4), 0);
	for (int i = 0; i < 200000; i++) {
		snprintf(exec, sizeof exec, "%d", i);
		EXPECT(blotter_first_sight(&b, 1, 1, "V", SIDE_BUY, exec));
		if (i % 1000 == 999)
			for (int k = 0; k < 65536 && k <= i; k += 4095) {
				snprintf(exec, sizeof exec, "%d", i - k);
				EXPECT(!blotter_first_sight(&b, 1, 1, "V", SIDE_BUY, exec));
			}
	}
	blotter_free(&b);
}
END_TEST

SUITE("blotter", test_as_a_set, test_close_while_walking, test_orders_of_a_pair, test_identity,
      test_generations)
