/* Proves on random tables that every entry comes out with the value, the order and the very place at which it was written, whatever
 * remarks, line ends and separators stand between. A failure names its seed. */
#include "core/base/rng.h"
#include "lua/tree.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 200000
#define ENTRIES	 400
#define DEPTH	 6

/* What was written, in the order of writing: the naive model of the tree. */
struct written {
	char key[24];	/* empty: positional */
	uint32_t index; /* positional */
	int line, column;
	int parent; /* -1: the root */
	int kind;
	char text[40];
};

static char text[TEXT_MAX];
static size_t len;
static int line, column;
static struct written model[ENTRIES];
static int n_model;
static struct rng rng;

static unsigned below(unsigned n)
{
	return (unsigned)rng_below(&rng, n);
}

static void out(const char *s)
{
	for (; *s; s++) {
		text[len++] = *s;
		column++;
		if (*s == '\n') {
			line++;
			column = 1;
		}
	}
	text[len] = 0;
}

/* Anything that means nothing. */
static void blank(void)
{
	static const char *const some[] = {
		" ",
		"\n",
		"\t",
		"  \n\n ",
		"-- a = { 1, 2 }\n",
		"--[[ } ]] ",
		"--[==[ x = {\n ]] \n]==]",
		" ",
		"",
		"",
		"--\n",
		"--[ y = 1\n",
	};
	for (unsigned i = below(3); i > 0; i--)
		out(some[below(sizeof(some) / sizeof(some[0]))]);
}

static void write_table(int parent, int depth);

static void write_key(struct written *w, uint32_t *positional)
{
	static const char *const forms[][2] = {
		{ "", "" },	    { "[\"", "\"]" },	  { "['", "']" },
		{ "[ [[", "]] ]" }, { "[\n\"", "\"\n]" },
	};
	if (below(3) == 0) {
		w->index = ++*positional;
		return;
	}
	/* A short name is likely a keyword, so names carry a number. */
	snprintf(w->key, sizeof(w->key), "k%d_%u", n_model, below(1000));
	const char *const *form = forms[below(5)];
	out(form[0]);
	out(w->key);
	out(form[1]);
	blank();
	out("=");
	blank();
}

static void write_value(struct written *w, int self, int depth)
{
	static const char *const strings[][2] = {
		{ "'", "'" },
		{ "\"", "\"" },
		{ "[[", "]]" },
		{ "[==[\n", "]==]" },
	};
	static const char *const inner[] = { "",      "} , {", "-- no remark",
					     "a = 1", "]=x",   "function(" };
	const char *const *quotes;
	switch (depth < DEPTH ? below(5) : 1 + below(4)) {
	case 0:
		w->kind = TREE_TABLE;
		write_table(self, depth + 1);
		return;
	case 1:
		w->kind = TREE_NUMBER;
		snprintf(w->text, sizeof(w->text), "%s%u.%03u", below(2) ? "-" : "", below(100000),
			 below(1000));
		out(w->text);
		return;
	case 2:
		w->kind = TREE_BOOL;
		strcpy(w->text, below(2) ? "true" : "false");
		out(w->text);
		return;
	case 3: /* computed: only its value is known */
		w->kind = TREE_NUMBER;
		out("(function() local t = { x = 1, y = { 2 } } if t.x == 1 then return 7 end end)()");
		strcpy(w->text, "7");
		return;
	default:
		w->kind = TREE_STRING;
		strcpy(w->text, inner[below(6)]);
		quotes = strings[below(4)];
		out(quotes[0]);
		out(w->text);
		out(quotes[1]);
	}
}

static void write_table(int parent, int depth)
{
	uint32_t positional = 0;
	out("{");
	blank();
	for (unsigned i = below(8); i > 0 && n_model < ENTRIES && len < TEXT_MAX / 2; i--) {
		int self = n_model++;
		struct written *w = &model[self];
		*w = (struct written){ .line = line, .column = column, .parent = parent };
		write_key(w, &positional);
		write_value(w, self, depth);
		blank();
		out(below(2) ? "," : ";");
		blank();
	}
	out("}");
}

static int checked;

/* The children of one table against the model's entries with that parent: positional ones first, then by place. */
static void check(const struct tree_node *node, int parent, unsigned seed)
{
	const struct tree_node *c = node->child;
	for (int keyed = 0; keyed < 2; keyed++)
		for (int i = 0; i < n_model; i++) {
			const struct written *w = &model[i];
			if (w->parent != parent || (w->key[0] != 0) != keyed)
				continue;
			EXPECT_MSG(c != NULL, "seed %u: entry %d is missing", seed, i);
			EXPECT_MSG(keyed ? c->key && !strcmp(c->key, w->key) : c->index == w->index,
				   "seed %u: another key at entry %d", seed, i);
			EXPECT_MSG(c->line == w->line && c->column == w->column,
				   "seed %u: entry %d at %d:%d, not %d:%d", seed, i, c->line,
				   c->column, w->line, w->column);
			EXPECT_MSG(c->kind == w->kind, "seed %u: entry %d of another kind", seed,
				   i);
			const char *is =
				c->kind == TREE_BOOL ? (c->boolean ? "true" : "false") : c->text;
			EXPECT_MSG(c->kind == TREE_TABLE || !strcmp(is, w->text),
				   "seed %u: entry %d is %s, not %s", seed, i, is, w->text);
			checked++;
			if (c->kind == TREE_TABLE)
				check(c, i, seed);
			c = c->next;
		}
	EXPECT_MSG(c == NULL, "seed %u: more entries than were written", seed);
}

START_TEST(test_places)
{
	static struct config_errors errs;
	for (unsigned seed = 1; seed <= 500; seed++) {
		rng_seed(&rng, seed);
		len = 0;
		n_model = 0;
		line = column = 1;
		blank();
		out(below(2) ? "return" : "local c =");
		blank();
		out(" ");
		bool local = strstr(text, "local c =") != NULL;
		write_table(-1, 0);
		out(local ? "\nreturn c" : "\n");
		struct tree t;
		int rc = tree_parse("prop.lua", "", text, len, &t, &errs);
		EXPECT_MSG(rc == 0, "seed %u: line %d: %s\n%s", seed, errs.error[0].line,
			   errs.error[0].text, text);
		check(t.root, -1, seed);
		tree_free(&t);
	}
	ck_assert_int_gt(checked, 3000);
}
END_TEST

SUITE("tree", test_places)
