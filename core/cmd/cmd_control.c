/* cmd_control - the verbs that speak to a running host: status, kill, pause, resume. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/reach.h"
#include "core/market/gate.h"
#include "core/ops/control.h"
#include "core/ops/status_page.h"
#include "core/trade/risk.h"
#include "store/place.h"
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { OPT_JSON = 1, OPT_SCOPE, OPT_WHY, OPT_MODE };

struct control_options {
	const char *db, *scope, *why, *mode;
	bool json;
	bool may_name; /* the scope is an argument of this verb */
};

static const struct argp_option status_options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0 },
};
static const struct argp_option kill_options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ "scope", OPT_SCOPE, "SCOPE", 0,
	  "the same as the argument SCOPE; the whole host when neither is given", 0 },
	{ "mode", OPT_MODE, "MODE", 0,
	  "stop: closes go on; finish: no order is taken off; flatten: what is held is closed; cancel (as without it): what works is cancelled",
	  0 },
	{ "reason", OPT_WHY, "TEXT", 0, "goes into the receipt", 0 },
	{ 0 },
};
static const struct argp_option pause_options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ "scope", OPT_SCOPE, "NAME", 0,
	  "an instance, or whoever trades at this venue; all when it is not given", 0 },
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
	case OPT_MODE:
		if (kill_mode_find(arg) == kill_mode_max)
			argp_error(state, "a kill is stop, finish, flatten or cancel, not '%s'",
				   arg);
		o->mode = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 1 && o->may_name) {
			o->scope = arg;
			return 0;
		}
		return reach_parse(key, arg, state, &o->db);
	default:
		return reach_parse(key, arg, state, &o->db);
	}
}

static int arguments(int argc, char **argv, const struct argp_option *options, const char *doc,
		     struct control_options *o)
{
	*o = (struct control_options){
		.scope = "all", .why = "", .mode = "", .may_name = options != status_options
	};
	struct argp argp = { options, parse, o->may_name ? "DB [SCOPE]" : "DB", doc, NULL,
			     NULL,    NULL };
	argp_err_exit_status = EXIT_USAGE;
	return argp_parse(&argp, argc, argv, 0, NULL, o);
}

static int tell_host(const char *path, enum env_command_kind kind, const struct control_options *o,
		     char *answer, size_t cap)
{
	struct env_command c = { .kind = kind };
	if (strlen(o->scope) >= sizeof c.scope || strlen(o->why) >= sizeof c.why)
		return err_set(ERR_ARG, "a scope has at most %zu characters, a reason %zu",
			       sizeof c.scope - 1, sizeof c.why - 1);
	strcpy(c.scope, o->scope);
	strcpy(c.why, o->why);
	snprintf(c.arg, sizeof c.arg, "%s", o->mode);
	return control_tell(path, &c, answer, cap);
}

static int order(int argc, char **argv, enum env_command_kind kind, const char *doc)
{
	struct control_options o;
	if (arguments(argc, argv, kind == CMD_KILL ? kill_options : pause_options, doc, &o))
		return EXIT_USAGE;
	char path[PATH_MAX], answer[512];
	int rc = reach_path(o.db, "control", S_IFSOCK, path);
	if (!rc)
		rc = tell_host(path, kind, &o, answer, sizeof answer);
	if (rc)
		return reach_fail(control_verb(kind), o.json, rc);
	if (o.json) {
		char line[1024];
		struct json_out j;
		json_out_init(&j, line, sizeof line);
		json_obj(&j, NULL);
		json_bool(&j, "ok", true);
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
		"Kill: the host on DB, or a part of it, opens nothing any more, cancels what works, and finishes the pairs that are open.\v"
		"One person, one step; a second kill changes nothing. SCOPE is venue:NAME, account:NAME, instance:NAME, pair:ID, or the name alone. "
		"`tandem resume DB [SCOPE] --reason TEXT` arms it again. Where the configuration sets "
		"engine.control, DB is that socket. Exit code 1: the host said no.");
}

int cmd_pause(int argc, char **argv)
{
	return order(
		argc, argv, CMD_PAUSE,
		"Pause: an instance (--scope NAME), or all, get no more calls; open pairs are finished.\v"
		"`tandem resume DB` is the contrary.");
}

int cmd_resume(int argc, char **argv)
{
	return order(argc, argv, CMD_RESUME, "Resume after pause; with --reason also after kill.");
}

static const char *short_sha(const struct snapshot_script *s, char hex[13])
{
	for (unsigned i = 0; i < sizeof s->sha256; i++)
		snprintf(hex + 2 * i, 3, "%02x", s->sha256[i]);
	return hex;
}

