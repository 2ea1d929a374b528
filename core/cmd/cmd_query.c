/* cmd_query - `tandem query DB`: receipts by time, pair, order, instance, kind, as columns, JSON lines or CSV. */
#include "core/base/err.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/screen.h"
#include "core/cmd/table.h"
#include "core/cmd/when.h"
#include "store/reader.h"
#include <argp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_JSON = 256,
	OPT_CSV,
	OPT_SEQ,
	OPT_LIMIT,
	OPT_LAST,
	OPT_FROM,
	OPT_TO,
	OPT_COLUMNS,
	OPT_CAUSE,
	OPT_COUNT
};

#define SPAN 16384 /* receipts that are read at once to show them newest first */

struct query {
	const char *path;
	/* As typed: what they mean is known only once the store is open. */
	const char *pair, *order, *instance, *kind, *venue, *account, *instrument, *from, *to, *seq,
		*columns;
	uint64_t limit, last;
	bool follow, reverse, count;
	enum table_form form;
	struct table table;
	struct reader *reader;
	struct reader_filter filter;
	uint64_t shown;
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object a line", 1 },
	{ "csv", OPT_CSV, 0, 0, "comma separated, with a header", 1 },
	{ "columns", OPT_COLUMNS, "NAMES", 0, "only these fields, comma separated, in this order",
	  1 },
	{ "pair", 'p', "ID", 0, "of this pair (16 hex digits)", 2 },
	{ "order", 'o', "ID", 0, "of this order (16 hex digits)", 2 },
	{ "instance", 'i', "NAME", 0, "of this strategy instance", 2 },
	{ "kind", 'k', "NAME", 0, "of this kind: fill, risk, pair, alert ...", 2 },
	{ "venue", 'v', "NAME", 0, "of this venue", 2 },
	{ "account", 'a', "NAME", 0, "of this account", 2 },
	{ "instrument", 'n', "NAME", 0, "of this instrument", 2 },
	{ "cause", OPT_CAUSE, "SEQ", 0, "that follow from this receipt", 2 },
	{ "from", OPT_FROM, "TIME", 0,
	  "not before: 2024-08-08T23:54:00 (UTC), nanoseconds, or -5m: so long before the newest receipt",
	  3 },
	{ "to", OPT_TO, "TIME", 0, "not after", 3 },
	{ "seq", OPT_SEQ, "A..B", 0, "from receipt A to B; either may be left out", 3 },
	{ "limit", OPT_LIMIT, "N", 0, "the first N that fit", 4 },
	{ "last", OPT_LAST, "N", 0, "the last N that fit", 4 },
	{ "reverse", 'r', 0, 0, "newest first", 4 },
	{ "count", OPT_COUNT, 0, 0, "only how many fit", 4 },
	{ "follow", 'f', 0, 0, "stay, and show what comes", 4 },
	{ 0 },
};

static uint64_t count_of(const char *text, struct argp_state *state)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);
	if (!text[0] || *end || text[0] == '-')
		argp_error(state, "%s is not a number of receipts", text);
	return n;
}

/* Options that are kept as typed, and where. */
static const struct {
	int key;
	size_t at;
} texts[] = {
	{ 'p', offsetof(struct query, pair) },
	{ 'o', offsetof(struct query, order) },
	{ 'i', offsetof(struct query, instance) },
	{ 'k', offsetof(struct query, kind) },
	{ 'v', offsetof(struct query, venue) },
	{ 'a', offsetof(struct query, account) },
	{ 'n', offsetof(struct query, instrument) },
	{ OPT_FROM, offsetof(struct query, from) },
	{ OPT_TO, offsetof(struct query, to) },
	{ OPT_SEQ, offsetof(struct query, seq) },
	{ OPT_COLUMNS, offsetof(struct query, columns) },
};

static bool keep_text(struct query *q, int key, const char *arg)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].key == key) {
			memcpy((char *)q + texts[i].at, &arg, sizeof(arg));
			return true;
		}
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct query *q = state->input;
	if (keep_text(q, key, arg))
		return 0;
	switch (key) {
	case OPT_JSON:
		q->form = TABLE_JSON;
		break;
	case OPT_CSV:
		q->form = TABLE_CSV;
		break;
	case OPT_CAUSE:
		q->filter.cause = count_of(arg, state);
		break;
	case OPT_LIMIT:
		q->limit = count_of(arg, state);
		break;
	case OPT_LAST:
		q->last = count_of(arg, state);
		break;
	case 'f':
		q->follow = true;
		break;
	case 'r':
		q->reverse = true;
		break;
	case OPT_COUNT:
		q->count = true;
		break;
	default:
		if (key == ARGP_KEY_END && q->path && q->follow &&
		    (q->last || q->reverse || q->count))
			argp_error(state, "--follow and %s do not go together",
				   q->last	? "--last"
				   : q->reverse ? "--reverse"
						: "--count");
		return ask_parse(key, arg, state, &q->path);
	}
	return 0;
}

