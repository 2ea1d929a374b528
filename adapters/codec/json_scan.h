/* json_scan - reads JSON from a bounded buffer, a token or a value at a time, without copying and without memory of its own.
 *
 * Strict RFC 8259: any key order, any white space, escapes, UTF-8; refused are control bytes in strings, bad escapes, numbers
 * that the grammar does not know, trailing bytes, and more than JSON_DEPTH_MAX nested containers. Never recurses, never reads
 * beyond its end. Numbers come as the text that was sent, so that nothing is rounded. Any thread; the spans point into the
 * caller's buffer and live as long as it does. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_DEPTH_MAX 32

enum json_token {
	TOKEN_NONE, /* no such member; of json_next: an error, see `error` */
	TOKEN_END,  /* the whole text has been read */
	TOKEN_OBJECT,
	TOKEN_OBJECT_END,
	TOKEN_ARRAY,
	TOKEN_ARRAY_END,
	TOKEN_KEY,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_TRUE,
	TOKEN_FALSE,
	TOKEN_NULL,
	json_token_max
};

/* A value where it stands. Strings without their quotes and with escapes as sent; containers with their brackets. */
struct json_value {
	const char *p;
	uint32_t n;
	uint8_t token; /* enum json_token; TOKEN_NONE: absent */
	bool escaped;  /* a string that holds backslashes */
};

struct json_scan {
	const char *p, *end;
	const char *error;    /* NULL: none so far */
	struct json_value at; /* what the last TOKEN_KEY, TOKEN_STRING or TOKEN_NUMBER was */
	uint64_t is_object;   /* a bit per open container */
	uint8_t depth, expect;
};

/* n up to 2^32 - 1; the text need not be terminated. */
void json_scan_init(struct json_scan *j, const char *p, size_t n);
/* Scan inside of a value that was taken before; of an absent one nothing comes but an error. */
void json_scan_value(struct json_scan *j, const struct json_value *v);
/* The next token. TOKEN_NONE: the text is broken, for good. TOKEN_END comes once all brackets are closed and nothing follows. */
enum json_token json_next(struct json_scan *j);
/* The next value whole. False: an error, or no value comes here (a closing bracket or the end, which is then consumed and named in v->token). */
bool json_take(struct json_scan *j, struct json_value *v);

/* The members of the object that comes next whose keys are in `name`, into `out` at the same index; others are skipped, absent
 * ones are TOKEN_NONE. False: no object, broken text, or one of the names comes twice. n up to 64. */
bool json_members(struct json_scan *j, const char *const *name, struct json_value *out, unsigned n);

/* The same for the keys of one letter that venues like: out[letter - 'A'], letters A..Z and a..z. */
#define JSON_LETTERS 58
bool json_letters(struct json_scan *j, struct json_value out[JSON_LETTERS]);
/* The same, and on the way the letters of the object that is the member `inner`; where that is none, they are absent. */
bool json_letters_and(struct json_scan *j, struct json_value out[JSON_LETTERS], char inner,
		      struct json_value in[JSON_LETTERS]);
static inline const struct json_value *json_letter(const struct json_value *v, char letter)
{
	return &v[letter - 'A'];
}

/* Does the string equal the text? Escaped strings equal nothing. Here, so that a literal's length is known where it stands. */
static inline bool json_is(const struct json_value *v, const char *text)
{
	size_t n = strlen(text);
	return v->token == TOKEN_STRING && !v->escaped && v->n == n && !memcmp(v->p, text, n);
}
/* A whole number, written as number or as string. False: another type, a fraction, or beyond int64. */
bool json_int64(const struct json_value *v, int64_t *out);
/* The string with escapes resolved, cut at cap - 1, terminated. Returns its length; 0 for what is no string. */
size_t json_text(const struct json_value *v, char *out, size_t cap);
/* The escape whose backslash stands before p: its code point, and how many bytes it takes from p on; 0 when it is none. */
unsigned json_escape(const char *p, const char *end, unsigned *code);

/* ---- what makes it quick, shared with readers of a fixed order of keys ---- */

#define JSON_EACH(byte) (0x0101010101010101ull * (byte))

/* 0x80 in each byte that a string does not take as it is: quote, backslash, control, or above ASCII.
 * Exact for the lowest such byte, which is the one that is asked for. */
static inline uint64_t json_odd_bytes(uint64_t w)
{
	uint64_t quote = w ^ JSON_EACH('"'), slash = w ^ JSON_EACH('\\');
	uint64_t odd = (quote - JSON_EACH(1)) & ~quote;
	odd |= (slash - JSON_EACH(1)) & ~slash;
	odd |= w - JSON_EACH(0x20);
	return (odd | w) & JSON_EACH(0x80);
}

/* The first byte from p on that is not plain, eight at a time; end where all are. */
static inline const char *json_plain(const char *p, const char *end)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - p >= 8) {
		uint64_t w;
		memcpy(&w, p, 8);
		uint64_t odd = json_odd_bytes(w);
		if (odd)
			return p + (__builtin_ctzll(odd) >> 3);
		p += 8;
	}
#endif
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)(*p - 0x20) < 0x60)
		p++;
	return p;
}
