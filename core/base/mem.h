/* mem - memory that is there before it is needed: what is taken at init costs a turn no page fault.
 *
 * The kernel gives a page when it is first written; where it was read before, that also stops every
 * other core of the process for a moment. So pools are written once, when they are taken. */
#pragma once
#include <stddef.h>

/* n items of `size` bytes, all zero and all resident; free() gives them back. NULL: no memory. */
void *mem_take(size_t n, size_t size);
