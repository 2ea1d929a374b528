/* cmd_tca - `tandem tca DB`: what execution cost against the prices of the decisions, by strategy or pair by pair. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/tca_show.h"
#include "core/cmd/when.h"
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAY_NS	   86400000000000LL
#define BEFORE_SEQ 512 /* receipts before a pair's first that its decision may stand in */

enum { OPT_FROM = 256, OPT_TO, OPT_DAY, OPT_PAIR, OPT_CSV };

struct tca_ask {
	const char *path, *instance, *script, *from, *to, *day;
	bool json, csv, pairs;
	uint64_t pair;
	uint32_t instance_id;
	struct reader *reader;
	struct tca tca;
	struct tca_sum sum;
	uint64_t shown;
	int64_t to_ns; /* pairs decided later are not of the span */
};

static const struct argp_option options[] = {
	{ "pairs", 'p', 0, 0, "pair by pair, before the sums", 1 },
	{ "pair", OPT_PAIR, "ID", 0, "this pair only, whole: 16 hex digits, as receipts show it",
	  1 },
	{ "instance", 'i', "NAME", 0, "of this strategy instance", 1 },
	{ "script", 's', "SHA256", 0, "of this version of a script, or what its digest begins with",
	  1 },
	{ "from", OPT_FROM, "TIME", 0,
	  "pairs decided not before: 2024-08-08T23:54:00 (UTC), nanoseconds, or -5m: so long before the newest receipt",
	  2 },
	{ "to", OPT_TO, "TIME", 0, "pairs decided not after", 2 },
	{ "day", OPT_DAY, "DATE", 0, "pairs decided on this UTC day", 2 },
	{ "json", 'j', 0, 0,
	  "one JSON object a line: strategies, and with --pairs the pairs before them", 3 },
	{ "csv", OPT_CSV, 0, 0, "CSV, a row for each leg of each pair", 3 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct tca_ask *q = state->input;
	char *end;
	switch (key) {
	case 'p':
		q->pairs = true;
		break;
	case OPT_PAIR:
		q->pair = strtoull(arg, &end, 16);
		if (strlen(arg) != 16 || *end || !q->pair)
			argp_error(state, "\"%s\" is not an id: 16 hex digits, as receipts show it",
				   arg);
		break;
	case 'i':
		q->instance = arg;
		break;
	case 's':
		q->script = arg;
		break;
	case OPT_FROM:
		q->from = arg;
		break;
	case OPT_TO:
		q->to = arg;
		break;
	case OPT_DAY:
		q->day = arg;
		break;
	case 'j':
		q->json = true;
		break;
	case OPT_CSV:
		q->csv = true;
		break;
	case ARGP_KEY_END:
		if (q->day && (q->from || q->to))
			argp_error(
				state,
				"--day says from when to when; --from and --to cannot be given besides");
		if (q->json && q->csv)
			argp_error(state, "--json or --csv, not both");
		return ask_parse(key, arg, state, &q->path);
	default:
		return ask_parse(key, arg, state, &q->path);
	}
	return 0;
}

/* ---------------------------------------------------------------- what is shown */

static bool meant(const struct tca_ask *q, const struct tca_pair *p)
{
	const char *sha = reader_name(q->reader, NAME_SCRIPT, p->script);
	return (!q->pair || p->id == q->pair) &&
	       (!q->instance_id || p->instance == q->instance_id) &&
	       (!q->to_ns || p->utc_ns <= q->to_ns) &&
	       (!q->script || (sha && !strncmp(sha, q->script, strlen(q->script))));
}

static int on_pair(void *arg, const struct tca_pair *p)
{
	struct tca_ask *q = arg;
	if (!meant(q, p))
		return 0;
	bool whole = q->pair && !q->json && !q->csv;
	if (whole)
		tca_show_pair(p, q->reader, stdout);
	else if (q->csv)
		tca_csv_pair(p, q->reader, stdout);
	else if (q->json && (q->pairs || q->pair))
		tca_json_pair(p, q->reader, stdout);
	else if (q->pairs) {
		if (!q->shown)
			tca_show_head(stdout);
		tca_show_line(p, stdout);
	}
	q->shown++;
	return ferror(stdout) ? err_set(ERR_IO, "standard output cannot be written")
			      : tca_sum_add(&q->sum, p);
}

static int walk(struct tca_ask *q, const struct reader_filter *filter)
{
	struct reader_walk *w;
	struct fact f;
	int rc = reader_walk_open(q->reader, filter, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0) {
		rc = tca_take(&q->tca, &f);
		if (rc)
			break;
	}
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

/* From a while before the pair's first receipt, for its decision, to its last. */
static int around_pair(struct tca_ask *q, struct reader_filter *filter)
{
	struct reader_walk *w;
	struct fact f;
	uint64_t first = 0, last = 0;
	int rc = reader_walk_open(q->reader, &(struct reader_filter){ .pair = q->pair }, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0) {
		first = first ? first : f.seq;
		last = f.seq;
	}
	reader_walk_close(w);
	if (!rc && !first)
		rc = err_set(ERR_NOTFOUND, "no receipt speaks of the pair %016" PRIx64, q->pair);
	filter->seq_from = first > BEFORE_SEQ ? first - BEFORE_SEQ : 1;
	filter->seq_to = last;
	return rc;
}

/* Ticks are told when a session opens, which may be before what is asked for. */
static int learn_ticks(struct tca_ask *q, const struct reader_filter *filter)
{
	if (filter->seq_from <= 1 && !filter->utc_from)
		return 0;
	struct reader_filter rules = { .kind = FACT_RULE };
	rules.seq_to = filter->seq_from ? filter->seq_from - 1 : 0;
	rules.utc_to = filter->utc_from ? filter->utc_from - 1 : 0;
	return walk(q, &rules);
}

/* ---------------------------------------------------------------- the span */

static int span(struct tca_ask *q, struct reader_filter *filter)
{
	int rc = 0;
	if (q->day) {
		rc = when_parse(q->day, 0, &filter->utc_from);
		filter->utc_from -= filter->utc_from % DAY_NS;
		q->to_ns = filter->utc_from + DAY_NS - 1;
		return rc;
	}
	rc = ask_time(q->reader, q->from, &filter->utc_from);
	return rc ? rc : ask_time(q->reader, q->to, &q->to_ns);
}

static int check_words(const struct tca_ask *q)
{
	int64_t unused;
	const char *const texts[] = { q->from, q->to, q->day };
	int rc = 0;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts && !rc; i++)
		rc = texts[i] ? when_parse(texts[i], 0, &unused) : 0;
	return rc;
}

static int gather(struct tca_ask *q)
{
	struct reader_filter filter = { 0 };
	int rc = ask_name(q->reader, NAME_INSTANCE, "instance", q->instance, &q->instance_id);
	if (!rc)
		rc = span(q, &filter);
	if (!rc && q->pair)
		rc = around_pair(q, &filter);
	if (!rc)
		rc = learn_ticks(q, &filter);
	if (!rc && q->csv)
		tca_csv_head(stdout);
	if (!rc)
		rc = walk(q, &filter);
	return rc ? rc : tca_end(&q->tca);
}

static void show_sums(struct tca_ask *q)
{
	if (q->csv || q->pair)
		return;
	if (q->pairs && q->shown && !q->json)
		putchar('\n');
	for (uint32_t i = 0; i < q->sum.n; i++)
		if (q->json)
			tca_json_strategy(q->sum.of[i], q->reader, stdout);
		else
			tca_show_strategy(q->sum.of[i], q->reader, stdout);
}

static int complain(const struct tca_ask *q, int code)
{
	if (q->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem tca: %s%s%s\n", q->reader ? q->path : "", q->reader ? ": " : "",
		err_text());
	return code;
}

static int answer(struct tca_ask *q)
{
	int rc = gather(q);
	if (rc)
		return complain(q, rc == -ERR_NOTFOUND ? EXIT_CHECK : EXIT_WORLD);
	show_sums(q);
	if (q->tca.dropped)
		fprintf(stderr,
			"tandem tca: %" PRIu64
			" pairs were left out: more than %u were open at once\n",
			q->tca.dropped, TCA_KEPT);
	if (q->shown)
		return EXIT_OK;
	err_set(ERR_NOTFOUND, "no pair was decided %s",
		q->from || q->to || q->day || q->instance || q->script ? "that fits" : "here");
	return complain(q, EXIT_CHECK);
}

int cmd_tca(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB",
		"What the execution of pairs cost against the prices that they were decided on, and how long each step took.\v"
		"Costs are in the money that the strategy counts in, at the rates of each fill; worse is positive, for buys and "
		"sells alike. Slip: fills of the orders that open a pair, against the price of the decision. Chase: fills that "
		"complete a broken pair. Unwinding: fills that take a leg back. Delay: what the market had moved before the order "
		"left. A bp is 1e-4 of what all legs moved. Works while the host runs, after it was killed, and on a closed store.\n\n"
		"  tandem tca DB\n"
		"  tandem tca DB --day 2024-08-08 --pairs\n"
		"  tandem tca DB --pair 0000010000000036\n"
		"  tandem tca DB --csv >pairs.csv",
		NULL,
		NULL,
		NULL
	};
	static struct tca_ask q;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &q);
	if (check_words(&q))
		return complain(&q, EXIT_USAGE);
	if (reader_open(q.path, &q.reader))
		return complain(&q, EXIT_WORLD);
	int code = tca_open(&q.tca, on_pair, &q) ? complain(&q, EXIT_WORLD) : answer(&q);
	tca_close(&q.tca);
	tca_sum_free(&q.sum);
	reader_close(q.reader);
	return code;
}
