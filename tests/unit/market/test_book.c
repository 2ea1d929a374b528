/* Proves that a book is the sorted map that a naive one is, best first, bounded by giving up its worst. */
#include "core/base/rng.h"
#include "core/market/book.h"
#include "tests/unit/suite.h"

enum { CAP = 24, PRICES = 64 };

/* The naive one: a quantity by price, at most CAP of them, the worst given up. */
struct naive {
	int64_t qty[side_max][PRICES];
};

static int worst(const struct naive *n, int side)
{
	for (int k = 0; k < PRICES; k++) {
		int px = side == SIDE_BUY ? k : PRICES - 1 - k;
		if (n->qty[side][px])
			return px;
	}
	return -1;
}

static int count(const struct naive *n, int side)
{
	int c = 0;
	for (int px = 0; px < PRICES; px++)
		c += n->qty[side][px] != 0;
	return c;
}

static void naive_set(struct naive *n, int side, int px, int64_t qty)
{
	n->qty[side][px] = qty;
	if (count(n, side) > CAP)
		n->qty[side][worst(n, side)] = 0;
}

static void same(const struct book *b, const struct naive *n)
{
	static const struct level none;
	for (int s = 0; s < side_max; s++) {
		const struct level *l = book_best(b, (enum side)s, 0);
		EXPECT(b->best[s].px == (l ? l : &none)->px &&
		       b->best[s].qty == (l ? l : &none)->qty);
	}
	for (int s = 0; s < side_max; s++) {
		uint32_t i = 0;
		for (int k = 0; k < PRICES; k++) {
			int px = s == SIDE_BUY ? PRICES - 1 - k : k;
			if (!n->qty[s][px])
				continue;
			const struct level *l = book_best(b, (enum side)s, i++);
			EXPECT(l && l->px == px && l->qty == n->qty[s][px]);
		}
		EXPECT(book_best(b, (enum side)s, i) == NULL);
	}
}

START_TEST(test_as_a_sorted_map)
{
	struct rng r;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct book b;
		struct naive n = { 0 };
		rng_seed(&r, seed);
		ck_assert_int_eq(book_init(&b, CAP), 0);
		for (int step = 0; step < 2000; step++) {
			int side = (int)rng_below(&r, 2), px = (int)rng_below(&r, PRICES);
			int64_t qty = rng_chance(&r, 400000) ? 0 : rng_range(&r, 1, 9);
			book_set(&b, (enum side)side, px, qty);
			naive_set(&n, side, px, qty);
			same(&b, &n);
		}
		book_free(&b);
	}
}
END_TEST

START_TEST(test_load_in_any_order)
{
	struct rng r;
	rng_seed(&r, 7);
	for (int round = 0; round < 300; round++) {
		struct book b;
		struct naive n = { 0 };
		struct level level[side_max][PRICES];
		struct depth d = { 0 };
		ck_assert_int_eq(book_init(&b, CAP), 0);
		book_set(&b, SIDE_BUY, 3, 3); /* what was there goes */
		for (int s = 0; s < side_max; s++) {
			d.level[s] = level[s];
			for (int px = 0; px < PRICES; px++)
				if (rng_chance(&r, 300000)) {
					level[s][d.n[s]++] = (struct level){ px, 1 + px };
					naive_set(&n, s, px, 1 + px);
				}
			for (uint32_t i = d.n[s]; i > 1; i--) { /* shuffled */
				uint32_t k = (uint32_t)rng_below(&r, i);
				struct level x = level[s][i - 1];
				level[s][i - 1] = level[s][k];
				level[s][k] = x;
			}
		}
		book_load(&b, &d);
		same(&b, &n);
		book_free(&b);
	}
}
END_TEST

/* Changes as venues send them, best first, and in any other order, some levels twice: the last word counts. Both with room and with full sides. */
START_TEST(test_apply)
{
	struct rng r;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct book b;
		struct naive n = { 0 };
		rng_seed(&r, seed);
		ck_assert_int_eq(book_init(&b, CAP), 0);
		for (int step = 0; step < 500; step++) {
			struct level level[side_max][30];
			struct depth d = { .level = { level[0], level[1] } };
			bool sorted = rng_chance(&r, 700000);
			for (int s = 0; s < side_max; s++)
				for (int i = 0; i < 30 && rng_chance(&r, 900000); i++) {
					int px = sorted ? (s == SIDE_BUY ? PRICES - 1 - 2 * i
									 : 2 * i)
							: (int)rng_below(&r, PRICES);
					int64_t qty = rng_chance(&r, seed % 2 ? 500000 : 100000)
							      ? 0
							      : rng_range(&r, 1, 9);
					level[s][d.n[s]++] = (struct level){ px, qty };
					naive_set(&n, s, px, qty);
				}
			book_apply(&b, &d);
			same(&b, &n);
		}
		book_free(&b);
	}
}
END_TEST

START_TEST(test_walk)
{
	struct book b;
	ck_assert_int_eq(book_init(&b, CAP), 0);
	for (int k = 0; k < 5; k++) {
		book_set(&b, SIDE_BUY, 100 - k, 10);
		book_set(&b, SIDE_SELL, 101 + k, 10);
	}
	__int128 value;
	int64_t last;
	ck_assert_int_eq(book_walk(&b, SIDE_SELL, 25, 0, &value, &last), 25);
	ck_assert_int_eq((int64_t)value, 10 * 101 + 10 * 102 + 5 * 103);
	ck_assert_int_eq(last, 103);
	ck_assert_int_eq(book_walk(&b, SIDE_SELL, 25, 102, &value, &last), 20);
	ck_assert_int_eq(last, 102);
	ck_assert_int_eq(book_walk(&b, SIDE_BUY, 25, 99, &value, &last), 20);
	ck_assert_int_eq(last, 99);
	ck_assert_int_eq(book_walk(&b, SIDE_BUY, 1000, 0, &value, &last), 50);
	ck_assert_int_eq(book_walk(&b, SIDE_BUY, 5, 101, &value, &last), 0);
	ck_assert_int_eq((int64_t)value, 0);
	ck_assert(!book_crossed(&b));
	book_set(&b, SIDE_BUY, 101, 1);
	ck_assert(book_crossed(&b)); /* locked counts as crossed */
	book_clear(&b);
	ck_assert(!book_crossed(&b));
	book_free(&b);
}
END_TEST

/* Largest prices, negative ones, and products that need more than 64 bits. */
START_TEST(test_extremes)
{
	struct book b;
	__int128 value;
	int64_t last;
	ck_assert_int_eq(book_init(&b, 4), 0);
	book_set(&b, SIDE_BUY, INT64_MIN, 1);
	book_set(&b, SIDE_BUY, INT64_MAX, 1);
	book_set(&b, SIDE_SELL, INT64_MIN, 1);
	ck_assert(book_best(&b, SIDE_BUY, 1)->px == INT64_MIN && book_crossed(&b));
	book_set(&b, SIDE_SELL, INT64_MIN, 0);
	book_set(&b, SIDE_SELL, INT64_MAX, INT64_MAX);
	book_set(&b, SIDE_SELL, -5, 3);
	ck_assert_int_eq(book_best(&b, SIDE_SELL, 0)->px, -5);
	ck_assert_int_eq(book_walk(&b, SIDE_SELL, INT64_MAX, 0, &value, &last), INT64_MAX);
	ck_assert(value == (__int128)(INT64_MAX - 3) * INT64_MAX - 15);
	book_free(&b);
}
END_TEST

SUITE("book", test_as_a_sorted_map, test_apply, test_load_in_any_order, test_walk, test_extremes)
