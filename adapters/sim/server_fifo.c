#include "adapters/sim/server_fifo.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

struct head {
	int64_t at_ns;
	size_t n;
};

void server_fifo_free(struct server_fifo *f)
{
	free(f->buf);
	*f = (struct server_fifo){ 0 };
}

void server_fifo_clear(struct server_fifo *f)
{
	f->from = f->to = 0;
	f->last_ns = 0;
}

/* Room for n more bytes at the end. */
static int make_room(struct server_fifo *f, size_t n)
{
	size_t held = f->to - f->from;
	if (f->cap - f->to >= n)
		return 0;
	if (held + n > SERVER_FIFO_MAX)
		return err_set(ERR_FULL, "more than %u bytes wait for a client that does not read",
			       SERVER_FIFO_MAX);
	if (held)
		memmove(f->buf, f->buf + f->from, held);
	f->from = 0;
	f->to = held;
	if (f->cap - held >= n && f->cap >= 2 * held)
		return 0;
	size_t cap = f->cap ? f->cap : 4096;
	while (cap < 2 * (held + n))
		cap *= 2;
	uint8_t *buf = realloc(f->buf, cap);
	if (!buf)
		return err_set(ERR_NOMEM, "no memory for %zu waiting bytes", cap);
	f->buf = buf;
	f->cap = cap;
	return 0;
}

int server_fifo_put(struct server_fifo *f, int64_t at_ns, const void *p, size_t n)
{
	struct head h = { at_ns > f->last_ns ? at_ns : f->last_ns, n };
	int rc = make_room(f, sizeof h + n);
	if (rc)
		return rc;
	memcpy(f->buf + f->to, &h, sizeof h);
	if (n)
		memcpy(f->buf + f->to + sizeof h, p, n);
	f->to += sizeof h + n;
	f->last_ns = h.at_ns;
	return 0;
}

static struct head first(const struct server_fifo *f)
{
	struct head h;
	memcpy(&h, f->buf + f->from, sizeof h);
	return h;
}

int64_t server_fifo_next(const struct server_fifo *f)
{
	return f->from == f->to ? INT64_MAX : first(f).at_ns;
}

size_t server_fifo_peek(const struct server_fifo *f, const uint8_t **p)
{
	*p = f->buf + f->from + sizeof(struct head);
	return first(f).n;
}

void server_fifo_drop(struct server_fifo *f)
{
	f->from += sizeof(struct head) + first(f).n;
	if (f->from == f->to)
		f->from = f->to = 0;
}
