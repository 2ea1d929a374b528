#include "adapters/sim/cn_ledger.h"
#include "adapters/sim/cn_recover.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

#define BATCH 4096

static struct ledger_record record(enum ledger_kind kind, int64_t at_ns)
{
	struct ledger_record r;
	memset(&r, 0, sizeof r); /* all of its bytes: they are summed and written */
	r.kind = (uint8_t)kind;
	r.account = r.instrument = r.asset = r.fee_asset = LEDGER_NONE;
	r.at_ns = at_ns;
	return r;
}

static void put(struct cn_ledger *l, const struct ledger_record *r)
{
	if (l->open)
		(void)ledger_add(&l->file,
				 r); /* a ledger that broke says so when it is committed */
}

static asset_id money_of(const struct cn_ledger *l)
{
	const struct instrument *i = &l->exchange->view.instrument[0];
	return i->settle ? i->settle : i->quote;
}

/* ---------------------------------------------------------------- the first records */

static void define_asset(struct cn_ledger *l, asset_id id, int64_t at_ns)
{
	struct ledger_record r = record(LEDGER_ASSET, at_ns);
	r.asset = id;
	snprintf(r.text, sizeof r.text, "%s", asset_name(l->assets, id));
	put(l, &r);
}

static void define_instrument(struct cn_ledger *l, uint16_t i, int64_t at_ns)
{
	const struct instrument *in = &l->exchange->view.instrument[i];
	struct ledger_record r = record(LEDGER_INSTRUMENT, at_ns);
	r.instrument = i;
	snprintf(r.text, sizeof r.text, "%s", in->symbol);
	r.body.instrument.num = in->expo.num;
	r.body.instrument.den = in->expo.den;
	r.body.instrument.base = in->base;
	r.body.instrument.quote = in->quote;
	r.body.instrument.settle = in->settle;
	r.body.instrument.expo_kind = in->expo.kind;
	r.body.instrument.px_dp = in->px_dp;
	r.body.instrument.qty_dp = in->qty_dp;
	put(l, &r);
}

static void define_account(struct cn_ledger *l, uint16_t a, const char *name, int64_t at_ns)
{
	struct ledger_record r = record(LEDGER_ACCOUNT, at_ns);
	r.account = a;
	snprintf(r.text, sizeof r.text, "%s", name);
	put(l, &r);
	struct ledger_record m = record(LEDGER_MOVE, at_ns);
	m.account = a;
	m.asset = money_of(l);
	m.body.money.moved_e8 = l->exchange->account[a].balance_e8;
	snprintf(m.text, sizeof m.text, "deposit");
	put(l, &m);
	l->balance_e8[a] = INT64_MIN; /* to be written with this batch */
}

/* With which settlement prices the day begins. */
static void put_day(struct cn_ledger *l, int64_t at_ns)
{
	const struct cn_exchange *x = l->exchange;
	for (uint16_t i = 0; i < x->view.n; i++) {
		struct ledger_record r = record(LEDGER_DAY, at_ns);
		r.instrument = i;
		r.body.day.settle_px = x->view.settle_px[i];
		r.body.day.day = x->day;
		put(l, &r);
	}
}

static int go_on(struct cn_ledger *l)
{
	struct ledger_record r = record(LEDGER_START, l->exchange->now_ns);
	put(l, &r);
	return cn_ledger_commit(l, l->exchange->now_ns);
}

static int define(struct cn_ledger *l, const char (*account)[32])
{
	const struct cn_exchange *x = l->exchange;
	bool done[LEDGER_ASSETS] = { false };
	for (uint16_t i = 0; i < x->view.n; i++) {
		const struct instrument *in = &x->view.instrument[i];
		const asset_id ids[] = { in->base, in->quote, in->settle };
		for (unsigned k = 0; k < 3; k++)
			if (ids[k] && ids[k] < LEDGER_ASSETS && !done[ids[k]]) {
				done[ids[k]] = true;
				define_asset(l, ids[k], x->now_ns);
			}
		define_instrument(l, i, x->now_ns);
	}
	for (uint16_t a = 0; a < x->config.n_accounts; a++)
		define_account(l, a, account[a], x->now_ns);
	put_day(l, x->now_ns);
	return go_on(l);
}

