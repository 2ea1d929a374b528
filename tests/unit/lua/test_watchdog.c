/* Proves that the watchdog stops one thread's runaway and leaves its neighbours alone, that threads give their places back, and that
 * the process ends when a script cannot be stopped, and not when its thread only seemed to run. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "lua/vm.h"
#include "lua/watchdog.h"
#include "tests/unit/lua/script.h"
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { healthy_calls = 300000, sick_calls = 60 };

struct job {
	struct lua_host *host;
	const char *text;
	int calls, failed;
	uint64_t kills;
	char error[256];
};

static void *work(void *arg)
{
	struct job *j = arg;
	struct script t = { .b = script_basis() };
	struct lua_instance_options o = { .name = "x",
					  .file = "x.lua",
					  .source = j->text,
					  .source_len = strlen(j->text),
					  .unbound = true };
	if (lua_host_load(j->host, &o, &t.s)) {
		snprintf(j->error, sizeof(j->error), "%s", err_text());
		return NULL;
	}
	for (int i = 0; i < j->calls; i++) {
		if (script_run(&t, STRAT_BASIS) < 0) {
			snprintf(j->error, sizeof(j->error), "%s", err_text());
			j->failed++;
		}
		if (!(i & 255))
			lua_host_idle(t.s);
	}
	j->kills = t.s->kills;
	t.s->ops->free(t.s);
	return NULL;
}

START_TEST(a_runaway_on_one_thread_costs_no_other_one_a_call)
{
	if (!RUNAWAYS)
		return;
	struct lua_host *h =
		script_host((struct lua_host_options){ .kill_strikes = sick_calls + 1 });
	const char *well = ON_BASIS(
		"if b.sell_near_net_bp >= 800 then self:pair { sell = 'near', buy = 'far', lots = 1 } end");
	struct job job[3] = {
		{ .host = h, .text = well, .calls = healthy_calls },
		{ .host = h, .text = ON_BASIS("while true do end"), .calls = sick_calls },
		{ .host = h, .text = well, .calls = healthy_calls }
	};
	pthread_t thread[3];
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &job[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	ck_assert_msg(job[1].failed == sick_calls && job[1].kills == sick_calls, "%d %s",
		      job[1].failed, job[1].error);
	ck_assert_msg(job[0].failed == 0, "%s", job[0].error);
	ck_assert_msg(job[2].failed == 0, "%s", job[2].error);
	lua_host_free(h);
}
END_TEST

static void *load_only(void *arg)
{
	struct job *j = arg;
	j->calls = 0;
	return work(arg);
}

START_TEST(threads_that_only_load_need_no_place_for_ever)
{
	struct lua_host *h = script_host((struct lua_host_options){ 0 });
	for (int i = 0; i < 3 * WATCHDOG_SLOTS; i++) {
		struct job j = { .host = h, .text = ON_BASIS("") };
		pthread_t thread;
		ck_assert_int_eq(pthread_create(&thread, NULL, load_only, &j), 0);
		pthread_join(thread, NULL);
		ck_assert_msg(!j.error[0], "%s", j.error);
	}
	lua_host_free(h);
}
END_TEST

START_TEST(a_thread_may_serve_several_hosts)
{
	struct script t[2];
	for (int i = 0; i < 2; i++)
		script_must_load(&t[i],
				 script_host((struct lua_host_options){ .kill_strikes = 100,
									.error_strikes = 100 }),
				 RUNAWAYS ? ON_BASIS("while true do end") : ON_BASIS("error('x')"));
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(script_run(&t[i & 1], STRAT_BASIS), -ERR_SCRIPT);
	script_free(&t[0]);
	ck_assert_int_eq(script_run(&t[1], STRAT_BASIS), -ERR_SCRIPT);
	script_free(&t[1]);
}
END_TEST

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What no trip stops: C code, here that of the test. `deaf`: once it was told to stop, its thread hears no more. */
static void run_on(bool deaf, double seconds)
{
	static struct watchdog w;
	static struct vm v;
	if (guard_setup() || vm_open(&v, "sleepless.lua", 16u << 20) ||
	    watchdog_start(&w, 50000000))
		_exit(2);
	struct slot *s = watchdog_slot(&w);
	slot_enter(s, &v.guard, 1000000);
	while (!atomic_load(&s->trips) && cpu_s() < seconds)
		;
	if (deaf) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, guard_signal());
		pthread_sigmask(SIG_BLOCK, &set, NULL);
	}
	for (double from = cpu_s(); cpu_s() - from < seconds;)
		;
	_exit(atomic_load(&s->trips) ? 0 : 3);
}

/* In a process of its own; returns its wait status, and what it said. */
static int outcome_of(bool deaf, double seconds, char *said, size_t cap)
{
	int fd[2], status;
	ck_assert_int_eq(pipe(fd), 0);
	pid_t pid = fork();
	ck_assert(pid >= 0);
	if (!pid) {
		struct rlimit no_core = { 0 };
		setrlimit(RLIMIT_CORE, &no_core);
		dup2(fd[1], STDERR_FILENO);
		run_on(deaf, seconds);
	}
	close(fd[1]);
	size_t n = 0;
	for (ssize_t got; (got = read(fd[0], said + n, cap - 1 - n)) > 0;)
		n += (size_t)got;
	said[n] = 0;
	close(fd[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(a_script_that_cannot_be_stopped_ends_the_process_with_its_name)
{
	if (!RUNAWAYS)
		return;
	char said[1024];
	int status = outcome_of(false, 15, said, sizeof(said));
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%#x %s",
		      (unsigned)status, said);
	ck_assert_msg(!strncmp(said, "sleepless.lua: ", 15), "%s", said);
	ck_assert_msg(strstr(said, "a_stopped_script_ends") != NULL, "%s", said);
}
END_TEST

START_TEST(cpu_time_in_which_a_thread_heard_nothing_is_not_held_against_it)
{
	if (!RUNAWAYS)
		return;
	char said[1024];
	int status = outcome_of(true, 2.5, said, sizeof(said));
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x %s", (unsigned)status,
		      said);
}
END_TEST

SUITE("watchdog", a_runaway_on_one_thread_costs_no_other_one_a_call,
      threads_that_only_load_need_no_place_for_ever, a_thread_may_serve_several_hosts,
      a_script_that_cannot_be_stopped_ends_the_process_with_its_name,
      cpu_time_in_which_a_thread_heard_nothing_is_not_held_against_it)
