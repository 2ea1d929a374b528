/* list - what an operator sees of a running host as rows: positions, orders, profit, and the pairs that are held or being rescued.
 *
 * One table of columns for both ends: the engine writes a row's fields in their order, tabs between, and the verb that shows them takes them apart. A field that is
 * empty is one that does not apply. Writing a row allocates nothing; a row is at most ENV_REPLY_TEXT bytes, what does not fit is cut from its last text. No state. */
#pragma once
#include "core/io/env.h"

#define LIST_COLUMNS_MAX 20

struct list_column {
	const char *name;
	bool number; /* a bare decimal */
	bool wide;   /* only for programs, and for those who ask for all of it */
};

struct list_form {
	const struct list_column *column;
	unsigned n;
	const char *none; /* what is said of an empty list */
};

/* NULL: that command has no list. */
const struct list_form *list_form(enum env_command_kind kind);

struct list_row {
	char text[ENV_REPLY_TEXT];
	size_t len;
	unsigned fields;
};

void list_begin(struct list_row *r);
void list_none(struct list_row *r);
void list_text(struct list_row *r, const char *s); /* tabs and ends of lines become blanks */
void list_dec(struct list_row *r, int64_t v, unsigned dp); /* zeros behind the point cut */
void list_hex(struct list_row *r, uint64_t id);		   /* 0: does not apply */

/* Takes a row apart, in place; how many fields there are, at most LIST_COLUMNS_MAX. */
unsigned list_split(char *row, char *field[LIST_COLUMNS_MAX]);
