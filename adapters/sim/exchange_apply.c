#include "adapters/sim/exchange_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <string.h>

struct ledger_record record_of(enum ledger_kind k)
{
	struct ledger_record r;
	memset(&r, 0, sizeof r); /* all of its bytes: they are summed and written */
	r.kind = (uint8_t)k;
	r.account = r.instrument = r.asset = r.fee_asset = LEDGER_NONE;
	return r;
}

void apply_record(struct exchange *x, struct ledger_record *r)
{
	r->at_ns = x->last_ns;
	if (x->has_ledger && ledger_add(&x->ledger, r) != 0)
		x->broken = true; /* settle says so */
}

static struct exchange_event *stage(struct exchange *x, enum exchange_event_kind kind,
				    uint16_t account, uint16_t instrument)
{
	must(x->n_staged < x->cap_staged);
	struct exchange_event *e = &x->staged[x->n_staged++];
	*e = (struct exchange_event){ .kind = (uint8_t)kind,
				      .account = account,
				      .instrument = instrument,
				      .at_ns = x->last_ns };
	return e;
}

int64_t apply_begin(struct exchange *x, int64_t now_ns)
{
	if (now_ns > x->last_ns)
		x->last_ns = now_ns;
	for (uint16_t i = 0; i < x->config.n_instruments; i++)
		x->view.rule[i] = instrument_rule(&x->config.instrument[i], x->last_ns);
	return x->last_ns;
}

/* ---------------------------------------------------------------- the book speaks */

static struct ledger_record order_record(const struct exchange_order *o, enum ledger_kind kind)
{
	struct ledger_record r = record_of(kind);
	r.side = o->side;
	r.type = o->type;
	r.tif = o->tif;
	r.stp = o->stp;
	r.status = o->status;
	r.why = o->why;
	r.reduce_only = o->reduce_only;
	r.account = o->account;
	r.instrument = o->instrument;
	r.order = o->id;
	memcpy(r.text, o->client, sizeof o->client);
	r.body.order.px = o->px;
	r.body.order.qty = o->qty;
	r.body.order.cum = o->cum;
	return r;
}

void apply_lock(struct exchange *x, struct exchange_order *o, int64_t leaves)
{
	struct funds *f = &x->funds[o->account];
	int64_t need = funds_need_e8(f, o->instrument, o->side, leaves, o->lock_px, &o->lock_asset);
	funds_hold(f, o->lock_asset, need - o->lock_e8);
	o->lock_e8 = need;
}

static void accepted(struct exchange *x, struct exchange_order *o)
{
	struct ledger_record r = order_record(o, LEDGER_ORDER);
	history_add(x, o);
	apply_record(x, &r);
	x->n_accepted++;
	stage(x, EVENT_NEW, o->account, o->instrument)->order = *o;
}

static void ended(struct exchange *x, struct exchange_order *o, const struct match_event *e)
{
	bool cancelled = e->kind == MATCH_CANCELLED;
	o->status = cancelled		       ? STATUS_CANCELED
		    : e->why == WHY_SELF_TRADE ? STATUS_EXPIRED_STP
					       : STATUS_EXPIRED;
	o->why = e->why;
	o->working = false;
	o->updated_ns = x->last_ns;
	x->funds[o->account].position[o->instrument].open[o->side] -= o->qty - o->cum;
	apply_lock(x, o, 0);
	struct ledger_record r = order_record(o, LEDGER_END);
	apply_record(x, &r);
	stage(x, cancelled ? EVENT_CANCELED : EVENT_EXPIRED, o->account, o->instrument)->order = *o;
}

static void amended(struct exchange *x, struct exchange_order *o, const struct match_event *e)
{
	int64_t qty = e->cum + e->leaves;
	x->funds[o->account].position[o->instrument].open[o->side] += qty - o->qty;
	o->px = o->lock_px = e->px;
	o->qty = qty;
	o->updated_ns = x->last_ns;
	apply_lock(x, o, qty - o->cum);
	struct ledger_record r = order_record(o, LEDGER_AMEND);
	apply_record(x, &r);
	stage(x, EVENT_AMENDED, o->account, o->instrument)->order = *o;
}

static struct ledger_record fill_record(const struct exchange_order *o, const struct match_event *e,
					const struct funds_fill *fill)
{
	struct ledger_record r = order_record(o, LEDGER_FILL);
	r.maker = e->maker;
	r.own = e->own;
	r.fee_asset = fill->fee_asset;
	memset(&r.body, 0, sizeof r.body);
	r.body.fill.trade = e->trade;
	r.body.fill.px = e->px;
	r.body.fill.qty = e->qty;
	r.body.fill.cum = o->cum;
	r.body.fill.value_e8 = fill->value_e8;
	r.body.fill.base_e8 = fill->base_e8;
	r.body.fill.fee_e8 = fill->fee_e8;
	r.body.fill.pnl_e8 = fill->pnl_e8;
	return r;
}

