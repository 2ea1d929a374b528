/* ours - the core itself in the lane: a desk with its executor, router, risk gate and rescue, and a venue port whose orders travel the lane. Nothing of it is modelled;
 * only the engine's turn is played here, in its order: timers, reports, pairs, proposals, pairs. What a turn costs in time is left out. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "tests/bench/outcome/executors.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS	     1000000LL
#define UTC_OF_ZERO  1767225600000000000LL
#define HOUSEKEEP_NS (100 * MS)

enum { LEVELS = 256, ORDERS = 1 << 20 };

struct port {
	struct venue v; /* first */
	struct ours *ours;
};

struct forgetful {
	struct journal j; /* first */
	uint64_t seq;
};

struct ours {
	struct executor e; /* first */
	struct desk d;
	struct config cfg;
	struct config_venue cv[TAPE_MARKETS];
	struct config_account ca[TAPE_MARKETS];
	struct config_instance ci;
	struct instrument in[TAPE_MARKETS];
	struct forgetful journal;
	struct port port[TAPE_MARKETS];
	struct lane *lane;
	uint32_t *trigger_of; /* 1 + trigger, by a pair's sequence number; grows */
	uint32_t *order_of;   /* 1 + lane order, by an order's */
	uint64_t *pair_of;    /* by trigger */
	uint32_t cap_pairs;
	uint32_t firing; /* the trigger that is being proposed */
	int64_t wakes_at_ns, housekeeping_ns;
	bool open;
	uint8_t align; /* enum pair_align */
};

static uint32_t sequence(uint64_t id)
{
	return (uint32_t)(id & (ORDERS - 1));
}

/* ---- the journal keeps nothing but the count */

static uint64_t append(struct journal *j, struct fact *f)
{
	f->seq = ++((struct forgetful *)j)->seq;
	return f->seq;
}

static uint64_t room(const struct journal *j)
{
	(void)j;
	return UINT32_MAX;
}

static uint64_t synced(const struct journal *j)
{
	return ((const struct forgetful *)j)->seq;
}

static int trouble(const struct journal *j, const char **why)
{
	(void)j;
	*why = "";
	return 0;
}

static const struct journal_ops journal_ops = {
	.append = append, .room = room, .synced = synced, .trouble = trouble
};

/* ---- the port */

static size_t encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	return (size_t)snprintf(out, VENUE_CLIENT_ID, "%016llx", (unsigned long long)id);
}

static int place(struct venue *v, const struct order *o)
{
	struct ours *u = ((struct port *)v)->ours;
	uint32_t *of = &u->trigger_of[sequence(o->pair)];
	if (!*of)
		*of = 1 + u->firing;
	uint32_t at = lane_send(u->lane, *of - 1, o->leg, (enum side)o->side, o->px, o->qty,
				(enum tif)o->tif, false, o->id);
	if (at == UINT32_MAX)
		return err_set(ERR_STATE, "its trigger is closed");
	u->order_of[sequence(o->id)] = 1 + at;
	u->pair_of[*of - 1] = o->pair;
	return 0;
}

static int cancel(struct venue *v, const struct order *o)
{
	struct ours *u = ((struct port *)v)->ours;
	lane_cancel(u->lane, u->order_of[sequence(o->id)] - 1);
	return 0;
}

static int query(struct venue *v, const struct order *o)
{
	struct ours *u = ((struct port *)v)->ours;
	lane_query(u->lane, u->order_of[sequence(o->id)] - 1);
	return 0;
}

static const struct venue_ops port_ops = {
	.name = "lane", .encode_id = encode_id, .place = place, .cancel = cancel, .query = query
};

/* ---- the turn */

static void set_now(struct ours *u)
{
	u->d.now.mono_ns = u->lane->now_ns;
	u->d.now.utc_ns = u->lane->now_ns + UTC_OF_ZERO;
	u->d.turn++;
}

static void wake_again(struct ours *u)
{
	int64_t next = timers_next(&u->d.timers);
	int64_t due = u->housekeeping_ns + HOUSEKEEP_NS;
	next = u->d.stat.held && due < next ? due : next;
	if (next == INT64_MAX || (u->wakes_at_ns > u->lane->now_ns && u->wakes_at_ns <= next))
		return;
	u->wakes_at_ns = next > u->lane->now_ns ? next : u->lane->now_ns;
	lane_timer(u->lane, u->wakes_at_ns - u->lane->now_ns, 0);
}

static void turn_begin(struct ours *u)
{
	struct desk *d = &u->d;
	set_now(u);
	for (struct timer_event t; timers_pop(&d->timers, d->now.mono_ns, &t);) {
		if (t.kind == TIMER_ORDER)
			router_on_timer(d, t.arg);
		else if (t.kind == TIMER_PAIR)
			exec_on_timer(d, t.arg);
	}
}

