/* Proves that luacheck's lines are understood, and only they. */
#include "core/cmd/luacheck.h"
#include "tests/unit/suite.h"
#include <string.h>

START_TEST(a_finding)
{
	struct lint_finding f;
	ck_assert(luacheck_line("a/x.lua", "a/x.lua:3:7-11: (W211) unused variable 'x'\n", &f));
	ck_assert(f.line == 3 && f.column == 7 && f.severity == LINT_WARNING);
	ck_assert_str_eq(f.code, "W211");
	ck_assert_str_eq(f.text, "unused variable 'x'");
}
END_TEST

START_TEST(how_bad_it_is)
{
	static const struct {
		const char *line;
		enum lint_severity severity;
	} row[] = {
		{ "x:1:1-1: (E011) expected expression", LINT_ERROR },
		{ "x:1:1-1: (W111) setting non-standard global", LINT_ERROR },
		{ "x:1:1-1: (W113) accessing undefined", LINT_ERROR },
		{ "x:1:1-1: (W212) unused argument", LINT_NOTE },
		{ "x:1:1-1: (W213) unused loop variable", LINT_NOTE },
		{ "x:1:1-1: (W511) unreachable code", LINT_WARNING },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct lint_finding f;
		ck_assert(luacheck_line("x", row[i].line, &f));
		ck_assert_msg(f.severity == row[i].severity, "%s", row[i].line);
	}
}
END_TEST

START_TEST(other_lines)
{
	static const char *const line[] = { "",
					    "\n",
					    "x",
					    "x:",
					    "y:1:1-1: (W211) other file",
					    "x:0:1-1: (W211) no line",
					    "x:1:1: (W211) no range",
					    "x:1:1-1: unused",
					    "x:1:1-1: () nothing",
					    "Checking x  OK" };
	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		struct lint_finding f;
		ck_assert_msg(!luacheck_line("x", line[i], &f), "%s", line[i]);
	}
}
END_TEST

SUITE("luacheck", a_finding, how_bad_it_is, other_lines)
