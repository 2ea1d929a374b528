/* ring - one thread hands fixed-size items to one other, without locks.
 * Single producer, single consumer, capacity a power of two; full means "no", never a wait. One
 * that is allocated wants aligned_alloc(64, ...). */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *buf;
	size_t item; /* bytes an item */
	uint64_t mask;
	_Alignas(64) _Atomic uint64_t head; /* next to write: the producer's */
	_Alignas(64) _Atomic uint64_t tail; /* next to read: the consumer's */
};

int ring_init(struct ring *r, size_t item, uint32_t cap_pow2); /* -ERR_ARG, -ERR_NOMEM */
void ring_free(struct ring *r);
bool ring_push(struct ring *r, const void *item); /* producer */
bool ring_pop(struct ring *r, void *item);	  /* consumer */
uint64_t ring_len(const struct ring *r);	  /* either; a moment's truth */
