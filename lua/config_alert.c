/* config_alert - which alerts go where, and the command and the address that they go to. */
#include "core/base/err.h"
#include "core/base/glob.h"
#include "lua/config_part.h"
#include "lua/value.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What the file says of a rule; patterns are taken apart behind it. */
struct alert_form {
	struct config_alert rule;
	char match[160];
};
#define TO(m) FIELD_TO(struct alert_form, m)

/* By their numbers; 0 is none. */
static const char *const severities[] = { "any", "info", "warning", "critical", NULL };
_Static_assert(COUNT(severities) == alert_severity_max + 1, "a word for every severity");
static const char *const sinks[] = { "log", "command", "webhook", NULL };
_Static_assert(COUNT(sinks) == alert_sink_max + 1, "a word for every sink");

static const struct field alert_fields[] = {
	{ "match", FIELD_STRING, TO(match), .def = "*",
	  .doc = "which alerts: \"code/severity/instance/venue\", each a word or a pattern with *, those at the end may be left out; severities are at least" },
	{ "severity", FIELD_ENUM, TO(rule.severity), .def = "any", .names = severities,
	  .doc = "the least severity that it is for" },
	{ "every", FIELD_DURATION, TO(rule.every_ns), .def = "10s", .min = "0s", .max = "24h",
	  .doc = "repeats of the same alert within it are one, told with their number at its end" },
	{ "sinks", FIELD_TABLE, .flags = FIELD_REQUIRED,
	  .doc = "where they go, a list of \"log\", \"command\", \"webhook\"; an empty one for nowhere but the receipts, where every alert is" },
};
const struct section config_alerts = {
	"alerts",
	"which alerts go where, a list of tables; the first that fits counts, what fits none goes to the log",
	alert_fields, COUNT(alert_fields), NULL
};

/* The next part of a pattern. */
static const char *part(const char *p, char *out, size_t cap)
{
	size_t n = strcspn(p, "/");
	snprintf(out, cap, "%.*s", (int)n, n ? p : "*");
	if (n == 0)
		snprintf(out, cap, "*");
	return p[n] ? p + n + 1 : p + n;
}

static void read_codes(struct config_part *p, const struct tree_node *node, const char *pattern,
		       struct config_alert *r)
{
	for (unsigned c = ALERT_NONE + 1; c < alert_code_max; c++)
		if (glob_match(pattern, alert_code_name((enum alert_code)c)))
			r->codes |= 1ull << c;
	if (r->codes)
		return;
	char known[560] = "";
	for (unsigned c = ALERT_NONE + 1; c < alert_code_max; c++) {
		size_t n = strlen(known);
		snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "",
			 alert_code_name((enum alert_code)c));
	}
	schema_error(&p->schema, node,
		     "\"%s\" is no code of an alert; the rule would fit nothing; they are %s",
		     pattern, known);
}

static void read_match(struct config_part *p, const struct tree_node *node, const char *text,
		       struct config_alert *r)
{
	char code[48], severity[48];
	uint8_t least = 0;
	const char *at = part(text, code, sizeof code);
	at = part(at, severity, sizeof severity);
	at = part(at, r->instance, sizeof r->instance);
	at = part(at, r->venue, sizeof r->venue);
	read_codes(p, node, code, r);
	while (least < alert_severity_max && strcmp(severities[least], severity) != 0)
		least++;
	if (least == alert_severity_max && strcmp(severity, "*") != 0)
		schema_error(
			&p->schema, node,
			"\"%s\" is no severity; the rule would fit nothing; write info, warning, critical or *",
			severity);
	else if (least < alert_severity_max && least > r->severity)
		r->severity = least;
	if (*at)
		schema_error(
			&p->schema, node,
			"\"%s\" has more than four parts; a match is code/severity/instance/venue; take out the rest",
			text);
}

void config_read_alert(struct config_part *p, const struct tree_node *node, void *item)
{
	static const struct field sink = {
		"sink",	   FIELD_ENUM,	   .offset = 0,
		.size = 1, .names = sinks, .doc = "where an alert goes"
	};
	struct alert_form form = { 0 };
	schema_read(&p->schema, node, &config_alerts, &form);
	read_match(p, config_at(node, "match"), form.match, &form.rule);
	const struct tree_node *list = tree_get(node, "sinks");
	if (list && list->kind == TREE_TABLE && schema_is_list(&p->schema, list, "names of sinks"))
		for (const struct tree_node *n = list->child; n; n = n->next) {
			uint8_t k = 0;
			if (schema_value(&p->schema, n, &sink, &k))
				form.rule.sinks |= (uint8_t)(1u << k);
		}
	memcpy(item, &form.rule, sizeof form.rule);
}

