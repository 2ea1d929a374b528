#include "lua/config_part.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_instance, m)

static const char *const on_leg_fails[] = { "cheapest", "complete", "unwind", "hold", NULL };
_Static_assert(COUNT(on_leg_fails) == on_leg_fail_max + 1,
	       "a word for everything that can be done");

/* What the script states counts where it is tighter than this. */
static const struct field limit_fields[] = {
	{ "rescue_budget", FIELD_DECIMAL, TO(rescue_budget_e8), .flags = FIELD_REQUIRED, .dp = 8,
	  .min = "0", .unit = "quote currency",
	  .doc = "the money that finishing a broken pair may cost beyond its trigger prices; then it is held and you are alerted" },
	{ "max_pair_lots", FIELD_INT, TO(max_pair_lots), .def = "0", .min = "0",
	  .unit = "pair lots", .doc = "the largest single pair; 0 for no limit of its own" },
	{ "max_pos_lots", FIELD_INT, TO(max_pos_lots), .def = "0", .min = "0", .unit = "pair lots",
	  .doc = "the largest position of this instance, either way; 0 for no limit of its own" },
	{ "max_pairs_in_flight", FIELD_INT, TO(max_pairs_in_flight), .def = "1", .min = "1",
	  .max = "1000", .doc = "how many pairs may be on their way at once" },
	{ "max_skew", FIELD_DURATION, TO(limits.max_skew_ns), .min = "1us", .max = "1h",
	  .doc = "how far apart the moments may lie at which both legs were last proven valid" },
	{ "max_age", FIELD_DURATION, TO(limits.max_age_ns), .min = "1us", .max = "1h",
	  .doc = "how long ago a quote may have been proven valid" },
	{ "max_clock_bound", FIELD_DURATION, TO(limits.max_clock_bound_ns), .min = "1us",
	  .max = "1h",
	  .doc = "how far a venue's clock may be off against ours before its stamps are not traded on" },
	{ "close_margin", FIELD_DURATION, TO(limits.close_margin_ns), .min = "1us", .max = "24h",
	  .doc = "how long before one of its legs stops being traded nothing is opened" },
	{ "leg_timeout", FIELD_DURATION, TO(limits.leg_timeout_ns), .min = "1ms", .max = "1h",
	  .doc = "how long a leg may work before the pair counts as broken" },
	{ "pair_timeout", FIELD_DURATION, TO(limits.pair_timeout_ns), .min = "1ms", .max = "24h",
	  .doc = "how long a pair may take to be hedged or flat before it is held and you are alerted" },
	{ "max_slip_ticks", FIELD_INT, TO(limits.max_slip_tick), .min = "0", .max = "1000000",
	  .unit = "ticks", .doc = "how much worse than its trigger price a leg may be sent" },
	{ "max_unwind_slip_ticks", FIELD_INT, TO(limits.max_unwind_slip_tick), .min = "0",
	  .max = "1000000", .unit = "ticks", .doc = "the same for a rescue" },
	{ "on_leg_fail", FIELD_ENUM, TO(limits.on_leg_fail), .names = on_leg_fails,
	  .doc = "what to do with a broken pair: whichever of the two costs less, complete it, unwind it, or hold it" },
};
static const struct field_order limit_order[] = {
	{ "leg_timeout", "pair_timeout" },
	{ "max_pair_lots", "max_pos_lots" },
	{ NULL, NULL },
};
static const struct section limits = {
	"limits", "bounds of this instance; what is not set is as its script states it",
	limit_fields, COUNT(limit_fields), limit_order
};

static const struct field band_fields[] = {
	{ "window", FIELD_DURATION, TO(band_window_ns), .flags = FIELD_REQUIRED, .min = "1s",
	  .max = "7d", .doc = "how far back mean and deviation look" },
	{ "sample", FIELD_DURATION, TO(band_sample_ns), .def = "1s", .min = "10ms", .max = "1h",
	  .doc = "how often the basis is looked at for them" },
};
static const struct field_order band_order[] = { { "sample", "window" }, { NULL, NULL } };
static const struct section bands = { "bands", "mean, deviation and z-score of the basis",
				      band_fields, COUNT(band_fields), band_order };

