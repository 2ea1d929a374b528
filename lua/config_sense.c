/* config_sense - settings that are right one by one and make no sense together: what would never be done, or never count, is refused where it stands. */
#include "lua/config_part.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A section of `rescue`, and what of it the policy lets happen. */
struct step {
	const char *key;
	uint32_t row;
	bool waits;
	uint8_t taken; /* bits of the policies that take it by themselves */
};
#define ROW(m) (uint32_t) offsetof(struct config_rescue, m)
#define BY(p)  (1u << LEG_FAIL_##p)
static const struct step steps[] = {
	{ "wait", ROW(wait), true, BY(CHEAPEST) | BY(COMPLETE) },
	{ "chase", ROW(chase), true, BY(CHEAPEST) | BY(COMPLETE) },
	{ "cross", ROW(cross), false, BY(CHEAPEST) | BY(COMPLETE) },
	{ "unwind", ROW(unwind), false, BY(CHEAPEST) | BY(UNWIND) },
};

struct sense {
	struct config_part *p;
	const struct config_instance *c;
	const struct tree_node *limits, *rescue, *execution;
};

static const struct config_step *row_of(const struct sense *s, const struct step *k)
{
	return (const struct config_step *)((const char *)&s->c->rescue + k->row);
}

/* An operator may still complete or unwind a held pair, so those rows mean something under any policy. */
static void check_step(const struct sense *s, const struct step *k)
{
	const struct tree_node *at = tree_get(s->rescue, k->key);
	const struct config_step *row = row_of(s, k);
	uint8_t policy = s->c->limits.on_leg_fail;
	if (!at)
		return;
	if (k->waits && row->time_ns == 0 && at->n_children && !tree_get(at, "time"))
		schema_error(
			&s->p->schema, at,
			"rescue.%s of \"%s\" has no time; the step would never be taken; write time = \"2s\" into it, or take it out",
			k->key, s->c->name);
	if (k->waits && row->time_ns > 0 && policy < on_leg_fail_max && !(k->taken & 1u << policy))
		schema_error(
			&s->p->schema, at,
			"rescue.%s of \"%s\" is a way to complete, and on_leg_fail is \"%s\"; it would never be taken; take it out, or write on_leg_fail = \"cheapest\"",
			k->key, s->c->name, policy == LEG_FAIL_HOLD ? "hold" : "unwind");
	if (s->c->rescue_budget_e8 && row->money_e8 > s->c->rescue_budget_e8)
		schema_error(
			&s->p->schema, config_at(at, "max_money"),
			"rescue.%s.max_money of \"%s\" is above limits.rescue_budget; the budget would count; lower this one or raise that",
			k->key, s->c->name);
}

static void check_chase(const struct sense *s)
{
	const struct config_step *row = &s->c->rescue.chase;
	const struct tree_node *at = tree_get(s->rescue, "chase");
	int32_t most = row->ticks ? row->ticks : s->c->limits.max_slip_tick;
	if (!at || row->time_ns == 0)
		return;
	if (most >= 0 && row->pay_up_tick > most)
		schema_error(
			&s->p->schema, config_at(at, "pay_up_ticks"),
			"rescue.chase.pay_up_ticks of \"%s\" is %d, and its price may be %d ticks from the reference at most; it would never be paid; "
			"lower it, or raise %s",
			s->c->name, row->pay_up_tick, most,
			row->ticks ? "max_ticks" : "limits.max_slip_ticks");
	if (row->every_ns > row->time_ns && tree_get(at, "every"))
		schema_error(
			&s->p->schema, tree_get(at, "every"),
			"rescue.chase.every of \"%s\" is longer than its time; its price would never be looked at; lower it, or raise time",
			s->c->name);
}

/* What the policy needs is switched off, or what is switched on is never asked for. */
static void check_policy(const struct sense *s)
{
	const struct config_instance *c = s->c;
	const struct config_rescue *r = &c->rescue;
	const struct tree_node *at = config_at(s->limits, "on_leg_fail");
	bool back = r->unwind.ticks > 0 || c->limits.max_unwind_slip_tick != 0;
	if (c->limits.on_leg_fail == LEG_FAIL_UNWIND && !back)
		schema_error(
			&s->p->schema, at,
			"on_leg_fail of \"%s\" is \"unwind\", and max_unwind_slip_ticks is 0; a leg could be taken back only at its own price, and "
			"else the pair is held; raise max_unwind_slip_ticks, or write another on_leg_fail",
			c->name);
	if (r->on_unknown == UNKNOWN_HOLD && tree_get(s->rescue, "unknown_after"))
		schema_error(
			&s->p->schema, tree_get(s->rescue, "unknown_after"),
			"rescue.unknown_after of \"%s\" is of on_unknown = \"flatten\"; with \"hold\" it would count for nothing; add that, or take this out",
			c->name);
	const struct tree_node *expiry = tree_get(s->rescue, "expiry");
	if (expiry && r->on_expiry == EXPIRY_FLATTEN && r->expiry_ns == 0)
		schema_error(
			&s->p->schema, config_at(expiry, "before"),
			"rescue.expiry of \"%s\" is to flatten, and before is 0, which is never; the position would run into its expiry; write before = \"1d\"",
			c->name);
	bool wider = c->limits.max_unwind_slip_tick < 0 || c->limits.max_slip_tick < 0 ||
		     c->limits.max_unwind_slip_tick > c->limits.max_slip_tick;
	if (r->keep_edge_ppm && !wider)
		schema_error(
			&s->p->schema, tree_get(s->rescue, "keep_edge"),
			"rescue.keep_edge of \"%s\" lets completing go as far as max_unwind_slip_ticks, which is not beyond max_slip_ticks; it would "
			"count for nothing; raise max_unwind_slip_ticks, or take it out",
			c->name);
}

/* Patience that ends before its end can be known. */
static void check_times(const struct sense *s)
{
	const struct config_instance *c = s->c;
	const struct tree_node *at = tree_get(s->limits, "pair_timeout");
	for (unsigned l = 0; at && l < c->n_legs; l++) {
		if (c->leg[l] == NO_INSTRUMENT ||
		    s->p->config->instrument[c->leg[l]].venue == NO_VENUE)
			continue;
		const struct config_venue *v =
			&s->p->config->venue[s->p->config->instrument[c->leg[l]].venue];
		if (c->limits.pair_timeout_ns >= v->settle_ns)
			continue;
		schema_error(
			&s->p->schema, at,
			"limits.pair_timeout of \"%s\" (%s) is shorter than settle of venue \"%s\"; an order that never arrived is not known to be "
			"gone before that, so every such pair would be held; raise it, or lower that",
			c->name, at->text, v->name);
		return;
	}
	const struct tree_node *stagger = tree_get(s->execution, "max_stagger");
	if (stagger && c->limits.pair_timeout_ns > 0 &&
	    c->execution.max_stagger_ns >= c->limits.pair_timeout_ns)
		schema_error(
			&s->p->schema, stagger,
			"execution.max_stagger of \"%s\" (%s) is not below limits.pair_timeout; a leg would leave when the pair's time is over; lower it",
			c->name, stagger->text);
}

void config_check_sense(struct config_part *p, const struct tree_node *node,
			const struct config_instance *c)
{
	const struct sense s = { p, c, tree_get(node, "limits"), tree_get(node, "rescue"),
				 tree_get(node, "execution") };
	for (unsigned k = 0; k < COUNT(steps); k++)
		check_step(&s, &steps[k]);
	check_chase(&s);
	check_policy(&s);
	check_times(&s);
}
