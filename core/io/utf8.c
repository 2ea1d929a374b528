#include "core/io/utf8.h"
#include <string.h>

/* A state inside a character: how many bytes are missing, and the range of the next one. */
#define INSIDE(missing, lo, hi) ((uint32_t)(missing) << 16 | (uint32_t)(lo) << 8 | (uint32_t)(hi))

static uint32_t lead(uint8_t b)
{
	if (b < 0x80)
		return UTF8_OK;
	if (b >= 0xc2 && b <= 0xdf)
		return INSIDE(1, 0x80, 0xbf);
	if (b == 0xe0)
		return INSIDE(2, 0xa0, 0xbf);
	if (b == 0xed)
		return INSIDE(2, 0x80, 0x9f);
	if (b >= 0xe1 && b <= 0xef)
		return INSIDE(2, 0x80, 0xbf);
	if (b == 0xf0)
		return INSIDE(3, 0x90, 0xbf);
	if (b >= 0xf1 && b <= 0xf3)
		return INSIDE(3, 0x80, 0xbf);
	if (b == 0xf4)
		return INSIDE(3, 0x80, 0x8f);
	return UTF8_BAD;
}

static uint32_t follow(uint32_t state, uint8_t b)
{
	if (b < (state >> 8 & 0xff) || b > (state & 0xff))
		return UTF8_BAD;
	uint32_t missing = (state >> 16) - 1;
	return missing ? INSIDE(missing, 0x80, 0xbf) : UTF8_OK;
}

/* How many of the n bytes are ASCII, in steps of 32: market data is little else. */
static size_t skip_ascii(const uint8_t *p, size_t n)
{
	size_t i = 0;
	for (; i + 32 <= n; i += 32) {
		uint64_t w[4];
		memcpy(w, p + i, 32);
		if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080ull)
			break;
	}
	return i;
}

uint32_t utf8_step(uint32_t state, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && state != UTF8_BAD;) {
		if (state == UTF8_OK) {
			i += skip_ascii(p + i, n - i);
			if (i < n)
				state = lead(p[i++]);
		} else {
			state = follow(state, p[i++]);
		}
	}
	return state;
}
