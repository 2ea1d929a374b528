/* cmd_report - `tandem report DB --day D`: a day of a store for those who examine it, as one page, as CSV and as JSON lines. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/report_page.h"
#include "core/cmd/screen.h"
#include "core/cmd/tz.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_DAY = 256, OPT_LANG, OPT_OUT, OPT_HTML, OPT_CSV, OPT_JSONL, OPT_JSON, OPT_TZ };

struct options {
	const char *path, *day, *out;
	enum report_lang lang;
	bool html, csv, jsonl, json;
};

static const struct argp_option options[] = {
	{ "day", OPT_DAY, "DAY", 0,
	  "2026-11-22 (UTC, or the trading day of a contract that has one); last: that of the newest receipt",
	  1 },
	{ "lang", OPT_LANG, "en|zh", 0, "the language of the page (en)", 1 },
	{ "tz", OPT_TZ, "ZONE", 0,
	  "times by this clock: UTC, local, +08:00, Asia/Shanghai (UTC); days stay what they are",
	  1 },
	{ "out", OPT_OUT, "DIR|FILE", 0,
	  "a folder for all of it (report-DAY), or FILE.html for the page alone", 2 },
	{ "html", OPT_HTML, 0, 0, "the page", 2 },
	{ "csv", OPT_CSV, 0, 0, "the tables as CSV", 2 },
	{ "jsonl", OPT_JSONL, 0, 0, "the tables as JSON lines; with none of the three, all three",
	  2 },
	{ "json", OPT_JSON, 0, 0, "says in one JSON object what was written", 3 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	switch (key) {
	case OPT_DAY:
		o->day = arg;
		return 0;
	case OPT_LANG:
		o->lang = report_lang_find(arg);
		if (o->lang == report_lang_max)
			argp_error(state, "no report is written in \"%s\": en or zh", arg);
		return 0;
	case OPT_TZ:
		if (tz_set(arg))
			argp_error(state, "--tz %s: %s", arg, err_text());
		return 0;
	case OPT_OUT:
		o->out = arg;
		return 0;
	case OPT_HTML:
		o->html = true;
		return 0;
	case OPT_CSV:
		o->csv = true;
		return 0;
	case OPT_JSONL:
		o->jsonl = true;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case ARGP_KEY_END:
		if (o->path && !o->day)
			argp_error(state, "which day? --day 2026-11-22, or --day last");
		break;
	default:
		break;
	}
	return ask_parse(key, arg, state, &o->path);
}

static volatile int stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* ---- where it goes */

struct place {
	char folder[PATH_MAX]; /* empty: the page alone */
	char page[PATH_MAX];   /* empty: no page */
};

static bool ends_with(const char *text, const char *end)
{
	const size_t n = strlen(text), k = strlen(end);
	return n > k && strcmp(text + n - k, end) == 0;
}

static int find_place(const struct options *o, int32_t date, struct place *p)
{
	char day[12];
	*p = (struct place){ 0 };
	if (o->out && ends_with(o->out, ".html")) {
		if (o->csv || o->jsonl)
			return err_set(ERR_ARG,
				       "--out %s is one page; tables need a folder: --out DIR",
				       o->out);
		snprintf(p->page, sizeof p->page, "%s", o->out);
		return 0;
	}
	int n = o->out ? snprintf(p->folder, sizeof p->folder, "%s", o->out)
		       : snprintf(p->folder, sizeof p->folder, "report-%s", date_format(date, day));
	if (n < 0 || n > PATH_MAX - 40)
		return err_set(ERR_ARG, "the path is too long: %.80s...", o->out);
	if (o->html)
		snprintf(p->page, sizeof p->page, "%.*s/report.html", n, p->folder);
	return 0;
}

/* ---- while it runs */

static void progress(void *arg, uint64_t done, uint64_t all)
{
	const struct options *o = arg;
	if (screen_width(stderr))
		fprintf(stderr, "\r\033[K%s: receipt %" PRIu64 " of %" PRIu64, o->path, done, all);
}

static int write_page(struct report *r, const struct options *o, const struct place *p)
{
	const struct report_page page = { .store = o->path, .lang = o->lang };
	FILE *f = fopen(p->page, "we");
	if (!f)
		return err_set(ERR_IO, "cannot write %s: %s", p->page, strerror(errno));
	int rc = report_page_write(r, &page, f);
	return fclose(f) && !rc ? err_set(ERR_IO, "cannot write %s: %s", p->page, strerror(errno))
				: rc;
}

