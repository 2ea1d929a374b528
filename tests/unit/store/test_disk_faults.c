/* Proves what a disk that fails may do: a write refused, a sync that fails and takes back what it was given, a read that fails. Trouble is said, nothing unsynced counts as
 * synced, nothing is lost once the disk is well, and nothing is read as less than it was. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/keep.h"
#include "store/reader.h"
#include "store/store_parts.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define RING (4096 * 448)
#define FDS  1024

/* ---------------------------------------------------------------- a disk that fails */

enum { FAULT_WRITE = 1, FAULT_SYNC = 2, FAULT_READ = 4 };

/* The calls of the database come here first: what is defined in a program stands before what its libraries find elsewhere. */
static _Atomic int fault, fault_errno;
static _Atomic long calls, fail_from; /* of the kinds in `fault`; from this one on they fail */
static _Atomic long failed;
static _Atomic int64_t synced_size[FDS];

static bool of_db(int fd)
{
	char link[32], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = 0;
	return n > 0 && strstr(path, "/db/");
}

static bool fails(int kind, int fd)
{
	if (!(fault & kind) || !of_db(fd) || ++calls < fail_from)
		return false;
	failed++;
	errno = fault_errno;
	return true;
}

ssize_t write(int fd, const void *p, size_t n)
{
	return fails(FAULT_WRITE, fd) ? -1 : syscall(SYS_write, fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return fails(FAULT_WRITE, fd) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	return fails(FAULT_READ, fd) ? -1 : syscall(SYS_pread64, fd, p, n, at);
}

ssize_t pread64(int fd, void *p, size_t n, off_t at)
{
	return pread(fd, p, n, at);
}

/* As systems do: what could not be written is thrown away, and the file is as it was when a sync last succeeded. */
static int sync_file(int fd, long number)
{
	struct stat st;
	bool known = fd >= 0 && fd < FDS;
	if (fails(FAULT_SYNC, fd)) {
		int why = errno;
		if (known && ftruncate(fd, synced_size[fd]))
			why = EIO;
		errno = why;
		return -1;
	}
	int rc = (int)syscall(number, fd);
	if (rc == 0 && known && fstat(fd, &st) == 0)
		synced_size[fd] = st.st_size;
	return rc;
}

int fsync(int fd)
{
	return sync_file(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return sync_file(fd, SYS_fdatasync);
}

static void disk(int kinds, long from, int why)
{
	fault = 0;
	calls = 0;
	failed = 0;
	fault_errno = why;
	fail_from = from;
	fault = kinds;
}

/* ---------------------------------------------------------------- writing */

static char db[96];

static struct store *open_store(bool power)
{
	struct store *s;
	struct store_options o = { .path = db, .ring = folder, .ring_bytes = RING, .power = power };
	EXPECT_MSG(store_open(&o, &s) == 0, "%s", err_text());
	return s;
}

static void put(struct store *s, int64_t n)
{
	struct journal *j = store_journal(s);
	struct fact f = facts_plain(FACT_FILL, 1, (uint64_t)n, n);
	f.num[0] = n;
	EXPECT(j->ops->append(j, &f) == (uint64_t)n);
}

static void wait_trouble(struct store *s, bool there)
{
	const char *why = "none";
	struct journal *j = store_journal(s);
	for (int i = 0; i < 30000 && (j->ops->trouble(j, &why) != 0) != there; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	EXPECT_MSG((j->ops->trouble(j, &why) != 0) == there, "trouble: %s", why);
}

static void wait_synced(struct store *s, uint64_t seq)
{
	struct journal *j = store_journal(s);
	for (int i = 0; i < 30000 && j->ops->synced(j) < seq; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	EXPECT(j->ops->synced(j) >= seq);
}

static int see(void *arg, const struct fact *f)
{
	int64_t *n = arg;
	EXPECT(f->num[0] == ++*n && f->seq == (uint64_t)*n);
	return 0;
}

/* Opened again, every one is there. */
static void must_hold(int64_t want)
{
	int64_t n = 0;
	struct store *s = open_store(false);
	EXPECT(store_lost(s) == 0);
	EXPECT_MSG(store_recover(s, see, &n) == 0, "%s", err_text());
	EXPECT_MSG(n == want, "%lld of %lld", (long long)n, (long long)want);
	EXPECT(store_close(s) == 0);
}

struct trouble {
	int kind, why;
	bool power;
};

/* Sound, then failing, then sound again. */
static void write_through(void *arg)
{
	const struct trouble *t = arg;
	const int64_t part = 300;
	int64_t n = 0;
	log_set_level(LOG_ERROR);
	struct store *s = open_store(t->power);
	struct journal *j = store_journal(s);
	while (n < part)
		put(s, ++n);
	if (t->power)
		wait_synced(s, (uint64_t)part);
	else
		while (store_drained(s) < (uint64_t)part)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	uint64_t sound = j->ops->synced(j);
	disk(t->kind, 1, t->why);
	while (n < 2 * part)
		put(s, ++n);
	wait_trouble(s, true);
	EXPECT(failed > 0);
	/* It goes on failing for a while: tried again, opened anew, and never believed. */
	for (int i = 0; i < 900; i++) {
		EXPECT(j->ops->synced(j) == sound);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	const char *why;
	EXPECT(j->ops->trouble(j, &why) != 0 && why[0]);
	disk(0, 0, 0);
	while (n < 3 * part)
		put(s, ++n);
	wait_trouble(s, false);
	if (t->power)
		wait_synced(s, (uint64_t)n);
	EXPECT_MSG(store_close(s) == 0, "%s", err_text());
	must_hold(n);
}

START_TEST(a_refused_write)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(write_through, &(struct trouble){ FAULT_WRITE, EIO, false }, 0);
}
END_TEST

START_TEST(a_full_disk)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(write_through, &(struct trouble){ FAULT_WRITE, ENOSPC, true }, 0);
}
END_TEST

START_TEST(a_failed_sync)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(write_through, &(struct trouble){ FAULT_SYNC, EIO, true }, 0);
}
END_TEST

/* The disk never comes back: closing says so, the ring keeps everything, and a disk that is well again gets it. */
static void end_in_trouble(void *arg)
{
	(void)arg;
	log_set_level(LOG_ERROR);
	struct store *s = open_store(true);
	for (int64_t n = 1; n <= 100; n++)
		put(s, n);
	wait_synced(s, 100);
	disk(FAULT_SYNC | FAULT_WRITE, 1, EIO);
	for (int64_t n = 101; n <= 200; n++)
		put(s, n);
	EXPECT(store_close(s) == -ERR_IO);
	disk(0, 0, 0);
	must_hold(200);
}

START_TEST(a_disk_that_never_comes_back)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(end_in_trouble, NULL, 0);
}
END_TEST

/* ---------------------------------------------------------------- reading */

static void fill_store(void *arg)
{
	(void)arg;
	log_set_level(LOG_ERROR);
	struct store *s = open_store(false);
	for (int64_t n = 1; n <= 4000; n++) {
		struct journal *j = store_journal(s);
		while (j->ops->room(j) < 10)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		put(s, n);
	}
	EXPECT(store_close(s) == 0);
}

/* All receipts, or an error: never fewer. */
static int read_all(void)
{
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	int64_t n = 0;
	int rc = reader_open(db, &r);
	if (rc)
		return rc;
	rc = reader_walk_open(r, &(struct reader_filter){ 0 }, &w);
	if (!rc) {
		while ((rc = reader_walk_next(w, &f)) == 1)
			n++;
		reader_walk_close(w);
	}
	reader_close(r);
	EXPECT_MSG(rc != 0 || n == 4000, "%lld of 4000 receipts, and no error", (long long)n);
	return rc;
}

static void read_through(void *arg)
{
	unsigned refused = 0;
	(void)arg;
	log_set_level(LOG_ERROR);
	disk(FAULT_READ, LONG_MAX, EIO);
	EXPECT_MSG(read_all() == 0, "%s", err_text());
	long all = calls;
	EXPECT(all > 10);
	for (long at = 1; at <= all; at += all / 40 + 1) {
		disk(FAULT_READ, at, EIO);
		if (read_all()) {
			EXPECT(err_text()[0]);
			refused++;
		}
	}
	EXPECT(refused > 0);
	disk(0, 0, 0);
	EXPECT(read_all() == 0);
}

START_TEST(a_failed_read)
{
	snprintf(db, sizeof db, "%s/db", folder);
	apart(fill_store, NULL, 0);
	apart(read_through, NULL, 0);
}
END_TEST

FOLDER_SUITE("disk_faults", a_refused_write, a_full_disk, a_failed_sync,
	     a_disk_that_never_comes_back, a_failed_read)
