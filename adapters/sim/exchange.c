#include "adapters/sim/exchange.h"
#include "adapters/sim/exchange_parts.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = { "NEW",	"PARTIALLY_FILLED", "FILLED",
					    "CANCELED", "EXPIRED",	    "EXPIRED_IN_MATCH" };
_Static_assert(sizeof status_names / sizeof *status_names == order_status_max,
	       "a name for every status");

const char *order_status_name(enum order_status s)
{
	return s < order_status_max ? status_names[s] : "?";
}

/* ---------------------------------------------------------------- beginning and end */

static void set_defaults(struct exchange_config *c)
{
	if (!c->max_levels)
		c->max_levels = 4096;
	if (!c->max_resting)
		c->max_resting = 512;
	if (!c->max_orders)
		c->max_orders = 65536;
	if (!c->max_trades)
		c->max_trades = 65536;
}

static int check_instrument(const struct exchange_config *c, const struct instrument *i)
{
	bool spot = i->expo.kind == EXPO_SPOT;
	if (spot != (c->kind == MARKET_SPOT))
		return err_set(ERR_CONFIG,
			       "%s trades %s, and %s is none: give it a venue of its own", c->name,
			       c->kind == MARKET_SPOT ? "spot" : "futures", i->name);
	if (i->px_may_be_negative)
		return err_set(ERR_CONFIG,
			       "%s may have negative prices: a simulated venue has none", i->name);
	if (!i->base || !i->quote || i->base >= LEDGER_ASSETS || i->quote >= LEDGER_ASSETS ||
	    i->settle >= LEDGER_ASSETS)
		return err_set(
			ERR_CONFIG,
			"%s: a simulated venue needs a base and a quote asset, and knows the "
			"first %u assets only",
			i->name, LEDGER_ASSETS - 1);
	if (!i->n_rules || i->expo.num <= 0 || i->expo.den <= 0)
		return err_set(ERR_CONFIG, "%s has no rule or no size of its unit", i->name);
	for (unsigned k = 0; k < i->n_rules; k++)
		if (i->rule[k].tick <= 0 || i->rule[k].lot <= 0 ||
		    i->rule[k].fee.fixed >= LEDGER_ASSETS)
			return err_set(ERR_CONFIG,
				       "%s: rule %u has no tick, no lot, or an unknown fee asset",
				       i->name, k + 1);
	return 0;
}

static int check_config(const struct exchange_config *c)
{
	if (c->kind >= market_kind_max || c->stp >= match_stp_max || !c->n_instruments ||
	    !c->n_accounts || c->n_instruments > LEDGER_INSTRUMENTS ||
	    c->n_accounts > LEDGER_ACCOUNTS)
		return err_set(
			ERR_CONFIG,
			"the simulated venue \"%s\" needs 1 to %u instruments and 1 to %u accounts",
			c->name, LEDGER_INSTRUMENTS, LEDGER_ACCOUNTS);
	for (uint16_t i = 0; i < c->n_instruments; i++) {
		int rc = check_instrument(c, &c->instrument[i]);
		if (rc)
			return rc;
	}
	for (uint16_t a = 0; a < c->n_accounts; a++)
		for (uint8_t d = 0; d < c->account[a].n_deposits; d++)
			if (!c->account[a].deposit[d].asset ||
			    c->account[a].deposit[d].asset >= LEDGER_ASSETS)
				return err_set(ERR_CONFIG,
					       "account %s: deposit %u is of an unknown asset",
					       c->account[a].name, d + 1u);
	return 0;
}

/* Everything that one operation may stage: an order sweeping both books whole, and all balances after it. */
static uint32_t most_events(const struct exchange_config *c)
{
	return 4 * (c->max_levels + c->max_resting) +
	       LEDGER_ACCOUNTS * (LEDGER_ASSETS + LEDGER_INSTRUMENTS) + 16;
}

static int make_books(struct exchange *x)
{
	struct exchange_config *c = &x->config;
	x->book = calloc(c->n_instruments, sizeof *x->book);
	x->funds = calloc(c->n_accounts, sizeof *x->funds);
	x->cap_staged = most_events(c);
	x->staged = calloc(x->cap_staged, sizeof *x->staged);
	if (!x->book || !x->funds || !x->staged)
		return err_set(ERR_NOMEM, "no memory for the books of %s", c->name);
	x->view = (struct funds_view){ .instrument = c->instrument, .n = c->n_instruments };
	for (uint16_t a = 0; a < c->n_accounts; a++)
		x->funds[a] = (struct funds){ .view = &x->view,
					      .kind = c->kind,
					      .leverage = c->account[a].leverage > 0
								  ? c->account[a].leverage
								  : 20 };
	for (uint16_t i = 0; i < c->n_instruments; i++) {
		int rc = match_init(&x->book[i], c->max_levels, c->max_resting, 1, apply_match, x);
		if (rc)
			return rc;
	}
	return 0;
}

