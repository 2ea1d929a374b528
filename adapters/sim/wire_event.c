/* What happens to orders and money, as the user data streams report it. */
#include "adapters/sim/wire_parts.h"
#include "core/base/dec.h"
#include <string.h>

static void send_event(struct wire *w, uint16_t account, const struct json_out *j)
{
	if (!j->full)
		w->report(w->owner, account, j->buf, j->len);
}

static void start_event(struct wire *w, struct json_out *j, const char *name)
{
	json_out_init(j, w->event, WIRE_ANSWER);
	json_obj(j, NULL);
	json_str(j, "e", name);
	json_int(j, "E", w->now_ns / MS_NS);
}

/* ---------------------------------------------------------------- what kind of execution */

static const char *execution_type(const struct exchange_event *e)
{
	switch ((enum exchange_event_kind)e->kind) {
	case EVENT_NEW:
		return "NEW";
	case EVENT_TRADE:
		return "TRADE";
	case EVENT_CANCELED:
		return "CANCELED";
	case EVENT_AMENDED:
		return "AMENDMENT";
	case EVENT_EXPIRED:
		return e->order.status == STATUS_EXPIRED_STP ? "TRADE_PREVENTION" : "EXPIRED";
	case EVENT_BALANCE:
	case EVENT_POSITION:
	case exchange_event_max:
		break;
	}
	return "?";
}

/* ---------------------------------------------------------------- spot */

static void spot_trade_part(struct json_out *j, const struct wire *w,
			    const struct exchange_event *e)
{
	bool trade = e->kind == EVENT_TRADE;
	const struct exchange_order *o = &e->order;
	put_qty(j, "l", w, o->instrument, trade ? e->trade.qty : 0);
	put_qty(j, "z", w, o->instrument, o->cum);
	put_px(j, "L", w, o->instrument, trade ? e->trade.px : 0);
	if (trade) {
		put_e8(j, "n", e->trade.fee_e8);
		json_str(j, "N", wire_asset_text(w, e->trade.fee_asset));
	} else {
		json_str(j, "n", "0");
		json_none(j, "N");
	}
	json_int(j, "T", e->at_ns / MS_NS);
	json_int(j, "t", trade ? (int64_t)e->trade.trade : -1);
}

static void execution_report(struct wire *w, const struct exchange_event *e)
{
	struct json_out j;
	const struct exchange_order *o = &e->order;
	char cancel[VENUE_CLIENT_ID] = "";
	bool trade = e->kind == EVENT_TRADE;
	if (e->kind == EVENT_CANCELED) {
		memcpy(cancel, w->cancel_client, sizeof cancel);
		if (!cancel[0])
			wire_new_id(w, cancel);
	}
	start_event(w, &j, "executionReport");
	json_str(&j, "s", wire_symbol_text(w, o->instrument));
	json_str(&j, "c", cancel[0] ? cancel : o->client);
	json_str(&j, "S", wire_sides[o->side]);
	json_str(&j, "o", order_type_text(w, o));
	json_str(&j, "f", order_tif_text(w, o));
	put_qty(&j, "q", w, o->instrument, o->qty);
	put_px(&j, "p", w, o->instrument, o->px);
	put_e8(&j, "P", 0);
	put_e8(&j, "F", 0);
	json_int(&j, "g", -1);
	json_str(&j, "C", cancel[0] ? o->client : "");
	json_str(&j, "x", execution_type(e));
	json_str(&j, "X", order_status_name(o->status));
	json_str(&j, "r", "NONE");
	json_uint(&j, "i", o->id);
	spot_trade_part(&j, w, e);
	json_uint(&j, "I", w->next_exec++);
	json_bool(&j, "w", o->working);
	json_bool(&j, "m", trade && e->trade.maker);
	json_bool(&j, "M", false);
	json_int(&j, "O", o->placed_ns / MS_NS);
	put_e8(&j, "Z", o->cum_value_e8);
	put_e8(&j, "Y", trade ? e->trade.value_e8 : 0);
	put_e8(&j, "Q", 0);
	json_int(&j, "W", o->placed_ns / MS_NS);
	json_str(&j, "V", order_stp_text(o));
	json_obj_end(&j);
	send_event(w, o->account, &j);
}

