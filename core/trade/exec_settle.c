/* exec_settle - what the executor does about a pair that has news: waits for its orders, and brings it to even, empty, or a rescue. */
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"

#define MS		  1000000LL
#define RETRY_NS	  (50 * MS)
#define HELD_RETRY_NS	  (1000 * MS)
#define FRUITLESS_WAIT_NS (20 * MS)

static uint64_t write_rescue(struct desk *d, const struct pair *p, const struct rescue_plan *plan)
{
	struct fact f;
	scribe_pair(d, &f, FACT_RESCUE, p, p->cause);
	f.num[0] = plan->cause;
	f.num[1] = plan->complete.cost_e8;
	f.num[2] = plan->unwind.cost_e8;
	f.num[3] = plan->imbalance_base_e8;
	f.num[4] = p->spent_e8;
	f.num[5] = d->instance[p->instance].cfg->rescue_budget_e8;
	f.num[6] = p->attempts;
	f.num[7] = plan->way;
	fact_text(&f, "%s%s%s; complete %s, unwind %s", rescue_way_name(plan->way),
		  plan->cause ? ": " : "", plan->cause ? held_cause_name(plan->cause) : "",
		  plan->complete.possible ? "possible" : "not possible",
		  plan->unwind.possible ? "possible" : "not possible");
	return scribe_put(d, &f);
}

static int64_t traded(const struct pair *p)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		sum += p->leg[l].traded_qty;
	return sum;
}

/* A rescue that filled nothing is not repeated at once: each next one waits longer. */
static bool too_soon(struct desk *d, struct pair *p)
{
	if (p->rescue_ns == 0 || p->rescue_traded != traded(p))
		return false;
	int64_t due = p->rescue_ns + FRUITLESS_WAIT_NS * p->attempts;
	if (d->now.mono_ns >= due)
		return false;
	exec_set_timer(d, p, due - d->now.mono_ns);
	return true;
}

static void send_rescue(struct desk *d, struct pair *p, const struct rescue_way_out *w,
			uint64_t cause)
{
	struct order *o[LEG_MAX] = { 0 };
	bool any = false;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (w->trade[l].qty)
			o[l] = router_order(d, p, l, (enum side)w->trade[l].side, w->trade[l].px,
					    w->trade[l].qty, true, cause);
	for (unsigned l = 0; l < p->n_legs; l++) {
		if (o[l])
			router_send(d, o[l]);
		any |= o[l] != NULL;
	}
	exec_set_timer(d, p, any ? exec_patience_ns(d, p) : RETRY_NS);
	if (!any)
		return;
	p->attempts++;
	p->rescue_ns = d->now.mono_ns;
	p->rescue_traded = traded(p);
}

/* Rescues come out of what opening leaves free (risk.c); should even that be used up, the pair says so instead of standing still. */
static bool room_for_rescue(struct desk *d, const struct pair *p)
{
	return blotter_room(&d->blotter) >= p->n_legs &&
	       d->journal->ops->room(d->journal) > 4u * p->n_legs;
}

static void hold(struct desk *d, struct pair *p, enum held_cause cause, uint64_t receipt)
{
	bool news = p->state != PAIR_HELD || p->held_cause != cause;
	p->held_cause = (uint8_t)cause;
	if (news) {
		exec_move(d, p, PAIR_EV_HOLD, receipt, held_cause_name(cause));
		scribe_alert(d, p->cause, ALERT_PAIR_HELD, p->id, "pair %016llx is held: %s",
			     (unsigned long long)p->id, held_cause_name(cause));
	}
	exec_set_timer(d, p, HELD_RETRY_NS);
}

static void rescue(struct desk *d, struct pair *p, const struct rescue_plan *plan)
{
	if (p->broken_ns == 0)
		p->broken_ns = d->now.mono_ns;
	bool out_of_time = d->now.mono_ns - p->broken_ns > exec_patience_ns(d, p);
	switch (plan->way) {
	case RESCUE_COMPLETE:
	case RESCUE_UNWIND: {
		bool completing = plan->way == RESCUE_COMPLETE;
		if (!room_for_rescue(d, p)) {
			hold(d, p, HELD_NO_ROOM, p->cause);
			break;
		}
		uint64_t seq = write_rescue(d, p, plan);
		p->waiting = false;
		p->held_cause = HELD_NONE;
		if (exec_move(d, p, completing ? PAIR_EV_COMPLETE : PAIR_EV_UNWIND, seq,
			      rescue_way_name(plan->way)))
			send_rescue(d, p, completing ? &plan->complete : &plan->unwind, seq);
		break;
	}
	case RESCUE_WAIT:
		if (!out_of_time && p->state != PAIR_HELD) {
			if (!p->waiting)
				write_rescue(d, p, plan);
			p->waiting = true;
			exec_set_timer(d, p, RETRY_NS);
			break;
		}
		hold(d, p, plan->cause,
		     p->state == PAIR_HELD ? p->cause : write_rescue(d, p, plan));
		break;
	case RESCUE_HOLD:
		hold(d, p, plan->cause,
		     p->state == PAIR_HELD ? p->cause : write_rescue(d, p, plan));
		break;
	case RESCUE_NONE:
	case rescue_way_max:
		must(0 && "an even pair needs no rescue");
	}
}

