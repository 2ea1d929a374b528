#include "lua/config.h"
#include "core/base/err.h"
#include "lua/config_part.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config, m)

static const struct field top_fields[] = {
	{ "venues", FIELD_TABLE, .flags = FIELD_REQUIRED,
	  .doc = "the markets that are connected to" },
	{ "accounts", FIELD_TABLE, .flags = FIELD_REQUIRED,
	  .doc = "the logins that orders are sent under" },
	{ "calendars", FIELD_TABLE,
	  .doc = "trading hours and holidays, where those that ship do not do" },
	{ "instruments", FIELD_TABLE, .flags = FIELD_REQUIRED, .doc = "what is traded or priced" },
	{ "strategies", FIELD_TABLE, .flags = FIELD_REQUIRED, .doc = "the instances that run" },
	{ "exchange_rules", FIELD_TABLE,
	  .doc = "what exchanges allow an account in a trading day; counted for instruments that name their exchange" },
	{ "alerts", FIELD_TABLE,
	  .doc = "which alerts go where; without it all go to the log, and every alert is a receipt" },
	{ "alert_command", FIELD_TABLE,
	  .doc = "a program and its arguments, a list of texts: started without a shell for each alert, which it reads as JSON" },
	{ "alert_webhook", FIELD_STRING, TO(alerts.webhook_url),
	  .doc = "where alerts are posted to as JSON; https, or http on this machine; its path is never shown" },
	{ "alert_ca_file", FIELD_PATH, TO(alerts.ca_file),
	  .doc = "the roots that the webhook's certificate is checked against; without it the system's" },
	{ "alert_command_max", FIELD_INT, TO(alerts.command_max), .def = "4", .min = "1",
	  .max = "64", .doc = "how many of the command may run at once; the others wait" },
	{ "alert_command_timeout", FIELD_DURATION, TO(alerts.command_timeout_ns), .def = "10s",
	  .min = "10ms", .max = "10min", .doc = "how long a command may take before it is killed" },
	{ "alert_webhook_timeout", FIELD_DURATION, TO(alerts.webhook_timeout_ns), .def = "5s",
	  .min = "10ms", .max = "1min",
	  .doc = "how long the webhook may take to answer before it is tried again" },
	{ "risk", FIELD_SECTION, TO(risk), .flags = FIELD_REQUIRED, .sub = &config_risk,
	  .doc = "bounds that no script can widen" },
	{ "limits", FIELD_TABLE,
	  .doc = "further bounds, each with where it holds and what it does" },
	{ "store", FIELD_SECTION, TO(store), .flags = FIELD_REQUIRED, .sub = &config_store,
	  .doc = "where receipts go" },
	{ "engine", FIELD_SECTION, TO(engine), .sub = &config_engine,
	  .doc = "how the host runs on this machine" },
};
static const struct section top = { "the file", "the whole configuration", top_fields,
				    COUNT(top_fields), NULL };

const struct section *const config_sections[] = {
	&config_venues,	    &config_accounts, &config_calendars, &config_instruments,
	&config_strategies, &config_risk,     &config_limits,	 &config_exchange_rules,
	&config_alerts,	    &config_store,    &config_engine,	 NULL,
};

static const struct config_list_spec lists[] = {
	[LIST_VENUE] = { "venues", "venue", sizeof(struct config_venue), 64, config_read_venue },
	[LIST_ACCOUNT] = { "accounts", "account", sizeof(struct config_account), 256,
			   config_read_account },
	[LIST_CALENDAR] = { "calendars", "calendar", sizeof(struct calendar), 256,
			    config_read_calendar },
	[LIST_INSTRUMENT] = { "instruments", "instrument", sizeof(struct instrument), 4096,
			      config_read_instrument },
	[LIST_INSTANCE] = { "strategies", "strategy instance", sizeof(struct config_instance), 1024,
			    config_read_instance },
	[LIST_EXCHANGE_RULE] = { "exchange_rules", "exchange rule",
				 sizeof(struct config_exchange_rule), 1024,
				 config_read_exchange_rule, .nameless = true },
	[LIST_ALERT] = { "alerts", "alert rule", sizeof(struct config_alert), 64, config_read_alert,
			 .nameless = true },
};
_Static_assert(COUNT(lists) == config_list_max && config_list_max <= SCHEMA_LISTS,
	       "a row for every list");

const struct tree_node *config_at(const struct tree_node *table, const char *key)
{
	const struct tree_node *n = tree_get(table, key);
	return n ? n : table;
}

const struct tree_node *config_map(struct config_part *p, const struct tree_node *table,
				   const char *key, const char *of)
{
	const struct tree_node *map = tree_get(table, key);
	return map && map->kind == TREE_TABLE && schema_is_map(&p->schema, map, of) ? map : NULL;
}

static void check_twins(struct config_part *p, const struct config_list_spec *spec,
			const struct tree_node *list, const char *items)
{
	uint32_t n = 0;
	for (const struct tree_node *node = list->child; node; node = node->next, n++)
		for (uint32_t k = 0; k < n; k++) {
			const char *name = items + n * spec->size;
			if (!name[0] || strcmp(name, items + k * spec->size))
				continue;
			schema_error(
				&p->schema, config_at(node, "name"),
				"there is another %s called \"%s\"; names must tell them apart; rename "
				"one of them",
				spec->what, name);
			break;
		}
}

