/* Proves that what was appended is found again after a close, a kill, a full disk; that names, checkpoints and small values last; that a store has one host. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/store.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define SMALL_RING (512 * 448)

static char path[96];

static struct store *open_store(const char *ring, uint64_t bytes, bool power)
{
	snprintf(path, sizeof(path), "%s/store", folder);
	struct store_options o = {
		.path = path, .ring = ring, .ring_bytes = bytes, .power = power
	};
	struct store *s;
	int rc = store_open(&o, &s);
	ck_assert_msg(rc == 0, "%s", err_text());
	return s;
}

static void append(struct store *s, uint64_t n)
{
	struct journal *j = store_journal(s);
	struct fact f = facts_plain(FACT_FILL, n % 7, n, (int64_t)n * 1000);
	f.num[3] = (int64_t)n;
	uint64_t seq;
	while ((seq = j->ops->append(j, &f)) == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	EXPECT_MSG(seq == n, "fact %llu got the sequence %llu", (unsigned long long)n,
		   (unsigned long long)seq);
}

static void wait_drained(struct store *s, uint64_t seq)
{
	for (int i = 0; i < 10000 && store_drained(s) < seq; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	ck_assert_uint_ge(store_drained(s), seq);
}

struct seen {
	uint64_t first, last, n;
};

/* Without gaps, and each as it was made. */
static int see(void *arg, const struct fact *f)
{
	struct seen *s = arg;
	EXPECT(s->n == 0 || f->seq == s->last + 1);
	if (f->kind == FACT_FILL)
		EXPECT(f->num[3] == (int64_t)f->seq && f->order == f->seq);
	s->first = s->n ? s->first : f->seq;
	s->last = f->seq;
	s->n++;
	return 0;
}

static struct seen recover(struct store *s)
{
	struct seen seen = { 0 };
	int rc = store_recover(s, see, &seen);
	ck_assert_msg(rc == 0, "%s", err_text());
	return seen;
}

