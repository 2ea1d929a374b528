/* json_out - writes JSON into a buffer of the caller's: commas, quotes, escapes are its business.
 *
 * One owner; never allocates. When the buffer is full it stops and says so in `full`: what stands
 * there is then the beginning of the text. It is terminated after every call. At most 31 deep. Each
 * byte that is not valid UTF-8 comes out as U+FFFD. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out {
	char *buf;
	size_t cap, len;
	bool full;
	uint8_t depth;
	uint32_t first; /* a bit per depth: no comma needed yet */
};

/* cap > 0, the terminating zero included. */
void json_out_init(struct json_out *j, char *buf, size_t cap);
/* key is NULL inside arrays and at the top. */
void json_obj(struct json_out *j, const char *key);
void json_obj_end(struct json_out *j);
void json_arr(struct json_out *j, const char *key);
void json_arr_end(struct json_out *j);
/* NULL writes null. */
void json_str(struct json_out *j, const char *key, const char *s);
void json_strn(struct json_out *j, const char *key, const char *s, size_t n);
void json_int(struct json_out *j, const char *key, int64_t v);
void json_uint(struct json_out *j, const char *key, uint64_t v);
void json_bool(struct json_out *j, const char *key, bool v);
/* Fewest digits that read back; null for NaN and infinities. */
void json_num(struct json_out *j, const char *key, double v);
/* A bare decimal number of scale dp, zeros cut. */
void json_dec(struct json_out *j, const char *key, int64_t v, unsigned dp);
/* null; jansson, which other parts link, has the name json_null. */
void json_none(struct json_out *j, const char *key);
