#include "core/io/tls_memory.h"
#include "core/base/err.h"
#include "core/io/tls.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMALLEST 4  /* log2: 16 bytes */
#define LARGEST	 16 /* 64 KiB */
#define CLASSES	 (LARGEST - SMALLEST + 1)

/* One class: equal blocks in a region of its own, the free ones in a list through their first
 * bytes. */
struct size_class {
	_Alignas(64) atomic_flag lock;
	void *free_list;
	uint8_t *fresh, *end; /* blocks never yet given */
};

/* OpenSSL has one allocator a process, so there is one pool. Regions are equal powers of two: an
 * address tells its class. */
static struct {
	uint8_t *base;
	size_t bytes;
	unsigned region_bits;
	struct size_class class[CLASSES];
	_Atomic uint64_t taken, fallback, live;
} pool;

static void lock(struct size_class *c)
{
	while (atomic_flag_test_and_set_explicit(&c->lock, memory_order_acquire))
		sched_yield();
}

static void unlock(struct size_class *c)
{
	atomic_flag_clear_explicit(&c->lock, memory_order_release);
}

static bool in_pool(const void *p)
{
	return (size_t)((const uint8_t *)p - pool.base) < pool.bytes;
}

static unsigned class_of(const void *p)
{
	return (unsigned)((size_t)((const uint8_t *)p - pool.base) >> pool.region_bits);
}

static unsigned class_for(size_t n)
{
	unsigned bits = n <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(n - 1);
	return bits <= SMALLEST ? 0 : bits - SMALLEST;
}

static void *take(unsigned k)
{
	struct size_class *c = &pool.class[k];
	size_t size = (size_t)1 << (k + SMALLEST);
	lock(c);
	void *p = c->free_list;
	if (p) {
		memcpy(&c->free_list, p, sizeof(p));
	} else if ((size_t)(c->end - c->fresh) >= size) {
		p = c->fresh;
		c->fresh += size;
	}
	unlock(c);
	return p;
}

void *tls_memory_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	unsigned k = class_for(n);
	void *p = n && k < CLASSES ? take(k) : NULL;
	if (p) {
		atomic_fetch_add_explicit(&pool.taken, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&pool.live, 1, memory_order_relaxed);
		return p;
	}
	if (n)
		atomic_fetch_add_explicit(&pool.fallback, 1, memory_order_relaxed);
	return n ? malloc(n) : NULL;
}

void tls_memory_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (!p || !in_pool(p)) {
		free(p);
		return;
	}
	struct size_class *c = &pool.class[class_of(p)];
	lock(c);
	memcpy(p, &c->free_list, sizeof(void *));
	c->free_list = p;
	unlock(c);
	atomic_fetch_sub_explicit(&pool.live, 1, memory_order_relaxed);
}

void *tls_memory_realloc(void *p, size_t n, const char *file, int line)
{
	if (!p)
		return tls_memory_malloc(n, file, line);
	if (n == 0) {
		tls_memory_free(p, file, line);
		return NULL;
	}
	if (!in_pool(p)) {
		atomic_fetch_add_explicit(&pool.fallback, 1, memory_order_relaxed);
		return realloc(p, n);
	}
	size_t size = (size_t)1 << (class_of(p) + SMALLEST);
	if (n <= size)
		return p;
	void *q = tls_memory_malloc(n, file, line);
	if (!q)
		return NULL;
	memcpy(q, p, size);
	tls_memory_free(p, file, line);
	return q;
}

int tls_memory_take(size_t bytes)
{
	unsigned bits = LARGEST;
	if (bytes / CLASSES < (size_t)1 << LARGEST)
		return err_set(ERR_ARG, "OpenSSL's memory: at least %d bytes, not %zu",
			       CLASSES << LARGEST, bytes);
	while ((size_t)CLASSES << (bits + 1) <= bytes)
		bits++;
	size_t total = (size_t)CLASSES << bits;
	if (pool.base)
		return err_set(ERR_STATE, "OpenSSL's memory was taken already");
	uint8_t *base = mmap(NULL, total, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (base == MAP_FAILED)
		return err_set(ERR_NOMEM, "no memory for %zu bytes of OpenSSL's", total);
	for (unsigned k = 0; k < CLASSES; k++) {
		pool.class[k].fresh = base + ((size_t)k << bits);
		pool.class[k].end = base + ((size_t)(k + 1) << bits);
	}
	pool.region_bits = bits;
	pool.base = base;
	pool.bytes = total;
	return 0;
}

void tls_memory_stats(struct tls_memory_stats *out)
{
	out->taken = atomic_load(&pool.taken);
	out->fallback = atomic_load(&pool.fallback);
	out->live = atomic_load(&pool.live);
}
