/* frames - one line of a recording of frames as market events: Binance's streams and depth snapshots, spot, USD-M and COIN-M, and OKX's public channels.
 *
 * Which market a file is of, its URL line says, or the members that only this market's messages have. Symbols need not be named before: the one who owns the
 * instruments is asked for each new one. Lines are taken apart by recording_line, messages by binance_md or okx_md. One owner; levels live until the next line. */
#pragma once
#include "adapters/codec/binance_md.h"
#include "adapters/codec/okx_md.h"
#include "adapters/import/csv.h"
#include "core/market/pack.h"

enum frames_market { FRAMES_SPOT, FRAMES_USDM, FRAMES_COINM, FRAMES_OKX, frames_market_max };
const char *frames_venue(enum frames_market m); /* BN.SPOT ... */

struct frames_owner {
	void *owner;
	/* Adds a symbol to the table that the frames read with; the scales of its first message. NULL: there is no room, err_set. */
	const struct symbol *(*adopt)(void *owner, const char *symbol, size_t n,
				      const struct csv_scale *px, const struct csv_scale *qty);
};

struct frames_look {
	uint8_t market;
	bool micros;	  /* stamps in microseconds */
	char symbol[32];  /* the only one that it names; empty: several, or none */
	int64_t first_ns; /* of the first line that has a time; 0: none has */
};

struct frames {
	struct frames_look look;
	struct frames_owner owner;
	struct binance_md md;
	struct okx_md okx;
	int64_t last_ns; /* lines without a time stand at that of the line before */
	bool more;	 /* the line may have further events: frames_more */
	uint64_t other;	 /* frames that are no depth, best price or trade */
};

/* Are these the lines of frames, and not a table? */
bool frames_are(const char *first, size_t n);
/* -ERR_PARSE in words: frames of a market that is not known. */
int frames_look(const char *first, size_t n, struct frames_look *out);
int frames_open(struct frames *f, const struct frames_look *look, const struct symbols *s,
		const struct frames_owner *owner); /* -ERR_NOMEM */
void frames_close(struct frames *f);
/* 1: an event, its instrument as the owner numbers it; 0: nothing of the market; negative and *why: no frame, or one that does not decode.
 * -ERR_FULL, -ERR_NOMEM come from the owner, with err_set and *why NULL. An event with a *why is PACK_BAD: the line does not decode, and a book broke by it. */
int frames_line(struct frames *f, const char *line, size_t n, struct pack_event *ev,
		const char **why);
/* A further event of the same line, whose bytes are where they were, likewise; 0: there is none. */
int frames_more(struct frames *f, struct pack_event *ev, const char **why);
