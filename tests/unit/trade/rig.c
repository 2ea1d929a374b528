#include "rig.h"

#include "core/base/err.h"
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

static size_t encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	return (size_t)snprintf(out, VENUE_CLIENT_ID, "%016llx", (unsigned long long)id);
}

static struct exec_report report_of(const struct fake_venue *f, const struct fake_order *o,
				    enum exec_kind kind)
{
	struct exec_report r = {
		.kind = (uint8_t)kind,
		.side = o->side,
		.venue = f->v.index,
		.account = f->v.index,
		.instrument = o->instrument,
		.order = o->id,
		.px = o->px,
		.qty = o->qty,
		.cum = o->cum,
		.has_cum = true,
	};
	encode_id(o->id, r.client);
	snprintf(r.venue_order, sizeof r.venue_order, "V%u-%u", f->v.index,
		 (unsigned)(o - f->order));
	return r;
}

static void queue(struct fake_venue *f, const struct exec_report *r)
{
	ck_assert_uint_lt(f->n_out, RIG_ORDERS);
	f->out[f->n_out++] = *r;
}

static void say(struct fake_venue *f, const struct fake_order *o, enum exec_kind kind)
{
	struct exec_report r = report_of(f, o, kind);
	if (kind == EXEC_REJECTED) {
		r.reject_class = REJECT_MONEY;
		snprintf(r.text, sizeof r.text, "no money");
	}
	queue(f, &r);
}

static struct exec_report fill_report(const struct fake_venue *f, const struct fake_fill *x,
				      bool replayed)
{
	struct exec_report r = report_of(f, &f->order[x->order], EXEC_FILL);
	r.px = x->px;
	r.qty = x->qty;
	r.fee_e8 = x->fee_e8;
	r.fee_asset = x->fee_asset;
	r.replayed = replayed;
	snprintf(r.exec, sizeof r.exec, "%s", x->exec);
	return r;
}

static void end(struct fake_venue *f, struct fake_order *o)
{
	if (o->works)
		o->ended_at = f->rig->journal.n;
	o->works = false;
}

static struct fake_fill *fill(struct fake_venue *f, struct fake_order *o, int64_t qty, bool tell)
{
	struct rig *rig = f->rig;
	const struct instrument *in = &rig->in[o->instrument];
	ck_assert_uint_lt(f->n_fills, RIG_ORDERS);
	struct fake_fill *x = &f->fill[f->n_fills++];
	*x = (struct fake_fill){ .order = (uint32_t)(o - f->order),
				 .px = rig->d.feed[o->instrument].top.q.px[o->side ^ 1],
				 .qty = qty,
				 .seen_at = rig->journal.n };
	if (x->px == 0)
		x->px = o->px;
	x->fee_e8 = instrument_fee_e8(in, &in->rule[0], (enum side)o->side, qty, x->px, false,
				      false, &x->fee_asset);
	snprintf(x->exec, sizeof x->exec, "E%u", f->n_fills);
	o->cum += qty;
	if (o->cum >= o->qty)
		end(f, o);
	struct exec_report r = fill_report(f, x, false);
	if (tell)
		queue(f, &r);
	return x;
}

static int64_t half(const struct rig *r, const struct fake_order *o)
{
	int64_t lot = r->in[o->instrument].rule[0].lot;
	return o->qty / 2 / lot * lot;
}

static int meet(struct fake_venue *f, struct fake_order *o, enum fate fate)
{
	bool silent = fate == FATE_SILENT_FILL || fate == FATE_SILENT_PART ||
		      fate == FATE_SILENT_NONE || fate == FATE_SILENT_REST;
	o->works = true;
	if (fate == FATE_REJECT) {
		end(f, o);
		o->rejected = true;
		say(f, o, EXEC_REJECTED);
		return 0;
	}
	if (!silent && fate != FATE_FILL_FIRST && fate != FATE_DUPLICATE)
		say(f, o, EXEC_ACK);
	switch (fate) {
	case FATE_PART:
	case FATE_SILENT_PART:
		fill(f, o, half(f->rig, o), !silent);
		break;
	case FATE_REST_PART:
		fill(f, o, half(f->rig, o), true);
		return 0;
	case FATE_REST:
	case FATE_SILENT_REST:
		return 0;
	case FATE_NONE:
	case FATE_SILENT_NONE:
		break;
	case FATE_OVER:
		fill(f, o, o->qty + f->rig->in[o->instrument].rule[0].lot, true);
		return 0;
	case FATE_DUPLICATE: {
		fill(f, o, o->qty, false);
		struct exec_report r = report_of(f, o, EXEC_REJECTED);
		r.reject_class = REJECT_DUPLICATE;
		queue(f, &r);
		return 0;
	}
	default:
		fill(f, o, o->qty, !silent);
		if (fate == FATE_TWICE) {
			struct exec_report r = fill_report(f, &f->fill[f->n_fills - 1], false);
			queue(f, &r);
		}
		if (fate == FATE_FILL_FIRST)
			say(f, o, EXEC_ACK);
		return 0;
	}
	end(f, o);
	if (!silent)
		say(f, o, EXEC_CANCELLED);
	return 0;
}

