/* Legs, judged by receipts when an order is intended: how far each may go, that they balance, what a close may take, and which steps a rescue may take (I1, I2, I6, R4 to R6). */
#include "core/base/dec.h"
#include "core/trade/rescue.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "tests/sim/checker_parts.h"
#include <string.h>

static int64_t base_of(const struct checker *c, const struct check_order *o, int64_t qty)
{
	return check_base_e8(c, o->instrument, SIDE_BUY, qty, o->px);
}

/* If all of this side that may still fill fills, the leg lies between nothing and what it was to be: a lot more is traded twice, or the wrong way. */
static void within_leg(struct checker *c, const struct check_pair *p, const struct check_order *o)
{
	int64_t want = p->leg[o->leg].want_qty, qty = p->leg[o->leg].qty;
	int64_t open = p->leg[o->leg].open_qty[o->side];
	int64_t most = want > 0 ? want : 0, least = want < 0 ? want : 0;
	int64_t over = o->side == SIDE_BUY ? qty + open - most : least - (qty - open);
	bool watched = p->intent == INTENT_REPAIR || p->intent == INTENT_FLATTEN;
	if (over > 0 && !watched && base_of(c, o, over) > check_tolerance_e8(c, p))
		check_fail(c, 1, p, o->id,
			   "its leg was to be %lld and is %lld: with %lld more it goes too far",
			   (long long)want, (long long)qty, (long long)open);
}

/* The legs that follow never go ahead of what the first one has filled. */
static void within_first(struct checker *c, const struct check_pair *p, const struct check_order *o)
{
	int64_t first_want = dec_abs(p->leg[p->first % LEG_MAX].want_qty);
	int64_t filled = dec_abs(p->leg[p->first % LEG_MAX].qty);
	int64_t want = dec_abs(p->leg[o->leg].want_qty);
	int64_t have = dec_abs(p->leg[o->leg].qty) + p->leg[o->leg].open_qty[o->side];
	if (first_want && (__int128)have * first_want > (__int128)want * filled)
		check_fail(c, 1, p, o->id,
			   "it follows to %lld of %lld, and the first leg has %lld of %lld",
			   (long long)have, (long long)want, (long long)filled,
			   (long long)first_want);
}

/* No worse than the trigger's price by more than the slip of its instance. */
static void within_slip(struct checker *c, const struct check_pair *p, const struct check_order *o)
{
	int64_t ref = p->leg[o->leg].ref_px;
	int64_t adverse = o->side == SIDE_BUY ? o->px - ref : ref - o->px;
	int64_t tick = c->t.instrument[o->instrument - 1].rule[0].tick;
	/* A host that read the venue's rules while they were bent goes by those until it reads them again. */
	tick *= c->coarsest ? c->coarsest : 1;
	if (c->t.slip_tick && adverse > c->t.slip_tick * tick)
		check_fail(c, 2, p, o->id,
			   "it is worse than its trigger's price by %lld ticks, %d may be",
			   (long long)(adverse / tick), c->t.slip_tick);
}

static void within_size(struct checker *c, const struct check_pair *p, const struct check_order *o)
{
	int64_t value = instrument_notional_e8(&c->t.instrument[o->instrument - 1], o->qty, o->px);
	if (c->t.max_order_e8 && value > c->t.max_order_e8)
		check_fail(c, 2, p, o->id, "an order of %lld e-8 of money, at most %lld may be",
			   (long long)value, (long long)c->t.max_order_e8);
}

/* The account's position, if all of this side fills that may (I2). What brings it nearer to nothing passes. */
static void within_position(struct checker *c, const struct check_pair *p,
			    const struct check_order *o)
{
	int64_t net = c->position[o->account][o->instrument];
	int64_t open = c->open_qty[o->account][o->instrument][o->side];
	int64_t worst = o->side == SIDE_BUY ? net + open : -net + open;
	if (c->t.max_position_base_e8 && p->style <= STYLE_BOTH && worst > 0 &&
	    base_of(c, o, worst) > c->t.max_position_base_e8)
		check_fail(c, 2, p, o->id,
			   "its account would hold %lld of the contract, %lld may be",
			   (long long)worst, (long long)c->t.max_position_base_e8);
}

