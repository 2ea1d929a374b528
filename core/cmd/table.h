/* table - receipts on standard output: told in words on a terminal, as aligned columns, as JSON or CSV for programs. Cold path; one owner. */
#pragma once
#include "core/cmd/column.h"

#define TABLE_COLUMNS_MAX 48

enum table_form { TABLE_COLUMNS, TABLE_WORDS, TABLE_JSON, TABLE_CSV };

struct table {
	enum table_form form;
	bool chosen; /* columns were asked for by name */
	struct column column[TABLE_COLUMNS_MAX];
	unsigned n;
	unsigned width; /* of the terminal; 0: none */
	char day[16];	/* in words: the one that was shown last */
};

/* names: fields, comma separated, or NULL for what suits the form. -ERR_PARSE: more than there is room for; -ERR_NOTFOUND: no receipt has such a field. */
int table_init(struct table *t, enum table_form form, const char *names);
void table_header(const struct table *t);
void table_row(struct table *t, const struct reader *r, const struct fact *f);
