/* Proves the limits of blocks: what a writer refuses and leaves untouched, that an empty block takes every event, and that a reader says what is wrong. */
#include "core/base/err.h"
#include "core/market/pack_parts.h"
#include "tests/unit/suite.h"
#include <stdio.h>

enum { MANY = 3000 };

static struct pack_instrument list[MANY];
static uint8_t block[PACK_BLOCK_BYTES];
static struct pack_writer w;
static struct pack_reader r;

static void *memory(size_t n)
{
	return aligned_alloc(64, (n + 63) / 64 * 64);
}

static void begin(void *m, uint16_t n)
{
	for (unsigned i = 0; i < MANY; i++)
		snprintf(list[i].name, sizeof list[i].name, "%047u", i);
	pack_begin(&w, m, block, sizeof block, "V", list, n, 5);
}

START_TEST(test_names)
{
	ck_assert_str_eq(pack_kind_name(PACK_QUOTE), "quote");
	ck_assert_str_eq(pack_kind_name(PACK_HOLE), "hole");
	ck_assert_str_eq(pack_kind_name(pack_kind_max), "?");
}
END_TEST

START_TEST(test_refusals)
{
	static struct level many[PACK_LEVELS + 1];
	void *m = memory(pack_writer_memory(2));
	begin(m, 2);
	struct pack_writer before = w;
	struct pack_event ev = { .kind = pack_kind_max };
	ck_assert_int_eq(pack_put(&w, &ev), -ERR_RANGE);
	ev = (struct pack_event){ .kind = PACK_QUOTE, .instrument = 2 };
	ck_assert_int_eq(pack_put(&w, &ev), -ERR_RANGE);
	ev = (struct pack_event){ .kind = PACK_SNAPSHOT,
				  .depth = { .level = { many, many },
					     .n = { 0, PACK_LEVELS + 1 } } };
	ck_assert_int_eq(pack_put(&w, &ev), -ERR_RANGE);
	ck_assert_mem_eq(&before, &w, sizeof w);
	ck_assert_uint_eq(pack_end(&w), 0);
	free(m);
}
END_TEST

/* The largest event, every number of it at its longest, the longest names. */
START_TEST(test_largest)
{
	static struct level many[side_max][PACK_LEVELS];
	void *m = memory(pack_writer_memory(1)), *rm = memory(pack_reader_memory());
	struct pack_event ev = { .kind = PACK_DEPTH, .at_ns = INT64_MIN }, got;
	ev.depth = (struct depth){ .first_seq = INT64_MIN,
				   .last_seq = INT64_MAX,
				   .prev_seq = INT64_MIN,
				   .venue_ns = INT64_MIN,
				   .level = { many[0], many[1] },
				   .n = { PACK_LEVELS, PACK_LEVELS } };
	for (int i = 0; i < PACK_LEVELS; i++)
		for (int s = 0; s < side_max; s++) /* steps of 2^63: ten bytes each */
			many[s][i] = (struct level){ i % 2 ? 0 : INT64_MIN, INT64_MIN };
	memset(list[0].symbol, 'S', sizeof list[0].symbol - 1);
	begin(m, 1);
	ck_assert_int_eq(pack_put(&w, &ev), 0);
	ck_assert_int_eq(pack_put(&w, &ev), -ERR_FULL);
	size_t n = pack_end(&w);
	ck_assert_uint_gt(n, 240000);
	ck_assert_uint_le(n, PACK_BLOCK_BYTES);
	ck_assert_msg(pack_open(&r, rm, block, n) == 0, "%s", err_text());
	ck_assert_int_eq(pack_next(&r, &got), 1);
	ck_assert_mem_eq(got.depth.level[1], many[1], sizeof many[1]);
	ck_assert_int_eq(pack_next(&r, &got), 0);
	list[0].symbol[0] = 0;
	free(m);
	free(rm);
}
END_TEST

/* A block lists what occurs, not what there is, and ends when its list is full. */
START_TEST(test_many_instruments)
{
	void *m = memory(pack_writer_memory(MANY)), *rm = memory(pack_reader_memory());
	struct pack_event ev = { .kind = PACK_ALIVE, .instrument = MANY - 1 };
	begin(m, MANY);
	ck_assert_int_eq(pack_put(&w, &ev), 0);
	ck_assert_uint_lt(pack_end(&w), 200);
	begin(m, MANY);
	for (ev.instrument = 0; ev.instrument < PACK_INSTRUMENTS; ev.instrument++)
		ck_assert_int_eq(pack_put(&w, &ev), 0);
	ck_assert_int_eq(pack_put(&w, &ev), -ERR_FULL);
	ev.instrument = 7; /* known ones still go */
	ck_assert_int_eq(pack_put(&w, &ev), 0);
	ck_assert_msg(pack_open(&r, rm, block, pack_end(&w)) == 0, "%s", err_text());
	ck_assert_uint_eq(r.head.n_instruments, PACK_INSTRUMENTS);
	ck_assert_int_eq(r.head.utc_minus_mono_ns, 5);
	for (uint32_t k = 0; k <= PACK_INSTRUMENTS; k++) {
		ck_assert_int_eq(pack_next(&r, &ev), 1);
		ck_assert_uint_eq(ev.instrument, k < PACK_INSTRUMENTS ? k : 7);
	}
	ck_assert_int_eq(pack_next(&r, &ev), 0);
	free(m);
	free(rm);
}
END_TEST

/* What is changed, and the word that is said of it; sealed again, so that the checksum does not say it first. */
static const struct {
	size_t at;
	uint8_t value;
	bool sealed;
	const char *word;
} lies[] = {
	{ 0, 'X', true, "does not begin as one" },
	{ 16, 2, true, "version 2" },
	{ 20, 1, true, "says" },
	{ 100, 0xee, false, "checksum" },
	{ 24, 9, true, "fewer events" },
	{ 24, 1, true, "more bytes than events" },
	{ 28, 97, true, "its list" },
	{ 33, 5, true, "head makes no sense" },
	{ 64, 0, true, "head makes no sense" }, /* a name that goes on behind its end */
	{ 96, 0x0f, true, "kind that there is not" },
	{ 96, 0x80, true, "kind that there is not" },
	{ 97, 9, true, "makes no sense" }, /* an instrument beyond the list */
};

START_TEST(test_words)
{
	void *m = memory(pack_writer_memory(1)), *rm = memory(pack_reader_memory());
	static uint8_t copy[1024];
	struct pack_event ev = { .kind = PACK_QUOTE, .at_ns = 1 }, got;
	begin(m, 1);
	memcpy(w.head.venue, "VENUE", 5);
	ck_assert_int_eq(pack_put(&w, &ev), 0);
	ck_assert_int_eq(pack_put(&w, &ev), 0);
	size_t n = pack_end(&w);
	const size_t skip = offsetof(struct pack_bytes, version);
	for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
		memcpy(copy, block, n);
		copy[lies[k].at] = lies[k].value;
		uint64_t check = pack_check(copy + skip, n - skip);
		if (lies[k].sealed)
			memcpy(copy + offsetof(struct pack_bytes, check), &check, sizeof check);
		int rc = pack_open(&r, rm, copy, n);
		while (rc == 0 && (rc = pack_next(&r, &got)) == 1)
			rc = 0;
		ck_assert_msg(rc == -ERR_CORRUPT, "lie %zu passes", k);
		ck_assert_msg(strstr(err_text(), lies[k].word) != NULL, "lie %zu: %s", k,
			      err_text());
	}
	free(m);
	free(rm);
}
END_TEST

SUITE("pack", test_names, test_refusals, test_largest, test_many_instruments, test_words)
