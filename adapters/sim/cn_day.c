/* cn_day - how time passes at the domestic exchange: phases, auctions, half-second snapshots, and the settlement that ends a trading day. */
#include "adapters/sim/cn_parts.h"
#include "core/base/must.h"
#include <string.h>

#define NEVER INT64_MAX

static bool shows(enum phase p)
{
	return p == PHASE_CONTINUOUS || p == PHASE_AUCTION;
}

void cn_changed(struct cn_book *b)
{
	if (b->changed)
		return;
	b->changed = true;
	b->changed_ns = b->exchange->now_ns - b->exchange->now_ns % CN_SNAPSHOT_NS;
}

void cn_refresh(struct cn_exchange *x, int64_t at_ns)
{
	for (uint16_t i = 0; i < x->view.n; i++) {
		const struct rule *r = instrument_rule(&x->view.instrument[i], at_ns);
		if (r)
			x->view.rule[i] = r;
		x->book[i].band = cn_band(x->view.rule[i], x->view.settle_px[i]);
	}
}

void cn_book_at(struct cn_book *b, int64_t at_ns)
{
	calendar_at(b->calendar, at_ns, &b->now);
	b->day = b->now.trading_day;
	if (b->day)
		return;
	struct calendar_now next = { 0 };
	if (b->now.opens_utc_ns != NEVER)
		calendar_at(b->calendar, b->now.opens_utc_ns, &next);
	b->day = next.trading_day ? next.trading_day : INT32_MAX;
}

int32_t cn_day_of(const struct cn_exchange *x)
{
	int32_t day = INT32_MAX;
	for (uint16_t i = 0; i < x->view.n; i++)
		if (x->book[i].day < day)
			day = x->book[i].day;
	return day;
}

/* ---------------------------------------------------------------- snapshots */

static int64_t snapshot_due(const struct cn_book *b)
{
	return b->changed ? b->changed_ns + CN_SNAPSHOT_NS : NEVER;
}

static void snapshot(struct cn_book *b, int64_t at_ns)
{
	struct cn_exchange *x = b->exchange;
	const struct instrument *i = &x->view.instrument[b->instrument];
	const struct cn_day *d = &b->stat;
	b->changed = false;
	if (!shows(b->now.phase))
		return;
	struct cn_snapshot s = {
		.instrument = b->instrument,
		.phase = b->now.phase,
		.trading_day = b->day,
		.at_ns = at_ns,
		.last_px = d->last_px,
		.open_px = d->open_px,
		.high_px = d->high_px,
		.low_px = d->low_px,
		.volume = d->volume,
		.settle_px = x->view.settle_px[b->instrument],
		.limit_lo = b->band.lo == INT64_MIN ? 0 : b->band.lo,
		.limit_hi = b->band.hi == INT64_MAX ? 0 : b->band.hi,
	};
	/* What one unit of quantity came to at the sum of all prices: the turnover. */
	if (d->px_qty <= INT64_MAX)
		s.turnover_e8 = instrument_notional_e8(i, 1, (int64_t)d->px_qty);
	uint32_t most = cn_house_rule[x->house[b->instrument]].levels;
	for (enum side side = SIDE_BUY; b->now.phase == PHASE_CONTINUOUS && side < side_max; side++)
		s.n[side] = cn_snapshot_levels(&b->match, side, s.level[side], most);
	if (cn_snapshot_same(&s, &b->told))
		return;
	b->told = s;
	x->on_snapshot(x->owner, &s);
}

/* ---------------------------------------------------------------- phases */

static void uncross(struct cn_book *b, int64_t at_ns)
{
	struct cn_exchange *x = b->exchange;
	b->counted = true;
	struct match_auction a = match_uncross(&b->match, at_ns, x->view.rule[b->instrument]->tick);
	b->counted = false;
	if (a.qty == 0)
		return;
	cn_day_trade(&b->stat, a.px, a.qty);
	x->view.mark_px[b->instrument] = a.px;
	cn_changed(b);
}

