#include "core/cmd/table.h"
#include "core/base/err.h"
#include "core/cmd/screen.h"
#include "core/cmd/tell.h"
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

static bool column_known(const char *name)
{
	if (strcmp(name, "numbers") == 0)
		return true;
	for (unsigned i = 0; row_common_name(i); i++)
		if (strcmp(row_common_name(i), name) == 0)
			return true;
	for (unsigned k = 1; k < fact_kind_max; k++)
		if (row_has_number((enum fact_kind)k, name))
			return true;
	return false;
}

int table_init(struct table *t, enum table_form form, const char *names)
{
	*t = (struct table){ .form = form, .chosen = names != NULL, .width = screen_width(stdout) };
	if (names) {
		if (strlen(names) >= sizeof(t->names))
			return err_set(ERR_PARSE, "more names of columns than there are fields");
		strcpy(t->names, names);
		for (char *at = t->names, *name; (name = strsep(&at, ",")) != NULL;) {
			if (!column_known(name))
				return err_set(ERR_PARSE, "no receipt has a field \"%s\"", name);
			if (t->n == TABLE_COLUMNS_MAX)
				return err_set(ERR_PARSE, "more than %d columns",
					       TABLE_COLUMNS_MAX);
			t->column[t->n++] = name;
		}
	} else if (t->form == TABLE_CSV) {
		for (unsigned i = 0; row_common_name(i); i++)
			t->column[t->n++] = row_common_name(i);
		t->column[t->n++] = "numbers";
	} else {
		for (size_t i = 0; i < sizeof(human) / sizeof(human[0]); i++)
			t->column[t->n++] = human[i].name;
	}
	return 0;
}

static void show_json(const struct table *t, const struct row *row)
{
	char line[LINE_BYTES];
	struct json_out j;
	json_out_init(&j, line, sizeof(line));
	json_obj(&j, NULL);
	if (!t->chosen)
		row_json(row, &j);
	for (unsigned i = 0; t->chosen && i < t->n; i++) {
		const struct row_field *f = row_find(row, t->column[i]);
		if (f)
			row_json_field(f, &j);
	}
	json_obj_end(&j);
	puts(line);
}

static const char *cell(const struct row *row, const char *name, char *numbers, size_t cap)
{
	if (strcmp(name, "numbers") == 0) {
		row_numbers(row, numbers, cap);
		return numbers;
	}
	const struct row_field *f = row_find(row, name);
	return f ? f->text : "";
}

static void show_csv(const struct table *t, const struct row *row)
{
	char numbers[512];
	for (unsigned i = 0; i < t->n; i++) {
		const char *text = cell(row, t->column[i], numbers, sizeof(numbers));
		if (i)
			putchar(',');
		if (!strpbrk(text, ",\"\r\n")) {
			fputs(text, stdout);
			continue;
		}
		putchar('"');
		for (; *text; text++) {
			if (*text == '"')
				putchar('"');
			putchar(*text);
		}
		putchar('"');
	}
	putchar('\n');
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

static void show_columns(const struct table *t, const struct row *row)
{
	char numbers[512];
	for (unsigned i = 0; i < t->n; i++) {
		if (i)
			fputs("  ", stdout);
		put_plain(cell(row, t->column[i], numbers, sizeof(numbers)),
			  i + 1 < t->n ? width_of(t->column[i]) : 0);
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

static void show_words(struct table *t, const struct reader *r, const struct fact *f,
		       const struct row *row)
{
	char words[2 * TELL_BYTES], what[ROW_NAME + 8], pair[24] = "";
	const char *time = row_find(row, "time")->text;
	if (strncmp(t->day, time, DATE_BYTES) != 0) {
		snprintf(t->day, sizeof(t->day), "%.*s", DATE_BYTES, time);
		printf("%s UTC\n", t->day);
	}
	words_of(r, f, words, sizeof(words));
	row_what(row, what, sizeof(what));
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
		put_plain(t->column[i],
			  t->form == TABLE_CSV || i + 1 == t->n ? 0 : width_of(t->column[i]));
	}
	if (named)
		putchar('\n');
}

void table_row(struct table *t, const struct reader *r, const struct fact *f)
{
	struct row row;
	row_make(&row, r, f);
	switch (t->form) {
	case TABLE_COLUMNS:
		show_columns(t, &row);
		break;
	case TABLE_WORDS:
		show_words(t, r, f, &row);
		break;
	case TABLE_JSON:
		show_json(t, &row);
		break;
	case TABLE_CSV:
		show_csv(t, &row);
		break;
	}
}
