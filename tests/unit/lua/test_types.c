/* Proves that the stubs for editors, the page for writers, and what a strategy really sees have the same names, in both directions. */
#include "tests/unit/lua/script.h"
#include <ctype.h>

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

/* The next name behind a word at the beginning of a line; NULL: none. */
static const char *named(const char *at, const char *word, char name[64])
{
	const size_t n = strlen(word);
	for (; (at = strstr(at, word)) != NULL; at++) {
		size_t k = 0;
		const char *p = at + n;
		while (k < 63 && (isalnum((unsigned char)p[k]) || p[k] == '_'))
			k++;
		memcpy(name, p, k);
		name[k] = 0;
		if (k)
			return p + k;
	}
	return NULL;
}

static bool has_word(const char *text, const char *word)
{
	const size_t n = strlen(word);
	for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
		const char before = at == text ? ' ' : at[-1];
		if (!isalnum((unsigned char)before) && before != '_' &&
		    !isalnum((unsigned char)at[n]) && at[n] != '_')
			return true;
	}
	return false;
}

/* How a hook that is shown such a view is called, and how its fields are read. */
static const struct shown {
	const char *class, *hook, *view, *list; /* list: what an error names, up to its colon */
	enum strat_event_kind kind;
} views[] = {
	{ "Basis", "on_basis(v)", "v", "it has: ", STRAT_BASIS },
	{ "Leg", "on_basis(b)", "b.legs.near", "it has: ", STRAT_BASIS },
	{ "Pair", "on_pair(v)", "v", "it has: ", STRAT_PAIR },
	{ "Quote", "on_quote(v)", "v", "it has: ", STRAT_QUOTE },
	{ "Book", "on_book(v)", "v", "it has: ", STRAT_BOOK },
	{ "Order", "on_order(v)", "v", "it has: ", STRAT_ORDER },
	{ "Session", "on_session(v)", "v", "it has: ", STRAT_SESSION },
	{ "Gap", "on_gap(v)", "v", "it has: ", STRAT_GAP },
	{ "Balance", "on_basis(b)", "self.balance.near", "it has: ", STRAT_BASIS },
	{ "Clock", "on_basis(b)", "self.clock.fx", "it has: ", STRAT_BASIS },
	{ "Position", "on_basis(b)", "self.pos", "it has: ", STRAT_BASIS },
	{ "Window", "on_basis(b)", "window", "it has: ", STRAT_BASIS },
	{ "Ema", "on_basis(b)", "ema", "it has: ", STRAT_BASIS },
};

static int show(struct script *t, const struct shown *x)
{
	static struct book book;
	static const struct instrument in;
	const struct strat_pair_event pair = { .reason = "x" };
	const struct strat_quote_event quote = { 0 };
	const struct strat_book_event depth = { .book = &book, .instrument = &in };
	const struct strat_order_event order = { 0 };
	const struct strat_change change = { 0 };
	const struct strat_event ev = { .kind = (uint8_t)x->kind,
					.basis = &t->b,
					.pair = &pair,
					.quote = &quote,
					.book = &depth,
					.order = &order,
					.change = &change };
	return t->s->ops->run(t->s, &t->self, &ev, t->p, PROPOSAL_MAX);
}

/* 0, or the error of reading it. */
static int reads(const struct shown *x, const char *expression)
{
	struct script t;
	char text[1024];
	snprintf(text, sizeof text,
		 HEAD "local window = tandem.window { name = 'w', count = 5 }\n"
		      "local ema = tandem.ema { name = 'e', count = 5 }\n"
		      "function S:%s\nlocal x = %s\nend\nreturn S\n",
		 x->hook, expression);
	script_must_load(&t, NULL, text);
	int rc = show(&t, x);
	script_free(&t);
	return rc;
}

