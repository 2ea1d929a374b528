/* page - a report as one HTML page: nothing is fetched, nothing runs, and no text of the data can become part of its structure.
 *
 * Every verb that makes a page writes it through here, so that they look alike. A cell, a row or a heading takes text as it is and escapes it; pictures come from
 * plot.h. Cold path; no state; write errors stay in the stream (ferror) until page_close. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The text with the characters that have a meaning in HTML or XML escaped; control characters become spaces. NULL writes nothing. */
void page_text(FILE *f, const char *text);

/* Everything up to and with the page's heading. `lang` is a language tag ("en", "zh"). */
void page_open(FILE *f, const char *lang, const char *title);

/* -ERR_IO when anything of the page could not be written. */
int page_close(FILE *f);

/* A heading of the second or third level, with an id that other places can point at (NULL: none). */
void page_heading(FILE *f, int level, const char *id, const char *text);

/* A paragraph; `class` is "", "dim" or "mind" (a box for what the reader should not miss). */
void page_para(FILE *f, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A table of two columns: page_facts_open, page_fact..., page_table_close. */
void page_facts_open(FILE *f);
void page_fact(FILE *f, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A table with heads, given as one text with '|' between them; a head that starts with '#' stands over numbers, which are set to the right. */
void page_table_open(FILE *f, const char *heads);
void page_row_open(FILE *f);
void page_cell(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_number(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_code(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_row_close(FILE *f);
void page_table_close(FILE *f);

/* Time along a picture in the unit that the span reads best in, from its first moment. */
struct page_time {
	int64_t zero_ns, unit_ns;
	const char *unit; /* "days" ... "ns" */
};

struct page_time page_time(int64_t from_ns, int64_t to_ns);
double page_time_at(const struct page_time *t, int64_t ns);
