/* Proves that a map answers as a plain array of pairs does, through collisions, deletions and its
 * limit. */
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <string.h>

enum { model_cap = 64, key_max = 100 };

/* The model: one place for each of the few keys in play. */
struct model {
	bool has[key_max];
	uint32_t value[key_max];
	uint32_t used;
};

/* Keys small, large, and differing in the high bits only. */
static uint64_t key_of(uint64_t k)
{
	switch (k % 3) {
	case 0:
		return k + 1;
	case 1:
		return (k + 1) << 48;
	default:
		return ~k;
	}
}

static void compare(const struct map *m, const struct model *model)
{
	EXPECT(m->used == model->used);
	for (uint64_t k = 0; k < key_max; k++) {
		uint32_t value = 0;
		EXPECT(map_get(m, key_of(k), &value) == model->has[k]);
		EXPECT(!model->has[k] || value == model->value[k]);
	}
}

START_TEST(it_answers_as_an_array_does)
{
	struct rng r;
	rng_seed(&r, 1);
	struct map m;
	ck_assert_int_eq(map_init(&m, model_cap), 0);
	struct model model = { 0 };
	unsigned full = 0;
	for (int i = 0; i < 60000; i++) {
		uint64_t k = rng_below(&r, key_max);
		/* Phases that fill and phases that drain. */
		if (rng_chance(&r, i / 500 % 2 ? 300000 : 700000)) {
			uint32_t value = (uint32_t)rng_next(&r);
			bool fits = model.has[k] || model.used < model_cap;
			EXPECT(map_put(&m, key_of(k), value) == (fits ? 0 : -ERR_FULL));
			full += !fits;
			if (fits) {
				model.used += !model.has[k];
				model.has[k] = true;
				model.value[k] = value;
			}
		} else {
			EXPECT(map_del(&m, key_of(k)) == model.has[k]);
			model.used -= model.has[k];
			model.has[k] = false;
		}
		if (i % 7 == 0)
			compare(&m, &model);
		if (i % 20011 == 20010) {
			map_clear(&m);
			model = (struct model){ 0 };
			compare(&m, &model);
		}
	}
	ck_assert_uint_gt(full, 100);
	map_free(&m);
}
END_TEST

START_TEST(deleting_keeps_every_chain_whole)
{
	/* Few slots and every order of deletion: chains wrap round the end of the table. */
	struct rng r;
	rng_seed(&r, 2);
	for (int round = 0; round < 5000; round++) {
		struct map m;
		EXPECT(map_init(&m, 8) == 0);
		uint64_t key[8];
		for (uint32_t i = 0; i < 8; i++) {
			key[i] = rng_next(&r) | 1;
			EXPECT(map_put(&m, key[i], i) == 0);
		}
		for (uint32_t gone = 0; gone < 8; gone++) {
			EXPECT(map_del(&m, key[gone]));
			EXPECT(!map_del(&m, key[gone]));
			for (uint32_t i = gone + 1; i < 8; i++) {
				uint32_t value = 99;
				EXPECT(map_get(&m, key[i], &value) && value == i);
			}
		}
		EXPECT(m.used == 0);
		map_free(&m);
	}
}
END_TEST

START_TEST(zero_is_no_key_and_a_size_has_a_limit)
{
	struct map m;
	uint32_t value;
	ck_assert_int_eq(map_init(&m, 0), 0);
	ck_assert_int_eq(map_put(&m, 0, 1), -ERR_ARG);
	ck_assert(!map_get(&m, 0, &value));
	ck_assert(!map_del(&m, 0));
	ck_assert_int_eq(map_put(&m, 1, 1), 0);
	ck_assert_int_eq(map_put(&m, 2, 1), -ERR_FULL);
	ck_assert_int_eq(map_put(&m, 1, 2), 0);
	map_free(&m);
	ck_assert_int_eq(map_init(&m, UINT32_MAX), -ERR_NOMEM);
	map_free(&m);
}
END_TEST

START_TEST(hashes_of_texts_differ)
{
	/* All prefixes of zeros, and each with one byte set: no two alike, none zero. */
	enum { len = 40 };
	static uint64_t seen[len * len];
	size_t n = 0;
	unsigned char text[len] = { 0 };
	for (size_t k = 0; k < len; k++)
		for (size_t at = 0; at <= k; at++) {
			if (at < k)
				text[at] = 1;
			seen[n] = map_hash_bytes(text, k);
			ck_assert_uint_ne(seen[n], 0);
			for (size_t i = 0; i < n; i++)
				EXPECT(seen[i] != seen[n]);
			n++;
			if (at < k)
				text[at] = 0;
		}
	char a[] = "xclient-17", b[] = "client-17";
	ck_assert_uint_eq(map_hash_bytes(a + 1, 9), map_hash_bytes(b, 9));
}
END_TEST

SUITE("map", it_answers_as_an_array_does, deleting_keeps_every_chain_whole,
      zero_is_no_key_and_a_size_has_a_limit, hashes_of_texts_differ)
