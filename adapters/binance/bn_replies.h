/* bn_replies - what the files that read answers share: each answer's function, and how an answer is judged. Private to this folder. */
#pragma once
#include "adapters/binance/bn.h"

typedef void (*bn_answer)(struct binance *b, struct bn_request *q, const struct binance_message *m,
			  int64_t recv_ns);

static inline bool bn_good(const struct binance_message *m)
{
	return m->status == 200 && !m->code;
}

static inline struct bn_session *bn_session_of(struct binance *b, const struct bn_request *q)
{
	return q->session == BN_NO_SESSION ? NULL : &b->session[q->session];
}

static inline void bn_bad_input(struct binance *b, uint32_t instrument, enum bad_input what,
				const char *why, const struct json_value *v)
{
	bn_bad(b, instrument, what, why, v->p, v->n);
}

/* bn_reports.c: orders */
void bn_on_place(struct binance *b, struct bn_request *q, const struct binance_message *m,
		 int64_t recv_ns);
void bn_on_cancel(struct binance *b, struct bn_request *q, const struct binance_message *m,
		  int64_t recv_ns);
void bn_on_status(struct binance *b, struct bn_request *q, const struct binance_message *m,
		  int64_t recv_ns);
void bn_on_trades(struct binance *b, struct bn_request *q, const struct binance_message *m,
		  int64_t recv_ns);
void bn_on_replace(struct binance *b, struct bn_request *q, const struct binance_message *m,
		   int64_t recv_ns);
void bn_on_cancel_all(struct binance *b, struct bn_request *q, const struct binance_message *m,
		      int64_t recv_ns);
/* bn_history.c: executions that may have come while nobody listened */
void bn_on_history(struct binance *b, struct bn_request *q, const struct binance_message *m,
		   int64_t recv_ns);
void bn_on_whose(struct binance *b, struct bn_request *q, const struct binance_message *m,
		 int64_t recv_ns);
/* bn_account.c: what an account holds */
void bn_on_open_orders(struct binance *b, struct bn_request *q, const struct binance_message *m,
		       int64_t recv_ns);
void bn_on_positions(struct binance *b, struct bn_request *q, const struct binance_message *m,
		     int64_t recv_ns);
void bn_on_balances(struct binance *b, struct bn_request *q, const struct binance_message *m,
		    int64_t recv_ns);
