#include "tests/unit/trade/rig.h"

#include "core/base/err.h"
#include "core/base/must.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t append(struct journal *j, struct fact *f)
{
	struct rig_journal *m = (struct rig_journal *)j;
	if (m->n >= m->limit)
		return 0;
	f->seq = m->n + 1;
	m->fact[m->n++] = *f;
	return f->seq;
}

static uint64_t room(const struct journal *j)
{
	const struct rig_journal *m = (const struct rig_journal *)j;
	return m->limit == RIG_FACTS ? UINT32_MAX : m->limit - m->n;
}

static uint64_t synced(const struct journal *j)
{
	return ((const struct rig_journal *)j)->synced;
}

static int trouble(const struct journal *j, const char **why)
{
	*why = "the disk is on fire";
	return ((const struct rig_journal *)j)->trouble ? -ERR_IO : 0;
}

static const struct journal_ops journal_ops = {
	.append = append,
	.room = room,
	.synced = synced,
	.trouble = trouble,
};

static void fill_config(struct rig *r)
{
	asset_id btc = asset_intern(&r->cfg.assets, "BTC");
	asset_id usdt = asset_intern(&r->cfg.assets, "USDT");
	asset_intern(&r->cfg.assets, "BNB");
	static const char *const name[] = { "SPOT", "PERP" };
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		snprintf(r->cv[l].name, sizeof r->cv[l].name, "%s", name[l]);
		r->cv[l].answer_timeout_ns = 300 * RIG_MS;
		snprintf(r->ca[l].name, sizeof r->ca[l].name, "%s", name[l]);
		r->ca[l].venue = (uint16_t)l;
		struct instrument *in = &r->in[l];
		snprintf(in->name, sizeof in->name, "%s.BTCUSDT", name[l]);
		in->name_id = 30 + l;
		in->venue = (uint16_t)l;
		in->px_dp = l == SPOT ? 2 : 1;
		in->qty_dp = l == SPOT ? 5 : 3;
		in->base = btc;
		in->quote = in->settle = usdt;
		in->expo = (struct expo){ .kind = l == SPOT ? EXPO_SPOT : EXPO_LINEAR,
					  .num = 1,
					  .den = 1 };
	}
	struct rule spot = { .tick = 1, .lot = 1, .min_qty = 1, .min_notional_e8 = 500000000 };
	spot.fee = (struct fee_rule){ .taker_e8 = 100000,
				      .maker_e8 = 100000,
				      .close_today_e8 = -1,
				      .close_today_per_lot_e8 = -1,
				      .in = FEE_IN_RECEIVED };
	struct rule perp = { .tick = 1, .lot = 1, .min_qty = 1, .margin_e8 = 10000000 };
	perp.fee = spot.fee;
	perp.fee.taker_e8 = 40000;
	perp.fee.in = FEE_IN_QUOTE;
	ck_assert_int_eq(instrument_add_rule(&r->in[SPOT], &spot), 0);
	ck_assert_int_eq(instrument_add_rule(&r->in[PERP], &perp), 0);
	struct config_instance *ci = r->ci;
	snprintf(ci->name, sizeof ci->name, "basis");
	ci->n_legs = RIG_LEGS;
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		ci->leg[l] = l;
		ci->account[l] = (uint16_t)l;
		ci->ratio_num[l] = ci->ratio_den[l] = 1;
	}
	ci->execution.first = LEG_ANY;
	ci->limits.max_slip_tick = 100;
	ci->limits.max_unwind_slip_tick = 2000;
	ci->limits.on_leg_fail = LEG_FAIL_CHEAPEST;
	r->cfg.n_venues = r->cfg.n_accounts = RIG_LEGS;
	r->cfg.n_instruments = RIG_LEGS;
	r->cfg.n_instances = 1;
	r->cfg.venue = r->cv;
	r->cfg.account = r->ca;
	r->cfg.instrument = r->in;
	r->cfg.instance = r->ci;
}

/* Nothing is kept back that could be flushed: a port has it when it is placed. */
static void flush(struct env *e)
{
	(void)e;
}
static const struct env_ops still_ops = { .name = "still", .flush = flush };
static struct env still = { &still_ops };

