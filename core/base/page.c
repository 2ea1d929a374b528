/* Pages: the style that they share and the little HTML that they need. */
#include "core/base/page.h"
#include "core/base/err.h"
#include <stdarg.h>
#include <string.h>

static const char style[] =
	"body{font:15px/1.5 sans-serif;color:#222;max-width:1000px;margin:2em auto;padding:0 1em}"
	"h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #ddd}"
	"table{border-collapse:collapse;margin:1em 0;display:block;overflow-x:auto}td,th{padding:.2em .8em .2em 0;text-align:left;vertical-align:top}"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}th{color:#666;font-weight:normal}"
	".big{font-size:1.6em}.up{color:#176b3a}.down{color:#a32020}.mind{background:#fff6e0;padding:.6em 1.2em}"
	"svg{max-width:100%;height:auto}code{background:#f3f3f3;padding:0 .2em}.dim{color:#666}";

void page_text(FILE *f, const char *s)
{
	for (; s && *s; s++)
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default: /* XML has no place for most control characters */
			fputc((unsigned char)*s < ' ' ? ' ' : *s, f);
		}
}

/* What is longer than this in one cell is cut: a page is for eyes. */
static void put_format(FILE *f, const char *fmt, va_list ap)
{
	char text[2048];
	vsnprintf(text, sizeof text, fmt, ap);
	page_text(f, text);
}

#define PUT(before, after)              \
	do {                            \
		va_list ap;             \
		va_start(ap, fmt);      \
		fputs(before, f);       \
		put_format(f, fmt, ap); \
		fputs(after, f);        \
		va_end(ap);             \
	} while (0)

void page_open(FILE *f, const char *lang, const char *title)
{
	fprintf(f, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>",
		lang);
	page_text(f, title);
	fprintf(f, "</title><style>%s</style></head><body>\n<h1>", style);
	page_text(f, title);
	fputs("</h1>\n", f);
}

int page_close(FILE *f)
{
	fputs("</body></html>\n", f);
	return fflush(f) || ferror(f) ? err_set(ERR_IO, "the page could not be written") : 0;
}

void page_heading(FILE *f, int level, const char *id, const char *text)
{
	fprintf(f, "<h%d", level);
	if (id) {
		fputs(" id=\"", f);
		page_text(f, id);
		fputs("\"", f);
	}
	fputs(">", f);
	page_text(f, text);
	fprintf(f, "</h%d>\n", level);
}

void page_para(FILE *f, const char *class, const char *fmt, ...)
{
	fprintf(f, *class ? "<p class=\"%s\">" : "<p>", class);
	PUT("", "</p>\n");
}

void page_facts_open(FILE *f)
{
	fputs("<table>\n", f);
}

void page_fact(FILE *f, const char *name, const char *fmt, ...)
{
	fputs("<tr><th>", f);
	page_text(f, name);
	PUT("</th><td>", "</td></tr>\n");
}

void page_table_open(FILE *f, const char *heads)
{
	fputs("<table><tr>", f);
	while (*heads) {
		bool number = *heads == '#';
		heads += number;
		size_t n = strcspn(heads, "|");
		char head[128];
		snprintf(head, sizeof head, "%.*s", (int)n, heads);
		fputs(number ? "<th class=\"n\">" : "<th>", f);
		page_text(f, head);
		fputs("</th>", f);
		heads += n + (heads[n] == '|');
	}
	fputs("</tr>\n", f);
}

void page_row_open(FILE *f)
{
	fputs("<tr>", f);
}

void page_cell(FILE *f, const char *fmt, ...)
{
	PUT("<td>", "</td>");
}

void page_number(FILE *f, const char *fmt, ...)
{
	PUT("<td class=\"n\">", "</td>");
}

void page_code(FILE *f, const char *fmt, ...)
{
	PUT("<td><code>", "</code></td>");
}

void page_row_close(FILE *f)
{
	fputs("</tr>\n", f);
}

void page_table_close(FILE *f)
{
	fputs("</table>\n", f);
}

struct page_time page_time(int64_t from_ns, int64_t to_ns)
{
	static const struct {
		int64_t ns;
		const char *name;
	} units[] = { { 86400000000000, "days" },
		      { 3600000000000, "hours" },
		      { 60000000000, "minutes" },
		      { 1000000000, "seconds" },
		      { 1000000, "ms" },
		      { 1000, "us" },
		      { 1, "ns" } };
	unsigned k = 0;
	while (k + 1 < sizeof units / sizeof *units && (to_ns - from_ns) / 3 < units[k].ns)
		k++;
	return (struct page_time){ from_ns, units[k].ns, units[k].name };
}

double page_time_at(const struct page_time *t, int64_t ns)
{
	return (double)(ns - t->zero_ns) / (double)t->unit_ns;
}
