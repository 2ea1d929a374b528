/* cmd_versions - `tandem versions DB`: which versions of a script traded, when, by whose word and why; their texts, and how two of them differ. */
#include "core/base/err.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/row.h"
#include "core/cmd/script_text.h"
#include "core/trade/lineup.h"
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BY_MAX	  40
#define SHA_SHOWN 12 /* digits, in columns: enough to name one by */

enum { OPT_SOURCE = 256, OPT_DIFF };

struct versions {
	const char *path, *instance, *source, *diff, *other;
	bool json;
	struct reader *reader;
	struct fact shadow; /* the newest count, not yet told; kind 0: none */
};

static const struct argp_option options[] = {
	{ "source", OPT_SOURCE, "SHA", 0, "prints the text of a version; the first digits do", 1 },
	{ "diff", OPT_DIFF, "SHA", 0,
	  "how the version SHA2, a second argument, differs from this: DB --diff SHA SHA2", 1 },
	{ "json", 'j', 0, 0, "one JSON object a line", 2 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct versions *v = state->input;
	switch (key) {
	case OPT_SOURCE:
		v->source = arg;
		return 0;
	case OPT_DIFF:
		v->diff = arg;
		return 0;
	case 'j':
		v->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (v->path && !v->instance) {
			v->instance = arg;
			return 0;
		}
		break;
	case ARGP_KEY_END:
		if (v->diff && !v->instance)
			argp_error(state, "two versions are compared: DB --diff SHA SHA2");
		if (v->diff && v->source)
			argp_error(state, "--source and --diff exclude each other");
		break;
	default:
		break;
	}
	return ask_parse(key, arg, state, &v->path);
}

/* ---- texts */

static int show_source(struct versions *v)
{
	char sha[DIGEST_HEX], *text;
	size_t len = 0;
	int rc = script_text(v->reader, v->source, sha, &text, &len);
	if (!rc)
		fwrite(text, 1, len, stdout);
	free(text);
	return rc;
}

static int show_diff(struct versions *v)
{
	fflush(stdout);
	return script_diff(v->reader, v->diff, v->instance, STDOUT_FILENO);
}

/* ---- the list */

/* Whoever asked for it, of the operator's receipt that this one follows from: "reload swap au_gc by ann/17: why". */
static void by_whom(struct reader *r, const struct fact *f, char by[BY_MAX])
{
	struct fact g = *f;
	by[0] = 0;
	for (int hop = 0; hop < 3 && g.cause && !reader_get(r, g.cause, &g); hop++) {
		const char *at = g.kind == FACT_OPERATOR ? strstr(g.text, " by ") : NULL;
		if (at) {
			snprintf(by, BY_MAX, "%.*s", (int)strcspn(at + 4, ":"), at + 4);
			return;
		}
	}
}

static const char *known(const char *name)
{
	return name ? name : "?";
}

static void numbers(const struct fact *f, char *out, size_t cap)
{
	out[0] = 0;
	if (f->kind == FACT_SHADOW)
		snprintf(out, cap,
			 "of %" PRId64 " events the same in %" PRId64
			 ", only the live one in %" PRId64 ", only the shadow in %" PRId64
			 ", otherwise in %" PRId64,
			 f->num[2], f->num[3], f->num[4], f->num[5], f->num[6]);
	else if (f->num[7])
		snprintf(out, cap, " (trades %g%% of the size)", (double)f->num[7] * 1e-4);
	else if (f->num[1])
		snprintf(out, cap, " (%" PRId64 " lines, %" PRId64 " bytes)", f->num[1], f->num[2]);
}

static void show_json(const struct versions *v, const struct fact *f, const char *by)
{
	char line[2048];
	struct json_out j;
	struct row row;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	row_make(&row, v->reader, f);
	row_json(&row, &j);
	if (by[0])
		json_str(&j, "by", by);
	json_obj_end(&j);
	puts(line);
}

static void show(struct versions *v, const struct fact *f)
{
	char time[32], by[BY_MAX], more[200], number[24] = "";
	by_whom(v->reader, f, by);
	if (v->json) {
		show_json(v, f, by);
		return;
	}
	row_time(f->utc_ns, time);
	numbers(f, more, sizeof more);
	if (f->kind == FACT_SCRIPT) /* counts of a shadow do not say which it states */
		snprintf(number, sizeof number, "v%" PRId64, f->num[0]);
	printf("%s  %-12s  %.*s  %-5s %-8s %-18s %s%s\n", time,
	       known(reader_name(v->reader, NAME_INSTANCE, f->instance)), SHA_SHOWN,
	       known(reader_name(v->reader, NAME_SCRIPT, f->script)), number,
	       version_role_name((enum version_role)f->state), by,
	       f->kind == FACT_SCRIPT ? f->text : "", more);
}

/* Of a shadow's counts only the newest before something else happens to a version. */
static void show_shadow(struct versions *v)
{
	if (v->shadow.kind)
		show(v, &v->shadow);
	v->shadow.kind = 0;
}

static int list(struct versions *v)
{
	struct reader_filter q = { 0 };
	struct reader_walk *walk;
	struct fact f;
	int rc = ask_name(v->reader, NAME_INSTANCE, "instance", v->instance, &q.instance);
	if (!rc)
		rc = reader_walk_open(v->reader, &q, &walk);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(walk, &f)) > 0) {
		if (f.kind == FACT_SHADOW) {
			if (v->shadow.script != f.script || v->shadow.instance != f.instance)
				show_shadow(v);
			v->shadow = f;
		} else if (f.kind == FACT_SCRIPT) {
			show_shadow(v);
			show(v, &f);
		}
	}
	show_shadow(v);
	reader_walk_close(walk);
	return rc < 0 ? rc : 0;
}

static int complain(const struct versions *v, int code)
{
	fprintf(stderr, "tandem versions: %s%s%s\n", v->reader ? v->path : "",
		v->reader ? ": " : "", err_text());
	return code;
}

int cmd_versions(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB [INSTANCE]",
		"The versions of the scripts of a host: which came, traded, ran as a shadow, were refused or gone back from; when, by whose word, and why.\v"
		"Works while the host runs, after it was killed, and on a closed store. Texts are kept by their SHA-256, which every receipt names: `tandem query DB "
		"--pair PAIR --json` says which version a pair is of.\n\n"
		"  tandem versions DB au_gc\n"
		"  tandem versions DB --source 3fa2b1\n"
		"  tandem versions DB --diff 3fa2b1 9c0d4e",
		NULL,
		NULL,
		NULL
	};
	struct versions v = { 0 };
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &v);
	if (reader_open(v.path, &v.reader))
		return complain(&v, EXIT_WORLD);
	int rc = v.source ? show_source(&v) : v.diff ? show_diff(&v) : list(&v);
	int code =
		!rc ? EXIT_OK
		    : complain(&v, rc == -ERR_NOTFOUND || rc == -ERR_ARG ? EXIT_CHECK : EXIT_WORLD);
	reader_close(v.reader);
	return code;
}