/* The fields and methods of a class in the stubs, one after the other, into `names` with commas around each. */
static void documented(const char *types, const char *class, char *names, size_t cap)
{
	char head[64], method[64], name[64];
	snprintf(head, sizeof head, "---@class tandem.%s\n", class);
	const char *at = strstr(types, head);
	ck_assert_msg(at != NULL, "no class %s in the stubs", class);
	const char *end = at + strlen(head);
	while (strncmp(end, "---@field", 9) == 0)
		end = strchr(end, '\n') + 1;
	size_t n = (size_t)snprintf(names, cap, ",");
	for (const char *p = at; (p = named(p, "---@field ", name)) && p < end;)
		n += (size_t)snprintf(names + n, cap - n, "%s,", name);
	snprintf(method, sizeof method, "function %s:", class);
	for (const char *p = types; (p = named(p, method, name));)
		n += (size_t)snprintf(names + n, cap - n, "%s,", name);
	ck_assert_uint_lt(n, cap);
}

START_TEST(views_have_what_is_written)
{
	const struct shown *x = &views[_i];
	char names[2048], expression[128], *types = slurp(ROOT "lua/types/tandem.lua");
	documented(types, x->class, names, sizeof names);
	ck_assert_msg(strlen(names) > 2, "%s has nothing", x->class);
	for (char *p = strtok(names, ","); p; p = strtok(NULL, ",")) {
		snprintf(expression, sizeof expression, "%s.%s", x->view, p);
		ck_assert_msg(reads(x, expression) >= 0, "%s: %s", x->class, err_text());
	}
	free(types);
}
END_TEST

START_TEST(what_views_have_is_written)
{
	const struct shown *x = &views[_i];
	char names[2048], name[64], key[80], expression[128];
	char *types = slurp(ROOT "lua/types/tandem.lua");
	documented(types, x->class, names, sizeof names);
	snprintf(expression, sizeof expression, "%s.no_such_field", x->view);
	ck_assert_int_eq(reads(x, expression), -ERR_SCRIPT);
	const char *at = strstr(err_text(), x->list);
	ck_assert_msg(at != NULL, "%s", err_text());
	unsigned n = 0;
	for (at += strlen(x->list); *at;) {
		size_t k = 0;
		while (isalnum((unsigned char)at[k]) || at[k] == '_')
			k++;
		snprintf(name, sizeof name, "%.*s", (int)k, at);
		snprintf(key, sizeof key, ",%s,", name);
		/* Names that carry a leg's are index signatures. */
		if (k && !strstr(name, "near") && strcmp(name, "far") != 0) {
			n++;
			ck_assert_msg(strstr(names, key) != NULL, "%s.%s is not in the stubs",
				      x->class, name);
		}
		at += k;
		at += strcspn(at, ",");
		at += strspn(at, ", ");
		if (strncmp(at, "_", 1) == 0 || strncmp(at, "the same", 8) == 0 ||
		    strncmp(at, "and ", 4) == 0)
			at += strcspn(at, ")") + 3; /* forms of what stands before them */
	}
	ck_assert_uint_gt(n, 0);
	free(types);
}
END_TEST

