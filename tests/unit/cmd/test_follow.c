/* Proves that `query --follow` shows every receipt once and in order while its hosts end, die and begin again, and that it ends in order on a signal and when nobody reads any more. */
#include "core/cmd/cmd.h"
#include "tests/unit/cmd/pair_story.h"
#include "tests/unit/cmd/run_verb.h"
#include <poll.h>

#define LIVES 6
#define EACH  400

/* One life of a host: some receipts, then the end that `killed` says. */
struct life {
	bool killed;
};

static void live(void *arg)
{
	const struct life *l = arg;
	struct pair_story p = { 0 };
	story_open(&p);
	for (int i = 0; i < EACH; i++) {
		struct fact f;
		fact_init(&f, FACT_LOG);
		f.num[0] = i;
		story_put(&p, &f, 0);
	}
	if (l->killed)
		raise(SIGKILL);
	ck_assert_int_eq(store_close(p.store), 0);
}

/* The verb in a process of its own, its output in a pipe. */
static pid_t follow(int *out, const char *option, const char *value)
{
	int ends[2];
	char *argv[] = { (char *)(uintptr_t) "tandem query",
			 story_path,
			 (char *)(uintptr_t) "--follow",
			 (char *)(uintptr_t) "--csv",
			 (char *)(uintptr_t) "--columns=seq",
			 (char *)(uintptr_t)option,
			 (char *)(uintptr_t)value,
			 NULL };
	ck_assert_int_eq(pipe(ends), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], 1);
		verb_redirect("err", 2);
		close(ends[0]);
		close(ends[1]);
		exit(cmd_query(option ? 7 : 5, argv));
	}
	close(ends[1]);
	*out = ends[0];
	return child;
}

static int end_of(pid_t child)
{
	int status;
	waitpid(child, &status, 0);
	ck_assert_msg(WIFEXITED(status), "it died: %d", status);
	return WEXITSTATUS(status);
}

/* The next number; 0 where there is none to come. */
static uint64_t next_number(FILE *f)
{
	char line[64];
	return fgets(line, sizeof line, f) ? strtoull(line, NULL, 10) : 0;
}

START_TEST(through_the_ends_of_hosts)
{
	struct life well = { false }, badly = { true };
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(live, &well, 0);
	int out;
	pid_t child = follow(&out, NULL, NULL);
	FILE *f = fdopen(out, "r");
	ck_assert_uint_eq(next_number(f), 0); /* the heading */
	uint64_t want = 1;
	for (unsigned n = 1; n <= LIVES; n++) {
		for (; want <= n * EACH; want++)
			ck_assert_uint_eq(next_number(f), want);
		if (n < LIVES)
			apart(live, n % 2 ? &badly : &well, n % 2 ? SIGKILL : 0);
	}
	kill(child, SIGINT);
	ck_assert_uint_eq(next_number(f), 0);
	fclose(f);
	ck_assert_int_eq(end_of(child), EXIT_OK);
	static char err[200];
	verb_read("err", err, sizeof err);
	ck_assert_str_eq(err, "");
}
END_TEST

START_TEST(from_the_last_few)
{
	struct life well = { false };
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(live, &well, 0);
	int out;
	pid_t child = follow(&out, "--last", "2");
	FILE *f = fdopen(out, "r");
	ck_assert_uint_eq(next_number(f), 0);
	ck_assert_uint_eq(next_number(f), EACH - 1);
	ck_assert_uint_eq(next_number(f), EACH);
	apart(live, &well, 0);
	for (uint64_t want = EACH + 1; want <= 2 * EACH; want++)
		ck_assert_uint_eq(next_number(f), want);
	kill(child, SIGTERM);
	ck_assert_int_eq(end_of(child), EXIT_OK);
	fclose(f);
}
END_TEST

/* It has nothing to write, and still notices. */
START_TEST(nobody_reads)
{
	struct life well = { false };
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(live, &well, 0);
	int out;
	pid_t child = follow(&out, "--last", "1");
	FILE *f = fdopen(out, "r");
	ck_assert_uint_eq(next_number(f), 0);
	ck_assert_uint_eq(next_number(f), EACH);
	fclose(f);
	ck_assert_int_eq(end_of(child), EXIT_OK);
}
END_TEST

/* So many, and then it is done. */
START_TEST(up_to_a_limit)
{
	struct life well = { false };
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(live, &well, 0);
	int out;
	pid_t child = follow(&out, "--limit", "3");
	FILE *f = fdopen(out, "r");
	for (uint64_t want = 0; want <= 3; want++)
		ck_assert_uint_eq(next_number(f), want);
	ck_assert_uint_eq(next_number(f), 0);
	fclose(f);
	ck_assert_int_eq(end_of(child), EXIT_OK);
}
END_TEST

FOLDER_SUITE("follow", through_the_ends_of_hosts, from_the_last_few, nobody_reads, up_to_a_limit)
