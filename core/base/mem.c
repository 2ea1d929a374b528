#include "core/base/mem.h"
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096 /* the smallest: larger pages are touched more than once */

void *mem_take(size_t n, size_t size)
{
	volatile unsigned char *p = calloc(n, size);
	for (size_t i = 0; p && i < n * size; i += PAGE)
		p[i] = 0;
	return (void *)p;
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
