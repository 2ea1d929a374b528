/* Proves that what is changed in a store through the database's own API, where no hash of a receipt stands against it, is found and named all the same: marks that a restart
 * goes by, keys that sort before all others, spans of time, blocks under keys that are not theirs, lists of archives that nobody made. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/inputs_parts.h"
#include "store/keep.h"
#include "store/record.h"
#include "store/store_parts.h"
#include "store/verify.h"
#include "store/writer.h"
#include "tests/kit/events.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"

enum { EVENTS = 40000, FACTS = 600 };

static uint8_t block[PACK_BLOCK_BYTES];
static char path[96];
static struct kv_db *db;

/* A block of what an engine heard, told twice, as after a kill. */
static void write_input(struct store *s)
{
	uint8_t key[INPUTS_KEY], digest[DIGEST_LEN];
	inputs_key_write(key, 1, 0);
	EXPECT(kv_put(store_db(s), KV_INPUTS, key, sizeof key, block, 500, false) == 0);
	digest_sha256(block, 500, digest);
	for (int i = 0; i < 2; i++) {
		struct fact f;
		fact_init(&f, FACT_INPUTS);
		f.num[3] = 500;
		f.num[5] = 1;
		digest_hex(digest, DIGEST_LEN, f.text);
		EXPECT(keep_append(s, &f) == 0);
	}
}

/* Two checkpoints, a recording of two venues, and receipts of all kinds of time. */
static void write_store(void *arg)
{
	static const struct pack_instrument two[] = {
		{ .name = "V.BTCUSDT", .symbol = "BTCUSDT", .px_dp = 8, .qty_dp = 8 },
		{ .name = "V.ETHUSDT", .symbol = "ETHUSDT", .px_dp = 2, .qty_dp = 3 },
	};
	static struct events maker;
	struct store_options o = { .path = path, .ring = folder, .ring_bytes = 1 << 20 };
	struct store *s;
	struct record *r;
	struct pack_event ev;
	(void)arg;
	log_set_level(LOG_ERROR);
	EXPECT_MSG(store_open(&o, &s) == 0, "%s", err_text());
	for (uint64_t i = 1; i <= FACTS; i++) {
		bool mark = i == 100 || i == 101 || i == 300 || i == 301;
		struct fact f = facts_plain(mark ? FACT_CHECKPOINT : FACT_FILL, i / 9, i,
					    1700000000000000000 + (int64_t)i * 7000000);
		f.num[0] = i % 100 == 1;
		EXPECT(keep_append(s, &f) == 0);
	}
	write_input(s);
	EXPECT(record_open(s, "a test", &r) == 0);
	EXPECT(record_venue(r, "V", two, 2) == 0 && record_venue(r, "W", two, 2) == 1);
	events_init(&maker, 5, 2, false);
	for (int k = 0; k < EVENTS; k++) {
		events_next(&maker, &ev);
		EXPECT_MSG(record_put(r, (uint16_t)(k & 1), &ev) == 0, "%s", err_text());
	}
	EXPECT_MSG(record_close(r, NULL) == 0, "%s", err_text());
	EXPECT(store_close(s) == 0);
}

/* ---- hands of somebody who can write the database */

static void put(enum kv_family f, const void *key, size_t n, const void *value, size_t len)
{
	EXPECT_MSG(kv_put(db, f, key, n, value, len, true) == 0, "%s", err_text());
}

static void erase(enum kv_family f, const void *key, size_t n)
{
	uint8_t after[64];
	struct kv_batch *b = kv_batch_new();
	memcpy(after, key, n);
	after[n] = 0;
	EXPECT(kv_batch_erase(b, db, f, key, n, after, n + 1) == 0 && kv_write(db, b, true) == 0);
	kv_batch_free(b);
}

static void put_mark(const char *key, uint64_t seq)
{
	uint8_t value[8];
	kv_be64(value, seq);
	put(KV_STATE, key, strlen(key), value, sizeof value);
}

