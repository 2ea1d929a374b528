#include "core/cmd/table.h"
#include "core/base/err.h"
#include "core/cmd/screen.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 16384
#define PAIR_AT	   41 /* column */
#define WORDS_AT   59 /* on a narrow terminal the words stand below a pair's id */
#define WORDS_HANG 8
#define WIDE	   (WORDS_AT + 30) /* from here on there is room beside */
#define DATE_BYTES 10		   /* of a time: 2024-08-08 */

/* How wide the default columns are; what is longer moves the rest of its line. */
static const struct {
	const char *name;
	int width;
} human[] = {
	{ "seq", 7 },  { "time", 27 },	     { "kind", 13 },  { "instance", 12 }, { "pair", 16 },
	{ "leg", 3 },  { "instrument", 18 }, { "order", 16 }, { "side", 4 },	  { "px", 12 },
	{ "qty", 10 }, { "fee", 10 },	     { "state", 10 }, { "reason", 0 },	  { "numbers", 0 },
};

static int width_of(const char *name)
{
	for (size_t i = 0; i < sizeof(human) / sizeof(human[0]); i++)
		if (strcmp(human[i].name, name) == 0)
			return human[i].width;
	return 12;
}

/* Stands for all numbers of a kind, by their names. */
#define NUMBERS "numbers"

static bool is_numbers(const struct column *c)
{
	return c->name[0] == 'n' && strcmp(c->name, NUMBERS) == 0;
}

static int add_column(struct table *t, const char *name)
{
	if (t->n == TABLE_COLUMNS_MAX)
		return err_set(ERR_PARSE, "more than %d columns", TABLE_COLUMNS_MAX);
	struct column *c = &t->column[t->n++];
	if (strcmp(name, NUMBERS) != 0)
		return column_find(name, c);
	*c = (struct column){ .name = NUMBERS };
	return 0;
}

static int add_named(struct table *t, const char *names)
{
	int rc = 0;
	for (const char *end; !rc && names; names = *end ? end + 1 : NULL) {
		char name[ROW_NAME];
		end = names + strcspn(names, ",");
		if ((size_t)(end - names) >= sizeof(name))
			return err_set(ERR_PARSE, "no receipt has a field \"%.*s\"",
				       (int)(end - names), names);
		memcpy(name, names, (size_t)(end - names));
		name[end - names] = 0;
		rc = add_column(t, name);
	}
	return rc;
}

int table_init(struct table *t, enum table_form form, const char *names)
{
	int rc = 0;
	*t = (struct table){ .form = form, .chosen = names != NULL, .width = screen_width(stdout) };
	if (names)
		return add_named(t, names);
	if (t->form == TABLE_CSV) {
		for (unsigned i = 0; row_common_name(i) && !rc; i++)
			rc = add_column(t, row_common_name(i));
		return rc ? rc : add_column(t, NUMBERS);
	}
	for (size_t i = 0; i < sizeof(human) / sizeof(human[0]) && !rc; i++)
		rc = add_column(t, human[i].name);
	return rc;
}

static void show_json(const struct table *t, const struct reader *r, const struct fact *f)
{
	char line[LINE_BYTES];
	struct row row;
	struct json_out j;
	json_out_init(&j, line, sizeof(line));
	json_obj(&j, NULL);
	if (!t->chosen) {
		row_make(&row, r, f);
		row_json(&row, &j);
	}
	for (unsigned i = 0; t->chosen && i < t->n; i++) {
		const struct row_field *field =
			is_numbers(&t->column[i]) ? NULL : column_read(&t->column[i], r, f, &row);
		if (field)
			row_json_field(field, &j);
	}
	json_obj_end(&j);
	puts(line);
}

/* What stands in a column; row and numbers are room for it. */
static const char *cell(const struct column *c, const struct reader *r, const struct fact *f,
			struct row *row, char *numbers, size_t cap)
{
	if (is_numbers(c)) {
		row_make(row, r, f);
		row_numbers(row, numbers, cap);
		return numbers;
	}
	const struct row_field *field = column_read(c, r, f, row);
	return field ? field->text : "";
}