/* What money and lots depend on. */
static void digest_of(const struct cn_exchange *x, const char *name, uint8_t out[DIGEST_LEN])
{
	char text[4096];
	int n = snprintf(text, sizeof text, "cn %s", name);
	for (uint16_t i = 0; i < x->view.n; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, " %s %u %lld/%lld %u",
			      x->view.instrument[i].symbol, x->house[i],
			      (long long)x->view.instrument[i].expo.num,
			      (long long)x->view.instrument[i].expo.den,
			      x->view.instrument[i].px_dp);
	for (uint16_t a = 0; a < x->config.n_accounts; a++)
		n += snprintf(text + n, sizeof text - (size_t)n, " %lld %u",
			      (long long)x->config.member[a].deposit_e8, x->config.member[a].owner);
	digest_sha256(text, (size_t)n, out);
}

int cn_ledger_open(struct cn_ledger *l, const char *path, const char *name,
		   const struct assets *assets, struct cn_exchange *x, const char (*account)[32],
		   cn_ledger_fn fn, void *owner)
{
	uint8_t digest[DIGEST_LEN];
	bool fresh = true;
	*l = (struct cn_ledger){ .assets = assets, .exchange = x };
	if (!path)
		return 0;
	digest_of(x, name, digest);
	int rc = ledger_open(&l->file, path, name, digest, BATCH, &fresh);
	if (rc)
		return rc;
	if (!fresh)
		rc = cn_recover(l, x, path, fn, owner);
	l->open = true;
	if (!rc && fresh)
		rc = define(l, account);
	else if (!rc)
		rc = go_on(l);
	if (rc)
		cn_ledger_close(l);
	return rc;
}

void cn_ledger_close(struct cn_ledger *l)
{
	if (l->open)
		ledger_close(&l->file);
	l->open = false;
}

/* ---------------------------------------------------------------- what happens */

static struct ledger_record order_record(enum ledger_kind kind, const struct cn_report *r,
					 const char *id)
{
	const struct cn_order *o = &r->order;
	struct ledger_record rec = record(kind, r->at_ns);
	rec.side = o->asked.side;
	rec.type = o->asked.type;
	rec.tif = o->asked.tif;
	rec.pad = o->asked.offset;
	rec.status = o->state;
	rec.why = o->why;
	rec.account = o->asked.account;
	rec.instrument = o->asked.instrument;
	rec.order = o->id;
	snprintf(rec.text, sizeof rec.text, "%s", id);
	rec.body.order.px = o->asked.px;
	rec.body.order.qty = o->asked.qty;
	rec.body.order.cum = o->cum;
	rec.body.order.session = o->asked.session;
	rec.body.order.ref = (int64_t)o->asked.ref;
	return rec;
}

static int64_t cost_e8(const struct cn_exchange *x, uint16_t a, uint16_t i)
{
	int64_t sum[side_max];
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		const struct cn_position *p = &x->account[a].position[i][side];
		sum[side] =
			p->today_e8 + instrument_notional_e8(&x->view.instrument[i], p->yesterday,
							     x->view.settle_px[i]);
	}
	return sum[SIDE_BUY] - sum[SIDE_SELL];
}

static void put_fill(struct cn_ledger *l, const struct cn_report *r, const char *id)
{
	const struct cn_trade *t = &r->trade;
	const struct instrument *in = &l->exchange->view.instrument[t->instrument];
	struct ledger_record rec = order_record(LEDGER_FILL, r, id);
	rec.maker = t->maker;
	rec.own = t->own;
	rec.fee_asset = money_of(l);
	rec.body.fill.trade = t->trade;
	rec.body.fill.px = t->px;
	rec.body.fill.qty = t->qty;
	rec.body.fill.cum = r->order.cum;
	rec.body.fill.value_e8 = t->fill.value_e8;
	rec.body.fill.base_e8 = instrument_base_e8(in, t->qty, t->px);
	rec.body.fill.fee_e8 = t->fill.fee_e8;
	rec.body.fill.pnl_e8 = t->fill.profit_e8;
	put(l, &rec);
	l->cost_e8[t->account][t->instrument] = cost_e8(l->exchange, t->account, t->instrument);
}

