/* cmd_query - `tandem query DB`: receipts by whatever stands in them, in words, as columns, JSON lines or CSV. */
#include "adapters/codec/binance_order.h"
#include "core/base/err.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/screen.h"
#include "core/cmd/table.h"
#include "core/cmd/tz.h"
#include "core/cmd/walk.h"
#include "core/cmd/when.h"
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	OPT_COUNT,
	OPT_TZ,
	OPT_ROUND,
	OPT_LEG,
	OPT_REF,
	OPT_SCRIPT,
	OPT_STATE,
	OPT_SIDE,
	OPT_OFFSET,
	OPT_VENUE_ORDER,
	OPT_EXEC,
	OPT_FEE_ASSET,
	OPT_REASON,
	OPT_TURN,
};

#define WHERES 16

struct query {
	const char *path;
	/* As typed: what they mean is known only once the store is open. */
	const char *pair, *order, *instance, *kind, *venue, *account, *instrument, *from, *to, *seq,
		*columns;
	const char *wheres[WHERES];
	unsigned n_where;
	bool count;
	int failed; /* errno of a write that failed */
	enum table_form form;
	struct table table;
	struct where where;
	struct walk walk;
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object a line", 1 },
	{ "csv", OPT_CSV, 0, 0, "comma separated, with a header", 1 },
	{ "columns", OPT_COLUMNS, "NAMES", 0, "only these fields, comma separated, in this order",
	  1 },
	{ "tz", OPT_TZ, "ZONE", 0,
	  "times by this clock: Asia/Shanghai, +08:00, local; UTC where it is not given", 1 },
	{ "pair", 'p', "ID", 0, "of this pair (16 hex digits)", 2 },
	{ "order", 'o', "ID", 0,
	  "of this order (16 hex digits, or the client order id that its venue knows)", 2 },
	{ "instance", 'i', "NAME", 0, "of this strategy instance", 2 },
	{ "kind", 'k', "NAME", 0, "of this kind: fill, risk, pair, alert ...", 2 },
	{ "venue", 'v', "NAME", 0, "of this venue", 2 },
	{ "account", 'a', "NAME", 0, "of this account", 2 },
	{ "instrument", 'n', "NAME", 0, "of this instrument", 2 },
	{ "round", OPT_ROUND, "ID", 0, "of this round trip (16 hex digits)", 2 },
	{ "leg", OPT_LEG, "N", 0, "of this leg: 0, 1 ...", 2 },
	{ "ref", OPT_REF, "N", 0, "of this reference: 0, 1 ...", 2 },
	{ "side", OPT_SIDE, "SIDE", 0, "buy or sell", 2 },
	{ "offset", OPT_OFFSET, "NAME", 0, "open, close, close_today, close_yesterday", 2 },
	{ "state", OPT_STATE, "NAME", 0, "in this state after it: FILLED, HEDGED, LIVE ...", 2 },
	{ "script", OPT_SCRIPT, "SHA256", 0,
	  "of this version of a script; its first digits will do", 2 },
	{ "venue-order", OPT_VENUE_ORDER, "ID", 0, "of the order that its venue calls so", 2 },
	{ "exec", OPT_EXEC, "ID", 0, "of the execution that its venue calls so", 2 },
	{ "fee-asset", OPT_FEE_ASSET, "NAME", 0, "with a fee in this asset", 2 },
	{ "reason", OPT_REASON, "TEXT", 0, "whose words contain this", 2 },
	{ "turn", OPT_TURN, "N", 0, "of this turn of the engine", 2 },
	{ "cause", OPT_CAUSE, "SEQ", 0, "that follow from this receipt", 2 },
	{ "where", 'w', "EXPR", 0, "for which this holds; below", 2 },
	{ "from", OPT_FROM, "TIME", 0,
	  "not before: 2024-08-08T23:54:00, nanoseconds, or -5m: so long before the newest receipt",
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

/* Options that ask for a value of one field. */
static const struct {
	int key;
	const char *option, *field;
	uint8_t op;
} asked[] = {
	{ OPT_ROUND, "--round", "round", WHERE_EQ },
	{ OPT_LEG, "--leg", "leg", WHERE_EQ },
	{ OPT_REF, "--ref", "ref", WHERE_EQ },
	{ OPT_SIDE, "--side", "side", WHERE_EQ },
	{ OPT_OFFSET, "--offset", "offset", WHERE_EQ },
	{ OPT_STATE, "--state", "state", WHERE_EQ },
	{ OPT_SCRIPT, "--script", "script", WHERE_CONTAINS },
	{ OPT_VENUE_ORDER, "--venue-order", "venue_order", WHERE_EQ },
	{ OPT_EXEC, "--exec", "exec", WHERE_EQ },
	{ OPT_FEE_ASSET, "--fee-asset", "fee_asset", WHERE_EQ },
	{ OPT_REASON, "--reason", "reason", WHERE_CONTAINS },
	{ OPT_TURN, "--turn", "turn", WHERE_EQ },
};

static bool ask_field(struct query *q, int key, const char *arg, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (asked[i].key == key) {
			if (where_and(&q->where, asked[i].field, (enum where_op)asked[i].op, arg))
				argp_error(state, "%s %s", asked[i].option, err_text());
			return true;
		}
	return false;
}

static void check_together(const struct query *q, struct argp_state *state)
{
	if (q->path && q->walk.follow && (q->walk.reverse || q->count))
		argp_error(state, "--follow and %s do not go together",
			   q->walk.reverse ? "--reverse" : "--count");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct query *q = state->input;
	if (keep_text(q, key, arg) || ask_field(q, key, arg, state))
		return 0;
	switch (key) {
	case OPT_JSON:
		q->form = TABLE_JSON;
		break;
	case OPT_CSV:
		q->form = TABLE_CSV;
		break;
	case OPT_TZ: /* before the texts that it says how to read: they are read when all options are known */
		if (tz_set(arg))
			argp_error(state, "--tz %s: %s", arg, err_text());
		break;
	case 'w':
		if (q->n_where == WHERES)
			argp_error(state, "--where at most %d times", WHERES);
		q->wheres[q->n_where++] = arg;
		break;
	case OPT_CAUSE:
		q->walk.filter.cause = count_of(arg, state);
		break;
	case OPT_LIMIT:
		q->walk.limit = count_of(arg, state);
		break;
	case OPT_LAST:
		q->walk.last = count_of(arg, state);
		break;
	case 'f':
		q->walk.follow = true;
		break;
	case 'r':
		q->walk.reverse = true;
		break;
	case OPT_COUNT:
		q->count = true;
		break;
	default:
		if (key == ARGP_KEY_END)
			check_together(q, state);
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

/* An order's id, or what its venue was told that it is. */
static int order_of(const char *text, uint64_t *id)
{
	*id = text ? binance_decode_id(text, strlen(text)) : 0;
	return *id ? 0 : id_of(text, id);
}

static int kind_of(const char *text, uint16_t *kind)
{
	*kind = 0;
	if (!text)
		return 0;
	*kind = (uint16_t)fact_kind_find(text);
	if (*kind)
		return 0;
	char known[1000] = "";
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
	struct reader_filter *f = &q->walk.filter;
	int64_t unused;
	int rc = id_of(q->pair, &f->pair);
	if (!rc)
		rc = order_of(q->order, &f->order);
	if (!rc)
		rc = kind_of(q->kind, &f->kind);
	if (!rc)
		rc = seq_span(q->seq, f);
	if (!rc && q->from)
		rc = when_parse(q->from, 0, &unused);
	if (!rc && q->to)
		rc = when_parse(q->to, 0, &unused);
	for (unsigned i = 0; i < q->n_where && !rc; i++)
		if ((rc = where_parse(&q->where, q->wheres[i])) != 0)
			err_ctx(rc, "--where");
	return rc ? rc : table_init(&q->table, q->form, q->columns);
}

static int resolve(struct query *q)
{
	struct reader *r = q->walk.reader;
	struct reader_filter *f = &q->walk.filter;
	int rc = ask_name(r, NAME_INSTANCE, "instance", q->instance, &f->instance);
	if (!rc)
		rc = ask_name(r, NAME_VENUE, "venue", q->venue, &f->venue);
	if (!rc)
		rc = ask_name(r, NAME_ACCOUNT, "account", q->account, &f->account);
	if (!rc)
		rc = ask_name(r, NAME_INSTRUMENT, "instrument", q->instrument, &f->instrument);
	if (!rc)
		rc = ask_time(r, q->from, &f->utc_from);
	if (!rc)
		rc = ask_time(r, q->to, &f->utc_to);
	return rc;
}

/* 1 when nobody reads any more, or nothing can be written. */
static int show(void *arg, const struct fact *f)
{
	struct query *q = arg;
	if (q->count)
		return 0;
	table_row(&q->table, q->walk.reader, f);
	if (q->walk.follow)
		fflush(stdout);
	if (ferror(stdout))
		q->failed = errno;
	return ferror(stdout);
}

static int answer(struct query *q)
{
	if (!q->count)
		table_header(&q->table);
	if (q->walk.follow)
		fflush(stdout);
	q->walk.show = show;
	q->walk.arg = q;
	q->walk.where = &q->where;
	q->walk.stop = &stopped;
	q->walk.out_fd = STDOUT_FILENO;
	int rc = walk_run(&q->walk);
	if (q->count && !rc)
		printf("%" PRIu64 "\n", q->walk.shown);
	if (fflush(stdout) && !q->failed)
		q->failed = errno;
	if (!rc && q->failed && q->failed != EPIPE)
		rc = err_set(ERR_IO, "what was asked for could not be written: %s",
			     strerror(q->failed));
	return rc;
}

static int complain(const struct query *q, int code)
{
	const char *path = q->walk.reader ? q->path : "";
	fflush(stdout);
	fprintf(stderr, "tandem query: %s%s%s\n", path, path[0] ? ": " : "", err_text());
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
		"others. Fields that do not apply to a receipt are absent. --follow goes on when the host ends "
		"and another begins; with --last N it begins N receipts back.\n\n"
		"EXPR compares fields, named as --json names them, with = != < <= > >= or ~ (contains), and joins "
		"comparisons with and, or, not and parentheses. Texts with blanks stand in quotes. A field's name "
		"alone asks whether it is there; where it is not, no comparison with it holds.\n\n"
		"  tandem query DB --last 20\n"
		"  tandem query DB --kind risk --from -5m\n"
		"  tandem query DB --kind fill --reverse --limit 5\n"
		"  tandem query DB --kind fill --count\n"
		"  tandem query DB --pair 0000010000000001 --json\n"
		"  tandem query DB --where 'kind = fill and (fee > 0.5 or not maker = 1) and instrument ~ perp'\n"
		"  tandem query DB --kind fill --columns time,instrument,side,px,qty,fee --csv",
		NULL,
		NULL,
		NULL
	};
	static struct query q;
	argp_err_exit_status = EXIT_USAGE;
	where_all(&q.where);
	argp_parse(&argp, argc, argv, 0, NULL, &q);
	if (q.form == TABLE_COLUMNS && !q.columns && screen_width(stdout))
		q.form = TABLE_WORDS;
	if (check_words(&q))
		return complain(&q, EXIT_USAGE);
	if (reader_open(q.path, &q.walk.reader))
		return complain(&q, EXIT_WORLD);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN); /* `| head`: the reader's folder is still to be removed */
	int rc = resolve(&q), code = EXIT_OK;
	if (rc)
		code = complain(&q, rc == -ERR_NOTFOUND ? EXIT_CHECK : EXIT_WORLD);
	else if (answer(&q))
		code = complain(&q, EXIT_WORLD);
	else if (q.walk.shown == 0 && !q.count && q.form <= TABLE_WORDS)
		fprintf(stderr, "nothing fits among %" PRIu64 " receipts\n",
			reader_last(q.walk.reader));
	reader_close(q.walk.reader);
	return code;
}
