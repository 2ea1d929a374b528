#include "adapters/sim/cn_exchange.h"
#include "adapters/sim/cn_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- begin and end */

/* Most sides of trades that one operation on one contract can make. */
static uint32_t fills_max(const struct cn_exchange *x)
{
	return 4 * (x->config.levels + x->config.resting) + 2;
}

/* Of every contract an auction, or the end of a break, may be due besides. */
bool cn_room(const struct cn_exchange *x)
{
	return x->config.trades - x->n_trades >= fills_max(x) * (x->view.n + 1u);
}

static int check_contract(const struct instrument *i, const struct cn_contract *c, int64_t now_ns)
{
	if (!c->calendar || c->house >= cn_house_max || c->settle_px <= 0)
		return err_set(ERR_CONFIG,
			       "%s needs an exchange, a calendar and a settlement price", i->name);
	if (i->expo.kind != EXPO_LINEAR || i->px_may_be_negative)
		return err_set(ERR_CONFIG, "%s: only linear contracts of positive prices", i->name);
	if (!instrument_rule(i, now_ns))
		return err_set(ERR_CONFIG, "%s has no rule in force", i->name);
	return 0;
}

static int check_config(const struct cn_exchange *x, int64_t now_ns)
{
	const struct cn_config *c = &x->config;
	if (c->n_instruments == 0 || c->n_instruments > CN_INSTRUMENTS || c->n_accounts == 0 ||
	    c->n_accounts > CN_ACCOUNTS)
		return err_set(ERR_CONFIG, "1 to %d contracts and 1 to %d accounts", CN_INSTRUMENTS,
			       CN_ACCOUNTS);
	for (uint16_t i = 0; i < c->n_instruments; i++) {
		int rc = check_contract(&c->instrument[i], &c->contract[i], now_ns);
		if (rc)
			return rc;
	}
	for (uint16_t a = 0; a < c->n_accounts; a++)
		if (c->member[a].owner >= CN_ACCOUNTS)
			return err_set(ERR_CONFIG, "owners are numbered below %d", CN_ACCOUNTS);
	if (!cn_room(x))
		return err_set(ERR_CONFIG,
			       "room for %u sides of trades is less than one operation may make: "
			       "at least %u",
			       c->trades, fills_max(x) * (c->n_instruments + 1u));
	return 0;
}

static int take_memory(struct cn_exchange *x)
{
	const struct cn_config *c = &x->config;
	x->order = calloc(c->orders, sizeof *x->order);
	x->trade = calloc(c->trades, sizeof *x->trade);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		x->level[side] = calloc(c->levels, sizeof *x->level[side]);
	if (!x->order || !x->trade || !x->level[SIDE_BUY] || !x->level[SIDE_SELL])
		return err_set(ERR_NOMEM, "no memory for %u orders and %u trades", c->orders,
			       c->trades);
	int rc = map_init(&x->by_ref, c->orders);
	for (uint16_t i = 0; rc == 0 && i < c->n_instruments; i++)
		rc = match_init(&x->book[i].match, c->levels, c->resting, 1, cn_hear, &x->book[i]);
	return rc;
}

static void begin(struct cn_exchange *x, int64_t now_ns)
{
	const struct cn_config *c = &x->config;
	x->now_ns = now_ns;
	for (uint16_t i = 0; i < c->n_instruments; i++) {
		struct cn_book *b = &x->book[i];
		b->exchange = x;
		b->instrument = i;
		b->calendar = c->contract[i].calendar;
		x->house[i] = c->contract[i].house;
		x->view.settle_px[i] = x->view.mark_px[i] = c->contract[i].settle_px;
		cn_book_at(b, now_ns);
		if (b->now.phase != PHASE_CONTINUOUS)
			match_collect(&b->match);
	}
	for (uint16_t a = 0; a < c->n_accounts; a++)
		x->account[a] = (struct cn_account){ .view = &x->view,
						     .balance_e8 = c->member[a].deposit_e8 };
	cn_refresh(x, now_ns);
	x->day = cn_day_of(x);
}

int cn_init(struct cn_exchange *x, const struct cn_config *c, int64_t now_ns,
	    cn_report_fn on_report, cn_snapshot_fn on_snapshot, void *owner)
{
	memset(x, 0, sizeof *x);
	x->config = *c;
	if (!c->levels)
		x->config.levels = 64;
	if (!c->resting)
		x->config.resting = 256;
	if (!c->orders)
		x->config.orders = 65536;
	if (!c->trades)
		x->config.trades = 65536;
	x->view = (struct cn_view){ .instrument = c->instrument,
				    .house = x->house,
				    .n = c->n_instruments };
	x->first_id = 1;
	x->on_report = on_report;
	x->on_snapshot = on_snapshot;
	x->owner = owner;
	int rc = check_config(x, now_ns);
	if (rc == 0)
		rc = take_memory(x);
	if (rc) {
		cn_free(x);
		return rc;
	}
	begin(x, now_ns);
	return 0;
}