/* Functions of tandem and of self, hooks, and fields of self: by their definitions in the prelude's own text. */
START_TEST(functions_and_hooks)
{
	static const struct {
		const char *ours, *theirs;
	} pairs[] = { { "\nfunction methods.", "\nfunction Strategy:" },
		      { "\nfunction tandem.", "\nfunction tandem." } };
	char name[64], key[128];
	char *types = slurp(ROOT "lua/types/tandem.lua"), *prelude = slurp(ROOT "lua/prelude.lua"),
	     *view = slurp(ROOT "lua/view.lua"), *page = slurp(ROOT "strategies/README.md");
	unsigned n = 0;
	for (size_t i = 0; i < 2; i++) {
		for (const char *at = prelude; (at = named(at, pairs[i].ours, name)); n++) {
			snprintf(key, sizeof key, "%s%s(", pairs[i].theirs, name);
			ck_assert_msg(strstr(types, key) != NULL, "%s is not in the stubs", name);
			ck_assert_msg(has_word(page, name), "%s is not on the page", name);
		}
		for (const char *at = types; (at = named(at, pairs[i].theirs, name)); n++) {
			snprintf(key, sizeof key, "%s%s(", pairs[i].ours, name);
			ck_assert_msg(strstr(prelude, key) || strcmp(name, "window") == 0 ||
					      strcmp(name, "ema") == 0,
				      "%s is only in the stubs", name);
		}
	}
	const char *hooks = strstr(prelude, "local HOOKS = {");
	ck_assert_ptr_nonnull(hooks);
	for (const char *at = hooks; (at = named(at, " on_", name)) && at < hooks + 400; n++) {
		snprintf(key, sizeof key, "---@field on_%s? fun", name);
		ck_assert_msg(strstr(types, key) != NULL, "on_%s is not in the stubs", name);
		snprintf(key, sizeof key, "on_%s", name);
		ck_assert_msg(has_word(page, key), "on_%s is not on the page", name);
	}
	for (const char *at = types; (at = named(at, "---@field on_", name)); n++) {
		if (strncmp(at, "? fun", 5) != 0)
			continue;
		snprintf(key, sizeof key, "on_%s = ", name);
		ck_assert_msg(strstr(prelude, key) != NULL, "there is no hook on_%s", name);
	}
	for (const char *at = view; (at = named(at, "\n\tmethods.", name)); n++) {
		snprintf(key, sizeof key, "---@field %s ", name);
		ck_assert_msg(strstr(types, key) && has_word(page, name), "self.%s", name);
	}
	ck_assert_uint_gt(n, 50);
	free(types);
	free(prelude);
	free(view);
	free(page);
}
END_TEST

/* Every field of a view that the stubs have is on the page for writers. */
START_TEST(the_page_has_them_all)
{
	char names[2048], *types = slurp(ROOT "lua/types/tandem.lua"),
			  *page = slurp(ROOT "strategies/README.md");
	documented(types, views[_i].class, names, sizeof names);
	for (char *p = strtok(names, ","); p; p = strtok(NULL, ","))
		ck_assert_msg(has_word(page, p), "%s.%s is not on the page", views[_i].class, p);
	free(types);
	free(page);
}
END_TEST

/* What a test may do: the tester's own text, the stubs and the page, in both directions. */
START_TEST(a_test_can_do_what_is_written)
{
	char name[64], key[128];
	char *types = slurp(ROOT "lua/types/tandem_test.lua"),
	     *page = slurp(ROOT "strategies/README.md");
	char *ours[] = { slurp(ROOT "lua/tester.lua"), slurp(ROOT "lua/expect.lua") };
	unsigned n = 0;
	for (size_t i = 0; i < 2; i++)
		for (const char *at = ours[i]; (at = named(at, "\nfunction T:", name)); n++) {
			snprintf(key, sizeof key, "\nfunction Case:%s(", name);
			ck_assert_msg(strstr(types, key) != NULL, "t:%s is not in the stubs", name);
			snprintf(key, sizeof key, "t:%s", name);
			ck_assert_msg(has_word(page, key), "t:%s is not on the page", name);
		}
	for (const char *at = types; (at = named(at, "\nfunction Case:", name)); n++) {
		snprintf(key, sizeof key, "\nfunction T:%s(", name);
		const bool written = strstr(ours[0], key) || strstr(ours[1], key);
		snprintf(key, sizeof key, "\"%s\"",
			 name); /* sent and its like: made of their names */
		ck_assert_msg(written || strstr(ours[0], key), "t:%s is only in the stubs", name);
		snprintf(key, sizeof key, "t:%s", name);
		ck_assert_msg(has_word(page, key), "t:%s is not on the page", name);
	}
	ck_assert_uint_gt(n, 50);
	free(types);
	free(page);
	free(ours[0]);
	free(ours[1]);
}
END_TEST

int main(void)
{
	enum { n = sizeof(views) / sizeof(views[0]) };
	Suite *s = suite_create("types");
	TCase *c = tcase_create("types");
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, views_have_what_is_written, 0, n);
	tcase_add_loop_test(c, what_views_have_is_written, 0, n);
	tcase_add_loop_test(c, the_page_has_them_all, 0, n);
	tcase_add_test(c, functions_and_hooks);
	tcase_add_test(c, a_test_can_do_what_is_written);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
