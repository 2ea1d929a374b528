/* df - what the parts of the DIFF adapter share: the venue with its connections and pictures. Private to this folder. */
#pragma once
#include "adapters/binance/bn_budget.h"
#include "adapters/binance/bn_link.h"
#include "adapters/binance/bn_orders.h"
#include "adapters/codec/diff_md.h"
#include "adapters/codec/diff_pack.h"
#include "adapters/codec/diff_trade.h"
#include "adapters/codec/symbols.h"
#include "adapters/diff/df_session.h"
#include "adapters/diff/diff.h"

struct df_venue {
	struct venue venue; /* first: the core holds a pointer to it */
	struct diff_endpoint stream, api;
	const struct instrument *instrument;
	uint32_t n_instruments;
	uint32_t *mine; /* instruments of this venue */
	uint32_t n_mine;
	struct assets *assets;
	struct symbols symbols;
	int64_t answer_timeout_ns, settle_ns;
	struct bn_link_times times;
	struct bn_budget budget;
	struct bn_orders orders; /* that may still work, and those that were asked about */
	struct bn_link market;
	struct diff_md md;
	uint64_t packs; /* of market data so far: the number of a whole book */
	struct df_session *session;
	uint16_t n_sessions;
	bool started, reconciled, reconcile_asked;
	int64_t time_due_ns, reconcile_at_ns;
};

static inline struct df_venue *df_of(struct venue *v)
{
	return (struct df_venue *)v;
}
struct env_now df_now(const struct df_venue *d);
void df_bad(struct df_venue *d, uint32_t instrument, enum bad_input what, const char *why,
	    const void *p, size_t n);
/* The venue's state is what its connections and its reconciliation make it. */
void df_evaluate(struct df_venue *d, const char *why);

/* ---- df_market.c: quotes ---- */
int df_market_init(struct df_venue *d);
void df_market_free(struct df_venue *d);
void df_market_start(struct df_venue *d);

/* ---- df_reports.c: from the picture to what the core is told ---- */
/* Whatever of trades and orders is new since the last call, fills first; replayed: it came with a login. */
void df_report_news(struct df_session *s, bool replayed);
void df_report_positions(struct df_session *s);
void df_report_balances(struct df_session *s);
/* Notices: refusals of cancels, of a login, and pauses that are asked for. */
void df_report_notices(struct df_session *s);
/* Where an order stands as far as the picture goes: 0 and it was told; -ERR_NOTFOUND: it is not in it; -ERR_TIMEOUT: the picture
 * is too old to say. */
int df_report_state(struct df_session *s, const struct order *o);
/* All orders that this session may have at work are unknown from now on (R1). */
void df_report_void(struct df_session *s, const char *why);
