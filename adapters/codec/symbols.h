/* symbols - from the name that a venue writes to our instrument and its scales, in one look. Case does not matter: streams write
 * btcusdt where orders write BTCUSDT. Built at start, read-only afterwards, one venue each. */
#pragma once
#include "core/market/instrument.h"

struct symbol {
	char text[32]; /* as the venue writes it in orders */
	uint32_t instrument;
	uint8_t n;
	uint8_t px_dp, qty_dp;
	bool px_may_be_negative;
};

struct symbols {
	struct symbol *slot; /* n == 0: free */
	uint32_t mask, n;
};

/* Those of `all` that belong to the venue. -ERR_EXISTS: two have the same symbol; -ERR_ARG: an empty one; -ERR_NOMEM. */
int symbols_init(struct symbols *t, const struct instrument *all, uint32_t n, uint16_t venue);
void symbols_free(struct symbols *t);
const struct symbol *symbols_find(const struct symbols *t, const char *p,
				  size_t n); /* NULL: none */
