#include "adapters/codec/binance_exec.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/trade/order.h"
#include <string.h>

static const char *const event_kind_name[] = {
	"exec",	      "trade lite", "balances", "account",
	"listen key", "terminated", "shutdown", "other",
};
_Static_assert(sizeof(event_kind_name) / sizeof(*event_kind_name) == binance_event_kind_max,
	       "a name for each");

const char *binance_event_kind_name(enum binance_event_kind k)
{
	return (unsigned)k < binance_event_kind_max ? event_kind_name[k] : "?";
}

/* ---- values ---- */

static int refuse(struct binance_exec *c, int code, enum bad_input bad, const char *why)
{
	c->bad = bad;
	c->why = why;
	return -code;
}

static int decimal(struct binance_exec *c, const struct json_value *v, unsigned dp,
		   const char *what, int64_t *out)
{
	if (v->token != TOKEN_STRING || v->escaped)
		return refuse(c, ERR_PARSE, BAD_SYNTAX, what);
	int rc = dec_parse_fast(v->p, v->n, dp, out);
	return rc ? refuse(c, -rc, rc == -ERR_RANGE ? BAD_TICK : BAD_NUMBER, what) : 0;
}

/* Of an execution: above zero, but where prices may go below it. */
static int traded(struct binance_exec *c, const struct symbol *s, const struct json_value *px,
		  const struct json_value *qty, struct exec_report *r)
{
	int rc = decimal(c, px, s->px_dp, "the price of a fill", &r->px);
	if (!rc)
		rc = decimal(c, qty, s->qty_dp, "the quantity of a fill", &r->qty);
	if (!rc && r->px <= 0 && !s->px_may_be_negative)
		rc = refuse(c, ERR_RANGE, BAD_TICK, "a fill at a price that is none");
	if (!rc && r->qty <= 0)
		rc = refuse(c, ERR_RANGE, BAD_SIZE, "a fill of nothing or less");
	return rc;
}

/* Of an order: none below zero; the price of a market order is zero. */
static int ordered(struct binance_exec *c, const struct symbol *s, const struct json_value *px,
		   const struct json_value *qty, struct exec_report *r)
{
	int rc = decimal(c, px, s->px_dp, "the price of an order", &r->px);
	if (!rc)
		rc = decimal(c, qty, s->qty_dp, "the quantity of an order", &r->qty);
	if (!rc && r->px < 0 && !s->px_may_be_negative)
		rc = refuse(c, ERR_RANGE, BAD_TICK, "an order at a price below zero");
	if (!rc && r->qty < 0)
		rc = refuse(c, ERR_RANGE, BAD_SIZE, "an order of less than nothing");
	return rc;
}

static int filled(struct binance_exec *c, const struct symbol *s, const struct json_value *v,
		  int64_t *cum)
{
	int rc = decimal(c, v, s->qty_dp, "the filled quantity of an order", cum);
	return !rc && *cum < 0
		       ? refuse(c, ERR_RANGE, BAD_SIZE, "an order that filled less than nothing")
		       : rc;
}

/* An amount of money or of an asset. Digits beyond the eighth are cut: a fill is not lost over a fraction of its fee. */
static int amount_e8(struct binance_exec *c, const struct json_value *v, int64_t *out)
{
	int rc = decimal(c, v, MONEY_DP, "an amount that is none", out);
	const char *point = rc == -ERR_RANGE ? memchr(v->p, '.', v->n) : NULL;
	size_t whole = point ? (size_t)(point - v->p) : 0;
	if (!point || v->n - whole <= MONEY_DP + 1)
		return rc;
	struct json_value cut = *v;
	cut.n = (uint32_t)whole + MONEY_DP + 1;
	return decimal(c, &cut, MONEY_DP, "an amount that does not fit", out);
}

static int integer(struct binance_exec *c, const struct json_value *v, const char *what,
		   int64_t *out)
{
	if (v->token != TOKEN_NUMBER || !json_int64(v, out))
		return refuse(c, ERR_PARSE, BAD_NUMBER, what);
	return 0;
}

