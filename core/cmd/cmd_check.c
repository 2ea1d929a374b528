/* tandem check CONFIG - reads a configuration and says what would run, or everything that is wrong with it. It connects to nothing and starts nothing. */
#include "core/base/dec.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/fit.h"
#include "core/cmd/hours.h"
#include "core/cmd/in_force.h"
#include "lua/config.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JSON_ROOM 4096 /* for one error or one instance, escapes included */

enum { OPT_JSON = 1, OPT_EXPLAIN };

struct check_options {
	const char *config, *section;
	bool json, explain;
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "answer in JSON", 0 },
	{ "explain", OPT_EXPLAIN, "SECTION", OPTION_ARG_OPTIONAL,
	  "print what every setting means, or those of a section; needs no CONFIG", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_EXPLAIN:
		o->explain = true;
		o->section = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->config)
			argp_error(state, "one configuration, please: %s or %s?", o->config, arg);
		o->config = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->config && !o->explain)
			argp_error(
				state,
				"a configuration is needed; examples/binance_pair.lua is one to start from");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Hours are told as of now, under a simulated clock too: whose day it is there, nobody knows yet. */
static int64_t utc_now_ns(void)
{
	return (int64_t)time(NULL) * 1000000000;
}

static void url_text(const struct config_url *u, bool http, char *out, size_t cap)
{
	bool v6 = strchr(u->host, ':') != NULL;
	snprintf(out, cap, "%s%s://%s%s%s:%u%s", http ? "http" : "ws", u->tls ? "s" : "",
		 v6 ? "[" : "", u->host, v6 ? "]" : "", u->port, u->path);
}

/* A rate in 1e-8 as basis points. */
static const char *bp_text(int64_t rate_e8, char out[32])
{
	dec_format(rate_e8, 4, 0, out);
	return out;
}

/* What trading costs beside the rates: a contract that shows only those would seem to be free. */
static void print_more_costs(const struct instrument *in)
{
	const struct fee_rule *f = &in->rule[0].fee;
	char text[32], other[32];
	if (f->per_lot_e8) {
		dec_format(f->per_lot_e8, 8, 0, text);
		printf(", %s a lot", text);
	}
	if (f->close_today_e8 >= 0)
		printf(", closing today %s bp", bp_text(f->close_today_e8, text));
	if (f->close_today_per_lot_e8 >= 0) {
		dec_format(f->close_today_per_lot_e8, 8, 0, text);
		printf(", closing today %s a lot", text);
	}
	if (f->tax_buy_e8 || f->tax_sell_e8)
		printf(", tax %s/%s bp", bp_text(f->tax_buy_e8, text),
		       bp_text(f->tax_sell_e8, other));
	if (in->vat_e8) {
		dec_format(in->vat_e8, 6, 0, text);
		printf(", its price has %s %% tax in it", text);
	}
}

static void print_markets(const struct config *c)
{
	printf("venues\n");
	for (unsigned v = 0; v < c->n_venues; v++) {
		char url[300];
		url_text(&c->venue[v].url[URL_API], false, url, sizeof(url));
		printf("  %-16s %-14s %s\n", c->venue[v].name, c->venue[v].adapter, url);
	}
	printf("accounts\n");
	for (unsigned a = 0; a < c->n_accounts; a++)
		printf("  %-16s on %s, group %s, %s key\n", c->account[a].name,
		       c->venue[c->account[a].venue].name, c->account[a].group,
		       c->account[a].ed25519 ? "Ed25519" : "HMAC");
	printf("instruments\n");
	for (unsigned i = 0; i < c->n_instruments; i++) {
		const struct instrument *in = &c->instrument[i];
		char maker[32], taker[32];
		printf("  %-24s %s on %s, %s in %s, fees %s/%s bp", in->name, in->symbol,
		       c->venue[in->venue].name, asset_name(&c->assets, in->base),
		       asset_name(&c->assets, in->quote), bp_text(in->rule[0].fee.maker_e8, maker),
		       bp_text(in->rule[0].fee.taker_e8, taker));
		print_more_costs(in);
		printf(", %s\n", in->n_rules ? "own tick and lot" : "tick and lot from the venue");
	}
}

static void print_instance(const struct config *c, const struct config_instance *s,
			   const struct fit *fit)
{
	printf("  %s runs %s\n", s->name, s->file);
	for (unsigned l = 0; l < s->n_legs; l++)
		printf("    leg %-10s %s under %s\n", s->leg_name[l], c->instrument[s->leg[l]].name,
		       c->account[s->account[l]].name);
	for (unsigned r = 0; r < s->n_refs; r++)
		printf("    ref %-10s %s\n", s->ref_name[r], c->instrument[s->ref[r]].name);
	fit_print(stdout, c, s, fit);
	hours_print(stdout, c, s, utc_now_ns());
	for (unsigned p = 0; p < s->n_params; p++)
		printf("    param %-8s %.15g\n", s->param[p].name, s->param[p].value);
	in_force_print(stdout, c, s);
}

