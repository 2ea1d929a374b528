#include "lua/watchdog.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	look_every_ns = 250000,
	look_closer_ns = 50000,
	tell_every_ns = 1000000,
	answered_for_ns = 100000
};
/* A thread that runs hears of a kill every tell_every_ns; far fewer means that its CPU time was not its own. */
enum { heard_enough = 200 };
static const int64_t give_up_ns = 2000000000, deaf_ns = 20000000000;

#define me watchdog_me
_Thread_local struct watchdog_seat watchdog_me;

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;
	if (clock_gettime(clock, &t))
		return -1;
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* On the thread that runs the script. The first signal of a call is a question, which this answers; late ones find
 * another call, or none, and do no harm. */
__attribute__((no_sanitize("thread"))) static void on_signal(int signal)
{
	(void)signal;
	struct slot *s = me.slot;
	uint64_t seq = s ? atomic_load_explicit(&s->seq, memory_order_relaxed) : 0;
	if (!(seq & 1))
		return;
	if (atomic_load_explicit(&s->kill_seq, memory_order_acquire) == seq) {
		guard_trip(atomic_load_explicit(&s->guard, memory_order_relaxed),
			   (enum guard_why)atomic_load_explicit(&s->kill_why,
								memory_order_relaxed));
		atomic_fetch_add_explicit(&s->trips, 1, memory_order_relaxed);
	} else if (atomic_load_explicit(&s->answer_seq, memory_order_relaxed) != seq) {
		atomic_store_explicit(&s->answer_cpu_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID),
				      memory_order_relaxed);
		atomic_store_explicit(&s->answer_seq, seq, memory_order_release);
	}
}

static void tell(struct slot *s, int64_t now)
{
	if (now - s->told_ns < tell_every_ns)
		return;
	s->told_ns = now;
	syscall(SYS_tgkill, getpid(), atomic_load(&s->thread), guard_signal());
}

static void see(struct slot *s, uint64_t seq, int64_t now)
{
	s->seen_seq = seq;
	s->seen_wall_ns = now;
	s->seen_cpu_ns = clock_ns(atomic_load(&s->cpu));
	s->told_ns = 0;
}

/* It was told to end: once more, in case the signal met code that undid it, and not for ever. */
static void insist(struct slot *s, int64_t now, int64_t cpu)
{
	unsigned trips = atomic_load_explicit(&s->trips, memory_order_relaxed);
	int64_t since = cpu - s->killed_cpu_ns;
	bool a_stopped_script_ends = since < (trips < heard_enough ? deaf_ns : give_up_ns);
	if (!a_stopped_script_ends)
		fprintf(stderr,
			"%s: this script was told to stop %u times and has not, in %.3g s of CPU; the process "
			"ends, because nothing else stops it: restart it, which recovers every pair, without this script\n",
			guard_file(atomic_load_explicit(&s->guard, memory_order_relaxed)), trips,
			(double)since / 1e9);
	must(a_stopped_script_ends);
	tell(s, now);
}

/* One look at one thread. Its CPU clock is a system call, so it is read when a call is first seen and when it is late.
 * A hypervisor's theft counts as CPU time too: so the thread is asked first, and only a script that is still there when
 * its thread has answered, and run on for a while, is stopped. True: worth another look soon. */
static bool look(const struct watchdog *w, struct slot *s)
{
	uint64_t seq = atomic_load_explicit(&s->seq, memory_order_acquire);
	if (!(seq & 1))
		return false;
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	if (s->seen_seq != seq) {
		see(s, seq, now);
		return true;
	}
	int64_t budget = atomic_load_explicit(&s->budget_ns, memory_order_relaxed);
	int64_t wall = now - s->seen_wall_ns;
	if (wall < budget / 2)
		return true;
	int64_t cpu = clock_ns(atomic_load(&s->cpu));
	if (atomic_load_explicit(&s->kill_seq, memory_order_relaxed) == seq) {
		insist(s, now, cpu);
		return true;
	}
	/* The wall limit of a call with a larger budget than a turn's grows with it. */
	int64_t wall_limit = w->wall_ns > 10 * budget ? w->wall_ns : 10 * budget;
	int64_t used = cpu - s->seen_cpu_ns;
	if (used < budget / 2 && wall < wall_limit / 2)
		return true;
	if (atomic_load_explicit(&s->answer_seq, memory_order_acquire) != seq) {
		tell(s, now);
		return true;
	}
	int64_t since = cpu - atomic_load_explicit(&s->answer_cpu_ns, memory_order_relaxed);
	/* On a machine that is too busy a healthy call waits for its CPU, and runs on for a little when it has it: the wall alone ends only what runs on for longer. */
	if (used < budget ? wall < wall_limit || since < budget / 2 : since < answered_for_ns)
		return true;
	/* The machine's theft may have come right after the answer: who answers again, and runs on again, was there all the time. */
	if (used < budget && s->again_seq != seq) {
		s->again_seq = seq;
		s->told_ns = 0;
		atomic_store_explicit(&s->answer_seq, 0, memory_order_relaxed);
		tell(s, now);
		return true;
	}
	atomic_store_explicit(&s->kill_why, used >= budget ? GUARD_TIME : GUARD_WALL,
			      memory_order_relaxed);
	atomic_store_explicit(&s->trips, 0, memory_order_relaxed);
	atomic_store_explicit(&s->kill_seq, seq, memory_order_release);
	s->killed_cpu_ns = cpu;
	s->told_ns = 0;
	tell(s, now);
	return true;
}