int exchange_init(struct exchange *x, const struct exchange_config *c, struct knobs *knobs,
		  int64_t now_ns, exchange_fn fn, void *owner)
{
	*x = (struct exchange){
		.config = *c, .knobs = knobs, .next_id = 1, .fn = fn, .owner = owner
	};
	x->ledger.fd = -1;
	set_defaults(&x->config);
	int rc = check_config(&x->config);
	if (rc == 0)
		rc = make_books(x);
	if (rc == 0)
		rc = history_init(x);
	if (rc == 0)
		rc = recover(x, now_ns);
	if (rc)
		exchange_free(x);
	return rc;
}

void exchange_free(struct exchange *x)
{
	for (uint16_t i = 0; x->book && i < x->config.n_instruments; i++)
		match_free(&x->book[i]);
	free(x->book);
	free(x->funds);
	free(x->staged);
	history_free(x);
	if (x->ledger.fd >= 0)
		ledger_close(&x->ledger);
	*x = (struct exchange){ 0 };
	x->ledger.fd = -1;
}

/* ---------------------------------------------------------------- the market */

/* Now and then the venue cancels somebody's order by itself (F67). */
static void unsolicited(struct exchange *x, uint16_t instrument)
{
	struct match *m = &x->book[instrument];
	uint32_t n = m->n_rest[SIDE_BUY] + m->n_rest[SIDE_SELL];
	if (!n || !x->knobs || !knobs_hit(x->knobs, FAULT_UNSOLICITED))
		return;
	enum side side = m->n_rest[SIDE_BUY] ? SIDE_BUY : SIDE_SELL;
	match_expire(m, x->last_ns, m->rest[side][0].id, WHY_VENUE);
}

static int market_moved(struct exchange *x, uint16_t instrument)
{
	x->view.mark_px[instrument] = match_mid(&x->book[instrument]);
	unsolicited(x, instrument);
	if (!x->n_staged && !x->broken)
		return 0;
	return apply_settle(x);
}

int exchange_market_snapshot(struct exchange *x, uint16_t instrument, int64_t now_ns,
			     const struct depth *d)
{
	match_market_snapshot(&x->book[instrument], apply_begin(x, now_ns), d);
	return market_moved(x, instrument);
}

int exchange_market_depth(struct exchange *x, uint16_t instrument, int64_t now_ns,
			  const struct depth *d)
{
	match_market_depth(&x->book[instrument], apply_begin(x, now_ns), d);
	return market_moved(x, instrument);
}

int exchange_market_quote(struct exchange *x, uint16_t instrument, int64_t now_ns,
			  const struct quote *q)
{
	match_market_quote(&x->book[instrument], apply_begin(x, now_ns), q);
	return market_moved(x, instrument);
}

int exchange_market_trade(struct exchange *x, uint16_t instrument, int64_t now_ns,
			  const struct market_trade *t)
{
	match_market_trade(&x->book[instrument], apply_begin(x, now_ns), t);
	return market_moved(x, instrument);
}

/* ---------------------------------------------------------------- orders */

/* The price at which its cost is counted: the limit, or how far a market order would have to go. 0: nothing stands. */
static int64_t cost_px(const struct exchange *x, const struct exchange_request *r)
{
	if (r->type != ORD_MARKET)
		return r->px;
	return match_estimate(&x->book[r->instrument], r->side, false, 0, r->qty).worst_px;
}