static void say(const struct options *o, const struct place *p, const struct report *r)
{
	const struct report_figures *g = &r->fig;
	char day[12], line[8192];
	date_format(r->day.date, day);
	if (!o->json) {
		printf("%s: %" PRIu64 " receipts, %" PRIu64 " orders, %" PRIu64
		       " executions, %" PRIu64 " pairs, %" PRIu64 " alerts\n",
		       day, g->receipts, g->orders, g->fills, g->pairs, g->alerts);
		if (g->missing)
			printf("%" PRIu64 " sequences are missing between them\n", g->missing);
		printf("%s%s%s\n", p->page, p->page[0] && p->folder[0] ? ", and tables in " : "",
		       p->folder);
		return;
	}
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "day", day);
	if (p->page[0])
		json_str(&j, "page", p->page);
	if (p->folder[0])
		json_str(&j, "folder", p->folder);
	json_uint(&j, "receipts", g->receipts);
	json_uint(&j, "first", g->first_seq);
	json_uint(&j, "last", g->last_seq);
	json_uint(&j, "missing", g->missing);
	json_uint(&j, "orders", g->orders);
	json_uint(&j, "fills", g->fills);
	json_uint(&j, "pairs", g->pairs);
	json_uint(&j, "held", g->held);
	json_uint(&j, "alerts", g->alerts);
	json_obj(&j, "rows");
	for (unsigned s = 0; s < report_sheet_max; s++)
		json_uint(&j, report_sheet_name((enum report_sheet)s),
			  report_rows(r->out, (enum report_sheet)s));
	json_obj_end(&j);
	json_obj_end(&j);
	puts(line);
}

/* The tables, and after them the page, which shows their first rows. */
static int make(struct options *o, struct reader *reader)
{
	struct report_day day = { 0 };
	struct report_out *out = NULL;
	struct report *r = NULL;
	struct place place = { 0 };
	int rc = report_day_find(reader, o->day, &day);
	rc = rc ? rc : find_place(o, day.date, &place);
	const struct report_out_options to = { .folder = place.folder[0] ? place.folder : NULL,
					       .csv = o->csv,
					       .jsonl = o->jsonl,
					       .lang = o->lang };
	rc = rc ? rc : report_out_open(&to, &out);
	rc = rc ? rc : report_open(reader, &day, out, &r);
	if (r) {
		day = (struct report_day){ 0 }; /* the report's */
		r->progress = progress;
		r->arg = o;
		rc = report_run(r, &stopped);
	}
	if (screen_width(stderr))
		fputs("\r\033[K", stderr);
	if (!rc && place.page[0])
		rc = write_page(r, o, &place);
	if (!rc)
		say(o, &place, r);
	report_close(r);
	report_day_free(&day);
	int closed = report_out_close(out);
	return rc ? rc : closed;
}

static int fail(const struct options *o, int rc)
{
	if (o->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem report: %s: %s\n", o->path, err_text());
	return rc == -ERR_PARSE || rc == -ERR_ARG || rc == -ERR_RANGE ? EXIT_USAGE
	       : rc == -ERR_NOTFOUND				      ? EXIT_CHECK
								      : EXIT_WORLD;
}

int cmd_report(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB",
		"One day of a store for those who examine it: every order with its life, pairs and how they ended, limits and what went beyond them, counters of "
		"contracts and accounts, alerts and who acknowledged them, versions of scripts, sessions, clocks, connections, reconciliations, the log's root.\v"
		"Writes a page that fetches and runs nothing (report.html), and each table as CSV and as JSON lines beside it; the page shows the first rows of a "
		"table, the files have all. Works while the host runs, after it was killed, on a closed store, on an archive.\n\n"
		"  tandem report DB --day last\n"
		"  tandem report DB --day 2026-11-22 --lang zh --tz Asia/Shanghai --out audit/2026-11-22\n"
		"  tandem report DB --day 2026-11-22 --out day.html",
		NULL,
		NULL,
		NULL
	};
	struct options o = { 0 };
	struct reader *reader;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.html && !o.csv && !o.jsonl) {
		o.html = true;
		o.csv = o.jsonl = !o.out || !ends_with(o.out, ".html");
	}
	int rc = reader_open(o.path, &reader);
	if (rc) {
		fail(&o, rc);
		return EXIT_WORLD;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	rc = make(&o, reader);
	int code = rc ? fail(&o, rc) : EXIT_OK;
	reader_close(reader);
	return code;
}
