/* Proves that posting blocks and time entries give back the sequences that went in, forwards, backwards and from the middle, and that damage is seen. */
#include "core/base/err.h"
#include "store/index.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"

static struct kv_db *db;
static struct index_batch batch;
static struct kv_batch *into;

static void open_index(void)
{
	ck_assert_msg(kv_open(folder, &db, NULL) == 0, "%s", err_text());
	ck_assert_int_eq(index_batch_init(&batch, 256), 0);
	into = kv_batch_new();
}

static void close_index(void)
{
	kv_batch_free(into);
	index_batch_free(&batch);
	kv_close(db);
}

static void flush(void)
{
	ck_assert_int_eq(index_write(&batch, into, db), 0);
	ck_assert_int_eq(kv_write(db, into, false), 0);
	kv_batch_clear(into);
}

/* Pair p has the sequences that p divides; written in batches of uneven size. */
static void write_all(uint64_t last, int64_t step_ns)
{
	struct rng rng;
	rng_seed(&rng, 3);
	uint64_t room = 0;
	for (uint64_t seq = 1; seq <= last; seq++) {
		if (room-- == 0) {
			flush();
			room = rng_below(&rng, 200);
		}
		for (uint64_t p = 2; p <= 7; p += 5)
			if (seq % p == 0) {
				struct fact f =
					facts_plain(FACT_FILL, p, 0, (int64_t)seq * step_ns);
				f.seq = seq;
				index_collect(&batch, &f);
				break;
			}
	}
	flush();
}

static bool is_of(uint64_t p, uint64_t seq)
{
	return p == 2 ? seq % 2 == 0 : seq % 7 == 0 && seq % 2 != 0;
}

static void walk_from(uint64_t p, uint64_t from, uint64_t last)
{
	struct index_walk w;
	uint64_t seq;
	ck_assert_int_eq(index_walk_open(&w, db, INDEX_PAIR, p, from), 0);
	for (uint64_t want = from; want <= last; want++) {
		if (!is_of(p, want))
			continue;
		int rc = index_walk_next(&w, &seq);
		EXPECT_MSG(rc == 1 && seq == want, "from %llu: wanted %llu, got %llu (%d)",
			   (unsigned long long)from, (unsigned long long)want,
			   (unsigned long long)seq, rc);
	}
	EXPECT(index_walk_next(&w, &seq) == 0);
	index_walk_close(&w);
}

START_TEST(forwards)
{
	open_index();
	write_all(3000, 1);
	struct rng rng;
	rng_seed(&rng, 4);
	for (int i = 0; i < 100; i++)
		walk_from(i % 2 ? 2 : 7, (uint64_t)rng_range(&rng, 1, 3100), 3000);
	struct index_walk w;
	uint64_t seq;
	ck_assert_int_eq(index_walk_open(&w, db, INDEX_PAIR, 3, 1), 0);
	ck_assert_int_eq(index_walk_next(&w, &seq), 0);
	index_walk_close(&w);
	close_index();
}
END_TEST

START_TEST(backwards)
{
	open_index();
	write_all(3000, 1);
	uint64_t before = UINT64_MAX, want = 3000, seq[256];
	uint32_t n;
	for (;;) {
		ck_assert_int_eq(
			index_block_before(db, INDEX_PAIR, 2, before, seq, 256, &n, &before), 0);
		if (n == 0)
			break;
		ck_assert_uint_eq(seq[0], before);
		for (; n-- > 0; want -= 2)
			ck_assert_uint_eq(seq[n], want);
	}
	ck_assert_uint_eq(want, 0);
	/* A short buffer gets the newest. */
	ck_assert_int_eq(index_block_before(db, INDEX_PAIR, 2, UINT64_MAX, seq, 1, &n, &before), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(seq[0], 3000);
	close_index();
}
END_TEST

/* A batch that is written again after an error in other pieces must not show its receipts twice. */
START_TEST(overlapping_blocks)
{
	open_index();
	static const uint64_t pieces[][3] = { { 2, 4, 6 }, { 4, 6, 8 }, { 10, 12, 14 } };
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 3; k++) {
			struct fact f = facts_plain(FACT_FILL, 2, 0, 1);
			f.seq = pieces[i][k];
			index_collect(&batch, &f);
		}
		flush();
	}
	walk_from(2, 1, 14);
	close_index();
}
END_TEST

START_TEST(time_spans)
{
	open_index();
	write_all(3000, 10000000); /* 100 a second: sequences 100 n to 100 n + 99 in second n */
	uint64_t lo, hi;
	ck_assert_int_eq(index_time_span(db, 5000000000, 6999999999, &lo, &hi), 0);
	ck_assert_uint_eq(lo, 500);
	ck_assert_uint_eq(hi, 698);
	ck_assert_int_eq(index_time_span(db, 0, INT64_MAX, &lo, &hi), 0);
	ck_assert_uint_eq(lo, 2);
	ck_assert_uint_eq(hi, 3000);
	ck_assert_int_eq(index_time_span(db, 40000000000, INT64_MAX, &lo, &hi), 0);
	ck_assert_uint_gt(lo, hi);
	close_index();
}
END_TEST

START_TEST(damaged_block)
{
	open_index();
	uint8_t key[17] = { INDEX_PAIR };
	kv_be64(key + 1, 9);
	kv_be64(key + 9, 1);
	ck_assert_int_eq(kv_put(db, KV_INDEX, key, sizeof(key),
				"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 11, false),
			 0);
	struct index_walk w;
	uint64_t seq;
	ck_assert_int_eq(index_walk_open(&w, db, INDEX_PAIR, 9, 1), 0);
	ck_assert_int_eq(index_walk_next(&w, &seq), 1);
	ck_assert_int_eq(index_walk_next(&w, &seq), -ERR_CORRUPT);
	index_walk_close(&w);
	close_index();
}
END_TEST

FOLDER_SUITE("index", forwards, backwards, overlapping_blocks, time_spans, damaged_block)
