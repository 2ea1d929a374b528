/* bn_market - the market stream: one connection with best prices and depth of all instruments, renewed without a hole before the venue
 * ends it; or two at once with the same content (lines A and B), so that what one loses the other brings. Feed gaps are the core's to see:
 * everything is passed on with its numbers, what comes twice too. Engine's thread. */
#pragma once
#include "adapters/binance/bn_link.h"
#include "adapters/codec/binance_md.h"

struct binance;

struct bn_market {
	struct bn_link link[2]; /* the one in use, and the one that takes over; or both lines */
	uint8_t active;
	uint8_t lines; /* 1 or 2 */
	bool renewing; /* with one line: the other link is being opened */
	struct binance_md md;
	const char *depth_speed;
	/* Streams that did not fit into the address are subscribed to afterwards, from this one on. */
	uint32_t next_stream[2];
	int64_t next_subscribe_ns[2];
	uint64_t subscribe_id;
};

int bn_market_init(struct binance *b, const char *depth_speed, uint32_t book_levels, uint8_t lines);
void bn_market_free(struct bn_market *m);
void bn_market_start(struct binance *b);
void bn_market_stop(struct bn_market *m);
bool bn_market_is_open(const struct bn_market *m);
void bn_market_on_time(struct binance *b, int64_t now_ns);
