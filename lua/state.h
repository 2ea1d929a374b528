/* state - a strategy's memory as bytes: plain tables of numbers, texts and booleans, so that it survives a restart.
 *
 * One content has one form: keys stand in order (numbers, texts, booleans, each rising), counts are as short as they
 * can be, and the decoder refuses any other form. Bounded: 16 levels, 4096 entries, LUA_TABLE_CAP bytes. "TSV1", the
 * version of the strategy (4 bytes, low first), then one table:
 *   value = 0 (false) | 1 (true) | 2 and 8 bytes (double, low first) | 3, length, bytes | 4, count, count * (key, value)
 * with lengths and counts in LEB128. Neither runs code of the script, nor allocates outside its VM. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define STATE_DEPTH   16
#define STATE_ENTRIES 4096

struct lua_State;

/* Room to sort keys in; the caller's, so that saving allocates nothing. */
struct state_key {
	const char *text; /* NULL: a number or a boolean */
	size_t len;
	double number;
	uint8_t tag;
};
struct state_scratch {
	struct state_key key[STATE_ENTRIES];
};

/* Writes the table at index; buf NULL only counts. -ERR_SCRIPT: something in it cannot be saved (the text names its key); -ERR_FULL: more than cap. */
int state_encode(struct lua_State *L, int index, uint32_t version, struct state_scratch *scratch,
		 void *buf, size_t cap, size_t *len);
/* Are the bytes of this form? *version may be NULL. -ERR_CORRUPT. No VM needed. */
int state_check(const void *buf, size_t len, uint32_t *version);
/* Pushes the table of bytes that state_check has passed. Raises when the VM has no memory: to be called in a protected call. */
void state_push(struct lua_State *L, const void *buf, size_t len);
