/* Proves that host and venue share one time: scaled, or stepped so that no answer comes later
 * than in real time, and that either side may be killed and come back. */
#include "core/base/err.h"
#include "core/io/clock_page.h"
#include "core/io/env_live.h"
#include "tests/unit/io/ends.h"
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UTC 1700000000000000000

static char path[64];

static void set_up(void)
{
	strcpy(path, "/tmp/test_clock_page_XXXXXX");
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
}

static void tear_down(void)
{
	unlink(path);
}

static int64_t machine_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

START_TEST(real_time_is_scaled)
{
	struct clock_page *v, *h;
	ck_assert_int_eq(clock_page_create(path, UTC, &v), 0);
	ck_assert_int_eq(clock_page_open(path, &h), 0);
	ck_assert_int_eq(clock_page_set_real(v, 0), -ERR_RANGE);
	ck_assert_int_eq(clock_page_set_real(v, 100000), 0);
	int64_t m0, u0, m1, u1, r0 = machine_ns();
	clock_page_now(h, &m0, &u0);
	usleep(20000);
	clock_page_now(h, &m1, &u1);
	int64_t real = machine_ns() - r0;
	ck_assert_int_ge(m1 - m0, 20000000ll * 100);
	ck_assert_int_le(m1 - m0, real * 100);
	ck_assert_int_eq(u1 - u0, m1 - m0);
	ck_assert_int_ge(u0, UTC);
	ck_assert_int_eq(clock_page_real_wait(h, 1000000), 10000);
	clock_page_set_step(v);
	ck_assert_int_eq(clock_page_real_wait(h, 1), INT64_MAX);
	int64_t m2, u2;
	clock_page_now(v, &m2, &u2);
	ck_assert_int_ge(m2, m1);
	clock_page_step_to(v, m2 + 5);
	clock_page_step_to(v, m2);
	clock_page_now(h, &m1, &u1);
	ck_assert_int_eq(m1, m2 + 5);
	ck_assert_int_eq(u1, u2 + 5);
	clock_page_set_utc(v, UTC);
	clock_page_now(h, &m1, &u1);
	ck_assert_int_eq(m1, m2 + 5);
	ck_assert_int_eq(u1, UTC);
	clock_page_close(v);
	clock_page_close(h);
}
END_TEST

START_TEST(each_side_is_one)
{
	struct clock_page *v, *h, *other;
	ck_assert_int_eq(clock_page_open(path, &other), -ERR_NOTFOUND);
	ck_assert_int_eq(clock_page_create(path, 0, &v), 0);
	ck_assert_int_eq(clock_page_create(path, 0, &other), -ERR_BUSY);
	ck_assert(!clock_page_other_alive(v));
	ck_assert_int_eq(clock_page_open(path, &h), 0);
	ck_assert(clock_page_other_alive(v));
	ck_assert(clock_page_other_alive(h));
	ck_assert_int_eq(clock_page_open(path, &other), -ERR_BUSY);
	clock_page_close(h);
	ck_assert(!clock_page_other_alive(v));
	ck_assert_int_eq(clock_page_open(path, &h), 0);
	struct clock_page_counts n;
	clock_page_counts(v, &n);
	ck_assert_uint_eq(n.host_epoch, 2);
	ck_assert_uint_eq(n.venue_epoch, 1);
	clock_page_close(h);
	clock_page_close(v);
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 100000; i++)
		fputc('x', f);
	fclose(f);
	ck_assert_int_eq(clock_page_open(path, &h), -ERR_CORRUPT);
}
END_TEST

