/* config_exchange - what exchanges allow an account in a trading day: dated rows, each with the day on which somebody last verified it. */
#include "lua/config_part.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TO(m)	 FIELD_TO(struct config_exchange_rule, m)
#define LIMIT(k) TO(limit[TALLY_##k]), .min = "0", .def = "0"

static const struct field rule_fields[] = {
	{ "exchange", FIELD_NAME, TO(exchange), .flags = FIELD_REQUIRED,
	  .doc = "whose rule it is; it counts for the instruments that name this exchange" },
	{ "instrument", FIELD_REF, TO(instrument), .flags = FIELD_UNSIGNED, .ref = LIST_INSTRUMENT,
	  .doc = "the one contract that it is for: its numbers go before those of the exchange; without it all" },
	{ "from", FIELD_DATE, TO(from), .flags = FIELD_REQUIRED,
	  .doc = "the trading day from which it is in force, until a newer one is" },
	{ "verified", FIELD_DATE, TO(verified), .flags = FIELD_REQUIRED,
	  .doc = "the day on which somebody last compared it with the exchange's own text" },
	{ "orders", FIELD_INT, LIMIT(ORDERS),
	  .doc = "orders of a contract in a day; 0 for no limit, as in all that follow" },
	{ "cancels", FIELD_INT, LIMIT(CANCELS), .doc = "cancels of a contract in a day" },
	{ "large_cancels", FIELD_INT, LIMIT(LARGE_CANCELS),
	  .doc = "cancels of at least large_cancel_lots, of a contract in a day" },
	{ "large_cancel_lots", FIELD_INT, TO(large_cancel_lots), .min = "0", .def = "0",
	  .unit = "lots", .doc = "from which size on a cancel is large" },
	{ "limit_cancels", FIELD_INT, LIMIT(LIMIT_CANCELS),
	  .doc = "cancels of a contract in a day while it stands at its price limit" },
	{ "self_trades", FIELD_INT, LIMIT(SELF_TRADES),
	  .doc = "trades of an account group with itself, of a contract in a day" },
	{ "opened_lots", FIELD_INT, LIMIT(OPENED_LOTS), .unit = "lots",
	  .doc = "lots opened of a contract in a day" },
	{ "messages", FIELD_INT, LIMIT(MESSAGES),
	  .doc = "orders and cancels at the exchange in a day" },
	{ "messages_per_s", FIELD_INT, LIMIT(MESSAGES_PER_S), .max = "500",
	  .doc = "orders and cancels at the exchange within any second" },
	{ "bursts", FIELD_INT, LIMIT(BURSTS),
	  .doc = "times in a day that burst_messages leave within a second; it bars nothing, it only warns" },
	{ "burst_messages", FIELD_INT, TO(burst_messages), .min = "0", .max = "500", .def = "10",
	  .doc = "orders and cancels within a second that are a burst" },
	{ "count_fak", FIELD_BOOL, TO(count_fak), .def = "true",
	  .doc = "whether what is left of a FAK or FOK order counts as a cancel" },
	{ "exempt", FIELD_TABLE,
	  .doc = "accounts that the rule does not bind, a list of names: hedging, market making" },
	{ "warn_pct", FIELD_INT, TO(warn_pct), .flags = FIELD_UNSIGNED, .min = "1", .max = "100",
	  .def = "70", .unit = "per cent", .doc = "of a limit: from there on somebody is told" },
	{ "block_pct", FIELD_INT, TO(block_pct), .flags = FIELD_UNSIGNED, .min = "1", .max = "100",
	  .def = "90", .unit = "per cent",
	  .doc = "of a limit: from there on nothing opens; what closes goes on" },
};

const struct section config_exchange_rules = {
	"exchange_rules", "what exchanges allow an account in a trading day, a list of tables",
	rule_fields, COUNT(rule_fields), NULL
};

static void read_exempt(struct config_part *p, const struct tree_node *list,
			struct config_exchange_rule *r)
{
	static const struct field account = { "account",
					      FIELD_REF,
					      .offset = 0,
					      .size = sizeof(uint16_t),
					      .flags = FIELD_UNSIGNED,
					      .ref = LIST_ACCOUNT,
					      .doc = "the name of an account" };
	if (!list || list->kind != TREE_TABLE ||
	    !schema_is_list(&p->schema, list, "names of accounts"))
		return;
	for (const struct tree_node *n = list->child; n; n = n->next) {
		uint16_t a = NO_ACCOUNT;
		if (schema_value(&p->schema, n, &account, &a) && a < 256)
			r->exempt[a / 64] |= 1ull << a % 64;
	}
}

void config_read_exchange_rule(struct config_part *p, const struct tree_node *node, void *item)
{
	struct config_exchange_rule *r = item;
	r->instrument = NO_INSTRUMENT;
	schema_read(&p->schema, node, &config_exchange_rules, r);
	read_exempt(p, tree_get(node, "exempt"), r);
	if (r->warn_pct > r->block_pct)
		schema_error(
			&p->schema, config_at(node, "warn_pct"),
			"warn_pct (%u) is above block_pct (%u); nobody would be told before nothing opens; lower the one or raise the other",
			r->warn_pct, r->block_pct);
	if (r->limit[TALLY_LARGE_CANCELS] && !r->large_cancel_lots)
		schema_error(
			&p->schema, config_at(node, "large_cancels"),
			"large_cancels of %s are bounded, but no cancel is large; nothing would be counted; add large_cancel_lots = ...",
			r->exchange);
	if (r->instrument != NO_INSTRUMENT && p->schema.list[LIST_INSTRUMENT].item &&
	    strcmp(r->exchange, p->config->instrument[r->instrument].exchange) != 0)
		schema_error(
			&p->schema, config_at(node, "instrument"),
			"%s is not of exchange \"%s\"; the rule would bind nothing; write exchange = \"%s\" there, or name another",
			p->config->instrument[r->instrument].name, r->exchange, r->exchange);
}

/* A name that is written wrongly, here or there, would leave a contract without its limits. */
void config_check_exchange_rules(struct config_part *p)
{
	const struct config *c = p->config;
	const struct tree_node *list = tree_get(p->root, "instruments");
	const struct tree_node *node = list ? list->child : NULL;
	for (uint32_t i = 0; c->instrument && node && i < c->n_instruments;
	     i++, node = node->next) {
		const char *name = c->instrument[i].exchange;
		bool bound = !name[0] || (!c->exchange_rule && tree_get(p->root, "exchange_rules"));
		for (uint32_t k = 0; c->exchange_rule && !bound && k < c->n_exchange_rules; k++)
			bound = strcmp(c->exchange_rule[k].exchange, name) == 0;
		if (!bound)
			schema_error(
				&p->schema, config_at(node, "exchange"),
				"no exchange_rules are of \"%s\"; what it does would be counted against no limit; add a rule of that exchange (examples/exchange_rules.lua has some), or take exchange out",
				name);
	}
}