static void account_position(struct wire *w)
{
	struct json_out j;
	const struct funds *f = exchange_funds(&w->exchange, w->changed.account);
	start_event(w, &j, "outboundAccountPosition");
	json_int(&j, "u", w->exchange.last_ns / MS_NS);
	json_arr(&j, "B");
	for (uint16_t i = 0; i < w->changed.n_assets; i++) {
		asset_id a = w->changed.asset[i];
		json_obj(&j, NULL);
		json_str(&j, "a", wire_asset_text(w, a));
		put_e8(&j, "f", f->money[a].free_e8);
		put_e8(&j, "l", f->money[a].locked_e8);
		json_obj_end(&j);
	}
	json_arr_end(&j);
	json_obj_end(&j);
	send_event(w, w->changed.account, &j);
}

/* ---------------------------------------------------------------- futures */

/* A short form of each fill, ahead of the long one: who counts both has twice the position. */
static void trade_lite(struct wire *w, const struct exchange_event *e)
{
	struct json_out j;
	const struct exchange_order *o = &e->order;
	start_event(w, &j, "TRADE_LITE");
	json_int(&j, "T", e->at_ns / MS_NS);
	json_str(&j, "s", wire_symbol_text(w, o->instrument));
	put_qty(&j, "q", w, o->instrument, o->qty);
	put_px(&j, "p", w, o->instrument, o->px);
	json_bool(&j, "m", e->trade.maker);
	json_str(&j, "c", o->client);
	json_str(&j, "S", wire_sides[o->side]);
	put_px(&j, "L", w, o->instrument, e->trade.px);
	put_qty(&j, "l", w, o->instrument, e->trade.qty);
	json_uint(&j, "t", e->trade.trade);
	json_uint(&j, "i", o->id);
	json_obj_end(&j);
	send_event(w, o->account, &j);
}

static void futures_trade_part(struct json_out *j, const struct wire *w,
			       const struct exchange_event *e)
{
	bool trade = e->kind == EVENT_TRADE;
	const struct exchange_order *o = &e->order;
	put_qty(j, "l", w, o->instrument, trade ? e->trade.qty : 0);
	put_qty(j, "z", w, o->instrument, o->cum);
	put_px(j, "L", w, o->instrument, trade ? e->trade.px : 0);
	if (trade) {
		put_e8(j, "n", e->trade.fee_e8);
		json_str(j, "N", wire_asset_text(w, e->trade.fee_asset));
	}
	json_int(j, "T", e->at_ns / MS_NS);
	json_uint(j, "t", trade ? e->trade.trade : 0);
	put_e8(j, "b", 0);
	put_e8(j, "a", 0);
	json_bool(j, "m", trade && e->trade.maker);
}

static void futures_order_part(struct json_out *j, const struct wire *w,
			       const struct exchange_event *e)
{
	const struct exchange_order *o = &e->order;
	json_obj(j, "o");
	json_str(j, "s", wire_symbol_text(w, o->instrument));
	json_str(j, "c", o->client);
	json_str(j, "S", wire_sides[o->side]);
	json_str(j, "o", order_type_text(w, o));
	json_str(j, "f", order_tif_text(w, o));
	put_qty(j, "q", w, o->instrument, o->qty);
	put_px(j, "p", w, o->instrument, o->px);
	put_avg_px(j, "ap", w, o);
	put_px(j, "sp", w, o->instrument, 0);
	json_str(j, "x", execution_type(e));
	json_str(j, "X", order_status_name(o->status));
	json_uint(j, "i", o->id);
	futures_trade_part(j, w, e);
	json_bool(j, "R", o->reduce_only);
	json_str(j, "wt", "CONTRACT_PRICE");
	json_str(j, "ot", order_type_text(w, o));
	json_str(j, "ps", "BOTH");
	json_bool(j, "cp", false);
	put_e8(j, "rp", e->kind == EVENT_TRADE ? e->trade.pnl_e8 : 0);
	json_bool(j, "pP", false);
	json_int(j, "si", 0);
	json_int(j, "ss", 0);
	json_str(j, "V", order_stp_text(o));
	json_str(j, "pm", "NONE");
	json_int(j, "gtd", 0);
	json_obj_end(j);
}

static void order_trade_update(struct wire *w, const struct exchange_event *e)
{
	struct json_out j;
	if (e->kind == EVENT_TRADE)
		trade_lite(w, e);
	start_event(w, &j, "ORDER_TRADE_UPDATE");
	json_int(&j, "T", e->at_ns / MS_NS);
	futures_order_part(&j, w, e);
	json_obj_end(&j);
	send_event(w, e->order.account, &j);
}

