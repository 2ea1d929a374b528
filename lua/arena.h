/* arena - the memory of one VM: a mapped region of its own, so that a strategy's garbage is nobody else's.
 *
 * Size classes, four to a doubling, each with a list of freed blocks; blocks are never joined. Blocks above ARENA_BLOCK_MAX, and what
 * the region has no room for, are mapped by themselves. Past the soft limit, and for every such large block, it still serves but calls
 * `over`, so that the script is stopped at its next instruction: compiled code of LuaJIT does not survive a refusal. Only
 * past the hard limit, ARENA_SLACK above, is there NULL. One thread at a time. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define ARENA_BLOCK_MAX (4u << 20)
#define ARENA_SLACK	(1u << 30)
#define ARENA_CLASSES	80

struct arena {
	uint8_t *base;
	size_t cap, top;
	size_t used, peak, soft, hard;
	void *free[ARENA_CLASSES];
	void (*over)(
		void *owner); /* called inside the request that went over: it must not allocate */
	void *owner;
};

int arena_init(struct arena *a, size_t soft, void (*over)(void *), void *owner); /* -ERR_NOMEM */
void arena_free(struct arena *a);
/* A lua_Alloc; ud is the arena. */
void *arena_realloc(void *ud, void *p, size_t had, size_t want);
