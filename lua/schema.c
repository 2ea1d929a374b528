#include "lua/schema.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "lua/schema_type.h"
#include "lua/suggest.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void schema_error(struct schema *s, const struct tree_node *node, const char *fmt, ...)
{
	char text[480];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	config_errors_add(s->errs, node ? node->line : 0, node ? node->column : 0, "%s", text);
}

/* "venues[1].settle is 5, a time without ...": the path, then what the parser found. */
static void node_error(struct schema *s, const struct tree_node *node, const char *text)
{
	char path[160];
	tree_path(node, path, sizeof(path));
	schema_error(s, node, "%s %s", path, text);
}

void schema_defaults(struct schema *s, const struct section *sec, void *out)
{
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->field[i];
		if (f->type == FIELD_SECTION)
			schema_defaults(s, f->sub, (char *)out + f->offset);
		else if (f->def)
			must(field_put(s, f, f->def, strlen(f->def), false, out) == 0);
	}
}

int64_t schema_find(struct schema *s, const struct tree_node *node, unsigned list, const char *name)
{
	const struct schema_list *l = &s->list[list];
	if (!l->item)
		return -1;
	struct suggest near = { .given = name };
	for (uint32_t i = 0; i < l->n; i++) {
		const char *at = (const char *)l->item + i * l->size;
		if (!strcmp(at, name))
			return i;
		if (*at)
			suggest_offer(&near, at);
	}
	char path[160];
	tree_path(node, path, sizeof(path));
	const char *best = suggest_best(&near);
	if (best)
		schema_error(
			s, node,
			"%s is \"%s\", and there is no %s of that name; it must stand in this file; did you mean \"%s\"?",
			path, name, l->what, best);
	else
		schema_error(
			s, node,
			"%s is \"%s\", and there is no %s of that name; it must stand in this file; add it or name one that does",
			path, name, l->what);
	return -1;
}

/* True when it is written as the type wants it. */
static bool right_kind(struct schema *s, const struct tree_node *node, const struct field *f)
{
	if (field_rules[f->type].kinds & (1u << node->kind))
		return true;
	char path[160], how[160];
	tree_path(node, path, sizeof(path));
	schema_error(s, node, "%s is %s, but must be %s; it is %s; write it so", path,
		     tree_kind_name(node->kind), field_how(f, how, sizeof(how)), f->doc);
	return false;
}

static bool put_ref(struct schema *s, const struct tree_node *node, const struct field *f,
		    void *out)
{
	must(f->ref < SCHEMA_LISTS);
	int64_t index = schema_find(s, node, f->ref, node->text);
	if (index < 0)
		return false;
	memcpy((char *)out + f->offset, &index, f->size);
	return true;
}

bool schema_value(struct schema *s, const struct tree_node *node, const struct field *f, void *out)
{
	if (!right_kind(s, node, f))
		return false;
	if (f->type == FIELD_TABLE)
		return true;
	if (f->type == FIELD_SECTION) {
		schema_read(s, node, f->sub, (char *)out + f->offset);
		return true;
	}
	const char *text =
		node->kind == TREE_BOOL ? (node->boolean ? "true" : "false") : node->text;
	size_t n = node->kind == TREE_BOOL ? strlen(text) : node->len;
	if (strlen(text) != n) {
		node_error(s, node, "holds a zero byte; no setting can; take it out");
		return false;
	}
	if (f->type == FIELD_REF)
		return put_ref(s, node, f, out);
	if (field_put(s, f, text, n, true, out) == 0)
		return true;
	node_error(s, node, err_text());
	return false;
}

/* The field that an unknown key was probably meant to be. */
static const char *nearest_key(const struct section *sec, const char *key)
{
	struct suggest near = { .given = key };
	for (uint32_t i = 0; i < sec->n; i++)
		suggest_offer(&near, sec->field[i].key);
	return suggest_best(&near);
}

static const struct field *find_field(const struct section *sec, const char *key)
{
	for (uint32_t i = 0; i < sec->n; i++)
		if (!strcmp(sec->field[i].key, key))
			return &sec->field[i];
	return NULL;
}