START_TEST(quiet_needs_all_bytes_and_an_idle_host)
{
	struct clock_page *v, *h;
	int64_t now, utc, next = 0;
	ck_assert_int_eq(clock_page_create(path, UTC, &v), 0);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_NO_HOST);
	ck_assert_int_eq(clock_page_open(path, &h), 0);
	clock_page_set_step(v);
	clock_page_now(v, &now, &utc);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	ck_assert(clock_page_host_idle(h, now + 100));
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	ck_assert_int_eq(next, now + 100);
	/* A step: the host has to see it first. */
	clock_page_step_to(v, now + 50);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	ck_assert(clock_page_host_idle(h, now + 100));
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	ck_assert(!clock_page_host_idle(h, now + 50));
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	ck_assert(clock_page_host_idle(h, now + 100));
	/* A connection: both ends up, then all bytes both ways. */
	ck_assert_int_eq(clock_page_conn(v, 7), -ERR_NOTFOUND);
	int c = clock_page_conn(h, 7);
	ck_assert_int_ge(c, 0);
	ck_assert_int_eq(clock_page_conn(v, 7), c);
	clock_page_conn_state(h, c, CLOCK_CONN_UP);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	clock_page_conn_state(v, c, CLOCK_CONN_UP);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	clock_page_conn_tx(v, c, 10);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	clock_page_conn_rx(h, c, 10);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	ck_assert(clock_page_host_idle(h, now + 100));
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	clock_page_conn_tx(h, c, 3);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	/* It breaks: what was lost goes with it. */
	clock_page_conn_state(v, c, CLOCK_CONN_NONE);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_BUSY);
	clock_page_conn_state(h, c, CLOCK_CONN_NONE);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	ck_assert_int_eq(clock_page_conn(h, 8), c);
	clock_page_conn_state(h, c, CLOCK_CONN_UP);
	ck_assert_int_eq(clock_page_conn(v, 8), c);
	clock_page_conn_state(v, c, CLOCK_CONN_UP);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	/* A host that died held up: its successor starts from nothing. */
	clock_page_close(h);
	clock_page_conn_tx(v, c, 1);
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_NO_HOST);
	ck_assert_int_eq(clock_page_open(path, &h), 0);
	clock_page_conn_state(v, c, CLOCK_CONN_NONE);
	ck_assert(clock_page_host_idle(h, now + 100));
	ck_assert_int_eq(clock_page_quiet(v, &next), CLOCK_HOST_QUIET);
	clock_page_close(h);
	clock_page_close(v);
}
END_TEST

/* ---- both sides as env_live: a venue that sends a tick every millisecond, a host that answers
 * at once and once later ---- */

#define TICK_NS	 1000000
#define LATER_NS 300000

struct tick {
	int64_t at_ns;
	uint32_t kind; /* 0: tick and its answer, 1: what the host sends later */
};

static void run_host(struct env *env, uint16_t port, int ms)
{
	struct end x;
	int64_t later = INT64_MAX, until = machine_ns() + (int64_t)ms * 1000000;
	size_t seen = 0;
	end_init(&x, env, sizeof(struct tick) * 100000);
	struct env_peer p = peer_on(port);
	if (env_open(env, &p, &end_handler, &x, &x.chan) != 0)
		return;
	while (x.downs == 0 && machine_ns() < until) {
		env_poll(env, later);
		struct env_now now;
		env_now(env, &now);
		for (; seen + sizeof(struct tick) <= x.n; seen += sizeof(struct tick)) {
			struct tick t = { .at_ns = now.mono_ns };
			(void)chan_send(x.chan, &t, sizeof(t));
			later = now.mono_ns + LATER_NS;
		}
		if (now.mono_ns >= later) {
			struct tick t = { .at_ns = now.mono_ns, .kind = 1 };
			later = INT64_MAX;
			if (x.chan)
				(void)chan_send(x.chan, &t, sizeof(t));
		}
		env_flush(env);
	}
	if (x.chan)
		chan_close(x.chan);
	end_free(&x);
}

struct venue {
	struct env *env;
	struct clock_page *clock;
	struct door door;
	struct end end[4];
	uint16_t port;
	int answers, laters, wrong;
	int64_t sent_ns;
};