static void print_summary(const struct config *c, const struct fit *fit)
{
	char hex[DIGEST_HEX], order[32], position[32];
	digest_hex(c->sha256, DIGEST_LEN, hex);
	printf("%s is right (SHA-256 %.16s...)\n", c->file, hex);
	print_markets(c);
	printf("strategies\n");
	for (unsigned i = 0; i < c->n_instances; i++)
		print_instance(c, &c->instance[i], fit);
	dec_format(c->risk.max_order_notional_e8, MONEY_DP, 0, order);
	dec_format(c->risk.max_position_notional_e8, MONEY_DP, 0, position);
	printf("risk\n  an order up to %s, a position up to %s, %d messages a second\n", order,
	       position, c->risk.messages_per_s);
	in_force_print_alerts(stdout, c);
	printf("store\n  %s, intents survive %s\n", c->store.path,
	       c->store.durability_power ? "the loss of power" : "a crash of the process");
}

static void json_instance(struct json_out *j, const struct config *c,
			  const struct config_instance *s, const struct fit *fit)
{
	json_obj(j, NULL);
	json_str(j, "name", s->name);
	json_str(j, "file", s->file);
	json_arr(j, "legs");
	for (unsigned l = 0; l < s->n_legs; l++) {
		const struct instrument *in = &c->instrument[s->leg[l]];
		json_obj(j, NULL);
		json_str(j, "name", s->leg_name[l]);
		json_str(j, "instrument", in->name);
		json_str(j, "venue", c->venue[in->venue].name);
		json_str(j, "account", c->account[s->account[l]].name);
		hours_json_leg(j, c, in, utc_now_ns());
		json_obj_end(j);
	}
	json_arr_end(j);
	hours_json(j, c, s, utc_now_ns());
	fit_json(j, c, s, fit);
	json_dec(j, "rescue_budget", s->rescue_budget_e8, MONEY_DP);
	json_obj_end(j);
}

static void json_summary(struct json_out *j, const struct config *c, const struct fit *fit)
{
	char hex[DIGEST_HEX];
	digest_hex(c->sha256, DIGEST_LEN, hex);
	json_str(j, "file", c->file);
	json_str(j, "sha256", hex);
	json_uint(j, "venues", c->n_venues);
	json_uint(j, "accounts", c->n_accounts);
	json_uint(j, "instruments", c->n_instruments);
	json_arr(j, "strategies");
	for (unsigned i = 0; i < c->n_instances; i++)
		json_instance(j, c, &c->instance[i], fit);
	json_arr_end(j);
}

static void json_errors(struct json_out *j, const struct config_errors *e)
{
	json_str(j, "file", e->file);
	json_arr(j, "errors");
	for (unsigned i = 0; i < e->n; i++) {
		json_obj(j, NULL);
		json_int(j, "line", e->error[i].line);
		json_int(j, "column", e->error[i].column);
		json_str(j, "text", e->error[i].text);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_uint(j, "more", e->more);
}

/* fit NULL: something is wrong. */
static int print_json(const struct config *c, const struct fit *fit,
		      const struct config_errors *errs)
{
	size_t cap = JSON_ROOM * (2u + errs->n + (fit ? c->n_instances : 0));
	char *buf = malloc(cap);
	if (!buf)
		return err_set(ERR_NOMEM, "no memory for the answer");
	struct json_out j;
	json_out_init(&j, buf, cap);
	json_obj(&j, NULL);
	json_bool(&j, "ok", fit != NULL);
	if (fit)
		json_summary(&j, c, fit);
	else
		json_errors(&j, errs);
	json_obj_end(&j);
	int rc = j.full ? err_set(ERR_FULL, "the answer is larger than %zu bytes", cap) : 0;
	if (!rc)
		puts(buf);
	free(buf);
	return rc;
}

static int check(const struct check_options *o)
{
	struct config_errors *errs = malloc(sizeof(*errs));
	if (!errs)
		return err_set(ERR_NOMEM, "no memory to read %s", o->config);
	struct config *c;
	struct fit fit = { 0 };
	int rc = config_read(o->config, &c, errs);
	int shown = 0;
	if (!rc)
		rc = fit_check(c, &fit, errs);
	if (rc && rc != -ERR_CONFIG)
		shown = rc; /* nothing is known to be wrong with it: there is nothing to print */
	else if (o->json)
		shown = print_json(c, rc ? NULL : &fit, errs);
	else if (!rc)
		print_summary(c, &fit);
	else
		config_errors_print(errs, stdout);
	fit_free(&fit);
	config_free(c);
	free(errs);
	return rc ? rc : shown;
}

int cmd_check(int argc, char **argv)
{
	static const char doc[] =
		"Reads CONFIG and prints what would run, or everything that is wrong with it: file, line, what, why, what to do.\v"
		"Exit codes: 0 it is right, 3 it is not. --explain=risk prints the settings of one section; the sections are "
		"venues, accounts, calendars, instruments, strategies, risk, store and engine.";
	struct check_options o = { .json = false };
	struct argp argp = { options, parse, "CONFIG", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	if (o.explain && config_explain(o.section, stdout)) {
		fprintf(stderr, "tandem check: %s; see `tandem check --help`\n", err_text());
		return EXIT_USAGE;
	}
	if (!o.config)
		return EXIT_OK;
	int rc = check(&o);
	if (rc && rc != -ERR_CONFIG)
		fprintf(stderr, "tandem check: %s\n", err_text());
	return rc == 0 ? EXIT_OK : rc == -ERR_CONFIG ? EXIT_CONFIG : EXIT_WORLD;
}
