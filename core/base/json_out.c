#include "core/base/json_out.h"
#include "core/base/dec.h"
#include "core/base/must.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 31

/* All or nothing, and nothing more once something was left out: what stands is a true prefix. */
static void put(struct json_out *j, const char *s, size_t n)
{
	if (j->full || n >= j->cap - j->len) {
		j->full = true;
		return;
	}
	memcpy(j->buf + j->len, s, n);
	j->len += n;
	j->buf[j->len] = 0;
}

/* Length of the valid UTF-8 sequence at s, or 0: overlong forms, surrogates and what lies past
 * U+10FFFF are not valid. */
static size_t utf8_len(const unsigned char *s, size_t n)
{
	unsigned char c = s[0], low = 0x80, high = 0xbf;
	size_t len;
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		len = 2;
	else if (c >= 0xe0 && c <= 0xef)
		len = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		len = 4;
	else
		return 0;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (len > n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static void put_escape(struct json_out *j, unsigned char c)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	for (size_t i = 0; i + 1 < sizeof(names); i += 2)
		if ((unsigned char)names[i] == c) {
			put(j, (char[]){ '\\', names[i + 1] }, 2);
			return;
		}
	char text[8];
	put(j, text, (size_t)snprintf(text, sizeof(text), "\\u%04x", c));
}

static void put_quoted(struct json_out *j, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	put(j, "\"", 1);
	size_t plain = 0; /* where the run of bytes that need no change began */
	for (size_t i = 0; i < n;) {
		size_t len = utf8_len(s + i, n - i);
		if (len > 0 && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\') {
			i += len;
			continue;
		}
		put(j, text + plain, i - plain);
		if (len == 0)
			put(j, "\xef\xbf\xbd", 3);
		else
			put_escape(j, s[i]);
		plain = ++i;
	}
	put(j, text + plain, n - plain);
	put(j, "\"", 1);
}

/* What stands before a value: a comma unless it is the first at its depth, and its key. */
static void begin(struct json_out *j, const char *key)
{
	uint32_t bit = 1u << j->depth;
	if (j->depth > 0 && !(j->first & bit))
		put(j, ",", 1);
	j->first &= ~bit;
	if (key) {
		put_quoted(j, key, strlen(key));
		put(j, ":", 1);
	}
}

static void open_with(struct json_out *j, const char *key, const char *bracket)
{
	must(j->depth < DEPTH_MAX);
	begin(j, key);
	put(j, bracket, 1);
	j->depth++;
	j->first |= 1u << j->depth;
}

static void close_with(struct json_out *j, const char *bracket)
{
	must(j->depth > 0);
	j->depth--;
	put(j, bracket, 1);
}

static void bare(struct json_out *j, const char *key, const char *text)
{
	begin(j, key);
	put(j, text, strlen(text));
}

void json_out_init(struct json_out *j, char *buf, size_t cap)
{
	must(cap > 0);
	*j = (struct json_out){ .buf = buf, .cap = cap, .first = 1 };
	buf[0] = 0;
}

void json_obj(struct json_out *j, const char *key)
{
	open_with(j, key, "{");
}

void json_obj_end(struct json_out *j)
{
	close_with(j, "}");
}

void json_arr(struct json_out *j, const char *key)
{
	open_with(j, key, "[");
}

void json_arr_end(struct json_out *j)
{
	close_with(j, "]");
}

void json_str(struct json_out *j, const char *key, const char *s)
{
	if (s)
		json_strn(j, key, s, strlen(s));
	else
		json_none(j, key);
}

void json_strn(struct json_out *j, const char *key, const char *s, size_t n)
{
	begin(j, key);
	put_quoted(j, s, n);
}

void json_int(struct json_out *j, const char *key, int64_t v)
{
	json_dec(j, key, v, 0);
}

void json_uint(struct json_out *j, const char *key, uint64_t v)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, v);
	bare(j, key, text);
}

void json_bool(struct json_out *j, const char *key, bool v)
{
	bare(j, key, v ? "true" : "false");
}

/* "1e+05" -> "1e5": the sign and the zeros of printf's exponent say nothing. */
static void tidy_exponent(char *text)
{
	char *e = strchr(text, 'e');
	if (!e)
		return;
	char *to = e + 1, *from = e + 1;
	if (*from == '-')
		*to++ = *from++;
	else if (*from == '+')
		from++;
	while (*from == '0' && from[1])
		from++;
	memmove(to, from, strlen(from) + 1);
}

void json_num(struct json_out *j, const char *key, double v)
{
	if (!isfinite(v)) {
		json_none(j, key);
		return;
	}
	char text[40]; /* the most that the compiler can prove of %.*g */
	/* Any 15 digits survive a double, so the search starts there; subnormals hold fewer. */
	for (int digits = isnormal(v) ? 15 : 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (digits == 17 || strtod(text, NULL) == v)
			break;
	}
	tidy_exponent(text);
	bare(j, key, text);
}

void json_dec(struct json_out *j, const char *key, int64_t v, unsigned dp)
{
	char text[24];
	dec_format(v, dp, 0, text);
	bare(j, key, text);
}

void json_none(struct json_out *j, const char *key)
{
	bare(j, key, "null");
}
