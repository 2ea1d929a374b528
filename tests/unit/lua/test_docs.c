/* Proves that every whole strategy which the pages show loads and takes a quote, as do those that ship, and that the page of each
 * of these states its parameters as they are. */
#include "tests/unit/lua/script.h"
#include <glob.h>
#include <math.h>

#define ROOT TANDEM_SOURCE_DIR "/"

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s", path);
	char *text = calloc(1, 1 << 18);
	ck_assert_uint_gt(fread(text, 1, (1 << 18) - 1, f), 0);
	fclose(f);
	return text;
}

/* Loads a text as the linter would, and shows it a market of two legs, flat and with a position. */
static void works(const char *what, const char *text)
{
	static struct lua_host *host;
	struct script t;
	if (!host)
		host = script_host((struct lua_host_options){ .deterministic = true });
	int rc = script_load(&t, host, text);
	ck_assert_msg(rc == 0, "%s: %s", what, err_text());
	for (int lots = -1; lots <= 1; lots++) {
		t.self.pos_lots = lots;
		rc = script_run(&t, STRAT_BASIS);
		ck_assert_msg(rc >= 0, "%s: %s", what, err_text());
	}
	t.s->ops->free(t.s);
}

static const struct page {
	const char *path;
	unsigned strategies; /* how many it shows at least */
} pages[] = {
	{ "README.md", 1 },
	{ "README.zh-CN.md", 1 },
	{ "strategies/README.md", 1 },
	{ "lua/README.md", 0 },
};

START_TEST(of_a_page)
{
	static const char fence[] = "\n```lua\n";
	const struct page *page = &pages[_i];
	char path[512], *text;
	snprintf(path, sizeof(path), ROOT "%s", page->path);
	text = slurp(path);
	unsigned n = 0;
	for (char *at = text; (at = strstr(at, fence)) != NULL;) {
		at += strlen(fence);
		char *end = strstr(at, "\n```");
		ck_assert_msg(end != NULL, "%s: a block without an end", page->path);
		*end = 0;
		if (strstr(at, "tandem.strategy")) {
			works(page->path, at);
			n++;
		}
		at = end + 1;
	}
	ck_assert_msg(n >= page->strategies, "%s shows %u strategies", page->path, n);
	free(text);
}
END_TEST

/* Its tests lie beside a strategy, and are none. */
static bool is_test(const char *path)
{
	return strstr(path, "_test.lua") != NULL;
}

START_TEST(that_ship)
{
	glob_t g;
	ck_assert_int_eq(glob(ROOT "strategies/*.lua", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		if (is_test(g.gl_pathv[i]))
			continue;
		char *text = slurp(g.gl_pathv[i]);
		works(g.gl_pathv[i], text);
		free(text);
	}
	globfree(&g);
}
END_TEST

/* Each parameter has a row: | `name` | default | least to most | */
static void states_parameters(const char *lua, const char *page)
{
	struct script t;
	struct lua_param p;
	char *text = slurp(lua), *rows = slurp(page);
	unsigned n = 0, shown = 0;
	script_must_load(&t, NULL, text);
	for (; lua_host_param(t.s, n, &p); n++) {
		char row[64];
		double value = NAN, min = NAN, max = NAN;
		snprintf(row, sizeof(row), "\n| `%s` | ", p.name);
		const char *at = strstr(rows, row);
		if (at)
			sscanf(at + strlen(row), "%lf | %lf to %lf | ", &value, &min, &max);
		const double off = fabs(value - p.value) + fabs(min - p.min) + fabs(max - p.max);
		ck_assert_msg(off <= 0, "%s has no row%s%.15g | %.15g to %.15g |", page, row,
			      p.value, p.min, p.max);
	}
	double value;
	for (const char *at = rows; (at = strstr(at, "\n| `")) != NULL; at++)
		shown += sscanf(at, "\n| `%*[a-z_]` | %lf |", &value) == 1;
	ck_assert_msg(shown == n, "%s has %u rows, the strategy %u parameters", page, shown, n);
	script_free(&t);
	free(text);
	free(rows);
}

START_TEST(parameters)
{
	glob_t g;
	ck_assert_int_eq(glob(ROOT "strategies/*.lua", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char page[512];
		if (is_test(g.gl_pathv[i]))
			continue;
		int stem = (int)(strlen(g.gl_pathv[i]) - strlen(".lua"));
		snprintf(page, sizeof(page), "%.*s.md", stem, g.gl_pathv[i]);
		states_parameters(g.gl_pathv[i], page);
	}
	globfree(&g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("docs");
	TCase *c = tcase_create("docs");
	tcase_add_loop_test(c, of_a_page, 0, (int)(sizeof(pages) / sizeof(pages[0])));
	tcase_add_test(c, that_ship);
	tcase_add_test(c, parameters);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