static void put_script(struct json_out *j, const struct snapshot_script *s)
{
	char hex[13];
	json_obj(j, "script");
	json_int(j, "version", s->version);
	json_str(j, "sha256", short_sha(s, hex));
	json_bool(j, "on_trial", s->on_trial);
	if (s->part_ppm)
		json_int(j, "part_ppm", s->part_ppm);
	if (s->shadow) {
		json_obj(j, "shadow");
		json_int(j, "events", (int64_t)s->shadow_events);
		json_int(j, "same", (int64_t)s->shadow_same);
		json_obj_end(j);
	}
	json_obj_end(j);
}

static void put_instance(struct json_out *j, const struct snapshot_instance *in)
{
	json_obj(j, NULL);
	json_str(j, "name", in->name);
	json_bool(j, "basis_ok", in->basis_ok);
	json_str(j, "gate", gate_name((enum gate)in->gate));
	json_num(j, "sell_bp", in->sell_bp);
	json_num(j, "buy_bp", in->buy_bp);
	json_num(j, "pos_lots", in->pos_lots);
	put_script(j, &in->script);
	json_bool(j, "quarantined", in->quarantined);
	json_bool(j, "compiled", !in->interpreted);
	json_str(j, "risk", risk_state_name((enum risk_state)in->risk_state));
	json_bool(j, "paused", in->paused);
	if (in->paused)
		json_str(j, "paused_why", in->paused_why);
	json_obj_end(j);
}

static void put_venue(struct json_out *j, const struct snapshot_venue *v)
{
	json_obj(j, NULL);
	json_str(j, "name", v->name);
	json_str(j, "state", venue_state_name((enum venue_state)v->state));
	json_str(j, "risk", risk_state_name((enum risk_state)v->risk_state));
	if (v->clock_known) {
		json_obj(j, "clock");
		json_int(j, "offset_ns", v->clock_offset_ns);
		if (v->clock_bound_ns == INT64_MAX)
			json_none(j, "bound_ns");
		else
			json_int(j, "bound_ns", v->clock_bound_ns);
		json_obj_end(j);
	}
	json_obj_end(j);
}

static void print_venue(const struct snapshot_venue *v)
{
	printf("venue      %s %s", v->name, venue_state_name((enum venue_state)v->state));
	if (v->risk_state != RISK_ACTIVE)
		printf(", risk %s", risk_state_name((enum risk_state)v->risk_state));
	if (v->clock_known)
		printf(", its clock %+.3f ms against ours", (double)v->clock_offset_ns / 1e6);
	if (v->clock_known && v->clock_bound_ns != INT64_MAX)
		printf(", at most %.3f ms off", (double)v->clock_bound_ns / 1e6);
	else if (v->clock_known)
		printf(", not bounded on one side");
	putchar('\n');
}

static void print_json(const struct snapshot_body *s, const struct snapshot_page *p, bool runs)
{
	static char line[16384 + SNAPSHOT_INSTANCES * 700];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_uint(&j, "pid", p->pid);
	json_bool(&j, "running", runs);
	json_bool(&j, "halted", p->halted != 0);
	json_str(&j, "risk", risk_state_name((enum risk_state)s->risk_state));
	json_bool(&j, "recovering", s->recovering);
	json_bool(&j, "journal_full", s->journal_full);
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
	json_uint(&j, "stalls", s->stalls);
	json_int(&j, "stall_worst_ns", s->stall_worst_ns);
	json_dec(&j, "residual", s->residual_base_e8, 8);
	json_arr(&j, "venues");
	for (uint32_t v = 0; v < s->n_venues && v < SNAPSHOT_VENUES; v++)
		put_venue(&j, &s->venue[v]);
	json_arr_end(&j);
	json_arr(&j, "instances");
	for (uint32_t i = 0; i < s->n_instances && i < SNAPSHOT_INSTANCES; i++)
		put_instance(&j, &s->instance[i]);
	json_arr_end(&j);
	json_int(&j, "tick_to_order_p50_ns", hist_quantile(&p->tick_to_order, 0.5));
	json_int(&j, "tick_to_order_p99_ns", hist_quantile(&p->tick_to_order, 0.99));
	json_obj_end(&j);
	puts(line);
}

static void print_script(const struct snapshot_script *s)
{
	char hex[13];
	printf(", version %u %s", s->version, short_sha(s, hex));
	if (s->part_ppm)
		printf(" (a canary: %g %% of the size)", s->part_ppm / 1e4);
	else if (s->on_trial)
		printf(" (on trial)");
	if (s->shadow)
		printf(", a shadow beside it: the same in %llu of %llu events",
		       (unsigned long long)s->shadow_same, (unsigned long long)s->shadow_events);
}

