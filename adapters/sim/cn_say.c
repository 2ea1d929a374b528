/* cn_say - the rtn_data packs of the counter: what is new to one client, as patches of its picture. */
#include "adapters/sim/cn_wire.h"
#include "core/base/date.h"
#include "core/base/json_out.h"
#include <stdio.h>
#include <string.h>

#define PART 64 /* orders, and trades, of a login's picture in one pack */

static const char *const direction[side_max + 1] = { "BUY", "SELL", "BUY" };

static void put_symbol(struct json_out *j, const char *symbol)
{
	const char *point = strchr(symbol, '.');
	json_strn(j, "exchange_id", symbol, point ? (size_t)(point - symbol) : 0);
	json_str(j, "instrument_id", point ? point + 1 : symbol);
}

static const char *symbol_of(const struct cn_wire *w, uint16_t instrument)
{
	return w->config.exchange.instrument[instrument].symbol;
}

static const char *offset_word(uint8_t offset)
{
	return offset == OFFSET_OPEN	      ? "OPEN"
	       : offset == OFFSET_CLOSE_TODAY ? "CLOSETODAY"
					      : "CLOSE";
}

/* ---------------------------------------------------------------- orders and trades */

static void put_order(struct json_out *j, const struct cn_wire *w, const struct cn_row *row,
		      bool whole)
{
	const struct instrument *in = &w->config.exchange.instrument[row->instrument];
	char id[24];
	json_obj(j, row->id);
	if (whole) {
		json_str(j, "user_id", w->user[row->account].api_key);
		json_str(j, "order_id", row->id);
		put_symbol(j, in->symbol);
		json_str(j, "direction", direction[row->side]);
		json_str(j, "offset", offset_word(row->offset));
		json_int(j, "volume_orign", row->qty);
		json_str(j, "price_type", "LIMIT");
		json_dec(j, "limit_price", row->px, in->px_dp);
		json_str(j, "time_condition", row->tif == TIF_DAY ? "GFD" : "IOC");
		json_str(j, "volume_condition", row->tif == TIF_FOK ? "ALL" : "ANY");
		json_int(j, "insert_date_time", row->insert_ns);
	}
	/* Order numbers stand to the right, as the exchange writes them. */
	snprintf(id, sizeof id, "%12llu", (unsigned long long)row->exchange_id);
	json_str(j, "exchange_order_id", row->exchange_id ? id : "");
	json_str(j, "status", row->finished ? "FINISHED" : "ALIVE");
	json_int(j, "volume_left", row->left);
	json_str(j, "last_msg", row->msg);
	json_obj_end(j);
}

static void put_deal(struct json_out *j, const struct cn_wire *w, const struct cn_deal *d)
{
	const struct cn_row *row = &w->row[d->row];
	const struct instrument *in = &w->config.exchange.instrument[row->instrument];
	char key[96], id[24];
	snprintf(id, sizeof id, "%12llu", (unsigned long long)d->trade.trade);
	snprintf(key, sizeof key, "%.60s|%llu", row->id, (unsigned long long)d->trade.trade);
	json_obj(j, key);
	json_str(j, "user_id", w->user[row->account].api_key);
	json_str(j, "order_id", row->id);
	put_symbol(j, in->symbol);
	json_str(j, "exchange_trade_id", id);
	json_str(j, "direction", direction[d->trade.side]);
	json_str(j, "offset", offset_word(d->trade.offset));
	json_int(j, "volume", d->trade.qty);
	json_dec(j, "price", d->trade.px, in->px_dp);
	json_int(j, "trade_date_time", d->trade.at_ns);
	json_dec(j, "commission", d->trade.fill.fee_e8, 8);
	json_obj_end(j);
}

/* Of a login's picture a part at a time; afterwards what has changed. Returns whether more of the picture is to come. */
static bool put_orders(struct json_out *j, const struct cn_wire *w, struct cn_talk *t)
{
	uint32_t rows_end = w->n_rows, deals_end = w->n_deals;
	if (!t->whole) {
		rows_end = t->rows_told + PART < w->n_rows ? t->rows_told + PART : w->n_rows;
		deals_end = t->deals_told + PART < w->n_deals ? t->deals_told + PART : w->n_deals;
	}
	json_obj(j, "orders");
	for (uint32_t i = t->whole ? 0 : t->rows_told; i < rows_end; i++) {
		const struct cn_row *row = &w->row[i];
		if (row->account == t->account && (!t->whole || row->version > t->told))
			put_order(j, w, row, !t->whole || row->first > t->told);
	}
	json_obj_end(j);
	json_obj(j, "trades");
	for (uint32_t i = t->whole ? 0 : t->deals_told; i < deals_end; i++) {
		const struct cn_deal *d = &w->deal[i];
		if (d->trade.account == t->account && (!t->whole || d->version > t->told))
			put_deal(j, w, d);
	}
	json_obj_end(j);
	t->rows_told = rows_end;
	t->deals_told = deals_end;
	return !t->whole && (rows_end < w->n_rows || deals_end < w->n_deals);
}

