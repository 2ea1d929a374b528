#include "core/market/band.h"
#include "lua/config_part.h"
#include <string.h>

static void check_account(struct config_part *p, const struct tree_node *node,
			  const struct config_instance *c, unsigned leg)
{
	const struct config *all = p->config;
	if (c->leg[leg] == NO_INSTRUMENT || c->account[leg] == NO_ACCOUNT)
		return;
	const struct instrument *i = &all->instrument[c->leg[leg]];
	const struct config_account *a = &all->account[c->account[leg]];
	if (i->venue == NO_VENUE || a->venue == NO_VENUE || i->venue == a->venue)
		return;
	schema_error(
		&p->schema, config_at(config_at(node, "accounts"), c->leg_name[leg]),
		"leg \"%s\" of \"%s\" trades %s on \"%s\", but account \"%s\" is one of \"%s\"; its orders would be refused; name an account of "
		"\"%s\"",
		c->leg_name[leg], c->name, i->name, all->venue[i->venue].name, a->name,
		all->venue[a->venue].name, all->venue[i->venue].name);
}

static void check_pair_of_legs(struct config_part *p, const struct tree_node *node,
			       const struct config_instance *c, unsigned a, unsigned b)
{
	const struct config *all = p->config;
	const struct tree_node *at = config_at(config_at(node, "legs"), c->leg_name[b]);
	if (c->leg[a] == NO_INSTRUMENT || c->leg[b] == NO_INSTRUMENT)
		return;
	const struct instrument *ia = &all->instrument[c->leg[a]],
				*ib = &all->instrument[c->leg[b]];
	if (c->leg[a] == c->leg[b] && c->account[a] == c->account[b])
		schema_error(
			&p->schema, at,
			"legs \"%s\" and \"%s\" of \"%s\" are the same instrument under the same account; the pair would trade "
			"with itself (I15); name another instrument or account for one of them",
			c->leg_name[a], c->leg_name[b], c->name);
	if (ia->base == ib->base && strcmp(ia->base_unit, ib->base_unit) != 0)
		schema_error(
			&p->schema, at,
			"legs \"%s\" and \"%s\" of \"%s\" count their base units in %s and in %s; a pair "
			"is hedged when its legs cancel in one unit; give both the same base_unit, with a "
			"multiplier such as \"100 ozt\"",
			c->leg_name[a], c->leg_name[b], c->name,
			ia->base_unit[0] ? ia->base_unit : "none",
			ib->base_unit[0] ? ib->base_unit : "none");
	if (ia->base && ib->base && ia->base != ib->base)
		schema_error(
			&p->schema, at,
			"legs \"%s\" and \"%s\" of \"%s\" count exposure in %s and in %s; a pair is hedged when its legs cancel in "
			"one asset; give both instruments the same base, with a multiplier that converts",
			c->leg_name[a], c->leg_name[b], c->name, asset_name(&all->assets, ia->base),
			asset_name(&all->assets, ib->base));
}

static void check_refs(struct config_part *p, const struct tree_node *node,
		       const struct config_instance *c)
{
	const struct config *all = p->config;
	const struct tree_node *refs = config_at(node, "refs");
	for (unsigned r = 0; r < c->n_refs; r++) {
		for (unsigned l = 0; l < c->n_legs; l++)
			if (!strcmp(c->ref_name[r], c->leg_name[l]))
				schema_error(
					&p->schema, config_at(refs, c->ref_name[r]),
					"\"%s\" names a leg and a reference of \"%s\"; a formula could "
					"not tell them apart; rename one of them",
					c->ref_name[r], c->name);
		uint16_t venue =
			c->ref[r] == NO_INSTRUMENT ? NO_VENUE : all->instrument[c->ref[r]].venue;
		if (venue != NO_VENUE && !all->venue[venue].url[URL_STREAM].host[0])
			schema_error(
				&p->schema, config_at(refs, c->ref_name[r]),
				"reference \"%s\" of \"%s\" is priced on \"%s\", which has no "
				"url.stream; without quotes nothing can be converted; add the stream",
				c->ref_name[r], c->name, all->venue[venue].name);
	}
}

/* A bound of an instance beyond the host's would promise what never happens. */
static void check_within(struct config_part *p, const struct tree_node *limits,
			 const struct config_instance *c, const char *key, int64_t own,
			 int64_t host)
{
	const struct tree_node *at = tree_get(limits, key);
	if (at && host > 0 && own > host)
		schema_error(
			&p->schema, at,
			"limits.%s of \"%s\" (%s) is wider than risk.%s; the host's bound would count; lower this one or raise "
			"that",
			key, c->name, at->text, key);
}

/* The longer margin counts, so one below the host's would promise what never happens too. */
static void check_margin(struct config_part *p, const struct tree_node *limits,
			 const struct config_instance *c)
{
	const struct tree_node *at = tree_get(limits, "close_margin");
	if (at && c->limits.close_margin_ns < p->config->risk.close_margin_ns)
		schema_error(
			&p->schema, at,
			"limits.close_margin of \"%s\" (%s) is shorter than risk.close_margin; the "
			"host's margin would count; lengthen this one or shorten that",
			c->name, at->text);
}

static void check_bands(struct config_part *p, const struct tree_node *bands,
			struct config_instance *c)
{
	if (!bands) {
		c->band_window_ns = c->band_sample_ns = 0;
		return;
	}
	/* None at all: a window shorter than a sample, which is told already. */
	int64_t n = c->band_sample_ns ? c->band_window_ns / c->band_sample_ns : 0;
	if (n == 1 || n > BAND_SAMPLES_MAX)
		schema_error(
			&p->schema, bands,
			"the bands of \"%s\" hold %lld samples; a deviation needs 2, and there is "
			"room for %d; change sample or window",
			c->name, (long long)n, BAND_SAMPLES_MAX);
}

void config_check_instance(struct config_part *p, const struct tree_node *node,
			   struct config_instance *c)
{
	const struct tree_node *legs = tree_get(node, "legs"), *limits = tree_get(node, "limits");
	if (legs && legs->kind == TREE_TABLE && legs->n_children < 2)
		schema_error(
			&p->schema, legs,
			"\"%s\" has %u leg; a pair is traded between two markets at least; add the other leg",
			c->name, legs->n_children);
	for (unsigned b = 0; b < c->n_legs; b++) {
		check_account(p, node, c, b);
		for (unsigned a = 0; a < b; a++)
			check_pair_of_legs(p, node, c, a, b);
	}
	check_refs(p, node, c);
	const struct config_risk *risk = &p->config->risk;
	check_within(p, limits, c, "max_age", c->limits.max_age_ns, risk->max_age_ns);
	check_within(p, limits, c, "max_skew", c->limits.max_skew_ns, risk->max_skew_ns);
	check_within(p, limits, c, "max_clock_bound", c->limits.max_clock_bound_ns,
		     risk->max_clock_bound_ns);
	check_margin(p, limits, c);
	check_bands(p, tree_get(node, "bands"), c);
	config_check_sense(p, node, c);
	config_check_sessions(p, node, c);
	check_within(p, limits, c, "max_pairs_in_flight", c->max_pairs_in_flight,
		     risk->max_pairs_in_flight);
}
