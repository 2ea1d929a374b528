/* utf8 - is this text UTF-8 (no surrogates, nothing overlong, nothing beyond U+10FFFF)? Any
 * thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_OK	 0u /* between two characters */
#define UTF8_BAD 1u

/* Goes on from `state` (UTF8_OK at first) over n bytes: UTF8_BAD as soon as one cannot follow,
 * UTF8_OK where the text may end here. */
uint32_t utf8_step(uint32_t state, const uint8_t *p, size_t n);
static inline bool utf8_valid(const void *p, size_t n)
{
	return utf8_step(UTF8_OK, p, n) == UTF8_OK;
}
