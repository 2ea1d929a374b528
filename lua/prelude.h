/* prelude - our own Lua text, compiled once a host, so that loading an instance does not parse it again.
 * Bytecode of ours only, made by the library that runs it; a strategy's is never loaded. Read-only after prelude_init. */
#pragma once
#include <stddef.h>

struct lua_State;

enum prelude_part {
	PRELUDE_API,
	PRELUDE_SANDBOX,
	PRELUDE_DECLARE,
	PRELUDE_VIEW,
	PRELUDE_WINDOW,
	PRELUDE_REWIND,
	PRELUDE_PLAIN,
	prelude_part_max
};

struct prelude {
	char *code[prelude_part_max];
	size_t len[prelude_part_max], cap[prelude_part_max];
};

int prelude_init(struct prelude *p); /* -ERR_NOMEM */
void prelude_free(struct prelude *p);
/* Pushes a part as a function; raises when the VM has no memory. Protected call: the caller's. */
void prelude_push(const struct prelude *p, enum prelude_part part, struct lua_State *L);
