/* mem_journal - a journal in memory, with its kv: what a host wrote before it was killed is there for the next. One thread. */
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
};

int mem_journal_init(struct mem_journal *m, uint64_t cap);
void mem_journal_free(struct mem_journal *m);
/* Facts from the last complete checkpoint on, as a store gives them. */
int mem_journal_recover(struct mem_journal *m, journal_fact_fn fn, void *arg);
