/* away - which receipts lie in archives and no longer in the store: spans of sequences, so that their absence is no damage.
 *
 * Kept in the database under `s/away/` and the first sequence; the value is the last. One owner. */
#pragma once
#include "store/kv.h"
#include <stdbool.h>
#include <stdint.h>

#define AWAY_KEY 15 /* bytes: "s/away/" and 8 */
#define AWAY_MAX 4096

struct away_span {
	uint64_t first, last;
};

struct away {
	struct away_span *span; /* rising */
	uint32_t n;
};

/* What is away now; the old list goes. -ERR_NOMEM, -ERR_IO, -ERR_CORRUPT, -ERR_FULL: more than AWAY_MAX spans. */
int away_load(struct away *a, struct kv_db *db);
void away_free(struct away *a);
bool away_has(const struct away *a, uint64_t seq);
/* How many of first..last are away. */
uint64_t away_within(const struct away *a, uint64_t first, uint64_t last);
void away_key(uint8_t key[AWAY_KEY], uint64_t first);
