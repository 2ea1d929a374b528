#include "adapters/sim/cn_recover.h"
#include "adapters/sim/cn_parts.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

struct reader {
	struct cn_ledger *ledger;
	struct cn_exchange *x;
	cn_ledger_fn fn;
	void *owner;
	bool any_day;
	int64_t last_ns, px[CN_INSTRUMENTS];
	int64_t written_e8[CN_ACCOUNTS]; /* balances */
};

static int corrupt(const struct ledger_record *r, const char *what)
{
	return err_set(ERR_CORRUPT, "record %llu of the ledger (%s): %s",
		       (unsigned long long)r->seq, ledger_kind_name((enum ledger_kind)r->kind),
		       what);
}

static struct cn_order *working(const struct reader *d, const struct ledger_record *r)
{
	struct cn_exchange *x = d->x;
	if (r->order < x->first_id || r->order - x->first_id >= x->n_orders)
		return NULL;
	struct cn_order *o = &x->order[r->order - x->first_id];
	bool same = o->asked.account == r->account && o->asked.instrument == r->instrument;
	return same && o->state == CN_WORKING ? o : NULL;
}

static int64_t frozen_for(const struct cn_exchange *x, const struct cn_order *o)
{
	const struct cn_request *q = &o->asked;
	const struct cn_position *p =
		&x->account[q->account]
			 .position[q->instrument][cn_position_side(q->side, q->offset)];
	return p->frozen[cn_from(cn_house_rule[x->house[q->instrument]].splits_close, q->offset)];
}

/* ---------------------------------------------------------------- one record each */

static int again_order(struct reader *d, const struct ledger_record *r)
{
	struct cn_exchange *x = d->x;
	struct cn_order o = { .id = r->order,
			      .asked = { .account = r->account,
					 .instrument = r->instrument,
					 .session = (uint32_t)r->body.order.session,
					 .ref = (uint64_t)r->body.order.ref,
					 .side = r->side,
					 .type = r->type,
					 .tif = r->tif,
					 .offset = r->pad,
					 .px = r->body.order.px,
					 .qty = r->body.order.qty },
			      .trading_day = x->day,
			      .placed_ns = r->at_ns,
			      .updated_ns = r->at_ns };
	if (r->order != x->first_id + x->n_orders || o.asked.qty <= 0 ||
	    o.asked.offset < OFFSET_OPEN || o.asked.offset >= offset_max ||
	    cn_order_by_ref(x, o.asked.session, o.asked.ref))
		return corrupt(r, "no order that follows the ones before it");
	if (x->n_orders == x->config.orders)
		return err_set(ERR_CONFIG, "its ledger has more orders of a day than %u",
			       x->config.orders);
	if (cn_hold(x, &o.asked, &o.locked_e8) != CN_OK)
		return corrupt(r, "it closes lots that are not there");
	if (x->sessions < o.asked.session)
		x->sessions = o.asked.session;
	cn_keep(x, &o);
	if (d->fn)
		d->fn(d->owner, r);
	const struct match_event e = { .kind = MATCH_ACK, .id = o.id, .at_ns = r->at_ns };
	cn_hear(&x->book[r->instrument], &e);
	return 0;
}

static int again_fill(struct reader *d, const struct ledger_record *r)
{
	struct cn_exchange *x = d->x;
	const struct cn_order *o = working(d, r);
	int64_t qty = r->body.fill.qty;
	if (!o || qty <= 0 || o->cum + qty != r->body.fill.cum || r->body.fill.cum > o->asked.qty ||
	    (o->asked.offset != OFFSET_OPEN && frozen_for(x, o) < qty))
		return corrupt(r, "a fill of an order that could not have it");
	if (x->n_trades == x->config.trades)
		return err_set(ERR_CONFIG, "its ledger has more fills of a day than %u",
			       x->config.trades);
	const struct match_event e = { .kind = MATCH_FILL,
				       .id = o->id,
				       .maker = r->maker,
				       .own = r->own,
				       .trade = r->body.fill.trade,
				       .px = r->body.fill.px,
				       .qty = qty,
				       .cum = r->body.fill.cum,
				       .leaves = o->asked.qty - r->body.fill.cum,
				       .at_ns = r->at_ns };
	struct match *m = &x->book[r->instrument].match;
	if (m->next_trade <= e.trade)
		m->next_trade = e.trade + 1;
	x->again_fee_e8 = r->body.fill.fee_e8;
	cn_hear(&x->book[r->instrument], &e);
	return 0;
}