static void print_instance(const struct snapshot_instance *in)
{
	printf("%-10s ", in->name);
	if (in->basis_ok)
		printf("sell %.2f bp, buy %.2f bp", in->sell_bp, in->buy_bp);
	else
		printf("no basis: a leg's quotes are missing or old");
	if (in->basis_ok && in->gate != GATE_OPEN)
		printf(", GATE: %s", gate_text((enum gate)in->gate));
	if (in->risk_state != RISK_ACTIVE)
		printf(", risk %s", risk_state_name((enum risk_state)in->risk_state));
	double lots = round(in->pos_lots);
	printf(", position %.0f lots", lots == 0 ? 0 : lots); /* not -0 */
	print_script(&in->script);
	printf("%s%s%s\n",
	       in->quarantined	 ? ", QUARANTINED"
	       : in->interpreted ? ", NOT COMPILED"
				 : "",
	       in->paused ? ", PAUSED: " : "", in->paused ? in->paused_why : "");
}

static void print_text(const struct snapshot_body *s, const struct snapshot_page *p, bool runs)
{
	printf("host       pid %u%s, risk %s%s%s%s\n", p->pid,
	       runs ? "" : " (has ended: these are its last numbers)",
	       risk_state_name((enum risk_state)s->risk_state), s->recovering ? ", recovering" : "",
	       s->journal_full
		       ? ", nothing opens until its journal has room or its disk takes receipts again"
		       : "",
	       p->halted ? ", ABORTED by its own check" : "");
	for (uint32_t v = 0; v < s->n_venues && v < SNAPSHOT_VENUES; v++)
		print_venue(&s->venue[v]);
	printf("pairs      sent %llu, hedged %llu, flat %llu, held %llu, in flight %u (refused %llu)\n",
	       (unsigned long long)s->sent, (unsigned long long)s->hedged,
	       (unsigned long long)s->flat, (unsigned long long)s->held, s->in_flight,
	       (unsigned long long)s->refused);
	printf("orders     %llu, fills %llu, rejects %llu, unknown %u\n",
	       (unsigned long long)s->orders, (unsigned long long)s->fills,
	       (unsigned long long)s->rejects, s->unknown_orders);
	printf("unhedged   %.8f base units\n", (double)s->residual_base_e8 / 1e8);
	printf("receipts   %llu, bad inputs %llu\n", (unsigned long long)s->receipts,
	       (unsigned long long)s->bad_inputs);
	if (s->stalls)
		printf("stalls     %llu scripts stopped; the engine stood for %.3f ms at worst, and so late came events and rescues\n",
		       (unsigned long long)s->stalls, (double)s->stall_worst_ns / 1e6);
	unsigned stopped = 0;
	for (uint32_t i = 0; i < s->n_instances && i < SNAPSHOT_INSTANCES; i++) {
		print_instance(&s->instance[i]);
		stopped += s->instance[i].paused || s->instance[i].risk_state != RISK_ACTIVE;
	}
	if (stopped)
		printf("stopped    %u of %u instances open nothing until `tandem resume DB --reason TEXT`\n",
		       stopped, s->n_instances);
	printf("latency    quote to both orders p50 %.1f us, p99 %.1f us\n",
	       (double)hist_quantile(&p->tick_to_order, 0.5) / 1e3,
	       (double)hist_quantile(&p->tick_to_order, 0.99) / 1e3);
}

/* A host holds its store's lock; where the page was named itself, its process is all there is to ask. */
static bool host_runs(const char *db, const char *path, const struct snapshot_page *p)
{
	if (strcmp(db, path) != 0)
		return place_lock_holder(db) != 0;
	return kill((pid_t)p->pid, 0) == 0 || errno == EPERM;
}

int cmd_status(int argc, char **argv)
{
	struct control_options o;
	if (arguments(argc, argv, status_options,
		      "Status: the numbers that the host on DB shows, or that it showed last.", &o))
		return EXIT_USAGE;
	char path[PATH_MAX];
	const struct snapshot_page *page;
	struct snapshot_body body;
	int rc = reach_path(o.db, "status", S_IFREG, path);
	if (!rc)
		rc = status_page_read(path, &page);
	if (rc)
		return reach_fail("status", o.json, rc);
	rc = snapshot_read(page, &body);
	if (rc) {
		status_page_close(page);
		return reach_fail("status", o.json, rc);
	}
	bool runs = host_runs(o.db, path, page);
	if (o.json)
		print_json(&body, page, runs);
	else
		print_text(&body, page, runs);
	status_page_close(page);
	return EXIT_OK;
}
