/* Proves that must() lets truth pass and on a lie raises the halt flag, says where, and aborts. */
#include "core/base/must.h"
#include "tests/unit/suite.h"
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs must(x) in a child; gives its wait status and what it wrote to standard error. */
static int child(int x, _Atomic int *flag, char *said, size_t cap)
{
	int fd[2];
	ck_assert_int_eq(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		signal(SIGABRT, SIG_DFL);
		dup2(fd[1], STDERR_FILENO);
		must_set_halt_flag(flag);
		must(x == 1);
		_exit(0);
	}
	close(fd[1]);
	size_t n = 0;
	for (ssize_t k; n < cap - 1 && (k = read(fd[0], said + n, cap - 1 - n)) > 0;)
		n += (size_t)k;
	said[n] = 0;
	close(fd[0]);
	int status = 0;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(truth_passes)
{
	_Atomic int *flag = mmap(NULL, sizeof(*flag), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char said[1024];
	int status = child(1, flag, said, sizeof(said));
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(atomic_load(flag), 0);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(a_lie_raises_the_flag_and_aborts)
{
	_Atomic int *flag = mmap(NULL, sizeof(*flag), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char said[1024];
	int status = child(2, flag, said, sizeof(said));
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	ck_assert_int_eq(atomic_load(flag), 1);
	ck_assert_ptr_nonnull(strstr(said, "test_must.c:"));
	ck_assert_ptr_nonnull(strstr(said, "must(x == 1)"));
}
END_TEST

START_TEST(without_a_flag_it_aborts_all_the_same)
{
	char said[1024];
	int status = child(2, NULL, said, sizeof(said));
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	ck_assert_ptr_nonnull(strstr(said, "must(x == 1)"));
}
END_TEST

SUITE("must", truth_passes, a_lie_raises_the_flag_and_aborts, without_a_flag_it_aborts_all_the_same)
