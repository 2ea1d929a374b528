/* bind - a script and the instance of a configuration that it runs as: loaded with its names, parameters and units, and the instance's legs put into the script's order.
 *
 * Main thread; cold. */
#pragma once
#include "core/ops/config.h"
#include "lua/host.h"

/* What lua_host_load wants to know of an instance, from its configuration. */
struct lua_instance_options bind_options(const struct config *c, uint16_t instance);
/* The strategy file names its legs in an order of its own; the configuration's rows follow it. */
void bind_legs(struct config_instance *c, const struct strategy *s);
/* What lua_host_load says. saved NULL: no state of an earlier life. */
int bind_script(struct lua_host *lua, struct config *c, uint16_t instance, const void *saved,
		size_t saved_len, uint64_t seed, struct strategy **out);
