/* Proves that a host may be killed at any of its system calls, its first opening and its last included, and an archive at any of its own: the store opens again, nothing is lost, and it verifies. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/archive.h"
#include "store/keep.h"
#include "store/reader.h"
#include "store/store_parts.h"
#include "store/verify.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <time.h>

#define RING   (64 * 448)
#define A_LIFE 40 /* receipts */

/* Between the host that is killed and the one who checks. */
struct seen {
	_Atomic uint64_t acknowledged;
	_Atomic bool closed;
};

static struct seen *seen;
static char db[96];

/* A reference life: opens, writes as a host does, small values between, what is in files flushed, ends in order. */
static void live(void)
{
	struct store *s;
	log_set_level(LOG_ERROR);
	struct store_options o = { .path = db, .ring = folder, .ring_bytes = RING, .power = true };
	if (store_open(&o, &s))
		_exit(3);
	for (uint32_t n = 0; n < A_LIFE; n++) {
		struct fact f = facts_plain(n ? FACT_FILL : FACT_SESSION_OPEN, n, n, n + 1);
		if (keep_append(s, &f))
			_exit(4);
		atomic_store(&seen->acknowledged, f.seq);
		if (n % 16 == 7 && store_kv(s)->ops->put(store_kv(s), "n", &n, sizeof n))
			_exit(5);
		if (n == A_LIFE / 2 && kv_flush(store_db(s)))
			_exit(6);
	}
	if (store_close(s))
		_exit(7);
	atomic_store(&seen->closed, true);
}

static void check(void *arg)
{
	uint64_t n = 0, told = atomic_load(&seen->acknowledged);
	struct store *s;
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	(void)arg;
	log_set_level(LOG_ERROR);
	/* What a query sees beside the dead host. A store that was never made is none. */
	int rc = reader_open(db, &r);
	EXPECT_MSG(rc == 0 || told == 0, "reading: %s", err_text());
	if (!rc) {
		EXPECT(reader_walk_open(r, &(struct reader_filter){ 0 }, &w) == 0);
		while ((rc = reader_walk_next(w, &f)) == 1)
			EXPECT(f.seq == ++n);
		EXPECT_MSG(rc == 0, "reading: %s", err_text());
		EXPECT_MSG(n >= told, "%llu of %llu receipts are read", (unsigned long long)n,
			   (unsigned long long)told);
		reader_walk_close(w);
		reader_close(r);
	}
	/* And what the next host opens. */
	struct store_options o = { .path = db, .ring = folder, .ring_bytes = RING };
	EXPECT_MSG(store_open(&o, &s) == 0, "opening: %s", err_text());
	EXPECT_MSG(store_lost(s) == 0, "%llu receipts are lost", (unsigned long long)store_lost(s));
	EXPECT_MSG(store_last_seq(s) >= told, "%llu of %llu receipts",
		   (unsigned long long)store_last_seq(s), (unsigned long long)told);
	f = facts_plain(FACT_FILL, 1, 1, 1);
	EXPECT(keep_append(s, &f) == 0 && f.seq > told);
	EXPECT(store_close(s) == 0);
	struct verify_report report;
	rc = verify_store(&(struct verify_options){ .path = db, .jobs = 1 }, &report);
	EXPECT_MSG(rc == 0 && report.closed, "verifying: %s; %s", err_text(), report.fault[0].text);
}

/* Lets the life run, all its threads stopped at each entry to and return from the kernel, and kills it at the `at`-th of these stops; 0: never. How many there were. */
static uint64_t run_until(void (*life)(void), uint64_t at)
{
	uint64_t stops = 0;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		life();
		_exit(0);
	}
	int status;
	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return 0;
	ptrace(PTRACE_SETOPTIONS, child, NULL,
	       (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL));
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	for (;;) {
		pid_t one = waitpid(-1, &status, __WALL);
		if (one < 0)
			return stops;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (one != child)
				continue;
			ck_assert_msg(WIFSIGNALED(status) || WEXITSTATUS(status) == 0,
				      "the life ended with code %d", WEXITSTATUS(status));
			return stops;
		}
		int sig = WSTOPSIG(status);
		if (sig == (SIGTRAP | 0x80) && ++stops == at)
			kill(child, SIGKILL);
		/* Stops of tracing itself, and of threads that begin, are not theirs to see. */
		bool theirs = sig != (SIGTRAP | 0x80) && sig != SIGTRAP && sig != SIGSTOP;
		ptrace(PTRACE_SYSCALL, one, NULL, (void *)(uintptr_t)(theirs ? sig : 0));
	}
}

