/* Proves that a recording written without an engine is read back exactly: in order, by venue, by time, over sessions that overlap, with a clock that was set
 * back; that receipts tell of every block; and that a damaged, moved or missing block is found and named. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/blocks.h"
#include "store/keep.h"
#include "store/reader.h"
#include "store/record.h"
#include "tests/kit/events.h"
#include "tests/unit/store/folder.h"

enum { EVENTS = 60000 };

static const struct pack_instrument two[] = {
	{ .name = "V.BTCUSDT", .symbol = "BTCUSDT", .px_dp = 8, .qty_dp = 8 },
	{ .name = "V.ETHUSDT", .symbol = "ETHUSDT", .px_dp = 2, .qty_dp = 3 },
};
static struct events maker, again;

static struct store *open_store(void)
{
	struct store *s;
	struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	log_set_level(LOG_ERROR);
	EXPECT_MSG(store_open(&o, &s) == 0, "%s", err_text());
	return s;
}

/* A session of one venue and events of its own seed. */
static void record(const char *venue, uint64_t seed, bool wild, uint64_t n,
		   struct record_totals *out)
{
	struct store *s = open_store();
	struct record *r;
	struct pack_event ev;
	EXPECT(record_open(s, "a test", &r) == 0);
	EXPECT(record_venue(r, venue, two, 2) == 0);
	events_init(&maker, seed, 2, wild);
	for (uint64_t k = 0; k < n; k++) {
		events_next(&maker, &ev);
		EXPECT_MSG(record_put(r, 0, &ev) == 0, "%s", err_text());
	}
	EXPECT_MSG(record_close(r, out) == 0, "%s", err_text());
	EXPECT(store_close(s) == 0);
}

static struct blocks *open_blocks(const struct blocks_filter *f)
{
	struct blocks *b;
	EXPECT_MSG(blocks_open(folder, f, &b) == 0, "%s", err_text());
	return b;
}

/* Of one venue: what the second maker says again, in that order. */
static void expect_same(struct blocks *b, uint64_t seed, bool wild, uint64_t n)
{
	struct blocks_event e;
	struct pack_event want;
	int64_t line = INT64_MIN;
	events_init(&again, seed, 2, wild);
	for (uint64_t k = 0; k < n; k++) {
		EXPECT_MSG(blocks_next(b, &e) == 1, "event %d: %s", (int)k, err_text());
		events_next(&again, &want);
		EXPECT(e.line_ns >= line && e.line_ns >= e.ev.at_ns);
		line = e.line_ns;
		if (e.ev.instrument != UINT32_MAX) {
			const struct blocks_instrument *i = blocks_instrument(b, e.ev.instrument);
			EXPECT(i && i->venue == e.venue);
			e.ev.instrument = strcmp(i->i.symbol, "BTCUSDT") != 0;
			EXPECT(memcmp(&i->i, &two[e.ev.instrument], sizeof i->i) == 0);
		}
		EXPECT_MSG(events_same(&want, &e.ev), "event %d is another", (int)k);
	}
	EXPECT(blocks_next(b, &e) == 0);
}

START_TEST(test_round_trip)
{
	struct record_totals t;
	int64_t first, last;
	record("V", 1, false, EVENTS, &t);
	EXPECT(t.events == EVENTS && t.blocks > 4 && t.bytes > t.blocks * 1000);
	struct blocks *b = open_blocks(NULL);
	EXPECT(strcmp(blocks_venue(b, 0), "V") == 0 && !blocks_venue(b, 1));
	EXPECT(blocks_span(b, &first, &last) && first == t.first_ns && last == t.last_ns);
	expect_same(b, 1, false, EVENTS);
	EXPECT(blocks_rewind(b) == 0);
	expect_same(b, 1, false, EVENTS);
	blocks_close(b);
}
END_TEST

START_TEST(test_worst)
{
	record("V", 2, true, EVENTS / 4, NULL);
	struct blocks *b = open_blocks(NULL);
	expect_same(b, 2, true, EVENTS / 4);
	blocks_close(b);
}
END_TEST