static void open_venue(struct venue *v, bool spin)
{
	*v = (struct venue){ 0 };
	ck_assert_int_eq(clock_page_create(path, UTC, &v->clock), 0);
	clock_page_set_step(v->clock);
	struct env_live_opt o = { .clock = v->clock, .spin = spin };
	ck_assert_int_eq(env_live_open(&o, &v->env), 0);
	for (int i = 0; i < 4; i++)
		end_init(&v->end[i], v->env, sizeof(struct tick) * 100000);
	v->door = (struct door){ .end = v->end, .n = 4 };
	struct env_peer p = peer_on(0);
	ck_assert_int_eq(env_listen(v->env, &p, door_accept, &v->door, &v->port), 0);
}

static void close_venue(struct venue *v)
{
	v->env->ops->free(v->env);
	clock_page_close(v->clock);
	for (int i = 0; i < 4; i++)
		end_free(&v->end[i]);
}

static void judge(struct venue *v, struct end *x, int64_t now_ns)
{
	struct tick t;
	size_t from = 0;
	for (; from + sizeof(t) <= x->n; from += sizeof(t)) {
		memcpy(&t, x->got + from, sizeof(t));
		int64_t due = v->sent_ns + (t.kind ? LATER_NS : 0);
		v->wrong += t.at_ns != due || now_ns != due;
		v->answers += t.kind == 0;
		v->laters += t.kind == 1;
	}
	memmove(x->got, x->got + from, x->n - from);
	x->n -= from;
}

/* Until the nth connection is up; false: not within so long. */
static bool await_host(struct venue *v, int n, int ms)
{
	int64_t end = machine_ns() + (int64_t)ms * 1000000;
	while (machine_ns() < end && !(v->door.taken == n && v->end[n - 1].ups)) {
		env_poll(v->env, 0);
		env_flush(v->env);
	}
	return v->door.taken == n && v->end[n - 1].ups;
}

/* So many ticks, one a virtual millisecond. */
static void run_venue(struct venue *v, struct end *x, int ticks)
{
	struct env_now now;
	env_now(v->env, &now);
	int64_t next = now.mono_ns + TICK_NS;
	for (int i = 0; i < ticks || now.mono_ns < next;) {
		env_poll(v->env, next);
		env_now(v->env, &now);
		judge(v, x, now.mono_ns);
		if (now.mono_ns >= next && i < ticks) {
			struct tick t = { .at_ns = now.mono_ns };
			if (!x->chan || chan_send(x->chan, &t, sizeof(t)) != 0)
				return;
			v->sent_ns = now.mono_ns;
			next = now.mono_ns + TICK_NS;
			i++;
		}
		env_flush(v->env);
	}
}

static pid_t start_host(uint16_t port, bool spin)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	struct env *env;
	struct env_live_opt o = { .clock_path = path, .spin = spin };
	if (env_live_open(&o, &env) != 0)
		_exit(1);
	run_host(env, port, 20000);
	env->ops->free(env);
	_exit(0);
}

static void expect_ticks(bool spin)
{
	struct venue v;
	int ticks = 3000;
	open_venue(&v, spin);
	pid_t pid = start_host(v.port, spin);
	ck_assert(await_host(&v, 1, 5000));
	int64_t t0 = machine_ns();
	run_venue(&v, &v.end[0], ticks);
	int64_t real = machine_ns() - t0;
	ck_assert_int_eq(v.answers, ticks);
	ck_assert_int_eq(v.laters, ticks);
	ck_assert_int_eq(v.wrong, 0);
	printf("%s: %d ticks of 1 ms in %.0f ms, %.1f us a tick\n", spin ? "spinning" : "sleeping",
	       ticks, (double)real / 1e6, (double)real / 1e3 / ticks);
	/* It must never hang on a bell that was missed. */
	ck_assert_int_lt(real, 10 * (int64_t)ticks * TICK_NS);
	close_venue(&v);
	int status;
	waitpid(pid, &status, 0);
	ck_assert_int_eq(status, 0);
}

START_TEST(no_answer_is_late_in_stepped_time)
{
	expect_ticks(false);
}
END_TEST

START_TEST(nor_when_both_spin)
{
	expect_ticks(true);
}
END_TEST

