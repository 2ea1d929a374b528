/* cmd_explain - `tandem explain DB PAIR`: one pair's story, from the quote that decided it to its end, with microseconds. */
#include "core/base/err.h"
#include "core/cmd/cmd.h"
#include "core/cmd/explain.h"
#include "core/cmd/screen.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACK_MAX    1000
#define SHOWN_PAIRS 5

enum { OPT_HTML = 256, OPT_TZ, OPT_ASCII };

struct verb {
	const char *path, *which, *html;
	bool json;
	struct explain e;
};

static const struct argp_option options[] = {
	{ "json", 'j', 0, 0, "one JSON object", 0 },
	{ "html", OPT_HTML, "FILE", 0, "one page that fetches nothing, into this file", 0 },
	{ "ascii", OPT_ASCII, 0, 0,
	  "the time line without signs beyond ASCII; so also where the terminal has no UTF-8", 0 },
	{ "tz", OPT_TZ, "ZONE", 0,
	  "times by this clock: Asia/Shanghai, +08:00, local; UTC where it is not given", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct verb *v = state->input;
	switch (key) {
	case 'j':
		v->json = true;
		return 0;
	case OPT_HTML:
		v->html = arg;
		return 0;
	case OPT_ASCII:
		v->e.ascii = true;
		return 0;
	case OPT_TZ:
		if (tz_set(arg))
			argp_error(state, "--tz %s: %s", arg, err_text());
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "one pair at a time: %s is a second", arg);
		*(state->arg_num ? &v->which : &v->path) = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "a store and a pair are needed: DB PAIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- which pair */

static int back(struct verb *v, uint32_t k, uint64_t *pair)
{
	uint64_t id[BACK_MAX];
	uint32_t n;
	int rc = reader_last_pairs(v->e.reader, id, k, &n);
	if (rc)
		return rc;
	if (n < k)
		return err_set(ERR_NOTFOUND, "there are only %u pairs", n);
	*pair = id[k - 1];
	return 0;
}

/* "last"; a short number counts back, 1 is the last; 16 hex digits are an id. */
static int find_pair(struct verb *v, uint64_t *pair)
{
	char *end;
	size_t n = strlen(v->which);
	if (strcmp(v->which, "last") == 0)
		return back(v, 1, pair);
	if (n <= 4 && n > 0 && strspn(v->which, "0123456789") == n && atoi(v->which) > 0 &&
	    atoi(v->which) <= BACK_MAX)
		return back(v, (uint32_t)atoi(v->which), pair);
	*pair = strtoull(v->which, &end, 16);
	if (*end || !n || n > 18 || v->which[0] == '-')
		return err_set(ERR_NOTFOUND,
			       "\"%s\" is no pair: 16 hex digits, \"last\", or how many back "
			       "(1 to %d)",
			       v->which, BACK_MAX);
	return 0;
}

/* Whoever asked for a wrong pair sees which there are. */
static int not_there(struct verb *v)
{
	uint64_t id[SHOWN_PAIRS];
	uint32_t n;
	fprintf(stderr, "tandem explain: %s: %s\n", v->path, err_text());
	if (reader_last_pairs(v->e.reader, id, SHOWN_PAIRS, &n) || n == 0) {
		fprintf(stderr, "  there are no pairs among its %" PRIu64 " receipts\n",
			reader_last(v->e.reader));
		return EXIT_CHECK;
	}
	fprintf(stderr, n == 1 ? "  the only pair is" : "  the last %u pairs are", n);
	for (uint32_t i = 0; i < n; i++)
		fprintf(stderr, " %016" PRIx64, id[i]);
	fputc('\n', stderr);
	return EXIT_CHECK;
}

static int world(void)
{
	fprintf(stderr, "tandem explain: %s\n", err_text());
	return EXIT_WORLD;
}

static int write_page(struct explain *e, const char *path)
{
	FILE *f = fopen(path, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	int rc = explain_html(e, f);
	if (fclose(f) && !rc)
		rc = err_set(ERR_IO, "%s: %s", path, strerror(errno));
	return rc;
}

static int show(struct verb *v)
{
	int rc = v->html ? write_page(&v->e, v->html) : 0;
	if (!rc && v->json)
		rc = explain_json(&v->e, stdout);
	else if (!rc && !v->html)
		explain_text(&v->e, stdout);
	if (!rc && v->html && !v->json)
		printf("%s\n", v->html);
	return rc;
}

static int answer(struct verb *v)
{
	struct story *s = &v->e.story;
	uint64_t pair = 0;
	int rc = find_pair(v, &pair);
	if (!rc)
		rc = story_gather(v->e.reader, pair, s);
	if (rc == -ERR_NOTFOUND)
		return not_there(v);
	if (!rc) {
		tell_plain(s->asked.text);
		tell_plain(s->why);
		lanes_make(s, &v->e.lanes);
		rc = show(v);
	}
	story_free(s);
	return rc ? world() : EXIT_OK;
}

int cmd_explain(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB PAIR",
		"One pair's story: the quotes and the decision, the orders, what the venues "
		"answered, the rescue if there was one, and how it ended.\v"
		"PAIR is an id (16 hex digits), \"last\", or a number: how many pairs back, 1 is "
		"the last. Times are microseconds since the quote arrived that decided it; what one turn "
		"decides and sends has that turn's time. A bar a leg shows when its orders were on their way, "
		"worked, filled and ended; an order that rescues has a bar of its own kind. Works while the host runs and on the store of a "
		"host that was killed.\n\n"
		"  tandem explain DB last\n"
		"  tandem explain DB 3\n"
		"  tandem explain DB 0000010000000001 --json\n"
		"  tandem explain DB last --html pair.html",
		NULL,
		NULL,
		NULL
	};
	static struct verb v;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &v);
	v.e.width = screen_width(stdout);
	v.e.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	v.e.ascii = v.e.ascii || !screen_utf8();
	if (reader_open(v.path, &v.e.reader))
		return world();
	int code = answer(&v);
	reader_close(v.e.reader);
	return code;
}
