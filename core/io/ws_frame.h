/* ws_frame - the frames of WebSocket as bytes: heads read and written, payloads masked. No
 * state; any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_HEAD_MAX 14

enum ws_op {
	WS_OP_CONT = 0,
	WS_OP_TEXT = 1,
	WS_OP_BINARY = 2,
	WS_OP_CLOSE = 8,
	WS_OP_PING = 9,
	WS_OP_PONG = 10,
};

struct ws_frame {
	bool fin, masked;
	uint8_t op;	/* enum ws_op */
	uint8_t head_n; /* bytes of the head */
	uint8_t key[4];
	uint64_t n; /* bytes of the payload */
};

/* Bytes of the head; 0: not all there yet; -ERR_PARSE: reserved bits or codes, a control frame
 * that is fragmented or too long, a length not written in its shortest form. */
int ws_frame_read(struct ws_frame *f, const uint8_t *p, size_t n);
/* Writes a head; key NULL: not masked. Returns its bytes. */
size_t ws_frame_write(uint8_t out[WS_HEAD_MAX], bool fin, enum ws_op op, uint64_t n,
		      const uint8_t *key);
/* dst and src may be the same. */
void ws_frame_mask(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t key[4]);

static inline bool ws_op_is_control(uint8_t op)
{
	return op & 8;
}
