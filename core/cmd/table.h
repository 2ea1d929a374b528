/* table - receipts on standard output, one a line: aligned columns for people, JSON or CSV for programs. Cold path; one owner. */
#pragma once
#include "core/cmd/row.h"

#define TABLE_COLUMNS_MAX 48
#define TABLE_NAMES	  600

enum table_form { TABLE_COLUMNS, TABLE_JSON, TABLE_CSV };

struct table {
	enum table_form form;
	bool chosen; /* columns were asked for by name */
	const char *column[TABLE_COLUMNS_MAX];
	unsigned n;
	char names[TABLE_NAMES]; /* what was asked for, cut up */
};

/* names: fields, comma separated, or NULL for what suits the form. The table must stay where it is. -ERR_PARSE: no receipt has such a field. */
int table_init(struct table *t, enum table_form form, const char *names);
void table_header(const struct table *t);
void table_row(const struct table *t, const struct row *row);
