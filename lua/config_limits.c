/* config_limits - the list `limits`: one row for each bound that `risk` has no key for, or that holds for a part of the host only. */
#include "core/trade/limit.h"
#include "lua/config_part.h"
#include "lua/suggest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMITS_MAX 1024
#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))

/* What a row says before it is understood. */
struct row {
	char limit[LIMIT_WORDS], value[64], scope[96], action[16];
	int64_t warn_pct;
};
#define TO(m) FIELD_TO(struct row, m)

static const char *const actions[] = {
#define NAME(id, text) text,
	LIMIT_ACTIONS(NAME)
#undef NAME
		NULL
};
_Static_assert(COUNT(actions) == limit_action_max + 1, "a word for every action");

static const struct field limit_fields[] = {
	{ "limit", FIELD_NAME, TO(limit), .flags = FIELD_REQUIRED,
	  .doc = "which limit: its name in receipts, with or without its unit; `tandem limits` lists those at work" },
	{ "value", FIELD_WRITTEN, TO(value), .flags = FIELD_REQUIRED,
	  .doc = "the bound, written as its unit wants: 12000, \"0.5\", \"250ms\", \"20bp\"" },
	{ "scope", FIELD_STRING, TO(scope), .def = "global",
	  .doc = "where it holds: \"global\", \"venue:NAME\", \"account:NAME\", \"instrument:NAME\", \"instance:NAME\", or \"pair\" for each pair" },
	{ "action", FIELD_CHOICE, TO(action), .names = actions,
	  .doc = "what happens when it is gone beyond, beside the refusal; each limit has one of its own" },
	{ "warn", FIELD_RATE, TO(warn_pct), .dp = 2, .min = "1%", .max = "100%",
	  .doc = "at which part of the bound you are alerted; of what is watched all the time at 80% where it is not said" },
};
const struct section config_limits = {
	"limits",
	"bounds beside those of `risk`, each with where it holds and what it does; a list of tables",
	limit_fields, COUNT(limit_fields), NULL
};

/* The scopes that name something, and the list that has it. */
static const struct {
	uint8_t scope, list;
} named[] = {
	{ SCOPE_VENUE, LIST_VENUE },
	{ SCOPE_ACCOUNT, LIST_ACCOUNT },
	{ SCOPE_INSTRUMENT, LIST_INSTRUMENT },
	{ SCOPE_INSTANCE, LIST_INSTANCE },
};

static bool read_scope(struct config_part *p, const struct tree_node *node, const char *text,
		       struct config_limit *c)
{
	const char *colon = strchr(text, ':');
	const size_t n = colon ? (size_t)(colon - text) : strlen(text);
	for (unsigned k = 0; colon && k < COUNT(named); k++) {
		const char *word = limit_scope_name((enum limit_scope)named[k].scope);
		if (strlen(word) != n || memcmp(word, text, n) != 0)
			continue;
		int64_t index = schema_find(&p->schema, node, named[k].list, colon + 1);
		c->scope = named[k].scope;
		c->index = (uint32_t)index;
		return index >= 0;
	}
	c->scope = strcmp(text, "pair") == 0 ? SCOPE_PAIR : SCOPE_GLOBAL;
	if (!colon && (c->scope == SCOPE_PAIR || strcmp(text, "global") == 0))
		return true;
	schema_error(
		&p->schema, node,
		"\"%s\" is no scope; a limit holds for a part of the host; write \"global\", \"venue:NAME\", \"account:NAME\", \"instrument:NAME\", \"instance:NAME\" or \"pair\"",
		text);
	return false;
}

static enum risk_limit read_name(struct config_part *p, const struct tree_node *node,
				 const char *name)
{
	struct suggest near = { .given = name };
	static char key[risk_limit_max][LIMIT_WORDS];
	enum risk_limit l = limit_find(name, strlen(name));
	if (l)
		return l;
	for (unsigned k = 1; k < risk_limit_max; k++)
		if (limit_scopes_of((enum risk_limit)k)) {
			limit_key((enum risk_limit)k, key[k]);
			suggest_offer(&near, key[k]);
		}
	const char *best = suggest_best(&near);
	schema_error(&p->schema, node,
		     "\"%s\" is no limit that can be set; it would bound nothing; %s%s%s", name,
		     best ? "did you mean \""
			  : "`tandem check --explain limits` tells how a row is written",
		     best ? best : "", best ? "\"?" : "");
	return RISK_LIMIT_NONE;
}

