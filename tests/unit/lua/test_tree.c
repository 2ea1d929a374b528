/* Proves that a Lua file becomes a tree with the line of every part and exact numbers, and that nothing it does can hold the reader up. */
#include "core/base/digest.h"
#include "lua/tree.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tree tree;
static struct config_errors errs;

static const struct tree_node *parse(const char *text)
{
	tree_free(&tree);
	int rc = tree_parse("t.lua", "/folder", text, strlen(text), &tree, &errs);
	if (rc)
		config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(errs.n, 0);
	return tree.root;
}

/* Errors in `text`; the first one's text begins like this, at this line. */
static void fails(const char *text, uint32_t n, int line, const char *begins)
{
	struct tree t;
	ck_assert_int_lt(tree_parse("t.lua", "", text, strlen(text), &t, &errs), 0);
	ck_assert_uint_eq(errs.n, n);
	ck_assert_int_eq(errs.error[0].line, line);
	ck_assert_msg(strstr(errs.error[0].text, begins), "\"%s\" is not in \"%s\"", begins,
		      errs.error[0].text);
	ck_assert_ptr_null(t.root);
}

/* By a way such as "a.b.2.c". */
static const struct tree_node *at(const char *way)
{
	const struct tree_node *n = tree.root;
	char copy[128];
	snprintf(copy, sizeof(copy), "%s", way);
	for (char *key = strtok(copy, "."); key && n; key = strtok(NULL, ".")) {
		const struct tree_node *c = n->child;
		while (c && (c->key ? strcmp(c->key, key) != 0 : c->index != (uint32_t)atoi(key)))
			c = c->next;
		n = c;
	}
	ck_assert_msg(n != NULL, "nothing at %s", way);
	return n;
}

static void stands(const char *way, int line, int column)
{
	const struct tree_node *n = at(way);
	ck_assert_msg(n->line == line && n->column == column, "%s stands at %d:%d, not %d:%d", way,
		      n->line, n->column, line, column);
}

START_TEST(test_kinds)
{
	const struct tree_node *root = parse(
		"return { s = 'x\\0y', n = -5.25, t = true, f = false, l = { 'a', 'b' }, e = {} }");
	ck_assert_uint_eq(root->n_children, 6);
	const struct tree_node *s = tree_get(root, "s");
	ck_assert_int_eq(s->kind, TREE_STRING);
	ck_assert_uint_eq(s->len, 3);
	ck_assert(!memcmp(s->text, "x\0y", 4));
	ck_assert_double_eq(tree_get(root, "n")->number, -5.25);
	ck_assert(tree_get(root, "t")->boolean && tree_get(root, "t")->kind == TREE_BOOL);
	ck_assert(!tree_get(root, "f")->boolean);
	const struct tree_node *l = tree_get(root, "l");
	ck_assert_uint_eq(l->n_children, 2);
	ck_assert_str_eq(l->child->next->text, "b");
	ck_assert_uint_eq(l->child->next->index, 2);
	ck_assert_ptr_eq(l->child->parent, l);
	ck_assert_uint_eq(tree_get(root, "e")->n_children, 0);
	ck_assert_ptr_null(tree_get(root, "absent"));
	ck_assert_ptr_null(tree_get(NULL, "s"));
	for (unsigned k = 0; k < tree_kind_max; k++)
		ck_assert_uint_gt(strlen(tree_kind_name(k)), 1);
}
END_TEST

START_TEST(test_order_is_that_of_the_source)
{
	parse("return { zeta = 1, alpha = 2, mid = 3, beta = 4, [\"quoted key\"] = 5, omega = 6, a1 = 7, b2 = 8, c3 = 9 }");
	static const char *const keys[] = { "zeta",  "alpha", "mid", "beta", "quoted key",
					    "omega", "a1",    "b2",  "c3" };
	const struct tree_node *n = tree.root->child;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++, n = n->next)
		ck_assert_str_eq(n->key, keys[i]);
	ck_assert_ptr_null(n);
}
END_TEST

START_TEST(test_lines)
{
	parse("-- a remark { with = braces\n"
	      "--[==[ a long one\n"
	      "]] { x = 1 } ]==]\n"
	      "local unused = function(a, b) if a then return { q = 1, r = 2 } end end\n"
	      "return {\n"
	      "\ta = 1, b = [[long\n"
	      "text]], c = 'it\\'s, \\\n"
	      "here',\n"
	      "\t['d'] = { 10, { e = 1 }, -- }\n"
	      "\t\t30; [4] = 40 },\n"
	      "\n"
	      "\tf = { g = { h = { i = 5 } } },\n"
	      "}\n");
	stands("a", 6, 2);
	stands("b", 6, 9);
	stands("c", 7, 9);
	stands("d", 9, 2);
	stands("d.1", 9, 12);
	stands("d.2.e", 9, 18);
	stands("d.3", 10, 3);
	stands("d.4", 10, 7);
	stands("f.g.h.i", 12, 20);
	ck_assert_int_eq(tree.root->line, 5);
	ck_assert_str_eq(at("b")->text, "long\ntext");
	ck_assert_str_eq(at("c")->text, "it's, \nhere");
}
END_TEST

