/* Proves that a trip stops a compiled loop, that one which meets the library in the middle of a change of its own tables is made
 * good by the next one, whatever the instruction, and that a cleared VM is as good as new. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "lua/vm.h"
#include "tests/unit/lua/script.h"
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <ucontext.h>

enum { loops = 200000, LOOP = VM_HANDLER + 1 /* its place on the stack */ };

/* A VM whose loop is compiled; it ends by itself, so that a lost trip is a failure and not a hang. */
static void open_loop(struct vm *v)
{
	*v = (struct vm){ 0 };
	ck_assert_int_eq(guard_setup(), 0);
	ck_assert_msg(vm_open(v, "x.lua", 16u << 20) == 0, "%s", err_text());
	char text[64];
	int n = snprintf(text, sizeof(text), "for i = 1, %d do end", loops);
	ck_assert_msg(vm_chunk(v, "@x.lua", text, (size_t)n) == 0, "%s", v->error);
}

/* Did it run to its end? Past vm_call, which takes a trip for a stop. */
static bool loop_ends(struct vm *v)
{
	lua_pushvalue(v->L, LOOP);
	int status = lua_pcall(v->L, 0, 0, 0);
	lua_settop(v->L, LOOP);
	return status == 0;
}

START_TEST(a_trip_stops_a_compiled_loop_and_a_cleared_vm_runs)
{
	struct vm v;
	open_loop(&v);
	for (int i = 0; i < 100; i++) {
		ck_assert(loop_ends(&v));
		guard_trip(&v.guard, GUARD_ASKED);
		guard_trip(&v.guard, GUARD_TIME); /* the first reason stays */
		ck_assert(!loop_ends(&v));
		ck_assert_int_eq(v.guard.why, GUARD_ASKED);
		ck_assert_int_eq(v.guard.line, 1);
		guard_clear(&v.guard);
	}
	vm_close(&v);
}
END_TEST

#if defined(__x86_64__)
/* A hook that is never called: it changes the library's mode. */
static void harmless(lua_State *L, lua_Debug *ar)
{
	(void)L;
	(void)ar;
}

enum { trap_flag = 0x100 };

/* The handler's: after how many instructions the trip comes, and in which guard. */
static struct {
	struct guard *guard;
	int left;
} step;

static void on_step(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	if (step.left-- > 0)
		return;
	guard_trip(step.guard, GUARD_TIME);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)trap_flag;
}

/* Puts the library through the change of its tables that the end of a recording makes, one instruction at a time, and trips
 * after n of them. False: it was over before. */
static bool trip_in_the_middle(struct vm *v, int n)
{
	lua_sethook(v->L, harmless, LUA_MASKCOUNT, 1 << 30);
	step.guard = &v->guard;
	step.left = n;
	__asm__ volatile("sub $128, %%rsp; pushf; orl %0, (%%rsp); popf; add $128, %%rsp"
			 :
			 : "i"(trap_flag)
			 : "memory", "cc");
	lua_sethook(v->L, NULL, 0, 0);
	__asm__ volatile("sub $128, %%rsp; pushf; andl %0, (%%rsp); popf; add $128, %%rsp"
			 :
			 : "i"(~trap_flag)
			 : "memory", "cc");
	return step.left < 0;
}

START_TEST(a_trip_lost_in_the_librarys_own_work_is_made_good_by_the_next)
{
	if (!RUNAWAYS)
		return;
	struct sigaction act = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };
	ck_assert_int_eq(sigaction(SIGTRAP, &act, NULL), 0);
	struct vm v;
	int n = 0, lost = 0;
	open_loop(&v);
	ck_assert(loop_ends(&v));
	for (; trip_in_the_middle(&v, n); n++) {
		lost += loop_ends(&v);
		guard_trip(&v.guard, GUARD_TIME);
		ck_assert_msg(!loop_ends(&v), "tripped after %d instructions, and again: ran on",
			      n);
		guard_clear(&v.guard);
		ck_assert_msg(loop_ends(&v), "tripped after %d instructions, cleared: stopped", n);
	}
	guard_clear(&v.guard);
	vm_close(&v);
	/* Otherwise these are not the instructions that this is about. */
	ck_assert_msg(n > 100 && lost > 10, "%d instructions, %d trips lost", n, lost);
}
END_TEST
#else
START_TEST(a_trip_lost_in_the_librarys_own_work_is_made_good_by_the_next)
{
	fprintf(stderr, "skipped: this machine cannot be made to trap after each instruction\n");
}
END_TEST
#endif

SUITE("guard", a_trip_stops_a_compiled_loop_and_a_cleared_vm_runs,
      a_trip_lost_in_the_librarys_own_work_is_made_good_by_the_next)
