/* ids - one 64-bit number for every order, pair and round: host, epoch and sequence in it, never used twice (I3).
 *
 * The epoch is counted up and made durable before the first id of a run is given out, so a host that was killed cannot
 * repeat itself. Rising within a run and from run to run. Engine's thread. */
#pragma once
#include <stdint.h>

struct ids {
	uint64_t next;
};

static inline void ids_init(struct ids *ids, uint8_t host, uint16_t epoch)
{
	ids->next = (uint64_t)host << 56 | (uint64_t)epoch << 40 | 1;
}

static inline uint64_t ids_next(struct ids *ids)
{
	return ids->next++;
}