/* ---------------------------------------------------------------- lots and money */

static void put_side(struct json_out *j, const struct cn_position *p, enum side side)
{
	static const char *const names[side_max][7] = {
		{ "volume_long_today", "volume_long_his", "volume_long", "volume_long_frozen_today",
		  "volume_long_frozen_his", "pos_long_today", "pos_long_his" },
		{ "volume_short_today", "volume_short_his", "volume_short",
		  "volume_short_frozen_today", "volume_short_frozen_his", "pos_short_today",
		  "pos_short_his" },
	};
	/* What any lots could be taken for is shown against the earlier ones. */
	const int64_t lots[7] = { p->today,
				  p->yesterday,
				  p->today + p->yesterday,
				  p->frozen[CN_FROM_TODAY],
				  p->frozen[CN_FROM_YESTERDAY] + p->frozen[CN_FROM_ANY],
				  p->today,
				  p->yesterday };
	for (unsigned k = 0; k < 7; k++)
		json_int(j, names[side][k], lots[k]);
}

static void put_positions(struct json_out *j, const struct cn_wire *w, const struct cn_talk *t,
			  uint64_t told)
{
	json_obj(j, "positions");
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++) {
		uint64_t version = w->position_version[t->account][i];
		if (version && version <= told)
			continue;
		json_obj(j, symbol_of(w, i));
		put_symbol(j, symbol_of(w, i));
		for (enum side side = SIDE_BUY; side < side_max; side++)
			put_side(j, cn_position_of(&w->exchange, t->account, i, side), side);
		json_obj_end(j);
	}
	json_obj_end(j);
}

static void put_account(struct json_out *j, const struct cn_wire *w, const struct cn_talk *t)
{
	const struct cn_account *a = cn_account_of(&w->exchange, t->account);
	const struct instrument *in = &w->config.exchange.instrument[0];
	const char *currency = asset_name(w->config.assets, in->settle ? in->settle : in->quote);
	int64_t margin = 0, profit = 0;
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++)
		for (enum side side = SIDE_BUY; side < side_max; side++) {
			margin += cn_account_margin_e8(a, i, side);
			profit += cn_account_open_profit_e8(a, i, side);
		}
	json_obj(j, "accounts");
	json_obj(j, currency);
	json_str(j, "user_id", w->user[t->account].api_key);
	json_str(j, "currency", currency);
	json_dec(j, "balance", a->balance_e8 + profit, 8);
	json_dec(j, "available", cn_account_available_e8(a), 8);
	json_dec(j, "margin", margin, 8);
	json_dec(j, "frozen_margin", a->locked_e8, 8);
	json_dec(j, "commission", a->fees_e8, 8);
	json_dec(j, "position_profit", profit, 8);
	json_str(j, "premium", "NaN");
	json_obj_end(j);
	json_obj_end(j);
}

static void put_user(struct json_out *j, const struct cn_wire *w, struct cn_talk *t)
{
	char day[16];
	uint64_t told = t->whole ? t->told : 0;
	snprintf(day, sizeof day, "%d", w->exchange.day);
	json_obj(j, NULL);
	json_obj(j, "trade");
	json_obj(j, w->user[t->account].api_key);
	json_str(j, "user_id", w->user[t->account].api_key);
	json_str(j, "trading_day", day);
	bool more = put_orders(j, w, t);
	put_positions(j, w, t, told);
	if (w->account_version[t->account] > told || !t->whole)
		put_account(j, w, t);
	json_bool(j, "trade_more_data", more);
	t->whole = !more;
	json_obj_end(j);
	json_obj_end(j);
	json_obj_end(j);
}

/* ---------------------------------------------------------------- quotes */

static void put_price(struct json_out *j, const char *key, int64_t px, unsigned dp)
{
	if (px)
		json_dec(j, key, px, dp);
	else
		json_str(j, key, "NaN");
}

static void put_levels(struct json_out *j, const struct cn_snapshot *s, unsigned dp)
{
	static const char *const px_name[side_max] = { "bid_price", "ask_price" };
	static const char *const qty_name[side_max] = { "bid_volume", "ask_volume" };
	char key[16];
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (uint32_t i = 0; i < CN_LEVELS; i++) {
			bool has = i < s->n[side];
			snprintf(key, sizeof key, "%s%u", px_name[side], i + 1);
			put_price(j, key, has ? s->level[side][i].px : 0, dp);
			snprintf(key, sizeof key, "%s%u", qty_name[side], i + 1);
			json_int(j, key, has ? s->level[side][i].qty : 0);
		}
}

