/* cmd_replay - `tandem replay DB`: what was recorded through the same core again, and every decision held against its receipt. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/log.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/replay_show.h"
#include "core/cmd/row.h"
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_FROM = 256, OPT_TO, OPT_STRATEGY, OPT_CONFIG, OPT_INSTANCE, OPT_HTML };

struct options {
	const char *path, *from, *to, *html;
	struct replay_other other;
	bool json;
};

static const struct argp_option options[] = {
	{ "from", OPT_FROM, "TIME", 0,
	  "hold against the receipts from here on: 2024-08-08T23:54:00 (UTC), nanoseconds, or -5m: so long before the newest receipt",
	  1 },
	{ "to", OPT_TO, "TIME", 0, "not beyond", 1 },
	{ "strategy", OPT_STRATEGY, "NEW.lua", 0,
	  "show this version every call too, and list what it decides otherwise", 2 },
	{ "config", OPT_CONFIG, "NEW", 0, "the same with the parameters of another configuration",
	  2 },
	{ "instance", OPT_INSTANCE, "NAME", 0, "only of this instance", 2 },
	{ "html", OPT_HTML, "FILE", 0,
	  "with another version: the page with the basis, the thresholds and the decisions of both",
	  3 },
	{ "json", 'j', 0, 0, "one JSON object", 3 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	switch (key) {
	case OPT_FROM:
		o->from = arg;
		break;
	case OPT_TO:
		o->to = arg;
		break;
	case OPT_STRATEGY:
		o->other.strategy = arg;
		break;
	case OPT_CONFIG:
		o->other.config = arg;
		break;
	case OPT_INSTANCE:
		o->other.instance = arg;
		break;
	case OPT_HTML:
		o->html = arg;
		o->other.draws = true;
		break;
	case 'j':
		o->json = true;
		break;
	default:
		return ask_parse(key, arg, state, &o->path);
	}
	return 0;
}

/* ---------------------------------------------------------------- a difference, in words */

static void say_quotes(const struct row *row)
{
	char what[64], numbers[512];
	row_what(row, what, sizeof what);
	row_numbers(row, numbers, sizeof numbers);
	const struct row_field *instrument = row_find(row, "instrument"),
			       *text = row_find(row, "reason");
	printf("    %s%s%s %s%s%s\n", what, instrument ? " " : "",
	       instrument ? instrument->text : "", numbers, text ? ": " : "",
	       text ? text->text : "");
}

/* What the receipt follows from: the quotes and the basis that the decision was made of. */
static void say_inputs(struct reader *r, const struct fact *f)
{
	struct fact x = *f;
	for (int k = 0; k < 8 && x.cause && x.cause < x.seq; k++) {
		struct row row;
		if (reader_get(r, x.cause, &x))
			return;
		row_make(&row, r, &x);
		say_quotes(&row);
	}
}

static void say_field(const char *name, const struct row_field *then, const struct row_field *now)
{
	const char *a = then ? then->text : "-", *b = now ? now->text : "-";
	if (strcmp(a, b))
		printf("    %-20s then %s, now %s\n", name, a, b);
}

static void say_fields(struct reader *r, const struct replay_difference *d)
{
	struct row then, now;
	row_make(&then, r, &d->then);
	row_make(&now, r, &d->now);
	for (unsigned i = 0; i < then.n; i++)
		say_field(then.field[i].name, &then.field[i], row_find(&now, then.field[i].name));
	for (unsigned i = 0; i < now.n; i++)
		if (!row_find(&then, now.field[i].name))
			say_field(now.field[i].name, NULL, &now.field[i]);
}

static void say_one(struct reader *r, const char *when, const struct fact *f)
{
	struct row row;
	if (!f->kind)
		return;
	row_make(&row, r, f);
	printf("  %s:\n", when);
	say_quotes(&row);
	if (f->cause)
		printf("  which follows from:\n");
	say_inputs(r, f);
}

static void say_difference(struct reader *r, const struct replay_difference *d)
{
	char at[32];
	const struct fact *f = d->then.kind ? &d->then : &d->now;
	row_time(d->utc_ns, at);
	if (f->kind)
		printf("first difference: receipt %" PRIu64 " (%s), at %s, after %" PRIu64
		       " inputs\n",
		       f->seq, fact_kind_name((enum fact_kind)f->kind), at, d->entries);
	else
		printf("first difference: at %s, after %" PRIu64 " inputs\n", at, d->entries);
	if (d->why[0])
		printf("  %s\n", d->why);
	if (f->kind && d->missing)
		printf("  %s\n", d->then.kind ? "then it was written, now it is not"
					      : "now it is written, then it was not");
	if (d->then.kind && d->now.kind)
		say_fields(r, d);
	say_one(r, "then", &d->then);
	say_one(r, "now", &d->now);
}

