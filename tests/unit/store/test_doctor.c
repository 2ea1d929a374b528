/* Proves that every kind of damage to a store is found, said, keeps a host from opening in silence, and that a repair keeps what can be read and tells of the rest. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/doctor.h"
#include "store/keep.h"
#include "store/reader.h"
#include "store/store_parts.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#define RING	(512 * 448)
#define TIMEOUT 20
#define N	1500 /* receipts; a ring holds 512 */

static char db[96];
static struct doctor d;

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *fmt, ...)
{
	char line[600];
	int at = snprintf(line, sizeof line, "cd %s && ", folder);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line + at, sizeof line - (size_t)at, fmt, ap);
	va_end(ap);
	ck_assert_msg(system(line) == 0, "%s", line);
}

static void put(struct store *s, enum fact_kind k, int64_t num)
{
	struct fact f = facts_plain(k, 1, (uint64_t)(3ll << 40 | num), num);
	f.num[0] = k == FACT_SESSION_OPEN ? 3 : num;
	if (k == FACT_NAME)
		f.num[0] = NAME_VENUE, f.num[1] = 1, fact_text(&f, "alpha");
	EXPECT(keep_append(s, &f) == 0);
}

/* arg NULL: ends in order; else it is killed, with the last receipts in the ring at best. */
static void run_host(void *arg)
{
	struct store *s;
	uint32_t epoch = 3;
	log_set_level(LOG_ERROR);
	struct store_options o = { .path = db, .ring = folder, .ring_bytes = RING };
	EXPECT_MSG(store_open(&o, &s) == 0, "%s", err_text());
	EXPECT(store_kv(s)->ops->put(store_kv(s), "epoch", &epoch, sizeof epoch) == 0);
	put(s, FACT_SESSION_OPEN, 1);
	put(s, FACT_NAME, 2);
	for (int64_t n = 3; n < N; n++) {
		put(s, FACT_FILL, n);
		if (n == N / 2)
			EXPECT(kv_flush(store_db(s)) == 0);
	}
	while (arg && store_drained(s) < N - 1)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	if (arg)
		raise(SIGKILL);
	put(s, FACT_SESSION_CLOSE, N);
	EXPECT(store_close(s) == 0);
}

static void closed_store(void)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(run_host, NULL, 0);
}

static void killed_store(void)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(run_host, "", SIGKILL);
}

static void look(void)
{
	int rc = doctor_look(db, TIMEOUT, &d);
	ck_assert_msg(rc == 0, "%s", err_text());
}

static bool found(enum doctor_what w)
{
	for (unsigned i = 0; i < d.n; i++)
		if (d.finding[i].what == w)
			return true;
	return false;
}

static void must_find(enum doctor_what w)
{
	look();
	for (unsigned i = 0; i < d.n && !found(w); i++)
		fprintf(stderr, "found %s: %s\n", doctor_name(d.finding[i].what),
			d.finding[i].text);
	ck_assert_msg(found(w), "no %s", doctor_name(w));
}

static void repair(void)
{
	struct doctor r = d;
	int rc = doctor_repair(db, TIMEOUT, &r);
	ck_assert_msg(rc == 0, "%s", err_text());
	ck_assert_uint_gt(r.seq, 0);
	look();
	for (unsigned i = 0; i < d.n; i++)
		ck_assert_msg(!doctor_is_damage(d.finding[i].what), "%s", d.finding[i].text);
}

static void open_must_refuse(void *arg)
{
	struct store *s;
	struct store_options o = { .path = db, .ring = folder, .ring_bytes = RING };
	(void)arg;
	log_set_level(LOG_ERROR);
	EXPECT(store_open(&o, &s) != 0);
	struct reader *r;
	EXPECT(reader_open(db, &r) != 0);
}

/* All the receipts, the name, the repair's receipt as the last. */
static void must_be_whole(void *arg)
{
	uint64_t want = *(uint64_t *)arg, n = 0, fills = 0;
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	EXPECT_MSG(reader_open(db, &r) == 0, "%s", err_text());
	EXPECT(reader_walk_open(r, &(struct reader_filter){ 0 }, &w) == 0);
	while (reader_walk_next(w, &f) == 1)
		EXPECT(f.seq == ++n);
	EXPECT_MSG(n == want && f.kind == FACT_REPAIR, "%llu of %llu, kind %u",
		   (unsigned long long)n, (unsigned long long)want, f.kind);
	reader_walk_close(w);
	EXPECT(reader_walk_open(r, &(struct reader_filter){ .order = 3ll << 40 | 700 }, &w) == 0);
	while (reader_walk_next(w, &f) == 1)
		fills++;
	EXPECT(fills == 1);
	reader_walk_close(w);
	EXPECT(strcmp(reader_name(r, NAME_VENUE, 1), "alpha") == 0);
	uint32_t epoch;
	size_t len;
	EXPECT(reader_value(r, "epoch", &epoch, sizeof epoch, &len) == 0 && epoch == 3);
	reader_close(r);
}

