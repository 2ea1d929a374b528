#include "lua/arena.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

enum { smallest_log = 4, steps_log = 2 };

/* Sizes 16, 32, 48, 64, then four steps to each doubling. */
static size_t class_size(unsigned c)
{
	if (c < 4)
		return (size_t)(c + 1) << smallest_log;
	unsigned doubling = (c - 4) >> steps_log;
	return ((size_t)((c & 3) + 5) << smallest_log) << doubling;
}

static unsigned class_of(size_t n)
{
	if (n <= 64)
		return n ? (unsigned)((n - 1) >> smallest_log) : 0;
	unsigned top = 63 - (unsigned)__builtin_clzl(n - 1); /* n - 1 is in [2^top, 2^(top + 1)) */
	unsigned step = (unsigned)((n - 1) >> (top - steps_log)) & 3;
	return 4 + ((top - 6) << steps_log) + step;
}

int arena_init(struct arena *a, size_t soft, void (*over)(void *), void *owner)
{
	memset(a, 0, sizeof(*a));
	a->soft = soft;
	a->hard = soft + ARENA_SLACK;
	/* Address space only: pages come when they are touched. More than soft: freed blocks of one class do not serve another. */
	a->cap = soft + soft / 2 + ARENA_BLOCK_MAX;
	a->over = over;
	a->owner = owner;
	a->base = mmap(NULL, a->cap, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->base == MAP_FAILED) {
		a->base = NULL;
		return err_set(ERR_NOMEM, "no address space of %zu MiB for a strategy: %s",
			       a->cap >> 20, strerror(errno));
	}
	must(class_of(ARENA_BLOCK_MAX) < ARENA_CLASSES);
	return 0;
}

void arena_free(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->cap);
	memset(a, 0, sizeof(*a));
}

static bool in_region(const struct arena *a, const void *p)
{
	return (const uint8_t *)p >= a->base && (const uint8_t *)p < a->base + a->cap;
}

static void give_back(struct arena *a, void *p, size_t had)
{
	a->used -= had;
	if (!in_region(a, p)) {
		munmap(p, had);
		return;
	}
	unsigned c = class_of(had);
	memcpy(p, &a->free[c], sizeof(void *));
	a->free[c] = p;
}

static void *take(struct arena *a, size_t want)
{
	if (want <= ARENA_BLOCK_MAX) {
		unsigned c = class_of(want);
		uint8_t *p = a->free[c];
		if (p) {
			memcpy(&a->free[c], p, sizeof(void *));
			return p;
		}
		size_t size = class_size(c);
		if (size <= a->cap - a->top) {
			p = a->base + a->top;
			a->top += size;
			return p;
		}
	}
	void *p = mmap(NULL, want, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* Can the block stay where it is? */
static bool fits(const struct arena *a, const void *p, size_t had, size_t want)
{
	if (!p || !in_region(a, p))
		return p && want == had;
	return want <= ARENA_BLOCK_MAX && class_of(had) == class_of(want);
}

void *arena_realloc(void *ud, void *p, size_t had, size_t want)
{
	struct arena *a = ud;
	if (!p)
		had = 0;
	if (!want) {
		if (p)
			give_back(a, p, had);
		return NULL;
	}
	void *q = NULL;
	if (fits(a, p, had, want)) {
		q = p;
		a->used += want - had;
	} else if (want <= had || a->used - had + want <= a->hard) {
		q = take(a, want);
		if (q && p) {
			memcpy(q, p, had < want ? had : want);
			give_back(a, p, had);
		}
		a->used += q ? want : 0;
	}
	if (a->used > a->peak)
		a->peak = a->used;
	if (want > had && (!q || a->used > a->soft || want > ARENA_BLOCK_MAX))
		a->over(a->owner);
	return q;
}
