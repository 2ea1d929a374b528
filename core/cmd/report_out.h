/* report_out - the tables of a report on their way out: row by row into CSV and JSON lines, the first ones into the page as well.
 *
 * A row is put together cell by cell, in any order, and ended once; a cell that is not set is empty (absent in JSON). Memory: the rows of the page, and no others.
 * One thread. Write errors stay in the files until report_out_close. */
#pragma once
#include "core/cmd/report_columns.h"
#include "core/cmd/report_words.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define REPORT_SHOWN 200 /* rows of a table on the page */

struct report_out;

struct report_out_options {
	const char *folder; /* of the files; NULL: there are none */
	bool csv, jsonl;
	enum report_lang lang;
};

/* The folder is made where it is missing. -ERR_IO, -ERR_NOMEM. */
int report_out_open(const struct report_out_options *o, struct report_out **out);
/* -ERR_IO: something could not be written. */
int report_out_close(struct report_out *o); /* NULL is fine */

void report_text(struct report_out *o, enum report_column c,
		 const char *text); /* NULL, "": not set */
void report_int(struct report_out *o, enum report_column c, int64_t v);
void report_dec(struct report_out *o, enum report_column c, int64_t v, unsigned dp);
void report_id(struct report_out *o, enum report_column c, uint64_t id); /* 16 digits; 0: not set */
/* By the clock of tz.h. */
void report_time(struct report_out *o, enum report_column c, int64_t utc_ns);
/* All cells that were set are of this sheet. */
void report_row(struct report_out *o, enum report_sheet s);

uint64_t report_rows(const struct report_out *o, enum report_sheet s);
const char *report_sheet_name(enum report_sheet s);
/* The table on the page: its head, the first rows, and where the rest stands. */
void report_out_page(const struct report_out *o, enum report_sheet s, FILE *page);
/* "orders.csv" and what else there is of a sheet, comma separated; "" where nothing is. */
const char *report_out_files(const struct report_out *o, enum report_sheet s, char *out,
			     size_t cap);
/* What a column is called in files; its name to people. */
const char *report_column_key(enum report_column c);
const char *report_column_name(enum report_lang lang, enum report_column c);