static void on_order(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	const struct check_order *o = check_order_of(c, f->order);
	if (!p || !o || !p->leg[o->leg].instrument)
		return;
	p->leg[o->leg].intended = true;
	if (p->leg[o->leg].instrument != o->instrument || p->leg[o->leg].account != o->account)
		check_fail(c, 4, p, o->id, "it is for another contract or account than its leg");
	within_leg(c, p, o);
	if (o->role == ORDER_HEDGES)
		within_first(c, p, o);
	if (o->role == ORDER_OPENS) {
		p->leg[o->leg].order = 1 + (uint32_t)(o - c->order);
		within_slip(c, p, o);
		within_size(c, p, o);
		within_position(c, p, o);
	}
}

/* Where all legs go at once, all of their intents come first (I6). */
static void on_sent(struct checker *c, const struct fact *f)
{
	const struct check_order *o = check_order_of(c, f->order);
	const struct check_pair *p = o ? &c->pair[o->pair] : NULL;
	if (!o || o->role != ORDER_OPENS || p->style > STYLE_BOTH)
		return;
	if (c->t.synced && p->checked_seq > c->t.synced(c->t.owner))
		check_fail(c, 6, p, o->id, "it leaves before its pair is durable");
	for (unsigned l = 0; l < p->n_legs && l < LEG_MAX; l++)
		if (!p->leg[l].intended)
			check_fail(c, 6, p, o->id,
				   "it leaves before the order of leg %u is in the journal", l);
}

/* A leg that waits for another does not leave any more once that has ended short. */
static void late_leg(struct checker *c, const struct fact *f)
{
	const struct check_order *o = check_order_of(c, f->order);
	const struct check_pair *p = o ? &c->pair[o->pair] : NULL;
	bool as_planned = p && (p->state == PAIR_CHECKED || p->state == PAIR_SENT);
	if (!as_planned || o->role != ORDER_OPENS || p->style > STYLE_BOTH)
		return;
	for (unsigned l = 0; l < p->n_legs && l < LEG_MAX; l++) {
		const struct check_order *other =
			p->leg[l].order ? &c->order[p->leg[l].order - 1] : NULL;
		if (other && other != o && order_terminal((enum order_state)other->state) &&
		    other->cum < other->qty && other->ended_turn < f->turn)
			check_fail(c, 1, p, o->id,
				   "it leaves although leg %u has ended with %lld of %lld", l,
				   (long long)other->cum, (long long)other->qty);
	}
}

/* ---- a pair as it was decided ---- */

static void balances(struct checker *c, const struct check_pair *p)
{
	int64_t net = 0, lot = c->t.lot_base_e8[p->instance];
	for (unsigned l = 0; l < p->n_legs; l++)
		net += p->leg[l].want_base_e8;
	if (dec_abs(net) > lot / 2 + check_tolerance_e8(c, p))
		check_fail(c, 1, p, 0, "its legs leave %lld e-8 base units unhedged by plan",
			   (long long)net);
}

static void closes_what_is_held(struct checker *c, const struct check_pair *p)
{
	for (unsigned l = 0; l < p->n_legs; l++) {
		int64_t held =
			c->instance[p->instance].qty[p->leg[l].account][p->leg[l].instrument];
		int64_t after = held + p->leg[l].want_qty;
		bool flips = (held > 0 && after < 0) || (held < 0 && after > 0);
		int64_t base = check_base_e8(c, p->leg[l].instrument, SIDE_BUY, dec_abs(after),
					     p->leg[l].ref_px);
		if ((flips || dec_abs(after) > dec_abs(held)) &&
		    base > c->t.lot_base_e8[p->instance] + check_tolerance_e8(c, p))
			check_fail(c, 2, p, 0, "it closes %lld where %lld are held",
				   (long long)p->leg[l].want_qty, (long long)held);
	}
}

void check_legs_checked(struct checker *c, struct check_pair *p)
{
	p->checked_seq = c->seq;
	if (p->instance >= CHECK_INSTANCES || !p->instance)
		return;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (p->leg[l].account >= CHECK_ACCOUNTS ||
		    p->leg[l].instrument >= CHECK_INSTRUMENTS || !p->leg[l].instrument)
			return;
	if (p->intent != INTENT_REPAIR && p->intent != INTENT_FLATTEN)
		balances(c, p);
	for (unsigned l = 0; l < p->n_legs && p->intent == INTENT_REPAIR; l++)
		if (c->n_old[p->leg[l].account][p->leg[l].instrument])
			check_fail(
				c, 2, p, 0,
				"it repairs, and executions of before the session are not booked");
	if (p->intent == INTENT_CLOSE)
		closes_what_is_held(c, p);
	bool opens = p->intent == INTENT_OPEN || p->intent == INTENT_ROLL;
	for (unsigned l = 0; l < p->n_legs && opens; l++)
		if (c->fenced[p->leg[l].account][p->leg[l].instrument])
			check_fail(c, 2, p, 0, "it opens in leg %u, which is fenced", l);
	if (c->halted && opens)
		check_fail(c, 10, p, 0, "it is let through after a kill");
	if (c->t.max_in_flight[p->instance] &&
	    c->instance[p->instance].in_flight > c->t.max_in_flight[p->instance])
		check_fail(c, 2, p, 0, "it is number %d of its instance in flight",
			   c->instance[p->instance].in_flight);
}

