#include "core/cmd/venue_config_cn.h"
#include "core/base/err.h"
#include "lua/config.h"
#include <string.h>

#define CALENDARS (SETUP_VENUES * SETUP_SYMBOLS)

static const struct tree_node *at_or(const struct tree_node *node, const char *key)
{
	const struct tree_node *n = tree_get(node, key);
	return n ? n : node;
}

/* Each is built once and kept: contracts point at it. */
static const struct calendar *calendar_named(const char *name)
{
	static struct calendar known[CALENDARS];
	static unsigned n_known;
	for (unsigned i = 0; i < n_known; i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	if (n_known == CALENDARS || config_calendar_shipped(name, &known[n_known]) != 0)
		return NULL;
	return &known[n_known++];
}

static int house_of(const char *symbol)
{
	const char *point = strchr(symbol, '.');
	for (int h = 0; point && h < cn_house_max; h++) {
		size_t n = strlen(cn_house_rule[h].name);
		if ((size_t)(point - symbol) == n && !memcmp(symbol, cn_house_rule[h].name, n))
			return h;
	}
	return -1;
}

void venue_config_contract(struct schema *s, const struct tree_node *node, const struct cn_form *f,
			   struct instrument *i, struct cn_contract *out)
{
	int house = house_of(i->symbol);
	*out = (struct cn_contract){ .calendar =
					     f->calendar[0] ? calendar_named(f->calendar) : NULL,
				     .house = (uint8_t)(house < 0 ? 0 : house),
				     .settle_px = f->settle_px,
				     .open_limit = f->open_limit };
	i->caps.types = 1u << ORD_LIMIT;
	i->caps.tifs = 1u << TIF_DAY | 1u << TIF_IOC | 1u << TIF_FOK;
	if (house < 0)
		schema_error(
			s, at_or(node, "symbol"),
			"\"%s\" names no exchange; rules and closing differ by exchange; write it in front: \"SHFE.au2702\"",
			i->symbol);
	if (!out->calendar)
		schema_error(
			s, at_or(node, "calendar"),
			"\"%s\" has no calendar that ships; a domestic contract is traded by sessions; write calendar = \"SHFE.au\"",
			i->symbol);
	if (f->settle_px <= 0)
		schema_error(
			s, at_or(node, "settle_px"),
			"\"%s\" has no settlement price; price limits and margin are counted from it; write settle_px",
			i->symbol);
	if (i->qty_dp)
		schema_error(
			s, at_or(node, "qty_dp"),
			"\"%s\" is traded in whole lots; parts of one are no order; write qty_dp = 0",
			i->symbol);
}

void venue_config_members(struct setup_venue *v)
{
	for (uint16_t a = 0; a < v->n_accounts; a++) {
		const struct exchange_account *e = &v->account[a];
		/* Owners that are named come behind those who are their own. */
		v->member[a].owner = e->owner ? (uint16_t)(SETUP_ACCOUNTS + e->owner - 1) : a;
		v->member[a].deposit_e8 = 0;
		for (uint8_t d = 0; d < e->n_deposits; d++)
			v->member[a].deposit_e8 += e->deposit[d].amount_e8;
	}
}

/* A plan that is meant for a symbol nobody trades would never be seen to fail. */
static void check_plan(struct schema *s, const struct tree_node *at, const struct setup_venue *v)
{
	for (uint32_t p = 0; at && p < v->knobs.n_plan; p++) {
		const char *symbol = v->knobs.plan[p].symbol;
		bool found = !symbol[0];
		for (uint16_t i = 0; i < v->n_instruments; i++)
			found |= strcmp(v->instrument[i].symbol, symbol) == 0;
		if (!found)
			schema_error(
				s, at,
				"the plan mutes \"%s\"; the venue has no such symbol; write one of its symbols",
				symbol);
	}
}

void venue_config_check_knobs(struct schema *s, const struct tree_node *at,
			      const struct setup_venue *v)
{
	check_plan(s, at, v);
	if (!at || v->kind != SETUP_CN_FUTURES)
		return;
	for (uint32_t p = 0; p < v->knobs.n_plan; p++)
		if (v->knobs.plan[p].kind == PLAN_HALT)
			schema_error(
				s, at,
				"a domestic venue is not halted by a plan; its calendar opens and closes it; take the halt out");
	if (v->knobs.ppm[FAULT_TIMEOUT])
		schema_error(
			s, at,
			"a domestic counter does not answer requests, so that no answer can say \"timeout\"; take it out, or write drop.out");
}
