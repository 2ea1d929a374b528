/* Proves that a store still verifies after all that may honestly happen to it: receipts that went into archives and came back, a backup, a repair, a host that writes; and
 * that what happened otherwise is found all the same. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/archive.h"
#include "store/doctor.h"
#include "store/keep.h"
#include "store/seal.h"
#include "store/store_parts.h"
#include "store/verify.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#define RING (4096 * 448)

static char db[96], to[96], outside[96];

static void names(void)
{
	log_set_level(LOG_ERROR);
	snprintf(db, sizeof db, "%s/db", folder);
	snprintf(to, sizeof to, "%s/to", folder);
	snprintf(outside, sizeof outside, "%s/outside", folder);
}

static struct store *open_store(void)
{
	struct store *s;
	struct store_options o = {
		.path = db, .ring = folder, .ring_bytes = RING, .checkpoint_to = outside
	};
	EXPECT_MSG(store_open(&o, &s) == 0, "%s", err_text());
	return s;
}

/* Receipts from the n-th on; a restart needs what stands behind `mark`. */
static void write_on(struct store *s, uint64_t n, uint64_t mark)
{
	for (uint64_t i = 1; i <= n; i++) {
		bool begin = i == mark, end = i == mark + 1;
		struct fact f = facts_plain(begin || end ? FACT_CHECKPOINT : FACT_FILL, i / 9, i,
					    1700000000000000000 + (int64_t)i * 7000000);
		f.num[0] = end;
		EXPECT(keep_append(s, &f) == 0);
	}
}

struct life {
	uint64_t n, mark;
};

static void live(void *arg)
{
	const struct life *l = arg;
	names();
	struct store *s = open_store();
	write_on(s, l->n, l->mark);
	EXPECT(store_close(s) == 0);
}

static void made(uint64_t n, uint64_t mark)
{
	names();
	apart(live, &(struct life){ n, mark }, 0);
}

static struct verify_report r;

static int look(const char *path)
{
	return verify_store(&(struct verify_options){ .path = path, .jobs = 2 }, &r);
}

static void expect_whole(void *arg)
{
	int rc = look(arg);
	for (uint64_t i = 0; i < r.n_faults && i < VERIFY_FAULTS; i++)
		fprintf(stderr, "%s\n", r.fault[i].text);
	EXPECT_MSG(rc == 0, "%s", err_text());
}

/* With what was copied outside when it was last closed. */
static void expect_signed(void *arg)
{
	struct verify_options o = { .path = arg, .checkpoint = outside };
	EXPECT_MSG(verify_store(&o, &r) == 0, "%s", err_text());
	EXPECT(r.outside.size > 0);
}

static void expect_faults(void *arg)
{
	EXPECT(look(arg) == -ERR_CORRUPT && r.n_faults > 0);
}

/* ---------------------------------------------------------------- archives */

static void put_away(void *arg)
{
	const struct copy_span *span = arg;
	struct copy_page page;
	struct archive_done done;
	char copy[120];
	snprintf(copy, sizeof copy, "%s-%d", to, (int)span->seq_from);
	EXPECT_MSG(copy_make(db, copy, COPY_ARCHIVE, span, &page) == 0, "%s", err_text());
	EXPECT_MSG(archive_put_away(db, copy, &done) == 0, "%s", err_text());
}

static void restore(void *arg)
{
	struct archive_done done;
	char copy[120];
	snprintf(copy, sizeof copy, "%s-%d", to, *(int *)arg);
	EXPECT_MSG(archive_restore(copy, db, &done) == 0, "%s", err_text());
}

static void expect_away(void *arg)
{
	uint64_t away = *(uint64_t *)arg;
	expect_whole(db);
	EXPECT_MSG(r.away == away && r.lost == 0, "%llu are away, %llu lost",
		   (unsigned long long)r.away, (unsigned long long)r.lost);
	/* Proofs do not need what is away. */
	static char text[VERIFY_PROOF];
	struct verify_options o = { .path = db };
	EXPECT_MSG(verify_inclusion(&o, 10, text, sizeof text) == 0, "%s", err_text());
	EXPECT_MSG(verify_consistency(&o, 35, text, sizeof text) == 0, "%s", err_text());
}

static void away(uint64_t n)
{
	apart(expect_away, &n, 0);
}

/* Changes a family through the database's own API. */
struct change {
	enum kv_family f;
	uint64_t key;
	bool erase;
};

