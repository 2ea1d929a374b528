/* config - what the operator asked for, as plain structs: read once from a Lua file by lua/config, read-only afterwards.
 *
 * All text is terminated and within its bounds, all numbers are within their ranges and exact, all references are indices that exist. Counts are not bounded by
 * the build: arrays are allocated once, by the reader, and belong to the config. */
#pragma once
#include "core/market/basis.h"
#include "core/market/calendar.h"
#include "core/market/instrument.h"
#include "core/trade/alert.h"
#include "core/trade/limit.h"
#include "core/trade/strategy.h"
#include "core/trade/tally_kind.h"
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
		backoff_max_ns, feed_silence_ns, ping_after_ns, pong_timeout_ns;
	int32_t messages_per_s,
		reserve_pct; /* the part of the message budget kept for cancels and rescues */
	uint8_t lines;	     /* connections that market data comes on: 2 is an A and a B line */
	uint8_t self_trade;  /* enum self_trade: what orders ask the venue for */
	int64_t dead_man_ns; /* its switch against our silence is armed for so long; 0: not */
	bool record;	     /* its market data is kept in the store as it came */
	int64_t max_min_delay_ns; /* the least one-way delay from it is at most this; 0: not stated */
	int64_t stamp_grain_ns;	  /* of its stamps; 0: found */
	int64_t max_drift_ppb;	  /* of its clock against ours */
};

/* What the orders of an account are declared to be where an exchange asks for it (投机, 套利, 套保, 做市), as CTP's hedge flags. For receipts. */
#define HEDGE_FLAGS(X)                \
	X(SPECULATION, "speculation") \
	X(ARBITRAGE, "arbitrage")     \
	X(HEDGE, "hedge")             \
	X(MARKET_MAKER, "market_maker")

enum hedge_flag {
#define HEDGE_FLAG_ID(id, name) HEDGE_FLAG_##id,
	HEDGE_FLAGS(HEDGE_FLAG_ID)
#undef HEDGE_FLAG_ID
		hedge_flag_max
};

const char *hedge_flag_name(enum hedge_flag f); /* NULL beyond the last */

struct config_account {
	char name[32], group[32];
	uint16_t venue;
	char api_key_file[256]; /* the public half: an identifier */
	char secret_file[256];	/* HMAC secret or Ed25519 private key (PEM); mode 0600 */
	bool ed25519;
	char broker[32]; /* DIFF: as the gateway calls it */
	uint8_t hedge_flag; /* enum hedge_flag: what its orders are declared to be */
	char terminal[88]; /* what the operator's terminal is known by to the exchange; for receipts */
};

/* How the pairs of an instance go out, where a proposal does not say it. */
struct config_execution {
	uint8_t style, align; /* enum pair_style, enum pair_align */
	uint8_t first;	      /* leg; LEG_ANY: the core's choice */
	char first_name[16];
	int32_t requote_tick; /* how far a resting leg's price must be off to be moved; 0: one tick */
	int64_t requote_every_ns;
	int64_t rest_ns;	    /* how long it may rest */
	int64_t max_stagger_ns;	    /* how much later than the first leg another one may leave */
	int32_t band_distance_tick; /* nothing opens with a leg so near its price limits of the day */
};

/* One step of a rescue and how far it may go. */
struct config_step {
	int64_t time_ns; /* 0: wait and chase are not taken at all, cross and unwind have no bound of time */
	int64_t every_ns; /* how often a chase looks at its price */
	int64_t money_e8; /* what it may cost; 0: only the rescue budget bounds it */
	int32_t ticks; /* from its reference; 0: max_slip_ticks, or for unwind max_unwind_slip_ticks */
	int32_t messages;    /* orders and cancels, until the pair has rested; 0: 20 */
	int32_t pay_up_tick; /* how much better than the own side's best a chase quotes */
};

enum on_unknown { UNKNOWN_HOLD, UNKNOWN_FLATTEN, on_unknown_max };
enum on_halt { HALT_FREEZE, HALT_CUT, on_halt_max };
enum on_expiry { EXPIRY_ALERT, EXPIRY_FLATTEN, on_expiry_max };

/* A rate that the operator states where no instrument tells it: 1 of `of` is num / den of `in`. */
#define CONFIG_RATES 4
struct config_rate {
	asset_id of, in;
	int64_t num, den;
};

/* What becomes of a broken pair of an instance, and of a basis position that is no longer even. */
struct config_rescue {
	struct config_step wait, chase, cross, unwind;
	int32_t risk_aversion_ppm; /* weight of the expected cost of waiting */
	uint8_t on_unknown;	   /* enum on_unknown: a leg is known, another's order is not */
	uint8_t on_halt;	   /* enum on_halt: the leg to complete is halted */
	int32_t keep_edge_ppm; /* completing may go beyond its ticks while the pair keeps this share of its edge */
	bool reopen_close;  /* a broken close or roll may be unwound */
	int64_t unknown_ns; /* how long an order is unknown before on_unknown is done */
	int64_t rest_ns; /* how long a pair rests that has used up the messages or the time of its steps */
	int64_t settle_ns; /* how long a position at rest is uneven before it is repaired */
	uint8_t on_expiry; /* enum on_expiry */
	int64_t expiry_ns; /* so long before a leg expires; 0: never */
	uint8_t n_rates;
	struct config_rate rate[CONFIG_RATES];
};

