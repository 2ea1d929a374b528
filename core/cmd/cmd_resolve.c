/* cmd_resolve - `tandem resolve DB PAIR|CONTRACT WAY`: an operator's word on a pair that is held or broken, or on a contract that is fenced. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/reach.h"
#include "core/ops/control.h"
#include "core/trade/pair.h"
#include <argp.h>
#include <ctype.h>
#include <string.h>

enum { OPT_JSON = 1, OPT_WHY };

struct resolve_options {
	const char *db, *pair, *way, *instance, *why;
	bool json;
};

static const struct argp_option options[] = {
	{ "reason", OPT_WHY, "TEXT", 0, "goes into the receipt", 0 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0 },
};

static const char doc[] =
	"Resolve: an operator's word on a pair that is held or broken; `tandem held DB` lists them.\v"
	"complete  fill up the legs that lag, now\n"
	"unwind    take back the legs that lead, now\n"
	"accept    the pair ends as it is, HEDGED or FLAT by what it holds; what is unhedged is carried\n"
	"adopt     you traded the difference by hand at the venue: what is booked to nobody there becomes the "
	"pair's, at most what it lacks; the rest goes by the policy\n\n"
	"Completing and unwinding get their attempts, time and budget afresh and stand above the policy of the "
	"configuration (on_leg_fail), not above its limits of slip and its price collar: the receipt names them. "
	"A way that cannot be gone now is tried every second. What was accepted stays so until something new fills.\n\n"
	"In place of a pair, a contract that is fenced (`tandem positions DB` shows it), INSTRUMENT or INSTRUMENT@ACCOUNT:\n"
	"adopt [INSTANCE]  what differs and what nobody holds of it is that instance's from now on\n"
	"accept            it is nobody's: traded by hand; wants --reason\n\n"
	"  tandem held data/au\n"
	"  tandem resolve data/au 0001000300000007 unwind --reason \"venue closes early\"\n"
	"  tandem resolve data/au BN.BTCUSDT@main accept --reason \"a hedge of mine\"\n\n"
	"Exit codes: 1 the host said no, 2 usage, 4 no host runs there.";

static bool is_pair(const char *s)
{
	size_t n = 0;
	while (isxdigit((unsigned char)s[n]))
		n++;
	return n > 0 && n <= 16 && !s[n];
}

/* Names of instruments have a dot, or an account behind an @. */
static bool is_contract(const char *s)
{
	return (strchr(s, '.') || strchr(s, '@')) && strlen(s) < 64;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct resolve_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_WHY:
		o->why = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0) {
			o->db = arg;
		} else if (state->arg_num == 1) {
			if (!is_pair(arg) && !is_contract(arg))
				argp_error(
					state,
					"'%s' is no pair (up to 16 hex digits; `tandem held DB` lists them) and no contract (INSTRUMENT@ACCOUNT)",
					arg);
			o->pair = arg;
		} else if (state->arg_num == 2) {
			if (!resolve_way_find(arg))
				argp_error(
					state,
					"a pair is resolved by complete, unwind, adopt or accept, not by '%s'",
					arg);
			o->way = arg;
		} else if (state->arg_num == 3 && is_contract(o->pair) &&
			   resolve_way_find(o->way) == RESOLVE_ADOPT) {
			o->instance = arg;
		} else {
			argp_error(state, "one pair at a time: what is %s?", arg);
		}
		return 0;
	case ARGP_KEY_END:
		if (!o->way)
			argp_error(state, "a store, a pair and a way are needed: DB PAIR WAY");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_json(const struct resolve_options *o, const char *answer)
{
	char line[1024];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "command", "resolve");
	json_str(&j, "pair", o->pair);
	json_str(&j, "way", o->way);
	json_str(&j, "answer", answer);
	json_obj_end(&j);
	puts(line);
}

int cmd_resolve(int argc, char **argv)
{
	struct resolve_options o = { .why = "" };
	struct argp argp = { options, parse, "DB PAIR|CONTRACT complete|unwind|adopt|accept",
			     doc,     NULL,  NULL,
			     NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	struct env_command c = { .kind = CMD_RESOLVE };
	char path[PATH_MAX], answer[512];
	snprintf(c.scope, sizeof c.scope, "%s", o.pair);
	snprintf(c.arg, sizeof c.arg, "%s%s%s", o.way, o.instance ? " " : "",
		 o.instance ? o.instance : "");
	int rc = 0;
	if (snprintf(c.why, sizeof c.why, "%s", o.why) >= (int)sizeof c.why)
		rc = err_set(ERR_ARG, "a reason is one line of at most %zu bytes",
			     sizeof c.why - 1);
	if (!rc)
		rc = reach_path(o.db, "control", S_IFSOCK, path);
	if (!rc)
		rc = control_tell(path, &c, answer, sizeof answer);
	if (rc)
		return reach_fail("resolve", o.json, rc);
	if (o.json)
		print_json(&o, answer);
	else
		puts(answer);
	return EXIT_OK;
}
