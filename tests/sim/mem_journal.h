/* mem_journal - a journal in memory, with its kv: what a host wrote before it was killed is there for the next. One thread.
 *
 * Whoever owns the world may stand in the door: before a fact is written (the host may die there), after it (a checker reads it), and
 * as the disk that is in trouble or full. */
#pragma once
#include "core/trade/journal.h"

struct mem_journal {
	struct journal journal; /* first */
	struct fact *fact;
	uint64_t n, cap;
	struct kv kv;
	struct mem_value {
		char key[80];
		uint8_t bytes[65536];
		size_t n;
	} * value;
	uint32_t n_values, cap_values;
	/* All may be left NULL or 0. */
	void *owner;
	void (*before)(void *owner, const struct fact *f);
	void (*after)(void *owner, const struct fact *f);
	const char *trouble; /* what its disk suffers from */
	uint64_t taken;	     /* so many facts of its room are somebody else's */
	/* Its disk takes so long, by the owner's clock; 0: no time. */
	int64_t sync_ns;
	int64_t (*now_ns)(const void *owner);
	uint64_t n_synced;
};

int mem_journal_init(struct mem_journal *m, uint64_t cap);
void mem_journal_free(struct mem_journal *m);
/* As new, memory kept. */
void mem_journal_clear(struct mem_journal *m);
/* Facts from the last complete checkpoint on, as a store gives them. */
int mem_journal_recover(struct mem_journal *m, journal_fact_fn fn, void *arg);