static void next_phase(struct cn_book *b, int64_t at_ns)
{
	enum phase was = b->now.phase;
	cn_book_at(b, at_ns);
	enum phase is = b->now.phase;
	if (was == PHASE_AUCTION && is != PHASE_AUCTION)
		uncross(b, at_ns);
	if (is != PHASE_CONTINUOUS)
		match_collect(&b->match);
	else if (b->match.collecting)
		match_resume(&b->match, at_ns);
	if (shows(is))
		cn_changed(b);
}

/* ---------------------------------------------------------------- the day's end */

static void end_book(struct cn_book *b, int64_t at_ns, int64_t *settle_px)
{
	struct cn_exchange *x = b->exchange;
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		while (b->match.n_rest[side])
			must(match_expire(&b->match, at_ns, b->match.rest[side][0].id, WHY_VENUE) ==
			     0);
		shown_clear(&b->match.shown, side);
		shown_clear(&b->match.said, side);
	}
	*settle_px = b->named_px ? b->named_px
				 : cn_day_settle_px(&b->stat, x->view.rule[b->instrument]->tick,
						    x->view.settle_px[b->instrument]);
	b->stat = (struct cn_day){ 0 };
	b->named_px = 0;
}

void cn_settle(struct cn_exchange *x, const int64_t px[CN_INSTRUMENTS], int64_t at_ns)
{
	for (uint16_t a = 0; a < x->config.n_accounts; a++)
		cn_account_settle(&x->account[a], px);
	memcpy(x->view.settle_px, px, sizeof x->view.settle_px);
	memcpy(x->view.mark_px, px, sizeof x->view.mark_px);
	memset(x->count, 0, sizeof x->count);
	memset(x->seat, 0, sizeof x->seat);
	x->first_id += x->n_orders;
	x->n_orders = x->n_trades = 0;
	map_clear(&x->by_ref);
	cn_refresh(x, at_ns);
	for (uint16_t a = 0; a < x->config.n_accounts; a++) {
		struct cn_report r = { .kind = CN_REPORT_SETTLED,
				       .account = a,
				       .at_ns = at_ns,
				       .balance_e8 = x->account[a].balance_e8 };
		x->on_report(x->owner, &r);
	}
}

static void end_day(struct cn_exchange *x, int64_t at_ns)
{
	int64_t px[CN_INSTRUMENTS] = { 0 };
	for (uint16_t i = 0; i < x->view.n; i++)
		end_book(&x->book[i], at_ns, &px[i]);
	cn_settle(x, px, at_ns);
}

/* ---------------------------------------------------------------- time */

int64_t cn_next_ns(const struct cn_exchange *x)
{
	int64_t next = NEVER;
	for (uint16_t i = 0; i < x->view.n; i++) {
		const struct cn_book *b = &x->book[i];
		if (b->now.until_utc_ns < next)
			next = b->now.until_utc_ns;
		if (snapshot_due(b) < next)
			next = snapshot_due(b);
	}
	return next;
}

static void happen(struct cn_exchange *x, int64_t at_ns)
{
	x->now_ns = at_ns;
	cn_refresh(x, at_ns);
	for (uint16_t i = 0; i < x->view.n; i++)
		if (snapshot_due(&x->book[i]) <= at_ns)
			snapshot(&x->book[i], at_ns);
	for (uint16_t i = 0; i < x->view.n; i++)
		if (x->book[i].now.until_utc_ns <= at_ns)
			next_phase(&x->book[i], at_ns);
	int32_t day = cn_day_of(x);
	if (day <= x->day)
		return;
	x->day = day;
	end_day(x, at_ns);
}

void cn_tick(struct cn_exchange *x, int64_t now_ns)
{
	for (int64_t at = cn_next_ns(x); at <= now_ns && at != NEVER; at = cn_next_ns(x))
		happen(x, at);
	if (now_ns > x->now_ns)
		x->now_ns = now_ns;
	cn_refresh(x, x->now_ns);
}
