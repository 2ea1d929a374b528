/* Orders: placing, cancelling, asking. */
#include "adapters/sim/wire_parts.h"
#include <string.h>

enum answer_kind { ANSWER_ACK, ANSWER_RESULT, ANSWER_FULL };
static const char *const answer_names[] = { "ACK", "RESULT", "FULL", NULL };
static const char *const spot_types[] = { "LIMIT", "MARKET", "LIMIT_MAKER", NULL };
static const char *const futures_types[] = { "LIMIT", "MARKET", NULL };
static const char *const spot_tifs[] = { "GTC", "IOC", "FOK", NULL };
static const char *const futures_tifs[] = { "GTC", "IOC", "FOK", "GTX", NULL };
static const char *const stps[] = { "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", NULL };
static const char *const bools[] = { "false", "true", NULL };
#define GTX 3

/* ---------------------------------------------------------------- reading an order */

static int take_kind(struct wire_call *c, struct exchange_request *q)
{
	const char *text;
	int side = -1, type = -1, tif = -1, stp = -1;
	if (wire_need(c, "side", &text) ||
	    wire_choice(c, "side", wire_sides, -1117, "Invalid side.", &side) ||
	    wire_need(c, "type", &text) ||
	    wire_choice(c, "type", wire_futures(c) ? futures_types : spot_types, -1116,
			"Invalid orderType.", &type) ||
	    wire_choice(c, "timeInForce", wire_futures(c) ? futures_tifs : spot_tifs, -1115,
			"Invalid timeInForce.", &tif) ||
	    wire_choice(c, "selfTradePreventionMode", stps, -1130,
			"Data sent for parameter 'selfTradePreventionMode' is not valid.", &stp))
		return -1;
	if (type == ORD_LIMIT && tif < 0)
		return wire_need(c, "timeInForce", &text);
	if (type != ORD_LIMIT && tif >= 0)
		return wire_fail(c, 400, -1106, "Parameter 'timeInForce' sent when not required.");
	q->side = (uint8_t)side;
	q->type = (uint8_t)type;
	q->tif = type == ORD_MARKET ? TIF_IOC : tif < 0 || tif == GTX ? TIF_GTC : (uint8_t)tif;
	if (tif == GTX)
		q->type = ORD_POST_ONLY;
	q->stp = (uint8_t)(stp + 1);
	return 0;
}

/* USD-M's own; an absent one is "false" and "BOTH". */
static int take_futures_only(struct wire_call *c, struct exchange_request *q)
{
	static const char *const both[] = { "BOTH", NULL };
	int reduce = 0, position = 0;
	if (wire_choice(c, "reduceOnly", bools, -1130,
			"Data sent for parameter 'reduceOnly' is not valid.", &reduce) ||
	    wire_choice(c, "positionSide", both, -4061,
			"Order's position side does not match user's setting.", &position))
		return -1;
	q->reduce_only = reduce == 1;
	return 0;
}

static int take_amounts(struct wire_call *c, struct exchange_request *q)
{
	const struct instrument *i = &c->w->exchange.config.instrument[q->instrument];
	unsigned px_most = wire_futures(c) ? i->px_dp : 8,
		 qty_most = wire_futures(c) ? i->qty_dp : 8;
	if (wire_decimal(c, "quantity", i->qty_dp, qty_most, &q->qty))
		return -1;
	if (q->type != ORD_MARKET)
		return wire_decimal(c, "price", i->px_dp, px_most, &q->px);
	if (wire_request_get(c->r, "price"))
		return wire_fail(c, 400, -1106, "Parameter 'price' sent when not required.");
	return 0;
}