/* The day's profit went into the balance; the lots stand at the new settlement price. */
static void put_settlement(struct cn_ledger *l, const struct cn_report *r)
{
	const struct cn_exchange *x = l->exchange;
	struct ledger_record m = record(LEDGER_MOVE, r->at_ns);
	m.account = r->account;
	m.asset = money_of(l);
	snprintf(m.text, sizeof m.text, "settlement");
	for (uint16_t i = 0; i < x->view.n; i++) {
		int64_t is = cost_e8(x, r->account, i), was = l->cost_e8[r->account][i];
		m.body.money.moved_e8 += is - was;
		l->marked_e8[r->account][i] += is - was;
		l->cost_e8[r->account][i] = is;
	}
	if (r->account == 0)
		put_day(l, r->at_ns);
	if (m.body.money.moved_e8)
		put(l, &m);
}

void cn_ledger_report(struct cn_ledger *l, const struct cn_report *r, const char *id, int64_t cut)
{
	if (r->replayed)
		return;
	struct ledger_record rec;
	switch ((enum cn_report_kind)r->kind) {
	case CN_REPORT_ORDER:
		if (r->order.state == CN_WORKING && r->order.cum == 0)
			rec = order_record(LEDGER_ORDER, r, id);
		else if (r->order.state == CN_CANCELLED)
			rec = order_record(LEDGER_END, r, id);
		else
			return;
		rec.own = r->order.at_limit;
		rec.body.order.cut = cut;
		put(l, &rec);
		break;
	case CN_REPORT_REFUSED:
		rec = order_record(LEDGER_REJECT, r, id);
		rec.status = r->refusal;
		put(l, &rec);
		break;
	case CN_REPORT_TRADE:
		put_fill(l, r, id);
		break;
	case CN_REPORT_SETTLED:
		put_settlement(l, r);
		break;
	case CN_REPORT_CANCEL_REFUSED:
	case cn_report_max:
		break;
	}
}

/* ---------------------------------------------------------------- what it came to */

static void put_position(struct cn_ledger *l, uint16_t a, uint16_t i, int64_t at_ns)
{
	const struct cn_exchange *x = l->exchange;
	const struct cn_position *p = x->account[a].position[i];
	struct ledger_record r = record(LEDGER_POSITION, at_ns);
	int64_t entry = cost_e8(x, a, i);
	l->entry_e8[a][i] = entry;
	entry -= l->marked_e8[a][i];
	r.account = a;
	r.instrument = i;
	r.body.position.qty = cn_position_lots(&p[SIDE_BUY]) - cn_position_lots(&p[SIDE_SELL]);
	r.body.position.entry_e8 = r.body.position.qty > 0 ? entry : -entry;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		r.body.position.lots[side][0] = p[side].today;
		r.body.position.lots[side][1] = p[side].yesterday;
	}
	memcpy(l->lots[a][i], r.body.position.lots, sizeof l->lots[a][i]);
	put(l, &r);
}

static void put_balance(struct cn_ledger *l, uint16_t a, int64_t at_ns)
{
	const struct cn_account *m = &l->exchange->account[a];
	struct ledger_record r = record(LEDGER_BALANCE, at_ns);
	l->balance_e8[a] = m->balance_e8;
	l->locked_e8[a] = m->locked_e8;
	r.account = a;
	r.asset = money_of(l);
	r.body.money.free_e8 = m->balance_e8 - m->locked_e8;
	r.body.money.locked_e8 = m->locked_e8;
	put(l, &r);
}

static bool moved(const struct cn_ledger *l, uint16_t a, uint16_t i)
{
	const struct cn_position *p = l->exchange->account[a].position[i];
	for (enum side side = SIDE_BUY; side < side_max; side++)
		if (p[side].today != l->lots[a][i][side][0] ||
		    p[side].yesterday != l->lots[a][i][side][1])
			return true;
	return cost_e8(l->exchange, a, i) != l->entry_e8[a][i];
}

int cn_ledger_commit(struct cn_ledger *l, int64_t at_ns)
{
	const struct cn_exchange *x = l->exchange;
	if (!l->open)
		return 0;
	for (uint16_t a = 0; a < x->config.n_accounts; a++) {
		if (l->balance_e8[a] != x->account[a].balance_e8 ||
		    l->locked_e8[a] != x->account[a].locked_e8)
			put_balance(l, a, at_ns);
		for (uint16_t i = 0; i < x->view.n; i++)
			if (moved(l, a, i))
				put_position(l, a, i, at_ns);
	}
	return ledger_commit(&l->file);
}
