/* watchdog - the thread that sees a script run over its budget, and stops it there.
 *
 * The thread that runs scripts only stamps that it entered and left: two stores a call. The watchdog looks
 * every 250 us, and judges by the CPU time of that thread, so a busy machine kills nobody; behind it stands a limit on the
 * wall clock. Time that a hypervisor took away looks like CPU time, so a late thread is first asked to answer, by a signal, and only
 * one that is still in the same call 100 us of CPU later is stopped, and told so every millisecond until it has ended. A script that
 * survives that for two seconds of CPU, in which its thread has run and heard it hundreds of times, ends the process with the
 * script's name (must): the intents are in the journal, a restart recovers every pair. So does, since nothing else is left
 * to try, a thread that has heard nothing in twenty seconds of CPU. */
#pragma once
#include "lua/guard.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define WATCHDOG_SLOTS 16 /* threads that may be inside scripts at the same time */

/* One thread that runs scripts. */
struct slot {
	_Alignas(64) _Atomic uint64_t seq; /* odd: inside a script */
	struct guard *_Atomic guard;
	_Atomic int64_t budget_ns;
	_Atomic uint64_t kill_seq; /* the call that is to be stopped */
	_Atomic int kill_why;
	_Atomic uint32_t trips;	     /* how often the thread has heard that it is to be stopped */
	_Atomic uint64_t answer_seq; /* the call in which the thread has answered that it runs */
	_Atomic int64_t answer_cpu_ns;
	_Atomic pid_t thread; /* 0: the slot is free */
	_Atomic clockid_t cpu;
	/* The watchdog's own: the call that it has seen, since when, and what it was told. */
	uint64_t seen_seq;
	uint64_t again_seq; /* asked twice */
	int64_t seen_wall_ns, seen_cpu_ns, killed_cpu_ns, told_ns;
};

struct watchdog {
	uint64_t id; /* never used again: tells a thread whose slot it holds */
	int64_t wall_ns;
	pthread_t thread;
	bool runs;
	_Atomic bool stop;
	struct slot slot[WATCHDOG_SLOTS];
};

int watchdog_start(struct watchdog *w, int64_t wall_ns); /* -ERR_STATE */
void watchdog_stop(struct watchdog *w);
/* The thread's slot, for its calls and for the signal handler, which is handed nothing. */
struct watchdog_seat {
	uint64_t watchdog;
	struct slot *slot;
};
extern _Thread_local struct watchdog_seat watchdog_me;
struct slot *watchdog_sit(struct watchdog *w);
/* The calling thread's slot, taken at its first call; NULL when all are taken. */
static inline struct slot *watchdog_slot(struct watchdog *w)
{
	return watchdog_me.watchdog == w->id ? watchdog_me.slot : watchdog_sit(w);
}
/* Does the calling thread have one already? */
bool watchdog_known(const struct watchdog *w);
/* Gives the calling thread's slot back: a thread that will run no more scripts. */
void watchdog_release(struct watchdog *w);

static inline void slot_enter(struct slot *s, struct guard *g, int64_t budget_ns)
{
	uint64_t seq = atomic_load_explicit(&s->seq, memory_order_relaxed);
	atomic_store_explicit(&s->guard, g, memory_order_relaxed);
	atomic_store_explicit(&s->budget_ns, budget_ns, memory_order_relaxed);
	atomic_store_explicit(&s->seq, seq + 1, memory_order_release);
}

static inline void slot_leave(struct slot *s)
{
	uint64_t seq = atomic_load_explicit(&s->seq, memory_order_relaxed);
	atomic_store_explicit(&s->seq, seq + 1, memory_order_release);
}
