#include "lua/tree.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "lua/tree_block.h"
#include "lua/tree_run.h"
#include "lua/tree_scan.h"
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[TREE_TABLE] = "a table",
	[TREE_STRING] = "a text",
	[TREE_NUMBER] = "a number",
	[TREE_BOOL] = "true or false",
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == tree_kind_max, "a name for every kind");

const char *tree_kind_name(enum tree_kind k)
{
	return k < tree_kind_max ? kinds[k] : "?";
}

struct build {
	lua_State *l;
	struct tree *t;
	struct config_errors *errs;
	uint32_t n_nodes;
	unsigned depth;
	const void *
		table[TREE_DEPTH_MAX]; /* those that are being read: one of them again is a cycle */
	bool failed;		       /* no more to be read */
};

static void build_table(struct build *b, struct tree_node *node, const struct scan_table *scan);

static void no_memory(struct build *b)
{
	b->failed = true;
	config_errors_add(b->errs, 0, 0,
			  "no memory to read it; the machine is short of it; end other programs");
}

/* The number as the source has it, where that is what Lua made of it; else its value in decimal. */
static void set_number(struct build *b, struct tree_node *n, const char *written)
{
	n->kind = TREE_NUMBER;
	n->number = lua_tonumber(b->l, -1);
	char text[40];
	bool decimal = written && written[strspn(written, "+-0123456789.eE")] == 0;
	if (!decimal || strtod(written, NULL) != n->number) {
		snprintf(text, sizeof(text), "%.15g", n->number);
		written = text;
	}
	n->len = strlen(written);
	n->text = tree_block_text(&b->t->blocks, written, n->len);
	if (!n->text)
		no_memory(b);
	if (!isfinite(n->number)) {
		char path[128];
		tree_path(n, path, sizeof(path));
		config_errors_add(
			b->errs, n->line, n->column,
			"%s: %s is no number to work with; it came out of a division by zero or "
			"an overflow; write the value out",
			path, text);
	}
}

static void refuse(struct build *b, const struct tree_node *n, const char *what, const char *why)
{
	char path[128];
	tree_path(n, path, sizeof(path));
	config_errors_add(b->errs, n->line, n->column,
			  "%s: %s; %s; only tables, texts, numbers, true and false may stand here",
			  path, what, why);
}

/* The value on top of the stack. */
static void set_value(struct build *b, struct tree_node *n, const struct scan_value *scan)
{
	switch (lua_type(b->l, -1)) {
	case LUA_TTABLE:
		n->kind = TREE_TABLE;
		build_table(b, n, scan ? scan->table : NULL);
		return;
	case LUA_TSTRING: {
		n->kind = TREE_STRING;
		const char *s = lua_tolstring(b->l, -1, &n->len);
		n->text = tree_block_text(&b->t->blocks, s, n->len);
		if (!n->text)
			no_memory(b);
		return;
	}
	case LUA_TNUMBER:
		set_number(b, n, scan ? scan->number : NULL);
		return;
	case LUA_TBOOLEAN:
		n->kind = TREE_BOOL;
		n->boolean = lua_toboolean(b->l, -1);
		return;
	case LUA_TFUNCTION:
		refuse(b, n, "is a function",
		       "a configuration is data, and is compared and receipted as such");
		return;
	default:
		refuse(b, n, "is neither text nor number",
		       "a literal such as 1LL or 2i makes a value that cannot be read");
	}
}

/* The key is below the value on the stack. False: it was refused. */
static bool set_key(struct build *b, struct tree_node *n)
{
	if (lua_type(b->l, -2) == LUA_TSTRING) {
		size_t len;
		const char *s = lua_tolstring(b->l, -2, &len);
		n->key = tree_block_text(&b->t->blocks, s, len);
		if (!n->key)
			no_memory(b);
		if (strlen(s) == len)
			return true;
		refuse(b, n->parent, "has a key with a zero byte", "no setting has such a name");
		return false;
	}
	double v = lua_type(b->l, -2) == LUA_TNUMBER ? lua_tonumber(b->l, -2) : 0;
	n->index = v >= 1 && v <= TREE_NODES_MAX ? (uint32_t)v : 0;
	if (n->index != 0 && v == (double)n->index)
		return true;
	refuse(b, n->parent, "has a key that is neither a name nor a whole number from 1",
	       "no setting can have it");
	return false;
}

static int node_order(const void *pa, const void *pb)
{
	const struct tree_node *a = *(struct tree_node *const *)pa,
			       *b = *(struct tree_node *const *)pb;
	if (!a->key || !b->key)
		return a->key ? 1 : b->key ? -1 : a->index < b->index ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return strcmp(a->key, b->key);
}

/* Lua hands entries out in the order of its hash; ours is that of the source. */
static void order_children(struct build *b, struct tree_node *node, struct tree_node *newest)
{
	struct tree_node **sorted = calloc(node->n_children + 1, sizeof(struct tree_node *));
	if (!sorted) {
		no_memory(b);
		return;
	}
	uint32_t n = 0;
	for (struct tree_node *c = newest; c; c = (struct tree_node *)c->next)
		sorted[n++] = c;
	qsort(sorted, n, sizeof(struct tree_node *), node_order);
	for (uint32_t i = 0; i < n; i++)
		sorted[i]->next = sorted[i + 1];
	node->child = sorted[0];
	for (uint32_t i = 0; i < n && !sorted[i]->key; i++)
		if (sorted[i]->index != i + 1) {
			char path[128];
			tree_path(node, path, sizeof(path));
			config_errors_add(
				b->errs, node->line, node->column,
				"%s: entry %u of the list is nil; what stands behind a hole would be lost without a word; "
				"write the entry or take its place out",
				path, i + 1);
			break;
		}
	free(sorted);
}