static void read_command(struct config_part *p)
{
	static const struct field word = { "word", FIELD_STRING, .offset = 0,
					   .size = sizeof(((struct config_alerts *)0)->arg[0]),
					   .doc = "the path of a program, or an argument" };
	struct config_alerts *a = &p->config->alerts;
	const struct tree_node *list = tree_get(p->root, "alert_command");
	if (!list || list->kind != TREE_TABLE ||
	    !schema_is_list(&p->schema, list, "a path and its arguments"))
		return;
	for (const struct tree_node *n = list->child; n; n = n->next) {
		if (a->n_args == ALERT_ARGS) {
			schema_error(
				&p->schema, n,
				"alert_command has more than %d words; there is room for no more; put the rest into a script of your own",
				ALERT_ARGS);
			return;
		}
		if (!schema_value(&p->schema, n, &word, a->arg[a->n_args++]))
			return;
	}
	if (a->n_args && (a->arg[0][0] != '/' || access(a->arg[0], X_OK) != 0))
		schema_error(
			&p->schema, list->child,
			"\"%s\" cannot be executed; no shell and no search path is used; write the whole path of a program that this user may run",
			a->arg[0]);
}

/* The path is often the secret of a webhook: it stands in no message. */
static void read_webhook(struct config_part *p)
{
	static const char *const schemes[] = { "https", "http", NULL };
	struct config_alerts *a = &p->config->alerts;
	const struct tree_node *node = tree_get(p->root, "alert_webhook");
	if (!node || node->kind != TREE_STRING)
		return;
	const char *slash = strstr(node->text, "://");
	const char *path = slash ? strchr(slash + 3, '/') : NULL;
	const size_t n = path ? (size_t)(path - node->text) : strcspn(node->text, "?#");
	struct config_url url;
	if (!path)
		path = node->text + n;
	bool plain = strlen(path) < sizeof a->webhook_path - 1;
	for (const char *c = path; plain && *c; c++)
		plain = *c > ' ' && *c < 0x7f && *c != '#';
	if (value_url(node->text, n, schemes, &url)) {
		schema_error(&p->schema, node, "alert_webhook %s", err_text());
	} else if (!plain) {
		schema_error(
			&p->schema, node,
			"alert_webhook has a path that cannot be used; it goes into a request as it is; write less than %zu plain characters, without a \"#\"",
			sizeof a->webhook_path - 1);
	} else if (!url.tls && !value_is_loopback(url.host)) {
		schema_error(
			&p->schema, node,
			"alert_webhook is not encrypted and leaves this machine; alerts could be read and held back on the way; write https://");
	} else {
		a->webhook_tls = url.tls;
		a->webhook_port = url.port;
		memcpy(a->webhook_host, url.host, sizeof a->webhook_host);
		snprintf(a->webhook_path, sizeof a->webhook_path, "%s%s", *path == '/' ? "" : "/",
			 path);
	}
}

void config_read_alert_sinks(struct config_part *p)
{
	const struct config_alerts *a = &p->config->alerts;
	const struct tree_node *list = tree_get(p->root, "alerts");
	const struct tree_node *node = list ? list->child : NULL;
	read_command(p);
	read_webhook(p);
	config_file_readable(p, config_at(p->root, "alert_ca_file"), a->ca_file);
	for (uint32_t i = 0; a->rule && node && i < a->n; i++, node = node->next) {
		const uint8_t wants = a->rule[i].sinks;
		if (wants & 1u << ALERT_SINK_COMMAND && !tree_get(p->root, "alert_command"))
			schema_error(
				&p->schema, config_at(node, "sinks"),
				"a rule sends alerts to a command, and there is none; they would go nowhere; add alert_command = { \"/path\", ... }");
		if (wants & 1u << ALERT_SINK_WEBHOOK && !tree_get(p->root, "alert_webhook"))
			schema_error(
				&p->schema, config_at(node, "sinks"),
				"a rule sends alerts to a webhook, and there is none; they would go nowhere; add alert_webhook = \"https://...\"");
	}
}
