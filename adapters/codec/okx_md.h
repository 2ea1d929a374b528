/* okx_md - what OKX's public channels (v5) say, as quotes, depth changes, whole books and trades.
 *
 * Depth: books, books-l2-tbt, books50-l2-tbt, numbered for JOIN_PREV_RESET (a whole book's prev_seq is JOIN_IN_LINE); of an instrument the first of these channels that comes is followed. Quotes: bbo-tbt,
 * and the best of books5. Frames before 2023 have no numbers: their changes are believed by their checksum (okx_book.h) and counted 1, 2, 3. A message may hold several
 * events. Nothing is believed that is not exact: a number beyond the instrument's scale or below zero, a wrong type, a checksum that does not come out refuse their entry, and the
 * rest of its message. venue_ns is ts. One thread; memory from init and okx_md_keep. */
#pragma once
#include "adapters/codec/json_scan.h"
#include "adapters/codec/okx_book.h"
#include "adapters/codec/symbols.h"
#include "core/trade/venue.h"

enum okx_md_kind {
	OKX_QUOTE,
	OKX_DEPTH,
	OKX_SNAPSHOT, /* depth: a whole book */
	OKX_TRADE,
	OKX_OTHER, /* an answer, or a channel that is not ours to read */
	okx_md_kind_max
};
const char *okx_md_kind_name(enum okx_md_kind k);

struct okx_md_event {
	uint8_t kind;	     /* enum okx_md_kind */
	uint32_t instrument; /* UINT32_MAX where none is meant */
	union {
		struct quote quote;
		struct depth depth; /* levels are the decoder's: until its next call */
		struct market_trade trade;
	};
};

struct okx_md {
	const struct symbols *symbols;
	struct level *level[side_max];
	uint32_t cap;	       /* levels of a side */
	struct okx_book *book; /* by instrument; where its book has no memory, none is kept */
	uint32_t n_books;
	uint64_t verdicts[okx_verdict_max];
	/* The message that is being read: the caller's bytes. */
	struct json_scan rows;
	const struct symbol *at;
	int64_t recv_ns;
	uint8_t channel;
	bool whole, more;
	/* Why the last message was refused. */
	bool lost;		 /* its instrument's book was sound until then */
	bool plain;		 /* the levels that were read were written the shortest way */
	uint8_t bad;		 /* enum bad_input */
	uint32_t bad_instrument; /* UINT32_MAX: none */
	const char *why;
};

int okx_md_init(struct okx_md *d, const struct symbols *s, uint32_t cap); /* -ERR_NOMEM */
void okx_md_free(struct okx_md *d);
/* Keeps a book of the instrument from now on, without which depth that bears no numbers is refused. Allocates: not in a turn. -ERR_NOMEM. */
int okx_md_keep(struct okx_md *d, uint32_t instrument);
/* The first event of a message. 0, or -ERR_PARSE, -ERR_RANGE, -ERR_FULL (more levels than cap), -ERR_NOTFOUND (unknown symbol), -ERR_CORRUPT (the checksum), with bad and why
 * set; no err_set. The bytes stay where they are until okx_md_next has said that there is no more. */
int okx_md_decode(struct okx_md *d, const char *p, size_t n, int64_t recv_ns,
		  struct okx_md_event *out);
/* 1 and a further event of the message; 0: there is none; or as above, and then there is none either. */
int okx_md_next(struct okx_md *d, struct okx_md_event *out);
