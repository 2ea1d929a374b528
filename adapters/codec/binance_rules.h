/* binance_rules - what exchangeInfo says of our instruments: tick, lot, sizes, price bands, and what orders they take.
 *
 * Read at the start and now and then, in one pass over the answer (USD-M's is megabytes) without memory of its own. Fees and margins are not in it: they
 * stay as the rule that was in force has them. A filter whose numbers the instrument's decimals cannot hold is an error: the
 * configuration has the wrong scale. One thread. */
#pragma once
#include "adapters/codec/binance_order.h"
#include "adapters/codec/symbols.h"

struct binance_rules {
	enum binance_api api;
	const struct symbols *symbols;
	int64_t utc_ns; /* new rules are in force from here */
	void *owner;
	/* A rule that was read. trading: the venue takes orders for it now. */
	void (*on_rule)(void *owner, const struct symbol *s, const struct rule *filters,
			const struct caps *caps, bool trading);
	/* What the venue limits an account to; 0: not said. */
	int32_t weight_per_minute, orders_per_10s, orders_per_minute, orders_per_day;
	uint32_t found; /* instruments of ours in the answer */
};

/* -ERR_PARSE: not such an answer; -ERR_RANGE: a filter that does not fit the instrument's decimals. */
int binance_rules_read(struct binance_rules *r, const char *p, size_t n);
