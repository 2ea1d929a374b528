/* Proves that a backup beside a running host is whole, that a day goes into an archive and comes back to the byte, and that no changed byte of one is taken. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/archive.h"
#include "store/keep.h"
#include "store/reader.h"
#include "store/retention.h"
#include "store/store_parts.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define RING   (512 * 448)
#define DAY_NS 86400000000000LL
#define DAYS   4
#define A_DAY  300 /* receipts */

static char db[96], to[96], other[96];

static void names(void)
{
	log_set_level(LOG_ERROR);
	snprintf(db, sizeof db, "%s/db", folder);
	snprintf(to, sizeof to, "%s/to", folder);
	snprintf(other, sizeof other, "%s/other", folder);
}

static struct store *open_store(const char *path)
{
	struct store *s;
	int rc = store_open(&(struct store_options){ .path = path, .ring_bytes = RING }, &s);
	EXPECT_MSG(rc == 0, "%s", err_text());
	return s;
}

static void put(struct store *s, enum fact_kind k, int64_t utc_ns, int64_t num)
{
	struct fact f = facts_plain(k, 1 + (uint64_t)num % 9, (uint64_t)num, utc_ns);
	f.num[0] = num;
	if (k == FACT_NAME)
		f.num[0] = NAME_VENUE, f.num[1] = 1, fact_text(&f, "alpha");
	EXPECT(keep_append(s, &f) == 0);
}

/* A block of no market data, but told of as one. */
static void put_block(struct store *s, int64_t line_ns, int64_t utc_ns, uint64_t n)
{
	struct keep_key key = { .venue = 1, .recording = 1, .line_ns = line_ns, .number = n };
	uint8_t bytes[KEEP_KEY], body[64], digest[DIGEST_LEN];
	struct fact f = facts_plain(FACT_BLOCK, 0, 0, utc_ns);
	memset(body, (int)n, sizeof body);
	keep_key_write(&key, bytes);
	EXPECT(kv_put(store_db(s), KV_BLOCKS, bytes, sizeof bytes, body, sizeof body, false) == 0);
	digest_sha256(body, sizeof body, digest);
	f.num[3] = sizeof body;
	digest_hex(digest, DIGEST_LEN, f.text);
	EXPECT(keep_append(s, &f) == 0);
}

/* Receipts 1 to 1,200: four days of 300, most with two blocks of which the first began the day before, a checkpoint in the last. */
static void make_store(void *arg)
{
	struct store *s = open_store(db);
	(void)arg;
	for (int day = 0; day < DAYS; day++)
		for (int i = 0; i < A_DAY; i++) {
			int64_t utc = 1 + day * DAY_NS + i;
			if (i == 0 && day == 0)
				put(s, FACT_NAME, utc, 0);
			else if (i == 0 || i == 1)
				put_block(s, i ? utc : utc - 2, utc, (uint64_t)(2 * day + i));
			else if (day == DAYS - 1 && (i == 10 || i == 20))
				put(s, FACT_CHECKPOINT, utc, i == 20);
			else
				put(s, FACT_FILL, utc, day * A_DAY + i);
		}
	EXPECT(store_kv(s)->ops->put(store_kv(s), "colour", "green", 5) == 0);
	EXPECT(store_close(s) == 0);
}

static int see(void *arg, const struct fact *f)
{
	uint64_t *v = arg;
	v[0] = v[0] ? v[0] : f->seq;
	v[1]++;
	return 0;
}

static void restart_needs(uint64_t *first, uint64_t *n)
{
	uint64_t v[2] = { 0 };
	struct store *s = open_store(db);
	EXPECT(store_recover(s, see, v) == 0);
	EXPECT(store_close(s) == 0);
	*first = v[0];
	*n = v[1];
}

/* What a reader finds: how many receipts of all, and of the kind fill. */
static void count(const char *path, uint64_t *all, uint64_t *fills)
{
	struct reader *r;
	struct fact f;
	EXPECT_MSG(reader_open(path, &r) == 0, "%s", err_text());
	uint64_t *n[2] = { all, fills };
	for (int i = 0; i < 2; i++) {
		struct reader_walk *w;
		struct reader_filter q = { .kind = i ? FACT_FILL : 0 };
		int rc;
		*n[i] = 0;
		EXPECT(reader_walk_open(r, &q, &w) == 0);
		while ((rc = reader_walk_next(w, &f)) == 1)
			++*n[i];
		EXPECT_MSG(rc == 0, "%s", err_text());
		reader_walk_close(w);
	}
	EXPECT(strcmp(reader_name(r, NAME_VENUE, 1), "alpha") == 0);
	reader_close(r);
}

