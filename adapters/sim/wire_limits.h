/* wire_limits - how much a client may ask for: request weight a minute, orders a window; what a venue counts and says with its answers.
 *
 * Windows are fixed, on the venue's clock, as the real venue's are. Orders are counted for each account; on spot an order that got a fill counts no
 * more. Pure but for its counters; one owner. Limit: all clients share one weight, as if from one address. */
#pragma once
#include "adapters/sim/ledger.h"
#include <stdbool.h>
#include <stdint.h>

struct json_out;

enum limit_kind { LIMIT_WEIGHT, LIMIT_ORDERS_SHORT, LIMIT_ORDERS_LONG, limit_kind_max };

struct wire_limits_config {
	int32_t weight_per_min;	 /* 0: the real venue's */
	int32_t orders_per_10s;	 /* likewise */
	int32_t orders_per_long; /* spot: a day; USD-M: a minute */
};

struct limit_window {
	int64_t start_ns;
	int32_t count;
};

struct wire_limits {
	int32_t limit[limit_kind_max];
	int64_t length_ns[limit_kind_max];
	struct limit_window weight;
	struct limit_window orders[LEDGER_ACCOUNTS][limit_kind_max];
};

/* futures: USD-M's windows and defaults. */
void wire_limits_init(struct wire_limits *l, const struct wire_limits_config *c, bool futures);
/* Counts the weight. 0, or when the window ends (ns): the limit is passed and nothing may be done. */
int64_t wire_limits_weight(struct wire_limits *l, int64_t now_ns, int32_t weight);
/* The same for one order. */
int64_t wire_limits_order(struct wire_limits *l, int64_t now_ns, uint16_t account);
/* An order that was filled: it counts no more. */
void wire_limits_filled(struct wire_limits *l, uint16_t account);
/* The array "rateLimits"; orders: with the account's order counts. */
void wire_limits_write(const struct wire_limits *l, struct json_out *j, bool orders,
		       uint16_t account);
/* The array of exchangeInfo: the limits alone. */
void wire_limits_describe(const struct wire_limits *l, struct json_out *j);
