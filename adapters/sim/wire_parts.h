/* wire_parts - what the files of the wire share: one request on its way to an answer, its parameters read, its errors said. Not for others. */
#pragma once
#include "adapters/sim/wire.h"
#include "core/base/json_out.h"

#define MS_NS 1000000ll

struct wire_call {
	struct wire *w;
	struct wire_session *s; /* NULL: REST */
	struct wire_request *r;
	const char *api_key; /* REST's header, "" where there is none */
	const struct wire_op *op;
	uint16_t account; /* once authorised; LEDGER_NONE before */
	int64_t now_ns;
	struct json_out out; /* the result */
	/* The error; code 0: none. */
	int status, code;
	char msg[192];
	int64_t retry_at_ns;
};

enum wire_security { WIRE_OPEN, WIRE_KEYED, WIRE_SIGNED, wire_security_max };
#define ON_SPOT	   1
#define ON_FUTURES 2

/* One thing that can be asked for, by one or both ways. */
struct wire_op {
	uint8_t on;		 /* ON_SPOT | ON_FUTURES */
	const char *method;	 /* of the WebSocket API; NULL: none */
	const char *verb, *path; /* of REST; NULL: none */
	uint8_t security;	 /* enum wire_security */
	bool order;		 /* its answer shows the order counts */
	int32_t weight;
	/* Writes the result, or has called wire_fail: then what it returns, non-zero. */
	int (*run)(struct wire_call *c);
};
extern const struct wire_op wire_ops[];

/* Sets the error and returns -1. */
int wire_fail(struct wire_call *c, int status, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int wire_fail_outcome(struct wire_call *c, enum outcome o);
static inline bool wire_futures(const struct wire_call *c)
{
	return c->w->kind == MARKET_FUTURES;
}

/* wire_auth.c: who asks, and may they? */
int wire_authorise(struct wire_call *c);
int wire_take_key(struct wire_call *c, const struct server_key **out); /* by apiKey alone */
int wire_check_signature(struct wire_call *c, const struct server_key *k);

/* wire_param.c. Each returns 0 or has called wire_fail. */
int wire_need(struct wire_call *c, const char *name, const char **out);
int wire_symbol(struct wire_call *c, uint16_t *instrument);	   /* must be there */
int wire_symbol_or_all(struct wire_call *c, uint16_t *instrument); /* LEDGER_NONE where not sent */
int wire_client_id(struct wire_call *c, const char *name, char out[VENUE_CLIENT_ID]);
/* A whole number of at least lo; `absent` where not sent. */
int wire_int(struct wire_call *c, const char *name, int64_t lo, int64_t hi, int64_t absent,
	     int64_t *out);
/* A positive decimal at dp. Off the grid that dp can say: *out is -1. */
int wire_decimal(struct wire_call *c, const char *name, unsigned dp, unsigned most_dp,
		 int64_t *out);
int wire_choice(struct wire_call *c, const char *name, const char *const *names, int code,
		const char *msg, int *out);
int wire_nothing_else(struct wire_call *c); /* spot minds parameters that nobody reads */

/* wire_text.c: numbers and orders as the venue writes them. */
void put_px(struct json_out *j, const char *key, const struct wire *w, uint16_t instrument,
	    int64_t px);
void put_qty(struct json_out *j, const char *key, const struct wire *w, uint16_t instrument,
	     int64_t qty);
void put_e8(struct json_out *j, const char *key, int64_t v);
void put_avg_px(struct json_out *j, const char *key, const struct wire *w,
		const struct exchange_order *o);
const char *order_type_text(const struct wire *w, const struct exchange_order *o);
const char *order_tif_text(const struct wire *w, const struct exchange_order *o);
const char *order_stp_text(const struct exchange_order *o);
const char *wire_symbol_text(const struct wire *w, uint16_t instrument);
const char *wire_asset_text(const struct wire *w, asset_id asset);
extern const char *const wire_sides[];
void put_order(struct json_out *j, const struct wire *w, const struct exchange_order *o,
	       bool fresh);
void wire_new_id(struct wire *w, char out[VENUE_CLIENT_ID]);

/* The operations. */
int op_ping(struct wire_call *c);
int op_time(struct wire_call *c);
int op_info(struct wire_call *c);
int op_depth(struct wire_call *c);
int op_logon(struct wire_call *c);
int op_session(struct wire_call *c);
int op_logout(struct wire_call *c);
int op_subscribe(struct wire_call *c);
int op_subscribe_signed(struct wire_call *c);
int op_unsubscribe(struct wire_call *c);
int op_listen_start(struct wire_call *c);
int op_listen_keep(struct wire_call *c);
int op_listen_stop(struct wire_call *c);
int op_place(struct wire_call *c);
int op_test(struct wire_call *c);
int op_modify(struct wire_call *c);
int op_countdown(struct wire_call *c);
int op_cancel(struct wire_call *c);
int op_cancel_all(struct wire_call *c);
int op_status(struct wire_call *c);
int op_open_orders(struct wire_call *c);
int op_trades(struct wire_call *c);
int op_account(struct wire_call *c);
int op_balance(struct wire_call *c);
int op_position(struct wire_call *c);

/* wire_trouble.c: 0, or the venue takes no request just now and has called wire_fail. */
int wire_in_trouble(struct wire_call *c);

/* wire_event.c */
void wire_on_event(void *wire, const struct exchange_event *e);
void wire_flush_changes(struct wire *w);