/* Every leg's intent is in the journal before any leg's bytes leave (I6), and no id is used twice (I3). */
static void check_intents(const struct fake_venue *f, const struct order *o)
{
	const struct rig *r = f->rig;
	unsigned own = 0, legs = 0, wanted = 0;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		const struct fact *x = &r->journal.fact[i];
		own += x->kind == FACT_ORDER && x->order == o->id;
		legs += x->kind == FACT_ORDER && x->pair == o->pair && !x->num[2];
		wanted += x->kind == FACT_LEG && x->pair == o->pair;
	}
	ck_assert_uint_eq(own, 1);
	ck_assert_uint_ge(wanted, RIG_LEGS);
	ck_assert_uint_ge(legs, RIG_LEGS);
	for (uint32_t i = 0; i < f->n_orders; i++)
		ck_assert_uint_ne(f->order[i].id, o->id);
}

static int place(struct venue *v, const struct order *o)
{
	struct fake_venue *f = (struct fake_venue *)v;
	enum fate fate = f->at_plan < f->n_plan ? f->plan[f->at_plan++] : f->then;
	if (f->check_intents)
		check_intents(f, o);
	if (fate == FATE_REFUSE)
		return err_set(ERR_FULL, "the send buffer is full");
	f->places++;
	if (fate == FATE_LOST)
		return 0;
	ck_assert_uint_lt(f->n_orders, RIG_ORDERS);
	struct fake_order *x = &f->order[f->n_orders++];
	*x = (struct fake_order){ .id = o->id,
				  .pair = o->pair,
				  .instrument = o->instrument,
				  .side = o->side,
				  .leg = o->leg,
				  .px = o->px,
				  .qty = o->qty,
				  .seen_at = f->rig->journal.n };
	return meet(f, x, fate);
}

static struct fake_order *find(struct fake_venue *f, uint64_t id)
{
	for (uint32_t i = 0; i < f->n_orders; i++)
		if (f->order[i].id == id)
			return &f->order[i];
	return NULL;
}

static int cancel(struct venue *v, const struct order *o)
{
	struct fake_venue *f = (struct fake_venue *)v;
	struct fake_order *x = find(f, o->id);
	f->cancels++;
	if (f->mute_cancel)
		return 0;
	if (x && x->works && f->cancel_races)
		fill(f, x, x->qty - x->cum, true);
	if (!x || !x->works) {
		struct exec_report r = { .kind = EXEC_CANCEL_REJECTED,
					 .venue = v->index,
					 .account = v->index,
					 .instrument = o->instrument,
					 .order = o->id,
					 .reject_class = REJECT_GONE };
		queue(f, &r);
		return 0;
	}
	end(f, x);
	say(f, x, EXEC_CANCELLED);
	return 0;
}

static int query(struct venue *v, const struct order *o)
{
	struct fake_venue *f = (struct fake_venue *)v;
	struct fake_order *x = find(f, o->id);
	f->queries++;
	if (f->mute_query)
		return 0;
	struct exec_report r = { .kind = EXEC_NOT_FOUND,
				 .venue = v->index,
				 .account = v->index,
				 .instrument = o->instrument,
				 .order = o->id };
	if (x) {
		for (uint32_t i = 0; i < f->n_fills; i++)
			if (&f->order[f->fill[i].order] == x && !f->fill[i].busted) {
				struct exec_report y = fill_report(f, &f->fill[i], true);
				queue(f, &y);
			}
		r = report_of(f, x, EXEC_STATUS);
		r.status = x->works	      ? ORDER_LIVE
			   : x->rejected      ? ORDER_REJECTED
			   : x->cum >= x->qty ? ORDER_FILLED
					      : ORDER_CANCELLED;
	}
	queue(f, &r);
	return 0;
}