static int take_order(struct wire_call *c, struct exchange_request *q, int *answer)
{
	*q = (struct exchange_request){ .account = c->account };
	*answer = -1;
	if (wire_symbol(c, &q->instrument) || take_kind(c, q) || take_amounts(c, q) ||
	    wire_client_id(c, "newClientOrderId", q->client) ||
	    (wire_futures(c) && take_futures_only(c, q)) ||
	    wire_choice(c, "newOrderRespType", answer_names, -1130,
			"Data sent for parameter 'newOrderRespType' is not valid.", answer) ||
	    wire_nothing_else(c))
		return -1;
	if (*answer < 0)
		*answer = wire_futures(c) ? ANSWER_ACK : ANSWER_FULL;
	return 0;
}

/* Filters that the wire's scale lets slip: a value off every grid. */
static int check_grid(struct wire_call *c, const struct exchange_request *q)
{
	if (q->qty < 0)
		return wire_fail_outcome(c, OUT_LOT);
	if (q->type != ORD_MARKET && q->px < 0)
		return wire_fail_outcome(c, OUT_TICK);
	return 0;
}

/* ---------------------------------------------------------------- placing */

static void put_fills(struct wire_call *c, const struct exchange_order *o)
{
	const struct wire *w = c->w;
	uint32_t n = exchange_trades(&w->exchange, o->account, o->instrument, o->id, 0, 0,
				     w->trades, w->exchange.config.max_trades);
	json_arr(&c->out, "fills");
	for (uint32_t i = 0; i < n; i++) {
		const struct exchange_trade *t = w->trades[i];
		json_obj(&c->out, NULL);
		put_px(&c->out, "price", w, t->instrument, t->px);
		put_qty(&c->out, "qty", w, t->instrument, t->qty);
		put_e8(&c->out, "commission", t->fee_e8);
		json_str(&c->out, "commissionAsset", wire_asset_text(w, t->fee_asset));
		json_uint(&c->out, "tradeId", t->trade);
		json_obj_end(&c->out);
	}
	json_arr_end(&c->out);
}

static void put_placed(struct wire_call *c, const struct exchange_order *o, int answer)
{
	struct json_out *j = &c->out;
	if (wire_futures(c)) {
		/* An acknowledgement knows of no fill yet. */
		struct exchange_order seen = *o;
		if (answer == ANSWER_ACK) {
			seen.status = STATUS_NEW;
			seen.cum = seen.cum_value_e8 = 0;
		}
		put_order(j, c->w, &seen, true);
	} else if (answer == ANSWER_ACK) {
		json_obj(j, NULL);
		json_str(j, "symbol", wire_symbol_text(c->w, o->instrument));
		json_uint(j, "orderId", o->id);
		json_int(j, "orderListId", -1);
		json_str(j, "clientOrderId", o->client);
		json_int(j, "transactTime", o->placed_ns / MS_NS);
	} else {
		put_order(j, c->w, o, true);
		if (answer == ANSWER_FULL)
			put_fills(c, o);
	}
	json_obj_end(j);
}

/* USD-M refuses what it cannot fill as a whole, and has then never had the order. */
static bool cannot_fill(const struct wire_call *c, const struct exchange_request *q)
{
	if (!wire_futures(c) || q->tif != TIF_FOK)
		return false;
	const struct match *m = &c->w->exchange.book[q->instrument];
	return match_estimate(m, q->side, true, q->px, q->qty).qty < q->qty;
}

static int too_many_orders(struct wire_call *c, int64_t until_ns)
{
	const struct wire_limits *l = &c->w->limits;
	c->retry_at_ns = until_ns;
	return wire_fail(c, 429, -1015,
			 "Too many new orders; current limit is %d orders per 10 SECOND.",
			 l->limit[LIMIT_ORDERS_SHORT]);
}

