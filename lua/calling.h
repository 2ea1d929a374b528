/* calling - how an instance's on_basis is called: through the views, or, while the compiler does not take it, with plain numbers.
 *
 * Compiled code reads a view in a nanosecond, the interpreter in hundreds. So it is looked at now and then whether the hook is compiled; a hot one that is
 * not is called with the numbers that it has been seen to read (plain.lua), and is told by strategy.interpreted. Once the compiler takes it that way, the views
 * are tried again, each time after a longer while. Both ways show the same numbers, so what a script decides does not depend on it. The instance's thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define CALLING_HOT   1024 /* calls of on_basis after which the compiler should have taken it */
#define CALLING_LOOKS 4096 /* calls from one look to the next */

struct instance;

struct calling {
	bool plain;
	bool forced;	   /* by calling_force: nothing is looked at any more */
	uint8_t args;	   /* numbers that the entry takes */
	uint32_t tries;	   /* how often the views were tried again */
	uint64_t again_at; /* in calls: not before */
};

/* With every call of on_basis, n in all: true where it is not simply the views' turn, and calling_push is asked. */
static inline bool calling_other(const struct calling *c, uint64_t n)
{
	return c->plain || n % CALLING_LOOKS == CALLING_HOT;
}
/* Pushes what is to be called for on_basis and its arguments, which lie in the mailbox; returns how many they are. */
int calling_push(struct instance *in);
/* on_basis runs as compiled code, the way it is called now. */
bool calling_is_compiled(struct instance *in);
/* One way from now on, for tests and benchmarks. */
void calling_force(struct instance *in, bool plain);
