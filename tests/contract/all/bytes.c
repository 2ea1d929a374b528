#include "tests/contract/all/bytes.h"

#include "core/io/ws_frame.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

static uint8_t *more(struct bytes *b, size_t n)
{
	if (b->cap - b->n < n) {
		b->cap = 2 * (b->cap + n);
		b->p = realloc(b->p, b->cap);
		EXPECT(b->p);
	}
	b->n += n;
	return b->p + b->n - n;
}

void bytes_put(struct bytes *b, const void *p, size_t n)
{
	if (n)
		memcpy(more(b, n), p, n);
}

void bytes_fill(struct bytes *b, char c, size_t n)
{
	memset(more(b, n), c, n);
}

void bytes_frame(struct bytes *b, uint8_t first, const void *p, size_t n)
{
	uint8_t head[WS_HEAD_MAX];
	size_t k = ws_frame_write(head, true, WS_OP_TEXT, n, NULL);
	head[0] = first;
	bytes_put(b, head, k);
	bytes_put(b, p, n);
}

void bytes_text(struct bytes *b, const char *text)
{
	bytes_frame(b, 0x81, text, strlen(text));
}

void bytes_free(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){ 0 };
}
