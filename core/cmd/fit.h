/* fit - do an instance's script and legs fit together? What `tandem check` says beyond the configuration's own words.
 *
 * Every script is loaded as the host would load it (nothing of it is called but its own chunk), bound to the instruments that the configuration names: its parameters, its legs, and the
 * units and currencies of its conversions. And contracts of unequal size are solved in whole lots: which numbers of them belong together, and what each leaves over. Main thread. */
#pragma once
#include "core/base/json_out.h"
#include "core/market/unit.h"
#include "core/ops/config.h"
#include "lua/config_errors.h"
#include <stdio.h>

struct fit {
	char (*value_unit)[UNIT_TEXT]; /* by instance: what its values are in */
};

/* 0; -ERR_CONFIG with an error added for every script that does not load, "file:line: what ..." of the script; -ERR_NOMEM, -ERR_STATE. */
int fit_check(const struct config *c, struct fit *f, struct config_errors *errs);
void fit_free(struct fit *f);
/* The unit of the values, and the lots of legs whose contracts differ. */
void fit_print(FILE *out, const struct config *c, const struct config_instance *in,
	       const struct fit *f);
void fit_json(struct json_out *j, const struct config *c, const struct config_instance *in,
	      const struct fit *f);