static void put_time(struct json_out *j, int64_t at_ns)
{
	const int64_t second = 1000000000;
	int64_t s = at_ns / second + 8 * 3600, of_day = s % DATE_DAY_S;
	int32_t date = date_of_days(s / DATE_DAY_S);
	char text[64];
	snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d.%06d", date / 10000,
		 date / 100 % 100, date % 100, (int)(of_day / 3600), (int)(of_day / 60 % 60),
		 (int)(of_day % 60), (int)(at_ns % second / 1000));
	json_str(j, "datetime", text);
}

static void put_quote(struct json_out *j, const struct cn_wire *w, uint16_t i)
{
	const struct cn_snapshot *s = &w->shown[i];
	const struct instrument *in = &w->config.exchange.instrument[i];
	unsigned dp = in->px_dp;
	json_obj(j, in->symbol);
	json_str(j, "instrument_id", in->symbol);
	put_time(j, s->at_ns);
	put_price(j, "last_price", s->last_px, dp);
	put_price(j, "open", s->open_px, dp);
	put_price(j, "highest", s->high_px, dp);
	put_price(j, "lowest", s->low_px, dp);
	put_price(j, "upper_limit", s->limit_hi, dp);
	put_price(j, "lower_limit", s->limit_lo, dp);
	put_price(j, "pre_settlement", s->settle_px, dp);
	json_str(j, "settlement", "-");
	json_dec(j, "price_tick", w->exchange.view.rule[i]->tick, dp);
	json_int(j, "volume", s->volume);
	json_dec(j, "amount", s->turnover_e8, 8);
	put_levels(j, s, dp);
	json_obj_end(j);
}

static bool is_new(uint64_t version, bool subscribed, uint64_t told)
{
	return subscribed && version > told;
}

static void put_quotes(struct json_out *j, const struct cn_wire *w, struct cn_talk *t)
{
	json_obj(j, NULL);
	if (t->list_changed)
		json_str(j, "ins_list", t->ins_list);
	t->list_changed = false;
	json_obj(j, "quotes");
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++)
		if (is_new(w->shown_version[i], t->sub[i], t->quotes_told))
			put_quote(j, w, i);
	json_obj_end(j);
	t->quotes_told = w->version;
	json_obj(j, "trading_status");
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++) {
		if (!is_new(w->status_version[i], t->status[i], t->status_told))
			continue;
		json_obj(j, symbol_of(w, i));
		json_str(j, "symbol", symbol_of(w, i));
		json_str(j, "trade_status",
			 w->phase[i] == PHASE_CONTINUOUS ? "CONTINOUS"
			 : w->phase[i] == PHASE_AUCTION	 ? "AUCTIONORDERING"
							 : "NOTRADING");
		json_obj_end(j);
	}
	json_obj_end(j);
	t->status_told = w->version;
	json_obj_end(j);
}

static void put_notices(struct json_out *j, struct cn_talk *t)
{
	json_obj(j, NULL);
	json_obj(j, "notify");
	for (uint32_t i = 0; i < t->n_notices; i++) {
		const struct cn_notice *n = &t->notice[i];
		char key[16];
		snprintf(key, sizeof key, "N%u", t->notices_told++);
		json_obj(j, key);
		json_str(j, "type", "MESSAGE");
		json_str(j, "level", n->level);
		json_int(j, "code", n->code);
		json_str(j, "content", n->content);
		json_obj_end(j);
	}
	t->n_notices = 0;
	json_obj_end(j);
	json_obj_end(j);
}

/* ---------------------------------------------------------------- the pack */

static bool has_trade_news(const struct cn_wire *w, const struct cn_talk *t)
{
	if (!t->in)
		return false;
	if (!t->whole)
		return true;
	return w->account_version[t->account] > t->told; /* every report moves it */
}

static bool has_quote_news(const struct cn_wire *w, const struct cn_talk *t)
{
	bool news = t->list_changed;
	for (uint16_t i = 0; i < w->config.exchange.n_instruments; i++)
		news |= is_new(w->shown_version[i], t->sub[i], t->quotes_told) ||
			is_new(w->status_version[i], t->status[i], t->status_told);
	return news;
}

size_t cn_wire_say(struct cn_wire *w, struct cn_talk *t, char *out, size_t cap)
{
	struct json_out j;
	if (!t->looking || cn_wire_is_over(w, t))
		return 0;
	bool trade = has_trade_news(w, t), quotes = has_quote_news(w, t);
	if (!trade && !quotes && !t->n_notices)
		return 0;
	json_out_init(&j, out, cap);
	json_obj(&j, NULL);
	json_str(&j, "aid", "rtn_data");
	json_arr(&j, "data");
	if (trade) {
		bool first = !t->whole;
		put_user(&j, w, t);
		if (t->whole)
			t->told = first ? t->begun : w->version;
	}
	if (quotes)
		put_quotes(&j, w, t);
	if (t->n_notices)
		put_notices(&j, t);
	json_arr_end(&j);
	json_obj_end(&j);
	t->looking = false;
	return j.full ? 0 : j.len;
}
