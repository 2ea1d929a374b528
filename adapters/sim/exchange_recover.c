#include "adapters/sim/exchange_parts.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- which configuration the ledger is of */

/* What balances and orders depend on; rules and fees are dated and may change between runs. */
static void describe(const struct exchange_config *c, FILE *out)
{
	fprintf(out, "%s %u\n", c->name, c->kind);
	for (uint16_t k = 0; k < c->n_instruments; k++) {
		const struct instrument *i = &c->instrument[k];
		fprintf(out, "instrument %s %u %u %s %s %s %u %lld/%lld\n", i->symbol, i->px_dp,
			i->qty_dp, asset_name(c->assets, i->base), asset_name(c->assets, i->quote),
			asset_name(c->assets, i->settle), i->expo.kind, (long long)i->expo.num,
			(long long)i->expo.den);
		fprintf(out, "assets %u %u %u\n", i->base, i->quote, i->settle);
	}
	for (uint16_t a = 0; a < c->n_accounts; a++) {
		fprintf(out, "account %s\n", c->account[a].name);
		for (uint8_t d = 0; d < c->account[a].n_deposits; d++)
			fprintf(out, "deposit %u %lld\n", c->account[a].deposit[d].asset,
				(long long)c->account[a].deposit[d].amount_e8);
	}
}

static int digest_config(const struct exchange_config *c, uint8_t digest[DIGEST_LEN])
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return err_set(ERR_NOMEM, "no memory to describe %s", c->name);
	describe(c, out);
	int rc = fclose(out) ? err_set(ERR_NOMEM, "no memory to describe %s", c->name) : 0;
	if (rc == 0)
		digest_sha256(text, n, digest);
	free(text);
	return rc;
}

/* ---------------------------------------------------------------- the first records */

static void define_asset(struct exchange *x, bool *done, asset_id id)
{
	if (!id || done[id])
		return;
	done[id] = true;
	struct ledger_record r = record_of(LEDGER_ASSET);
	r.asset = id;
	snprintf(r.text, sizeof r.text, "%s", asset_name(x->config.assets, id));
	apply_record(x, &r);
}

static void define_instrument(struct exchange *x, uint16_t index, bool *done)
{
	const struct instrument *i = &x->config.instrument[index];
	define_asset(x, done, i->base);
	define_asset(x, done, i->quote);
	define_asset(x, done, i->settle);
	for (unsigned k = 0; k < i->n_rules; k++)
		define_asset(x, done, i->rule[k].fee.fixed);
	struct ledger_record r = record_of(LEDGER_INSTRUMENT);
	r.instrument = index;
	snprintf(r.text, sizeof r.text, "%s", i->symbol);
	r.body.instrument.num = i->expo.num;
	r.body.instrument.den = i->expo.den;
	r.body.instrument.base = i->base;
	r.body.instrument.quote = i->quote;
	r.body.instrument.settle = i->settle ? i->settle : i->quote;
	r.body.instrument.expo_kind = i->expo.kind;
	r.body.instrument.px_dp = i->px_dp;
	r.body.instrument.qty_dp = i->qty_dp;
	apply_record(x, &r);
}

static int begin_fresh(struct exchange *x)
{
	const struct exchange_config *c = &x->config;
	bool done[LEDGER_ASSETS] = { 0 };
	for (uint16_t i = 0; i < c->n_instruments; i++)
		define_instrument(x, i, done);
	for (uint16_t a = 0; a < c->n_accounts; a++) {
		struct ledger_record r = record_of(LEDGER_ACCOUNT);
		r.account = a;
		snprintf(r.text, sizeof r.text, "%s", c->account[a].name);
		apply_record(x, &r);
		for (uint8_t d = 0; d < c->account[a].n_deposits; d++) {
			define_asset(x, done, c->account[a].deposit[d].asset);
			r = record_of(LEDGER_MOVE);
			r.account = a;
			r.asset = c->account[a].deposit[d].asset;
			r.body.money.moved_e8 = c->account[a].deposit[d].amount_e8;
			snprintf(r.text, sizeof r.text, "deposit");
			funds_move(&x->funds[a], r.asset, r.body.money.moved_e8);
			apply_record(x, &r);
		}
	}
	struct ledger_record start = record_of(LEDGER_START);
	apply_record(x, &start);
	return apply_settle(x);
}

/* ---------------------------------------------------------------- going on */

static struct exchange_order *known(struct exchange *x, const struct ledger_record *r)
{
	uint32_t slot;
	return map_get(&x->by_id, r->order, &slot) ? &x->order[slot - 1] : NULL;
}

