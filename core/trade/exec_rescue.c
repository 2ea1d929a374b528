/* exec_rescue - takes the step that the ladder has chosen: its arithmetic as receipts, its orders, and the care for those that rest. */
#include "core/base/dec.h"
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/exec_parts.h"
#include "core/trade/held.h"
#include "core/trade/ladder.h"
#include "core/trade/plan.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include <stdio.h>

#define MS		  1000000LL
#define RETRY_NS	  (50 * MS)
#define FRUITLESS_WAIT_NS (20 * MS)
#define LEAST_WAIT_NS	  (MS / 10)
#define CHASE_EVERY_NS	  (200 * MS)

/* Why a way cannot be taken; of a price, where the market stands and how far the way may go. */
static void refused_words(const struct desk *d, const struct pair *p, unsigned leg,
			  const struct rescue_way_out *o, char out[FACT_TEXT])
{
	const struct rescue_trade *t = &o->trade[leg];
	const char *cause = held_cause_name((enum held_cause)o->why_not);
	char market[24], limit[24];
	if (o->why_not != HELD_PRICE || o->possible || !t->qty) {
		snprintf(out, FACT_TEXT, "%s", cause);
		return;
	}
	unsigned dp = d->instrument[p->leg[leg].instrument].px_dp;
	dec_format(t->at_px, dp, 0, market);
	dec_format(t->px, dp, 0, limit);
	if (t->px)
		snprintf(out, FACT_TEXT, "%s: the market stands at %s, the limit is %s", cause,
			 market, limit);
	else
		snprintf(out, FACT_TEXT, "%s: what is shown at %s was not there", cause, market);
}

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
		char words[FACT_TEXT] = "";
		if (o->why_not)
			refused_words(d, p, l, o, words);
		fact_text(&f, "%s",
			  o->why_not  ? words
			  : o->priced ? ""
				      : "no rate is known between its currencies");
		scribe_put(d, &f);
		first = false;
	}
}

static int64_t base_e8(const struct desk *d, const struct pair *p, unsigned leg, int64_t qty)
{
	const struct instrument *in = &d->instrument[p->leg[leg].instrument];
	return dec_abs(instrument_base_e8(in, qty, desk_mark_px(d, p->leg[leg].instrument)));
}

/* Can the others follow what one order of this leg closes? Where that is less than they round up to an order, the next step could only buy it back. */
static bool can_lead(const struct desk *d, const struct pair *p, const struct rescue_trade *t,
		     unsigned leg)
{
	int64_t closes = base_e8(d, p, leg, t[leg].qty);
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct rule *r = desk_rule(d, p->leg[l].instrument);
		if (l == leg || !t[l].qty || !r)
			continue;
		int64_t qty = desk_order_qty(&d->instrument[p->leg[l].instrument], r,
					     (enum side)t[l].side, closes,
					     desk_mark_px(d, p->leg[l].instrument));
		if (qty == 0 || qty < r->min_qty)
			return false;
	}
	return true;
}

/* The leg whose least order is the largest: its venue takes no less. */
static unsigned coarsest(const struct desk *d, const struct pair *p, const struct rescue_trade *t)
{
	unsigned best = LEG_MAX;
	int64_t most = -1;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct rule *r = desk_rule(d, p->leg[l].instrument);
		int64_t lot = r && t[l].qty ? base_e8(d, p, l, r->lot) : -1;
		if (lot > most) {
			most = lot;
			best = l;
		}
	}
	return best;
}

/* Of an even position that is closed the less certain leg leaves alone, and the others on what it has closed: a venue that takes nothing then leaves it as it is.
 * LEG_MAX: all that the way trades leave together. */
static unsigned leaves_alone(struct desk *d, const struct pair *p, const struct rescue_plan *plan,
			     enum first_why *why)
{
	const struct rescue_trade *t = plan->out[RESCUE_UNWIND].trade;
	int64_t uneven = plan->imbalance_base_e8;
	if (p->intent != INTENT_FLATTEN || plan->way != RESCUE_UNWIND ||
	    (uneven < 0 ? -uneven : uneven) > plan->tolerance_base_e8)
		return LEG_MAX;
	struct pair closing = *p;
	unsigned of[LEG_MAX], n = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		if (!t[l].qty)
			continue;
		struct pair_leg *x = &closing.leg[n];
		*x = p->leg[l];
		x->side = t[l].side;
		x->want_qty = t[l].qty;
		x->limit_px = t[l].px;
		of[n++] = l;
	}
	closing.n_legs = (uint8_t)n;
	if (n < 2)
		return LEG_MAX;
	unsigned first = of[plan_less_certain(d, &closing, why)];
	if (can_lead(d, p, t, first))
		return first;
	*why = FIRST_COARSER;
	return coarsest(d, p, t);
}