START_TEST(a_killed_host_comes_back)
{
	struct venue v;
	open_venue(&v, false);
	for (int round = 0; round < 3; round++) {
		pid_t pid = start_host(v.port, false);
		ck_assert(await_host(&v, round + 1, 5000));
		v.answers = v.laters = 0;
		run_venue(&v, &v.end[round], 200);
		ck_assert_int_eq(v.answers, 200);
		struct tick t = { 0 };
		/* Bytes that nobody will ever count. */
		kill(pid, SIGSTOP);
		(void)chan_send(v.end[round].chan, &t, sizeof(t));
		env_flush(v.env);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		int64_t end = machine_ns() + 5000000000;
		struct env_now a, b;
		while (!v.end[round].downs && machine_ns() < end)
			env_poll(v.env, 0);
		ck_assert_int_eq(v.end[round].downs, 1);
		/* Without a host time stands still, and a command still gets through. */
		env_now(v.env, &a);
		struct env_command c = { .kind = CMD_STATUS };
		ck_assert_int_eq(env_live_push(v.env, &c), 0);
		env_poll(v.env, a.mono_ns + TICK_NS);
		env_now(v.env, &b);
		ck_assert_int_eq(a.mono_ns, b.mono_ns);
		ck_assert(env_command(v.env, &c));
	}
	ck_assert_int_eq(v.wrong, 0);
	close_venue(&v);
}
END_TEST

START_TEST(a_host_outlives_its_venue)
{
	int ready[2];
	ck_assert_int_eq(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct venue v;
		open_venue(&v, false);
		(void)!write(ready[1], &v.port, sizeof(v.port));
		for (;;)
			env_poll(v.env, INT64_MAX);
	}
	uint16_t port;
	ck_assert_int_eq(read(ready[0], &port, sizeof(port)), sizeof(port));
	struct env *env;
	struct env_live_opt o = { .clock_path = path };
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	struct end x;
	end_init(&x, env, 1000);
	struct env_peer p = peer_on(port);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &x, &x.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &x, 5000));
	struct env_now a, b;
	env_now(env, &a);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert(run_until(env, NULL, end_is_down, &x, 5000));
	env_poll(env, a.mono_ns + 10000000);
	env_poll(env, a.mono_ns + 10000000);
	env_now(env, &b);
	ck_assert_int_ge(b.mono_ns, a.mono_ns + 10000000);
	/* A new venue goes on from there. */
	struct venue v;
	open_venue(&v, false);
	struct env_now c;
	env_now(v.env, &c);
	ck_assert_int_ge(c.mono_ns, b.mono_ns);
	struct clock_page_counts n;
	clock_page_counts(v.clock, &n);
	ck_assert_uint_eq(n.venue_epoch, 2);
	close_venue(&v);
	env->ops->free(env);
	end_free(&x);
}
END_TEST

START_TEST(waits_shrink_with_speed)
{
	struct clock_page *v;
	ck_assert_int_eq(clock_page_create(path, UTC, &v), 0);
	ck_assert_int_eq(clock_page_set_real(v, 50000), 0);
	struct env *env;
	struct env_live_opt o = { .clock_path = path };
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	struct env_now a, b;
	env_now(env, &a);
	int64_t t0 = machine_ns();
	env_poll(env, a.mono_ns + 5000000000);
	int64_t real = machine_ns() - t0;
	env_now(env, &b);
	ck_assert_int_ge(b.mono_ns, a.mono_ns + 5000000000);
	ck_assert_int_ge(real, 90000000);
	ck_assert_int_lt(real, 1000000000);
	env->ops->free(env);
	clock_page_close(v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock_page");
	TCase *t = tcase_create("clock");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 40);
	tcase_add_test(t, real_time_is_scaled);
	tcase_add_test(t, each_side_is_one);
	tcase_add_test(t, quiet_needs_all_bytes_and_an_idle_host);
	tcase_add_test(t, no_answer_is_late_in_stepped_time);
	tcase_add_test(t, nor_when_both_spin);
	tcase_add_test(t, a_killed_host_comes_back);
	tcase_add_test(t, a_host_outlives_its_venue);
	tcase_add_test(t, waits_shrink_with_speed);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
