/* Any bytes as an operator's line, and as a row that a host answers: nothing of it runs over, and what was understood is said the same way again. */
#include "core/base/must.h"
#include "core/ops/control.h"
#include "core/ops/list.h"
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[1024], again[1024], *field[LIST_COLUMNS_MAX];
	struct env_command c = { 0 }, same = { 0 };
	size_t n = size < sizeof line - 1 ? size : sizeof line - 1;
	memcpy(line, data, n);
	line[n] = '\0';
	if (control_parse(line, &c) == 0) {
		must(c.kind < env_command_max);
		snprintf(again, sizeof again, "%s %s\t%s\t%s\n",
			 control_verb((enum env_command_kind)c.kind), c.scope, c.why, c.arg);
		must(control_parse(again, &same) == 0 && memcmp(&c, &same, sizeof c) == 0);
	}
	unsigned fields = list_split(line, field);
	must(fields >= 1 && fields <= LIST_COLUMNS_MAX);
	for (unsigned i = 0; i < fields; i++)
		must(field[i] >= line && field[i] + strlen(field[i]) <= line + n);
	return 0;
}
