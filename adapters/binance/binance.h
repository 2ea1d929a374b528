/* binance - Binance spot and USD-M as one venue each: quotes and depth in, orders out, fills back, over WebSocket and REST.
 *
 * One struct venue is one market under one or more accounts. It keeps a market stream for all, and a session a
 * account: the WebSocket API for orders, and the account's own events. What one market does differently from the other is a row of
 * a table (bn_dialect.c). It reports what the venue said; silence and a broken connection are reported as unknown, never as a
 * rejection; it queues no order and sends none twice. Everything on the engine's thread; memory from binance_open, and only
 * OpenSSL allocates afterwards. One-way position mode; both modes are read. */
#pragma once
#include "adapters/codec/binance_order.h"
#include "core/market/instrument.h"
#include "core/trade/venue.h"

struct binance_endpoint {
	struct env_peer peer; /* host empty: not given */
	char path[128];	      /* put before what is asked for */
};

struct binance_account {
	uint16_t account; /* its index in the configuration */
	const char *name;
	const char *api_key_file, *secret_file;
	bool ed25519;
};

struct binance_options {
	enum binance_api api;
	uint16_t venue; /* its index in the configuration */
	/* Bases, as the venue's documents name them. stream: "" or "/public"; user: USD-M only, "" or "/private";
	 * api: "/ws-api/v3" or "/ws-fapi/v1"; rest: "". */
	struct binance_endpoint stream, api_ws, rest, user;
	const struct binance_account *account; /* none: market data only */
	uint16_t n_accounts;
	const struct instrument *
		instrument; /* the whole array: those of this venue are taken; outlives the venue */
	uint32_t n_instruments;
	struct assets *assets; /* fees and balances may add some */
	struct venue_host host;
	const char *depth_speed; /* NULL: "100ms" */
	uint8_t lines;		 /* of the market stream: 2 for an A and a B line; else 1 */
	int64_t recv_window_ns, connect_timeout_ns, answer_timeout_ns, settle_ns;
	uint8_t self_trade; /* enum self_trade: what orders ask the venue for */
	int64_t backoff_min_ns, backoff_max_ns, feed_silence_ns;
	int64_t ping_after_ns, pong_timeout_ns; /* bn_link_times */
	int32_t messages_per_s, reserve_pct;
	uint32_t max_orders, max_requests, book_levels; /* 0: 4096, 1024, 5000 */
};

/* Reads the keys, takes the memory; opens nothing yet (venue_ops.start does). NULL with err_set. */
struct venue *binance_open(const struct binance_options *o);
