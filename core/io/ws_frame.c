#include "core/io/ws_frame.h"
#include "core/base/err.h"
#include <string.h>

#define CONTROL_MAX 125

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static bool is_known(uint8_t op)
{
	return op <= WS_OP_BINARY || (op >= WS_OP_CLOSE && op <= WS_OP_PONG);
}

int ws_frame_read(struct ws_frame *f, const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	f->fin = p[0] & 0x80;
	f->op = p[0] & 15;
	f->masked = p[1] & 0x80;
	uint8_t len = p[1] & 0x7f;
	if (p[0] & 0x70)
		return err_set(ERR_PARSE,
			       "WebSocket: reserved bits are set, but no extension was agreed");
	if (!is_known(f->op))
		return err_set(ERR_PARSE, "WebSocket: opcode %u has no meaning", f->op);
	if (ws_op_is_control(f->op) && (!f->fin || len > CONTROL_MAX))
		return err_set(ERR_PARSE, "WebSocket: a control frame is fragmented or too long");
	size_t ext = len == 126 ? 2 : len == 127 ? 8 : 0, head = 2 + ext + (f->masked ? 4 : 0);
	if (n < head)
		return 0;
	f->n = ext ? big_endian(p + 2, ext) : len;
	if ((ext == 2 && f->n < 126) || (ext == 8 && (f->n < 65536 || f->n >> 63)))
		return err_set(ERR_PARSE,
			       "WebSocket: a length is not written in its shortest form");
	if (f->masked)
		memcpy(f->key, p + 2 + ext, 4);
	f->head_n = (uint8_t)head;
	return (int)head;
}

size_t ws_frame_write(uint8_t out[WS_HEAD_MAX], bool fin, enum ws_op op, uint64_t n,
		      const uint8_t *key)
{
	size_t ext = n < 126 ? 0 : n < 65536 ? 2 : 8;
	out[0] = (uint8_t)((fin ? 0x80 : 0) | op);
	out[1] = (uint8_t)((key ? 0x80 : 0) | (ext == 0 ? n : ext == 2 ? 126u : 127u));
	for (size_t i = 0; i < ext; i++)
		out[2 + i] = (uint8_t)(n >> (8 * (ext - 1 - i)));
	if (key)
		memcpy(out + 2 + ext, key, 4);
	return 2 + ext + (key ? 4 : 0);
}

void ws_frame_mask(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t key[4])
{
	uint8_t twice[8];
	memcpy(twice, key, 4);
	memcpy(twice + 4, key, 4);
	uint64_t k, w;
	memcpy(&k, twice, 8);
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		memcpy(&w, src + i, 8);
		w ^= k;
		memcpy(dst + i, &w, 8);
	}
	for (; i < n; i++)
		dst[i] = src[i] ^ key[i & 3];
}
