/* Proves that a child is started from this very binary with nothing of its parent's open, ends with its parent, and that how it ended is told rightly. */
#include "core/base/err.h"
#include "core/cmd/child.h"
#include "tests/unit/store/folder.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

static void nap(int ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

static struct child child_of(const char *role)
{
	struct child c = { .name = "child", .argv = { "test_child", "--role", role } };
	snprintf(c.log, sizeof c.log, "%s/child.log", folder);
	return c;
}

/* ---- what the children do ---- */

static void list_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	char line[256] = "open";
	for (const struct dirent *e; (e = readdir(d));) {
		int fd = atoi(e->d_name);
		if (e->d_name[0] != '.' && fd != dirfd(d))
			snprintf(line + strlen(line), sizeof line - strlen(line), " %d", fd);
	}
	closedir(d);
	puts(line);
}

static void get_ready(void)
{
	puts("not yet");
	puts("ready to go");
	fflush(stdout);
}

static int play(const char *role)
{
	if (strcmp(role, "open") == 0) {
		list_open();
		return 0;
	}
	if (strcmp(role, "three") == 0) {
		fputs("went wrong here", stderr); /* no newline */
		return 3;
	}
	if (strcmp(role, "deaf") == 0)
		signal(SIGTERM, SIG_IGN);
	get_ready();
	if (strcmp(role, "dies") == 0)
		raise(SIGKILL);
	for (;;)
		nap(1000);
}

/* ---- the suite ---- */

START_TEST(it_gets_ready_and_is_stopped)
{
	struct child c = child_of("waits");
	ck_assert(child_ended(&c)); /* it never ran */
	ck_assert(child_stop(&c, 10));
	ck_assert_msg(child_start(&c) == 0, "%s", err_text());
	ck_assert(c.pid > 0 && c.pid == c.last_pid && c.starts == 1);
	ck_assert_int_eq(getpgid(c.pid) == getpgid(0), 0);
	ck_assert(child_wait_line(&c, "ready", 5000));
	ck_assert(!child_ended(&c));
	ck_assert(!child_stop(&c, 5000)); /* SIGTERM's default kills it: it did not end by itself */
	ck_assert(child_was_killed(&c) && WTERMSIG(c.status) == SIGTERM);
	ck_assert_int_eq(c.pid, 0);
	ck_assert_int_gt(c.last_pid, 0);
}
END_TEST

/* A line of the life before is not taken for one of this. */
START_TEST(each_life_has_its_own_lines)
{
	struct child c = child_of("waits");
	ck_assert_int_eq(child_start(&c), 0);
	ck_assert(child_wait_line(&c, "ready", 5000));
	child_stop(&c, 1000);
	c.argv[2] = "three";
	ck_assert_int_eq(child_start(&c), 0);
	ck_assert(!child_wait_line(&c, "ready", 5000));
	ck_assert(child_ended(&c) && !child_was_killed(&c));
	ck_assert_int_eq(WEXITSTATUS(c.status), 3);
	ck_assert(child_stop(&c, 10)); /* it had ended by itself */
	ck_assert_uint_eq(c.starts, 2);
}
END_TEST

START_TEST(a_killed_one_is_told_from_one_that_ended)
{
	struct child c = child_of("dies");
	ck_assert_int_eq(child_start(&c), 0);
	ck_assert(child_wait_line(&c, "ready", 5000)); /* it had said so before */
	while (!child_ended(&c))
		nap(1);
	ck_assert(child_was_killed(&c));
	ck_assert(!child_stop(&c, 1000)); /* and is not taken for one that was stopped */
}
END_TEST

START_TEST(a_deaf_one_is_killed)
{
	struct child c = child_of("deaf");
	ck_assert_int_eq(child_start(&c), 0);
	ck_assert(child_wait_line(&c, "ready", 5000));
	ck_assert(!child_stop(&c, 100));
	ck_assert(child_was_killed(&c) && WTERMSIG(c.status) == SIGKILL);
}
END_TEST

static bool log_says(const struct child *c, const char *want)
{
	char text[600] = "";
	FILE *f = fopen(c->log, "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	ck_assert_msg(strstr(text, want) != NULL, "'%s' in: %s", want, text);
	return true;
}

START_TEST(it_inherits_only_what_it_is_to_keep)
{
	int fd = open("/dev/null", O_RDONLY), kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char want[32];
	struct child c = child_of("open");
	ck_assert_int_eq(child_start(&c), 0);
	while (!child_ended(&c))
		nap(1);
	log_says(&c, "open 0 1 2\n");
	c.keep = kept;
	ck_assert_int_eq(child_start(&c), 0);
	while (!child_ended(&c))
		nap(1);
	snprintf(want, sizeof want, "open 0 1 2 %d\n", kept);
	log_says(&c, want);
	close(fd);
	close(kept);
}
END_TEST

/* Started by somebody who ignores the ends of children: waitpid knows nothing of them then. */
START_TEST(an_end_that_nobody_tells_is_noticed)
{
	struct child c = child_of("three");
	signal(SIGCHLD, SIG_IGN);
	ck_assert_int_eq(child_start(&c), 0);
	for (int k = 0; k < 3000 && !child_ended(&c); k++)
		nap(1);
	ck_assert(child_ended(&c));
	ck_assert(child_stop(&c, 100));
	signal(SIGCHLD, SIG_DFL);
}
END_TEST

START_TEST(a_log_that_cannot_be_written_is_told)
{
	struct child c = child_of("waits");
	snprintf(c.log, sizeof c.log, "%s/none/child.log", folder);
	ck_assert_int_eq(child_start(&c), -ERR_IO);
	ck_assert_ptr_nonnull(strstr(err_text(), "none/child.log"));
	ck_assert_int_eq(c.pid, 0);
	ck_assert(!child_wait_line(&c, "ready", 100));
	child_show_log(&c, 5); /* nothing to show */
}
END_TEST

static pid_t grandchild(void)
{
	char path[100];
	int pid = 0;
	snprintf(path, sizeof path, "%s/pid", folder);
	FILE *f = fopen(path, "r");
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

static void start_and_die(void *arg)
{
	char path[100];
	struct child c = child_of("waits");
	(void)arg;
	if (child_start(&c) || !child_wait_line(&c, "ready", 5000))
		_exit(1);
	snprintf(path, sizeof path, "%s/pid", folder);
	FILE *f = fopen(path, "w");
	fprintf(f, "%d", (int)c.pid);
	fclose(f);
	raise(SIGKILL);
}

START_TEST(it_ends_with_its_parent)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* its end comes to us then */
	apart(start_and_die, NULL, SIGKILL);
	int status, pid = grandchild();
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--role") == 0)
		return play(argv[2]);
	const TTest *const tests[] = { it_gets_ready_and_is_stopped,
				       each_life_has_its_own_lines,
				       a_killed_one_is_told_from_one_that_ended,
				       a_deaf_one_is_killed,
				       it_inherits_only_what_it_is_to_keep,
				       an_end_that_nobody_tells_is_noticed,
				       a_log_that_cannot_be_written_is_told,
				       it_ends_with_its_parent };
	return folder_suite_run("child", tests, sizeof tests / sizeof tests[0]);
}