static enum outcome check_request(const struct exchange *x, const struct exchange_request *r)
{
	if (r->instrument >= x->config.n_instruments)
		return OUT_SYMBOL;
	if (r->account >= x->config.n_accounts || r->stp > match_stp_max ||
	    !memchr(r->client, 0, sizeof r->client))
		return OUT_UNSUPPORTED;
	const struct rule *rule = x->view.rule[r->instrument];
	if (!rule || x->last_ns < x->halted_until_ns)
		return OUT_HALTED;
	const struct instrument *i = &x->config.instrument[r->instrument];
	int64_t ref = match_mid(&x->book[r->instrument]);
	enum outcome o = outcome_check(i, rule, r->side, r->type, r->tif, r->px, r->qty, ref);
	if (o != OUT_OK)
		return o;
	const struct exchange_order *same =
		exchange_order(x, r->account, r->instrument, 0, r->client);
	if (same && order_is_open(same))
		return OUT_DUPLICATE;
	int64_t px = cost_px(x, r);
	if (r->type == ORD_MARKET && px == 0)
		return OUT_NO_MARKET;
	return funds_check(&x->funds[r->account], r->instrument, r->side, r->qty, px,
			   r->reduce_only);
}

/* How much of it a partial-fill fault lets through; 0: all. */
static int64_t cut_by_fault(struct exchange *x, const struct exchange_request *r)
{
	if (!x->knobs || r->tif == TIF_FOK || !knobs_hit(x->knobs, FAULT_PARTIAL))
		return 0;
	int64_t lot = x->view.rule[r->instrument]->lot;
	int64_t part = dec_muldiv(r->qty, knobs_part_ppm(x->knobs), 1000000, DEC_DOWN);
	part = dec_to_step(part, lot, DEC_DOWN);
	return part < lot ? lot : part;
}

static struct exchange_order *make_order(struct exchange *x, const struct exchange_request *r)
{
	struct exchange_order *o = history_slot(x);
	if (!o)
		return NULL;
	*o = (struct exchange_order){ .id = x->next_id++,
				      .account = r->account,
				      .instrument = r->instrument,
				      .side = r->side,
				      .type = r->type,
				      .tif = r->tif,
				      .stp = r->stp ? (uint8_t)(r->stp - 1) : x->config.stp,
				      .reduce_only = r->reduce_only,
				      .working = r->type != ORD_MARKET &&
						 (r->tif == TIF_GTC || r->tif == TIF_DAY),
				      .px = r->type == ORD_MARKET ? 0 : r->px,
				      .qty = r->qty,
				      .lock_px = cost_px(x, r),
				      .placed_ns = x->last_ns,
				      .updated_ns = x->last_ns };
	memcpy(o->client, r->client, sizeof o->client);
	if (!*o->client)
		snprintf(o->client, sizeof o->client, "sim-%llu", (unsigned long long)o->id);
	return o;
}

static enum outcome refuse(struct exchange *x, const struct exchange_request *r, enum outcome o)
{
	apply_reject(x, r, o);
	return apply_settle(x) ? OUT_DISK : o;
}

enum outcome exchange_place(struct exchange *x, int64_t now_ns, const struct exchange_request *r,
			    const struct exchange_order **order)
{
	*order = NULL;
	if (x->broken)
		return OUT_DISK;
	apply_begin(x, now_ns);
	enum outcome out = check_request(x, r);
	if (x->knobs && knobs_hit(x->knobs, FAULT_REJECT) && out == OUT_OK)
		out = OUT_BUSY;
	if (out == OUT_SYMBOL || out == OUT_UNSUPPORTED)
		return out; /* nothing that a ledger could name */
	if (out != OUT_OK)
		return refuse(x, r, out);
	struct exchange_order *o = make_order(x, r);
	if (!o)
		return refuse(x, r, OUT_TOO_MANY);
	struct match_order arriving = { .id = o->id,
					.px = o->px,
					.qty = o->qty,
					.take_max = cut_by_fault(x, r),
					.tag = (uint32_t)(o - x->order),
					.account = o->account,
					.side = o->side,
					.type = o->type,
					.tif = o->tif,
					.stp = o->stp };
	struct match *m = &x->book[o->instrument];
	struct funds_position *p = &x->funds[o->account].position[o->instrument];
	apply_lock(x, o, o->qty);
	p->open[o->side] += o->qty;
	x->refused = OUT_OK;
	match_place(m, x->last_ns, &arriving);
	if (x->refused != OUT_OK) {
		p->open[o->side] -= o->qty;
		apply_lock(x, o, 0);
		o->id = 0;
		return refuse(x, r, x->refused);
	}
	*order = o;
	return apply_settle(x) ? OUT_DISK : OUT_OK;
}