/* The entry whose key and value are on top of the stack; NULL: refused or no memory. */
static struct tree_node *build_entry(struct build *b, struct tree_node *parent,
				     const struct scan_table *scan)
{
	if (++b->n_nodes > TREE_NODES_MAX) {
		b->failed = true;
		config_errors_add(
			b->errs, parent->line, parent->column,
			"there are more than %u entries by here; a configuration of that size is a mistake; take the loop "
			"or the repeated table out",
			TREE_NODES_MAX);
		return NULL;
	}
	struct tree_node *n = tree_block_take(&b->t->blocks, sizeof(*n));
	if (!n) {
		no_memory(b);
		return NULL;
	}
	*n = (struct tree_node){ .parent = parent, .line = parent->line, .column = parent->column };
	if (!set_key(b, n))
		return NULL;
	const struct scan_entry *e = scan_find(scan, n->key, n->index);
	if (e) {
		n->line = e->line;
		n->column = e->column;
	}
	set_value(b, n, e ? &e->value : NULL);
	return n;
}

/* False: the table on top of the stack cannot be read. */
static bool may_enter(struct build *b, const struct tree_node *node)
{
	const void *p = lua_topointer(b->l, -1);
	for (unsigned i = 0; i < b->depth; i++)
		if (b->table[i] == p) {
			refuse(b, node, "holds itself", "such a table has no end");
			return false;
		}
	if (lua_getmetatable(b->l, -1)) {
		lua_pop(b->l, 1);
		refuse(b, node, "has a metatable", "what it holds would not be what is read");
		return false;
	}
	if (b->depth == TREE_DEPTH_MAX || !lua_checkstack(b->l, 4)) {
		refuse(b, node, "is nested deeper than 32 tables", "no configuration is");
		return false;
	}
	b->table[b->depth++] = p;
	return true;
}

static void build_table(struct build *b, struct tree_node *node, const struct scan_table *scan)
{
	if (!may_enter(b, node))
		return;
	struct tree_node *newest = NULL;
	lua_pushnil(b->l);
	while (lua_next(b->l, -2)) {
		struct tree_node *n = b->failed ? NULL : build_entry(b, node, scan);
		if (n) {
			n->next = newest;
			newest = n;
			node->n_children++;
		}
		lua_pop(b->l, 1);
	}
	b->depth--;
	if (!b->failed)
		order_children(b, node, newest);
}

int tree_parse(const char *name, const char *folder, const char *text, size_t len, struct tree *t,
	       struct config_errors *errs)
{
	config_errors_init(errs, name);
	*t = (struct tree){ .root = NULL };
	snprintf(t->file, sizeof(t->file), "%s", name);
	snprintf(t->folder, sizeof(t->folder), "%s", folder);
	digest_sha256(text, len, t->sha256);
	struct tree_run run;
	lua_State *l = tree_run(&run, text, len, errs);
	if (!l)
		return err_set(ERR_CONFIG, "%s is not a configuration", name);
	struct build b = { .l = l, .t = t, .errs = errs };
	const struct scan_table *scan = scan_source(text, len, &t->blocks, errs);
	struct tree_node *root = tree_block_take(&t->blocks, sizeof(*root));
	if (root) {
		root->line = scan ? scan->line : 1;
		root->column = scan ? scan->column : 1;
		build_table(&b, root, scan);
		t->root = root;
	} else {
		no_memory(&b);
	}
	lua_close(l);
	if (errs->n == 0)
		return 0;
	config_errors_sort(errs);
	tree_free(t);
	return err_set(ERR_CONFIG, "%s has %u errors", name, errs->n + errs->more);
}

void tree_free(struct tree *t)
{
	tree_block_free(t->blocks);
	t->blocks = NULL;
	t->root = NULL;
}

const struct tree_node *tree_get(const struct tree_node *node, const char *key)
{
	for (const struct tree_node *n = node ? node->child : NULL; n; n = n->next)
		if (n->key && !strcmp(n->key, key))
			return n;
	return NULL;
}

void tree_path(const struct tree_node *node, char *out, size_t cap)
{
	if (!node || !node->parent) {
		snprintf(out, cap, "the file");
		return;
	}
	const struct tree_node *way[TREE_DEPTH_MAX + 1];
	unsigned n = 0;
	for (; node->parent && n < TREE_DEPTH_MAX + 1; node = node->parent)
		way[n++] = node;
	size_t at = 0;
	out[0] = 0;
	while (n-- > 0 && at < cap) {
		int put = way[n]->key
				  ? snprintf(out + at, cap - at, "%s%s", at ? "." : "", way[n]->key)
				  : snprintf(out + at, cap - at, "[%u]", way[n]->index);
		at += put > 0 ? (size_t)put : 0;
	}
}