/* A pair that failed on all legs lets its instance cool down (F02). */
static void cool_down(struct desk *d, const struct pair *p)
{
	struct desk_instance *in = &d->instance[p->instance];
	if (d->cfg->risk.cool_down_ns)
		in->cool_until_ns = d->now.mono_ns + d->cfg->risk.cool_down_ns;
}

/* What an operator accepted is no imbalance, until something new fills. */
static bool as_accepted(const struct pair *p, const struct rescue_plan *plan)
{
	int64_t news = plan->imbalance_base_e8 - p->accepted_base_e8;
	news = news < 0 ? -news : news;
	return p->told == RESOLVE_ACCEPT && (news == 0 || news <= plan->tolerance_base_e8);
}

/* All orders of the pair have ended: even, empty or broken? */
static void settle(struct desk *d, struct pair *p)
{
	struct rescue_plan plan;
	rescue_plan(d, p, &plan);
	bool accepted = as_accepted(p, &plan);
	if (p->told == RESOLVE_ACCEPT && !accepted)
		p->told = RESOLVE_NONE;
	if (plan.way != RESCUE_NONE && !accepted) {
		if (p->state != PAIR_BROKEN && p->state != PAIR_COMPLETING &&
		    p->state != PAIR_UNWINDING && p->state != PAIR_HELD)
			exec_move(d, p, PAIR_EV_UNEVEN, p->cause, "the legs do not balance");
		if (!too_soon(d, p))
			rescue(d, p, &plan);
		return;
	}
	int64_t largest = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t b = pair_leg_base_e8(&p->leg[l], &d->instrument[p->leg[l].instrument]);
		b = b < 0 ? -b : b;
		largest = b > largest ? b : largest;
	}
	bool empty = largest <= plan.tolerance_base_e8;
	bool was_over = pair_over((enum pair_state)p->state);
	if (empty && p->state == PAIR_SENT)
		cool_down(d, p);
	exec_move(d, p, empty ? PAIR_EV_EMPTY : PAIR_EV_EVEN, p->cause,
		  empty	     ? "nothing is left of it"
		  : accepted ? "accepted as it is"
			     : "the legs balance");
	if (!was_over)
		round_end(d, p->instance);
}

/* Orders that have not ended in time: what works is cancelled; what only a venue knows holds the pair, and says so. */
static void wait_for_orders(struct desk *d, struct pair *p)
{
	int64_t since = p->rescue_ns > p->sent_ns ? p->rescue_ns : p->sent_ns;
	int64_t left_ns = since + exec_patience_ns(d, p) - d->now.mono_ns;
	if (left_ns > 0) {
		if (!p->timer)
			exec_set_timer(d, p, left_ns);
		return;
	}
	enum held_cause cause = HELD_NONE;
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		if (o->state == ORDER_UNKNOWN && cause != HELD_VENUE_DOWN)
			cause = d->venue[o->venue].port->state == VENUE_UP ? HELD_UNKNOWN_ORDER
									   : HELD_VENUE_DOWN;
		else if (o->state == ORDER_LIVE)
			router_cancel(d, o, p->cause);
	}
	if (!cause) {
		exec_set_timer(d, p, RETRY_NS);
		return;
	}
	if (p->state != PAIR_HELD)
		exec_move(d, p, PAIR_EV_UNEVEN, p->cause, "the outcome of an order is not known");
	hold(d, p, cause, p->cause);
}

void exec_look_at(struct desk *d, struct pair *p)
{
	if (p->state == PAIR_PROPOSED || p->state == PAIR_CHECKED || p->state == PAIR_REFUSED)
		return;
	/* Rescue sizes come from terminal reports only: what still works may still fill. */
	if (pair_open_orders(p) > 0)
		wait_for_orders(d, p);
	else
		settle(d, p);
}

void exec_run(struct desk *d)
{
	for (struct pair *p; (p = pairs_next_dirty(&d->pairs));)
		exec_look_at(d, p);
}