struct rig *rig_new(void)
{
	static const struct desk_sizes sizes = {
		.orders = 64, .pairs = 8, .positions = 32, .timers = 512, .book_levels = 64
	};
	struct rig *r = calloc(1, sizeof *r);
	ck_assert_ptr_nonnull(r);
	fill_config(r);
	r->journal.j.ops = &journal_ops;
	r->journal.limit = RIG_FACTS;
	struct desk *d = &r->d;
	d->cfg = &r->cfg;
	d->instrument = r->in;
	d->journal = &r->journal.j;
	d->env = &still;
	d->now = (struct env_now){ .mono_ns = RIG_SECOND, .utc_ns = 1767225600LL * RIG_SECOND };
	ids_init(&d->ids, 1, 1);
	ck_assert_int_eq(desk_init(d, &sizes), 0);
	for (uint16_t l = 0; l < RIG_LEGS; l++) {
		struct fake_venue *f = &r->venue[l];
		f->v = (struct venue){ .ops = &fake_ops, .index = l, .state = VENUE_UP };
		f->rig = r;
		f->check_intents = true;
		d->venue[l].port = &f->v;
		d->venue[l].reconciled = true;
		d->names.venue[l] = 10u + l;
		d->names.account[l] = 20u + l;
		ck_assert_int_eq(
			feed_init(&d->feed[l],
				  &(struct feed_options){ .depth_expected = true, .levels = 64 },
				  NULL),
			0);
		d->feed[l].top.line = &d->venue[l].line;
	}
	d->names.instance[0] = 40;
	for (uint32_t a = 1; a < r->cfg.assets.n; a++)
		d->names.asset[a] = 50 + a;
	ck_assert_int_eq(desk_bind_instance(d, 0, NULL), 0);
	rig_prices(r, 6000000, 6000001, 601000, 601001);
	return r;
}

void rig_free(struct rig *r)
{
	desk_free(&r->d);
	free(r);
}

void rig_book(struct rig *r, unsigned leg, int64_t bid, int64_t ask, int64_t qty)
{
	struct level level[side_max][10];
	struct depth d = { .last_seq = ++r->seq, .recv_ns = r->d.now.mono_ns };
	for (int k = 0; k < 10; k++) {
		level[SIDE_BUY][k] = (struct level){ bid - k, qty };
		level[SIDE_SELL][k] = (struct level){ ask + k, qty };
	}
	for (int s = 0; s < side_max; s++) {
		d.level[s] = level[s];
		d.n[s] = 10;
	}
	feed_snapshot(&r->d.feed[leg], &d);
	ck_assert_int_eq(r->d.feed[leg].top.state, BOOK_LIVE);
	r->d.venue[leg].line = (struct feed_line){ r->d.now.mono_ns, r->d.now.mono_ns };
}

void rig_prices(struct rig *r, int64_t spot_bid, int64_t spot_ask, int64_t perp_bid,
		int64_t perp_ask)
{
	rig_book(r, SPOT, spot_bid, spot_ask, 500000);
	rig_book(r, PERP, perp_bid, perp_ask, 5000);
}

void rig_plan(struct rig *r, unsigned leg, enum fate first, enum fate then)
{
	struct fake_venue *f = &r->venue[leg];
	f->plan[0] = first;
	f->n_plan = 1;
	f->at_plan = 0;
	f->then = then;
}

void rig_venue(struct rig *r, unsigned leg, bool up)
{
	struct fake_venue *f = &r->venue[leg];
	struct desk *d = &r->d;
	if (!up) {
		f->v.state = VENUE_DOWN;
		d->venue[leg].reconciled = false;
		f->n_out = 0;
		feed_down(&d->feed[leg], d->now.mono_ns);
		return;
	}
	f->v.state = VENUE_RECONCILING;
	fake_replay(r, leg);
	rig_pump(r);
	f->v.state = VENUE_UP;
	d->venue[leg].reconciled = true;
	if (leg == SPOT)
		rig_book(r, leg, 6000000, 6000001, 500000);
	else
		rig_book(r, leg, 601000, 601001, 5000);
	router_venue_up(d, (uint16_t)leg);
	exec_wake_held(d);
	rig_pump(r);
}

struct proposal rig_proposal(enum pair_intent intent, double lots)
{
	enum side spot = intent == INTENT_CLOSE ? SIDE_SELL : SIDE_BUY;
	return (struct proposal){
		.kind = PROPOSE_PAIR,
		.intent = (uint8_t)intent,
		.tif = TIF_IOC,
		.n_legs = RIG_LEGS,
		.leg = { SPOT, PERP },
		.side = { (uint8_t)spot, (uint8_t)(spot ^ 1) },
		.first = LEG_ANY,
		.lots = lots,
		.reason = "the bench asks",
	};
}