static volatile int stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* A number typed as hexadecimal digits, as receipts show it. */
static int id_of(const char *text, uint64_t *id)
{
	char *end;
	*id = 0;
	if (!text)
		return 0;
	*id = strtoull(text, &end, 16);
	if (*end || end == text || *id == 0 || text[0] == '-')
		return err_set(ERR_PARSE, "\"%s\" is not an id: 16 hex digits, as receipts show it",
			       text);
	return 0;
}

static int kind_of(const char *text, uint16_t *kind)
{
	*kind = 0;
	if (!text)
		return 0;
	*kind = (uint16_t)fact_kind_find(text);
	if (*kind)
		return 0;
	char known[400] = "";
	for (unsigned k = 1; k < fact_kind_max; k++) {
		size_t n = strlen(known);
		snprintf(known + n, sizeof(known) - n, "%s%s", n ? " " : "",
			 fact_kind_name((enum fact_kind)k));
	}
	return err_set(ERR_PARSE, "\"%s\" is no kind of receipt; kinds are %s", text, known);
}

static int seq_span(const char *text, struct reader_filter *f)
{
	char *end;
	if (!text)
		return 0;
	const char *dots = strstr(text, "..");
	f->seq_from = strtoull(text, &end, 10);
	if (!dots) {
		f->seq_to = f->seq_from;
		return *end || end == text ? err_set(ERR_PARSE, "\"%s\" is not a span: A..B", text)
					   : 0;
	}
	bool bad = end != dots;
	f->seq_to = strtoull(dots + 2, &end, 10);
	if (bad || *end || (f->seq_to && f->seq_to < f->seq_from))
		return err_set(ERR_PARSE, "\"%s\" is not a span: A..B", text);
	return 0;
}

/* What was typed wrong, before the store is looked at. */
static int check_words(struct query *q)
{
	int64_t unused;
	int rc = id_of(q->pair, &q->filter.pair);
	if (!rc)
		rc = id_of(q->order, &q->filter.order);
	if (!rc)
		rc = kind_of(q->kind, &q->filter.kind);
	if (!rc)
		rc = seq_span(q->seq, &q->filter);
	if (!rc && q->from)
		rc = when_parse(q->from, 0, &unused);
	if (!rc && q->to)
		rc = when_parse(q->to, 0, &unused);
	return rc;
}

static int resolve(struct query *q)
{
	struct reader_filter *f = &q->filter;
	const struct reader *r = q->reader;
	int rc = ask_name(r, NAME_INSTANCE, "instance", q->instance, &f->instance);
	if (!rc)
		rc = ask_name(r, NAME_VENUE, "venue", q->venue, &f->venue);
	if (!rc)
		rc = ask_name(r, NAME_ACCOUNT, "account", q->account, &f->account);
	if (!rc)
		rc = ask_name(r, NAME_INSTRUMENT, "instrument", q->instrument, &f->instrument);
	if (!rc)
		rc = ask_time(q->reader, q->from, &f->utc_from);
	if (!rc)
		rc = ask_time(q->reader, q->to, &f->utc_to);
	return rc;
}

/* 1 when enough has been shown, or nobody reads any more. */
static int show(void *arg, const struct fact *f)
{
	struct query *q = arg;
	if (q->limit && q->shown == q->limit)
		return 1;
	if (!q->count)
		table_row(&q->table, q->reader, f);
	q->shown++;
	return stopped || ferror(stdout) || (q->limit && q->shown == q->limit);
}

