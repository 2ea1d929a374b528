/* Proves that a ring hands over every item once, whole and in order: against a plain queue on one
 * thread, and between two. */
#include "core/base/err.h"
#include "core/base/ring.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <pthread.h>
#include <sched.h>
#include <string.h>

START_TEST(it_is_a_queue_with_a_limit)
{
	enum { cap = 8, rounds = 50000 };
	struct ring r;
	struct rng rng;
	rng_seed(&rng, 1);
	ck_assert_int_eq(ring_init(&r, 3, cap), 0);
	/* The model: numbers pushed and popped; an item is the low bytes of its number. */
	uint32_t in = 0, out = 0;
	unsigned full = 0, empty = 0;
	for (int i = 0; i < rounds; i++) {
		unsigned char item[3];
		if (rng_chance(&rng, i / 100 % 2 ? 300000 : 700000)) {
			memcpy(item, &in, 3);
			bool fits = in - out < cap;
			EXPECT(ring_push(&r, item) == fits);
			in += fits;
			full += !fits;
		} else {
			bool any = in != out;
			EXPECT(ring_pop(&r, item) == any);
			EXPECT(!any || memcmp(item, &out, 3) == 0);
			out += any;
			empty += !any;
		}
		EXPECT(ring_len(&r) == in - out);
	}
	ck_assert_uint_gt(full, 1000);
	ck_assert_uint_gt(empty, 1000);
	ring_free(&r);
}
END_TEST

/* Larger than a word, so that a torn item shows. */
struct item {
	uint64_t number, square, check;
};

enum { items = 400000 };

static void *producer(void *arg)
{
	struct ring *r = arg;
	for (uint64_t i = 0; i < items;) {
		struct item it = { .number = i, .square = i * i, .check = ~i };
		if (ring_push(r, &it))
			i++;
		else
			sched_yield();
	}
	return NULL;
}

static void between_two_threads(uint32_t cap)
{
	static struct ring r;
	ck_assert_int_eq(ring_init(&r, sizeof(struct item), cap), 0);
	pthread_t thread;
	ck_assert_int_eq(pthread_create(&thread, NULL, producer, &r), 0);
	for (uint64_t i = 0; i < items;) {
		struct item it;
		EXPECT(ring_len(&r) <= cap);
		if (!ring_pop(&r, &it)) {
			sched_yield();
			continue;
		}
		EXPECT(it.number == i && it.square == i * i && it.check == ~i);
		i++;
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(ring_len(&r), 0);
	ring_free(&r);
}

START_TEST(two_threads_lose_and_tear_nothing)
{
	between_two_threads(1);
	between_two_threads(4);
	between_two_threads(1024);
}
END_TEST

START_TEST(sizes_without_meaning_are_refused)
{
	struct ring r;
	ck_assert_int_eq(ring_init(&r, 8, 0), -ERR_ARG);
	ck_assert_int_eq(ring_init(&r, 8, 3), -ERR_ARG);
	ck_assert_int_eq(ring_init(&r, 0, 4), -ERR_ARG);
	ck_assert_int_eq(ring_init(&r, SIZE_MAX / 2, 1u << 31), -ERR_NOMEM);
	ring_free(&r);
}
END_TEST

SUITE("ring", it_is_a_queue_with_a_limit, two_threads_lose_and_tear_nothing,
      sizes_without_meaning_are_refused)