static int again_end(struct reader *d, const struct ledger_record *r)
{
	struct cn_order *o = working(d, r);
	if (!o || r->why >= match_why_max)
		return corrupt(r, "an end of an order that does not work");
	o->at_limit = r->own;
	const struct match_event e = { .kind = MATCH_CANCELLED,
				       .why = r->why,
				       .id = o->id,
				       .leaves = o->asked.qty - o->cum,
				       .at_ns = r->at_ns };
	cn_hear(&d->x->book[r->instrument], &e);
	return 0;
}

static int again_refused(struct reader *d, const struct ledger_record *r)
{
	/* It may have asked for anything. */
	bool sane = r->account < d->x->config.n_accounts && r->instrument < d->x->view.n &&
		    r->side <= side_max && r->status < cn_refusal_max;
	if (sane && d->fn)
		d->fn(d->owner, r);
	return 0;
}

/* The contracts in turn; with the last one the day begins, and the one before it is over. */
static int again_day(struct reader *d, const struct ledger_record *r)
{
	struct cn_exchange *x = d->x;
	if (r->body.day.settle_px <= 0)
		return corrupt(r, "no price");
	d->px[r->instrument] = r->body.day.settle_px;
	if (r->instrument + 1u < x->view.n)
		return 0;
	for (uint32_t i = 0; i < x->n_orders; i++)
		if (x->order[i].state == CN_WORKING)
			return corrupt(r, "an order outlives its day");
	x->day = (int32_t)r->body.day.day;
	if (d->any_day) {
		for (uint16_t i = 0; i < x->view.n; i++)
			x->book[i].stat = (struct cn_day){ 0 };
		cn_settle(x, d->px, r->at_ns);
	} else {
		memcpy(x->view.settle_px, d->px, sizeof d->px);
		memcpy(x->view.mark_px, d->px, sizeof d->px);
	}
	d->any_day = true;
	return 0;
}

static int again_balance(struct reader *d, const struct ledger_record *r)
{
	d->written_e8[r->account] = r->body.money.free_e8 + r->body.money.locked_e8;
	d->ledger->balance_e8[r->account] = d->written_e8[r->account];
	d->ledger->locked_e8[r->account] = r->body.money.locked_e8;
	return 0;
}

static int again_position(struct reader *d, const struct ledger_record *r)
{
	struct cn_ledger *l = d->ledger;
	int64_t entry = r->body.position.entry_e8;
	memcpy(l->lots[r->account][r->instrument], r->body.position.lots, sizeof l->lots[0][0]);
	/* As it is written: without what was settled, and unsigned. */
	l->entry_e8[r->account][r->instrument] = (r->body.position.qty > 0 ? entry : -entry) +
						 l->marked_e8[r->account][r->instrument];
	return 0;
}

/* ---------------------------------------------------------------- the file */

enum { NAMES_ACCOUNT = 1, NAMES_INSTRUMENT = 2 };
static const struct {
	uint8_t names;
	int (*again)(struct reader *d,
		     const struct ledger_record *r); /* NULL: it says nothing that is not known */
} row[] = {
	[LEDGER_HEAD] = { 0, NULL },
	[LEDGER_ASSET] = { 0, NULL },
	[LEDGER_INSTRUMENT] = { 0, NULL },
	[LEDGER_ACCOUNT] = { 0, NULL },
	[LEDGER_START] = { 0, NULL },
	[LEDGER_ORDER] = { NAMES_ACCOUNT | NAMES_INSTRUMENT, again_order },
	[LEDGER_FILL] = { NAMES_ACCOUNT | NAMES_INSTRUMENT, again_fill },
	[LEDGER_END] = { NAMES_ACCOUNT | NAMES_INSTRUMENT, again_end },
	[LEDGER_REJECT] = { 0, again_refused },
	[LEDGER_MOVE] = { 0, NULL }, /* the configuration's deposit, or a settlement's profit */
	[LEDGER_BALANCE] = { NAMES_ACCOUNT, again_balance },
	[LEDGER_POSITION] = { NAMES_ACCOUNT | NAMES_INSTRUMENT, again_position },
	[LEDGER_AMEND] = { 0, NULL },
	[LEDGER_DAY] = { NAMES_INSTRUMENT, again_day },
};
_Static_assert(sizeof row / sizeof *row == ledger_kind_max, "a row for every kind");