static int show_all(struct query *q)
{
	struct reader_walk *w;
	struct fact f;
	int rc = reader_walk_open(q->reader, &q->filter, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0 && !show(q, &f))
		;
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

/* Keeps the newest N that fit and shows them in the end. */
static int show_last(struct query *q)
{
	struct reader_walk *w;
	uint64_t n = 0, keep = q->last;
	struct fact f, *kept = calloc(keep, sizeof(*kept));
	if (!kept)
		return err_set(ERR_NOMEM, "no memory for %" PRIu64 " receipts", keep);
	int rc = reader_walk_open(q->reader, &q->filter, &w);
	if (rc) {
		free(kept);
		return rc;
	}
	for (; (rc = reader_walk_next(w, &f)) > 0 && !stopped; n++)
		kept[n % keep] = f;
	reader_walk_close(w);
	for (uint64_t i = n > keep ? n - keep : 0; i < n && rc >= 0; i++)
		if (show(q, &kept[i % keep]))
			break;
	free(kept);
	return rc < 0 ? rc : 0;
}

/* Those of one span that fit, the newest first. 1: enough has been shown. */
static int show_span(struct query *q, const struct reader_filter *span, struct fact *kept)
{
	struct reader_walk *w;
	size_t n = 0;
	int rc = reader_walk_open(q->reader, span, &w);
	if (rc)
		return rc;
	while (n < SPAN && (rc = reader_walk_next(w, &kept[n])) > 0)
		n++;
	reader_walk_close(w);
	while (rc >= 0 && n > 0)
		if (show(q, &kept[--n]))
			return 1;
	return rc < 0 ? rc : stopped;
}

/* Span by span from the newest back, so that a long store needs no more memory than a short one. */
static int show_reverse(struct query *q)
{
	struct reader_filter span = q->filter;
	uint64_t first = span.seq_from ? span.seq_from : 1, to = reader_last(q->reader);
	struct fact *kept = calloc(SPAN, sizeof(*kept));
	if (!kept)
		return err_set(ERR_NOMEM, "no memory for %d receipts", SPAN);
	if (span.seq_to && span.seq_to < to)
		to = span.seq_to;
	if (q->last && (!q->limit || q->last < q->limit))
		q->limit = q->last;
	int rc = 0;
	for (; rc == 0 && to >= first; to = span.seq_from - 1) {
		span.seq_to = to;
		span.seq_from = to - first >= SPAN ? to - SPAN + 1 : first;
		rc = show_span(q, &span, kept);
	}
	free(kept);
	return rc < 0 ? rc : 0;
}

static int answer(struct query *q)
{
	if (!q->count)
		table_header(&q->table);
	if (q->reverse)
		return show_reverse(q);
	if (q->last)
		return show_last(q);
	if (!q->follow)
		return show_all(q);
	setvbuf(stdout, NULL, _IOLBF, 0);
	int rc = reader_follow(q->reader, &q->filter, show, q, &stopped);
	return rc < 0 ? rc : 0;
}

static int complain(const struct query *q, int code)
{
	fflush(stdout);
	fprintf(stderr, "tandem query: %s%s%s\n", q->reader ? q->path : "", q->reader ? ": " : "",
		err_text());
	return code;
}

int cmd_query(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB",
		"Receipts of a store: everything that its host saw, decided and did.\v"
		"On a terminal receipts are told in words; elsewhere they are columns, or --json, --csv. Works "
		"while the host runs, after it was killed, and on a closed store. A restriction narrows the "
		"others. Fields that do not apply to a receipt are absent.\n\n"
		"  tandem query DB --last 20\n"
		"  tandem query DB --kind risk --from -5m\n"
		"  tandem query DB --kind fill --reverse --limit 5\n"
		"  tandem query DB --kind fill --count\n"
		"  tandem query DB --pair 0000010000000001 --json\n"
		"  tandem query DB --kind fill --columns time,instrument,side,px,qty,fee --csv",
		NULL,
		NULL,
		NULL
	};
	struct query q = { 0 };
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &q);
	if (q.form == TABLE_COLUMNS && !q.columns && screen_width(stdout))
		q.form = TABLE_WORDS;
	if (check_words(&q) || table_init(&q.table, q.form, q.columns))
		return complain(&q, EXIT_USAGE);
	if (reader_open(q.path, &q.reader))
		return complain(&q, EXIT_WORLD);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN); /* `| head`: the reader's folder is still to be removed */
	int rc = resolve(&q), code = EXIT_OK;
	if (rc)
		code = complain(&q, rc == -ERR_NOTFOUND ? EXIT_CHECK : EXIT_WORLD);
	else if (answer(&q))
		code = complain(&q, EXIT_WORLD);
	else if (q.count)
		printf("%" PRIu64 "\n", q.shown);
	else if (q.shown == 0 && q.form <= TABLE_WORDS)
		fprintf(stderr, "nothing fits among %" PRIu64 " receipts\n", reader_last(q.reader));
	reader_close(q.reader);
	return code;
}
