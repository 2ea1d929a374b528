/* timer - what is to happen later: a heap of deadlines on the monotonic time of the turn.
 *
 * One owner; fixed capacity, at most 2^20; equal deadlines fire in the order they were set, so that
 * a re-run fires alike. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t timer_id; /* 0 is none; not reused while pending, nor for long after */

struct timer_event {
	int64_t at_ns;
	uint16_t kind; /* the owner's meaning */
	uint64_t arg;
};

struct timers {
	struct timer_node *node;
	uint32_t *heap;
	uint32_t n, cap, free_head;
	uint64_t order;
};

int timers_init(struct timers *t, uint32_t cap); /* -ERR_NOMEM */
void timers_free(struct timers *t);
/* Returns the id, or 0 when there is no room. */
timer_id timers_set(struct timers *t, int64_t at_ns, uint16_t kind, uint64_t arg);
bool timers_cancel(struct timers *t, timer_id id); /* false: fired or cancelled already */
/* Takes out the earliest that is due at now_ns; false when none is. */
bool timers_pop(struct timers *t, int64_t now_ns, struct timer_event *out);
int64_t timers_next(const struct timers *t); /* INT64_MAX when none */
