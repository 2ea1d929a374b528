/* guard - stops a script in the middle of whatever it does, compiled loops included, so that its VM can be used again.
 *
 * It stands on LuaJIT's profiler: compiled code looks at a flag in the VM's state, and a set flag leaves the code for the interpreter, where a hook that
 * raises is waiting. The flag is private to the library, so its place is searched for at start, and the self-test proves
 * the whole. A permanent VM owns the profiler and a real-time signal belongs to this module: process-wide, both, because the library and
 * signals are. guard_trip is safe in a signal handler; the rest belongs to the thread that uses the VM. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lua_State;
struct lua_Debug;

enum guard_why { GUARD_NONE, GUARD_TIME, GUARD_WALL, GUARD_MEMORY, GUARD_ASKED, guard_why_max };

struct guard {
	struct lua_State *L;
	char chunk[264];      /* "@file": how the script's own frames are told from ours */
	volatile uint8_t why; /* enum guard_why: the call in progress is being stopped */
	volatile int line;    /* where it was stopped; 0: not in the script's own text */
};

/* Once a process, any thread: the owner VM and the place of the flag. -ERR_STATE: this LuaJIT has no such place. */
int guard_setup(void);
/* Puts the VM under guard; before any of its code is compiled. L's allocator must be an arena whose owner is this guard. */
void guard_adopt(struct guard *g, struct lua_State *L, const char *file);
/* Stops what the VM is doing, at its next instruction. On the thread that runs it. The first reason stays.
 * A signal may meet the library while it changes its own tables, and the trip is lost: trip again until the call has ended. */
void guard_trip(struct guard *g, enum guard_why why);
/* The VM runs no script: it may be called again. */
void guard_clear(struct guard *g);
/* The script's file, as it was adopted. */
static inline const char *guard_file(const struct guard *g)
{
	return g->chunk + 1;
}
/* Line of the innermost frame of the script on L's stack, 0 when there is none. */
int guard_line(const struct guard *g, struct lua_State *L);

/* What the kill signal does on the thread that gets it; the watchdog's. */
int guard_signal(void);			       /* its number */
int guard_handle(void (*handler)(int signal)); /* 0, or -ERR_STATE */
