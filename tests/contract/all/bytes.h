/* bytes - frames and texts that no market should send, as bytes in memory of their own. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *p;
	size_t n, cap;
};

void bytes_put(struct bytes *b, const void *p, size_t n);
void bytes_fill(struct bytes *b, char c, size_t n);
/* A frame as a server sends it. first: the byte with FIN and the opcode. */
void bytes_frame(struct bytes *b, uint8_t first, const void *p, size_t n);
void bytes_text(struct bytes *b, const char *text); /* as one frame */
void bytes_free(struct bytes *b);
