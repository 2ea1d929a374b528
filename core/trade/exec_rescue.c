/* exec_rescue - takes the step that the ladder has chosen: its arithmetic as receipts, its orders, and the care for those that rest. */
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/held.h"
#include "core/trade/ladder.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"

#define MS		  1000000LL
#define RETRY_NS	  (50 * MS)
#define FRUITLESS_WAIT_NS (20 * MS)
#define LEAST_WAIT_NS	  (MS / 10)
#define CHASE_EVERY_NS	  (200 * MS)

/* One way, leg by leg: at which price how much, what that costs against the trigger, and on the first of them what concerns the whole way. */
static void write_cost(struct desk *d, const struct pair *p, enum rescue_way w,
		       const struct rescue_way_out *o, uint64_t cause)
{
	bool first = true;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct rescue_trade *t = &o->trade[l];
		bool last_chance = first && l + 1 == p->n_legs;
		struct fact f;
		if (!t->qty && !last_chance)
			continue;
		scribe_pair(d, &f, FACT_COST, p, cause);
		if (t->qty) {
			scribe_instrument(d, &f, p->leg[l].instrument);
			f.leg = (uint8_t)l;
			f.side = t->side;
			f.qty = t->qty;
			f.px = t->at_px;
		}
		f.num[0] = w;
		f.num[1] = t->slip_e8;
		f.num[2] = t->fee_e8;
		if (first) {
			f.num[3] = o->edge_e8;
			f.num[4] = o->waiting_e8;
			f.num[5] = o->cost_e8;
			f.num[6] = o->left_base_e8;
			f.num[7] = o->why_not;
		}
		fact_text(&f, "%s",
			  o->why_not  ? held_cause_name((enum held_cause)o->why_not)
			  : o->priced ? ""
				      : "no rate is known between its currencies");
		scribe_put(d, &f);
		first = false;
	}
}

static uint64_t write_rescue(struct desk *d, const struct pair *p, const struct rescue_plan *plan)
{
	const struct rescue_way_out *complete = &plan->out[RESCUE_COMPLETE];
	const struct rescue_way_out *unwind = &plan->out[RESCUE_UNWIND];
	struct fact f;
	scribe_pair(d, &f, FACT_RESCUE, p, p->cause);
	f.num[0] = plan->cause;
	f.num[1] = complete->cost_e8;
	f.num[2] = unwind->cost_e8;
	f.num[3] = plan->imbalance_base_e8;
	f.num[4] = p->spent_e8;
	f.num[5] = d->instance[p->instance].cfg->rescue_budget_e8;
	f.num[6] = p->attempts;
	f.num[7] = plan->way;
	const char *const word[] = {
		rescue_way_name(plan->way),
		plan->cause ? ": " : "",
		plan->cause ? held_cause_name(plan->cause) : "",
		complete->possible ? "; complete possible" : "; complete not possible",
		unwind->possible ? ", unwind possible" : ", unwind not possible",
	};
	fact_words(&f, word, sizeof word / sizeof *word);
	return scribe_put(d, &f);
}

/* After the orders have left: nothing waits for them. */
static void write_costs(struct desk *d, const struct pair *p, const struct rescue_plan *plan,
			uint64_t cause)
{
	for (int w = RESCUE_COMPLETE; cause && w < rescue_way_max; w++)
		if (plan->out[w].offered)
			write_cost(d, p, (enum rescue_way)w, &plan->out[w], cause);
}

static uint64_t write_all(struct desk *d, const struct pair *p, const struct rescue_plan *plan)
{
	uint64_t seq = write_rescue(d, p, plan);
	write_costs(d, p, plan, seq);
	return seq;
}

static int64_t traded(const struct pair *p)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		sum += p->leg[l].traded_qty;
	return sum;
}

/* How long the next one waits: what the venues of the last ones take to answer, twice as long each time; where that is not known, or a venue refused for
 * good or for the rate, as long as nobody hurries it. */
