/* The second half of json_scan.h: whole values, members by name, and what a value means. */
#include "adapters/codec/json_scan.h"
#include "core/base/dec.h"
#include "core/base/must.h"
#include <string.h>

/* The rest of a value whose first token was t. */
static bool take_rest(struct json_scan *j, enum json_token t, struct json_value *v)
{
	*v = (struct json_value){ 0 };
	switch (t) {
	case TOKEN_STRING:
	case TOKEN_NUMBER:
	case TOKEN_TRUE:
	case TOKEN_FALSE:
	case TOKEN_NULL:
		*v = j->at;
		return true;
	case TOKEN_OBJECT:
	case TOKEN_ARRAY:
		break;
	default:
		v->token = (uint8_t)t;
		return false;
	}
	const char *start = j->p - 1;
	unsigned depth = j->depth;
	while (j->depth >= depth)
		if (json_next(j) == TOKEN_NONE)
			return false;
	*v = (struct json_value){ start, (uint32_t)(j->p - start), (uint8_t)t, false };
	return true;
}

bool json_take(struct json_scan *j, struct json_value *v)
{
	return take_rest(j, json_next(j), v);
}

static bool put(struct json_scan *j, struct json_value *place, struct json_value v)
{
	if (!place)
		return true;
	if (place->token != TOKEN_NONE) {
		j->error = "a member comes twice";
		return false;
	}
	*place = v;
	return true;
}

/* Puts the next value where it belongs; false on broken text or when the place is taken. */
static bool put_member(struct json_scan *j, struct json_value *place)
{
	struct json_value v;
	return json_take(j, &v) && put(j, place, v);
}

static unsigned find_name(const struct json_value *key, const char *const *name, const size_t *len,
			  unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (key->n == len[i] && !memcmp(key->p, name[i], len[i]) && !key->escaped)
			return i;
	return n;
}

bool json_members(struct json_scan *j, const char *const *name, struct json_value *out, unsigned n)
{
	size_t len[64];
	must(n <= 64);
	memset(out, 0, n * sizeof(*out));
	for (unsigned i = 0; i < n; i++)
		len[i] = strlen(name[i]);
	if (json_next(j) != TOKEN_OBJECT)
		return false;
	for (;;) {
		enum json_token t = json_next(j);
		if (t != TOKEN_KEY)
			return t == TOKEN_OBJECT_END;
		unsigned i = find_name(&j->at, name, len, n);
		if (!put_member(j, i < n ? &out[i] : NULL))
			return false;
	}
}

static unsigned letter_at(const struct json_value *key)
{
	return key->n == 1 ? (unsigned char)(key->p[0] - 'A') : JSON_LETTERS;
}

/* Behind the opening bracket. */
static bool read_letters(struct json_scan *j, struct json_value *out)
{
	for (;;) {
		enum json_token t = json_next(j);
		if (t != TOKEN_KEY)
			return t == TOKEN_OBJECT_END;
		unsigned i = letter_at(&j->at);
		if (!put_member(j, i < JSON_LETTERS ? &out[i] : NULL))
			return false;
	}
}

/* The next value where it belongs, and its own letters where it is an object. */
static bool put_inner(struct json_scan *j, struct json_value *place, struct json_value *in)
{
	struct json_value v;
	enum json_token t = json_next(j);
	if (t != TOKEN_OBJECT || place->token != TOKEN_NONE)
		return take_rest(j, t, &v) && put(j, place, v);
	const char *start = j->p - 1;
	if (!read_letters(j, in))
		return false;
	*place = (struct json_value){ start, (uint32_t)(j->p - start), TOKEN_OBJECT, false };
	return true;
}

bool json_letters(struct json_scan *j, struct json_value out[JSON_LETTERS])
{
	memset(out, 0, JSON_LETTERS * sizeof(*out));
	return json_next(j) == TOKEN_OBJECT && read_letters(j, out);
}

bool json_letters_and(struct json_scan *j, struct json_value out[JSON_LETTERS], char inner,
		      struct json_value in[JSON_LETTERS])
{
	const unsigned within = (unsigned)(inner - 'A');
	memset(out, 0, JSON_LETTERS * sizeof(*out));
	memset(in, 0, JSON_LETTERS * sizeof(*in));
	if (json_next(j) != TOKEN_OBJECT)
		return false;
	for (;;) {
		enum json_token t = json_next(j);
		if (t != TOKEN_KEY)
			return t == TOKEN_OBJECT_END;
		unsigned i = letter_at(&j->at);
		bool good = i == within ? put_inner(j, &out[i], in)
					: put_member(j, i < JSON_LETTERS ? &out[i] : NULL);
		if (!good)
			return false;
	}
}

bool json_int64(const struct json_value *v, int64_t *out)
{
	if (v->token != TOKEN_NUMBER && (v->token != TOKEN_STRING || v->escaped))
		return false;
	/* A point would pass at zero decimals where only zeros follow. */
	return !memchr(v->p, '.', v->n) && dec_parse_fast(v->p, v->n, 0, out) == 0;
}

static size_t put_utf8(unsigned code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	unsigned n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (unsigned i = n - 1; i; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	static const uint8_t lead[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	out[0] = (char)(lead[n] | code);
	return n;
}

size_t json_text(const struct json_value *v, char *out, size_t cap)
{
	must(cap > 0);
	size_t n = 0;
	out[0] = '\0';
	if (v->token != TOKEN_STRING)
		return 0;
	for (const char *p = v->p, *end = v->p + v->n; p < end;) {
		char bytes[4] = { *p };
		unsigned code, used = 1;
		size_t len = 1;
		if (*p == '\\') {
			used = json_escape(p + 1, end, &code) + 1;
			len = put_utf8(code, bytes);
		} else if ((unsigned char)*p >= 0xc0) {
			while (p + used < end && ((unsigned char)p[used] & 0xc0) == 0x80 &&
			       used < 4)
				used++;
			memcpy(bytes, p, used);
			len = used;
		}
		if (n + len >= cap)
			break;
		memcpy(out + n, bytes, len);
		n += len;
		p += used;
	}
	out[n] = '\0';
	return n;
}
