/* exec_plan - carries out how a pair goes out: what leaves first, what follows it, and when nothing may open any more. */
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/router.h"

#define JOURNAL_ROOM 4096 /* as for a new pair: what remains belongs to what reduces */

void exec_plan_note(struct desk *d, struct pair *p, enum plan_step step, const char *text)
{
	uint64_t seq = plan_write(d, p, step, p->cause, text);
	if (seq)
		p->cause = seq;
}

void exec_plan_wake(struct desk *d, struct pair *p, int64_t at_ns)
{
	if (p->timer && p->wake_ns == at_ns)
		return;
	exec_set_timer(d, p, at_ns > d->now.mono_ns ? at_ns - d->now.mono_ns : 0);
	p->wake_ns = at_ns;
}

/* The operator's and the limits' word, by the one that stands highest. */
const char *exec_plan_forbidden(const struct desk *d, const struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	bool closes = p->intent == INTENT_CLOSE;
	if (d->risk_state != RISK_ACTIVE && !(d->risk_state == RISK_REDUCING && closes))
		return "the host was told to stop opening";
	if (d->stopping)
		return "the host is being stopped";
	if (in->paused)
		return "its strategy is paused";
	if (in->wish != WISH_NONE && !closes)
		return "its strategy was told to open nothing";
	return p->breach ? "it went beyond a limit" : NULL;
}

const char *exec_plan_trouble(struct desk *d, const struct pair *p)
{
	const char *why = exec_plan_forbidden(d, p);
	if (why)
		return why;
	if (d->journal_full || d->journal->ops->trouble(d->journal, &why) ||
	    d->journal->ops->room(d->journal) < JOURNAL_ROOM)
		return "the journal has no room or its disk is in trouble";
	if (blotter_room(&d->blotter) < 4u * p->n_legs)
		return "no room for its orders";
	for (unsigned l = 0; l < p->n_legs; l++)
		if (d->venue[p->leg[l].venue].port->state != VENUE_UP)
			return "a venue of the pair is not up";
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		if (o->state == ORDER_UNKNOWN)
			return "the outcome of an order is not known";
	return NULL;
}

bool exec_plan_intend(struct desk *d, struct pair *p)
{
	if (p->style == STYLE_PASSIVE)
		return exec_rest_intend(d, p) != NULL;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		if (p->style == STYLE_LEGGED && l != p->first)
			continue;
		const struct order *o = router_order(d, p, l, (enum side)leg->side, leg->limit_px,
						     leg->order_qty, false, p->cause);
		if (!o)
			return false;
		p->cause = o->cause;
	}
	p->slice++;
	return true;
}

void exec_plan_begin(struct desk *d, struct pair *p)
{
	struct order *leg[LEG_MAX] = { 0 };
	uint32_t at = p->first_order;
	bool later = p->style > STYLE_BOTH || p->slices > 1;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		leg[o->leg] = o;
	for (unsigned l = 0; l < p->n_legs; l++) {
		bool waits = p->leg[l].wait_ns > 0;
		later |= waits;
		if (leg[l] && leg[l]->state == ORDER_NEW && !waits)
			router_send(d, leg[l]);
	}
	p->sent_ns = d->now.mono_ns;
	p->plan = later ? PLAN_WORKS : PLAN_OVER;
	if (p->style != STYLE_PASSIVE)
		p->rest_until_ns = p->sent_ns + exec_patience_ns(d, p);
	exec_set_timer(d, p, exec_patience_ns(d, p));
	exec_move(d, p, PAIR_EV_SEND, p->cause, p->reason);
	pairs_rest(&d->pairs, p, p->style == STYLE_PASSIVE);
	pairs_touch(&d->pairs, p);
}

void exec_plan_end(struct desk *d, struct pair *p, const char *why)
{
	if (p->plan != PLAN_WORKS)
		return;
	p->plan = PLAN_ENDING;
	p->sent_ns = d->now.mono_ns; /* patience with what is out begins now */
	exec_plan_note(d, p, PLAN_STEP_ENDED, why);
	pairs_touch(&d->pairs, p);
}

/* The others follow what the first fills as it goes. */
static bool legged_step(struct desk *d, struct pair *p)
{
	if (exec_align_step(d, p)) /* a slice of the first waits for the disk */
		return true;
	const char *why = exec_plan_trouble(d, p);
	if (!why && d->now.mono_ns >= p->rest_until_ns)
		why = "its time is over";
	if (why)
		exec_plan_end(d, p, why);
	return exec_follow(d, p) || exec_slice_step(d, p);
}

static bool both_step(struct desk *d, struct pair *p)
{
	return exec_align_step(d, p) || exec_slice_step(d, p);
}

typedef bool (*step_fn)(struct desk *d, struct pair *p);
static const step_fn step[] = {
	[STYLE_DEFAULT] = both_step,
	[STYLE_BOTH] = both_step,
	[STYLE_LEGGED] = legged_step,
	[STYLE_PASSIVE] = exec_rest_step,
};
_Static_assert(sizeof step / sizeof *step == pair_style_max, "a step for every style");

bool exec_plan_step(struct desk *d, struct pair *p)
{
	if (p->plan == PLAN_OVER)
		return false;
	bool on = step[p->style](d, p);
	int64_t patience_ends = p->sent_ns + exec_patience_ns(d, p);
	/* Silence must not keep it for ever: then it is held by name. */
	bool silent = on && p->plan == PLAN_ENDING && d->now.mono_ns >= patience_ends;
	if (on && !silent) {
		if (p->plan == PLAN_ENDING)
			exec_plan_wake(d, p, patience_ends);
		else if (p->style == STYLE_LEGGED)
			exec_plan_wake(d, p, p->rest_until_ns);
		return true;
	}
	p->plan = PLAN_OVER;
	pairs_rest(&d->pairs, p, false);
	if (p->style > STYLE_BOTH && !silent) /* what is out now has its own time */
		p->sent_ns = d->now.mono_ns;
	timers_cancel(&d->timers, p->timer);
	p->timer = 0;
	return false;
}
