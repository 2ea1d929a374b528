/* load - turns the text of a strategy into an instance: sandbox, prelude, the script's own chunk, its saved state.
 * Inside lua/ only. Any thread. */
#pragma once
#include "lua/instance.h"

int load_instance(struct lua_host *h, const struct lua_instance_options *o, struct instance **out);
