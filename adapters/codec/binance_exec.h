/* binance_exec - reads what Binance says about our account: replies, execution reports, trades, balances, positions.
 *
 * Spot and USD-M through one set of functions: the letters of executionReport and ORDER_TRADE_UPDATE agree where it matters. A
 * fill's identity is the trade id, in the stream and in the trade list alike (F10). A number that the instrument cannot hold
 * refuses the report and says so: it is never rounded. One thread; no allocation. */
#pragma once
#include "adapters/codec/binance_order.h"
#include "adapters/codec/json_scan.h"
#include "adapters/codec/symbols.h"
#include "core/trade/venue.h"

/* Whose reports these are. */
struct binance_exec {
	const struct symbols *symbols;
	struct assets *assets; /* a fee's asset is added when it is new */
	uint16_t venue, account;
	const char *why; /* of the last refusal */
	enum bad_input bad;
};

enum binance_message_kind { BINANCE_REPLY, BINANCE_EVENT, binance_message_kind_max };

/* Anything that comes on the API's or the user's connection. */
struct binance_message {
	uint8_t kind; /* enum binance_message_kind */
	bool has_id;
	int64_t id, subscription;
	int32_t status; /* of a reply; 200 is good */
	int32_t code;	/* the error's; 0: none */
	char text[96];
	int64_t retry_after_ms; /* UTC; 0: not said */
	int64_t server_ms;	/* 0: not said */
	int32_t weight_used,
		weight_limit; /* of the tightest REQUEST_WEIGHT limit told; 0: not said */
	struct json_value result, event;
};

/* 0 or -ERR_PARSE with *why. A text that begins with the name of an event is taken for one, unread: binance_event reads it, and refuses it where it is broken. */
int binance_message(const char *p, size_t n, struct binance_message *out, const char **why);
/* {"code":…,"msg":…} of REST, with the status that came with it; good answers leave code 0. */
void binance_rest_error(int status, const char *p, size_t n, struct binance_message *out);

enum binance_event_kind {
	BINANCE_EV_EXEC, /* exec */
	BINANCE_EV_TRADE_LITE, /* exec, without fee and cum: ORDER_TRADE_UPDATE follows with the same trade id */
	BINANCE_EV_BALANCES,   /* array */
	BINANCE_EV_ACCOUNT,    /* array: positions */
	BINANCE_EV_LISTEN_KEY, /* listenKeyExpired */
	BINANCE_EV_TERMINATED, /* the subscription is over */
	BINANCE_EV_SHUTDOWN,   /* the server will go */
	BINANCE_EV_OTHER,      /* nothing for us, or an instrument that is not ours */
	binance_event_kind_max
};

struct binance_event {
	uint8_t kind;
	struct exec_report exec;
	struct json_value array;
	int64_t venue_ns;
};

/* 0, -ERR_PARSE or -ERR_RANGE with c->why and c->bad. */
int binance_event(struct binance_exec *c, const struct json_value *event, int64_t recv_ns,
		  struct binance_event *out);

/* An order as order.place, order.cancel, order.status or a list of open orders shows it: EXEC_STATUS, with status, cum and
 * venue_ns; of a bare acknowledgement EXEC_ACK. -ERR_NOTFOUND: an instrument that is not ours. */
int binance_order_state(struct binance_exec *c, const struct json_value *order, int64_t recv_ns,
			struct exec_report *out);
/* A row of myTrades or userTrades: EXEC_FILL, replayed, without cum. client and order are the caller's to fill in. */
int binance_trade(struct binance_exec *c, const struct json_value *trade, int64_t recv_ns,
		  struct exec_report *out);

struct binance_balance {
	asset_id asset;
	int64_t free_e8, locked_e8;
};
/* A row of account.status, outboundAccountPosition or v2/account.balance. asset 0: unknown and empty. */
int binance_balance(struct binance_exec *c, const struct json_value *row,
		    struct binance_balance *out);

struct binance_position {
	uint32_t instrument;
	int64_t qty_long, qty_short; /* both >= 0 */
	bool hedge;		     /* one side of two: the row says nothing of the other */
	int64_t venue_ns;	     /* when it last changed; 0: not said */
};
/* A row of v2/account.position or ACCOUNT_UPDATE. -ERR_NOTFOUND as above. */
int binance_position(struct binance_exec *c, const struct json_value *row,
		     struct binance_position *out);
/* By its client id, and the type that the stream tells of its order ("" where it does not): what the venue closed by force (F65). */
enum forced_cause binance_forced(const char *client, const char *type);
const char *binance_event_kind_name(enum binance_event_kind k);
