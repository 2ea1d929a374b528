/* Proves that no text can become part of a page's structure, that a page is whole, and that time along a picture is in the unit it reads best in. */
#include "core/base/err.h"
#include "core/base/page.h"
#include "tests/unit/suite.h"
#include <string.h>

static char *text;
static size_t n_text;

static FILE *begin(void)
{
	return open_memstream(&text, &n_text);
}

START_TEST(text_is_never_structure)
{
	FILE *f = begin();
	page_text(f, "a<b>&\"c\x01");
	page_text(f, NULL);
	fclose(f);
	ck_assert_str_eq(text, "a&lt;b&gt;&amp;&quot;c ");
	free(text);
}
END_TEST

START_TEST(a_page_is_whole)
{
	FILE *f = begin();
	page_open(f, "en", "<script>");
	page_heading(f, 2, "a\"b", "A & B");
	page_para(f, "mind", "mind %d", 1);
	page_para(f, "", "plain");
	page_facts_open(f);
	page_fact(f, "n<", "%s", "<v>");
	page_table_close(f);
	page_table_open(f, "pair|#lots|when");
	page_row_open(f);
	page_code(f, "%x", 255);
	page_number(f, "%d", 3);
	page_cell(f, "now");
	page_row_close(f);
	page_table_close(f);
	ck_assert_int_eq(page_close(f), 0);
	fclose(f);
	ck_assert_ptr_null(strstr(text, "<script"));
	ck_assert_ptr_nonnull(strstr(text, "<title>&lt;script&gt;</title>"));
	ck_assert_ptr_nonnull(strstr(text, "<h1>&lt;script&gt;</h1>"));
	ck_assert_ptr_nonnull(strstr(text, "<h2 id=\"a&quot;b\">A &amp; B</h2>"));
	ck_assert_ptr_nonnull(strstr(text, "<p class=\"mind\">mind 1</p>\n<p>plain</p>"));
	ck_assert_ptr_nonnull(strstr(text, "<tr><th>n&lt;</th><td>&lt;v&gt;</td></tr>"));
	ck_assert_ptr_nonnull(
		strstr(text, "<tr><th>pair</th><th class=\"n\">lots</th><th>when</th></tr>"));
	ck_assert_ptr_nonnull(strstr(
		text, "<tr><td><code>ff</code></td><td class=\"n\">3</td><td>now</td></tr>"));
	ck_assert_str_eq(text + n_text - 15, "</body></html>\n");
	free(text);
}
END_TEST

START_TEST(a_page_that_cannot_be_written_is_an_error)
{
	FILE *f = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(f);
	page_open(f, "en", "title");
	ck_assert_int_eq(page_close(f), -ERR_IO);
	fclose(f);
}
END_TEST

START_TEST(time_is_in_the_unit_of_its_span)
{
	struct {
		int64_t span_ns;
		const char *unit;
	} row[] = { { 4 * 86400000000000, "days" },
		    { 86400000000000, "hours" },
		    { 3600000000000, "minutes" },
		    { 60000000000, "seconds" },
		    { 1000000000, "ms" },
		    { 1000000, "us" },
		    { 1000, "ns" },
		    { 0, "ns" } };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct page_time t = page_time(1000, 1000 + row[i].span_ns);
		ck_assert_str_eq(t.unit, row[i].unit);
		ck_assert_double_eq_tol(page_time_at(&t, 1000 + 2 * t.unit_ns), 2, 1e-9);
	}
}
END_TEST

SUITE("page", text_is_never_structure, a_page_is_whole, a_page_that_cannot_be_written_is_an_error,
      time_is_in_the_unit_of_its_span)