struct pair *rig_propose(struct rig *r, enum pair_intent intent, double lots)
{
	struct proposal p = rig_proposal(intent, lots);
	limits_load(&r->d); /* as a test has left the configuration */
	struct pair *pair = exec_propose(&r->d, 0, &p);
	return pair;
}

/* A report for a session that is down is lost. */
static bool deliver(struct rig *r)
{
	bool any = false;
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		struct fake_venue *f = &r->venue[l];
		struct exec_report out[RIG_ORDERS];
		uint32_t n = f->n_out;
		memcpy(out, f->out, n * sizeof out[0]);
		f->n_out = 0;
		for (uint32_t i = 0; i < n && f->v.state >= VENUE_RECONCILING; i++)
			router_on_exec(&r->d, &out[i]);
		any |= n > 0;
	}
	return any;
}

void rig_pump(struct rig *r)
{
	int rounds = 0;
	do {
		risk_watch_news(&r->d);
		exec_run(&r->d);
		ck_assert_int_lt(++rounds, 1000);
	} while (deliver(r));
}

void rig_run(struct rig *r, int64_t ns)
{
	struct desk *d = &r->d;
	for (int64_t end = d->now.mono_ns + ns; d->now.mono_ns < end;) {
		d->now.mono_ns += 10 * RIG_MS;
		d->now.utc_ns += 10 * RIG_MS;
		d->turn++;
		for (unsigned l = 0; l < RIG_LEGS; l++)
			if (r->venue[l].v.state == VENUE_UP)
				d->venue[l].line =
					(struct feed_line){ d->now.mono_ns, d->now.mono_ns };
		for (struct timer_event t; timers_pop(&d->timers, d->now.mono_ns, &t);) {
			if (t.kind == TIMER_ORDER)
				router_on_timer(d, t.arg);
			else if (t.kind == TIMER_PAIR)
				exec_on_timer(d, t.arg);
		}
		if (d->now.mono_ns / (100 * RIG_MS) !=
		    (d->now.mono_ns - 10 * RIG_MS) / (100 * RIG_MS)) {
			exec_wake_held(d);
			risk_watch(d);
			watch_time(d);
		}
		rig_pump(r);
	}
}

void rig_finish(struct rig *r, struct pair *p, int64_t ns)
{
	rig_pump(r);
	for (int64_t end = r->d.now.mono_ns + ns; r->d.now.mono_ns < end;) {
		if ((pair_over((enum pair_state)p->state) || p->state == PAIR_HELD) && !p->dirty)
			return;
		rig_run(r, 10 * RIG_MS);
	}
}

unsigned rig_count(const struct rig *r, enum fact_kind k)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == k;
	return n;
}

const struct fact *rig_latest(const struct rig *r, enum fact_kind k)
{
	for (uint32_t i = r->journal.n; i-- > 0;)
		if (r->journal.fact[i].kind == k)
			return &r->journal.fact[i];
	return NULL;
}

void rig_audit(struct rig *r)
{
	struct desk *d = &r->d;
	for (unsigned l = 0; l < RIG_LEGS; l++)
		ck_assert_int_eq(positions_total(&d->positions, (uint16_t)l, l),
				 fake_net_qty(r, l));
	uint32_t working = 0, held = 0, at = 0;
	for (const struct pair *p; (p = pairs_each(&d->pairs, &at));) {
		working += pair_working((enum pair_state)p->state);
		held += p->state == PAIR_HELD;
		uint32_t open = 0, order = p->first_order;
		for (const struct order *o; (o = blotter_each_of(&d->blotter, &order));)
			open += !order_terminal((enum order_state)o->state);
		ck_assert_uint_eq(open, pair_open_orders(p));
		ck_assert_int_eq(p->state == PAIR_HELD, p->held_cause != HELD_NONE);
		if (!pair_over((enum pair_state)p->state))
			continue;
		ck_assert_uint_eq(open, 0);
		if (p->state == PAIR_REFUSED) /* it never was */
			continue;
		int64_t uneven = rescue_imbalance_base_e8(d, p);
		int64_t tolerance = rescue_tolerance_base_e8(d, p);
		ck_assert_int_le(uneven < 0 ? -uneven : uneven, tolerance);
	}
	ck_assert_uint_eq(working, d->stat.in_flight);
	ck_assert_uint_eq(working, d->instance[0].in_flight);
	ck_assert_uint_eq(held, d->stat.held);
}
