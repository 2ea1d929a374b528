/* allocs - counts what is taken from the C library's allocator between two calls: for the promise that nothing is, in a turn. One thread at a time. */
#pragma once

void allocs_begin(void);
/* How many since then. */
unsigned allocs_end(void);