static int64_t fruitless_wait_ns(struct desk *d, const struct pair *p)
{
	int64_t most = FRUITLESS_WAIT_NS * p->attempts, answer = LEAST_WAIT_NS;
	unsigned doubled = p->attempts > 1 ? p->attempts - 1u : 0;
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		if (!o->rescue || o->sent_mono_ns < p->rescue_ns)
			continue;
		bool passing = o->reject_class == REJECT_TRANSIENT;
		if (d->venue[o->venue].answer_ns == 0 || (o->state == ORDER_REJECTED && !passing))
			return most;
		if (d->venue[o->venue].answer_ns > answer)
			answer = d->venue[o->venue].answer_ns;
	}
	return doubled < 16 && answer << doubled < most ? answer << doubled : most;
}

/* A rescue that filled nothing is not repeated at once: each next one waits longer. A chase that is quoted anew was not fruitless. */
bool exec_too_soon(struct desk *d, struct pair *p)
{
	if (p->rescue_ns == 0 || p->repriced || p->rescue_traded != traded(p))
		return false;
	int64_t due = p->rescue_ns + fruitless_wait_ns(d, p);
	if (d->now.mono_ns >= due)
		return false;
	exec_set_timer(d, p, due - d->now.mono_ns);
	return true;
}

static int64_t chase_every_ns(const struct desk *d, const struct pair *p)
{
	int64_t every = ladder_row(d, p, RESCUE_CHASE)->every_ns;
	int64_t left = ladder_left_ns(d, p, RESCUE_CHASE);
	every = every ? every : CHASE_EVERY_NS;
	return left < every ? left : every;
}

static void send(struct desk *d, struct pair *p, enum rescue_way way,
		 const struct rescue_way_out *w, uint64_t cause)
{
	struct order *o[LEG_MAX] = { 0 };
	unsigned sent = 0;
	p->chasing = way == RESCUE_CHASE; /* the router lets its orders rest */
	p->repriced = false;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (w->trade[l].qty)
			o[l] = router_order(d, p, l, (enum side)w->trade[l].side, w->trade[l].px,
					    w->trade[l].qty, !w->trade[l].opens, cause);
	for (unsigned l = 0; l < p->n_legs; l++) {
		if (o[l])
			router_send(d, o[l]);
		sent += o[l] != NULL;
	}
	if (sent == 0) {
		p->chasing = false;
		exec_set_timer(d, p, RETRY_NS);
		return;
	}
	ladder_took(d, p, way, sent);
	if (p->attempts < UINT8_MAX)
		p->attempts++;
	p->step = (uint8_t)way;
	p->rescue_ns = d->now.mono_ns;
	p->rescue_traded = traded(p);
	exec_set_timer(d, p, p->chasing ? chase_every_ns(d, p) : exec_patience_ns(d, p));
}

/* Rescues come out of what opening leaves free (risk.c); should even that be used up, the pair says so instead of standing still. */
static bool room_for_rescue(struct desk *d, const struct pair *p)
{
	return blotter_room(&d->blotter) >= p->n_legs &&
	       d->journal->ops->room(d->journal) > 16u + 4u * p->n_legs;
}

static void act(struct desk *d, struct pair *p, const struct rescue_plan *plan)
{
	if (!room_for_rescue(d, p)) {
		held_hold(d, p, HELD_NO_ROOM, p->cause);
		return;
	}
	if (p->state == PAIR_HELD) { /* what held it is over */
		ladder_rested(p);
		p->broken_ns = d->now.mono_ns;
	}
	uint64_t seq = write_rescue(d, p, plan);
	p->waiting = false;
	bool unwinds = plan->way == RESCUE_UNWIND;
	if (exec_move(d, p, unwinds ? PAIR_EV_UNWIND : PAIR_EV_COMPLETE, seq,
		      rescue_way_name(plan->way)))
		send(d, p, plan->way, &plan->out[plan->way], seq);
	env_flush(d->env); /* what mends it is on its way before its arithmetic is written down */
	write_costs(d, p, plan, seq);
}

