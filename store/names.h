/* names - the numbers that stand for venues, accounts, instruments, instances, scripts and assets in receipts, and their texts.
 *
 * A number is given once and never changes its meaning; numbers of a space count up from 1. One owner; memory grows with the names. */
#pragma once
#include "core/trade/fact.h"
#include "store/kv.h"
#include <stdint.h>

struct names {
	struct names_space {
		char **text; /* by id; [0] unused; NULL where a number was never seen */
		uint32_t n;  /* highest id + 1 */
		uint32_t cap;
	} space[name_space_max];
};

void names_free(struct names *t);
/* -ERR_ARG: no such space, or number 0; -ERR_CORRUPT: the number has another name already; -ERR_NOMEM. */
int names_set(struct names *t, unsigned space, uint64_t id, const char *text);
/* All names of a database. -ERR_CORRUPT, -ERR_IO, -ERR_NOMEM. */
int names_load(struct names *t, struct kv_db *db);
const char *names_text(const struct names *t, unsigned space, uint32_t id);   /* NULL: unknown */
uint32_t names_find(const struct names *t, unsigned space, const char *text); /* 0: unknown */
/* The number that the next new name of a space gets. */
uint32_t names_next(const struct names *t, unsigned space);