static void show_csv(const struct table *t, const struct reader *r, const struct fact *f)
{
	char numbers[512];
	struct row row;
	for (unsigned i = 0; i < t->n; i++) {
		const char *text = cell(&t->column[i], r, f, &row, numbers, sizeof(numbers));
		if (i)
			putchar_unlocked(',');
		if (!text[strcspn(text, ",\"\r\n")]) {
			fputs_unlocked(text, stdout);
			continue;
		}
		putchar_unlocked('"');
		for (; *text; text++) {
			if (*text == '"')
				putchar_unlocked('"');
			putchar_unlocked(*text);
		}
		putchar_unlocked('"');
	}
	putchar_unlocked('\n');
}

/* Control characters of a venue's words must not reach a terminal. */
static void put_plain(const char *text, int width)
{
	int n = 0;
	for (; text[n]; n++)
		putchar((unsigned char)text[n] < ' ' || text[n] == 127 ? '?' : text[n]);
	for (; n < width; n++)
		putchar(' ');
}

static void show_columns(const struct table *t, const struct reader *r, const struct fact *f)
{
	char numbers[512];
	struct row row;
	for (unsigned i = 0; i < t->n; i++) {
		if (i)
			fputs("  ", stdout);
		put_plain(cell(&t->column[i], r, f, &row, numbers, sizeof(numbers)),
			  i + 1 < t->n ? width_of(t->column[i].name) : 0);
	}
	putchar('\n');
}

/* Whose receipt it is where no leg says so, what happened, and the id that `--order` takes. */
static void words_of(const struct reader *r, const struct fact *f, char *out, size_t cap)
{
	static const struct story none; /* of no pair: fills are not held against a trigger */
	char words[TELL_BYTES], order[32] = "";
	tell(&none, r, f, words);
	if (f->kind == FACT_ORDER)
		snprintf(order, sizeof(order), ", order %016" PRIx64, f->order);
	bool whole = f->instance && (f->leg == 0xff || f->kind == FACT_GATE);
	snprintf(out, cap, "%s%s%s%s", whole ? tell_name(r, NAME_INSTANCE, f->instance) : "",
		 whole ? ": " : "", words, order);
}

static void show_words(struct table *t, const struct reader *r, const struct fact *f)
{
	char words[2 * TELL_BYTES], what[ROW_NAME + 8], pair[24] = "", time[TZ_TIME];
	struct row row;
	tz_time(f->utc_ns, time);
	row_make(&row, r, f);
	if (strncmp(t->day, time, DATE_BYTES) != 0) {
		snprintf(t->day, sizeof(t->day), "%.*s", DATE_BYTES, time);
		printf("%s %s\n", t->day, tz_label());
	}
	words_of(r, f, words, sizeof(words));
	row_what(&row, what, sizeof(what));
	if (f->pair)
		snprintf(pair, sizeof(pair), "%016" PRIx64, f->pair);
	printf("%6" PRIu64 "  %.15s  %-14s  ", f->seq, time + DATE_BYTES + 1, what);
	unsigned at = t->width >= WIDE ? WORDS_AT : f->pair ? WORDS_HANG : PAIR_AT;
	if (at == WORDS_AT)
		printf("%-16s  ", pair);
	else if (at == WORDS_HANG)
		printf("%s\n%*s", pair, WORDS_HANG, "");
	screen_text(stdout, words, at, WORDS_HANG, t->width);
}

void table_header(const struct table *t)
{
	if (t->form == TABLE_WORDS)
		printf("%6s  %-15s  %-14s  pair\n", "seq", "time", "kind, leg");
	bool named = t->form == TABLE_COLUMNS || t->form == TABLE_CSV;
	for (unsigned i = 0; named && i < t->n; i++) {
		if (i)
			fputs(t->form == TABLE_CSV ? "," : "  ", stdout);
		put_plain(t->column[i].name,
			  t->form == TABLE_CSV || i + 1 == t->n ? 0 : width_of(t->column[i].name));
	}
	if (named)
		putchar('\n');
}

void table_row(struct table *t, const struct reader *r, const struct fact *f)
{
	switch (t->form) {
	case TABLE_COLUMNS:
		show_columns(t, r, f);
		break;
	case TABLE_WORDS:
		show_words(t, r, f);
		break;
	case TABLE_JSON:
		show_json(t, r, f);
		break;
	case TABLE_CSV:
		show_csv(t, r, f);
		break;
	}
}
