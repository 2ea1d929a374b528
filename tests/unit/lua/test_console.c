/* Proves what a console evaluates, prints and refuses, and that a line that runs away costs only itself. */
#include "core/base/err.h"
#include "lua/console.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

enum { ROWS, ONE, BROKEN, CALLED };

static const struct console_name names[] = { { "rows", "rows", false },
					     { "one", "one", false },
					     { "broken", "broken", false },
					     { "called", "called", true },
					     { NULL, NULL, false } };
static unsigned fetches;

static int fetch(void *arg, unsigned name, const char *what, double n, struct console *c)
{
	(void)arg;
	fetches++;
	if (name == BROKEN)
		return err_set(ERR_NOTFOUND, "no host runs there");
	if (name == ONE) {
		console_number(c, NULL, 7);
		return 0;
	}
	console_begin(c);
	for (int i = 0; name == ROWS && i < 2; i++) {
		console_begin(c);
		console_text(c, "name", i ? "b" : "a");
		console_number(c, "qty", i + 0.5);
		console_bool(c, "held", i);
		console_text(c, "none", "");
		console_end(c, NULL);
	}
	if (name == CALLED) {
		console_text(c, "what", what);
		console_number(c, "n", n);
	}
	console_end(c, NULL);
	return 0;
}

static struct console *open_console(void)
{
	struct console *c = NULL;
	const int rc = console_open(names, fetch, NULL, &c);
	ck_assert_msg(rc == 0, "%s", err_text());
	return c;
}

/* What a line prints, or its error behind a '!'. */
static const char *say(struct console *c, const char *line, bool json)
{
	static char text[4000];
	FILE *f = tmpfile();
	ck_assert_ptr_nonnull(f);
	if (console_eval(c, line, json, f)) {
		snprintf(text, sizeof text, "!%s", err_text());
	} else {
		rewind(f);
		text[fread(text, 1, sizeof text - 1, f)] = 0;
	}
	fclose(f);
	return text;
}

START_TEST(lines)
{
	static const char *const row[][2] = {
		{ "1 + 1", "2\n" },
		{ "one", "7\n" },
		{ "rows", "name  held   qty\na     false  0.5\nb     true   1.5\n" },
		{ "rows[2]", "held = true\nname = b\nqty = 1.5\n" },
		{ "#rows, rows[1].qty", "2\n0.5\n" },
		{ "{}", "none\n" },
		{ "nil", "-\n" },
		{ "{ a = { b = 1 } }", "a:\n  b = 1\n" },
		{ "called('fill', 3)", "n = 3\nwhat = fill\n" },
		{ "x = rows[1].qty * 2", "" },
		{ "x", "1\n" }, /* what a line sets stays */
		{ "local s = 0 for _, r in ipairs(rows) do s = s + r.qty end return s", "2\n" },
		{ "math.pow(2, 10)", "1024\n" },
	};
	struct console *c = open_console();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *got = say(c, row[i][0], false);
		ck_assert_msg(strcmp(got, row[i][1]) == 0, "%s\n%s", row[i][0], got);
	}
	console_close(c);
}
END_TEST

START_TEST(for_programs)
{
	static const char *const row[][2] = {
		{ "rows",
		  "[{\"held\":false,\"name\":\"a\",\"qty\":0.5},{\"held\":true,\"name\":\"b\",\"qty\":1.5}]\n" },
		{ "{}", "[]\n" },
		{ "nil", "null\n" },
		{ "0/0", "null\n" },
		{ "'a\"\\\\\\n\\0é'", "\"a\\\"\\\\\\u000a\\u0000é\"\n" },
		{ "1, true", "1\ntrue\n" },
	};
	struct console *c = open_console();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *got = say(c, row[i][0], true);
		ck_assert_msg(strcmp(got, row[i][1]) == 0, "%s\n%s", row[i][0], got);
	}
	console_close(c);
}
END_TEST

START_TEST(what_fails_costs_only_itself)
{
	static const char *const row[][2] = {
		{ "1 +", "near '<eof>'" },
		{ "x = = 2", "unexpected symbol" },
		{ "broken", "no host runs there" },
		{ "nothing", "there is no nothing" },
		{ "os.exit()", "there is no os" },
		{ "io.open('x')", "there is no io" },
		{ "loadstring('x')", "there is no loadstring" },
		{ "one = 3", "read-only" },
		{ "while true do end", "budget" },
		{ "local t = {} while true do t[#t + 1] = ('x'):rep(60000) .. #t end", "memory" },
		{ "local function f() return f() + 1 end return f()", "stack overflow" },
		{ "error({})", "raised a table" },
		{ "\033LJ", "" },
	};
	struct console *c = open_console();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *got = say(c, row[i][0], false);
		ck_assert_msg(got[0] == '!' && strstr(got, row[i][1]), "%s\n%s", row[i][0], got);
		ck_assert_msg(!strstr(got, "console:"), "%s", got);
		ck_assert_str_eq(say(c, "one", false), "7\n");
	}
	console_close(c);
}
END_TEST

/* A name is fetched anew for each line, and once for all of it; what is typed over the copy changes nothing. */
START_TEST(each_line_sees_what_is_so)
{
	struct console *c = open_console();
	fetches = 0;
	say(c, "rows[1].qty + rows[2].qty", false);
	ck_assert_uint_eq(fetches, 1);
	say(c, "rows[1].qty = 99", false);
	ck_assert_str_eq(say(c, "rows[1].qty", false), "0.5\n");
	ck_assert_uint_eq(fetches, 3);
	console_close(c);
}
END_TEST

static unsigned ways(struct console *c, const char *start, const char *first)
{
	unsigned n = 0;
	for (char *name; (name = console_complete(c, start, n)) != NULL; n++) {
		if (n == 0)
			ck_assert_str_eq(name, first);
		free(name);
	}
	return n;
}

START_TEST(names_go_on)
{
	struct console *c = open_console();
	ck_assert_uint_eq(ways(c, "ro", "rows"), 1);
	ck_assert_uint_eq(ways(c, "rows[1].", "rows[1].held"), 3);
	ck_assert_uint_eq(ways(c, "rows[1].q", "rows[1].qty"), 1);
	ck_assert_uint_eq(ways(c, "zzz", ""), 0);
	ck_assert_uint_eq(ways(c, "broken.", ""), 0);
	console_close(c);
}
END_TEST

SUITE("console", lines, for_programs, what_fails_costs_only_itself, each_line_sees_what_is_so,
      names_go_on)