int op_place(struct wire_call *c)
{
	struct exchange_request q;
	const struct exchange_order *o;
	int answer;
	if (take_order(c, &q, &answer) || check_grid(c, &q))
		return -1;
	int64_t until = wire_limits_order(&c->w->limits, c->now_ns, c->account);
	if (until)
		return too_many_orders(c, until);
	if (cannot_fill(c, &q))
		return wire_fail(
			c, 400, -5021,
			"Due to the order could not be filled immediately, the FOK order has been "
			"rejected. The order will not be recorded in the order history");
	enum outcome out = exchange_place(&c->w->exchange, c->now_ns, &q, &o);
	if (out != OUT_OK)
		return wire_fail_outcome(c, out);
	if (o->cum && !wire_futures(c))
		wire_limits_filled(&c->w->limits, c->account);
	put_placed(c, o, answer);
	return 0;
}

int op_test(struct wire_call *c)
{
	struct exchange_request q;
	int answer;
	if (take_order(c, &q, &answer) || check_grid(c, &q))
		return -1;
	const struct exchange *x = &c->w->exchange;
	const struct rule *rule = x->view.rule[q.instrument];
	enum outcome out =
		rule ? outcome_check(&x->config.instrument[q.instrument], rule, q.side, q.type,
				     q.tif, q.px, q.qty, match_mid(&x->book[q.instrument]))
		     : OUT_HALTED;
	if (out != OUT_OK)
		return wire_fail_outcome(c, out);
	json_obj(&c->out, NULL);
	json_obj_end(&c->out);
	return 0;
}

/* ---------------------------------------------------------------- cancelling and asking */

/* symbol, and orderId or origClientOrderId. */
static int take_name(struct wire_call *c, uint16_t *instrument, int64_t *id,
		     char client[VENUE_CLIENT_ID])
{
	if (wire_symbol(c, instrument) || wire_int(c, "orderId", 1, INT64_MAX, 0, id) ||
	    wire_client_id(c, "origClientOrderId", client))
		return -1;
	if (!*id && !client[0])
		return wire_fail(
			c, 400, -1102,
			"Param 'origClientOrderId' or 'orderId' must be sent, but both were "
			"empty/null!");
	return 0;
}

static void put_cancelled(struct wire_call *c, const struct exchange_order *o,
			  const char *cancel_client)
{
	struct exchange_order shown = *o;
	if (!wire_futures(c))
		memcpy(shown.client, cancel_client, sizeof shown.client);
	put_order(&c->out, c->w, &shown, true);
	if (!wire_futures(c))
		json_str(&c->out, "origClientOrderId", o->client);
	json_obj_end(&c->out);
}

/* side is asked for and must be the order's; price and quantity are both needed. */
int op_modify(struct wire_call *c)
{
	uint16_t instrument;
	int64_t id, px, qty;
	int side = -1;
	char client[VENUE_CLIENT_ID];
	const struct exchange_order *o;
	if (take_name(c, &instrument, &id, client) ||
	    wire_choice(c, "side", wire_sides, -1117, "Invalid side.", &side))
		return -1;
	const struct instrument *i = &c->w->exchange.config.instrument[instrument];
	if (wire_decimal(c, "quantity", i->qty_dp, i->qty_dp, &qty) ||
	    wire_decimal(c, "price", i->px_dp, i->px_dp, &px) || wire_nothing_else(c))
		return -1;
	o = exchange_order(&c->w->exchange, c->account, instrument, (uint64_t)id, client);
	if (!o || o->side != side)
		return wire_fail_outcome(c, OUT_NO_SUCH_ORDER);
	if (o->px == px && o->qty == qty)
		return wire_fail(c, 400, -5027, "No need to modify the order.");
	enum outcome out = exchange_amend(&c->w->exchange, c->now_ns, c->account, instrument,
					  (uint64_t)id, client, px, qty, &o);
	if (out != OUT_OK)
		return wire_fail_outcome(c, out);
	put_order(&c->out, c->w, o, true);
	json_obj_end(&c->out);
	return 0;
}