static int read_record(void *owner, const struct ledger_record *r)
{
	struct reader *d = owner;
	struct cn_exchange *x = d->x;
	uint8_t names = row[r->kind].names;
	if (!row[r->kind].again)
		return 0;
	bool asked = r->kind == LEDGER_ORDER || r->kind == LEDGER_FILL || r->kind == LEDGER_END;
	if ((names & NAMES_ACCOUNT && r->account >= x->config.n_accounts) ||
	    (names & NAMES_INSTRUMENT && r->instrument >= x->view.n) ||
	    (asked && (r->side >= side_max || r->type >= ord_type_max || r->tif >= tif_max)))
		return corrupt(r, "the venue has no such account, contract or order");
	if (asked && !d->any_day)
		return err_set(ERR_CONFIG,
			       "the ledger was begun by an older build: take another folder");
	if (r->at_ns > d->last_ns)
		d->last_ns = r->at_ns;
	x->now_ns = r->at_ns;
	cn_refresh(x, r->at_ns);
	return row[r->kind].again(d, r);
}

static int adds_up(const struct reader *d)
{
	const struct cn_exchange *x = d->x;
	for (uint16_t a = 0; a < x->config.n_accounts; a++) {
		if (x->account[a].balance_e8 != d->written_e8[a])
			return err_set(
				ERR_CORRUPT,
				"account %u of the ledger: its fills come to %lld, written is %lld",
				a, (long long)x->account[a].balance_e8,
				(long long)d->written_e8[a]);
		for (uint16_t i = 0; i < x->view.n; i++)
			for (enum side side = SIDE_BUY; side < side_max; side++) {
				const struct cn_position *p = &x->account[a].position[i][side];
				const int64_t *lots = d->ledger->lots[a][i][side];
				if (p->today != lots[0] || p->yesterday != lots[1])
					return err_set(
						ERR_CORRUPT,
						"account %u of the ledger: its fills and its lots of contract %u differ",
						a, i);
			}
	}
	return 0;
}

/* What worked works again; the next book says what stands before it. */
static int put_back(struct cn_exchange *x)
{
	for (uint32_t i = 0; i < x->n_orders; i++) {
		const struct cn_order *o = &x->order[i];
		const struct cn_request *q = &o->asked;
		const struct match_order m = { .id = o->id,
					       .px = q->px,
					       .qty = q->qty,
					       .cum = o->cum,
					       .ahead = INT64_MAX,
					       .account = q->account,
					       .side = q->side,
					       .type = q->type,
					       .tif = q->tif };
		int rc = o->state == CN_WORKING ? match_restore(&x->book[q->instrument].match, &m)
						: 0;
		if (rc)
			return rc;
	}
	return 0;
}

/* Time stands where the file ends; what has been due since happens with the next tick. */
static void stand_at(struct cn_exchange *x, int64_t at_ns)
{
	x->now_ns = at_ns;
	for (uint16_t i = 0; i < x->view.n; i++) {
		struct cn_book *b = &x->book[i];
		cn_book_at(b, at_ns);
		b->match.collecting = b->now.phase != PHASE_CONTINUOUS;
	}
	cn_refresh(x, at_ns);
	x->day = cn_day_of(x);
}

int cn_recover(struct cn_ledger *l, struct cn_exchange *x, const char *path, cn_ledger_fn fn,
	       void *owner)
{
	struct reader d = { .ledger = l, .x = x, .fn = fn, .owner = owner };
	x->again = true;
	int rc = ledger_read(path, read_record, &d, NULL);
	x->again = false;
	if (!rc && !d.any_day)
		rc = err_set(ERR_CONFIG,
			     "the ledger was begun by an older build: take another folder");
	if (!rc)
		rc = adds_up(&d);
	if (!rc)
		rc = put_back(x);
	if (!rc)
		stand_at(x, d.last_ns);
	return err_ctx(rc, "%s", path);
}
