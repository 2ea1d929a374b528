#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/log.h"
#include "core/cmd/cmd.h"
#include "core/cmd/host.h"
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

enum { OPT_JSON = 1, OPT_DIE, OPT_QUIET };

struct run_options {
	struct host_options host;
	bool die_with_parent, quiet;
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "say in JSON that the host is ready", 0 },
	{ "die-with-parent", OPT_DIE, 0, 0, "end when the process that started it ends", 0 },
	{ "quiet", OPT_QUIET, 0, 0, "only warnings and errors on standard error", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->host.json = true;
		return 0;
	case OPT_DIE:
		o->die_with_parent = true;
		return 0;
	case OPT_QUIET:
		o->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->host.config)
			argp_error(state, "one configuration, please: %s or %s?", o->host.config,
				   arg);
		o->host.config = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(
			state,
			"a configuration is needed; examples/binance_pair.lua is one to start from");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_exit_code(int rc)
{
	return rc == 0					? EXIT_OK
	       : rc == -ERR_CONFIG || rc == -ERR_SCRIPT ? EXIT_CONFIG
							: EXIT_WORLD;
}

void cmd_json_failure(FILE *f, const char *error)
{
	char line[2048];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", false);
	json_str(&j, "error", error);
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

int cmd_run(int argc, char **argv)
{
	static const char doc[] =
		"Runs the host: connects to the venues of CONFIG, calls its strategies, trades, and writes receipts.\v"
		"SIGTERM and SIGINT stop it in order: nothing opens any more, what is in flight is finished. A host that was killed "
		"finishes its pairs when it is started again on the same store.";
	struct run_options o = { 0 };
	struct argp argp = { options, parse, "CONFIG", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	if (o.die_with_parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_DUMPABLE, 0); /* keys are in memory: no core dump, no ptrace by others */
	log_set_name("host");
	if (o.quiet)
		log_set_level(LOG_WARN);
	struct host *h;
	int rc = host_open(&o.host, &h);
	if (!rc) {
		rc = host_run(h);
		host_close(h);
	}
	if (rc)
		fprintf(stderr, "tandem run: %s\n", err_text());
	return cmd_exit_code(rc);
}
