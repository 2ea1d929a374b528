/* Accounts: own trades, balances, positions. */
#include "adapters/sim/wire_parts.h"
#include "core/base/dec.h"
#include <string.h>

/* ---------------------------------------------------------------- trades */

static void put_trade(struct wire_call *c, const struct exchange_trade *t)
{
	struct json_out *j = &c->out;
	const struct wire *w = c->w;
	bool buyer = t->side == SIDE_BUY, futures = wire_futures(c);
	json_obj(j, NULL);
	json_str(j, "symbol", wire_symbol_text(w, t->instrument));
	json_uint(j, "id", t->trade);
	json_uint(j, "orderId", t->order);
	if (futures)
		json_str(j, "side", wire_sides[t->side]);
	else
		json_int(j, "orderListId", -1);
	put_px(j, "price", w, t->instrument, t->px);
	put_qty(j, "qty", w, t->instrument, t->qty);
	if (futures)
		put_e8(j, "realizedPnl", t->pnl_e8);
	put_e8(j, "quoteQty", t->value_e8);
	put_e8(j, "commission", t->fee_e8);
	json_str(j, "commissionAsset", wire_asset_text(w, t->fee_asset));
	json_int(j, "time", t->at_ns / MS_NS);
	if (futures)
		json_str(j, "positionSide", "BOTH");
	json_bool(j, futures ? "buyer" : "isBuyer", buyer);
	json_bool(j, futures ? "maker" : "isMaker", t->maker);
	if (!futures)
		json_bool(j, "isBestMatch", true);
	json_obj_end(j);
}

int op_trades(struct wire_call *c)
{
	struct wire *w = c->w;
	uint16_t instrument;
	int64_t order, from_id, start, end, limit;
	const int64_t latest = INT64_MAX / MS_NS;
	if (wire_symbol(c, &instrument) || wire_int(c, "orderId", 1, INT64_MAX, 0, &order) ||
	    wire_int(c, "fromId", 0, INT64_MAX, -1, &from_id) ||
	    wire_int(c, "startTime", 0, latest, -1, &start) ||
	    wire_int(c, "endTime", 0, latest, latest, &end) ||
	    wire_int(c, "limit", 1, 1000, 500, &limit) || wire_nothing_else(c))
		return -1;
	if (from_id >= 0 && start >= 0)
		return wire_fail(c, 400, -1128, "Combination of optional parameters invalid.");
	uint32_t n =
		exchange_trades(&w->exchange, c->account, instrument, (uint64_t)order,
				from_id > 0 ? (uint64_t)from_id : 0, start > 0 ? start * MS_NS : 0,
				w->trades, w->exchange.config.max_trades);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < n; i++)
		if (w->trades[i]->at_ns / MS_NS <= end &&
		    (from_id < 0 || w->trades[i]->trade >= (uint64_t)from_id))
			w->trades[kept++] = w->trades[i];
	/* Without a place to begin at it is the newest ones that are meant. */
	uint32_t first = from_id < 0 && start < 0 && kept > limit ? kept - (uint32_t)limit : 0;
	json_arr(&c->out, NULL);
	for (uint32_t i = first; i < kept && i - first < limit; i++)
		put_trade(c, w->trades[i]);
	json_arr_end(&c->out);
	return 0;
}

/* ---------------------------------------------------------------- spot */

static void put_commission(struct json_out *j, const char *key, const struct fee_rule *f, bool zero)
{
	json_obj(j, key);
	put_e8(j, "maker", zero ? 0 : f->maker_e8);
	put_e8(j, "taker", zero ? 0 : f->taker_e8);
	put_e8(j, "buyer", 0);
	put_e8(j, "seller", 0);
	json_obj_end(j);
}

