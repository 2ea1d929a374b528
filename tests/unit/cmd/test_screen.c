/* Proves that texts are broken at spaces where a terminal ends, that Chinese letters count as two columns, and that no control character passes. */
#include "core/cmd/screen.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

static void shows(const char *text, unsigned at, unsigned hang, unsigned width, const char *want)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);
	screen_text(f, text, at, hang, width);
	fclose(f);
	ck_assert_str_eq(out, want);
	free(out);
}

START_TEST(broken_at_spaces)
{
	shows("one two three", 0, 0, 0, "one two three\n");
	shows("one two three four five six seven eight", 0, 0, 30,
	      "one two three four five six\nseven eight\n");
	shows("", 5, 5, 80, "\n");
	/* To the last column, and not beyond. */
	shows("123456789 123456789 1234567890 x", 0, 0, 30, "123456789 123456789 1234567890\nx\n");
	shows("123456789 123456789 12345678901", 0, 0, 30, "123456789 123456789\n12345678901\n");
	/* A word that fits nowhere stands alone, whole. */
	shows("a 1234567890123456789012345678901234 b", 0, 0, 30,
	      "a\n1234567890123456789012345678901234\nb\n");
}
END_TEST

START_TEST(goes_on_below_its_beginning)
{
	shows("123456789 123456789 123456789 123456789", 10, 4, 40,
	      "123456789 123456789 123456789\n          123456789\n");
	/* Too little room there: further to the left. */
	shows("123456789 123456789 123456789 123456789", 20, 4, 40,
	      "123456789 123456789\n    123456789 123456789\n");
}
END_TEST

START_TEST(wide_letters)
{
	shows("\xe5\x86\x85\xe5\xa4\x96\xe7\x9b\x98 123456789 123456789 1234 x", 0, 0, 30,
	      "\xe5\x86\x85\xe5\xa4\x96\xe7\x9b\x98 123456789 123456789\n1234 x\n");
	shows("d\xc3\xa9j\xc3\xa0 89 123456789 123456789 x", 0, 0, 30,
	      "d\xc3\xa9j\xc3\xa0 89 123456789 123456789 x\n");
}
END_TEST

START_TEST(nothing_commands_a_terminal)
{
	shows("a\033[2Jb\tc\177", 0, 0, 0, "a?[2Jb?c?\n");
	shows("a\033[2Jb\n", 0, 0, 80, "a?[2Jb?\n");
}
END_TEST

SUITE("screen", broken_at_spaces, goes_on_below_its_beginning, wide_letters,
      nothing_commands_a_terminal)