static struct pack_event quote_at(int64_t at_ns, int64_t seq)
{
	return (struct pack_event){ .kind = PACK_QUOTE,
				    .at_ns = at_ns,
				    .quote = { .seq = seq, .qty = { 1, 1 }, .recv_ns = at_ns } };
}

/* Sessions that overlap in time, and one after them: one line by time, ties in the order of their recording. */
START_TEST(test_merge)
{
	struct store *s = open_store();
	struct record *r;
	struct pack_event ev;
	for (int session = 0; session < 3; session++) {
		EXPECT(record_open(s, NULL, &r) == 0);
		EXPECT(record_venue(r, "A", two, 1) == 0 && record_venue(r, "B", two, 1) == 1);
		for (int k = 0; k < 500; k++) {
			int64_t at = (session == 2 ? 5000 : 0) + 2 * k;
			ev = quote_at(at, session * 2);
			EXPECT(record_put(r, 0, &ev) == 0);
			ev = quote_at(at + 1, session * 2 + 1);
			EXPECT(record_put(r, 1, &ev) == 0);
		}
		EXPECT(record_close(r, NULL) == 0);
	}
	struct blocks *b;
	struct blocks_event e;
	EXPECT(blocks_open_in(s, NULL, &b) == 0);
	for (int k = 0; k < 3000; k++) {
		EXPECT(blocks_next(b, &e) == 1);
		int at = k < 2000 ? k / 2 : 5000 + k - 2000;
		EXPECT_MSG(e.line_ns == at, "event %d at %d", k, (int)e.line_ns);
		EXPECT(e.venue == at % 2 && e.ev.quote.seq % 2 == at % 2);
		EXPECT(k >= 2000 || e.ev.quote.seq / 2 == k % 2);
	}
	EXPECT(blocks_next(b, &e) == 0);
	blocks_close(b);
	EXPECT(store_close(s) == 0);
}
END_TEST

static uint64_t count(const struct blocks_filter *f, int64_t from, int64_t to)
{
	struct blocks *b = open_blocks(f);
	struct blocks_event e;
	uint64_t n = 0;
	for (; blocks_next(b, &e) == 1; n++)
		EXPECT(e.line_ns >= from && e.line_ns <= to);
	blocks_close(b);
	return n;
}

/* Every stretch has as many events as the recording has between its ends. */
START_TEST(test_ranges)
{
	static int64_t line[EVENTS];
	struct blocks_event e;
	struct rng rng;
	record("V", 3, false, EVENTS, NULL);
	struct blocks *b = open_blocks(NULL);
	for (int k = 0; k < EVENTS; k++) {
		EXPECT(blocks_next(b, &e) == 1);
		line[k] = e.line_ns;
	}
	blocks_close(b);
	rng_seed(&rng, 7);
	for (int tries = 0; tries < 20; tries++) {
		int from = (int)rng_below(&rng, EVENTS), to = (int)rng_below(&rng, EVENTS);
		struct blocks_filter f = { .from_ns = line[from], .to_ns = line[to] };
		uint64_t want = 0;
		for (int k = 0; k < EVENTS; k++)
			want += line[k] >= f.from_ns && line[k] <= f.to_ns;
		EXPECT(count(&f, f.from_ns, f.to_ns) == want);
	}
	EXPECT(count(&(struct blocks_filter){ .to_ns = line[0] - 1 }, 0, 0) == 0);
	EXPECT(count(&(struct blocks_filter){ .from_ns = line[EVENTS - 1] + 1 }, 0, 0) == 0);
}
END_TEST