static int stamp(struct binance_exec *c, const struct json_value *v, int64_t *ns)
{
	int64_t ms;
	*ns = 0;
	if (v->token == TOKEN_NONE)
		return 0;
	int rc = integer(c, v, "a time that is no whole number", &ms);
	if (!rc && (ms < 0 || __builtin_mul_overflow(ms, 1000000, ns)))
		rc = refuse(c, ERR_RANGE, BAD_NUMBER, "a time that is none");
	return rc;
}

/* Digits of a whole number into a bounded text. */
static int digits(struct binance_exec *c, const struct json_value *v, char out[VENUE_ID_TEXT])
{
	int64_t id;
	int rc = integer(c, v, "an order or trade number that is none", &id);
	if (rc || v->n >= VENUE_ID_TEXT)
		return rc ? rc
			  : refuse(c, ERR_RANGE, BAD_NUMBER,
				   "an order or trade number that is too long");
	memcpy(out, v->p, v->n);
	out[v->n] = '\0';
	return 0;
}

static int side_of(struct binance_exec *c, const struct json_value *v, uint8_t *side)
{
	bool buy = json_is(v, "BUY");
	*side = buy ? SIDE_BUY : SIDE_SELL;
	return buy || json_is(v, "SELL") ? 0
					 : refuse(c, ERR_PARSE, BAD_SYNTAX, "neither BUY nor SELL");
}

static const struct symbol *symbol_of(const struct binance_exec *c, const struct json_value *v)
{
	return v->token == TOKEN_STRING ? symbols_find(c->symbols, v->p, v->n) : NULL;
}

/* 0: unknown, and not to be added or no room. */
static asset_id asset_of(struct binance_exec *c, const struct json_value *v, bool add)
{
	char name[sizeof(c->assets->name[0])];
	if (v->token != TOKEN_STRING || v->n >= sizeof(name) || !json_text(v, name, sizeof(name)))
		return 0;
	asset_id id = asset_find(c->assets, name);
	return id || !add ? id : asset_intern(c->assets, name);
}

static void client_of(const struct json_value *v, struct exec_report *r)
{
	size_t n = json_text(v, r->client, sizeof(r->client));
	r->order = binance_decode_id(r->client, n);
}

/* Where an order stands, and what a change to that state is called. */
static const struct status {
	const char *word;
	uint8_t state, change;
} statuses[] = {
	{ "NEW", ORDER_LIVE, EXEC_ACK },
	{ "PARTIALLY_FILLED", ORDER_LIVE, EXEC_STATUS },
	{ "FILLED", ORDER_FILLED, EXEC_STATUS },
	{ "CANCELED", ORDER_CANCELLED, EXEC_CANCELLED },
	{ "EXPIRED", ORDER_CANCELLED, EXEC_CANCELLED },
	{ "EXPIRED_IN_MATCH", ORDER_CANCELLED, EXEC_CANCELLED },
	{ "REJECTED", ORDER_REJECTED, EXEC_REJECTED },
	{ "PENDING_NEW", ORDER_LIVE, EXEC_STATUS },
	{ "PENDING_CANCEL", ORDER_LIVE, EXEC_STATUS },
};

static const struct status *status_of(const struct json_value *v)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (json_is(v, statuses[i].word))
			return &statuses[i];
	return NULL;
}

static struct exec_report blank(const struct binance_exec *c, const struct symbol *s,
				int64_t recv_ns)
{
	return (struct exec_report){ .venue = c->venue,
				     .account = c->account,
				     .instrument = s->instrument,
				     .recv_ns = recv_ns };
}

/* ---- the user's stream ---- */

static uint8_t refusal_class(const char *reason)
{
	if (strstr(reason, "INSUFFICIENT"))
		return REJECT_MONEY;
	if (strstr(reason, "WOULD_MATCH") || strstr(reason, "WOULD_TAKE"))
		return REJECT_WOULD_TAKE;
	return strstr(reason, "DUPLICATE") ? REJECT_DUPLICATE : REJECT_OTHER;
}

