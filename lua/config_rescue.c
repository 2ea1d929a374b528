/* config_rescue - what an instance does about a broken pair: the rows of its ladder, and what it watches once its pairs have ended. */
#include "lua/config_part.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_step, m)

#define MESSAGES                                                                               \
	{                                                                                      \
		"max_messages", FIELD_INT, TO(messages),                                       \
			.def = "20", .min = "1", .max = "10000", .unit = "orders and cancels", \
			.doc = "how many it may send for one pair until that has rested"       \
	}
#define MONEY                                                                               \
	{                                                                                   \
		"max_money", FIELD_DECIMAL, TO(money_e8),                                   \
			.dp = 8, .def = "0", .min = "0",                                    \
			.unit = "quote currency of the first leg",                          \
			.doc = "the most that it may cost; 0: only rescue_budget bounds it" \
	}
#define TICKS(as)                                                                   \
	{                                                                           \
		"max_ticks", FIELD_INT, TO(ticks),                                  \
			.def = "0", .min = "0", .max = "1000000", .unit = "ticks",  \
			.doc = "how far from its reference it may trade; 0: as " as \
	}
#define TIME(text)                                                                           \
	{                                                                                    \
		"time", FIELD_DURATION, TO(time_ns), .def = "0s", .min = "0s", .max = "24h", \
						     .doc = text                             \
	}

static const struct field wait_fields[] = {
	TIME("how long nothing is sent while the market may come back to the trigger prices; 0: not at all"),
	{ "max_ticks", FIELD_INT, TO(ticks), .def = "0", .min = "0", .max = "1000000",
	  .unit = "ticks",
	  .doc = "beyond so much against the trigger it waits no longer; 0: no such limit" },
	MONEY,
};
static const struct field chase_fields[] = {
	TIME("how long orders may rest at their own side of the book, re-priced; 0: not at all"),
	{ "pay_up_ticks", FIELD_INT, TO(pay_up_tick), .def = "0", .min = "0", .max = "1000",
	  .unit = "ticks", .doc = "how much better than its own side's best it quotes" },
	{ "every", FIELD_DURATION, TO(every_ns), .def = "200ms", .min = "1ms", .max = "1h",
	  .doc = "how often the price is looked at; a new order follows the end of the old one" },
	TICKS("max_slip_ticks"),
	MONEY,
	MESSAGES,
};
static const struct field cross_fields[] = {
	TICKS("max_slip_ticks"),
	MONEY,
	TIME("how long it may be tried for one pair until that has rested; 0: no bound"),
	MESSAGES,
};
static const struct field unwind_fields[] = {
	TICKS("max_unwind_slip_ticks"),
	MONEY,
	TIME("how long it may be tried for one pair until that has rested; 0: no bound"),
	MESSAGES,
};
static const struct section wait_row = { "wait", "nothing is sent, the price may come back",
					 wait_fields, COUNT(wait_fields), NULL };
static const struct section chase_row = { "chase", "complete with orders that rest", chase_fields,
					  COUNT(chase_fields), NULL };
static const struct section cross_row = { "cross", "complete through the other side of the book",
					  cross_fields, COUNT(cross_fields), NULL };
static const struct section unwind_row = { "unwind", "take the leading legs back", unwind_fields,
					   COUNT(unwind_fields), NULL };

#undef TO
#define TO(m)  FIELD_TO(struct config_rescue, m)
#define ROW(m) (uint32_t) offsetof(struct config_rescue, m)

static const char *const on_unknowns[] = { "hold", "flatten", NULL };
_Static_assert(COUNT(on_unknowns) == on_unknown_max + 1, "a word for each");
static const char *const on_halts[] = { "freeze", "cut", NULL };
_Static_assert(COUNT(on_halts) == on_halt_max + 1, "a word for each");
static const char *const on_expiries[] = { "alert", "flatten", NULL };
_Static_assert(COUNT(on_expiries) == on_expiry_max + 1, "a word for each");

static const struct field expiry_fields[] = {
	{ "action", FIELD_ENUM, TO(on_expiry), .def = "alert", .names = on_expiries,
	  .doc = "beside opening nothing more: tell somebody, or close the position" },
	{ "before", FIELD_DURATION, TO(expiry_ns), .def = "1d", .min = "0s", .max = "90d",
	  .doc = "how long before a leg expires; 0: never" },
};
static const struct section expiry = { "expiry", "what is done before a leg expires", expiry_fields,
				       COUNT(expiry_fields), NULL };

