/* vm - one LuaJIT state in its own memory and under its own guard, and what its errors look like to a person.
 *
 * Errors are "file:line: what is wrong", whether the script raised, the library did inside a function of ours, or it was stopped.
 * One thread at a time. */
#pragma once
#include "lua/arena.h"
#include "lua/guard.h"
#include "lua/source.h"
#include "lua/watchdog.h"
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VM_HANDLER 1 /* the stack's first place: what lua_pcall calls when something raises */

struct vm {
	struct arena arena;
	struct guard guard;
	struct lua_State *L;
	struct source source;
	char file[256];
	char shown[64]; /* how the library writes the file's name in messages */
	int hooks;	/* the table of hooks, in the registry; 0: still loading */
	int kind;	/* of the hook that runs */
	int64_t budget_ns;
	char error[512]; /* of the last call that failed */
	char trace
		[512]; /* its frames in the script, innermost first, a line each; empty where there is one at most */
};

/* Memory, libraries, guard; v->source must be set. -ERR_NOMEM, -ERR_STATE. */
int vm_open(struct vm *v, const char *file, size_t memory);
void vm_close(struct vm *v);
/* Loads text as a function; `name` as the library wants it ("=prelude", "@file"). 0, or -ERR_SCRIPT with v->error. */
int vm_chunk(struct vm *v, const char *name, const char *text, size_t len);
/* Why a call did not come to its end: -ERR_SCRIPT with v->error set, the results gone. status: lua_pcall's, or VM_NO_SLOT. */
#define VM_NO_SLOT (-1)
int vm_failed(struct vm *v, int status, int args, int results);

/* What a script says goes to terminals and logs: bytes that would steer one become question marks. */
void vm_printable(char *text);

/* A protected call under the clock of w (NULL: no clock). 0, or -ERR_SCRIPT with v->error set and the results gone. Here, because it is on
 * the way from a quote to an order. */
static inline int vm_call(struct vm *v, struct watchdog *w, int64_t budget_ns, int args,
			  int results)
{
	struct slot *slot = NULL;
	int status = VM_NO_SLOT;
	v->budget_ns = budget_ns;
	v->error[0] = 0;
	if (!w) {
		status = lua_pcall(v->L, args, results, VM_HANDLER);
	} else if ((slot = watchdog_slot(w))) {
		slot_enter(slot, &v->guard, budget_ns);
		status = lua_pcall(v->L, args, results, VM_HANDLER);
		slot_leave(slot);
	}
	/* Stopped counts even when the call just came to its own end. */
	if (__builtin_expect(!status && !v->guard.why, 1))
		return 0;
	return vm_failed(v, status, args, results);
}
