#include "store/peek.h"

#define LAST_FIELD 21 /* instance */

/* One integer of msgpack; negative ones come as two's complement. */
static const uint8_t *integer(const uint8_t *p, const uint8_t *end, uint64_t *out)
{
	if (p == end)
		return NULL;
	const uint8_t head = *p++;
	if (head < 0x80 || head >= 0xe0) {
		*out = (uint64_t)(int64_t)(int8_t)head;
		return p;
	}
	if (head < 0xcc || head > 0xd3)
		return NULL;
	const unsigned bytes = 1u << (head & 3);
	if ((size_t)(end - p) < bytes)
		return NULL;
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | *p++;
	if (head >= 0xd0 && bytes < 8)
		v = (uint64_t)((int64_t)(v << (64 - 8 * bytes)) >> (64 - 8 * bytes));
	*out = v;
	return p;
}

static const uint8_t *map(const uint8_t *p, const uint8_t *end, uint32_t *fields)
{
	if (p < end && (*p & 0xf0) == 0x80) {
		*fields = *p & 15;
		return p + 1;
	}
	if (end - p < 3 || *p != 0xde)
		return NULL;
	*fields = (uint32_t)p[1] << 8 | p[2];
	return p + 3;
}

static bool take(struct peek *out, unsigned key, uint64_t v)
{
	switch (key) {
	case 1:
		out->seq = v;
		return true;
	case 2:
		out->kind = (uint16_t)v;
		return v <= UINT16_MAX;
	case 5:
		out->utc_ns = (int64_t)v;
		return true;
	case 9:
		out->pair = v;
		return true;
	case 10:
		out->order = v;
		return true;
	case LAST_FIELD:
		out->instance = (uint32_t)v;
		return v <= UINT32_MAX;
	default:
		return true;
	}
}

bool peek_receipt(const void *bytes, size_t n, struct peek *out)
{
	const uint8_t *p = bytes, *end = p + n;
	uint32_t fields;
	int last = -1;
	*out = (struct peek){ 0 };
	p = map(p, end, &fields);
	for (; p && fields; fields--) {
		if (p == end || *p > 0x7f || *p <= last)
			return false;
		last = *p++;
		if (last > LAST_FIELD)
			return true;
		uint64_t v;
		p = integer(p, end, &v);
		if (p && !take(out, (unsigned)last, v))
			return false;
	}
	return p != NULL;
}