START_TEST(closed_and_opened)
{
	struct store *s = open_store(NULL, SMALL_RING, false);
	ck_assert_uint_eq(store_last_seq(s), 0);
	ck_assert_uint_eq(recover(s).n, 0);
	for (uint64_t n = 1; n <= 5000; n++)
		append(s, n);
	char ring[256];
	strcpy(ring, store_ring_path(s));
	ck_assert_int_eq(access(ring, F_OK), 0);
	ck_assert_int_eq(store_close(s), 0);
	/* An orderly end leaves nothing behind outside the folder. */
	ck_assert_int_ne(access(ring, F_OK), 0);
	s = open_store(NULL, SMALL_RING, false);
	ck_assert_uint_eq(store_last_seq(s), 5000);
	ck_assert_uint_eq(store_recovered(s), 0);
	struct seen seen = recover(s);
	ck_assert_uint_eq(seen.n, 5000);
	ck_assert_uint_eq(seen.first, 1);
	append(s, 5001);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

struct kill_run {
	const char *ring;
	_Atomic uint64_t acknowledged, recovered;
};

static void run_until_killed(struct kill_run *k)
{
	log_set_level(LOG_ERROR);
	struct store *s = open_store(k->ring, SMALL_RING, false);
	for (uint64_t n = store_last_seq(s) + 1;; n++) {
		append(s, n);
		atomic_store(&k->acknowledged, n);
	}
}

static void check_after_kill(void *arg)
{
	struct kill_run *k = arg;
	log_set_level(LOG_ERROR);
	struct store *s = open_store(k->ring, SMALL_RING, false);
	uint64_t told = k->acknowledged, last = store_last_seq(s);
	ck_assert_msg(last == told || last == told + 1, "told %llu, found %llu",
		      (unsigned long long)told, (unsigned long long)last);
	ck_assert_uint_eq(store_lost(s), 0);
	k->recovered += store_recovered(s);
	struct seen seen = recover(s);
	ck_assert_uint_eq(seen.n, last);
	k->acknowledged = last;
	ck_assert_int_eq(store_close(s), 0);
}

static void kill_rounds(const char *ring, int rounds)
{
	struct rng rng;
	rng_seed(&rng, 7);
	struct kill_run *k =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	k->ring = ring;
	/* Some more where the writer was so quick that every kill found an empty ring: those prove nothing. */
	for (int round = 0; round < rounds || (k->recovered == 0 && round < 20 * rounds); round++) {
		uint64_t before = k->acknowledged;
		pid_t child = fork();
		if (child == 0)
			run_until_killed(k);
		while (k->acknowledged == before && kill(child, 0) == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		nanosleep(&(struct timespec){ .tv_nsec = rng_range(&rng, 0, 50000000) }, NULL);
		kill(child, SIGKILL);
		int status;
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFSIGNALED(status), "the child ended by itself");
		apart(check_after_kill, k, 0);
	}
	/* Otherwise the kills never met a ring that still held something. */
	ck_assert_uint_gt(k->recovered, 0);
	munmap(k, 4096);
}

START_TEST(killed_in_shared_memory)
{
	kill_rounds(NULL, 4);
}
END_TEST

START_TEST(killed_on_disk)
{
	kill_rounds(folder, 4);
}
END_TEST

static void append_checkpoint(struct store *s, enum checkpoint_phase phase)
{
	struct journal *j = store_journal(s);
	struct fact f = facts_plain(FACT_CHECKPOINT, 0, 0, 1);
	f.num[0] = phase;
	ck_assert_uint_gt(j->ops->append(j, &f), 0);
}

START_TEST(recovers_from_the_last_complete_checkpoint)
{
	struct store *s = open_store(NULL, SMALL_RING, false);
	for (uint64_t n = 1; n <= 10; n++)
		append(s, n);
	append_checkpoint(s, CHECKPOINT_BEGIN); /* 11 */
	append(s, 12);
	append_checkpoint(s, CHECKPOINT_END); /* 13 */
	append(s, 14);
	append_checkpoint(s, CHECKPOINT_BEGIN); /* 15: never ends */
	ck_assert_int_eq(store_close(s), 0);
	s = open_store(NULL, SMALL_RING, false);
	struct seen seen = recover(s);
	ck_assert_uint_eq(seen.first, 11);
	ck_assert_uint_eq(seen.last, 15);
	append_checkpoint(s, CHECKPOINT_BEGIN); /* 16 */
	append_checkpoint(s, CHECKPOINT_END);	/* 17 */
	ck_assert_int_eq(store_close(s), 0);
	s = open_store(NULL, SMALL_RING, false);
	ck_assert_uint_eq(recover(s).first, 16);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

static uint32_t name(struct store *s, enum name_space space, const char *text, bool want_new)
{
	uint32_t id;
	bool is_new;
	ck_assert_int_eq(store_name(s, space, text, &id, &is_new), 0);
	ck_assert_int_eq(is_new, want_new);
	if (is_new) {
		struct journal *j = store_journal(s);
		struct fact f = facts_plain(FACT_NAME, 0, 0, 1);
		f.num[0] = space;
		f.num[1] = id;
		fact_text(&f, "%s", text);
		ck_assert_uint_gt(j->ops->append(j, &f), 0);
	}
	return id;
}

START_TEST(names_keep_their_numbers)
{
	struct store *s = open_store(NULL, SMALL_RING, false);
	ck_assert_uint_eq(name(s, NAME_VENUE, "alpha", true), 1);
	ck_assert_uint_eq(name(s, NAME_VENUE, "beta", true), 2);
	ck_assert_uint_eq(name(s, NAME_ACCOUNT, "alpha", true), 1);
	ck_assert_uint_eq(name(s, NAME_VENUE, "alpha", false), 1);
	ck_assert_int_eq(store_close(s), 0);
	s = open_store(NULL, SMALL_RING, false);
	ck_assert_uint_eq(name(s, NAME_VENUE, "beta", false), 2);
	ck_assert_uint_eq(name(s, NAME_VENUE, "gamma", true), 3);
	ck_assert_str_eq(store_name_text(s, NAME_ACCOUNT, 1), "alpha");
	ck_assert_ptr_null(store_name_text(s, NAME_ACCOUNT, 2));
	char long_name[200] = { 0 };
	memset(long_name, 'x', 128);
	uint32_t id;
	bool is_new;
	ck_assert_int_eq(store_name(s, NAME_VENUE, long_name, &id, &is_new), -ERR_RANGE);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

static void put_and_die(void *arg)
{
	struct store *s = open_store(NULL, SMALL_RING, false);
	struct kv *kv = store_kv(s);
	(void)arg;
	for (int i = 0; i <= 100; i++)
		if (kv->ops->put(kv, "epoch", &i, sizeof(i)))
			_exit(1);
	raise(SIGKILL);
}

START_TEST(small_values_survive_a_kill)
{
	apart(put_and_die, NULL, SIGKILL);
	int value = 0;
	struct store *s = open_store(NULL, SMALL_RING, false);
	struct kv *kv = store_kv(s);
	size_t len;
	ck_assert_int_eq(kv->ops->get(kv, "epoch", &value, sizeof(value), &len), 0);
	ck_assert_int_eq(value, 100);
	ck_assert_uint_eq(len, sizeof(value));
	ck_assert_int_eq(kv->ops->get(kv, "nothing", &value, sizeof(value), &len), -ERR_NOTFOUND);
	/* A buffer that is too short gets what fits and hears how much there is. */
	uint8_t part;
	ck_assert_int_eq(kv->ops->get(kv, "epoch", &part, 1, &len), 0);
	ck_assert_uint_eq(part, 100);
	ck_assert_uint_eq(len, sizeof(value));
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

START_TEST(one_host_a_store)
{
	struct store *s = open_store(NULL, SMALL_RING, false), *other;
	struct store_options o = { .path = path };
	ck_assert_int_eq(store_open(&o, &other), -ERR_BUSY);
	char pid[16];
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	ck_assert_ptr_nonnull(strstr(err_text(), pid));
	ck_assert_int_eq(store_close(s), 0);
	s = open_store(NULL, SMALL_RING, false);
	ck_assert_int_eq(store_close(s), 0);
	o.path = "/tmp/tandem-no-such-folder/store";
	ck_assert_int_eq(store_open(&o, &other), -ERR_IO);
}
END_TEST

START_TEST(power_says_what_is_synced)
{
	struct store *s = open_store(NULL, SMALL_RING, true);
	struct journal *j = store_journal(s);
	append(s, 1);
	for (int i = 0; i < 5000 && j->ops->synced(j) < 1; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	ck_assert_uint_eq(j->ops->synced(j), 1);
	ck_assert_int_eq(store_close(s), 0);
	/* Without it only opening and closing sync. */
	s = open_store(NULL, SMALL_RING, false);
	j = store_journal(s);
	ck_assert_uint_eq(j->ops->synced(j), 1);
	append(s, 2);
	wait_drained(s, 2);
	ck_assert_uint_eq(j->ops->synced(j), 1);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

/* One fact, and an end in the middle of everything. */
static void append_and_die(void *ring)
{
	struct store *s = open_store(ring, SMALL_RING, false);
	append(s, 1);
	raise(SIGKILL);
}

/* The ring moves and grows between two runs, the first of which was killed. */
START_TEST(ring_moves)
{
	log_set_level(LOG_ERROR);
	apart(append_and_die, folder, SIGKILL);
	struct store *s = open_store(NULL, 4 * SMALL_RING, false);
	ck_assert_uint_eq(store_last_seq(s), 1);
	ck_assert_uint_eq(store_journal(s)->ops->room(store_journal(s)), 2048);
	append(s, 2);
	ck_assert_uint_eq(recover(s).first, 1);
	ck_assert_ptr_nonnull(strstr(store_ring_path(s), "/dev/shm/"));
	ck_assert_int_eq(store_close(s), 0);
	snprintf(path, sizeof(path), "%s/missing", folder);
	struct store_options o = { .path = folder, .ring = path };
	ck_assert_int_ne(store_open(&o, &s), 0);
}
END_TEST

/* A folder that was copied from a killed host's must not take or remove the original's ring. */
START_TEST(copied_store_leaves_the_ring_alone)
{
	log_set_level(LOG_ERROR);
	apart(append_and_die, NULL, SIGKILL);
	snprintf(path, sizeof(path), "%s/store", folder);
	char command[256], ring[256] = "";
	snprintf(command, sizeof(command), "cp -a %s/store %s/copy", folder, folder);
	ck_assert_int_eq(system(command), 0);
	snprintf(command, sizeof(command), "%s/copy", folder);
	struct store_options o = { .path = command, .ring_bytes = SMALL_RING };
	struct store *s;
	ck_assert_int_eq(store_open(&o, &s), 0);
	strcpy(ring, store_ring_path(s));
	append(s, 2);
	ck_assert_int_eq(store_close(s), 0);
	s = open_store(NULL, SMALL_RING, false);
	ck_assert_str_ne(ring, store_ring_path(s));
	ck_assert_uint_eq(store_last_seq(s), 1);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

static void append_to(void *arg)
{
	log_set_level(LOG_ERROR);
	uint64_t to = *(uint64_t *)arg;
	struct store *s = open_store(NULL, SMALL_RING, false);
	for (uint64_t n = store_last_seq(s) + 1; n <= to; n++)
		append(s, n);
	wait_drained(s, to);
	raise(SIGKILL);
}

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *fmt, ...)
{
	char command[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	ck_assert_msg(system(command) == 0, "%s", command);
}

/* A disk that forgets what it had taken, as after a loss of power: what the ring still has comes back, the rest is counted, numbers go on. */
START_TEST(forgotten_receipts)
{
	uint64_t to = 100;
	apart(append_to, &to, SIGKILL);
	shell("cp -a %s/store/db %s/old", folder, folder);
	to = 300;
	apart(append_to, &to, SIGKILL);
	shell("rm -r %s/store/db && cp -a %s/old %s/store/db", folder, folder, folder);
	log_set_level(LOG_ERROR);
	to = 2000;
	/* 101 to 300 come out of the ring. */
	apart(append_to, &to, SIGKILL);
	shell("rm -r %s/store/db && mv %s/old %s/store/db", folder, folder, folder);
	struct store *s = open_store(NULL, SMALL_RING, false);
	ck_assert_uint_eq(store_last_seq(s), 2000);
	ck_assert_uint_eq(store_recovered(s), 512);
	ck_assert_uint_eq(store_lost(s), 2000 - 512 - 100);
	append(s, 2001);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

static int see_number(void *arg, const struct fact *f)
{
	uint64_t *n = arg;
	EXPECT(f->num[3] == (int64_t)f->seq);
	++*n;
	return 0;
}

/* Exit codes of a look at a damaged store. */
enum { ALL_THERE = 0, REFUSED = 10, COUNTED = 11 };

static void look(void *arg)
{
	uint64_t want = *(uint64_t *)arg, n = 0;
	struct store_options o = { .path = path, .ring_bytes = SMALL_RING };
	struct store *s;
	log_set_level(LOG_ERROR);
	if (store_open(&o, &s))
		_exit(REFUSED);
	uint64_t lost = store_lost(s);
	int rc = store_recover(s, see_number, &n);
	store_close(s);
	_exit(rc ? REFUSED : lost ? COUNTED : n == want ? ALL_THERE : 1);
}

/* Whatever bytes of the log are damaged: the store refuses, or counts what is lost, or has it all; it never opens with fewer receipts in silence. */
START_TEST(damaged_log)
{
	uint64_t to = 1500;
	struct rng rng;
	rng_seed(&rng, 5);
	snprintf(path, sizeof(path), "%s/store", folder);
	apart(append_to, &to, SIGKILL);
	shell("cp -a %s/store %s/saved && cp -a /dev/shm/$(basename $(cat %s/store/ring)) %s/ring.saved",
	      folder, folder, folder, folder);
	unsigned outcomes[3] = { 0 };
	for (int i = 0; i < 15; i++) {
		shell("rm -r %s/store && cp -a %s/saved %s/store && cp -a %s/ring.saved $(cat %s/store/ring)",
		      folder, folder, folder, folder, folder);
		/* Every third time the log is cut, else one of its bytes is flipped. */
		shell("cd %s/store/db && f=$(ls -S *.log | head -1) && size=$(stat -c %%s $f) && at=$((size * %d / 1000)) && "
		      "if [ %d = 0 ]; then truncate -s $at $f; else printf '\\%03o' | dd of=$f bs=1 seek=$at conv=notrunc status=none; fi",
		      folder, (int)rng_range(&rng, i < 8 ? 0 : 950, 999), i % 3,
		      (unsigned)rng_range(&rng, 0, 255));
		fflush(NULL);
		pid_t child = fork();
		if (child == 0)
			look(&to);
		int status;
		waitpid(child, &status, 0);
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		ck_assert_msg(code == ALL_THERE || code == REFUSED || code == COUNTED,
			      "damage %d: opened with fewer receipts (%d)", i, status);
		outcomes[code == ALL_THERE ? 0 : code == REFUSED ? 1 : 2]++;
	}
	/* A cut within what the ring still holds costs nothing. */
	ck_assert_uint_gt(outcomes[0], 0);
	ck_assert_uint_gt(outcomes[1] + outcomes[2], 0);
	shell("rm -f $(cat %s/store/ring)", folder);
}
END_TEST

static bool small_disk(char at[80], const char *size)
{
	snprintf(at, 80, "%s/disk", folder);
	ck_assert_int_eq(mkdir(at, 0700), 0);
	/* In a world of mounts of its own, which goes when the test does. */
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return false;
	return mount("tmpfs", at, "tmpfs", 0, size) == 0;
}

/* The disk fills up while the host runs, then somebody makes room: nothing is lost, and trouble says when. */
START_TEST(full_disk)
{
	char at[80], filler[96];
	if (!small_disk(at, "size=24m")) {
		printf("full_disk: skipped, a tmpfs cannot be mounted here: %s\n", strerror(errno));
		return;
	}
	snprintf(path, sizeof(path), "%s/store", at);
	struct store_options o = { .path = path, .ring_bytes = SMALL_RING };
	struct store *s;
	ck_assert_msg(store_open(&o, &s) == 0, "%s", err_text());
	struct journal *j = store_journal(s);
	snprintf(filler, sizeof(filler), "%s/filler", at);
	FILE *file = fopen(filler, "w");
	static const char zeros[4096];
	while (fwrite(zeros, 1, sizeof(zeros), file) == sizeof(zeros) && fflush(file) == 0)
		;
	fclose(file);
	const char *why = NULL;
	uint64_t n = 0;
	struct fact f = facts_plain(FACT_FILL, 1, 1, 1);
	for (int idle = 0; idle < 5000 && !(j->ops->trouble(j, &why) && j->ops->room(j) == 0);
	     idle++) {
		while (f.order = f.seq = n + 1, f.num[3] = (int64_t)n + 1, j->ops->append(j, &f))
			n++;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	ck_assert_msg(why != NULL, "no trouble after %llu facts", (unsigned long long)n);
	ck_assert_msg(strstr(why, "space") != NULL, "%s", why);
	ck_assert_uint_eq(j->ops->room(j), 0);
	unlink(filler);
	for (int i = 0; i < 20000 && j->ops->trouble(j, &why); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	ck_assert_msg(!j->ops->trouble(j, &why), "still: %s", why);
	ck_assert_int_eq(store_close(s), 0);
	ck_assert_msg(store_open(&o, &s) == 0, "%s", err_text());
	ck_assert_uint_eq(recover(s).n, n);
	ck_assert_int_eq(store_close(s), 0);
	ck_assert_int_eq(umount(at), 0);
}
END_TEST

FOLDER_SUITE("store", closed_and_opened, killed_in_shared_memory, killed_on_disk,
	     recovers_from_the_last_complete_checkpoint, names_keep_their_numbers,
	     small_values_survive_a_kill, one_host_a_store, power_says_what_is_synced, ring_moves,
	     copied_store_leaves_the_ring_alone, forgotten_receipts, damaged_log, full_disk)
