/* Proves that what the writer seals is the tree over the receipts as they lie there: over batches that were refused, reopened stores, stores without tiles and lost
 * sequences; that a changed store is not signed; and that checkpoints get out, to a file and to a command, and that a bad place holds nobody. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/courier.h"
#include "store/index.h"
#include "store/note.h"
#include "store/proof.h"
#include "store/seal.h"
#include "store/store.h"
#include "store/verify.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <sys/stat.h>
#include <time.h>

static char key[128], out[128];

static struct kv_db *open_db(void)
{
	struct kv_db *db;
	char path[128];
	log_set_level(LOG_ERROR);
	snprintf(path, sizeof path, "%s/db", folder);
	snprintf(key, sizeof key, "%s/key", folder);
	snprintf(out, sizeof out, "%s/checkpoint", folder);
	ck_assert_msg(kv_open(path, &db, NULL) == 0, "%s", err_text());
	if (access(key, F_OK))
		ck_assert_int_eq(note_key_make(key, "desk"), 0);
	return db;
}

static int open_seal(struct kv_db *db, struct seal **s)
{
	struct seal_options o = { .key = key, .to = NULL, .origin = "tandem/test" };
	return seal_open(&o, db, s);
}

static size_t bytes_of(uint64_t seq, char text[64])
{
	return (size_t)snprintf(text, 64, "receipt %llu", (unsigned long long)seq);
}

/* Receipts of [from, to) but those that `lost` divides. */
static void add(struct seal *s, struct kv_db *db, struct kv_batch *b, uint64_t from, uint64_t to,
		uint64_t lost)
{
	kv_batch_clear(b);
	EXPECT(seal_begin(s, b) == 0);
	for (uint64_t i = from; i < to; i++) {
		uint8_t k[8];
		char text[64];
		size_t n = bytes_of(i, text);
		kv_be64(k, i);
		if (lost && i % lost == 0)
			continue;
		EXPECT(kv_batch_put(b, db, KV_RECEIPTS, k, 8, text, n) == 0);
		EXPECT(seal_add(s, i, text, n) == 0);
	}
}

static void take(struct seal *s, struct kv_db *db, struct kv_batch *b)
{
	EXPECT(seal_end(s, 0, true) >= 0);
	EXPECT(kv_write(db, b, false) == 0);
	seal_taken(s);
}

static void plain_root(uint64_t size, uint64_t lost, struct merkle_hash *root)
{
	static struct merkle m;
	struct merkle_hash leaf;
	m.size = 0;
	for (uint64_t i = 1; i <= size; i++) {
		char text[64];
		size_t n = bytes_of(i, text);
		merkle_leaf(text, lost && i % lost == 0 ? 0 : n, &leaf);
		merkle_append(&m, &leaf, NULL, NULL);
	}
	merkle_root(&m, root);
}

static void expect_signed(struct kv_db *db, uint64_t size, uint64_t lost)
{
	char note[NOTE_MAX];
	size_t n;
	struct note_key *k;
	struct note_checkpoint c;
	struct merkle_hash root;
	ck_assert_int_eq(note_key_open(key, &k), 0);
	ck_assert_int_eq(kv_get(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, sizeof note, &n),
			 0);
	ck_assert_int_eq(note_open(k, note, n, &c), 0);
	plain_root(size, lost, &root);
	ck_assert_uint_eq(c.size, size);
	ck_assert(merkle_same(&c.root, &root));
	note_key_free(k);
}