START_TEST(test_line_ends)
{
	parse("return {\r\n\ta = 1,\r\n\tb = 2,\r\tc = 3,\n\r\td = 4,\n}");
	stands("a", 2, 2);
	stands("b", 3, 2);
	stands("c", 4, 2);
	stands("d", 5, 2);
	parse("\xef\xbb\xbf#!/usr/bin/env tandem\nreturn { a = 1 }");
	stands("a", 2, 10);
}
END_TEST

START_TEST(test_computed_parts_have_the_nearest_line)
{
	parse("local shared = {\n"
	      "\tx = 0.00075,\n"
	      "}\n"
	      "local rate = 0.10\n"
	      "local made = {}\n"
	      "for i = 1, 3 do\n"
	      "\tmade[i] = { n = i, sum = i * 2 }\n"
	      "end\n"
	      "local function f(a, b) return { k = a, l = b } end\n"
	      "return {\n"
	      "\tone = shared, two = shared,\n"
	      "\tlist = made,\n"
	      "\tcall = f(1, { 2 }), more = (f)(3, 4),\n"
	      "\trate = rate, after = 1 == 1,\n"
	      "\tfun = (function() return { z = 1 } end)(), last = 7,\n"
	      "}\n");
	stands("one", 11, 2);
	stands("one.x", 2, 2);
	stands("two.x", 2, 2);
	stands("list", 12, 2);
	stands("list.3.sum", 12, 2);
	stands("call", 13, 2);
	stands("call.l.1", 13, 2);
	stands("more", 13, 22);
	stands("rate", 14, 2);
	stands("after", 14, 15);
	stands("fun.z", 15, 2);
	stands("last", 15, 45);
	ck_assert_str_eq(at("one.x")->text, "0.00075");
	ck_assert_str_eq(at("rate")->text, "0.10");
	ck_assert_ptr_ne(at("one"), at("two"));
}
END_TEST

START_TEST(test_return_of_a_local)
{
	parse("local c = {\n a = 1,\n b = { c = 2 },\n}\nc.added = 5\nreturn c\n");
	stands("a", 2, 2);
	stands("b.c", 3, 8);
	stands("added", 1, 11);
}
END_TEST

