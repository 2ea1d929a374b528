/* where - a condition on receipts as it is typed: "kind = fill and (fee > 0.5 or not maker = 1) and instrument ~ perp".
 *
 * Fields have the names that `query --json` shows. = != < <= > >= compare; ~ asks whether a text contains another, letters of either case alike; a field's name alone
 * asks whether a receipt has it. Numbers are compared as decimals, exactly, and a number may be compared with another field; ids as numbers, however many of their zeros are
 * typed; times as moments, by the clock of tz.h. `not` binds closest, then `and`, then `or`. A comparison with a field that a receipt does not have does not
 * hold, `!=` included.
 *
 * Begins with where_all; points into itself, so it stays where it is. Read-only once parsed; main thread. */
#pragma once
#include "core/cmd/column.h"
#include "store/reader.h"
#include <stdbool.h>

#define WHERE_NODES 64	/* comparisons, ands, ors and nots */
#define WHERE_BYTES 512 /* of words in it */
#define WHERE_DEEP  24	/* parentheses and nots in each other */

enum where_op {
	WHERE_AND,
	WHERE_OR,
	WHERE_NOT,
	WHERE_HAS,
	WHERE_EQ,
	WHERE_NE,
	WHERE_LT,
	WHERE_LE,
	WHERE_GT,
	WHERE_GE,
	WHERE_CONTAINS
};

struct where_node {
	uint8_t op;
	int16_t a, b;	  /* of AND, OR, NOT: nodes; of others: columns, b -1 where it is a value */
	int64_t value;	  /* a number, an id, a moment in ns */
	uint8_t dp;	  /* decimals of a number */
	const char *text; /* a text or word */
};

struct where {
	struct where_node node[WHERE_NODES];
	struct column column[WHERE_NODES];
	char words[WHERE_BYTES];
	int n, n_columns, root; /* root -1: it always holds */
	size_t used;
};

void where_all(struct where *w); /* holds for every receipt */
/* Must hold beside what is there. -ERR_PARSE, told in three lines: what is wrong, the text, and a caret below the place; w is of no use then. */
int where_parse(struct where *w, const char *text);
/* The same for one comparison whose parts are given apart. -ERR_PARSE, told in one line. */
int where_and(struct where *w, const char *field, enum where_op op, const char *value);
bool where_holds(const struct where *w, const struct reader *r, const struct fact *f);
/* What must be so wherever it holds, as far as the index knows the way to it: fills what a filter leaves open. */
void where_narrow(const struct where *w, const struct reader *r, struct reader_filter *f);
