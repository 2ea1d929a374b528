/* tandem lint FILE... - what is wrong or slow in a strategy, found before it trades: by its bytecode, by running it on made quotes, and by luacheck. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/luacheck.h"
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_JSON = 1 };

static const char *const severities[lint_severity_max] = { "note", "warning", "error" };

struct lint {
	bool json;
	char **file;
	int n_files;
	bool no_luacheck; /* it is not there */
	unsigned n[lint_severity_max];
	unsigned told; /* elements of the list in JSON */
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct lint *l = state->input;
	switch (key) {
	case OPT_JSON:
		l->json = true;
		return 0;
	case ARGP_KEY_ARG:
		l->file[l->n_files++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (l->n_files == 0)
			argp_error(state, "a strategy's file is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool is_test(const char *file)
{
	const size_t n = strlen(file);
	return n > 9 && strcmp(file + n - 9, "_test.lua") == 0;
}

static int by_line(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;
	return x->line != y->line ? x->line - y->line : x->column - y->column;
}

/* A line that says `lint: ignore` in a remark is as it is meant to be. */
static void drop_ignored(const char *file, struct lint_report *r)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t cap = 0;
	for (int at = 1; f && getline(&line, &cap, f) >= 0; at++) {
		const char *remark = strstr(line, "--");
		if (!remark || !strstr(remark, "lint: ignore"))
			continue;
		unsigned kept = 0;
		for (unsigned k = 0; k < r->n; k++)
			if (r->finding[k].line != at)
				r->finding[kept++] = r->finding[k];
		r->n = kept;
	}
	free(line);
	if (f)
		fclose(f);
}

static void print_finding(const char *file, const struct lint_finding *f)
{
	printf("%s:%d:", file, f->line);
	if (f->column)
		printf("%d:", f->column);
	printf(" %s: %s [%s]\n", severities[f->severity], f->text, f->code);
}

static void json_finding(struct lint *l, const char *file, const struct lint_finding *f)
{
	char buf[4096];
	struct json_out j;
	json_out_init(&j, buf, sizeof buf);
	json_obj(&j, NULL);
	json_str(&j, "file", file);
	json_int(&j, "line", f->line);
	if (f->column)
		json_int(&j, "column", f->column);
	json_str(&j, "severity", severities[f->severity]);
	json_str(&j, "code", f->code);
	json_str(&j, "text", f->text);
	json_obj_end(&j);
	printf("%s%s", l->told++ ? "," : "", buf);
}

static int lint_file(struct lint *l, const char *file)
{
	struct lint_report *r = calloc(1, sizeof *r);
	int rc = r ? 0 : err_set(ERR_NOMEM, "no memory for what is found");
	if (!rc && access(file, R_OK))
		rc = err_set(ERR_IO, "%s: cannot be read", file);
	if (!rc && !is_test(file))
		rc = lint_run(file, r);
	if (!rc)
		rc = luacheck_run(file, is_test(file), r);
	if (rc == -ERR_NOTFOUND) {
		l->no_luacheck = true;
		rc = 0;
	}
	if (!rc) {
		drop_ignored(file, r);
		qsort(r->finding, r->n, sizeof *r->finding, by_line);
	}
	for (unsigned k = 0; !rc && k < r->n; k++) {
		l->n[r->finding[k].severity]++;
		if (l->json)
			json_finding(l, file, &r->finding[k]);
		else
			print_finding(file, &r->finding[k]);
	}
	if (!rc && !l->json && r->more)
		printf("%s: %u more\n", file, r->more);
	if (!rc && !l->json && r->n == 0)
		printf("%s: nothing%s\n", file, r->compiled ? "; on_basis is compiled" : "");
	free(r);
	return rc;
}

static void end(const struct lint *l, bool ok)
{
	if (l->json) {
		printf("],\"errors\":%u,\"warnings\":%u,\"notes\":%u,\"luacheck\":%s,\"ok\":%s}\n",
		       l->n[LINT_ERROR], l->n[LINT_WARNING], l->n[LINT_NOTE],
		       l->no_luacheck ? "false" : "true", ok ? "true" : "false");
		return;
	}
	printf("%u error%s, %u warning%s, %u note%s\n", l->n[LINT_ERROR],
	       l->n[LINT_ERROR] == 1 ? "" : "s", l->n[LINT_WARNING],
	       l->n[LINT_WARNING] == 1 ? "" : "s", l->n[LINT_NOTE],
	       l->n[LINT_NOTE] == 1 ? "" : "s");
}

static int run(struct lint *l)
{
	int code = EXIT_OK;
	if (l->json)
		printf("{\"findings\":[");
	for (int i = 0; i < l->n_files; i++) {
		const int rc = lint_file(l, l->file[i]);
		if (!rc)
			continue;
		fflush(stdout);
		fprintf(stderr, "tandem lint: %s\n", err_text());
		code = EXIT_WORLD;
	}
	const bool found = l->n[LINT_ERROR] || l->n[LINT_WARNING];
	end(l, !code && !found);
	if (l->no_luacheck)
		fprintf(stderr,
			"tandem lint: luacheck is not installed (apt-get install lua-check): nothing was said of unused and shadowed names and of code that is never reached\n");
	return code ? code : found ? EXIT_CHECK : EXIT_OK;
}

int cmd_lint(int argc, char **argv)
{
	static const char doc[] =
		"Lint: what is wrong or slow in the strategies of FILE.\v"
		"Each is loaded as a host would load it, its bytecode is read, and it is called with some thousand made quotes, so that what the compiler gives up on is known. "
		"luacheck, where it is installed, reads the text besides.\n\n"
		"  load, run     it does not load, or a call fails\n"
		"  field         of b, p, self or a library, and not there\n"
		"  global        a name that nothing declares\n"
		"  readonly      what the host shows is not to be set\n"
		"  allocation    a table, a function or a text that every quote makes anew\n"
		"  trace         what cannot be compiled, and the compiler's reason\n"
		"  scratch       what a reload forgets: it belongs into tandem.state\n"
		"  equality      a price compared with == or ~=\n"
		"  W211 ...      luacheck's own numbers\n\n"
		"A line with the remark `-- lint: ignore` is left out. Arguments that nothing reads are notes; all else is a warning or an error.\n\n"
		"  tandem lint strategies/*.lua\n"
		"  tandem lint my_cross.lua --json | jq '.findings[] | select(.severity == \"error\")'\n\n"
		"Exit codes: 0 at most notes, 1 warnings or errors, 4 a file cannot be read.";
	struct lint l = { 0 };
	struct argp argp = { options, parse, "FILE...", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	l.file = calloc((size_t)argc + 1, sizeof *l.file);
	if (!l.file) {
		fprintf(stderr, "tandem lint: no memory\n");
		return EXIT_WORLD;
	}
	const int code = argp_parse(&argp, argc, argv, 0, NULL, &l) ? EXIT_USAGE : run(&l);
	free(l.file);
	return code;
}
