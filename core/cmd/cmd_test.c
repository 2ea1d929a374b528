/* tandem test FILE... - runs the tests of strategies and prints like a test runner. It connects to nothing, and a strategy trades nothing. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "lua/tester.h"
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JSON_ROOM 8192 /* for one test, escapes included */

enum { OPT_JSON = 1, OPT_ONLY, OPT_LIST };

struct test {
	const char *only;
	bool json, list, colour;
	char **file;
	int n_files, cap;
	struct tester_count n;
	unsigned broken; /* files that fail themselves */
	unsigned told;	 /* elements of the list in JSON */
};

static const struct argp_option options[] = {
	{ "only", OPT_ONLY, "PATTERN", 0,
	  "only tests whose name fits; '*' is anything, and without one it may stand anywhere in the name",
	  0 },
	{ "list", OPT_LIST, 0, 0, "name the tests, run none", 0 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct test *t = state->input;
	static char anywhere[256];
	switch (key) {
	case OPT_JSON:
		t->json = true;
		return 0;
	case OPT_LIST:
		t->list = true;
		return 0;
	case OPT_ONLY:
		if (strlen(arg) + 3 > sizeof anywhere)
			argp_error(state, "--only: the pattern is too long");
		snprintf(anywhere, sizeof anywhere, strchr(arg, '*') ? "%s" : "*%s*", arg);
		t->only = anywhere;
		return 0;
	case ARGP_KEY_ARG:
		t->file[t->n_files++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (t->n_files == 0)
			argp_error(state,
				   "a file of tests is needed, or a strategy with one beside it");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* x.lua stands for x_test.lua, where that lies beside it. */
static const char *test_file(const char *file, char out[4096])
{
	const size_t n = strlen(file);
	if (n < 4 || strcmp(file + n - 4, ".lua") != 0 || n > 4000 ||
	    (n > 9 && strcmp(file + n - 9, "_test.lua") == 0))
		return file;
	snprintf(out, 4096, "%.*s_test.lua", (int)(n - 4), file);
	return access(out, F_OK) == 0 ? out : file;
}

/* ---- for people ---- */

static void print_indented(const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");
		printf("          %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_result(const struct test *t, const struct tester_result *r)
{
	const char *const red = t->colour ? "\033[31m" : "", *const plain =
								     t->colour ? "\033[0m" : "";
	if (t->list) {
		printf("  %s:%d: %s\n", r->file, r->line, r->name);
	} else if (r->ok) {
		printf("  ok      %s\n", r->name);
	} else {
		printf("  %sFAILED%s  %s\n          %s:%d:\n", red, plain, r->name, r->file,
		       r->line);
		print_indented(r->text);
	}
	fflush(stdout);
}

static void print_totals(const struct test *t)
{
	printf("%u %s%u ok, %u failed", t->n.run, t->n.run == 1 ? "test, " : "tests, ",
	       t->n.run - t->n.failed, t->n.failed);
	if (t->n.left_out)
		printf(", %u left out", t->n.left_out);
	if (t->broken)
		printf("; %u %s not run", t->broken, t->broken == 1 ? "file did" : "files did");
	putchar('\n');
}

/* ---- for programs ---- */

static void json_result(struct test *t, const struct tester_result *r)
{
	char buf[JSON_ROOM];
	struct json_out j;
	json_out_init(&j, buf, sizeof buf);
	json_obj(&j, NULL);
	json_str(&j, "file", r->file);
	json_str(&j, "name", r->name);
	json_int(&j, "line", r->line);
	if (!t->list)
		json_bool(&j, "ok", r->ok);
	if (r->text)
		json_str(&j, "text", r->text);
	json_obj_end(&j);
	printf("%s%s", t->told++ ? "," : "", j.full ? "{\"ok\":false,\"text\":\"too long\"}" : buf);
}

static void told(void *arg, const struct tester_result *r)
{
	struct test *t = arg;
	if (t->json)
		json_result(t, r);
	else
		print_result(t, r);
}

static void json_end(const struct test *t)
{
	printf("],\"run\":%u,\"failed\":%u,\"left_out\":%u,\"broken\":%u,\"ok\":%s}\n", t->n.run,
	       t->n.failed, t->n.left_out, t->broken, t->n.failed || t->broken ? "false" : "true");
}

static int run(struct test *t)
{
	const struct tester_options o = {
		.only = t->only, .list = t->list, .told = told, .arg = t
	};
	int worst = EXIT_OK;
	if (t->json)
		printf("{\"tests\":[");
	for (int i = 0; i < t->n_files; i++) {
		char beside[4096];
		const char *file = test_file(t->file[i], beside);
		if (!t->json)
			puts(file);
		const int rc = tester_run(file, &o, &t->n);
		if (!rc)
			continue;
		t->broken++;
		const int code = rc == -ERR_SCRIPT ? EXIT_CHECK : cmd_exit_code(rc);
		worst = code > worst ? code : worst;
		fflush(stdout);
		fprintf(stderr, "tandem test: %s\n", err_text());
	}
	if (t->json)
		json_end(t);
	else if (!t->list)
		print_totals(t);
	if (!worst && !t->broken && t->n.run == 0 && t->only) {
		fprintf(stderr, "tandem test: no test has a name like %s\n", t->only);
		return EXIT_CHECK;
	}
	return worst ? worst : t->n.failed ? EXIT_CHECK : EXIT_OK;
}

int cmd_test(int argc, char **argv)
{
	static const char doc[] =
		"Test: drives strategies through the tests of FILE, and says what each proposed that it should not have, or did not.\v"
		"A test sets the two markets, the position and the clock; the core works out the basis, and the test says what must be proposed. FILE is a file of "
		"tests, or a strategy x.lua whose tests are x_test.lua beside it. strategies/README.md, \"Tools\", shows how one is written.\n\n"
		"  tandem test strategies/executable_cross.lua\n"
		"  tandem test strategies/*_test.lua --only 'closes*'\n"
		"  tandem test my_test.lua --json | jq '.tests[] | select(.ok | not)'\n\n"
		"Exit codes: 0 all held, 1 a test failed or a file is wrong, 4 a file cannot be read.";
	struct test t = { .colour = isatty(STDOUT_FILENO) };
	struct argp argp = { options, parse, "FILE...", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	t.file = calloc((size_t)argc + 1, sizeof *t.file);
	if (!t.file) {
		fprintf(stderr, "tandem test: no memory\n");
		return EXIT_WORLD;
	}
	const int code = argp_parse(&argp, argc, argv, 0, NULL, &t) ? EXIT_USAGE : run(&t);
	free(t.file);
	return code;
}
