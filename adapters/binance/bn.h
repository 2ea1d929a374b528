/* bn - what the parts of the Binance adapter share: the venue with its sessions, links, tables and clocks. Private to this folder. */
#pragma once
#include "adapters/binance/binance.h"
#include "adapters/binance/bn_budget.h"
#include "adapters/binance/bn_dialect.h"
#include "adapters/binance/bn_link.h"
#include "adapters/binance/bn_market.h"
#include "adapters/binance/bn_orders.h"
#include "adapters/binance/bn_requests.h"
#include "adapters/binance/bn_rest.h"
#include "adapters/binance/bn_session.h"
#include "adapters/codec/binance_exec.h"
#include "adapters/codec/binance_md.h"

#define HALTED_EVERY_NS \
	10000000000ll /* trading rules are asked for so often while something does not trade */
#define DOUBTED_MOST_NS \
	60000000000ll /* and at least so often while they are in doubt, although the answers say nothing new */

struct binance {
	struct venue venue; /* first: the core holds a pointer to it */
	enum binance_api api;
	const struct bn_dialect *dialect;
	struct binance_endpoint stream, api_ws, rest_url, user;
	const struct instrument *instrument;
	uint32_t *mine; /* instruments of this venue */
	uint32_t n_mine;
	struct assets *assets;
	struct symbols symbols;
	int64_t recv_window_ms, answer_timeout_ns, settle_ns;
	uint8_t self_trade; /* enum self_trade */
	struct bn_link_times times;
	struct bn_budget budget;
	struct bn_requests requests;
	struct bn_orders orders;
	struct bn_rest rest;
	struct bn_market market;
	struct bn_session *session;
	uint16_t n_sessions;
	bool started;
	int64_t started_ns;
	int64_t time_due_ns; /* when on_time has something to look at again */
	/* Trading rules: known at least once; when to ask again. */
	bool rules_known;
	bool halted; /* the last answer knew an instrument that does not trade: it is asked again soon */
	int64_t rules_at_ns, rules_told_ns; /* when to ask again; when it was last answered */
	unsigned rules_same; /* answers in a row, soon after one another, that said nothing new */
	/* The venue's UTC less ours, as the last question showed; when to ask again. */
	int64_t clock_offset_ns, clock_at_ns;
	/* Reconciliation of the present session. */
	bool reconciling, reconciled, reconcile_failed;
	int64_t reconcile_at_ns;
	uint64_t reconcile_from;		/* requests from this one on belong to it */
	int64_t *qty_long, *qty_short, *qty_ns; /* scratch: by instrument of the configuration */
	char px_text[24], qty_text[24];		/* of the request that is being written */
	/* The dead-man switch: how long, and by instrument until when it was last armed (0: never asked for). */
	int64_t dead_man_ms;
	int64_t *armed_until_ns;
};

static inline struct binance *bn_of(struct venue *v)
{
	return (struct binance *)v;
}

struct env_now bn_now(const struct binance *b);
/* The venue's time in ms, as far as we know it: for a request's timestamp. */
int64_t bn_time_ms(const struct binance *b, const struct env_now *now);
/* Bytes that could not be read. instrument: as on_bad has it. */
void bn_bad(struct binance *b, uint32_t instrument, enum bad_input what, const char *why,
	    const void *p, size_t n);
/* A report to the core, by way of the table of open orders. */
void bn_exec(struct binance *b, const struct exec_report *r);
/* The venue's state is what its sessions, its rules and its reconciliation make it. */
void bn_evaluate(struct binance *b, const char *why);
/* The port's reconcile (bn_reconcile.c). */
int bn_reconcile(struct venue *v);
/* One part of the reconciliation has been answered, by this request. */
void bn_reconcile_part(struct binance *b, struct bn_session *s, enum bn_ask part, uint64_t request,
		       bool good);
/* One question of a reconciliation beyond its parts has been answered. */
void bn_history_part(struct binance *b, struct bn_session *s, uint64_t request, bool good);
/* All that this session had under way is void: its orders are unknown (R1). */
void bn_session_void(struct binance *b, struct bn_session *s, const char *why);

/* ---- bn_ask.c: questions ---- */

/* Sends a question of a session, or of nobody (session NULL) where it is public. 0 and, if wanted, its request; else nothing was sent. */
int bn_ask(struct binance *b, struct bn_session *s, enum bn_ask ask, uint32_t instrument,
	   struct bn_request **out);
int bn_ask_order(struct binance *b, struct bn_session *s, enum bn_ask ask, const struct order *o);
/* The fills of the order that `state` reports on, which is reported behind them. */
int bn_ask_trades(struct binance *b, struct bn_session *s, const struct bn_request *about,
		  const struct exec_report *state, int64_t from_id, int64_t summed);
int bn_ask_replace(struct binance *b, struct bn_session *s, const struct order *o, int64_t px,
		   int64_t qty);
/* Executions of the account in an instrument from this number on, or where that is 0 from this time on. */
int bn_ask_history(struct binance *b, struct bn_session *s, uint32_t instrument, int64_t from_id,
		   int64_t from_ns);
/* Who the order of this execution is. */
int bn_ask_whose(struct binance *b, struct bn_session *s, const struct exec_report *fill);
#define BN_TRADES_LIMIT 1000 /* executions in one answer */
int bn_ask_place(struct binance *b, struct bn_session *s, const struct order *o);
/* The path and query of a REST request, signed now. Its length or a negative code. */
ptrdiff_t bn_ask_target(struct binance *b, const struct bn_request *q, char *out, size_t cap);

/* ---- bn_replies.c: answers ---- */

/* An answer to a request, which is over. status 0: there is none and will be none. */
void bn_reply(struct binance *b, struct bn_request *q, const struct binance_message *m,
	      int64_t recv_ns);
/* An event of an account (bn_account.c). */
void bn_user_event(struct binance *b, struct bn_session *s, const struct json_value *event,
		   int64_t recv_ns);
