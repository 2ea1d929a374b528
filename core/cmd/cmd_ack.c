/* cmd_ack - `tandem ack DB ID`: an operator says that he knows of an alert. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/reach.h"
#include "core/ops/control.h"
#include <argp.h>
#include <string.h>

enum { OPT_JSON = 1, OPT_WHY };

struct ack_options {
	const char *db, *id, *why;
	bool json;
};

static const struct argp_option options[] = {
	{ "reason", OPT_WHY, "TEXT", 0, "goes into the receipt", 0 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 0 },
	{ 0 },
};

static const char doc[] =
	"Ack: an alert of the running host on DB is known to somebody; `tandem alerts DB` lists the open ones and their ids.\v"
	"It leaves the list, and a receipt says who has acknowledged it. Should the same happen again, it is a new alert. Nothing else is changed: "
	"a pair that is held stays so.\n\n"
	"  tandem ack data/au 4711 --reason \"called the broker\"\n\n"
	"Exit codes: 1 no such alert is open, 2 usage, 4 no host runs there.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ack_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_WHY:
		o->why = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "one alert at a time: what is %s?", arg);
		if (state->arg_num == 0) {
			o->db = arg;
			return 0;
		}
		if (!*arg || arg[strspn(arg, "0123456789")] || strlen(arg) > 20)
			argp_error(state,
				   "'%s' is no alert: a number; `tandem alerts DB` lists them",
				   arg);
		o->id = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->id)
			argp_error(state, "a store and an alert are needed: DB ID");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_json(const struct ack_options *o, const char *answer)
{
	char line[1024];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "command", "ack");
	json_str(&j, "id", o->id);
	json_str(&j, "answer", answer);
	json_obj_end(&j);
	puts(line);
}

int cmd_ack(int argc, char **argv)
{
	struct ack_options o = { .why = "" };
	struct argp argp = { options, parse, "DB ID", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	char path[PATH_MAX], answer[512];
	int rc = reach_path(o.db, "control", S_IFSOCK, path);
	if (!rc)
		rc = control_ask(path, CMD_ACK, o.id, o.why, answer, sizeof answer);
	if (rc)
		return reach_fail("ack", o.json, rc);
	if (o.json)
		print_json(&o, answer);
	else
		puts(answer);
	return EXIT_OK;
}
