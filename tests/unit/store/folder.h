/* A temporary folder for each test of a suite: `FOLDER_SUITE("store", test_a, ...)` as the last line; `folder` names it. */
#pragma once
#include "tests/unit/suite.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void folder_make(void)
{
	strcpy(folder, "/tmp/tandem-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void folder_remove(void)
{
	nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Runs fn in a process of its own: the database keeps threads for as long as a process lives, and those do not survive a fork, so a test that
 * forks never opens one itself. It must end well, or by the signal `killed` where that is not 0. */
static inline void apart(void (*fn)(void *arg), void *arg, int killed)
{
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		fn(arg);
		fflush(NULL);
		_exit(0);
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (killed)
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == killed,
			      "it ended otherwise: %d", status);
	else
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it ended badly: %d",
			      status);
}

static inline int folder_suite_run(const char *name, const TTest *const *test, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *group = tcase_create(name);
	tcase_add_checked_fixture(group, folder_make, folder_remove);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(group, test[i]);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define FOLDER_SUITE(name, ...)                                                         \
	int main(void)                                                                  \
	{                                                                               \
		const TTest *const tests[] = { __VA_ARGS__ };                           \
		return folder_suite_run(name, tests, sizeof(tests) / sizeof(tests[0])); \
	}