/* The recorder's clock is set back by an hour: the order stays, and the line waits for it. */
START_TEST(test_clock_set_back)
{
	enum { HOUR = 3600000, N = 40000 };
	struct store *s = open_store();
	struct record *r;
	struct record_totals t;
	struct pack_event ev;
	EXPECT(record_open(s, NULL, &r) == 0 && record_venue(r, "V", two, 1) == 0);
	for (int k = 0; k < N; k++) {
		ev = quote_at(10LL * HOUR + (k < N / 2 ? k : k - HOUR), k * 1000003LL);
		EXPECT(record_put(r, 0, &ev) == 0);
	}
	EXPECT(record_close(r, &t) == 0 && t.blocks > 1);
	EXPECT(t.first_ns == 9LL * HOUR + N / 2 && t.last_ns == 10LL * HOUR + N / 2 - 1);
	EXPECT(store_close(s) == 0);
	struct blocks *b = open_blocks(NULL);
	struct blocks_event e;
	for (int k = 0; k < N; k++) {
		EXPECT(blocks_next(b, &e) == 1);
		EXPECT(e.ev.quote.seq == k * 1000003LL);
		EXPECT(e.line_ns == 10LL * HOUR + (k < N / 2 ? k : N / 2 - 1));
	}
	blocks_close(b);
}
END_TEST

/* Instruments that are met on the way, and what a recording refuses. */
START_TEST(test_growing)
{
	struct store *s = open_store();
	struct record *r;
	struct pack_event ev = quote_at(5, 1);
	EXPECT(record_open(s, NULL, &r) == 0);
	EXPECT(record_venue(r, "", two, 1) == -ERR_RANGE);
	EXPECT(record_venue(r, "a name of more than thirty-one bytes", two, 1) == -ERR_RANGE);
	EXPECT(record_venue(r, "V", NULL, 0) == 0);
	EXPECT(record_venue(r, "V", two, 1) == -ERR_EXISTS);
	EXPECT(record_put(r, 0, &ev) == -ERR_RANGE);
	for (uint32_t k = 0; k < 2; k++) {
		EXPECT(record_instrument(r, 0, &two[k]) == (int)k);
		ev.instrument = k;
		EXPECT(record_put(r, 0, &ev) == 0);
	}
	struct pack_instrument bad = two[0];
	bad.px_dp = PACK_DP_MOST + 1;
	EXPECT(record_instrument(r, 0, &bad) == -ERR_RANGE);
	struct record_totals t;
	record_totals_of(r, 0, &t);
	EXPECT(t.events == 2 && t.first_ns == 5 && t.last_ns == 5);
	EXPECT(record_close(r, &t) == 0 && t.events == 2 && t.blocks == 2);
	EXPECT(store_close(s) == 0);
	EXPECT(count(NULL, 5, 5) == 2);
	struct blocks *b;
	EXPECT(blocks_open(folder, &(struct blocks_filter){ .venue = "W" }, &b) == -ERR_NOTFOUND);
	EXPECT(strstr(err_text(), "there is: V"));
}
END_TEST

START_TEST(test_nothing_there)
{
	struct blocks *b;
	EXPECT(blocks_open(folder, NULL, &b) == -ERR_NOTFOUND);
	EXPECT(store_close(open_store()) == 0);
	EXPECT(blocks_open(folder, NULL, &b) == -ERR_NOTFOUND);
	EXPECT(strstr(err_text(), "no market data"));
}
END_TEST

/* ---------------------------------------------------------------- receipts */