/* Receipt 5, under another key. */
static void put_receipt(const void *key, size_t n)
{
	uint8_t from[8], bytes[512];
	size_t len;
	kv_be64(from, 5);
	EXPECT(kv_get(db, KV_RECEIPTS, from, 8, bytes, sizeof bytes, &len) == 0);
	put(KV_RECEIPTS, key, n, bytes, len);
}

static void receipt_under_zero(void)
{
	put_receipt("\0\0\0\0\0\0\0\0", 8);
}

static void receipt_under_a_short_key(void)
{
	put_receipt("\0\0", 2);
}

static void leaf_of_the_log(void)
{
	static uint8_t tile[8192];
	uint8_t key[9] = { 0 };
	size_t len;
	EXPECT(kv_get(db, KV_TILES, key, sizeof key, tile, sizeof tile, &len) == 0);
	tile[4 * 32] ^= 1;
	put(KV_TILES, key, sizeof key, tile, len);
}

static void receipt_without_a_tile(void)
{
	uint8_t key[8];
	kv_be64(key, 520);
	put_receipt(key, sizeof key);
}

static void text_of_a_configuration(void)
{
	char key[] = "k/config/0123456789012345678901234567890123456789012345678901234567890123";
	put(KV_STATE, key, strlen(key), "return {}", 9);
}

static void mark_gone(void)
{
	erase(KV_STATE, WRITER_CHECKPOINT, strlen(WRITER_CHECKPOINT));
}

static void mark_of_an_older_one(void)
{
	put_mark(WRITER_CHECKPOINT, 100);
}

static void mark_on_a_fill(void)
{
	put_mark(WRITER_CHECKPOINT, 300 + 2);
}

static void begun_elsewhere(void)
{
	put_mark(WRITER_BEGUN, 100);
}

static void recording_forgotten(void)
{
	put_mark(KEEP_RECORDING, 0);
}

static void said_to_be_away(void)
{
	uint8_t key[15] = "s/away/", last[8];
	kv_be64(key + 7, 10);
	kv_be64(last, 20);
	put(KV_STATE, key, sizeof key, last, sizeof last);
}

static void a_file_for_a_key(void)
{
	put(KV_STATE, "s/key", 5, "/dev/zero", 9);
}

static void a_span_of_no_second(void)
{
	uint8_t key[17] = "t", last[8];
	kv_be64(key + 1, 1700000001);
	kv_be64(key + 9, 3);
	kv_be64(last, 500);
	put(KV_INDEX, key, sizeof key, last, sizeof last);
}

/* The third block of the recording, with its bytes. */
static void take_block(struct keep_key *k, uint8_t *bytes, size_t *len)
{
	uint8_t key[KEEP_KEY];
	size_t n;
	struct kv_iter *it = kv_iter_new(db, KV_BLOCKS);
	kv_iter_first(it);
	kv_iter_next(it);
	memcpy(key, kv_iter_key(it, &n), sizeof key);
	EXPECT(n == sizeof key && keep_key_read(k, key, n));
	const uint8_t *p = kv_iter_value(it, len);
	memcpy(bytes, p, *len);
	kv_iter_free(it);
}

static void move_block(uint32_t venue, uint32_t recording, int64_t ns, uint64_t number, bool keep)
{
	uint8_t key[KEEP_KEY];
	struct keep_key k;
	size_t len;
	take_block(&k, block, &len);
	keep_key_write(&k, key);
	if (!keep)
		erase(KV_BLOCKS, key, sizeof key);
	k.venue += venue;
	k.recording += recording;
	k.line_ns += ns;
	k.number += number;
	keep_key_write(&k, key);
	put(KV_BLOCKS, key, sizeof key, block, len);
}

/* A block of what an engine heard. */
static void inputs_and(uint64_t number)
{
	uint8_t key[INPUTS_KEY];
	inputs_key_write(key, 1, number);
	put(KV_INPUTS, key, sizeof key, block, 500);
}

static void input_with_a_gap(void)
{
	inputs_and(9);
}

static void block_of_another_venue(void)
{
	move_block(70, 0, 0, 0, false);
}