static const struct field rescue_fields[] = {
	{ "wait", FIELD_SECTION, .offset = ROW(wait), .sub = &wait_row, .doc = "nothing is sent" },
	{ "chase", FIELD_SECTION, .offset = ROW(chase), .sub = &chase_row,
	  .doc = "complete, resting" },
	{ "cross", FIELD_SECTION, .offset = ROW(cross), .sub = &cross_row,
	  .doc = "complete, at once" },
	{ "unwind", FIELD_SECTION, .offset = ROW(unwind), .sub = &unwind_row, .doc = "take back" },
	{ "risk_aversion", FIELD_DECIMAL, TO(risk_aversion_ppm), .dp = 6, .def = "1", .min = "0",
	  .max = "100",
	  .doc = "what one standard deviation of the price, over the time of a step that waits, weighs against money; 0: waiting is free" },
	{ "rest", FIELD_DURATION, TO(rest_ns), .def = "10s", .min = "100ms", .max = "24h",
	  .doc = "how long a pair is held once its steps have used up their messages or their time; then they have them afresh" },
	{ "on_unknown", FIELD_ENUM, TO(on_unknown), .def = "hold", .names = on_unknowns,
	  .doc = "a leg has filled and only its venue knows of another's order: hold the pair, or take the filled leg back" },
	{ "unknown_after", FIELD_DURATION, TO(unknown_ns), .def = "2s", .min = "0s", .max = "24h",
	  .doc = "how long the order must be unknown before that is done" },
	{ "on_halt", FIELD_ENUM, TO(on_halt), .def = "freeze", .names = on_halts,
	  .doc = "the leg to complete is halted: hold the pair, or take the other leg back where that can be done" },
	{ "keep_edge", FIELD_RATE, TO(keep_edge_ppm), .dp = 6, .def = "0%", .min = "0", .max = "100%",
	  .doc = "completing may cost more than max_slip_ticks, up to max_unwind_slip_ticks, while the pair keeps this share of the edge that it was opened for, fees taken off; where what is fair is stated or measured" },
	{ "reopen_close", FIELD_BOOL, TO(reopen_close), .def = "false",
	  .doc = "whether a broken close or roll may be unwound, which opens the position again" },
	{ "settle", FIELD_DURATION, TO(settle_ns), .def = "2s", .min = "100ms", .max = "1h",
	  .doc = "how long a position at rest must be uneven before it is repaired" },
	{ "expiry", FIELD_SECTION, .offset = 0, .sub = &expiry,
	  .doc = "what is done before a leg expires" },
	{ "rates", FIELD_TABLE,
	  .doc = "rates that no reference tells, so that costs of legs in two currencies compare: { [\"CNY/CNH\"] = 1 }, up to 4" },
};

const struct section config_rescue_section = {
	"rescue", "the ladder out of a broken pair, and the watch over what is held", rescue_fields,
	COUNT(rescue_fields), NULL
};

/* "CNY/CNH": both are currencies that some instrument counts in. */
static bool read_assets(struct config_part *p, const struct tree_node *e, struct config_rate *r)
{
	char of[12];
	const char *slash = strchr(e->key, '/');
	size_t n = slash ? (size_t)(slash - e->key) : 0;
	if (n > 0 && n < sizeof of) {
		memcpy(of, e->key, n);
		of[n] = '\0';
		r->of = asset_find(&p->config->assets, of);
		r->in = asset_find(&p->config->assets, slash + 1);
	}
	if (r->of && r->in && r->of != r->in)
		return true;
	schema_error(
		&p->schema, e,
		"\"%s\" is no rate between two currencies of the instruments; it would count for nothing; write it as \"CNY/CNH\"",
		e->key);
	return false;
}

void config_read_rates(struct config_part *p, const struct tree_node *rescue,
		       struct config_rescue *out)
{
	static const struct field ratio = { "rate", FIELD_RATIO, .offset = 0,
					    .size = sizeof(int64_t),
					    .doc = "what one of the first is worth in the second" };
	const struct tree_node *map =
		rescue ? config_map(p, rescue, "rates", "rates between currencies") : NULL;
	for (const struct tree_node *e = map ? map->child : NULL; e; e = e->next) {
		struct config_rate r = { 0 };
		int64_t fraction[2];
		if (out->n_rates == CONFIG_RATES) {
			schema_error(
				&p->schema, e,
				"\"%s\" is one entry too many; there is room for %d; take one out",
				e->key, CONFIG_RATES);
			break;
		}
		if (!read_assets(p, e, &r) || !schema_value(&p->schema, e, &ratio, fraction))
			continue;
		r.num = fraction[0];
		r.den = fraction[1];
		out->rate[out->n_rates++] = r;
	}
}
