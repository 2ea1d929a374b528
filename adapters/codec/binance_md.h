/* binance_md - what Binance's market streams and depth snapshots say, as quotes, depth changes and trades.
 *
 * Takes the frames of combined streams and bare ones, spot and USD-M alike: what a market leaves out is 0 (spot's bookTicker has
 * no time). The usual order of keys is read by a short path, any other order by the general one, with the same answer. Nothing is
 * believed that is not exact: a price beyond the instrument's scale or below zero, a quantity below zero, a wrong type refuse
 * the whole message. Owns its arrays of levels; one thread; no allocation after init. */
#pragma once
#include "adapters/codec/json_scan.h"
#include "adapters/codec/symbols.h"
#include "core/market/event.h"
#include "core/trade/venue.h"

enum binance_md_kind {
	MD_QUOTE,    /* bookTicker */
	MD_DEPTH,    /* depthUpdate; of binance_md_snapshot: a whole book */
	MD_TRADE,    /* trade */
	MD_REPLY,    /* answer to a SUBSCRIBE: reply_id, reply_ok */
	MD_SHUTDOWN, /* serverShutdown: connect anew */
	MD_OTHER,    /* an event that is not ours to read: nothing but its being there */
	binance_md_kind_max
};

struct binance_md_event {
	uint8_t kind; /* enum binance_md_kind */
	bool reply_ok;
	uint32_t instrument; /* UINT32_MAX where none is meant */
	int64_t reply_id;
	union {
		struct quote quote;
		struct depth depth; /* levels are the decoder's: until its next call */
		struct market_trade trade;
	};
};

struct binance_md {
	const struct symbols *symbols;
	bool micros; /* the connection was opened with timeUnit=MICROSECOND */
	struct level *level[side_max];
	uint32_t cap;	   /* levels of a side */
	bool general_only; /* for the test that holds one path against the other */
	/* Told the instrument of a quote or change whose numbers are still to be read: a hint, it may be refused yet. NULL: nobody. */
	void (*soon)(void *arg, uint32_t instrument);
	void *soon_arg;
	/* Why the last message was refused. */
	enum bad_input bad;
	uint32_t bad_instrument; /* UINT32_MAX: none */
	const char *why;
};

int binance_md_init(struct binance_md *d, const struct symbols *s, uint32_t cap,
		    bool micros); /* -ERR_NOMEM */
void binance_md_free(struct binance_md *d);
/* 0, or -ERR_PARSE, -ERR_RANGE, -ERR_FULL (more levels than cap), -ERR_NOTFOUND (unknown symbol), with bad and why set; no err_set. */
int binance_md_decode(struct binance_md *d, const char *p, size_t n, int64_t recv_ns,
		      struct binance_md_event *out);
/* The body of GET depth for an instrument; first_seq == last_seq == lastUpdateId, venue_ns where the venue gives a time. */
int binance_md_snapshot(struct binance_md *d, const struct symbol *s, const char *p, size_t n,
			int64_t recv_ns, struct binance_md_event *out);
const char *binance_md_kind_name(enum binance_md_kind k);
