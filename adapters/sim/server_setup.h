/* server_setup - everything that a simulated venue's process is told at its start: markets, accounts, faults, where its data comes from and goes.
 *
 * Plain data, filled by the reader of configurations or by another program; the server keeps it by pointer. All paths absolute or
 * relative to the working folder. */
#pragma once
#include "adapters/sim/cn_exchange.h"
#include "adapters/sim/exchange.h"
#include "adapters/sim/generator.h"
#include "adapters/sim/wire_limits.h"
#include <stdbool.h>
#include <stdint.h>

#define SETUP_VENUES   4
#define SETUP_SYMBOLS  8
#define SETUP_ACCOUNTS 4
#define SETUP_FILES    16

struct playback_feed;

enum setup_source { SETUP_GENERATOR, SETUP_RECORDING, setup_source_max };
enum setup_start { SETUP_SUBSCRIBED, SETUP_NOW, setup_start_max };
/* What UTC it is in the venue's world: the machine's, or that of the recording. */
enum setup_time { SETUP_TIME_MARKET, SETUP_TIME_MACHINE, setup_time_max };

/* Kinds of venues beside enum market_kind's. */
enum { SETUP_CN_FUTURES = market_kind_max, setup_kind_max };

struct setup_venue {
	char name[32];
	uint8_t kind; /* enum market_kind or SETUP_CN_FUTURES: which market, and which wire it speaks */
	uint16_t port; /* 0: any, and the same one after a restart */
	char host[64]; /* empty: 127.0.0.1 */
	uint8_t stp;   /* enum match_stp */
	uint16_t n_instruments, n_accounts;
	struct instrument instrument[SETUP_SYMBOLS];
	int64_t mid_e8[SETUP_SYMBOLS]; /* where a made market starts; 0: the generator's own */
	struct generator_follows follows[SETUP_SYMBOLS]; /* a made market's price of another's */
	struct exchange_account account[SETUP_ACCOUNTS];
	/* Domestic futures: what stands beside instruments and accounts; calendars outlive the setup. */
	struct cn_contract contract[SETUP_SYMBOLS];
	struct cn_member member[SETUP_ACCOUNTS];
	uint32_t requests_per_second; /* of an account; 0: any number */
	struct knobs_config knobs;
	struct wire_limits_config limits;
	/* 0: the real venue's: 20 s, 60 s, 24 h on spot; 3 min, 10 min, 24 h on USD-M. */
	int64_t ping_every_ns, pong_within_ns, life_ns;
};

struct setup_file {
	char path[256];
	uint16_t venue;
};

struct venue_setup {
	char dir[256];	      /* ledgers, keys, certificates, state */
	char clock_page[256]; /* empty: DIR/clock */
	bool no_clock_page;   /* none: the machine's time, speed 1 */
	bool plaintext;	      /* no TLS */
	struct assets assets;
	uint16_t n_venues;
	struct setup_venue venue[SETUP_VENUES];
	uint8_t source; /* enum setup_source */
	struct generator_config generator;
	bool has_start; /* generator.start_ns was stated; else it begins when the venue first does */
	uint32_t n_files;
	struct setup_file
		file[SETUP_FILES]; /* of a recording: files of frames, or one store (feed) */
	struct playback_feed
		*feed; /* of a recording in a store, opened by whoever fills this; NULL: files */
	uint64_t seed;
	uint32_t speed_milli; /* 0: as fast as host and venue can */
	uint8_t start;	      /* enum setup_start */
	uint8_t time;	      /* enum setup_time, for recordings */
	int64_t duration_ns;  /* of market time, 0: to the end */
	/* What the process does; not the server's business. */
	char port_file[256];
	bool json, die_with_parent;
};
