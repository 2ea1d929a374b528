/* cmd_reconcile - `tandem reconcile DB STATEMENT`: a venue's list of executions against our receipts, both ways. */
#include "adapters/import/input.h"
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/base/span.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/recon_show.h"
#include "core/cmd/when.h"
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#define DAY_NS	  86400000000000LL
#define BAD_SHOWN 20
#define AROUND_NS \
	DAY_NS /* a receipt may be that much later than its execution: it was told out of a history */

enum { OPT_FROM = 256, OPT_TO, OPT_DAY, OPT_COLUMNS, OPT_ZONE, OPT_COMMA, OPT_CSV };

struct ask_reconcile {
	const char *path, *statement, *account, *venue, *from, *to, *day, *columns, *zone;
	bool json, csv, comma;
	uint32_t account_id, venue_id;
	struct reader *reader;
	struct recon recon;
	uint64_t bad; /* rows that cannot be read */
};

static const struct argp_option options[] = {
	{ "account", 'a', "NAME", 0,
	  "ours of this account; otherwise of those that the statement is of", 1 },
	{ "venue", 'v', "NAME", 0, "ours at this venue", 1 },
	{ "day", OPT_DAY, "DATE", 0, "executions of this UTC day", 2 },
	{ "from", OPT_FROM, "TIME", 0,
	  "not before: 2024-08-08T23:54:00 (UTC), nanoseconds, or -5m; otherwise as the statement has it",
	  2 },
	{ "to", OPT_TO, "TIME", 0, "not after", 2 },
	{ "columns", OPT_COLUMNS, "MAP", 0,
	  "what its columns are, where their names do not say it: exec=Deal No,side=B/S", 3 },
	{ "zone", OPT_ZONE, "+HH:MM", 0, "of its times that name no zone; otherwise UTC", 3 },
	{ "decimal-comma", OPT_COMMA, 0, 0, "its numbers are 1.234,5", 3 },
	{ "json", 'j', 0, 0, "one JSON object a line: each difference, then the sums", 4 },
	{ "csv", OPT_CSV, 0, 0, "each difference as a row of CSV", 4 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ask_reconcile *q = state->input;
	const char **text = key == 'a'		 ? &q->account
			    : key == 'v'	 ? &q->venue
			    : key == OPT_DAY	 ? &q->day
			    : key == OPT_FROM	 ? &q->from
			    : key == OPT_TO	 ? &q->to
			    : key == OPT_COLUMNS ? &q->columns
			    : key == OPT_ZONE	 ? &q->zone
						 : NULL;
	if (text) {
		*text = arg;
		return 0;
	}
	switch (key) {
	case OPT_COMMA:
		q->comma = true;
		return 0;
	case 'j':
		q->json = true;
		return 0;
	case OPT_CSV:
		q->csv = true;
		return 0;
	case ARGP_KEY_ARG:
		if (q->statement)
			argp_error(state, "one statement at a time: %s is a second", arg);
		*(q->path ? &q->statement : &q->path) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!q->statement)
			argp_error(state, "which store, and which statement? DB STATEMENT.csv");
		if (q->day && (q->from || q->to))
			argp_error(
				state,
				"--day says from when to when; --from and --to cannot be given besides");
		if (!q->from != !q->to)
			argp_error(state, "--from and --to go together");
		if (q->json && q->csv)
			argp_error(state, "--json or --csv, not both");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* "+08:00", "-3", "+0530". */
static int zone_of(const char *text, int64_t *ns)
{
	char *end;
	*ns = 0;
	if (!text)
		return 0;
	int sign = text[0] == '-' ? -1 : 1;
	const char *at = text + (*text == '+' || *text == '-');
	long h = strtol(at, &end, 10), m = 0;
	bool long_form = end - at == 4 && !*end;
	if (long_form) {
		m = h % 100;
		h /= 100;
	} else if (*end == ':') {
		m = strtol(end + 1, &end, 10);
	}
	if (end == at || *end || h < 0 || h > 14 || m < 0 || m > 59)
		return err_set(ERR_PARSE, "\"%s\" is no zone: +08:00", text);
	*ns = sign * (h * 3600 + m * 60) * 1000000000LL;
	return 0;
}

/* ---------------------------------------------------------------- the statement */

static void bad_row(struct ask_reconcile *q)
{
	if (q->bad++ < BAD_SHOWN)
		fprintf(stderr, "tandem reconcile: %s: %s\n", q->statement, err_text());
	else if (q->bad == BAD_SHOWN + 1)
		fprintf(stderr, "tandem reconcile: %s: and more that cannot be read\n",
			q->statement);
}

static int read_rows(struct ask_reconcile *q, struct input *in, struct statement *s)
{
	struct statement_row row;
	const char *line;
	size_t n;
	int rc = 0;
	while (!rc && input_line(in, &line, &n)) {
		int got = statement_row(s, input_number(in), line, n, &row);
		if (got < 0)
			bad_row(q);
		else if (got)
			rc = recon_row(&q->recon, &row);
	}
	if (!rc && input_ended(in) != INPUT_WHOLE)
		rc = err_set(ERR_IO, "it breaks off after line %llu: %s",
			     (unsigned long long)input_number(in), input_end_name(input_ended(in)));
	return rc;
}

static int read_statement(struct ask_reconcile *q)
{
	static struct statement s;
	struct input *in;
	const char *line;
	size_t n = 0;
	int64_t zone_ns;
	int rc = zone_of(q->zone, &zone_ns);
	if (rc)
		return rc;
	if (input_open(q->statement, &in)) /* no statement is the world's trouble, one without executions an answer */
		return -ERR_IO;
	while (input_line(in, &line, &n) && n == 0)
		;
	rc = n ? statement_open(&s, line, n, q->columns) : err_set(ERR_PARSE, "it is empty");
	s.zone_ns = zone_ns;
	s.comma = q->comma;
	if (!rc)
		rc = read_rows(q, in, &s);
	statement_close(&s);
	input_close(in);
	if (!rc)
		rc = recon_rows_done(&q->recon);
	return rc ? err_ctx(rc, "%s", q->statement) : 0;
}

/* ---------------------------------------------------------------- ours */

static int take_kind(struct ask_reconcile *q, enum fact_kind kind)
{
	struct recon *c = &q->recon;
	struct reader_walk *w;
	struct fact f;
	struct reader_filter filter = { .kind = (uint16_t)kind,
					.account = q->account_id,
					.venue = q->venue_id };
	if (c->to_ns < INT64_MAX - AROUND_NS) {
		filter.utc_from = c->from_ns - AROUND_NS;
		filter.utc_to = c->to_ns + AROUND_NS;
	}
	int rc = reader_walk_open(q->reader, &filter, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0) {
		rc = recon_take(c, &f, reader_name(q->reader, NAME_ASSET, f.fee_asset));
		if (rc)
			break;
	}
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

static int join(struct ask_reconcile *q)
{
	int rc = take_kind(q, FACT_BUST);
	for (int exact = 1; exact >= 0 && !rc; exact--) {
		q->recon.exact = exact;
		rc = take_kind(q, FACT_FILL);
		if (!rc)
			rc = take_kind(q, FACT_FOREIGN);
	}
	recon_end(&q->recon, q->account_id);
	return rc;
}

static int span(struct ask_reconcile *q, int64_t *from_ns, int64_t *to_ns)
{
	int rc = 0;
	*from_ns = *to_ns = 0;
	if (q->day) {
		rc = when_parse(q->day, 0, from_ns);
		*from_ns -= *from_ns % DAY_NS;
		*to_ns = *from_ns + DAY_NS - 1;
		return rc;
	}
	rc = ask_time(q->reader, q->from, from_ns);
	return rc ? rc : ask_time(q->reader, q->to, to_ns);
}

static int complain(const struct ask_reconcile *q, int code)
{
	if (q->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem reconcile: %s\n", err_text());
	return code;
}

static int answer(struct ask_reconcile *q)
{
	int64_t from_ns, to_ns;
	int rc = ask_name(q->reader, NAME_ACCOUNT, "account", q->account, &q->account_id);
	if (!rc)
		rc = ask_name(q->reader, NAME_VENUE, "venue", q->venue, &q->venue_id);
	if (rc)
		return complain(q, EXIT_CHECK);
	rc = span(q, &from_ns, &to_ns);
	if (!rc)
		rc = recon_open(&q->recon, from_ns, to_ns);
	if (!rc)
		rc = read_statement(q);
	if (rc)
		return complain(q, rc == -ERR_NOTFOUND			? EXIT_CHECK
				   : rc == -ERR_PARSE || rc == -ERR_ARG ? EXIT_USAGE
									: EXIT_WORLD);
	rc = join(q);
	if (rc)
		return complain(q, EXIT_WORLD);
	struct recon_view v = { .recon = &q->recon, .reader = q->reader, .bad = q->bad };
	if (q->json)
		recon_json(&v, stdout);
	else if (q->csv)
		recon_csv(&v, stdout);
	else
		recon_show(&v, q->statement, stdout);
	return recon_clean(&v) ? EXIT_OK : EXIT_CHECK;
}

int cmd_reconcile(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB STATEMENT",
		"Holds a venue's statement of executions against the receipts of a store: what both have, what only one of them has, and what they tell differently.\v"
		"STATEMENT is CSV as venues and brokers export it (Binance, OKX, CTP settlement bills, Interactive Brokers and the like), plain or gzip, - for standard input. "
		"Its columns are known by their names. Executions are joined by their number and their order's; where the statement has none, by order, price and quantity. "
		"Exit code 0: all of it is joined and the same; 1: something is not.\n\n"
		"  tandem reconcile DB trades.csv\n"
		"  tandem reconcile DB bill.csv --zone +08:00 --day 2024-08-08\n"
		"  tandem reconcile DB deals.csv --columns 'exec=Deal No,side=B/S' --json",
		NULL,
		NULL,
		NULL
	};
	static struct ask_reconcile q;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &q);
	if (reader_open(q.path, &q.reader))
		return complain(&q, EXIT_WORLD);
	int code = answer(&q);
	recon_close(&q.recon);
	reader_close(q.reader);
	return code;
}
