/* venue_config_cn - what the configuration of a simulated domestic venue says beside that of any other: contracts with calendars and settlement prices, members. Any thread; cold. */
#pragma once
#include "adapters/sim/server_setup.h"
#include "lua/schema.h"

struct cn_form { /* as it is written */
	char calendar[CALENDAR_NAME];
	int64_t settle_px, open_limit;
};
/* What is wrong is told at the node. The calendar is kept for the life of the process. */
void venue_config_contract(struct schema *s, const struct tree_node *node, const struct cn_form *f,
			   struct instrument *i, struct cn_contract *out);
void venue_config_members(struct setup_venue *v);
/* Faults that the venue has no way to do: plans for symbols that it has not, and what no domestic venue does. */
void venue_config_check_knobs(struct schema *s, const struct tree_node *at,
			      const struct setup_venue *v);