static void remove_store(void)
{
	char command[200];
	snprintf(command, sizeof command, "rm -rf %s/db %s/tandem-ring-*", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

/* One life and a check of what it left; false: it was over before. */
static bool killed_at(uint64_t at, bool fresh)
{
	if (fresh)
		remove_store();
	atomic_store(&seen->acknowledged, 0);
	atomic_store(&seen->closed, false);
	uint64_t stops = run_until(live, at);
	ck_assert_msg(stops >= at || atomic_load(&seen->closed), "it ended early");
	apart(check, NULL, 0);
	return stops >= at;
}

/* All of them with TANDEM_EVERY_CALL=1 (and CK_DEFAULT_TIMEOUT=14400); here as many as the time allows, spread over the whole life. */
static void sweep(bool fresh)
{
	snprintf(db, sizeof db, "%s/db", folder);
	seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t all = run_until(live, 0);
	if (!all) {
		printf("killed at every call: skipped, nothing can be traced here\n");
		return;
	}
	ck_assert(atomic_load(&seen->closed));
	const bool every = getenv("TANDEM_EVERY_CALL") != NULL;
	uint64_t step = every ? 1 : all / 25 + 1, n = 0;
	for (uint64_t at = 1; at <= all + step; at += step, n++)
		if (!killed_at(at, fresh))
			break;
	printf("killed at %llu of about %llu stops%s\n", (unsigned long long)n,
	       (unsigned long long)all, fresh ? "" : ", life after life");
	munmap(seen, 4096);
}

START_TEST(a_first_life)
{
	sweep(true);
}
END_TEST

/* What one kill leaves the next life is killed over. */
START_TEST(life_after_life)
{
	sweep(false);
}
END_TEST

/* ---------------------------------------------------------------- what goes into an archive */

#define AWAY 30 /* receipts 1 to 30; a checkpoint stands behind them */

static char to[96];

static void make_old_store(void *arg)
{
	struct store *s;
	struct copy_page page;
	(void)arg;
	log_set_level(LOG_ERROR);
	struct store_options o = { .path = db, .ring = folder, .ring_bytes = RING };
	EXPECT(store_open(&o, &s) == 0);
	for (uint32_t n = 1; n <= A_LIFE; n++) {
		bool mark = n == AWAY + 2 || n == AWAY + 3;
		struct fact f = facts_plain(mark ? FACT_CHECKPOINT : FACT_FILL, 1, n, n);
		f.num[0] = n == AWAY + 3;
		EXPECT(keep_append(s, &f) == 0);
	}
	EXPECT(store_close(s) == 0);
	EXPECT(copy_make(db, to, COPY_ARCHIVE, &(struct copy_span){ 1, AWAY }, &page) == 0);
}

static void put_away(void)
{
	struct archive_done done;
	log_set_level(LOG_ERROR);
	if (archive_put_away(db, to, &done))
		_exit(8);
	atomic_store(&seen->closed, true);
}

/* Every receipt is in the store, or the store knows that it is away; and all come back. */
static void check_away(void *arg)
{
	struct archive_done done;
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	uint64_t n[2] = { 0 };
	(void)arg;
	log_set_level(LOG_ERROR);
	for (int back = 0; back < 2; back++) {
		EXPECT_MSG(reader_open(db, &r) == 0, "%s", err_text());
		struct reader_filter q = { .kind = FACT_FILL };
		int rc = reader_walk_open(r, &q, &w);
		while (!rc && (rc = reader_walk_next(w, &f)) == 1) {
			n[back]++;
			rc = 0;
		}
		EXPECT_MSG(rc == 0, "%s", err_text());
		reader_walk_close(w);
		reader_close(r);
		if (!back)
			EXPECT_MSG(archive_restore(to, db, &done) == 0, "%s", err_text());
	}
	EXPECT(n[0] == A_LIFE - 2 || n[0] == A_LIFE - 2 - AWAY);
	EXPECT(!atomic_load(&seen->closed) || n[0] == A_LIFE - 2 - AWAY);
	EXPECT(n[1] == A_LIFE - 2);
}

START_TEST(a_way_into_an_archive)
{
	snprintf(db, sizeof db, "%s/db", folder);
	snprintf(to, sizeof to, "%s/to", folder);
	seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	apart(make_old_store, NULL, 0);
	uint64_t all = run_until(put_away, 0);
	apart(check_away, NULL, 0);
	uint64_t step = getenv("TANDEM_EVERY_CALL") ? 1 : all / 12 + 1;
	for (uint64_t at = 1; all && at <= all; at += step) {
		atomic_store(&seen->closed, false);
		run_until(put_away, at);
		apart(check_away, NULL, 0);
	}
	printf("an archive killed at every %llu. of about %llu stops\n", (unsigned long long)step,
	       (unsigned long long)all);
	munmap(seen, 4096);
}
END_TEST

FOLDER_SUITE("every_call", a_first_life, life_after_life, a_way_into_an_archive)