static void put_update_position(struct json_out *j, const struct wire *w, const struct funds *f,
				uint16_t at)
{
	const struct funds_position *p = &f->position[at];
	const struct instrument *i = &w->exchange.config.instrument[at];
	int64_t base_e8 = instrument_base_e8(i, p->qty, 1);
	int64_t entry = base_e8 ? dec_muldiv(p->entry_e8, dec_pow10[8],
					     base_e8 < 0 ? -base_e8 : base_e8, DEC_NEAREST)
				: 0;
	json_obj(j, NULL);
	json_str(j, "s", i->symbol);
	put_qty(j, "pa", w, at, p->qty);
	put_e8(j, "ep", entry);
	put_e8(j, "bep", entry);
	put_e8(j, "cr", 0);
	put_e8(j, "up", funds_upnl_e8(f, at));
	json_str(j, "mt", "cross");
	json_str(j, "iw", "0");
	json_str(j, "ps", "BOTH");
	json_str(j, "ma", wire_asset_text(w, i->settle));
	json_obj_end(j);
}

static void account_update(struct wire *w)
{
	struct json_out j;
	const struct funds *f = exchange_funds(&w->exchange, w->changed.account);
	start_event(w, &j, "ACCOUNT_UPDATE");
	json_int(&j, "T", w->exchange.last_ns / MS_NS);
	json_obj(&j, "a");
	json_str(&j, "m", "ORDER");
	json_arr(&j, "B");
	for (uint16_t i = 0; i < w->changed.n_assets; i++) {
		const struct funds_money *m = &f->money[w->changed.asset[i]];
		json_obj(&j, NULL);
		json_str(&j, "a", wire_asset_text(w, w->changed.asset[i]));
		put_e8(&j, "wb", m->free_e8 + m->locked_e8);
		put_e8(&j, "cw", m->free_e8 + m->locked_e8);
		put_e8(&j, "bc", 0);
		json_obj_end(&j);
	}
	json_arr_end(&j);
	json_arr(&j, "P");
	for (uint16_t i = 0; i < w->changed.n_instruments; i++)
		put_update_position(&j, w, f, w->changed.instrument[i]);
	json_arr_end(&j);
	json_obj_end(&j);
	json_obj_end(&j);
	send_event(w, w->changed.account, &j);
}

/* ---------------------------------------------------------------- the exchange speaks */

void wire_flush_changes(struct wire *w)
{
	if (w->changed.n_assets || w->changed.n_instruments) {
		if (w->kind == MARKET_SPOT)
			account_position(w);
		else
			account_update(w);
	}
	w->changed.account = LEDGER_NONE;
	w->changed.n_assets = w->changed.n_instruments = 0;
}

static void on_change(struct wire *w, const struct exchange_event *e)
{
	if (w->changed.account != e->account)
		wire_flush_changes(w);
	w->changed.account = e->account;
	if (e->kind == EVENT_BALANCE)
		w->changed.asset[w->changed.n_assets++] = e->asset;
	else if (w->kind == MARKET_FUTURES)
		w->changed.instrument[w->changed.n_instruments++] = e->instrument;
}

/* One operation tells orders first, then each balance and position at most once: a report about an order ends the batch before. */
void wire_on_event(void *wire, const struct exchange_event *e)
{
	struct wire *w = wire;
	if (e->kind == EVENT_POSITION) {
		w->seen[e->account][e->instrument].before = w->seen[e->account][e->instrument].qty;
		w->seen[e->account][e->instrument].before_ns =
			w->seen[e->account][e->instrument].at_ns;
		w->seen[e->account][e->instrument].qty = e->qty;
		w->seen[e->account][e->instrument].at_ns = e->at_ns;
	}
	if (e->kind == EVENT_BALANCE || e->kind == EVENT_POSITION) {
		on_change(w, e);
		return;
	}
	wire_flush_changes(w);
	/* Spot takes an order off the count of unfilled ones when it is filled while resting. */
	if (w->kind == MARKET_SPOT && e->kind == EVENT_TRADE && e->trade.maker &&
	    e->order.cum == e->trade.qty)
		wire_limits_filled(&w->limits, e->account);
	if (w->kind == MARKET_SPOT)
		execution_report(w, e);
	else
		order_trade_update(w, e);
}
