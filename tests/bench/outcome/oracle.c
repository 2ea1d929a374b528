/* oracle - the upper bound: it waits as long as the others for its orders to arrive, but knows what they will meet there. It takes a trigger only when both legs fill
 * whole at their arrival and something is left after fees, and no fault ever hits it, since it would know. It lives through the stretch at least twice: first it looks, then
 * it takes; where what it took before leaves too little, it leaves that trigger alone the next time. */
#include "tests/bench/outcome/executors.h"
#include <stdlib.h>
#include <string.h>

enum { PASSES_MAX = 8 };

struct oracle {
	struct executor e; /* first */
	unsigned pass;
	bool *take;
	int64_t (*limit_px)[TAPE_MARKETS];
};

static int begin(struct executor *e, struct lane *l)
{
	(void)e, (void)l;
	return 0;
}

static void on_trigger(struct executor *e, struct lane *l, uint32_t trigger)
{
	struct oracle *o = (struct oracle *)e;
	for (unsigned m = 0; m < TAPE_MARKETS; m++)
		if (o->pass == 0)
			lane_peek(l, trigger, m);
		else if (o->take[trigger])
			lane_send(l, trigger, m, (enum side)l->trigger[trigger].side[m],
				  o->limit_px[trigger][m], l->tape->qty, TIF_IOC, true, 0);
}

static bool worth_it(const struct lane *l, const struct lane_trigger *t)
{
	int64_t net_e8 = 0;
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		if (t->peek_qty[m] < l->tape->qty)
			return false;
		bool buys = t->side[m] == SIDE_BUY;
		int64_t value = lane_money_e8(l, 1, t->peek_px_qty[m]);
		net_e8 += buys ? -value : value;
		net_e8 -= lane_fee_e8(l, m, 1, t->peek_px_qty[m]);
	}
	int64_t fair = lane_money_e8(l, l->tape->qty, l->tape->fair);
	return net_e8 + (t->side[0] == SIDE_BUY ? fair : -fair) > 0;
}

static int64_t on_tick(int64_t tick, int64_t px, enum side side)
{
	int64_t rest = px % tick;
	return !rest ? px : side == SIDE_BUY ? px + tick - rest : px - rest;
}

static bool plan(struct oracle *o, const struct lane *l)
{
	o->take = calloc(l->n_triggers + 1u, sizeof *o->take);
	o->limit_px = calloc(l->n_triggers + 1u, sizeof *o->limit_px);
	if (!o->take || !o->limit_px)
		return false;
	for (uint32_t i = 0; i < l->n_triggers; i++) {
		const struct lane_trigger *t = &l->trigger[i];
		o->take[i] = worth_it(l, t);
		for (unsigned m = 0; m < TAPE_MARKETS; m++)
			o->limit_px[i][m] = on_tick(l->tape->market[m].tick, t->peek_px[m],
						    (enum side)t->side[m]);
	}
	return true;
}

static bool again(struct executor *e, struct lane *l)
{
	struct oracle *o = (struct oracle *)e;
	bool dropped = false;
	if (o->pass++ == 0)
		return plan(o, l);
	for (uint32_t i = 0; i < l->n_triggers; i++) {
		const struct lane_trigger *t = &l->trigger[i];
		bool whole = !t->forced && lane_open_qty(l, t) == 0 &&
			     llabs(t->net_qty[0]) == l->tape->qty;
		if (o->take[i] && !whole) {
			o->take[i] = false;
			dropped = true;
		}
	}
	return dropped && o->pass < PASSES_MAX;
}

static void on_report(struct executor *e, struct lane *l, const struct lane_report *r)
{
	(void)e, (void)l, (void)r;
}

static void on_timer(struct executor *e, struct lane *l, uint64_t arg)
{
	(void)e, (void)l, (void)arg;
}

static void oracle_free(struct executor *e)
{
	struct oracle *o = (struct oracle *)e;
	free(o->take);
	free(o->limit_px);
	free(o);
}

static const struct executor_ops ops = { .begin = begin,
					 .on_trigger = on_trigger,
					 .on_report = on_report,
					 .on_timer = on_timer,
					 .again = again,
					 .free = oracle_free };

struct executor *oracle_new(void)
{
	struct oracle *o = calloc(1, sizeof *o);
	if (o)
		o->e.ops = &ops;
	return o ? &o->e : NULL;
}