void cn_free(struct cn_exchange *x)
{
	for (uint16_t i = 0; i < CN_INSTRUMENTS; i++)
		match_free(&x->book[i].match);
	map_free(&x->by_ref);
	free(x->order);
	free(x->trade);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		free(x->level[side]);
	memset(x, 0, sizeof *x);
}

/* ---------------------------------------------------------------- the market */

/* A side cut to the day's limits: who bids above the upper one bids there, who bids below the lower one bids not at all; offers alike. */
static uint32_t cut(const struct cn_exchange *x, const struct cn_band *band, enum side side,
		    const struct depth *d)
{
	int64_t near = side == SIDE_BUY ? band->hi : band->lo;
	int64_t far = side == SIDE_BUY ? band->lo : band->hi;
	struct level *out = x->level[side];
	uint32_t n = 0;
	for (uint32_t i = 0; i < d->n[side]; i++) {
		struct level l = d->level[side][i];
		if (l.qty <= 0 || px_better(side, far, l.px))
			continue;
		if (px_better(side, l.px, near))
			l.px = near;
		if (n && out[n - 1].px == l.px)
			out[n - 1].qty += l.qty;
		else if (n < x->config.levels)
			out[n++] = l;
	}
	return n;
}

static int no_room(const struct cn_exchange *x)
{
	return err_set(ERR_FULL, "the day has room for %u sides of trades, and they are used up",
		       x->config.trades);
}

int cn_market_book(struct cn_exchange *x, uint16_t instrument, int64_t now_ns,
		   const struct depth *d)
{
	must(instrument < x->view.n);
	cn_tick(x, now_ns);
	if (!cn_room(x))
		return no_room(x);
	struct cn_book *b = &x->book[instrument];
	struct depth in = { 0 };
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		in.level[side] = x->level[side];
		in.n[side] = cut(x, &b->band, side, d);
	}
	match_market_snapshot(&b->match, x->now_ns, &in);
	cn_changed(b);
	return 0;
}

int cn_market_trade(struct cn_exchange *x, uint16_t instrument, int64_t now_ns,
		    const struct market_trade *t)
{
	must(instrument < x->view.n);
	cn_tick(x, now_ns);
	struct cn_book *b = &x->book[instrument];
	if (b->now.phase != PHASE_CONTINUOUS || t->qty <= 0 || t->px > b->band.hi ||
	    t->px < b->band.lo)
		return 0;
	if (!cn_room(x))
		return no_room(x);
	cn_day_trade(&b->stat, t->px, t->qty);
	x->view.mark_px[instrument] = t->px;
	b->counted = true;
	match_market_trade(&b->match, x->now_ns, t);
	b->counted = false;
	cn_changed(b);
	return 0;
}

void cn_close_only(struct cn_exchange *x, uint16_t instrument, bool on)
{
	must(instrument < x->view.n);
	x->book[instrument].close_only = on;
}

void cn_name_settle_px(struct cn_exchange *x, uint16_t instrument, int64_t px)
{
	must(instrument < x->view.n && px > 0);
	x->book[instrument].named_px = px;
}

/* ---------------------------------------------------------------- queries */

const struct cn_order *cn_order_of(const struct cn_exchange *x, uint64_t id)
{
	return id >= x->first_id && id - x->first_id < x->n_orders ? &x->order[id - x->first_id]
								   : NULL;
}

const struct cn_position *cn_position_of(const struct cn_exchange *x, uint16_t account,
					 uint16_t instrument, enum side side)
{
	must(account < x->config.n_accounts && instrument < x->view.n && side < side_max);
	return &x->account[account].position[instrument][side];
}

const struct cn_account *cn_account_of(const struct cn_exchange *x, uint16_t account)
{
	must(account < x->config.n_accounts);
	return &x->account[account];
}

const struct cn_count *cn_count_of(const struct cn_exchange *x, uint16_t account,
				   uint16_t instrument)
{
	must(account < x->config.n_accounts && instrument < x->view.n);
	return &x->count[x->config.member[account].owner][instrument];
}

enum phase cn_phase_of(const struct cn_exchange *x, uint16_t instrument)
{
	must(instrument < x->view.n);
	return x->book[instrument].now.phase;
}
