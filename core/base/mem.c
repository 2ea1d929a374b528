#include "core/base/mem.h"
#include <stdlib.h>

#define PAGE 4096 /* the smallest: larger pages are touched more than once */

void *mem_take(size_t n, size_t size)
{
	volatile unsigned char *p = calloc(n, size);
	for (size_t i = 0; p && i < n * size; i += PAGE)
		p[i] = 0;
	return (void *)p;
}
