#include "adapters/codec/json_scan.h"
#include "core/base/must.h"
#include <string.h>

/* What may come next. */
enum expect { EX_VALUE, EX_FIRST_VALUE, EX_FIRST_KEY, EX_KEY, EX_MORE, EX_DONE };

static enum json_token fail(struct json_scan *j, const char *why)
{
	if (!j->error)
		j->error = why;
	j->end = j->p;
	j->expect = EX_DONE;
	return TOKEN_NONE;
}

void json_scan_init(struct json_scan *j, const char *p, size_t n)
{
	must(n <= UINT32_MAX);
	if (!p) /* an absent value: no text, which is no JSON */
		p = "";
	*j = (struct json_scan){ .p = p, .end = p + n, .expect = EX_VALUE };
}

void json_scan_value(struct json_scan *j, const struct json_value *v)
{
	json_scan_init(j, v->p, v->n);
}

static inline bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline void skip_space(struct json_scan *j)
{
	while (j->p < j->end && is_space(*j->p))
		j->p++;
}

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

/* Length of the well-formed UTF-8 sequence at p, 0 for none: no surrogates, nothing overlong. */
static unsigned utf8_len(const unsigned char *p, const unsigned char *end)
{
	static const uint8_t low[5] = { 0, 0, 0x80, 0x80, 0x80 };
	unsigned n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (!n || (size_t)(end - p) < n)
		return 0;
	unsigned lo = low[n], hi = 0xbf;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (unsigned i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits at p, or -1. */
static int hex4(const char *p, const char *end)
{
	if (end - p < 4)
		return -1;
	int v = 0;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);
		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* A surrogate counts only as half of a pair. */
unsigned json_escape(const char *p, const char *end, unsigned *code)
{
	static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	if (p == end)
		return 0;
	if (*p != 'u') {
		const char *at = *p ? strchr(plain, *p) : NULL;
		if (!at)
			return 0;
		*code = (unsigned char)means[at - plain];
		return 1;
	}
	int hi = hex4(p + 1, end);
	if (hi < 0 || (hi >= 0xdc00 && hi < 0xe000))
		return 0;
	*code = (unsigned)hi;
	if (hi < 0xd800 || hi >= 0xdc00)
		return 5;
	if (end - p < 11 || p[5] != '\\' || p[6] != 'u')
		return 0;
	int lo = hex4(p + 7, end);
	if (lo < 0xdc00 || lo >= 0xe000)
		return 0;
	*code = 0x10000u + (((unsigned)hi - 0xd800u) << 10) + ((unsigned)lo - 0xdc00u);
	return 11;
}

/* j->p stands behind the opening quote; leaves it behind the closing one. */
static bool read_string(struct json_scan *j)
{
	const char *start = j->p;
	bool escaped = false;
	for (;;) {
		unsigned n, code;
		j->p = json_plain(j->p, j->end);
		if (j->p == j->end)
			return fail(j, "a string has no end"), false;
		if (*j->p == '"')
			break;
		if (*j->p == '\\') {
			n = json_escape(j->p + 1, j->end, &code);
			if (!n)
				return fail(j, "a string has a bad escape"), false;
			escaped = true;
			j->p += n + 1;
		} else if ((unsigned char)*j->p < 0x20) {
			return fail(j, "a string has a control byte"), false;
		} else {
			n = utf8_len((const unsigned char *)j->p, (const unsigned char *)j->end);
			if (!n)
				return fail(j, "a string is not UTF-8"), false;
			j->p += n;
		}
	}
	j->at = (struct json_value){ start, (uint32_t)(j->p - start), TOKEN_STRING, escaped };
	j->p++;
	return true;
}

static bool read_digits(struct json_scan *j)
{
	const char *start = j->p;
	while (j->p < j->end && is_digit(*j->p))
		j->p++;
	return j->p > start;
}

static enum json_token read_number(struct json_scan *j)
{
	const char *start = j->p;
	if (*j->p == '-')
		j->p++;
	const char *first = j->p;
	if (!read_digits(j))
		return fail(j, "a number has no digits");
	if (*first == '0' && j->p - first > 1)
		return fail(j, "a number has a leading zero");
	if (j->p < j->end && *j->p == '.') {
		j->p++;
		if (!read_digits(j))
			return fail(j, "a number has nothing behind its point");
	}
	if (j->p < j->end && (*j->p | 0x20) == 'e') {
		j->p++;
		if (j->p < j->end && (*j->p == '+' || *j->p == '-'))
			j->p++;
		if (!read_digits(j))
			return fail(j, "a number has no exponent behind its e");
	}
	j->at = (struct json_value){ start, (uint32_t)(j->p - start), TOKEN_NUMBER, false };
	return TOKEN_NUMBER;
}

static enum json_token read_word(struct json_scan *j)
{
	static const struct {
		const char *text;
		uint8_t n, token;
	} word[] = { { "true", 4, TOKEN_TRUE },
		     { "false", 5, TOKEN_FALSE },
		     { "null", 4, TOKEN_NULL } };
	for (unsigned i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (j->end - j->p >= word[i].n && !memcmp(j->p, word[i].text, word[i].n)) {
			j->at = (struct json_value){ j->p, word[i].n, word[i].token, false };
			j->p += word[i].n;
			return (enum json_token)word[i].token;
		}
	return fail(j, "neither a value nor a bracket");
}

static enum json_token open_container(struct json_scan *j, bool object)
{
	if (j->depth == JSON_DEPTH_MAX)
		return fail(j, "more than 32 containers in each other");
	j->p++;
	j->is_object =
		object ? j->is_object | 1ull << j->depth : j->is_object & ~(1ull << j->depth);
	j->depth++;
	j->expect = object ? EX_FIRST_KEY : EX_FIRST_VALUE;
	return object ? TOKEN_OBJECT : TOKEN_ARRAY;
}

static inline bool in_object(const struct json_scan *j)
{
	return j->depth && (j->is_object >> (j->depth - 1) & 1);
}

static enum json_token close_container(struct json_scan *j, char bracket)
{
	bool object = in_object(j);
	if (bracket != (object ? '}' : ']'))
		return fail(j, "a bracket closes what was not opened");
	j->p++;
	j->depth--;
	j->expect = EX_MORE;
	return object ? TOKEN_OBJECT_END : TOKEN_ARRAY_END;
}

static enum json_token read_value(struct json_scan *j)
{
	char c = *j->p;
	if (c == '{' || c == '[')
		return open_container(j, c == '{');
	j->expect = EX_MORE;
	if (c == '"') {
		j->p++;
		return read_string(j) ? TOKEN_STRING : TOKEN_NONE;
	}
	if (c == '-' || is_digit(c))
		return read_number(j);
	return read_word(j);
}

static enum json_token read_key(struct json_scan *j)
{
	if (*j->p != '"')
		return fail(j, "a key does not begin with a quote");
	j->p++;
	if (!read_string(j))
		return TOKEN_NONE;
	skip_space(j);
	if (j->p == j->end || *j->p != ':')
		return fail(j, "no colon behind a key");
	j->p++;
	j->expect = EX_VALUE;
	return TOKEN_KEY;
}

enum json_token json_next(struct json_scan *j)
{
	if (j->error)
		return TOKEN_NONE;
	skip_space(j);
	if (j->expect == EX_MORE) {
		if (!j->depth) {
			j->expect = EX_DONE;
			return j->p == j->end ? TOKEN_END
					      : fail(j, "bytes behind the end of the text");
		}
		if (j->p == j->end)
			return fail(j, "the text ends inside of a container");
		if (*j->p != ',')
			return close_container(j, *j->p);
		j->p++;
		j->expect = in_object(j) ? EX_KEY : EX_VALUE;
		skip_space(j);
	}
	if (j->expect == EX_DONE)
		return TOKEN_END;
	if (j->p == j->end)
		return fail(j, "the text ends where a value should be");
	switch ((enum expect)j->expect) {
	case EX_FIRST_KEY:
		return *j->p == '}' ? close_container(j, '}') : read_key(j);
	case EX_KEY:
		return read_key(j);
	case EX_FIRST_VALUE:
		if (*j->p == ']')
			return close_container(j, ']');
		return read_value(j);
	case EX_VALUE:
	case EX_MORE:
	case EX_DONE:
		break;
	}
	return read_value(j);
}
