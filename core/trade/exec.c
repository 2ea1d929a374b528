#include "core/trade/exec.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/draft.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include <stdio.h>

#define MS		  1000000LL
#define RETRY_NS	  (50 * MS)
#define HELD_RETRY_NS	  (1000 * MS)
#define FRUITLESS_WAIT_NS (20 * MS)

static void set_timer(struct desk *d, struct pair *p, int64_t in_ns)
{
	timers_cancel(&d->timers, p->timer);
	p->timer = timers_set(&d->timers, d->now.mono_ns + in_ns, TIMER_PAIR, p->id);
}

static int64_t patience_ns(const struct desk *d, const struct pair *p)
{
	int64_t t = d->instance[p->instance].limits.pair_timeout_ns;
	return t > 0 ? t : 5000 * MS;
}

static void count_move(struct desk *d, const struct pair *p, enum pair_state from,
		       enum pair_state to)
{
	struct snapshot_body *s = &d->stat;
	struct desk_instance *in = &d->instance[p->instance];
	bool was_in_flight = pair_working(from), is_in_flight = pair_working(to);
	s->in_flight += (uint32_t)is_in_flight - (uint32_t)was_in_flight;
	in->in_flight += (uint32_t)is_in_flight - (uint32_t)was_in_flight;
	s->held += (uint64_t)(to == PAIR_HELD) - (uint64_t)(from == PAIR_HELD);
	s->hedged += (uint64_t)(to == PAIR_HEDGED) - (uint64_t)(from == PAIR_HEDGED);
	s->flat += (uint64_t)(to == PAIR_FLAT) - (uint64_t)(from == PAIR_FLAT);
	s->sent += to == PAIR_SENT;
	s->refused += to == PAIR_REFUSED;
	s->completed += pair_over(to) && from == PAIR_COMPLETING;
	s->unwound += pair_over(to) && from == PAIR_UNWINDING;
}

/* Should late news open it again, its rescue starts afresh; what it has spent stays spent. */
static void finish(struct desk *d, struct pair *p)
{
	timers_cancel(&d->timers, p->timer);
	p->timer = 0;
	p->attempts = 0;
	p->broken_ns = p->rescue_ns = 0;
	p->waiting = false;
	pairs_finish(&d->pairs, p);
}

bool exec_move(struct desk *d, struct pair *p, enum pair_event ev, uint64_t cause, const char *why)
{
	enum pair_state from = (enum pair_state)p->state, to = pair_next(from, ev);
	if (to == pair_state_max) {
		scribe_alert(d, cause, 3, p->id, "pair in state %s cannot take %s: %s",
			     pair_state_name(from), pair_event_name(ev), why);
		return false;
	}
	bool step = ev == PAIR_EV_COMPLETE || ev == PAIR_EV_UNWIND || ev == PAIR_EV_HOLD;
	if (to == from && !step)
		return true;
	p->state = (uint8_t)to;
	if (to != PAIR_HELD)
		p->held_cause = HELD_NONE;
	count_move(d, p, from, to);
	struct fact f;
	scribe_pair(d, &f, FACT_PAIR, p, cause ? cause : p->cause);
	f.num[0] = from;
	f.num[1] = to;
	if (to != PAIR_CHECKED &&
	    to != PAIR_SENT) { /* before anything can have filled there is nothing to weigh */
		f.num[2] = rescue_imbalance_base_e8(d, p);
		f.num[3] = desk_instance_base_e8(d, p->instance);
	}
	f.num[4] = p->n_legs;
	f.num[5] = p->intent;
	f.qty = p->lots;
	f.num[6] = p->held_cause;
	int64_t budget = d->instance[p->instance].cfg->rescue_budget_e8;
	f.num[7] = budget ? budget - p->spent_e8 : 0;
	fact_text(&f, "%s", why);
	uint64_t seq = scribe_put(d, &f);
	if (seq)
		p->cause = seq;
	if ((pair_over(to) || to == PAIR_HELD || to == PAIR_BROKEN) && d->n_news < DESK_NEWS)
		d->news[d->n_news++] = (struct desk_news){ .pair = p->id,
							   .instance = p->instance,
							   .state = (uint8_t)to };
	if (pair_over(to))
		finish(d, p);
	return true;
}

