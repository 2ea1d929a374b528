/* Whatever bytes stand in a configuration: the reader ends, within its limits, with a tree or with errors, and the tree holds together. */
#include "lua/schema.h"
#include "lua/tree.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Every promise of tree.h that can be seen from outside. */
static void walk(const struct tree_node *n, unsigned depth)
{
	char path[80];
	tree_path(n, path, sizeof(path));
	if (depth > TREE_DEPTH_MAX || n->line < 1 || n->column < 1 || n->kind >= tree_kind_max)
		abort();
	if ((n->kind == TREE_STRING || n->kind == TREE_NUMBER) &&
	    (!n->text || n->text[n->len] != 0))
		abort();
	if (n->kind == TREE_NUMBER && strtod(n->text, NULL) != n->number &&
	    n->text[strspn(n->text, "-0123456789.e+")])
		abort();
	uint32_t children = 0;
	for (const struct tree_node *c = n->child; c; c = c->next, children++) {
		if (c->parent != n || (c->key != NULL) == (c->index != 0))
			abort();
		walk(c, depth + 1);
	}
	if (children != n->n_children)
		abort();
}

/* A section of every type, so that the parsers of values see the texts as well. */
struct target {
	char text[16];
	int64_t number, pair[2];
};

static const char *const words[] = { "wss", "https", NULL };
static const struct field field_of_type[] = {
	{ "x", FIELD_STRING, FIELD_TO(struct target, text), .doc = "" },
	{ "x", FIELD_NAME, FIELD_TO(struct target, text), .doc = "" },
	{ "x", FIELD_PATH, FIELD_TO(struct target, text), .doc = "" },
	{ "x", FIELD_INT, FIELD_TO(struct target, number), .doc = "" },
	{ "x", FIELD_DECIMAL, FIELD_TO(struct target, number), .dp = 8, .doc = "" },
	{ "x", FIELD_DURATION, FIELD_TO(struct target, number), .doc = "" },
	{ "x", FIELD_RATE, FIELD_TO(struct target, number), .dp = 6, .doc = "" },
	{ "x", FIELD_BYTES, FIELD_TO(struct target, number), .doc = "" },
	{ "x", FIELD_RATIO, FIELD_TO(struct target, pair), .doc = "" },
	{ "x", FIELD_TIME, FIELD_TO(struct target, number), .doc = "" },
	{ "x", FIELD_CHOICE, FIELD_TO(struct target, text), .names = words, .doc = "" },
};

static void values(struct schema *s, const struct tree_node *n)
{
	struct target t;
	for (size_t i = 0;
	     n->kind != TREE_TABLE && i < sizeof(field_of_type) / sizeof(field_of_type[0]); i++)
		schema_value(s, n, &field_of_type[i], &t);
	for (const struct tree_node *c = n->child; c; c = c->next)
		values(s, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct config_errors errs;
	struct tree t;
	int rc = tree_parse("fuzz.lua", "/", (const char *)bytes, len, &t, &errs);
	if ((rc == 0) != (errs.n == 0) || (rc == 0) != (t.root != NULL))
		abort();
	if (rc)
		return 0;
	walk(t.root, 0);
	struct schema s = { .tree = &t, .errs = &errs };
	values(&s, t.root);
	tree_free(&t);
	return 0;
}
