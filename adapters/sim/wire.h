/* wire - Binance's request protocol as the venue's side speaks it: a request's text in, its answer's text out, and reports of what happens to orders.
 *
 * One struct wire is one venue: its exchange, keys, limits and listen keys. It knows no socket and no delay: the server hands it a request at the moment that
 * it reaches the venue, on the venue's own clock, and carries answers and reports. Spot (WebSocket API v3, REST v3) and USD-M futures
 * (WebSocket API v1, REST fapi). Whatever the bytes, there is an answer. Written apart from the client's codec on purpose: the two must
 * agree through the specification and not through shared code. One thread. Limits: no order lists, no stop orders, no amendment
 * (answered with an error), one-way positions. */
#pragma once
#include "adapters/sim/exchange.h"
#include "adapters/sim/knobs.h"
#include "adapters/sim/server_keys.h"
#include "adapters/sim/wire_limits.h"
#include "adapters/sim/wire_request.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_SUBSCRIPTIONS 8
#define WIRE_KEYS	   (2 * LEDGER_ACCOUNTS)
#define WIRE_ANSWER	   (1u << 20) /* bytes of the largest answer */
#define WIRE_LISTEN_NS	   (3600ll * 1000000000)

/* What happens to an account's orders and money, as text without the spot wrapper, in order. */
typedef void (*wire_report_fn)(void *owner, uint16_t account, const char *text, size_t n);

struct wire_config {
	struct exchange_config exchange;
	struct knobs_config knobs;
	struct wire_limits_config limits;
	uint64_t seed;
	const struct server_key *key; /* copied */
	uint32_t n_keys;
};

/* The way of one user data stream of USD-M. */
struct wire_listen {
	char key[SERVER_KEY_TEXT + 1]; /* empty: none */
	int64_t until_ns;
};

struct wire {
	struct exchange exchange;
	struct knobs knobs;
	struct wire_limits limits;
	uint8_t kind; /* enum market_kind */
	struct server_key key[WIRE_KEYS];
	uint32_t n_keys;
	struct wire_listen listen[LEDGER_ACCOUNTS];
	int64_t countdown_ns[LEDGER_ACCOUNTS]
			    [LEDGER_INSTRUMENTS]; /* when all is cancelled; 0: not */
	uint8_t trouble; /* enum plan_kind: how requests are refused until then */
	int64_t trouble_until_ns;
	/* Positions as they are and as they were before, for answers that are not up to date. */
	struct {
		int64_t qty, before, at_ns, before_ns;
	} seen[LEDGER_ACCOUNTS][LEDGER_INSTRUMENTS];
	uint64_t secret; /* what listen keys are made from */
	wire_report_fn report;
	void *owner;
	int64_t now_ns; /* of the request or the market's move under way, the venue's clock */
	/* What the cancel under way is called by its sender. */
	char cancel_client[VENUE_CLIENT_ID];
	uint64_t next_exec;
	/* Balances and positions that changed and wait to be reported as one. */
	struct {
		uint16_t account, n_assets, n_instruments;
		asset_id asset[LEDGER_ASSETS];
		uint16_t instrument[LEDGER_INSTRUMENTS];
	} changed;
	struct wire_request request;
	char *result, *answer, *event;	      /* WIRE_ANSWER bytes each */
	struct level *level;		      /* max_levels of them */
	const struct exchange_order **orders; /* max_orders of them */
	const struct exchange_trade **trades;
};

/* One connection of the WebSocket API. Zeroed at its start, but for connected_ns and no_limits. */
struct wire_session {
	int64_t connected_ns, logon_ns;
	const struct server_key *logon; /* NULL: not logged on */
	bool no_limits;			/* its answers leave out rateLimits */
	struct {
		bool used, by_logon;
		uint16_t account;
	} sub[WIRE_SUBSCRIPTIONS]; /* by subscriptionId */
	bool ended
		[WIRE_SUBSCRIPTIONS]; /* terminated by a logout: the server says so and clears it */
};

struct wire_answer {
	const char *text; /* valid until the next call */
	size_t n;
	int status;	       /* HTTP's, which the WebSocket API says too */
	int64_t retry_after_s; /* REST, 0: none */
};

/* -ERR_NOMEM, and what knobs_init and exchange_init say. */
int wire_init(struct wire *w, const struct wire_config *c, int64_t now_ns, wire_report_fn report,
	      void *owner);
void wire_free(struct wire *w);
/* now_ns: the venue's own clock. */
void wire_ws(struct wire *w, struct wire_session *s, int64_t now_ns, const char *text, size_t n,
	     struct wire_answer *out);
/* api_key: the header X-MBX-APIKEY, or "". */
void wire_rest(struct wire *w, int64_t now_ns, const char *method, const char *target,
	       size_t target_n, const char *api_key, const char *body, size_t body_n,
	       struct wire_answer *out);
/* After each move of the market: what it changed in accounts is reported. */
void wire_market_moved(struct wire *w, int64_t now_ns);
/* What is planned, done by the exchange or by how requests are answered from now on; at now_ns of the venue's clock (wire_trouble.c). */
void wire_plan(struct wire *w, const struct plan_event *p, int64_t now_ns);
/* Countdowns that have run out cancel. Returns when the next one does; INT64_MAX: none. */
int64_t wire_countdown(struct wire *w, int64_t now_ns);
/* The account of a listen key that is alive, or -1. */
int wire_listen_account(const struct wire *w, const char *key, int64_t now_ns);
/* Reports the listen keys that have run out, and forgets them. Returns when the next one does; INT64_MAX: none. */
int64_t wire_listen_expire(struct wire *w, int64_t now_ns);
/* The event that ends a user data stream, into out. */
size_t wire_terminated(int64_t now_ns, char *out, size_t cap);