static void turn_end(struct ours *u)
{
	struct desk *d = &u->d;
	exec_run(d);
	if (d->stat.held && d->now.mono_ns - u->housekeeping_ns >= HOUSEKEEP_NS) {
		u->housekeeping_ns = d->now.mono_ns;
		exec_wake_held(d);
		exec_run(d);
	}
	d->n_news = 0;
	wake_again(u);
}

static void on_timer(struct executor *e, struct lane *l, uint64_t arg)
{
	(void)l, (void)arg;
	turn_begin((struct ours *)e);
	turn_end((struct ours *)e);
}

static void on_market(struct executor *e, struct lane *l, unsigned m, const struct tape_event *ev)
{
	struct ours *u = (struct ours *)e;
	struct feed *f = &u->d.feed[m];
	u->d.venue[m].line = (struct feed_line){ l->now_ns, l->now_ns };
	if (ev->kind == SOURCE_SNAPSHOT)
		feed_snapshot(f, &ev->depth);
	else if (ev->kind == SOURCE_DEPTH)
		feed_depth(f, &ev->depth);
	else
		feed_quote(f, &ev->quote);
}

static void on_trigger(struct executor *e, struct lane *l, uint32_t trigger)
{
	struct ours *u = (struct ours *)e;
	const struct lane_trigger *t = &l->trigger[trigger];
	if (trigger >= u->cap_pairs) {
		u->cap_pairs = 2 * trigger + 256;
		u->pair_of = realloc(u->pair_of, u->cap_pairs * sizeof *u->pair_of);
		if (!u->pair_of)
			abort();
	}
	u->pair_of[trigger] = 0;
	u->firing = trigger;
	struct proposal p = { .kind = PROPOSE_PAIR,
			      .intent = INTENT_OPEN,
			      .tif = TIF_IOC,
			      .n_legs = TAPE_MARKETS,
			      .leg = { 0, 1 },
			      .side = { t->side[0], t->side[1] },
			      .lots = (double)(l->tape->qty / l->tape->lot),
			      .align = u->align,
			      .first = LEG_ANY,
			      .has_fair = true,
			      .fair = dec_to_double(l->tape->fair, l->tape->px_dp),
			      .reason = "the bench asks" };
	turn_begin(u);
	exec_run(&u->d);
	exec_propose(&u->d, 0, &p);
	turn_end(u);
}

/* The lane's own order, which ended a trigger: an operator's trade for this instance, so that its positions stay true. */
static void by_operator(struct ours *u, const struct lane_order *o, const struct lane_report *r)
{
	struct desk *d = &u->d;
	if (r->kind != REPORT_FILL)
		return;
	position_fill(d->instance[0].row[o->leg], (enum side)o->side, OFFSET_NONE, r->qty,
		      instrument_notional_e8(&u->in[o->leg], r->qty, r->px));
	positions_count(&d->positions, o->leg, o->leg, o->side == SIDE_BUY ? r->qty : -r->qty);
}

static void on_report(struct executor *e, struct lane *l, const struct lane_report *r)
{
	static const uint8_t kind_of[] = { [REPORT_ACK] = EXEC_ACK,
					   [REPORT_FILL] = EXEC_FILL,
					   [REPORT_ENDED] = EXEC_CANCELLED,
					   [REPORT_REJECTED] = EXEC_REJECTED,
					   [REPORT_TOO_LATE] = EXEC_CANCEL_REJECTED,
					   [REPORT_STATUS] = EXEC_STATUS };
	struct ours *u = (struct ours *)e;
	const struct lane_order *o = &l->order[r->order];
	if (!o->ref) {
		by_operator(u, o, r);
		return;
	}
	struct exec_report x = { .kind = kind_of[r->kind],
				 .side = o->side,
				 .venue = o->leg,
				 .account = o->leg,
				 .instrument = o->leg,
				 .order = o->ref,
				 .has_cum = true,
				 .cum = r->cum,
				 .px = r->px,
				 .qty = r->qty,
				 .fee_e8 = r->fee_e8,
				 .fee_asset = u->in[0].quote,
				 .reject_class = REJECT_TRANSIENT };
	if (r->kind == REPORT_STATUS)
		x.status = r->working	      ? ORDER_LIVE
			   : r->cum >= o->qty ? ORDER_FILLED
					      : ORDER_CANCELLED;
	encode_id(o->ref, x.client);
	snprintf(x.venue_order, sizeof x.venue_order, "%u", r->order);
	snprintf(x.exec, sizeof x.exec, "%llu", (unsigned long long)r->trade);
	turn_begin(u);
	router_on_exec(&u->d, &x);
	turn_end(u);
}

/* The lane has ended it: an operator would accept it as it is. */
static void on_closed(struct executor *e, struct lane *l, uint32_t trigger)
{
	struct ours *u = (struct ours *)e;
	(void)l;
	set_now(u);
	struct pair *p = pairs_find(&u->d.pairs, u->pair_of[trigger]);
	if (p && !pair_over((enum pair_state)p->state))
		exec_resolve(&u->d, p, RESOLVE_ACCEPT, "bench", "its time is over");
	turn_end(u);
}

