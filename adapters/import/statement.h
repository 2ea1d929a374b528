/* statement - a venue's own list of executions, row by row, whatever that venue calls its columns.
 *
 * A header's names are compared with those that exchanges and brokers use (Binance, OKX, CTP settlement bills, Interactive Brokers), without case, blanks and signs; what they do
 * not say the caller maps ("exec=Deal No,side=B/S"). Fields may be quoted (RFC 4180), numbers may have thousands separators and a unit behind them, the text may be UTF-8 or
 * GB18030. A row that cannot be read is refused with its line, its column and the reason; it is never guessed. Pure; no I/O. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATEMENT_COLUMNS 64
#define STATEMENT_TEXT	  40

enum statement_column {
	STATEMENT_EXEC,	 /* the venue's number of the execution */
	STATEMENT_ORDER, /* the venue's number of the order */
	STATEMENT_TIME,
	STATEMENT_DAY, /* where TIME is a time of day */
	STATEMENT_SYMBOL,
	STATEMENT_SIDE,
	STATEMENT_PX,
	STATEMENT_QTY,
	STATEMENT_FEE,
	STATEMENT_FEE_ASSET,
	STATEMENT_ACCOUNT,
	statement_column_max
};
const char *statement_column_name(enum statement_column c);

/* A decimal as it was written, zeros at its end cut: v / 10^dp. */
struct statement_dec {
	int64_t v;
	uint8_t dp;
	bool known;
};

struct statement_row {
	uint64_t line;
	int64_t at_ns; /* 0: not said */
	char exec[STATEMENT_TEXT], order[STATEMENT_TEXT], symbol[STATEMENT_TEXT],
		account[STATEMENT_TEXT], fee_asset[STATEMENT_TEXT];
	uint8_t side;			   /* SIDE_BUY, SIDE_SELL */
	struct statement_dec px, qty, fee; /* qty above 0; fee: paid is positive */
};

struct statement {
	char delimiter;
	bool comma;			  /* the decimal sign */
	bool fee_negative;		  /* a fee that was paid is written below 0 */
	int64_t zone_ns;		  /* of times without a zone, east of UTC */
	int16_t at[statement_column_max]; /* -1: there is none */
	void *convert;			  /* from GB18030; NULL: it is UTF-8 */
	char text[1 << 16];		  /* the row being read, in UTF-8, taken apart */
};

/* From the header line; map may be NULL. -ERR_PARSE, -ERR_ARG in words: a column that cannot be done without is not to be found, or is there twice. */
int statement_open(struct statement *s, const char *line, size_t n, const char *map);
void statement_close(struct statement *s);
/* 1: *row is one; 0: an empty line, or one of sums; -ERR_PARSE in words, with line and column. */
int statement_row(struct statement *s, uint64_t line_number, const char *line, size_t n,
		  struct statement_row *row);
/* Below, equal, above, as memcmp says it. */
int statement_dec_cmp(struct statement_dec a, struct statement_dec b);