static int read_order(struct exchange *x, const struct ledger_record *r)
{
	struct exchange_order *o = history_slot(x);
	if (!o)
		return err_set(ERR_CONFIG,
			       "%s: more open orders in the ledger than max_orders (%u)",
			       x->config.name, x->config.max_orders);
	*o = (struct exchange_order){ .id = r->order,
				      .account = r->account,
				      .instrument = r->instrument,
				      .side = r->side,
				      .type = r->type,
				      .tif = r->tif,
				      .stp = r->stp,
				      .reduce_only = r->reduce_only,
				      .px = r->body.order.px,
				      .qty = r->body.order.qty,
				      .lock_px = r->body.order.px,
				      .placed_ns = r->at_ns,
				      .updated_ns = r->at_ns };
	memcpy(o->client, r->text, sizeof o->client - 1);
	history_add(x, o);
	if (r->order >= x->next_id)
		x->next_id = r->order + 1;
	x->n_accepted++;
	return 0;
}

static void read_fill(struct exchange *x, const struct ledger_record *r)
{
	struct exchange_order *o = known(x, r);
	if (r->body.fill.trade >= x->book[r->instrument].next_trade)
		x->book[r->instrument].next_trade = r->body.fill.trade + 1;
	x->n_fills++;
	if (!o)
		return; /* long ended, and forgotten */
	o->cum = r->body.fill.cum;
	o->cum_value_e8 += r->body.fill.value_e8;
	o->status = o->cum == o->qty ? STATUS_FILLED : STATUS_PARTIAL;
	o->updated_ns = r->at_ns;
	struct exchange_trade t = { .trade = r->body.fill.trade,
				    .order = o->id,
				    .account = o->account,
				    .instrument = o->instrument,
				    .side = o->side,
				    .maker = r->maker,
				    .fee_asset = r->fee_asset,
				    .px = r->body.fill.px,
				    .qty = r->body.fill.qty,
				    .value_e8 = r->body.fill.value_e8,
				    .fee_e8 = r->body.fill.fee_e8,
				    .pnl_e8 = r->body.fill.pnl_e8,
				    .at_ns = r->at_ns };
	history_trade(x, o, &t);
}

static void read_end(struct exchange *x, const struct ledger_record *r)
{
	struct exchange_order *o = known(x, r);
	if (!o)
		return;
	o->status = r->status;
	o->why = r->why;
	o->updated_ns = r->at_ns;
}

static void read_amend(struct exchange *x, const struct ledger_record *r)
{
	struct exchange_order *o = known(x, r);
	if (!o)
		return;
	o->px = o->lock_px = r->body.order.px;
	o->qty = r->body.order.qty;
	o->updated_ns = r->at_ns;
}

/* What a record of each kind must name; what it does not need may be none. */
enum { NAMES_ACCOUNT = 1, NAMES_INSTRUMENT = 2, NAMES_ASSET = 4, NAMES_FEE = 8 };
static const uint8_t names[] = {
	[LEDGER_HEAD] = 0,
	[LEDGER_ASSET] = NAMES_ASSET,
	[LEDGER_INSTRUMENT] = NAMES_INSTRUMENT,
	[LEDGER_ACCOUNT] = NAMES_ACCOUNT,
	[LEDGER_START] = 0,
	[LEDGER_ORDER] = NAMES_ACCOUNT | NAMES_INSTRUMENT,
	[LEDGER_FILL] = NAMES_ACCOUNT | NAMES_INSTRUMENT | NAMES_FEE,
	[LEDGER_END] = NAMES_ACCOUNT | NAMES_INSTRUMENT,
	[LEDGER_REJECT] = NAMES_ACCOUNT | NAMES_INSTRUMENT,
	[LEDGER_MOVE] = NAMES_ACCOUNT | NAMES_ASSET,
	[LEDGER_BALANCE] = NAMES_ACCOUNT | NAMES_ASSET,
	[LEDGER_POSITION] = NAMES_ACCOUNT | NAMES_INSTRUMENT,
	[LEDGER_AMEND] = NAMES_ACCOUNT | NAMES_INSTRUMENT,
	[LEDGER_DAY] = NAMES_INSTRUMENT,
};
_Static_assert(sizeof names / sizeof *names == ledger_kind_max, "a row for every kind");

static bool in_range(const struct exchange *x, const struct ledger_record *r)
{
	uint8_t need = names[r->kind];
	return (!(need & NAMES_ACCOUNT) || r->account < x->config.n_accounts) &&
	       (!(need & NAMES_INSTRUMENT) || r->instrument < x->config.n_instruments) &&
	       (!(need & NAMES_ASSET) || r->asset < LEDGER_ASSETS) &&
	       (!(need & NAMES_FEE) || r->fee_asset < LEDGER_ASSETS) && r->side < side_max &&
	       r->type < ord_type_max && r->tif < tif_max;
}

