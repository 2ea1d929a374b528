#include "adapters/sim/server_kind.h"
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- Binance */

static int bn_open(struct server_venue *v, const struct server_key *key, uint32_t n_keys,
		   const char *ledger)
{
	const struct server *s = v->server;
	const struct setup_venue *u = v->setup;
	struct wire_config c = { .exchange = { .kind = u->kind,
					       .stp = u->stp,
					       .assets = &s->setup->assets,
					       .instrument = u->instrument,
					       .account = u->account,
					       .n_instruments = u->n_instruments,
					       .n_accounts = u->n_accounts,
					       .ledger = ledger },
				 .knobs = u->knobs,
				 .limits = u->limits,
				 .seed = s->setup->seed,
				 .key = key,
				 .n_keys = n_keys };
	snprintf(c.exchange.name, sizeof c.exchange.name, "%s", u->name);
	return wire_init(&v->wire, &c, s->now.utc_ns, conn_report, v);
}

static void bn_close(struct server_venue *v)
{
	wire_free(&v->wire);
}

static bool bn_broken(const struct server_venue *v)
{
	return v->wire.exchange.broken;
}

static int bn_into_book(struct exchange *x, uint16_t instrument, int64_t now_ns,
			const struct source_event *e)
{
	switch ((enum source_kind)e->kind) {
	case SOURCE_SNAPSHOT:
		return exchange_market_snapshot(x, instrument, now_ns, &e->depth);
	case SOURCE_DEPTH:
		return exchange_market_depth(x, instrument, now_ns, &e->depth);
	case SOURCE_QUOTE:
		return exchange_market_quote(x, instrument, now_ns, &e->quote);
	case SOURCE_TRADE:
		return exchange_market_trade(x, instrument, now_ns, &e->trade);
	case SOURCE_OTHER:
	case source_kind_max:
		break;
	}
	return 0;
}

static int bn_market(struct server_venue *v, uint16_t instrument, int64_t clock_ns,
		     const struct source_event *e)
{
	bool first = !v->server->market.started;
	if (!first)
		v->wire.now_ns = clock_ns;
	int rc = bn_into_book(&v->wire.exchange, instrument, clock_ns, e);
	if (!rc && !first)
		wire_market_moved(&v->wire, clock_ns);
	return rc;
}

static bool bn_may_lose(const char *p, size_t n)
{
	(void)p, (void)n;
	return true;
}

/* ---------------------------------------------------------------- a domestic counter */

static int cn_open(struct server_venue *v, const struct server_key *key, uint32_t n_keys,
		   const char *ledger)
{
	const struct server *s = v->server;
	const struct setup_venue *u = v->setup;
	struct cn_wire_config c = {
		.exchange = { .instrument = u->instrument,
			      .contract = u->contract,
			      .member = u->member,
			      .n_instruments = u->n_instruments,
			      .n_accounts = u->n_accounts,
			      .requests_per_second = u->requests_per_second },
		.assets = &s->setup->assets,
		.name = u->name,
		.key = key,
		.n_keys = n_keys,
		.ledger = ledger,
		.seed = s->setup->seed,
	};
	for (uint16_t a = 0; a < u->n_accounts; a++)
		snprintf(c.account[a], sizeof c.account[a], "%s", u->account[a].name);
	v->cn = calloc(1, sizeof *v->cn);
	if (!v->cn)
		return err_set(ERR_NOMEM, "no memory for a venue");
	int rc = knobs_init(&v->wire.knobs, &u->knobs, s->setup->seed, s->now.utc_ns);
	if (!rc)
		rc = cn_wire_init(v->cn, &c, &v->wire.knobs, s->now.utc_ns);
	if (rc) {
		free(v->cn);
		v->cn = NULL;
	}
	return rc;
}

static void cn_close(struct server_venue *v)
{
	cn_wire_free(v->cn);
	free(v->cn);
	v->cn = NULL;
}

static bool cn_broken(const struct server_venue *v)
{
	return v->cn->broken;
}

static int cn_market(struct server_venue *v, uint16_t instrument, int64_t clock_ns,
		     const struct source_event *e)
{
	return cn_wire_market(v->cn, instrument, clock_ns, e);
}

/* What the market did is shown twice a second; what it filled is told at once. */
static void cn_say(struct server_venue *v, uint16_t instrument, const struct source_event *e)
{
	(void)instrument, (void)e;
	cn_say_all(v, v->server->op_ns);
}

static bool cn_find_role(struct server_conn *c, struct http_str target)
{
	bool quotes = target.n >= 3 && memcmp(target.p, "/md", 3) == 0;
	c->role = ROLE_API;
	c->group = quotes ? GROUP_PUBLIC : GROUP_ALL;
	return quotes || (target.n >= 6 && memcmp(target.p, "/trade", 6) == 0);
}

static void cn_request(struct server_conn *c, int64_t at_ns, const uint8_t *p, size_t n)
{
	struct server_venue *v = c->venue;
	v->requests++;
	cn_wire_ask(v->cn, &c->talk, venue_clock(v, at_ns), (const char *)p, n);
	c->n_sub = c->talk.ins_list[0] != 0; /* it listens to the market */
	cn_say_all(v, at_ns);
}

/* A look that is lost would be no fault of this world: the connection would stand still for good. */
static bool cn_may_lose(const char *p, size_t n)
{
	return memmem(p, n, "_order", 6) != NULL;
}

static int64_t cn_next(const struct server_venue *v)
{
	return cn_wire_next_ns(v->cn);
}

static void cn_tick_at(struct server_venue *v, int64_t at_ns)
{
	cn_wire_tick(v->cn, venue_clock(v, at_ns));
	cn_say_all(v, at_ns);
}

/* ---------------------------------------------------------------- the rows */

#define BINANCE(name, stream, api, user)                                                         \
	{                                                                                        \
		.wire = (name), .stream_path = (stream), .api_path = (api), .user_path = (user), \
		.rest = true, .open = bn_open, .close = bn_close, .broken = bn_broken,           \
		.market = bn_market, .say = market_say, .find_role = conn_find_role,             \
		.request = conn_run_api, .may_lose = bn_may_lose                                 \
	}

const struct server_kind server_kinds[setup_kind_max] = {
	[MARKET_SPOT] = BINANCE("binance_spot", "", "/ws-api/v3", NULL),
	[MARKET_FUTURES] = BINANCE("binance_usdm", "/public", "/ws-fapi/v1", "/private"),
	[SETUP_CN_FUTURES] = { .wire = "diff",
			       .stream_path = "/md",
			       .api_path = "/trade",
			       .open = cn_open,
			       .close = cn_close,
			       .broken = cn_broken,
			       .market = cn_market,
			       .say = cn_say,
			       .find_role = cn_find_role,
			       .request = cn_request,
			       .may_lose = cn_may_lose,
			       .next_ns = cn_next,
			       .tick = cn_tick_at },
};

/* Its clock may run ahead or behind, and be cut to a grain: no earlier than when the clock has reached it. */
int64_t server_kind_next(const struct server_venue *v)
{
	const struct server *s = v->server;
	int64_t next = v->kind->next_ns && s->market.started ? v->kind->next_ns(v) : INT64_MAX;
	if (next == INT64_MAX)
		return next;
	int64_t ahead = next - venue_clock(v, s->now.mono_ns);
	return s->now.mono_ns + (ahead > 0 ? ahead : 0);
}
