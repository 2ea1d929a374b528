#include "core/cmd/report_out.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/page.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROW_BYTES  8192
#define LINE_BYTES 32768

static const struct {
	const char *name;
	enum report_word word;
} sheets[] = {
#define SHEET_ROW(id, name, word) { name, word },
	REPORT_SHEETS(SHEET_ROW)
#undef SHEET_ROW
};
_Static_assert(sizeof sheets / sizeof *sheets == report_sheet_max, "a row for every sheet");

static const struct {
	const char *key, *name[report_lang_max];
	enum report_sheet sheet;
	unsigned how;
} columns[] = {
#define COLUMN_ROW(sheet, id, key, en, zh, how) { key, { en, zh }, SHEET_##sheet, how },
	REPORT_COLUMNS(COLUMN_ROW)
#undef COLUMN_ROW
};
_Static_assert(sizeof columns / sizeof *columns == report_column_max, "a row for every column");

struct report_out {
	struct report_out_options o;
	unsigned first[report_sheet_max + 1]; /* column of each sheet */
	uint64_t n[report_sheet_max];
	FILE *csv[report_sheet_max], *jsonl[report_sheet_max];
	FILE *page[report_sheet_max]; /* into memory */
	char *shown[report_sheet_max];
	size_t shown_len[report_sheet_max];
	const char *cell[report_column_max]; /* of the row that is being made; NULL: not set */
	char arena[ROW_BYTES], line[LINE_BYTES];
	size_t used;
};

const char *report_column_key(enum report_column c)
{
	return columns[c].key;
}

const char *report_column_name(enum report_lang lang, enum report_column c)
{
	return columns[c].name[lang];
}

const char *report_sheet_name(enum report_sheet s)
{
	return sheets[s].name;
}

/* ---- opening */

static FILE *file_of(const struct report_out *o, enum report_sheet s, const char *ending)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s.%s", o->o.folder, sheets[s].name, ending);
	FILE *f = fopen(path, "we");
	if (!f)
		err_set(ERR_IO, "cannot write %s: %s", path, strerror(errno));
	return f;
}

static int open_sheet(struct report_out *o, enum report_sheet s)
{
	if (o->o.csv && o->o.folder && !(o->csv[s] = file_of(o, s, "csv")))
		return -ERR_IO;
	if (o->o.jsonl && o->o.folder && !(o->jsonl[s] = file_of(o, s, "jsonl")))
		return -ERR_IO;
	for (unsigned c = o->first[s]; o->csv[s] && c < o->first[s + 1]; c++)
		fprintf(o->csv[s], "%s%s", c == o->first[s] ? "" : ",", columns[c].key);
	if (o->csv[s])
		fputs("\r\n", o->csv[s]);
	o->page[s] = open_memstream(&o->shown[s], &o->shown_len[s]);
	return o->page[s] ? 0 : err_set(ERR_NOMEM, "no memory for the page");
}

int report_out_open(const struct report_out_options *o, struct report_out **out)
{
	struct report_out *x = calloc(1, sizeof *x);
	if (!x)
		return err_set(ERR_NOMEM, "no memory for a report");
	x->o = *o;
	unsigned c = 0;
	for (unsigned s = 0; s < report_sheet_max; s++) {
		x->first[s] = c;
		while (c < report_column_max && columns[c].sheet == s)
			c++;
	}
	x->first[report_sheet_max] = c;
	int rc = 0;
	if (o->folder && mkdir(o->folder, 0777) && errno != EEXIST)
		rc = err_set(ERR_IO, "cannot make the folder %s: %s", o->folder, strerror(errno));
	for (unsigned s = 0; s < report_sheet_max && !rc; s++)
		rc = open_sheet(x, (enum report_sheet)s);
	if (rc)
		report_out_close(x);
	else
		*out = x;
	return rc;
}

static bool close_file(FILE *f)
{
	if (!f)
		return true;
	bool good = !ferror(f);
	return fclose(f) == 0 && good;
}

int report_out_close(struct report_out *o)
{
	bool good = true;
	if (!o)
		return 0;
	for (unsigned s = 0; s < report_sheet_max; s++) {
		good = close_file(o->csv[s]) && good;
		good = close_file(o->jsonl[s]) && good;
		good = close_file(o->page[s]) && good;
		free(o->shown[s]);
	}
	int rc = good ? 0
		      : err_set(ERR_IO,
				"not all of the report could be written to %s: is the disk full?",
				o->o.folder ? o->o.folder : "memory");
	free(o);
	return rc;
}

/* ---- cells */

void report_text(struct report_out *o, enum report_column c, const char *text)
{
	if (!text || !text[0])
		return;
	size_t n = strlen(text) + 1;
	if (n > ROW_BYTES - o->used)
		n = ROW_BYTES - o->used;
	if (n < 2)
		return;
	char *at = o->arena + o->used;
	memcpy(at, text, n - 1);
	at[n - 1] = 0;
	o->used += n;
	o->cell[c] = at;
}

void report_dec(struct report_out *o, enum report_column c, int64_t v, unsigned dp)
{
	char text[24];
	dec_format(v, dp, 0, text);
	report_text(o, c, text);
}

void report_int(struct report_out *o, enum report_column c, int64_t v)
{
	report_dec(o, c, v, 0);
}

void report_id(struct report_out *o, enum report_column c, uint64_t id)
{
	char text[24];
	static const char digit[] = "0123456789abcdef";
	for (int i = 0; i < 16; i++)
		text[i] = digit[id >> (60 - 4 * i) & 15];
	text[16] = 0;
	if (id)
		report_text(o, c, text);
}

void report_time(struct report_out *o, enum report_column c, int64_t utc_ns)
{
	char text[TZ_TIME];
	tz_time(utc_ns, text);
	report_text(o, c, text);
}

