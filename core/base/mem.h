/* mem - memory that is there before it is needed: what is taken at init costs a turn no page fault.
 *
 * The kernel gives a page when it is first written; where it was read before, that also stops every
 * other core of the process for a moment. So pools are written once, when they are taken. Of large
 * ones huge pages are asked for: among thousands of instruments each event looks at other pages, and
 * to find out where a page lies costs as much as to fetch what is on it. */
#pragma once
#include <stddef.h>

/* n items of `size` bytes, all zero and all resident, the first at the beginning of a cache line;
 * free() gives them back. NULL: no memory. */
void *mem_take(size_t n, size_t size);

/* The other way, for what is bounded largely and used little: n bytes, all zero, of which each page costs memory and a fault only once it is written. On a page of its own. NULL: no
 * memory. */
void *mem_reserve(size_t n);
void mem_unreserve(void *p, size_t n); /* p may be NULL */