static const struct venue_ops venue_ops = {
	.name = "fake",
	.encode_id = encode_id,
	.place = place,
	.cancel = cancel,
	.query = query,
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
	d->now = (struct env_now){ .mono_ns = RIG_SECOND, .utc_ns = 1767225600LL * RIG_SECOND };
	ids_init(&d->ids, 1, 1);
	ck_assert_int_eq(desk_init(d, &sizes), 0);
	for (uint16_t l = 0; l < RIG_LEGS; l++) {
		struct fake_venue *f = &r->venue[l];
		f->v = (struct venue){ .ops = &venue_ops, .index = l, .state = VENUE_UP };
		f->rig = r;
		f->check_intents = true;
		d->venue[l].port = &f->v;
		d->venue[l].reconciled = true;
		d->names.venue[l] = 10u + l;
		d->names.account[l] = 20u + l;
		ck_assert_int_eq(feed_init(&d->feed[l], JOIN_LAST_PLUS_1, true, 64), 0);
		d->feed[l].top.alive_ns = &d->venue[l].alive_ns;
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
	r->d.venue[leg].alive_ns = r->d.now.mono_ns;
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
		.lots = lots,
		.reason = "the bench asks",
	};
}

struct pair *rig_propose(struct rig *r, enum pair_intent intent, double lots)
{
	struct proposal p = rig_proposal(intent, lots);
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
				d->venue[l].alive_ns = d->now.mono_ns;
		for (struct timer_event t; timers_pop(&d->timers, d->now.mono_ns, &t);) {
			if (t.kind == TIMER_ORDER)
				router_on_timer(d, t.arg);
			else if (t.kind == TIMER_PAIR)
				exec_on_timer(d, t.arg);
		}
		if (d->now.mono_ns / (100 * RIG_MS) !=
		    (d->now.mono_ns - 10 * RIG_MS) / (100 * RIG_MS))
			exec_wake_held(d);
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

struct fake_order *fake_last(struct rig *r, unsigned leg)
{
	ck_assert_uint_gt(r->venue[leg].n_orders, 0);
	return &r->venue[leg].order[r->venue[leg].n_orders - 1];
}

void fake_fill(struct rig *r, unsigned leg, struct fake_order *o, int64_t qty, bool report)
{
	fill(&r->venue[leg], o, qty, report);
}

void fake_report(struct rig *r, unsigned leg, const struct fake_order *o, enum exec_kind kind)
{
	say(&r->venue[leg], o, kind);
}

void fake_end(struct rig *r, unsigned leg, struct fake_order *o)
{
	end(&r->venue[leg], o);
}

void fake_bust(struct rig *r, unsigned leg, uint32_t at)
{
	struct fake_venue *f = &r->venue[leg];
	struct fake_fill *x = &f->fill[at];
	struct exec_report b = fill_report(f, x, false);
	if (!x->busted) {
		f->order[x->order].cum -= x->qty;
		x->busted_at = r->journal.n;
	}
	x->busted = true;
	b.kind = EXEC_BUST;
	b.cum = f->order[x->order].cum;
	queue(f, &b);
}

void fake_replay(struct rig *r, unsigned leg)
{
	struct fake_venue *f = &r->venue[leg];
	for (uint32_t i = 0; i < f->n_fills; i++) {
		struct exec_report x = fill_report(f, &f->fill[i], true);
		queue(f, &x);
		if (f->fill[i].busted) {
			x.kind = EXEC_BUST;
			queue(f, &x);
		}
	}
}

int64_t fake_net_qty(const struct rig *r, unsigned leg)
{
	const struct fake_venue *f = &r->venue[leg];
	int64_t net = 0;
	for (uint32_t i = 0; i < f->n_fills; i++)
		if (!f->fill[i].busted)
			net += f->order[f->fill[i].order].side == SIDE_BUY ? f->fill[i].qty
									   : -f->fill[i].qty;
	return net;
}

int64_t fake_base_e8(const struct rig *r, unsigned leg)
{
	const struct fake_venue *f = &r->venue[leg];
	int64_t base = instrument_base_e8(&r->in[leg], fake_net_qty(r, leg), 0);
	for (uint32_t i = 0; i < f->n_fills; i++)
		if (f->fill[i].fee_asset == r->in[leg].base) /* a bust does not give the fee back */
			base -= f->fill[i].fee_e8;
	return base;
}

int64_t rig_truth_base_e8(const struct rig *r)
{
	return fake_base_e8(r, SPOT) + fake_base_e8(r, PERP);
}

static bool before(uint32_t at, uint32_t cut, bool with)
{
	return with ? at <= cut : at < cut;
}

/* Where a restart reads from: the BEGIN of the last checkpoint that has its END. */
static uint32_t last_checkpoint(const struct rig *r, uint32_t n)
{
	uint32_t from = 0, begun = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->kind == FACT_CHECKPOINT && f->num[0] == CHECKPOINT_BEGIN)
			begun = i;
		if (f->kind == FACT_CHECKPOINT && f->num[0] == CHECKPOINT_END)
			from = begun;
	}
	return from;
}

