/* diff - a domestic futures counter behind DIFF, TqSdk's open protocol: quotes in as half-second snapshots, orders with offsets out, the day's orders and trades back.
 *
 * One connection brings quotes, and one for each account its orders, trades, positions and money, as a picture that the server changes by patches. A login replays the whole day: fills are
 * told once. A question about an order is answered from the picture while it is fresh; to say that the venue never had an order takes a login that was asked for after
 * the order's settle time (F13, F64). It reports what the venue said, queues nothing while it is not connected, and sends no order twice. Limits: limit orders for the day, FAK
 * and FOK, no replacing, no mass cancel. Everything on the engine's thread; memory from diff_open. */
#pragma once
#include "core/market/instrument.h"
#include "core/trade/venue.h"

struct diff_endpoint {
	struct env_peer peer;
	char path[128];
};

struct diff_account_options {
	uint16_t account; /* its index in the configuration */
	const char *name;
	const char *user_file, *password_file;
	const char *broker; /* as the gateway calls it */
};

struct diff_options {
	uint16_t venue; /* its index in the configuration */
	struct diff_endpoint stream, api;
	const struct diff_account_options *account; /* none: market data only */
	uint16_t n_accounts;
	const struct instrument *
		instrument; /* the whole array: those of this venue are taken; outlives the venue */
	uint32_t n_instruments;
	struct assets *assets;
	struct venue_host host;
	int64_t connect_timeout_ns, answer_timeout_ns, settle_ns;
	int64_t backoff_min_ns, backoff_max_ns, feed_silence_ns;
	int32_t messages_per_s, reserve_pct;
	uint32_t max_orders, day_orders, day_trades; /* 0: 4096 open, 16384 and 32768 of a day */
};

/* Reads users and passwords, takes the memory; opens nothing yet. NULL with err_set. */
struct venue *diff_open(const struct diff_options *o);