static void there_and_back(void *arg)
{
	struct copy_span span;
	struct copy_page page;
	struct archive_done done;
	uint64_t all, fills, first, n;
	(void)arg;
	EXPECT(copy_span_of(db, DAY_NS, 2 * DAY_NS, &span) == 0);
	EXPECT_MSG(copy_make(db, to, COPY_ARCHIVE, &span, &page) == 0, "%s", err_text());
	/* The block at midnight is of the day whose receipt tells of it. */
	EXPECT(page.first == 301 && page.last == 600 && page.receipts == 300 && page.blocks == 2);
	count(to, &all, &fills);
	EXPECT(all == 300 && fills == 298);
	/* It is no store to write into. */
	struct store *s;
	EXPECT(store_open(&(struct store_options){ .path = to }, &s) == -ERR_STATE);
	EXPECT(copy_make(db, to, COPY_ARCHIVE, &span, &page) == -ERR_EXISTS);

	EXPECT_MSG(archive_put_away(db, to, &done) == 0, "%s", err_text());
	EXPECT(done.receipts == 300 && done.blocks == 2 && done.seq == 1201);
	count(db, &all, &fills);
	EXPECT(all == 901 && fills == 3 * 298 - 2);
	restart_needs(&first, &n);
	EXPECT(first == 911 && n == 1201 - 911 + 1);
	EXPECT(archive_put_away(db, to, &done) == -ERR_STATE);

	EXPECT_MSG(archive_restore(to, db, &done) == 0, "%s", err_text());
	EXPECT(done.receipts == 300 && done.blocks == 2);
	count(db, &all, &fills);
	EXPECT(all == 1202 && fills == 4 * 298 - 2);
	/* A second time there is nothing left to do. */
	EXPECT(archive_restore(to, db, &done) == 0 && done.receipts == 0 && done.blocks == 0);
	EXPECT_MSG(archive_put_away(db, to, &done) == 0, "%s", err_text());
	/* Where there is no store, it becomes one. */
	EXPECT_MSG(archive_restore(to, other, &done) == 0, "%s", err_text());
	count(other, &all, &fills);
	EXPECT(all == 300 && fills == 298);
}

START_TEST(a_day_there_and_back)
{
	names();
	apart(make_store, NULL, 0);
	apart(there_and_back, NULL, 0);
}
END_TEST

/* What the engine heard, told of as such. */
static void put_inputs(struct store *s, uint64_t number, int64_t utc_ns)
{
	uint8_t key[16], body[64], digest[DIGEST_LEN];
	struct fact f = facts_plain(FACT_INPUTS, 0, 0, utc_ns);
	memset(body, (int)number + 100, sizeof body);
	kv_be64(key, 1);
	kv_be64(key + 8, number);
	EXPECT(kv_put(store_db(s), KV_INPUTS, key, sizeof key, body, sizeof body, false) == 0);
	digest_sha256(body, sizeof body, digest);
	f.num[3] = sizeof body;
	digest_hex(digest, DIGEST_LEN, f.text);
	EXPECT(keep_append(s, &f) == 0);
}

static bool has_inputs(const char *path, uint64_t number)
{
	uint8_t key[16], body[64];
	size_t n;
	char in[160];
	struct kv_db *kv;
	snprintf(in, sizeof in, "%s/db", path);
	EXPECT(kv_open_secondary(in, &kv) == 0);
	kv_be64(key, 1);
	kv_be64(key + 8, number);
	const int rc = kv_get(kv, KV_INPUTS, key, sizeof key, body, sizeof body, &n);
	EXPECT(rc == 0 || rc == -ERR_NOTFOUND);
	kv_close(kv);
	return rc == 0;
}