START_TEST(test_numbers_are_exact)
{
	static const struct {
		const char *source, *text;
	} cases[] = {
		{ "0.10", "0.10" },
		{ "12345678901234567890", "12345678901234567890" },
		{ "-7", "-7" },
		{ "1e-8", "1e-8" },
		{ "0x10", "16" },
		{ "1 / 8", "0.125" },
		{ "0.1 + 0.2", "0.3" },
		{ "-  2.50", "-2.50" },
		{ "3", "3" },
		{ ".5", ".5" },
		{ "1e3", "1e3" },
		{ "(4.0)", "4" },
		{ "2 ^ 40", "1099511627776" },
		{ "0.000000001", "0.000000001" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[100];
		snprintf(text, sizeof(text), "return { x = %s, [1] = %s }", cases[i].source,
			 cases[i].source);
		parse(text);
		ck_assert_str_eq(at("x")->text, cases[i].text);
		ck_assert_str_eq(at("1")->text, cases[i].text);
	}
}
END_TEST

START_TEST(test_path)
{
	char path[64];
	parse("return { venues = { { name = 'a' }, { url = { stream = 'b' } } } }");
	tree_path(at("venues.2.url.stream"), path, sizeof(path));
	ck_assert_str_eq(path, "venues[2].url.stream");
	tree_path(tree.root, path, sizeof(path));
	ck_assert_str_eq(path, "the file");
	tree_path(at("venues.2.url.stream"), path, 8);
	ck_assert_str_eq(path, "venues[");
}
END_TEST

START_TEST(test_refused)
{
	fails("return { a = 1, f = print }", 1, 1, "the name 'print' is not defined");
	fails("return {\n a = function() end }", 1, 2, "a: is a function");
	fails("local t = {}\nt.t = t\nreturn t", 1, 1, "t: holds itself");
	fails("local a, b = {}, {}\na.b = b\nb.a = a\nreturn { x = a }", 1, 4,
	      "x.b.a: holds itself");
	fails("return { a = 1,\n a = 2,\n a = 3 }", 2, 2, "\"a\" stands twice");
	fails("return { 'x',\n [1] = 'y' }", 1, 2, "entry 1 stands twice");
	fails("return { 1, nil, 3 }", 1, 1, "the file: entry 2 of the list is nil");
	fails("return { [0] = 1 }", 1, 1, "neither a name nor a whole number");
	fails("return { [1.5] = 1 }", 1, 1, "neither a name nor a whole number");
	fails("return { x = 5ULL }", 1, 1, "x: is neither text nor number");
	fails("return { x = 0/0 }", 1, 1, "is no number to work with");
	fails("x = 1\nreturn {}", 1, 1, "'x' is assigned without being a local");
	fails("return ''", 1, 1, "it returns string, not a table");
	fails("return {", 1, 1, "the text is not Lua");
	fails("\x1bLJ\x02", 1, 0, "is compiled Lua");
	fails("error('x')", 1, 1, "the name 'error' is not defined");
	fails("return ('x'):rep(1e9)", 1, 1, "running the file failed");
	fails("return { ['a\\0b'] = 1 }", 1, 1, "a key with a zero byte");
}
END_TEST

/* All that is wrong is told at once. */
START_TEST(test_errors_are_collected)
{
	fails("return {\n f = function() end,\n g = 1/0,\n h = { function() end },\n i = 1, i = 2,\n}",
	      4, 2, "f: is a function");
	char text[8000] = "return {\n";
	for (int i = 0; i < 150; i++)
		snprintf(text + strlen(text), 50, " x%d = function() end,\n", i);
	strcat(text, "}");
	struct tree t;
	ck_assert_int_lt(tree_parse("t.lua", "", text, strlen(text), &t, &errs), 0);
	ck_assert_uint_eq(errs.n, CONFIG_ERRORS_MAX);
	ck_assert_uint_eq(errs.more, 50);
	for (uint32_t i = 1; i < errs.n; i++)
		ck_assert_int_ge(errs.error[i].line, errs.error[i - 1].line);
}
END_TEST

START_TEST(test_limits)
{
	fails("while true do end", 1, 1, "2 million instructions");
	fails("local s = 'x'\nwhile true do s = s .. s end", 1, 0, "64 MiB of memory");
	fails("local t = {}\nlocal big = {}\nfor i = 1, 300 do big[i] = i end\nfor i = 1, 400 do t[i] = big end\nreturn t",
	      1, 1, "more than 100000 entries");
	fails("local function f() return f() + 1 end\nreturn f()", 1, 0, "running the file failed");
	char deep[400] = "return ";
	for (int i = 0; i < 40; i++)
		strcat(deep, "{");
	for (int i = 0; i < 40; i++)
		strcat(deep, "}");
	fails(deep, 1, 1, "nested deeper than 32");
}
END_TEST

/* 120 constructors deep is legal Lua; the scan must not walk it by recursion without an end. */
START_TEST(test_deep_but_unused)
{
	char text[1000] = "local unused = ";
	for (int i = 0; i < 120; i++)
		strcat(text, "{");
	for (int i = 0; i < 120; i++)
		strcat(text, "}");
	strcat(text, "\nreturn { a = 1 }");
	parse(text);
	stands("a", 2, 10);
}
END_TEST

START_TEST(test_file)
{
	char folder[] = "/tmp/test_tree_XXXXXX", path[64], real[256];
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/c.lua", folder);
	FILE *f = fopen(path, "w");
	fputs("return { a = 1 }", f);
	fclose(f);
	struct tree t;
	ck_assert_int_eq(tree_read(path, &t, &errs), 0);
	ck_assert_str_eq(t.folder, folder);
	snprintf(real, sizeof(real), "%s/c.lua", folder);
	ck_assert_str_eq(t.path, real);
	uint8_t want[32];
	digest_sha256("return { a = 1 }", 16, want);
	ck_assert_mem_eq(t.sha256, want, 32);
	tree_free(&t);
	ck_assert_int_lt(tree_read(folder, &t, &errs), 0);
	ck_assert_ptr_nonnull(strstr(errs.error[0].text, "is not a file"));
	remove(path);
	ck_assert_int_lt(tree_read(path, &t, &errs), 0);
	ck_assert_ptr_nonnull(strstr(errs.error[0].text, "cannot be opened: No such file"));
	f = fopen(path, "w");
	for (unsigned i = 0; i < TREE_FILE_MAX / 4 + 10; i++)
		fputs("    ", f);
	fclose(f);
	ck_assert_int_lt(tree_read(path, &t, &errs), 0);
	ck_assert_ptr_nonnull(strstr(errs.error[0].text, "larger than 1 MiB"));
	remove(path);
	remove(folder);
}
END_TEST

SUITE("tree", test_kinds, test_order_is_that_of_the_source, test_lines, test_line_ends,
      test_computed_parts_have_the_nearest_line, test_return_of_a_local, test_numbers_are_exact,
      test_path, test_refused, test_errors_are_collected, test_limits, test_deep_but_unused,
      test_file)
