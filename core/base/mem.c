#include "core/base/mem.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE	  64
#define HUGE_PAGE ((size_t)2 << 20)

void *mem_take(size_t n, size_t size)
{
	size_t bytes, align;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
		return NULL;
	align = bytes < HUGE_PAGE ? LINE : HUGE_PAGE;
	void *p;
	if (posix_memalign(&p, align, bytes + LINE))
		return NULL;
	if (align == HUGE_PAGE) /* refused: it is as slow as any other */
		(void)madvise(p, bytes, MADV_HUGEPAGE);
	return memset(p, 0, bytes);
}

/* calloc promises less: what others gave back it clears, and clearing is writing. */
void *mem_reserve(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void mem_unreserve(void *p, size_t n)
{
	if (p)
		munmap(p, n);
}