static void inputs_there_and_back(void *arg)
{
	struct copy_span span;
	struct copy_page page;
	struct archive_done done;
	struct store *s = open_store(db);
	(void)arg;
	for (int day = 0; day < 3; day++) {
		put(s, day ? FACT_FILL : FACT_NAME, 1 + day * DAY_NS, day);
		put_inputs(s, (uint64_t)day, 2 + day * DAY_NS);
	}
	put(s, FACT_CHECKPOINT, 3 + 2 * DAY_NS, 0);
	put(s, FACT_CHECKPOINT, 4 + 2 * DAY_NS, 1);
	EXPECT(store_close(s) == 0);
	EXPECT(copy_span_of(db, DAY_NS, 2 * DAY_NS, &span) == 0);
	EXPECT_MSG(copy_make(db, to, COPY_ARCHIVE, &span, &page) == 0, "%s", err_text());
	EXPECT(!has_inputs(to, 0) && has_inputs(to, 1) && !has_inputs(to, 2));
	EXPECT_MSG(archive_put_away(db, to, &done) == 0, "%s", err_text());
	EXPECT(has_inputs(db, 0) && !has_inputs(db, 1) && has_inputs(db, 2));
	EXPECT_MSG(archive_restore(to, db, &done) == 0, "%s", err_text());
	EXPECT(has_inputs(db, 0) && has_inputs(db, 1) && has_inputs(db, 2));
	EXPECT_MSG(copy_make(db, other, COPY_BACKUP, &(struct copy_span){ 0 }, &page) == 0, "%s",
		   err_text());
	EXPECT(has_inputs(other, 0) && has_inputs(other, 1) && has_inputs(other, 2));
}

START_TEST(what_was_heard_goes_with_its_day)
{
	names();
	apart(inputs_there_and_back, NULL, 0);
}
END_TEST

static void refusals(void *arg)
{
	struct copy_span span = { .seq_from = 800, .seq_to = 912 };
	struct copy_page page;
	struct archive_done done;
	(void)arg;
	EXPECT(copy_make(db, to, COPY_ARCHIVE, &span, &page) == 0);
	/* A restart needs 911. */
	EXPECT(archive_put_away(db, to, &done) == -ERR_STATE);
	EXPECT(strstr(err_text(), "912") && strstr(err_text(), "911"));
	struct store *s = open_store(other);
	EXPECT(archive_restore(to, db, &done) == 0);
	EXPECT(store_close(s) == 0);
	EXPECT(archive_restore(to, other, &done) == -ERR_STATE);
	EXPECT(archive_put_away(other, to, &done) == -ERR_STATE);
	EXPECT(copy_check(db, &page) == -ERR_NOTFOUND);
	EXPECT(copy_span_of(db, 90 * DAY_NS, 91 * DAY_NS, &span) == -ERR_NOTFOUND);
	char none[128];
	snprintf(none, sizeof none, "%s/none/to", folder);
	EXPECT(copy_make(db, none, COPY_BACKUP, &(struct copy_span){ 0 }, &page) == -ERR_IO);
	EXPECT(copy_make(none, other, COPY_BACKUP, &(struct copy_span){ 0 }, &page) ==
	       -ERR_NOTFOUND);
	/* While a host has it. */
	s = open_store(db);
	EXPECT(archive_put_away(db, to, &done) == -ERR_BUSY);
	EXPECT(store_close(s) == 0);
}

static bool there(const char *day)
{
	char path[128];
	struct copy_page page;
	snprintf(path, sizeof path, "%s/%s", to, day);
	return copy_check(path, &page) == 0 && page.receipts == A_DAY;
}

/* Days of 1970: what is older than two days goes, what a restart needs stays whatever its age, and a second time there is nothing to do. */
static void keep_two_days(void *arg)
{
	uint64_t all, fills;
	uint32_t days;
	(void)arg;
	EXPECT_MSG(retention_apply(db, to, 2, 4 * DAY_NS, &days) == 0, "%s", err_text());
	EXPECT(days == 2 && there("1970-01-01") && there("1970-01-02") && !there("1970-01-03"));
	count(db, &all, &fills);
	EXPECT(all == 602); /* and a receipt of each archive */
	EXPECT(retention_apply(db, to, 2, 4 * DAY_NS, &days) == 0 && days == 0);
	/* The fourth day holds the last checkpoint. */
	EXPECT(retention_apply(db, to, 1, 400 * DAY_NS, &days) == 0 && days == 1);
	EXPECT(there("1970-01-03"));
	count(db, &all, &fills);
	EXPECT(all == 303);
}

START_TEST(only_what_is_to_be_kept)
{
	names();
	apart(make_store, NULL, 0);
	apart(keep_two_days, NULL, 0);
}
END_TEST