static void say(struct reader *r, const struct replay_counts *n, const struct replay_difference *d)
{
	printf("%" PRIu32 " %s, %" PRIu64 " turns, %" PRIu64 " inputs, %" PRIu64
	       " receipts compared\n",
	       n->lives, n->lives == 1 ? "life" : "lives", n->turns, n->entries, n->receipts);
	if (n->partial)
		printf("%" PRIu32
		       " of them killed: what they heard is recorded to the last whole entry; %" PRIu64
		       " receipts lie behind it\n",
		       n->partial, n->unseen);
	if (n->away)
		printf("%" PRIu32
		       " more not run: what they began with lies in an archive (`tandem archive --restore`)\n",
		       n->away);
	if (d->any)
		say_difference(r, d);
	else if (!n->calls)
		printf("0 calls: nothing was replayed\n");
	else
		printf("%" PRIu64 " calls, %" PRIu64 " decisions, all identical\n", n->calls,
		       n->decisions);
}

/* compares: with another version. */
static void say_json(const struct replay_story *s, bool compares)
{
	const struct replay_counts *n = s->counts;
	const struct replay_difference *d = s->diff;
	const size_t cap = 16384 + replay_json_size(s);
	char *line = malloc(cap);
	struct json_out j;
	if (!line)
		return;
	json_out_init(&j, line, cap);
	json_obj(&j, NULL);
	json_bool(&j, "ok", !d->any && n->calls > 0);
	json_int(&j, "lives", n->lives);
	json_int(&j, "killed", n->partial);
	json_int(&j, "away", n->away);
	json_int(&j, "turns", (int64_t)n->turns);
	json_int(&j, "inputs", (int64_t)n->entries);
	json_int(&j, "receipts", (int64_t)n->receipts);
	json_int(&j, "not_recorded", (int64_t)n->unseen);
	json_int(&j, "calls", (int64_t)n->calls);
	json_int(&j, "decisions", (int64_t)n->decisions);
	json_bool(&j, "identical", !d->any);
	if (d->any) {
		json_int(&j, "receipt", (int64_t)(d->then.kind ? d->then.seq : d->now.seq));
		json_str(&j, "why", d->why);
	}
	if (compares)
		replay_json(s, &j);
	json_obj_end(&j);
	puts(line);
	free(line);
}

/* ---------------------------------------------------------------- the verb */

static int write_page(const struct replay_story *s, const char *path)
{
	FILE *f = fopen(path, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	int rc = replay_html(s, f);
	if (fclose(f) && !rc)
		rc = err_set(ERR_IO, "%s: %s", path, strerror(errno));
	return err_ctx(rc, "the page");
}

int cmd_replay(int argc, char **argv)
{
	static const char doc[] =
		"Runs what a host recorded through the same core once more and holds everything that it writes against the receipts.\v"
		"The last line says how many calls of scripts were made and how many decisions came out as they did then. Exit code 1: one did not, "
		"or there was nothing to replay; the first that differs is shown with what both sides had before them.";
	static struct options o;
	struct replay_outcome side[2] = { 0 };
	struct argp argp = { options, parse, "DB", doc, NULL, NULL, NULL };
	struct replay_options p = { 0 };
	struct replay_counts n;
	struct replay_difference d;
	struct reader *r = NULL;
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	log_set_name("replay");
	log_set_level(LOG_ERROR);
	p.path = o.path;
	const bool compares = o.other.strategy || o.other.config;
	const struct replay_story story = {
		.store = o.path, .counts = &n, .diff = &d, .other = &o.other, .side = side
	};
	if (o.html && !compares) {
		fprintf(stderr,
			"tandem replay: --html draws two versions: say the other one with --strategy or --config\n");
		return EXIT_USAGE;
	}
	const struct replay_watch watch = replay_other_watch(&o.other);
	p.watch = compares ? &watch : NULL;
	int rc = reader_open(o.path, &r);
	if (!rc)
		rc = ask_time(r, o.from, &p.from_ns);
	if (!rc)
		rc = ask_time(r, o.to, &p.to_ns);
	if (!rc)
		rc = replay_run(&p, r, &n, &d);
	if (!rc && compares)
		rc = replay_outcome(&o.other, &p, side);
	if (!rc && o.html)
		rc = write_page(&story, o.html);
	if (rc) {
		if (o.json)
			cmd_json_failure(stdout, err_text());
		fprintf(stderr, "tandem replay: %s\n", err_text());
	} else if (o.json) {
		say_json(&story, compares);
	} else {
		if (compares)
			replay_text(&story, stdout);
		say(r, &n, &d);
	}
	replay_outcome_free(side);
	replay_other_free(&o.other);
	reader_close(r);
	if (rc)
		return rc == -ERR_NOTFOUND ? EXIT_CHECK : cmd_exit_code(rc);
	return d.any || !n.calls ? EXIT_CHECK : EXIT_OK;
}
