#include "core/base/ring.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

int ring_init(struct ring *r, size_t item, uint32_t cap_pow2)
{
	*r = (struct ring){ 0 };
	if (item == 0 || cap_pow2 == 0 || (cap_pow2 & (cap_pow2 - 1)) != 0)
		return err_set(ERR_ARG,
			       "a ring of %u items of %zu bytes: the number of items must be a "
			       "power of two and an item at least a byte",
			       cap_pow2, item);
	uint8_t *buf = item <= PTRDIFF_MAX / cap_pow2 ? calloc(cap_pow2, item) : NULL;
	if (!buf)
		return err_set(ERR_NOMEM, "no memory for a ring of %u items of %zu bytes", cap_pow2,
			       item);
	r->buf = buf;
	r->item = item;
	r->mask = cap_pow2 - 1;
	return 0;
}

void ring_free(struct ring *r)
{
	free(r->buf);
	*r = (struct ring){ 0 };
}

bool ring_push(struct ring *r, const void *item)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	/* Acquire: the consumer has copied the item out before its place is written again. */
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	if (head - tail > r->mask)
		return false;
	memcpy(r->buf + (head & r->mask) * r->item, item, r->item);
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
	return true;
}

bool ring_pop(struct ring *r, void *item)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
	if (head == tail)
		return false;
	memcpy(item, r->buf + (tail & r->mask) * r->item, r->item);
	atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
	return true;
}

uint64_t ring_len(const struct ring *r)
{
	/* Tail first: the other way round a pop in between would make it negative. */
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	return atomic_load_explicit(&r->head, memory_order_acquire) - tail;
}