/* What the decision was made of: the quotes of all legs, and the basis that the script saw. Returns the decision's receipt. */
static uint64_t write_inputs(struct desk *d, uint16_t instance, const struct proposal *pr)
{
	struct desk_instance *in = &d->instance[instance];
	uint64_t cause = 0;
	for (unsigned l = 0; l < in->spec.n_legs; l++)
		cause = scribe_quote(d, in->cfg->leg[l], cause);
	for (unsigned r = 0; r < in->spec.n_refs; r++)
		cause = scribe_quote(d, in->cfg->ref[r], cause);
	struct fact f;
	scribe_instance(d, &f, FACT_DECISION, instance, cause);
	const double shown[] = { in->basis.dir[SIDE_SELL].net,	  in->basis.dir[SIDE_BUY].net,
				 in->basis.dir[SIDE_SELL].net_bp, in->basis.dir[SIDE_BUY].net_bp,
				 in->basis.dir[SIDE_SELL].lots,	  in->basis.dir[SIDE_BUY].lots };
	for (unsigned k = 0; k < 6; k++)
		dec_from_double(shown[k], 9, DEC_NEAREST, &f.num[k]);
	f.num[6] = (int64_t)(in->basis.skew_ms * 1e6);
	f.num[7] = in->script ? (int64_t)in->script->calls : 0;
	fact_text(&f, "%s", pr->reason);
	return scribe_put(d, &f);
}

/* Nothing of it has been sent: the pair never was. */
static void withdraw(struct desk *d, struct pair *p, const char *why)
{
	blotter_drop_pair(&d->blotter, p->first_order);
	p->first_order = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		p->leg[l].open_orders = 0;
	exec_move(d, p, PAIR_EV_REFUSE, p->cause, why);
}

/* Every leg's intent, before any leg's bytes. */
static bool intend_legs(struct desk *d, struct pair *p)
{
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct order *o = router_order(d, p, l, (enum side)leg->side, leg->limit_px,
						     leg->want_qty, false, p->cause);
		if (!o)
			return false;
		p->cause = o->cause;
	}
	return true;
}

static void send_legs(struct desk *d, struct pair *p)
{
	struct order *leg[LEG_MAX] = { 0 };
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		leg[o->leg] = o;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (leg[l] && leg[l]->state == ORDER_NEW)
			router_send(d, leg[l]);
	p->sent_ns = d->now.mono_ns;
	set_timer(d, p, patience_ns(d, p));
	exec_move(d, p, PAIR_EV_SEND, p->cause, p->reason);
	pairs_touch(&d->pairs, p);
}

static void release_or_wait(struct desk *d, struct pair *p)
{
	if (d->cfg->store.durability_power && d->journal->ops->synced(d->journal) < p->cause)
		return; /* stays CHECKED: goes out in a later turn */
	send_legs(d, p);
}

static struct pair *refused(struct desk *d, uint16_t instance, const struct proposal *pr,
			    struct risk_verdict v)
{
	d->stat.refused++;
	if (risk_is_news(d, instance, v.limit))
		risk_refused(d, instance, 0, v, write_inputs(d, instance, pr));
	return NULL;
}

struct pair *exec_propose(struct desk *d, uint16_t instance, const struct proposal *pr)
{
	struct pair p, evicted;
	struct risk_verdict v = { .limit = RISK_LIMIT_PROPOSAL, .leg = 0xff };
	if (draft_pair(d, instance, pr, &p))
		v = risk_pair(d, &p);
	d->stat.proposed++;
	if (v.limit)
		return refused(d, instance, pr, v);
	struct pair *slot = pairs_new(&d->pairs, ids_next(&d->ids), &evicted);
	if (evicted.id)
		blotter_drop_pair(&d->blotter, evicted.first_order);
	if (!slot)
		return refused(d, instance, pr,
			       (struct risk_verdict){ .limit = RISK_LIMIT_ROOM, .leg = 0xff });
	p.id = slot->id;
	*slot = p;
	slot->decided_ns = d->now.mono_ns;
	slot->round = round_open(d, instance);
	slot->cause = scribe_whole(d, slot, write_inputs(d, instance, pr));
	bool written = slot->cause != 0;
	exec_move(d, slot, PAIR_EV_PASS, slot->cause, "within all limits");
	if (!written || !intend_legs(d, slot)) {
		withdraw(d, slot, "no room for its orders");
		return slot;
	}
	release_or_wait(d, slot);
	return slot;
}

void exec_release(struct desk *d)
{
	uint32_t i = 0;
	for (struct pair *p; (p = pairs_each(&d->pairs, &i));)
		if (p->state == PAIR_CHECKED)
			release_or_wait(d, p);
}

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
	set_timer(d, p, due - d->now.mono_ns);
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
	set_timer(d, p, any ? patience_ns(d, p) : RETRY_NS);
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
		scribe_alert(d, p->cause, 3, p->id, "pair %016llx is held: %s",
			     (unsigned long long)p->id, held_cause_name(cause));
	}
	set_timer(d, p, HELD_RETRY_NS);
}

static void rescue(struct desk *d, struct pair *p, const struct rescue_plan *plan)
{
	if (p->broken_ns == 0)
		p->broken_ns = d->now.mono_ns;
	bool out_of_time = d->now.mono_ns - p->broken_ns > patience_ns(d, p);
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
			set_timer(d, p, RETRY_NS);
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
	int64_t left_ns = since + patience_ns(d, p) - d->now.mono_ns;
	if (left_ns > 0) {
		if (!p->timer)
			set_timer(d, p, left_ns);
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
		set_timer(d, p, RETRY_NS);
		return;
	}
	if (p->state != PAIR_HELD)
		exec_move(d, p, PAIR_EV_UNEVEN, p->cause, "the outcome of an order is not known");
	hold(d, p, cause, p->cause);
}