static int fill_of(struct binance_exec *c, const struct symbol *s, const struct json_value *l,
		   struct exec_report *r)
{
	r->kind = EXEC_FILL;
	r->maker = json_letter(l, 'm')->token == TOKEN_TRUE;
	int rc = digits(c, json_letter(l, 't'), r->exec);
	if (!rc)
		rc = traded(c, s, json_letter(l, 'L'), json_letter(l, 'l'), r);
	/* A fee of nothing may be left out, or come without an asset. */
	if (!rc && json_letter(l, 'n')->token == TOKEN_STRING)
		rc = amount_e8(c, json_letter(l, 'n'), &r->fee_e8);
	if (!rc && r->fee_e8)
		r->fee_asset = asset_of(c, json_letter(l, 'N'), true);
	return rc;
}

enum forced_cause binance_forced(const char *client, const char *type)
{
	static const struct {
		const char *prefix;
		enum forced_cause cause;
	} known[] = { { "autoclose-", FORCED_LIQUIDATION },
		      { "adl_autoclose", FORCED_ADL },
		      { "settlement_autoclose-", FORCED_DELIVERY } };
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(client, known[i].prefix, strlen(known[i].prefix)))
			return known[i].cause;
	return strcmp(type, "LIQUIDATION") ? FORCED_NONE : FORCED_LIQUIDATION;
}

/* The venue's own word for how an order ended. */
static uint8_t why_of(const struct json_value *status)
{
	return json_is(status, "EXPIRED_IN_MATCH") ? CANCEL_SELF_TRADE
	       : json_is(status, "EXPIRED")	   ? CANCEL_EXPIRED
						   : CANCEL_UNSAID;
}

static int change_of(struct binance_exec *c, const struct symbol *s, const struct json_value *l,
		     struct exec_report *r)
{
	const struct status *st = status_of(json_letter(l, 'X'));
	if (!st)
		return refuse(c, ERR_PARSE, BAD_UNKNOWN,
			      "an order in a state that nobody has told us of");
	r->kind = st->change;
	r->status = st->state;
	json_text(json_letter(l, 'r'), r->text, sizeof(r->text));
	if (!r->text[0] || !strcmp(r->text, "NONE"))
		json_text(json_letter(l, 'X'), r->text, sizeof(r->text));
	if (r->kind == EXEC_REJECTED)
		r->reject_class = refusal_class(r->text);
	if (r->kind == EXEC_CANCELLED)
		r->why = why_of(json_letter(l, 'X'));
	if (json_is(json_letter(l, 'x'), "AMENDMENT"))
		r->kind = EXEC_REPLACED;
	return ordered(c, s, json_letter(l, 'p'), json_letter(l, 'q'), r);
}

/* executionReport, the "o" of ORDER_TRADE_UPDATE, TRADE_LITE: the letters agree. */
static int report_of(struct binance_exec *c, const struct json_value *l, bool lite, int64_t recv_ns,
		     struct binance_event *out)
{
	const struct symbol *s = symbol_of(c, json_letter(l, 's'));
	const struct json_value *cum = json_letter(l, 'z'), *original = json_letter(l, 'C');
	struct exec_report *r = &out->exec;
	int64_t last = 0;
	if (!s)
		return 0;
	*r = blank(c, s, recv_ns);
	/* Spot's report of a cancel bears the cancel's own id, and the order's as C. */
	bool cancel = json_is(json_letter(l, 'x'), "CANCELED") && original->token == TOKEN_STRING &&
		      original->n;
	client_of(cancel ? original : json_letter(l, 'c'), r);
	char type[24] = "";
	json_text(json_letter(l, 'o'), type, sizeof(type));
	r->forced = (uint8_t)binance_forced(r->client, type);
	int rc = side_of(c, json_letter(l, 'S'), &r->side);
	if (!rc)
		rc = digits(c, json_letter(l, 'i'), r->venue_order);
	if (!rc)
		rc = stamp(c, json_letter(l, 'T'), &r->venue_ns);
	if (!rc && json_letter(l, 'l')->token != TOKEN_NONE)
		rc = decimal(c, json_letter(l, 'l'), s->qty_dp, "the quantity of a fill", &last);
	if (!rc && !lite) {
		r->has_cum = true;
		rc = filled(c, s, cum, &r->cum);
	}
	bool trade = lite || json_is(json_letter(l, 'x'), "TRADE") ||
		     json_is(json_letter(l, 'x'), "CALCULATED");
	if (!rc)
		rc = trade && last ? fill_of(c, s, l, r) : change_of(c, s, l, r);
	out->kind = lite ? BINANCE_EV_TRADE_LITE : BINANCE_EV_EXEC;
	return rc;
}

