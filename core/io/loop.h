/* loop - which descriptors are ready: libevent's plain events behind five calls.
 *
 * One thread. The number of watches is fixed at open; nothing is allocated afterwards. */
#pragma once
#include <stdint.h>

#define LOOP_READ  1u
#define LOOP_WRITE 2u

struct loop;

/* what: LOOP_READ, LOOP_WRITE, or both. May add and remove watches, its own included. */
typedef void (*loop_fn)(void *owner, unsigned what);

int loop_open(uint32_t max_watches, struct loop **out); /* -ERR_NOMEM, -ERR_IO */
void loop_free(struct loop *l);
/* A watch, 0 or more; or -ERR_FULL, -ERR_IO. */
int loop_add(struct loop *l, int fd, unsigned what, loop_fn fn, void *owner);
void loop_want(struct loop *l, int watch, unsigned what);
void loop_remove(struct loop *l, int watch); /* before the descriptor is closed */
/* Call what is ready; when nothing is, wait for it, at most wait_ns (0: not at all; INT64_MAX:
 * for ever). */
void loop_run(struct loop *l, int64_t wait_ns);
