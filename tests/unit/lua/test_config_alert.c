/* Proves that rules of alerts and of exchanges arrive as they are written, that the rows which ship can be pasted whole, and that no message shows a webhook's secret. */
#include "core/base/err.h"
#include "tests/unit/lua/config_text.h"

/* config_good.lua with these lines put before its risk, and its perpetual traded at an exchange (NULL: at none). */
static int read_with(struct config **c, const char *lines, const char *exchange)
{
	size_t n;
	char *good = slurp(SOURCES "config_good.lua", &n), *text, *more,
	     at_exchange[80] = "kind = \"linear\",";
	const char *risk = strstr(good, "risk = {");
	ck_assert_ptr_nonnull(risk);
	ck_assert_int_gt(asprintf(&text, "%.*s%s\n%s", (int)(risk - good), good, lines, risk), 0);
	if (exchange)
		snprintf(at_exchange, sizeof at_exchange, "kind = \"linear\", exchange = \"%s\",",
			 exchange);
	const char *kind = strstr(text, "kind = \"linear\",");
	ck_assert_ptr_nonnull(kind);
	ck_assert_int_gt(asprintf(&more, "%.*s%s%s", (int)(kind - text), text, at_exchange,
				  kind + strlen("kind = \"linear\",")),
			 0);
	int rc = read_text(more, c);
	free(good);
	free(text);
	free(more);
	return rc;
}

static struct config *need(int rc, struct config **c)
{
	if (rc)
		config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	return *c;
}

START_TEST(without_any)
{
	struct config *c;
	furnish();
	need(read_with(&c, "", NULL), &c);
	ck_assert(c->n_exchange_rules == 0 && c->alerts.n == 0 && c->alerts.n_args == 0 &&
		  !c->alerts.webhook_host[0]);
	ck_assert(c->alerts.command_max == 4 && c->alerts.command_timeout_ns == 10000000000 &&
		  c->alerts.webhook_timeout_ns == 5000000000);
	config_free(c);
}
END_TEST

START_TEST(alerts_as_written)
{
	struct config *c;
	furnish();
	need(read_with(
		     &c,
		     "alerts = { { match = \"pair_held//au*/SHFE\", sinks = { \"command\", \"webhook\" }, every = \"3s\" },"
		     " { match = \"exchange_*/critical\", sinks = {} }, { severity = \"warning\", sinks = { \"log\" } } },"
		     " alert_command = { \"/bin/sh\", \"-c\", \"cat\" }, alert_webhook = \"https://hooks.example:8443/a/b?key=S3CRET\","
		     " alert_command_max = 2, alert_command_timeout = \"1s\", alert_webhook_timeout = \"2s\",",
		     NULL),
	     &c);
	const struct config_alerts *a = &c->alerts;
	ck_assert_uint_eq(a->n, 3);
	ck_assert_uint_eq(a->rule[0].codes, 1ull << ALERT_PAIR_HELD);
	ck_assert_uint_eq(a->rule[0].sinks, 1u << ALERT_SINK_COMMAND | 1u << ALERT_SINK_WEBHOOK);
	ck_assert(a->rule[0].severity == 0 && a->rule[0].every_ns == 3000000000);
	ck_assert_str_eq(a->rule[0].instance, "au*");
	ck_assert_str_eq(a->rule[0].venue, "SHFE");
	ck_assert_uint_eq(a->rule[1].codes,
			  1ull << ALERT_EXCHANGE_WARN | 1ull << ALERT_EXCHANGE_BOUND);
	ck_assert(a->rule[1].severity == ALERT_CRITICAL && a->rule[1].sinks == 0);
	ck_assert(a->rule[2].severity == ALERT_WARNING && a->rule[2].every_ns == 10000000000);
	ck_assert_str_eq(a->rule[2].venue, "*");
	ck_assert_uint_eq(a->n_args, 3);
	ck_assert_str_eq(a->arg[2], "cat");
	ck_assert(a->webhook_tls && a->webhook_port == 8443);
	ck_assert_str_eq(a->webhook_host, "hooks.example");
	ck_assert_str_eq(a->webhook_path, "/a/b?key=S3CRET");
	ck_assert(a->command_max == 2 && a->command_timeout_ns == 1000000000 &&
		  a->webhook_timeout_ns == 2000000000);
	config_free(c);
	need(read_with(&c, "alert_webhook = \"https://hooks.example\",", NULL), &c);
	ck_assert_str_eq(c->alerts.webhook_path, "/");
	config_free(c);
}
END_TEST

START_TEST(a_secret_is_not_shown)
{
	static const char *const wrong[] = { "http://far.example/S3CRET",
					     "ftp://far.example/S3CRET",
					     "https://far.example:99999/S3CRET",
					     "https://user@far.example/S3CRET",
					     "https://far.example/S3CRET#x" };
	char line[200];
	struct config *c;
	furnish();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(line, sizeof line, "alert_webhook = \"%s\",", wrong[i]);
		ck_assert_int_eq(read_with(&c, line, NULL), -ERR_CONFIG);
		ck_assert_uint_eq(errs.n, 1);
		ck_assert_msg(!strstr(errs.error[0].text, "S3CRET"), "%s", errs.error[0].text);
	}
}
END_TEST

START_TEST(a_sink_that_is_not_there)
{
	struct config *c;
	furnish();
	ck_assert_int_eq(read_with(&c, "alerts = { { sinks = { \"command\", \"webhook\" } } },",
				   NULL),
			 -ERR_CONFIG);
	ck_assert_uint_eq(errs.n, 2);
	ck_assert_ptr_nonnull(strstr(errs.error[0].text, "add alert_command"));
	ck_assert_ptr_nonnull(strstr(errs.error[1].text, "add alert_webhook"));
}
END_TEST

START_TEST(rows_that_ship)
{
	size_t n;
	struct config *c;
	furnish();
	char *file = slurp(TANDEM_SOURCE_DIR "/examples/exchange_rules.lua", &n);
	char *rows = strstr(file, "exchange_rules = {");
	ck_assert_ptr_nonnull(rows);
	*strrchr(rows, '}') = 0;
	need(read_with(&c, rows, "SHFE"), &c);
	ck_assert_uint_eq(c->n_exchange_rules, 7);
	const struct config_exchange_rule *r = &c->exchange_rule[0];
	ck_assert_str_eq(r->exchange, "SHFE");
	ck_assert(r->instrument == UINT32_MAX && r->from == 20251009 && r->verified == 20260115);
	ck_assert(r->limit[TALLY_CANCELS] == 500 && r->limit[TALLY_LARGE_CANCELS] == 50 &&
		  r->large_cancel_lots == 300 && r->limit[TALLY_SELF_TRADES] == 5 &&
		  r->limit[TALLY_ORDERS] == 0);
	ck_assert(!r->count_fak && r->warn_pct == 70 && r->block_pct == 90);
	ck_assert(c->exchange_rule[3].limit[TALLY_LIMIT_CANCELS] == 100 &&
		  c->exchange_rule[3].count_fak);
	ck_assert(c->exchange_rule[5].limit[TALLY_MESSAGES_PER_S] == 300 &&
		  c->exchange_rule[5].limit[TALLY_MESSAGES] == 20000);
	config_free(c);
	ck_assert_int_eq(read_with(&c, rows, "LME"), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(errs.error[0].text, "no exchange_rules are of \"LME\""));
	free(file);
}
END_TEST

FOLDER_SUITE("config_alert", without_any, alerts_as_written, a_secret_is_not_shown,
	     a_sink_that_is_not_there, rows_that_ship)