static void change(void *arg)
{
	const struct change *c = arg;
	struct kv_db *kv;
	struct kv_batch *b = kv_batch_new();
	char path[128];
	uint8_t value[8192 + 1], key[SEAL_TILE_KEY], after[SEAL_TILE_KEY];
	size_t n, k = c->f == KV_TILES ? SEAL_TILE_KEY : 8;
	snprintf(path, sizeof path, "%s/db", db);
	EXPECT(kv_open(path, &kv, NULL) == 0);
	if (c->f == KV_TILES)
		seal_tile_key(key, 0, c->key), seal_tile_key(after, 0, c->key + 1);
	else
		kv_be64(key, c->key), kv_be64(after, c->key + 1);
	EXPECT(kv_get(kv, c->f, key, k, value, sizeof value, &n) == 0 && n <= sizeof value);
	value[n - 1] ^= 1;
	if (c->erase)
		EXPECT(kv_batch_erase(b, kv, c->f, key, k, after, k) == 0);
	else
		EXPECT(kv_batch_put(b, kv, c->f, key, k, value, n) == 0);
	EXPECT(kv_write(kv, b, true) == 0);
	kv_batch_free(b);
	kv_close(kv);
}

static void shell(const char *what)
{
	char line[600];
	snprintf(line, sizeof line, "cd %s && %s", folder, what);
	ck_assert_msg(system(line) == 0, "%s", line);
}

static void caught(enum kv_family f, uint64_t key, bool erase)
{
	shell("rm -rf saved && cp -a db saved");
	apart(change, &(struct change){ f, key, erase }, 0);
	apart(expect_faults, db, 0);
	shell("rm -r db && mv saved db");
}

/* Arg: the folder, below the test's. */
static void export(void *arg)
{
	char path[120];
	struct verify_options o = { .path = db };
	snprintf(path, sizeof path, "%s/%s", folder, (const char *)arg);
	EXPECT_MSG(verify_export(&o, path) == 0, "%s", err_text());
}

START_TEST(away_and_back)
{
	made(1500, 1400);
	apart(export, "before", 0);
	apart(put_away, &(struct copy_span){ 1, 700 }, 0);
	away(700);
	/* The same log as files, but for entries that are not here. */
	apart(export, "after", 0);
	shell("cmp before/tile/0/004 after/tile/0/004 && cmp before/tile/0/000 after/tile/0/000 && "
	      "! cmp -s before/tile/entries/000 after/tile/entries/000 && "
	      "[ \"$(cat after/away)\" = '1 700' ] && [ ! -e before/away ]");
	/* Another's eyes, where there is a Python. */
	if (system("command -v python3 openssl >/dev/null") == 0)
		shell("for log in before after; do python3 " TANDEM_SOURCE_DIR
		      "/tests/e2e/second_verifier.py log $log || exit 1; done");
	apart(expect_signed, db, 0);
	apart(put_away, &(struct copy_span){ 701, 1399 }, 0);
	away(1399);
	apart(expect_signed, db, 0);
	caught(KV_RECEIPTS, 1450, true);
	caught(KV_RECEIPTS, 1450, false);
	caught(KV_TILES, 1, false);
	caught(KV_TILES, 1, true);
	apart(restore, &(int){ 1 }, 0);
	away(699);
	apart(restore, &(int){ 701 }, 0);
	away(0);
	apart(expect_signed, db, 0);
	/* What came back is not excused any more. */
	caught(KV_RECEIPTS, 200, true);
	caught(KV_RECEIPTS, 800, true);
	made(600, 100);
	away(0);
}
END_TEST

/* Fewer than make a tile: as much of it as went away stays. */
START_TEST(away_before_there_is_a_tile)
{
	made(90, 80);
	apart(put_away, &(struct copy_span){ 31, 60 }, 0);
	away(30);
	apart(put_away, &(struct copy_span){ 1, 30 }, 0);
	away(60);
	apart(expect_signed, db, 0);
	caught(KV_TILES, 0, false);
	caught(KV_TILES, 0, true);
	caught(KV_RECEIPTS, 61, true);
	made(10, 5);
	away(60);
	apart(restore, &(int){ 31 }, 0);
	away(30);
	/* The tile is whole then. */
	made(300, 200);
	away(30);
	apart(restore, &(int){ 1 }, 0);
	away(0);
	apart(expect_signed, db, 0);
}
END_TEST

/* ---------------------------------------------------------------- copies */

static void back_up(void *arg)
{
	struct copy_page page;
	(void)arg;
	EXPECT_MSG(copy_make(db, to, COPY_BACKUP, &(struct copy_span){ 0 }, &page) == 0, "%s",
		   err_text());
}

START_TEST(a_backup)
{
	made(1500, 1400);
	apart(back_up, NULL, 0);
	apart(expect_whole, to, 0);
	apart(expect_signed, to, 0);
	apart(put_away, &(struct copy_span){ 1, 700 }, 0);
	shell("rm -r to");
	apart(back_up, NULL, 0);
	apart(expect_whole, to, 0);
	apart(expect_signed, to, 0);
}
END_TEST

