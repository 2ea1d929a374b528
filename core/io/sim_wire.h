/* sim_wire - what is under way to one end of a simulated connection: arrivals in order, and
 * their bytes. Grows until it is large enough for the run, then allocates no more. Private to
 * env_sim. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_kind { SIM_SYN, SIM_UP, SIM_DATA, SIM_CLOSE, SIM_RESET, SIM_REFUSED, sim_kind_max };

struct sim_arrival {
	int64_t at_ns;
	uint64_t order; /* of sending, over the whole world */
	size_t n;	/* bytes */
	uint8_t kind;
};

struct sim_bytes {
	uint8_t *p;
	size_t from, to, cap;
};

struct sim_wire {
	struct sim_arrival *queue; /* first at `head`, `n` of them, round about */
	uint32_t head, n, cap;
	struct sim_bytes bytes;
	int64_t last_ns; /* nothing arrives before it */
	bool frozen;	 /* nothing arrives at all */
};

int sim_bytes_put(struct sim_bytes *b, const void *p, size_t n); /* -ERR_NOMEM */
void sim_bytes_drop(struct sim_bytes *b, size_t n);
static inline size_t sim_bytes_n(const struct sim_bytes *b)
{
	return b->to - b->from;
}

/* Not before what is under way already. p: a.n bytes. -ERR_NOMEM. */
int sim_wire_put(struct sim_wire *w, struct sim_arrival a, const void *p);
/* The next arrival, or NULL: none, or frozen. */
const struct sim_arrival *sim_wire_next(const struct sim_wire *w);
/* Takes it off; its bytes go to `to`. */
struct sim_arrival sim_wire_take(struct sim_wire *w, struct sim_bytes *to);
void sim_wire_clear(struct sim_wire *w); /* keeps the memory */
void sim_wire_free(struct sim_wire *w);