/* ---- steps of a rescue ---- */

static bool closing(const struct check_pair *p)
{
	return p->intent == INTENT_CLOSE || p->intent == INTENT_ROLL;
}

/* The step that is taken; its arithmetic follows. */
static void on_rescue(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	enum rescue_way way = (enum rescue_way)f->num[7];
	if (!p || !p->instance || p->instance >= 16)
		return;
	bool takes_back = way == RESCUE_UNWIND, goes_on = way == RESCUE_COMPLETE;
	p->way = takes_back || goes_on ? (uint8_t)way : RESCUE_NONE;
	p->priced[0] = p->priced[1] = false;
}

/* What each way would cost stands on the first of its lines; then the cheaper one of those that could be taken, and end it, was to be taken. */
static void on_cost(struct checker *c, const struct fact *f)
{
	struct check_pair *p = check_pair_of(c, f->pair);
	int w = f->num[0] == RESCUE_UNWIND;
	if (!p || !p->way || (f->num[0] != RESCUE_COMPLETE && f->num[0] != RESCUE_UNWIND) ||
	    p->priced[w])
		return;
	bool priced = strncmp(f->text, "no rate", 7) != 0, taken_way = p->way == f->num[0];
	p->priced[w] = true;
	p->cost_e8[w] = f->num[5];
	if (priced && taken_way && p->budget_e8 && !p->told && f->num[5] > 0 &&
	    p->spent_e8 + f->num[5] > p->budget_e8)
		check_fail(c, CHECKER_RULE + 6, p, 0,
			   "a step of %lld e-8 is taken, %lld are spent, and %lld may be",
			   (long long)f->num[5], (long long)p->spent_e8, (long long)p->budget_e8);
	p->could[w] = priced && f->num[7] == 0 && dec_abs(f->num[6]) <= check_tolerance_e8(c, p);
	if (!p->priced[0] || !p->priced[1])
		return;
	int taken = p->way == RESCUE_UNWIND;
	if (c->t.cheapest[p->instance] && !p->told && p->could[0] && p->could[1] &&
	    p->cost_e8[taken] > p->cost_e8[!taken])
		check_fail(c, CHECKER_RULE + 4, p, 0,
			   "it is %s: completing costs %lld, taking it back %lld",
			   taken ? "taken back" : "completed", (long long)p->cost_e8[0],
			   (long long)p->cost_e8[1]);
	if (taken && closing(p) && !c->t.reopens[p->instance] && !p->told && p->could[0])
		check_fail(c, CHECKER_RULE + 4, p, 0, "what it was to close is opened again");
}

/* What reduces risk passes after a kill. */
static void on_refused(struct checker *c, const struct fact *f)
{
	const struct check_pair *p = check_pair_of(c, f->pair);
	if (p && f->num[0] == RISK_LIMIT_KILL &&
	    (p->state == PAIR_COMPLETING || p->state == PAIR_UNWINDING))
		check_fail(c, CHECKER_RULE + 5, p, 0, "its rescue is refused because of a kill");
}

static void on_repair(struct checker *c, const struct fact *f)
{
	if (f->num[0] == PAIR_PROPOSED && f->num[1] == PAIR_PROPOSED &&
	    f->num[5] == INTENT_REPAIR && f->instance < CHECK_INSTANCES &&
	    c->instance[f->instance].in_flight > 0)
		check_fail(c, 1, check_pair_of(c, f->pair), 0,
			   "a position is repaired while %d pairs of it are in flight",
			   c->instance[f->instance].in_flight);
}

void check_legs_fact(struct checker *c, const struct fact *f)
{
	switch ((enum fact_kind)f->kind) {
	case FACT_ORDER:
		on_order(c, f);
		break;
	case FACT_SENT:
		on_sent(c, f);
		late_leg(c, f);
		break;
	case FACT_RESCUE:
		on_rescue(c, f);
		break;
	case FACT_COST:
		on_cost(c, f);
		break;
	case FACT_RISK:
		on_refused(c, f);
		break;
	case FACT_PAIR:
		on_repair(c, f);
		break;
	default:
		break;
	}
}
