/* tree_run - runs a configuration's text in a Lua that can do nothing but compute: no names, no libraries, no end of its limits.
 *
 * One owner; the state is small, has its JIT off, and is closed by the caller. */
#pragma once
#include "lua/config_errors.h"
#include <stddef.h>
#include <stdint.h>

#define TREE_INSTRUCTIONS_MAX 2000000
#define TREE_MEMORY_MAX	      ((size_t)64 << 20)
#define TREE_CPU_NS_MAX	      1000000000ll

struct lua_State;

/* What the state has used; must outlive it. */
struct tree_run {
	size_t memory;
	uint64_t instructions;
	int64_t start_ns;    /* CPU time of this thread */
	const char *stopped; /* which limit was hit; NULL: none */
};

/* The state with the returned table on top of its stack, or NULL and an error in errs. */
struct lua_State *tree_run(struct tree_run *r, const char *text, size_t len,
			   struct config_errors *errs);