/* ---- beginning and end */

static void fill_config(struct ours *u, const struct lane *l)
{
	static const char *const name[] = { "one", "two" };
	struct config_instance *ci = &u->ci;
	u->cfg.assets = l->assets;
	snprintf(ci->name, sizeof ci->name, "bench");
	ci->n_legs = TAPE_MARKETS;
	for (unsigned m = 0; m < TAPE_MARKETS; m++) {
		snprintf(u->cv[m].name, sizeof u->cv[m].name, "%s", name[m]);
		snprintf(u->ca[m].name, sizeof u->ca[m].name, "%s", name[m]);
		u->cv[m].answer_timeout_ns = 1000 * MS;
		u->ca[m].venue = (uint16_t)m;
		u->in[m] = l->instrument[m];
		ci->leg[m] = m;
		ci->account[m] = (uint16_t)m;
		ci->ratio_num[m] = ci->ratio_den[m] = 1;
	}
	/* The slip limit as it was chosen, that of unwinding ten times as wide, as the defaults of both are; all else as it is where nobody states it. */
	ci->limits =
		(struct strat_limits){ .max_slip_tick = (int32_t)u->e.pay_up_tick,
				       .max_unwind_slip_tick = (int32_t)(10 * u->e.pay_up_tick),
				       .on_leg_fail = LEG_FAIL_CHEAPEST };
	u->cfg.n_venues = u->cfg.n_accounts = TAPE_MARKETS;
	u->cfg.n_instruments = TAPE_MARKETS;
	u->cfg.n_instances = 1;
	u->cfg.venue = u->cv;
	u->cfg.account = u->ca;
	u->cfg.instrument = u->in;
	u->cfg.instance = &u->ci;
}

/* Nothing is kept back that could be flushed: a port has it when it is placed. */
static void flush(struct env *e)
{
	(void)e;
}
static const struct env_ops still_ops = { .name = "still", .flush = flush };
static struct env still = { &still_ops };

static int begin(struct executor *e, struct lane *l)
{
	static const struct desk_sizes sizes = { .orders = 16384,
						 .pairs = 1024,
						 .positions = 32,
						 .timers = 16384,
						 .book_levels = LEVELS };
	struct ours *u = (struct ours *)e;
	struct desk *d = &u->d;
	u->lane = l;
	u->trigger_of = calloc(ORDERS, sizeof *u->trigger_of);
	u->order_of = calloc(ORDERS, sizeof *u->order_of);
	if (!u->trigger_of || !u->order_of)
		return err_set(ERR_NOMEM, "no memory for the names of orders");
	fill_config(u, l);
	u->journal.j.ops = &journal_ops;
	d->cfg = &u->cfg;
	d->instrument = u->in;
	d->journal = &u->journal.j;
	d->env = &still;
	set_now(u);
	ids_init(&d->ids, 1, 1);
	int rc = desk_init(d, &sizes);
	u->open = true;
	for (unsigned m = 0; !rc && m < TAPE_MARKETS; m++) {
		struct feed_options o = { .join = l->tape->market[m].join,
					  .depth_expected = l->tape->has_depth,
					  .levels = LEVELS };
		u->port[m] = (struct port){
			.v = { .ops = &port_ops, .index = (uint16_t)m, .state = VENUE_UP },
			.ours = u
		};
		d->venue[m].port = &u->port[m].v;
		d->venue[m].reconciled = true;
		d->names.venue[m] = 10 + m;
		d->names.account[m] = 20 + m;
		rc = feed_init(&d->feed[m], &o, NULL);
		d->feed[m].top.line = &d->venue[m].line;
	}
	return rc ? rc : desk_bind_instance(d, 0, NULL);
}

static void end(struct executor *e)
{
	struct ours *u = (struct ours *)e;
	if (u->open)
		desk_free(&u->d);
	free(u->trigger_of);
	free(u->order_of);
	u->trigger_of = u->order_of = NULL;
	u->open = false;
}

static void ours_free(struct executor *e)
{
	end(e);
	free(((struct ours *)e)->pair_of);
	free(e);
}

static const struct executor_ops ops = { .tunes_pay_up = true,
					 .begin = begin,
					 .on_market = on_market,
					 .on_trigger = on_trigger,
					 .on_report = on_report,
					 .on_timer = on_timer,
					 .on_closed = on_closed,
					 .end = end,
					 .free = ours_free };

static struct executor *aligned(enum pair_align align)
{
	struct ours *u = calloc(1, sizeof *u);
	if (!u)
		return NULL;
	u->e.ops = &ops;
	u->align = (uint8_t)align;
	return &u->e;
}

struct executor *ours_new(void)
{
	return aligned(ALIGN_SEND);
}

struct executor *arriving_new(void)
{
	return aligned(ALIGN_ARRIVE);
}