enum outcome exchange_cancel(struct exchange *x, int64_t now_ns, uint16_t account,
			     uint16_t instrument, uint64_t id, const char *client,
			     const struct exchange_order **order)
{
	*order = NULL;
	if (x->broken)
		return OUT_DISK;
	if (instrument >= x->config.n_instruments)
		return OUT_SYMBOL;
	const struct exchange_order *o = exchange_order(x, account, instrument, id, client);
	if (!o || !order_is_open(o))
		return OUT_UNKNOWN_ORDER;
	must(match_cancel(&x->book[instrument], apply_begin(x, now_ns), o->id) == 0);
	*order = o;
	return apply_settle(x) ? OUT_DISK : OUT_OK;
}

enum outcome exchange_amend(struct exchange *x, int64_t now_ns, uint16_t account,
			    uint16_t instrument, uint64_t id, const char *client, int64_t px,
			    int64_t qty, const struct exchange_order **order)
{
	*order = NULL;
	if (x->broken)
		return OUT_DISK;
	if (instrument >= x->config.n_instruments)
		return OUT_SYMBOL;
	const struct exchange_order *o = exchange_order(x, account, instrument, id, client);
	if (!o || !order_is_open(o))
		return OUT_UNKNOWN_ORDER;
	apply_begin(x, now_ns);
	enum outcome out =
		outcome_check(&x->config.instrument[instrument], x->view.rule[instrument], o->side,
			      o->type, o->tif, px, qty, match_mid(&x->book[instrument]));
	if (out == OUT_OK && qty > o->qty)
		out = funds_check(&x->funds[account], instrument, o->side, qty - o->qty, px,
				  o->reduce_only);
	if (out != OUT_OK)
		return out;
	if (match_amend(&x->book[instrument], x->last_ns, o->id, px, qty))
		return OUT_WOULD_TAKE;
	*order = o;
	return apply_settle(x) ? OUT_DISK : OUT_OK;
}

enum outcome exchange_force(struct exchange *x, int64_t now_ns, uint16_t account,
			    uint16_t instrument, const char *by)
{
	const struct exchange_order *o;
	int64_t qty = x->funds[account].position[instrument].qty;
	if (x->config.kind != MARKET_FUTURES || qty == 0)
		return OUT_OK;
	struct exchange_request r = { .account = account,
				      .instrument = instrument,
				      .side = qty > 0 ? SIDE_SELL : SIDE_BUY,
				      .type = ORD_MARKET,
				      .tif = TIF_IOC,
				      .reduce_only = true,
				      .qty = qty > 0 ? qty : -qty };
	snprintf(r.client, sizeof r.client, "%s%llu", by, (unsigned long long)x->next_id);
	enum outcome out = exchange_place(x, now_ns, &r, &o);
	return out == OUT_NO_MARKET ? OUT_OK : out;
}

int exchange_cancel_all(struct exchange *x, int64_t now_ns, uint16_t account, uint16_t instrument)
{
	int cancelled = 0;
	for (;;) {
		const struct exchange_order *o;
		if (!exchange_open(x, account, instrument, &o, 1))
			return cancelled;
		if (exchange_cancel(x, now_ns, account, o->instrument, o->id, NULL, &o) != OUT_OK)
			return err_set(ERR_IO, "%s cannot write its ledger: nothing is cancelled",
				       x->config.name);
		cancelled++;
	}
}

enum outcome exchange_expire(struct exchange *x, int64_t now_ns, uint64_t id)
{
	if (x->broken)
		return OUT_DISK;
	apply_begin(x, now_ns);
	for (uint16_t i = 0; i < x->config.n_instruments; i++)
		if (match_expire(&x->book[i], x->last_ns, id, WHY_VENUE) == 0)
			return apply_settle(x) ? OUT_DISK : OUT_OK;
	return OUT_UNKNOWN_ORDER;
}

int exchange_move(struct exchange *x, int64_t now_ns, uint16_t account, asset_id asset,
		  int64_t amount_e8, const char *why)
{
	if (account >= x->config.n_accounts || !asset || asset >= LEDGER_ASSETS)
		return err_set(ERR_ARG, "%s: no such account or asset", x->config.name);
	apply_begin(x, now_ns);
	struct ledger_record r = record_of(LEDGER_MOVE);
	r.account = account;
	r.asset = asset;
	r.body.money.moved_e8 = amount_e8;
	strncpy(r.text, why, sizeof r.text - 1);
	funds_move(&x->funds[account], asset, amount_e8);
	apply_record(x, &r);
	return apply_settle(x);
}

void exchange_halt(struct exchange *x, int64_t until_ns)
{
	x->halted_until_ns = until_ns;
}
