#include "lua/tree_lex.h"
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes above ASCII are letters, as LuaJIT has it. */
static bool is_ident(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
	       (unsigned char)c >= 0x80;
}

static char peek(const struct lex *l, size_t k)
{
	return (size_t)(l->end - l->at) > k ? l->at[k] : 0;
}

/* Over one character; "\r\n" and "\n\r" are one line end. */
static void step(struct lex *l)
{
	char c = *l->at++;
	if (c != '\n' && c != '\r')
		return;
	if (l->at < l->end && (*l->at == '\n' || *l->at == '\r') && *l->at != c)
		l->at++;
	l->line++;
	l->line_start = l->at;
}

static void skip_line(struct lex *l)
{
	while (l->at < l->end && *l->at != '\n' && *l->at != '\r')
		l->at++;
}

/* At '[': the number of '=' of a long bracket, or -1. */
static int long_level(const struct lex *l)
{
	size_t k = 1;
	while (peek(l, k) == '=')
		k++;
	return peek(l, k) == '[' ? (int)k - 1 : -1;
}

static void long_text(struct lex *l, int level, struct lex_word *w)
{
	for (int i = 0; i < level + 2; i++)
		step(l);
	/* A line end right behind the bracket is not part of the text. */
	if (peek(l, 0) == '\n' || peek(l, 0) == '\r')
		step(l);
	w->p = l->at;
	for (; l->at < l->end; step(l)) {
		if (*l->at != ']')
			continue;
		size_t k = 1;
		while (peek(l, k) == '=')
			k++;
		if ((int)k - 1 != level || peek(l, k) != ']')
			continue;
		w->n = (size_t)(l->at - w->p);
		l->at += level + 2;
		break;
	}
	/* Line ends come out of Lua as "\n", whatever they were. */
	w->verbatim = memchr(w->p, '\r', w->n) == NULL;
}

static void quoted(struct lex *l, struct lex_word *w)
{
	char quote = *l->at;
	step(l);
	w->p = l->at;
	w->verbatim = true;
	while (l->at < l->end && *l->at != quote) {
		if (*l->at == '\\' && l->at + 1 < l->end) {
			w->verbatim = false;
			l->at++;
		}
		step(l);
	}
	w->n = (size_t)(l->at - w->p);
	if (l->at < l->end)
		l->at++;
}

static void number(struct lex *l, struct lex_word *w)
{
	char exponent = *l->at == '0' && (peek(l, 1) | 0x20) == 'x' ? 'p' : 'e';
	while (l->at < l->end) {
		char c = *l->at;
		bool sign = (c == '-' || c == '+') && (l->at[-1] | 0x20) == exponent;
		if (!is_ident(c) && c != '.' && !(sign && l->at > w->p))
			break;
		l->at++;
	}
}

static void skip_blank(struct lex *l)
{
	while (l->at < l->end) {
		if (*l->at == '-' && peek(l, 1) == '-') {
			l->at += 2;
			int level = peek(l, 0) == '[' ? long_level(l) : -1;
			struct lex_word comment = { .n = 0 };
			if (level >= 0)
				long_text(l, level, &comment);
			else
				skip_line(l);
		} else if ((unsigned char)*l->at <= ' ') {
			step(l);
		} else {
			return;
		}
	}
}

static void read_word(struct lex *l, struct lex_word *w)
{
	skip_blank(l);
	*w = (struct lex_word){ .kind = LEX_END,
				.p = l->at,
				.line = l->line,
				.column = (int)(l->at - l->line_start) + 1 };
	if (l->at == l->end)
		return;
	char c = *l->at;
	if (is_digit(c) || (c == '.' && is_digit(peek(l, 1)))) {
		w->kind = LEX_NUMBER;
		number(l, w);
	} else if (is_ident(c)) {
		w->kind = LEX_NAME;
		while (l->at < l->end && is_ident(*l->at))
			l->at++;
	} else if (c == '"' || c == '\'') {
		w->kind = LEX_STRING;
		quoted(l, w);
		return;
	} else if (c == '[' && long_level(l) >= 0) {
		w->kind = LEX_STRING;
		long_text(l, long_level(l), w);
		return;
	} else {
		/* "==" must not look like the "=" of a field; ".." and "::" not like an index. */
		bool two = peek(l, 1) == '=' && strchr("=~<>", c);
		two = two || ((c == '.' || c == ':') && peek(l, 1) == c);
		w->kind = two ? LEX_OTHER : LEX_SIGN;
		w->sign = c;
		l->at += two ? 2 : 1;
	}
	w->n = (size_t)(l->at - w->p);
}

void lex_init(struct lex *l, const char *text, size_t n)
{
	*l = (struct lex){ .at = text, .end = text + n, .line_start = text, .line = 1 };
	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		l->at += 3;
	if (peek(l, 0) == '#')
		skip_line(l);
	read_word(l, &l->word);
	read_word(l, &l->ahead);
}

void lex_next(struct lex *l)
{
	l->word = l->ahead;
	read_word(l, &l->ahead);
}

bool lex_is_sign(const struct lex_word *w, char c)
{
	return w->kind == LEX_SIGN && w->sign == c;
}

bool lex_is_name(const struct lex_word *w, const char *name)
{
	return w->kind == LEX_NAME && w->n == strlen(name) && !memcmp(w->p, name, w->n);
}
