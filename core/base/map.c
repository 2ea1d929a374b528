#include "core/base/map.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include <stdlib.h>
#include <string.h>

#define CAP_MAX (1u << 30)

struct map_slot {
	uint64_t key; /* 0: empty */
	uint32_t value;
};

/* Keys are often counters or packed ids; every bit of them must move the low bits. Four that follow
 * each other share a line of the cache: what is numbered together is looked up together. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccdull;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 33;
}

static uint32_t home(const struct map *m, uint64_t key)
{
	return ((uint32_t)mix(key >> 2) << 2 | (uint32_t)(key & 3)) & m->mask;
}

/* The slot of the key, or the empty one where it would go. */
static uint32_t find(const struct map *m, uint64_t key)
{
	uint32_t i = home(m, key);
	while (m->slot[i].key != 0 && m->slot[i].key != key)
		i = (i + 1) & m->mask;
	return i;
}

int map_init(struct map *m, uint32_t cap)
{
	*m = (struct map){ 0 };
	if (cap > CAP_MAX)
		return err_set(ERR_NOMEM, "a map of %u keys: at most %u are possible", cap,
			       CAP_MAX);
	uint32_t live = 1;
	while (live < cap)
		live *= 2;
	struct map_slot *slot = mem_take((size_t)live * 2, sizeof(*slot));
	if (!slot)
		return err_set(ERR_NOMEM, "no memory for a map of %u keys", live);
	*m = (struct map){ .slot = slot, .mask = live * 2 - 1, .cap = live };
	return 0;
}

void map_free(struct map *m)
{
	free(m->slot);
	*m = (struct map){ 0 };
}

int map_put(struct map *m, uint64_t key, uint32_t value)
{
	if (key == 0)
		return err_set(ERR_ARG, "0 is no key of a map");
	uint32_t i = find(m, key);
	if (m->slot[i].key == 0) {
		if (m->used == m->cap)
			return err_set(ERR_FULL, "a map of %u keys is full", m->cap);
		m->used++;
	}
	m->slot[i] = (struct map_slot){ .key = key, .value = value };
	return 0;
}

bool map_get(const struct map *m, uint64_t key, uint32_t *value)
{
	if (key == 0)
		return false;
	uint32_t i = find(m, key);
	if (m->slot[i].key == 0)
		return false;
	*value = m->slot[i].value;
	return true;
}

bool map_del(struct map *m, uint64_t key)
{
	if (key == 0)
		return false;
	uint32_t hole = find(m, key);
	if (m->slot[hole].key == 0)
		return false;
	/* Keys that had to pass over the hole move back into it, so that no tombstones pile up. */
	for (uint32_t i = (hole + 1) & m->mask; m->slot[i].key != 0; i = (i + 1) & m->mask) {
		uint32_t walked = (i - home(m, m->slot[i].key)) & m->mask;
		if (walked >= ((i - hole) & m->mask)) {
			m->slot[hole] = m->slot[i];
			hole = i;
		}
	}
	m->slot[hole].key = 0;
	m->used--;
	return true;
}

void map_clear(struct map *m)
{
	memset(m->slot, 0, ((size_t)m->mask + 1) * sizeof(*m->slot));
	m->used = 0;
}

uint64_t map_hash_bytes(const void *p, size_t n)
{
	const unsigned char *s = p;
	uint64_t h = mix(n + 1);
	for (; n >= 8; s += 8, n -= 8) {
		uint64_t word;
		memcpy(&word, s, 8);
		h = mix(h ^ word);
	}
	/* The length went in first, so a short word and its zero-filled twin differ. */
	if (n > 0) {
		uint64_t word = 0;
		memcpy(&word, s, n);
		h = mix(h ^ word);
	}
	return h ? h : 1;
}
