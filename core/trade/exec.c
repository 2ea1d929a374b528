#include "core/trade/exec.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/draft.h"
#include "core/trade/exec_parts.h"
#include "core/trade/feasible.h"
#include "core/trade/held.h"
#include "core/trade/ladder.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"

#define MS 1000000LL

void exec_set_timer(struct desk *d, struct pair *p, int64_t in_ns)
{
	timers_cancel(&d->timers, p->timer);
	p->wake_ns = 0;
	p->timer = timers_set(&d->timers, d->now.mono_ns + in_ns, TIMER_PAIR, p->id);
}

int64_t exec_patience_ns(const struct desk *d, const struct pair *p)
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
	in->in_flight = (uint16_t)(in->in_flight + is_in_flight - was_in_flight);
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
	ladder_rested(p);
	p->broken_ns = 0;
	p->rescue_ns = 0;
	p->chasing = p->repriced = false;
	p->breach = 0;
	p->plan = PLAN_OVER;
	pairs_rest(&d->pairs, p, false);
	pairs_finish(&d->pairs, p);
}

bool exec_move(struct desk *d, struct pair *p, enum pair_event ev, uint64_t cause, const char *why)
{
	enum pair_state from = (enum pair_state)p->state, to = pair_next(from, ev);
	if (to == pair_state_max) {
		scribe_alert(d, cause, ALERT_PAIR_STATE, p->id, "pair in state %s cannot take %s: %s",
			     pair_state_name(from), pair_event_name(ev), why);
		return false;
	}
	bool step = ev == PAIR_EV_COMPLETE || ev == PAIR_EV_UNWIND || ev == PAIR_EV_HOLD;
	if (to == from && !step)
		return true;
	if (from == PAIR_HELD && to != PAIR_HELD) {
		held_count(d, p);
		held_end(d, p);
	}
	p->state = (uint8_t)to;
	if (to == PAIR_BROKEN && p->broken_ns == 0)
		p->broken_ns = d->now.mono_ns;
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
	if (to != PAIR_CHECKED && d->n_news < DESK_NEWS) /* its script knows it from here on */
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

static void release_or_wait(struct desk *d, struct pair *p)
{
	if (d->cfg->store.durability_power && d->journal->ops->synced(d->journal) < p->cause)
		return; /* stays CHECKED: goes out in a later turn */
	exec_plan_begin(d, p);
}

static struct pair *refused(struct desk *d, uint16_t instance, const struct proposal *pr,
			    struct risk_verdict v)
{
	d->stat.refused++;
	if (risk_is_news(d, instance, v.limit))
		risk_refused(d, instance, 0, v, write_inputs(d, instance, pr));
	return NULL;
}

/* An event that is handed on twice, or a script that loops over it, proposes once (F42). What was refused then may be asked again. */
static bool decided_before(const struct desk *d, uint16_t instance, const struct proposal *pr)
{
	return pr->event && d->instance[instance].decided_on[pr->n] == pr->event;
}

struct pair *exec_propose(struct desk *d, uint16_t instance, const struct proposal *pr)
{
	struct pair p, evicted;
	struct risk_verdict v = { .limit = RISK_LIMIT_PROPOSAL, .leg = 0xff };
	if (decided_before(d, instance, pr))
		v.limit = RISK_LIMIT_DUPLICATE;
	else if (draft_pair(d, instance, pr, &p))
		v = risk_pair(d, &p);
	if (!v.limit)
		v = feasible_pair(d, &p);
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
	slot->event = pr->event;
	slot->script = d->names.script[instance];
	d->instance[instance].decided_on[pr->n] = pr->event;
	slot->round = round_open(d, instance);
	slot->cause = scribe_whole(d, slot, write_inputs(d, instance, pr));
	bool written = slot->cause != 0;
	exec_move(d, slot, PAIR_EV_PASS, slot->cause, "within all limits");
	if (!written || !exec_plan_intend(d, slot)) {
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
	if (p->state == PAIR_SENT && p->plan != PLAN_OVER) {
		exec_plan_end(d, p, "it was asked to end");
		if (p->style > STYLE_BOTH)
			return; /* what follows a fill goes on */
	}
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		if (order_open((enum order_state)o->state))
			router_cancel(d, o, cause);
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