START_TEST(over_batches_and_reopenings)
{
	struct kv_db *db = open_db();
	struct kv_batch *b = kv_batch_new();
	struct seal *s;
	uint64_t at = 1;
	for (int life = 0; life < 4; life++) {
		ck_assert_msg(open_seal(db, &s) == 0, "%s", err_text());
		for (int k = 0; k < 5; k++, at += 233) {
			/* Refused once, then taken: as if it had not been. */
			add(s, db, b, at, at + 301, 7);
			add(s, db, b, at, at + 233, 7);
			take(s, db, b);
			/* One that is lost at the end is known to be so by the next. */
			expect_signed(db, at + 232 - ((at + 232) % 7 == 0), 7);
		}
		if (life == 1)
			ck_assert_int_eq(seal_reload(s), 0);
		/* A write that failed, and had been done: it comes once more, with what is new. */
		add(s, db, b, at - 233, at + 100, 7);
		take(s, db, b);
		at += 100;
		expect_signed(db, at - 1 - ((at - 1) % 7 == 0), 7);
		seal_free(s);
	}
	kv_batch_free(b);
	kv_close(db);
}
END_TEST

/* A store of the time before there was a log: its receipts get their tiles when it is opened. */
START_TEST(a_store_without_tiles)
{
	struct kv_db *db = open_db();
	struct kv_batch *b = kv_batch_new();
	struct seal *s;
	for (uint64_t i = 1; i <= 9000; i++) {
		uint8_t k[8];
		char text[64];
		kv_be64(k, i);
		if (i % 11)
			EXPECT(kv_batch_put(b, db, KV_RECEIPTS, k, 8, text, bytes_of(i, text)) ==
			       0);
	}
	ck_assert_int_eq(kv_write(db, b, false), 0);
	ck_assert_msg(open_seal(db, &s) == 0, "%s", err_text());
	add(s, db, b, 9001, 9100, 0);
	take(s, db, b);
	seal_free(s);
	/* The tiles are there, so the leaves are not asked for. */
	static struct merkle_hash tile[MERKLE_TILE];
	uint8_t k[SEAL_TILE_KEY];
	size_t n;
	seal_tile_key(k, 0, 34);
	ck_assert_int_eq(kv_get(db, KV_TILES, k, sizeof k, tile, sizeof tile, &n), 0);
	ck_assert_uint_eq(n, sizeof tile);
	ck_assert_int_eq(open_seal(db, &s), 0);
	ck_assert_uint_eq(seal_signed(s), 9099);
	seal_free(s);
	kv_batch_free(b);
	kv_close(db);
}
END_TEST

START_TEST(nothing_changed_is_signed)
{
	struct kv_db *db = open_db();
	struct kv_batch *b = kv_batch_new();
	struct seal *s;
	uint8_t k[SEAL_TILE_KEY], tile[MERKLE_TILE * MERKLE_HASH];
	size_t n;
	ck_assert_int_eq(open_seal(db, &s), 0);
	add(s, db, b, 1, 700, 0);
	take(s, db, b);
	seal_free(s);
	seal_tile_key(k, 0, 1);
	ck_assert_int_eq(kv_get(db, KV_TILES, k, sizeof k, tile, sizeof tile, &n), 0);
	tile[77] ^= 1;
	ck_assert_int_eq(kv_put(db, KV_TILES, k, sizeof k, tile, sizeof tile, false), 0);
	ck_assert_int_eq(open_seal(db, &s), -ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err_text(), "tandem verify"));
	tile[77] ^= 1;
	ck_assert_int_eq(kv_put(db, KV_TILES, k, sizeof k, tile, sizeof tile, false), 0);
	/* A receipt of the part that has no tile yet. */
	uint8_t r[8];
	kv_be64(r, 699);
	ck_assert_int_eq(kv_put(db, KV_RECEIPTS, r, 8, "another", 7, false), 0);
	ck_assert_int_eq(open_seal(db, &s), -ERR_CORRUPT);
	/* And a checkpoint that claims to be this key's. */
	ck_assert_int_eq(kv_put(db, KV_RECEIPTS, r, 8, "receipt 699", 11, false), 0);
	ck_assert_int_eq(open_seal(db, &s), 0);
	seal_free(s);
	char note[NOTE_MAX];
	ck_assert_int_eq(kv_get(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, sizeof note, &n),
			 0);
	*strstr(note, "699") = '5';
	ck_assert_int_eq(kv_put(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, n, false), 0);
	ck_assert_int_eq(open_seal(db, &s), -ERR_AUTH);
	kv_batch_free(b);
	kv_close(db);
}
END_TEST