static int read_record(void *owner, const struct ledger_record *r)
{
	struct exchange *x = owner;
	if (!in_range(x, r))
		return err_set(ERR_CORRUPT,
			       "record %llu of the ledger %s speaks of what %s does not have",
			       (unsigned long long)r->seq, x->ledger.path, x->config.name);
	if (r->at_ns > x->last_ns)
		x->last_ns = r->at_ns;
	switch ((enum ledger_kind)r->kind) {
	case LEDGER_ORDER:
		return read_order(x, r);
	case LEDGER_AMEND:
		read_amend(x, r);
		return 0;
	case LEDGER_FILL:
		read_fill(x, r);
		return 0;
	case LEDGER_END:
		read_end(x, r);
		return 0;
	case LEDGER_REJECT:
		x->n_rejected++;
		return 0;
	case LEDGER_BALANCE:
		x->funds[r->account].money[r->asset] =
			(struct funds_money){ .free_e8 = r->body.money.free_e8,
					      .locked_e8 = r->body.money.locked_e8,
					      .told_free_e8 = r->body.money.free_e8,
					      .told_locked_e8 = r->body.money.locked_e8 };
		return 0;
	case LEDGER_POSITION:
		x->funds[r->account].position[r->instrument] =
			(struct funds_position){ .qty = r->body.position.qty,
						 .entry_e8 = r->body.position.entry_e8,
						 .told_qty = r->body.position.qty,
						 .told_entry_e8 = r->body.position.entry_e8 };
		return 0;
	case LEDGER_HEAD:
	case LEDGER_ASSET:
	case LEDGER_INSTRUMENT:
	case LEDGER_ACCOUNT:
	case LEDGER_START:
	case LEDGER_MOVE: /* in the balance record of its batch */
	case LEDGER_DAY:
	case ledger_kind_max:
		break;
	}
	return 0;
}

static int older(const void *a, const void *b)
{
	const struct exchange_order *const *l = a, *const *r = b;
	return (*l)->id < (*r)->id ? -1 : (*l)->id > (*r)->id;
}

/* Back into the book, its money locked as today's rules say. */
static int put_back(struct exchange *x, struct exchange_order *o)
{
	struct match_order m = { .id = o->id,
				 .px = o->px,
				 .qty = o->qty,
				 .cum = o->cum,
				 .ahead = INT64_MAX, /* until the market is seen again */
				 .tag = (uint32_t)(o - x->order),
				 .account = o->account,
				 .side = o->side,
				 .type = o->type,
				 .tif = o->tif,
				 .stp = o->stp };
	o->working = true;
	x->funds[o->account].position[o->instrument].open[o->side] += o->qty - o->cum;
	apply_lock(x, o, o->qty - o->cum);
	return match_restore(&x->book[o->instrument], &m);
}

static int put_all_back(struct exchange *x)
{
	const struct exchange_order **open = calloc(x->config.max_orders, sizeof *open);
	if (!open)
		return err_set(ERR_NOMEM, "no memory for the open orders of %s", x->config.name);
	uint32_t n = 0;
	for (uint32_t i = 0; i < x->config.max_orders; i++)
		if (order_is_open(&x->order[i]))
			open[n++] = &x->order[i];
	if (n)
		qsort(open, n, sizeof *open, older);
	for (uint16_t a = 0; a < x->config.n_accounts; a++)
		for (asset_id s = 1; s < LEDGER_ASSETS; s++)
			funds_hold(&x->funds[a], s, -x->funds[a].money[s].locked_e8);
	int rc = 0;
	for (uint32_t i = 0; rc == 0 && i < n; i++)
		rc = put_back(x, &x->order[open[i] - x->order]);
	free(open);
	return rc;
}

static int go_on(struct exchange *x)
{
	int rc = ledger_read(x->config.ledger, read_record, x, NULL);
	if (rc)
		return rc;
	apply_begin(x, 0);
	for (uint16_t i = 0; i < x->config.n_instruments; i++)
		if (!x->view.rule[i])
			return err_set(ERR_CONFIG, "%s: no rule was in force when its ledger ended",
				       x->config.instrument[i].name);
	rc = put_all_back(x);
	if (rc)
		return rc;
	struct ledger_record start = record_of(LEDGER_START);
	apply_record(x, &start);
	return apply_settle(x);
}

int recover(struct exchange *x, int64_t now_ns)
{
	bool fresh = true;
	if (x->config.ledger) {
		uint8_t digest[DIGEST_LEN];
		int rc = digest_config(&x->config, digest);
		if (rc == 0)
			rc = ledger_open(&x->ledger, x->config.ledger, x->config.name, digest,
					 x->cap_staged + 64, &fresh);
		if (rc)
			return rc;
		x->has_ledger = true;
	}
	/* While it starts nobody is told: whoever connects asks. */
	exchange_fn fn = x->fn;
	x->fn = NULL;
	if (now_ns > x->last_ns)
		apply_begin(x, now_ns);
	int rc = fresh ? begin_fresh(x) : go_on(x);
	x->fn = fn;
	return rc;
}