void exec_climb(struct desk *d, struct pair *p, const struct rescue_plan *plan)
{
	bool held = p->state == PAIR_HELD;
	if (p->broken_ns == 0)
		p->broken_ns = d->now.mono_ns;
	bool out_of_time = d->now.mono_ns - p->broken_ns > exec_patience_ns(d, p);
	switch (plan->way) {
	case RESCUE_COMPLETE:
	case RESCUE_UNWIND:
	case RESCUE_CHASE:
		act(d, p, plan);
		break;
	case RESCUE_WAIT:
		if (!held && (!out_of_time || !plan->cause)) {
			if (!p->waiting)
				write_all(d, p, plan);
			p->waiting = true;
			exec_set_timer(d, p, RETRY_NS);
			break;
		}
		held_hold(d, p, plan->cause ? plan->cause : (enum held_cause)p->held_cause,
			  held ? p->cause : write_all(d, p, plan));
		break;
	case RESCUE_HOLD:
		held_hold(d, p, plan->cause, held ? p->cause : write_all(d, p, plan));
		break;
	case RESCUE_NONE:
	case rescue_way_max:
		must(0 && "an even pair needs no rescue");
	}
}

static bool would_reprice(struct desk *d, const struct pair *p, const struct order *o)
{
	int64_t px = rescue_chase_px(d, p, &p->leg[o->leg], (enum side)o->side);
	return px != o->px;
}

bool exec_tend_chase(struct desk *d, struct pair *p)
{
	bool over = ladder_left_ns(d, p, RESCUE_CHASE) == 0 || p->breach || p->told;
	bool due = d->now.mono_ns - p->rescue_ns >= chase_every_ns(d, p);
	bool rests = false;
	unsigned cancels = 0;
	uint32_t at = p->first_order;
	for (struct order *o; (o = blotter_each_of(&d->blotter, &at));) {
		if (o->state == ORDER_SENT || o->state == ORDER_LIVE)
			rests = true;
		if (o->state != ORDER_LIVE || !(over || (due && would_reprice(d, p, o))))
			continue;
		router_cancel(d, o, p->cause);
		cancels += o->state == ORDER_CANCELLING;
	}
	if (cancels) { /* what becomes of it, its end says: then the ladder is asked again */
		ladder_took(d, p, RESCUE_CHASE, cancels);
		p->repriced = true;
		p->rescue_ns = d->now.mono_ns;
		exec_set_timer(d, p, exec_patience_ns(d, p));
		return true;
	}
	if (rests && due) /* it is still where it should be: looked at again later */
		p->rescue_ns = d->now.mono_ns;
	if (rests)
		exec_set_timer(d, p, over ? RETRY_NS : chase_every_ns(d, p));
	return rests;
}

/* Every order that is still open has been unknown for as long as is waited for it. */
static bool unknown_long_enough(struct desk *d, const struct pair *p)
{
	const struct config_rescue *r = &d->cfg->instance[p->instance].rescue;
	int64_t since = p->rescue_ns > p->sent_ns ? p->rescue_ns : p->sent_ns;
	uint32_t at = p->first_order;
	for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));)
		if (order_open((enum order_state)o->state) && o->state != ORDER_UNKNOWN)
			return false;
	return d->now.mono_ns - since >= r->unknown_ns;
}

bool exec_cut_known(struct desk *d, struct pair *p)
{
	const struct config_rescue *r = &d->cfg->instance[p->instance].rescue;
	struct rescue_plan plan;
	if (r->on_unknown != UNKNOWN_FLATTEN || !unknown_long_enough(d, p))
		return false;
	rescue_plan_known(d, p, &plan);
	if (plan.way != RESCUE_UNWIND || exec_too_soon(d, p))
		return false;
	if (p->state == PAIR_SENT || pair_over((enum pair_state)p->state))
		exec_move(d, p, PAIR_EV_UNEVEN, p->cause, "the outcome of an order is not known");
	act(d, p, &plan);
	return true;
}