START_TEST(a_sound_store)
{
	closed_store();
	look();
	ck_assert(doctor_well(&d));
	ck_assert_uint_eq(d.n, 0);
	ck_assert_uint_eq(d.receipts, N);
	ck_assert_int_eq(doctor_look("/tmp/tandem-no-such-folder", TIMEOUT, &d), -ERR_NOTFOUND);
	ck_assert_int_eq(doctor_look("/tmp", TIMEOUT, &d), -ERR_NOTFOUND);
}
END_TEST

START_TEST(a_killed_host_is_no_damage)
{
	killed_store();
	must_find(DOCTOR_LOCK_STALE);
	ck_assert(doctor_well(&d));
	ck_assert_uint_eq(d.receipts + (d.ring_last > d.last ? d.ring_last - d.last : 0), N - 1);
}
END_TEST

START_TEST(a_cut_log)
{
	uint64_t n = N; /* N - 1 of the host, and the repair's */
	killed_store();
	shell("cd db/db && truncate -s -100 $(ls -S *.log | head -1)");
	must_find(DOCTOR_LOG_CUT);
	repair();
	apart(must_be_whole, &n, 0);
	shell("ls db/db.damaged/MANIFEST* > /dev/null");
}
END_TEST

START_TEST(a_cut_log_without_the_ring)
{
	killed_store();
	shell("cd db/db && truncate -s 30000 $(ls -S *.log | head -1) && rm $(cat ../ring)");
	must_find(DOCTOR_LOG_CUT);
	ck_assert(found(DOCTOR_RING_GONE));
	uint64_t left = d.receipts;
	ck_assert_uint_lt(left, N - 1);
	repair();
	ck_assert_uint_eq(d.receipts, left + 1);
}
END_TEST

/* Each of the files of the database in turn: gone, cut, a byte flipped. Never taken in silence; repaired, what was in sorted files and in the ring is there. */
static void each_file(const char *glob, const char *damage, bool must_refuse)
{
	killed_store();
	shell("cp -a db saved && cp $(cat db/ring) ring.saved");
	shell("cd db/db && f=$(ls -S %s | head -1) && s=$(stat -c %%s $f) && %s", glob, damage);
	look();
	ck_assert_msg(!doctor_well(&d), "%s of %s: nothing found", damage, glob);
	if (must_refuse)
		apart(open_must_refuse, NULL, 0);
	struct doctor r = d;
	if (doctor_repair(db, TIMEOUT, &r) == 0) {
		look();
		ck_assert_msg(doctor_well(&d) || d.lost || found(DOCTOR_GAP), "%s of %s", damage,
			      glob);
		/* Whatever is missing is told of. */
		uint64_t told = d.lost;
		for (unsigned i = 0; i < d.n; i++)
			if (d.finding[i].what == DOCTOR_GAP_TOLD)
				told += d.finding[i].to - d.finding[i].from + 1;
		ck_assert_uint_eq(d.receipts + told, d.last);
		ck_assert_uint_ge(d.last, N);
	}
}

START_TEST(a_missing_file)
{
	each_file("*.sst", "rm $f", true);
}
END_TEST

START_TEST(a_missing_manifest)
{
	each_file("MANIFEST*", "rm $f", true);
}
END_TEST

START_TEST(a_missing_current)
{
	killed_store();
	shell("rm db/db/CURRENT");
	must_find(DOCTOR_DB_GONE);
	repair();
	uint64_t n = N;
	apart(must_be_whole, &n, 0);
}
END_TEST

START_TEST(a_flipped_bit_in_a_file)
{
	each_file("*.sst",
		  "printf '\\377' | dd of=$f bs=1 seek=$((s / 3)) conv=notrunc status=none", false);
}
END_TEST

START_TEST(a_flipped_bit_in_the_manifest)
{
	each_file("MANIFEST*",
		  "printf '\\377' | dd of=$f bs=1 seek=$((s / 2)) conv=notrunc status=none", true);
}
END_TEST

START_TEST(a_flipped_bit_in_the_log)
{
	each_file("*.log",
		  "printf '\\377' | dd of=$f bs=1 seek=$((s / 2)) conv=notrunc status=none", false);
}
END_TEST

START_TEST(a_cut_manifest)
{
	each_file("MANIFEST*", "truncate -s $((s / 2)) $f", false);
}
END_TEST

/* The machine was started anew, or its disk lost: only the ring is left of what was written last. */
START_TEST(a_ring_without_a_database)
{
	killed_store();
	shell("rm -r db/db");
	must_find(DOCTOR_DB_GONE);
	repair();
	ck_assert_uint_eq(d.last, N);
	ck_assert_uint_eq(d.receipts, 512 + 1);
	/* Its ids still go on behind those that were given out. */
	uint32_t epoch = 0;
	struct reader *r;
	size_t len;
	ck_assert_int_eq(reader_open(db, &r), 0);
	ck_assert_int_eq(reader_value(r, "epoch", &epoch, sizeof epoch, &len), 0);
	ck_assert_uint_eq(epoch, 3);
	reader_close(r);
}
END_TEST