#define CANARY_STEPS 4

/* What a new version of an instance's script must go through (lineup.h). */
struct config_reload {
	bool on_save;		/* the file is looked at whenever it is written */
	int64_t dry_run_ns;	/* so much of what was recorded is it shown before it trades */
	int32_t trial_calls;	/* calls without a fault that end a trial */
	int32_t max_errors;	/* in a trial; one more, and the version before takes over */
	int32_t max_refused;	/* proposals that are out of bounds in themselves */
	int32_t max_broken_ppm; /* of its pairs, once there are five */
	int64_t max_slip_e8; /* mean cost of a pair beyond its trigger prices; 0: not looked at */
	int64_t max_loss_e8; /* of the instance in a trial; 0: not looked at */
	uint8_t n_canary;
	int32_t canary_ppm[CANARY_STEPS]; /* part of the size, step by step */
	int32_t canary_pairs;		  /* that a step takes at least */
	int64_t canary_time_ns;		  /* and so long */
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
	int32_t max_proposals_per_s; /* of its script, of all kinds; 0: not bounded */
	int64_t want_lots; /* the size that executable prices are worked out for, pair lots; 0: what stands at the best prices */
	int64_t band_window_ns,
		band_sample_ns; /* of mean, deviation and z-score of the basis; 0: none */
	struct config_execution execution;
	int64_t rescue_budget_e8; /* money a broken pair may cost beyond its trigger prices, quote currency of its first leg */
	struct config_rescue rescue;
	struct config_reload reload;
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
	int64_t cool_down_ns;	  /* after a pair that failed on both legs */
	uint8_t self_match;	  /* enum self_match */
	int64_t repeat_window_ns; /* of the limit `repeats` */
	char day[48]; /* an instrument whose trading day is the host's; empty: the UTC day */
	uint32_t day_instrument; /* UINT32_MAX: none */
};

/* What becomes of an order that would meet an own one of the account group. */
enum self_match { SELF_MATCH_SKIP, SELF_MATCH_CANCEL, self_match_max };

/* What an exchange allows an account in a trading day; the newest that is in force counts. A contract's own bounds go before the exchange's, kind by kind. */
struct config_exchange_rule {
	char exchange[12];
	uint32_t instrument;	       /* its own rule; UINT32_MAX: the exchange's */
	int32_t from, verified;	       /* trading day, as 20251009; 0: always, never */
	int64_t limit[tally_kind_max]; /* 0: none */
	int64_t large_cancel_lots;     /* what counts as large; 0: nothing */
	int32_t burst_messages;	       /* so many within a second are a burst; 0: nothing is */
	uint8_t warn_pct, block_pct;   /* of a limit */
	bool count_fak;		       /* the remainder of FAK and FOK counts as a cancel */
	uint64_t exempt[4];	       /* accounts, as bits: hedging, market making */
};

enum alert_sink { ALERT_SINK_LOG, ALERT_SINK_COMMAND, ALERT_SINK_WEBHOOK, alert_sink_max };

/* Which alerts go where; the first that fits counts. */
struct config_alert {
	uint64_t codes;		      /* bits of enum alert_code */
	uint8_t severity;	      /* at least */
	uint8_t sinks;		      /* bits of enum alert_sink */
	char instance[48], venue[32]; /* patterns: '*' is anything */
	int64_t every_ns;	      /* repeats within it are one */
};

#define ALERT_ARGS 8
struct config_alerts {
	uint32_t n;
	struct config_alert *rule;
	uint8_t n_args;
	char arg[ALERT_ARGS][256]; /* the command and its arguments */
	char webhook_url[700];	   /* as the file has it */
	bool webhook_tls;
	char webhook_host[128],
		webhook_path
			[512]; /* host empty: none. The path may hold a secret: it is never shown */
	uint16_t webhook_port;
	char ca_file[256];
	int32_t command_max;
	int64_t command_timeout_ns, webhook_timeout_ns;
};

struct config_store {
	char path[256];
	char ring[256]; /* folder of the journal ring; empty: /dev/shm where it fits, else path */
	uint64_t ring_bytes;
	bool durability_power;
	char key[256];		   /* signs receipts; empty: path + "/receipts.key" */
	char checkpoint_to[512];   /* a file, or "|" and a command; empty: nowhere */
	uint32_t checkpoint_every; /* receipts between checkpoints */
	char archive_to[256];	   /* where days go that are older than keep_days; empty: nothing leaves */
	uint32_t keep_days;
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
	uint32_t n_limits;
	struct config_limit *limit;
	uint32_t n_exchange_rules;
	struct config_exchange_rule *exchange_rule;
	struct config_alerts alerts;
	struct config_store store;
	struct config_engine engine;
};

void config_free(struct config *c);
