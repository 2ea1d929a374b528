#include "core/trade/ladder.h"

#include "core/trade/terms.h"
#include <string.h>

#define MESSAGES_UNSTATED 20
#define REST_UNSTATED_NS  10000000000LL
#define REST_FIRST_NS	  100000000LL /* after a refusal; twice as long each time, to `rest` */

#define BIT(w) (1u << (w))
#define UP     (BIT(RESCUE_COMPLETE) | BIT(RESCUE_CHASE) | BIT(RESCUE_WAIT))
#define BACK   (BIT(RESCUE_UNWIND) | BIT(RESCUE_CHASE_BACK))
#define WAITS  (BIT(RESCUE_CHASE) | BIT(RESCUE_CHASE_BACK) | BIT(RESCUE_WAIT))
#define ALL    (UP | BACK)

static const uint8_t policy_allows[on_leg_fail_max] = {
	[LEG_FAIL_CHEAPEST] = ALL,
	[LEG_FAIL_COMPLETE] = UP,
	[LEG_FAIL_UNWIND] = BACK,
	[LEG_FAIL_HOLD] = 0,
};

/* An operator's word stands above the policy, not above the limits; what he says is done at once. */
static const uint8_t told_allows[resolve_way_max] = {
	[RESOLVE_COMPLETE] = BIT(RESCUE_COMPLETE),
	[RESOLVE_UNWIND] = BIT(RESCUE_UNWIND),
};

/* In this order where they cost the same. */
static const uint8_t steps[] = { RESCUE_COMPLETE, RESCUE_CHASE, RESCUE_UNWIND, RESCUE_CHASE_BACK,
				 RESCUE_WAIT };

const struct config_step *ladder_row(const struct desk *d, const struct pair *p, enum rescue_way w)
{
	const struct config_rescue *r = &d->cfg->instance[p->instance].rescue;
	return w == RESCUE_UNWIND ? &r->unwind
	       : rescue_rests(w)  ? &r->chase
	       : w == RESCUE_WAIT ? &r->wait
				  : &r->cross;
}

bool ladder_policy_fits(uint8_t of_instance, uint8_t of_pair)
{
	return of_pair >= on_leg_fail_max || of_pair == LEG_FAIL_HOLD ||
	       of_instance >= on_leg_fail_max ||
	       (policy_allows[of_instance] & policy_allows[of_pair]);
}

static int64_t time_ns(const struct desk *d, const struct pair *p, enum rescue_way w)
{
	int64_t own = ladder_row(d, p, w)->time_ns;
	return w == RESCUE_WAIT	   ? terms_least(p, p->terms.wait_ns, own)
	       : w == RESCUE_CHASE ? terms_least(p, p->terms.chase_ns, own)
				   : own;
}

static int32_t most_messages(const struct config_step *row)
{
	return row->messages ? row->messages : MESSAGES_UNSTATED;
}

static uint8_t allowed(const struct desk *d, const struct pair *p)
{
	uint8_t policy = d->instance[p->instance].limits.on_leg_fail;
	uint8_t told = told_allows[p->told];
	if (told)
		return told;
	if (p->intent == INTENT_FLATTEN)
		return BIT(RESCUE_UNWIND);
	uint8_t may = policy_allows[policy < on_leg_fail_max ? policy : LEG_FAIL_CHEAPEST];
	bool reopens = p->intent == INTENT_CLOSE || p->intent == INTENT_ROLL;
	/* A broken close or roll is completed or held: unwinding it would open again (R4). */
	if (may && reopens && !d->cfg->instance[p->instance].rescue.reopen_close)
		may = UP;
	if (may && p->takes_back)
		may = BACK;
	if (p->terms.stated && p->terms.on_leg_fail < on_leg_fail_max)
		may &= policy_allows[p->terms.on_leg_fail];
	if (p->breach) /* a limit was gone beyond: nothing that waits */
		may &= (uint8_t)~WAITS;
	return may;
}

bool ladder_offers(const struct desk *d, const struct pair *p, enum rescue_way w)
{
	if (!(BIT(w) &
	      WAITS)) /* both are always priced: a receipt shows what the other one would have cost */
		return true;
	return time_ns(d, p, w) > 0 && (allowed(d, p) & BIT(w));
}

int64_t ladder_left_ns(const struct desk *d, const struct pair *p, enum rescue_way w)
{
	int64_t since = w == RESCUE_WAIT ? p->climb_ns : p->step_ns[w];
	int64_t left = time_ns(d, p, w) - (since ? d->now.mono_ns - since : 0);
	return left > 0 ? left : 0;
}

/* What bars a step: the market, or a limit of its row. */
static enum held_cause barred(struct desk *d, const struct pair *p, enum rescue_way w,
			      const struct rescue_way_out *o)
{
	const struct config_step *row = ladder_row(d, p, w);
	const struct config_instance *c = &d->cfg->instance[p->instance];
	int32_t messages = 0;
	if (!o->possible)
		return o->why_not ? (enum held_cause)o->why_not : HELD_NO_MARKET;
	for (unsigned l = 0; l < p->n_legs; l++)
		messages += o->trade[l].qty != 0;
	if (w != RESCUE_WAIT && p->step_messages[w] + messages > most_messages(row))
		return HELD_ATTEMPTS;
	if (row->time_ns && ladder_left_ns(d, p, w) == 0)
		return HELD_ATTEMPTS;
	if (o->priced && row->money_e8 && o->cost_e8 > row->money_e8)
		return HELD_BUDGET;
	if (o->priced && p->terms.stated && p->terms.budget_e8 >= 0 &&
	    p->spent_e8 - p->forgiven_e8 + o->cost_e8 > p->terms.budget_e8)
		return HELD_BUDGET;
	if (o->priced && c->rescue_budget_e8 &&
	    p->spent_e8 - p->forgiven_e8 + o->cost_e8 > c->rescue_budget_e8)
		return HELD_BUDGET;
	return HELD_NONE;
}