static void block_of_another_recording(void)
{
	move_block(0, 9, 0, 0, false);
}

static void block_of_another_time(void)
{
	move_block(0, 0, 1000, 0, false);
}

static void block_of_another_number(void)
{
	move_block(0, 0, 0, 9000, false);
}

static void block_twice(void)
{
	move_block(0, 0, 0, 1, true);
}

static const struct deed {
	void (*how)(void);
	const char *told;
} deeds[] = {
	{ receipt_under_zero, "sequence 0, which is never given out" },
	{ receipt_under_a_short_key, "a key of 2 bytes stands among the receipts" },
	{ leaf_of_the_log, "the log's hash of receipt 5 was changed; the receipt is as it was" },
	{ receipt_without_a_tile, "what differs lies behind receipt 512" },
	{ text_of_a_configuration, "the text kept as configuration 012345678901" },
	{ input_with_a_gap, "block 9 stands where 1 must" },
	{ mark_gone, "(s/checkpoint) is gone; it is receipt 300" },
	{ mark_of_an_older_one, "(s/checkpoint) is on receipt 100, and it is receipt 300" },
	{ mark_on_a_fill, "(s/checkpoint) is on receipt 302, and it is receipt 300" },
	{ begun_elsewhere, "(s/checkpoint_begun) is on receipt 100, and it is receipt 300" },
	{ recording_forgotten, "the next recording would be written over them" },
	{ said_to_be_away, "receipts 10 to 20 are listed as archived" },
	{ a_file_for_a_key, "what the store names as its key (s/key): no public key there" },
	{ a_span_of_no_second, "the index of times has a span from 3 to 500" },
	{ block_of_another_venue, "it was put elsewhere" },
	{ block_of_another_recording, "(s/recording), and there are blocks of number 10" },
	{ block_of_another_time, "1000 ns from where its events are: it was moved" },
	{ block_of_another_number, "it stands behind block 9001 of it" },
	{ block_twice, "its key stands before the end of the block before it" },
};

static void meddle(void *arg)
{
	const struct deed *d = arg;
	char inside[120];
	snprintf(inside, sizeof inside, "%s/db", path);
	EXPECT(kv_open(inside, &db, NULL) == 0);
	d->how();
	kv_close(db);
}

static void expect_told(void *arg)
{
	const struct deed *d = arg;
	static struct verify_report r;
	bool told = false;
	int rc = verify_store(&(struct verify_options){ .path = path }, &r);
	for (uint64_t i = 0; i < r.n_faults && i < VERIFY_FAULTS; i++) {
		told = told || (d && strstr(r.fault[i].text, d->told));
		if (!d)
			fprintf(stderr, "%s\n", r.fault[i].text);
	}
	EXPECT_MSG(d ? rc == -ERR_CORRUPT && told : rc == 0, "%s: %d, %s", d ? d->told : "honest",
		   rc, err_text());
}

START_TEST(test_deeds)
{
	char line[300];
	snprintf(path, sizeof path, "%s/made", folder);
	apart(write_store, NULL, 0);
	apart(expect_told, NULL, 0);
	snprintf(path, sizeof path, "%s/store", folder);
	snprintf(line, sizeof line, "rm -rf %s && cp -a %s/made %s", path, folder, path);
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		ck_assert_int_eq(system(line), 0);
		apart(meddle, (void *)&deeds[i], 0);
		apart(expect_told, (void *)&deeds[i], 0);
	}
}
END_TEST

/* A file of a closed store that is shorter than it was: what is wrong is said, not that there is no ring to ask. */
START_TEST(test_file)
{
	static const struct deed cut = { NULL, "too short" };
	char line[300];
	snprintf(path, sizeof path, "%s/store", folder);
	apart(write_store, NULL, 0);
	snprintf(line, sizeof line, "truncate -s -100 $(ls %s/db/*.sst | head -n 1)", path);
	ck_assert_int_eq(system(line), 0);
	apart(expect_told, (void *)&cut, 0);
}
END_TEST

FOLDER_SUITE("tampered", test_deeds, test_file)