static const char *standing(const struct rescue_way_out *o)
{
	return o->why_not    ? held_cause_name((enum held_cause)o->why_not)
	       : o->possible ? "possible"
	       : o->offered  ? "not possible"
			     : "not asked for";
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
	enum first_why why;
	unsigned alone = leaves_alone(d, p, plan, &why);
	if (alone < LEG_MAX) {
		fact_text(&f, "%s; %.40s first (%s), the others on what it has closed",
			  rescue_way_name(plan->way), d->instrument[p->leg[alone].instrument].name,
			  first_why_text(why));
	} else {
		const char *const word[] = { rescue_way_name(plan->way),
					     plan->cause ? ": " : "",
					     plan->cause ? held_cause_name(plan->cause) : "",
					     "; complete ",
					     complete->why_not ? "refused: " : "",
					     standing(complete),
					     ", unwind ",
					     unwind->why_not ? "refused: " : "",
					     standing(unwind) };
		fact_words(&f, word, sizeof word / sizeof *word);
	}
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
	const enum rescue_way way = (enum rescue_way)p->step;
	int64_t every = ladder_row(d, p, way)->every_ns;
	int64_t left = ladder_left_ns(d, p, way);
	every = every ? every : CHASE_EVERY_NS;
	return left < every ? left : every;
}

static void send(struct desk *d, struct pair *p, const struct rescue_plan *plan, uint64_t cause)
{
	const enum rescue_way way = plan->way;
	const struct rescue_way_out *w = &plan->out[way];
	struct order *o[LEG_MAX] = { 0 };
	enum first_why why;
	unsigned sent = 0, alone = leaves_alone(d, p, plan, &why);
	p->chasing = rescue_rests(way); /* the router lets its orders rest */
	p->repriced = false;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (w->trade[l].qty && (alone == LEG_MAX || alone == l))
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
		p->climb_ns = d->now.mono_ns;
	}
	uint64_t seq = write_rescue(d, p, plan);
	p->waiting = false;
	bool unwinds = plan->way == RESCUE_UNWIND || plan->way == RESCUE_CHASE_BACK;
	if (exec_move(d, p, unwinds ? PAIR_EV_UNWIND : PAIR_EV_COMPLETE, seq,
		      rescue_way_name(plan->way)))
		send(d, p, plan, seq);
	env_flush(d->env); /* what mends it is on its way before its arithmetic is written down */
	write_costs(d, p, plan, seq);
}

void exec_climb(struct desk *d, struct pair *p, const struct rescue_plan *plan)
{
	bool held = p->state == PAIR_HELD;
	if (p->climb_ns == 0)
		p->climb_ns = d->now.mono_ns;
	bool out_of_time = d->now.mono_ns - p->climb_ns > exec_patience_ns(d, p);
	switch (plan->way) {
	case RESCUE_COMPLETE:
	case RESCUE_UNWIND:
	case RESCUE_CHASE:
	case RESCUE_CHASE_BACK:
		act(d, p, plan);
		break;
	case RESCUE_WAIT:
		if (!held && (!out_of_time || !plan->cause)) {
			if (!p->waiting)
				write_all(d, p, plan);
			p->waiting = true;
			exec_set_timer(d, p, RETRY_NS);
			if (plan->cause)
				held_soon(d, p, plan->cause);
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
	if (desk_top(d, o->instrument)->q.px[o->side] == o->px)
		return false; /* it is as good as any there: it does not outbid itself */
	int64_t px = rescue_chase_px(d, p, &p->leg[o->leg], (enum side)o->side,
				     (enum rescue_way)p->step);
	return px != o->px;
}

bool exec_tend_chase(struct desk *d, struct pair *p)
{
	const enum rescue_way way = (enum rescue_way)p->step;
	bool over = ladder_left_ns(d, p, way) == 0 || p->breach || p->told;
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
		ladder_took(d, p, way, cancels);
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
