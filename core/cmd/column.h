/* column - one field of receipts, found by its name once and then read from each. Main thread. */
#pragma once
#include "core/cmd/row.h"

struct column {
	const char *name; /* static */
	int common;	  /* which of the common fields; -1: a number of some kinds */
	int8_t number
		[fact_kind_max]; /* which number of a kind; -1: that kind has none of this name */
};

/* -ERR_NOTFOUND: no receipt has such a field; the nearest that there is is named. */
int column_find(const char *name, struct column *out);
enum row_sense column_sense(const struct column *c);
/* The field, in a row of the caller's; NULL: it is absent. */
const struct row_field *column_read(const struct column *c, const struct reader *r,
				    const struct fact *f, struct row *row);
/* Is this one of the words that the field can be? Those that are none name the nearest. -ERR_NOTFOUND; 0 also for fields of any text. */
int column_check_word(const struct column *c, const char *word);
