/* cmd_control - the verbs that speak to a running host: status, kill, pause, resume. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/ops/control.h"
#include "core/ops/status_page.h"
#include "core/trade/risk.h"
#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { OPT_JSON = 1, OPT_SCOPE, OPT_WHY };

struct control_options {
	const char *db, *scope, *why;
	bool json;
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ "scope", OPT_SCOPE, "NAME", 0, "an instance or a venue; all when it is not given", 0 },
	{ "reason", OPT_WHY, "TEXT", 0, "goes into the receipt; resuming after a kill asks for one",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct control_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_SCOPE:
		o->scope = arg;
		return 0;
	case OPT_WHY:
		o->why = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->db)
			argp_error(state, "one store, please: %s or %s?", o->db, arg);
		o->db = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "the folder of the host's store is needed");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int arguments(int argc, char **argv, const char *doc, struct control_options *o)
{
	*o = (struct control_options){ .scope = "all", .why = "" };
	struct argp argp = { options, parse, "DB", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	return argp_parse(&argp, argc, argv, 0, NULL, o);
}

static int fail(const char *verb)
{
	fprintf(stderr, "tandem %s: %s\n", verb, err_text());
	return EXIT_WORLD;
}

static int order(int argc, char **argv, enum env_command_kind kind, const char *doc)
{
	struct control_options o;
	if (arguments(argc, argv, doc, &o))
		return EXIT_USAGE;
	char path[PATH_MAX], answer[512];
	snprintf(path, sizeof path, "%s/control", o.db);
	if (control_ask(path, kind, o.scope, o.why, answer, sizeof answer))
		return fail(control_verb(kind));
	if (o.json) {
		char line[1024];
		struct json_out j;
		json_out_init(&j, line, sizeof line);
		json_obj(&j, NULL);
		json_str(&j, "command", control_verb(kind));
		json_str(&j, "scope", o.scope);
		json_str(&j, "answer", answer);
		json_obj_end(&j);
		puts(line);
	} else {
		puts(answer);
	}
	return EXIT_OK;
}

int cmd_kill(int argc, char **argv)
{
	return order(
		argc, argv, CMD_KILL,
		"Kill: the host on DB opens nothing any more, cancels what works, and finishes the pairs that are open.\v"
		"One person, one step. `tandem resume DB --reason TEXT` arms it again.");
}

int cmd_pause(int argc, char **argv)
{
	return order(
		argc, argv, CMD_PAUSE,
		"Pause: an instance (--scope NAME), or all, get no more calls; open pairs are finished.");
}

int cmd_resume(int argc, char **argv)
{
	return order(argc, argv, CMD_RESUME, "Resume after pause; with --reason also after kill.");
}

static void print_json(const struct snapshot_body *s, const struct snapshot_page *p)
{
	char line[8192];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_uint(&j, "pid", p->pid);
	json_bool(&j, "halted", p->halted != 0);
	json_str(&j, "risk", risk_state_name((enum risk_state)s->risk_state));
	json_bool(&j, "recovering", s->recovering);
	json_int(&j, "utc_ns", s->utc_ns);
	json_obj(&j, "pairs");
	json_uint(&j, "proposed", s->proposed);
	json_uint(&j, "refused", s->refused);
	json_uint(&j, "sent", s->sent);
	json_uint(&j, "hedged", s->hedged);
	json_uint(&j, "flat", s->flat);
	json_uint(&j, "held", s->held);
	json_uint(&j, "in_flight", s->in_flight);
	json_obj_end(&j);
	json_uint(&j, "orders", s->orders);
	json_uint(&j, "fills", s->fills);
	json_uint(&j, "rejects", s->rejects);
	json_uint(&j, "unknown_orders", s->unknown_orders);
	json_uint(&j, "receipts", s->receipts);
	json_uint(&j, "bad_inputs", s->bad_inputs);
	json_dec(&j, "residual", s->residual_base_e8, 8);
	json_arr(&j, "venues");
	for (uint32_t v = 0; v < s->n_venues && v < 16; v++)
		json_str(&j, NULL, venue_state_name((enum venue_state)s->venue_state[v]));
	json_arr_end(&j);
	json_arr(&j, "instances");
	for (uint32_t i = 0; i < s->n_instances && i < SNAPSHOT_INSTANCES; i++) {
		json_obj(&j, NULL);
		json_str(&j, "name", s->instance[i].name);
		json_num(&j, "sell_bp", s->instance[i].sell_bp);
		json_num(&j, "buy_bp", s->instance[i].buy_bp);
		json_num(&j, "pos_lots", s->instance[i].pos_lots);
		json_bool(&j, "quarantined", s->instance[i].quarantined);
		json_obj_end(&j);
	}
	json_arr_end(&j);
	json_int(&j, "tick_to_order_p50_ns", hist_quantile(&p->tick_to_order, 0.5));
	json_int(&j, "tick_to_order_p99_ns", hist_quantile(&p->tick_to_order, 0.99));
	json_obj_end(&j);
	puts(line);
}

static void print_text(const struct snapshot_body *s, const struct snapshot_page *p)
{
	printf("host       pid %u, risk %s%s%s\n", p->pid,
	       risk_state_name((enum risk_state)s->risk_state), s->recovering ? ", recovering" : "",
	       p->halted ? ", ABORTED by its own check" : "");
	printf("venues    ");
	for (uint32_t v = 0; v < s->n_venues && v < 16; v++)
		printf(" %s", venue_state_name((enum venue_state)s->venue_state[v]));
	printf("\npairs      sent %llu, hedged %llu, flat %llu, held %llu, in flight %u (refused %llu)\n",
	       (unsigned long long)s->sent, (unsigned long long)s->hedged,
	       (unsigned long long)s->flat, (unsigned long long)s->held, s->in_flight,
	       (unsigned long long)s->refused);
	printf("orders     %llu, fills %llu, rejects %llu, unknown %u\n",
	       (unsigned long long)s->orders, (unsigned long long)s->fills,
	       (unsigned long long)s->rejects, s->unknown_orders);
	printf("residual   %.8f base units\n", (double)s->residual_base_e8 / 1e8);
	printf("receipts   %llu, bad inputs %llu\n", (unsigned long long)s->receipts,
	       (unsigned long long)s->bad_inputs);
	for (uint32_t i = 0; i < s->n_instances && i < SNAPSHOT_INSTANCES; i++)
		printf("%-10s sell %.2f bp, buy %.2f bp, position %.0f lots%s\n",
		       s->instance[i].name, s->instance[i].sell_bp, s->instance[i].buy_bp,
		       s->instance[i].pos_lots, s->instance[i].quarantined ? ", QUARANTINED" : "");
	printf("latency    quote to both orders p50 %.1f us, p99 %.1f us\n",
	       (double)hist_quantile(&p->tick_to_order, 0.5) / 1e3,
	       (double)hist_quantile(&p->tick_to_order, 0.99) / 1e3);
}

int cmd_status(int argc, char **argv)
{
	struct control_options o;
	if (arguments(argc, argv,
		      "Status: the numbers that the host on DB shows, or that it showed last.", &o))
		return EXIT_USAGE;
	char path[PATH_MAX];
	const struct snapshot_page *page;
	struct snapshot_body body;
	snprintf(path, sizeof path, "%s/status", o.db);
	if (status_page_read(path, &page) || snapshot_read(page, &body))
		return fail("status");
	if (o.json)
		print_json(&body, page);
	else
		print_text(&body, page);
	status_page_close(page);
	return EXIT_OK;
}