START_TEST(a_damaged_ring)
{
	killed_store();
	shell("printf 'X' | dd of=$(cat db/ring) bs=1 conv=notrunc status=none");
	must_find(DOCTOR_RING_DAMAGED);
	apart(open_must_refuse, NULL, 0);
	repair();
	ck_assert_uint_eq(d.receipts, N);
	shell("ls tandem-ring-*.damaged > /dev/null");
}
END_TEST

START_TEST(anothers_ring)
{
	killed_store();
	shell("mv db first && cp $(cat first/ring) ring.first");
	killed_store();
	shell("cp ring.first $(cat db/ring)");
	must_find(DOCTOR_RING_FOREIGN);
	repair();
	ck_assert_uint_eq(d.receipts, N);
}
END_TEST

/* Values rewritten so that the database's own checksums hold. */
static void rewrite(void *arg)
{
	struct kv_db *kv;
	char path[128];
	uint8_t key[8], value[4096];
	size_t n;
	snprintf(path, sizeof path, "%s/db", db);
	EXPECT(kv_open(path, &kv, NULL) == 0);
	kv_be64(key, *(uint64_t *)arg);
	EXPECT(kv_get(kv, KV_RECEIPTS, key, 8, value, sizeof value, &n) == 0);
	value[0] = 0xc1;
	EXPECT(kv_put(kv, KV_RECEIPTS, key, 8, value, n, true) == 0);
	kv_close(kv);
}

static void erase(void *arg)
{
	struct kv_db *kv;
	struct kv_batch *b = kv_batch_new();
	char path[128];
	uint8_t from[8], to[8];
	snprintf(path, sizeof path, "%s/db", db);
	EXPECT(kv_open(path, &kv, NULL) == 0);
	kv_be64(from, *(uint64_t *)arg);
	kv_be64(to, *(uint64_t *)arg + 5);
	EXPECT(kv_batch_erase(b, kv, KV_RECEIPTS, from, 8, to, 8) == 0);
	EXPECT(kv_write(kv, b, true) == 0);
	kv_batch_free(b);
	kv_close(kv);
}

START_TEST(a_rewritten_receipt)
{
	uint64_t seq = 77;
	closed_store();
	apart(rewrite, &seq, 0);
	must_find(DOCTOR_RECEIPT_DAMAGED);
	ck_assert_uint_eq(d.finding[0].from, 77);
	struct doctor r = d;
	ck_assert_int_eq(doctor_repair(db, TIMEOUT, &r), 0);
	/* It stays: what was written over cannot be made up. */
	must_find(DOCTOR_RECEIPT_DAMAGED);
}
END_TEST

START_TEST(missing_receipts)
{
	uint64_t seq = 100;
	closed_store();
	apart(erase, &seq, 0);
	must_find(DOCTOR_GAP);
	ck_assert_uint_eq(d.lost, 5);
	ck_assert_uint_eq(d.finding[0].from, 100);
	ck_assert_uint_eq(d.finding[0].to, 104);
	repair();
	ck_assert(found(DOCTOR_GAP_TOLD));
	ck_assert_uint_eq(d.lost, 0);
}
END_TEST

static void hold_and_look(void *arg)
{
	struct store *s;
	(void)arg;
	EXPECT(store_open(&(struct store_options){ .path = db, .ring_bytes = RING }, &s) == 0);
	printf("open\n");
	fflush(stdout);
	sleep(30);
}

START_TEST(a_running_host)
{
	closed_store();
	pid_t host = fork();
	if (host == 0)
		hold_and_look(NULL);
	for (int i = 0; i < 1000; i++) {
		look();
		if (found(DOCTOR_HOST_RUNS))
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	ck_assert(found(DOCTOR_HOST_RUNS));
	ck_assert(doctor_well(&d));
	struct doctor r = d;
	ck_assert_int_eq(doctor_repair(db, TIMEOUT, &r), -ERR_BUSY);
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	shell("rm -f $(cat db/ring)");
}
END_TEST

FOLDER_SUITE("doctor", a_sound_store, a_killed_host_is_no_damage, a_cut_log,
	     a_cut_log_without_the_ring, a_missing_file, a_missing_manifest, a_missing_current,
	     a_flipped_bit_in_a_file, a_flipped_bit_in_the_manifest, a_flipped_bit_in_the_log,
	     a_cut_manifest, a_ring_without_a_database, a_damaged_ring, anothers_ring,
	     a_rewritten_receipt, missing_receipts, a_running_host)