/* ---- rows */

/* A cell of a spreadsheet that begins like a formula would be one; what a venue wrote must not be. */
static bool is_formula(const char *text, bool number)
{
	return !number && strchr("=+-@\t\r", text[0]) != NULL;
}

static void csv_row(struct report_out *o, enum report_sheet s)
{
	FILE *f = o->csv[s];
	for (unsigned c = o->first[s]; c < o->first[s + 1]; c++) {
		const char *text = o->cell[c] ? o->cell[c] : "";
		if (c != o->first[s])
			putc_unlocked(',', f);
		const bool guard = text[0] && is_formula(text, columns[c].how & COL_NUM);
		if (!guard && !strpbrk(text, ",\"\r\n")) {
			fputs_unlocked(text, f);
			continue;
		}
		putc_unlocked('"', f);
		if (guard)
			putc_unlocked('\'', f);
		for (; *text; text++) {
			if (*text == '"')
				putc_unlocked('"', f);
			putc_unlocked(*text, f);
		}
		putc_unlocked('"', f);
	}
	fputs_unlocked("\r\n", f);
}

static void json_row(struct report_out *o, enum report_sheet s)
{
	struct json_out j;
	int64_t unused;
	json_out_init(&j, o->line, sizeof o->line);
	json_obj(&j, NULL);
	for (unsigned c = o->first[s]; c < o->first[s + 1]; c++) {
		const char *text = o->cell[c], *dot = text ? strchr(text, '.') : NULL;
		const unsigned dp = dot ? (unsigned)strlen(dot + 1) : 0;
		if (!text)
			continue;
		if ((columns[c].how & COL_NUM) && !dec_parse_fast(text, strlen(text), dp, &unused))
			json_dec(&j, columns[c].key, unused, dp);
		else
			json_str(&j, columns[c].key, text);
	}
	json_obj_end(&j);
	o->line[j.len] = '\n';
	fwrite_unlocked(o->line, 1, j.len + 1, o->jsonl[s]);
}

static void page_row(struct report_out *o, enum report_sheet s)
{
	FILE *f = o->page[s];
	page_row_open(f);
	for (unsigned c = o->first[s]; c < o->first[s + 1]; c++) {
		const unsigned how = columns[c].how;
		const char *text = o->cell[c] ? o->cell[c] : "";
		if (!(how & COL_SEEN))
			continue;
		if (how & COL_NUM)
			page_number(f, "%s", text);
		else if (how & COL_ID)
			page_code(f, "%.16s", text);
		else
			page_cell(f, "%s", how & COL_CODE ? report_code(o->o.lang, text) : text);
	}
	page_row_close(f);
}

void report_row(struct report_out *o, enum report_sheet s)
{
	if (o->csv[s])
		csv_row(o, s);
	if (o->jsonl[s])
		json_row(o, s);
	if (o->n[s]++ < REPORT_SHOWN)
		page_row(o, s);
	memset(o->cell, 0, sizeof o->cell);
	o->used = 0;
}

uint64_t report_rows(const struct report_out *o, enum report_sheet s)
{
	return o->n[s];
}

/* ---- the page */

const char *report_out_files(const struct report_out *o, enum report_sheet s, char *out, size_t cap)
{
	const bool both = o->csv[s] && o->jsonl[s];
	snprintf(out, cap, "%s%s%s%s%s", o->csv[s] ? sheets[s].name : "", o->csv[s] ? ".csv" : "",
		 both ? ", " : "", o->jsonl[s] ? sheets[s].name : "", o->jsonl[s] ? ".jsonl" : "");
	return out;
}

static void heads(const struct report_out *o, enum report_sheet s, char *out, size_t cap)
{
	size_t n = 0;
	out[0] = 0;
	for (unsigned c = o->first[s]; c < o->first[s + 1] && n < cap; c++)
		if (columns[c].how & COL_SEEN)
			n += (size_t)snprintf(out + n, cap - n, "%s%s%s", n ? "|" : "",
					      columns[c].how & COL_NUM ? "#" : "",
					      columns[c].name[o->o.lang]);
}

/* Under a table that is cut: how many rows there are, and where. Under one that is whole: where its other columns are. */
static void pointer(const struct report_out *o, enum report_sheet s, FILE *page)
{
	char files[80], text[300];
	const bool cut = o->n[s] > REPORT_SHOWN;
	report_out_files(o, s, files, sizeof files);
	const char *n = tell_dec((int64_t)o->n[s], 0);
	if (cut)
		report_say(o->o.lang, files[0] ? W_CUT : W_CUT_HERE,
			   (const char *const[REPORT_ARGS]){ tell_dec(REPORT_SHOWN, 0), n, files },
			   text, sizeof text);
	else
		report_say(o->o.lang, W_ALL_COLUMNS,
			   (const char *const[REPORT_ARGS]){
				   n, tell_dec(o->first[s + 1] - o->first[s], 0), files },
			   text, sizeof text);
	if (cut || files[0])
		page_para(page, cut ? "mind" : "dim", "%s", text);
}

void report_out_page(const struct report_out *o, enum report_sheet s, FILE *page)
{
	char head[2000];
	page_heading(page, 2, sheets[s].name, report_word(o->o.lang, sheets[s].word));
	if (!o->n[s]) {
		page_para(page, "dim", "%s", report_word(o->o.lang, W_NONE));
		return;
	}
	heads(o, s, head, sizeof head);
	fputs("<div style=\"overflow-x:auto;font-size:12px;white-space:nowrap\">",
	      page); /* wider than any screen */
	page_table_open(page, head);
	fflush(o->page[s]);
	fwrite(o->shown[s], 1, o->shown_len[s], page);
	page_table_close(page);
	fputs("</div>\n", page);
	pointer(o, s, page);
}
