#include "core/cmd/reach.h"

#include "core/base/err.h"
#include "core/cmd/cmd.h"
#include <errno.h>
#include <stdio.h>

int reach_path(const char *db, const char *name, mode_t type, char out[PATH_MAX])
{
	struct stat st;
	bool itself = stat(db, &st) == 0 && (st.st_mode & S_IFMT) == type;
	int n = snprintf(out, PATH_MAX, "%s%s%s", db, itself ? "" : "/", itself ? "" : name);
	return n < PATH_MAX ? 0 : err_set(ERR_ARG, "the path is too long: %.80s...", db);
}

error_t reach_parse(int key, char *arg, struct argp_state *state, const char **db)
{
	if (key == ARGP_KEY_ARG) {
		if (*db)
			argp_error(state, "one store, please: %s or %s?", *db, arg);
		*db = arg;
		return 0;
	}
	if (key != ARGP_KEY_NO_ARGS)
		return ARGP_ERR_UNKNOWN;
	argp_error(state, "the folder of the host's store is needed");
	return EINVAL;
}

int reach_fail(const char *verb, bool json, int rc)
{
	if (json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem %s: %s\n", verb, err_text());
	return rc == -ERR_LIMIT ? EXIT_CHECK : rc == -ERR_ARG ? EXIT_USAGE : EXIT_WORLD;
}
