/* pattern - string.find, match, gmatch and gsub with a bound on their work: the library's own can backtrack for years in C, where no guard reaches.
 *
 * The language of Lua 5.1's patterns, whole. A call that takes more than PATTERN_STEPS comparisons raises an error,
 * which is some 0.2 ms. pattern_match_at needs no VM; the others are functions for one. */
#pragma once
#include <stddef.h>

#define PATTERN_STEPS	 50000
#define PATTERN_CAPTURES 32

struct lua_State;

struct capture {
	const char *at;
	ptrdiff_t len; /* or one of the two below */
};
enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

struct matcher {
	const char *s, *s_end, *p_end;
	int steps, depth;
	const char *error; /* set when the pattern is malformed or too much work; NULL: none */
	int n_captures;
	struct capture capture[PATTERN_CAPTURES];
};

/* Does the pattern p match at s? Where the match ends, or NULL. */
const char *pattern_match_at(struct matcher *m, const char *s, const char *p);

int pattern_find(struct lua_State *L);
int pattern_match(struct lua_State *L);
int pattern_gmatch(struct lua_State *L);
int pattern_gsub(
	struct lua_State *L); /* the replacement is a text: the sandbox does tables and functions */
