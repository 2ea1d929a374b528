/* okx_book - the book that OKX says it sent, kept beside the decoder only to take its checksum again: where frames bear no numbers, that is what shows that
 * a change follows the one before.
 *
 * It follows one depth channel of one instrument. A change is believed by its number (JOIN_PREV_RESET's chain, which whoever reads the events judges), by its checksum, or
 * not at all; a checksum that does not come out is never believed, numbers or not, and the book then waits for the next whole one. A checksum of 0 is none: that is what OKX sends
 * nowadays. Its text is made anew from exact numbers, so a book in which OKX wrote a number with zeros at its end cannot be checked. One owner; memory is taken at init. */
#pragma once
#include "core/market/book.h"

#define OKX_BOOK_LEVELS \
	800 /* the channel's 400, and as many again that one message may add before it takes others away */
#define OKX_SUM_LEVELS 25 /* of each side that the checksum is of */

enum okx_verdict {
	OKX_VERIFIED, /* its checksum came out */
	OKX_NUMBERED, /* it bears numbers, and no checksum that could be taken */
	OKX_ALONE,    /* a whole book with neither: it stands for itself */
	/* from here on: not to be believed */
	OKX_MISMATCH, /* the checksum does not come out */
	OKX_WAITS,    /* no numbers, and no whole book since the last mistake */
	OKX_UNSHOWN,  /* neither number nor checksum shows that it follows */
	OKX_UNSUMMED, /* no numbers, and a checksum of numbers that were not written the shortest way */
	okx_verdict_max
};
const char *okx_verdict_name(enum okx_verdict v); /* for people: what was wrong */

struct okx_book {
	struct book book;
	int64_t last_seq; /* the venue's number; where it has none, how many messages were believed */
	uint8_t channel; /* that it follows, as the decoder numbers them from 1; 0: none yet */
	bool sound;	 /* it is the venue's, as far as anybody can tell */
	bool plain;	 /* all of its numbers were written the shortest way */
};

/* What a message of depth says of itself. */
struct okx_change {
	struct depth *depth; /* its numbers are set where it bears none */
	bool whole, numbered, plain;
	int32_t checksum; /* 0: none */
	uint8_t px_dp, qty_dp;
};

int okx_book_init(struct okx_book *b); /* -ERR_NOMEM */
void okx_book_free(struct okx_book *b);
enum okx_verdict okx_book_take(struct okx_book *b, const struct okx_change *c);
/* A message of it could not be read. True: it was sound until then. */
bool okx_book_lost(struct okx_book *b);
/* CRC32 over "bid px:bid qty:ask px:ask qty:..." of the best levels, a side that has fewer left out, as OKX writes it: signed. */
int32_t okx_book_checksum(const struct book *b, unsigned px_dp, unsigned qty_dp);
