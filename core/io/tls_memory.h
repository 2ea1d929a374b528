/* tls_memory - blocks for OpenSSL out of one piece of memory taken at start, in size classes.
 *
 * Any thread; a lock for each class, held for a few instructions. A block that does not fit comes
 * from malloc and is counted. Used by tls.c, which hands the three functions to OpenSSL. */
#pragma once
#include <stddef.h>

/* -ERR_ARG: too few bytes; -ERR_NOMEM; -ERR_STATE: taken already. Never given back. */
int tls_memory_take(size_t bytes);
/* As malloc, realloc and free; file and line are OpenSSL's and of no use here. */
void *tls_memory_malloc(size_t n, const char *file, int line);
void *tls_memory_realloc(void *p, size_t n, const char *file, int line);
void tls_memory_free(void *p, const char *file, int line);