START_TEST(what_is_refused)
{
	names();
	apart(make_store, NULL, 0);
	apart(refusals, NULL, 0);
}
END_TEST

/* One value of the copy, changed through the database itself, so that its own checksums hold. */
static void change_value(void *arg)
{
	struct kv_db *kv;
	char path[128];
	uint8_t key[8], value[4096];
	size_t n;
	(void)arg;
	snprintf(path, sizeof path, "%s/db", to);
	kv_be64(key, 400);
	EXPECT(kv_open(path, &kv, NULL) == 0);
	EXPECT(kv_get(kv, KV_RECEIPTS, key, 8, value, sizeof value, &n) == 0);
	value[n - 1] ^= 1;
	EXPECT(kv_put(kv, KV_RECEIPTS, key, 8, value, n, true) == 0);
	kv_close(kv);
}

static void add_value(void *arg)
{
	struct kv_db *kv;
	char path[128];
	(void)arg;
	snprintf(path, sizeof path, "%s/db", to);
	EXPECT(kv_open(path, &kv, NULL) == 0);
	EXPECT(kv_put(kv, KV_STATE, "k/colour", 8, "brown", 5, true) == 0);
	kv_close(kv);
}

static void must_be_whole(void *arg)
{
	struct copy_page page;
	(void)arg;
	EXPECT_MSG(copy_check(to, &page) == 0, "%s", err_text());
}

static void must_be_refused(void *arg)
{
	struct copy_page page;
	struct archive_done done;
	int rc = copy_check(to, &page);
	EXPECT_MSG(rc == *(int *)arg, "%d: %s", rc, err_text());
	EXPECT(archive_restore(to, db, &done) != 0);
}

static void shell(const char *command)
{
	char line[400];
	snprintf(line, sizeof line, "cd %s && %s", folder, command);
	ck_assert_msg(system(line) == 0, "%s", line);
}

static void make_backup(void *arg)
{
	struct copy_page page;
	(void)arg;
	EXPECT_MSG(copy_make(db, to, COPY_BACKUP, &(struct copy_span){ 0 }, &page) == 0, "%s",
		   err_text());
	EXPECT(page.receipts == 1200 && page.first == 1 && page.blocks == 7);
}

START_TEST(no_changed_byte_is_taken)
{
	int corrupt = -ERR_CORRUPT, missing = -ERR_NOTFOUND;
	names();
	apart(make_store, NULL, 0);
	apart(make_backup, NULL, 0);
	shell("cp -a to saved");
	apart(must_be_whole, NULL, 0);
	apart(change_value, NULL, 0);
	apart(must_be_refused, &corrupt, 0);
	shell("rm -r to && cp -a saved to");
	apart(add_value, NULL, 0);
	apart(must_be_refused, &corrupt, 0);
	shell("rm -r to && cp -a saved to && sed -i 's/receipts 1 1200 1200/receipts 1 1200 1199/' to/backup");
	apart(must_be_refused, &corrupt, 0);
	shell("rm -r to && cp -a saved to && rm to/backup");
	apart(must_be_refused, &missing, 0);
	/* A byte in the middle of each of its files, and each of them gone. */
	shell("rm -r to && cp -a saved to && for f in to/db/*.sst; do s=$(stat -c %s $f); printf '\\377' | dd of=$f bs=1 seek=$((s / 3)) conv=notrunc status=none; done");
	apart(must_be_refused, &corrupt, 0);
	shell("rm -r to && cp -a saved to && rm $(ls to/db/*.sst | head -1)");
	apart(must_be_refused, &corrupt, 0);
}
END_TEST

/* ---------------------------------------------------------------- beside a running host */