static void *run(void *arg)
{
	struct watchdog *w = arg;
	struct timespec pause = { .tv_nsec = look_every_ns };
	/* The kernel would add 50 us to each sleep. */
	prctl(PR_SET_TIMERSLACK, 1000);
	while (!atomic_load_explicit(&w->stop, memory_order_relaxed)) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		bool soon = false;
		for (unsigned i = 0; i < WATCHDOG_SLOTS; i++) {
			if (atomic_load_explicit(&w->slot[i].thread, memory_order_acquire) > 0)
				soon |= look(w, &w->slot[i]);
		}
		pause.tv_nsec = soon ? look_closer_ns : look_every_ns;
	}
	return NULL;
}

int watchdog_start(struct watchdog *w, int64_t wall_ns)
{
	static _Atomic uint64_t ids;
	memset(w, 0, sizeof(*w));
	w->id = atomic_fetch_add(&ids, 1) + 1;
	w->wall_ns = wall_ns;
	int rc = guard_handle(on_signal);
	if (rc)
		return rc;
	rc = pthread_create(&w->thread, NULL, run, w);
	if (rc)
		return err_set(ERR_STATE, "the watchdog of scripts did not start: %s",
			       strerror(rc));
	w->runs = true;
	return 0;
}

void watchdog_stop(struct watchdog *w)
{
	if (!w->runs)
		return;
	atomic_store(&w->stop, true);
	pthread_join(w->thread, NULL);
	w->runs = false;
	if (me.watchdog == w->id)
		me.slot = NULL;
	me.watchdog = me.slot ? me.watchdog : 0;
}

bool watchdog_known(const struct watchdog *w)
{
	pid_t self = (pid_t)syscall(SYS_gettid);
	for (unsigned i = 0; i < WATCHDOG_SLOTS; i++) {
		if (atomic_load(&w->slot[i].thread) == self)
			return true;
	}
	return false;
}

/* The slot of this thread, or a free one: taken as -1, so that the watchdog waits until its clock is known. */
static struct slot *claim(struct watchdog *w)
{
	pid_t self = (pid_t)syscall(SYS_gettid);
	for (unsigned i = 0; i < WATCHDOG_SLOTS; i++) {
		if (atomic_load(&w->slot[i].thread) == self)
			return &w->slot[i];
	}
	for (unsigned i = 0; i < WATCHDOG_SLOTS; i++) {
		pid_t none = 0;
		struct slot *s = &w->slot[i];
		if (!atomic_compare_exchange_strong(&s->thread, &none, -1))
			continue;
		clockid_t cpu;
		if (pthread_getcpuclockid(pthread_self(), &cpu)) {
			atomic_store(&s->thread, 0);
			return NULL;
		}
		atomic_store(&s->cpu, cpu);
		atomic_store_explicit(&s->thread, self, memory_order_release);
		return s;
	}
	return NULL;
}

struct slot *watchdog_sit(struct watchdog *w)
{
	struct slot *s = claim(w);
	if (s) {
		me.slot = s;
		me.watchdog = w->id;
	}
	return s;
}

void watchdog_release(struct watchdog *w)
{
	struct slot *s = watchdog_slot(w);
	me.slot = NULL;
	me.watchdog = 0;
	if (s)
		atomic_store_explicit(&s->thread, 0, memory_order_release);
}
