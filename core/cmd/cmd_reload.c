/* cmd_reload - `tandem reload DB INSTANCE`: a new version of a script for a running host, or the way back to the one before. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/reach.h"
#include "core/ops/control.h"
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_S	60
#define ASK_NS	50000000 /* a wait between two questions */
#define S_AS_NS 1000000000

enum {
	OPT_JSON = 1,
	OPT_WHY,
	OPT_BACK,
	OPT_SHADOW,
	OPT_CANARY,
	OPT_DROP,
	OPT_PROMOTE,
	OPT_FILE,
	OPT_WAIT
};

struct reload_options {
	const char *db, *instance, *file, *why, *how;
	long wait_s;
	bool json;
};

static const struct argp_option options[] = {
	{ "back", OPT_BACK, 0, 0, "the version before trades again", 1 },
	{ "canary", OPT_CANARY, 0, 0,
	  "the new version trades a part of the size until it has earned more (reload.canary)", 1 },
	{ "shadow", OPT_SHADOW, 0, 0,
	  "it runs beside the one that trades; what it proposes is recorded and never sent", 1 },
	{ "drop", OPT_DROP, 0, 0, "ends the shadow, and says how it compared", 1 },
	{ "promote", OPT_PROMOTE, 0, 0,
	  "a canary trades the whole size at once, or a shadow trades; with a reason", 1 },
	{ "file", OPT_FILE, "FILE", 0, "another file than the configuration names", 2 },
	{ "reason", OPT_WHY, "TEXT", 0, "goes into the receipt", 3 },
	{ "wait", OPT_WAIT, "SECONDS", 0, "for the version to be ready (60)", 3 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 3 },
	{ 0 },
};

static const char doc[] =
	"Reload: a new version of an instance's script, while the host trades.\v"
	"The file is read, compiled, checked against configuration and units, given the memory of the version that trades (on_load), and shown "
	"what was recorded of its markets in the last seconds (reload.dry_run): all beside the engine. Then it is swapped in between two turns. Pairs "
	"in flight stay with the version that opened them. What fails at any step leaves the old version trading, and the answer says why.\n\n"
	"A version that has come is on trial (reload.trial_calls): one that raises, overruns or goes out of bounds is gone back from at once.\n\n"
	"  tandem reload data/au au_gc\n"
	"  tandem reload data/au au_gc --shadow --file strategies/au_basis_v4.lua\n"
	"  tandem reload data/au au_gc --back --reason \"too eager at the open\"\n\n"
	"It is prepared for as long as it takes; --wait 0 asks and does not wait. `tandem versions DB INSTANCE` tells what came of every version. Exit codes: 1 the host said no, 2 usage, 4 no host runs there.";

static void choose(struct reload_options *o, const char *how, struct argp_state *state)
{
	if (o->how)
		argp_error(state, "--%s and --%s exclude each other", o->how, how);
	o->how = how;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct reload_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_WHY:
		o->why = arg;
		return 0;
	case OPT_FILE:
		o->file = arg;
		return 0;
	case OPT_BACK:
		choose(o, "back", state);
		return 0;
	case OPT_CANARY:
		choose(o, "canary", state);
		return 0;
	case OPT_SHADOW:
		choose(o, "shadow", state);
		return 0;
	case OPT_DROP:
		choose(o, "drop", state);
		return 0;
	case OPT_PROMOTE:
		choose(o, "promote", state);
		return 0;
	case OPT_WAIT: {
		char *end;
		o->wait_s = strtol(arg, &end, 10);
		if (*end || end == arg || o->wait_s < 0 || o->wait_s > 86400)
			argp_error(state, "--wait takes seconds from 0 to 86400, not '%s'", arg);
		return 0;
	}
	case ARGP_KEY_ARG:
		if (state->arg_num == 0)
			o->db = arg;
		else if (state->arg_num == 1)
			o->instance = arg;
		else
			argp_error(state, "one instance at a time: what is %s?", arg);
		return 0;
	case ARGP_KEY_END:
		if (!o->instance)
			argp_error(state, "a store and an instance are needed: DB INSTANCE");
		if (o->file && o->how && strcmp(o->how, "shadow") && strcmp(o->how, "canary"))
			argp_error(state, "--%s takes no file", o->how);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int fill(const struct reload_options *o, struct env_command *c)
{
	char path[PATH_MAX] = "";
	if (o->file && !realpath(o->file, path))
		return err_set(ERR_ARG, "%s: there is no such file", o->file);
	if (snprintf(c->scope, sizeof c->scope, "%s", o->instance) >= (int)sizeof c->scope)
		return err_set(ERR_ARG, "no instance has a name of more than %zu bytes",
			       sizeof c->scope - 1);
	if (snprintf(c->why, sizeof c->why, "%s", o->why) >= (int)sizeof c->why)
		return err_set(ERR_ARG, "a reason is one line of at most %zu bytes",
			       sizeof c->why - 1);
	if (snprintf(c->arg, sizeof c->arg, "%s%s%s", o->how ? o->how : "swap", path[0] ? " " : "",
		     path) >= (int)sizeof c->arg)
		return err_set(ERR_ARG, "%s: the path is too long for a command (%zu bytes)", path,
			       sizeof c->arg - 8);
	return 0;
}

/* A version that is being prepared has a number: its answer is asked for until it is there, and nobody else's line is held meanwhile. */
static int follow(const struct reload_options *o, const char *path, const struct env_command *asked,
		  char *answer, size_t cap)
{
	struct env_command c = *asked;
	const struct timespec pause = { .tv_nsec = ASK_NS };
	unsigned number, again;
	int rc = 0;
	if (sscanf(answer, "%u is being prepared", &number) != 1)
		return 0;
	snprintf(c.arg, sizeof c.arg, "told %u", number);
	for (long left = o->wait_s * (S_AS_NS / ASK_NS); !rc && left > 0; left--) {
		nanosleep(&pause, NULL);
		rc = control_tell(path, &c, answer, cap);
		if (!rc && sscanf(answer, "%u is being prepared", &again) != 1)
			return 0;
	}
	if (!rc && o->wait_s)
		rc = err_set(
			ERR_TIMEOUT,
			"version %u of %s is still being prepared after %ld s; `tandem versions %s %s` will tell what came of it",
			number, o->instance, o->wait_s, o->db, o->instance);
	return rc;
}

int cmd_reload(int argc, char **argv)
{
	struct reload_options o = { .why = "", .wait_s = WAIT_S };
	struct argp argp = { options, parse, "DB INSTANCE", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	struct env_command c = { .kind = CMD_RELOAD };
	char path[PATH_MAX], answer[512];
	int rc = fill(&o, &c);
	if (!rc)
		rc = reach_path(o.db, "control", S_IFSOCK, path);
	if (!rc)
		rc = control_tell(path, &c, answer, sizeof answer);
	if (!rc)
		rc = follow(&o, path, &c, answer, sizeof answer);
	if (rc)
		return reach_fail("reload", o.json, rc);
	if (!o.json) {
		puts(answer);
		return EXIT_OK;
	}
	char line[1024];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "command", "reload");
	json_str(&j, "instance", o.instance);
	json_str(&j, "how", c.arg);
	json_str(&j, "answer", answer);
	json_obj_end(&j);
	puts(line);
	return EXIT_OK;
}
