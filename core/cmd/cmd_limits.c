/* cmd_limits - `tandem set DB LIMIT VALUE`: an operator's word on a limit of a running host. (`tandem limits` is a list: cmd_list.c.) */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/reach.h"
#include "core/ops/control.h"
#include "core/trade/limit.h"
#include "lua/value.h"
#include <argp.h>
#include <stdio.h>
#include <string.h>

enum { OPT_JSON = 1, OPT_SCOPE, OPT_WHY };

struct set_options {
	const char *db, *limit, *value, *scope, *why;
	enum risk_limit which;
	int64_t bound; /* LIMIT_OFF: away with it */
	bool json;
};

static const struct argp_option options[] = {
	{ "scope", OPT_SCOPE, "SCOPE", 0,
	  "venue:NAME, account:NAME, instrument:NAME, instance:NAME or pair; the whole host when it is not given",
	  0 },
	{ "reason", OPT_WHY, "TEXT", 0, "goes into the receipt; raising a limit asks for one", 0 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0 },
};

static const char doc[] =
	"Set: gives a limit of the running host on DB another bound.\v"
	"LIMIT is one that `tandem limits DB` names; VALUE is written as in a configuration: 12000, 0.5, 250ms, 20bp; off takes the bound away. "
	"Lower at once, by one person; higher, or off, only with a reason. A bound below what is held now lets only what reduces it through. "
	"It outlives the host, until the configuration says something tighter.\n\n"
	"  tandem set data/au order_notional 5000\n"
	"  tandem set data/au day_loss 200 --scope instance:cross\n"
	"  tandem set data/au position_base 2 --scope instrument:BINANCE.BTCUSDT --reason \"as agreed\"\n\n"
	"Exit codes: 1 the host said no, 2 usage, 4 no host runs there.";

static int parse_bound(enum risk_limit l, const char *text, int64_t *out)
{
	const size_t n = strlen(text);
	*out = LIMIT_OFF;
	if (strcmp(text, "off") == 0)
		return 0;
	switch (limit_unit_of(l)) {
	case UNIT_MONEY:
	case UNIT_BASE:
		return value_decimal(text, n, 8, out);
	case UNIT_TIME:
		return value_duration(text, n, out);
	case UNIT_PPM:
		return value_rate(text, n, 6, out);
	default:
		return value_decimal(text, n, 0, out);
	}
}

static void take(struct set_options *o, char *arg, struct argp_state *state)
{
	switch (state->arg_num) {
	case 0:
		o->db = arg;
		break;
	case 1:
		o->limit = arg;
		o->which = limit_find(arg, strlen(arg));
		if (!o->which)
			argp_error(
				state,
				"'%s' is no limit that can be set; `tandem limits DB` lists them",
				arg);
		break;
	case 2:
		o->value = arg;
		break;
	default:
		argp_error(state, "one limit at a time: what is %s?", arg);
	}
}

/* The bound in numbers, or an end of the program that says what it may be. */
static void judge(struct set_options *o, struct argp_state *state)
{
	char range[LIMIT_RANGE];
	limit_range_words(o->which, range);
	if (parse_bound(o->which, o->value, &o->bound))
		argp_error(state, "%s %s; %s takes %s, or off", o->value, err_text(), o->limit,
			   range);
	else if (o->bound != LIMIT_OFF && (o->bound < 0 || o->bound > limit_most(o->which)))
		argp_error(state, "%s bounds nothing; %s takes %s, or off", o->value, o->limit,
			   range);
}

/* A number below zero looks like an option: it is put behind the words, so that it is judged as the bound that it is meant to be. */
static void numbers_last(int argc, char **argv, char **out)
{
	int n = 0;
	for (int i = 0; i < argc; i++)
		if (!(argv[i][0] == '-' && strspn(argv[i] + 1, "0123456789.") > 0))
			out[n++] = argv[i];
	if (n < argc)
		out[n++] = "--";
	for (int i = 0; i < argc; i++)
		if (argv[i][0] == '-' && strspn(argv[i] + 1, "0123456789.") > 0)
			out[n++] = argv[i];
	out[n] = NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct set_options *o = state->input;
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
		take(o, arg, state);
		return 0;
	case ARGP_KEY_END:
		if (!o->value)
			argp_error(state,
				   "a store, a limit and its bound are needed: DB LIMIT VALUE");
		else
			judge(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_set(int argc, char **argv)
{
	struct set_options o = { .scope = "all", .why = "" };
	struct argp argp = { options, parse, "DB LIMIT VALUE", doc, NULL, NULL, NULL };
	char *words[argc + 2];
	numbers_last(argc, argv, words);
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, words[argc] ? argc + 1 : argc, words, 0, NULL, &o))
		return EXIT_USAGE;
	struct env_command c = { .kind = CMD_SET };
	char path[PATH_MAX], answer[512], line[1024];
	int rc = 0;
	if (strlen(o.scope) >= sizeof c.scope || strlen(o.why) >= sizeof c.why)
		rc = err_set(ERR_ARG, "a scope has at most %zu characters, a reason %zu",
			     sizeof c.scope - 1, sizeof c.why - 1);
	if (!rc) {
		strcpy(c.scope, o.scope);
		strcpy(c.why, o.why);
		if (o.bound == LIMIT_OFF)
			snprintf(c.arg, sizeof c.arg, "%s off", o.limit);
		else
			snprintf(c.arg, sizeof c.arg, "%s %lld", o.limit, (long long)o.bound);
		rc = reach_path(o.db, "control", S_IFSOCK, path);
	}
	if (!rc)
		rc = control_tell(path, &c, answer, sizeof answer);
	if (rc)
		return reach_fail("set", o.json, rc);
	if (!o.json) {
		puts(answer);
		return EXIT_OK;
	}
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "command", "set");
	json_str(&j, "limit", o.limit);
	json_str(&j, "scope", o.scope);
	json_str(&j, "answer", answer);
	json_obj_end(&j);
	puts(line);
	return EXIT_OK;
}