static const struct field instance_fields[] = {
	{ "name", FIELD_NAME, TO(name), .flags = FIELD_REQUIRED,
	  .doc = "what the instance is called in receipts and commands" },
	{ "file", FIELD_PATH, TO(file), .flags = FIELD_REQUIRED,
	  .doc = "the Lua file of the strategy; several instances may share one" },
	{ "legs", FIELD_TABLE, .flags = FIELD_REQUIRED,
	  .doc = "which instrument each leg of the script is: { near = \"X.A\", far = \"Y.B\" }, 2 to 5" },
	{ "refs", FIELD_TABLE,
	  .doc = "instruments that are priced and not traded, such as an exchange rate: { usdcnh = \"FX.USDCNH\" }, up to 4" },
	{ "accounts", FIELD_TABLE,
	  .doc = "which account each leg trades under: { near = \"main\" }; not needed where its venue has just one" },
	{ "ratios", FIELD_TABLE,
	  .doc = "base units of a leg for one of the pair: { far = \"1/2\" }; 1 where it is not said" },
	{ "params", FIELD_TABLE,
	  .doc = "numbers for the script's parameters: { open_bp = 12 }; the others stay as the script has them" },
	{ "lot_base", FIELD_DECIMAL, TO(lot_base_e8), .dp = 8, .def = "0", .min = "0",
	  .unit = "base units", .doc = "one pair lot; 0 for the coarser leg's lot" },
	{ "want_lots", FIELD_INT, TO(want_lots), .def = "0", .min = "0", .max = "1000000000",
	  .unit = "pair lots",
	  .doc = "the size that executable prices are worked out for, through the depth of both books; 0: what stands at the best prices" },
	{ "execution", FIELD_SECTION, .offset = 0, .sub = &config_execution,
	  .doc = "how its pairs go out, where a proposal does not say it" },
	{ "bands", FIELD_SECTION, .offset = 0, .sub = &bands,
	  .doc = "mean, deviation and z-score of the basis over a window; without it none" },
	{ "limits", FIELD_SECTION, .offset = 0, .flags = FIELD_REQUIRED, .sub = &limits,
	  .doc = "bounds of this instance" },
	{ "rescue", FIELD_SECTION, .offset = (uint32_t)offsetof(struct config_instance, rescue),
	  .sub = &config_rescue_section,
	  .doc = "the ladder out of a broken pair, and the watch over what is held" },
	{ "reload", FIELD_SECTION, .offset = (uint32_t)offsetof(struct config_instance, reload),
	  .sub = &config_reload_section,
	  .doc = "what a new version of its script goes through" },
};

const struct section config_strategies = {
	"strategies", "the instances that run: a script, its legs and its bounds; a list of tables",
	instance_fields, COUNT(instance_fields), NULL
};

static bool read_param(struct config_part *p, const struct tree_node *node,
		       struct config_param *out)
{
	static const struct field name = { "param", FIELD_NAME, .offset = 0,
					   .size = sizeof(out->name), .doc = "a parameter" };
	if (node->kind != TREE_NUMBER) {
		schema_error(
			&p->schema, node,
			"parameter \"%s\" is %s, but must be a number; scripts take numbers only; write it without quotes",
			node->key, tree_kind_name(node->kind));
		return false;
	}
	struct tree_node key = *node;
	key.kind = TREE_STRING;
	key.text = node->key;
	key.len = strlen(node->key);
	if (!schema_value(&p->schema, &key, &name, out->name))
		return false;
	out->value = node->number;
	out->line = node->line;
	return true;
}

static void read_params(struct config_part *p, const struct tree_node *node,
			struct config_instance *c)
{
	if (!node)
		return;
	c->param = calloc(node->n_children + 1, sizeof(*c->param));
	if (!c->param) {
		schema_error(
			&p->schema, node,
			"no memory for its parameters; the machine is short of it; end other programs");
		return;
	}
	for (const struct tree_node *n = node->child; n; n = n->next)
		c->n_params += read_param(p, n, &c->param[c->n_params]);
}

void config_read_instance(struct config_part *p, const struct tree_node *node, void *item)
{
	struct config_instance *c = item;
	c->limits.max_slip_tick = c->limits.max_unwind_slip_tick = -1;
	c->limits.on_leg_fail = UINT8_MAX;
	schema_read(&p->schema, node, &config_strategies, c);
	read_params(p, config_map(p, node, "params", "parameters and their numbers"), c);
	config_read_legs(p, node, c);
	config_read_execution(p, node, c);
	config_read_rates(p, tree_get(node, "rescue"), &c->rescue);
	config_read_canary(p, tree_get(node, "reload"), &c->reload);
	config_file_readable(p, config_at(node, "file"), c->file);
	config_check_instance(p, node, c);
}
