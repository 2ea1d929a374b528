/* server_fifo - messages on their way: each with the time at which it arrives, in the order in which they left.
 *
 * One owner. Grows up to a bound; a message never overtakes the one before it, whatever its own delay. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVER_FIFO_MAX (16u << 20)

struct server_fifo {
	uint8_t *buf;
	size_t from, to, cap;
	int64_t last_ns; /* arrival of the newest */
};

void server_fifo_free(struct server_fifo *f);
void server_fifo_clear(struct server_fifo *f);
/* -ERR_FULL: more than SERVER_FIFO_MAX bytes wait; -ERR_NOMEM. */
int server_fifo_put(struct server_fifo *f, int64_t at_ns, const void *p, size_t n);
/* The oldest message's arrival; INT64_MAX: none. */
int64_t server_fifo_next(const struct server_fifo *f);
/* The oldest message, not empty; valid until the next put. Its length. */
size_t server_fifo_peek(const struct server_fifo *f, const uint8_t **p);
void server_fifo_drop(struct server_fifo *f);