/* Known limit: what a venue does while the host is dead to an order that a checkpoint has forgotten, or to a stranger's, comes back only as a
 * difference of positions. Such an execution is left out of the new life. */
static bool forgotten(const struct rig *dead, uint32_t cut, const struct fake_venue *f,
		      const struct fake_fill *x, enum fact_kind kind)
{
	uint32_t from = last_checkpoint(dead, cut);
	for (uint32_t i = 0; i < cut; i++) {
		const struct fact *y = &dead->journal.fact[i];
		if (i >= from && y->kind == FACT_ORDER && y->order == f->order[x->order].id)
			return false;
		bool is = y->kind == kind || (y->kind == FACT_FOREIGN && kind == FACT_FILL);
		if (is && !strcmp(y->exec, x->exec) && y->venue == 10u + f->v.index)
			return false;
	}
	return true;
}

static void venue_as_of(struct fake_venue *f, const struct fake_venue *dead, uint32_t cut,
			bool with)
{
	for (uint32_t i = 0; i < dead->n_orders && before(dead->order[i].seen_at, cut, with); i++) {
		struct fake_order *o = &f->order[f->n_orders++];
		*o = dead->order[i];
		o->cum = 0;
		o->works = dead->order[i].works || !before(o->ended_at, cut, with);
		o->rejected = o->rejected && !o->works;
	}
	for (uint32_t i = 0; i < dead->n_fills && before(dead->fill[i].seen_at, cut, with); i++) {
		const struct fake_fill *then = &dead->fill[i];
		if (forgotten(dead->rig, cut, dead, then, FACT_FILL))
			continue;
		struct fake_fill *x = &f->fill[f->n_fills++];
		*x = *then;
		x->busted = x->busted && before(x->busted_at, cut, with) &&
			    !forgotten(dead->rig, cut, dead, then, FACT_BUST);
		f->order[x->order].cum += x->busted ? 0 : x->qty;
	}
}

struct rig *rig_reborn(const struct rig *dead, uint32_t cut, bool with)
{
	struct rig *r = rig_new();
	r->ci[0] = dead->ci[0];
	r->ci[0].limits = dead->d.instance[0].limits;
	r->cfg.risk = dead->cfg.risk;
	memcpy(r->in, dead->in, sizeof r->in);
	r->d.now = dead->d.now;
	r->seq = dead->seq;
	ids_init(&r->d.ids, 1, (uint16_t)(ids_epoch(dead->d.ids.next) + 1));
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	memcpy(r->journal.fact, dead->journal.fact, cut * sizeof r->journal.fact[0]);
	r->journal.n = cut;
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		venue_as_of(&r->venue[l], &dead->venue[l], cut, with);
		rig_venue(r, l, false);
	}
	return r;
}

void rig_recover(struct rig *r)
{
	struct recover rec;
	uint32_t n = r->journal.n;
	ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
	for (uint32_t i = last_checkpoint(r, n); i < n; i++)
		ck_assert_int_eq(recover_fact(&rec, &r->journal.fact[i]), 0);
	ck_assert_int_eq(recover_end(&rec), 0);
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
		int64_t uneven = rescue_imbalance_base_e8(d, p);
		int64_t tolerance = rescue_tolerance_base_e8(d, p);
		ck_assert_int_le(uneven < 0 ? -uneven : uneven, tolerance);
	}
	ck_assert_uint_eq(working, d->stat.in_flight);
	ck_assert_uint_eq(working, d->instance[0].in_flight);
	ck_assert_uint_eq(held, d->stat.held);
}