/* The items of a list, or NULL; *n of them. Those that are wrong are there as well, so that they can be referred to. */
static void *read_list(struct config_part *p, enum config_list which, uint32_t *n)
{
	const struct config_list_spec *spec = &lists[which];
	const struct tree_node *list = tree_get(p->root, spec->key);
	*n = 0;
	p->schema.list[which] = (struct schema_list){ .what = spec->what, .size = spec->size };
	if (!list || list->kind != TREE_TABLE ||
	    !schema_is_list(&p->schema, list, "one table for each"))
		return NULL;
	if (list->n_children > spec->max) {
		schema_error(&p->schema, list,
			     "%s has %u entries; %u are possible; split it over several hosts",
			     spec->key, list->n_children, spec->max);
		return NULL;
	}
	char *items = calloc(list->n_children + 1, spec->size);
	if (!items) {
		schema_error(&p->schema, list,
			     "no memory for %s; the machine is short of it; end other programs",
			     spec->key);
		return NULL;
	}
	for (const struct tree_node *node = list->child; node; node = node->next)
		spec->read(p, node, items + (*n)++ * spec->size);
	if (!spec->nameless)
		check_twins(p, spec, list, items);
	p->schema.list[which].item = items;
	p->schema.list[which].n = *n;
	return items;
}

static void read_all(struct config_part *p)
{
	struct config *c = p->config;
	uint32_t n;
	schema_read(&p->schema, p->root, &top, c);
	c->venue = read_list(p, LIST_VENUE, &n);
	c->n_venues = (uint16_t)n;
	c->account = read_list(p, LIST_ACCOUNT, &n);
	c->n_accounts = (uint16_t)n;
	c->calendar = read_list(p, LIST_CALENDAR, &n);
	c->n_calendars = (uint16_t)n;
	c->instrument = read_list(p, LIST_INSTRUMENT, &c->n_instruments);
	c->instance = read_list(p, LIST_INSTANCE, &n);
	c->n_instances = (uint16_t)n;
	c->exchange_rule = read_list(p, LIST_EXCHANGE_RULE, &c->n_exchange_rules);
	c->alerts.rule = read_list(p, LIST_ALERT, &c->alerts.n);
	config_read_alert_sinks(p);
	config_check_exchange_rules(p);
	config_read_limits(p);
	config_check_instruments(p);
	config_check_host(p);
}

/* Takes the tree. */
static int read_tree(const char *path, struct tree tree, bool offline, struct config **out,
		     struct config_errors *errs)
{
	struct tree t = tree;
	struct config *c = calloc(1, sizeof(*c));
	if (!c) {
		tree_free(&t);
		config_errors_add(
			errs, 0, 0,
			"no memory to read it; the machine is short of it; end other programs");
		return err_set(ERR_CONFIG, "no memory for the configuration");
	}
	c->assets.n = 1;
	struct config_part p = { .schema = { .tree = &t, .errs = errs },
				 .config = c,
				 .root = t.root,
				 .offline = offline };
	memcpy(c->file, t.path, sizeof(c->file));
	memcpy(c->sha256, t.sha256, sizeof(c->sha256));
	read_all(&p);
	tree_free(&t);
	if (errs->n == 0) {
		*out = c;
		return 0;
	}
	config_errors_sort(errs);
	config_free(c);
	return err_set(ERR_CONFIG, "%s has %u errors", path, errs->n + errs->more);
}

static int read_as(const char *path, bool offline, struct config **out, struct config_errors *errs)
{
	struct tree t;
	*out = NULL;
	int rc = tree_read(path, &t, errs);
	return rc ? rc : read_tree(path, t, offline, out, errs);
}

int config_read_text(const char *path, const char *text, size_t len, struct config **out,
		     struct config_errors *errs)
{
	struct tree t;
	char folder[sizeof t.folder];
	const char *slash = strrchr(path, '/');
	*out = NULL;
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	int rc = tree_parse(path, folder, text, len, &t, errs);
	snprintf(t.path, sizeof t.path, "%s", path);
	return rc ? rc : read_tree(path, t, true, out, errs);
}

int config_read(const char *path, struct config **out, struct config_errors *errs)
{
	return read_as(path, false, out, errs);
}

int config_read_offline(const char *path, struct config **out, struct config_errors *errs)
{
	return read_as(path, true, out, errs);
}

/* The keys at the top of the file that say how alerts leave. */
static void explain_sinks(FILE *f)
{
	for (unsigned k = 0; k < COUNT(top_fields); k++)
		if (strncmp(top_fields[k].key, "alert_", 6) == 0)
			schema_explain_keys(&top_fields[k], 1, f);
}

int config_explain(const char *section, FILE *f)
{
	bool found = false;
	for (unsigned i = 0; config_sections[i]; i++) {
		if (section && strcmp(section, config_sections[i]->name))
			continue;
		if (found)
			fputc('\n', f);
		schema_explain(config_sections[i], f);
		if (config_sections[i] == &config_alerts)
			explain_sinks(f);
		found = true;
	}
	return found ? 0
		     : err_set(ERR_NOTFOUND, "there is no section \"%s\" in a configuration",
			       section);
}