static int letters_of(struct binance_exec *c, const struct json_value *v,
		      struct json_value l[JSON_LETTERS])
{
	struct json_scan j;
	json_scan_value(&j, v);
	if (!json_letters(&j, l))
		return refuse(c, ERR_PARSE, BAD_SYNTAX,
			      j.error ? j.error : "a report that is no object");
	return 0;
}

static int event_account(struct binance_exec *c, const struct json_value *account,
			 struct binance_event *out)
{
	struct json_value l[JSON_LETTERS];
	int rc = letters_of(c, account, l);
	if (rc || json_letter(l, 'P')->token == TOKEN_NONE)
		return rc;
	out->kind = BINANCE_EV_ACCOUNT;
	out->array = *json_letter(l, 'P');
	return out->array.token == TOKEN_ARRAY
		       ? 0
		       : refuse(c, ERR_PARSE, BAD_SYNTAX, "positions that are no array");
}

int binance_event(struct binance_exec *c, const struct json_value *event, int64_t recv_ns,
		  struct binance_event *out)
{
	static const struct {
		const char *word;
		uint8_t kind;
	} plain[] = { { "listenKeyExpired", BINANCE_EV_LISTEN_KEY },
		      { "eventStreamTerminated", BINANCE_EV_TERMINATED },
		      { "serverShutdown", BINANCE_EV_SHUTDOWN } };
	/* One pass reads all of it, the report of a futures order in its o too: a pair may be waiting for it. */
	struct json_value l[JSON_LETTERS], o[JSON_LETTERS];
	struct json_scan j;
	*out = (struct binance_event){ .kind = BINANCE_EV_OTHER };
	json_scan_value(&j, event);
	if (!json_letters_and(&j, l, 'o', o) || json_next(&j) != TOKEN_END)
		return refuse(c, ERR_PARSE, BAD_SYNTAX,
			      j.error ? j.error : "an event that is no object");
	int rc = stamp(c, json_letter(l, 'E'), &out->venue_ns);
	if (rc)
		return rc;
	const struct json_value *name = json_letter(l, 'e');
	if (json_is(name, "executionReport") || json_is(name, "TRADE_LITE"))
		return report_of(c, l, json_is(name, "TRADE_LITE"), recv_ns, out);
	if (json_is(name, "ORDER_TRADE_UPDATE") && json_letter(l, 'o')->token != TOKEN_OBJECT)
		return refuse(c, ERR_PARSE, BAD_SYNTAX, "a report that is no object");
	if (json_is(name, "ORDER_TRADE_UPDATE"))
		return report_of(c, o, false, recv_ns, out);
	if (json_is(name, "ACCOUNT_UPDATE"))
		return event_account(c, json_letter(l, 'a'), out);
	if (json_is(name, "outboundAccountPosition")) {
		out->kind = BINANCE_EV_BALANCES;
		out->array = *json_letter(l, 'B');
		return out->array.token == TOKEN_ARRAY
			       ? 0
			       : refuse(c, ERR_PARSE, BAD_SYNTAX, "balances that are no array");
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (json_is(name, plain[i].word))
			out->kind = plain[i].kind;
	return 0;
}

/* ---- rows of answers ---- */

enum order_member {
	O_SYMBOL,
	O_ORDER,
	O_CLIENT,
	O_ORIGINAL,
	O_PX,
	O_QTY,
	O_CUM,
	O_STATUS,
	O_SIDE,
	O_UPDATED,
	O_TRANSACTED,
	order_member_max
};
static const char *const order_member_name[] = {
	"symbol",      "orderId", "clientOrderId", "origClientOrderId", "price",	"origQty",
	"executedQty", "status",  "side",	   "updateTime",	"transactTime",
};
_Static_assert(sizeof(order_member_name) / sizeof(*order_member_name) == order_member_max,
	       "a name for each");

static int members_of(struct binance_exec *c, const struct json_value *row, const char *const *name,
		      struct json_value *m, unsigned n)
{
	struct json_scan j;
	json_scan_value(&j, row);
	if (!json_members(&j, name, m, n))
		return refuse(c, ERR_PARSE, BAD_SYNTAX,
			      j.error ? j.error : "a row that is no object");
	return 0;
}

int binance_order_state(struct binance_exec *c, const struct json_value *order, int64_t recv_ns,
			struct exec_report *out)
{
	struct json_value m[order_member_max];
	int rc = members_of(c, order, order_member_name, m, order_member_max);
	if (rc)
		return rc;
	const struct symbol *s = symbol_of(c, &m[O_SYMBOL]);
	if (!s)
		return refuse(c, ERR_NOTFOUND, BAD_UNKNOWN,
			      "an order in an instrument that is not ours");
	*out = blank(c, s, recv_ns);
	/* A cancelled order of spot: clientOrderId is the cancel's. */
	client_of(m[O_ORIGINAL].token == TOKEN_STRING ? &m[O_ORIGINAL] : &m[O_CLIENT], out);
	out->forced = (uint8_t)binance_forced(out->client, "");
	rc = digits(c, &m[O_ORDER], out->venue_order);
	if (!rc)
		rc = stamp(c, m[O_UPDATED].token == TOKEN_NONE ? &m[O_TRANSACTED] : &m[O_UPDATED],
			   &out->venue_ns);
	/* A bare acknowledgement ends here. */
	out->kind = EXEC_ACK;
	out->status = ORDER_LIVE;
	if (rc || m[O_STATUS].token == TOKEN_NONE)
		return rc;
	const struct status *st = status_of(&m[O_STATUS]);
	if (!st)
		return refuse(c, ERR_PARSE, BAD_UNKNOWN,
			      "an order in a state that nobody has told us of");
	out->kind = EXEC_STATUS;
	out->status = st->state;
	out->has_cum = true;
	rc = side_of(c, &m[O_SIDE], &out->side);
	if (!rc)
		rc = ordered(c, s, &m[O_PX], &m[O_QTY], out);
	return rc ? rc : filled(c, s, &m[O_CUM], &out->cum);
}

enum trade_member {
	T_SYMBOL,
	T_ID,
	T_ORDER,
	T_PX,
	T_QTY,
	T_FEE,
	T_FEE_ASSET,
	T_TIME,
	T_IS_BUYER,
	T_BUYER,
	T_IS_MAKER,
	T_MAKER,
	trade_member_max
};
static const char *const trade_member_name[] = {
	"symbol",	   "id",   "orderId", "price", "qty",	  "commission",
	"commissionAsset", "time", "isBuyer", "buyer", "isMaker", "maker",
};
_Static_assert(sizeof(trade_member_name) / sizeof(*trade_member_name) == trade_member_max,
	       "a name for each");

int binance_trade(struct binance_exec *c, const struct json_value *trade, int64_t recv_ns,
		  struct exec_report *out)
{
	struct json_value m[trade_member_max];
	int rc = members_of(c, trade, trade_member_name, m, trade_member_max);
	if (rc)
		return rc;
	const struct symbol *s = symbol_of(c, &m[T_SYMBOL]);
	const struct json_value *buyer = &m[m[T_IS_BUYER].token ? T_IS_BUYER : T_BUYER];
	const struct json_value *maker = &m[m[T_IS_MAKER].token ? T_IS_MAKER : T_MAKER];
	if (!s)
		return refuse(c, ERR_NOTFOUND, BAD_UNKNOWN,
			      "a trade in an instrument that is not ours");
	*out = blank(c, s, recv_ns);
	out->kind = EXEC_FILL;
	out->replayed = true;
	if (buyer->token != TOKEN_TRUE && buyer->token != TOKEN_FALSE)
		return refuse(c, ERR_PARSE, BAD_SYNTAX, "a trade that does not say who bought");
	out->side = buyer->token == TOKEN_TRUE ? SIDE_BUY : SIDE_SELL;
	out->maker = maker->token == TOKEN_TRUE;
	rc = digits(c, &m[T_ID], out->exec);
	if (!rc)
		rc = digits(c, &m[T_ORDER], out->venue_order);
	if (!rc)
		rc = stamp(c, &m[T_TIME], &out->venue_ns);
	if (!rc)
		rc = traded(c, s, &m[T_PX], &m[T_QTY], out);
	if (!rc)
		rc = amount_e8(c, &m[T_FEE], &out->fee_e8);
	if (!rc && out->fee_e8)
		out->fee_asset = asset_of(c, &m[T_FEE_ASSET], true);
	return rc;
}

enum balance_member {
	A_ASSET,
	A_FREE,
	A_LOCKED,
	A_A,
	A_F,
	A_L,
	A_BALANCE,
	A_AVAILABLE,
	balance_member_max
};
static const char *const balance_member_name[] = {
	"asset", "free", "locked", "a", "f", "l", "balance", "availableBalance",
};
_Static_assert(sizeof(balance_member_name) / sizeof(*balance_member_name) == balance_member_max,
	       "a name for each");

int binance_balance(struct binance_exec *c, const struct json_value *row,
		    struct binance_balance *out)
{
	struct json_value m[balance_member_max];
	*out = (struct binance_balance){ 0 };
	int rc = members_of(c, row, balance_member_name, m, balance_member_max);
	if (rc)
		return rc;
	bool letters = m[A_A].token != TOKEN_NONE, futures = m[A_BALANCE].token != TOKEN_NONE;
	rc = amount_e8(c, &m[letters ? A_F : futures ? A_AVAILABLE : A_FREE], &out->free_e8);
	if (!rc)
		rc = amount_e8(c,
			       &m[letters   ? A_L
				  : futures ? A_BALANCE
					    : A_LOCKED],
			       &out->locked_e8);
	if (!rc &&
	    futures) /* what is not available is locked; unrealised profit may make more available than there is */
		out->locked_e8 = out->locked_e8 > out->free_e8 ? out->locked_e8 - out->free_e8 : 0;
	/* A spot account lists hundreds of assets that it has nothing of: they are no reason to know them. */
	out->asset = asset_of(c, &m[letters ? A_A : A_ASSET], out->free_e8 || out->locked_e8);
	return rc;
}

enum position_member {
	P_SYMBOL,
	P_S,
	P_AMOUNT,
	P_PA,
	P_SIDE,
	P_PS,
	P_UPDATED,
	position_member_max
};
static const char *const position_member_name[] = { "symbol",	    "s",  "positionAmt", "pa",
						    "positionSide", "ps", "updateTime" };
_Static_assert(sizeof(position_member_name) / sizeof(*position_member_name) == position_member_max,
	       "a name each");

int binance_position(struct binance_exec *c, const struct json_value *row,
		     struct binance_position *out)
{
	struct json_value m[position_member_max];
	int64_t qty;
	*out = (struct binance_position){ .instrument = UINT32_MAX };
	int rc = members_of(c, row, position_member_name, m, position_member_max);
	if (rc)
		return rc;
	bool letters = m[P_S].token != TOKEN_NONE;
	const struct symbol *s = symbol_of(c, &m[letters ? P_S : P_SYMBOL]);
	if (!s)
		return refuse(c, ERR_NOTFOUND, BAD_UNKNOWN,
			      "a position in an instrument that is not ours");
	out->instrument = s->instrument;
	rc = decimal(c, &m[letters ? P_PA : P_AMOUNT], s->qty_dp, "the quantity of a position",
		     &qty);
	if (!rc)
		rc = stamp(c, &m[P_UPDATED], &out->venue_ns);
	if (rc)
		return rc;
	if (qty == INT64_MIN)
		return refuse(c, ERR_RANGE, BAD_SIZE, "a position that cannot be");
	/* One-way: the sign says it. Hedge mode: the side does, whatever the sign. */
	const struct json_value *side = &m[letters ? P_PS : P_SIDE];
	bool is_short = json_is(side, "SHORT") || qty < 0;
	out->hedge = json_is(side, "SHORT") || json_is(side, "LONG");
	*(is_short ? &out->qty_short : &out->qty_long) = qty < 0 ? -qty : qty;
	return 0;
}
