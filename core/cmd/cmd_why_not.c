/* cmd_why_not - `tandem why-not DB`: what kept the host from trading, how long, and what was wrong with the input meanwhile. */
#include "core/base/err.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/tz.h"
#include "core/cmd/when.h"
#include "core/cmd/why_show.h"
#include "core/trade/risk.h"
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPT_FROM = 256, OPT_TO, OPT_GATE, OPT_HTML, OPT_TZ };

struct why_not {
	const char *path, *instance, *from, *to, *gate, *html;
	bool json;
	struct reader *reader;
	struct why why;
};

static const struct argp_option options[] = {
	{ "instance", 'i', "NAME", 0, "of this strategy instance", 1 },
	{ "gate", OPT_GATE, "NAME", 0, "only this gate or limit: quote_age_ns, collar ...", 1 },
	{ "from", OPT_FROM, "TIME", 0,
	  "not before: 2024-08-08T23:54:00, nanoseconds, or -5m: so long before the newest receipt",
	  2 },
	{ "to", OPT_TO, "TIME", 0, "not after", 2 },
	{ "json", 'j', 0, 0, "one JSON object a line", 3 },
	{ "html", OPT_HTML, "FILE", 0, "one page that fetches nothing, into this file", 3 },
	{ "tz", OPT_TZ, "ZONE", 0,
	  "times by this clock: Asia/Shanghai, +08:00, local; UTC where it is not given", 3 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct why_not *q = state->input;
	switch (key) {
	case 'i':
		q->instance = arg;
		break;
	case OPT_GATE:
		q->gate = arg;
		break;
	case OPT_FROM:
		q->from = arg;
		break;
	case OPT_TO:
		q->to = arg;
		break;
	case 'j':
		q->json = true;
		break;
	case OPT_HTML:
		q->html = arg;
		break;
	case OPT_TZ:
		if (tz_set(arg))
			argp_error(state, "--tz %s: %s", arg, err_text());
		break;
	default:
		return ask_parse(key, arg, state, &q->path);
	}
	return 0;
}

/* A gate and a limit may have one name: then both are meant. */
static int gate_of(struct why_not *q)
{
	char known[800] = "";
	if (!q->gate)
		return 0;
	q->why.gate = q->why.limit = -2;
	for (unsigned g = GATE_OPEN + 1; g < gate_max; g++) {
		const char *name = gate_name((enum gate)g);
		size_t n = strlen(known);
		snprintf(known + n, sizeof known - n, "%s ", name);
		if (strcmp(name, q->gate) == 0)
			q->why.gate = (int)g;
	}
	for (unsigned k = RISK_LIMIT_NONE + 1; k < risk_limit_max; k++) {
		const char *name = risk_limit_name((enum risk_limit)k);
		size_t n = strlen(known);
		if (!strstr(known, name))
			snprintf(known + n, sizeof known - n, "%s ", name);
		if (strcmp(name, q->gate) == 0)
			q->why.limit = (int)k;
	}
	if (q->why.gate >= 0 || q->why.limit >= 0)
		return 0;
	return err_set(ERR_PARSE, "\"%s\" is no gate and no limit; there are %s", q->gate, known);
}

static int check_words(struct why_not *q)
{
	int64_t unused;
	int rc = gate_of(q);
	if (!rc && q->from)
		rc = when_parse(q->from, 0, &unused);
	if (!rc && q->to)
		rc = when_parse(q->to, 0, &unused);
	return rc;
}

static int add_up(struct why_not *q, const struct reader_filter *filter)
{
	struct reader_walk *walk;
	struct fact f;
	int rc = reader_walk_open(q->reader, filter, &walk);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(walk, &f)) > 0) {
		rc = why_take(&q->why, &f);
		if (rc)
			break;
	}
	reader_walk_close(walk);
	why_close(&q->why);
	return rc < 0 ? rc : 0;
}

static int complain(const struct why_not *q, int code)
{
	fprintf(stderr, "tandem why-not: %s%s%s\n", q->reader ? q->path : "", q->reader ? ": " : "",
		err_text());
	return code;
}

static int write_page(const struct why_not *q)
{
	FILE *f = fopen(q->html, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", q->html, strerror(errno));
	int rc = why_html(&q->why, q->reader, f);
	if (fclose(f) && !rc)
		rc = err_set(ERR_IO, "%s: %s", q->html, strerror(errno));
	return rc;
}

static int answer(struct why_not *q)
{
	struct reader_filter filter = { 0 };
	int rc = ask_name(q->reader, NAME_INSTANCE, "instance", q->instance, &q->why.instance);
	if (!rc)
		rc = ask_time(q->reader, q->from, &filter.utc_from);
	if (!rc)
		rc = ask_time(q->reader, q->to, &filter.utc_to);
	if (!rc)
		rc = add_up(q, &filter);
	if (rc)
		return complain(q, rc == -ERR_NOTFOUND ? EXIT_CHECK : EXIT_WORLD);
	if (q->html && write_page(q))
		return complain(q, EXIT_WORLD);
	if (q->json)
		why_show_json(&q->why, q->reader);
	else if (q->html)
		printf("%s\n", q->html);
	else
		why_show(&q->why, q->reader);
	return EXIT_OK;
}

int cmd_why_not(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB",
		"What kept the instances of a host from trading: gates that were closed because a price was old, "
		"two prices were too far apart, a clock was not known or a market was not open; and proposals that "
		"limits refused.\v"
		"For every gate, leg and reference: how often and how long it was closed, the share of the "
		"session, how many proposals it refused, and the worst value against its limit. Then "
		"what was wrong with the feeds, clocks and venues in that time. A stretch counts where it "
		"ended. Works while the host runs, after it was killed, and on a closed store.\n\n"
		"  tandem why-not DB\n"
		"  tandem why-not DB --instance au_gc --from -1h\n"
		"  tandem why-not DB --gate quote_age_ns --json\n"
		"  tandem why-not DB --html why.html",
		NULL,
		NULL,
		NULL
	};
	struct why_not q = { 0 };
	why_init(&q.why);
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &q);
	if (check_words(&q))
		return complain(&q, EXIT_USAGE);
	if (reader_open(q.path, &q.reader))
		return complain(&q, EXIT_WORLD);
	int code = answer(&q);
	why_free(&q.why);
	reader_close(q.reader);
	return code;
}
