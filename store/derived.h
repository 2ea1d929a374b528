/* derived - what the database keeps only because receipts say so: names by number, the place of the last checkpoint, the index.
 *
 * All of it can be made anew from the receipts, which is how a copy and a repair come by it. One owner. */
#pragma once
#include "core/trade/fact.h"
#include "store/index.h"
#include "store/kv.h"

#define DERIVED_BATCH 1024 /* facts between two writes, at most */

struct derived {
	struct index_batch index;
	uint64_t begun; /* first sequence of the checkpoint that began last; 0: none */
};

int derived_init(struct derived *d); /* -ERR_NOMEM */
void derived_free(struct derived *d);
/* Facts come in rising order. -ERR_IO. */
int derived_add(struct derived *d, const struct fact *f, struct kv_batch *into, struct kv_db *db);
int derived_write(struct derived *d, struct kv_batch *into, struct kv_db *db);
