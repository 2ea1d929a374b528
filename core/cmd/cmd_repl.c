/* tandem repl DB - a console: Lua expressions over what a host does now, or did last. It reads, and changes nothing. */
#include "core/base/err.h"
#include "core/cmd/cmd.h"
#include "core/cmd/live.h"
#include "core/cmd/reach.h"
#include "store/reader.h"
#include <argp.h>
#include <editline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_JSON = 1 };

struct repl {
	struct live live;
	const char *expression;
	bool json;
	struct console *console;
};

static struct console *completing; /* libedit hands nothing on */

static const struct argp_option options[] = {
	{ "eval", 'e', "EXPR", 0, "evaluate one expression, and end", 0 },
	{ "json", OPT_JSON, 0, 0, "each answer as one JSON value a line", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct repl *r = state->input;
	switch (key) {
	case 'e':
		r->expression = arg;
		return 0;
	case OPT_JSON:
		r->json = true;
		return 0;
	default:
		return reach_parse(key, arg, state, &r->live.db);
	}
}

static int evaluate(struct repl *r, const char *line)
{
	if (console_eval(r->console, line, r->json, stdout) == 0) {
		fflush(stdout);
		return EXIT_OK;
	}
	if (r->json)
		cmd_json_failure(stdout, err_text());
	fflush(stdout);
	fprintf(stderr, "%s\n", err_text());
	return EXIT_CHECK;
}

static void help(void)
{
	puts("An expression of Lua, or statements; names that a line sets stay. Each line sees what is so now.\n");
	for (const struct console_name *n = live_names; n->name; n++)
		printf("  %-10s %s\n", n->name, n->text);
	puts("\n  instances.cross.sell_bp - instances.cross.buy_bp\n"
	     "  x = 0; for _, p in ipairs(positions) do x = x + (p.base or 0) end; print(x)\n"
	     "  #receipts(\"fill\", 1000)\n\nend with Ctrl-D");
}

static char *complete(const char *start, int state)
{
	return console_complete(completing, start, (unsigned)state);
}

static char **completions(const char *start, int from, int to)
{
	(void)from;
	(void)to;
	rl_attempted_completion_over = 1; /* no names of files */
	return rl_completion_matches(start, complete);
}

static bool is_word(const char *line, const char *word)
{
	const size_t n = strlen(word);
	return strncmp(line, word, n) == 0 && line[n + strspn(line + n, " \t")] == '\0';
}

static void talk(struct repl *r)
{
	completing = r->console;
	rl_readline_name = (char *)(uintptr_t) "tandem";
	rl_attempted_completion_function = completions;
	rl_completer_word_break_characters = (char *)(uintptr_t) " \t\n+-*/%(){},;=<>~#";
	puts("help lists what there is, Tab completes, Ctrl-D ends");
	for (char *line; (line = readline("> ")) != NULL; free(line)) {
		if (line[strspn(line, " \t")] == '\0')
			continue;
		add_history(line);
		if (is_word(line, "exit") || is_word(line, "quit")) {
			free(line);
			return;
		}
		if (is_word(line, "help"))
			help();
		else
			evaluate(r, line);
	}
	putchar('\n');
}

/* Lines of a file or a pipe: the first that fails ends it. */
static int read_lines(struct repl *r)
{
	char *line = NULL;
	size_t cap = 0;
	int code = EXIT_OK;
	while (!code && getline(&line, &cap, stdin) >= 0)
		if (line[strspn(line, " \t\r\n")] != '\0')
			code = is_word(line, "help\n") ? (help(), EXIT_OK) : evaluate(r, line);
	free(line);
	return code;
}

/* A store is there, even if no host runs on it. */
static int look(const struct repl *r)
{
	struct reader *reader;
	const int rc = reader_open(r->live.db, &reader);
	if (!rc)
		reader_close(reader);
	return rc;
}

int cmd_repl(int argc, char **argv)
{
	static const char doc[] =
		"Repl: a console that evaluates Lua over what the host on DB does now: instances, prices, positions, pairs, limits, receipts.\v"
		"It reads and changes nothing, and has the sandbox and the limits of strategies. Each line sees what is so when it is typed. Without a running host there are the numbers "
		"that it showed last, recorded prices and receipts.\n\n"
		"  tandem repl data/au\n"
		"  tandem repl data/au -e 'instances.au_gc.sell_bp'\n"
		"  tandem repl data/au --json -e 'receipts(\"fill\", 100)' | jq length\n\n"
		"Exit codes: 0 evaluated, 1 a line failed, 4 no store is there.";
	struct repl r = { 0 };
	struct argp argp = { options, parse, "DB", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &r))
		return EXIT_USAGE;
	int rc = look(&r);
	if (!rc)
		rc = console_open(live_names, live_fetch, &r.live, &r.console);
	if (rc)
		return reach_fail("repl", r.json, rc);
	int code = EXIT_OK;
	if (r.expression)
		code = evaluate(&r, r.expression);
	else if (isatty(STDIN_FILENO))
		talk(&r);
	else
		code = read_lines(&r);
	console_close(r.console);
	return code;
}
