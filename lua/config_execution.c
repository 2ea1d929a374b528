/* config_execution - how the pairs of an instance go out, where a proposal does not say it. */
#include "lua/config_part.h"
#include "lua/suggest.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_instance, m)

static const char *const styles[] = { "both", "legged", "passive", NULL };
_Static_assert(COUNT(styles) == pair_style_max, "a word for every style but the default");
static const char *const aligns[] = { "send", "arrive", "less_certain_first", NULL };
_Static_assert(COUNT(aligns) == pair_align_max, "a word for every alignment but the default");

static const struct field execution_fields[] = {
	{ "style", FIELD_ENUM, TO(execution.style), .names = styles, .def = "both",
	  .doc = "how the legs of a pair go out: all in one turn, the first and then the others on what it filled, or the first rests and the others are taken on its fills" },
	{ "first", FIELD_NAME, TO(execution.first_name),
	  .doc = "the leg that goes first or rests; without it the less certain one: the thinner book, then fewer messages left, then the coarser lot" },
	{ "align", FIELD_ENUM, TO(execution.align), .names = aligns, .def = "send",
	  .doc = "when the legs of one turn leave: together, so that they arrive together, or the less certain one first and the others when it is filled" },
	{ "max_stagger", FIELD_DURATION, TO(execution.max_stagger_ns), .def = "50ms", .min = "1us",
	  .max = "1s", .doc = "how much later than the first leg another one may leave" },
	{ "rest", FIELD_DURATION, TO(execution.rest_ns), .def = "5s", .min = "10ms", .max = "10min",
	  .doc = "how long a leg rests before the pair settles on what it has" },
	{ "requote_ticks", FIELD_INT, TO(execution.requote_tick), .def = "1", .min = "1",
	  .max = "1000000", .unit = "ticks",
	  .doc = "how far the derived price must have moved before a resting leg is moved" },
	{ "requote_every", FIELD_DURATION, TO(execution.requote_every_ns), .def = "200ms",
	  .min = "1ms", .max = "10min",
	  .doc = "how often it is moved at most; a price that has become too good is cancelled at once" },
	{ "band_distance_ticks", FIELD_INT, TO(execution.band_distance_tick), .def = "0",
	  .min = "0", .max = "1000000", .unit = "ticks",
	  .doc = "how far every leg must be from its price limits of the day; 0 for as near as they let" },
};
const struct section config_execution = { "execution", "how the pairs of this instance go out",
					  execution_fields, COUNT(execution_fields), NULL };

static uint8_t leg_named(struct config_part *p, const struct tree_node *at,
			 const struct config_instance *c, const char *name)
{
	struct suggest near = { .given = name };
	for (uint8_t l = 0; l < c->n_legs; l++) {
		if (!strcmp(c->leg_name[l], name))
			return l;
		suggest_offer(&near, c->leg_name[l]);
	}
	const char *best = suggest_best(&near);
	schema_error(
		&p->schema, at,
		"execution.first of \"%s\" names \"%s\", which is none of its legs; no leg would go first; %s%s%s",
		c->name, name, best ? "did you mean \"" : "use a name that stands in its legs",
		best ? best : "", best ? "\"?" : "");
	return LEG_ANY;
}

void config_read_execution(struct config_part *p, const struct tree_node *node,
			   struct config_instance *c)
{
	struct config_execution *x = &c->execution;
	const struct tree_node *section = tree_get(node, "execution");
	const struct tree_node *first = tree_get(section, "first");
	x->style++; /* the words begin behind the default */
	x->align++;
	x->first =
		x->first_name[0] ? leg_named(p, first ? first : node, c, x->first_name) : LEG_ANY;
	if (x->align > ALIGN_SEND && x->style != STYLE_BOTH)
		schema_error(
			&p->schema, config_at(section, "align"),
			"execution.align of \"%s\" is of legs that leave in one turn, but its style is %s; it would count for nothing; "
			"take one of them out",
			c->name, styles[x->style - 1]);
}