START_TEST(an_archive)
{
	made(1500, 1400);
	apart(put_away, &(struct copy_span){ 1, 700 }, 0);
	apart(put_away, &(struct copy_span){ 701, 1300 }, 0);
	char copy[120];
	snprintf(copy, sizeof copy, "%s-1", to);
	apart(expect_whole, copy, 0);
	apart(expect_signed, copy, 0);
	snprintf(copy, sizeof copy, "%s-701", to);
	apart(expect_whole, copy, 0);
	apart(expect_signed, copy, 0);
	shell("rm -r db && mv to-701 db");
	caught(KV_RECEIPTS, 701, false);
	caught(KV_RECEIPTS, 1000, true);
	caught(KV_RECEIPTS, 1290, true);
	caught(KV_TILES, 0, false);
	caught(KV_TILES, 5, false);
}
END_TEST

/* ---------------------------------------------------------------- a host that writes */

static void run_host(_Atomic uint64_t *told)
{
	struct store *s = open_store();
	for (uint64_t n = 1;; n++) {
		struct fact f = facts_plain(FACT_FILL, n / 9, n, (int64_t)n * 7000000);
		EXPECT(keep_append(s, &f) == 0);
		atomic_store(told, n);
		if (n % 16 == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
}

static void look_at_running(void *arg)
{
	uint64_t before = *(_Atomic uint64_t *)arg;
	expect_signed(db);
	EXPECT(!r.closed && r.last + r.in_ring >= before);
}

START_TEST(beside_a_running_host)
{
	names();
	_Atomic uint64_t *told =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t host = fork();
	if (host == 0)
		run_host(told);
	while (access(outside, F_OK) != 0 || *told < 1000)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	for (int i = 0; i < 4; i++) {
		apart(look_at_running, told, 0);
		apart(back_up, NULL, 0);
		apart(expect_whole, to, 0);
		shell("rm -r to");
	}
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	apart(look_at_running, told, 0);
	apart(back_up, NULL, 0);
	apart(expect_whole, to, 0);
	munmap(told, 4096);
}
END_TEST

/* ---------------------------------------------------------------- repairs */

/* Finds it, repairs it, and a host goes on: what is missing stays a fault where the log knows of it. */
static void repaired(const char *damage, bool whole)
{
	static struct doctor d;
	made(1500, 1400);
	shell(damage);
	ck_assert_int_eq(doctor_look(db, 20, &d), 0);
	ck_assert_msg(!doctor_well(&d), "nothing was found: %s", damage);
	ck_assert_msg(doctor_repair(db, 20, &d) == 0, "%s: %s", damage, err_text());
	apart(live, &(struct life){ 300, 200 }, 0);
	apart(whole ? expect_whole : expect_faults, db, 0);
	shell("rm -r db*");
}

static void hurt(enum kv_family f, uint64_t key, bool erase)
{
	static struct doctor d;
	made(1500, 1400);
	apart(change, &(struct change){ f, key, erase }, 0);
	ck_assert_int_eq(doctor_look(db, 20, &d), 0);
	ck_assert_msg(!doctor_well(&d), "nothing was found");
	ck_assert_msg(doctor_repair(db, 20, &d) == 0, "%s", err_text());
	apart(live, &(struct life){ 300, 200 }, 0);
	apart(expect_faults, db, 0);
	shell("rm -r db*");
}

START_TEST(after_a_repair)
{
	repaired("rm db/db/CURRENT", true);
	hurt(KV_RECEIPTS, 300, true);
	/* Where no tile has it yet, no host opens it before it is repaired. */
	hurt(KV_RECEIPTS, 1495, true);
	hurt(KV_RECEIPTS, 1495, false);
	hurt(KV_TILES, 2, false);
}
END_TEST

static void archive_first(void *arg)
{
	struct copy_page page;
	EXPECT(copy_make(db, to, COPY_ARCHIVE, arg, &page) == 0);
}

static void put_back(void *arg)
{
	struct archive_done done;
	(void)arg;
	EXPECT_MSG(archive_restore(to, db, &done) == 0, "%s", err_text());
}

/* What an archive has of what was lost makes the log again what was signed before. */
START_TEST(restored_after_a_repair)
{
	static struct doctor d;
	for (int i = 0; i < 2; i++) {
		const uint64_t lost = i ? 1400 : 300;
		made(1500, 1450);
		apart(archive_first, &(struct copy_span){ 1, 1449 }, 0);
		shell("cp outside kept");
		apart(change, &(struct change){ KV_RECEIPTS, lost, true }, 0);
		ck_assert_int_eq(doctor_look(db, 20, &d), 0);
		ck_assert_msg(doctor_repair(db, 20, &d) == 0, "%s", err_text());
		apart(live, &(struct life){ 300, 200 }, 0);
		apart(put_back, NULL, 0);
		apart(live, &(struct life){ 300, 200 }, 0);
		apart(expect_whole, db, 0);
		shell("mv kept outside");
		apart(expect_signed, db, 0);
		ck_assert_int_eq(doctor_look(db, 20, &d), 0);
		ck_assert(doctor_well(&d));
		shell("rm -r db* to outside");
	}
}
END_TEST

FOLDER_SUITE("verify", away_and_back, away_before_there_is_a_tile, a_backup, an_archive,
	     beside_a_running_host, after_a_repair, restored_after_a_repair)