/* ---- through the store */

static struct store *open_store(const char *to)
{
	static char path[128];
	struct store *s;
	snprintf(path, sizeof path, "%s/store", folder);
	snprintf(out, sizeof out, "%s/checkpoint", folder);
	struct store_options o = {
		.path = path, .ring = folder, .ring_bytes = 1 << 20, .checkpoint_to = to
	};
	log_set_level(LOG_ERROR);
	ck_assert_msg(store_open(&o, &s) == 0, "%s", err_text());
	return s;
}

static void append(struct store *s, unsigned n)
{
	struct journal *j = store_journal(s);
	for (unsigned i = 0; i < n; i++) {
		struct fact f = facts_plain(FACT_FILL, i, i, i);
		EXPECT(j->ops->append(j, &f) > 0);
	}
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* Waits until the file outside speaks of so many. */
static void expect_outside(const char *file, uint64_t size)
{
	struct note_checkpoint c = { .size = 0 };
	for (int i = 0; i < 1000 && c.size != size; i++) {
		if (note_open_file(NULL, file, &c))
			c.size = 0;
		pause_ms(5);
	}
	ck_assert_uint_eq(c.size, size);
}

START_TEST(out_to_a_file)
{
	snprintf(out, sizeof out, "%s/checkpoint", folder);
	struct store *s = open_store(out);
	/* While it is silent, too: nobody has to close for it. */
	append(s, 10);
	expect_outside(out, 10);
	append(s, 5);
	expect_outside(out, 15);
	append(s, 1);
	ck_assert_int_eq(store_close(s), 0);
	expect_outside(out, 16);
}
END_TEST

START_TEST(out_to_a_command)
{
	char to[512], file[128];
	snprintf(file, sizeof file, "%s/copied", folder);
	snprintf(to, sizeof to, "|cat >%s.part && mv %s.part %s", file, file, file);
	struct store *s = open_store(to);
	append(s, 3);
	expect_outside(file, 3);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

START_TEST(a_place_that_fails_holds_nobody)
{
	struct store *s = open_store("/no/such/folder/checkpoint");
	append(s, 100);
	while (store_drained(s) < 100)
		pause_ms(1);
	ck_assert_int_eq(store_close(s), 0);
	struct courier *c;
	ck_assert_int_eq(courier_open("|exit 3", &c), 0);
	courier_send(c, "x", 1);
	for (int i = 0; i < 1000 && courier_failed(c) == 0; i++)
		pause_ms(5);
	ck_assert_uint_eq(courier_failed(c), 1);
	ck_assert_uint_eq(courier_sent(c), 0);
	courier_close(c);
	/* Told once when it begins, once when it is over. */
	char to[128], why[160] = "";
	snprintf(to, sizeof to, "%s/later/checkpoint", folder);
	ck_assert_int_eq(courier_open(to, &c), 0);
	ck_assert_int_eq(courier_news(c, why, sizeof why), 0);
	for (uint64_t n = 1; n <= 2; n++) {
		courier_send(c, "x", 1);
		for (int i = 0; i < 1000 && courier_failed(c) < n; i++)
			pause_ms(5);
		ck_assert_int_eq(courier_news(c, why, sizeof why), n == 1 ? COURIER_FAILS : 0);
		ck_assert_ptr_nonnull(strstr(why, "later/checkpoint"));
	}
	*strrchr(to, '/') = 0;
	ck_assert_int_eq(mkdir(to, 0700), 0);
	courier_send(c, "x", 1);
	for (int i = 0; i < 1000 && courier_sent(c) == 0; i++)
		pause_ms(5);
	ck_assert_int_eq(courier_news(c, why, sizeof why), COURIER_AGAIN);
	ck_assert_int_eq(courier_news(c, why, sizeof why), 0);
	courier_close(c);
}
END_TEST

static struct store *open_with_key(const char *own)
{
	char path[160];
	struct store *s;
	snprintf(path, sizeof path, "%s/store", folder);
	struct store_options o = {
		.path = path, .ring = folder, .ring_bytes = 1 << 20, .key = own
	};
	ck_assert_msg(store_open(&o, &s) == 0, "%s", err_text());
	return s;
}

static uint64_t tells_of_a_key;

static int count_keys(void *arg, const struct fact *f)
{
	tells_of_a_key += f->kind == FACT_KEY;
	if (f->kind == FACT_KEY)
		snprintf(arg, FACT_TEXT, "%s", f->text);
	return 0;
}

/* A receipt says so, under the first checkpoint of the new one; whoever comes without a key uses the host's. */
START_TEST(another_key_is_told)
{
	char own[128], path[160], told[FACT_TEXT];
	struct note_key *k;
	struct store *s = open_store(NULL);
	append(s, 5);
	ck_assert_int_eq(store_close(s), 0);
	snprintf(own, sizeof own, "%s/desk.key", folder);
	ck_assert_int_eq(note_key_make(own, "desk"), 0);
	s = open_with_key(own);
	ck_assert_uint_eq(store_last_seq(s), 6);
	append(s, 1);
	ck_assert_int_eq(store_close(s), 0);
	for (int i = 0; i < 2; i++) {
		s = open_with_key(i ? NULL : own);
		append(s, 1);
		ck_assert_int_eq(store_close(s), 0);
	}
	s = open_with_key(own);
	ck_assert_int_eq(store_recover(s, count_keys, told), 0);
	ck_assert_int_eq(store_close(s), 0);
	ck_assert_uint_eq(tells_of_a_key, 1);
	ck_assert_int_eq(note_key_open(own, &k), 0);
	ck_assert_str_eq(told, note_key_text(k));
	note_key_free(k);
	static struct verify_report r;
	char pub[160];
	snprintf(pub, sizeof pub, "%s.pub", own);
	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_msg(verify_store(&(struct verify_options){ .path = path, .key = pub }, &r) == 0,
		      "%s", err_text());
	ck_assert_uint_eq(r.receipts, 9);
}
END_TEST

/* What is lost with the power is gone, said, and its sequences are not given out again. */
START_TEST(receipts_behind_the_checkpoint_are_missed)
{
	struct store *s = open_store(NULL);
	append(s, 50);
	ck_assert_int_eq(store_close(s), 0);
	struct kv_db *db;
	char path[160];
	snprintf(path, sizeof path, "%s/store/db", folder);
	ck_assert_int_eq(kv_open(path, &db, NULL), 0);
	/* A checkpoint of more: signed by the store's own key. */
	struct note_key *k;
	struct note_checkpoint c;
	char note[NOTE_MAX];
	size_t n;
	snprintf(path, sizeof path, "%s/store/receipts.key", folder);
	ck_assert_int_eq(note_key_open(path, &k), 0);
	ck_assert_int_eq(kv_get(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, sizeof note, &n),
			 0);
	ck_assert_int_eq(note_open(k, note, n, &c), 0);
	c.size = 60;
	int len = note_sign(k, &c, note);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(
		kv_put(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, (size_t)len, true), 0);
	kv_close(db);
	note_key_free(k);
	s = open_store(NULL);
	ck_assert_uint_eq(store_lost(s), 10);
	ck_assert_uint_eq(store_last_seq(s), 60);
	append(s, 1);
	ck_assert_uint_eq(store_last_seq(s), 61);
	ck_assert_int_eq(store_close(s), 0);
	static struct verify_report r;
	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_msg(verify_store(&(struct verify_options){ .path = path }, &r) == 0, "%s",
		      err_text());
	ck_assert_uint_eq(r.receipts, 51);
	ck_assert_uint_eq(r.lost, 10);
}
END_TEST

FOLDER_SUITE("seal", over_batches_and_reopenings, a_store_without_tiles, nothing_changed_is_signed,
	     out_to_a_file, out_to_a_command, a_place_that_fails_holds_nobody, another_key_is_told,
	     receipts_behind_the_checkpoint_are_missed)