static void look_at(struct desk *d, struct pair *p)
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
		look_at(d, p);
}

void exec_on_timer(struct desk *d, uint64_t id)
{
	struct pair *p = pairs_find(&d->pairs, id);
	if (!p || pair_over((enum pair_state)p->state))
		return;
	p->timer = 0;
	pairs_touch(&d->pairs, p);
}

void exec_wake_held(struct desk *d)
{
	uint32_t i = 0;
	for (struct pair *p; (p = pairs_each(&d->pairs, &i));)
		if (pair_working((enum pair_state)p->state) && p->state != PAIR_SENT)
			pairs_touch(&d->pairs, p);
}

void exec_cancel(struct desk *d, struct pair *p, uint64_t cause)
{
	if (p->state == PAIR_CHECKED) {
		withdraw(d, p, "cancelled before it was sent");
		return;
	}
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		if (order_open((enum order_state)o->state))
			router_cancel(d, o, cause);
}

void exec_recall_told(struct pair *p, const struct fact *f)
{
	p->told = (uint8_t)f->num[2];
	p->accepted_base_e8 = p->told == RESOLVE_ACCEPT ? f->num[3] : 0;
	p->forgiven_e8 = f->num[6];
}

static int may_resolve(const struct desk *d, const struct pair *p, enum resolve_way way)
{
	const char *state = pair_state_name((enum pair_state)p->state);
	if (pair_over((enum pair_state)p->state))
		return err_set(ERR_STATE,
			       "the pair is %s: it has ended, and there is nothing to resolve",
			       state);
	if (p->state == PAIR_PROPOSED || p->state == PAIR_CHECKED || p->state == PAIR_SENT)
		return err_set(
			ERR_STATE,
			"the pair is %s: its orders are on their way; ask again once it is held or broken",
			state);
	if (way == RESOLVE_ADOPT)
		return err_set(
			ERR_STATE,
			"a pair's books take only what its venues report of its own orders; trade the difference by hand at the venue and accept the pair as it is");
	if (way == RESOLVE_ACCEPT && pair_open_orders(p))
		return err_set(
			ERR_STATE,
			"%u of its orders may still fill, so nobody knows what there is to accept; `tandem orders DB` shows them: ask again once they have ended",
			pair_open_orders(p));
	if (d->journal->ops->room(d->journal) < 4u * p->n_legs + 4u)
		return err_set(ERR_FULL, "the journal has no room for the receipts of it");
	return 0;
}

int exec_resolve(struct desk *d, struct pair *p, enum resolve_way way, const char *who,
		 const char *why)
{
	char text[FACT_TEXT];
	int rc = may_resolve(d, p, way);
	if (rc)
		return rc;
	snprintf(text, sizeof text, "resolve %016llx %s by %s%s%s", (unsigned long long)p->id,
		 resolve_way_name(way), who, why[0] ? ": " : "", why);
	const struct pair before = *p;
	p->told = (uint8_t)way;
	p->forgiven_e8 = p->spent_e8;
	p->accepted_base_e8 = way == RESOLVE_ACCEPT ? rescue_imbalance_base_e8(d, p) : 0;
	uint64_t seq = scribe_told(d, p, p->cause, text);
	if (!seq) {
		*p = before;
		return err_set(ERR_FULL, "the journal has no room for the receipt of it");
	}
	p->cause = seq;
	if (way != RESOLVE_ACCEPT) {
		p->attempts = 0;
		p->broken_ns = d->now.mono_ns;
		p->waiting = false;
		if (pair_open_orders(p) == 0)
			p->rescue_ns = 0;
	}
	look_at(d, p);
	return 0;
}

void exec_adopt(struct desk *d, struct pair *p)
{
	p->sent_ns = d->now.mono_ns;
	d->stat.in_flight += pair_working((enum pair_state)p->state);
	d->instance[p->instance].in_flight += pair_working((enum pair_state)p->state);
	d->stat.held += p->state == PAIR_HELD;
	if (p->state == PAIR_PROPOSED)
		exec_move(d, p, PAIR_EV_REFUSE, p->cause, "the host ended before it was checked");
	else if (p->state == PAIR_CHECKED && pair_open_orders(p) == 0)
		exec_move(d, p, PAIR_EV_REFUSE, p->cause, "the host ended before it was sent");
	else if (p->state == PAIR_CHECKED)
		exec_move(d, p, PAIR_EV_SEND, p->cause, "the host ended while it was being sent");
	pairs_touch(&d->pairs, p);
}
