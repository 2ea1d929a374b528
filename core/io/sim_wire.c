#include "core/io/sim_wire.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

#define BYTES_MIN 65536
#define QUEUE_MIN 64

int sim_bytes_put(struct sim_bytes *b, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	if (n > b->cap - b->to && b->from) {
		memmove(b->p, b->p + b->from, b->to - b->from);
		b->to -= b->from;
		b->from = 0;
	}
	if (n > b->cap - b->to) {
		size_t cap = b->cap ? b->cap : BYTES_MIN;
		while (cap - b->to < n)
			cap *= 2;
		uint8_t *more = realloc(b->p, cap);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for %zu simulated bytes", cap);
		b->p = more;
		b->cap = cap;
	}
	memcpy(b->p + b->to, p, n);
	b->to += n;
	return 0;
}

void sim_bytes_drop(struct sim_bytes *b, size_t n)
{
	must(n <= b->to - b->from);
	b->from += n;
	if (b->from == b->to)
		b->from = b->to = 0;
}

static int grow(struct sim_wire *w)
{
	uint32_t cap = w->cap ? 2 * w->cap : QUEUE_MIN;
	struct sim_arrival *q = malloc(cap * sizeof(*q));
	if (!q)
		return err_set(ERR_NOMEM, "no memory for %u simulated arrivals", cap);
	for (uint32_t i = 0; i < w->n; i++)
		q[i] = w->queue[(w->head + i) & (w->cap - 1)];
	free(w->queue);
	w->queue = q;
	w->head = 0;
	w->cap = cap;
	return 0;
}

int sim_wire_put(struct sim_wire *w, struct sim_arrival a, const void *p)
{
	int rc = w->n == w->cap ? grow(w) : 0;
	if (!rc)
		rc = sim_bytes_put(&w->bytes, p, a.n);
	if (rc)
		return rc;
	if (a.at_ns < w->last_ns)
		a.at_ns = w->last_ns;
	w->last_ns = a.at_ns;
	w->queue[(w->head + w->n++) & (w->cap - 1)] = a;
	return 0;
}

const struct sim_arrival *sim_wire_next(const struct sim_wire *w)
{
	return w->n && !w->frozen ? &w->queue[w->head] : NULL;
}

struct sim_arrival sim_wire_take(struct sim_wire *w, struct sim_bytes *to)
{
	must(w->n);
	struct sim_arrival a = w->queue[w->head];
	w->head = (w->head + 1) & (w->cap - 1);
	w->n--;
	must(sim_bytes_put(to, w->bytes.p + w->bytes.from, a.n) == 0);
	sim_bytes_drop(&w->bytes, a.n);
	return a;
}

void sim_wire_clear(struct sim_wire *w)
{
	w->head = w->n = 0;
	w->bytes.from = w->bytes.to = 0;
	w->last_ns = 0;
	w->frozen = false;
}

void sim_wire_free(struct sim_wire *w)
{
	free(w->queue);
	free(w->bytes.p);
	*w = (struct sim_wire){ 0 };
}
