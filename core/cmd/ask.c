#include "core/cmd/ask.h"
#include "core/base/err.h"
#include "core/cmd/when.h"
#include <stdio.h>
#include <string.h>

error_t ask_parse(int key, char *arg, struct argp_state *state, const char **path)
{
	if (key == ARGP_KEY_ARG) {
		if (*path)
			argp_error(state, "one store at a time: %s is a second", arg);
		*path = arg;
		return 0;
	}
	if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	if (!*path)
		argp_error(state, "which store? its folder is the argument DB");
	return 0;
}

int ask_name(const struct reader *r, enum name_space space, const char *what, const char *text,
	     uint32_t *id)
{
	*id = 0;
	if (!text)
		return 0;
	*id = reader_name_find(r, space, text);
	if (*id)
		return 0;
	char known[300] = "";
	for (uint32_t i = 1; reader_name(r, space, i) && strlen(known) < sizeof(known) - 60; i++) {
		size_t n = strlen(known);
		snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "",
			 reader_name(r, space, i));
	}
	return err_set(ERR_NOTFOUND, "no receipt here speaks of the %s \"%s\"; known: %s", what,
		       text, known[0] ? known : "none");
}

int ask_time(struct reader *r, const char *text, int64_t *utc_ns)
{
	struct fact f = { .utc_ns = 0 };
	if (!text)
		return 0;
	uint64_t last = reader_last(r);
	int rc = last ? reader_get(r, last, &f) : 0;
	return rc ? rc : when_parse(text, f.utc_ns, utc_ns);
}
