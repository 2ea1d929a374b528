/* config - what the operator asked for, as plain structs: read once from a Lua file by lua/config, read-only afterwards.
 *
 * All text is terminated and within its bounds, all numbers are within their ranges and exact, all references are indices that exist. Counts are not bounded by
 * the build: arrays are allocated once, by the reader, and belong to the config. */
#pragma once
#include "core/market/basis.h"
#include "core/market/calendar.h"
#include "core/market/instrument.h"
#include "core/trade/strategy.h"
#include <stdbool.h>
#include <stdint.h>

enum venue_url { URL_STREAM, URL_API, URL_REST, URL_USER, venue_url_max };

struct config_url {
	bool tls;
	char host[128];
	uint16_t port;
	char path[128];
};

struct config_venue {
	char name[32];
	char adapter[32];		      /* "binance_spot", "binance_usdm" */
	struct config_url url[venue_url_max]; /* host empty: not given */
	char ca_file[256];
	bool allow_plaintext; /* only to loopback without it */
	int64_t recv_window_ns, connect_timeout_ns, answer_timeout_ns, settle_ns, backoff_min_ns,
		backoff_max_ns, feed_silence_ns;
	int32_t messages_per_s,
		reserve_pct; /* the part of the message budget kept for cancels and rescues */
	uint8_t lines;	     /* connections that market data comes on: 2 is an A and a B line */
	bool record;	     /* its market data is kept in the store as it came */
	int64_t max_min_delay_ns; /* the least one-way delay from it is at most this; 0: not stated */
	int64_t stamp_grain_ns;	  /* of its stamps; 0: found */
	int64_t max_drift_ppb;	  /* of its clock against ours */
};

struct config_account {
	char name[32], group[32];
	uint16_t venue;
	char api_key_file[256]; /* the public half: an identifier */
	char secret_file[256];	/* HMAC secret or Ed25519 private key (PEM); mode 0600 */
	bool ed25519;
	char broker[32]; /* DIFF: as the gateway calls it */
};

struct config_instance {
	char name[48];
	char file[256];
	uint8_t n_legs, n_refs;
	char leg_name[LEG_MAX][16], ref_name[REF_MAX][16];
	uint32_t leg[LEG_MAX], ref[REF_MAX]; /* instrument indices */
	uint16_t account[LEG_MAX];
	int64_t ratio_num[LEG_MAX],
		ratio_den[LEG_MAX]; /* base units of the leg for one of the pair: 1/1 */
	uint32_t n_params;
	struct config_param {
		char name[32];
		double value;
		int line;
	} * param;
	int64_t lot_base_e8; /* 0: the coarser leg's lot */
	struct strat_limits limits;
	int64_t max_pair_lots, max_pos_lots; /* 0: no limit of its own */
	int32_t max_pairs_in_flight;
	int64_t want_lots; /* the size that executable prices are worked out for, pair lots; 0: what stands at the best prices */
	int64_t band_window_ns,
		band_sample_ns; /* of mean, deviation and z-score of the basis; 0: none */
	int64_t rescue_budget_e8; /* money a broken pair may cost beyond its trigger prices, quote currency */
};

/* Bounds of the risk gate; 0: not set, except where said. Scope is what has set it: global here, per instance above. */
struct config_risk {
	int64_t max_order_notional_e8, max_position_notional_e8, max_position_base_e8;
	int64_t max_imbalance_base_e8, residual_tolerance_base_e8;
	int32_t collar_ppm; /* price against the opposite top */
	int64_t max_age_ns, max_skew_ns;
	int64_t max_clock_bound_ns; /* of a venue's clock against ours, where its stamps are used */
	int64_t max_utc_bound_ns;   /* of the host's own clock; 0: only receipted */
	int64_t close_margin_ns;    /* nothing opens when a leg closes within it */
	int32_t messages_per_s;	    /* all venues together */
	int32_t max_pairs_in_flight;
	int32_t max_rejects_per_min;
	int64_t cool_down_ns; /* after a pair that failed on both legs */
};

struct config_store {
	char path[256];
	char ring[256]; /* folder of the journal ring; empty: /dev/shm where it fits, else path */
	uint64_t ring_bytes;
	bool durability_power;
	uint32_t checkpoint_every; /* receipts between checkpoints */
};

struct config_engine {
	bool spin;   /* poll without sleeping: one whole core for 20 us a hop */
	int32_t cpu; /* pin the engine's thread; -1: no */
	int64_t script_budget_ns;
	uint64_t script_memory;
	char clock_page
		[256]; /* the time of a simulated venue, shared; empty: this machine's clocks */
	char status_page[256]; /* empty: store path + "/status" */
	char control[256];     /* Unix socket; empty: store path + "/control" */
};

struct config {
	char file[256];
	uint8_t sha256[32];
	struct assets assets;
	uint16_t n_venues, n_accounts, n_instances;
	uint32_t n_instruments;
	uint16_t n_calendars;
	struct calendar *calendar;
	struct config_venue *venue;
	struct config_account *account;
	struct instrument *instrument;
	struct config_instance *instance;
	struct config_risk risk;
	struct config_store store;
	struct config_engine engine;
};

void config_free(struct config *c);