/* The countdown of one symbol: 0 stops it. */
int op_countdown(struct wire_call *c)
{
	uint16_t instrument;
	int64_t ms;
	const char *text;
	if (wire_symbol(c, &instrument) || wire_need(c, "countdownTime", &text) ||
	    wire_int(c, "countdownTime", 0, INT64_MAX / MS_NS / 2, 0, &ms) || wire_nothing_else(c))
		return -1;
	c->w->countdown_ns[c->account][instrument] = ms ? c->now_ns + ms * MS_NS : 0;
	json_obj(&c->out, NULL);
	json_str(&c->out, "symbol", wire_symbol_text(c->w, instrument));
	json_str(&c->out, "countdownTime", text);
	json_obj_end(&c->out);
	return 0;
}

int op_cancel(struct wire_call *c)
{
	uint16_t instrument;
	int64_t id;
	char client[VENUE_CLIENT_ID];
	const struct exchange_order *o;
	struct wire *w = c->w;
	if (take_name(c, &instrument, &id, client) ||
	    wire_client_id(c, "newClientOrderId", w->cancel_client) || wire_nothing_else(c))
		return -1;
	if (!w->cancel_client[0])
		wire_new_id(w, w->cancel_client);
	enum outcome out = exchange_cancel(&w->exchange, c->now_ns, c->account, instrument,
					   (uint64_t)id, client, &o);
	if (out == OUT_OK)
		put_cancelled(c, o, w->cancel_client);
	w->cancel_client[0] = 0;
	return out == OUT_OK ? 0 : wire_fail_outcome(c, out);
}

static void answer_cancelled(struct wire_call *c, const struct exchange_order **o, uint32_t n)
{
	char made[VENUE_CLIENT_ID];
	json_arr(&c->out, NULL);
	for (uint32_t i = 0; i < n; i++) {
		wire_new_id(c->w, made);
		put_cancelled(c, o[i], made);
	}
	json_arr_end(&c->out);
}

int op_cancel_all(struct wire_call *c)
{
	uint16_t instrument;
	struct wire *w = c->w;
	if (wire_symbol(c, &instrument) || wire_nothing_else(c))
		return -1;
	uint32_t n = exchange_open(&w->exchange, c->account, instrument, w->orders,
				   w->exchange.config.max_orders);
	if (n == 0 && !wire_futures(c))
		return wire_fail_outcome(c, OUT_UNKNOWN_ORDER);
	if (exchange_cancel_all(&w->exchange, c->now_ns, c->account, instrument) < 0)
		return wire_fail_outcome(c, OUT_DISK);
	if (!wire_futures(c)) {
		answer_cancelled(c, w->orders, n);
		return 0;
	}
	json_obj(&c->out, NULL);
	json_int(&c->out, "code", 200);
	json_str(&c->out, "msg", "The operation of cancel all open order is done.");
	json_obj_end(&c->out);
	return 0;
}

int op_status(struct wire_call *c)
{
	uint16_t instrument;
	int64_t id;
	char client[VENUE_CLIENT_ID];
	if (take_name(c, &instrument, &id, client) || wire_nothing_else(c))
		return -1;
	const struct exchange_order *o =
		exchange_order(&c->w->exchange, c->account, instrument, (uint64_t)id, client);
	if (!o)
		return wire_fail_outcome(c, OUT_NO_SUCH_ORDER);
	put_order(&c->out, c->w, o, false);
	json_obj_end(&c->out);
	return 0;
}

int op_open_orders(struct wire_call *c)
{
	uint16_t instrument;
	struct wire *w = c->w;
	if (wire_symbol_or_all(c, &instrument) || wire_nothing_else(c))
		return -1;
	uint32_t n = exchange_open(&w->exchange, c->account, instrument, w->orders,
				   w->exchange.config.max_orders);
	json_arr(&c->out, NULL);
	for (uint32_t i = 0; i < n; i++) {
		if (knobs_hit(&w->knobs, FAULT_MISS_ORDER)) /* a list that is not whole (F64) */
			continue;
		put_order(&c->out, w, w->orders[i], false);
		json_obj_end(&c->out);
	}
	json_arr_end(&c->out);
	return 0;
}
