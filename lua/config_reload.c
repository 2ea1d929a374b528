/* config_reload - what a new version of an instance's script must go through before it is trusted. */
#include "lua/config_part.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_reload, m)

static const struct field reload_fields[] = {
	{ "on_save", FIELD_BOOL, TO(on_save), .def = "false",
	  .doc = "the file is taken whenever it is written, as by `tandem reload`" },
	{ "dry_run", FIELD_DURATION, TO(dry_run_ns), .def = "10s", .min = "0s", .max = "1h",
	  .doc = "so much of what was recorded last is it shown before it trades; 0s for none" },
	{ "trial_calls", FIELD_INT, TO(trial_calls), .def = "1000", .min = "0", .max = "1000000000",
	  .unit = "calls",
	  .doc = "so many calls is it on trial: a fault, and the version before takes over again; 0 for no trial" },
	{ "max_errors", FIELD_INT, TO(max_errors), .def = "0", .min = "0", .max = "1000000",
	  .doc = "calls that may fail in a trial; one that overruns ends it at once" },
	{ "max_refused", FIELD_INT, TO(max_refused), .def = "0", .min = "0", .max = "1000000",
	  .doc = "proposals in a trial that may be out of bounds in themselves: nonsense, too large, too many in a second, or at a stated price that is too far from the market" },
	{ "max_broken", FIELD_RATE, TO(max_broken_ppm), .dp = 6, .def = "50%", .min = "0",
	  .max = "100%",
	  .doc = "part of its pairs in a trial that may break, once there are five" },
	{ "max_slip", FIELD_DECIMAL, TO(max_slip_e8), .dp = 8, .def = "0", .min = "0",
	  .unit = "quote currency of the first leg",
	  .doc = "what a pair may cost beyond its trigger prices, in the mean of a trial, once there are five; 0: not looked at" },
	{ "max_loss", FIELD_DECIMAL, TO(max_loss_e8), .dp = 8, .def = "0", .min = "0",
	  .unit = "quote currency of the first leg",
	  .doc = "what the instance may lose in a trial; 0: not looked at" },
	{ "canary", FIELD_TABLE,
	  .doc = "parts of the size that a canary trades, step by step, before all of it: { \"10%\", \"50%\" }, up to 4; that is also what counts without it" },
	{ "canary_pairs", FIELD_INT, TO(canary_pairs), .def = "10", .min = "1", .max = "1000000",
	  .doc = "pairs that must have ended before a canary goes a step on" },
	{ "canary_time", FIELD_DURATION, TO(canary_time_ns), .def = "10min", .min = "0s",
	  .max = "30d", .doc = "and how long a step takes at least" },
};
const struct section config_reload_section = { "reload",
					       "what a new version of the script goes through",
					       reload_fields, COUNT(reload_fields), NULL };

void config_read_canary(struct config_part *p, const struct tree_node *reload,
			struct config_reload *c)
{
	static const struct field part = { "canary",	  FIELD_RATE,
					   .offset = 0,	  .size = sizeof c->canary_ppm[0],
					   .dp = 6,	  .min = "1ppm",
					   .max = "100%", .doc = "a part of the size" };
	const struct tree_node *node = tree_get(reload, "canary");
	if (!node) {
		c->n_canary = 2;
		c->canary_ppm[0] = 100000;
		c->canary_ppm[1] = 500000;
		return;
	}
	if (!schema_is_list(&p->schema, node, "parts of the size"))
		return;
	for (const struct tree_node *n = node->child; n; n = n->next) {
		if (c->n_canary == CANARY_STEPS) {
			schema_error(
				&p->schema, n,
				"reload.canary has more than %d steps; a canary goes up in a few; leave some out",
				CANARY_STEPS);
			return;
		}
		int32_t ppm = 0;
		if (!schema_value(&p->schema, n, &part, &ppm))
			continue;
		if (c->n_canary && ppm <= c->canary_ppm[c->n_canary - 1])
			schema_error(
				&p->schema, n,
				"reload.canary goes down or stays; each step is to trade more than the one before; put them in rising order");
		c->canary_ppm[c->n_canary++] = ppm;
	}
}