/* The bound, as the unit of its limit is written. */
static bool read_value(struct config_part *p, const struct tree_node *node, enum risk_limit l,
		       int64_t *out)
{
	static const struct field how[limit_unit_max] = {
		[UNIT_NONE] = { "value", FIELD_INT, .size = 8, .min = "0", .max = "1000000000",
				.doc = "the bound" },
		[UNIT_MONEY] = { "value", FIELD_DECIMAL, .size = 8, .dp = 8, .min = "0",
				 .max = "10000000000", .doc = "the bound, in the quote currency" },
		[UNIT_BASE] = { "value", FIELD_DECIMAL, .size = 8, .dp = 8, .min = "0",
				.max = "10000000000", .doc = "the bound, in base units" },
		[UNIT_LOTS] = { "value", FIELD_INT, .size = 8, .min = "0", .max = "1000000000",
				.doc = "the bound, in pair lots" },
		[UNIT_COUNT] = { "value", FIELD_INT, .size = 8, .min = "0", .max = "1000000000",
				 .doc = "the bound, a count" },
		[UNIT_TIME] = { "value", FIELD_DURATION, .size = 8, .min = "0s", .max = "366d",
				.doc = "the bound, a length of time" },
		[UNIT_PPM] = { "value", FIELD_RATE, .size = 8, .dp = 6, .min = "0", .max = "100%",
			       .doc = "the bound, a rate" },
	};
	return schema_value(&p->schema, node, &how[limit_unit_of(l)], out);
}

static const char *scopes_of(enum risk_limit l, char *out, size_t cap)
{
	size_t n = 0;
	out[0] = '\0';
	for (unsigned s = 0; s < limit_scope_max && n < cap; s++)
		if (limit_scopes_of(l) & 1u << s)
			n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? ", " : "",
					      limit_scope_name((enum limit_scope)s));
	return out;
}

static bool fits(struct config_part *p, const struct tree_node *node, const struct config_limit *c)
{
	char words[96];
	enum risk_limit l = (enum risk_limit)c->limit;
	if (!(limit_scopes_of(l) & 1u << c->scope)) {
		schema_error(
			&p->schema, config_at(node, "scope"),
			"a row of this limit cannot hold for a scope of this kind; nothing measures it there; it may be: %s",
			scopes_of(l, words, sizeof words));
		return false;
	}
	if (c->action == ACTION_RESCUE && limit_action_of(l) != ACTION_RESCUE) {
		schema_error(
			&p->schema, config_at(node, "action"),
			"action is \"rescue\", and this limit is not about a pair that works; there would be nothing to rescue; write another action");
		return false;
	}
	return true;
}

static void read_limit(struct config_part *p, const struct tree_node *node, struct config_limit *c)
{
	struct row r = { .warn_pct = -1 };
	schema_read(&p->schema, node, &config_limits, &r);
	c->line = node->line;
	const struct tree_node *value = tree_get(node, "value");
	if (!r.limit[0] || !value)
		return; /* told already */
	enum risk_limit l = read_name(p, config_at(node, "limit"), r.limit);
	c->limit = (uint8_t)l;
	if (!l || !read_scope(p, config_at(node, "scope"), r.scope, c) ||
	    !read_value(p, value, l, &c->value))
		return;
	c->action = (uint8_t)limit_action_of(l);
	for (unsigned a = 0; a < limit_action_max; a++)
		if (strcmp(r.action, actions[a]) == 0)
			c->action = (uint8_t)a;
	c->warn_pct = r.warn_pct >= 0			   ? (int32_t)r.warn_pct
		      : limit_judged_of(l) == JUDGED_WATCH ? 80
							   : 0;
	if (!fits(p, node, c))
		return;
	for (const struct config_limit *t = p->config->limit; t < c; t++)
		if (t->limit == c->limit && t->scope == c->scope && t->index == c->index)
			schema_error(
				&p->schema, config_at(node, "limit"),
				"%s of this scope has a row already, in line %d; only one bound can hold; take one of them out",
				r.limit, t->line);
}

void config_read_limits(struct config_part *p)
{
	struct config *c = p->config;
	const struct tree_node *list = tree_get(p->root, "limits");
	if (!list || list->kind != TREE_TABLE ||
	    !schema_is_list(&p->schema, list, "one table for each"))
		return;
	if (list->n_children > LIMITS_MAX) {
		schema_error(&p->schema, list,
			     "limits has %u entries; %d are possible; split it over several hosts",
			     list->n_children, LIMITS_MAX);
		return;
	}
	c->limit = calloc(list->n_children + 1, sizeof *c->limit);
	if (!c->limit) {
		schema_error(
			&p->schema, list,
			"no memory for limits; the machine is short of it; end other programs");
		return;
	}
	for (const struct tree_node *node = list->child; node; node = node->next)
		read_limit(p, node, &c->limit[c->n_limits++]);
}