/* A way whose orders leave more than the tolerance is a step, not an end: one that ends goes first. Then the cheaper one, what the book does not show priced at the limit;
 * where no rate compares them, the first. */
static bool better(const struct rescue_way_out *a, const struct rescue_way_out *b,
		   int64_t tolerance_base_e8)
{
	bool a_ends = a->short_base_e8 <= tolerance_base_e8;
	bool b_ends = b->short_base_e8 <= tolerance_base_e8;
	if (a_ends != b_ends)
		return a_ends;
	return a->priced && b->priced && a->cost_e8 < b->cost_e8;
}

static bool waits_in_vain(const struct rescue_plan *plan)
{
	const struct rescue_way_out *cross = &plan->out[RESCUE_COMPLETE];
	return cross->possible && cross->slip_e8 <= 0; /* the price is there: nothing to wait for */
}

/* Which cause a pair is held for, where several ways are barred for different ones. */
static enum held_cause name_cause(const struct rescue_plan *plan, uint8_t may)
{
	static const uint8_t first[] = { RESCUE_UNWIND, RESCUE_COMPLETE, RESCUE_CHASE,
					 RESCUE_CHASE_BACK };
	for (unsigned k = 0; k < sizeof first; k++)
		if ((may & BIT(first[k])) && plan->out[first[k]].why_not)
			return (enum held_cause)plan->out[first[k]].why_not;
	return HELD_BY_POLICY;
}

void ladder_choose(struct desk *d, const struct pair *p, struct rescue_plan *plan)
{
	uint8_t may = allowed(d, p);
	bool freeze = d->cfg->instance[p->instance].rescue.on_halt == HALT_FREEZE && !p->told;
	enum rescue_way best = RESCUE_NONE;
	plan->cause = HELD_NONE;
	if (freeze && plan->out[RESCUE_COMPLETE].why_not == HELD_HALTED &&
	    (may & BIT(RESCUE_COMPLETE))) /* the other leg is cut by policy only (F38) */
		may &= (uint8_t)~BACK;
	for (unsigned k = 0; k < sizeof steps; k++) {
		enum rescue_way w = (enum rescue_way)steps[k];
		struct rescue_way_out *o = &plan->out[w];
		if (!o->offered)
			continue;
		if (!(may & BIT(w)))
			o->why_not = o->why_not ? o->why_not : HELD_BY_POLICY;
		else
			o->why_not = (uint8_t)barred(d, p, w, o);
		bool open = !o->why_not && !(w == RESCUE_WAIT && waits_in_vain(plan));
		if (open && (!best || better(o, &plan->out[best], plan->tolerance_base_e8)))
			best = w;
	}
	if (best) {
		plan->way = best;
		return;
	}
	plan->cause = may ? name_cause(plan, may) : HELD_BY_POLICY;
	bool rests = plan->cause == HELD_BY_POLICY || plan->cause == HELD_ATTEMPTS;
	plan->way = rests ? RESCUE_HOLD : RESCUE_WAIT;
}

void ladder_took(struct desk *d, struct pair *p, enum rescue_way w, unsigned messages)
{
	if (p->step_ns[w] == 0)
		p->step_ns[w] = d->now.mono_ns;
	p->step_messages[w] = (uint16_t)(p->step_messages[w] + messages);
}

void ladder_heard(struct desk *d, struct pair *p)
{
	uint32_t at = p->first_order;
	const struct order *o = blotter_each_of(&d->blotter, &at);
	if (p->step == RESCUE_NONE || !o || !o->rescue)
		return;
	bool passing =
		o->reject_class == REJECT_TRANSIENT || o->reject_class == REJECT_RATE ||
		o->reject_class == REJECT_CLOCK; /* the venue's clock or ours, not the order */
	p->refused = o->state == ORDER_REJECTED && !passing;
	if (!p->refused)
		p->rests = 0;
	if (p->refused)
		ladder_took(d, p, (enum rescue_way)p->step,
			    (unsigned)most_messages(ladder_row(d, p, (enum rescue_way)p->step)) /
				    2);
	p->step = RESCUE_NONE;
}

void ladder_rested(struct pair *p)
{
	memset(p->step_messages, 0, sizeof p->step_messages);
	memset(p->step_ns, 0, sizeof p->step_ns);
	p->attempts = 0;
	p->climb_ns = 0;
	p->waiting = false;
}

int64_t ladder_rest_ns(const struct desk *d, struct pair *p)
{
	int64_t most = d->cfg->instance[p->instance].rescue.rest_ns;
	most = most ? most : REST_UNSTATED_NS;
	if (!p->refused)
		return most;
	int64_t t = REST_FIRST_NS << (p->rests < 16 ? p->rests++ : 16);
	return t < most ? t : most;
}
