/* Proves that a picture is well-formed whatever its texts and points are, that its axes have round ticks, and that points stand where they should. */
#include "core/base/err.h"
#include "core/base/plot.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <string.h>

static char *drawn(const struct plot *p)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int rc = plot_svg(p, f);
	fclose(f);
	ck_assert_msg(rc == 0, "%s", err_text());
	return text;
}

/* A reader of XML that knows elements, attributes and entities, and nothing else: what it takes is well-formed. */
static void well_formed(const char *s)
{
	char stack[16][16];
	int depth = 0, roots = 0;
	while (*s) {
		if (*s != '<') {
			if (*s == '&')
				ck_assert(!strncmp(s, "&amp;", 5) || !strncmp(s, "&lt;", 4) ||
					  !strncmp(s, "&gt;", 4) || !strncmp(s, "&quot;", 6));
			ck_assert(*s != '>' && ((unsigned char)*s >= ' ' || *s == '\n'));
			ck_assert(depth > 0 || *s == '\n');
			s++;
			continue;
		}
		bool end = *++s == '/';
		s += end;
		size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
		ck_assert(n > 0 && n < 16);
		if (end) {
			ck_assert(depth > 0 && strncmp(stack[--depth], s, n) == 0 &&
				  stack[depth][n] == 0 && s[n] == '>');
			s += n + 1;
			continue;
		}
		ck_assert_int_lt(depth, 16);
		roots += depth == 0;
		memcpy(stack[depth], s, n);
		stack[depth++][n] = 0;
		for (s += n; *s == ' ';) {
			size_t name = strcspn(++s, "=\"<>&");
			ck_assert(name > 0 && s[name] == '=' && s[name + 1] == '"');
			s += name + 2;
			size_t value = strcspn(s, "\"<");
			ck_assert(s[value] == '"');
			s += value + 1;
		}
		if (*s == '/') {
			depth--;
			s++;
		}
		ck_assert(*s++ == '>');
	}
	ck_assert_int_eq(depth, 0);
	ck_assert_int_eq(roots, 1);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;
	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

static const double one_to_five[] = { 1, 2, 3, 4, 5 };

START_TEST(test_line_and_step)
{
	const double y[] = { 0, 25, 50, 75, 100 };
	struct plot p = {
		.title = "t",
		.x = { .label = "x" },
		.y = { .label = "y" },
		.n_series = 2,
		.series = { { .name = "line", .x = one_to_five, .y = y, .n = 5, .points = true },
			    { .name = "step",
			      .x = one_to_five,
			      .y = y,
			      .n = 5,
			      .step = true,
			      .dashed = true } }
	};
	char *text = drawn(&p);
	well_formed(text);
	ck_assert_uint_eq(count(text, "<circle"), 5);
	/* the corners of what is drawn: 76..776 by 48..420 */
	ck_assert_ptr_nonnull(strstr(text, "d=\"M76.0 420.0L251.0 327.0L"));
	ck_assert_ptr_nonnull(strstr(text, "d=\"M76.0 420.0H251.0V327.0H"));
	ck_assert_ptr_nonnull(strstr(text, "cx=\"776.0\" cy=\"48.0\""));
	ck_assert_ptr_nonnull(strstr(text, ">20</text>"));
	ck_assert_ptr_nonnull(strstr(text, ">100</text>"));
	free(text);
}
END_TEST

START_TEST(test_log_axis)
{
	const double x[] = { 0, 1, 10, 100, 500 }, y[] = { 1, 0.9, 0.5, 0.2, 0.1 };
	struct plot p = { .title = "t",
			  .x = { .log = true },
			  .y = { .from = 0, .to = 1 },
			  .n_series = 1,
			  .series = { { .name = "s", .x = x, .y = y, .n = 5, .points = true } } };
	char *text = drawn(&p);
	well_formed(text);
	ck_assert_uint_eq(count(text, "<circle"), 4); /* zero has no place on it */
	static const char *const ticks[] = { ">1<",  ">2<",   ">5<",   ">10<", ">20<",
					     ">50<", ">100<", ">200<", ">500<" };
	for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
		ck_assert_msg(strstr(text, ticks[i]) != NULL, "no tick %s", ticks[i]);
	free(text);
	const double wide[] = { 1e-3, 1e9 }, both[] = { 1, 1 };
	p.series[0] = (struct plot_series){ .name = "w", .x = wide, .y = both, .n = 2 };
	text = drawn(&p);
	ck_assert_ptr_nonnull(strstr(text, ">1e+09<"));
	ck_assert_ptr_null(strstr(text, ">2<"));
	free(text);
}
END_TEST

START_TEST(test_texts_are_escaped)
{
	struct plot p = {
		.title = "a < b & \"c\" > d\n\033",
		.x = { .label = "<script>" },
		.y = { .label = "点差" },
		.n_series = 1,
		.series = { { .name = "&amp;", .x = one_to_five, .y = one_to_five, .n = 5 } }
	};
	char *text = drawn(&p);
	well_formed(text);
	ck_assert_ptr_nonnull(strstr(text, "a &lt; b &amp; &quot;c&quot; &gt; d"));
	ck_assert_ptr_nonnull(strstr(text, "&amp;amp;"));
	ck_assert_ptr_nonnull(strstr(text, "点差"));
	free(text);
}
END_TEST

START_TEST(test_odd_points)
{
	const double x[] = { 1, 2, 3, 4, 5, 6 }, y[] = { 1, NAN, 3, INFINITY, 5, -7 };
	struct plot p = { .title = NULL,
			  .n_series = 1,
			  .series = { { .name = NULL, .x = x, .y = y, .n = 6, .points = true } } };
	char *text = drawn(&p);
	well_formed(text);
	ck_assert_uint_eq(count(text, "<circle"), 4);
	ck_assert_ptr_null(strstr(text, "nan"));
	ck_assert_ptr_null(strstr(text, "inf"));
	free(text);
	/* nothing, one point, and points that are all alike */
	for (size_t n = 0; n < 2; n++) {
		p.series[0].n = n;
		text = drawn(&p);
		well_formed(text);
		ck_assert_ptr_null(strstr(text, "nan"));
		ck_assert_int_eq(strstr(text, "nothing to draw") != NULL, n == 0);
		free(text);
	}
	const double zero[] = { 0, 0, 0 };
	p.series[0] = (struct plot_series){ .name = "flat", .x = zero, .y = zero, .n = 3 };
	text = drawn(&p);
	well_formed(text);
	ck_assert_ptr_null(strstr(text, "nan"));
	free(text);
}
END_TEST

START_TEST(test_refused)
{
	struct plot p = { .n_series = PLOT_SERIES + 1 };
	FILE *f = fopen("/dev/null", "w");
	ck_assert_int_eq(plot_svg(&p, f), -ERR_RANGE);
	p = (struct plot){ .x = { .from = 2, .to = 1 } };
	ck_assert_int_eq(plot_svg(&p, f), -ERR_RANGE);
	p = (struct plot){ .y = { .from = -1, .to = 1, .log = true } };
	ck_assert_int_eq(plot_svg(&p, f), -ERR_RANGE);
	fclose(f);
	f = fopen("/dev/full", "w");
	p = (struct plot){ .title = "no room" };
	ck_assert_int_eq(plot_svg(&p, f), -ERR_IO);
	fclose(f);
}
END_TEST

SUITE("plot", test_line_and_step, test_log_axis, test_texts_are_escaped, test_odd_points,
      test_refused)
