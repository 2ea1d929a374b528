/* row - one receipt as a person or a program reads it: names instead of numbers, prices and quantities in their own units.
 *
 * A row is a list of fields; what does not apply to a receipt is absent. The common fields come first, then the numbers of its kind under
 * their own names: `_px` and `_qty` in units, `_e8` and `_nano` in units without the suffix. Times are by the clock of tz.h. Main thread. */
#pragma once
#include "core/base/json_out.h"
#include "core/trade/fact.h"
#include "store/reader.h"
#include <stdbool.h>
#include <stddef.h>

#define ROW_FIELDS_MAX 64
#define ROW_NAME       40
#define ROW_TEXT       160

enum row_type { ROW_NUMBER, ROW_STRING };

/* What a field's values are, for whoever compares them. */
enum row_sense {
	ROW_IS_NUMBER,
	ROW_IS_TEXT,
	ROW_IS_WORD, /* one of a few */
	ROW_IS_ID,   /* 16 hex digits */
	ROW_IS_TIME
};

struct row_field {
	const char *name; /* static */
	char text[ROW_TEXT];
	enum row_type type;
	int64_t value; /* of a number, at dp decimals */
	unsigned dp;
};

struct row {
	struct row_field field[ROW_FIELDS_MAX];
	unsigned n;
	unsigned common; /* so many of them are fields that every kind may have */
};

void row_make(struct row *row, const struct reader *r, const struct fact *f);
/* The same with one field only, the i-th common one or the kind's i-th number; or none, where it is absent. */
void row_make_common(struct row *row, const struct reader *r, const struct fact *f, unsigned i);
void row_make_number(struct row *row, const struct fact *f, unsigned i);
const struct row_field *row_find(const struct row *row, const char *name); /* NULL: absent */
/* Names of the common fields, in their order; NULL at the end. */
const char *row_common_name(unsigned i);
enum row_sense row_common_sense(unsigned i);
/* The words that a common field with the sense ROW_IS_WORD can be, one by one; NULL at the end. */
const char *row_common_word(unsigned i, unsigned n);
/* What a kind's i-th number is called in a row; NULL: it has none. */
const char *row_number_name(enum fact_kind k, unsigned i);
void row_json_field(const struct row_field *f, struct json_out *j);
/* The fields as members of the object that is open in j. */
void row_json(const struct row *row, struct json_out *j);
/* "fill 1", "gate ref 0", "venue": the kind, and the leg or reference that it is of. */
void row_what(const struct row *row, char *out, size_t cap);
/* "name=value" of the kind's own numbers, blanks between; zeros left out. */
void row_numbers(const struct row *row, char *out, size_t cap);
/* UTC as 2024-08-08T23:54:00.123456Z, whatever the clock of tz.h; out takes 32 bytes. */
void row_time(int64_t utc_ns, char out[32]);
