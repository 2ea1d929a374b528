/* tree_lex - cuts Lua source into words, each with its place: as much of the language as it takes to find table constructors.
 *
 * For text that the Lua compiler has accepted; on any other it still ends and reads nothing outside. One owner; no allocation. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum lex_kind { LEX_END, LEX_NAME, LEX_NUMBER, LEX_STRING, LEX_SIGN, LEX_OTHER, lex_kind_max };

struct lex_word {
	int kind; /* enum lex_kind; SIGN: one character that stands alone, OTHER: operators of several */
	char sign;     /* of LEX_SIGN */
	bool verbatim; /* of LEX_STRING: p, n are its value, without escapes */
	const char *p; /* NAME, NUMBER, STRING */
	size_t n;
	int line, column;
};

struct lex {
	const char *at, *end, *line_start;
	int line;
	struct lex_word word, ahead; /* the current one and the one after it */
};

void lex_init(struct lex *l, const char *text, size_t n);
void lex_next(struct lex *l);
bool lex_is_sign(const struct lex_word *w, char c);
bool lex_is_name(const struct lex_word *w, const char *name);