static void put_spot_account(struct wire_call *c, const struct funds *f, bool no_zero)
{
	struct json_out *j = &c->out;
	const struct rule *r = c->w->exchange.view.rule[0];
	static const struct fee_rule none;
	const struct fee_rule *fee = r ? &r->fee : &none;
	json_obj(j, NULL);
	/* In basis points. */
	json_int(j, "makerCommission", fee->maker_e8 / 10000);
	json_int(j, "takerCommission", fee->taker_e8 / 10000);
	json_int(j, "buyerCommission", 0);
	json_int(j, "sellerCommission", 0);
	put_commission(j, "commissionRates", fee, false);
	json_bool(j, "canTrade", true);
	json_bool(j, "canWithdraw", false);
	json_bool(j, "canDeposit", false);
	json_bool(j, "brokered", false);
	json_bool(j, "requireSelfTradePrevention", false);
	json_bool(j, "preventSor", false);
	json_int(j, "updateTime", c->w->exchange.last_ns / MS_NS);
	json_str(j, "accountType", "SPOT");
	json_arr(j, "balances");
	for (asset_id a = 1; a < LEDGER_ASSETS && a < c->w->exchange.config.assets->n; a++) {
		if (no_zero && !f->money[a].free_e8 && !f->money[a].locked_e8)
			continue;
		json_obj(j, NULL);
		json_str(j, "asset", wire_asset_text(c->w, a));
		put_e8(j, "free", f->money[a].free_e8);
		put_e8(j, "locked", f->money[a].locked_e8);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_arr(j, "permissions");
	json_str(j, NULL, "SPOT");
	json_arr_end(j);
	json_int(j, "uid", 1000 + c->account);
	json_obj_end(j);
}

/* ---------------------------------------------------------------- futures */

static int64_t wallet_e8(const struct funds *f, asset_id a)
{
	return f->money[a].free_e8 + f->money[a].locked_e8;
}

/* Sums over the instruments that settle in the asset; 0: in any. */
static int64_t sum_e8(const struct wire *w, const struct funds *f, asset_id a,
		      int64_t (*what)(const struct funds *, uint16_t))
{
	int64_t sum = 0;
	for (uint16_t i = 0; i < w->exchange.config.n_instruments; i++)
		if (!a || w->exchange.config.instrument[i].settle == a)
			sum += what(f, i);
	return sum;
}

static bool settles_in(const struct wire *w, const struct funds *f, asset_id a)
{
	for (uint16_t i = 0; i < w->exchange.config.n_instruments; i++)
		if (w->exchange.config.instrument[i].settle == a)
			return true;
	return f->money[a].free_e8 != 0;
}

static int64_t entry_px(const struct wire *w, const struct funds_position *p, uint16_t at)
{
	const struct instrument *i = &w->exchange.config.instrument[at];
	int64_t base_e8 = instrument_base_e8(i, p->qty, i->expo.kind == EXPO_INVERSE ? 1 : 0);
	if (base_e8 < 0)
		base_e8 = -base_e8;
	return base_e8 ? dec_muldiv(p->entry_e8, dec_pow10[8], base_e8, DEC_NEAREST) : 0;
}

static void put_position(struct wire_call *c, const struct funds *f, uint16_t at)
{
	struct json_out *j = &c->out;
	const struct wire *w = c->w;
	const struct instrument *i = &w->exchange.config.instrument[at];
	const struct funds_position *p = &f->position[at];
	int64_t mark = w->exchange.view.mark_px[at];
	int64_t margin = funds_margin_e8(f, at);
	json_obj(j, NULL);
	json_str(j, "symbol", i->symbol);
	json_str(j, "positionSide", "BOTH");
	/* An answer as of before the last change, which its stamp says (F64). */
	bool old = w->seen[c->account][at].at_ns && knobs_hit(&c->w->knobs, FAULT_STALE_POSITION);
	put_qty(j, "positionAmt", w, at, old ? w->seen[c->account][at].before : p->qty);
	put_e8(j, "entryPrice", entry_px(w, p, at));
	put_e8(j, "breakEvenPrice", entry_px(w, p, at));
	put_px(j, "markPrice", w, at, mark);
	put_e8(j, "unRealizedProfit", funds_upnl_e8(f, at));
	put_e8(j, "unrealizedProfit", funds_upnl_e8(f, at));
	put_e8(j, "liquidationPrice", 0);
	json_str(j, "marginType", "cross");
	put_e8(j, "isolatedMargin", 0);
	put_e8(j, "isolatedWallet", 0);
	put_e8(j, "notional", mark ? instrument_notional_e8(i, p->qty, mark) : 0);
	json_str(j, "marginAsset", wire_asset_text(w, i->settle));
	put_e8(j, "initialMargin", margin);
	put_e8(j, "maintMargin", margin / 2);
	put_e8(j, "positionInitialMargin", p->qty ? margin : 0);
	put_e8(j, "openOrderInitialMargin", p->qty ? 0 : margin);
	json_int(j, "adl", 0);
	int64_t changed_ns = old ? w->seen[c->account][at].before_ns : w->exchange.last_ns;
	json_int(j, "updateTime", changed_ns / MS_NS);
	json_obj_end(j);
}

/* Positions that are not flat or have orders; one that is asked for by name comes in any case. */
static void put_positions(struct wire_call *c, const struct funds *f, const char *key,
			  uint16_t only)
{
	json_arr(&c->out, key);
	for (uint16_t i = 0; i < c->w->exchange.config.n_instruments; i++) {
		const struct funds_position *p = &f->position[i];
		bool idle = !p->qty && !p->open[SIDE_BUY] && !p->open[SIDE_SELL];
		if (only == i || (only == LEDGER_NONE && !idle))
			put_position(c, f, i);
	}
	json_arr_end(&c->out);
}

static void put_futures_asset(struct wire_call *c, const struct funds *f, asset_id a)
{
	struct json_out *j = &c->out;
	int64_t wallet = wallet_e8(f, a), upnl = sum_e8(c->w, f, a, funds_upnl_e8);
	int64_t margin = sum_e8(c->w, f, a, funds_margin_e8), free_e8 = funds_available_e8(f, a);
	json_obj(j, NULL);
	json_str(j, "asset", wire_asset_text(c->w, a));
	put_e8(j, "walletBalance", wallet);
	put_e8(j, "unrealizedProfit", upnl);
	put_e8(j, "marginBalance", wallet + upnl);
	put_e8(j, "maintMargin", margin / 2);
	put_e8(j, "initialMargin", margin);
	put_e8(j, "positionInitialMargin", margin);
	put_e8(j, "openOrderInitialMargin", 0);
	put_e8(j, "crossWalletBalance", wallet);
	put_e8(j, "crossUnPnl", upnl);
	put_e8(j, "availableBalance", free_e8);
	put_e8(j, "maxWithdrawAmount", free_e8 > 0 ? free_e8 : 0);
	json_int(j, "updateTime", c->w->exchange.last_ns / MS_NS);
	json_obj_end(j);
}

static void put_futures_account(struct wire_call *c, const struct funds *f)
{
	struct json_out *j = &c->out;
	asset_id settle = c->w->exchange.config.instrument[0].settle;
	int64_t wallet = wallet_e8(f, settle), upnl = sum_e8(c->w, f, settle, funds_upnl_e8);
	int64_t margin = sum_e8(c->w, f, settle, funds_margin_e8),
		free_e8 = funds_available_e8(f, settle);
	json_obj(j, NULL);
	json_int(j, "feeTier", 0);
	json_bool(j, "canTrade", true);
	json_bool(j, "multiAssetsMargin", false);
	put_e8(j, "totalInitialMargin", margin);
	put_e8(j, "totalMaintMargin", margin / 2);
	put_e8(j, "totalWalletBalance", wallet);
	put_e8(j, "totalUnrealizedProfit", upnl);
	put_e8(j, "totalMarginBalance", wallet + upnl);
	put_e8(j, "totalPositionInitialMargin", margin);
	put_e8(j, "totalOpenOrderInitialMargin", 0);
	put_e8(j, "totalCrossWalletBalance", wallet);
	put_e8(j, "totalCrossUnPnl", upnl);
	put_e8(j, "availableBalance", free_e8);
	put_e8(j, "maxWithdrawAmount", free_e8 > 0 ? free_e8 : 0);
	json_arr(j, "assets");
	for (asset_id a = 1; a < LEDGER_ASSETS && a < c->w->exchange.config.assets->n; a++)
		if (settles_in(c->w, f, a))
			put_futures_asset(c, f, a);
	json_arr_end(j);
	put_positions(c, f, "positions", LEDGER_NONE);
	json_obj_end(j);
}

/* ---------------------------------------------------------------- the operations */

int op_account(struct wire_call *c)
{
	const struct funds *f = exchange_funds(&c->w->exchange, c->account);
	const char *omit = wire_request_get(c->r, "omitZeroBalances");
	if (wire_nothing_else(c))
		return -1;
	if (wire_futures(c))
		put_futures_account(c, f);
	else
		put_spot_account(c, f, omit && strcmp(omit, "true") == 0);
	return 0;
}

int op_balance(struct wire_call *c)
{
	const struct wire *w = c->w;
	const struct funds *f = exchange_funds(&w->exchange, c->account);
	struct json_out *j = &c->out;
	json_arr(j, NULL);
	for (asset_id a = 1; a < LEDGER_ASSETS && a < w->exchange.config.assets->n; a++) {
		if (!settles_in(w, f, a))
			continue;
		int64_t free_e8 = funds_available_e8(f, a);
		json_obj(j, NULL);
		json_str(j, "accountAlias", w->exchange.config.account[c->account].name);
		json_str(j, "asset", wire_asset_text(w, a));
		put_e8(j, "balance", wallet_e8(f, a));
		put_e8(j, "crossWalletBalance", wallet_e8(f, a));
		put_e8(j, "crossUnPnl", sum_e8(w, f, a, funds_upnl_e8));
		put_e8(j, "availableBalance", free_e8);
		put_e8(j, "maxWithdrawAmount", free_e8 > 0 ? free_e8 : 0);
		json_bool(j, "marginAvailable", true);
		json_int(j, "updateTime", w->exchange.last_ns / MS_NS);
		json_obj_end(j);
	}
	json_arr_end(j);
	return 0;
}

int op_position(struct wire_call *c)
{
	uint16_t instrument;
	if (wire_symbol_or_all(c, &instrument))
		return -1;
	put_positions(c, exchange_funds(&c->w->exchange, c->account), NULL, instrument);
	return 0;
}
