/* csv - one row of a table of best prices as a quote: exact, or refused with a reason.
 *
 * Which column is what, columns.h knows. A row is read in two steps, because its prices cannot be scaled before its instrument is known:
 * csv_row takes it apart, csv_quote makes the quote. No I/O, no allocation. */
#pragma once
#include "adapters/import/columns.h"
#include "core/market/event.h"

#define CSV_DP 8 /* decimals of an instrument, unless its numbers want others */

/* How large and how fine the numbers of a file are. */
struct csv_scale {
	unsigned digits;   /* before the point, at most */
	unsigned decimals; /* behind it, without the zeros at the end */
};

struct csv {
	struct columns columns;
	uint64_t skip; /* lines up to the header, and with it */
	struct csv_scale px, qty;
	int64_t no_size; /* the quantity where the file has none; at qty_dp */
	int64_t day_ns;
	struct field day; /* the text that day_ns stands for: days change seldom */
	char day_text[16];
};

struct csv_row {
	int64_t at_ns;
	int64_t stamp_ns;	    /* the venue's, beside the arrival; 0: none */
	struct field venue, symbol; /* n 0: the file does not say */
	struct field px[side_max], qty[side_max], seq;
};

/* Looks at the beginning of a file: columns, units, scales. whole_lines of it. -ERR_PARSE, -ERR_ARG in words. */
int csv_open(struct csv *c, const char *first, size_t n, const char *map);
/* 0, or a negative code and *why. */
int csv_row(struct csv *c, const char *line, size_t n, struct csv_row *row, const char **why);
int csv_quote(const struct csv *c, const struct csv_row *row, unsigned px_dp, unsigned qty_dp,
	      struct quote *q, const char **why);
/* The decimals for numbers like these, with room for `room` digits more before the point. */
uint8_t csv_decimals(const struct csv_scale *s, unsigned room);
void csv_scale_add(struct csv_scale *s, const char *p, size_t n);