static void run_host(_Atomic uint64_t *acknowledged)
{
	struct store *s = open_store(db);
	put(s, FACT_NAME, 1, 0);
	for (int64_t n = 2;; n++) {
		put(s, FACT_FILL, n, n);
		atomic_store(acknowledged, (uint64_t)n);
		if (n > 2000 && n % 16 == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
}

static void back_up(void *arg)
{
	_Atomic uint64_t *acknowledged = arg;
	uint64_t before = *acknowledged, all, fills;
	struct copy_page page;
	EXPECT_MSG(copy_make(db, to, COPY_BACKUP, &(struct copy_span){ 0 }, &page) == 0, "%s",
		   err_text());
	EXPECT(page.first == 1 && page.receipts == page.last && page.last >= before);
	count(to, &all, &fills);
	EXPECT(all == page.receipts && fills == all - 1);
	EXPECT(copy_check(to, &page) == 0);
	/* A host goes on with it; that another key signs there is its first receipt. */
	struct store *s = open_store(to);
	EXPECT(store_last_seq(s) == page.last + 1 && store_lost(s) == 0);
	put(s, FACT_FILL, 1, 1);
	EXPECT(store_last_seq(s) == page.last + 2);
	EXPECT(store_close(s) == 0);
}

START_TEST(beside_a_running_host)
{
	names();
	_Atomic uint64_t *acknowledged =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t host = fork();
	if (host == 0)
		run_host(acknowledged);
	while (*acknowledged < 3000)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	for (int i = 0; i < 3; i++) {
		apart(back_up, acknowledged, 0);
		shell("rm -r to");
	}
	/* And of a killed one, whose last receipts are in the ring only. */
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	apart(back_up, acknowledged, 0);
	munmap(acknowledged, 4096);
	shell("rm -f $(cat db/ring)");
}
END_TEST

/* ---------------------------------------------------------------- a later version */

/* A receipt of a version to come: layout 9, kind 999, a field 77 that holds a list of maps, a ninth number. */
static const uint8_t later[] = { 0x86, 0, 9, 1,	 0xcd, 0x03, 0xe9, 2, 0xcd, 0x03,
				 0xe7, 5, 7, 77, 0x91, 0x81, 1,	   2, 30,   0x99,
				 1,    2, 3, 4,	 5,    6,    7,	   8, 9 };

static void write_as_later(void *arg)
{
	struct kv_db *kv;
	char path[128];
	uint8_t key[8];
	(void)arg;
	snprintf(path, sizeof path, "%s/db", db);
	kv_be64(key, 1001); /* over one of ours, after the checkpoint */
	EXPECT(kv_open(path, &kv, NULL) == 0);
	EXPECT(kv_put(kv, KV_RECEIPTS, key, 8, later, sizeof later, true) == 0);
	EXPECT(kv_put(kv, KV_STATE, "x/of a version to come", 22, "?", 1, true) == 0);
	kv_close(kv);
}

/* Read, walked past, started over, copied to the byte. */
static void read_as_now(void *arg)
{
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	struct copy_page page;
	struct kv_db *kv;
	char path[128];
	uint8_t key[8], value[64];
	uint64_t n = 0, first, since;
	size_t len;
	(void)arg;
	EXPECT(reader_open(db, &r) == 0);
	EXPECT(reader_get(r, 1001, &f) == 0);
	EXPECT(f.version == 9 && f.kind == 999 && f.utc_ns == 7 && f.num[7] == 8);
	EXPECT(strcmp(fact_kind_name((enum fact_kind)f.kind), "?") == 0);
	EXPECT(reader_walk_open(r, &(struct reader_filter){ 0 }, &w) == 0);
	while (reader_walk_next(w, &f) == 1)
		EXPECT(f.seq == ++n);
	EXPECT(n == 1200);
	reader_walk_close(w);
	reader_close(r);
	restart_needs(&first, &since);
	EXPECT(first == 911 && since == 1200 - 911 + 1);
	EXPECT(copy_make(db, to, COPY_BACKUP, &(struct copy_span){ 0 }, &page) == 0);
	EXPECT(page.receipts == 1200);
	snprintf(path, sizeof path, "%s/db", to);
	kv_be64(key, 1001);
	EXPECT(kv_open_secondary(path, &kv) == 0);
	EXPECT(kv_get(kv, KV_RECEIPTS, key, 8, value, sizeof value, &len) == 0);
	EXPECT(len == sizeof later && memcmp(value, later, len) == 0);
	EXPECT(kv_get(kv, KV_STATE, "x/of a version to come", 22, value, sizeof value, &len) == 0);
	kv_close(kv);
}

START_TEST(a_later_version)
{
	names();
	apart(make_store, NULL, 0);
	apart(write_as_later, NULL, 0);
	apart(read_as_now, NULL, 0);
}
END_TEST

FOLDER_SUITE("archive", a_later_version, a_day_there_and_back, what_was_heard_goes_with_its_day,
	     only_what_is_to_be_kept, what_is_refused, no_changed_byte_is_taken,
	     beside_a_running_host)