START_TEST(test_receipts)
{
	struct record_totals t;
	struct reader *rd;
	struct reader_walk *w;
	struct fact f;
	record("V", 4, false, EVENTS, &t);
	EXPECT(reader_open(folder, &rd) == 0);
	EXPECT(reader_walk_open(rd, &(struct reader_filter){ .kind = FACT_BLOCK }, &w) == 0);
	uint64_t blocks = 0, events = 0, bytes = 0;
	while (reader_walk_next(w, &f) == 1) {
		blocks++;
		events += (uint64_t)f.num[2];
		bytes += (uint64_t)f.num[3];
		EXPECT(f.num[0] <= f.num[1] && f.num[4] >= 0 && strlen(f.text) == 64);
		EXPECT(strcmp(reader_name(rd, NAME_VENUE, f.venue), "V") == 0);
	}
	reader_walk_close(w);
	EXPECT(reader_get(rd, 1, &f) == 0 && f.kind == FACT_SESSION_OPEN);
	EXPECT(strcmp(f.text, "a test") == 0);
	EXPECT(reader_get(rd, reader_last(rd), &f) == 0 && f.kind == FACT_SESSION_CLOSE);
	EXPECT(f.num[0] == (int64_t)reader_last(rd) && f.num[6] == 1);
	reader_close(rd);
	EXPECT(blocks == t.blocks && events == t.events && bytes == t.bytes);
	struct blocks_verified v;
	EXPECT_MSG(blocks_verify(folder, &v) == 0, "%s", err_text());
	EXPECT(v.blocks == blocks && v.events == events && v.bytes == bytes);
	EXPECT(v.no_receipt == 0 && v.no_block == 0);
}
END_TEST

/* Another value under the key of the second block, or none where it is NULL. */
static void meddle(const void *value, size_t n, bool truncate)
{
	static uint8_t bytes[PACK_BLOCK_BYTES];
	char path[96];
	struct kv_db *db;
	snprintf(path, sizeof path, "%s/db", folder);
	EXPECT(kv_open(path, &db, NULL) == 0);
	struct kv_iter *it = kv_iter_new(db, KV_BLOCKS);
	uint8_t key[KEEP_KEY];
	size_t len;
	kv_iter_first(it);
	kv_iter_next(it);
	memcpy(key, kv_iter_key(it, &len), sizeof key);
	const uint8_t *p = kv_iter_value(it, &len);
	memcpy(bytes, p, len);
	kv_iter_free(it);
	bytes[len / 2] ^= 4;
	if (!value) {
		value = bytes;
		n = truncate ? len / 3 : len;
	}
	EXPECT(kv_put(db, KV_BLOCKS, key, sizeof key, value, n, true) == 0);
	kv_close(db);
}

static int read_all(void)
{
	struct blocks *b;
	struct blocks_event e;
	int rc = blocks_open(folder, NULL, &b);
	if (rc)
		return rc;
	while ((rc = blocks_next(b, &e)) == 1)
		;
	blocks_close(b);
	return rc;
}

START_TEST(test_damage_is_named)
{
	struct blocks_verified v;
	record("V", 5, false, EVENTS, NULL);
	meddle(NULL, 0, false);
	EXPECT(read_all() == -ERR_CORRUPT);
	EXPECT_MSG(strstr(err_text(), "block 1 of recording 1 of the venue"), "%s", err_text());
	EXPECT(blocks_verify(folder, &v) == -ERR_CORRUPT);
	EXPECT_MSG(strstr(err_text(), "block 1 of recording 1"), "%s", err_text());
}
END_TEST

/* A whole block, rightly sealed, but not the one that was recorded: only its receipt knows. */
START_TEST(test_forgery)
{
	static uint8_t block[PACK_BLOCK_BYTES], memory[4096] __attribute__((aligned(64)));
	struct pack_writer w;
	struct blocks_verified v;
	record("V", 6, false, EVENTS, NULL);
	pack_begin(&w, memory, block, sizeof block, "V", two, 2, 0);
	struct pack_event ev = quote_at(1, 1);
	EXPECT(pack_put(&w, &ev) == 0);
	meddle(block, pack_end(&w), false);
	EXPECT(read_all() == 0);
	EXPECT(blocks_verify(folder, &v) == -ERR_CORRUPT);
	EXPECT(v.no_receipt == 1 && v.no_block == 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_round_trip,	    test_worst,		 test_merge,
				       test_ranges,	    test_growing,	 test_nothing_there,
				       test_receipts,	    test_clock_set_back, test_forgery,
				       test_damage_is_named };
	return folder_suite_run("record", tests, sizeof tests / sizeof *tests);
}
