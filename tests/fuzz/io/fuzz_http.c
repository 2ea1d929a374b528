/* Proves that the HTTP parser survives any bytes, and that how they are cut never changes what
 * it reads. */
#include "core/io/http.h"
#include <stdlib.h>
#include <string.h>

#define BODY 4096

struct outcome {
	int err;
	bool done;
	int status;
	uint32_t n_header;
	size_t used, body_n;
	uint8_t body[BODY];
};

static struct http_parser parser;

static void read_all(struct outcome *o, enum http_role role, const uint8_t *p, size_t n,
		     size_t step)
{
	memset(o, 0, sizeof(*o));
	http_init(&parser, role, o->body, BODY);
	size_t from = 0, to = 0;
	while (to < n && !parser.done) {
		to = n - to < step ? n : to + step;
		/* A copy of its own, so that a read beyond the end is seen. */
		uint8_t *copy = malloc(to - from);
		memcpy(copy, p + from, to - from);
		ptrdiff_t k = http_feed(&parser, copy, to - from);
		free(copy);
		if (k < 0) {
			o->err = (int)k;
			return;
		}
		if ((size_t)k > to - from)
			abort();
		from += (size_t)k;
	}
	o->used = from;
	o->done = parser.done;
	o->status = parser.head.status;
	o->n_header = parser.head.n_header;
	o->body_n = parser.body_n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct outcome whole, cut;
	if (n < 2)
		return 0;
	enum http_role role = p[0] & 1 ? HTTP_RESPONSE : HTTP_REQUEST;
	size_t step = 1 + p[1] % 64;
	read_all(&whole, role, p + 2, n - 2, n);
	read_all(&cut, role, p + 2, n - 2, step);
	/* Cut bytes may show the error before the cap, or the other way round; an error it
	 * stays. */
	if ((whole.err == 0) != (cut.err == 0))
		abort();
	if (whole.err)
		return 0;
	if (whole.done != cut.done || whole.status != cut.status ||
	    whole.n_header != cut.n_header || whole.body_n != cut.body_n ||
	    memcmp(whole.body, cut.body, whole.body_n) != 0 ||
	    (whole.done && whole.used != cut.used))
		abort();
	return 0;
}
