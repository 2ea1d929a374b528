/* columns - which column of a table of best prices is what, told by its header: bid, ask, their sizes, times with their units, venue, symbol.
 *
 * A column's name is cut into words ("exch_E_ms", "bids[0].price", "localTimestamp") and the words say what it is; what they do
 * not say, the caller maps ("bid=bp1", or by number, "bid=3", counted from 0). Nothing about a file's order of columns is assumed. Pure; the header need not live on. */
#pragma once
#include "adapters/import/moment.h"
#include <stdbool.h>

#define COLUMNS_MAX 256
#define COLUMN_NAME 48

enum column {
	COLUMN_ARRIVAL, /* the recorder's time of the row, or the only one */
	COLUMN_STAMP,	/* the venue's, where the recorder has one too */
	COLUMN_DAY,	/* of the arrival, where its time of day stands apart */
	COLUMN_VENUE,
	COLUMN_SYMBOL,
	COLUMN_BID,
	COLUMN_ASK,
	COLUMN_BID_QTY,
	COLUMN_ASK_QTY,
	COLUMN_SEQ,
	column_max
};
const char *column_name(enum column c);

struct columns {
	char delimiter;
	bool header;	  /* the first line is no row */
	bool venue_clock; /* the only time of a row is the venue's own, as far as its name says */
	int16_t at[column_max]; /* -1: there is none */
	uint8_t unit
		[column_max]; /* enum moment_unit of the times; moment_unit_max: to be seen from a row */
	uint16_t used;	      /* columns from the first to the last one of interest */
};

/* From the first line, and the map "NAME=COLUMN,..." (may be NULL). -ERR_PARSE, -ERR_ARG in words: no time, no bid or no ask to be
 * found, a mapped column that is not there. */
int columns_find(struct columns *c, const char *line, size_t n, const char *map);

struct field {
	const char *p;
	size_t n;
};
/* The fields of a row up to the last of interest, without blanks and quotes around them; how many there are. */
unsigned columns_split(const struct columns *c, const char *line, size_t n, struct field *out);