static void unknown_key(struct schema *s, const struct tree_node *node, const struct section *sec)
{
	char path[160], list[240] = "";
	tree_path(node->parent, path, sizeof(path));
	if (!node->key) {
		schema_error(
			s, node,
			"%s holds an entry without a name; settings are `name = value`; write what it sets",
			path);
		return;
	}
	const char *best = nearest_key(sec, node->key);
	size_t at = 0;
	for (uint32_t i = 0; i < sec->n && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "",
				       sec->field[i].key);
	schema_error(s, node,
		     "\"%s\" is no setting of %s; a misspelt one would count as absent; %s%s%s",
		     node->key, path, best ? "did you mean \"" : "there is ", best ? best : list,
		     best ? "\"?" : "");
}

/* A required field is absent; where a misspelt key suggests it, that error says enough. */
static void missing_key(struct schema *s, const struct tree_node *node, const struct section *sec,
			const struct field *f)
{
	for (const struct tree_node *c = node->child; c; c = c->next) {
		const char *best =
			c->key && !find_field(sec, c->key) ? nearest_key(sec, c->key) : NULL;
		if (best && !strcmp(best, f->key))
			return;
	}
	char path[160], how[160];
	tree_path(node, path, sizeof(path));
	schema_error(s, node, "%s has no \"%s\"; it is %s; add %s = ..., %s", path, f->key, f->doc,
		     f->key, field_how(f, how, sizeof(how)));
}

/* `lo` above `hi`, both of them set. */
static void check_order(struct schema *s, const struct tree_node *node, const struct section *sec,
			const void *out)
{
	for (const struct field_order *o = sec->order; o && o->lo; o++) {
		const struct field *lo = find_field(sec, o->lo), *hi = find_field(sec, o->hi);
		must(lo && hi);
		int64_t a = field_load(lo, out), b = field_load(hi, out);
		if (a == 0 || b == 0 || a <= b)
			continue;
		const struct tree_node *at_lo = tree_get(node, o->lo),
				       *at_hi = tree_get(node, o->hi);
		const struct tree_node *at = at_lo ? at_lo : at_hi ? at_hi : node;
		char path[160];
		tree_path(node, path, sizeof(path));
		schema_error(
			s, at,
			"%s: %s (%s) is above %s (%s); the one bounds the other; raise %s or lower %s",
			path, o->lo,
			at_lo	  ? at_lo->text
			: lo->def ? lo->def
				  : "0",
			o->hi,
			at_hi	  ? at_hi->text
			: hi->def ? hi->def
				  : "0",
			o->hi, o->lo);
	}
}

void schema_read(struct schema *s, const struct tree_node *node, const struct section *sec,
		 void *out)
{
	schema_defaults(s, sec, out);
	if (!node)
		return;
	if (node->kind != TREE_TABLE) {
		char path[160];
		tree_path(node, path, sizeof(path));
		schema_error(
			s, node,
			"%s is %s, but must be a table { ... }; it is %s; write `name = value` pairs in braces",
			path, tree_kind_name(node->kind), sec->doc);
		return;
	}
	uint32_t before = s->errs->n;
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->field[i];
		const struct tree_node *child = tree_get(node, f->key);
		if (child) {
			schema_value(s, child, f, out);
		} else if (f->flags & FIELD_REQUIRED) {
			missing_key(s, node, sec, f);
		}
	}
	for (const struct tree_node *c = node->child; c; c = c->next)
		if (!c->key || !find_field(sec, c->key))
			unknown_key(s, c, sec);
	/* Values that could not be read would be compared by their defaults. */
	if (s->errs->n == before)
		check_order(s, node, sec, out);
}

static bool only(struct schema *s, const struct tree_node *node, bool keys, const char *of)
{
	char path[160];
	tree_path(node, path, sizeof(path));
	const char *shape = keys ? "{ name = value, ... }" : "{ { ... }, { ... } }";
	if (node->kind != TREE_TABLE) {
		schema_error(s, node, "%s is %s, but must be a table; it holds %s; write %s", path,
			     tree_kind_name(node->kind), of, shape);
		return false;
	}
	for (const struct tree_node *c = node->child; c; c = c->next)
		if ((c->key != NULL) != keys) {
			schema_error(s, c, "%s has an entry %s; it holds %s; write %s", path,
				     keys ? "without a name" : "with a name, but is a list", of,
				     shape);
			return false;
		}
	return true;
}

bool schema_is_list(struct schema *s, const struct tree_node *node, const char *of)
{
	return only(s, node, false, of);
}

bool schema_is_map(struct schema *s, const struct tree_node *node, const char *of)
{
	return only(s, node, true, of);
}