static void filled(struct exchange *x, struct exchange_order *o, const struct match_event *e)
{
	struct funds *f = &x->funds[o->account];
	struct funds_fill fill;
	o->cum = e->cum;
	o->status = o->cum == o->qty ? STATUS_FILLED : STATUS_PARTIAL;
	o->working = o->working && o->cum < o->qty;
	o->updated_ns = x->last_ns;
	f->position[o->instrument].open[o->side] -= e->qty;
	apply_lock(x, o, o->qty - o->cum);
	funds_fill(f, o->instrument, o->side, e->qty, e->px, e->maker, &fill);
	o->cum_value_e8 += fill.value_e8;
	struct exchange_trade t = { .trade = e->trade,
				    .order = o->id,
				    .account = o->account,
				    .instrument = o->instrument,
				    .side = o->side,
				    .maker = e->maker,
				    .fee_asset = fill.fee_asset,
				    .px = e->px,
				    .qty = e->qty,
				    .value_e8 = fill.value_e8,
				    .fee_e8 = fill.fee_e8,
				    .pnl_e8 = fill.pnl_e8,
				    .at_ns = x->last_ns };
	history_trade(x, o, &t);
	x->n_fills++;
	struct ledger_record r = fill_record(o, e, &fill);
	apply_record(x, &r);
	struct exchange_event *told = stage(x, EVENT_TRADE, o->account, o->instrument);
	told->order = *o;
	told->trade = t;
}

void apply_match(void *exchange, const struct match_event *e)
{
	struct exchange *x = exchange;
	struct exchange_order *o = &x->order[e->tag];
	must(o->id == e->id && e->kind < match_kind_max);
	switch ((enum match_kind)e->kind) {
	case MATCH_ACK:
		accepted(x, o);
		return;
	case MATCH_FILL:
		filled(x, o, e);
		return;
	case MATCH_CANCELLED:
	case MATCH_EXPIRED:
		ended(x, o, e);
		return;
	case MATCH_AMENDED:
		amended(x, o, e);
		return;
	case MATCH_REJECTED:
		x->refused = e->why == WHY_WOULD_TAKE ? OUT_WOULD_TAKE : OUT_TOO_MANY;
		return;
	case match_kind_max:
		break;
	}
}

void apply_reject(struct exchange *x, const struct exchange_request *q, enum outcome o)
{
	struct ledger_record r = record_of(LEDGER_REJECT);
	r.side = q->side;
	r.type = q->type;
	r.tif = q->tif;
	r.status = (uint8_t)o;
	r.account = q->account;
	r.instrument = q->instrument;
	memcpy(r.text, q->client, sizeof q->client);
	r.body.order.px = q->px;
	r.body.order.qty = q->qty;
	apply_record(x, &r);
	x->n_rejected++;
}

/* ---------------------------------------------------------------- to the disk, then to the world */

static void settle_money(struct exchange *x, uint16_t account, asset_id asset)
{
	struct funds_money *m = &x->funds[account].money[asset];
	if (m->free_e8 == m->told_free_e8 && m->locked_e8 == m->told_locked_e8)
		return;
	m->told_free_e8 = m->free_e8;
	m->told_locked_e8 = m->locked_e8;
	struct ledger_record r = record_of(LEDGER_BALANCE);
	r.account = account;
	r.asset = asset;
	r.body.money.free_e8 = m->free_e8;
	r.body.money.locked_e8 = m->locked_e8;
	apply_record(x, &r);
	struct exchange_event *e = stage(x, EVENT_BALANCE, account, LEDGER_NONE);
	e->asset = asset;
	e->free_e8 = m->free_e8;
	e->locked_e8 = m->locked_e8;
}

static void settle_position(struct exchange *x, uint16_t account, uint16_t instrument)
{
	struct funds_position *p = &x->funds[account].position[instrument];
	if (p->qty == p->told_qty && p->entry_e8 == p->told_entry_e8)
		return;
	p->told_qty = p->qty;
	p->told_entry_e8 = p->entry_e8;
	struct ledger_record r = record_of(LEDGER_POSITION);
	r.account = account;
	r.instrument = instrument;
	r.body.position.qty = p->qty;
	r.body.position.entry_e8 = p->entry_e8;
	apply_record(x, &r);
	struct exchange_event *e = stage(x, EVENT_POSITION, account, instrument);
	e->qty = p->qty;
	e->entry_e8 = p->entry_e8;
}

int apply_settle(struct exchange *x)
{
	for (uint16_t a = 0; a < x->config.n_accounts; a++) {
		for (asset_id s = 0; s < LEDGER_ASSETS; s++)
			settle_money(x, a, s);
		for (uint16_t i = 0; i < x->config.n_instruments; i++)
			settle_position(x, a, i);
	}
	uint32_t n = x->n_staged;
	x->n_staged = 0;
	int rc = x->has_ledger ? ledger_commit(&x->ledger) : 0;
	if (rc || x->broken) {
		x->broken = true;
		return rc ? rc : err_set(ERR_IO, "%s cannot write its ledger", x->config.name);
	}
	for (uint32_t i = 0; i < n && x->fn; i++)
		x->fn(x->owner, &x->staged[i]);
	return 0;
}
