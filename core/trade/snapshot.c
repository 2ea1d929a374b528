#include "core/trade/snapshot.h"

#include "core/base/err.h"
#include <stddef.h>
#include <string.h>

/* What there is of it: a host of one instance copies one row. */
static size_t used(const struct snapshot_body *b)
{
	const uint32_t n =
		b->n_instances < SNAPSHOT_INSTANCES ? b->n_instances : SNAPSHOT_INSTANCES;
	return offsetof(struct snapshot_body, instance) + n * sizeof b->instance[0];
}

void snapshot_write(struct snapshot_page *p, const struct snapshot_body *b)
{
	uint64_t v = atomic_load_explicit(&p->lock, memory_order_relaxed) |
		     1; /* a killed writer may have left it odd */
	atomic_store_explicit(&p->lock, v, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	memcpy(&p->body, b, used(b));
	atomic_store_explicit(&p->lock, v + 1, memory_order_release);
}

int snapshot_read(const struct snapshot_page *p, struct snapshot_body *out)
{
	if (p->magic != SNAPSHOT_MAGIC)
		return err_set(ERR_CORRUPT, "the status page is not one of this program's");
	for (int tries = 0; tries < 1000; tries++) {
		uint64_t v = atomic_load_explicit(&p->lock, memory_order_acquire);
		if (v & 1)
			continue;
		memcpy(out, (const void *)&p->body, used(&p->body));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&p->lock, memory_order_relaxed) == v)
			return 0;
	}
	return err_set(ERR_BUSY,
		       "the status page is being rewritten all the time; is its host stuck?");
}
